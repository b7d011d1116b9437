//! Invitations sent again and taken back.

use std::time::Duration;

use partyline::service::database::{invitations, query, suppressions};
use partyline::service::invitation::DEFAULT_TTL;
use partyline::time::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::api_support::{Answered, invite};
use crate::oauth::person::{self, into_party};
use crate::support::{SECRET, Served, on_both};

const REDIRECT: &str = "https://myapp.test/welcome";

async fn make(served: &Served, more: &Value) -> String {
    let made = served.submit("/api/invitations", &invite(more)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

async fn resend(served: &Served, id: &str, body: &Value) -> Answered {
    let request = served.http.post(served.at(&format!("/api/invitations/{id}/resend")));
    Answered::of(
        request
            .basic_auth("choir", Some(SECRET))
            .json(body)
            .send()
            .await
            .unwrap(),
    )
    .await
}

async fn has_accepted(served: &Served, client: &'static str, address: &'static str) -> bool {
    let read = served
        .service
        .database
        .read(move |connection| Box::pin(async move { invitations::has_accepted(connection, client, address).await }));
    read.await.unwrap()
}

async fn run(served: &Served, statement: &'static str) {
    let written = served.service.database.write(move |connection| {
        Box::pin(async move {
            query(statement).execute(connection).await?;
            Ok(())
        })
    });
    written.await.unwrap();
}

#[test]
fn one_is_sent_again_with_the_same_link_and_a_new_end() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let id = make(&served, &json!({ "ttl_sec": 3600 })).await;
        run(&served, "DELETE FROM outbox").await;
        run(&served, "UPDATE invitations SET status = 'sent'").await;
        served.pass(Duration::from_secs(600));
        let answer = served
            .ask(Method::POST, &format!("/api/invitations/{id}/resend"), "choir")
            .await;
        assert_eq!(
            (answer.status, answer.header("partyline-invitation-id")),
            (202, Some(id.as_str()))
        );
        let shown = answer.json();
        assert_eq!((&shown["status"], &shown["send_count"]), (&json!("queued"), &json!(2)));
        assert_eq!(shown["expires_at"], "2026-01-01T01:10:00Z");
        assert_eq!(served.count("SELECT generation FROM invitations").await, 0);
        assert_eq!(served.count("SELECT COUNT(*) FROM outbox").await, 1);
        let events = served.look(&format!("/api/invitations/{id}")).await.json();
        assert_eq!(events["events"][1]["kind"], "invitation.resent");
    });
}

#[test]
fn into_a_party_it_ends_when_the_party_says_however_often_it_is_sent() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let invitation = into_party(person::invitation("choir", served.now()));
        served.invite(&invitation).await;
        let end = served.look(&format!("/api/invitations/{}", invitation.id)).await.json()["expires_at"].clone();
        served.pass(Duration::from_secs(3600));
        let again = resend(&served, &invitation.id, &json!({})).await;
        assert_eq!((again.status, &again.json()["expires_at"]), (202, &end));
        served.pass(DEFAULT_TTL);
        assert_eq!(resend(&served, &invitation.id, &json!({})).await.status, 409);
    });
}

#[test]
fn a_mail_that_still_waits_is_not_sent_twice() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let id = make(&served, &json!({})).await;
        served.pass(Duration::from_secs(60));
        assert_eq!(resend(&served, &id, &json!({})).await.status, 202);
        assert_eq!(served.count("SELECT COUNT(*) FROM outbox").await, 1);
        assert_eq!(
            served.count("SELECT next_at FROM outbox").await,
            i64::try_from(served.now().as_millis()).unwrap()
        );
    });
}

#[test]
fn one_that_is_over_is_opened_again() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        for state in ["bounced", "failed", "expired", "sent"] {
            let id = make(&served, &json!({ "email_address": format!("{state}@example.com") })).await;
            let text = format!("UPDATE invitations SET status = '{state}' WHERE id = '{id}'");
            run(&served, Box::leak(text.into_boxed_str())).await;
            served.pass(Duration::from_secs(8 * 24 * 3600));
            assert_eq!(
                resend(&served, &id, &json!({})).await.json()["status"],
                "queued",
                "{state}"
            );
        }
    });
}

