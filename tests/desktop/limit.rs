//! How long a test waits for anything at all.

use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine; only a failing test waits for it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(40);
/// How often a condition is looked at.
const POLL: Duration = Duration::from_millis(15);

/// The end of one wait.
pub(crate) struct Limit(Instant);

#[expect(
    clippy::disallowed_methods,
    reason = "what runs outside of this process keeps no virtual time"
)]
impl Limit {
    pub(crate) fn start() -> Self {
        Self(Instant::now() + DEADLINE)
    }

    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.0
    }

    /// Until the condition is worth another look.
    pub(crate) fn wait(&self) {
        thread::sleep(POLL.min(self.0.saturating_duration_since(Instant::now())));
    }
}
