//! The word for the members of a party: again with each refresh, and by the key that the party's log pins.

use std::path::Path;
use std::time::Duration;

use partyline::service::invitation::{Delivery, Invitation};
use partyline::service::token::base64url;
use partyline::time::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::REDIRECT;
use super::person::{Key, claims, header, into_party, invitation, json_of};
use crate::api_support::invite;
use crate::support::{SECRET, Served, on_both};

/// What choir gets for this, with a proof by the key of a device.
async fn granted(served: &Served, grant: (&str, &str, &str), key: &Key) -> Value {
    let (kind, name, value) = grant;
    let form = [
        ("grant_type", kind),
        (name, value),
        ("client_id", "choir"),
        ("client_secret", SECRET),
    ];
    json_of(served.post_proven("/oauth/token", &form, key).await).await
}

#[test]
fn a_refresh_brings_a_new_word_as_long_as_its_family_lives() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let key = Key::new(7);
        let invited = into_party(invitation("choir", served.now()));
        served.invite(&invited).await;
        let code = served.press(&invited).await;
        let first = granted(&served, ("authorization_code", "code", &code), &key).await;
        served.pass(Duration::from_secs(660));
        let refresh = first["refresh_token"].as_str().unwrap();
        let second = granted(&served, ("refresh_token", "refresh_token", refresh), &key).await;
        let (before, now) = (claims(&first["admission_token"]), claims(&second["admission_token"]));
        for same in ["iss", "aud", "sub", "email", "invitation", "cnf"] {
            assert_eq!(now[same], before[same], "{same}");
        }
        assert_eq!(now["exp"], json!(served.now().as_secs() + 600));
        assert_ne!(now["jti"], before["jti"]);
        // It was accepted before, and what goes with that was handed over then.
        assert_eq!((second.get("invitation"), second.get("app_data")), (None, None));
        let third = granted(
            &served,
            (
                "refresh_token",
                "refresh_token",
                second["refresh_token"].as_str().unwrap(),
            ),
            &key,
        );
        assert!(third.await["admission_token"].is_string());

        let code = served.code("choir").await;
        let other = granted(&served, ("authorization_code", "code", &code), &key).await;
        let refresh = other["refresh_token"].as_str().unwrap();
        let again = granted(&served, ("refresh_token", "refresh_token", refresh), &key).await;
        assert!(again["access_token"].is_string() && again.get("admission_token").is_none());
    });
}

#[test]
fn no_refresh_brings_a_word_when_the_invitation_was_mailed_anew_or_taken_back() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let (lost, found) = (Key::new(7), Key::new(8));
        let invited = into_party(invitation("choir", served.now()));
        served.invite(&invited).await;
        let code = served.press(&invited).await;
        let first = granted(&served, ("authorization_code", "code", &code), &lost).await;
        served.pass(Duration::from_secs(60));
        let path = format!("/api/invitations/{}", invited.id);
        assert_eq!(
            served
                .ask(Method::POST, &format!("{path}/resend"), "choir")
                .await
                .status,
            202
        );
        let refresh = first["refresh_token"].as_str().unwrap();
        let first = granted(&served, ("refresh_token", "refresh_token", refresh), &lost).await;
        assert!(first["access_token"].is_string() && first.get("admission_token").is_none());

        let again = served.how_stands(&invited.id).await;
        let code = served.press(&again).await;
        let second = granted(&served, ("authorization_code", "code", &code), &found).await;
        assert!(second["admission_token"].is_string());
        let refresh = first["refresh_token"].as_str().unwrap();
        let first = granted(&served, ("refresh_token", "refresh_token", refresh), &lost).await;
        assert!(first.get("admission_token").is_none(), "it is another one's now");
        let refresh = second["refresh_token"].as_str().unwrap();
        let second = granted(&served, ("refresh_token", "refresh_token", refresh), &found).await;
        assert!(second["admission_token"].is_string());

        assert_eq!(
            served.ask(Method::DELETE, &path, "choir").await.json()["status"],
            "revoked"
        );
        let refresh = second["refresh_token"].as_str().unwrap();
        let second = granted(&served, ("refresh_token", "refresh_token", refresh), &found).await;
        assert!(second["access_token"].is_string() && second.get("admission_token").is_none());
    });
}

/// Puts a new key for admissions beside the older ones, as a rotation does.
fn add_key(folder: &Path, number: u8) {
    let made = ring::signature::Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    let path = folder.join(format!("keys/sign-EdDSA-000{number}.p8"));
    std::fs::write(&path, made).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// Invites somebody of this name over the API: the id.
async fn invited_into_a_party(served: &Served, name: &str, key: &Value) -> String {
    let party = json!({ "invitation": "abc", "party_ref": base64url([7; 32]), "key": key });
    let address = format!("{name}@example.com");
    let asked =
        invite(&json!({ "email_address": address, "party": party, "redirect_uri": REDIRECT, "delivery": "direct" }));
    let made = served.submit("/api/invitations", &asked).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

/// The name of the key that has signed the word for it.
async fn signed_by(served: &Served, id: &str) -> Value {
    let id = id.to_owned();
    let read = served.service.database.read(move |connection| {
        Box::pin(async move { partyline::service::database::invitations::get(connection, &id).await })
    });
    let invited = read.await.unwrap().unwrap();
    let code = served.press(&invited).await;
    let tokens = granted(served, ("authorization_code", "code", &code), &Key::new(7)).await;
    header(&tokens["admission_token"])["kid"].clone()
}

/// The names of the keys for admissions, as a program reads them.
async fn published(served: &Served) -> Vec<Value> {
    let keys = json_of(served.get("/oauth/jwks").await).await;
    let keys = keys["keys"].as_array().unwrap().iter();
    keys.filter(|key| key["crv"] == "Ed25519")
        .map(|key| key["kid"].clone())
        .collect()
}

#[test]
fn the_word_is_by_the_key_that_was_the_last_when_the_invitation_was_made() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let newest = Value::Null;
        let old = [
            invited_into_a_party(&served, "ann", &newest).await,
            invited_into_a_party(&served, "bonny", &newest).await,
        ];
        add_key(served.folder.path(), 1);
        let served = served.restart().await;
        let keys = published(&served).await;
        assert_eq!(keys.len(), 2);
        let new = invited_into_a_party(&served, "carl", &newest).await;
        assert_eq!(signed_by(&served, &new).await, keys[1]);
        // An inviter who asked for the keys before that has pinned the older one.
        let late = invited_into_a_party(&served, "dan", &keys[0]).await;
        assert_eq!(signed_by(&served, &late).await, keys[0]);
        assert_eq!(signed_by(&served, &old[0]).await, keys[0]);
        // A key that was taken away signs nothing any more.
        std::fs::remove_file(served.folder.path().join("keys/sign-EdDSA-0000.p8")).unwrap();
        let served = served.restart().await;
        assert_eq!(published(&served).await, [keys[1].clone()]);
        assert_eq!(signed_by(&served, &old[1]).await, keys[1]);
    });
}

#[test]
fn only_the_desktop_app_accepts_for_another_client_and_only_into_a_party() {
    let made = |delivery| Invitation {
        delivery,
        ..invitation("choir", Timestamp::from_millis(0))
    };
    let party = into_party(made(Delivery::Initiate));
    for (invited, client, fits) in [
        (&party, "partyline-desktop", true),
        (&party, "choir", true),
        (&party, "other", false),
        (&into_party(made(Delivery::Direct)), "partyline-desktop", false),
        (&made(Delivery::Initiate), "partyline-desktop", false),
    ] {
        assert_eq!(invited.is_for(client), fits, "{client}");
    }
}
