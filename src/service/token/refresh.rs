//! Refresh tokens, split in two: one half finds the row, the other is compared in constant time.

use rand::CryptoRng;
use zeroize::Zeroizing;

use super::{base64url, is_base64url};

const PREFIX: &str = "plr_";

/// A refresh token: `plr_`, a selector of 16 characters, a point, a verifier of 43.
pub struct RefreshToken {
    selector: String,
    verifier: Zeroizing<String>,
}

/// A new refresh token: 96 and 256 random bits.
pub fn new_refresh(random: &mut impl CryptoRng) -> RefreshToken {
    let mut selector = [0; 12];
    let mut verifier = Zeroizing::new([0; 32]);
    random.fill_bytes(&mut selector);
    random.fill_bytes(&mut *verifier);
    RefreshToken {
        selector: base64url(selector),
        verifier: Zeroizing::new(base64url(*verifier)),
    }
}

impl RefreshToken {
    /// Reads a token, none if its form is wrong.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (selector, verifier) = text.strip_prefix(PREFIX)?.split_once('.')?;
        let fits = selector.len() == 16 && verifier.len() == 43 && is_base64url(selector) && is_base64url(verifier);
        fits.then(|| Self {
            selector: selector.to_owned(),
            verifier: Zeroizing::new(verifier.to_owned()),
        })
    }

    /// The half that finds the row.
    #[must_use]
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// The half that proves it. Only a code of it is kept ([`MacKeys::code_of_secret`]).
    ///
    /// [`MacKeys::code_of_secret`]: crate::service::keys::MacKeys::code_of_secret
    #[must_use]
    pub fn verifier(&self) -> &str {
        &self.verifier
    }

    /// The token as it is handed out.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}.{}", self.selector, *self.verifier))
    }
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshToken(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    #[expect(clippy::string_slice, reason = "what is cut is ASCII")]
    fn a_token_is_read_back() {
        let token = new_refresh(&mut StdRng::seed_from_u64(1));
        let read = RefreshToken::read(&token.text()).unwrap();
        assert_eq!((read.selector(), read.verifier()), (token.selector(), token.verifier()));
        for wrong in [
            "",
            "plr_",
            "plr_a.b",
            &token.text()[1..],
            &format!("{}x", *token.text()),
        ] {
            assert!(RefreshToken::read(wrong).is_none());
        }
    }
}
