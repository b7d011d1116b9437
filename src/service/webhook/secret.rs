//! The secret that a client and the service share: `whsec_` and base64. No table has it: [`webhook_secret`](crate::service::token::webhook_secret) derives it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// A secret.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Reads one: 24 to 64 bytes, as the standard has it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (24..=64).contains(&bytes.len()).then(|| Self(Zeroizing::new(bytes)))
    }

    /// HMAC-SHA256 of a text, in base64.
    pub(super) fn sign(&self, text: &[u8]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(text);
        Some(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_the_form_of_the_standard() {
        let text = |bytes| format!("{PREFIX}{}", BASE64_STANDARD.encode(vec![1; bytes]));
        assert!(Secret::read(&text(24)).is_some() && Secret::read(&text(64)).is_some());
        for wrong in ["", "whsec_", "whsec_???", "AAAA", &text(23), &text(65)] {
            assert!(Secret::read(wrong).is_none(), "{wrong}");
        }
    }
}
