//! An identity in words that two people can compare by voice. No IO.
//!
//! The words are proquints (Wilkerson, "A Proposal for Proquints", arXiv:0901.4016): five letters that anybody can say for
//! each 16 bits, so that there is no list of words to translate.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::IdentityId;

const DOMAIN: &[u8] = b"party-id/1 words\0";
const CONSONANTS: [char; 16] = [
    'b', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z',
];
const VOWELS: [char; 4] = ['a', 'i', 'o', 'u'];

/// Four words, 64 bits of `SHA-256("party-id/1 words" ‖ 00 ‖ identity)`: `lusab-babad-gutih-tugad`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u16; 4]);

impl IdentityId {
    /// The identity in four words.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let hash = Sha256::new()
            .chain_update(DOMAIN)
            .chain_update(self.as_bytes())
            .finalize();
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(hash.chunks_exact(2)) {
            *word = bytes.iter().fold(0, |word, byte| word << 8 | u16::from(*byte));
        }
        Fingerprint(words)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, word) in self.0.into_iter().enumerate() {
            if place > 0 {
                f.write_str("-")?;
            }
            let consonant = |shift: u32| CONSONANTS.get(usize::from(word >> shift & 15)).unwrap_or(&'b');
            let vowel = |shift: u32| VOWELS.get(usize::from(word >> shift & 3)).unwrap_or(&'a');
            write!(
                f,
                "{}{}{}{}{}",
                consonant(12),
                vowel(10),
                consonant(6),
                vowel(4),
                consonant(0)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_proposal() {
        // 127.0.0.1 and 63.84.220.193 there.
        let words = Fingerprint([0x7f00, 0x0001, 0x3f54, 0xdcc1]);
        assert_eq!(words.to_string(), "lusab-babad-gutih-tugad");
    }

    #[test]
    fn one_other_bit_makes_other_words() {
        let of = |last| {
            let mut bytes = [7; 32];
            bytes[31] = last;
            IdentityId::from_bytes(bytes).fingerprint().to_string()
        };
        assert_ne!(of(7), of(6));
        assert_eq!(of(7).len(), 23);
    }
}
