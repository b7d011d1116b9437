//! Mails that leave through a real mail server, and through servers that fail in every way.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mail_parser::MessageParser;
use partyline::service::config::{Dkim, Encryption, MailWay, Smtp};
use partyline::service::database::suppressions;
use partyline::service::mail::way::smtp::Server;
use partyline::service::mail::{sender::MailSetupError, way};
use partyline::service::post::Post;
use partyline::service::status::Status;
use partyline::service::token::{LINK_LENGTH, Purpose, read_link};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::exim::Exim;
use crate::letters::{events, invitation, queue, read, send_all, waiting};
use crate::support::{SECRET, Served, on_both, on_both_with};

const HOUR: Duration = Duration::from_secs(3600);

/// A post whose mail goes to this server.
fn post_to(served: &Served, exim: &Exim) -> Post {
    let server = Server::new(&exim.smtp(Encryption::StartTls)).unwrap();
    Post::with_way(&served.service, Arc::new(server)).unwrap()
}

#[test]
fn a_real_server_takes_the_mail_and_its_link_opens_the_invitation() {
    on_both(|served| async move {
        let Some(mut exim) = Exim::new() else { return };
        exim.start().await;
        served.register("choir", "https://choir.test/welcome").await;
        let id = queue(&served, invitation(&served, "choir", "Bonny@example.com")).await;
        let post = post_to(&served, &exim);
        send_all(&post).await;

        let mails = exim.mails(1).await;
        let mail = MessageParser::default().parse(&mails[0]).unwrap();
        let return_path = mail.header_raw("Return-path").unwrap().trim();
        assert!(
            return_path.starts_with("<bounce+") && return_path.ends_with("@example.org>"),
            "{return_path}"
        );
        assert_eq!(mail.header_raw("Envelope-to").unwrap().trim(), "Bonny@example.com");
        assert!(mail.received().is_some());
        let text = mail.body_text(0).unwrap();
        let at = text.find("/i/").unwrap() + "/i/".len();
        let link = read_link(&text[at..at + LINK_LENGTH]).unwrap();
        assert!(link.id() == id && link.proves(&served.service.keys.links, Purpose::Invitation(0)));

        let sent = read(&served, &id).await;
        assert_eq!((sent.status, sent.first_sent_at), (Status::Sent, Some(served.now())));
        assert!(sent.last_smtp.unwrap().starts_with("250 OK"));
        assert_eq!(
            (events(&served, &id).await, waiting(&served).await),
            (vec!["invitation.sent".to_owned()], 0)
        );

        // The next mail takes the same connection, and one that the server has closed is noticed.
        queue(&served, invitation(&served, "choir", "second@example.com")).await;
        send_all(&post).await;
        exim.mails(2).await;
        exim.stop();
        exim.start().await;
        queue(&served, invitation(&served, "choir", "third@example.com")).await;
        send_all(&post).await;
        exim.mails(3).await;
    });
}

