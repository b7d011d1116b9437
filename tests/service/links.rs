//! The mailed link over HTTP: what opening it shows and what its buttons do.

use std::time::Duration;

use partyline::service::client::{ClientKind, DeadLink, OAuthClient};
use partyline::service::config::Config;
use partyline::service::invitation::{Delivery, Invitation, ResponseMode, Sends};
use partyline::service::status::Status;
use partyline::service::token::{Purpose, make_link};
use reqwest::Method;

use crate::invited::{BONNY, TOO_LATE, WELCOME, carried, choir, codes, invitation, value};
use crate::oauth::person::into_party;
use crate::support::{Served, client, on_both, on_both_with};

#[test]
fn opening_a_link_changes_nothing() {
    on_both(|served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Redirect, |_| ()).await;
        for method in [Method::HEAD, Method::GET, Method::HEAD, Method::GET] {
            let address = served.at(&format!("/i/{token}"));
            let answer = served.http.request(method.clone(), address).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let page = answer.text().await.unwrap();
            assert_eq!(page.is_empty(), method == Method::HEAD);
        }
        let stands = served.how_stands(&id).await;
        assert_eq!((stands.status, stands.opened_at), (Status::Sent, None));
        assert_eq!(
            (codes(&served, &id).await, served.happened_to(&id).await),
            ((0, 0), vec![])
        );
    });
}

#[test]
fn a_page_says_who_invites_whom_to_what_until_when_and_where_it_leads() {
    on_both(|served| async move {
        let (_id, token) = served.invited_by_choir(DeadLink::Redirect, |_| ()).await;
        let page = served.get(&format!("/i/{token}")).await.text().await.unwrap();
        for said in [
            "<bdi>Ann Meier</bdi> invites you to <bdi>Choir</bdi>",
            "<bdi>bonny@example.com</bdi>",
            "<bdi>myapp.test</bdi>",
            "<bdi>8 January 2026, 00:00 UTC</bdi>",
            &format!("<form method=\"post\" action=\"/i/{token}\">"),
            &format!("href=\"/i/{token}/decline\""),
        ] {
            assert!(page.contains(said), "{said}\n{page}");
        }
        assert!(!page.contains("<script"));
    });
}

#[test]
fn the_button_brings_a_code_to_the_client_in_each_way() {
    on_both(|served| async move {
        let state = |invitation: &mut Invitation| invitation.state = Some("a b&c=\"<".to_owned());
        let (id, token) = served.invited_by_choir(DeadLink::Redirect, state).await;
        for (mode, mark) in [(ResponseMode::Query, '?'), (ResponseMode::Fragment, '#')] {
            served.change_row(set_mode(mode), &id).await;
            let answer = served.press_at(&format!("/i/{token}")).await;
            assert_eq!(answer.status(), 303);
            let members = carried(&answer, WELCOME, mark);
            assert_eq!(value(&members, "code").unwrap().len(), 43);
            assert_eq!(value(&members, "state"), Some("a b&c=\"<"));
            assert_eq!(value(&members, "iss"), Some(served.issuer.as_str()));
        }
        served.change_row(set_mode(ResponseMode::FormPost), &id).await;
        let answer = served.press_at(&format!("/i/{token}")).await;
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let page = answer.text().await.unwrap();
        assert!(policy.contains("script-src 'nonce-") && policy.contains("form-action 'self' https:;"));
        assert!(page.contains(&format!("<form method=\"post\" action=\"{WELCOME}\">")));
        assert!(page.contains("name=\"state\" value=\"a b&amp;c=&quot;&lt;\"") && page.contains("<button"));
        assert_eq!(codes(&served, &id).await, (3, 1));
        assert_eq!(served.how_stands(&id).await.status, Status::Opened);
        assert_eq!(served.happened_to(&id).await, ["invitation.opened"]);
    });
}

const fn set_mode(mode: ResponseMode) -> &'static str {
    match mode {
        ResponseMode::Query => "UPDATE invitations SET response_mode = 'query' WHERE id = $1",
        ResponseMode::Fragment => "UPDATE invitations SET response_mode = 'fragment' WHERE id = $1",
        ResponseMode::FormPost => "UPDATE invitations SET response_mode = 'form_post' WHERE id = $1",
    }
}

fn many_pages(config: &mut Config) {
    config.limits.pages_per_minute = 100_000;
}

