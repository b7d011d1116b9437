//! A hundred thousand tokens that nobody made.

use partyline::service::token::{base64url, from_base64url, new_refresh};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use serde_json::Value;

use super::REDIRECT;
use super::person::json_of;
use crate::support::{SECRET, Served, on_both};

const TOKENS: usize = 100_000;

/// At work at once.
const WORKERS: usize = 32;

/// A token that is almost one: random, cut, changed in one place, of another kind, or signed by nobody.
fn junk(random: &mut StdRng, real: &[String]) -> String {
    let sample = real[random.random_range(0..real.len())].clone();
    match random.random_range(0..6) {
        0 => {
            let mut bytes = vec![0; random.random_range(0..200)];
            random.fill_bytes(&mut bytes);
            base64url(bytes)
        }
        1 => new_refresh(random).text().to_string(),
        2 => sample[..random.random_range(0..sample.len())].to_owned(),
        3 => {
            let mut bytes = sample.into_bytes();
            let at = random.random_range(0..bytes.len());
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            // The last character of base64url may hold bits that count for nothing; then it is read as nothing at all.
            if real.contains(&changed) {
                String::new()
            } else {
                changed
            }
        }
        4 => {
            let parts: Vec<&str> = sample.split('.').collect();
            let Some(claims) = parts.get(1).and_then(|part| from_base64url(part)) else {
                return String::new();
            };
            let claims: Value = serde_json::from_slice(&claims).unwrap_or_default();
            format!(
                "{}.{}.",
                base64url(r#"{"alg":"none","typ":"at+jwt"}"#),
                base64url(claims.to_string())
            )
        }
        _ => format!("{sample}."),
    }
}

async fn send(served: &Served, number: usize, token: &str) {
    let client = [("client_id", "choir"), ("client_secret", SECRET)];
    match number % 4 {
        0 => {
            let form = [&client[..], &[("grant_type", "authorization_code"), ("code", token)]].concat();
            assert_eq!(served.post_form("/oauth/token", &form).await.status(), 400, "{token}");
        }
        1 => {
            let form = [
                &client[..],
                &[("grant_type", "refresh_token"), ("refresh_token", token)],
            ]
            .concat();
            assert_eq!(served.post_form("/oauth/token", &form).await.status(), 400, "{token}");
        }
        2 => {
            let request = served.http.get(served.at("/oauth/userinfo")).bearer_auth(token);
            assert_eq!(request.send().await.unwrap().status(), 401, "{token}");
        }
        _ => {
            let form = [&client[..], &[("token", token), ("x", "")]].concat();
            let answer = served.post_form("/oauth/introspect", &form).await;
            let nothing = answer.status() == 400 && token.is_empty();
            assert!(
                nothing || json_of(answer).await == serde_json::json!({ "active": false }),
                "{token}"
            );
        }
    }
}

#[test]
fn a_hundred_thousand_junk_tokens_let_nobody_in() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let tokens = served.tokens("choir").await;
        let real = ["access_token", "refresh_token", "id_token"].map(|name| tokens[name].as_str().unwrap().to_owned());
        let workers = (0..WORKERS).map(|worker| {
            let (served, real) = (&served, &real);
            async move {
                let mut random = StdRng::seed_from_u64(worker as u64);
                for number in 0..TOKENS / WORKERS {
                    send(served, number, &junk(&mut random, real)).await;
                }
            }
        });
        futures::future::join_all(workers).await;
        // And the real ones are as good as before.
        assert_eq!(served.userinfo(&tokens["access_token"]).await.status(), 200);
        assert_eq!(served.events().await, ["invitation.opened", "invitation.accepted"]);
    });
}