#[test]
fn the_link_of_a_delivered_mail_lets_the_person_in() {
    on_both(|served| async move {
        let Some(mut exim) = Exim::new() else { return };
        exim.start().await;
        served.register("choir", "https://choir.test/welcome").await;
        let id = queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
        let post = post_to(&served, &exim);
        send_all(&post).await;
        let mail = exim.mails(1).await.remove(0);
        let mail = MessageParser::default().parse(&mail).unwrap();
        let link = address_in(&mail.body_html(0).unwrap(), "/i/");

        // What scanners of mail do changes nothing.
        for _scanner in 0..3 {
            assert!(served.http.head(&link).send().await.unwrap().status().is_success());
            assert!(served.http.get(&link).send().await.unwrap().status().is_success());
        }
        assert_eq!(read(&served, &id).await.status, Status::Sent);
        let pressed = served.http.post(&link).send().await.unwrap();
        assert_eq!(pressed.status().as_u16(), 303);
        let to = url::Url::parse(pressed.headers()["location"].to_str().unwrap()).unwrap();
        let (_name, code) = to.query_pairs().find(|(name, _value)| name == "code").unwrap();
        let body = json!({ "client_id": "choir", "client_secret": SECRET, "code": code });
        let tokens = served
            .http
            .post(served.at("/api/token"))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(tokens.status().as_u16(), 200);
        assert_eq!(read(&served, &id).await.status, Status::Accepted);

        // The button of the reader's mail program: no more of these.
        let header = mail.header_raw("List-Unsubscribe").unwrap();
        let unsubscribe = header.trim().trim_matches(['<', '>']).to_owned();
        assert!(
            served
                .http
                .get(&unsubscribe)
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
        let one_click = served
            .http
            .post(&unsubscribe)
            .form(&[("List-Unsubscribe", "One-Click")]);
        assert!(one_click.send().await.unwrap().status().is_success());
        let next = queue(&served, invitation(&served, "choir", "Bonny@example.com")).await;
        send_all(&post).await;
        assert_eq!(
            (read(&served, &next).await.status, waiting(&served).await),
            (Status::Suppressed, 0)
        );
    });
}

/// The first address of this service in a text whose path begins so.
fn address_in(text: &str, path: &str) -> String {
    let at = text.find(path).unwrap();
    let start = text[..at].rfind("http://").unwrap();
    text[start..at + path.len() + LINK_LENGTH].to_owned()
}

#[test]
fn a_server_without_starttls_learns_nothing() {
    on_both(|served| async move {
        served.register("choir", "https://choir.test/welcome").await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hearing = Arc::clone(&heard);
        let mut listening = JoinSet::new();
        listening.spawn(async move {
            let (connection, _from) = listener.accept().await.unwrap();
            let (reading, mut writing) = connection.into_split();
            writing.write_all(b"220 mx.example.test\r\n").await.unwrap();
            let mut lines = BufReader::new(reading).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                hearing.lock().unwrap().push(line);
                writing
                    .write_all(b"250-mx.example.test\r\n250 AUTH PLAIN\r\n")
                    .await
                    .unwrap();
            }
        });
        let smtp = Smtp {
            host: "127.0.0.1".to_owned(),
            port,
            encryption: Encryption::StartTls,
            extra_root: None,
            login: Some(("partyline".to_owned(), "a secret".to_owned())),
            connections: 1,
        };
        let post = Post::with_way(&served.service, Arc::new(Server::new(&smtp).unwrap())).unwrap();
        let id = queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
        send_all(&post).await;
        assert_eq!(read(&served, &id).await.status, Status::Queued);
        let heard = heard.lock().unwrap().clone();
        assert!(
            heard.iter().all(|line| line.starts_with("EHLO ") || line == "QUIT"),
            "{heard:?}"
        );
    });
}

#[test]
fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    on_both(|served| async move {
        let Some(mut exim) = Exim::new() else { return };
        exim.start().await;
        served.register("choir", "https://choir.test/welcome").await;
        let post = post_to(&served, &exim);
        let failed = queue(&served, invitation(&served, "choir", "bönny@example.com")).await;
        send_all(&post).await;
        let failed = read(&served, &failed).await;
        assert_eq!(failed.status, Status::Failed);
        assert!(failed.last_smtp.unwrap().contains("SMTPUTF8"));
        exim.switch("smtputf8", true);
        let sent = queue(&served, invitation(&served, "choir", "bönny@exämple.com")).await;
        send_all(&post).await;
        assert_eq!(read(&served, &sent).await.status, Status::Sent);
        let mail = exim.mails(1).await.remove(0);
        let mail = String::from_utf8(mail).unwrap();
        assert!(mail.contains("bönny@xn--exmple-cua.com"), "{mail}");
    });
}

