//! The only place that reads a clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::time::Timestamp;

/// The latest time that was told in this process, in milliseconds since 1970.
static LATEST: AtomicU64 = AtomicU64::new(0);

/// The system's clock, held so that it never goes back while the program runs.
///
/// The monotonic clock would not do: on some systems it stands still while the machine sleeps, and what a member writes
/// afterwards would be dated before what others wrote meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Clock(());

impl Clock {
    /// The clock of this process.
    #[must_use]
    pub const fn system() -> Self {
        Self(())
    }

    /// The moment it is now; when somebody has set the system's clock back, the latest moment that was told.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        told(&LATEST, u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
    }
}

fn told(latest: &AtomicU64, now: u64) -> Timestamp {
    Timestamp::from_millis(latest.fetch_max(now, Ordering::Relaxed).max(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_stands_still() {
        let latest = AtomicU64::new(0);
        let at = |now| told(&latest, now).as_millis();
        assert_eq!([at(10), at(12), at(3), at(11), at(13)], [10, 12, 12, 12, 13]);
        assert!(
            Clock::system().now().as_secs() > 1_700_000_000,
            "the system clock is before 2023"
        );
    }
}
