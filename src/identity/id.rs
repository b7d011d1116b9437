//! Names of keys: the public halves, as ids. No IO.

use ed25519_dalek::{Signature, VerifyingKey};

/// Defines a newtype over a byte array that is printed as lower-case hex.
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// The id with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }

            /// The first eight hex digits: enough to tell a handful apart, never enough to decide anything.
            #[must_use]
            pub fn short(&self) -> String {
                let mut text = self.to_string();
                text.truncate(8);
                text
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.short())
            }
        }
    };
}
pub(crate) use id_type;

id_type! {
    /// A person: the public half of an [`IdentityKey`](super::IdentityKey).
    IdentityId, 32
}
id_type! {
    /// One machine of a person: the public half of a [`DeviceKey`](super::DeviceKey).
    DeviceId, 32
}
id_type! {
    /// A machine on the network: the public half of an [`EndpointKey`](super::EndpointKey).
    EndpointId, 32
}

/// A text that is not 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has 64 digits and letters from a to f")]
pub struct NotAKey;

/// Reads what [`IdentityId`] prints, in upper or lower case.
impl std::str::FromStr for IdentityId {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let digit = |byte: &u8| {
            char::from(*byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        let digits: Option<Vec<u8>> = text.as_bytes().iter().map(digit).collect();
        let bytes: Vec<u8> = digits
            .ok_or(NotAKey)?
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect();
        let bytes = bytes.try_into().or(Err(NotAKey))?;
        if text.len() == 64 {
            Ok(Self(bytes))
        } else {
            Err(NotAKey)
        }
    }
}

/// A signature that its key did not make over this message, or one in a form that is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct SignatureError;

impl DeviceId {
    /// Whether this device signed exactly this message.
    ///
    /// # Errors
    /// [`SignatureError`] otherwise.
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), SignatureError> {
        verify(&self.0, message, signature)
    }
}

/// Checks an Ed25519 signature (RFC 8032) so strictly that one message has one signature: canonical encodings only, no key
/// and no `R` of small order.
///
/// # Errors
/// [`SignatureError`] if it does not verify or the key is not a point.
pub(crate) fn verify(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), SignatureError> {
    VerifyingKey::from_bytes(key)
        .and_then(|key| key.verify_strict(message, &Signature::from_bytes(signature)))
        .or(Err(SignatureError))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_as_hex_and_debugs_short() {
        let id = IdentityId::from_bytes([0xab; 32]);
        assert_eq!(id.to_string(), "ab".repeat(32));
        assert_eq!(id.short(), "abababab");
        assert_eq!(format!("{id:?}"), "IdentityId(abababab)");
    }

    #[test]
    fn an_identity_is_read_as_it_is_printed() {
        let id = IdentityId::from_bytes([0x1f; 32]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
        for wrong in [
            "",
            "1f",
            &"1f".repeat(33),
            &format!("{id}0"),
            &"xy".repeat(32),
            &"é".repeat(32),
        ] {
            assert_eq!(wrong.parse::<IdentityId>(), Err(NotAKey), "{wrong}");
        }
    }

    fn hex(text: &str) -> Vec<u8> {
        let pairs = text
            .trim_matches(['-', '\n'])
            .as_bytes()
            .chunks(2)
            .map(|pair| str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    /// The rows of a table of hex fields; `#` starts a comment and `-` is nothing.
    fn table<const N: usize>(text: &str) -> impl Iterator<Item = [Vec<u8>; N]> {
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        rows.map(|line| line.split(' ').map(hex).collect::<Vec<_>>().try_into().unwrap())
    }

    #[test]
    fn keys_and_signatures_are_those_of_rfc_8032() {
        for [seed, key, message, signature] in table(include_str!("../../tests/vectors/ed25519_rfc8032.txt")) {
            let device = super::super::DeviceKey::from_seed(&seed.try_into().unwrap());
            assert_eq!(device.id().as_bytes(), &key[..]);
            assert_eq!(device.sign(&message), signature[..]);
            let signature = signature.try_into().unwrap();
            assert_eq!(device.id().verify(&message, &signature), Ok(()));
            assert_eq!(
                device.id().verify(&[&message[..], &[0]].concat(), &signature),
                Err(SignatureError)
            );
        }
    }

    #[test]
    fn malleable_misencoded_and_small_order_signatures_are_refused() {
        let mut rows = 0;
        for [key, message, signature] in table(include_str!("../../tests/vectors/ed25519_refused.txt")) {
            let (key, signature) = (key.try_into().unwrap(), signature.try_into().unwrap());
            assert_eq!(verify(&key, &message, &signature), Err(SignatureError), "row {rows}");
            rows += 1;
        }
        assert!(rows > 60, "{rows}");
    }
}