#[test]
fn nothing_is_said_before_the_connection_is_encrypted() {
    on_both(|served| async move {
        let Some(mut exim) = Exim::new() else { return };
        exim.start().await;
        served.register("choir", "https://choir.test/welcome").await;
        // A certificate that nobody vouches for.
        let mut smtp = exim.smtp(Encryption::StartTls);
        smtp.extra_root = None;
        let post = Post::with_way(&served.service, Arc::new(Server::new(&smtp).unwrap())).unwrap();
        let id = queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
        send_all(&post).await;
        assert_eq!(read(&served, &id).await.status, Status::Queued);
        // A wrong password is ours to mend, not the address's fault.
        let mut smtp = exim.smtp(Encryption::StartTls);
        smtp.login = Some(("partyline".to_owned(), "wrong".to_owned()));
        let post = Post::with_way(&served.service, Arc::new(Server::new(&smtp).unwrap())).unwrap();
        served.pass(HOUR);
        send_all(&post).await;
        assert_eq!(read(&served, &id).await.status, Status::Queued);
        served.pass(HOUR);
        send_all(&post_to(&served, &exim)).await;
        assert_eq!(read(&served, &id).await.status, Status::Sent);
        // To another machine unencrypted mail does not even start.
        let mut smtp = exim.smtp(Encryption::None);
        smtp.host = "mx.example.org".to_owned();
        assert!(matches!(Server::new(&smtp), Err(MailSetupError::Unencrypted { .. })));
    });
}

#[test]
fn an_address_that_is_refused_bounces_and_the_second_time_gets_no_more_mail() {
    on_both(|served| async move {
        let Some(mut exim) = Exim::new() else { return };
        exim.start().await;
        served.register("choir", "https://choir.test/welcome").await;
        let post = post_to(&served, &exim);
        for (round, suppressed) in [(1, false), (2, true)] {
            let id = queue(&served, invitation(&served, "choir", "Bounce@example.com")).await;
            send_all(&post).await;
            let bounced = read(&served, &id).await;
            assert_eq!(bounced.status, Status::Bounced, "{round}");
            assert!(bounced.last_smtp.unwrap().starts_with("550 5.1.1 no such user"));
            assert_eq!(events(&served, &id).await, ["invitation.bounced"]);
            let is = served.service.database.read(|connection| {
                Box::pin(async move { suppressions::holds(connection, "choir", "bounce@example.com").await })
            });
            assert_eq!(is.await.unwrap(), suppressed, "{round}");
        }
        let id = queue(&served, invitation(&served, "choir", "bounce@example.com")).await;
        send_all(&post).await;
        assert_eq!(
            (read(&served, &id).await.status, waiting(&served).await),
            (Status::Suppressed, 0)
        );
    });
}

#[test]
fn a_server_that_is_busy_greylists_or_knows_us_not_is_asked_again() {
    on_both(|served| async move {
        let Some(mut exim) = Exim::new() else { return };
        exim.start().await;
        exim.switch("greylist", true);
        served.register("choir", "https://choir.test/welcome").await;
        let post = post_to(&served, &exim);
        let greylisted = queue(&served, invitation(&served, "choir", "greylist@example.com")).await;
        let busy = queue(&served, invitation(&served, "choir", "busy@example.com")).await;
        send_all(&post).await;
        exim.switch("greylist", false);
        // Not at once, but within the first wait and its fifth.
        send_all(&post).await;
        served.pass(Duration::from_secs(47));
        send_all(&post).await;
        assert_eq!(read(&served, &greylisted).await.status, Status::Queued);
        served.pass(Duration::from_secs(26));
        send_all(&post).await;
        assert_eq!(read(&served, &greylisted).await.status, Status::Sent);
        exim.mails(1).await;

        exim.switch("refuse_senders", true);
        let unknown = queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
        send_all(&post).await;
        exim.switch("refuse_senders", false);
        assert_eq!(read(&served, &unknown).await.status, Status::Queued);
        served.pass(HOUR);
        send_all(&post).await;
        assert_eq!(read(&served, &unknown).await.status, Status::Sent);

        // After a day it is given up.
        for _hour in 0..25 {
            assert_eq!(read(&served, &busy).await.status, Status::Queued);
            served.pass(HOUR);
            send_all(&post).await;
            if read(&served, &busy).await.status == Status::Failed {
                break;
            }
        }
        let failed = read(&served, &busy).await;
        assert_eq!((failed.status, waiting(&served).await), (Status::Failed, 0));
        assert!(failed.last_smtp.unwrap().starts_with("451 4.3.2 too much to do"));
        assert_eq!(events(&served, &busy).await, ["invitation.failed"]);
    });
}

