//! Two words for an announcement, short enough to be said across a table. No IO.
//!
//! They tell honest devices apart. Whoever wants to look like one of them can: making another announcement with the same
//! words takes some thousand tries. So they decide nothing; the PIN does.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::NearbyInvitation;

const DOMAIN: &[u8] = b"party-invite/1 nearby label\0";

/// Six bits of a hash each.
#[rustfmt::skip]
const QUALITIES: [&str; 64] = [
    "amber", "azure", "bold", "brave", "brown", "calm", "cheerful", "clever", "coral", "cosy", "crimson", "curious",
    "daring", "dizzy", "eager", "early", "fancy", "fluffy", "fresh", "friendly", "gentle", "glad", "golden", "grand",
    "green", "grey", "happy", "honest", "humble", "ivory", "jolly", "keen", "kind", "lilac", "lively", "lucky",
    "merry", "mighty", "modest", "noble", "olive", "orange", "patient", "pink", "polite", "proud", "purple", "quick",
    "quiet", "rapid", "round", "royal", "silver", "sleepy", "small", "speedy", "sunny", "tall", "tidy", "violet",
    "warm", "white", "wise", "yellow",
];

/// Six more.
#[rustfmt::skip]
const ANIMALS: [&str; 64] = [
    "badger", "bear", "beaver", "bee", "bison", "camel", "canary", "cat", "cobra", "crab", "crane", "cricket",
    "dolphin", "donkey", "dragonfly", "duck", "eagle", "elephant", "falcon", "ferret", "fox", "frog", "gecko",
    "giraffe", "goose", "hamster", "hedgehog", "heron", "horse", "iguana", "jaguar", "kangaroo", "koala", "ladybird",
    "lemur", "leopard", "lion", "lizard", "lobster", "magpie", "mole", "monkey", "moose", "mouse", "octopus", "otter",
    "owl", "panda", "parrot", "pelican", "penguin", "pigeon", "rabbit", "raven", "robin", "salmon", "seal", "spider",
    "squirrel", "tiger", "turtle", "walrus", "whale", "zebra",
];

/// Two words for an announcement, such as "amber otter".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    quality: &'static str,
    animal: &'static str,
}

impl Label {
    pub(super) fn of(invitation: &NearbyInvitation) -> Self {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(DOMAIN)
            .chain_update(invitation.endpoint.as_bytes())
            .chain_update(invitation.handle.as_bytes())
            .finalize()
            .into();
        let [first, second, ..] = hash;
        Self {
            quality: word(&QUALITIES, first),
            animal: word(&ANIMALS, second),
        }
    }
}

fn word(words: &[&'static str; 64], byte: u8) -> &'static str {
    words.get(usize::from(byte & 63)).copied().unwrap_or_default()
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.quality, self.animal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_comes_twice() {
        for words in [QUALITIES, ANIMALS] {
            assert!(words.is_sorted_by(|a, b| a < b));
        }
    }
}
