//! One signed change: read, checked, written. No IO.
//!
//! An op on the wire is `body ‖ signature`. The body is `[version, party, author, device, seq, deps, time, [kind, [fields]]]`
//! in deterministic CBOR; the device signs `"party-log/1 op" ‖ 0 ‖ body`; the op's id is the hash of
//! `"party-log/1 id" ‖ 0 ‖ body`. There is one encoding of an op, so an id names one thing.

mod claims;

use std::sync::Arc;

use minicbor::{Decoder, Encoder, decode};
use sha2::{Digest as _, Sha256};

use self::claims::Claims;
use super::cbor::{self, Field as _, Written};
use super::{Act, OpId, PartyId};
use crate::identity::{DeviceId, DeviceKey, IdentityId};
use crate::time::Timestamp;

/// Longest op on the wire, in bytes.
pub const MAX_OP: usize = 4096;
/// Most ops that an op may name as its direct past.
pub const MAX_DEPS: usize = 32;

const VERSION: u8 = 1;
const SIGNATURE: usize = 64;
const SIGN_DOMAIN: &[u8] = b"party-log/1 op\0";
const ID_DOMAIN: &[u8] = b"party-log/1 id\0";

/// An op that was read and whose form and signature are right. Cheap to clone. What it may do is the party's question.
#[derive(Clone)]
pub struct Op(Arc<Opened>);

struct Opened {
    id: OpId,
    bytes: Vec<u8>,
    body: Body,
    claims: Claims,
}

/// What is signed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) version: u8,
    /// Zeros in a genesis, whose own hash is the party.
    pub(super) party: [u8; 32],
    pub(super) author: IdentityId,
    pub(super) device: DeviceId,
    pub(super) seq: u64,
    pub(super) deps: Vec<OpId>,
    pub(super) time: Timestamp,
    pub(super) act: Act,
}

/// Why bytes are not an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpError {
    /// Shorter than any op.
    #[error("the op is cut off")]
    TooShort,
    /// Longer than [`MAX_OP`].
    #[error("the op is longer than {MAX_OP} bytes")]
    TooLong,
    /// Not an op's CBOR.
    #[error("the op cannot be read")]
    Malformed,
    /// Readable, but not in the one deterministic form.
    #[error("the op is not in its canonical form")]
    NotCanonical,
    /// More than [`MAX_DEPS`] deps, or not sorted, or one twice.
    #[error("the op's deps are not a sorted set of at most {MAX_DEPS}")]
    Deps,
    /// Not signed by the device it names.
    #[error("the op is not signed by its device")]
    Signature,
}

impl Op {
    /// Reads and checks an op: length, encoding (written again and compared), deps, signature. A certificate in it is checked
    /// too, and the verdict kept for the party to judge by.
    ///
    /// # Errors
    /// [`OpError`] names the first check that failed.
    pub fn open(bytes: &[u8]) -> Result<Self, OpError> {
        if bytes.len() > MAX_OP {
            return Err(OpError::TooLong);
        }
        let (text, signature) = bytes.split_last_chunk::<SIGNATURE>().ok_or(OpError::TooShort)?;
        let mut decoder = Decoder::new(text);
        let body = Body::read(&mut decoder).or(Err(OpError::Malformed))?;
        if body.encode() != text {
            return Err(OpError::NotCanonical);
        }
        if body.deps.len() > MAX_DEPS || !body.deps.is_sorted_by(|a, b| a < b) {
            return Err(OpError::Deps);
        }
        body.device
            .verify(&signed_text(text), signature)
            .or(Err(OpError::Signature))?;
        let op = Self::new(bytes.to_vec(), text, body, Claims::default());
        op.is_certified();
        Ok(op)
    }

    /// An op that was opened before and kept by somebody who knows that it has not changed since: nothing is checked again but
    /// that it can be read. `verdicts` are those that it had then.
    ///
    /// # Errors
    /// [`OpError`] if it is no op. Otherwise it is one, but whether it is signed only the caller knows.
    pub(crate) fn reopen(bytes: &[u8], verdicts: u8) -> Result<Self, OpError> {
        let (text, _) = bytes.split_last_chunk::<SIGNATURE>().ok_or(OpError::TooShort)?;
        let body = Body::read(&mut Decoder::new(text)).or(Err(OpError::Malformed))?;
        Ok(Self::new(bytes.to_vec(), text, body, Claims::known(verdicts)))
    }

    /// Writes and signs an op. The caller has checked what it says.
    ///
    /// # Errors
    /// [`OpError::TooLong`] or [`OpError::Deps`] if it would be refused by whoever reads it.
    pub(super) fn sign(mut body: Body, key: &DeviceKey) -> Result<Self, OpError> {
        body.deps.sort_unstable();
        body.deps.dedup();
        if body.deps.len() > MAX_DEPS {
            return Err(OpError::Deps);
        }
        let text = body.encode();
        let mut bytes = text.clone();
        bytes.extend_from_slice(&key.sign(&signed_text(&text)));
        if bytes.len() > MAX_OP {
            return Err(OpError::TooLong);
        }
        Ok(Self::new(bytes, &text, body, Claims::default()))
    }

