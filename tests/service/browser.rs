//! Links in a real Chromium: people with and without scripts, and scanners that are browsers too.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Html;
use axum::serve::Listener;
use partyline::service::client::{ClientKind, DeadLink, OAuthClient};
use partyline::service::config::Config;
use partyline::service::invitation::{Delivery, Invitation, ResponseMode};
use partyline::service::status::Status;
use tokio::net::{TcpListener, TcpStream};

use crate::chromium::Chromium;
use crate::invited::{codes, invitation};
use crate::support::{Served, client, on_both, on_both_with};

/// A client's website, which writes down what came.
struct Website {
    address: String,
    came: Arc<Mutex<Vec<Came>>>,
    /// Nobody gets in: every connection ends before a word is said.
    is_shut: Arc<AtomicBool>,
}

/// The way in to it.
struct Gate {
    listener: TcpListener,
    is_shut: Arc<AtomicBool>,
}

impl Listener for Gate {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let came = self.listener.accept().await.unwrap();
            if !self.is_shut.load(Ordering::SeqCst) {
                return came;
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A request that came to it.
#[derive(Clone, Debug)]
struct Came {
    method: Method,
    query: String,
    body: String,
    origin: String,
    referer: String,
}

impl Website {
    /// Starts it. Its page says where it is, so that a test waits for it.
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/welcome", listener.local_addr().unwrap());
        let came = Arc::new(Mutex::new(vec![]));
        let is_shut = Arc::new(AtomicBool::new(false));
        let routes = Router::new().fallback(write_down).with_state(Arc::clone(&came));
        let gate = Gate {
            listener,
            is_shut: Arc::clone(&is_shut),
        };
        tokio::spawn(async move { axum::serve(gate, routes).await.unwrap() });
        Self { address, came, is_shut }
    }

    fn shut(&self, is_shut: bool) {
        self.is_shut.store(is_shut, Ordering::SeqCst);
    }

    fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }
}

async fn write_down(State(came): State<Arc<Mutex<Vec<Came>>>>, request: Request) -> Html<&'static str> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 10_000).await.unwrap();
    let header = |name| {
        parts
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    };
    if parts.uri.path() == "/welcome" {
        came.lock().unwrap().push(Came {
            method: parts.method,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            body: String::from_utf8(body.to_vec()).unwrap(),
            origin: header("origin"),
            referer: header("referer"),
        });
    }
    Html("<title>arrived</title>")
}

const ARRIVED: &str = "document.title === 'arrived'";

async fn invite(served: &Served, website: &Website, change: impl FnOnce(&mut Invitation)) -> (String, String) {
    let redirect = website.address.clone();
    served
        .invited_by_choir(DeadLink::Redirect, |invitation| {
            invitation.redirect_uri = redirect;
            invitation.state = Some("a b&\"<".to_owned());
            change(invitation);
        })
        .await
}

#[test]
fn a_person_arrives_at_the_client_in_each_way_with_scripts_and_without() {
    on_both(|served| async move {
        let Some(mut browser) = Chromium::start().await else {
            return;
        };
        let website = Website::start().await;
        let (id, token) = invite(&served, &website, |_| ()).await;
        for scripts in [true, false] {
            browser.scripts(scripts).await;
            for mode in ["query", "fragment", "form_post"] {
                served.change_row(statement(mode), &id).await;
                browser.open(&served.at(&format!("/i/{token}"))).await;
                let before = website.came().len();
                browser.click("button.primary").await;
                if mode == "form_post" && !scripts {
                    browser.until("document.title === 'On to Choir'").await;
                    assert_eq!(website.came().len(), before, "nothing moves by itself");
                    browser.click("button.primary").await;
                }
                browser.until(ARRIVED).await;
                let came = website.came();
                assert_eq!(came.len(), before + 1);
                let came = came.last().unwrap().clone();
                let hash = browser.value("location.hash").await.as_str().unwrap().to_owned();
                let (method, told) = match mode {
                    "query" => (Method::GET, came.query.clone()),
                    "fragment" => (Method::GET, hash.trim_start_matches('#').to_owned()),
                    _ => (Method::POST, came.body.clone()),
                };
                assert_eq!(came.method, method);
                let told: Vec<(String, String)> = url::form_urlencoded::parse(told.as_bytes()).into_owned().collect();
                let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
                assert_eq!(names, ["code", "state", "iss"], "{mode} {scripts}");
                assert_eq!((told[0].1.len(), told[1].1.as_str()), (43, "a b&\"<"));
                assert!(!came.referer.contains("/i/"), "the token stays here: {}", came.referer);
                if mode == "form_post" {
                    assert_eq!(came.origin, served.issuer);
                }
            }
        }
        assert_eq!(codes(&served, &id).await, (6, 1));
        browser.close().await;
    });
}

