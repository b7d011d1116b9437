//! The secrets that travel: how each is made, written and recognised. None of them is kept as it is.

mod link;
mod opaque;
mod refresh;
mod typed;
mod webhook;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::CryptoRng;

use crate::time::Timestamp;

pub use self::link::{LINK_LENGTH, LinkToken, Purpose, make_link, read_link};
pub use self::opaque::{client_secret, digest, new_opaque};
pub use self::refresh::{RefreshToken, new_refresh};
pub use self::typed::{TYPED_LENGTH, new_typed, read_typed, shown};
pub use self::webhook::{new_webhook_secret, webhook_secret};

/// Bytes as base64url without padding (RFC 4648, section 5).
#[must_use]
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of base64url without padding; none for everything else, also for a second spelling of the same bytes.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

/// Whether a text has only the letters of base64url: nothing else is looked for in the tables.
#[must_use]
pub fn is_base64url(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A new id of an invitation or a row, 22 characters: 48 bits of milliseconds since 1970, then 80 random ones.
///
/// A UUID of version 7 (RFC 9562, 5.7) is made like that. What is new lies side by side in an index (not in order: the letters of base64url are not), so
/// that many rows of one transaction change few of its pages. None begins with a hyphen: a command would take it for an option.
pub fn new_id(now: Timestamp, random: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 16];
    let (moment, rest) = bytes.split_at_mut(6);
    moment.copy_from_slice(&now.as_millis().to_be_bytes()[2..]);
    random.fill_bytes(rest);
    base64url(bytes)
}

/// A new id that says nothing, of a person or a token: 128 random bits, 22 characters. None begins with a hyphen: a command would take it for an option.
pub fn new_opaque_id(random: &mut impl CryptoRng) -> String {
    loop {
        let mut bytes = [0; 16];
        random.fill_bytes(&mut bytes);
        let id = base64url(bytes);
        if !id.starts_with('-') {
            return id;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn an_id_is_never_taken_for_an_option() {
        let mut random = StdRng::seed_from_u64(7);
        let ids: Vec<String> = (0..2000).map(|_| new_opaque_id(&mut random)).collect();
        assert!(ids.iter().all(|id| id.len() == 22 && !id.starts_with('-')));
        assert!(
            ids.iter().any(|id| id.starts_with('_')),
            "every other letter begins one"
        );
    }

    #[test]
    fn ids_of_one_moment_begin_alike_and_no_two_are_the_same() {
        let mut random = StdRng::seed_from_u64(7);
        let mut id = |millis| new_id(Timestamp::from_millis(millis), &mut random);
        let (one, other, later) = (id(1_795_770_000_000), id(1_795_770_000_000), id(1_795_770_000_001));
        assert_eq!([one.len(), other.len(), later.len()], [22; 3]);
        assert!(one.starts_with(&base64url([0x01, 0xa2, 0x1c, 0x3b, 0xa2, 0x80])));
        assert_eq!(one.get(..8), other.get(..8));
        assert_ne!(one, other);
        assert_eq!(one.get(..7), later.get(..7));
        let year = 365 * 24 * 3_600_000;
        assert!((0..1000).all(|years| !id(years * year).starts_with('-')));
    }
}
