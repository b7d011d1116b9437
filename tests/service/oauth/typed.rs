//! Codes that somebody types on another machine.

use std::time::Duration;

use partyline::service::client::ClientKind;
use partyline::service::invitation::Invitation;
use partyline::service::oauth::codes;
use partyline::service::token::shown;
use reqwest::Response;

use super::REDIRECT;
use super::person::{Key, error_of, into_party, invitation, json_of};
use crate::support::{Served, client, on_both};

const GRANT: &str = "urn:partyline:oauth:grant-type:invitation-code";

async fn typed_code(served: &Served, invitation: &Invitation) -> String {
    let (invitation, now, keys) = (invitation.clone(), served.now(), served.service.keys.clone());
    let written = served.service.database.write(move |connection| {
        Box::pin(async move { codes::issue_typed(connection, &keys.pepper, &invitation, now).await })
    });
    shown(&written.await.unwrap()).to_string()
}

async fn redeem(served: &Served, client: &str, code: &str) -> Response {
    let form = [("grant_type", GRANT), ("client_id", client), ("code", code)];
    served.post_proven("/oauth/token", &form, &Key::new(1)).await
}

async fn invited(served: &Served) -> Invitation {
    let invitation = into_party(invitation("phone", served.now()));
    served.invite(&invitation).await;
    invitation
}

#[test]
fn a_typed_code_becomes_tokens_once_however_it_is_typed() {
    on_both(|served| async move {
        served.register_as(client("phone", ClientKind::Public), REDIRECT).await;
        let code = typed_code(&served, &invited(&served).await).await;
        let tokens = redeem(&served, "phone", &code.to_lowercase().replace('-', " ")).await;
        assert_eq!(tokens.status(), 200);
        let tokens = json_of(tokens).await;
        assert_eq!(
            (&tokens["token_type"], &tokens["app_data"]),
            (&"DPoP".into(), &"party1code".into())
        );
        assert!(tokens["admission_token"].is_string() && tokens["invitation"].is_object());
        assert_eq!(served.events().await, ["invitation.accepted"]);
        let again = redeem(&served, "phone", &code).await;
        assert_eq!(error_of(again).await, (400, "invalid_grant".to_owned()));
    });
}

#[test]
fn a_typed_code_is_over_after_ten_minutes_or_with_a_newer_one() {
    on_both(|served| async move {
        served.register_as(client("phone", ClientKind::Public), REDIRECT).await;
        let invalid = (400, "invalid_grant".to_owned());
        let invitation = invited(&served).await;
        let older = typed_code(&served, &invitation).await;
        let newer = typed_code(&served, &invitation).await;
        assert_eq!(error_of(redeem(&served, "phone", &older).await).await, invalid);
        served.pass(Duration::from_secs(600));
        assert_eq!(error_of(redeem(&served, "phone", &newer).await).await, invalid);
        for wrong in ["", "ABCD-EFG", "ABCD-EFGU", "ABCD-EFGH"] {
            assert_eq!(redeem(&served, "phone", wrong).await.status(), 400);
        }
    });
}

#[test]
fn five_tries_of_another_client_use_a_typed_code_up() {
    on_both(|served| async move {
        served.register_as(client("phone", ClientKind::Public), REDIRECT).await;
        served.register_as(client("thief", ClientKind::Public), REDIRECT).await;
        let invitation = invited(&served).await;
        let code = typed_code(&served, &invitation).await;
        for _try in 0..4 {
            assert_eq!(redeem(&served, "thief", &code).await.status(), 400);
        }
        let other = typed_code(&served, &invited(&served).await).await;
        assert_eq!(redeem(&served, "thief", &code).await.status(), 400);
        assert_eq!(
            error_of(redeem(&served, "phone", &code).await).await,
            (400, "invalid_grant".to_owned())
        );
        // The invitation itself is none the worse, and neither are others.
        assert_eq!(redeem(&served, "phone", &other).await.status(), 200);
        let fresh = typed_code(&served, &invitation).await;
        assert_eq!(redeem(&served, "phone", &fresh).await.status(), 200);
    });
}

#[test]
fn who_guesses_typed_codes_is_slowed_down() {
    on_both(|served| async move {
        served.register_as(client("phone", ClientKind::Public), REDIRECT).await;
        let code = typed_code(&served, &invited(&served).await).await;
        for _guess in 0..20 {
            let refused = redeem(&served, "phone", "ABCD-EFGH").await;
            assert_eq!(error_of(refused).await, (400, "invalid_grant".to_owned()));
        }
        // Not even the right one tells anything now.
        let slowed = redeem(&served, "phone", &code).await;
        assert_eq!(error_of(slowed).await, (429, "slow_down".to_owned()));
        served.pass(Duration::from_secs(60));
        assert_eq!(redeem(&served, "phone", &code).await.status(), 200);
    });
}
