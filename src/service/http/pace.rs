//! How often somebody may ask. Counted in memory, each process for itself.

use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::Network;
use crate::service::clock::Clock;
use crate::service::config::Limits;
use crate::time::Timestamp;

/// How often networks and people may ask.
#[derive(Debug)]
pub struct Paces {
    /// Pages that a network looks at.
    pub pages: Pace<Network>,
    /// Mails to sign in that a network asks for.
    pub sign_ins: Pace<Network>,
    /// Requests of a signed-in person, by subject.
    pub people: Pace<String>,
}

impl Paces {
    /// As the operator decided.
    #[must_use]
    pub fn of(limits: &Limits, clock: &Clock) -> Self {
        Self {
            pages: Pace::a_minute(limits.pages_per_minute, clock.clone()),
            sign_ins: Pace::an_hour(limits.sign_ins_per_hour, clock.clone()),
            people: Pace::a_minute(limits.requests_per_minute, clock.clone()),
        }
    }
}

/// So many requests of each in a time.
pub struct Pace<K: Clone + Eq + Hash> {
    limiter: RateLimiter<K, DashMapStateStore<K>, Gone, NoOpMiddleware<Duration>>,
    gone: Gone,
    taken: AtomicU32,
}

/// After so many requests, those who have not asked for as long as the limit looks back are forgotten.
const SWEEP_EVERY: u32 = 4096;

/// Who asks for more at once than there ever is waits so many seconds, and will not get it then either.
const TOO_MANY: u64 = 60;

impl<K: Clone + Eq + Hash> Pace<K> {
    /// So many requests in a minute, at least one. All of them may come at once.
    #[must_use]
    pub fn a_minute(requests: u32, clock: Clock) -> Self {
        Self::new(Quota::per_minute(at_least_one(requests)), clock)
    }

    /// So many requests in an hour, at least one. All of them may come at once.
    #[must_use]
    pub fn an_hour(requests: u32, clock: Clock) -> Self {
        Self::new(Quota::per_hour(at_least_one(requests)), clock)
    }

    fn new(quota: Quota, clock: Clock) -> Self {
        let gone = Gone::new(clock);
        Self {
            limiter: RateLimiter::dashmap_with_clock(quota, gone.clone()),
            gone,
            taken: AtomicU32::new(0),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    ///
    /// The seconds until the next one may come, if there were too many.
    pub fn take(&self, who: &K) -> Result<(), u64> {
        self.take_several(who, 1)
    }

    /// Counts so many requests, or none of them. Zero counts as one.
    ///
    /// # Errors
    ///
    /// The seconds until they may come, if they are too many.
    pub fn take_several(&self, who: &K, requests: u32) -> Result<(), u64> {
        if self.taken.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key_n(who, at_least_one(requests)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_yet)) => Err(not_yet.wait_time_from(self.gone.now()).as_secs() + 1),
            Err(_never) => Err(TOO_MANY),
        }
    }
}

impl<K: Clone + Eq + Hash> fmt::Debug for Pace<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pace")
    }
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

/// How much time has gone by, as the limiter asks it. Where the service's clock is set back it only stands still: nobody waits until that clock
/// is again where it was.
#[derive(Clone)]
struct Gone {
    clock: Clock,
    so_far: Arc<Mutex<SoFar>>,
}

struct SoFar {
    looked: Timestamp,
    gone: Duration,
}

impl Gone {
    fn new(clock: Clock) -> Self {
        let so_far = SoFar {
            looked: clock.now(),
            gone: Duration::ZERO,
        };
        Self {
            clock,
            so_far: Arc::new(Mutex::new(so_far)),
        }
    }
}

impl governor::clock::Clock for Gone {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let mut so_far = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        so_far.gone = so_far.gone.saturating_add(so_far.looked.until(now));
        so_far.looked = now;
        so_far.gone
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// Three requests in a minute, and the clock that they are counted by.
    fn three() -> (Pace<&'static str>, Arc<AtomicU64>) {
        let now = Arc::new(AtomicU64::new(10_000_000));
        let told = Arc::clone(&now);
        let clock = Clock::new(move || Timestamp::from_millis(told.load(Ordering::SeqCst)));
        (Pace::a_minute(3, clock), now)
    }

    #[test]
    fn who_asks_too_often_waits_and_nobody_else_does() {
        let (pace, now) = three();
        for _ in 0..3 {
            assert_eq!(pace.take(&"one"), Ok(()));
        }
        assert!(matches!(pace.take(&"one"), Err(1..=21)));
        assert_eq!(pace.take(&"other"), Ok(()));
        now.fetch_add(21_000, Ordering::SeqCst);
        assert_eq!(pace.take(&"one"), Ok(()));
        assert!(pace.take(&"one").is_err());
    }

    #[test]
    fn several_count_as_several_or_not_at_all() {
        let (pace, _now) = three();
        assert_eq!(pace.take_several(&"one", 2), Ok(()));
        assert!(pace.take_several(&"one", 2).is_err());
        assert_eq!(pace.take(&"one"), Ok(()));
        assert_eq!(pace.take_several(&"other", 4), Err(TOO_MANY));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let (pace, now) = three();
        for _ in 0..3 {
            assert_eq!(pace.take(&"one"), Ok(()));
        }
        // Also behind the moment at which this began.
        now.fetch_sub(3_600_000, Ordering::SeqCst);
        assert!(matches!(pace.take(&"one"), Err(1..=21)));
        assert_eq!(pace.take(&"other"), Ok(()));
        now.fetch_add(21_000, Ordering::SeqCst);
        assert_eq!(pace.take(&"one"), Ok(()));
    }
}
