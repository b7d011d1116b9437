//! The languages of pages and mails, which of them somebody reads, and all words of the pages.

mod date;
mod de;
mod en;
mod es;
mod fr;
mod it;
mod ja;
mod nl;
mod pl;
mod pt;
mod words;
mod zh_hans;

use crate::time::Timestamp;

pub(super) use self::words::Words;

/// A language that the service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Portuguese.
    Pt,
    /// Italian.
    It,
    /// Dutch.
    Nl,
    /// Polish.
    Pl,
    /// Japanese.
    Ja,
    /// Chinese in simplified characters.
    ZhHans,
}

impl Language {
    /// Every language. All of them are written from left to right.
    pub const ALL: [Self; 10] = [
        Self::En,
        Self::De,
        Self::Fr,
        Self::Es,
        Self::Pt,
        Self::It,
        Self::Nl,
        Self::Pl,
        Self::Ja,
        Self::ZhHans,
    ];

    /// Its tag (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Pt => "pt",
            Self::It => "it",
            Self::Nl => "nl",
            Self::Pl => "pl",
            Self::Ja => "ja",
            Self::ZhHans => "zh-Hans",
        }
    }

    /// The language that a tag asks for, whatever region it names: `de` for `de-AT`. None for one that is not spoken here. Chinese is Chinese in
    /// simplified characters, as there is no other.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = |tag: &str| {
            tag.trim()
                .split(['-', '_'])
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase()
        };
        Self::ALL
            .into_iter()
            .find(|spoken| primary(spoken.tag()) == primary(tag))
    }

    /// The language for a reader: that of the text at hand (`locale`, of an invitation or a client) if the reader's browser accepts it at all,
    /// else the one it likes best, else that of the text, else English. `accepted` is the header `Accept-Language` (RFC 9110, 12.5.4).
    #[must_use]
    pub fn negotiate(locale: Option<&str>, accepted: Option<&str>) -> Self {
        let written = locale.and_then(Self::of_tag);
        let liked = liked(accepted.unwrap_or_default());
        match written {
            Some(written) if liked.contains(&written) => written,
            Some(_) | None => liked.first().copied().or(written).unwrap_or(Self::En),
        }
    }

    /// A moment as people write it, in UTC: `3 December 2026, 14:00 UTC`.
    #[must_use]
    pub fn moment(self, moment: Timestamp) -> String {
        date::written(self, moment)
    }

    /// What the pages say.
    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::En => &en::WORDS,
            Self::De => &de::WORDS,
            Self::Fr => &fr::WORDS,
            Self::Es => &es::WORDS,
            Self::Pt => &pt::WORDS,
            Self::It => &it::WORDS,
            Self::Nl => &nl::WORDS,
            Self::Pl => &pl::WORDS,
            Self::Ja => &ja::WORDS,
            Self::ZhHans => &zh_hans::WORDS,
        }
    }
}

/// Languages of a header that are read at all; more of them are nobody's.
const MAX_ACCEPTED: usize = 32;

/// What a browser accepts of what is spoken here, the best liked first. A language with the weight 0 is not accepted.
fn liked(accepted: &str) -> Vec<Language> {
    let mut weighed: Vec<(u32, Language)> = accepted
        .split(',')
        .take(MAX_ACCEPTED)
        .filter_map(|range| {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            Some((weight(parameters)?, Language::of_tag(tag)?))
        })
        .collect();
    // Stable: of equal weights the first stays first.
    weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    weighed.into_iter().map(|(_, language)| language).collect()
}

/// The weight in `q=0.8`, in thousandths. None for 0 and for what is no weight.
fn weight(parameters: &str) -> Option<u32> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1000);
    }
    let text = parameters
        .strip_prefix("q=")
        .or_else(|| parameters.strip_prefix("Q="))?;
    let weight: f64 = text.trim().parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    let thousandths = (weight.clamp(0.0, 1.0) * 1000.0) as u32;
    (thousandths > 0).then_some(thousandths)
}

/// Whether a text names a language as BCP 47 does: `en`, `zh-Hans`, `pt-BR`.
#[must_use]
pub fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let language = (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 35 && language && parts.all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language() {
        for (tag, language) in [
            ("de", Some(Language::De)),
            ("de-AT", Some(Language::De)),
            ("PT_br", Some(Language::Pt)),
            ("zh", Some(Language::ZhHans)),
            ("zh-TW", Some(Language::ZhHans)),
            ("den", None),
            ("tlh", None),
            ("", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
        assert_eq!(
            Language::ALL.map(|language| Language::of_tag(language.tag())),
            Language::ALL.map(Some)
        );
    }

    #[test]
    fn the_reader_decides_and_the_inviter_if_the_reader_reads_it() {
        for (locale, accepted, language) in [
            (Some("de"), Some("en-GB,en;q=0.9,de;q=0.7"), Language::De),
            (Some("de"), Some("en-GB,en;q=0.9"), Language::En),
            (Some("de"), Some("en, de;q=0"), Language::En),
            (Some("de"), Some("tlh"), Language::De),
            (Some("de"), None, Language::De),
            (Some("tlh"), Some("fr;q=0.5, ja"), Language::Ja),
            (None, Some("*"), Language::En),
            (None, Some(";;q=,,;q=9e99,\u{7f}"), Language::En),
            (None, None, Language::En),
        ] {
            assert_eq!(
                Language::negotiate(locale, accepted),
                language,
                "{locale:?} {accepted:?}"
            );
        }
    }

    #[test]
    fn every_language_fills_in_what_english_fills_in() {
        let english = Language::En.words().all();
        for language in Language::ALL {
            for ((name, text), (_, meant)) in language.words().all().into_iter().zip(&english) {
                assert_eq!(blanks(text), blanks(meant), "{}: {name}", language.tag());
                assert!(
                    !text.trim().is_empty() && !text.contains(['<', '>', '&']),
                    "{}: {name}",
                    language.tag()
                );
            }
        }
    }

    #[test]
    fn no_sentence_was_left_in_english() {
        let english = Language::En.words().all();
        for language in Language::ALL.into_iter().filter(|language| *language != Language::En) {
            for ((name, text), (_, original)) in language.words().all().into_iter().zip(&english) {
                let same_in_both = ["code_label", "service_label"].contains(&name);
                assert!(same_in_both || text != *original, "{}: {name}", language.tag());
            }
        }
    }

    fn blanks(text: &str) -> Vec<&str> {
        let mut blanks: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
            .collect();
        blanks.sort_unstable();
        blanks
    }

    #[test]
    fn a_language_is_named_as_bcp_47_does() {
        for fine in ["en", "de-DE", "zh-Hans", "sl-rozaj-biske-1994"] {
            assert!(is_locale(fine), "{fine}");
        }
        for wrong in ["", "e", "english", "en_US", "en-", "-en", "en-123456789", "e1"] {
            assert!(!is_locale(wrong), "{wrong}");
        }
    }
}
