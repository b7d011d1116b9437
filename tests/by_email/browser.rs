//! A person's browser as far as the pages need one: it keeps cookies, follows redirects, sends forms, and stops at a link of the app.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder};
use tokio::runtime::Runtime;
use url::Url;

/// A browser.
pub(crate) struct Browser {
    http: Client,
    runtime: Runtime,
    cookies: BTreeMap<String, String>,
}

/// What it shows.
#[derive(Debug)]
pub(crate) struct Page {
    address: Url,
    pub status: u16,
    pub text: String,
}

impl Browser {
    pub(crate) fn new() -> Self {
        // The program that is tested has a TLS of its own; this test speaks none.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // The service is ended and started again behind its back.
            .pool_max_idle_per_host(0)
            .build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self {
            http: http.unwrap(),
            runtime: runtime.unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address, and goes on to where it leads.
    pub(crate) fn open(&mut self, address: &str) -> Page {
        let mut page = self.ask(self.http.get(address));
        while let Err(next) = page {
            page = self.ask(self.http.get(next));
        }
        page.unwrap()
    }

    /// Presses the button of a page's form whose action ends like this, and goes on to where that leads.
    pub(crate) fn press(&mut self, page: &Page, action: &str, more: &[(&str, &str)]) -> Page {
        match self.post(page, action, more) {
            Ok(page) => page,
            Err(next) => self.open(&next),
        }
    }

    /// The same, without going there.
    pub(crate) fn led_to(&mut self, page: &Page, action: &str, more: &[(&str, &str)]) -> String {
        self.post(page, action, more).expect_err("the button leads on")
    }

    fn post(&mut self, page: &Page, action: &str, more: &[(&str, &str)]) -> Result<Page, String> {
        let (to, mut fields) = page.form(action);
        // The button that is pressed says another word than the one that the form has for the first.
        fields.retain(|(name, _value)| more.iter().all(|(other, _value)| name != other));
        fields.extend(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let request = self.http.post(to).form(&fields);
        let origin = page.address.origin().ascii_serialization();
        self.ask(request.header("origin", origin).header("sec-fetch-site", "same-origin"))
    }

    /// The page of an answer, or where it leads.
    fn ask(&mut self, request: RequestBuilder) -> Result<Page, String> {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let (answer, text) = self.runtime.block_on(async {
            let mut answer = request.header(COOKIE, cookies.join("; ")).send().await.unwrap();
            let mut text = Vec::new();
            while let Some(part) = answer.chunk().await.unwrap() {
                text.extend_from_slice(&part);
            }
            (answer, String::from_utf8(text).unwrap())
        });
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let (name, value) = cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .split_once('=')
                .unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        if answer.status().is_redirection() {
            return Err(answer.headers()[LOCATION].to_str().unwrap().to_owned());
        }
        Ok(Page {
            address: answer.url().clone(),
            status: answer.status().as_u16(),
            text,
        })
    }
}

impl Page {
    /// Where a form goes, and what is hidden in it.
    fn form(&self, action: &str) -> (Url, Vec<(String, String)>) {
        let forms = self.text.split("<form").skip(1);
        let found = forms
            .filter_map(|form| form.split_once("</form>"))
            .map(|(form, _rest)| form)
            .find(|form| attribute(form, "action").is_some_and(|to| to.ends_with(action)));
        let form = found.unwrap_or_else(|| panic!("no form {action} in {self:?}"));
        let hidden = form.split("<input").skip(1).filter_map(|tag| {
            let tag = tag.split('>').next()?;
            (attribute(tag, "type")? == "hidden").then(|| Some((attribute(tag, "name")?, attribute(tag, "value")?)))?
        });
        let to = attribute(form, "action").unwrap();
        (self.address.join(&to).unwrap(), hidden.collect())
    }

    /// The link of the app that the page offers.
    pub(crate) fn app_link(&self) -> String {
        let (_before, rest) = self
            .text
            .split_once("href=\"org.partyline.app:")
            .expect("a link of the app");
        let (link, _after) = rest.split_once('"').unwrap();
        format!("org.partyline.app:{}", unescaped(link))
    }

    /// The code that the page shows, to type on another device.
    pub(crate) fn typed_code(&self) -> String {
        let is_code = |word: &&str| {
            let letters = word.chars().filter(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            word.len() == 9 && word.chars().nth(4) == Some('-') && letters.count() == 8
        };
        let mut words = self.text.split(['<', '>', ' ', '\n']);
        words.find(is_code).expect("a code to type").to_owned()
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_before, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split_once('"')?.0))
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
