//! Moments as each language writes them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Language;
use crate::time::Timestamp;

/// The day, and the time to the minute, in UTC: a page without scripts does not know where its reader is.
pub(super) fn written(language: Language, moment: Timestamp) -> String {
    let millis = i64::try_from(moment.as_millis()).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    let at = TimeZone::UTC.to_datetime(moment);
    let (day, clock) = (day(language, at), format!("{:02}:{:02}", at.hour(), at.minute()));
    match language {
        Language::De => format!("{day}, {clock} Uhr UTC"),
        Language::Fr => format!("{day} à {clock} UTC"),
        Language::Ja | Language::ZhHans => format!("{day} {clock} UTC"),
        Language::En | Language::Es | Language::Pt | Language::It | Language::Nl | Language::Pl => {
            format!("{day}, {clock} UTC")
        }
    }
}

fn day(language: Language, at: DateTime) -> String {
    let (year, day) = (at.year(), at.day());
    let month = usize::try_from(at.month()).unwrap_or(1).saturating_sub(1);
    let month = months(language).get(month).copied().unwrap_or_default();
    match language {
        Language::De => format!("{day}. {month} {year}"),
        Language::Fr if day == 1 => format!("1er {month} {year}"),
        Language::Es | Language::Pt => format!("{day} de {month} de {year}"),
        Language::Ja | Language::ZhHans => format!("{year}年{month}月{day}日"),
        Language::En | Language::Fr | Language::It | Language::Nl | Language::Pl => format!("{day} {month} {year}"),
    }
}

const fn months(language: Language) -> [&'static str; 12] {
    match language {
        Language::En => ENGLISH,
        Language::De => GERMAN,
        Language::Fr => FRENCH,
        Language::Es => SPANISH,
        Language::Pt => PORTUGUESE,
        Language::It => ITALIAN,
        Language::Nl => DUTCH,
        Language::Pl => POLISH,
        Language::Ja | Language::ZhHans => NUMBERS,
    }
}

const ENGLISH: [&str; 12] = [
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
];
const GERMAN: [&str; 12] = [
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
];
const FRENCH: [&str; 12] = [
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
];
const SPANISH: [&str; 12] = [
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
];
const PORTUGUESE: [&str; 12] = [
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
];
const ITALIAN: [&str; 12] = [
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
];
const DUTCH: [&str; 12] = [
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
];
const NUMBERS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
/// In the genitive, as a day's number asks for it.
const POLISH: [&str; 12] = [
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
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_the_language_does() {
        // 2026-12-01T14:05:59Z.
        let moment = Timestamp::from_millis(1_796_133_959_000);
        let written: Vec<String> = Language::ALL
            .into_iter()
            .map(|language| written(language, moment))
            .collect();
        assert_eq!(
            written,
            [
                "1 December 2026, 14:05 UTC",
                "1. Dezember 2026, 14:05 Uhr UTC",
                "1er décembre 2026 à 14:05 UTC",
                "1 de diciembre de 2026, 14:05 UTC",
                "1 de dezembro de 2026, 14:05 UTC",
                "1 dicembre 2026, 14:05 UTC",
                "1 december 2026, 14:05 UTC",
                "1 grudnia 2026, 14:05 UTC",
                "2026年12月1日 14:05 UTC",
                "2026年12月1日 14:05 UTC",
            ]
        );
        assert!(super::written(Language::En, Timestamp::from_millis(u64::MAX)).ends_with("UTC"));
    }
}
