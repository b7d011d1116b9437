//! The post: what waits is sent once, whoever dies, hangs or is stopped; and what comes back is read.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use mail_parser::MessageParser;
use partyline::service::clock::Clock;
use partyline::service::database::invitations;
use partyline::service::database::outbox::{self, Parcel};
use partyline::service::mail::bounce::{Ingested, ingest};
use partyline::service::mail::compose::Letter;
use partyline::service::mail::sign_in::SignInMail;
use partyline::service::mail::verp;
use partyline::service::mail::way::{Handed, Way};
use partyline::service::post::Post;
use partyline::service::run;
use partyline::service::status::{Change, Status};
use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::exim::wait;
use crate::letters::{Kept, events, invitation, queue, read, send_all, waiting};
use crate::support::{Kind, SECRET, on_both};

#[test]
fn what_is_over_or_taken_back_is_not_sent() {
    on_both(|served| async move {
        let client = served.register("choir", "https://choir.test/welcome").await;
        let kept = Arc::new(Kept::default());
        let post = Post::with_way(&served.service, kept.clone()).unwrap();
        let revoked = queue(&served, invitation(&served, &client.id, "a@example.com")).await;
        let (id, now) = (revoked.clone(), served.now());
        let revoking = served.service.database.write(move |connection| {
            Box::pin(async move { invitations::change(connection, &id, Change::Revoked, now, now).await })
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
            ready.service.database.clone().close().await;
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
        wait("all are sent", async || waiting(&served).await == 0).await;
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
        served.pass(Duration::from_secs(3600));
        let bounce = format!("{}@example.org", verp::local_part(&served.service.keys.links, &id));
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
                Box::pin(async move { outbox::add(connection, Parcel::SignIn, "a", Some(&body), now).await })
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

/// A way out behind a mail server that takes its time, until it is let go.
struct Slow {
    way: Arc<Kept>,
    handed: Notify,
    go_on: Notify,
}

impl Way for Slow {
    fn hand<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Handed> {
        async move {
            self.handed.notify_one();
            self.go_on.notified().await;
            self.way.hand(letter).await
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }
}

#[test]
fn a_mail_that_is_under_way_with_a_link_that_ends_does_not_count() {
    on_both(|served| async move {
        served.register("choir", "https://choir.test/welcome").await;
        let id = queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
        let kept = Arc::new(Kept::default());
        let slow = Arc::new(Slow {
            way: kept.clone(),
            handed: Notify::new(),
            go_on: Notify::new(),
        });
        let post = Post::with_way(&served.service, slow.clone()).unwrap();
        let mut step = Box::pin(post.step());
        tokio::select! {
            _done = &mut step => panic!("it is slow"),
            () = slow.handed.notified() => (),
        }
        let resend = json!({ "client_id": "choir", "client_secret": SECRET, "rotate": true });
        let again = served.submit(&format!("/api/invitations/{id}/resend"), &resend).await;
        assert_eq!(again.status, 202, "{}", again.text);
        slow.go_on.notify_one();
        step.await.unwrap();
        assert_eq!(read(&served, &id).await.status, Status::Queued);
        send_all(&Post::with_way(&served.service, kept.clone()).unwrap()).await;
        let ids = kept.ids();
        assert!(
            ids.len() == 2 && ids[0].contains(".0@") && ids[1].contains(".1@"),
            "{ids:?}"
        );
        assert_eq!(
            (read(&served, &id).await.status, waiting(&served).await),
            (Status::Sent, 0)
        );
    });
}

/// A way out that is shut.
struct Shut;

impl Way for Shut {
    fn hand<'a>(&'a self, _letter: &'a Letter) -> BoxFuture<'a, Handed> {
        std::future::ready(Handed::Later("421 not now".to_owned())).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }
}

#[test]
fn what_is_sent_again_is_tried_for_a_day_from_then() {
    on_both(|served| async move {
        served.register("choir", "https://choir.test/welcome").await;
        let id = queue(&served, invitation(&served, "choir", "bonny@example.com")).await;
        let shut = Post::with_way(&served.service, Arc::new(Shut)).unwrap();
        for _hour in 0..23 {
            send_all(&shut).await;
            served.pass(Duration::from_secs(3600));
        }
        let proof = json!({ "client_id": "choir", "client_secret": SECRET });
        let again = served.submit(&format!("/api/invitations/{id}/resend"), &proof).await;
        assert_eq!(again.status, 202, "{}", again.text);
        for _hour in 0..12 {
            send_all(&shut).await;
            served.pass(Duration::from_secs(3600));
        }
        assert_eq!(
            (read(&served, &id).await.status, waiting(&served).await),
            (Status::Queued, 1)
        );
        send_all(&Post::with_way(&served.service, Arc::new(Kept::default())).unwrap()).await;
        served.pass(Duration::from_secs(13 * 3600));
        send_all(&Post::with_way(&served.service, Arc::new(Kept::default())).unwrap()).await;
        assert_eq!(read(&served, &id).await.status, Status::Sent);
    });
}
