//! What somebody else wrote and a mail shows: names and other values of a client's request.
//!
//! Whoever can fill them in writes to strangers in our name, so a value stays one short line of plain words: it cannot
//! become a header, markup, a link, or text that reads backwards.

use serde_json::{Map, Value};

use crate::identity::reads_like_an_address;

/// Characters of one value at most. What is longer is cut.
pub const MAX_VALUE: usize = 200;

/// Values of one invitation at most.
pub const MAX_VALUES: usize = 20;

/// Why a client's values are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// They are no object, or too many.
    #[error("template_data is an object with at most {MAX_VALUES} members")]
    Shape,
    /// One is a list, an object or null.
    #[error("the member {name} of template_data is no text, number or truth value")]
    Kind {
        /// Which.
        name: String,
    },
    /// One is too long.
    #[error("the member {name} of template_data is longer than {MAX_VALUE} characters")]
    Long {
        /// Which.
        name: String,
    },
    /// One holds an invisible or control character.
    #[error("the member {name} of template_data holds a character that is not shown")]
    Invisible {
        /// Which.
        name: String,
    },
    /// One reads like the address of a page or a mailbox.
    #[error(
        "the member {name} of template_data reads like an address; only a client that the operator trusts may send one"
    )]
    Address {
        /// Which.
        name: String,
    },
}

/// Whether the `template_data` of a request may be taken.
///
/// At most [`MAX_VALUES`] texts, numbers and truth values of at most [`MAX_VALUE`] characters, nothing invisible in them, and no
/// addresses unless the operator trusts the client.
///
/// # Errors
///
/// [`ValueError`], for the developer of the client. Names of members are shown as far as they are letters, digits and `_`.
#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
pub fn check(data: &Value, is_trusted: bool) -> Result<(), ValueError> {
    let members = data.as_object().ok_or(ValueError::Shape)?;
    if members.len() > MAX_VALUES {
        return Err(ValueError::Shape);
    }
    for (name, value) in members {
        let shown = || -> String {
            let letters = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_');
            letters.take(64).collect()
        };
        let text = text_of(value).ok_or_else(|| ValueError::Kind { name: shown() })?;
        if text.chars().count() > MAX_VALUE {
            return Err(ValueError::Long { name: shown() });
        }
        if text.chars().any(|c| is_hidden(c) || c.is_control()) {
            return Err(ValueError::Invisible { name: shown() });
        }
        if !is_trusted && reads_like_an_address(&text) {
            return Err(ValueError::Address { name: shown() });
        }
    }
    Ok(())
}

/// The values as mails show them, whatever was kept: each `line` of its text, for a client that is not trusted without addresses.
#[must_use]
#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
pub fn lines(template_data: &str, is_trusted: bool) -> Map<String, Value> {
    let members = match serde_json::from_str(template_data) {
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    };
    let shown = |value: &Value| match value {
        Value::Bool(_) | Value::Number(_) => Some(value.clone()),
        Value::String(text) => Some(Value::String(line(text, is_trusted))),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let values = members
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), shown(value)?)));
    values.take(MAX_VALUES).collect()
}

/// A text as one line: without what is not shown, spaces once, at most [`MAX_VALUE`] characters.
///
/// Of a client that is not trusted it is empty if it reads like an address, and in every word with a point in it U+2060
/// follows the point, also an ideographic one, so that no program makes a link of it.
#[must_use]
#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
pub fn line(text: &str, is_trusted: bool) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !is_hidden(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(MAX_VALUE).collect();
    if is_trusted {
        return line;
    }
    if reads_like_an_address(&line) {
        return String::new();
    }
    let mut joined = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        joined.push(c);
        if matches!(c, '.' | '。' | '｡') && rest.peek().is_some_and(|next| next.is_alphanumeric()) {
            joined.push('\u{2060}');
        }
    }
    joined
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What takes no place on a page but changes what is read: marks of direction, joiners of words, tags, fillers. The joiners of letters
/// (U+200C, U+200D) stay: Persian, Indic scripts and emoji need them.
const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_one_short_line() {
        assert_eq!(
            line("  Ann\r\nBcc: all@example.org\t x", true),
            "Ann Bcc: all@example.org x"
        );
        assert_eq!(
            line("Ann\u{202e}gpj\u{200b}\u{feff}\u{0}\u{9b}x\u{2028}y", false),
            "Anngpj x y"
        );
        assert_eq!(line(&"é".repeat(300), false).chars().count(), MAX_VALUE);
        assert_eq!(
            line("می\u{200c}خواهم 👩\u{200d}🎤", false),
            "می\u{200c}خواهم 👩\u{200d}🎤"
        );
        assert_eq!(line("Choir No.5 (2.5 h)", false), "Choir No.\u{2060}5 (2.\u{2060}5 h)");
        assert_eq!(line("来てね。楽しみ", false), "来てね。\u{2060}楽しみ");
        assert_eq!(line("Win now: evil.test", false), "");
    }

    #[test]
    fn what_a_client_sends_is_checked() {
        assert_eq!(
            check(&json!({ "inviter_name": "Ann", "n": 3, "b": true }), false),
            Ok(())
        );
        let name = || "x".to_owned();
        for (data, why) in [
            (json!([]), ValueError::Shape),
            (json!({ "x": [] }), ValueError::Kind { name: name() }),
            (json!({ "x": null }), ValueError::Kind { name: name() }),
            (json!({ "x": "a\nb" }), ValueError::Invisible { name: name() }),
            (json!({ "x": "a\u{202e}b" }), ValueError::Invisible { name: name() }),
            (json!({ "x": "a".repeat(201) }), ValueError::Long { name: name() }),
            (json!({ "x": "evil.com" }), ValueError::Address { name: name() }),
            (json!({ "\"x<": {} }), ValueError::Kind { name: name() }),
        ] {
            assert_eq!(check(&data, false), Err(why));
        }
        assert_eq!(check(&json!({ "x": "example.com" }), true), Ok(()));
        let many: Map<String, Value> = (0..21).map(|n| (n.to_string(), json!(1))).collect();
        assert_eq!(check(&Value::Object(many), true), Err(ValueError::Shape));
    }

    #[test]
    fn what_was_kept_is_shown_whatever_it_is() {
        let shown = lines(r#"{"a":"x\ny","b":2,"c":[],"d":"see evil.com"}"#, false);
        assert_eq!(Value::Object(shown), json!({ "a": "x y", "b": 2, "d": "" }));
        assert!(lines("not json", true).is_empty());
    }
}
