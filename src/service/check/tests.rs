//! Looks at servers of the tests' own.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::service::config::{Encryption, Smtp};

/// A mail server that says these lines: to whoever connects, and to EHLO.
#[expect(clippy::disallowed_methods, reason = "the test ends it")]
async fn server(greeting: &'static str, offers: &'static str) -> Smtp {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _from) = listener.accept().await.unwrap();
        let (read, mut write) = stream.split();
        write.write_all(greeting.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(read).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if line.starts_with("EHLO") {
                write.write_all(offers.as_bytes()).await.unwrap();
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
    let with = server(
        "220 mail.example.org ESMTP\r\n",
        "250-mail\r\n250-SIZE 1000\r\n250 STARTTLS\r\n",
    )
    .await;
    let finding = smtp::check(&with).await;
    assert_eq!(finding.verdict, Verdict::Fine);
    assert!(finding.text.contains("220 mail.example.org ESMTP"), "{}", finding.text);
    let without = server("220-two\r\n220 lines\r\n", "250 mail\r\n").await;
    let finding = smtp::check(&without).await;
    assert_eq!(finding.verdict, Verdict::Wrong);
    assert!(finding.text.contains("offers no STARTTLS"), "{}", finding.text);
    let busy = server("554 go away\u{1b}[2J\r\n", "").await;
    let finding = smtp::check(&busy).await;
    assert!(
        finding.verdict == Verdict::Wrong && !finding.text.contains('\u{1b}'),
        "{}",
        finding.text
    );
}