#[test]
fn of_sixty_four_presses_at_once_one_leaves_a_code_that_works() {
    on_both_with(many_pages, |served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Redirect, |_| ()).await;
        let path = format!("/i/{token}");
        let answers = futures::future::join_all((0..64).map(|_| served.press_at(&path))).await;
        let brought = answers.iter().filter(|answer| answer.status() == 303).count();
        let refused = answers.iter().filter(|answer| answer.status() == 429).count();
        assert!(brought >= 1 && brought + refused == 64, "{brought} {refused}");
        let (all, alive) = codes(&served, &id).await;
        assert_eq!((usize::try_from(all).unwrap(), alive), (brought, 1));
        assert_eq!(served.happened_to(&id).await, ["invitation.opened"]);
    });
}

#[test]
fn no_is_asked_for_once_more() {
    on_both(|served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Page, |_| ()).await;
        let at = format!("/i/{token}/decline");
        let page = served.get(&at).await.text().await.unwrap();
        assert!(
            page.contains(&format!("<form method=\"post\" action=\"{at}\">")),
            "{page}"
        );
        assert!(served.how_stands(&id).await.status.is_open());
        served.press_at(&at).await;
        assert_eq!(served.how_stands(&id).await.status, Status::Declined);
        assert_eq!(served.get(&at).await.status(), 410);
    });
}

#[test]
fn of_a_yes_and_a_no_at_once_the_no_stays() {
    on_both_with(many_pages, |served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Page, |_| ()).await;
        let (yes, no) = (format!("/i/{token}"), format!("/i/{token}/decline"));
        let presses = (0..32).map(|n| served.press_at(if n % 2 == 0 { &yes } else { &no }));
        futures::future::join_all(presses).await;
        assert_eq!(served.how_stands(&id).await.status, Status::Declined);
        assert_eq!(codes(&served, &id).await.1, 0);
        let declined = served
            .happened_to(&id)
            .await
            .into_iter()
            .filter(|kind| kind == "invitation.declined");
        assert_eq!(declined.count(), 1);
    });
}

/// What ends an invitation, what its page says of that and which page tells the client.
const ENDS: [(&str, &str, &str); 3] = [
    (
        "UPDATE invitations SET status = 'accepted' WHERE id = $1",
        "already used",
        "invitation_used",
    ),
    (
        "UPDATE invitations SET status = 'revoked' WHERE id = $1",
        "taken back",
        "invitation_revoked",
    ),
    (
        "UPDATE invitations SET status = 'declined' WHERE id = $1",
        "declined",
        "invitation_declined",
    ),
];

#[test]
fn a_dead_link_tells_the_client_or_the_person() {
    on_both(|served| async move {
        let (id, token) = served
            .invited_by_choir(DeadLink::Redirect, |it| it.state = Some("s".to_owned()))
            .await;
        let path = format!("/i/{token}");
        for (end, _said, page) in ENDS {
            served.change_row(end, &id).await;
            for answer in [served.get(&path).await, served.press_at(&path).await] {
                assert_eq!(answer.status(), 303);
                let members = carried(&answer, WELCOME, '?');
                assert_eq!(value(&members, "error"), Some("access_denied"));
                assert_eq!(
                    value(&members, "error_uri"),
                    Some(served.at(&format!("/errors/{page}")).as_str())
                );
                assert_eq!(value(&members, "state"), Some("s"));
                assert_eq!(value(&members, "iss"), Some(served.issuer.as_str()));
                assert!(value(&members, "code").is_none() && value(&members, "error_description").is_some());
            }
        }
        served
            .change_row("UPDATE clients SET dead_link = 'page' WHERE id <> $1", "")
            .await;
        for (end, said, _page) in ENDS {
            served.change_row(end, &id).await;
            let answer = served.get(&path).await;
            assert_eq!(answer.status(), 410);
            let page = answer.text().await.unwrap();
            assert!(page.contains(said) && !page.contains("<form"), "{page}");
        }
        assert_eq!(codes(&served, &id).await, (0, 0));
    });
}

#[test]
fn a_dead_link_posts_its_error_as_a_form_if_the_client_wants_forms() {
    on_both(|served| async move {
        let (_id, token) = served
            .invited_by_choir(DeadLink::Redirect, |it| {
                it.response_mode = ResponseMode::FormPost;
                it.status = Status::Accepted;
            })
            .await;
        let page = served.get(&format!("/i/{token}")).await.text().await.unwrap();
        assert!(page.contains("name=\"error\" value=\"access_denied\"") && !page.contains("name=\"code\""));
    });
}

