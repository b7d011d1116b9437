//! What clients set themselves: webhooks; and what is written down of all they do.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::api_support::{Answered, invite};
use crate::support::{SECRET, Served, on_both};

const REDIRECT: &str = "https://myapp.test/welcome";

async fn put(served: &Served, path: &str, body: &Value) -> Answered {
    let request = served.http.put(served.at(path)).basic_auth("choir", Some(SECRET));
    Answered::of(request.json(body).send().await.unwrap()).await
}

#[test]
fn a_client_says_where_it_is_told_and_gets_a_secret_once() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        assert_eq!(served.look("/api/webhooks").await.json(), json!({}));
        let url = json!({ "url": "https://myapp.test/hooks" });
        let first = put(&served, "/api/webhooks", &url).await.json();
        let secret = first["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("whsec_"));
        assert!(standardwebhooks::Webhook::new(&secret).is_ok());
        assert_eq!(served.look("/api/webhooks").await.json(), url);
        // Another address keeps the secret, an end of it too.
        let other = json!({ "url": "https://myapp.test/other" });
        assert_eq!(put(&served, "/api/webhooks", &other).await.json(), other);
        assert_eq!(
            put(&served, "/api/webhooks", &json!({ "url": null })).await.json(),
            json!({})
        );
        assert_eq!(put(&served, "/api/webhooks", &url).await.json(), url);
        let rotate = json!({ "url": "https://myapp.test/hooks", "rotate_secret": true });
        let rotated = put(&served, "/api/webhooks", &rotate).await.json();
        assert_ne!(rotated["secret"].as_str().unwrap(), secret);
        // It is in no table.
        let kept = served
            .count("SELECT COUNT(*) FROM clients WHERE webhook_secret LIKE 'whsec%'")
            .await;
        assert_eq!(kept, 0);
        for wrong in [
            "",
            "http://myapp.test/",
            "https://u:p@myapp.test/",
            "https://myapp.test/#a",
            "ftp://a.test",
            "hooks",
            "https://",
            "https://a.test/\0",
        ] {
            let refusal = put(&served, "/api/webhooks", &json!({ "url": wrong })).await.refusal();
            assert_eq!(refusal, (400, "invalid_request".to_owned()), "{wrong:?}");
        }
    });
}

#[test]
fn everything_that_was_done_is_written_down() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("orchestra", REDIRECT).await;
        let made = served.post("/api/invitations", &invite(&json!({}))).await.json();
        let id = made["id"].as_str().unwrap();
        for path in ["resend", "revoke"] {
            served.pass(Duration::from_secs(60));
            let answer = served
                .ask(Method::POST, &format!("/api/invitations/{id}/{path}"), "choir")
                .await;
            assert!(answer.status < 300);
        }
        served.pass(Duration::from_secs(60));
        put(&served, "/api/webhooks", &json!({ "url": "https://myapp.test/hooks" })).await;
        let mut kinds = Vec::new();
        let mut path = "/api/audit?limit=3".to_owned();
        loop {
            let page = served.look(&path).await.json();
            for event in page["events"].as_array().unwrap() {
                assert_eq!(event["actor"], "client");
                kinds.push(event["kind"].as_str().unwrap().to_owned());
            }
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("/api/audit?limit=3&cursor={cursor}");
        }
        assert_eq!(
            kinds,
            [
                "client.webhook_changed",
                "invitation.revoked",
                "invitation.resent",
                "invitation.created"
            ]
        );
        let theirs = served.ask(Method::GET, "/api/audit", "orchestra").await.json();
        assert_eq!(theirs, json!({ "events": [] }));
        for wrong in ["cursor=a", "cursor=", "limit=0", "cursor=%00"] {
            let refusal = served.look(&format!("/api/audit?{wrong}")).await.refusal();
            assert_eq!(refusal, (400, "invalid_request".to_owned()), "{wrong}");
        }
        let nobody = served.get("/api/audit").await;
        assert_eq!(nobody.status(), 401);
    });
}
