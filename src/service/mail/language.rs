//! The ten languages of our own mails: which one a tag asks for, and how each writes a moment.

use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::time::Timestamp;

/// A language that our own mails are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Every language.
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

    /// Its tag, BCP 47.
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

    /// The language of a tag, whatever region it names: `pt-BR` is Portuguese. Chinese is Chinese in simplified characters, as there is no other.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = primary(tag).to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|language| self::primary(language.tag()) == primary)
    }

    /// A moment as its readers write it, to the minute, in UTC: nobody knows where the reader is.
    #[must_use]
    pub fn moment(self, moment: Timestamp) -> String {
        let Some(at) = civil(moment) else {
            return String::new();
        };
        let (year, day, clock) = (at.year(), at.day(), format!("{:02}:{:02}", at.hour(), at.minute()));
        let months = self.months();
        let index = usize::try_from(at.month() - 1).unwrap_or(0);
        let month = months.get(index).copied().unwrap_or_default();
        match self {
            Self::En | Self::It | Self::Nl | Self::Pl => format!("{day} {month} {year}, {clock} UTC"),
            Self::De => format!("{day}. {month} {year}, {clock} Uhr UTC"),
            Self::Fr => {
                let day = if day == 1 { "1er".to_owned() } else { day.to_string() };
                format!("{day} {month} {year} à {clock} UTC")
            }
            Self::Es | Self::Pt => format!("{day} de {month} de {year}, {clock} UTC"),
            Self::Ja | Self::ZhHans => format!("{year}年{month}月{day}日 {clock} UTC"),
        }
    }

    const fn months(self) -> [&'static str; 12] {
        match self {
            Self::En => [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            Self::De => [
                "Januar",
                "Februar",
                "März",
                "April",
                "Mai",
                "Juni",
                "Juli",
                "August",
                "September",
                "Oktober",
                "November",
                "Dezember",
            ],
            Self::Fr => [
                "janvier",
                "février",
                "mars",
                "avril",
                "mai",
                "juin",
                "juillet",
                "août",
                "septembre",
                "octobre",
                "novembre",
                "décembre",
            ],
            Self::Es => [
                "enero",
                "febrero",
                "marzo",
                "abril",
                "mayo",
                "junio",
                "julio",
                "agosto",
                "septiembre",
                "octubre",
                "noviembre",
                "diciembre",
            ],
            Self::Pt => [
                "janeiro",
                "fevereiro",
                "março",
                "abril",
                "maio",
                "junho",
                "julho",
                "agosto",
                "setembro",
                "outubro",
                "novembro",
                "dezembro",
            ],
            Self::It => [
                "gennaio",
                "febbraio",
                "marzo",
                "aprile",
                "maggio",
                "giugno",
                "luglio",
                "agosto",
                "settembre",
                "ottobre",
                "novembre",
                "dicembre",
            ],
            Self::Nl => [
                "januari",
                "februari",
                "maart",
                "april",
                "mei",
                "juni",
                "juli",
                "augustus",
                "september",
                "oktober",
                "november",
                "december",
            ],
            Self::Pl => [
                "stycznia",
                "lutego",
                "marca",
                "kwietnia",
                "maja",
                "czerwca",
                "lipca",
                "sierpnia",
                "września",
                "października",
                "listopada",
                "grudnia",
            ],
            Self::Ja | Self::ZhHans => ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"],
        }
    }
}

/// A moment as templates of clients get it, in any language: `2026-01-08 00:00 UTC`.
#[must_use]
pub fn plain_moment(moment: Timestamp) -> String {
    civil(moment).map_or_else(String::new, |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// The language of a tag without script and region, as it is written there.
#[must_use]
pub fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or_default()
}

/// Which way a language is written: `ltr`, or `rtl`.
#[must_use]
pub fn direction(tag: &str) -> &'static str {
    match primary(tag).to_ascii_lowercase().as_str() {
        "ar" | "ckb" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}

fn civil(moment: Timestamp) -> Option<DateTime> {
    let millis = i64::try_from(moment.as_millis()).ok()?;
    let moment = jiff::Timestamp::from_millisecond(millis).ok()?;
    Some(Offset::UTC.to_datetime(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language() {
        for (tag, language) in [
            ("en", Some(Language::En)),
            ("pt-BR", Some(Language::Pt)),
            ("DE_at", Some(Language::De)),
            ("zh-TW", Some(Language::ZhHans)),
            ("sv", None),
            ("", None),
            ("english", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
        assert_eq!(
            Language::ALL.map(|language| Language::of_tag(language.tag())),
            Language::ALL.map(Some)
        );
        assert_eq!((direction("ar-EG"), direction("de")), ("rtl", "ltr"));
    }

    #[test]
    fn a_moment_reads_as_its_readers_write_it() {
        // 2026-03-01T09:05:00Z.
        let moment = Timestamp::from_millis(1_772_355_900_000);
        let read = Language::ALL.map(|language| language.moment(moment));
        assert_eq!(
            read,
            [
                "1 March 2026, 09:05 UTC",
                "1. März 2026, 09:05 Uhr UTC",
                "1er mars 2026 à 09:05 UTC",
                "1 de marzo de 2026, 09:05 UTC",
                "1 de março de 2026, 09:05 UTC",
                "1 marzo 2026, 09:05 UTC",
                "1 maart 2026, 09:05 UTC",
                "1 marca 2026, 09:05 UTC",
                "2026年3月1日 09:05 UTC",
                "2026年3月1日 09:05 UTC",
            ]
        );
        assert_eq!(plain_moment(moment), "2026-03-01 09:05 UTC");
    }
}
