//! "This device, at this endpoint, is this person's." No IO.

use super::{DeviceId, DeviceKey, EndpointId, IdentityId, IdentityKey, lv, verify};

/// What a signed certificate starts with.
const DOMAIN: &[u8] = b"party-id/1 device";

/// A signature over `lv("party-id/1 device", identity, device, endpoint)` by the identity key.
///
/// A further device may be certified by a device that is certified already; the party's log checks such a chain, because it
/// has to know every link ([`Certificate::verify_by_device`]).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Certificate {
    /// The person.
    pub identity: IdentityId,
    /// The machine.
    pub device: DeviceId,
    /// Where the machine is on the network.
    pub endpoint: EndpointId,
    /// Ed25519 over the text above.
    pub signature: [u8; 64],
}

/// Why a certificate is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The person (or the device in between) did not sign this.
    #[error("the device certificate is not signed by its identity")]
    Signature,
}

impl Certificate {
    /// Certifies a device as the person's.
    #[must_use]
    pub fn issue(identity: &IdentityKey, device: DeviceId, endpoint: EndpointId) -> Self {
        let unsigned = Self {
            identity: identity.id(),
            device,
            endpoint,
            signature: [0; 64],
        };
        Self {
            signature: identity.sign(&unsigned.text()),
            ..unsigned
        }
    }

    /// Certifies a further device of the same person with a device that is certified already.
    #[must_use]
    pub fn issue_by_device(identity: IdentityId, signer: &DeviceKey, device: DeviceId, endpoint: EndpointId) -> Self {
        let unsigned = Self {
            identity,
            device,
            endpoint,
            signature: [0; 64],
        };
        Self {
            signature: signer.sign(&unsigned.text()),
            ..unsigned
        }
    }

    /// Checks the person's signature.
    ///
    /// # Errors
    /// [`CertificateError::Signature`] if the identity key did not sign exactly these three ids.
    pub fn verify(&self) -> Result<(), CertificateError> {
        self.verify_with(self.identity.as_bytes())
    }

    /// Checks the signature of a device that the caller knows to be certified for the same person.
    ///
    /// # Errors
    /// [`CertificateError::Signature`] if that device did not sign exactly these three ids.
    pub fn verify_by_device(&self, signer: DeviceId) -> Result<(), CertificateError> {
        self.verify_with(signer.as_bytes())
    }

    fn verify_with(&self, key: &[u8; 32]) -> Result<(), CertificateError> {
        verify(key, &self.text(), &self.signature).or(Err(CertificateError::Signature))
    }

    /// The text that is signed: `lv("party-id/1 device", identity, device, endpoint)`.
    pub(crate) fn text(&self) -> Vec<u8> {
        lv(&[
            DOMAIN,
            self.identity.as_bytes(),
            self.device.as_bytes(),
            self.endpoint.as_bytes(),
        ])
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate")
            .field("identity", &self.identity)
            .field("device", &self.device)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> Certificate {
        let device = DeviceKey::from_seed(&[0x42; 32]).id();
        Certificate::issue(
            &IdentityKey::from_seed(&[0x41; 32]),
            device,
            EndpointId::from_bytes([2; 32]),
        )
    }

    #[test]
    fn the_signature_is_the_one_of_the_specification() {
        let hex: String = certificate()
            .signature
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, include_str!("../../tests/vectors/certificate.hex").trim());
        assert_eq!(certificate().verify(), Ok(()));
    }

    #[test]
    fn every_field_is_signed() {
        let good = certificate();
        let other = [9; 32];
        for bad in [
            Certificate {
                identity: IdentityKey::from_seed(&other).id(),
                ..good
            },
            Certificate {
                device: DeviceKey::from_seed(&other).id(),
                ..good
            },
            Certificate {
                endpoint: EndpointId::from_bytes(other),
                ..good
            },
        ] {
            assert_eq!(bad.verify(), Err(CertificateError::Signature));
        }
        for bit in 0..512 {
            let mut bad = good;
            bad.signature[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(bad.verify(), Err(CertificateError::Signature), "bit {bit}");
        }
    }

    #[test]
    fn a_device_vouches_for_a_further_device_only_by_its_own_key() {
        let phone = DeviceKey::from_seed(&[0x43; 32]);
        let laptop = DeviceKey::from_seed(&[0x42; 32]);
        let identity = IdentityKey::from_seed(&[0x41; 32]).id();
        let certificate = Certificate::issue_by_device(identity, &laptop, phone.id(), EndpointId::from_bytes([3; 32]));
        assert_eq!(certificate.verify_by_device(laptop.id()), Ok(()));
        assert!(certificate.verify_by_device(phone.id()).is_err());
        assert!(certificate.verify().is_err());
    }
}
