//! Our own templates, in ten languages: the mail of an invitation and the mail of a sign-in.

mod words;

use super::Template;
use crate::service::locales::Language;

const TEXT: &str = include_str!("../../../../assets/service/mail/mail.txt");
const HTML: &str = include_str!("../../../../assets/service/mail/mail.html");

/// A template of our own. Clients may have one of their own with the same alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltIn {
    /// The mail of an invitation.
    Invite,
    /// The mail of a sign-in.
    SignIn,
}

impl BuiltIn {
    /// The alias that requests name it by.
    #[must_use]
    pub const fn alias(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::SignIn => "sign_in",
        }
    }

    /// The template of an alias.
    #[must_use]
    pub fn of_alias(alias: &str) -> Option<Self> {
        [Self::Invite, Self::SignIn]
            .into_iter()
            .find(|built_in| built_in.alias() == alias)
    }
}

/// The template in a language: the same two frames for all, with the words of the language in them.
#[must_use]
pub fn built_in(which: BuiltIn, language: Language) -> Template {
    let words = words::of(language);
    let mail = match which {
        BuiltIn::Invite => &words.invite,
        BuiltIn::SignIn => &words.sign_in,
    };
    let places = [
        ("[[subject]]", mail.subject),
        ("[[by]]", mail.by),
        ("[[lead]]", mail.lead),
        ("[[address]]", mail.address),
        ("[[button]]", mail.button),
        ("[[until]]", mail.until),
        ("[[ignore]]", mail.ignore),
        ("[[link]]", words.link),
        ("[[message]]", words.message),
        ("[[redeem]]", words.redeem),
        ("[[sent]]", words.sent),
        ("[[unsubscribe]]", words.unsubscribe),
    ];
    let filled = |frame: &str| {
        let places = places.iter();
        places.fold(frame.to_owned(), |text, (place, words)| text.replace(place, words))
    };
    Template {
        subject: mail.subject.to_owned(),
        text: filled(TEXT),
        html: Some(filled(HTML)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::mail::template::check;

    #[test]
    fn all_of_them_pass_our_own_check() {
        for language in Language::ALL {
            for which in [BuiltIn::Invite, BuiltIn::SignIn] {
                let template = built_in(which, language);
                assert_eq!(
                    check(&template.subject, &template.text, template.html.as_deref()),
                    Ok(Vec::new()),
                    "{which:?} {language:?}"
                );
                assert!(!template.text.contains("[["), "{which:?} {language:?}");
                // The words stand in HTML as they are.
                let words = words::of(language);
                for text in [
                    words.link,
                    words.sent,
                    words.invite.lead,
                    words.invite.by,
                    words.sign_in.ignore,
                ] {
                    assert!(!text.contains(['<', '>', '&', '"']), "{text}");
                }
            }
        }
    }
}
