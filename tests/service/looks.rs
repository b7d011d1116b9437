//! Every page in every language, looked at by a real Chromium: it fits a narrow phone, its words stand out from what is behind them, its controls
//! have names. With `PARTYLINE_PICTURES=folder` it leaves pictures there for people to look at.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use partyline::service::config::Config;
use partyline::service::locales::Language;
use partyline::service::page::{Destination, Ended, Form, Page, Purpose, SignInProblem, render};
use partyline::time::Timestamp;
use tokio::net::TcpListener;

use crate::chromium::Chromium;
use crate::support::on_sqlite;

/// 2026-09-30T22:05:00Z: one of the longest dates.
const END: Timestamp = Timestamp::from_millis(1_790_805_900_000);

fn address() -> String {
    "maximiliane.oberhuber-schmidt@donaudampfschifffahrt.example.org".to_owned()
}

fn form() -> Form {
    Form {
        action: "/nowhere".to_owned(),
        hidden: vec![("state".to_owned(), "a".to_owned())],
        leads_to: vec![],
    }
}

/// Every page there is, by a name for its picture.
fn pages() -> Vec<(&'static str, Page)> {
    let app = || "Donaudampfschifffahrtsgesellschaft Chor".to_owned();
    let token = || "AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB".to_owned();
    let ended = |why, renewal| Page::Ended {
        app: app(),
        why,
        renewal,
    };
    let sign_in = |problem| Page::SignIn {
        app: app(),
        purpose: Purpose::SignIn,
        form: form(),
        email: "bonny".to_owned(),
        problem,
    };
    let invitation = |inviter: Option<&str>, app: String, leads_to| Page::Invitation {
        token: token(),
        inviter: inviter.map(str::to_owned),
        app,
        address: address(),
        leads_to,
        ends: END,
    };
    let site = Destination::Site(vec![
        "https://chor.donaudampfschifffahrt.example.org/willkommen".to_owned(),
    ]);
    vec![
        ("invitation", invitation(Some("Maximiliane Oberhuber"), app(), site)),
        (
            "invitation_short",
            invitation(None, "Choir".to_owned(), Destination::App),
        ),
        (
            "open_app",
            Page::OpenApp {
                link: "org.partyline.app:/accept?iss=x&invitation=y".to_owned(),
                code: "7K3F-9QWX".to_owned(),
            },
        ),
        ("expired", ended(Ended::Expired(END), Some((token(), address())))),
        ("used", ended(Ended::Used, None)),
        ("used_not_in", ended(Ended::Used, Some((token(), address())))),
        ("revoked", ended(Ended::Revoked, None)),
        ("declined_before", ended(Ended::Declined, None)),
        ("replaced", ended(Ended::Replaced, None)),
        ("closed", ended(Ended::Closed, None)),
        ("renewed", Page::Renewed { address: address() }),
        ("declined", Page::Declined { app: app() }),
        (
            "unsubscribe",
            Page::Unsubscribe {
                token: token(),
                app: app(),
                address: address(),
            },
        ),
        (
            "unsubscribed",
            Page::Unsubscribed {
                app: app(),
                address: address(),
            },
        ),
        ("not_found", Page::NotFound),
        ("sign_in", sign_in(None)),
        ("sign_in_wrong", sign_in(Some(SignInProblem::NoAddress))),
        ("sign_in_often", sign_in(Some(SignInProblem::TooOften))),
        (
            "confirm",
            Page::Confirm {
                app: app(),
                address: address(),
                form: form(),
            },
        ),
        (
            "check_mail",
            Page::CheckMail {
                app: app(),
                address: address(),
            },
        ),
        ("sign_out", Page::SignOut { form: form() }),
        (
            "signed_out",
            Page::SignedOut {
                back: Some((app(), "https://chor.example.org/".to_owned())),
            },
        ),
        (
            "refused",
            Page::Refused {
                error: "invalid_request",
                description: "The redirect_uri is none of those that are registered for this client.".to_owned(),
            },
        ),
        (
            "explained",
            Page::Explained {
                error: "invitation_expired",
                meaning: "The invitation behind the link was not accepted in time.",
            },
        ),
        ("too_many", Page::TooMany { wait: 60 }),
        ("elsewhere", Page::Elsewhere),
        ("unavailable", Page::Unavailable),
    ]
}

async fn page(State(config): State<Arc<Config>>, Path((language, name)): Path<(String, String)>) -> Response {
    let language = Language::of_tag(&language).unwrap();
    let all = pages();
    let found = all.iter().find(|(known, _)| *known == name);
    found.map_or_else(|| "?".into_response(), |(_, page)| render(&config, language, page))
}

/// What is too wide, too pale, without a name, or on this page twice.
const WRONG: &str = r##"(() => {
  const wrong = [];
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) wrong.push('wider than the screen by ' + wide);
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const text = [...document.querySelectorAll('body *')].filter((e) =>
    !['SCRIPT', 'STYLE'].includes(e.tagName) && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));
  for (const e of text) {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) wrong.push('contrast ' + ratio.toFixed(2) + ': ' + e.textContent.trim());
    const box = e.getBoundingClientRect();
    if (e.closest('main') && (box.left < 0 || box.right > innerWidth)) wrong.push('outside: ' + e.textContent.trim());
  }
  for (const e of document.querySelectorAll('input:not([type=hidden])')) if (!e.labels.length) wrong.push('a field without a name');
  for (const e of document.querySelectorAll('button, a')) {
    if (!e.innerText.trim()) wrong.push('a button without a name');
    if (e.getBoundingClientRect().height < 44) wrong.push('too small to touch: ' + e.innerText);
  }
  for (const e of document.querySelectorAll('svg')) if (e.getAttribute('aria-hidden') !== 'true') wrong.push('a picture that is read out');
  for (const [one, name] of [['h1', 'h1'], ['main', 'main'], ['.primary', 'primary button']]) {
    const count = document.querySelectorAll(one).length;
    if (count > 1 || (count === 0 && name !== 'primary button')) wrong.push(count + ' of ' + name);
  }
  if (!document.title || !document.documentElement.lang) wrong.push('no title or no language');
  return wrong.join('\n');
})()"##;

#[test]
fn every_page_is_readable_on_every_screen_in_every_language() {
    on_sqlite(|served| async move {
        let Some(mut browser) = Chromium::start().await else {
            return;
        };
        let pictures = std::env::var_os("PARTYLINE_PICTURES").map(PathBuf::from);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/{language}/{name}", get(page));
        let routes = routes.with_state(Arc::clone(&served.service.config));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        for (width, height, dark) in [(320, 700, false), (1280, 800, true)] {
            browser.screen(width, height, dark).await;
            for language in Language::ALL {
                for (name, _) in pages() {
                    let tag = language.tag();
                    browser.open(&format!("{host}/{tag}/{name}")).await;
                    let wrong = browser.value(WRONG).await;
                    assert_eq!(wrong.as_str(), Some(""), "{name} in {tag}, {width} wide, dark {dark}");
                    if let Some(folder) = &pictures {
                        let file = folder.join(format!("{name}_{tag}_{width}.png"));
                        std::fs::write(file, browser.picture().await).unwrap();
                    }
                }
            }
        }
        browser.close().await;
    });
}