    /// The id that these bytes have if they are an op; none if they are too short for one.
    pub(super) fn name(bytes: &[u8]) -> Option<OpId> {
        let (text, _) = bytes.split_last_chunk::<SIGNATURE>()?;
        Some(name(text))
    }

    fn new(bytes: Vec<u8>, text: &[u8], body: Body, claims: Claims) -> Self {
        Self(Arc::new(Opened {
            id: name(text),
            bytes,
            body,
            claims,
        }))
    }

    /// The hash that names it.
    #[must_use]
    pub fn id(&self) -> OpId {
        self.0.id
    }

    /// What is stored and sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The device's signature over it.
    pub(crate) fn signature(&self) -> &[u8] {
        self.0
            .bytes
            .last_chunk::<SIGNATURE>()
            .map_or(&[], <[u8; SIGNATURE]>::as_slice)
    }

    /// The party it belongs to; for a genesis, the party it founds.
    #[must_use]
    pub fn party(&self) -> PartyId {
        PartyId::from_bytes(if self.is_genesis() {
            *self.0.id.as_bytes()
        } else {
            self.0.body.party
        })
    }

    /// Whose op this claims to be. It is, if the party knows the device as that person's.
    #[must_use]
    pub fn author(&self) -> IdentityId {
        self.0.body.author
    }

    /// The device that signed it.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.0.body.device
    }

    /// Its place in the device's chain of membership acts, or in that of data acts; both start at 0.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.0.body.seq
    }

    /// The ops it names as its direct past, in ascending order.
    #[must_use]
    pub fn deps(&self) -> &[OpId] {
        &self.0.body.deps
    }

    /// When it was written, by the device's clock: a claim.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.0.body.time
    }

    /// What it does.
    #[must_use]
    pub fn act(&self) -> &Act {
        &self.0.body.act
    }

    /// Whether it founds a party (form only).
    pub(super) fn is_genesis(&self) -> bool {
        matches!(self.0.body.act, Act::Genesis { .. })
    }

    /// Whether a genesis names no party, as it must: its own hash is the party.
    pub(super) fn names_no_party(&self) -> bool {
        self.0.body.party == [0; 32]
    }
}

impl PartialEq for Op {
    fn eq(&self, other: &Self) -> bool {
        self.0.bytes == other.0.bytes
    }
}

impl Eq for Op {}

/// Ids and the kind: what a party holds is not for logs.
impl std::fmt::Debug for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Body { author, seq, act, .. } = &self.0.body;
        f.debug_struct("Op")
            .field("id", &self.0.id)
            .field("author", author)
            .field("seq", seq)
            .field("act", act)
            .finish_non_exhaustive()
    }
}

impl Body {
    fn encode(&self) -> Vec<u8> {
        cbor::encoded(|to| self.write(to))
    }

    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.array(8)?;
        self.version.write(to)?;
        self.party.write(to)?;
        self.author.write(to)?;
        self.device.write(to)?;
        self.seq.write(to)?;
        to.array(self.deps.len() as u64)?;
        self.deps.iter().try_for_each(|dep| dep.as_bytes().write(to))?;
        self.time.as_millis().write(to)?;
        self.act.write(to)
    }

    fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        cbor::array_of(from, 8)?;
        let version = u8::read(from)?;
        let (party, author, device) = (<[u8; 32]>::read(from)?, IdentityId::read(from)?, DeviceId::read(from)?);
        let seq = u64::read(from)?;
        // Only the length of what is there counts: the deps are read one by one and an op is short.
        let count = from
            .array()?
            .ok_or_else(|| decode::Error::message("indefinite array"))?;
        let deps = (0..count)
            .map(|_| <[u8; 32]>::read(from).map(OpId::from_bytes))
            .collect::<Result<_, _>>()?;
        let time = Timestamp::from_millis(u64::read(from)?);
        let act = Act::read(from, version == VERSION)?;
        Ok(Self {
            version,
            party,
            author,
            device,
            seq,
            deps,
            time,
            act,
        })
    }

    /// A body of this version.
    pub(super) const VERSION: u8 = VERSION;
}

fn name(body: &[u8]) -> OpId {
    let hash = Sha256::new().chain_update(ID_DOMAIN).chain_update(body);
    OpId::from_bytes(hash.finalize().into())
}

fn signed_text(body: &[u8]) -> Vec<u8> {
    [SIGN_DOMAIN, body].concat()
}

#[cfg(test)]
mod tests;
