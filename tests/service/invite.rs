//! `POST /api/invite`: the request of DID.app's documents, and every way to get it wrong.

use partyline::service::client::ClientKind;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::api_support::{Answered, invite};
use crate::support::{SECRET, client, on_both};

const REDIRECT: &str = "https://myapp.test/welcome";

#[test]
fn the_request_of_the_documents_is_answered_as_they_say() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let body = r#"{
  "client_id": "choir",
  "client_secret": "SECRET",
  "redirect_uri": "https://myapp.test/welcome",
  "response_mode": "form_post",
  "email_address": "bonny@example.com",
  "template_alias": "invite",
  "template_data": {
    "custom_value": "foo"
  }
}"#;
        let request = served
            .http
            .post(served.at("/api/invite"))
            .header("content-type", "application/json")
            .body(body.replace("SECRET", SECRET));
        let answer = Answered::of(request.send().await.unwrap()).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "{}"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let id = answer.header("partyline-invitation-id").unwrap().to_owned();
        let shown = served.look(&format!("/api/invitations/{id}")).await.json();
        for (member, value) in [
            ("id", json!(id)),
            ("status", json!("queued")),
            ("email_address", json!("bonny@example.com")),
            ("redirect_uri", json!(REDIRECT)),
            ("response_mode", json!("form_post")),
            ("delivery", json!("direct")),
            ("deliver", json!("email")),
            ("template_alias", json!("invite")),
            ("template_data", json!({ "custom_value": "foo" })),
            ("locale", json!("en")),
            ("scope", json!("openid email")),
            ("send_count", json!(1)),
            ("created_at", json!("2026-01-01T00:00:00Z")),
            ("expires_at", json!("2026-01-08T00:00:00Z")),
        ] {
            assert_eq!(shown[member], value, "{member}");
        }
        assert_eq!(shown["events"][0]["kind"], "invitation.created");
        assert_eq!(shown.get("invitation_url"), None);
        assert_eq!(served.count("SELECT COUNT(*) FROM outbox WHERE kind = 'mail'").await, 1);
    });
}

#[test]
fn what_is_left_out_has_its_default() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let least = json!({ "client_id": "choir", "client_secret": SECRET, "email_address": "bonny@example.com" });
        let answer = served.submit("/api/invitations", &least).await;
        assert_eq!(answer.status, 201);
        let made = answer.json();
        assert_eq!(answer.header("partyline-invitation-id"), made["id"].as_str());
        assert_eq!(
            (&made["redirect_uri"], &made["response_mode"]),
            (&json!(REDIRECT), &json!("query"))
        );
        assert_eq!(
            (&made["template_alias"], &made["template_data"]),
            (&json!("invite"), &json!({}))
        );
    });
}

#[test]
fn what_is_named_is_kept() {
    on_both(|served| async move {
        let mut choir = client("choir", ClientKind::Confidential);
        choir.initiate_login_uri = Some("https://myapp.test/login".to_owned());
        served.register_as(choir, REDIRECT).await;
        let digest = "A".repeat(43);
        let all = invite(&json!({
            "email_address": " Bonny.O'Neil+choir@Ex\u{e4}mple.ORG ",
            "state": "a b&c=\u{fc}",
            "delivery": "initiate",
            "ttl_sec": 300,
            "locale": "zh-Hans",
            "scope": "email openid  unheard_of email",
            "nonce": "n",
            "code_challenge": digest,
            "code_challenge_method": "S256",
            "party": { "invitation": "abc-_1", "party_ref": digest, "more": [] },
            "app_data": "line\nline",
            "template_data": { "a": "\u{1f3b5}", "b": 1.5, "c": true },
            "unheard_of": { "deep": [1, 2, 3] },
            "nothing": null,
        }));
        let answer = served.submit("/api/invitations", &all).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let made = answer.json();
        for (member, value) in [
            ("email_address", json!("Bonny.O'Neil+choir@xn--exmple-cua.org")),
            ("state", json!("a b&c=\u{fc}")),
            ("delivery", json!("initiate")),
            ("expires_at", json!("2026-01-01T00:05:00Z")),
            ("locale", json!("zh-Hans")),
            ("scope", json!("openid email")),
            ("party", json!({ "invitation": "abc-_1", "party_ref": digest })),
            ("app_data", json!("line\nline")),
            ("template_data", json!({ "a": "\u{1f3b5}", "b": 1.5, "c": true })),
        ] {
            assert_eq!(made[member], value, "{member}");
        }
    });
}

