//! When something is tried again.

use std::time::Duration;

use rand::RngExt as _;

use crate::time::Timestamp;

/// How long after each failed try the next one is, before chance moves it by a fifth either way.
const DELAYS: [Duration; 7] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(3 * 3600),
    Duration::from_secs(6 * 3600),
    Duration::from_secs(12 * 3600),
];

/// How long anything is tried.
const GIVE_UP: Duration = Duration::from_secs(24 * 3600);

/// What comes after a failed try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another one at this moment.
    At(Timestamp),
    /// Nothing.
    GiveUp,
}

/// What comes after so many tries of something that waits since `created`. The last try is when the time is over.
pub(super) fn after(attempts: i64, created: Timestamp, now: Timestamp, random: &mut impl rand::Rng) -> Next {
    let last = created.plus(GIVE_UP);
    if now >= last {
        return Next::GiveUp;
    }
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(0);
    let delay = DELAYS.get(index).or(DELAYS.last()).copied().unwrap_or(GIVE_UP);
    Next::At(now.plus(delay.mul_f64(random.random_range(0.8..1.2))).min(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn the_waits_grow_and_end_after_a_day() {
        let random = &mut StdRng::seed_from_u64(1);
        let created = Timestamp::from_millis(1_000_000);
        let mut now = created;
        let mut tries = 0;
        loop {
            tries += 1;
            match after(tries, created, now, random) {
                Next::At(next) => {
                    let waited = now.until(next).as_secs_f64();
                    let meant = DELAYS
                        .get(usize::try_from(tries - 1).unwrap())
                        .unwrap_or(&DELAYS[6])
                        .as_secs_f64();
                    let is_last = next == created.plus(GIVE_UP);
                    assert!(
                        is_last || (meant * 0.8..meant * 1.2).contains(&waited),
                        "{tries}: {waited}"
                    );
                    now = next;
                }
                Next::GiveUp => break,
            }
        }
        assert_eq!(now, created.plus(GIVE_UP));
        assert!((8..=10).contains(&tries), "{tries}");
    }
}
