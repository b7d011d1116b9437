//! `DPoP` (RFC 9449): tokens that only the holder of a key can use.

use std::time::Duration;

use partyline::service::client::ClientKind;
use partyline::service::token::base64url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::REDIRECT;
use super::person::{CHALLENGE, Key, VERIFIER, claims, error_of, header, into_party, invitation, json_of};
use crate::support::{SECRET, Served, client, on_both};

const PUBLIC: [(&str, &str); 4] = [
    ("grant_type", "authorization_code"),
    ("client_id", "phone"),
    ("redirect_uri", REDIRECT),
    ("code_verifier", VERIFIER),
];

async fn public_code(served: &Served) -> String {
    served
        .signed_in_code("phone", |terms| terms.challenge = Some(CHALLENGE))
        .await
}

async fn public_tokens(served: &Served, key: &Key) -> Value {
    let code = public_code(served).await;
    let form = [&PUBLIC[..], &[("code", code.as_str())]].concat();
    let answer = served.post_proven("/oauth/token", &form, key).await;
    assert_eq!(answer.status(), 200);
    json_of(answer).await
}

#[test]
fn a_public_client_needs_a_proof_and_gets_tokens_that_are_bound_to_its_key() {
    on_both(|served| async move {
        served.register_as(client("phone", ClientKind::Public), REDIRECT).await;
        let key = Key::new(1);
        let code = public_code(&served).await;
        let form = [&PUBLIC[..], &[("code", code.as_str())]].concat();
        let without = served.post_form("/oauth/token", &form).await;
        assert_eq!(error_of(without).await, (400, "invalid_dpop_proof".to_owned()));
        // That has not burnt the code.
        let tokens = json_of(served.post_proven("/oauth/token", &form, &key).await).await;
        assert_eq!(tokens["token_type"], "DPoP");
        assert_eq!(claims(&tokens["access_token"])["cnf"]["jkt"], key.thumbprint());

        let (token, address) = (tokens["access_token"].as_str().unwrap(), served.at("/oauth/userinfo"));
        let ask = |scheme: &str, proof: Option<String>| {
            let request = served
                .http
                .get(&address)
                .header("authorization", format!("{scheme} {token}"));
            proof
                .into_iter()
                .fold(request, |request, proof| request.header("dpop", proof))
                .send()
        };
        let proof = key.proof_with("GET", &address, served.now(), token);
        assert_eq!(ask("DPoP", Some(proof.clone())).await.unwrap().status(), 200);
        let other = Key::new(2).proof_with("GET", &address, served.now(), token);
        for (scheme, proof) in [
            ("DPoP", Some(proof)),
            ("DPoP", None),
            ("DPoP", Some(key.proof("GET", &address, served.now()))),
            ("DPoP", Some(key.proof_with("POST", &address, served.now(), token))),
            (
                "DPoP",
                Some(key.proof_with("GET", &served.at("/oauth/token"), served.now(), token)),
            ),
            ("DPoP", Some(other)),
        ] {
            let refused = ask(scheme, proof).await.unwrap();
            assert!(
                refused.headers()["www-authenticate"]
                    .to_str()
                    .unwrap()
                    .starts_with("DPoP ")
            );
            assert_eq!(error_of(refused).await, (401, "invalid_dpop_proof".to_owned()));
        }
        let bearer = ask("Bearer", None).await.unwrap();
        assert_eq!(error_of(bearer).await, (401, "invalid_token".to_owned()));
    });
}

#[test]
fn a_public_client_cannot_use_a_code_that_nobody_asked_for() {
    on_both(|served| async move {
        served.register_as(client("phone", ClientKind::Public), REDIRECT).await;
        let code = served.code("phone").await;
        let form = [&PUBLIC[..3], &[("code", code.as_str())]].concat();
        let refused = served.post_proven("/oauth/token", &form, &Key::new(1)).await;
        assert_eq!(error_of(refused).await, (400, "invalid_grant".to_owned()));
    });
}

