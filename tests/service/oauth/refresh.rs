//! Refresh tokens: each is used once, and a family ends together.

use std::time::Duration;

use reqwest::Response;
use serde_json::Value;

use super::REDIRECT;
use super::person::{claims, error_of, json_of};
use crate::support::{SECRET, Served, on_both};

async fn refresh(served: &Served, client: &str, token: &Value, more: &[(&str, &str)]) -> Response {
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str().unwrap()),
        ("client_id", client),
        ("client_secret", SECRET),
    ];
    form.extend_from_slice(more);
    served.post("/oauth/token", &form).await
}

#[test]
fn a_refresh_token_becomes_new_tokens_of_the_same_person() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let first = served.tokens("choir").await;
        served.pass(Duration::from_secs(3600));
        assert_eq!(served.userinfo(&first["access_token"]).await.status(), 401);
        let second = refresh(&served, "choir", &first["refresh_token"], &[]).await;
        assert_eq!(second.status(), 200);
        let second = json_of(second).await;
        assert_eq!(second["userinfo"], first["userinfo"]);
        assert_ne!(second["refresh_token"], first["refresh_token"]);
        assert!(second.get("invitation").is_none());
        let (old, new) = (claims(&first["id_token"]), claims(&second["id_token"]));
        assert_eq!((&old["sub"], &old["auth_time"]), (&new["sub"], &new["auth_time"]));
        assert_eq!(served.userinfo(&second["access_token"]).await.status(), 200);
    });
}

#[test]
fn a_lost_answer_is_given_again_for_ten_seconds_and_then_ends_the_family() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let first = served.tokens("choir").await;
        let second = json_of(refresh(&served, "choir", &first["refresh_token"], &[]).await).await;
        served.pass(Duration::from_secs(10));
        let sibling = refresh(&served, "choir", &first["refresh_token"], &[]).await;
        assert_eq!(sibling.status(), 200);
        let sibling = json_of(sibling).await;
        assert_ne!(sibling["refresh_token"], second["refresh_token"]);
        served.pass(Duration::from_millis(1));
        let reused = refresh(&served, "choir", &first["refresh_token"], &[]).await;
        assert_eq!(error_of(reused).await, (400, "invalid_grant".to_owned()));
        assert_eq!(served.events().await.last().map(String::as_str), Some("refresh.reused"));
        for tokens in [&second, &sibling] {
            let dead = refresh(&served, "choir", &tokens["refresh_token"], &[]).await;
            assert_eq!(error_of(dead).await, (400, "invalid_grant".to_owned()));
            assert_eq!(served.userinfo(&tokens["access_token"]).await.status(), 401);
        }
    });
}

#[test]
fn a_family_is_idle_for_a_week_at_most_and_lives_for_thirty_days() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let week = Duration::from_secs(7 * 24 * 3600);
        let tokens = served.tokens("choir").await;
        served.pass(week);
        let over = refresh(&served, "choir", &tokens["refresh_token"], &[]).await;
        assert_eq!(error_of(over).await, (400, "invalid_grant".to_owned()));

        let mut tokens = served.tokens("choir").await;
        let nearly = Duration::from_secs(6 * 24 * 3600);
        for _week in 0..4 {
            served.pass(nearly);
            tokens = json_of(refresh(&served, "choir", &tokens["refresh_token"], &[]).await).await;
        }
        served.pass(nearly);
        let over = refresh(&served, "choir", &tokens["refresh_token"], &[]).await;
        assert_eq!(error_of(over).await, (400, "invalid_grant".to_owned()));
    });
}

#[test]
fn a_refresh_token_is_for_its_client_and_its_scope_only_shrinks() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("band", REDIRECT).await;
        let tokens = served.tokens("choir").await;
        let token = &tokens["refresh_token"];
        let stolen = refresh(&served, "band", token, &[]).await;
        assert_eq!(error_of(stolen).await, (400, "invalid_grant".to_owned()));
        let wider = refresh(&served, "choir", token, &[("scope", "openid invite")]).await;
        assert_eq!(error_of(wider).await, (400, "invalid_scope".to_owned()));
        let narrow = json_of(refresh(&served, "choir", token, &[("scope", "openid")]).await).await;
        assert_eq!(
            (&narrow["scope"], narrow["userinfo"].get("email")),
            (&"openid".into(), None)
        );
        // The next refresh token has what the first had.
        let whole = json_of(refresh(&served, "choir", &narrow["refresh_token"], &[]).await).await;
        assert_eq!(whole["scope"], "openid email");
    });
}

