//! What ends by the clock, what is taken away when it is old, and what is forgotten when somebody asks for it.

use std::time::Duration;

use partyline::identity::EmailAddress;
use partyline::service::client::{ClientKind, OAuthClient, SignUp};
use partyline::service::database::{invitations, replayed, suppressions};
use partyline::service::forget::forget;
use partyline::service::invitation::{Delivery, Invitation, ResponseMode, Sends};
use partyline::service::status::{Change, Status};
use partyline::service::sweeper::{self, Swept};
use partyline::service::token::new_id;
use serde_json::json;

use crate::oauth::person::CHALLENGE;
use crate::support::{SECRET, Served, client, on_both};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// An invitation of bonny by a client, written down as it is.
pub(crate) async fn invited(served: &Served, client: &OAuthClient, address: &str, status: Status) -> String {
    let now = served.now();
    let invitation = Invitation {
        id: new_id(now, &mut rand::rng()),
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

#[test]
fn a_clock_that_jumps_takes_nothing_away_until_it_has_gone_on_for_a_day() {
    on_both(|served| async move {
        let client = served.register("choir", "https://choir.test/welcome").await;
        let id = invited(&served, &client, "bonny@example.org", Status::Sent).await;
        sweeper::once(&served.service).await.unwrap();
        // Wrong, and set right: nothing was lost, and nothing is waited for.
        served.pass(400 * DAY);
        assert_eq!(sweeper::once(&served.service).await.unwrap(), Swept::default());
        served.pass(Duration::from_secs(3600));
        assert_eq!(sweeper::once(&served.service).await.unwrap(), Swept::default());
        served.go_back(400 * DAY);
        sweeper::once(&served.service).await.unwrap();
        assert_eq!(invitation(&served, &id).await.status, Status::Sent);
        // The service was away for a month.
        served.pass(30 * DAY);
        for hour in 0..24 {
            assert_eq!(sweeper::once(&served.service).await.unwrap().expired, 0, "{hour}");
            // Another process, whose clock is a little behind.
            served.go_back(Duration::from_secs(2));
            assert_eq!(sweeper::once(&served.service).await.unwrap().expired, 0, "{hour}");
            served.pass(Duration::from_secs(3602));
        }
        assert_eq!(sweeper::once(&served.service).await.unwrap().expired, 1);
    });
}

#[test]
fn a_proof_is_forgotten_minutes_after_its_end() {
    on_both(|served| async move {
        let end = served.now().plus(Duration::from_secs(300));
        let written = served
            .service
            .database
            .write(move |connection| Box::pin(async move { replayed::is_new(connection, "a", end).await }));
        assert!(written.await.unwrap());
        served.pass(Duration::from_secs(360));
        assert_eq!(sweeper::once(&served.service).await.unwrap().removed, 0);
        served.pass(Duration::from_secs(1));
        assert_eq!(sweeper::once(&served.service).await.unwrap().removed, 1);
    });
}

#[test]
fn what_a_mail_server_says_of_a_mailbox_counts_for_a_month_and_what_its_owner_says_for_ever() {
    on_both(|served| async move {
        let refuse = async |address: &'static str| {
            let now = served.now();
            let written = served.service.database.write(move |connection| {
                Box::pin(async move { suppressions::refused(connection, address, now).await })
            });
            written.await.unwrap();
        };
        let gets_none = async |address: &'static str| {
            let read = served.service.database.read(move |connection| {
                Box::pin(async move { suppressions::holds(connection, "choir", address).await })
            });
            read.await.unwrap()
        };
        let (gone, owner, both) = ("gone@example.org", "owner@example.org", "both@example.org");
        let now = served.now();
        let written = served.service.database.write(move |connection| {
            Box::pin(async move { suppressions::add(connection, "choir", owner, "unsubscribed", now).await })
        });
        written.await.unwrap();
        refuse(both).await;
        refuse(both).await;
        let written = served.service.database.write(move |connection| {
            let asked = suppressions::add(connection, suppressions::EVERYBODY, both, "the owner asked", now);
            Box::pin(asked)
        });
        assert!(written.await.unwrap());
        refuse(gone).await;
        assert!(!gets_none(gone).await);
        // Once more, but so long after that it says nothing of the first.
        let pass = async |days: u32| {
            for _day in 0..days {
                served.pass(DAY);
                sweeper::once(&served.service).await.unwrap();
            }
        };
        pass(31).await;
        refuse(gone).await;
        assert!(!gets_none(gone).await);
        pass(1).await;
        refuse(gone).await;
        pass(30).await;
        assert!(gets_none(gone).await);
        pass(1).await;
        assert!(!gets_none(gone).await && gets_none(owner).await && gets_none(both).await);
    });
}

#[test]
fn nothing_of_a_person_stays_in_links_to_sign_in_and_in_answers_that_are_kept() {
    on_both(|served| async move {
        let mut choir = client("choir", ClientKind::Confidential);
        choir.sign_up = SignUp::Open;
        served.register_as(choir, "https://choir.test/welcome").await;
        for address in ["Bonny@Example.org", "clyde@example.org"] {
            let request = json!({
                "client_id": "choir", "client_secret": SECRET, "email_address": address,
                "redirect_uri": "https://choir.test/welcome",
            });
            assert_eq!(
                served.post_once("/api/invitations", &request, address).await.status,
                201
            );
            let form = [
                ("client_id", "choir"),
                ("redirect_uri", "https://choir.test/welcome"),
                ("response_type", "code"),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
                ("email", address),
            ];
            assert_eq!(served.post_form("/oauth/sign-in", &form).await.status(), 200);
        }
        let both = json!({
            "client_id": "choir", "client_secret": SECRET, "redirect_uri": "https://choir.test/welcome", "deliver": "none",
            "invitations": [{ "email_address": "bonny@example.org" }, { "email_address": "dora@example.org" }],
        });
        assert_eq!(
            served.post_once("/api/invitations/bulk", &both, "both").await.status,
            200
        );
        let left = async || {
            [
                served.count("SELECT COUNT(*) FROM tickets").await,
                served.count("SELECT COUNT(*) FROM outbox WHERE kind = 'sign_in'").await,
                served.count("SELECT COUNT(*) FROM idempotency").await,
            ]
        };
        assert_eq!(left().await, [2, 2, 3]);
        let bonny = EmailAddress::parse("bonny@example.org").unwrap();
        forget(&served.service, &bonny).await.unwrap();
        assert_eq!(left().await, [1, 1, 1]);
        let names_her = "SELECT (SELECT COUNT(*) FROM tickets WHERE LOWER(reference) LIKE 'bonny%') + \
                         (SELECT COUNT(*) FROM idempotency WHERE LOWER(body) LIKE '%bonny%')";
        assert_eq!(served.count(names_her).await, 0);
    });
}
