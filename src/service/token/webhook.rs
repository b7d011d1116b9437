//! The secret that signs a client's webhooks. It is derived like a link, so that no table has it; the client is shown it once.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::new_opaque_id;
use crate::service::keys::MacKeys;

/// What is kept of a new secret: the number of the key that it derives from, a point, and 22 random characters.
#[must_use]
pub fn new_webhook_secret(keys: &MacKeys, random: &mut impl CryptoRng) -> String {
    let (number, _code) = keys.code(b"");
    format!("{number}.{}", new_opaque_id(random))
}

/// The secret as the client has it: `whsec_` and base64 of 32 bytes (Standard Webhooks 1.0).
#[must_use]
pub fn webhook_secret(keys: &MacKeys, client: &str, kept: &str) -> Option<Zeroizing<String>> {
    let (number, random) = kept.split_once('.')?;
    let text = format!("webhook/1\0{client}\0{random}");
    let code = Zeroizing::new(keys.code_by(number.parse().ok()?, text.as_bytes())?);
    Some(Zeroizing::new(format!("whsec_{}", BASE64_STANDARD.encode(*code))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn a_secret_comes_again_from_what_is_kept_also_after_a_rotation_of_the_keys() {
        let mut random = StdRng::seed_from_u64(1);
        let keys = MacKeys::of(&[[1; 32]]);
        let kept = new_webhook_secret(&keys, &mut random);
        let secret = webhook_secret(&keys, "choir", &kept).unwrap();
        assert_eq!((secret.len(), secret.starts_with("whsec_")), (6 + 44, true));
        let rotated = MacKeys::of(&[[1; 32], [2; 32]]);
        assert_eq!(webhook_secret(&rotated, "choir", &kept).unwrap(), secret);
        assert_ne!(webhook_secret(&keys, "orchestra", &kept).unwrap(), secret);
        assert_ne!(new_webhook_secret(&keys, &mut random), kept);
        for wrong in ["", ".", "1.abc", "x.abc", "300.abc"] {
            assert!(webhook_secret(&keys, "choir", wrong).is_none(), "{wrong}");
        }
    }
}
