//! Keys that make codes only we can check: HMAC-SHA256 (RFC 2104).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::service::token::{base64url, from_base64url};

/// Characters of what is kept of a secret: base64url of a byte that names the key and 32 of the code.
pub const SECRET_CODE_LENGTH: usize = 44;

/// Keys by their number, the newest last.
pub struct MacKeys(Vec<Zeroizing<[u8; 32]>>);

impl MacKeys {
    /// Keys in the order of their numbers. The last makes new codes.
    #[must_use]
    pub fn of(keys: &[[u8; 32]]) -> Self {
        Self(keys.iter().copied().map(Zeroizing::new).collect())
    }

    /// The number of the newest key and the first 24 bytes of its code over `text`.
    pub(in crate::service) fn code(&self, text: &[u8]) -> (u8, [u8; 24]) {
        let number = u8::try_from(self.0.len().saturating_sub(1)).unwrap_or(u8::MAX);
        let mut code = [0; 24];
        if let Some(full) = self.full(number, text) {
            for (to, from) in code.iter_mut().zip(full) {
                *to = from;
            }
        }
        (number, code)
    }

    /// Whether the key of this number made these 24 bytes over `text`.
    pub(in crate::service) fn proves(&self, number: u8, text: &[u8], code: &[u8]) -> bool {
        let Some(full) = self.full(number, text) else {
            return false;
        };
        code.len() == 24 && full.iter().take(24).copied().collect::<Vec<u8>>().ct_eq(code).into()
    }

    /// The whole code of the key of this number over `text`.
    pub(in crate::service) fn code_by(&self, number: u8, text: &[u8]) -> Option<[u8; 32]> {
        self.full(number, text)
    }

    /// What is kept of a secret, so that a copy of the database proves nothing and nobody can try secrets against it.
    #[must_use]
    pub fn code_of_secret(&self, secret: &str) -> String {
        self.code_of_secret_by(u8::try_from(self.0.len().saturating_sub(1)).unwrap_or(u8::MAX), secret)
    }

    /// All that may be kept of a secret: its code by each key.
    pub fn codes_of_secret(&self, secret: &str) -> impl Iterator<Item = String> {
        let numbers = 0..u8::try_from(self.0.len()).unwrap_or(u8::MAX);
        numbers.map(move |number| self.code_of_secret_by(number, secret))
    }

    fn code_of_secret_by(&self, number: u8, secret: &str) -> String {
        let mut bytes = vec![number];
        bytes.extend(self.full(number, secret.as_bytes()).unwrap_or_default());
        base64url(bytes)
    }

    /// Whether `kept` was made of this secret, by any of the keys. Takes the same time wherever they differ.
    #[must_use]
    pub fn is_secret(&self, secret: &str, kept: &str) -> bool {
        let Some(bytes) = from_base64url(kept) else {
            return false;
        };
        let Some((number, code)) = bytes.split_first() else {
            return false;
        };
        self.full(*number, secret.as_bytes())
            .is_some_and(|full| full.ct_eq(code).into())
    }

    fn full(&self, number: u8, text: &[u8]) -> Option<[u8; 32]> {
        let key = self.0.get(usize::from(number))?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).ok()?;
        mac.update(text);
        Some(mac.finalize().into_bytes().into())
    }
}

impl std::fmt::Debug for MacKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKeys(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognised_by_its_code_after_a_rotation_too() {
        let (old, rotated) = (MacKeys::of(&[[1; 32]]), MacKeys::of(&[[1; 32], [2; 32]]));
        let kept = old.code_of_secret("pls_abc");
        assert_eq!(kept.len(), SECRET_CODE_LENGTH);
        assert!(old.is_secret("pls_abc", &kept) && rotated.is_secret("pls_abc", &kept));
        assert!(!old.is_secret("pls_abd", &kept) && !MacKeys::of(&[[3; 32]]).is_secret("pls_abc", &kept));
        assert!(!old.is_secret("pls_abc", &rotated.code_of_secret("pls_abc")));
        assert!(!old.is_secret("", "") && !old.is_secret("pls_abc", "???"));
        let codes: Vec<String> = rotated.codes_of_secret("pls_abc").collect();
        assert_eq!(codes, [kept, rotated.code_of_secret("pls_abc")]);
    }
}
