//! Signing in by a mailed link, and requests that an invitation answers.

use std::sync::Arc;
use std::time::Duration;

use partyline::service::client::{ClientKind, SignUp};
use partyline::service::invitation::Invitation;
use partyline::service::oauth::{codes, pressed};
use partyline::service::token::{Purpose, make_link};
use serde_json::json;
use tokio::sync::Notify;

use super::REDIRECT;
use super::browser::{Browser, Page, led_to, page};
use super::person::{BONNY, CHALLENGE, Key, VERIFIER, invitation, json_of};
use crate::support::{SECRET, Served, client, on_both, on_both_with, on_sqlite};

fn query(client: &str, more: &[(&str, &str)]) -> String {
    let pairs = [
        ("client_id", client),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("state", "xyz"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let pairs = pairs.iter().chain(more);
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

async fn open(served: &Served) -> Browser {
    let mut choir = client("choir", ClientKind::Confidential);
    choir.sign_up = SignUp::Open;
    served.register_as(choir, REDIRECT).await;
    Browser::default()
}

/// Presses the button of an invitation: the ticket, and the cookie in this browser.
async fn ticket(served: &Served, browser: &Browser, invitation: &Invitation) -> String {
    let (pressing, now) = (invitation.clone(), served.now());
    let written = served.service.database.write(move |connection| {
        Box::pin(async move {
            assert!(codes::press(&mut *connection, &pressing, now).await?);
            codes::issue_ticket(connection, &pressing, now).await
        })
    });
    let ticket = written.await.unwrap().to_string();
    browser.take(&pressed(&served.service, &ticket));
    ticket
}

#[test]
fn a_look_at_the_mailed_link_changes_nothing_and_its_button_works_once() {
    on_both(|served| async move {
        let browser = open(&served).await;
        let asked = page(
            browser
                .get(&served, &format!("/oauth/authorize?{}", query("choir", &[])))
                .await,
        )
        .await;
        let sent = page(
            browser
                .press(&served, &asked, &[("email", " Bonny@Example.com ")])
                .await,
        )
        .await;
        assert!(sent.status == 200 && sent.text.contains("Bonny@example.com"));
        let link = served.mailed_link().await.unwrap();
        // A scanner looks.
        let scanner = Browser::default();
        for _look in 0..3 {
            assert_eq!(page(scanner.get(&served, &link).await).await.status, 200);
            assert_eq!(served.http.head(served.at(&link)).send().await.unwrap().status(), 200);
        }
        let landed = page(browser.get(&served, &link).await).await;
        let answer = led_to(&browser.press(&served, &landed, &[("answer", "continue")]).await);
        assert_eq!((answer["state"].as_str(), &answer["iss"]), ("xyz", &served.issuer));
        assert_eq!(browser.press(&served, &landed, &[]).await.status(), 404);
        assert_eq!(browser.get(&served, &link).await.status(), 404);
        // Signed in: the next request needs nothing.
        let again = browser
            .get(&served, &format!("/oauth/authorize?{}", query("choir", &[])))
            .await;
        assert!(led_to(&again).contains_key("code"));
    });
}

#[test]
fn a_link_to_sign_in_is_over_after_a_quarter_of_an_hour() {
    on_both(|served| async move {
        let browser = open(&served).await;
        let asked = page(
            browser
                .get(&served, &format!("/oauth/authorize?{}", query("choir", &[])))
                .await,
        )
        .await;
        browser.press(&served, &asked, &[("email", BONNY)]).await;
        let link = served.mailed_link().await.unwrap();
        served.pass(Duration::from_secs(899));
        assert_eq!(browser.get(&served, &link).await.status(), 200);
        served.pass(Duration::from_secs(1));
        assert_eq!(browser.get(&served, &link).await.status(), 404);
        assert_eq!(browser.get(&served, "/oauth/sign-in/unknown").await.status(), 404);
    });
}

#[test]
fn another_website_can_press_no_button_here() {
    on_both(|served| async move {
        let browser = open(&served).await;
        browser.sign_in(&served, &query("choir", &[]), BONNY).await;
        for path in ["/oauth/sign-in", "/oauth/continue", "/oauth/sign-in/x"] {
            for (name, value) in [
                ("origin", "https://evil.test"),
                ("origin", "null"),
                ("sec-fetch-site", "cross-site"),
            ] {
                let forged = served
                    .http
                    .post(served.at(path))
                    .header(name, value)
                    .form(&[("email", BONNY)]);
                assert_eq!(browser.send(forged).await.status(), 403, "{path} {value}");
            }
        }
    });
}

#[test]
fn an_address_gets_one_mail_in_a_minute_and_no_nonsense_gets_any() {
    on_both(|served| async move {
        let browser = open(&served).await;
        let asked = page(
            browser
                .get(&served, &format!("/oauth/authorize?{}", query("choir", &[])))
                .await,
        )
        .await;
        for wrong in ["", "bonny", "bonny@example.com\r\nBcc: all@example.com"] {
            assert_eq!(browser.press(&served, &asked, &[("email", wrong)]).await.status(), 422);
        }
        assert_eq!(browser.press(&served, &asked, &[("email", BONNY)]).await.status(), 200);
        assert_eq!(browser.press(&served, &asked, &[("email", BONNY)]).await.status(), 429);
        served.pass(Duration::from_secs(60));
        assert_eq!(browser.press(&served, &asked, &[("email", BONNY)]).await.status(), 200);
    });
}

#[test]
fn an_application_for_the_invited_takes_nobody_else() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let browser = Browser::default();
        let asked = page(
            browser
                .get(&served, &format!("/oauth/authorize?{}", query("choir", &[])))
                .await,
        )
        .await;
        // The page says the same, and no mail leaves.
        let sent = page(browser.press(&served, &asked, &[("email", BONNY)]).await).await;
        assert_eq!((sent.status, served.mailed_link().await), (200, None));
        served.pass(Duration::from_secs(60));
        served.tokens("choir").await;
        let answer = browser.sign_in(&served, &query("choir", &[]), BONNY).await;
        assert!(led_to(&answer).contains_key("code"));
        // The session of one application is not the way into another.
        served.register("band", REDIRECT).await;
        let answer = browser
            .get(&served, &format!("/oauth/authorize?{}", query("band", &[])))
            .await;
        assert_eq!(led_to(&answer)["error"], "access_denied");
    });
}