#[test]
fn a_proof_that_does_not_hold() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let (key, address, now) = (Key::new(1), served.at("/oauth/token"), served.now().as_secs());
        let fine = json!({ "jti": "1", "htm": "POST", "htu": address, "iat": now });
        let said = |name: &str, value: Value| {
            let mut claims = fine.clone();
            claims[name] = value;
            claims
        };
        let head = json!({ "alg": "EdDSA", "typ": "dpop+jwt", "jwk": key.jwk() });
        let headed = |name: &str, value: Value| {
            let mut header = head.clone();
            header[name] = value;
            key.signed(header, fine.clone())
        };
        let mut secret = key.jwk();
        secret["d"] = json!("AAAA");
        let broken = format!("{}A", key.proof_of(fine.clone()));
        for wrong in [
            String::new(),
            "x.y.z".to_owned(),
            broken,
            headed("typ", json!("JWT")),
            headed("alg", json!("none")),
            headed("alg", json!("HS256")),
            headed("alg", json!("ES256")),
            headed("jwk", json!({})),
            headed("jwk", Key::new(2).jwk()),
            headed("jwk", secret),
            headed("crit", json!(["x"])),
            key.proof_of(said("htm", json!("GET"))),
            key.proof_of(said("htu", json!(served.at("/api/token")))),
            key.proof_of(said("jti", json!(""))),
            key.proof_of(said("jti", json!("a".repeat(257)))),
            key.proof_of(said("iat", json!("now"))),
            key.proof_of(json!({ "jti": "1" })),
        ] {
            let form = [("grant_type", "authorization_code"), ("code", "a")];
            let request = served.http.post(&address).basic_auth("choir", Some(SECRET)).form(&form);
            let refused = request.header("dpop", &wrong).send().await.unwrap();
            assert_eq!(
                error_of(refused).await,
                (400, "invalid_dpop_proof".to_owned()),
                "{wrong}"
            );
        }
        let form = [("grant_type", "authorization_code"), ("code", "a")];
        let request = served.http.post(&address).basic_auth("choir", Some(SECRET)).form(&form);
        let (one, two) = (key.proof_of(fine.clone()), key.proof_of(said("jti", json!("2"))));
        let refused = request.header("dpop", one).header("dpop", two).send().await.unwrap();
        assert_eq!(error_of(refused).await, (400, "invalid_dpop_proof".to_owned()));
    });
}

#[test]
fn a_machine_whose_clock_is_wrong_gets_in_with_the_nonce_it_is_given() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let (key, address) = (Key::new(1), served.at("/oauth/token"));
        let code = served.code("choir").await;
        let send = async |claims: Value| {
            let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
            let request = served.http.post(&address).basic_auth("choir", Some(SECRET)).form(&form);
            request.header("dpop", key.proof_of(claims)).send().await.unwrap()
        };
        let wrong_clock = served.now().as_secs() - 3600;
        let mut said = json!({ "jti": "1", "htm": "POST", "htu": address, "iat": wrong_clock });
        let refused = send(said.clone()).await;
        let nonce = refused.headers()["dpop-nonce"].to_str().unwrap().to_owned();
        assert_eq!(error_of(refused).await, (400, "use_dpop_nonce".to_owned()));
        said["nonce"] = json!("AAAA");
        assert_eq!(
            error_of(send(said.clone()).await).await,
            (400, "use_dpop_nonce".to_owned())
        );
        served.pass(Duration::from_secs(30));
        said["nonce"] = json!(nonce);
        assert_eq!(send(said.clone()).await.status(), 200);
        // Seen before, and later too old.
        assert_eq!(
            error_of(send(said.clone()).await).await,
            (400, "invalid_dpop_proof".to_owned())
        );
        served.pass(Duration::from_secs(271));
        assert_eq!(error_of(send(said).await).await, (400, "use_dpop_nonce".to_owned()));
    });
}

