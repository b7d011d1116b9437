//! The code that people type on another machine: eight letters and digits that are not mistaken for each other.

use rand::CryptoRng;
use zeroize::Zeroizing;

/// Characters of a typed code.
pub const TYPED_LENGTH: usize = 8;

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new code: 40 random bits.
pub fn new_typed(random: &mut impl CryptoRng) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; TYPED_LENGTH]);
    random.fill_bytes(&mut *bytes);
    let letters = bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter));
    Zeroizing::new(letters.collect())
}

/// A code as it is shown: twice four characters, with a hyphen between.
#[must_use]
pub fn shown(code: &str) -> Zeroizing<String> {
    let (front, back) = code.split_at_checked(TYPED_LENGTH / 2).unwrap_or((code, ""));
    Zeroizing::new(format!("{front}-{back}"))
}

/// Reads what somebody typed: in any case, with spaces and dashes anywhere, with O for 0 and I or L for 1.
#[must_use]
pub fn read_typed(text: &str) -> Option<Zeroizing<String>> {
    let meant = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let written = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(TYPED_LENGTH + 1);
    let code: Zeroizing<String> = Zeroizing::new(written.map(meant).collect());
    let fits = code.len() == TYPED_LENGTH && code.bytes().all(|letter| ALPHABET.contains(&letter));
    fits.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = new_typed(&mut StdRng::seed_from_u64(1));
        assert_eq!(read_typed(&shown(&code)), Some(code));
        assert_eq!(
            read_typed(" o1il-ab cd ").as_deref().map(String::as_str),
            Some("0111ABCD")
        );
        for wrong in ["", "ABCD", "ABCD-EFGU", "ABCD-EFGHJ", "ÀBCD-EFGH"] {
            assert!(read_typed(wrong).is_none(), "{wrong}");
        }
    }
}