#[test]
fn rotating_ends_the_links_of_earlier_mails() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let id = make(&served, &json!({})).await;
        served.pass(Duration::from_secs(60));
        assert_eq!(resend(&served, &id, &json!({ "rotate": true })).await.status, 202);
        assert_eq!(served.count("SELECT generation FROM invitations").await, 1);
        let wrong = resend(&served, &id, &json!({ "rotate": "yes" })).await;
        assert_eq!(wrong.refusal(), (400, "invalid_request".to_owned()));
    });
}

#[test]
fn what_is_final_is_not_sent_again() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let id = make(&served, &json!({})).await;
        served.pass(Duration::from_secs(60));
        for state in ["accepted", "declined", "revoked"] {
            let text = format!("UPDATE invitations SET status = '{state}'");
            run(&served, Box::leak(text.into_boxed_str())).await;
            assert_eq!(
                resend(&served, &id, &json!({})).await.refusal(),
                (409, "conflict".to_owned()),
                "{state}"
            );
        }
        let passed_on = make(
            &served,
            &json!({ "deliver": "none", "email_address": "clyde@example.com" }),
        )
        .await;
        assert_eq!(
            resend(&served, &passed_on, &json!({})).await.refusal(),
            (409, "conflict".to_owned())
        );
    });
}

#[test]
fn sending_again_counts_as_a_mail_and_once_a_key() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let id = make(&served, &json!({})).await;
        assert_eq!(
            resend(&served, &id, &json!({})).await.refusal(),
            (429, "slow_down".to_owned())
        );
        served.pass(Duration::from_secs(60));
        let again = async || {
            let request = served.http.post(served.at(&format!("/api/invitations/{id}/resend")));
            let request = request
                .basic_auth("choir", Some(SECRET))
                .header("Idempotency-Key", "one");
            Answered::of(request.send().await.unwrap()).await
        };
        assert_eq!(again().await.status, 202);
        let replayed = again().await;
        assert_eq!(
            (replayed.status, replayed.header("idempotency-replayed")),
            (202, Some("true"))
        );
        assert_eq!(served.count("SELECT send_count FROM invitations").await, 2);
    });
}

#[test]
fn an_address_that_wants_no_mail_gets_none_and_nobody_is_told() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let now = 0_i64;
        for (scope, address) in [
            ("choir", "a@example.com"),
            (suppressions::EVERYBODY, "b@example.com"),
            ("other", "c@example.com"),
        ] {
            let written = served.service.database.write(move |connection| {
                Box::pin(async move {
                    query(
                        "INSERT INTO suppressions (scope, email_norm, reason, at) VALUES ($1, $2, 'unsubscribed', $3)",
                    )
                    .bind(scope)
                    .bind(address)
                    .bind(now)
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            });
            written.await.unwrap();
        }
        let mut shown = Vec::new();
        for address in ["A@example.com", "b@example.com", "c@example.com"] {
            let answer = served
                .submit("/api/invite", &invite(&json!({ "email_address": address })))
                .await;
            assert_eq!((answer.status, answer.text.as_str()), (200, "{}"));
            let id = answer.header("partyline-invitation-id").unwrap().to_owned();
            served.pass(Duration::from_secs(60));
            assert_eq!(resend(&served, &id, &json!({})).await.status, 202);
            let mut one = served.look(&format!("/api/invitations/{id}")).await.json();
            let members = one.as_object_mut().unwrap();
            assert_eq!(members["status"], "queued");
            let names: Vec<String> = members.keys().cloned().collect();
            let kinds: Vec<Value> = members["events"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["kind"].clone())
                .collect();
            shown.push((names, kinds, members["send_count"].clone()));
        }
        assert!(shown[0] == shown[2] && shown[1] == shown[2]);
        // Only the third gets mail.
        assert_eq!(served.count("SELECT COUNT(*) FROM outbox").await, 1);
        assert_eq!(
            served
                .count("SELECT COUNT(*) FROM invitations WHERE status = 'suppressed'")
                .await,
            2
        );
    });
}

