//! Requests that come again, one after the other and at once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use crate::api_support::invite;
use crate::support::on_both;

const REDIRECT: &str = "https://myapp.test/welcome";

#[test]
fn a_request_that_comes_again_has_the_same_answer() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let request = invite(&json!({ "deliver": "none" }));
        let first = served.post_once("/api/invitations", &request, "one").await;
        assert_eq!((first.status, first.header("idempotency-replayed")), (201, None));
        let url = first.json()["invitation_url"].as_str().unwrap().to_owned();
        assert!(url.starts_with(&served.at("/i/")));
        served.pass(Duration::from_secs(3600));
        let again = served.post_once("/api/invitations", &request, "one").await;
        assert_eq!(
            (again.status, again.header("idempotency-replayed")),
            (201, Some("true"))
        );
        assert_eq!(again.json(), first.json());
        assert_eq!(
            again.header("partyline-invitation-id"),
            first.header("partyline-invitation-id")
        );
        // The link is in no table.
        assert_eq!(
            served
                .count("SELECT COUNT(*) FROM idempotency WHERE body LIKE '%/i/%'")
                .await,
            0
        );
        assert_eq!(served.count("SELECT COUNT(*) FROM invitations").await, 1);
        served.pass(Duration::from_secs(24 * 3600));
        let later = served.post_once("/api/invitations", &request, "one").await;
        assert_eq!((later.status, later.header("idempotency-replayed")), (201, None));
        assert_ne!(later.json()["id"], first.json()["id"]);
    });
}

#[test]
fn a_key_is_good_for_one_request_of_one_client() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("orchestra", REDIRECT).await;
        let request = invite(&json!({}));
        assert_eq!(served.post_once("/api/invite", &request, "one").await.status, 200);
        let other = invite(&json!({ "email_address": "clyde@example.com" }));
        let refusal = served.post_once("/api/invite", &other, "one").await.refusal();
        assert_eq!(refusal, (422, "idempotency_key_reused".to_owned()));
        let elsewhere = served.post_once("/api/invitations", &request, "one").await.refusal();
        assert_eq!(elsewhere.0, 422);
        let orchestra = invite(&json!({ "client_id": "orchestra", "email_address": "clyde@example.com" }));
        let theirs = served.post_once("/api/invite", &orchestra, "one").await;
        assert_eq!((theirs.status, theirs.header("idempotency-replayed")), (200, None));
        for wrong in [" ".repeat(129), "x".repeat(129), "\u{fc}".to_owned(), String::new()] {
            let refusal = served.post_once("/api/invite", &request, &wrong).await.refusal();
            assert_eq!(refusal, (400, "invalid_request".to_owned()), "{wrong:?}");
        }
    });
}

#[test]
fn a_refusal_is_not_kept() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let request = invite(&json!({}));
        assert_eq!(served.submit("/api/invite", &request).await.status, 200);
        assert_eq!(served.post_once("/api/invite", &request, "one").await.refusal().0, 429);
        served.pass(Duration::from_secs(60));
        let answer = served.post_once("/api/invite", &request, "one").await;
        assert_eq!((answer.status, answer.header("idempotency-replayed")), (200, None));
    });
}

#[test]
fn of_sixty_four_at_once_one_is_done() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let served = Arc::new(served);
        let mut tasks = JoinSet::new();
        for _one in 0..64 {
            let served = Arc::clone(&served);
            tasks.spawn(async move { served.post_once("/api/invite", &invite(&json!({})), "one").await });
        }
        let answers = tasks.join_all().await;
        let done = answers.iter().filter(|answer| answer.status == 200);
        let replayed = done
            .clone()
            .filter(|answer| answer.header("idempotency-replayed").is_some());
        assert_eq!(done.clone().count() - replayed.count(), 1);
        let ids: std::collections::HashSet<_> = done
            .filter_map(|answer| answer.header("partyline-invitation-id"))
            .collect();
        assert_eq!(ids.len(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.refusal(), (409, "conflict".to_owned()));
        }
        assert_eq!(served.count("SELECT COUNT(*) FROM invitations").await, 1);
        assert_eq!(served.count("SELECT COUNT(*) FROM outbox").await, 1);
    });
}
