//! Mails that leave: through a real mail server, through one that fails in every way, and through three posts at once.

use std::collections::HashSet;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use mail_parser::MessageParser;
use partyline::service::clock::Clock;
use partyline::service::config::{Dkim, Encryption, MailWay};
use partyline::service::database::suppressions;
use partyline::service::mail::bounce::{Ingested, ingest};
use partyline::service::mail::compose::Letter;
use partyline::service::mail::sign_in::SignInMail;
use partyline::service::mail::way::smtp::Server;
use partyline::service::mail::way::{Handed, Way};
use partyline::service::mail::{sender::MailSetupError, way};
use partyline::service::post::Post;
use partyline::service::run;
use partyline::service::status::{Change, Status};
use partyline::service::token::{LINK_LENGTH, Purpose, read_link};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::exim::Exim;
use crate::letters::{Kept, events, invitation, queue, read, waiting};
use crate::support::{Kind, Served, on_both, on_both_with};

const HOUR: Duration = Duration::from_secs(3600);

/// A post whose mail goes to this server.
fn post_to(served: &Served, exim: &Exim) -> Post {
    let server = Server::new(&exim.smtp(Encryption::StartTls)).unwrap();
    Post::with_way(&served.service, Arc::new(server)).unwrap()
}

/// Sends until nothing is due any more.
async fn send_all(post: &Post) {
    while post.step().await.unwrap() > 0 {}
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

#[test]
fn what_is_over_or_taken_back_is_not_sent() {
    on_both(|served| async move {
        let client = served.register("choir", "https://choir.test/welcome").await;
        let kept = Arc::new(Kept::default());
        let post = Post::with_way(&served.service, kept.clone()).unwrap();
        let revoked = queue(&served, invitation(&served, &client.id, "a@example.com")).await;
        let (id, now) = (revoked.clone(), served.now());
        let revoking = served.service.database.write(move |connection| {
            Box::pin(async move {
                partyline::service::database::invitations::change(connection, &id, Change::Revoked, now, now).await
            })
        });
        assert!(revoking.await.unwrap());
        let mut short = invitation(&served, &client.id, "b@example.com");
        short.expires_at = served.now().plus(Duration::from_secs(300));
        queue(&served, short).await;
        served.pass(Duration::from_secs(300));
        send_all(&post).await;
        assert_eq!((kept.ids(), waiting(&served).await), (Vec::new(), 0));
        assert_eq!(events(&served, &revoked).await, Vec::<String>::new());
    });
}

/// A way out behind which the process dies: the server has taken the mail, and nobody learns of it.
struct Dying {
    way: Arc<Kept>,
    handed: Notify,
}

impl Way for Dying {
    fn hand<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Handed> {
        async move {
            self.way.hand(letter).await;
            self.handed.notify_one();
            std::future::pending().await
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }
}

#[test]
fn a_crash_after_the_servers_answer_sends_the_same_mail_again() {
    on_both(|served| async move {
        served.register("choir", "https://choir.test/welcome").await;
        let id = queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
        let kept = Arc::new(Kept::default());
        let dying = Arc::new(Dying {
            way: kept.clone(),
            handed: Notify::new(),
        });
        let post = Post::with_way(&served.service, dying.clone()).unwrap();
        tokio::select! {
            _done = post.step() => panic!("it died before"),
            () = dying.handed.notified() => drop(post),
        }
        let after = Post::with_way(&served.service, kept.clone()).unwrap();
        // As long as the dead one's lease lasts nobody touches the row.
        send_all(&after).await;
        assert_eq!((kept.ids().len(), read(&served, &id).await.status), (1, Status::Queued));
        served.pass(Duration::from_secs(61));
        send_all(&after).await;
        let ids = kept.ids();
        assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
        assert_eq!(
            (read(&served, &id).await.status, waiting(&served).await),
            (Status::Sent, 0)
        );
        assert_eq!(events(&served, &id).await, ["invitation.sent"]);
    });
}

#[test]
fn who_has_lost_a_lease_writes_nothing_down() {
    on_both(|served| async move {
        served.register("choir", "https://choir.test/welcome").await;
        let id = queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
        let kept = Arc::new(Kept::default());
        let dying = Arc::new(Dying {
            way: kept.clone(),
            handed: Notify::new(),
        });
        // It hangs for longer than its lease, and another one takes over meanwhile.
        let slow = Post::with_way(&served.service, dying.clone()).unwrap();
        let mut step = Box::pin(slow.step());
        tokio::select! {
            _done = &mut step => panic!("it hangs"),
            () = dying.handed.notified() => (),
        }
        served.pass(Duration::from_secs(61));
        send_all(&Post::with_way(&served.service, kept.clone()).unwrap()).await;
        drop(step);
        assert_eq!((kept.ids().len(), waiting(&served).await), (2, 0));
        assert_eq!(events(&served, &id).await, ["invitation.sent"]);
    });
}

#[test]
fn three_processes_on_one_database_send_nothing_twice() {
    on_both(|served| async move {
        if served.kind == Kind::Sqlite {
            return;
        }
        served.register("choir", "https://choir.test/welcome").await;
        for n in 0..150 {
            queue(&served, invitation(&served, "choir", &format!("p{n}@example.com"))).await;
        }
        let kept = Arc::new(Kept::default());
        let mut posts = Vec::new();
        let mut services = Vec::new();
        for _process in 0..3 {
            let clock = served.service.clock.clone();
            let config = (*served.service.config).clone();
            let ready = run::open(config, Clock::new(move || clock.now())).await.unwrap();
            posts.push(Post::with_way(&ready.service, kept.clone()).unwrap());
            services.push(ready);
        }
        futures::future::join_all(posts.iter().map(send_all)).await;
        let ids = kept.ids();
        let unique: HashSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), unique.len(), waiting(&served).await), (150, 150, 0));
        for ready in services {
            ready.service.database.close().await;
        }
    });
}

