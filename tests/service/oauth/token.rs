//! `POST /oauth/token` and `POST /api/token`: codes become tokens.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use partyline::service::client::{ClientKind, SigningAlgorithm};
use partyline::service::database::{invitations, links};
use partyline::service::status::Change;
use serde_json::{Value, json};

use super::REDIRECT;
use super::person::{BONNY, CHALLENGE, VERIFIER, claims, error_of, header, into_party, invitation, json_of};
use crate::support::{SECRET, client, on_both};

#[test]
fn a_code_becomes_tokens_and_its_invitation_is_accepted() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let invitation = into_party(invitation("choir", served.now()));
        served.invite(&invitation).await;
        let code = served.press(&invitation).await;
        let answer = served.exchange("choir", &code).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["pragma"], "no-cache");
        let answer = json_of(answer).await;
        let members: Vec<&String> = answer.as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            [
                "access_token",
                "app_data",
                "expires_in",
                "id_token",
                "invitation",
                "refresh_token",
                "scope",
                "token_type",
                "userinfo"
            ]
        );
        let sub = answer["userinfo"]["sub"].clone();
        assert_eq!(
            answer["userinfo"],
            json!({ "sub": sub, "email": BONNY, "email_verified": true })
        );
        assert_eq!(
            answer["invitation"],
            json!({ "id": invitation.id, "email": BONNY, "template_alias": "invite" })
        );
        assert_eq!(
            (
                &answer["token_type"],
                &answer["expires_in"],
                &answer["scope"],
                &answer["app_data"]
            ),
            (
                &json!("Bearer"),
                &json!(3600),
                &json!("openid email"),
                &json!("party1code")
            )
        );
        assert_eq!(served.events().await, ["invitation.opened", "invitation.accepted"]);

        // RFC 9068: what anybody can check with the public keys.
        assert_eq!(
            (
                &header(&answer["access_token"])["typ"],
                &header(&answer["access_token"])["alg"]
            ),
            (&json!("at+jwt"), &json!("ES256"))
        );
        let access = claims(&answer["access_token"]);
        let now = served.now().as_secs();
        assert_eq!(
            (
                &access["iss"],
                &access["aud"],
                &access["sub"],
                &access["client_id"],
                &access["exp"]
            ),
            (
                &json!(served.issuer),
                &json!([served.issuer, "choir"]),
                &sub,
                &json!("choir"),
                &json!(now + 3600)
            )
        );
        let id = claims(&answer["id_token"]);
        assert_eq!(
            (&id["aud"], &id["email"], &id["auth_time"]),
            (&json!("choir"), &json!(BONNY), &json!(now))
        );
        assert!(id.get("nonce").is_none(), "no nonce was sent: {id}");
    });
}

#[test]
fn one_address_is_one_subject_whatever_the_invitation() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("band", REDIRECT).await;
        let (first, second) = (served.tokens("choir").await, served.tokens("band").await);
        assert_eq!(first["userinfo"]["sub"], second["userinfo"]["sub"]);
        assert_ne!(first["access_token"], second["access_token"]);
    });
}

#[test]
fn the_seed_exchanges_with_json_and_a_form_without_a_grant_type() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let (code, secret) = (served.code("choir").await, SECRET);
        let body = json!({ "client_id": "choir", "client_secret": secret, "code": code });
        let request = served.http.post(served.at("/api/token")).json(&body);
        assert_eq!(request.send().await.unwrap().status(), 200);

        let code = served.code("choir").await;
        let form = [
            ("client_id", "choir"),
            ("client_secret", secret),
            ("code", code.as_str()),
        ];
        let missing = served.post_form("/oauth/token", &form).await;
        assert_eq!(error_of(missing).await, (400, "invalid_request".to_owned()));
        assert_eq!(served.post_form("/api/token", &form).await.status(), 200);

        // The body of a browser that names no client gets nothing.
        let request = served.http.post(served.at("/api/token")).json(&json!({ "code": "x" }));
        assert_eq!(
            error_of(request.send().await.unwrap()).await,
            (401, "invalid_client".to_owned())
        );
        // JSON is the seed's, not the standard's.
        let request = served.http.post(served.at("/oauth/token")).json(&body);
        assert_eq!(
            error_of(request.send().await.unwrap()).await,
            (400, "invalid_request".to_owned())
        );
    });
}

