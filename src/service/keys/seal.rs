//! What waits in the tables and holds a secret that has to be read again: encrypted with a key that is not in them.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::MacKeys;
use crate::service::token::{base64url, from_base64url};

/// Bytes of the nonce in front of what is sealed.
const NONCE: usize = 24;

impl MacKeys {
    /// Encrypts a text for a purpose: in base64url the number of the key (1 byte), a random nonce (24) and XChaCha20-Poly1305 of the text, with
    /// HMAC-SHA256 of the purpose by the numbered key as its key. None only if there is no key.
    #[must_use]
    pub fn seal(&self, purpose: &'static str, text: &str, random: &mut impl CryptoRng) -> Option<String> {
        let mut nonce = [0; NONCE];
        random.fill_bytes(&mut nonce);
        let (number, _code) = self.code(b"");
        let payload = Payload {
            msg: text.as_bytes(),
            aad: purpose.as_bytes(),
        };
        let sealed = self
            .cipher(number, purpose)?
            .encrypt(&XNonce::from(nonce), payload)
            .ok()?;
        Some(base64url([&[number][..], &nonce, &sealed].concat()))
    }

    /// What was sealed for this purpose, by any of the keys; none if it was not, or was changed.
    #[must_use]
    pub fn unseal(&self, purpose: &'static str, sealed: &str) -> Option<Zeroizing<String>> {
        let bytes = from_base64url(sealed)?;
        let (number, rest) = bytes.split_first()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
        let payload = Payload {
            msg: sealed,
            aad: purpose.as_bytes(),
        };
        let text = self
            .cipher(*number, purpose)?
            .decrypt(&XNonce::from(*nonce), payload)
            .ok()?;
        String::from_utf8(text).ok().map(Zeroizing::new)
    }

    fn cipher(&self, number: u8, purpose: &'static str) -> Option<XChaCha20Poly1305> {
        let key = Zeroizing::new(self.code_by(number, format!("seal/1\0{purpose}").as_bytes())?);
        XChaCha20Poly1305::new_from_slice(key.as_slice()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    #[expect(clippy::string_slice, reason = "what is cut is ASCII")]
    fn what_is_sealed_is_read_for_its_purpose_by_its_key_alone() {
        let (old, rotated) = (MacKeys::of(&[[1; 32]]), MacKeys::of(&[[1; 32], [2; 32]]));
        let sealed = old.seal("one", "a link", &mut StdRng::seed_from_u64(1)).unwrap();
        assert_eq!(
            rotated.unseal("one", &sealed).as_deref().map(String::as_str),
            Some("a link")
        );
        assert!(old.unseal("other", &sealed).is_none());
        assert!(MacKeys::of(&[[3; 32]]).unseal("one", &sealed).is_none());
        for wrong in ["", "AAAA", "?", &sealed[1..], &sealed[..sealed.len() - 4]] {
            assert!(old.unseal("one", wrong).is_none());
        }
    }
}
