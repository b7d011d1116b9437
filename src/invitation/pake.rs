//! The PIN proof: `CPace`, then explicit key confirmation, the invitee's first (PROTOCOL.md, "The PIN"). No IO.
//!
//! `CPace-Ristretto255-SHA512` of draft-irtf-cfrg-cpace-21. One run allows one guess, on a line that nobody can listen to or
//! relay, because everything both ends know about their connection goes into it. Each step takes the run by value, so that
//! none is taken twice. This is the only file that names the crate which does the arithmetic.

use std::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use pakery_cpace::{CpaceInitiator, CpaceMode, CpaceResponder, InitiatorState};
use pakery_crypto::CpaceRistretto255;
use rand::CryptoRng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::identity::{EndpointId, lv};
use crate::party::PartyTag;

use super::secret::{Exporter, Secret};
use super::{InvitationId, Pin};

/// Everything both ends must agree on. A difference in any byte is a wrong PIN.
#[derive(Clone, Copy)]
pub struct Binding<'a> {
    /// The connection's exporter.
    pub exporter: &'a Exporter,
    /// The invitee's endpoint, as TLS authenticated it.
    pub invitee: EndpointId,
    /// The inviter's endpoint, as TLS authenticated it.
    pub inviter: EndpointId,
    /// Which invitation.
    pub invitation: InvitationId,
    /// Which party.
    pub party_tag: PartyTag,
    /// Which PIN of the invitation.
    pub generation: u8,
    /// Which attempt of the session.
    pub attempt: u8,
    /// The `Hello` frame: type byte and body, exactly as sent.
    pub hello: &'a [u8],
    /// The `HelloAck` frame.
    pub hello_ack: &'a [u8],
    /// The `PinReady` frame of this generation.
    pub pin_ready: &'a [u8],
    /// The nonce in the `Hello`.
    pub invitee_nonce: [u8; 32],
    /// The nonce in the `HelloAck`.
    pub inviter_nonce: [u8; 32],
}

/// Why a PIN proof does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PakeError {
    /// Both ends have the same endpoint: somebody talks to themselves, or to a mirror.
    #[error("both ends have the same endpoint")]
    SameEndpoint,
    /// The peer's share is not a usable element. The peer broke the protocol; nothing was guessed, nothing counts.
    #[error("the peer's share is not a usable element")]
    BadPoint,
    /// The peer's proof is wrong: another PIN, another code, or somebody in between.
    #[error("the PIN is wrong")]
    WrongPin,
}

/// What the run hashes, independent of the frames' lifetime.
struct Transcript {
    channel: Zeroizing<Vec<u8>>,
    session: [u8; 32],
    invitee_data: [u8; 32],
    inviter_data: [u8; 32],
    /// Hashes the transcript up to the shares.
    open: Sha256,
}

impl Transcript {
    fn new(binding: &Binding<'_>) -> Result<Self, PakeError> {
        if binding.invitee == binding.inviter {
            return Err(PakeError::SameEndpoint);
        }
        let channel = Zeroizing::new(lv(&[
            b"party-invite/1 CI",
            b"invitee",
            binding.invitee.as_bytes(),
            b"inviter",
            binding.inviter.as_bytes(),
            binding.invitation.as_bytes(),
            binding.party_tag.as_bytes(),
            binding.exporter.as_bytes(),
        ]));
        let count = [binding.generation, binding.attempt];
        let session: [u8; 32] = hash(&[
            b"party-invite/1 sid",
            &binding.invitee_nonce,
            &binding.inviter_nonce,
            &count,
        ]);
        let open = Sha256::new_with_prefix(Zeroizing::new(lv(&[
            b"party-invite/1 TH",
            &channel,
            &session,
            binding.hello,
            binding.hello_ack,
            binding.pin_ready,
        ])));
        Ok(Self {
            channel,
            session,
            invitee_data: hash(&[b"party-invite/1 ADa", binding.hello]),
            inviter_data: hash(&[b"party-invite/1 ADb", binding.hello_ack, binding.pin_ready]),
            open,
        })
    }

    /// The keys of a finished agreement.
    fn keys(self, agreed: &[u8], invitee_share: &[u8], inviter_share: &[u8]) -> Keys {
        let transcript: [u8; 32] = self
            .open
            .chain_update(lv(&[invitee_share, inviter_share]))
            .finalize()
            .into();
        let kdf = Hkdf::<Sha256>::new(Some(&transcript), agreed);
        Keys {
            invitee: expand(&kdf, b"party-invite/1 confirm invitee"),
            inviter: expand(&kdf, b"party-invite/1 confirm inviter"),
            transcript,
        }
    }
}

/// The two keys that the two proofs are made with.
struct Keys {
    invitee: Zeroizing<[u8; 32]>,
    inviter: Zeroizing<[u8; 32]>,
    transcript: [u8; 32],
}

impl Keys {
    fn invitee_proof(&self, commitment: &[u8; 32]) -> Hmac<Sha256> {
        mac(&self.invitee, &[&self.transcript, commitment])
    }

    fn inviter_proof(&self, commitment: &[u8; 32], invitee_tag: &[u8; 32]) -> Hmac<Sha256> {
        mac(&self.inviter, &[&self.transcript, commitment, invitee_tag])
    }
}

/// The invitee's run, waiting for the inviter's share.
pub struct InviteeRun {
    transcript: Transcript,
    share: [u8; 32],
    state: InitiatorState<CpaceRistretto255>,
}