#[test]
fn an_expired_link_is_renewed_by_mail_and_stays_dead_itself() {
    on_both(|served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Page, |_| ()).await;
        let path = format!("/i/{token}");
        assert_eq!(
            served.press_at(&format!("{path}/renew")).await.status(),
            410,
            "it has not expired"
        );
        assert_eq!(served.how_stands(&id).await.send_count, 1);
        served.pass(TOO_LATE);
        let answer = served.get(&path).await;
        assert_eq!(answer.status(), 410);
        let page = answer.text().await.unwrap();
        assert!(page.contains("expired") && page.contains(&format!("action=\"{path}/renew\"")));
        let answer = served.press_at(&format!("{path}/renew")).await;
        assert_eq!(answer.status(), 200);
        assert!(
            answer
                .text()
                .await
                .unwrap()
                .contains("on its way to <bdi>bonny@example.com</bdi>")
        );
        let stands = served.how_stands(&id).await;
        assert_eq!(
            (stands.status, stands.generation, stands.send_count),
            (Status::Queued, 1, 2)
        );
        assert!(stands.expires_at > served.now());
        let mails = "SELECT COUNT(*) FROM outbox WHERE reference = $1";
        assert_eq!(served.number_of(mails, &id).await, 1);
        assert_eq!(served.happened_to(&id).await, ["invitation.resent"]);
        // Whoever has only the old link has nothing.
        for answer in [
            served.get(&path).await,
            served.press_at(&path).await,
            served.press_at(&format!("{path}/renew")).await,
        ] {
            assert_eq!(answer.status(), 410);
            assert!(answer.text().await.unwrap().contains("newer link"));
        }
        let renewed = served.link_token(&stands);
        assert_eq!(served.press_at(&format!("/i/{renewed}")).await.status(), 303);
        // Not twice in ten minutes, and not without end.
        served
            .change_row(
                "UPDATE invitations SET expires_at = 0, status = 'expired' WHERE id = $1",
                &id,
            )
            .await;
        let answer = served.press_at(&format!("/i/{renewed}/renew")).await;
        assert_eq!(answer.status(), 429);
        let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        served.pass(Duration::from_secs(wait.max(60)));
        assert_eq!(served.press_at(&format!("/i/{renewed}/renew")).await.status(), 200);
        // The first one would bring a link that leads nowhere.
        assert_eq!(served.number_of(mails, &id).await, 1);
    });
}

#[test]
fn a_used_link_into_a_party_is_renewed_for_whoever_has_not_come_in_until_its_end() {
    on_both(|served| async move {
        let (elsewhere, token) = served
            .invited_by_choir(DeadLink::Page, |it| it.status = Status::Accepted)
            .await;
        assert_eq!(served.press_at(&format!("/i/{token}/renew")).await.status(), 410);
        assert_eq!(served.how_stands(&elsewhere).await.status, Status::Accepted);

        let used = || {
            let mut used = into_party(invitation(&served));
            used.status = Status::Accepted;
            used
        };
        let (lost, late) = (used(), used());
        let (id, token) = (lost.id.clone(), served.put_link(lost).await);
        let path = format!("/i/{token}");
        let page = served.get(&path).await.text().await.unwrap();
        assert!(
            page.contains("already used") && page.contains("You did not get in"),
            "{page}"
        );
        assert_eq!(served.press_at(&path).await.status(), 410, "it stays used");
        assert_eq!(served.press_at(&format!("{path}/renew")).await.status(), 200);
        let stands = served.how_stands(&id).await;
        assert_eq!((stands.status, stands.generation), (Status::Queued, 1));
        assert_eq!(
            served.press_at(&path).await.status(),
            410,
            "only who reads the mailbox has the new one"
        );
        let renewed = served.link_token(&stands);
        assert_eq!(served.press_at(&format!("/i/{renewed}")).await.status(), 303);

        let (id, token) = (late.id.clone(), served.put_link(late).await);
        served.pass(TOO_LATE);
        let page = served.get(&format!("/i/{token}")).await.text().await.unwrap();
        assert!(page.contains("already used") && !page.contains("<form"), "{page}");
        assert_eq!(served.press_at(&format!("/i/{token}/renew")).await.status(), 410);
        assert_eq!(served.how_stands(&id).await.status, Status::Accepted);
    });
}

