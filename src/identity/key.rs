//! The secret halves. They are wiped when dropped, cannot be cloned and never print. No IO.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::{Certificate, DeviceId, EndpointId, IdentityId};

/// Defines a secret Ed25519 key with its id type.
macro_rules! key_type {
    ($(#[$doc:meta])* $name:ident => $id:ident) => {
        $(#[$doc])*
        pub struct $name(SigningKey);

        impl $name {
            /// The key that grows from this seed (RFC 8032's 32-byte private key).
            #[must_use]
            pub fn from_seed(seed: &[u8; 32]) -> Self {
                Self(SigningKey::from_bytes(seed))
            }

            /// The seed, to be stored sealed.
            #[must_use]
            pub fn seed(&self) -> Zeroizing<[u8; 32]> {
                Zeroizing::new(self.0.to_bytes())
            }

            /// The public half.
            #[must_use]
            pub fn id(&self) -> $id {
                $id::from_bytes(self.0.verifying_key().to_bytes())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(<redacted>)"))
            }
        }
    };
}

key_type! {
    /// The person's key. It certifies devices and does nothing else.
    IdentityKey => IdentityId
}
key_type! {
    /// One machine's key. It signs ops; each kind of signed text starts with a domain of its own.
    DeviceKey => DeviceId
}
key_type! {
    /// The machine's key on the network. Only the transport uses it: it cannot sign here.
    EndpointKey => EndpointId
}

impl IdentityKey {
    /// Signs a message that starts with its domain.
    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl DeviceKey {
    /// Signs a message. The caller puts the domain in front that keeps it apart from every other kind of message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// All keys of one machine of one person, with the certificate that ties them together.
#[derive(Debug)]
pub struct Keys {
    /// The person.
    pub identity: IdentityKey,
    /// This machine.
    pub device: DeviceKey,
    /// This machine on the network.
    pub endpoint: EndpointKey,
    /// What the person says of this machine.
    pub certificate: Certificate,
}

impl Keys {
    /// New keys for a new person at this machine.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = || {
            let mut bytes = Zeroizing::new([0; 32]);
            rng.fill_bytes(bytes.as_mut());
            bytes
        };
        let (identity, device, endpoint) = (seed(), seed(), seed());
        Self::from_seeds(&identity, &device, &endpoint)
    }

    /// The keys that grow from these stored seeds. The certificate is made anew: it is the same bytes every time.
    #[must_use]
    pub fn from_seeds(identity: &[u8; 32], device: &[u8; 32], endpoint: &[u8; 32]) -> Self {
        let identity = IdentityKey::from_seed(identity);
        let device = DeviceKey::from_seed(device);
        let endpoint = EndpointKey::from_seed(endpoint);
        let certificate = Certificate::issue(&identity, device.id(), endpoint.id());
        Self {
            identity,
            device,
            endpoint,
            certificate,
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn no_key_prints_its_seed() {
        let keys = Keys::from_seeds(&[0xa1; 32], &[0xa2; 32], &[0xa3; 32]);
        let text = format!("{keys:?} {keys:#?}");
        for needle in ["a1a1", "a2a2", "a3a3", "161, 161", "162, 162", "163, 163"] {
            assert!(!text.to_lowercase().contains(needle), "{needle} is in {text}");
        }
        assert_eq!(format!("{:?}", keys.identity), "IdentityKey(<redacted>)");
        assert_eq!(format!("{:?}", keys.device), "DeviceKey(<redacted>)");
        assert_eq!(format!("{:?}", keys.endpoint), "EndpointKey(<redacted>)");
    }

    #[test]
    fn a_key_grows_back_from_its_seed() {
        let keys = Keys::generate(&mut StdRng::seed_from_u64(1));
        let again = Keys::from_seeds(&keys.identity.seed(), &keys.device.seed(), &keys.endpoint.seed());
        assert_eq!(again.identity.id(), keys.identity.id());
        assert_eq!(again.certificate, keys.certificate);
        assert_ne!(keys.identity.seed(), keys.device.seed());
    }
}