impl InviteeRun {
    /// Starts a run with the PIN that was typed. Returns it with the share to send.
    ///
    /// # Errors
    ///
    /// [`PakeError::SameEndpoint`].
    pub fn start<R: CryptoRng + ?Sized>(
        binding: &Binding<'_>,
        pin: &Pin,
        secret: &Secret,
        mut rng: &mut R,
    ) -> Result<(Self, [u8; 32]), PakeError> {
        let transcript = Transcript::new(binding)?;
        let (share, state) = CpaceInitiator::<CpaceRistretto255>::start(
            &password(pin, secret),
            &transcript.channel,
            &transcript.session,
            &transcript.invitee_data,
            &mut rng,
        )
        .map_err(|_source| PakeError::BadPoint)?;
        let share = element(&share)?;
        Ok((
            Self {
                transcript,
                share,
                state,
            },
            share,
        ))
    }

    /// Takes the inviter's share. Returns the proof to send, which also covers who wants to come in ([`super::Join::commitment`]).
    ///
    /// # Errors
    ///
    /// [`PakeError::BadPoint`].
    pub fn answer(self, share: &[u8; 32], commitment: [u8; 32]) -> Result<(InviteeProof, [u8; 32]), PakeError> {
        let agreed = self
            .state
            .finish(share, &self.transcript.inviter_data, CpaceMode::InitiatorResponder)
            .map_err(|_source| PakeError::BadPoint)?;
        let keys = self.transcript.keys(agreed.isk.as_bytes(), &self.share, share);
        let tag = keys.invitee_proof(&commitment).finalize().into_bytes().into();
        Ok((InviteeProof { keys, commitment, tag }, tag))
    }
}

/// The invitee's run, waiting for the inviter's proof.
pub struct InviteeProof {
    keys: Keys,
    commitment: [u8; 32],
    tag: [u8; 32],
}

impl InviteeProof {
    /// Checks the inviter's proof, in constant time.
    ///
    /// # Errors
    ///
    /// [`PakeError::WrongPin`].
    pub fn verify(self, inviter_tag: &[u8; 32]) -> Result<(), PakeError> {
        self.keys
            .inviter_proof(&self.commitment, &self.tag)
            .verify_slice(inviter_tag)
            .map_err(|_source| PakeError::WrongPin)
    }
}

/// The inviter's run, waiting for the invitee's proof.
pub struct InviterRun {
    keys: Keys,
}

impl InviterRun {
    /// Answers the invitee's share, with the PIN that is shown. Returns the run with the share to send.
    ///
    /// # Errors
    ///
    /// [`PakeError::SameEndpoint`], [`PakeError::BadPoint`].
    pub fn respond<R: CryptoRng + ?Sized>(
        binding: &Binding<'_>,
        pin: &Pin,
        secret: &Secret,
        share: &[u8; 32],
        mut rng: &mut R,
    ) -> Result<(Self, [u8; 32]), PakeError> {
        let transcript = Transcript::new(binding)?;
        let (own, agreed) = CpaceResponder::<CpaceRistretto255>::respond(
            share,
            &password(pin, secret),
            &transcript.channel,
            &transcript.session,
            &transcript.invitee_data,
            &transcript.inviter_data,
            CpaceMode::InitiatorResponder,
            &mut rng,
        )
        .map_err(|_source| PakeError::BadPoint)?;
        let own = element(&own)?;
        let keys = transcript.keys(agreed.isk.as_bytes(), share, &own);
        Ok((Self { keys }, own))
    }

    /// Checks the invitee's proof, in constant time. Returns the proof to send back.
    ///
    /// The caller must have written down that an attempt was used before it sends anything that depends on the answer: the
    /// answer is what a guess is worth.
    ///
    /// # Errors
    ///
    /// [`PakeError::WrongPin`].
    pub fn verify(self, commitment: &[u8; 32], invitee_tag: &[u8; 32]) -> Result<[u8; 32], PakeError> {
        self.keys
            .invitee_proof(commitment)
            .verify_slice(invitee_tag)
            .map_err(|_source| PakeError::WrongPin)?;
        Ok(self
            .keys
            .inviter_proof(commitment, invitee_tag)
            .finalize()
            .into_bytes()
            .into())
    }
}

impl fmt::Debug for Binding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Binding(<redacted>)")
    }
}

impl fmt::Debug for InviteeRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteeRun(<redacted>)")
    }
}

impl fmt::Debug for InviteeProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteeProof(<redacted>)")
    }
}

impl fmt::Debug for InviterRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviterRun(<redacted>)")
    }
}

/// The password-related string of `CPace`: the PIN and the code's secret, so that either alone is worth nothing.
fn password(pin: &Pin, secret: &Secret) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(lv(&[pin.digits().as_bytes(), secret.pake_key().as_ref()]))
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(lv(parts)).into()
}

fn element(bytes: &[u8]) -> Result<[u8; 32], PakeError> {
    bytes.try_into().map_err(|_source| PakeError::BadPoint)
}

fn expand(kdf: &Hkdf<Sha256>, label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    #[expect(clippy::expect_used, reason = "HKDF-SHA256 refuses only more than 8160 bytes")]
    kdf.expand(label, key.as_mut()).expect("32 bytes");
    key
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    parts.iter().fold(mac, |mac, part| mac.chain_update(part))
}

#[cfg(test)]
mod tests;