#[test]
fn a_client_proves_itself_in_the_header_or_in_the_body() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let code = served.code("choir").await;
        let grant = [("grant_type", "authorization_code"), ("code", code.as_str())];
        let basic = |secret: &str| {
            served
                .http
                .post(served.at("/oauth/token"))
                .basic_auth("choir", Some(secret))
        };

        let wrong = basic("pls_wrong").form(&grant).send().await.unwrap();
        assert!(
            wrong.headers()["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Basic ")
        );
        assert_eq!(error_of(wrong).await, (401, "invalid_client".to_owned()));
        let both = basic(SECRET).form(&[&grant[..], &[("client_secret", SECRET)]].concat());
        assert_eq!(
            error_of(both.send().await.unwrap()).await,
            (400, "invalid_request".to_owned())
        );
        // Latin-1, as some libraries send what is not ASCII.
        let latin = base64::prelude::BASE64_STANDARD.encode(b"choir:p\xe4ss");
        let strange = served.http.post(served.at("/oauth/token")).form(&grant);
        let strange = strange.header("authorization", format!("Basic {latin}"));
        assert_eq!(
            error_of(strange.send().await.unwrap()).await,
            (401, "invalid_client".to_owned())
        );
        let unknown = served.exchange("nobody", &code).await;
        assert_eq!(error_of(unknown).await, (401, "invalid_client".to_owned()));

        assert_eq!(basic(SECRET).form(&grant).send().await.unwrap().status(), 200);
    });
}

#[test]
fn what_a_request_may_get_wrong() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let mut disabled = client("sleeping", ClientKind::Confidential);
        disabled.is_disabled = true;
        served.register_as(disabled, REDIRECT).await;
        let with = |id, more: &[(&'static str, &'static str)]| {
            let mut form = vec![("client_id", id), ("client_secret", SECRET)];
            form.extend_from_slice(more);
            form
        };
        let code = ("grant_type", "authorization_code");
        for (form, status, error) in [
            (with("choir", &[]), 400, "invalid_request"),
            (with("choir", &[("grant_type", "")]), 400, "invalid_request"),
            (
                with("choir", &[("grant_type", "password")]),
                400,
                "unsupported_grant_type",
            ),
            (
                with("choir", &[("grant_type", "implicit")]),
                400,
                "unsupported_grant_type",
            ),
            (with("choir", &[code]), 400, "invalid_request"),
            (with("choir", &[code, ("code", "")]), 400, "invalid_request"),
            (
                with("choir", &[code, ("code", "a"), ("code", "a")]),
                400,
                "invalid_request",
            ),
            (with("choir", &[code, ("code", "unknown")]), 400, "invalid_grant"),
            (
                with("choir", &[("grant_type", "refresh_token")]),
                400,
                "invalid_request",
            ),
            (
                with(
                    "choir",
                    &[("grant_type", "refresh_token"), ("refresh_token", "plr_x.y")],
                ),
                400,
                "invalid_grant",
            ),
            (with("sleeping", &[code, ("code", "a")]), 403, "unauthorized_client"),
        ] {
            let answer = served.post_form("/oauth/token", &form).await;
            assert_eq!(answer.headers()["cache-control"], "no-store");
            assert_eq!(error_of(answer).await, (status, error.to_owned()), "{form:?}");
        }
        let long = "a".repeat(20_000);
        let answer = served.post_form("/oauth/token", &[("code", &long)]).await;
        assert_eq!(error_of(answer).await, (400, "invalid_request".to_owned()));
        assert_eq!(served.get("/oauth/token").await.status(), 405);
    });
}

#[test]
fn a_code_is_for_its_client_its_address_and_its_minute() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("band", REDIRECT).await;
        let invalid = (400, "invalid_grant".to_owned());

        let code = served.code("choir").await;
        assert_eq!(error_of(served.exchange("band", &code).await).await, invalid);
        served.pass(Duration::from_millis(59_999));
        assert_eq!(served.exchange("choir", &code).await.status(), 200);

        let code = served.code("choir").await;
        served.pass(Duration::from_secs(60));
        assert_eq!(error_of(served.exchange("choir", &code).await).await, invalid);

        let code = served.code("choir").await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("client_id", "choir"),
            ("client_secret", SECRET),
            ("redirect_uri", "https://choir.test/callback/"),
        ];
        assert_eq!(error_of(served.post_form("/oauth/token", &form).await).await, invalid);
        // A wrong address has burnt it.
        assert_eq!(error_of(served.exchange("choir", &code).await).await, invalid);

        // Only a code of a request without PKCE has to name its address again.
        let code = served.signed_in_code("choir", |_terms| ()).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("client_id", "choir"),
            ("client_secret", SECRET),
        ];
        assert_eq!(error_of(served.post_form("/oauth/token", &form).await).await, invalid);
    });
}

