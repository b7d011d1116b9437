//! The PIN that is told by voice: made, typed, compared. No IO.

use std::fmt;

use rand::{CryptoRng, RngExt as _};
use zeroize::Zeroizing;

use super::PIN_DIGITS;

/// Some decimal digits, uniformly random. Leading zeros count.
#[derive(PartialEq, Eq)]
pub struct Pin(Zeroizing<String>);

/// Why what was typed is not a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Something other than digits, spaces and hyphens.
    #[error("something other than digits")]
    NotADigit,
    /// Too few or too many digits.
    #[error("{found} digits instead of {expected}")]
    WrongLength {
        /// How many digits the PIN has.
        expected: u8,
        /// How many were typed.
        found: usize,
    },
}

impl Pin {
    /// A fresh PIN of so many digits, brought into the range of [`PIN_DIGITS`].
    ///
    /// Every number is equally likely; a filter against "weak" ones would only make guessing easier.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R, digits: u8) -> Self {
        let digits = digits.clamp(*PIN_DIGITS.start(), *PIN_DIGITS.end());
        let mut text = Zeroizing::new(String::with_capacity(usize::from(digits)));
        for _ in 0..digits {
            text.push(char::from(b'0' + rng.random_range(0..10_u8)));
        }
        Self(text)
    }

    /// Reads what a person types: spaces and hyphens of any script are dropped, decimal digits of any script count by value.
    ///
    /// # Errors
    ///
    /// [`PinError`] if anything else is in it, or if it has another number of digits.
    pub fn parse(text: &str, digits: u8) -> Result<Self, PinError> {
        let mut read = Zeroizing::new(String::with_capacity(usize::from(digits)));
        let mut found = 0;
        for c in text.chars() {
            if let Some(value) = digit_value(c) {
                found += 1;
                // Beyond what is wanted nothing is kept: the string never grows, so no copy of it is left behind.
                if found <= usize::from(digits) {
                    read.push(char::from(b'0' + value));
                }
            } else if !is_separator(c) {
                return Err(PinError::NotADigit);
            }
        }
        if found == usize::from(digits) && digits > 0 {
            Ok(Self(read))
        } else {
            Err(PinError::WrongLength {
                expected: digits,
                found,
            })
        }
    }

    /// The digits, ASCII.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(<redacted>)")
    }
}

fn is_separator(c: char) -> bool {
    // Hyphens and dashes of Unicode, the minus sign, and the small and full-width hyphens; zero-width space and BOM come
    // along with what is pasted.
    c.is_whitespace()
        || matches!(
            c,
            '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
        )
        || matches!(c, '\u{200b}' | '\u{feff}')
}

/// The value of a decimal digit of any script (Unicode general category Nd).
fn digit_value(c: char) -> Option<u8> {
    if !c.is_numeric() {
        return None;
    }
    let code = u32::from(c);
    let index = DIGIT_ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    let value = code - DIGIT_ZEROS.get(index)?;
    u8::try_from(value).ok().filter(|value| *value < 10)
}

/// The digit zero of every script in Unicode 16.0, ascending: each is followed by its one to nine.
#[rustfmt::skip]
const DIGIT_ZEROS: [u32; 76] = [
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6,
    0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0,
    0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40,
    0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0,
    0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130,
    0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6,
    0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn generated_pins_have_their_digits_and_read_back() {
        let mut rng = StdRng::seed_from_u64(3);
        for digits in [4, 6, 8, 12] {
            let pin = Pin::generate(&mut rng, digits);
            assert_eq!(pin.digits().len(), usize::from(digits));
            assert_eq!(Pin::parse(pin.digits(), digits).as_ref(), Ok(&pin));
        }
        assert_eq!(Pin::generate(&mut rng, 0).digits().len(), 4);
        assert_eq!(Pin::generate(&mut rng, 255).digits().len(), 12);
    }

    #[test]
    fn every_digit_is_equally_likely_at_every_place() {
        const PINS: u32 = 20_000;
        let mut rng = StdRng::seed_from_u64(5);
        let mut counts = [[0_u32; 10]; 6];
        for _ in 0..PINS {
            for (place, digit) in Pin::generate(&mut rng, 6).digits().bytes().enumerate() {
                counts[place][usize::from(digit - b'0')] += 1;
            }
        }
        // Chi-squared with 54 degrees of freedom: 54 expected, above 100 once in 10 000.
        let expected = f64::from(PINS) / 10.0;
        let chi: f64 = counts
            .iter()
            .flatten()
            .map(|n| (f64::from(*n) - expected).powi(2) / expected)
            .sum();
        assert!(chi < 100.0, "{chi}");
    }

    #[test]
    fn people_type_pins_in_many_ways() {
        let pin = Pin::parse("042913", 6).unwrap();
        let typed = [
            " 042 913 ",
            "042-913",
            "0-4-2-9-1-3",
            "042\u{a0}913\n",
            "042\u{2011}913",
            "٠٤٢٩١٣",
            "۰۴۲۹۱۳",
            "०४२९१३",
            "０４２９１３",
            "𝟎𝟒𝟐𝟗𝟏𝟑",
            "\u{feff}042\u{200b}913",
        ];
        for typed in typed {
            assert_eq!(Pin::parse(typed, 6).as_ref(), Ok(&pin), "{typed:?}");
        }
    }

    #[test]
    fn anything_but_digits_is_refused() {
        for typed in [
            "12345a",
            "o42913",
            "½42913",
            "²42913",
            "一二三四五六",
            "12345Ⅵ",
            "042.913",
            "+42913",
            "042913;",
        ] {
            assert_eq!(Pin::parse(typed, 6), Err(PinError::NotADigit), "{typed:?}");
        }
    }

    #[test]
    fn another_number_of_digits_is_refused() {
        for (typed, found) in [("", 0), (" - ", 0), ("12345", 5), ("1234567", 7)] {
            assert_eq!(
                Pin::parse(typed, 6),
                Err(PinError::WrongLength { expected: 6, found }),
                "{typed:?}"
            );
        }
        assert!(Pin::parse("", 0).is_err());
    }

    #[test]
    fn the_digits_of_every_script_count_from_zero_to_nine() {
        assert!(DIGIT_ZEROS.is_sorted_by(|a, b| a < b));
        for zero in DIGIT_ZEROS {
            for value in 0..10 {
                let digit = char::from_u32(zero + value).unwrap();
                assert!(digit.is_numeric(), "U+{:04X}", zero + value);
                assert_eq!(digit_value(digit).map(u32::from), Some(value));
            }
        }
    }

    #[test]
    fn pins_are_never_printed() {
        let text = format!("{:?} {:#?}", Pin::parse("482913", 6), Pin::parse("482913", 6));
        assert!(!text.contains("482913"), "{text}");
    }
}
