//! The modules of the Basic OP plan (and of RP-Initiated Logout), by their names: who is signed in, for how long, and what comes after.

use std::time::Duration;

use partyline::service::client::{ClientKind, SignUp};
use serde_json::Value;

use super::REDIRECT;
use super::browser::{Browser, led_to, page};
use super::op::{at_once, code, query, shown, tokens, with_op};
use super::person::{BONNY, CHALLENGE, Key, VERIFIER, claims, error_of, json_of};
use crate::support::{SECRET, client};

#[test]
fn ui_locales() {
    with_op(|served, browser| async move {
        let answer = browser
            .get(
                &served,
                &format!("/oauth/authorize?{}", query(&[("ui_locales", "xx de-AT")])),
            )
            .await;
        assert_eq!(answer.headers()["content-language"], "de");
    });
}

#[test]
fn prompt_login() {
    with_op(|served, browser| async move {
        let first = tokens(&served, &browser, &[]).await;
        served.pass(Duration::from_secs(2));
        assert_eq!(shown(&served, &browser, &[("prompt", "login")]).await, 200);
        let second = tokens(&served, &browser, &[("prompt", "login")]).await;
        let at = |tokens: &Value| claims(&tokens["id_token"])["auth_time"].as_u64().unwrap();
        assert_eq!(at(&second), at(&first) + 2);
    });
}

#[test]
fn prompt_none_not_logged_in() {
    with_op(|served, browser| async move {
        let members = at_once(&served, &browser, &[("prompt", "none")]).await;
        assert_eq!(members["error"], "login_required");
        let members = at_once(&served, &browser, &[("prompt", "none login")]).await;
        assert_eq!(members["error"], "invalid_request");
    });
}

#[test]
fn prompt_none_logged_in() {
    with_op(|served, browser| async move {
        let first = tokens(&served, &browser, &[]).await;
        served.pass(Duration::from_secs(5));
        let members = at_once(&served, &browser, &[("prompt", "none")]).await;
        let second = json_of(served.exchange("rp", &members["code"]).await).await;
        let (first, second) = (claims(&first["id_token"]), claims(&second["id_token"]));
        assert_eq!(
            (&first["sub"], &first["auth_time"]),
            (&second["sub"], &second["auth_time"])
        );
        // A session ends after a day.
        served.pass(Duration::from_secs(24 * 3600));
        let members = at_once(&served, &browser, &[("prompt", "none")]).await;
        assert_eq!(members["error"], "login_required");
    });
}

#[test]
fn max_age_1() {
    with_op(|served, browser| async move {
        let first = tokens(&served, &browser, &[]).await;
        served.pass(Duration::from_secs(2));
        let again = at_once(&served, &browser, &[("max_age", "1"), ("prompt", "none")]).await;
        assert_eq!(again["error"], "login_required");
        let second = tokens(&served, &browser, &[("max_age", "1")]).await;
        let at = |tokens: &Value| claims(&tokens["id_token"])["auth_time"].as_u64().unwrap();
        assert_eq!(at(&second), at(&first) + 2);
        let wrong = at_once(&served, &browser, &[("max_age", "soon")]).await;
        assert_eq!(wrong["error"], "invalid_request");
    });
}

#[test]
fn max_age_10000() {
    with_op(|served, browser| async move {
        tokens(&served, &browser, &[]).await;
        served.pass(Duration::from_secs(2));
        let members = at_once(&served, &browser, &[("max_age", "10000")]).await;
        let tokens = json_of(served.exchange("rp", &members["code"]).await).await;
        let id = claims(&tokens["id_token"]);
        assert_eq!(id["auth_time"].as_u64().unwrap() + 2, id["iat"].as_u64().unwrap());
    });
}

#[test]
fn id_token_hint() {
    with_op(|served, browser| async move {
        let tokens = tokens(&served, &browser, &[]).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let members = at_once(&served, &browser, &[("prompt", "none"), ("id_token_hint", hint)]).await;
        assert!(members.contains_key("code"));
        // Also after its end; not of somebody else, not of another client, not made up.
        served.pass(Duration::from_secs(7200));
        let members = at_once(&served, &browser, &[("prompt", "none"), ("id_token_hint", hint)]).await;
        assert!(members.contains_key("code"));
        let other = Browser::default();
        other.sign_in(&served, &query(&[]), "carol@example.com").await;
        let members = at_once(&served, &other, &[("prompt", "none"), ("id_token_hint", hint)]).await;
        assert_eq!(members["error"], "login_required");
        let access = tokens["access_token"].as_str().unwrap();
        for wrong in ["abc", access] {
            let members = at_once(&served, &browser, &[("id_token_hint", wrong)]).await;
            assert_eq!(members["error"], "invalid_request");
        }
    });
}

#[test]
fn login_hint() {
    with_op(|served, browser| async move {
        let answer = browser
            .get(
                &served,
                &format!("/oauth/authorize?{}", query(&[("login_hint", BONNY)])),
            )
            .await;
        assert!(page(answer).await.text.contains(BONNY));
        tokens(&served, &browser, &[]).await;
        let same = at_once(&served, &browser, &[("login_hint", "BONNY@example.com")]).await;
        assert!(same.contains_key("code"));
        let other = [("login_hint", "carol@example.com"), ("prompt", "none")];
        assert_eq!(at_once(&served, &browser, &other).await["error"], "login_required");
        let no_address = at_once(&served, &browser, &[("login_hint", "bonny")]).await;
        assert!(no_address.contains_key("code"));
    });
}

