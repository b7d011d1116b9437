//! The identity key as 24 words to write down on paper: BIP-39, English list. No IO.
//!
//! The words are the key's 32-byte seed itself with 8 bits of checksum. BIP-39's own derivation of a seed from the words, with a
//! passphrase, is not used: the same words bring back the same key, and nothing else is needed.

use std::fmt;

use bip39::{Error, Language, Mnemonic};
use zeroize::{Zeroize as _, Zeroizing};

use super::{IdentityId, IdentityKey};

/// How many words a phrase has.
pub const PHRASE_WORDS: usize = 24;

/// The words that bring an identity back. Wiped when dropped, and never printed.
pub struct RecoveryPhrase(Mnemonic);

/// Why what was typed is not a recovery phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Too few or too many words.
    #[error("{found} words in place of 24")]
    WordCount {
        /// How many were typed.
        found: usize,
    },
    /// A word that is not on the list.
    #[error("word {at} is not on the list")]
    Word {
        /// Which, from 1.
        at: usize,
    },
    /// All are on the list, but one is wrong or in another place.
    #[error("the checksum of the words is wrong")]
    Checksum,
}

impl RecoveryPhrase {
    /// The words of an identity.
    ///
    /// # Panics
    /// Never: every 32 bytes have 24 words.
    #[must_use]
    pub fn of(key: &IdentityKey) -> Self {
        #[expect(clippy::expect_used, reason = "32 bytes are a length that BIP-39 has")]
        let words = Mnemonic::from_entropy_in(Language::English, &*key.seed()).expect("32 bytes");
        Self(words)
    }

    /// Reads what a person types: words in any case, with white space, commas or their numbers between them.
    ///
    /// # Errors
    /// [`PhraseError`].
    pub fn read(typed: &str) -> Result<Self, PhraseError> {
        // Room for everything, so that no half of the phrase is left behind by a growing string.
        let mut plain = Zeroizing::new(String::with_capacity(typed.len().saturating_add(1)));
        let mut count = 0_usize;
        let words = typed
            .split(|c: char| !c.is_ascii_alphabetic())
            .filter(|word| !word.is_empty());
        for word in words {
            plain.push_str(word);
            plain.push(' ');
            count = count.saturating_add(1);
        }
        if count != PHRASE_WORDS {
            return Err(PhraseError::WordCount { found: count });
        }
        plain.make_ascii_lowercase();
        let read = Mnemonic::parse_in_normalized(Language::English, &plain);
        read.map(Self).map_err(|error| match error {
            Error::UnknownWord(at) => PhraseError::Word {
                at: at.saturating_add(1),
            },
            Error::BadWordCount(found) => PhraseError::WordCount { found },
            Error::InvalidChecksum | Error::BadEntropyBitCount(_) | Error::AmbiguousLanguages(_) => {
                PhraseError::Checksum
            }
        })
    }

    /// The words, in their order.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.0.words()
    }

    /// Whether this is the word at a place, from 1, whatever its case.
    #[must_use]
    pub fn is_word(&self, at: usize, typed: &str) -> bool {
        let word = at.checked_sub(1).and_then(|at| self.words().nth(at));
        word.is_some_and(|word| word.eq_ignore_ascii_case(typed.trim()))
    }

    /// The seed of the identity key.
    #[must_use]
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        let (mut entropy, _) = self.0.to_entropy_array();
        let mut seed = Zeroizing::new([0; 32]);
        seed.iter_mut().zip(&entropy).for_each(|(to, from)| *to = *from);
        entropy.zeroize();
        seed
    }

    /// Whose it is.
    #[must_use]
    pub fn identity(&self) -> IdentityId {
        IdentityKey::from_seed(&self.seed()).id()
    }
}

impl fmt::Debug for RecoveryPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPhrase(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors() -> Vec<([u8; 32], String)> {
        let text = include_str!("../../tests/vectors/bip39.json");
        let vectors: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let cases = vectors["phrases"].as_array().expect("a list").iter().map(|case| {
            let hex = case["entropy"].as_str().expect("hex");
            let pairs = hex.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).expect("hex"));
            let bytes: Vec<u8> = pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hex")).collect();
            (
                bytes.try_into().expect("32 bytes"),
                case["phrase"].as_str().expect("words").to_owned(),
            )
        });
        cases.collect()
    }

    #[test]
    fn phrases_are_those_of_the_standard() {
        assert!(vectors().len() >= 8);
        for (seed, words) in vectors() {
            let phrase = RecoveryPhrase::of(&IdentityKey::from_seed(&seed));
            assert_eq!(phrase.words().collect::<Vec<_>>().join(" "), words);
            let again = RecoveryPhrase::read(&words).expect("a phrase");
            assert_eq!(
                (*again.seed(), again.identity()),
                (seed, IdentityKey::from_seed(&seed).id())
            );
        }
    }

    #[test]
    fn a_phrase_is_read_as_people_write_it() {
        let (seed, words) = vectors().remove(1);
        let numbered = words
            .split(' ')
            .zip(1..)
            .map(|(word, n)| format!("{n}. {}\n", word.to_uppercase()));
        for typed in [format!("  {words}\n"), words.replace(' ', ", "), numbered.collect()] {
            assert_eq!(*RecoveryPhrase::read(&typed).expect("a phrase").seed(), seed, "{typed}");
        }
        let phrase = RecoveryPhrase::read(&words).expect("a phrase");
        assert!(phrase.is_word(1, " Legal ") && phrase.is_word(24, "title"));
        assert!(!phrase.is_word(2, "legal") && !phrase.is_word(0, "legal") && !phrase.is_word(25, "title"));
    }

    #[test]
    fn a_slip_is_named() {
        let (_, words) = vectors().remove(1);
        let read = |typed: &str| RecoveryPhrase::read(typed).expect_err("no phrase");
        assert_eq!(read(""), PhraseError::WordCount { found: 0 });
        assert_eq!(read("legal winner"), PhraseError::WordCount { found: 2 });
        assert_eq!(read(&format!("{words} legal")), PhraseError::WordCount { found: 25 });
        assert_eq!(read(&words.replacen("thank", "thanks", 1)), PhraseError::Word { at: 3 });
        assert_eq!(read(&words.replacen("thank", "year", 1)), PhraseError::Checksum);
    }

    #[test]
    fn it_is_not_printed() {
        let phrase = RecoveryPhrase::of(&IdentityKey::from_seed(&[7; 32]));
        assert_eq!(
            format!("{phrase:?} {phrase:#?}"),
            ["RecoveryPhrase(<redacted>)"; 2].join(" ")
        );
    }
}