#[test]
fn one_that_is_taken_back_opens_nothing_any_more() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        for way in ["post", "delete"] {
            let id = make(&served, &json!({ "email_address": format!("{way}@example.com") })).await;
            for statement in [
                "INSERT INTO codes (hash, invitation_id, email, client_id, redirect_uri, scope, auth_time, family, expires_at, dead) \
                 SELECT 'c' || id, id, email, client_id, redirect_uri, scope, 0, id, expires_at, 0 FROM invitations WHERE status = 'queued'",
                "INSERT INTO tickets (hash, kind, reference, expires_at) SELECT 't' || id, 'invitation', id, expires_at FROM invitations WHERE status = 'queued'",
                "INSERT INTO typed_codes (code, invitation_id, tries, expires_at) SELECT 'y' || id, id, 0, expires_at FROM invitations WHERE status = 'queued'",
            ] {
                run(&served, statement).await;
            }
            served.pass(Duration::from_secs(60));
            let take_back = async || match way {
                "delete" => {
                    served
                        .ask(Method::DELETE, &format!("/api/invitations/{id}"), "choir")
                        .await
                }
                _ => {
                    served
                        .ask(Method::POST, &format!("/api/invitations/{id}/revoke"), "choir")
                        .await
                }
            };
            for _again in 0..2 {
                let answer = take_back().await;
                assert_eq!(
                    (answer.status, answer.json()["status"].as_str()),
                    (200, Some("revoked"))
                );
            }
            assert_eq!(served.count("SELECT COUNT(*) FROM codes WHERE dead = 0").await, 0);
            assert_eq!(served.count("SELECT COUNT(*) FROM tickets").await, 0);
            assert_eq!(served.count("SELECT COUNT(*) FROM typed_codes").await, 0);
            assert_eq!(served.count("SELECT COUNT(*) FROM outbox").await, 0);
            let shown = served.look(&format!("/api/invitations/{id}")).await.json();
            assert_eq!(
                (shown["events"].as_array().unwrap().len(), &shown["events"][1]["kind"]),
                (2, &json!("invitation.revoked"))
            );
        }
    });
}

#[test]
fn what_was_accepted_into_a_party_is_sent_again_with_another_link() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let invitation = into_party(person::invitation("choir", served.now()));
        served.invite(&invitation).await;
        run(&served, "UPDATE invitations SET status = 'accepted', accepted_at = 5").await;
        let before = served.link_token(&invitation);
        let again = resend(&served, &invitation.id, &json!({})).await;
        assert_eq!((again.status, &again.json()["status"]), (202, &json!("queued")));
        let stands = served.how_stands(&invitation.id).await;
        assert_eq!(
            (stands.generation, stands.accepted_at),
            (1, Some(Timestamp::from_millis(5)))
        );
        let page = served.get(&format!("/i/{before}")).await.text().await.unwrap();
        assert!(page.contains("newer link"), "{page}");
        assert!(has_accepted(&served, "choir", person::BONNY).await);
    });
}

#[test]
fn what_was_accepted_or_declined_stays_and_what_expired_can_be_taken_back() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let id = make(&served, &json!({})).await;
        for state in ["accepted", "declined"] {
            let text = format!("UPDATE invitations SET status = '{state}'");
            run(&served, Box::leak(text.into_boxed_str())).await;
            let answer = served
                .ask(Method::DELETE, &format!("/api/invitations/{id}"), "choir")
                .await;
            assert_eq!(answer.refusal(), (409, "conflict".to_owned()));
        }
        run(
            &served,
            "UPDATE invitations SET status = 'accepted', party = 'abc cGFydHk none'",
        )
        .await;
        let answer = served
            .ask(Method::DELETE, &format!("/api/invitations/{id}"), "choir")
            .await;
        assert_eq!(answer.json()["status"], "revoked", "only the party knows who is in");
        run(&served, "UPDATE invitations SET status = 'expired', party = NULL").await;
        let answer = served
            .ask(Method::DELETE, &format!("/api/invitations/{id}"), "choir")
            .await;
        assert_eq!(answer.json()["status"], "revoked");
    });
}
