//! A clock that jumps: forward, as after a machine slept, and back, as after somebody set it right.

use std::time::Duration;

use serde_json::json;

use crate::api_support::invite;
use crate::oauth::REDIRECT;
use crate::oauth::person::{Key, error_of};
use crate::support::{SECRET, Served, on_both};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const WELCOME: &str = "https://myapp.test/welcome";

#[test]
fn a_code_is_good_once_whatever_the_clock_does() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let code = served.code("choir").await;
        served.go_back(HOUR);
        assert_eq!(served.exchange("choir", &code).await.status(), 200);
        served.pass(HOUR);
        let again = served.exchange("choir", &code).await;
        assert_eq!(error_of(again).await, (400, "invalid_grant".to_owned()));

        let late = served.code("choir").await;
        served.pass(DAY);
        let refused = served.exchange("choir", &late).await;
        assert_eq!(error_of(refused).await, (400, "invalid_grant".to_owned()));
        // A clock that was ahead for a while has used up nothing.
        served.go_back(DAY);
        assert_eq!(served.exchange("choir", &late).await.status(), 200);
    });
}

#[test]
fn a_proof_counts_once_whatever_the_clock_does() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let proof = Key::new(1).proof("POST", &served.at("/oauth/token"), served.now());
        assert_eq!(proven(&served, &proof).await.status(), 200);
        served.go_back(Duration::from_secs(120));
        let ahead = proven(&served, &proof).await;
        assert_eq!(error_of(ahead).await, (400, "use_dpop_nonce".to_owned()));
        served.pass(Duration::from_secs(90));
        let again = proven(&served, &proof).await;
        assert_eq!(error_of(again).await, (400, "invalid_dpop_proof".to_owned()));
        served.pass(DAY);
        let old = proven(&served, &proof).await;
        assert_eq!(error_of(old).await, (400, "use_dpop_nonce".to_owned()));
    });
}

/// A new code, exchanged with this proof.
async fn proven(served: &Served, proof: &str) -> reqwest::Response {
    let code = served.code("choir").await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("client_id", "choir"),
        ("client_secret", SECRET),
        ("redirect_uri", REDIRECT),
    ];
    let request = served.http.post(served.at("/oauth/token")).form(&form);
    request.header("dpop", proof).send().await.unwrap()
}

#[test]
fn a_window_that_was_used_up_stays_so() {
    on_both(|served| async move {
        served.register("choir", WELCOME).await;
        let ask = async || served.submit("/api/invite", &invite(&json!({}))).await.status;
        assert_eq!((ask().await, ask().await), (200, 429));
        // Another hour has windows of its own, and the day's is the same.
        served.go_back(HOUR);
        assert_eq!(ask().await, 200);
        served.pass(HOUR);
        assert_eq!(ask().await, 429);
        served.pass(2 * DAY);
        assert_eq!(ask().await, 200);
    });
}

#[test]
fn a_request_that_comes_again_has_the_same_answer_after_the_clock_went_back() {
    on_both(|served| async move {
        served.register("choir", WELCOME).await;
        let request = invite(&json!({}));
        let first = served.post_once("/api/invitations", &request, "one").await;
        served.go_back(DAY);
        let again = served.post_once("/api/invitations", &request, "one").await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.json()["id"], first.json()["id"]);
        assert_eq!(served.count("SELECT COUNT(*) FROM outbox").await, 1);
    });
}
