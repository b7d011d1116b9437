//! The modules of the OpenID Foundation's Basic OP plan (and of Form Post, Config, RP-Initiated Logout), by their names.
//!
//! The suite itself is a Java program with a database of its own; what each module asks of a server is written down here.

use std::time::Duration;

use partyline::service::client::{ClientKind, OAuthClient, SignUp};
use serde_json::{Value, json};

use super::REDIRECT;
use super::browser::{Browser, led_to, page};
use super::person::{BONNY, CHALLENGE, Key, VERIFIER, claims, error_of, header, json_of};
use crate::support::{SECRET, Served, client, on_both_with};

fn open_client(id: &str) -> OAuthClient {
    let mut client = client(id, ClientKind::Confidential);
    client.sign_up = SignUp::Open;
    client
}

/// A story with a client that everybody may sign up with.
fn with_op<F: Future<Output = ()>>(story: impl Fn(Served, Browser) -> F) {
    on_both_with(
        |config| {
            config.limits.address_per_minute = 1000;
            config.limits.address_per_day = 1000;
        },
        |served| async {
            served.register_as(open_client("rp"), REDIRECT).await;
            story(served, Browser::default()).await;
        },
    );
}

fn query(more: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("client_id", "rp"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "af0ifjsldkj"),
        ("nonce", "n-0S6_WzA2Mj"),
    ];
    pairs.retain(|(name, _value)| more.iter().all(|(other, _value)| name != other));
    pairs.extend_from_slice(more);
    pairs.retain(|(_name, value)| !value.is_empty());
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Signs in, and answers with the code.
async fn code(served: &Served, browser: &Browser, more: &[(&str, &str)]) -> String {
    let answer = browser.sign_in(served, &query(more), BONNY).await;
    let members = led_to(&answer);
    assert_eq!(
        (members["state"].as_str(), &members["iss"]),
        ("af0ifjsldkj", &served.issuer),
        "{members:?}"
    );
    members["code"].clone()
}

async fn tokens(served: &Served, browser: &Browser, more: &[(&str, &str)]) -> Value {
    let code = code(served, browser, more).await;
    let answer = served.exchange("rp", &code).await;
    assert_eq!(answer.status(), 200);
    json_of(answer).await
}

/// The members of an answer that comes without any page.
async fn at_once(
    served: &Served,
    browser: &Browser,
    more: &[(&str, &str)],
) -> std::collections::BTreeMap<String, String> {
    led_to(&browser.get(served, &format!("/oauth/authorize?{}", query(more))).await)
}

/// The status of a page that is shown instead of an answer.
async fn shown(served: &Served, browser: &Browser, more: &[(&str, &str)]) -> u16 {
    let answer = browser.get(served, &format!("/oauth/authorize?{}", query(more))).await;
    assert!(answer.headers().get("location").is_none());
    let page = page(answer).await;
    assert!(page.text.contains("<form") || page.status != 200);
    page.status
}

#[test]
fn server() {
    with_op(|served, browser| async move {
        let tokens = tokens(&served, &browser, &[]).await;
        let id = claims(&tokens["id_token"]);
        assert_eq!(
            (&id["iss"], &id["aud"], &id["nonce"]),
            (&json!(served.issuer), &json!("rp"), &json!("n-0S6_WzA2Mj"))
        );
        assert_eq!(tokens["token_type"], "Bearer");
    });
}

#[test]
fn response_type_missing() {
    with_op(|served, browser| async move {
        let members = at_once(&served, &browser, &[("response_type", "")]).await;
        assert_eq!(
            (members["error"].as_str(), members["state"].as_str()),
            ("invalid_request", "af0ifjsldkj")
        );
        assert_eq!(members["iss"], served.issuer);
        for wrong in ["token", "id_token", "code token", "none"] {
            let members = at_once(&served, &browser, &[("response_type", wrong)]).await;
            assert_eq!(members["error"], "unsupported_response_type");
        }
    });
}

#[test]
fn id_token_signature() {
    with_op(|served, browser| async move {
        let tokens = tokens(&served, &browser, &[]).await;
        let head = header(&tokens["id_token"]);
        let keys = served.get("/oauth/jwks").await;
        assert_eq!(keys.headers()["cache-control"], "public, max-age=300");
        let keys = json_of(keys).await;
        let found = keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|key| key["kid"] == head["kid"]);
        assert_eq!(found.map(|key| &key["alg"]).collect::<Vec<&Value>>(), [&head["alg"]]);
    });
}

#[test]
fn id_token_unsigned_is_not_offered() {
    with_op(|served, _browser| async move {
        let said = json_of(served.get("/.well-known/openid-configuration").await).await;
        let offered = said["id_token_signing_alg_values_supported"].as_array().unwrap();
        assert!(!offered.contains(&json!("none")) && offered.contains(&json!("RS256")));
    });
}

