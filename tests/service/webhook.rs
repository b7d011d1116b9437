//! Webhooks, read by a verifier that nobody here wrote.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use partyline::service::database::outbox::{self, Parcel};
use partyline::service::database::webhooks::{self, Webhook as Kept};
use partyline::service::database::{DatabaseError, events, query_scalar};
use partyline::service::post::Post;
use partyline::service::token::{new_webhook_secret, webhook_secret};
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::exim::wait;
use crate::letters::{self, send_all, waiting};
use crate::support::{Served, on_both, on_both_with};

/// A client's server: what it was told, and what it answers.
struct Listening {
    address: SocketAddr,
    told: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answer: Arc<Mutex<StatusCode>>,
    /// Ends with it.
    _task: JoinSet<()>,
}

impl Listening {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(Mutex::new(StatusCode::OK));
        let (telling, answering) = (Arc::clone(&told), Arc::clone(&answer));
        let hook = post(move |headers: HeaderMap, body: String| {
            telling.lock().unwrap().push((headers, body));
            let status = *answering.lock().unwrap();
            std::future::ready((status, [("location", "/elsewhere")]))
        });
        let router = Router::new().route("/hook", hook.clone()).route("/elsewhere", hook);
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            told,
            answer,
            _task: task,
        }
    }

    fn count(&self) -> usize {
        self.told.lock().unwrap().len()
    }

    fn answers(&self, status: StatusCode) {
        *self.answer.lock().unwrap() = status;
    }
}

/// Has the client `choir` told at this address, and leaves an event for it.
async fn announce(served: &Served, url: &str, kept: &str) -> String {
    announce_to(served, "choir", url, kept).await
}

/// As [`announce`], for another client.
async fn announce_to(served: &Served, client: &'static str, url: &str, kept: &str) -> String {
    let (url, secret, now) = (Some(url.to_owned()), Some(kept.to_owned()), served.now());
    let written = served.service.database.write(move |connection| {
        Box::pin(async move {
            webhooks::put(connection, client, &Kept { url, secret }).await?;
            let event = events::Event {
                client_id: client,
                invitation_id: Some("an-invitation"),
                kind: events::Kind::InvitationAccepted,
                actor: "invitee",
                data: r#"{"sub":"x"}"#.to_owned(),
            };
            events::add(connection, &event, now).await?;
            let id: String = query_scalar("SELECT id FROM events ORDER BY id DESC LIMIT 1")
                .fetch_one(&mut *connection)
                .await?;
            outbox::add(connection, Parcel::Webhook, &id, None, now).await?;
            Ok::<String, DatabaseError>(id)
        })
    });
    written.await.unwrap()
}