#[test]
fn who_says_no_to_the_mailed_link_tells_the_client() {
    on_both(|served| async move {
        let browser = open(&served).await;
        let asked = page(
            browser
                .get(&served, &format!("/oauth/authorize?{}", query("choir", &[])))
                .await,
        )
        .await;
        browser.press(&served, &asked, &[("email", BONNY)]).await;
        let landed = page(browser.get(&served, &served.mailed_link().await.unwrap()).await).await;
        let answer = browser.press(&served, &landed, &[("answer", "cancel")]).await;
        assert_eq!(led_to(&answer)["error"], "access_denied");
        let again = browser
            .get(
                &served,
                &format!("/oauth/authorize?{}", query("choir", &[("prompt", "none")])),
            )
            .await;
        assert_eq!(led_to(&again)["error"], "login_required");
    });
}

#[test]
fn a_ticket_answers_a_request_at_once_in_the_browser_that_pressed_the_button() {
    on_both(|served| async move {
        served.register_as(client("phone", ClientKind::Public), REDIRECT).await;
        let (browser, invited) = (Browser::default(), invitation("phone", served.now()));
        served.invite(&invited).await;
        let ticket = ticket(&served, &browser, &invited).await;
        let asked = format!("/oauth/authorize?{}", query("phone", &[("invitation", &ticket)]));
        let answer = led_to(&browser.get(&served, &asked).await);
        assert_eq!(answer["state"], "xyz");
        // A ticket is used once.
        assert_eq!(led_to(&browser.get(&served, &asked).await)["error"], "access_denied");
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &answer["code"]),
            ("client_id", "phone"),
            ("code_verifier", VERIFIER),
        ];
        let tokens = json_of(served.post_proven("/oauth/token", &form, &Key::new(1)).await).await;
        assert_eq!(tokens["invitation"]["id"], invited.id);
    });
}

