//! Clients that know people by subjects of their own (OpenID Connect Core, section 8.1).

use partyline::service::client::{OAuthClient, SubjectType};
use partyline::service::database::subjects;
use serde_json::Value;

use super::REDIRECT;
use super::browser::{Browser, led_to};
use super::op::{at_once, open_client, query, with_op};
use super::person::{BONNY, claims, json_of};
use crate::support::Served;

async fn register(served: &Served, id: &str) {
    let client = OAuthClient {
        subject_type: SubjectType::Pairwise,
        ..open_client(id)
    };
    served.register_as(client, REDIRECT).await;
}

/// The tokens of whoever is signed in.
async fn tokens_at_once(served: &Served, browser: &Browser, client: &str) -> Value {
    let members = at_once(served, browser, &[("client_id", client), ("prompt", "none")]).await;
    let answer = served.exchange(client, &members["code"]).await;
    assert_eq!(answer.status(), 200);
    json_of(answer).await
}

#[test]
fn a_client_with_subjects_of_its_own_shares_them_with_nobody() {
    with_op(|served, browser| async move {
        register(&served, "choir").await;
        register(&served, "band").await;
        // By invitation.
        let choir = served.tokens("choir").await;
        let sub = &choir["userinfo"]["sub"];
        assert_eq!(*sub, served.tokens("choir").await["userinfo"]["sub"]);
        let (band, all) = (served.tokens("band").await, served.tokens("rp").await);
        let others = [&band["userinfo"]["sub"], &all["userinfo"]["sub"]];
        assert!(!others.contains(&sub) && others[0] != others[1], "{sub} {others:?}");
        // Whoever is invited by this person may still be told their address.
        let whose = sub.as_str().unwrap().to_owned();
        let proved = served
            .service
            .database
            .read(move |connection| Box::pin(async move { subjects::proved_address(connection, &whose).await }));
        assert_eq!(proved.await.unwrap().as_deref(), Some(BONNY));
        // By a session, which all clients have part in.
        browser.sign_in(&served, &query(&[]), BONNY).await;
        for (client, known) in [("choir", sub), ("band", others[0]), ("rp", others[1])] {
            let tokens = tokens_at_once(&served, &browser, client).await;
            assert_eq!(tokens["userinfo"]["sub"], *known, "{client}");
            for token in ["id_token", "access_token"] {
                assert_eq!(claims(&tokens[token])["sub"], *known, "{client} {token}");
            }
            let said = json_of(served.userinfo(&tokens["access_token"]).await).await;
            assert_eq!(said["sub"], *known, "{client}");
        }
    });
}

#[test]
fn its_tokens_name_the_person_when_they_come_back_and_when_they_leave() {
    with_op(|served, browser| async move {
        register(&served, "choir").await;
        register(&served, "band").await;
        browser.sign_in(&served, &query(&[]), BONNY).await;
        let tokens = tokens_at_once(&served, &browser, "choir").await;
        let hint = tokens["id_token"].as_str().unwrap();
        let back = [("client_id", "choir"), ("prompt", "none"), ("id_token_hint", hint)];
        assert!(at_once(&served, &browser, &back).await.contains_key("code"));
        // Of another client it names nobody.
        let of_band = [("client_id", "band"), ("prompt", "none"), ("id_token_hint", hint)];
        assert_eq!(at_once(&served, &browser, &of_band).await["error"], "invalid_request");
        let other = Browser::default();
        other.sign_in(&served, &query(&[]), "carol@example.com").await;
        assert_eq!(at_once(&served, &other, &back).await["error"], "login_required");

        let left = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("id_token_hint", hint),
                ("post_logout_redirect_uri", REDIRECT),
                ("state", "xyz"),
            ])
            .finish();
        let left = browser.get(&served, &format!("/oauth/logout?{left}")).await;
        assert_eq!(led_to(&left).get("state").map(String::as_str), Some("xyz"));
        assert_eq!(at_once(&served, &browser, &back).await["error"], "login_required");
    });
}
