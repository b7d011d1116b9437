//! The frames that two peers exchange (PROTOCOL.md, "Frames"): encode, decode, limits. No IO.
//!
//! A frame is a type byte and a body. The length before it on the stream belongs to the transport, which asks [`max_len`]
//! before it allocates. Decoding accepts canonical bytes only: it encodes again and compares, so that one message has one
//! form, which the transcript can hash.

mod codec;
mod join;
mod wire;

use std::fmt;

use crate::party::PartyTag;

use super::{ErrorCode, InvitationId};

pub use codec::max_len;
pub use join::Join;

/// The protocol's name in TLS. Another suite of cryptography would be another name, so that there is nothing to negotiate down.
pub const ALPN: &[u8] = b"party-invite/1";

/// The version that this program speaks, offered in `Hello`.
pub const VERSION: u8 = 1;

/// The longest name of a person or party, in bytes.
pub const MAX_NAME: usize = 64;

/// The longest op that an admission carries, in bytes.
pub const MAX_OP: usize = 4096;

/// The most bytes of ops that one admission carries, over all its frames.
pub const MAX_ADMISSION: usize = 4 * 1024 * 1024;

/// Whether somebody can still be admitted to a party whose admission is of so many bytes: with the op that admits them it has room.
#[must_use]
pub const fn has_room(admission: usize) -> bool {
    admission + MAX_OP <= MAX_ADMISSION
}

/// The most that all frames of a session up to the PIN proof may take, in bytes.
pub const MAX_HANDSHAKE: usize = 8 * 1024;

/// What an invitee comes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To redeem a code.
    New = 0,
    /// To fetch the admission that an earlier session has earned.
    Resume = 1,
    /// To redeem a delegated invitation at a member who did not make it.
    Delegated = 2,
    /// To ask whether a request to join was approved.
    Poll = 3,
}

/// What the inviter asks for beyond the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Nothing.
    None = 0,
    /// The PIN.
    Pin = 1,
    /// An administrator's approval.
    Approval = 2,
}

/// Why a peer stops although nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// The person at the sender's machine stopped it.
    ByPerson = 1,
    /// The inviter gave the slot to the next waiting device.
    SlotGivenAway = 2,
}

/// One frame.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Invitee: here is a device that holds the code.
    Hello {
        /// Versions offered: 1 to 16 of them, ascending.
        versions: Vec<u8>,
        /// What for.
        mode: Mode,
        /// Which invitation.
        invitation: InvitationId,
        /// Fresh and random.
        nonce: [u8; 32],
        /// The code's signature over this connection ([`crate::invitation::Redeem`]).
        proof: [u8; 64],
    },
    /// Inviter: the code is good and the slot is yours.
    HelloAck {
        /// The version chosen.
        version: u8,
        /// What else is asked for.
        method: Method,
        /// Which party; must be the one in the code.
        party_tag: PartyTag,
        /// Fresh and random.
        nonce: [u8; 32],
        /// How long the invitation is good for. Never a time of day: clocks differ.
        seconds_left: u32,
    },
    /// Inviter: a PIN is shown.
    PinReady {
        /// Counts the PINs of this invitation, from 1.
        generation: u8,
        /// How many digits, 4 to 12.
        digits: u8,
        /// How long it is good for; zero if it is void.
        seconds: u16,
        /// How many attempts it has left.
        tries_left: u8,
    },
    /// Invitee: the share of a key agreement under the PIN that was typed.
    PakeA {
        /// Which PIN.
        generation: u8,
        /// Counts the attempts of this session, from 1.
        attempt: u8,
        /// A ristretto255 element.
        share: [u8; 32],
    },
    /// Inviter: the other share.
    PakeB {
        /// A ristretto255 element.
        share: [u8; 32],
    },
    /// Invitee: proves the PIN, and fixes who will be admitted.
    ConfirmJ {
        /// [`Join::commitment`].
        commitment: [u8; 32],
        /// The invitee's proof.
        tag: [u8; 32],
    },
    /// Inviter: the PIN was right; proves it too.
    ConfirmI {
        /// The inviter's proof.
        tag: [u8; 32],
    },
    /// Inviter: the PIN was wrong, and that is counted.
    WrongPin {
        /// Which PIN.
        generation: u8,
        /// How many attempts this PIN has left.
        tries_left: u8,
        /// How many the invitation has left.
        left_total: u8,
    },
    /// Inviter: what is being joined.
    Welcome {
        /// The party's name, 1 to 64 bytes.
        party_name: String,
        /// The inviter's own name, 1 to 64 bytes.
        inviter_name: String,
        /// The role that the admission will give, as in the party's log.
        role: u8,
        /// How many members there are.
        members: u32,
    },
    /// Invitee: who wants to come in.
    Join(Box<Join>),
    /// Inviter: a part of the party's membership ops, in causal order. Together they hold the invitee's admission.
    Admit {
        /// Whether nothing follows.
        last: bool,
        /// Ops, each of 1 to 4096 bytes.
        ops: Vec<Vec<u8>>,
    },
    /// Invitee: the admission is stored.
    Ack {
        /// The admission's op id.
        op: [u8; 32],
    },
    /// Member: an administrator has to approve.
    Pending {
        /// Names the request.
        request: [u8; 16],
        /// When to ask again, in seconds.
        poll_after_s: u32,
    },
    /// Inviter: another device uses the code.
    Busy {
        /// When to try again, in seconds.
        retry_after_s: u16,
        /// Place in the queue, from 1; zero if the queue is full.
        position: u8,
    },
    /// Either: the session is over.
    Error {
        /// Why.
        code: ErrorCode,
        /// When to try again, in seconds; zero if there is nothing to wait for.
        retry_after_s: u16,
        /// For the peer's log, never shown. At most 120 bytes.
        text: String,
    },
    /// Either: a person has stopped the session.
    Cancel {
        /// Why.
        reason: CancelReason,
    },
}

