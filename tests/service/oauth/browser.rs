//! A browser as far as the pages need one: it keeps cookies, sends forms, and stops at the client's address.

use std::collections::BTreeMap;
use std::sync::Mutex;

use partyline::service::database::query_scalar;
use partyline::service::mail::sign_in::SignInMail;
use reqwest::header::HeaderValue;
use reqwest::{RequestBuilder, Response};
use url::Url;

use super::REDIRECT;
use crate::support::Served;

/// A browser.
#[derive(Default)]
pub(super) struct Browser {
    cookies: Mutex<BTreeMap<String, String>>,
}

/// A page's first form.
#[derive(Debug)]
pub(super) struct Page {
    pub status: u16,
    pub text: String,
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Browser {
    pub(super) async fn get(&self, served: &Served, path: &str) -> Response {
        self.send(served.http.get(served.at(path))).await
    }

    pub(super) async fn post(&self, served: &Served, path: &str, fields: &[(String, String)]) -> Response {
        let request = served.http.post(served.at(path)).form(fields);
        let request = request
            .header("origin", &served.issuer)
            .header("sec-fetch-site", "same-origin");
        self.send(request).await
    }

    /// Presses the first button of a page, with these values.
    pub(super) async fn press(&self, served: &Served, page: &Page, more: &[(&str, &str)]) -> Response {
        let kept = page
            .fields
            .iter()
            .filter(|(name, _value)| more.iter().all(|(other, _value)| name != other));
        let mut fields: Vec<(String, String)> = kept.cloned().collect();
        fields.extend(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.post(served, &page.action, &fields).await
    }

    /// Signs in by the mailed link, and answers with where that leads.
    pub(super) async fn sign_in(&self, served: &Served, query: &str, address: &str) -> Response {
        // The mails of one test are told apart by when they were asked for.
        served.pass(std::time::Duration::from_millis(1));
        let page = page(self.get(served, &format!("/oauth/authorize?{query}")).await).await;
        let sent = self.press(served, &page, &[("email", address)]).await;
        assert_eq!(sent.status(), 200);
        let link = served.mailed_link().await.unwrap();
        let page = super::browser::page(self.get(served, &link).await).await;
        self.press(served, &page, &[("answer", "continue")]).await
    }

    pub(super) async fn send(&self, request: RequestBuilder) -> Response {
        let cookies = self.cookies.lock().unwrap().clone();
        let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header("cookie", line.join("; ")).send().await.unwrap();
        for header in answer.headers().get_all("set-cookie") {
            self.take(header);
        }
        answer
    }

    /// Takes a cookie.
    pub(super) fn take(&self, header: &HeaderValue) {
        let text = header.to_str().unwrap();
        assert!(text.contains("; HttpOnly; SameSite=Lax; "), "{text}");
        let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }
}

/// Reads a page.
pub(super) async fn page(answer: Response) -> Page {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let form = text.split_once("<form").map_or("", |(_before, form)| form);
    let form = form.split_once("</form>").map_or("", |(form, _after)| form);
    let attribute = |tag: &str, name: &str| {
        let (_before, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(unescaped(rest.split_once('"')?.0))
    };
    let action = attribute(
        &format!(" {}", form.split_once('>').map_or("", |(tag, _rest)| tag)),
        "action",
    );
    let hidden = form.split("<input").skip(1).filter_map(|tag| {
        let tag = tag.split_once('>').map_or(tag, |(tag, _rest)| tag);
        (attribute(tag, "type")? == "hidden").then(|| Some((attribute(tag, "name")?, attribute(tag, "value")?)))?
    });
    Page {
        status,
        action: action.unwrap_or_default(),
        fields: hidden.collect(),
        text,
    }
}

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    pairs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The parameters of the address that an answer leads to, behind `?` or `#`.
pub(super) fn led_to(answer: &Response) -> BTreeMap<String, String> {
    assert_eq!(answer.status(), 303, "an answer leads on by a GET");
    let address = answer.headers()["location"].to_str().unwrap();
    assert!(address.starts_with(REDIRECT), "{address}");
    let address = Url::parse(address).unwrap();
    let behind = address.fragment().or(address.query()).unwrap_or_default();
    url::form_urlencoded::parse(behind.as_bytes()).into_owned().collect()
}

impl Served {
    /// The path of the last link to sign in that was mailed.
    pub(crate) async fn mailed_link(&self) -> Option<String> {
        let read = self.service.database.read(|connection| {
            Box::pin(async move {
                let newest = "SELECT body FROM outbox WHERE kind = 'sign_in' ORDER BY created_at DESC, id LIMIT 1";
                Ok(query_scalar::<String>(newest).fetch_optional(connection).await?)
            })
        });
        let body = read.await.unwrap()?;
        let mail = SignInMail::unseal(&body, &self.service.keys).unwrap();
        Some(mail.action_url.strip_prefix(&self.issuer).unwrap().to_owned())
    }
}