#[test]
fn a_request_that_breaks_a_rule_is_refused() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let long = |n: usize| "x".repeat(n);
        let many: serde_json::Map<String, Value> = (0..21).map(|n| (format!("v{n}"), json!(n))).collect();
        let big: serde_json::Map<String, Value> = (0..20)
            .map(|n| (format!("v{n}"), json!("\u{fc}".repeat(200))))
            .collect();
        for wrong in [
            json!({ "email_address": null }),
            json!({ "email_address": "" }),
            json!({ "email_address": "bonny" }),
            json!({ "email_address": "bonny@example.org\r\nBcc: all@example.org" }),
            json!({ "email_address": ["bonny@example.org"] }),
            json!({ "email_address": format!("{}@example.org", long(255)) }),
            json!({ "redirect_uri": "https://myapp.test/welcome/" }),
            json!({ "redirect_uri": "https://myapp.test/welcome#" }),
            json!({ "redirect_uri": "https://MYAPP.test/welcome" }),
            json!({ "redirect_uri": "http://myapp.test/welcome" }),
            json!({ "redirect_uri": "" }),
            json!({ "redirect_uri": 7 }),
            json!({ "response_mode": "web_message" }),
            json!({ "response_mode": "" }),
            json!({ "response_mode": "Query" }),
            json!({ "template_alias": "unheard_of" }),
            json!({ "template_alias": "../invite" }),
            json!({ "template_data": [] }),
            json!({ "template_data": "a" }),
            json!({ "template_data": many }),
            json!({ "template_data": big }),
            json!({ "template_data": { "a": long(201) } }),
            json!({ "template_data": { "a": null } }),
            json!({ "template_data": { "a": { "b": 1 } } }),
            json!({ "template_data": { "a": "x\ny" } }),
            json!({ "template_data": { "a b": "x" } }),
            json!({ "template_data": { "a": "Win at https://evil.test" } }),
            json!({ "template_data": { "a": "evil.test" } }),
            json!({ "template_data": { "a": "x\u{202e}y" } }),
            json!({ "template_data": { "": "x" } }),
            json!({ "state": "" }),
            json!({ "state": long(513) }),
            json!({ "state": "a\0b" }),
            json!({ "delivery": "email" }),
            json!({ "delivery": "initiate" }),
            json!({ "ttl_sec": 299 }),
            json!({ "ttl_sec": 2_592_001 }),
            json!({ "ttl_sec": -1 }),
            json!({ "ttl_sec": "600" }),
            json!({ "ttl_sec": 600.5 }),
            json!({ "locale": "english" }),
            json!({ "locale": "en_US" }),
            json!({ "deliver": "sms" }),
            json!({ "scope": "" }),
            json!({ "nonce": "" }),
            json!({ "nonce": long(257) }),
            json!({ "code_challenge": "A".repeat(43) }),
            json!({ "code_challenge": "A".repeat(43), "code_challenge_method": "plain" }),
            json!({ "code_challenge": "A".repeat(42), "code_challenge_method": "S256" }),
            json!({ "code_challenge_method": "S256" }),
            json!({ "party": {} }),
            json!({ "party": { "invitation": "a b", "party_ref": "A".repeat(43) } }),
            json!({ "party": { "invitation": "a", "party_ref": "A" } }),
            json!({ "party": { "invitation": "a", "party_ref": "A".repeat(43), "key": "A".repeat(43) } }),
            json!({ "app_data": long(2049) }),
            json!({ "app_data": "a\0b" }),
        ] {
            for path in ["/api/invite", "/api/invitations"] {
                let answer = served.submit(path, &invite(&wrong)).await;
                assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{wrong}");
                assert_eq!(answer.header("cache-control"), Some("no-store"));
            }
        }
        let scope = served
            .submit("/api/invite", &invite(&json!({ "scope": "profile admin" })))
            .await;
        assert_eq!(scope.refusal(), (400, "invalid_scope".to_owned()));
        assert_eq!(served.count("SELECT COUNT(*) FROM invitations").await, 0);
        assert_eq!(served.count("SELECT COUNT(*) FROM counters").await, 0);
    });
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let send = async |kind: Option<&str>, body: Vec<u8>| {
            let mut request = served.http.post(served.at("/api/invite")).body(body);
            if let Some(kind) = kind {
                request = request.header("content-type", kind);
            }
            Answered::of(request.send().await.unwrap()).await
        };
        let json = Some("application/json");
        let good = serde_json::to_vec(&invite(&json!({}))).unwrap();
        for wrong in [
            &b""[..],
            b"{",
            b"[]",
            b"null",
            b"\"a\"",
            b"{}{}",
            b"{\"email_address\":\"\xff@example.org\"}",
            b"{\"state\":\"\\ud800\"}",
            b"{\"client_id\":\"choir\",\"client_id\":\"other\"}",
        ] {
            let refusal = send(json, wrong.to_vec()).await.refusal();
            assert_eq!(refusal, (400, "invalid_request".to_owned()), "{}", wrong.escape_ascii());
        }
        assert_eq!(send(json, "[".repeat(20_000).into_bytes()).await.refusal().0, 400);
        assert_eq!(
            send(json, vec![b' '; 32 * 1024 + 1]).await.refusal(),
            (413, "too_large".to_owned())
        );
        for other in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/jsonx"),
        ] {
            let refusal = send(other, good.clone()).await.refusal();
            assert_eq!(refusal, (415, "unsupported_media_type".to_owned()), "{other:?}");
        }
        assert_eq!(send(Some("Application/JSON; charset=utf-8"), good).await.status, 200);
    });
}

