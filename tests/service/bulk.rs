//! Many invitations in one request.

use std::sync::Arc;

use partyline::service::client::ClientKind;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{SECRET, client, on_both};

const REDIRECT: &str = "https://myapp.test/welcome";

fn of(invitations: &[Value]) -> Value {
    json!({ "client_id": "choir", "client_secret": SECRET, "locale": "de", "invitations": invitations })
}

#[test]
fn each_has_an_answer_of_its_own() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let answer = served
            .submit(
                "/api/invitations/bulk",
                &of(&[
                    json!({ "email_address": "zoe@example.com" }),
                    json!({ "email_address": "nobody" }),
                    json!({ "email_address": "anna@example.com", "locale": "fr", "deliver": "none" }),
                    json!({ "email_address": 7 }),
                    json!({ "email_address": "ZOE@example.com" }),
                    json!({ "email_address": "bob@example.com", "template_alias": "unheard_of" }),
                ]),
            )
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let results = answer.json()["results"].as_array().unwrap().clone();
        let statuses: Vec<_> = results.iter().map(|one| one["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [201, 400, 201, 400, 429, 400]);
        let errors: Vec<_> = results.iter().map(|one| one["error"].as_str()).collect();
        let (wrong, slow) = (Some("invalid_request"), Some("slow_down"));
        assert_eq!(errors, [None, wrong, None, wrong, slow, wrong]);
        for (index, result) in results.iter().enumerate() {
            assert_eq!(result["index"], index);
        }
        assert_eq!(results[0]["invitation"]["locale"], "de");
        assert_eq!(results[2]["invitation"]["locale"], "fr");
        assert!(results[2]["invitation"]["invitation_url"].is_string());
        assert_eq!(served.count("SELECT COUNT(*) FROM invitations").await, 2);
        assert_eq!(served.count("SELECT COUNT(*) FROM outbox").await, 1);
    });
}

#[test]
fn a_thousand_fit_and_no_more() {
    on_both(|served| async move {
        let mut choir = client("choir", ClientKind::Confidential);
        choir.invites_per_day = 1010;
        served.register_as(choir, REDIRECT).await;
        let one = |n: usize| json!({ "email_address": format!("p{n}@d{}.example.com", n % 3) });
        let many: Vec<Value> = (0..1000).map(one).collect();
        let answer = served.submit("/api/invitations/bulk", &of(&many)).await.json();
        assert!(
            answer["results"]
                .as_array()
                .unwrap()
                .iter()
                .all(|one| one["status"] == 201)
        );
        assert_eq!(served.count("SELECT COUNT(*) FROM invitations").await, 1000);
        // Each counts.
        let more: Vec<Value> = (2000..2020).map(one).collect();
        let answer = served.submit("/api/invitations/bulk", &of(&more)).await.json();
        let made = answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["status"] == 201);
        assert_eq!(made.count(), 10);
        for wrong in [
            json!([]),
            json!((0..1001).map(one).collect::<Vec<_>>()),
            json!({}),
            json!(null),
            json!([1]),
        ] {
            let mut request = of(&[]);
            request["invitations"] = wrong;
            let refusal = served.submit("/api/invitations/bulk", &request).await.refusal();
            assert_eq!(refusal, (400, "invalid_request".to_owned()));
        }
    });
}

#[test]
fn two_that_name_the_same_people_in_another_order_do_not_wait_for_each_other() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let served = Arc::new(served);
        let mut tasks = JoinSet::new();
        for turn in 0..8 {
            let served = Arc::clone(&served);
            let mut people: Vec<Value> = (0..60)
                .map(|n| json!({ "email_address": format!("p{n}@d{}.example.com", n % 7) }))
                .collect();
            people.rotate_left(turn * 7);
            if turn % 2 == 0 {
                people.reverse();
            }
            tasks.spawn(async move { served.submit("/api/invitations/bulk", &of(&people)).await });
        }
        let answers = tasks.join_all().await;
        let made = answers.iter().map(|answer| {
            assert_eq!(answer.status, 200, "{}", answer.text);
            let results = answer.json()["results"].as_array().unwrap().clone();
            results.iter().filter(|one| one["status"] == 201).count()
        });
        assert_eq!(made.sum::<usize>(), 60);
        assert_eq!(served.count("SELECT COUNT(*) FROM outbox").await, 60);
    });
}

#[test]
fn who_asks_is_looked_at_before_what_they_ask_for() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        for (secret, refusal) in [("wrong", (401, "invalid_client")), (SECRET, (400, "invalid_request"))] {
            let request = json!({ "client_id": "choir", "client_secret": secret, "invitations": [1] });
            let refused = served.submit("/api/invitations/bulk", &request).await.refusal();
            assert_eq!(refused, (refusal.0, refusal.1.to_owned()));
        }
    });
}

#[test]
fn what_would_take_up_much_memory_is_not_read() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let nested = json!({ "email_address": "zoe@example.com", "more": vec![json!({ "a": 0 }); 25_000] });
        let refused = served.submit("/api/invitations/bulk", &of(&[nested])).await;
        assert!(refused.text.contains("50000 values"), "{}", refused.text);
        assert_eq!(refused.status, 400);
        let fine = json!({ "email_address": "zoe@example.com", "more": vec![json!({ "a": 0 }); 20_000] });
        assert_eq!(served.submit("/api/invitations/bulk", &of(&[fine])).await.status, 200);
    });
}
