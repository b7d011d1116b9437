//! The modules of the Basic OP plan (and of Third-Party-Initiated Login), by their names: what a request may ask for, and where it may lead.

use partyline::service::invitation::Delivery;
use reqwest::RequestBuilder;
use serde_json::json;
use url::Url;

use super::REDIRECT;
use super::browser::led_to;
use super::op::{at_once, open_client, query, shown, tokens, with_op};
use super::person::{BONNY, CHALLENGE, VERIFIER, claims, error_of, invitation, json_of};
use crate::program::{dev, done, new_folder};
use crate::support::{SECRET, Served};

/// Userinfo says who it is, to a token that is sent in this way.
fn userinfo(sent: impl Fn(&Served, &str) -> RequestBuilder + Clone) {
    with_op(|served, browser| {
        let sent = sent.clone();
        async move {
            let tokens = tokens(&served, &browser, &[("scope", "openid email")]).await;
            let answer = sent(&served, tokens["access_token"].as_str().unwrap())
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 200);
            let sub = &claims(&tokens["id_token"])["sub"];
            let said = json!({ "sub": sub, "email": BONNY, "email_verified": true });
            assert_eq!(json_of(answer).await, said);
        }
    });
}

#[test]
fn user_info_get() {
    userinfo(|served, token| served.http.get(served.at("/oauth/userinfo")).bearer_auth(token));
}

#[test]
fn user_info_post_header() {
    userinfo(|served, token| served.http.post(served.at("/oauth/userinfo")).bearer_auth(token));
}

#[test]
fn user_info_post_body() {
    userinfo(|served, token| {
        let request = served.http.post(served.at("/oauth/userinfo"));
        request.form(&[("access_token", token)])
    });
}

#[test]
fn user_info_takes_one_token_and_none_of_an_address() {
    with_op(|served, browser| async move {
        let tokens = tokens(&served, &browser, &[]).await;
        let token = tokens["access_token"].as_str().unwrap();
        let both = served.http.post(served.at("/oauth/userinfo")).bearer_auth(token);
        let both = both.form(&[("access_token", token)]).send().await.unwrap();
        assert_eq!(error_of(both).await, (400, "invalid_request".to_owned()));
        let none = served.get("/oauth/userinfo").await;
        assert_eq!(
            (none.status().as_u16(), &none.headers()["www-authenticate"]),
            (401, &"Bearer".parse().unwrap())
        );
        let in_query = served.get(&format!("/oauth/userinfo?access_token={token}")).await;
        assert_eq!(in_query.status(), 401);
    });
}

/// Of the scopes that are asked for these are granted.
fn scope(asked: &'static str, granted: &'static str) {
    with_op(|served, browser| async move {
        assert_eq!(tokens(&served, &browser, &[("scope", asked)]).await["scope"], granted);
    });
}

#[test]
fn scope_profile() {
    scope("openid profile", "openid");
}

#[test]
fn scope_email() {
    scope("openid email", "openid email");
}

#[test]
fn scope_address() {
    scope("openid address", "openid");
}

#[test]
fn scope_phone() {
    scope("openid phone", "openid");
}

#[test]
fn scope_all() {
    scope("openid profile email address phone", "openid email");
}

#[test]
fn other_scope_order_succeeds() {
    scope("email openid", "openid email");
}

#[test]
fn a_scope_that_is_not_there_at_all_is_told() {
    with_op(|served, browser| async move {
        let members = at_once(&served, &browser, &[("scope", "profile")]).await;
        assert_eq!(members["error"], "invalid_scope");
    });
}

/// A request with this parameter is answered as one without it.
fn succeeds_with(name: &'static str, value: &'static str) {
    with_op(|served, browser| async move {
        let tokens = tokens(&served, &browser, &[(name, value)]).await;
        assert_eq!(
            (&tokens["token_type"], &tokens["scope"]),
            (&json!("Bearer"), &json!("openid"))
        );
    });
}

#[test]
fn display_page() {
    succeeds_with("display", "page");
}

