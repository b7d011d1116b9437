//! Days and times of day as people write and read them, in the zone of this machine. No IO.

use std::str::FromStr;

use jiff::Span;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;

use crate::time::{Day, Timestamp};

/// Day 0.
const FIRST: Date = date(1970, 1, 1);

/// Now, as the clock on the wall shows it.
#[derive(Clone, Debug)]
pub(super) struct Wall {
    pub(super) now: Timestamp,
    pub(super) zone: TimeZone,
}

impl Wall {
    /// A moment as `2026-12-24 18:30`.
    pub(super) fn time(&self, millis: u64) -> String {
        self.moment(millis)
            .map_or_else(String::new, |moment| moment.strftime("%Y-%m-%d %H:%M").to_string())
    }

    /// A day that is written as `2026-12-24`, as people say it: `today`, `Friday` within a week, otherwise `Thu 24 Dec`.
    pub(super) fn day(&self, day: &str) -> String {
        let Ok(date) = day.parse::<Date>() else {
            return day.to_owned();
        };
        let today = self.today();
        match today.until(date).map(|span| span.get_days()) {
            Ok(-1) => "yesterday".to_owned(),
            Ok(0) => "today".to_owned(),
            Ok(1) => "tomorrow".to_owned(),
            Ok(2..7) => date.strftime("%A").to_string(),
            _ if date.year() == today.year() => date.strftime("%a %-d %b").to_string(),
            _ => date.strftime("%a %-d %b %Y").to_string(),
        }
    }

    /// Which day it is here.
    pub(super) fn today(&self) -> Date {
        self.moment(self.now.as_millis()).map_or(FIRST, |moment| moment.date())
    }

    /// None beyond the year 9999, which a peer's clock may claim.
    fn moment(&self, millis: u64) -> Option<jiff::ZonedDateTime> {
        let moment = jiff::Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()?;
        Some(moment.to_zoned_datetime(self.zone.clone()))
    }
}

/// A day as `2026-12-24`; none beyond the year 9999.
pub(super) fn day_text(day: Day) -> Option<String> {
    // A day far beyond what a calendar holds, which a peer may have written, is an error only here.
    let days = Span::new().try_days(i64::from(day.0)).ok()?;
    FIRST.checked_add(days).ok().map(|date| date.to_string())
}

/// The day that a person names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DueDay {
    None,
    Today,
    Tomorrow,
    /// The next one, not today.
    Next(Weekday),
    On(Date),
}

impl FromStr for DueDay {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.to_lowercase().as_str() {
            "none" => Self::None,
            "today" => Self::Today,
            "tomorrow" => Self::Tomorrow,
            "mon" | "monday" => Self::Next(Weekday::Monday),
            "tue" | "tuesday" => Self::Next(Weekday::Tuesday),
            "wed" | "wednesday" => Self::Next(Weekday::Wednesday),
            "thu" | "thursday" => Self::Next(Weekday::Thursday),
            "fri" | "friday" => Self::Next(Weekday::Friday),
            "sat" | "saturday" => Self::Next(Weekday::Saturday),
            "sun" | "sunday" => Self::Next(Weekday::Sunday),
            date => match date.parse::<Date>() {
                Ok(date) if date >= FIRST && date.to_string() == text => Self::On(date),
                _ => return Err("a day looks like 2026-12-24, today, tomorrow, fri or none"),
            },
        })
    }
}

impl DueDay {
    /// Which day that is, if today is `today`.
    pub(super) fn day(self, today: Date) -> Option<Day> {
        let date = match self {
            Self::None => return None,
            Self::Today => today,
            Self::Tomorrow => today.tomorrow().ok()?,
            Self::Next(weekday) => today.nth_weekday(1, weekday).ok()?,
            Self::On(date) => date,
        };
        let days = FIRST.duration_until(date).as_hours() / 24;
        u32::try_from(days).ok().map(Day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Wednesday.
    const TODAY: Date = date(2026, 11, 25);

    #[test]
    fn days_are_read_as_people_write_them() {
        let text = |typed: &str| {
            let due: DueDay = typed.parse().unwrap();
            due.day(TODAY).and_then(day_text)
        };
        assert_eq!(text("2026-12-24").unwrap(), "2026-12-24");
        assert_eq!(text("today").unwrap(), "2026-11-25");
        assert_eq!(text("Tomorrow").unwrap(), "2026-11-26");
        assert_eq!(text("fri").unwrap(), "2026-11-27");
        assert_eq!(text("wednesday").unwrap(), "2026-12-02", "the next one, not today");
        assert_eq!(text("none"), None);
        for wrong in ["", "24.12.2026", "2026-13-01", "1969-12-31", "soon", "2026-12-24T10:00"] {
            assert!(wrong.parse::<DueDay>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_are_told_as_people_say_them() {
        let (zone, now) = (TimeZone::UTC, Timestamp::from_millis(1_795_600_000_000));
        let wall = Wall { now, zone };
        assert_eq!(wall.today(), TODAY);
        for (day, told) in [
            ("2026-11-25", "today"),
            ("2026-11-26", "tomorrow"),
            ("2026-11-24", "yesterday"),
            ("2026-11-29", "Sunday"),
            ("2026-12-02", "Wed 2 Dec"),
            ("2026-11-20", "Fri 20 Nov"),
            ("2027-01-01", "Fri 1 Jan 2027"),
        ] {
            assert_eq!(wall.day(day), told);
        }
    }

    #[test]
    fn a_time_is_that_of_the_clock_on_the_wall() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let now = Timestamp::from_millis(0);
        let wall = Wall { now, zone };
        assert_eq!(wall.time(1_782_345_600_000), "2026-06-25 02:00");
        assert_eq!(wall.time(u64::MAX), "", "a peer's clock may say anything");
        assert_eq!(wall.today(), FIRST);
        assert_eq!(day_text(Day(u32::MAX)), None);
    }
}
