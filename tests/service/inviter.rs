//! People who invite: signed in with a client, by its access token.

use std::time::Duration;

use partyline::service::client::{ClientKind, SignUp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api_support::Answered;
use crate::oauth::REDIRECT;
use crate::oauth::person::{Key, json_of};
use crate::support::{SECRET, Served, client, on_both, on_both_with};

/// A token of Bonny with these scopes.
async fn token(served: &Served, scope: &'static str) -> String {
    let code = served.signed_in_code("choir", |terms| terms.scope = scope).await;
    let tokens = json_of(served.exchange("choir", &code).await).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

async fn with(served: &Served, token: &str, method: Method, path: &str, body: Option<&Value>) -> Answered {
    let mut request = served.http.request(method, served.at(path)).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(body);
    }
    Answered::of(request.send().await.unwrap()).await
}

fn to(address: &str) -> Value {
    json!({ "email_address": address })
}

#[test]
fn a_person_invites_and_sees_what_is_theirs() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let bonny = token(&served, "openid email invite").await;
        let by_client = json!({ "client_id": "choir", "client_secret": SECRET, "email_address": "a@example.com" });
        let clients = served.submit("/api/invitations", &by_client).await.json();
        let answer = with(
            &served,
            &bonny,
            Method::POST,
            "/api/invitations",
            Some(&to("clyde@example.com")),
        )
        .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let made = answer.json();
        assert!(made["inviter"].is_string());
        let id = made["id"].as_str().unwrap();
        let list = with(&served, &bonny, Method::GET, "/api/invitations", None)
            .await
            .json();
        assert_eq!(
            (
                list["invitations"].as_array().unwrap().len(),
                &list["invitations"][0]["id"]
            ),
            (1, &json!(id))
        );
        let other = format!("/api/invitations/{}", clients["id"].as_str().unwrap());
        for (method, path) in [
            (Method::GET, other.clone()),
            (Method::DELETE, other.clone()),
            (Method::POST, format!("{other}/resend")),
        ] {
            let refusal = with(&served, &bonny, method, &path, None).await.refusal();
            assert_eq!(refusal, (404, "not_found".to_owned()));
        }
        let both = served.look("/api/invitations").await.json();
        assert_eq!(both["invitations"].as_array().unwrap().len(), 2);
        let own = format!("/api/invitations/{id}");
        let shown = with(&served, &bonny, Method::DELETE, &own, None).await.json();
        assert_eq!(shown["status"], "revoked");
        let events = served.look(&own).await.json();
        assert_eq!(events["events"][0]["actor"], "inviter");
    });
}

#[test]
fn a_token_is_good_for_what_its_scope_says() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let (bonny, reader) = (
            token(&served, "openid email invite").await,
            token(&served, "openid email").await,
        );
        let invite = to("clyde@example.com");
        let cases = [
            (reader.as_str(), Method::POST, "/api/invite", Some(&invite)),
            (reader.as_str(), Method::GET, "/api/invitations", None),
        ];
        for (token, method, path, body) in cases {
            let refusal = with(&served, token, method, path, body).await.refusal();
            assert_eq!(refusal, (403, "insufficient_scope".to_owned()), "{path}");
        }
        // No scope is enough for what is the client's own.
        for path in ["/api/webhooks", "/api/audit", "/api/templates/a"] {
            let refusal = with(&served, &bonny, Method::GET, path, None).await.refusal();
            assert_eq!(refusal, (403, "unauthorized_client".to_owned()), "{path}");
        }
        let mut twice = invite.clone();
        twice["client_secret"] = json!(SECRET);
        let refusal = with(&served, &bonny, Method::POST, "/api/invite", Some(&twice))
            .await
            .refusal();
        assert_eq!(refusal, (400, "invalid_request".to_owned()));
        let mut other = invite.clone();
        other["client_id"] = json!("orchestra");
        let refusal = with(&served, &bonny, Method::POST, "/api/invite", Some(&other))
            .await
            .refusal();
        assert_eq!(refusal, (400, "invalid_request".to_owned()));
        let changed = format!("{}x", &bonny[..bonny.len() - 1]);
        for wrong in ["a", "a.b.c", &changed] {
            let answer = with(&served, wrong, Method::POST, "/api/invite", Some(&invite)).await;
            assert_eq!(answer.refusal().0, 401, "{wrong}");
            assert!(answer.header("www-authenticate").is_some());
        }
        served.pass(Duration::from_secs(3600));
        let late = with(&served, &bonny, Method::POST, "/api/invite", Some(&invite)).await;
        assert_eq!(late.refusal(), (401, "invalid_token".to_owned()));
    });
}

