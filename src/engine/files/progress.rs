//! How fast something goes and how long it will take. No IO.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Timestamp;

/// What is looked at: long enough not to jump, short enough to notice a change.
const SPAN: Duration = Duration::from_secs(3);

/// How much was done when, over the last [`SPAN`].
#[derive(Debug, Default)]
pub(super) struct Pace {
    samples: VecDeque<(Timestamp, u64)>,
}

impl Pace {
    /// So many bytes are done now.
    pub(super) fn add(&mut self, now: Timestamp, done: u64) {
        self.samples.push_back((now, done));
        // One from before the span stays, so that it is whole.
        while self.samples.get(1).is_some_and(|(at, _)| at.until(now) >= SPAN) {
            self.samples.pop_front();
        }
    }

    /// Bytes a second.
    pub(super) fn rate(&self) -> u64 {
        let (Some((since, before)), Some((now, done))) = (self.samples.front(), self.samples.back()) else {
            return 0;
        };
        let millis = u64::try_from(since.until(*now).as_millis()).unwrap_or(u64::MAX);
        done.saturating_sub(*before)
            .saturating_mul(1000)
            .checked_div(millis)
            .unwrap_or(0)
    }

    /// Seconds until so many more bytes are done, rounded up.
    pub(super) fn seconds_for(&self, left: u64) -> Option<u64> {
        let rate = self.rate();
        (rate > 0).then(|| left.div_ceil(rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_rate_is_that_of_the_last_three_seconds() {
        let mut pace = Pace::default();
        assert_eq!((pace.rate(), pace.seconds_for(100)), (0, None));
        pace.add(at(0), 0);
        assert_eq!(pace.rate(), 0, "one moment is no time");
        for step in 1..=50 {
            pace.add(at(step * 200), step * 200);
        }
        assert_eq!(pace.rate(), 1000);
        assert_eq!(pace.seconds_for(2500), Some(3));
        for step in 51..=66 {
            pace.add(at(step * 200), 10_000);
        }
        assert_eq!((pace.rate(), pace.seconds_for(1)), (0, None), "it stands still");
        assert!(pace.samples.len() < 20);
    }
}
