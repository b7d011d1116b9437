//! Invitations whose mails wait, and what became of them.

use std::sync::Mutex;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use partyline::identity::EmailAddress;
use partyline::service::database::outbox::{self, Parcel};
use partyline::service::database::{DatabaseError, invitations, query_scalar};
use partyline::service::invitation::{Delivery, Invitation, ResponseMode, Sends};
use partyline::service::mail::compose::Letter;
use partyline::service::mail::way::{Handed, Way};
use partyline::service::post::Post;
use partyline::service::status::Status;
use partyline::service::token::new_id;

use crate::support::Served;

/// An invitation of this address by a client, good for a week.
pub(crate) fn invitation(served: &Served, client: &str, email: &str) -> Invitation {
    let ttl = Duration::from_secs(7 * 24 * 3600);
    Invitation {
        id: new_id(served.now(), &mut rand::rng()),
        client_id: client.to_owned(),
        inviter_sub: None,
        email: Some(EmailAddress::parse(email).unwrap()),
        redirect_uri: "https://choir.test/welcome".to_owned(),
        response_mode: ResponseMode::Query,
        state: None,
        delivery: Delivery::Direct,
        sends: Sends::Email,
        template_alias: "invite".to_owned(),
        locale: "en".to_owned(),
        template_data: r#"{"inviter_name":"Ann"}"#.to_owned(),
        app_data: None,
        party: None,
        scope: "openid email".to_owned(),
        nonce: None,
        code_challenge: None,
        status: Status::Queued,
        generation: 0,
        send_count: 1,
        ttl,
        created_at: served.now(),
        expires_at: served.now().plus(ttl),
        first_sent_at: None,
        opened_at: None,
        accepted_at: None,
        ended_at: None,
        last_smtp: None,
    }
}

/// Writes an invitation down and leaves its mail in the outbox, as the API does.
pub(crate) async fn queue(served: &Served, invitation: Invitation) -> String {
    let (id, now) = (invitation.id.clone(), served.now());
    let written = served.service.database.write(move |connection| {
        Box::pin(async move {
            invitations::add(connection, &invitation).await?;
            outbox::add(connection, Parcel::Invitation, &invitation.id, None, now).await
        })
    });
    written.await.unwrap();
    id
}

/// The invitation with this id.
pub(crate) async fn read(served: &Served, id: &str) -> Invitation {
    let id = id.to_owned();
    let read = served
        .service
        .database
        .read(|connection| Box::pin(async move { invitations::get(connection, &id).await }));
    read.await.unwrap().unwrap()
}

/// Rows that wait in the outbox.
pub(crate) async fn waiting(served: &Served) -> i64 {
    let depth = served
        .service
        .database
        .read(|connection| Box::pin(async move { outbox::depth(connection).await }));
    depth.await.unwrap().rows
}

/// What happened to an invitation, in order.
pub(crate) async fn events(served: &Served, id: &str) -> Vec<String> {
    let id = id.to_owned();
    let read = served.service.database.read(|connection| {
        Box::pin(async move {
            let kinds = query_scalar("SELECT kind FROM events WHERE invitation_id = $1 ORDER BY id").bind(id);
            Ok::<Vec<String>, DatabaseError>(kinds.fetch_all(connection).await?)
        })
    });
    read.await.unwrap()
}

/// A way out that keeps what is handed to it.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) Mutex<Vec<(String, Vec<u8>)>>);

impl Kept {
    /// The `Message-ID` of each mail, in order.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(id, _bytes)| id.clone()).collect()
    }
}

impl Way for Kept {
    fn hand<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Handed> {
        self.0
            .lock()
            .unwrap()
            .push((letter.message_id.clone(), letter.bytes.clone()));
        std::future::ready(Handed::Taken("250 OK".to_owned())).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }
}

/// Sends until nothing is due any more.
pub(crate) async fn send_all(post: &Post) {
    while post.step().await.unwrap() > 0 {}
}
