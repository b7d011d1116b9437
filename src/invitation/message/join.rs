//! Who wants to come in: the body of a `Join` frame, what is signed over it, and the commitment to it. No IO.

use std::fmt;

use minicbor::Encoder;
use sha2::{Digest as _, Sha256};

use crate::identity::{DeviceId, EndpointId, IdentityId, lv};
use crate::invitation::secret::Exporter;

use super::MAX_NAME;
use super::wire::{Fields, Written};

/// The longest attestation of a mail service, in bytes.
const MAX_ATTESTATION: usize = 4096;

/// Who wants to come in, with everything that the admitter checks.
///
/// The PIN proof covers [`Join::commitment`], so that the identity cannot be exchanged after it.
#[derive(Clone, PartialEq, Eq)]
pub struct Join {
    /// 32 random bytes: they make the commitment say nothing about the rest.
    pub blind: [u8; 32],
    /// The person.
    pub identity: IdentityId,
    /// The device, which signs what the person does.
    pub device: DeviceId,
    /// The device's key on the network; must be the one that TLS authenticated.
    pub endpoint: EndpointId,
    /// The identity's signature over device and endpoint.
    pub certificate: [u8; 64],
    /// How the person wants to be called: 1 to 64 bytes, no control characters. A claim, nothing more.
    pub name: String,
    /// The code's signature over this identity and device ([`crate::invitation::Evidence`]); kept in the log.
    pub evidence: [u8; 64],
    /// The device key's signature over [`Join::possession_text`].
    pub possession: [u8; 64],
    /// A mail service's statement about the invitee's address. Empty for none; at most 4096 bytes.
    pub attestation: Vec<u8>,
}

impl Join {
    /// In place of the identity of a device that is to be somebody's further one: it learns afterwards whose.
    pub const NOBODY: IdentityId = IdentityId::from_bytes([0; 32]);
    /// In place of its certificate, which it gets with the admission.
    pub const NO_CERTIFICATE: [u8; 64] = [0; 64];

    /// What the device key signs: it holds for this connection and these fields only.
    ///
    /// `lv("party-invite/1 join pop", exporter, inviter, invitee, SHA-256(lv(every field before the signature)))`
    #[must_use]
    pub fn possession_text(&self, exporter: &Exporter, inviter: EndpointId) -> Vec<u8> {
        let fields = lv(&[
            &self.blind,
            self.identity.as_bytes(),
            self.device.as_bytes(),
            self.endpoint.as_bytes(),
            &self.certificate,
            self.name.as_bytes(),
            &self.evidence,
        ]);
        lv(&[
            b"party-invite/1 join pop",
            exporter.as_bytes(),
            inviter.as_bytes(),
            self.endpoint.as_bytes(),
            &Sha256::digest(fields),
        ])
    }

    /// What the PIN proof covers: `SHA-256(lv("party-invite/1 join", body of the Join frame))`.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        let frame = super::wire::frame(0, Self::ARITY, |encoder| self.write(encoder));
        let body = frame.get(1..).unwrap_or_default();
        Sha256::digest(lv(&[b"party-invite/1 join", body])).into()
    }

    pub(super) const ARITY: u64 = 9;

    pub(super) fn write<'e>(&self, encoder: &'e mut Encoder<Vec<u8>>) -> Written<'e> {
        encoder
            .bytes(&self.blind)?
            .bytes(self.identity.as_bytes())?
            .bytes(self.device.as_bytes())?
            .bytes(self.endpoint.as_bytes())?
            .bytes(&self.certificate)?
            .str(&self.name)?
            .bytes(&self.evidence)?
            .bytes(&self.possession)?
            .bytes(&self.attestation)
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            blind: fields.array()?,
            identity: IdentityId::from_bytes(fields.array()?),
            device: DeviceId::from_bytes(fields.array()?),
            endpoint: EndpointId::from_bytes(fields.array()?),
            certificate: fields.array()?,
            name: fields.name(MAX_NAME)?,
            evidence: fields.array()?,
            possession: fields.array()?,
            attestation: fields.bytes(MAX_ATTESTATION)?,
        })
    }
}

impl fmt::Debug for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Join(<redacted>)")
    }
}