#[test]
fn user_info_get_post_header_post_body() {
    with_op(|served, browser| async move {
        let tokens = tokens(&served, &browser, &[("scope", "openid email")]).await;
        let (token, address) = (tokens["access_token"].as_str().unwrap(), served.at("/oauth/userinfo"));
        let sub = &claims(&tokens["id_token"])["sub"];
        for request in [
            served.http.get(&address).bearer_auth(token),
            served.http.post(&address).bearer_auth(token),
            served.http.post(&address).form(&[("access_token", token)]),
        ] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let said = json_of(answer).await;
            assert_eq!(said, json!({ "sub": sub, "email": BONNY, "email_verified": true }));
        }
        let both = served
            .http
            .post(&address)
            .bearer_auth(token)
            .form(&[("access_token", token)]);
        assert_eq!(
            error_of(both.send().await.unwrap()).await,
            (400, "invalid_request".to_owned())
        );
        let none = served.get("/oauth/userinfo").await;
        assert_eq!(
            (none.status().as_u16(), &none.headers()["www-authenticate"]),
            (401, &"Bearer".parse().unwrap())
        );
        let in_query = served.get(&format!("/oauth/userinfo?access_token={token}")).await;
        assert_eq!(in_query.status(), 401);
    });
}

#[test]
fn request_without_nonce_succeeds_for_code_flow() {
    with_op(|served, browser| async move {
        let tokens = tokens(&served, &browser, &[("nonce", "")]).await;
        assert!(claims(&tokens["id_token"]).get("nonce").is_none());
    });
}

#[test]
fn scope_profile_email_address_phone_all_and_other_scope_order() {
    with_op(|served, browser| async move {
        for (scope, granted) in [
            ("openid profile", "openid"),
            ("openid email", "openid email"),
            ("openid address", "openid"),
            ("openid phone", "openid"),
            ("openid profile email address phone", "openid email"),
            ("email openid", "openid email"),
        ] {
            assert_eq!(
                tokens(&served, &browser, &[("scope", scope), ("prompt", "login")]).await["scope"],
                granted
            );
        }
        let members = at_once(&served, &browser, &[("scope", "profile")]).await;
        assert_eq!(members["error"], "invalid_scope");
    });
}

#[test]
fn display_page_popup_ui_locales_claims_locales_acr_values_unknown_parameter_claims_essential() {
    with_op(|served, browser| async move {
        tokens(&served, &browser, &[]).await;
        for (name, value) in [
            ("display", "page"),
            ("display", "popup"),
            ("ui_locales", "de fr"),
            ("claims_locales", "de"),
            ("acr_values", "1 2"),
            ("extra", "foobar"),
            ("claims", r#"{"userinfo":{"name":{"essential":true}}}"#),
        ] {
            let members = at_once(&served, &browser, &[(name, value)]).await;
            assert_eq!(served.exchange("rp", &members["code"]).await.status(), 200, "{name}");
        }
    });
}

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
fn registered_redirect_uri_query_added_query_mismatch_reg_frag() {
    with_op(|served, browser| async move {
        for wrong in [
            "https://choir.test/callback?foo=bar",
            "https://choir.test/callback#frag",
            "https://choir.test/other",
            "https://evil.test/callback",
            "//evil.test",
            "javascript:alert(1)",
        ] {
            let status = shown(&served, &browser, &[("redirect_uri", wrong)]).await;
            assert_eq!(status, 400, "{wrong}");
        }
        assert_eq!(shown(&served, &browser, &[("client_id", "nobody")]).await, 400);
        assert_eq!(shown(&served, &browser, &[("client_id", "")]).await, 400);
        let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.test%2F", query(&[]));
        let answer = browser.get(&served, &format!("/oauth/authorize?{twice}")).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers().get("location")),
            (400, None)
        );
        // Left out, a client that has one is answered there.
        let members = at_once(&served, &browser, &[("redirect_uri", ""), ("prompt", "none")]).await;
        assert_eq!(members["error"], "login_required");
    });
}

