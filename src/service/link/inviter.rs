//! Who invites, as a page may repeat it: the client says so, and nobody has checked it.

use super::found::Opened;
use crate::service::mail::values;

/// The longest name that a page shows, in characters.
const LONGEST: usize = 60;

impl Opened {
    /// The name of who invites, if the client gave one that is a name: `inviter_name` of the template's data, as mails show it.
    pub(super) fn inviter(&self) -> Option<String> {
        name(&self.invitation.template_data, self.client.is_trusted)
    }
}

#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
fn name(template_data: &str, is_trusted: bool) -> Option<String> {
    let values = values::lines(template_data, is_trusted);
    let name = values.get("inviter_name")?.as_str()?;
    (!name.is_empty() && name.chars().count() <= LONGEST).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_repeated_and_an_advertisement_is_not() {
        let long = "a".repeat(61);
        for (text, shown) in [
            ("Ann Meier", Some("Ann Meier")),
            ("  Ann\r\nMeier\u{202e} ", Some("Ann Meier")),
            ("田中 花子", Some("田中 花子")),
            ("Win now at evil.test/x", None),
            ("https://evil", None),
            ("", None),
            ("\u{200b}", None),
            (&long, None),
        ] {
            let data = json!({ "inviter_name": text }).to_string();
            assert_eq!(name(&data, false).as_deref(), shown, "{text:?}");
        }
        assert_eq!(
            name(r#"{"inviter_name":"Choir.org"}"#, true).as_deref(),
            Some("Choir.org")
        );
        for data in ["", "[]", "{}", r#"{"inviter_name":7}"#] {
            assert_eq!(name(data, false), None);
        }
    }
}