#[test]
fn only_a_client_that_proves_who_it_is_invites() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("orchestra", REDIRECT).await;
        let mut off = client("off", ClientKind::Confidential);
        off.is_disabled = true;
        served.register_as(off, REDIRECT).await;
        served
            .register_as(client("desktop", ClientKind::Public), "http://127.0.0.1/callback")
            .await;
        for (who, refusal) in [
            (json!({ "client_secret": "pls_wrong" }), (401, "invalid_client")),
            (json!({ "client_secret": "" }), (401, "invalid_client")),
            (json!({ "client_secret": null }), (401, "invalid_client")),
            (json!({ "client_id": "nobody" }), (401, "invalid_client")),
            (json!({ "client_id": "a\0b" }), (401, "invalid_client")),
            (json!({ "client_id": "" }), (401, "invalid_client")),
            (
                json!({ "client_id": null, "client_secret": null }),
                (401, "invalid_client"),
            ),
            (json!({ "client_id": "off" }), (403, "unauthorized_client")),
            (
                json!({ "client_id": "desktop", "client_secret": null }),
                (403, "unauthorized_client"),
            ),
            (json!({ "client_id": "desktop" }), (401, "invalid_client")),
        ] {
            for path in ["/api/invite", "/api/invitations"] {
                let answer = served.submit(path, &invite(&who)).await;
                assert_eq!(answer.refusal(), (refusal.0, refusal.1.to_owned()), "{who}");
                let challenged = answer
                    .header("www-authenticate")
                    .is_some_and(|said| said.starts_with("Basic "));
                assert_eq!(challenged, refusal.0 == 401, "{who}");
            }
        }
        let with_header = async |who: &Value, id: &str, secret: &str| {
            let request = served.http.post(served.at("/api/invite")).basic_auth(id, Some(secret));
            Answered::of(request.json(&invite(who)).send().await.unwrap()).await
        };
        let nobody = json!({ "client_id": null, "client_secret": null });
        assert_eq!(with_header(&nobody, "choir", SECRET).await.status, 200);
        assert_eq!(with_header(&nobody, "choir", "pls_x").await.refusal().0, 401);
        let named = json!({ "client_secret": null, "email_address": "second@example.com" });
        assert_eq!(with_header(&named, "choir", SECRET).await.status, 200);
        let twice = with_header(&json!({}), "choir", SECRET).await;
        assert_eq!(twice.refusal(), (400, "invalid_request".to_owned()));
        let two = with_header(&named, "orchestra", SECRET).await;
        assert_eq!(two.refusal(), (400, "invalid_request".to_owned()));
    });
}

#[test]
fn a_body_beyond_all_limits_is_refused_in_the_same_words() {
    on_both(|served| async move {
        let issuer = served.at("");
        let address = issuer.strip_prefix("http://").unwrap();
        for path in ["/api/invite", "/api/invitations/bulk", "/oauth/token"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: 2097153\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(
                answer.starts_with("HTTP/1.1 413 ") && answer.contains("\"error\":\"too_large\""),
                "{answer}"
            );
        }
    });
}
