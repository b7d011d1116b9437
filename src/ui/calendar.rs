//! Moments as people see them: the day and the time of day in one zone.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ZonedDateTime};

use crate::time::{Day, Timestamp};

/// Turns moments into days and times of day, in the zone that the window was opened in.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    zone: TimeZone,
}

/// The day from which a [`Day`] counts.
const EPOCH: Date = Date::constant(1970, 1, 1);

impl Calendar {
    pub(crate) const fn new(zone: TimeZone) -> Self {
        Self { zone }
    }

    /// The day and the time of day.
    pub(crate) fn local(&self, at: Timestamp) -> ZonedDateTime {
        let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
        let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
        moment.to_zoned_datetime(self.zone.clone())
    }

    /// The day on which a moment is.
    pub(crate) fn date(&self, at: Timestamp) -> Date {
        self.local(at).date()
    }

    /// How long until the next day begins and "today" means another one.
    pub(crate) fn until_midnight(&self, now: Timestamp) -> Duration {
        let local = self.local(now);
        let next = local
            .date()
            .tomorrow()
            .and_then(|date| date.to_zoned_datetime(self.zone.clone()));
        let left = next.map(|next| next.timestamp().as_millisecond() - local.timestamp().as_millisecond());
        Duration::from_millis(left.map_or(0, |left| u64::try_from(left).unwrap_or(0)).max(1000))
    }
}

/// A day of the model as a date, if the calendar reaches that far.
pub(crate) fn date(day: Day) -> Option<Date> {
    EPOCH.checked_add(Span::new().try_days(i64::from(day.0)).ok()?).ok()
}

/// A date as a day of the model, if it is not before 1970.
pub(crate) fn day(date: Date) -> Option<Day> {
    u32::try_from(days_between(EPOCH, date)).ok().map(Day)
}

/// How many days `to` is after `from`; negative if before.
pub(crate) fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// So many days later; the same day at the end of the calendar.
pub(crate) fn later(date: Date, days: i64) -> Date {
    let span = Span::new().try_days(days);
    span.and_then(|span| date.checked_add(span)).unwrap_or(date)
}

/// The first day of the month that is so many months later.
pub(crate) fn month_later(date: Date, months: i64) -> Date {
    let span = Span::new().try_months(months);
    span.and_then(|span| date.first_of_month().checked_add(span))
        .unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as civil;

    use super::*;

    #[test]
    fn days_and_dates_correspond() {
        for (number, expected) in [
            (0, civil(1970, 1, 1)),
            (59, civil(1970, 3, 1)),
            (20_614, civil(2026, 6, 10)),
        ] {
            assert_eq!(date(Day(number)), Some(expected));
            assert_eq!(day(expected), Some(Day(number)));
        }
        assert_eq!(date(Day(u32::MAX)), None);
        assert_eq!(day(civil(1969, 12, 31)), None);
    }

    #[test]
    fn a_day_ends_at_midnight_of_its_zone() {
        let noon = Timestamp::from_millis(1_781_092_800_000);
        let calendar = Calendar::new(TimeZone::UTC);
        assert_eq!(calendar.date(noon), civil(2026, 6, 10));
        assert_eq!(calendar.until_midnight(noon), Duration::from_secs(12 * 3600));
        let east = Calendar::new(TimeZone::fixed(jiff::tz::offset(13)));
        assert_eq!(east.date(noon), civil(2026, 6, 11));
        assert_eq!(later(civil(2026, 6, 30), 1), civil(2026, 7, 1));
        assert_eq!(month_later(civil(2026, 1, 31), 1), civil(2026, 2, 1));
    }
}
