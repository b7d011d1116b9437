//! Links in the hands of somebody who means harm: made-up tokens, other websites, texts that want to be more than text.

use partyline::identity::EmailAddress;
use partyline::service::client::{DeadLink, OAuthClient};
use partyline::service::config::Config;
use partyline::service::invitation::ResponseMode;
use partyline::service::token::{Purpose, make_link, new_opaque_id};
use reqwest::header::HeaderMap;

use crate::invited::{choir, codes, invitation};
use crate::support::{on_both, on_both_with};

fn many_pages(config: &mut Config) {
    config.limits.pages_per_minute = 100_000;
}

#[test]
fn a_made_up_token_leads_nowhere_whatever_it_is() {
    on_both_with(many_pages, |served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Redirect, |_| ()).await;
        let mut wrong: Vec<String> = (0..token.len())
            .map(|at| {
                let letter = if token.as_bytes()[at] == b'A' { 'B' } else { 'A' };
                format!("{}{letter}{}", &token[..at], &token[at + 1..])
            })
            .collect();
        let keys = &served.service.keys.links;
        wrong.extend([
            make_link(keys, Purpose::Invitation(1), &id),
            make_link(keys, Purpose::Invitation(0), &new_opaque_id(&mut rand::rng())),
            make_link(keys, Purpose::Unsubscribe, &id),
            "%00".to_owned(),
            "%ff%fe".to_owned(),
            "..%2f..%2fetc%2fpasswd".to_owned(),
            "%3Cscript%3E".to_owned(),
            "a".repeat(4000),
            token.to_uppercase(),
            format!("{token}%20"),
        ]);
        for token in wrong {
            let path = format!("/i/{token}");
            let answers = [
                served.get(&path).await,
                served.press_at(&path).await,
                served.press_at(&format!("{path}/decline")).await,
                served.press_at(&format!("{path}/renew")).await,
            ];
            for answer in answers {
                assert_eq!(
                    (answer.status().as_u16(), answer.headers().get("location")),
                    (404, None),
                    "{token}"
                );
                let page = answer.text().await.unwrap();
                assert!(
                    page.contains("This link does not work") && !page.contains("<script"),
                    "{page}"
                );
            }
        }
        assert_eq!(
            (codes(&served, &id).await, served.happened_to(&id).await),
            ((0, 0), vec![])
        );
    });
}

#[test]
fn a_button_on_another_website_does_nothing() {
    on_both(|served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Redirect, |_| ()).await;
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")] {
            for path in ["", "/decline", "/renew"] {
                let asked = served
                    .http
                    .post(served.at(&format!("/i/{token}{path}")))
                    .header(name, value);
                let answer = asked.send().await.unwrap();
                assert_eq!(
                    (answer.status().as_u16(), answer.headers().get("location")),
                    (403, None)
                );
            }
        }
        assert!(served.happened_to(&id).await.is_empty());
        let own = served.http.post(served.at(&format!("/i/{token}")));
        let own = own
            .header("sec-fetch-site", "same-origin")
            .header("origin", served.issuer.as_str());
        assert_eq!(own.send().await.unwrap().status(), 303);
    });
}

#[test]
fn nothing_in_a_request_changes_where_it_leads() {
    on_both(|served| async move {
        let (_id, token) = served.invited_by_choir(DeadLink::Redirect, |_| ()).await;
        let evil = "redirect_uri=https%3A%2F%2Fevil.test&response_mode=fragment&state=x&iss=https%3A%2F%2Fevil.test";
        let asked = served
            .http
            .post(served.at(&format!("/i/{token}?{evil}")))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-forwarded-host", "evil.test")
            .header("forwarded", "host=evil.test")
            .header("x-original-url", "https://evil.test")
            .body(evil);
        let answer = asked.send().await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        assert!(location.starts_with("https://myapp.test/welcome?code=") && !location.contains("evil"));
        let page = served
            .http
            .get(served.at(&format!("/i/{token}?{evil}")))
            .header("x-forwarded-host", "evil.test");
        assert!(!page.send().await.unwrap().text().await.unwrap().contains("evil"));
    });
}

/// A text that is more than a text in every language it could end up in.
const EVIL: &str =
    "\"><script>alert(1)</script><img src=x onerror=alert(2)>'--{{7777*7777}}${7}%0d%0aX-Evil: 1\r\nX-Evil: 2\u{202e}";

