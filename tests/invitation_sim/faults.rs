//! What may go wrong in a story, and how often.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// Probabilities. Per frame, per durable write, per try, per screen: whatever the field names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) drop: f64,
    pub(crate) duplicate: f64,
    pub(crate) swap: f64,
    pub(crate) delay: f64,
    /// The link breaks after a frame.
    pub(crate) cut: f64,
    /// The program dies before or after a durable write.
    pub(crate) kill: f64,
    pub(crate) unreachable: f64,
    /// The disk refuses an admission.
    pub(crate) storage: f64,
    /// A clock is a day off.
    pub(crate) clock: f64,
    /// Who knows the PIN mistypes it.
    pub(crate) mistyped: f64,
    /// The inviter shows new PINs for no reason.
    pub(crate) reset: f64,
    /// The inviter gives the slot away.
    pub(crate) next: f64,
    pub(crate) revoke: f64,
    /// The invitee cancels.
    pub(crate) cancel: f64,
}

impl Faults {
    /// Nothing goes wrong.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// A handful of faults, rare to frequent. Most are off, so that each story is about something.
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut some = |most: f64| {
            if rng.random_bool(0.35) {
                rng.random_range(0.0..most)
            } else {
                0.0
            }
        };
        Self {
            drop: some(0.15),
            duplicate: some(0.15),
            swap: some(0.2),
            delay: some(0.3),
            cut: some(0.25),
            kill: some(0.3),
            unreachable: some(0.8),
            storage: some(0.4),
            clock: some(0.5),
            mistyped: some(0.9),
            reset: some(0.5),
            next: some(0.3),
            revoke: some(0.5),
            cancel: some(0.3),
        }
    }
}
