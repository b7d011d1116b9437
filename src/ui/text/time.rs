//! Days, times and sizes in words.

use std::time::Duration;

use jiff::ZonedDateTime;
use jiff::civil::Date;

use crate::ui::calendar::days_between;

/// A day on which something is due.
pub(crate) fn due(date: Date, today: Date) -> String {
    match days_between(today, date) {
        0 => "Today".to_owned(),
        1 => "Tomorrow".to_owned(),
        -1 => "Yesterday".to_owned(),
        _ => short_day(date, today),
    }
}

/// The same in the middle of a sentence.
pub(crate) fn due_inside(date: Date, today: Date) -> String {
    match days_between(today, date) {
        -1..=1 => due(date, today).to_lowercase(),
        _ => due(date, today),
    }
}

/// "Fri 28 Nov", with the year where it is another one.
fn short_day(date: Date, today: Date) -> String {
    let pattern = if date.year() == today.year() {
        "%a %-d %b"
    } else {
        "%-d %b %Y"
    };
    date.strftime(pattern).to_string()
}

/// A day between two messages.
pub(crate) fn day_heading(date: Date, today: Date) -> String {
    match days_between(today, date) {
        0 => "Today".to_owned(),
        -1 => "Yesterday".to_owned(),
        _ if date.year() == today.year() => date.strftime("%A, %-d %B").to_string(),
        _ => date.strftime("%-d %B %Y").to_string(),
    }
}

/// "09:41".
pub(crate) fn clock(at: &ZonedDateTime) -> String {
    at.strftime("%H:%M").to_string()
}

/// A moment, in the middle of a sentence: "today at 09:41".
pub(crate) fn moment(at: &ZonedDateTime, today: Date) -> String {
    let day = match days_between(today, at.date()) {
        0 => "today".to_owned(),
        -1 => "yesterday".to_owned(),
        _ => short_day(at.date(), today),
    };
    format!("{day} at {}", clock(at))
}

/// A day in the middle of a sentence: "today", "2 days ago".
pub(crate) fn some_days_ago(date: Date, today: Date) -> String {
    match days_between(date, today) {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days @ 2..7 => format!("{days} days ago"),
        _ => short_day(date, today),
    }
}

/// When somebody was last connected. `ago` is how long that is.
pub(crate) fn seen(at: &ZonedDateTime, ago: Duration, today: Date) -> String {
    match ago.as_secs() / 60 {
        0 => "Seen just now".to_owned(),
        minutes @ 1..60 => format!("Seen {minutes} min ago"),
        minutes @ 60..360 => format!("Seen {} h ago", minutes / 60),
        _ => format!("Seen {}", some_days_ago(at.date(), today)),
    }
}

/// A size on the disk: "3.4 MB".
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (1_000_000_000_000, "TB"),
        (1_000_000_000, "GB"),
        (1_000_000, "MB"),
        (1000, "kB"),
    ];
    let unit = UNITS.iter().find(|(unit, _)| bytes >= *unit);
    unit.map_or_else(
        || format!("{bytes} B"),
        |(unit, name)| {
            let tenths = bytes / (unit / 10);
            if tenths < 100 && !tenths.is_multiple_of(10) {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            } else {
                format!("{} {name}", tenths / 10)
            }
        },
    )
}

/// How far a transfer is: "1.2 of 3.4 MB, 800 kB/s, 3 s left".
pub(crate) fn coming(done: u64, total: u64, rate: u64, seconds_left: Option<u64>) -> String {
    let left = match seconds_left {
        None => String::new(),
        Some(seconds @ 0..60) => format!(", {seconds} s left"),
        Some(seconds @ 60..3600) => format!(", {} min left", seconds.div_ceil(60)),
        Some(seconds) => format!(", {} h left", seconds.div_ceil(3600)),
    };
    format!("{} of {}, {}/s{left}", size(done), size(total), size(rate))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_told_as_people_say_them() {
        let today = date(2026, 6, 10);
        assert_eq!(due(today, today), "Today");
        assert_eq!(due(date(2026, 6, 12), today), "Fri 12 Jun");
        assert_eq!(due(date(2027, 1, 2), today), "2 Jan 2027");
        assert_eq!(day_heading(date(2026, 6, 8), today), "Monday, 8 June");
        assert_eq!(some_days_ago(date(2026, 6, 8), today), "2 days ago");
    }

    #[test]
    fn sizes_have_one_decimal_where_it_says_something() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(3_449_000), "3.4 MB");
        assert_eq!(size(182_900), "182 kB");
        assert_eq!(
            coming(1_200_000, 3_400_000, 800_000, Some(61)),
            "1.2 MB of 3.4 MB, 800 kB/s, 2 min left"
        );
    }
}
