//! The modules of the OpenID Foundation's Basic OP plan (and of Form Post and Config), by their names: requests and answers.
//!
//! The suite itself is a Java program with a database of its own; what each module asks of a server is written down here.

use serde_json::{Value, json};

use super::REDIRECT;
use super::browser::{led_to, page};
use super::op::{at_once, code, open_client, query, shown, tokens, with_op};
use super::person::{BONNY, CHALLENGE, VERIFIER, claims, error_of, header, json_of};
use crate::support::SECRET;

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