#[test]
fn a_server_that_was_down_for_an_hour_gets_everything_once() {
    on_both(|served| async move {
        let Some(mut exim) = Exim::new() else { return };
        served.register("choir", "https://choir.test/welcome").await;
        let post = post_to(&served, &exim);
        let mut ids = Vec::new();
        for n in 0..12 {
            ids.push(queue(&served, invitation(&served, "choir", &format!("p{n}@example.com"))).await);
        }
        for _minute in 0..60 {
            send_all(&post).await;
            served.pass(Duration::from_secs(60));
        }
        assert_eq!(waiting(&served).await, 12);
        exim.start().await;
        served.pass(2 * HOUR);
        send_all(&post).await;
        exim.mails(12).await;
        for id in ids {
            assert_eq!(read(&served, &id).await.status, Status::Sent);
        }
    });
}

/// Where a Python with dkimpy is, if there is one.
const FOREIGN: &str = "PARTYLINE_TEST_FOREIGN";

#[test]
fn dkimpy_believes_our_signature_as_a_real_server_delivers_it() {
    let key = tempfile::tempdir().unwrap();
    let path = key.path().join("dkim.pem");
    let made = Command::new("openssl")
        .args(["genrsa", "-out"])
        .arg(&path)
        .arg("2048")
        .output();
    assert!(made.unwrap().status.success());
    let public = Command::new("openssl")
        .args(["rsa", "-pubout", "-outform", "DER", "-in"])
        .arg(&path)
        .output()
        .unwrap();
    let sign = |config: &mut partyline::service::config::Config| {
        config.mail.dkim = Some(Dkim {
            domain: "example.org".to_owned(),
            selector: "s1".to_owned(),
            key: path.clone(),
        });
    };
    on_both_with(sign, |served| {
        let public = public.stdout.clone();
        async move {
            let Some(mut exim) = Exim::new() else { return };
            exim.start().await;
            served.register("choir", "https://choir.test/welcome").await;
            queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
            send_all(&post_to(&served, &exim)).await;
            let mail = exim.mails(1).await.remove(0);
            let Ok(foreign) = std::env::var(FOREIGN) else {
                println!("SKIPPED in part: {FOREIGN} is not set");
                return;
            };
            let script = "import base64, sys, dkim\n\
                key = base64.b64encode(open(sys.argv[1], 'rb').read())\n\
                sys.exit(0 if dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda name, timeout=5: b'v=DKIM1; k=rsa; p=' + key) else 1)";
            let record = served.folder.path().join("public.der");
            std::fs::write(&record, &public).unwrap();
            let verify = |mail: &[u8]| {
                let mut child = Command::new(format!("{foreign}/bin/python"))
                    .args(["-c", script])
                    .arg(&record)
                    .stdin(Stdio::piped())
                    .spawn()
                    .unwrap();
                std::io::Write::write_all(&mut child.stdin.take().unwrap(), mail).unwrap();
                child.wait().unwrap().success()
            };
            assert!(verify(&mail));
            let changed = String::from_utf8(mail).unwrap().replacen("Ann", "Eve", 1);
            assert!(!verify(changed.as_bytes()));
        }
    });
}

#[test]
fn a_way_that_cannot_be_set_up_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("file");
    std::fs::write(&wrong, "").unwrap();
    let mail = partyline::service::config::Mail {
        from: "x@example.org".to_owned(),
        contact: None,
        way: MailWay::Folder(wrong.join("mail")),
        dkim: None,
    };
    assert!(matches!(way::open(&mail), Err(MailSetupError::File { .. })));
}