#[test]
fn a_link_that_no_mail_brought_is_not_renewed() {
    on_both(|served| async move {
        let (id, token) = served
            .invited_by_choir(DeadLink::Page, |it| it.sends = Sends::Nothing)
            .await;
        served.pass(TOO_LATE);
        let page = served.get(&format!("/i/{token}")).await.text().await.unwrap();
        assert!(page.contains("expired") && !page.contains("<form"));
        assert_eq!(served.press_at(&format!("/i/{token}/renew")).await.status(), 410);
        assert_eq!(served.how_stands(&id).await.send_count, 1);
    });
}

#[test]
fn saying_no_ends_the_invitation() {
    on_both(|served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Page, |_| ()).await;
        served.press_at(&format!("/i/{token}")).await;
        served.pass(Duration::from_millis(1));
        for _twice in 0..2 {
            let answer = served.press_at(&format!("/i/{token}/decline")).await;
            assert_eq!(answer.status(), 200);
            assert!(answer.text().await.unwrap().contains("You said no"));
        }
        assert_eq!(served.how_stands(&id).await.status, Status::Declined);
        assert_eq!(codes(&served, &id).await, (1, 0));
        assert_eq!(
            served.happened_to(&id).await,
            ["invitation.opened", "invitation.declined"]
        );
        assert_eq!(served.press_at(&format!("/i/{token}")).await.status(), 410);
    });
}

#[test]
fn only_a_post_unsubscribes() {
    on_both(|served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Page, |_| ()).await;
        let stop = make_link(&served.service.keys.links, Purpose::Unsubscribe, &id);
        let unwanted = "SELECT COUNT(*) FROM suppressions WHERE scope = $1";
        let page = served.get(&format!("/u/{stop}")).await.text().await.unwrap();
        assert!(page.contains(BONNY) && page.contains("<form"));
        assert_eq!(served.number_of(unwanted, "choir").await, 0);
        for _twice in 0..2 {
            let form = [("List-Unsubscribe", "One-Click")];
            let answer = served
                .http
                .post(served.at(&format!("/u/{stop}")))
                .form(&form)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 200);
        }
        assert_eq!(served.number_of(unwanted, "choir").await, 1);
        // One kind of link is not the other.
        assert_eq!(served.get(&format!("/u/{token}")).await.status(), 404);
        assert_eq!(served.get(&format!("/i/{stop}")).await.status(), 404);
        // The invitation itself goes on.
        assert_eq!(served.get(&format!("/i/{token}")).await.status(), 200);
        served.pass(TOO_LATE);
        let answer = served.press_at(&format!("/i/{token}/renew")).await;
        assert!(answer.text().await.unwrap().contains("gets no more invitations"));
        assert_eq!(served.how_stands(&id).await.send_count, 1);
    });
}

