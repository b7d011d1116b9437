//! The modules of the OpenID Foundation's Basic OP plan (and of Form Post and Config), by their names: requests and answers.
//!
//! The suite itself is a Java program with a database of its own; what each module asks of a server is written down here.

use partyline::service::client::SigningAlgorithm;
use partyline::service::token::from_base64url;
use serde_json::{Value, json};

use super::REDIRECT;
use super::browser::page;
use super::op::{at_once, code, open_client, query, tokens, with_op};
use super::person::{CHALLENGE, VERIFIER, claims, header, json_of};
use crate::program::{dev, done};
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
        let mut with_rsa = open_client("rsa");
        with_rsa.algorithm = SigningAlgorithm::Rs256;
        served.register_as(with_rsa, REDIRECT).await;
        let keys = served.get("/oauth/jwks").await;
        assert_eq!(keys.headers()["cache-control"], "public, max-age=300");
        let keys = json_of(keys).await;
        for (client, algorithm) in [("rp", "ES256"), ("rsa", "RS256")] {
            let code = code(&served, &browser, &[("client_id", client), ("prompt", "login")]).await;
            let tokens = json_of(served.exchange(client, &code).await).await;
            let head = header(&tokens["id_token"]);
            assert_eq!(head["alg"], algorithm);
            let mut named = keys["keys"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|key| key["kid"] == head["kid"]);
            let key = named.next().unwrap();
            assert_eq!((&key["alg"], named.next()), (&head["alg"], None));
            let token = tokens["id_token"].as_str().unwrap();
            assert!(is_signed_by(key, token));
            let (signed, _signature) = token.rsplit_once('.').unwrap();
            let other = tokens["access_token"].as_str().unwrap().rsplit_once('.').unwrap().1;
            assert!(!is_signed_by(key, &format!("{signed}.{other}")));
        }
    });
}

/// Whether a key of the JWK set made this token (RFC 7515, 5.2; RFC 7518, 3.3 and 3.4).
fn is_signed_by(key: &Value, token: &str) -> bool {
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
    };
    let member = |name: &str| from_base64url(key[name].as_str().unwrap()).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = from_base64url(signature).unwrap();
    let proven = match key["kty"].as_str().unwrap() {
        "EC" => {
            let point = [vec![4], member("x"), member("y")].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &signature)
        }
        "RSA" => {
            let (n, e) = (member("n"), member("e"));
            RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
        }
        other => panic!("{other}"),
    };
    proven.is_ok()
}

#[test]
fn id_token_unsigned_is_refused() {
    with_op(|served, _browser| async move {
        let said = json_of(served.get("/.well-known/openid-configuration").await).await;
        let offered = said["id_token_signing_alg_values_supported"].as_array().unwrap();
        assert!(!offered.contains(&json!("none")) && offered.contains(&json!("RS256")));
    });
    let folder = tempfile::tempdir().unwrap();
    let unsigned = ["client", "create", "plain", "--name", "Plain", "--algorithm", "none"];
    assert_eq!(done(dev(folder.path(), &unsigned)).code, Some(2));
}

#[test]
fn request_without_nonce_succeeds_for_code_flow() {
    with_op(|served, browser| async move {
        let tokens = tokens(&served, &browser, &[("nonce", "")]).await;
        assert!(claims(&tokens["id_token"]).get("nonce").is_none());
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
                ("subject_types_supported", &["pairwise"]),
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