fn messenger(served: &Served) -> Post {
    Post::with_way(&served.service, Arc::new(letters::Kept::default())).unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the verifier looks at the real clock")]
fn a_stranger_verifies_what_a_client_is_told() {
    on_both_with(
        |config| config.private_webhooks = true,
        |served| async move {
            let listening = Listening::start().await;
            served.register("choir", "https://choir.test/welcome").await;
            let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            served.pass(
                real.checked_sub(Duration::from_millis(served.now().as_millis()))
                    .unwrap(),
            );
            let kept = new_webhook_secret(&served.service.keys.pepper, &mut rand::rng());
            let id = announce(&served, &format!("http://{}/hook", listening.address), &kept).await;
            send_all(&messenger(&served)).await;

            let (headers, body) = listening.told.lock().unwrap()[0].clone();
            let secret = webhook_secret(&served.service.keys.pepper, "choir", &kept).unwrap();
            let verifier = Webhook::new(&secret).unwrap();
            verifier.verify(body.as_bytes(), &headers).unwrap();
            assert!(
                verifier
                    .verify(body.replace("invitee", "inviter").as_bytes(), &headers)
                    .is_err()
            );
            let other = webhook_secret(&served.service.keys.pepper, "orchestra", &kept).unwrap();
            let other = Webhook::new(&other).unwrap();
            assert!(other.verify(body.as_bytes(), &headers).is_err());
            assert_eq!(headers["webhook-id"], *id);
            let told: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(told["type"], "invitation.accepted");
            let data = serde_json::json!({ "sub": "x", "client_id": "choir", "invitation_id": "an-invitation", "actor": "invitee" });
            assert_eq!(told["data"], data);
            assert_eq!((listening.count(), waiting(&served).await), (1, 0));
        },
    );
}

#[test]
fn a_client_that_does_not_take_it_is_told_again_for_a_day() {
    on_both_with(
        |config| config.private_webhooks = true,
        |served| async move {
            let listening = Listening::start().await;
            served.register("choir", "https://choir.test/welcome").await;
            let kept = new_webhook_secret(&served.service.keys.pepper, &mut rand::rng());
            let url = format!("http://{}/hook", listening.address);
            let post = messenger(&served);
            // A redirect is an answer like any other: it is not followed.
            listening.answers(StatusCode::TEMPORARY_REDIRECT);
            announce(&served, &url, &kept).await;
            send_all(&post).await;
            listening.answers(StatusCode::INTERNAL_SERVER_ERROR);
            served.pass(Duration::from_secs(72));
            send_all(&post).await;
            listening.answers(StatusCode::NO_CONTENT);
            served.pass(Duration::from_secs(6 * 60));
            send_all(&post).await;
            assert_eq!((listening.count(), waiting(&served).await), (3, 0));
            let ids: Vec<String> = {
                let told = listening.told.lock().unwrap();
                told.iter()
                    .map(|(headers, _)| headers["webhook-id"].to_str().unwrap().to_owned())
                    .collect()
            };
            assert!(ids.iter().all(|id| *id == ids[0]));

            listening.answers(StatusCode::GONE);
            announce(&served, &url, &kept).await;
            send_all(&post).await;
            assert_eq!((listening.count(), waiting(&served).await), (4, 0));

            listening.answers(StatusCode::BAD_GATEWAY);
            announce(&served, &url, &kept).await;
            for _hour in 0..26 {
                send_all(&post).await;
                served.pass(Duration::from_secs(3600));
            }
            assert!((6..16).contains(&listening.count()), "{}", listening.count());
            assert_eq!(waiting(&served).await, 0);
        },
    );
}

#[test]
fn addresses_of_this_machine_are_never_called() {
    on_both(|served| async move {
        let listening = Listening::start().await;
        served.register("choir", "https://choir.test/welcome").await;
        let kept = new_webhook_secret(&served.service.keys.pepper, &mut rand::rng());
        let port = listening.address.port();
        let post = messenger(&served);
        for url in [
            format!("http://127.0.0.1:{port}/hook"),
            format!("https://127.0.0.1:{port}/hook"),
            format!("https://localhost:{port}/hook"),
            format!("https://[::ffff:127.0.0.1]:{port}/hook"),
        ] {
            announce(&served, &url, &kept).await;
            send_all(&post).await;
        }
        assert_eq!((listening.count(), waiting(&served).await), (0, 4));
        let read = served.service.database.read(|connection| {
            Box::pin(async move {
                let errors = query_scalar("SELECT last_error FROM outbox ORDER BY created_at");
                Ok::<Vec<String>, DatabaseError>(errors.fetch_all(connection).await?)
            })
        });
        let errors = read.await.unwrap();
        assert!(
            errors.iter().any(|error| error.contains("no public address")),
            "{errors:?}"
        );
    });
}

#[test]
fn a_server_that_does_not_answer_holds_up_nobody_else() {
    on_both_with(
        |config| config.private_webhooks = true,
        |served| async move {
            for client in ["choir", "orchestra"] {
                served.register(client, "https://choir.test/welcome").await;
            }
            let kept = new_webhook_secret(&served.service.keys.pepper, &mut rand::rng());
            // It takes connections and says nothing.
            let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let nowhere = format!("http://{}/hook", silent.local_addr().unwrap());
            for _event in 0..40 {
                announce(&served, &nowhere, &kept).await;
            }
            served.pass(Duration::from_millis(1));
            let listening = Listening::start().await;
            let url = format!("http://{}/hook", listening.address);
            announce_to(&served, "orchestra", &url, &kept).await;
            letters::queue(&served, letters::invitation(&served, "choir", "bonny@example.com")).await;
            let way = Arc::new(letters::Kept::default());
            let post = Post::with_way(&served.service, way.clone()).unwrap();
            let mut running = JoinSet::new();
            running.spawn(post.run(std::future::pending()));
            // Long before the first call to the silent one is given up.
            let others = wait("the others are served", async || {
                way.ids().len() + listening.count() == 2
            });
            tokio::time::timeout(Duration::from_secs(12), others).await.unwrap();
        },
    );
}
