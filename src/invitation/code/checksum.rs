//! The text form of a code: bech32m (BIP-350), and where in it a single wrong character is. No IO.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Fe32, Hrp};
use zeroize::Zeroizing;

/// What every code begins with: the human-readable part and its separator.
pub(super) const PREFIX: &str = "party1";

/// Characters of the checksum.
pub(super) const CHECKSUM: usize = 6;

/// The longest text, in characters: 256 bytes.
pub(super) const MAX_TEXT: usize = PREFIX.len() + (super::bytes::MAX_BYTES * 8).div_ceil(5) + CHECKSUM;

/// The shortest text, in characters: a code without hints.
pub(super) const MIN_TEXT: usize = PREFIX.len() + (super::bytes::HEAD * 8).div_ceil(5) + CHECKSUM;

const HRP: Hrp = Hrp::parse_unchecked("party");

/// What a right checksum leaves over.
const RESIDUE: u32 = 0x2bc8_30a3;

/// The text of these bytes, in lower case. At most [`super::bytes::MAX_BYTES`] of them.
pub(super) fn text(bytes: &[u8]) -> Zeroizing<String> {
    // Room for all of it at once: a string that grows would leave a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_TEXT));
    #[expect(
        clippy::expect_used,
        reason = "a String takes every character, and 256 bytes are within bech32's 1023 characters"
    )]
    bech32::encode_lower_to_fmt::<Bech32m, String>(&mut text, HRP, bytes).expect("256 bytes");
    text
}

/// The bytes of a text in lower case, if it is exactly what [`text`] makes of them.
pub(super) fn bytes(code: &str) -> Option<Zeroizing<Vec<u8>>> {
    let checked = CheckedHrpstring::new::<Bech32m>(code).ok()?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(code.len()));
    bytes.extend(checked.byte_iter());
    // Also refuses another prefix, and padding that is not zero.
    (bytes.len() <= super::bytes::MAX_BYTES && *text(&bytes) == code).then_some(bytes)
}

/// The value of a character of a code; `None` for one that no code has.
pub(super) fn symbol(c: char) -> Option<u8> {
    Fe32::from_char(c).ok().map(Fe32::to_u8)
}

/// The checksum's state while symbols go by.
#[derive(Clone, Copy)]
pub(super) struct Residue(u32);

impl Residue {
    /// After the prefix.
    pub(super) fn after_prefix() -> Self {
        let high = HRP.lowercase_byte_iter().map(|byte| byte >> 5);
        let low = HRP.lowercase_byte_iter().map(|byte| byte & 31);
        Self(high.chain([0]).chain(low).fold(1, step))
    }

    pub(super) fn then(self, symbol: u8) -> Self {
        Self(step(self.0, symbol))
    }

    /// Whether a code may end here.
    pub(super) const fn is_right(self) -> bool {
        self.0 == RESIDUE
    }
}

/// One step of BIP-173's polynomial division.
fn step(residue: u32, symbol: u8) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = residue >> 25;
    let shifted = (residue & 0x01ff_ffff) << 5 ^ u32::from(symbol);
    GENERATOR
        .iter()
        .enumerate()
        .filter(|(bit, _)| top >> bit & 1 == 1)
        .fold(shifted, |sum, (_, g)| sum ^ g)
}

/// Which of these symbols after the prefix is wrong, if changing exactly one of them gives a right checksum.
///
/// The checksum is linear: one wrong symbol, off by `e` at distance `d` from the end, leaves `e·x^d` more than it should. No
/// two such pairs leave the same, up to 1023 symbols. (bech32's own corrector panics on some texts with three or more
/// errors, version 0.12.0.)
pub(super) fn locate(symbols: &[u8]) -> Option<usize> {
    let left = symbols
        .iter()
        .fold(Residue::after_prefix(), |residue, symbol| residue.then(*symbol))
        .0
        ^ RESIDUE;
    (1..32).find_map(|error| {
        let mut leaves = step(0, error);
        (0..symbols.len()).rev().find(|_| {
            let found = leaves == left;
            leaves = step(leaves, 0);
            found
        })
    })
}

/// Whether the hints of the code that these symbols begin go on after their end.
pub(super) fn is_cut_off(symbols: &[u8]) -> bool {
    let mut bytes = Zeroizing::new(Vec::with_capacity(symbols.len()));
    let (mut bits, mut count) = (0_u16, 0);
    for symbol in symbols {
        bits = bits << 5 | u16::from(*symbol);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    super::bytes::is_cut_off(&bytes, symbols.len().saturating_sub(CHECKSUM) * 5 / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_symbol_of_the_longest_code_is_located() {
        let code = text(&[0xa5; super::super::bytes::MAX_BYTES]);
        assert_eq!(code.len(), MAX_TEXT);
        let mut symbols: Vec<u8> = code.chars().skip(PREFIX.len()).filter_map(symbol).collect();
        assert_eq!(locate(&symbols), None, "nothing is wrong");
        for at in (0..symbols.len()).step_by(3) {
            for error in [1, 2, 7, 16, 31] {
                symbols[at] ^= error;
                assert_eq!(locate(&symbols), Some(at));
                symbols[at] ^= error;
            }
        }
    }

    #[test]
    fn every_wrong_symbol_of_the_shortest_code_is_located() {
        let code = text(&[0x5a; super::super::bytes::HEAD]);
        assert_eq!(code.len(), MIN_TEXT);
        let mut symbols: Vec<u8> = code.chars().skip(PREFIX.len()).filter_map(symbol).collect();
        for at in 0..symbols.len() {
            for error in 1..32 {
                symbols[at] ^= error;
                assert_eq!(locate(&symbols), Some(at));
                symbols[at] ^= error;
            }
        }
    }
}