#[test]
fn display_popup() {
    succeeds_with("display", "popup");
}

#[test]
fn claims_locales() {
    succeeds_with("claims_locales", "de");
}

#[test]
fn acr_values() {
    succeeds_with("acr_values", "1 2");
}

#[test]
fn unknown_parameter_succeeds() {
    succeeds_with("extra", "foobar");
}

#[test]
fn claims_essential() {
    succeeds_with("claims", r#"{"userinfo":{"name":{"essential":true}}}"#);
}

#[test]
fn registered_redirect_uri() {
    with_op(|served, browser| async move {
        for wrong in [
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
fn redirect_uri_query_added() {
    with_op(|served, browser| async move {
        let more = [("redirect_uri", "https://choir.test/callback?foo=bar")];
        assert_eq!(shown(&served, &browser, &more).await, 400);
    });
}

#[test]
fn redirect_uri_query_mismatch() {
    with_op(|served, browser| async move {
        served
            .register_as(open_client("asks"), "https://choir.test/callback?foo=bar")
            .await;
        let more = [
            ("client_id", "asks"),
            ("redirect_uri", "https://choir.test/callback?bar=foo"),
        ];
        assert_eq!(shown(&served, &browser, &more).await, 400);
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
fn redirect_uri_reg_frag() {
    let folder = new_folder();
    let with_fragment = "https://choir.test/callback#frag";
    let create = ["client", "create", "choir", "--name", "Choir", "--redirect"];
    let command = |words: &[&str]| done(dev(folder.path(), words));
    assert_eq!(
        command(&[&create[..], &[with_fragment]].concat()).problem(),
        "serve_redirect"
    );
    command(&[&create[..], &[REDIRECT]].concat()).only();
    let added = command(&["redirect", "add", "choir", with_fragment]);
    assert_eq!(added.problem(), "serve_redirect");
    // And none is asked for with one.
    with_op(|served, browser| async move {
        assert_eq!(shown(&served, &browser, &[("redirect_uri", with_fragment)]).await, 400);
    });
}

#[test]
fn third_party_init_login() {
    with_op(|served, browser| async move {
        let mut client = open_client("begins");
        client.initiate_login_uri = Some("https://choir.test/login".to_owned());
        served.register_as(client, REDIRECT).await;
        let mut invited = invitation("begins", served.now());
        invited.delivery = Delivery::Initiate;
        served.invite(&invited).await;
        let link = format!("/i/{}", served.link_token(&invited));
        let answer = browser.post(&served, &link, &[]).await;

        // The client is asked to begin, with who is meant and where it goes on.
        let led = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        assert!(led.as_str().starts_with("https://choir.test/login?"));
        let told = |name: &str| {
            led.query_pairs()
                .find(|(found, _value)| found == name)
                .unwrap()
                .1
                .into_owned()
        };
        assert_eq!(
            (told("iss"), told("target_link_uri")),
            (served.issuer.clone(), REDIRECT.to_owned())
        );

        // It does, with a state, a nonce and PKCE of its own, and the browser that pressed the button is asked nothing more.
        let (hint, ticket) = (told("login_hint"), told("invitation"));
        let more = [
            ("client_id", "begins"),
            ("scope", "openid email"),
            ("login_hint", hint.as_str()),
            ("invitation", ticket.as_str()),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let members = at_once(&served, &browser, &more).await;
        assert_eq!(
            (members["state"].as_str(), &members["iss"]),
            ("af0ifjsldkj", &served.issuer)
        );
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &members["code"]),
            ("client_id", "begins"),
            ("client_secret", SECRET),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        let tokens = json_of(served.post_form("/oauth/token", &form).await).await;
        let id = claims(&tokens["id_token"]);
        assert_eq!(id["nonce"], "n-0S6_WzA2Mj");
        assert_eq!(tokens["userinfo"]["email"], BONNY);
        assert_eq!(tokens["invitation"]["id"], invited.id);
    });
}
