//! What ends by the clock, what is taken away when it is old, and what is forgotten when somebody asks for it.

use std::time::Duration;

use partyline::identity::EmailAddress;
use partyline::service::client::OAuthClient;
use partyline::service::database::invitations;
use partyline::service::forget::forget;
use partyline::service::invitation::{Delivery, Invitation, ResponseMode, Sends};
use partyline::service::status::{Change, Status};
use partyline::service::sweeper::{self, Swept};
use partyline::service::token::new_id;

use crate::support::{Served, on_both};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// An invitation of bonny by a client, written down as it is.
pub(crate) async fn invited(served: &Served, client: &OAuthClient, address: &str, status: Status) -> String {
    let now = served.now();
    let invitation = Invitation {
        id: new_id(&mut rand::rng()),
        client_id: client.id.clone(),
        inviter_sub: None,
        email: Some(EmailAddress::parse(address).unwrap()),
        redirect_uri: "https://choir.test/welcome".to_owned(),
        response_mode: ResponseMode::Query,
        state: Some("the state".to_owned()),
        delivery: Delivery::Direct,
        sends: Sends::Email,
        template_alias: "invite".to_owned(),
        locale: "en".to_owned(),
        template_data: "{\"inviter_name\":\"Ann\"}".to_owned(),
        app_data: Some("opaque".to_owned()),
        party: None,
        scope: "openid email".to_owned(),
        nonce: None,
        code_challenge: None,
        status,
        generation: 0,
        send_count: 1,
        ttl: 7 * DAY,
        created_at: now,
        expires_at: now.plus(7 * DAY),
        first_sent_at: None,
        opened_at: None,
        accepted_at: None,
        ended_at: None,
        last_smtp: None,
    };
    let id = invitation.id.clone();
    let written = served
        .service
        .database
        .write(move |connection| Box::pin(async move { invitations::add(connection, &invitation).await }));
    written.await.unwrap();
    id
}

/// The invitation as it is written down.
pub(crate) async fn invitation(served: &Served, id: &str) -> Invitation {
    let id = id.to_owned();
    let read = served
        .service
        .database
        .read(move |connection| Box::pin(async move { invitations::get(connection, &id).await }));
    read.await.unwrap().unwrap()
}

async fn changed(served: &Served, id: &str, change: Change) {
    let (id, now) = (id.to_owned(), served.now());
    let written = served
        .service
        .database
        .write(move |connection| Box::pin(async move { invitations::change(connection, &id, change, now, now).await }));
    assert!(written.await.unwrap());
}

#[test]
fn an_invitation_is_written_down_as_expired_once_its_last_code_is_over_too() {
    on_both(|served| async move {
        let client = served.register("choir", "https://choir.test/welcome").await;
        let open = invited(&served, &client, "bonny@example.org", Status::Sent).await;
        let done = invited(&served, &client, "clyde@example.org", Status::Opened).await;
        changed(&served, &done, Change::Accepted).await;

        served.pass(7 * DAY);
        assert_eq!(sweeper::once(&served.service).await.unwrap(), Swept::default());
        assert_eq!(invitation(&served, &open).await.status, Status::Sent);

        served.pass(sweeper::GRACE);
        assert_eq!(sweeper::once(&served.service).await.unwrap().expired, 1);
        let ended = invitation(&served, &open).await;
        assert_eq!((ended.status, ended.ended_at), (Status::Expired, Some(served.now())));
        assert_eq!(invitation(&served, &done).await.status, Status::Accepted);
        assert_eq!(sweeper::once(&served.service).await.unwrap(), Swept::default());
    });
}

#[test]
fn a_clock_that_goes_back_brings_nothing_back_and_ends_nothing_twice() {
    on_both(|served| async move {
        let client = served.register("choir", "https://choir.test/welcome").await;
        let id = invited(&served, &client, "bonny@example.org", Status::Sent).await;
        served.pass(30 * DAY);
        assert_eq!(sweeper::once(&served.service).await.unwrap().expired, 1);
        served.go_back(29 * DAY);
        assert_eq!(sweeper::once(&served.service).await.unwrap(), Swept::default());
        assert_eq!(invitation(&served, &id).await.status, Status::Expired);
    });
}

#[test]
fn an_address_is_wiped_three_months_after_the_end() {
    on_both(|served| async move {
        let client = served.register("choir", "https://choir.test/welcome").await;
        let one = invited(&served, &client, "Bonny@example.org", Status::Sent).await;
        let two = invited(&served, &client, "bonny@example.org", Status::Sent).await;
        for id in [&one, &two] {
            changed(&served, id, Change::Revoked).await;
        }
        served.pass(90 * DAY);
        assert_eq!(sweeper::once(&served.service).await.unwrap().wiped, 0);
        served.pass(Duration::from_secs(1));
        assert_eq!(sweeper::once(&served.service).await.unwrap().wiped, 2);
        let wiped = invitation(&served, &one).await;
        assert_eq!((wiped.email, wiped.state, wiped.app_data), (None, None, None));
        assert_eq!(wiped.template_data, "{}");
        assert_eq!(sweeper::once(&served.service).await.unwrap().wiped, 0);
    });
}

#[test]
fn whoever_asks_to_be_forgotten_is() {
    on_both(|served| async move {
        let client = served.register("choir", "https://choir.test/welcome").await;
        let open = invited(&served, &client, "bonny@example.org", Status::Sent).await;
        let over = invited(&served, &client, "BONNY@example.org", Status::Sent).await;
        let other = invited(&served, &client, "clyde@example.org", Status::Sent).await;
        changed(&served, &over, Change::Declined).await;
        let address = EmailAddress::parse("bonny@EXAMPLE.org").unwrap();
        assert_eq!(forget(&served.service, &address).await.unwrap().invitations, 2);
        assert_eq!(invitation(&served, &open).await.status, Status::Revoked);
        assert_eq!(invitation(&served, &over).await.status, Status::Declined);
        assert!(invitation(&served, &open).await.email.is_none() && invitation(&served, &over).await.email.is_none());
        assert!(invitation(&served, &other).await.email.is_some());
        assert_eq!(forget(&served.service, &address).await.unwrap().invitations, 0);
    });
}