#[test]
fn a_revoked_token_takes_its_family_along_and_strangers_revoke_nothing() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("band", REDIRECT).await;
        let revoke = async |client: &str, token: &Value| {
            let form = [
                ("token", token.as_str().unwrap()),
                ("client_id", client),
                ("client_secret", SECRET),
            ];
            served.post("/oauth/revoke", &form).await.status().as_u16()
        };
        for kind in ["refresh_token", "access_token"] {
            let tokens = served.tokens("choir").await;
            assert_eq!(revoke("band", &tokens[kind]).await, 200);
            assert_eq!(served.userinfo(&tokens["access_token"]).await.status(), 200);
            assert_eq!(revoke("choir", &tokens[kind]).await, 200);
            assert_eq!(served.userinfo(&tokens["access_token"]).await.status(), 401);
            let dead = refresh(&served, "choir", &tokens["refresh_token"], &[]).await;
            assert_eq!(error_of(dead).await, (400, "invalid_grant".to_owned()));
            assert_eq!(revoke("choir", &tokens[kind]).await, 200);
        }
        assert_eq!(revoke("choir", &"unknown".into()).await, 200);
        let nobody = served.post("/oauth/revoke", &[("token", "x")]).await;
        assert_eq!(error_of(nobody).await, (401, "invalid_client".to_owned()));
        let nothing = [("client_id", "choir"), ("client_secret", SECRET)];
        let nothing = served.post("/oauth/revoke", &nothing).await;
        assert_eq!(error_of(nothing).await, (400, "invalid_request".to_owned()));
    });
}

#[test]
fn a_client_examines_its_own_tokens_and_no_others() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("band", REDIRECT).await;
        let examine = async |client: &str, token: &Value| {
            let form = [
                ("token", token.as_str().unwrap()),
                ("client_id", client),
                ("client_secret", SECRET),
            ];
            json_of(served.post("/oauth/introspect", &form).await).await
        };
        let tokens = served.tokens("choir").await;
        let said = examine("choir", &tokens["access_token"]).await;
        assert_eq!(
            (&said["active"], &said["client_id"], &said["scope"], &said["token_type"]),
            (&true.into(), &"choir".into(), &"openid email".into(), &"Bearer".into())
        );
        assert_eq!(said["sub"], tokens["userinfo"]["sub"]);
        assert_eq!(examine("choir", &tokens["refresh_token"]).await["active"], true);
        let inactive = serde_json::json!({ "active": false });
        for token in ["access_token", "refresh_token", "id_token"] {
            assert_eq!(examine("band", &tokens[token]).await, inactive);
        }
        assert_eq!(examine("choir", &tokens["id_token"]).await, inactive);
        assert_eq!(examine("choir", &"unknown".into()).await, inactive);
        served.pass(Duration::from_secs(3600));
        assert_eq!(examine("choir", &tokens["access_token"]).await, inactive);
        let newer = json_of(refresh(&served, "choir", &tokens["refresh_token"], &[]).await).await;
        assert_eq!(examine("choir", &tokens["refresh_token"]).await, inactive);
        assert_eq!(examine("choir", &newer["refresh_token"]).await["active"], true);
        let nobody = served.post("/oauth/introspect", &[("token", "x")]).await;
        assert_eq!(error_of(nobody).await, (401, "invalid_client".to_owned()));
    });
}

#[test]
fn thirty_two_at_once_on_one_refresh_token_stay_one_family() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let tokens = served.tokens("choir").await;
        let asked = (0..32).map(|_one| refresh(&served, "choir", &tokens["refresh_token"], &[]));
        let answers = futures::future::join_all(asked).await;
        assert!(answers.iter().all(|answer| answer.status() == 200));
        served.pass(Duration::from_secs(11));
        let reused = refresh(&served, "choir", &tokens["refresh_token"], &[]).await;
        assert_eq!(reused.status(), 400);
        for answer in answers {
            let tokens = json_of(answer).await;
            assert_eq!(served.userinfo(&tokens["access_token"]).await.status(), 401);
        }
    });
}
