//! The headers of every page.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use rand::CryptoRng;
use url::Url;

use super::sheet::{Part, Sheet};
use crate::service::config::Config;
use crate::service::token::base64url;

/// What a page's style and script are known by to the browser: 128 random bits.
pub(super) fn nonce(random: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 16];
    random.fill_bytes(&mut bytes);
    base64url(bytes)
}

/// Headers without a value of their own on each page. `strict-origin`: the token in a page's path is told to nobody, and a posted form still has
/// an `Origin`, which frameworks ask for (`no-referrer` makes it `null`).
const SAME: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "strict-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Puts the headers on a page.
pub(super) fn protect(headers: &mut HeaderMap, config: &Config, sheet: &Sheet, leads_to: &[String], nonce: &str) {
    for (name, value) in SAME {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if config.issuer.starts_with("https://") {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if let Ok(policy) = HeaderValue::try_from(policy(sheet, leads_to, nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn policy(sheet: &Sheet, leads_to: &[String], nonce: &str) -> String {
    let script = if sheet.parts.iter().any(|part| matches!(part, Part::PostsItself)) {
        format!(" script-src 'nonce-{nonce}';")
    } else {
        String::new()
    };
    format!(
        "default-src 'none'; style-src 'nonce-{nonce}';{script} img-src 'self'; form-action 'self'{}; frame-ancestors 'none'; base-uri 'none'",
        schemes(leads_to)
    )
}

/// The schemes of the addresses that a form may lead to. Not their hosts: Chromium holds `form-action` against every redirect that follows a
/// form, also against those of the client to a host of its own that nobody here knows of; and a policy cannot name an IPv6 address.
fn schemes(addresses: &[String]) -> String {
    let mut schemes: Vec<String> = Vec::new();
    for address in addresses.iter().filter_map(|address| Url::parse(address).ok()) {
        // A client on this machine may lead on to one elsewhere.
        for scheme in [Some(address.scheme()), (address.scheme() == "http").then_some("https")]
            .into_iter()
            .flatten()
        {
            let source = format!(" {scheme}:");
            if !schemes.contains(&source) {
                schemes.push(source);
            }
        }
    }
    schemes.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_to_the_schemes_it_names_and_nowhere_else() {
        for (addresses, sources) in [
            (&[][..], ""),
            (&["https://app.test/a", "https://b.test/"], " https:"),
            (&["http://127.0.0.1/callback"], " http: https:"),
            (&["org.partyline.app:/accept"], " org.partyline.app:"),
            (&["nonsense", "; script-src *"], ""),
        ] {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            assert_eq!(schemes(&addresses), sources);
        }
    }
}