#[test]
fn an_invitation_can_begin_a_sign_in_of_the_client() {
    on_both(|served| async move {
        let begin = "https://myapp.test/login?from=mail";
        let client = OAuthClient {
            initiate_login_uri: Some(begin.to_owned()),
            ..choir(DeadLink::Redirect)
        };
        served.register_as(client, WELCOME).await;
        let mut invitation = invitation(&served);
        invitation.delivery = Delivery::Initiate;
        let id = invitation.id.clone();
        let token = served.put_link(invitation).await;
        let answer = served.press_at(&format!("/i/{token}")).await;
        assert_eq!(answer.status(), 303);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("pl_inv=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
        let members = carried(&answer, "https://myapp.test/login", '?');
        assert_eq!(value(&members, "from"), Some("mail"));
        assert_eq!(value(&members, "iss"), Some(served.issuer.as_str()));
        assert_eq!(value(&members, "login_hint"), Some(BONNY));
        assert_eq!(value(&members, "target_link_uri"), Some(WELCOME));
        assert_eq!(value(&members, "invitation").unwrap().len(), 43);
        // The code is made once the client has asked.
        assert_eq!(
            (codes(&served, &id).await, served.how_stands(&id).await.status),
            ((0, 0), Status::Opened)
        );
    });
}

#[test]
fn an_invitation_to_the_app_opens_it_and_shows_a_code_to_type() {
    on_both(|served| async move {
        let app = OAuthClient {
            id: "choir".to_owned(),
            dead_link: DeadLink::Redirect,
            ..client("choir", ClientKind::Public)
        };
        served.register_as(app, "http://127.0.0.1/callback").await;
        let mut invitation = invitation(&served);
        invitation.delivery = Delivery::Initiate;
        invitation.redirect_uri = "http://127.0.0.1/callback".to_owned();
        let id = invitation.id.clone();
        let token = served.put_link(invitation).await;
        let page = served.get(&format!("/i/{token}")).await.text().await.unwrap();
        assert!(page.contains("The Partyline app"));
        let answer = served.press_at(&format!("/i/{token}")).await;
        assert_eq!(answer.status(), 200);
        assert!(answer.headers().contains_key("set-cookie"));
        let page = answer.text().await.unwrap();
        let link = page
            .split("href=\"org.partyline.app:/accept?")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let link = link.replace("&amp;", "&");
        let members: Vec<(String, String)> = url::form_urlencoded::parse(link.as_bytes()).into_owned().collect();
        assert_eq!(value(&members, "iss"), Some(served.issuer.as_str()));
        assert_eq!(value(&members, "invitation").unwrap().len(), 43);
        let code = page.split("<code>").nth(1).unwrap().split('<').next().unwrap();
        assert_eq!((code.len(), &code[4..5]), (9, "-"));
        let typed = "SELECT COUNT(*) FROM typed_codes WHERE invitation_id = $1";
        served.press_at(&format!("/i/{token}")).await;
        assert_eq!(served.number_of(typed, &id).await, 1);
        // An app has no website that could be told of a dead link.
        served
            .change_row("UPDATE invitations SET status = 'accepted' WHERE id = $1", &id)
            .await;
        assert_eq!(served.get(&format!("/i/{token}")).await.status(), 410);
    });
}

#[test]
fn a_client_that_was_turned_off_or_has_moved_gets_nobody() {
    on_both(|served| async move {
        let (id, token) = served.invited_by_choir(DeadLink::Redirect, |_| ()).await;
        served
            .change_row("UPDATE clients SET disabled_at = 1 WHERE id = $1", "choir")
            .await;
        assert_eq!(served.get(&format!("/i/{token}")).await.status(), 410);
        assert_eq!(served.press_at(&format!("/i/{token}")).await.status(), 410);
        served
            .change_row("UPDATE clients SET disabled_at = NULL WHERE id = $1", "choir")
            .await;
        served
            .change_row("DELETE FROM redirect_uris WHERE client_id = $1", "choir")
            .await;
        let answer = served.press_at(&format!("/i/{token}")).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers().get("location")),
            (410, None)
        );
        served
            .change_row("UPDATE invitations SET status = 'accepted' WHERE id = $1", &id)
            .await;
        let answer = served.get(&format!("/i/{token}")).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers().get("location")),
            (410, None)
        );
        assert_eq!(codes(&served, &id).await, (0, 0));
    });
}

#[test]
fn pages_speak_the_readers_language() {
    on_both(|served| async move {
        let (_id, token) = served
            .invited_by_choir(DeadLink::Page, |it| it.locale = "de".to_owned())
            .await;
        for (accepted, tag, said) in [
            ("", "de", "Einladung annehmen"),
            ("en-GB,en;q=0.9", "en", "Accept invitation"),
            ("en-GB,en;q=0.9,de;q=0.5", "de", "Einladung annehmen"),
            ("ja", "ja", "招待を受ける"),
            ("zh-CN", "zh-Hans", "接受邀请"),
        ] {
            let asked = served
                .http
                .get(served.at(&format!("/i/{token}")))
                .header("accept-language", accepted);
            let answer = asked.send().await.unwrap();
            assert_eq!(answer.headers()["content-language"], tag);
            let page = answer.text().await.unwrap();
            assert!(page.contains(&format!("<html dir=\"ltr\" lang=\"{tag}\">")) && page.contains(said));
        }
    });
}

/// A service with a short limit.
#[test]
fn who_opens_too_many_pages_waits() {
    let few = |config: &mut Config| config.limits.pages_per_minute = 3;
    on_both_with(few, |served: Served| async move {
        let (_id, token) = served.invited_by_choir(DeadLink::Page, |_| ()).await;
        let path = format!("/i/{token}");
        for _ in 0..3 {
            assert_eq!(served.get(&path).await.status(), 200);
        }
        let answer = served.get(&path).await;
        assert_eq!(answer.status(), 429);
        let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait));
        assert!(answer.text().await.unwrap().contains("Too many requests"));
        assert_eq!(served.get("/errors/invitation_used").await.status(), 200, "not limited");
        served.pass(Duration::from_secs(wait));
        assert_eq!(served.press_at(&path).await.status(), 303);
    });
}
