//! What clients set themselves: webhooks; and what is written down of all they do.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::api_support::{Answered, invite};
use crate::support::{SECRET, Served, on_both, on_both_with};

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
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.1.2.3/hooks",
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
        let made = served.submit("/api/invitations", &invite(&json!({}))).await.json();
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

#[test]
fn a_client_has_mails_of_its_own() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("orchestra", REDIRECT).await;
        let path = "/api/templates/invite_to_myapp";
        let wanted = invite(&json!({ "template_alias": "invite_to_myapp" }));
        assert_eq!(served.submit("/api/invite", &wanted).await.refusal().0, 400);
        assert_eq!(served.look(path).await.refusal(), (404, "not_found".to_owned()));
        let text = "{{ data.custom_value }} {{ action_url }}";
        let first = put(&served, path, &json!({ "subject": "Hello", "text": text })).await;
        assert_eq!(
            (first.status, &first.json()["version"]),
            (200, &json!(1)),
            "{}",
            first.text
        );
        let second = put(&served, path, &json!({ "subject": "Hello again", "text": text })).await;
        assert_eq!(second.json()["version"], 2);
        let german = json!({ "subject": "Hallo", "text": text, "html": "<p>{{ action_url }}</p>", "locale": "de" });
        assert_eq!(put(&served, path, &german).await.json()["version"], 1);
        let shown = served.look(path).await.json();
        assert_eq!(shown["languages"].as_array().unwrap().len(), 2);
        assert_eq!(
            (&shown["languages"][1]["locale"], &shown["languages"][1]["subject"]),
            (&json!("en"), &json!("Hello again"))
        );
        let only = served.look(&format!("{path}?locale=de")).await.json();
        assert_eq!(
            (
                only["languages"].as_array().unwrap().len(),
                &only["languages"][0]["subject"]
            ),
            (1, &json!("Hallo"))
        );
        assert_eq!(served.submit("/api/invite", &wanted).await.status, 200);
        assert_eq!(served.ask(Method::GET, path, "orchestra").await.status, 404);

        let request = served
            .http
            .post(served.at(&format!("{path}/preview")))
            .basic_auth("choir", Some(SECRET));
        let data = json!({ "locale": "de", "template_data": { "custom_value": "<b>" } });
        let preview = Answered::of(request.json(&data).send().await.unwrap()).await;
        assert_eq!(
            (preview.status, &preview.json()["subject"]),
            (200, &json!("Hallo")),
            "{}",
            preview.text
        );
        assert!(preview.json()["text"].as_str().unwrap().starts_with("<b>"));
        let request = served
            .http
            .post(served.at("/api/templates/invite/preview"))
            .basic_auth("choir", Some(SECRET));
        let built_in = Answered::of(request.json(&json!({})).send().await.unwrap()).await;
        assert_eq!(built_in.status, 200, "{}", built_in.text);

        for _again in 0..2 {
            let answer = served.ask(Method::DELETE, &format!("{path}?locale=de"), "choir").await;
            assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        }
        assert_eq!(served.look(path).await.json()["languages"].as_array().unwrap().len(), 1);
        assert_eq!(served.ask(Method::DELETE, path, "choir").await.status, 204);
        assert_eq!(served.look(path).await.status, 404);
    });
}

#[test]
fn a_mail_that_nobody_could_follow_is_not_kept() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let good = json!({ "subject": "Hello", "text": "{{ action_url }}" });
        for (member, wrong) in [
            ("subject", json!("")),
            ("subject", json!("a\nb")),
            ("subject", json!(7)),
            ("subject", json!(null)),
            ("text", json!("Hello")),
            ("text", json!("{{ action_url }")),
            ("text", json!("{% for a in b %}{{ action_url }}{% endfor %}")),
            ("text", json!("\0{{ action_url }}")),
            ("text", json!(format!("{{{{ action_url }}}}{}", "x".repeat(40_000)))),
            ("html", json!("<p>Hello</p>")),
            ("locale", json!("english")),
        ] {
            let mut request = good.clone();
            request[member] = wrong.clone();
            let refusal = put(&served, "/api/templates/a", &request).await.refusal();
            assert_eq!(refusal, (400, "invalid_request".to_owned()), "{member}: {wrong}");
        }
        for wrong in ["a.b", "a%20b", "%00", &"a".repeat(65)] {
            let refusal = put(&served, &format!("/api/templates/{wrong}"), &good).await.refusal();
            assert_eq!(refusal, (400, "invalid_request".to_owned()), "{wrong}");
            assert_eq!(served.look(&format!("/api/templates/{wrong}")).await.status, 404);
        }
    });
}

#[test]
fn of_a_template_the_last_ten_versions_are_kept() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        for number in 1..=12 {
            let template = json!({ "subject": format!("Hello {number}"), "text": "{{ action_url }}" });
            let answer = put(&served, "/api/templates/invite_to_myapp", &template).await;
            assert_eq!(answer.json()["version"], number);
        }
        assert_eq!(served.count("SELECT COUNT(*) FROM templates").await, 10);
        assert_eq!(served.count("SELECT MIN(version) FROM templates").await, 3);
    });
}

#[test]
fn an_operator_may_allow_webhooks_of_this_machine() {
    on_both_with(
        |config| config.private_webhooks = true,
        |served| async move {
            served.register("choir", REDIRECT).await;
            let asked = json!({ "url": "http://127.0.0.1:9/hooks" });
            let answer = put(&served, "/api/webhooks", &asked).await;
            assert_eq!(
                (answer.status, &answer.json()["url"]),
                (200, &asked["url"]),
                "{}",
                answer.text
            );
        },
    );
}
