//! What a request carries: its JSON, its query, and the rules that every text in it keeps.

use std::fmt;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Uri, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::service::http::{OAuthError, Refusal};
use crate::service::token::is_base64url;

/// The longest body of one invitation, in bytes.
pub(super) const MAX_BODY: usize = 32 * 1024;

/// The longest body of a template, in bytes.
pub(super) const MAX_TEMPLATE: usize = 128 * 1024;

/// A secret in a request. It is wiped from memory, and nothing prints it.
#[derive(Clone)]
pub(super) struct Secret(pub(super) Zeroizing<String>);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(<redacted>)")
    }
}

/// A request that says something wrong.
pub(super) fn wrong(description: impl Into<String>) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}

/// What another part says is wrong, in the characters that a description may have (RFC 6749, 5.2).
pub(super) fn sentence(error: &impl ToString) -> String {
    let text = error.to_string();
    let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    let mut sentence: String = text.chars().filter(allowed).collect();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence + "."
}

/// The body, if it says that it is JSON and is not too long.
pub(super) async fn read(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Refusal> {
    let bytes = to_bytes(body, most)
        .await
        .map_err(|_longer| Refusal::new(OAuthError::TooLarge, format!("The body is longer than {most} bytes.")))?;
    let said = headers.get(header::CONTENT_TYPE).and_then(|said| said.to_str().ok());
    let kind = said.and_then(|said| said.split(';').next()).map(str::trim);
    if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        Ok(bytes)
    } else {
        Err(Refusal::new(
            OAuthError::UnsupportedMediaType,
            "Send JSON, with the header Content-Type: application/json.",
        ))
    }
}

/// As [`read`]; a request without a body is one with `{}`.
pub(super) async fn read_or_nothing(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Refusal> {
    if headers.contains_key(header::CONTENT_TYPE) {
        return read(headers, body, most).await;
    }
    let bytes = to_bytes(body, most)
        .await
        .unwrap_or_else(|_longer| Bytes::from_static(b"?"));
    if bytes.is_empty() {
        Ok(Bytes::from_static(b"{}"))
    } else {
        Err(Refusal::new(
            OAuthError::UnsupportedMediaType,
            "Send JSON, with the header Content-Type: application/json.",
        ))
    }
}

/// The JSON object in a body. Members that are not known are passed over.
pub(super) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    // A structure can be read from an array too, which nobody means.
    let is_object = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if !is_object {
        return Err(wrong("The body is not a JSON object."));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = if error.is_data() {
            "A member is of another type than it has to be, or there twice"
        } else {
            "The body is not JSON"
        };
        wrong(format!("{what}: line {line}, column {column}."))
    })
}

/// What stands behind the `?`. Parameters that are not known are passed over; one that is there twice is refused.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Refusal> {
    axum::extract::Query::try_from_uri(uri)
        .map(|axum::extract::Query(query)| query)
        .map_err(|_unread| wrong("A parameter has a form that is not understood, or is there twice."))
}

/// A text of 1 to `most` characters without control characters.
pub(super) fn text(name: &str, text: Option<String>, most: usize) -> Result<Option<String>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let length = text.chars().count();
    if length == 0 || length > most {
        return Err(wrong(format!("{name} has 1 to {most} characters.")));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong(format!("{name} has no control characters.")));
    }
    Ok(Some(text))
}

/// A text of several lines, at most `most` bytes.
pub(super) fn lines(name: &str, text: &str, most: usize) -> Result<(), Refusal> {
    if text.len() > most {
        return Err(wrong(format!("{name} has at most {most} bytes.")));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(wrong(format!(
            "{name} has no control characters but tabs and ends of lines."
        )));
    }
    Ok(())
}

/// Whether a text has 1 to `most` of the characters of base64url.
pub(super) fn is_name(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && is_base64url(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_rules() {
        let kept = |said: &str| text("state", Some(said.to_owned()), 4);
        assert_eq!(kept("abcd").unwrap().as_deref(), Some("abcd"));
        assert_eq!(text("state", None, 4).unwrap(), None);
        for wrong in ["", "abcde", "a\0", "a\n", "\u{85}"] {
            assert_eq!(kept(wrong).unwrap_err().error, OAuthError::InvalidRequest, "{wrong:?}");
        }
        assert!(lines("text", "a\r\n\tb", 5).is_ok() && lines("text", "a\0", 5).is_err());
        assert!(lines("text", "aaaaaa", 5).is_err());
    }

    #[test]
    fn names_are_of_base64url() {
        assert!(is_name("invite_to-myapp", 64) && !is_name("", 64) && !is_name("a b", 64) && !is_name("aa", 1));
    }

    #[test]
    fn only_an_object_is_read() {
        #[derive(Debug, Deserialize)]
        struct Asked {
            state: Option<String>,
        }
        assert_eq!(
            json::<Asked>(br#" {"state":"a","more":1}"#).unwrap().state.unwrap(),
            "a"
        );
        assert_eq!(json::<Asked>(br#"{"state":null}"#).unwrap().state, None);
        for wrong in [
            "",
            "[]",
            r#"["a"]"#,
            "null",
            "{",
            r#"{"state":1}"#,
            r#"{"state":"a","state":"b"}"#,
        ] {
            let refusal = json::<Asked>(wrong.as_bytes()).unwrap_err();
            assert_eq!(refusal.error, OAuthError::InvalidRequest, "{wrong}");
            assert!(!refusal.description.contains(['"', '\\']) && refusal.description.is_ascii());
        }
    }
}