#[test]
fn a_post_that_is_stopped_finishes_what_it_has_begun() {
    on_both(|served| async move {
        served.register("choir", "https://choir.test/welcome").await;
        let kept = Arc::new(Kept::default());
        let post = Post::with_way(&served.service, kept.clone()).unwrap();
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let mut running = JoinSet::new();
        running.spawn(async move { post.run(async move { stopped.notified().await }).await });
        for n in 0..20 {
            queue(&served, invitation(&served, "choir", &format!("p{n}@example.com"))).await;
            served.service.outbox.notify_one();
        }
        crate::exim::wait("all are sent", async || waiting(&served).await == 0).await;
        stop.notify_one();
        running.join_next().await.unwrap().unwrap();
        assert_eq!(kept.ids().len(), 20);
    });
}

#[test]
fn a_report_of_a_server_bounces_its_invitation() {
    on_both(|served| async move {
        served.register("choir", "https://choir.test/welcome").await;
        let kept = Arc::new(Kept::default());
        let post = Post::with_way(&served.service, kept.clone()).unwrap();
        let id = queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
        send_all(&post).await;
        let bounce = format!(
            "{}@example.org",
            partyline::service::mail::verp::local_part(&served.service.keys.links, &id)
        );
        let report = |action: &str| {
            format!(
                "To: {bounce}\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\
                 Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: {action}\r\nStatus: 5.1.1\r\n\
                 Diagnostic-Code: smtp; 550 5.1.1 gone\r\n\r\n--b--\r\n"
            )
        };
        let service = &served.service;
        let forged = report("failed").replace("bounce+", "bounce+00");
        assert_eq!(
            ingest(service, forged.as_bytes(), None).await.unwrap(),
            Ingested::NotOurs
        );
        assert_eq!(ingest(service, b"junk", None).await.unwrap(), Ingested::NotOurs);
        assert_eq!(
            ingest(service, report("delayed").as_bytes(), None).await.unwrap(),
            Ingested::Nothing
        );
        assert_eq!(read(&served, &id).await.status, Status::Sent);
        let other = Some("other@example.org");
        assert_eq!(
            ingest(service, report("failed").as_bytes(), other).await.unwrap(),
            Ingested::NotOurs
        );
        assert_eq!(
            ingest(service, report("failed").as_bytes(), None).await.unwrap(),
            Ingested::Bounced
        );
        assert_eq!(
            ingest(service, report("failed").as_bytes(), Some(&bounce))
                .await
                .unwrap(),
            Ingested::Nothing
        );
        let bounced = read(&served, &id).await;
        assert_eq!(
            (bounced.status, bounced.last_smtp.as_deref()),
            (Status::Bounced, Some("smtp; 550 5.1.1 gone"))
        );
        assert_eq!(events(&served, &id).await, ["invitation.sent", "invitation.bounced"]);
    });
}

#[test]
fn the_mail_of_a_sign_in_leaves_while_its_link_is_good() {
    on_both(|served| async move {
        let client = served.register("choir", "https://choir.test/welcome").await;
        let kept = Arc::new(Kept::default());
        let post = Post::with_way(&served.service, kept.clone()).unwrap();
        let mail = SignInMail {
            client_id: client.id,
            email: "bonny@example.com".to_owned(),
            locale: "fr".to_owned(),
            action_url: served.at("/signin/the-secret-of-the-link"),
            expires_at: served.now().plus(Duration::from_secs(600)).as_millis(),
        };
        let body = mail.seal(&served.service.keys).unwrap();
        assert!(!body.contains("secret"));
        for _twice in 0..2 {
            let (body, now) = (body.clone(), served.now());
            let left = served.service.database.write(move |connection| {
                Box::pin(async move {
                    use partyline::service::database::outbox::{Parcel, add};
                    add(connection, Parcel::SignIn, "a", Some(&body), now).await
                })
            });
            left.await.unwrap();
            send_all(&post).await;
            served.pass(Duration::from_secs(600));
        }
        assert_eq!((kept.ids().len(), waiting(&served).await), (1, 0));
        let sent = kept.0.lock().unwrap()[0].1.clone();
        let sent = MessageParser::default().parse(&sent).unwrap();
        assert_eq!(sent.subject(), Some("Connexion à Choir"));
        assert!(sent.body_text(0).unwrap().contains("/signin/the-secret-of-the-link"));
    });
}

#[test]
fn files_are_enough_to_try_it_out() {
    on_both(|served| async move {
        served.register("choir", "https://choir.test/welcome").await;
        queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
        send_all(&Post::open(&served.service).unwrap()).await;
        let files = std::fs::read_dir(served.folder.path().join("mail")).unwrap();
        let names: Vec<String> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(
            names.len() == 1 && names[0].ends_with(".0@example.org.eml"),
            "{names:?}"
        );
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