#[test]
fn redirect_uri_query_ok() {
    with_op(|served, browser| async move {
        served
            .register_as(open_client("asks"), "https://choir.test/callback?foo=bar")
            .await;
        let more = [
            ("client_id", "asks"),
            ("redirect_uri", "https://choir.test/callback?foo=bar"),
        ];
        let members = led_to(&browser.sign_in(&served, &query(&more), BONNY).await);
        assert_eq!(members["foo"], "bar");
        assert!(members.contains_key("code"));
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
fn server_test_client_secret_post() {
    with_op(|served, browser| async move {
        let code = code(&served, &browser, &[]).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", REDIRECT),
        ];
        let basic = served
            .http
            .post(served.at("/oauth/token"))
            .basic_auth("rp", Some(SECRET));
        assert_eq!(basic.form(&form).send().await.unwrap().status(), 200);
    });
}

#[test]
fn request_uri_and_request_object_are_rejected() {
    with_op(|served, browser| async move {
        let members = at_once(&served, &browser, &[("request", "eyJ")]).await;
        assert_eq!(members["error"], "request_not_supported");
        let members = at_once(&served, &browser, &[("request_uri", "https://choir.test/r")]).await;
        assert_eq!(members["error"], "request_uri_not_supported");
        let members = at_once(&served, &browser, &[("registration", "{}")]).await;
        assert_eq!(members["error"], "registration_not_supported");
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
fn valid_pkce_succeeds() {
    with_op(|served, browser| async move {
        let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
        let code = code(&served, &browser, &pkce).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("client_id", "rp"),
            ("client_secret", SECRET),
            ("code_verifier", VERIFIER),
        ];
        assert_eq!(served.post_form("/oauth/token", &form).await.status(), 200);
        for wrong in [
            &[("code_challenge", CHALLENGE)][..],
            &[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")],
            &[("code_challenge", CHALLENGE), ("code_challenge_method", "sha256")],
            &[("code_challenge", "short"), ("code_challenge_method", "S256")],
            &[("code_challenge_method", "S256")],
            &[("dpop_jkt", "short")],
        ] {
            assert_eq!(at_once(&served, &browser, wrong).await["error"], "invalid_request");
        }
    });
}

#[test]
fn form_post_basic() {
    with_op(|served, browser| async move {
        tokens(&served, &browser, &[]).await;
        let asked = format!(
            "/oauth/authorize?{}",
            query(&[("response_mode", "form_post"), ("state", "\"><script>")])
        );
        let answer = browser.get(&served, &asked).await;
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let page = page(answer).await;
        assert_eq!((page.status, page.action.as_str()), (200, REDIRECT));
        assert!(!page.text.contains("\"><script>"));
        let field = |name: &str| {
            page.fields
                .iter()
                .find(|(found, _value)| found == name)
                .map(|(_name, value)| value)
        };
        assert_eq!(field("state").map(String::as_str), Some("\"><script>"));
        assert_eq!(field("iss"), Some(&served.issuer));
        assert_eq!(served.exchange("rp", field("code").unwrap()).await.status(), 200);

        let members = at_once(&served, &browser, &[("response_mode", "fragment")]).await;
        assert!(members.contains_key("code"));
        let members = at_once(&served, &browser, &[("response_mode", "web_message")]).await;
        assert_eq!(members["error"], "invalid_request");
    });
}

#[test]
fn config() {
    with_op(|served, _browser| async move {
        for path in [
            "/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server",
        ] {
            let said = json_of(served.get(path).await).await;
            assert_eq!(said["issuer"], served.issuer);
            for name in [
                "authorization_endpoint",
                "token_endpoint",
                "userinfo_endpoint",
                "jwks_uri",
                "revocation_endpoint",
                "introspection_endpoint",
                "end_session_endpoint",
            ] {
                let address = said[name].as_str().unwrap();
                let path = address.strip_prefix(&served.issuer).unwrap();
                assert_ne!(served.get(path).await.status(), 404, "{path}");
            }
            // What DID.app had said of itself.
            for (name, had) in [
                ("scopes_supported", &["openid", "email"][..]),
                ("response_types_supported", &["code"]),
                ("response_modes_supported", &["fragment", "form_post", "query"]),
                ("grant_types_supported", &["authorization_code"]),
                ("id_token_signing_alg_values_supported", &["RS256"]),
                (
                    "token_endpoint_auth_methods_supported",
                    &["client_secret_post", "client_secret_basic"],
                ),
                (
                    "claims_supported",
                    &["aud", "exp", "iat", "iss", "sub", "email", "email_verified"],
                ),
            ] {
                let offered = said[name].as_array().unwrap();
                assert!(had.iter().all(|had| offered.contains(&json!(had))), "{name}");
            }
            assert_eq!(said["authorization_response_iss_parameter_supported"], true);
        }
        // A script of any site may ask.
        let asked = served.http.request(reqwest::Method::OPTIONS, served.at("/oauth/token"));
        let asked = asked.header("origin", "https://choir.test");
        let answer = asked
            .header("access-control-request-method", "POST")
            .send()
            .await
            .unwrap();
        assert_eq!(
            (
                answer.status().as_u16(),
                &answer.headers()["access-control-allow-origin"]
            ),
            (204, &"*".parse().unwrap())
        );
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
