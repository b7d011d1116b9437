//! The secret halves. They are wiped when dropped, cannot be cloned and never print. No IO.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ed25519_dalek::{Signer as _, SigningKey};
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::{Certificate, CertificateError, DeviceId, EndpointId, IdentityId};

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
    /// The machine's key on the network. The transport uses it; here it signs only what a mail service is shown.
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

impl EndpointKey {
    /// Signs a JSON object as a JWS in compact form (RFC 7515) with `EdDSA` (RFC 8037): what a service binds its tokens to. It
    /// begins with the header in base64url, and no text that the transport signs does (RFC 8446, section 4.4.3).
    #[must_use]
    pub fn sign_jws(&self, header: &str, claims: &str) -> String {
        let mut jws = BASE64URL.encode(header);
        jws.push('.');
        BASE64URL.encode_string(claims, &mut jws);
        let signature = self.0.sign(jws.as_bytes()).to_bytes();
        jws.push('.');
        BASE64URL.encode_string(signature, &mut jws);
        jws
    }
}

/// The person of a machine. The key stays where it was made; further devices know the person by name and have a certificate.
#[derive(Debug)]
pub enum Identity {
    /// The key is here: this machine can certify further ones.
    Held(IdentityKey),
    /// The key is on another device, or only in the recovery phrase.
    Elsewhere(IdentityId),
}

impl Identity {
    /// Who it is.
    #[must_use]
    pub fn id(&self) -> IdentityId {
        match self {
            Self::Held(key) => key.id(),
            Self::Elsewhere(id) => *id,
        }
    }

    /// The key, if it is here.
    #[must_use]
    pub const fn key(&self) -> Option<&IdentityKey> {
        match self {
            Self::Held(key) => Some(key),
            Self::Elsewhere(_) => None,
        }
    }
}

/// All keys of one machine of one person, with the certificate that ties them together.
#[derive(Debug)]
pub struct Keys {
    /// The person.
    pub identity: Identity,
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
            identity: Identity::Held(identity),
            device,
            endpoint,
            certificate,
        }
    }

    /// New keys at this machine for the person who grows from this seed.
    #[must_use]
    pub fn generate_for(identity: &[u8; 32], rng: &mut impl CryptoRng) -> Self {
        let fresh = Self::generate(rng);
        Self::from_seeds(identity, &fresh.device.seed(), &fresh.endpoint.seed())
    }

    /// The keys of a device that another device of the person has certified with these bytes.
    ///
    /// # Errors
    /// [`CertificateError`] if the person has not signed for this device.
    pub fn certified(
        device: &[u8; 32],
        endpoint: &[u8; 32],
        identity: IdentityId,
        signature: [u8; 64],
    ) -> Result<Self, CertificateError> {
        let device = DeviceKey::from_seed(device);
        let endpoint = EndpointKey::from_seed(endpoint);
        let certificate = Certificate {
            identity,
            device: device.id(),
            endpoint: endpoint.id(),
            signature,
        };
        certificate.verify()?;
        Ok(Self {
            identity: Identity::Elsewhere(identity),
            device,
            endpoint,
            certificate,
        })
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
        assert_eq!(format!("{:?}", keys.identity), "Held(IdentityKey(<redacted>))");
        assert_eq!(format!("{:?}", keys.device), "DeviceKey(<redacted>)");
        assert_eq!(format!("{:?}", keys.endpoint), "EndpointKey(<redacted>)");
    }

    #[test]
    fn a_key_grows_back_from_its_seed() {
        let keys = Keys::generate(&mut StdRng::seed_from_u64(1));
        let identity = keys.identity.key().expect("made here").seed();
        let again = Keys::from_seeds(&identity, &keys.device.seed(), &keys.endpoint.seed());
        assert_eq!(again.identity.id(), keys.identity.id());
        assert_eq!(again.certificate, keys.certificate);
        assert_ne!(identity, keys.device.seed());
    }

    #[test]
    fn a_further_device_has_the_certificate_and_not_the_key() {
        let (first, new) = (Keys::from_seeds(&[1; 32], &[2; 32], &[3; 32]), [[4; 32], [5; 32]]);
        let [device, endpoint] = &new;
        let (device_id, endpoint_id) = (DeviceKey::from_seed(device).id(), EndpointKey::from_seed(endpoint).id());
        let identity = first.identity.key().expect("made here");
        let certificate = Certificate::issue(identity, device_id, endpoint_id);
        let keys = Keys::certified(device, endpoint, identity.id(), certificate.signature).expect("certified");
        assert_eq!((keys.identity.id(), keys.certificate), (identity.id(), certificate));
        assert!(keys.identity.key().is_none());
        let stranger = IdentityKey::from_seed(&[9; 32]).id();
        assert!(Keys::certified(device, endpoint, stranger, certificate.signature).is_err());
    }
}
