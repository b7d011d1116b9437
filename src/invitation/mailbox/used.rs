//! Tokens that have let somebody in. No IO.

use std::collections::BTreeMap;
use std::time::Duration;

use super::TokenId;
use crate::time::Timestamp;

/// How long a token is remembered: longer than any is good, whatever the clocks say.
const KEPT: Duration = Duration::from_secs(15 * 60);

/// How many are remembered. Each has let somebody in, so an invitation stands behind each.
const MAX_KEPT: usize = 4096;

/// Which tokens have let somebody in here, as long as they are good: none does so twice.
#[derive(Debug, Default)]
pub struct UsedTokens(BTreeMap<TokenId, Timestamp>);

impl UsedTokens {
    /// Whether it has let somebody in.
    #[must_use]
    pub fn contains(&self, token: TokenId) -> bool {
        self.0.contains_key(&token)
    }

    /// Whether one more can be remembered.
    #[must_use]
    pub fn has_room(&self, now: Timestamp) -> bool {
        self.0.values().filter(|until| **until >= now).count() < MAX_KEPT
    }

    /// It has let somebody in.
    pub fn note(&mut self, token: TokenId, now: Timestamp) {
        self.0.retain(|_, until| *until >= now);
        self.0.insert(token, now.plus(KEPT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_remembered_as_long_as_it_could_be_good() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let mut used = UsedTokens::default();
        let [first, second] = [1, 2].map(|byte| TokenId::from_bytes([byte; 32]));
        used.note(first, now);
        used.note(second, now.plus(KEPT));
        assert!(used.contains(first) && used.contains(second));
        used.note(second, now.plus(KEPT + Duration::from_millis(1)));
        assert!(!used.contains(first) && used.contains(second));
    }
}