#[test]
fn a_person_sends_so_many() {
    on_both_with(
        |config| (config.limits.inviter_per_hour, config.limits.inviter_open) = (3, 4),
        |served| async move {
            served.register("choir", REDIRECT).await;
            let bonny = token(&served, "openid email invite").await;
            let send =
                async |address: &str| with(&served, &bonny, Method::POST, "/api/invite", Some(&to(address))).await;
            assert_eq!(send("a@example.com").await.status, 200);
            served.pass(Duration::from_secs(60));
            // One a day to one address, as often as the address could be written to.
            assert_eq!(send("A@example.com").await.refusal(), (429, "slow_down".to_owned()));
            assert_eq!(send("b@example.com").await.status, 200);
            assert_eq!(send("c@example.com").await.status, 200);
            let hour = send("d@example.com").await;
            assert_eq!((hour.refusal().0, hour.header("retry-after")), (429, Some("3540")));
            served.pass(Duration::from_secs(3540));
            let bonny = token(&served, "openid email invite").await;
            let later = with(&served, &bonny, Method::POST, "/api/invite", Some(&to("d@example.com"))).await;
            assert_eq!(later.status, 200, "{}", later.text);
        },
    );
}

#[test]
fn a_person_has_so_many_open() {
    on_both_with(
        |config| config.limits.inviter_open = 2,
        |served| async move {
            served.register("choir", REDIRECT).await;
            let bonny = token(&served, "openid email invite").await;
            let send =
                async |address: &str| with(&served, &bonny, Method::POST, "/api/invitations", Some(&to(address))).await;
            let first = send("a@example.com").await.json();
            assert_eq!(send("b@example.com").await.status, 201);
            assert_eq!(send("c@example.com").await.refusal(), (429, "slow_down".to_owned()));
            let path = format!("/api/invitations/{}", first["id"].as_str().unwrap());
            assert_eq!(with(&served, &bonny, Method::DELETE, &path, None).await.status, 200);
            assert_eq!(send("c@example.com").await.status, 201);
        },
    );
}

#[test]
fn a_program_without_a_secret_invites_with_a_token_that_is_bound_to_its_key() {
    on_both(|served| async move {
        let mut desktop = client("desktop", ClientKind::Public);
        desktop.sign_up = SignUp::Open;
        desktop.initiate_login_uri = Some("org.partyline.app:/accept".to_owned());
        served.register_as(desktop, REDIRECT).await;
        let key = Key::new(7);
        let verifier = "v".repeat(43);
        let challenge: &'static str = Box::leak(partyline::service::token::digest(&verifier).into_boxed_str());
        let code = served
            .signed_in_code("desktop", |terms| {
                terms.scope = "openid email invite";
                terms.challenge = Some(challenge);
            })
            .await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("client_id", "desktop"),
            ("code_verifier", verifier.as_str()),
            ("redirect_uri", REDIRECT),
        ];
        let tokens = json_of(served.post_proven("/oauth/token", &form, &key).await).await;
        let token = tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}"));
        let address = served.at("/api/invitations");
        let send = async |proof: Option<String>, scheme: &str| {
            let mut request = served.http.post(&address).json(&to("clyde@example.com"));
            request = request.header("authorization", format!("{scheme} {token}"));
            if let Some(proof) = proof {
                request = request.header("dpop", proof);
            }
            Answered::of(request.send().await.unwrap()).await
        };
        assert_eq!(send(None, "Bearer").await.refusal().0, 401);
        assert_eq!(send(None, "DPoP").await.status / 100, 4);
        let other = Key::new(8).proof_with("POST", &address, served.now(), token);
        assert_eq!(send(Some(other), "DPoP").await.status / 100, 4);
        let proof = key.proof_with("POST", &address, served.now(), token);
        let made = send(Some(proof.clone()), "DPoP").await;
        assert_eq!(
            (made.status, made.json()["delivery"].as_str()),
            (201, Some("initiate")),
            "{}",
            made.text
        );
        assert_eq!(send(Some(proof), "DPoP").await.status / 100, 4);
    });
}

#[test]
fn a_person_asks_only_so_often() {
    on_both_with(
        |config| config.limits.requests_per_minute = 5,
        |served| async move {
            served.register("choir", REDIRECT).await;
            let bonny = token(&served, "openid email invite").await;
            let bulk = |many: usize| json!({ "invitations": vec![to("clyde@example.com"); many] });
            let path = "/api/invitations/bulk";
            let ask = async |many: usize| with(&served, &bonny, Method::POST, path, Some(&bulk(many))).await;
            let slow_down = (429, "slow_down".to_owned());
            // Each of a bulk counts like a request of its own.
            assert_eq!(ask(6).await.refusal(), slow_down);
            served.pass(Duration::from_secs(60));
            assert_eq!(ask(5).await.status, 200);
            let list = async || with(&served, &bonny, Method::GET, "/api/invitations", None).await;
            let slowed = list().await;
            assert_eq!(slowed.refusal(), slow_down);
            assert_eq!(slowed.header("retry-after"), Some("13"));
            served.pass(Duration::from_secs(12));
            assert_eq!(list().await.status, 200);
        },
    );
}
