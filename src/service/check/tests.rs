//! Looks at servers of the tests' own.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::service::config::{Encryption, Smtp};

/// A mail server that says these lines: to whoever connects, to EHLO and to AUTH.
#[expect(clippy::disallowed_methods, reason = "the test ends it")]
async fn server(greeting: &'static str, offers: &'static str, to_login: &'static str) -> Smtp {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _from)) = listener.accept().await {
            let (read, mut write) = stream.split();
            write.write_all(greeting.as_bytes()).await.unwrap();
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = match line.split(' ').next() {
                    Some("EHLO") => offers,
                    Some("AUTH") => to_login,
                    Some("QUIT") => break,
                    _ => "500 what\r\n",
                };
                write.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    Smtp {
        host: "127.0.0.1".to_owned(),
        port,
        encryption: Encryption::StartTls,
        extra_root: None,
        login: None,
        connections: 1,
    }
}

#[tokio::test]
async fn a_mail_server_without_starttls_would_get_no_mail() {
    let without = server("220-two\r\n220 lines\r\n", "250 mail\r\n", "").await;
    let finding = smtp::check(&without).await;
    assert_eq!(finding.verdict, Verdict::Wrong);
    assert!(finding.text.contains("offers no STARTTLS"), "{}", finding.text);
    // It offers what it cannot do.
    let offers = server("220 mail\r\n", "250-mail\r\n250-SIZE 1000\r\n250 STARTTLS\r\n", "").await;
    let finding = smtp::check(&offers).await;
    assert_eq!(finding.verdict, Verdict::Wrong);
    assert!(finding.text.contains("does not take us: 500 what"), "{}", finding.text);
    let busy = server("554 go away\u{1b}[2J\r\n", "", "").await;
    let finding = smtp::check(&busy).await;
    assert!(
        finding.verdict == Verdict::Wrong && !finding.text.contains('\u{1b}'),
        "{}",
        finding.text
    );
}

#[tokio::test]
async fn the_login_is_tried() {
    let offers = "250-mail\r\n250 AUTH PLAIN\r\n";
    for (to_login, verdict, told) in [
        ("235 come in\r\n", Verdict::Fine, "greets: 220 mail. It lets choir in."),
        (
            "535 5.7.8 no\r\n",
            Verdict::Wrong,
            "does not let choir in: 535 5.7.8 no. Check user, password, encryption and certificate.",
        ),
    ] {
        let mut server = server("220 mail\r\n", offers, to_login).await;
        server.encryption = Encryption::None;
        server.login = Some(("choir".to_owned(), "a secret".to_owned()));
        let finding = smtp::check(&server).await;
        assert_eq!(finding.verdict, verdict);
        assert!(finding.text.ends_with(told), "{}", finding.text);
    }
}