#[test]
fn in_another_browser_a_ticket_or_a_link_asks_first() {
    on_both(|served| async move {
        served.register_as(client("phone", ClientKind::Public), REDIRECT).await;
        let other = Browser::default();
        for pasted in [false, true] {
            let invited = invitation("phone", served.now());
            served.invite(&invited).await;
            let token = match pasted {
                true => make_link(
                    &served.service.keys.links,
                    Purpose::Invitation(invited.generation),
                    &invited.id,
                ),
                false => ticket(&served, &Browser::default(), &invited).await,
            };
            let asked = format!("/oauth/authorize?{}", query("phone", &[("invitation", &token)]));
            let confirm = page(other.get(&served, &asked).await).await;
            assert!(confirm.status == 200 && confirm.text.contains(BONNY));
            let answer = other.press(&served, &confirm, &[("answer", "continue")]).await;
            assert!(led_to(&answer).contains_key("code"), "pasted: {pasted}");
        }
        let unknown = format!("/oauth/authorize?{}", query("phone", &[("invitation", "unknown")]));
        assert_eq!(led_to(&other.get(&served, &unknown).await)["error"], "access_denied");
    });
}

#[test]
fn an_invitation_that_is_over_says_why_and_one_of_another_client_nothing() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("band", REDIRECT).await;
        let browser = Browser::default();
        let ask = async |client: &str, invited: &Invitation| {
            let link = make_link(&served.service.keys.links, Purpose::Invitation(0), &invited.id);
            let asked = format!("/oauth/authorize?{}", query(client, &[("invitation", &link)]));
            led_to(&browser.get(&served, &asked).await)
        };
        let used = invitation("choir", served.now());
        served.invite(&used).await;
        let code = served.press(&used).await;
        assert_eq!(served.exchange("choir", &code).await.status(), 200);
        let answer = ask("choir", &used).await;
        assert_eq!(
            (&answer["error"], &answer["error_uri"]),
            (&"access_denied".to_owned(), &served.at("/errors/invitation_used"))
        );
        // To another client it is the same as none at all.
        let unknown = served.at("/errors/invitation_unknown");
        assert_eq!(ask("band", &used).await["error_uri"], unknown);
        assert_eq!(
            ask("band", &invitation("band", served.now())).await["error_uri"],
            unknown
        );
        let expired = invitation("choir", served.now());
        served.invite(&expired).await;
        served.pass(Duration::from_secs(8 * 24 * 3600));
        assert_eq!(
            ask("choir", &expired).await["error_uri"],
            served.at("/errors/invitation_expired")
        );
    });
}

/// Asks for a link from a network, and answers with the status.
async fn ask_from(served: &Served, asked: &Page, network: &str, address: &str) -> u16 {
    let mut fields = asked.fields.clone();
    fields.push(("email".to_owned(), address.to_owned()));
    let request = served.http.post(served.at(&asked.action)).form(&fields);
    let request = request.header("x-forwarded-for", network);
    request.send().await.unwrap().status().as_u16()
}

#[test]
fn who_asks_in_anothers_name_keeps_them_from_nothing() {
    on_both_with(
        |config| config.behind_proxy = true,
        |served| async move {
            let browser = open(&served).await;
            let path = format!("/oauth/authorize?{}", query("choir", &[]));
            let asked = page(browser.get(&served, &path).await).await;
            for _mail in 0..3 {
                assert_eq!(ask_from(&served, &asked, "192.0.2.1", BONNY).await, 200);
                served.pass(Duration::from_secs(60));
            }
            assert_eq!(ask_from(&served, &asked, "192.0.2.1", BONNY).await, 429);
            // She herself, and whoever invites her.
            assert_eq!(ask_from(&served, &asked, "192.0.2.2", BONNY).await, 200);
            let invite = json!({
                "client_id": "choir", "client_secret": SECRET, "email_address": BONNY, "redirect_uri": REDIRECT,
            });
            assert_eq!(served.submit("/api/invite", &invite).await.status, 200);
            assert_eq!(ask_from(&served, &asked, "192.0.2.3", BONNY).await, 200);
        },
    );
}

