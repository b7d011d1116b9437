//! How often an origin may come with a code that is not known here (PROTOCOL.md, "Tries, resets, lock, rates"). No IO.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::net::Origin;
use crate::time::Timestamp;

/// How long a refusal counts.
const WINDOW: Duration = Duration::from_secs(60);

/// How many refusals one address may collect in a minute.
const LIMIT: usize = 5;

/// How many all relayed peers together may collect in a minute: a relay hides their addresses.
const RELAYED_LIMIT: usize = 20;

/// How many origins are remembered. Beyond that the longest quiet one is forgotten.
const MAX_ORIGINS: usize = 4096;

/// Refusals of the last minute, by origin.
#[derive(Debug, Default)]
pub(super) struct Refusals(BTreeMap<Origin, VecDeque<Timestamp>>);

impl Refusals {
    /// Whether this origin has used up its minute.
    pub(super) fn is_exhausted(&mut self, origin: Origin, now: Timestamp) -> bool {
        self.forget_old(now);
        let limit = if origin == Origin::Relayed {
            RELAYED_LIMIT
        } else {
            LIMIT
        };
        self.0.get(&origin).is_some_and(|times| times.len() >= limit)
    }

    /// Counts one refusal.
    pub(super) fn count(&mut self, origin: Origin, now: Timestamp) {
        self.forget_old(now);
        if self.0.len() >= MAX_ORIGINS
            && !self.0.contains_key(&origin)
            && let Some(quiet) = self
                .0
                .iter()
                .min_by_key(|(_, times)| times.back().copied())
                .map(|(origin, _)| *origin)
        {
            self.0.remove(&quiet);
        }
        let times = self.0.entry(origin).or_default();
        if times.len() == RELAYED_LIMIT {
            times.pop_front();
        }
        times.push_back(now);
    }

    fn forget_old(&mut self, now: Timestamp) {
        self.0.retain(|_, times| {
            while times.front().is_some_and(|at| at.plus(WINDOW) <= now) {
                times.pop_front();
            }
            !times.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_refusals_a_minute_and_not_one_more() {
        let (mallory, alice) = (Origin::V4([192, 0, 2, 1]), Origin::V4([192, 0, 2, 2]));
        let at = |second: u64| Timestamp::from_millis(second * 1000);
        let mut refusals = Refusals::default();
        for second in 0..5 {
            assert!(!refusals.is_exhausted(mallory, at(second)));
            refusals.count(mallory, at(second));
        }
        assert!(refusals.is_exhausted(mallory, at(5)));
        assert!(!refusals.is_exhausted(alice, at(5)), "others are not punished");
        assert!(!refusals.is_exhausted(mallory, at(60)), "the first one is a minute old");
    }

    #[test]
    fn memory_stays_bounded_whatever_the_number_of_origins() {
        let mut refusals = Refusals::default();
        for number in 0..10_000_u32 {
            refusals.count(
                Origin::V4(number.to_be_bytes()),
                Timestamp::from_millis(u64::from(number)),
            );
        }
        assert!(refusals.0.len() <= MAX_ORIGINS);
    }
}