#[test]
fn a_hostile_text_stays_a_text_in_every_field() {
    on_both(|served| async move {
        let client = OAuthClient {
            name: EVIL.to_owned(),
            is_trusted: true,
            ..choir(DeadLink::Page)
        };
        let redirect = "https://myapp.test/w?a=\"'<>&b=';script-src%20*";
        served.register_as(client, redirect).await;
        let mut invitation = invitation(&served);
        invitation.template_data = serde_json::json!({ "inviter_name": &EVIL[..40], "x": EVIL }).to_string();
        invitation.state = Some(EVIL.to_owned());
        invitation.locale = EVIL.to_owned();
        invitation.email = Some(EmailAddress::parse("a'b&c{d}`e@example.com").unwrap());
        redirect.clone_into(&mut invitation.redirect_uri);
        invitation.response_mode = ResponseMode::FormPost;
        let id = invitation.id.clone();
        let token = served.put_link(invitation).await;
        let stop = make_link(&served.service.keys.links, Purpose::Unsubscribe, &id);
        let mut answers = vec![
            served.get(&format!("/i/{token}")).await,
            served.press_at(&format!("/i/{token}")).await,
            served.get(&format!("/u/{stop}")).await,
            served.press_at(&format!("/i/{token}/decline")).await,
            served.get(&format!("/i/{token}")).await,
            served.get("/errors/%3Cscript%3E").await,
        ];
        served
            .change_row(
                "UPDATE invitations SET response_mode = 'query', status = 'sent' WHERE id = $1",
                &id,
            )
            .await;
        answers.push(served.press_at(&format!("/i/{token}")).await);
        for answer in answers {
            assert!(answer.headers().get("x-evil").is_none());
            let scripts = usize::from(policy(answer.headers()).contains("script-src"));
            let page = answer.text().await.unwrap();
            assert_eq!(page.matches("<script").count(), scripts, "{page}");
            assert!(!page.contains("<img") && !page.contains("60481729"), "{page}");
        }
    });
}

fn policy(headers: &HeaderMap) -> String {
    headers
        .get("content-security-policy")
        .map(|policy| policy.to_str().unwrap().to_owned())
        .unwrap_or_default()
}

#[test]
fn every_page_carries_what_protects_it() {
    on_both(|served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Page, |_| ()).await;
        let stop = make_link(&served.service.keys.links, Purpose::Unsubscribe, &id);
        let answers = [
            served.get(&format!("/i/{token}")).await,
            served.get(&format!("/u/{stop}")).await,
            served.get("/i/nothing").await,
            served.get("/errors/invitation_used").await,
            served.press_at(&format!("/i/{token}/decline")).await,
            served.get(&format!("/i/{token}")).await,
        ];
        let mut nonces = vec![];
        for answer in &answers {
            let headers = answer.headers();
            for (name, value) in [
                ("cache-control", "no-store"),
                ("referrer-policy", "strict-origin"),
                ("x-robots-tag", "noindex, nofollow"),
                ("x-content-type-options", "nosniff"),
                ("cross-origin-opener-policy", "same-origin"),
                ("content-type", "text/html; charset=utf-8"),
            ] {
                assert_eq!(headers[name], value);
            }
            assert!(
                !headers.contains_key("strict-transport-security"),
                "this service speaks http"
            );
            let policy = policy(headers);
            for part in [
                "default-src 'none'",
                "img-src 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "form-action 'self'",
            ] {
                assert!(policy.contains(part), "{policy}");
            }
            assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
            nonces.push(
                policy
                    .split("'nonce-")
                    .nth(1)
                    .unwrap()
                    .split('\'')
                    .next()
                    .unwrap()
                    .to_owned(),
            );
        }
        nonces.sort();
        nonces.dedup();
        assert_eq!(nonces.len(), answers.len(), "a nonce is used once");
        assert!(nonces.iter().all(|nonce| nonce.len() == 22));
    });
}

#[test]
fn error_codes_are_explained() {
    on_both(|served| async move {
        let answer = served.get("/errors/invitation_expired").await;
        assert_eq!(answer.status(), 200);
        assert!(answer.text().await.unwrap().contains("not accepted in time"));
        for unknown in ["/errors/nothing", "/errors/%00", "/errors/..%2f"] {
            assert_eq!(served.get(unknown).await.status(), 404);
        }
        assert_eq!(served.get("/icon.svg").await.headers()["content-type"], "image/svg+xml");
    });
}