fn statement(mode: &str) -> &'static str {
    match ResponseMode::of_word(mode).unwrap() {
        ResponseMode::Query => "UPDATE invitations SET response_mode = 'query' WHERE id = $1",
        ResponseMode::Fragment => "UPDATE invitations SET response_mode = 'fragment' WHERE id = $1",
        ResponseMode::FormPost => "UPDATE invitations SET response_mode = 'form_post' WHERE id = $1",
    }
}

/// Chromium holds a page's `form-action` against every redirect that follows its form.
#[test]
fn a_client_may_lead_on_to_a_host_of_its_own() {
    on_both(|served| async move {
        let Some(mut browser) = Chromium::start().await else {
            return;
        };
        let website = Website::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let first = format!("http://{}/callback", listener.local_addr().unwrap());
        let next = website.address.clone();
        let routes = Router::new().fallback(move || async move { axum::response::Redirect::to(&next) });
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let (_id, token) = served
            .invited_by_choir(DeadLink::Redirect, |it| it.redirect_uri = first)
            .await;
        browser.open(&served.at(&format!("/i/{token}"))).await;
        browser.click("button.primary").await;
        browser.until(ARRIVED).await;
        browser.close().await;
    });
}

#[test]
fn what_scanners_do_leaves_the_link_to_the_person() {
    on_both_with(many_pages, |served| async move {
        let website = Website::start().await;
        let (id, token) = invite(&served, &website, |_| ()).await;
        let link = served.at(&format!("/i/{token}"));
        // One that asks, twice, in both ways.
        for _twice in 0..2 {
            served.http.head(&link).send().await.unwrap();
            served.http.get(&link).send().await.unwrap();
        }
        let Some(mut browser) = Chromium::start().await else {
            return;
        };
        // One that is a browser, runs the page's scripts and waits.
        browser.open(&link).await;
        browser.wait(10).await;
        browser.close().await;
        assert_eq!(
            (codes(&served, &id).await, served.how_stands(&id).await.status),
            ((0, 0), Status::Sent)
        );
        // One that presses the button that accepts, and does not go on to the client.
        let mut browser = Chromium::start().await.unwrap();
        website.shut(true);
        for _twice in 0..2 {
            browser.open(&link).await;
            browser.click("button.primary").await;
            browser.until("location.href.startsWith('chrome-error')").await;
        }
        assert_eq!((codes(&served, &id).await, website.came().len()), ((2, 1), 0));
        browser.close().await;
        // The person comes after all of them.
        website.shut(false);
        let mut browser = Chromium::start().await.unwrap();
        browser.open(&link).await;
        browser.click("button.primary").await;
        browser.until(ARRIVED).await;
        assert_eq!((codes(&served, &id).await, website.came().len()), ((3, 1), 1));
        browser.close().await;
    });
}

fn many_pages(config: &mut Config) {
    config.limits.pages_per_minute = 1000;
}

#[test]
fn the_keyboard_is_enough() {
    on_both(|served| async move {
        let Some(mut browser) = Chromium::start().await else {
            return;
        };
        let website = Website::start().await;
        let (_id, token) = invite(&served, &website, |_| ()).await;
        browser.open(&served.at(&format!("/i/{token}"))).await;
        let focused = "document.activeElement.innerText";
        browser.key("Tab", 9).await;
        assert_eq!(browser.value(focused).await, "Accept invitation");
        let ring = "getComputedStyle(document.activeElement).outlineStyle";
        assert_eq!(browser.value(ring).await, "solid");
        browser.key("Tab", 9).await;
        assert_eq!(browser.value(focused).await, "No, thanks");
        browser.shift_tab().await;
        browser.key("Enter", 13).await;
        browser.until(ARRIVED).await;
        browser.close().await;
    });
}

#[test]
fn the_app_is_offered_by_a_link_of_its_own() {
    on_both(|served| async move {
        let Some(mut browser) = Chromium::start().await else {
            return;
        };
        let app = OAuthClient {
            dead_link: DeadLink::Page,
            ..client("choir", ClientKind::Public)
        };
        served.register_as(app, "http://127.0.0.1/callback").await;
        let mut invitation = invitation(&served);
        invitation.delivery = Delivery::Initiate;
        invitation.redirect_uri = "http://127.0.0.1/callback".to_owned();
        let token = served.put_link(invitation).await;
        browser.scripts(false).await;
        browser.open(&served.at(&format!("/i/{token}"))).await;
        browser.click("button.primary").await;
        browser.until("document.title === 'Now go on in Partyline'").await;
        let link = browser.value("document.querySelector('a.primary').href").await;
        assert!(
            link.as_str()
                .unwrap()
                .starts_with("org.partyline.app:/accept?iss=http%3A%2F%2F127.0.0.1")
        );
        browser.close().await;
    });
}