/// Why bytes are not a frame. Each of them is the peer breaking the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// No bytes at all.
    #[error("an empty frame")]
    Empty,
    /// A type that this version does not have.
    #[error("no frame has type {0:#04x}")]
    UnknownType(u8),
    /// Longer than its type may be.
    #[error("a {kind} frame of {len} bytes is too long")]
    TooLong {
        /// The frame's name.
        kind: &'static str,
        /// Type byte and body, in bytes.
        len: usize,
    },
    /// The body has other fields, or one that is out of its range.
    #[error("the body of a {kind} frame is malformed")]
    Malformed {
        /// The frame's name.
        kind: &'static str,
    },
    /// The same message has a shorter or more orderly form.
    #[error("a {kind} frame is not in canonical form")]
    NotCanonical {
        /// The frame's name.
        kind: &'static str,
    },
}

impl Message {
    /// An `Error` frame without text.
    #[must_use]
    pub const fn error(code: ErrorCode, retry_after_s: u16) -> Self {
        Self::Error {
            code,
            retry_after_s,
            text: String::new(),
        }
    }

    /// The `Admit` frames that carry these ops, in their order; the last one is marked. At least one, each within its limit.
    ///
    /// Ops are 1 to [`MAX_OP`] bytes; all of them at most [`MAX_ADMISSION`], which the receiver counts.
    #[must_use]
    pub fn admission(ops: Vec<Vec<u8>>) -> Vec<Self> {
        // Type, array of two, flag, array of ops: 1 + 1 + 1 + 5 bytes at the very most; each op has a head of up to 3.
        const ROOM: usize = 64 * 1024 - 8;
        let mut frames = Vec::new();
        let (mut batch, mut used) = (Vec::new(), 0);
        for op in ops {
            let size = op.len() + 3;
            if used + size > ROOM {
                frames.push(Self::Admit {
                    last: false,
                    ops: std::mem::take(&mut batch),
                });
                used = 0;
            }
            used += size;
            batch.push(op);
        }
        frames.push(Self::Admit { last: true, ops: batch });
        frames
    }
}

impl fmt::Debug for Message {
    /// Its name only: frames carry proofs, shares and names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(<redacted>)", self.name())
    }
}

#[cfg(test)]
mod tests;