#[test]
fn a_newer_press_ends_the_older_code_and_ten_are_enough() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let invitation = invitation("choir", served.now());
        served.invite(&invitation).await;
        let (older, newer) = (served.press(&invitation).await, served.press(&invitation).await);
        assert_eq!(
            error_of(served.exchange("choir", &older).await).await,
            (400, "invalid_grant".to_owned())
        );
        assert_eq!(served.exchange("choir", &newer).await.status(), 200);
        // Used up with the exchange.
        assert_eq!(served.try_press(&invitation).await, None);

        let invitation = super::person::invitation("choir", served.now());
        served.invite(&invitation).await;
        for _press in 0..10 {
            served.press(&invitation).await;
        }
        assert_eq!(served.try_press(&invitation).await, None);
    });
}

#[test]
fn a_code_outlives_the_end_of_its_invitation_by_ten_minutes() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        for (rest, works) in [(Duration::from_secs(1), true), (Duration::ZERO, false)] {
            let mut invitation = invitation("choir", served.now());
            invitation.expires_at = served.now().plus(rest);
            served.invite(&invitation).await;
            let code = served.try_press(&invitation).await;
            assert_eq!(code.is_some(), works);
            let Some(code) = code else { continue };
            served.pass(Duration::from_secs(30));
            assert_eq!(served.exchange("choir", &code).await.status(), 200);
        }
    });
}

#[test]
fn a_code_that_comes_twice_ends_what_came_of_it_at_once_and_later() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        for later in [Duration::ZERO, Duration::from_secs(30), Duration::from_secs(300)] {
            let code = served.code("choir").await;
            let tokens = json_of(served.exchange("choir", &code).await).await;
            assert_eq!(served.userinfo(&tokens["access_token"]).await.status(), 200);
            served.pass(later);
            let again = served.exchange("choir", &code).await;
            assert_eq!(error_of(again).await, (400, "invalid_grant".to_owned()));
            let gone = served.userinfo(&tokens["access_token"]).await;
            assert_eq!(error_of(gone).await, (401, "invalid_token".to_owned()));
            let refresh = tokens["refresh_token"].as_str().unwrap();
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh),
                ("client_id", "choir"),
                ("client_secret", SECRET),
            ];
            let dead = served.post_form("/oauth/token", &form).await;
            assert_eq!(error_of(dead).await, (400, "invalid_grant".to_owned()));
            // Once: whoever sends it again and again fills nobody's log.
            served.exchange("choir", &code).await;
            let events = served.events().await;
            let newest: Vec<&str> = events.iter().rev().take(2).map(String::as_str).collect();
            assert_eq!(newest, ["code.replayed", "invitation.accepted"]);
        }
    });
}

#[test]
fn sixty_four_at_once_on_one_code_and_one_of_them_gets_it() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let code = served.code("choir").await;
        let asked = (0..64).map(|_one| served.exchange("choir", &code));
        let answers = futures::future::join_all(asked).await;
        let successes = answers.iter().filter(|answer| answer.status() == 200).count();
        assert_eq!(successes, 1);
        assert!(
            answers
                .iter()
                .all(|answer| [200, 400].contains(&answer.status().as_u16()))
        );
        let accepted = served.events().await;
        assert_eq!(accepted.iter().filter(|kind| *kind == "invitation.accepted").count(), 1);
    });
}

#[test]
fn several_invitations_of_one_new_person_at_once_are_one_person() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let mut codes = Vec::new();
        for _one in 0..8 {
            codes.push(served.code("choir").await);
        }
        let asked = codes.iter().map(|code| served.exchange("choir", code));
        let mut subjects = BTreeSet::new();
        for answer in futures::future::join_all(asked).await {
            assert_eq!(answer.status(), 200);
            subjects.insert(json_of(answer).await["userinfo"]["sub"].as_str().unwrap().to_owned());
        }
        assert_eq!(subjects.len(), 1, "{subjects:?}");
    });
}

