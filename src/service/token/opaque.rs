//! Random tokens that are looked up: codes, tickets and the secrets of clients.

use rand::CryptoRng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::base64url;

/// A new code or ticket: 256 random bits, 43 characters.
pub fn new_opaque(random: &mut impl CryptoRng) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill_bytes(&mut *bytes);
    Zeroizing::new(base64url(*bytes))
}

/// What is kept of a code or ticket: its SHA-256. With 256 random bits there is nothing to guess, so no slower function is needed.
#[must_use]
pub fn digest(token: &str) -> String {
    base64url(Sha256::digest(token.as_bytes()))
}

/// A new secret of a client: `pls_` and 43 characters of base64url, so that every client library sends it in a Basic header as it is.
pub fn client_secret(random: &mut impl CryptoRng) -> Zeroizing<String> {
    Zeroizing::new(format!("pls_{}", *new_opaque(random)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn tokens_differ_and_are_kept_by_their_digest() {
        let mut random = StdRng::seed_from_u64(1);
        let (one, two) = (new_opaque(&mut random), new_opaque(&mut random));
        assert_eq!((one.len(), one == two), (43, false));
        assert_eq!(digest("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
        assert!(client_secret(&mut random).starts_with("pls_"));
    }
}
