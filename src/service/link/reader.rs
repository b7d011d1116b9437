//! Who reads a page: which languages their browser accepts, and where they pressed a button.

use axum::http::{HeaderMap, header};
use url::Url;

use super::found::Opened;
use crate::service::locales::Language;

/// What a browser says of its reader.
pub(super) struct Reader {
    accepted: Option<String>,
    fetch_site: Option<String>,
    origin: Option<String>,
}

impl Reader {
    /// What these headers say.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text =
            |value: Option<&axum::http::HeaderValue>| value.and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self {
            accepted: text(headers.get(header::ACCEPT_LANGUAGE)),
            fetch_site: text(headers.get("sec-fetch-site")),
            origin: text(headers.get(header::ORIGIN)),
        }
    }

    /// The language to answer in. `opened` is what the reader looks at.
    pub(super) fn language(&self, opened: Option<&Opened>) -> Language {
        Language::negotiate(
            opened.map(|opened| opened.invitation.locale.as_str()),
            self.accepted.as_deref(),
        )
    }

    /// Whether the button was pressed on another website: by what the browser says of it (Fetch Metadata), or, if it says nothing of that, by
    /// where the form came from. A program that says neither, like the one-click of a mail provider, is not a browser that somebody misleads.
    pub(super) fn is_elsewhere(&self, issuer: &str) -> bool {
        if let Some(site) = &self.fetch_site {
            return site == "cross-site";
        }
        let own = Url::parse(issuer).map(|issuer| issuer.origin().ascii_serialization());
        match (&self.origin, own) {
            (Some(origin), Ok(own)) => origin != "null" && *origin != own,
            (Some(_), Err(_)) | (None, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(headers: &[(&'static str, &str)]) -> Reader {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Reader::of(&map)
    }

    #[test]
    fn a_button_on_another_website_is_noticed() {
        let issuer = "https://invite.example.org";
        for (headers, elsewhere) in [
            (&[][..], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("origin", "https://invite.example.org")], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://evil.test")], true),
            (
                &[("origin", "https://evil.test"), ("sec-fetch-site", "same-origin")],
                false,
            ),
        ] {
            assert_eq!(reader(headers).is_elsewhere(issuer), elsewhere, "{headers:?}");
        }
    }
}