#[test]
fn of_an_exchange_and_a_revocation_at_once_one_happens() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        for _round in 0..20 {
            let invitation = invitation("choir", served.now());
            served.invite(&invitation).await;
            let code = served.press(&invitation).await;
            let (id, now) = (invitation.id.clone(), served.now());
            let revoke = served.service.database.write(move |connection| {
                Box::pin(async move {
                    let revoked = invitations::change(&mut *connection, &id, Change::Revoked, now, now).await?;
                    if revoked {
                        links::end(connection, &id).await?;
                    }
                    Ok(revoked)
                })
            });
            let (answer, revoked) = tokio::join!(served.exchange("choir", &code), revoke);
            let expected = if revoked.unwrap() { 400 } else { 200 };
            assert_eq!(answer.status(), expected);
        }
    });
}

#[test]
fn a_verifier_proves_who_asked_and_a_missing_challenge_is_not_forgiven() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let other = "a".repeat(43);
        for (challenge, verifier, status) in [
            (Some(CHALLENGE), Some(VERIFIER), 200),
            (Some(CHALLENGE), Some(other.as_str()), 400),
            (Some(CHALLENGE), Some("short"), 400),
            (Some(CHALLENGE), None, 400),
            (None, Some(VERIFIER), 400),
            (None, None, 200),
        ] {
            let code = served
                .signed_in_code("choir", |terms| terms.challenge = challenge)
                .await;
            let mut form = vec![
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("client_id", "choir"),
                ("client_secret", SECRET),
                ("redirect_uri", REDIRECT),
            ];
            form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
            let answer = served.post_form("/oauth/token", &form).await;
            assert_eq!(answer.status(), status, "{challenge:?} {verifier:?}");
            if status == 400 {
                assert_eq!(error_of(answer).await.1, "invalid_grant");
                let form = [&form[..4], &[("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)]].concat();
                let burnt = served.post_form("/oauth/token", &form).await;
                assert_eq!(error_of(burnt).await.1, "invalid_grant");
            }
        }
    });
}

#[test]
fn tokens_are_signed_as_the_client_likes_and_carry_the_nonce_it_sent() {
    on_both(|served| async move {
        let mut old = client("choir", ClientKind::Confidential);
        old.algorithm = SigningAlgorithm::Rs256;
        served.register_as(old, REDIRECT).await;
        let code = served
            .signed_in_code("choir", |terms| terms.nonce = Some("n-0S6"))
            .await;
        let answer = json_of(served.exchange("choir", &code).await).await;
        assert_eq!(header(&answer["id_token"])["alg"], "RS256");
        assert_eq!(claims(&answer["id_token"])["nonce"], "n-0S6");
        assert!(answer.get("invitation").is_none() && answer.get("app_data").is_none());
        let keys = json_of(served.get("/oauth/jwks").await).await;
        let kid = &header(&answer["access_token"])["kid"];
        let named: Vec<&Value> = keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|key| key["kid"] == *kid)
            .collect();
        assert_eq!((named.len(), &named[0]["alg"]), (1, &json!("RS256")));
    });
}

#[test]
fn a_scope_without_openid_has_no_id_token_and_without_email_no_address() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let code = served.signed_in_code("choir", |terms| terms.scope = "email").await;
        let answer = json_of(served.exchange("choir", &code).await).await;
        assert!(answer.get("id_token").is_none());
        let code = served.signed_in_code("choir", |terms| terms.scope = "openid").await;
        let answer = json_of(served.exchange("choir", &code).await).await;
        assert!(answer["userinfo"].get("email").is_none());
        assert!(claims(&answer["id_token"]).get("email").is_none());
        let said = json_of(served.userinfo(&answer["access_token"]).await).await;
        assert_eq!(said, json!({ "sub": answer["userinfo"]["sub"] }));
    });
}

#[test]
fn who_guesses_secrets_is_slowed_down_and_nobody_else() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", "a"),
            ("client_id", "choir"),
            ("client_secret", "pls_guess"),
        ];
        for _guess in 0..20 {
            assert_eq!(served.post_form("/oauth/token", &form).await.status(), 401);
        }
        let slowed = served.post_form("/oauth/token", &form).await;
        assert_eq!(slowed.headers()["retry-after"], "60");
        assert_eq!(error_of(slowed).await, (429, "slow_down".to_owned()));
        // The client itself has its secret, so it goes on behind the same address.
        let code = served.code("choir").await;
        assert_eq!(served.exchange("choir", &code).await.status(), 200);
        served.pass(Duration::from_secs(60));
        assert_eq!(served.post_form("/oauth/token", &form).await.status(), 401);
    });
}
