//! A hundred thousand tokens that nobody made here: none opens anything.

use partyline::service::keys::{MacKeys, SignedClaims};
use partyline::service::token::{LINK_LENGTH, Purpose, RefreshToken, make_link, read_link, read_typed};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

const TOKENS: u32 = 100_000;

/// Random characters, or a real token with one of them in the place of another.
fn junk(random: &mut StdRng, real: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=%/ \0\xc3\xbc";
    let mut letter = || ALPHABET[random.random_range(0..ALPHABET.len())];
    let first = letter();
    let bytes: Vec<u8> = if first % 2 == 0 {
        let length = usize::from(letter()) % (LINK_LENGTH + 8);
        (0..length).map(|_letter| letter()).collect()
    } else {
        let mut bytes = real.as_bytes().to_vec();
        let at = usize::from(letter()) % bytes.len();
        bytes[at] = letter();
        bytes
    };
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn nothing_is_opened_by_junk() {
    let keys = MacKeys::of(&[[1; 32], [2; 32]]);
    let id = "A".repeat(22);
    let real = make_link(&keys, Purpose::Invitation(0), &id);
    let mut random = StdRng::seed_from_u64(5);
    for _token in 0..TOKENS {
        let token = junk(&mut random, &real);
        if token == real {
            continue;
        }
        let opened =
            read_link(&token).is_some_and(|read| read.proves(&keys, Purpose::Invitation(0)) && read.id() == id);
        assert!(!opened, "{token}");
        assert!(!keys.is_secret("pls_abc", &token), "{token}");
        assert!(RefreshToken::read(&token).is_none(), "{token}");
        assert!(SignedClaims::read(&token).is_err(), "{token}");
        assert!(read_typed(&token).is_none_or(|code| code.len() == 8));
    }
}
