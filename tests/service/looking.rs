//! Invitations as their client looks through them.

use partyline::service::database::query;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::api_support::invite;
use crate::support::{Served, on_both};

const REDIRECT: &str = "https://myapp.test/welcome";

async fn make(served: &Served, client: &str, address: &str) -> String {
    let request = invite(&json!({ "client_id": client, "email_address": address }));
    let made = served.submit("/api/invitations", &request).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

fn ids(page: &Value) -> Vec<String> {
    let found = page["invitations"].as_array().unwrap();
    found.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// Writes a state down as a worker would have.
async fn put(served: &Served, id: &str, status: &'static str) {
    let id = id.to_owned();
    let written = served.service.database.write(move |connection| {
        Box::pin(async move {
            let ended = matches!(status, "accepted" | "declined" | "revoked" | "expired");
            query("UPDATE invitations SET status = $1, ended_at = $2 WHERE id = $3")
                .bind(status)
                .bind(ended.then_some(0_i64))
                .bind(id)
                .execute(connection)
                .await?;
            Ok(())
        })
    });
    written.await.unwrap();
}

#[test]
fn pages_go_from_the_newest_to_the_oldest_without_a_gap() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("orchestra", REDIRECT).await;
        let mut made = Vec::new();
        for n in 0..25 {
            made.push(make(&served, "choir", &format!("p{n}@example.com")).await);
            make(&served, "orchestra", &format!("q{n}@example.com")).await;
            // Several in one moment, so that the order of ids decides.
            if n % 5 == 0 {
                served.pass(Duration::from_millis(1));
            }
        }
        let mut seen = Vec::new();
        let mut path = "/api/invitations?limit=7".to_owned();
        loop {
            let page = served.look(&path).await.json();
            seen.extend(ids(&page));
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            assert_eq!(ids(&page).len(), 7);
            path = format!("/api/invitations?limit=7&cursor={cursor}");
            // What comes meanwhile is on no later page.
            let newer = seen.len().to_string();
            make(&served, "choir", &format!("newer{newer}@example.com")).await;
        }
        assert_eq!(seen.len(), 25);
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(distinct, made.iter().collect());
        let exactly = served.look("/api/invitations?limit=28").await.json();
        assert_eq!((ids(&exactly).len(), exactly.get("next_cursor")), (28, None));
    });
}

#[test]
fn a_state_is_found_with_the_clock_counted_in() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let states = [
            "queued", "sent", "opened", "bounced", "failed", "accepted", "declined", "revoked", "expired",
        ];
        let mut made = std::collections::BTreeMap::new();
        for state in states {
            let id = make(&served, "choir", &format!("{state}@example.com")).await;
            put(&served, &id, state).await;
            made.insert(state, id);
        }
        let unwanted = make(&served, "choir", "unwanted@example.com").await;
        put(&served, &unwanted, "suppressed").await;
        let find = async |state: &str| ids(&served.look(&format!("/api/invitations?status={state}")).await.json());
        for state in states.into_iter().filter(|state| *state != "queued") {
            assert_eq!(find(state).await, [made[state].clone()], "{state}");
        }
        let queued = find("queued").await;
        assert!(queued.len() == 2 && queued.contains(&unwanted) && queued.contains(&made["queued"]));
        assert!(find("created").await.is_empty());
        let shown = served.look(&format!("/api/invitations/{unwanted}")).await.json();
        assert_eq!(shown["status"], "queued");

        served.pass(Duration::from_secs(7 * 24 * 3600));
        for state in ["queued", "sent", "opened", "bounced", "failed"] {
            assert!(find(state).await.is_empty(), "{state}");
        }
        assert_eq!(find("expired").await.len(), 7);
        assert_eq!(find("accepted").await, [made["accepted"].clone()]);
        let pages = served.look("/api/invitations?status=expired&limit=4").await.json();
        let cursor = pages["next_cursor"].as_str().unwrap();
        let rest = served
            .look(&format!("/api/invitations?status=expired&limit=4&cursor={cursor}"))
            .await
            .json();
        assert_eq!((ids(&pages).len(), ids(&rest).len()), (4, 3));
    });
}

#[test]
fn an_address_is_found_in_any_spelling() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let id = make(&served, "choir", "Bonny+a@Example.com").await;
        make(&served, "choir", "clyde@example.com").await;
        for path in [
            "email=bonny%2Ba@example.com",
            "email=BONNY%2BA%40EXAMPLE.COM&status=queued",
        ] {
            assert_eq!(
                ids(&served.look(&format!("/api/invitations?{path}")).await.json()),
                std::slice::from_ref(&id)
            );
        }
        assert!(ids(&served.look("/api/invitations?email=b@example.com").await.json()).is_empty());
    });
}

#[test]
fn nobody_sees_what_is_not_theirs() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("orchestra", REDIRECT).await;
        let id = make(&served, "choir", "bonny@example.com").await;
        assert!(ids(&served.ask(Method::GET, "/api/invitations", "orchestra").await.json()).is_empty());
        let theirs = [
            (Method::GET, format!("/api/invitations/{id}")),
            (Method::DELETE, format!("/api/invitations/{id}")),
            (Method::POST, format!("/api/invitations/{id}/revoke")),
            (Method::POST, format!("/api/invitations/{id}/resend")),
        ];
        for (method, path) in theirs {
            let refusal = served.ask(method.clone(), &path, "orchestra").await.refusal();
            assert_eq!(refusal, (404, "not_found".to_owned()), "{method} {path}");
            let nobody = served
                .http
                .request(method.clone(), served.at(&path))
                .send()
                .await
                .unwrap();
            assert_eq!(nobody.status(), 401, "{method} {path}");
        }
        for unheard in [
            "AAAAAAAAAAAAAAAAAAAAAA",
            "a",
            "%00",
            "..",
            "%27%20OR%201%3D1--",
            "%F0%9F%8E%B5",
        ] {
            let answer = served.look(&format!("/api/invitations/{unheard}")).await;
            assert!(answer.status == 404, "{unheard}: {}", answer.status);
        }
    });
}

#[test]
fn a_strange_question_is_refused() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        for wrong in [
            "status=suppressed",
            "status=",
            "status=%00",
            "status=queued%27%20OR%20%271%27=%271",
            "email=bonny",
            "email=%00@example.com",
            "limit=0",
            "limit=201",
            "limit=-1",
            "limit=a",
            "limit=99999999999999999999",
            "cursor=",
            "cursor=abc",
            "cursor=MS4n",
            "limit=1&limit=2",
        ] {
            let refusal = served.look(&format!("/api/invitations?{wrong}")).await.refusal();
            assert_eq!(refusal, (400, "invalid_request".to_owned()), "{wrong}");
        }
        for fine in ["", "unheard_of=1", "limit=200"] {
            assert_eq!(
                served.look(&format!("/api/invitations?{fine}")).await.status,
                200,
                "{fine}"
            );
        }
    });
}
