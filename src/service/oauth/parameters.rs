//! The parameters of a request: a query, a form or, at `/api/token`, a JSON object (RFC 6749, 3.1 and 3.2).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;

use crate::service::http::{OAuthError, Refusal};

/// The longest body or query that is read, in bytes.
pub(super) const MAX_PARAMETERS: usize = 16 * 1024;

/// The parameters of a request. One without a value counts as not sent; one that came twice has no value that both sides agree on.
#[derive(Clone, Default)]
pub(super) struct Parameters(BTreeMap<String, Sent>);

#[derive(Clone)]
enum Sent {
    Once(String),
    Twice,
}

impl Parameters {
    /// Reads a query or the body of a form.
    #[must_use]
    pub(super) fn of_form(bytes: &[u8]) -> Self {
        let mut read = Self::default();
        for (name, value) in url::form_urlencoded::parse(bytes) {
            read.add(name.into_owned(), value.into_owned());
        }
        read
    }

    /// Reads a body of the type that its header names: a form, or JSON where that is taken.
    ///
    /// # Errors
    ///
    /// `invalid_request`: another type, too long, no JSON object of texts, or a parameter twice.
    #[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
    pub(super) fn of_body(headers: &HeaderMap, body: &[u8], takes_json: bool) -> Result<Self, Refusal> {
        Self::of_type(headers, body, takes_json)?.once()
    }

    #[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
    fn of_type(headers: &HeaderMap, body: &[u8], takes_json: bool) -> Result<Self, Refusal> {
        if body.len() > MAX_PARAMETERS {
            return Err(invalid("The body is too long."));
        }
        let content = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content = content.and_then(|value| value.split(';').next()).map(str::trim);
        let is = |name: &str| content.is_some_and(|content| content.eq_ignore_ascii_case(name));
        if is("application/x-www-form-urlencoded") || (content.is_none() && body.is_empty()) {
            Ok(Self::of_form(body))
        } else if takes_json && is("application/json") {
            serde_json::from_slice(body).map_err(|_unread| invalid("The body is no JSON object of texts."))
        } else if takes_json {
            Err(invalid("Send application/x-www-form-urlencoded or application/json."))
        } else {
            Err(invalid("Send application/x-www-form-urlencoded."))
        }
    }

    /// Reads the body of a form, also one in which a parameter came twice: who asks with a browser is answered through it.
    ///
    /// # Errors
    ///
    /// `invalid_request`: another type, or too long.
    pub(super) fn of_posted(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        Self::of_type(headers, body, false)
    }

    /// The same, if no parameter came twice.
    ///
    /// # Errors
    ///
    /// `invalid_request`.
    pub(super) fn once(self) -> Result<Self, Refusal> {
        if self.came_twice() {
            return Err(invalid("A parameter is sent twice."));
        }
        Ok(self)
    }

    /// Whether any parameter came twice.
    #[must_use]
    pub(super) fn came_twice(&self) -> bool {
        self.0.values().any(|sent| matches!(sent, Sent::Twice))
    }

    /// Whether a parameter came at all, with whatever value.
    #[must_use]
    pub(super) fn came(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The value of a parameter, none if it was not sent, is empty, or came twice.
    #[must_use]
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Sent::Once(value)) if !value.is_empty() => Some(value),
            Some(Sent::Once(_) | Sent::Twice) | None => None,
        }
    }

    /// The value of a parameter that has to be there.
    ///
    /// # Errors
    ///
    /// `invalid_request`, which names it.
    pub(super) fn need(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name)
            .ok_or_else(|| invalid(format!("The parameter {name} is missing.")))
    }

    /// Those that have a value, by their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.keys().filter_map(|name| Some((name.as_str(), self.get(name)?)))
    }

    /// As a query, without those of these names.
    #[must_use]
    pub(super) fn query_without(&self, left_out: &[&str]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.iter().filter(|(name, _value)| !left_out.contains(name)));
        query.finish()
    }

    fn add(&mut self, name: String, value: String) {
        match self.0.entry(name) {
            Entry::Vacant(place) => {
                place.insert(Sent::Once(value));
            }
            Entry::Occupied(mut place) => {
                place.insert(Sent::Twice);
            }
        }
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Parameters;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parameters, A::Error> {
                let mut read = Parameters::default();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    // Other kinds of value belong to members that are unknown here.
                    let text = value.as_str().unwrap_or_default().to_owned();
                    read.add(name, text);
                }
                Ok(read)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn invalid(description: impl Into<String>) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
    fn of(content: &'static str, body: &str, takes_json: bool) -> Result<Parameters, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content));
        Parameters::of_body(&headers, body.as_bytes(), takes_json)
    }

    const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

    #[test]
    fn an_empty_value_counts_as_not_sent_and_a_second_one_is_refused() {
        let read = of(FORM, "code=a%20b&state=&x", false).unwrap();
        assert_eq!(
            (read.get("code"), read.get("state"), read.get("x")),
            (Some("a b"), None, None)
        );
        assert!(read.need("state").is_err());
        assert!(of(FORM, "code=a&code=a", false).is_err());
        assert!(of(FORM, &"a".repeat(MAX_PARAMETERS + 1), false).is_err());
    }

    #[test]
    fn json_is_taken_where_it_is_and_only_objects() {
        let body = r#"{"code":"a","further":[1,{"b":2}]}"#;
        assert_eq!(of("application/json", body, true).unwrap().get("code"), Some("a"));
        assert!(of("application/json", body, false).is_err());
        for wrong in ["", "[]", "\"a\"", "null", r#"{"code":"a","code":"b"}"#, r#"{"code":"#] {
            assert!(of("application/json", wrong, true).is_err(), "{wrong}");
        }
        assert!(of("text/plain", "code=a", true).is_err());
        assert!(!format!("{:?}", of(FORM, "client_secret=pls_x", false).unwrap()).contains("pls_x"));
    }
}