#[test]
fn auth_code_reuse() {
    with_op(|served, browser| async move {
        let code = code(&served, &browser, &[]).await;
        let tokens = json_of(served.exchange("rp", &code).await).await;
        let again = served.exchange("rp", &code).await;
        assert_eq!(error_of(again).await, (400, "invalid_grant".to_owned()));
        assert_eq!(served.userinfo(&tokens["access_token"]).await.status(), 401);
    });
}

#[test]
fn auth_code_reuse_after_30_seconds() {
    with_op(|served, browser| async move {
        let code = code(&served, &browser, &[]).await;
        let tokens = json_of(served.exchange("rp", &code).await).await;
        served.pass(Duration::from_secs(30));
        assert_eq!(served.userinfo(&tokens["access_token"]).await.status(), 200);
        let again = served.exchange("rp", &code).await;
        assert_eq!(error_of(again).await, (400, "invalid_grant".to_owned()));
        assert_eq!(served.userinfo(&tokens["access_token"]).await.status(), 401);
    });
}

#[test]
fn post_authorize_request() {
    with_op(|served, browser| async move {
        tokens(&served, &browser, &[]).await;
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query(&[]).as_bytes())
            .into_owned()
            .collect();
        let request = served.http.post(served.at("/oauth/authorize")).form(&pairs);
        let answer = browser.send(request.header("origin", "https://choir.test")).await;
        assert!(led_to(&answer).contains_key("code"));
    });
}

#[test]
fn refresh_token() {
    with_op(|served, browser| async move {
        let tokens = tokens(&served, &browser, &[]).await;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
            ("client_id", "rp"),
            ("client_secret", SECRET),
        ];
        let second = json_of(served.post_form("/oauth/token", &form).await).await;
        let (old, new) = (claims(&tokens["id_token"]), claims(&second["id_token"]));
        for name in ["iss", "sub", "aud", "auth_time"] {
            assert_eq!(old[name], new[name]);
        }
        assert!(new.get("nonce").is_none());
    });
}

#[test]
fn rp_initiated_logout() {
    with_op(|served, browser| async move {
        let tokens = tokens(&served, &browser, &[]).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let encoded = |pairs: &[(&str, &str)]| {
            url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs)
                .finish()
        };
        // Without a hint the person is asked.
        let asked = page(browser.get(&served, "/oauth/logout").await).await;
        assert_eq!((asked.status, asked.action.as_str()), (200, "/oauth/logout"));
        assert!(
            at_once(&served, &browser, &[("prompt", "none")])
                .await
                .contains_key("code")
        );
        // To an address of nobody's: signed out, but not led there.
        let evil = encoded(&[
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", "https://evil.test/"),
        ]);
        let left = browser.get(&served, &format!("/oauth/logout?{evil}")).await;
        assert_eq!((left.status().as_u16(), left.headers().get("location")), (200, None));
        assert_eq!(
            at_once(&served, &browser, &[("prompt", "none")]).await["error"],
            "login_required"
        );
        let back = encoded(&[
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", REDIRECT),
            ("state", "xyz"),
        ]);
        let left = browser.get(&served, &format!("/oauth/logout?{back}")).await;
        assert_eq!(led_to(&left).get("state").map(String::as_str), Some("xyz"));
        // By the button.
        browser.sign_in(&served, &query(&[]), BONNY).await;
        let asked = page(browser.get(&served, "/oauth/logout").await).await;
        assert_eq!(browser.press(&served, &asked, &[]).await.status(), 200);
        assert_eq!(
            at_once(&served, &browser, &[("prompt", "none")]).await["error"],
            "login_required"
        );
        // Somebody else's page cannot press it.
        browser.sign_in(&served, &query(&[]), BONNY).await;
        let forged = served
            .http
            .post(served.at("/oauth/logout"))
            .header("origin", "https://evil.test");
        browser.send(forged.form(&[("x", "y")])).await;
        assert!(
            at_once(&served, &browser, &[("prompt", "none")])
                .await
                .contains_key("code")
        );
    });
}

#[test]
fn a_public_client_sends_a_challenge_and_asks_the_person() {
    with_op(|served, browser| async move {
        let mut phone = client("phone", ClientKind::Public);
        phone.sign_up = SignUp::Open;
        served.register_as(phone, REDIRECT).await;
        let bare = at_once(&served, &browser, &[("client_id", "phone")]).await;
        assert_eq!(bare["error"], "invalid_request");
        let asked = [
            ("client_id", "phone"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let answer = browser.sign_in(&served, &query(&asked), BONNY).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &led_to(&answer)["code"]),
            ("client_id", "phone"),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        let tokens = served.post_proven("/oauth/token", &form, &Key::new(1)).await;
        assert_eq!(tokens.status(), 200);
        // Signed in, there is still a button.
        let answer = browser
            .get(&served, &format!("/oauth/authorize?{}", query(&asked)))
            .await;
        let confirm = page(answer).await;
        assert_eq!((confirm.status, confirm.action.as_str()), (200, "/oauth/continue"));
        let cancelled = browser.press(&served, &confirm, &[("answer", "cancel")]).await;
        assert_eq!(led_to(&cancelled)["error"], "access_denied");
        let agreed = browser.press(&served, &confirm, &[("answer", "continue")]).await;
        assert!(led_to(&agreed).contains_key("code"));
        let silent = [&asked[..], &[("prompt", "none")]].concat();
        assert_eq!(
            at_once(&served, &browser, &silent).await["error"],
            "interaction_required"
        );
    });
}
