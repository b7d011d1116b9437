//! The secrets that travel: how each is made, written and recognised. None of them is kept as it is.

mod link;
mod opaque;
mod refresh;
mod typed;
mod webhook;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::CryptoRng;

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
fn is_base64url(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A new id of an invitation or a row: 128 random bits, 22 characters.
pub fn new_id(random: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 16];
    random.fill_bytes(&mut bytes);
    base64url(bytes)
}
