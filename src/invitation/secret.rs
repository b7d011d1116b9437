//! The secret inside an invite code, and what is derived from it: the invitation's id, its key, its proofs. No IO.
//!
//! The key pair comes from the secret, so that members and the log need only the public half: they can check who holds a
//! code without being able to use it.

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use rand::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::identity::{Certificate, DeviceId, EndpointId, IdentityId, lv};
use crate::party::{self, PartyTag, evidence_text};

use super::mailbox::MailKey;
use super::{Handle, InvitationId};

/// The label of the TLS exporter (RFC 8446, section 7.5). Its context is the invitation's id, its length 32 bytes.
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-party-invite-1";

const SALT: &[u8] = b"party-invite/1";

/// The 16 bytes that make a code a secret.
#[derive(PartialEq, Eq)]
pub struct Secret(Zeroizing<[u8; 16]>);

impl Secret {
    /// A fresh one.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut bytes = Zeroizing::new([0; 16]);
        rng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    /// The secret of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, for the code and for the sealed record.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The public half of the key that proves possession of this secret.
    #[must_use]
    pub fn key(&self) -> InvitationKey {
        InvitationKey(self.signing_key().verifying_key().to_bytes())
    }

    /// The invitation's id.
    #[must_use]
    pub fn invitation_id(&self) -> InvitationId {
        self.key().invitation_id()
    }

    /// Proves to the inviter, on one connection, that this device holds the code.
    #[must_use]
    pub fn sign_redeem(&self, redeem: &Redeem<'_>) -> [u8; 64] {
        self.sign(&redeem.text(self.invitation_id()))
    }

    /// Proves to every member, for ever, that this identity and device came in through the code.
    #[must_use]
    pub fn sign_evidence(&self, evidence: &Evidence) -> [u8; 64] {
        self.sign(&evidence.text(self.invitation_id()))
    }

    /// What is announced in its place where the invitation is shown nearby. Tells nothing of it.
    #[must_use]
    pub fn handle(&self) -> Handle {
        let derived = self.derive(b"nearby");
        let mut handle = [0; 16];
        handle.iter_mut().zip(derived.iter()).for_each(|(to, from)| *to = *from);
        Handle::from_bytes(handle)
    }

    /// What an address is hidden under in the party's log.
    #[must_use]
    pub fn mail_key(&self) -> MailKey {
        MailKey::from_bytes(*self.derive(b"email"))
    }

    /// What goes into the key agreement besides the PIN, so that the PIN alone opens nothing.
    pub(super) fn pake_key(&self) -> Zeroizing<[u8; 32]> {
        self.derive(b"pake")
    }

    fn sign(&self, text: &[u8]) -> [u8; 64] {
        self.signing_key().sign(text).to_bytes()
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.derive(b"sign"))
    }

    fn derive(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        #[expect(clippy::expect_used, reason = "HKDF-SHA256 refuses only more than 8160 bytes")]
        Hkdf::<Sha256>::new(Some(SALT), self.as_bytes())
            .expand(purpose, key.as_mut())
            .expect("32 bytes");
        key
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(<redacted>)")
    }
}

/// What both ends of one TLS connection can compute and nobody else can choose: it ties a proof to that connection.
#[derive(PartialEq, Eq)]
pub struct Exporter(Zeroizing<[u8; 32]>);

impl Exporter {
    /// The exporter of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exporter(<redacted>)")
    }
}

/// The public half of an invitation's key. Verifies; reveals nothing of the secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvitationKey([u8; 32]);

/// A signature does not belong to the key and the text it is said to belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the invitation's proof does not verify")]
pub struct ProofError;

impl InvitationKey {
    /// The key of these bytes, as a log has it. Whether it is a key at all shows when it verifies something.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The id of its invitation: `SHA-256("party-invite/1 id" ‖ 00 ‖ key)`, the first 16 bytes.
    #[must_use]
    pub fn invitation_id(&self) -> InvitationId {
        InvitationId::from_bytes(party::invitation_id(&self.0))
    }

    /// Checks a proof made by [`Secret::sign_redeem`].
    ///
    /// # Errors
    ///
    /// [`ProofError`] if it was made with another secret or for another connection, peer, nonce or list of versions.
    pub fn verify_redeem(&self, redeem: &Redeem<'_>, proof: &[u8; 64]) -> Result<(), ProofError> {
        self.verify(&redeem.text(self.invitation_id()), proof)
    }

    /// Checks evidence made by [`Secret::sign_evidence`].
    ///
    /// # Errors
    ///
    /// [`ProofError`] if it was made with another secret or for another party, identity, device or endpoint.
    pub fn verify_evidence(&self, evidence: &Evidence, signature: &[u8; 64]) -> Result<(), ProofError> {
        self.verify(&evidence.text(self.invitation_id()), signature)
    }

    fn verify(&self, text: &[u8], signature: &[u8; 64]) -> Result<(), ProofError> {
        VerifyingKey::from_bytes(&self.0)
            .and_then(|key| key.verify_strict(text, &Signature::from_bytes(signature)))
            .map_err(|_source| ProofError)
    }
}

impl fmt::Debug for InvitationKey {
    /// The first 8 hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a `Hello` proves: the holder of the code is at this end of this connection, now.
#[derive(Debug)]
pub struct Redeem<'a> {
    /// The connection's exporter.
    pub exporter: &'a Exporter,
    /// The inviter's endpoint, as TLS authenticated it.
    pub inviter: EndpointId,
    /// The invitee's endpoint, as TLS authenticated it.
    pub invitee: EndpointId,
    /// The nonce in the `Hello`.
    pub nonce: [u8; 32],
    /// The versions in the `Hello`.
    pub versions: &'a [u8],
}

impl Redeem<'_> {
    fn text(&self, invitation: InvitationId) -> Vec<u8> {
        lv(&[
            b"party-invite/1 redeem",
            self.exporter.as_bytes(),
            self.inviter.as_bytes(),
            self.invitee.as_bytes(),
            invitation.as_bytes(),
            &self.nonce,
            self.versions,
        ])
    }
}

/// What evidence says: through this code, this identity came into this party with this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The party.
    pub party_tag: PartyTag,
    /// Who came in.
    pub identity: IdentityId,
    /// With which device.
    pub device: DeviceId,
    /// At which endpoint.
    pub endpoint: EndpointId,
}

impl Evidence {
    fn text(&self, invitation: InvitationId) -> Vec<u8> {
        // What is signed is what the device certificate says, not its signature.
        let certificate = Certificate {
            identity: self.identity,
            device: self.device,
            endpoint: self.endpoint,
            signature: [0; 64],
        };
        evidence_text(self.party_tag, invitation.as_bytes(), &certificate)
    }
}

#[cfg(test)]
mod tests;
