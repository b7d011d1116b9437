//! Languages that we do not speak ourselves: templates of clients may be in any.

use jiff::tz::TimeZone;

use crate::time::Timestamp;

/// The language of a tag (BCP 47) without script and region, as it is written there.
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

/// A moment as everybody reads it: `2026-01-08 00:00 UTC`.
#[must_use]
pub fn plain_moment(moment: Timestamp) -> String {
    let millis = i64::try_from(moment.as_millis()).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    TimeZone::UTC
        .to_datetime(moment)
        .strftime("%Y-%m-%d %H:%M UTC")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_language_has_a_direction_and_a_date() {
        assert_eq!(
            (direction("ar-EG"), direction("de"), direction("")),
            ("rtl", "ltr", "ltr")
        );
        assert_eq!(primary("pt_BR"), "pt");
        let moment = Timestamp::from_millis(1_772_355_900_000);
        assert_eq!(plain_moment(moment), "2026-03-01 09:05 UTC");
    }
}
