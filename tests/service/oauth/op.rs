//! A server as the modules of the OpenID Foundation's Basic OP plan ask for it: a client that everybody may sign up with, and a browser.

use std::collections::BTreeMap;

use partyline::service::client::{ClientKind, OAuthClient, SignUp};
use serde_json::Value;

use super::REDIRECT;
use super::browser::{Browser, led_to, page};
use super::person::{BONNY, json_of};
use crate::support::{Served, client, on_both_with};

pub(super) fn open_client(id: &str) -> OAuthClient {
    let mut client = client(id, ClientKind::Confidential);
    client.sign_up = SignUp::Open;
    client
}

/// A story with a client that everybody may sign up with.
pub(super) fn with_op<F: Future<Output = ()>>(story: impl Fn(Served, Browser) -> F) {
    on_both_with(
        |config| {
            config.limits.address_per_minute = 1000;
            config.limits.address_per_day = 1000;
        },
        |served| async {
            served.register_as(open_client("rp"), REDIRECT).await;
            story(served, Browser::default()).await;
        },
    );
}

pub(super) fn query(more: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("client_id", "rp"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "af0ifjsldkj"),
        ("nonce", "n-0S6_WzA2Mj"),
    ];
    pairs.retain(|(name, _value)| more.iter().all(|(other, _value)| name != other));
    pairs.extend_from_slice(more);
    pairs.retain(|(_name, value)| !value.is_empty());
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Signs in, and answers with the code.
pub(super) async fn code(served: &Served, browser: &Browser, more: &[(&str, &str)]) -> String {
    let answer = browser.sign_in(served, &query(more), BONNY).await;
    let members = led_to(&answer);
    assert_eq!(
        (members["state"].as_str(), &members["iss"]),
        ("af0ifjsldkj", &served.issuer),
        "{members:?}"
    );
    members["code"].clone()
}

pub(super) async fn tokens(served: &Served, browser: &Browser, more: &[(&str, &str)]) -> Value {
    let code = code(served, browser, more).await;
    let answer = served.exchange("rp", &code).await;
    assert_eq!(answer.status(), 200);
    json_of(answer).await
}

/// The members of an answer that comes without any page.
pub(super) async fn at_once(served: &Served, browser: &Browser, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    led_to(&browser.get(served, &format!("/oauth/authorize?{}", query(more))).await)
}

/// The status of a page that is shown instead of an answer.
pub(super) async fn shown(served: &Served, browser: &Browser, more: &[(&str, &str)]) -> u16 {
    let answer = browser.get(served, &format!("/oauth/authorize?{}", query(more))).await;
    assert!(answer.headers().get("location").is_none());
    let page = page(answer).await;
    assert!(page.text.contains("<form") || page.status != 200);
    page.status
}