#[test]
fn one_network_asks_for_so_many_links_in_an_hour() {
    on_both_with(
        |config| config.behind_proxy = true,
        |served| async move {
            let browser = open(&served).await;
            let path = format!("/oauth/authorize?{}", query("choir", &[]));
            let asked = page(browser.get(&served, &path).await).await;
            for n in 0..20 {
                assert_eq!(
                    ask_from(&served, &asked, "192.0.2.1", &format!("p{n}@example.com")).await,
                    200
                );
            }
            served.pass(Duration::from_secs(60));
            assert_eq!(ask_from(&served, &asked, "192.0.2.1", "p20@example.com").await, 429);
            assert_eq!(ask_from(&served, &asked, "192.0.2.2", "p21@example.com").await, 200);
            served.pass(Duration::from_secs(3 * 60));
            assert_eq!(ask_from(&served, &asked, "192.0.2.1", "p22@example.com").await, 200);
        },
    );
}

#[test]
fn one_network_looks_at_so_many_pages() {
    on_both_with(
        |config| config.limits.pages_per_minute = 3,
        |served| async move {
            let browser = open(&served).await;
            let path = format!("/oauth/authorize?{}", query("choir", &[]));
            for _page in 0..3 {
                assert_eq!(browser.get(&served, &path).await.status(), 200);
            }
            let slowed = browser.get(&served, &path).await;
            assert_eq!(slowed.status(), 429);
            assert_eq!(slowed.headers()["retry-after"], "21");
            assert_eq!(browser.get(&served, "/oauth/sign-in/x").await.status(), 429);
            assert_eq!(browser.post(&served, "/oauth/authorize", &[]).await.status(), 429);
            // A client that invites there is no browser.
            let fields = [
                ("client_id", "choir"),
                ("client_secret", SECRET),
                ("redirect_uri", REDIRECT),
                ("template_alias", "invite"),
                ("login_hint", BONNY),
            ];
            assert_eq!(served.post_form("/oauth/authorize", &fields).await.status(), 200);
        },
    );
}

#[test]
fn what_leads_nowhere_does_not_wait_for_the_writer() {
    on_sqlite(|served| async move {
        let browser = open(&served).await;
        let (database, held) = (served.service.database.clone(), Arc::new(Notify::new()));
        let (release, began) = (Arc::clone(&held), Arc::new(Notify::new()));
        let begins = Arc::clone(&began);
        let holding = tokio::spawn(async move {
            let write = database.write(move |_connection| {
                Box::pin(async move {
                    begins.notify_one();
                    held.notified().await;
                    Ok(())
                })
            });
            write.await
        });
        began.notified().await;
        let unknown = query("choir", &[("invitation", "unknown")]);
        let form: Vec<(String, String)> = url::form_urlencoded::parse(unknown.as_bytes()).into_owned().collect();
        browser.take(&pressed(&served.service, "unknown"));
        let junk = async {
            assert_eq!(browser.post(&served, "/oauth/sign-in/unknown", &[]).await.status(), 404);
            assert_eq!(browser.post(&served, "/i/unknown/renew", &[]).await.status(), 404);
            let answer = browser.post(&served, "/oauth/continue", &form).await;
            assert_eq!(led_to(&answer)["error"], "access_denied");
            let answer = browser.get(&served, &format!("/oauth/authorize?{unknown}")).await;
            assert_eq!(led_to(&answer)["error"], "access_denied");
        };
        let answered = tokio::time::timeout(Duration::from_secs(60), junk).await;
        assert!(answered.is_ok(), "something waited for the writer");
        release.notify_one();
        holding.await.unwrap().unwrap();
    });
}