#[test]
fn a_refresh_token_of_a_public_client_is_bound_to_its_key_and_that_of_a_server_is_not() {
    on_both(|served| async move {
        served.register_as(client("phone", ClientKind::Public), REDIRECT).await;
        served.register("choir", REDIRECT).await;
        let (key, thief) = (Key::new(1), Key::new(2));
        let tokens = public_tokens(&served, &key).await;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
            ("client_id", "phone"),
        ];
        let stolen = served.post_proven("/oauth/token", &form, &thief).await;
        assert_eq!(error_of(stolen).await, (400, "invalid_grant".to_owned()));
        assert_eq!(served.post_proven("/oauth/token", &form, &key).await.status(), 200);

        let tokens = served.tokens("choir").await;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
            ("client_id", "choir"),
            ("client_secret", SECRET),
        ];
        let bound = json_of(served.post_proven("/oauth/token", &form, &key).await).await;
        assert_eq!(bound["token_type"], "DPoP");
    });
}

#[test]
fn a_code_that_was_asked_for_with_a_key_needs_that_key() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let (key, thief) = (Key::new(1), Key::new(2));
        let jkt: &'static str = key.thumbprint().leak();
        for (by, status) in [(Some(&thief), 400), (None, 400), (Some(&key), 200)] {
            let code = served.signed_in_code("choir", |terms| terms.jkt = Some(jkt)).await;
            let form = [
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("client_id", "choir"),
                ("client_secret", SECRET),
                ("redirect_uri", REDIRECT),
            ];
            let answer = match by {
                Some(key) => served.post_proven("/oauth/token", &form, key).await,
                None => served.post_form("/oauth/token", &form).await,
            };
            assert_eq!(answer.status(), status);
        }
    });
}

#[test]
fn an_invitation_into_a_party_gets_the_word_for_its_members_with_a_key_of_a_device() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let key = Key::new(7);
        let invited = into_party(invitation("choir", served.now()));
        served.invite(&invited).await;
        let code = served.press(&invited).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("client_id", "choir"),
            ("client_secret", SECRET),
        ];
        let tokens = json_of(served.post_proven("/oauth/token", &form, &key).await).await;
        let token = &tokens["admission_token"];
        assert_eq!(
            (&header(token)["alg"], &header(token)["typ"]),
            (&json!("EdDSA"), &json!("partyline-admission+jwt"))
        );
        let (said, now) = (claims(token), served.now().as_secs());
        assert_eq!(
            said,
            json!({
                "iss": served.issuer, "aud": "partyline:cGFydHk", "sub": tokens["userinfo"]["sub"],
                "email": "bonny@example.com", "email_verified": true, "invitation": "0123456789abcdef",
                "cnf": { "jkt": key.thumbprint() }, "iat": now, "exp": now + 600, "jti": said["jti"],
            })
        );
        // Verified with the key of the JWK set, by another library than the one that signs.
        let keys = json_of(served.get("/oauth/jwks").await).await;
        let kid = &header(token)["kid"];
        let found = keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["kid"] == *kid)
            .unwrap();
        assert_eq!(
            (&found["alg"], &found["crv"], &found["kty"]),
            (&json!("EdDSA"), &json!("Ed25519"), &json!("OKP"))
        );
        let thumbprint = base64url(Sha256::digest(
            json!({ "crv": "Ed25519", "kty": "OKP", "x": found["x"] }).to_string(),
        ));
        assert_eq!(*kid, thumbprint);
        let bytes = |text: &str| partyline::service::token::from_base64url(text).unwrap();
        let public: [u8; 32] = bytes(found["x"].as_str().unwrap()).try_into().unwrap();
        let (signed, signature) = token.as_str().unwrap().rsplit_once('.').unwrap();
        ed25519_dalek::VerifyingKey::from_bytes(&public)
            .unwrap()
            .verify_strict(
                signed.as_bytes(),
                &ed25519_dalek::Signature::from_slice(&bytes(signature)).unwrap(),
            )
            .unwrap();

        // Without a party there is none.
        let code = served.code("choir").await;
        let form = [&[("code", code.as_str())], &form[..1], &form[2..]].concat();
        let tokens = json_of(served.post_proven("/oauth/token", &form, &key).await).await;
        assert!(tokens.get("admission_token").is_none());
    });
}
