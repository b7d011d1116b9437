//! Whoever asked for a code proves it when they exchange it: PKCE, RFC 7636, method S256 alone.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::service::token::{base64url, from_base64url};

/// Whether a text is a challenge: base64url of 32 bytes.
#[must_use]
pub(super) fn is_challenge(text: &str) -> bool {
    from_base64url(text).is_some_and(|bytes| bytes.len() == 32)
}

/// Whether a challenge was made of this verifier. A verifier without a challenge is refused too: somebody took the challenge away (RFC 9700, 4.8.2).
#[must_use]
pub(super) fn proves(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let made = base64url(Sha256::digest(verifier.as_bytes()));
            is_verifier(verifier) && made.as_bytes().ct_eq(challenge.as_bytes()).into()
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// RFC 7636, 4.1.
fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_proves_itself_and_nothing_else() {
        // Appendix B.
        let (verifier, challenge) = (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        );
        assert!(is_challenge(challenge) && !is_challenge("abc") && !is_challenge(""));
        assert!(proves(Some(challenge), Some(verifier)) && proves(None, None));
        for wrong in [
            None,
            Some(""),
            Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"),
            Some(challenge),
        ] {
            assert!(!proves(Some(challenge), wrong), "{wrong:?}");
        }
        assert!(!proves(None, Some(verifier)));
    }

    #[test]
    fn a_verifier_has_its_length_and_its_letters() {
        for wrong in ["a".repeat(42), "a".repeat(129), format!("{} ", "a".repeat(43))] {
            let challenge = base64url(Sha256::digest(wrong.as_bytes()));
            assert!(!proves(Some(&challenge), Some(&wrong)), "{wrong}");
        }
    }
}
