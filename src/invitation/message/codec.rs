//! The frames as bytes: which fields each has, in which order, within which limits. No IO.

use minicbor::Encoder;

use crate::invitation::{ErrorCode, InvitationId, PIN_DIGITS};
use crate::party::PartyTag;

use super::wire::{self, Fields, Written};
use super::{CancelReason, Join, MAX_NAME, MAX_OP, Message, MessageError, Method, Mode};

/// How many versions a `Hello` may offer.
const MAX_VERSIONS: usize = 16;

/// The longest text of an `Error` frame, in bytes.
const MAX_ERROR_TEXT: usize = 120;

/// The frames by type byte, from 1: name, longest type byte + body in bytes, number of fields.
const TYPES: [(&str, usize, u64); 16] = [
    ("Hello", 512, 5),
    ("HelloAck", 512, 5),
    ("PinReady", 64, 4),
    ("PakeA", 64, 3),
    ("PakeB", 64, 1),
    ("ConfirmJ", 128, 2),
    ("ConfirmI", 64, 1),
    ("WrongPin", 16, 3),
    ("Welcome", 4 * 1024, 4),
    ("Join", 8 * 1024, Join::ARITY),
    ("Admit", 64 * 1024, 2),
    ("Ack", 64, 1),
    ("Pending", 64, 2),
    ("Busy", 16, 2),
    ("Error", 256, 3),
    ("Cancel", 16, 1),
];

fn type_entry(kind: u8) -> Option<(&'static str, usize, u64)> {
    TYPES.get(usize::from(kind).checked_sub(1)?).copied()
}

/// How long a frame of this type may be, type byte and body, in bytes; `None` for a type that does not exist.
///
/// The transport reads the length and the type byte, asks this, and only then allocates.
#[must_use]
pub fn max_len(kind: u8) -> Option<usize> {
    type_entry(kind).map(|(_, max, _)| max)
}

impl Message {
    /// The frame's type byte.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Hello { .. } => 0x01,
            Self::HelloAck { .. } => 0x02,
            Self::PinReady { .. } => 0x03,
            Self::PakeA { .. } => 0x04,
            Self::PakeB { .. } => 0x05,
            Self::ConfirmJ { .. } => 0x06,
            Self::ConfirmI { .. } => 0x07,
            Self::WrongPin { .. } => 0x08,
            Self::Welcome { .. } => 0x09,
            Self::Join(_) => 0x0a,
            Self::Admit { .. } => 0x0b,
            Self::Ack { .. } => 0x0c,
            Self::Pending { .. } => 0x0d,
            Self::Busy { .. } => 0x0e,
            Self::Error { .. } => 0x0f,
            Self::Cancel { .. } => 0x10,
        }
    }

    /// The frame's name, which may be logged; its content may not.
    #[must_use]
    pub fn name(&self) -> &'static str {
        type_entry(self.kind()).map_or("", |(name, _, _)| name)
    }

    /// Type byte and body, without the length before it.
    ///
    /// Fields have to be within the limits that their documentation gives: a peer refuses others.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let arity = type_entry(self.kind()).map_or(0, |(_, _, arity)| arity);
        wire::frame(self.kind(), arity, |encoder| self.write(encoder))
    }

    fn write<'e>(&self, e: &'e mut Encoder<Vec<u8>>) -> Written<'e> {
        match self {
            Self::Hello {
                versions,
                mode,
                invitation,
                nonce,
                proof,
            } => e
                .bytes(versions)?
                .u8(*mode as u8)?
                .bytes(invitation.as_bytes())?
                .bytes(nonce)?
                .bytes(proof),
            Self::HelloAck {
                version,
                method,
                party_tag,
                nonce,
                seconds_left,
            } => e
                .u8(*version)?
                .u8(*method as u8)?
                .bytes(party_tag.as_bytes())?
                .bytes(nonce)?
                .u32(*seconds_left),
            Self::PinReady {
                generation,
                digits,
                seconds,
                tries_left,
            } => e.u8(*generation)?.u8(*digits)?.u16(*seconds)?.u8(*tries_left),
            Self::PakeA {
                generation,
                attempt,
                share,
            } => e.u8(*generation)?.u8(*attempt)?.bytes(share),
            Self::PakeB { share } => e.bytes(share),
            Self::ConfirmJ { commitment, tag } => e.bytes(commitment)?.bytes(tag),
            Self::ConfirmI { tag } => e.bytes(tag),
            Self::WrongPin {
                generation,
                tries_left,
                left_total,
            } => e.u8(*generation)?.u8(*tries_left)?.u8(*left_total),
            Self::Welcome {
                party_name,
                inviter_name,
                role,
                members,
            } => e.str(party_name)?.str(inviter_name)?.u8(*role)?.u32(*members),
            Self::Join(join) => join.write(e),
            Self::Admit { last, ops } => {
                e.bool(*last)?.array(ops.len() as u64)?;
                for op in ops {
                    e.bytes(op)?;
                }
                Ok(e)
            }
            Self::Ack { op } => e.bytes(op),
            Self::Pending { request, poll_after_s } => e.bytes(request)?.u32(*poll_after_s),
            Self::Busy {
                retry_after_s,
                position,
            } => e.u16(*retry_after_s)?.u8(*position),
            Self::Error {
                code,
                retry_after_s,
                text,
            } => e.u16(code.number())?.u16(*retry_after_s)?.str(text),
            Self::Cancel { reason } => e.u8(*reason as u8),
        }
    }

    /// Reads type byte and body.
    ///
    /// # Errors
    ///
    /// [`MessageError`] for anything but the one canonical form of a message within its limits.
    pub fn decode(frame: &[u8]) -> Result<Self, MessageError> {
        let (&kind_byte, body) = frame.split_first().ok_or(MessageError::Empty)?;
        let (kind, max, arity) = type_entry(kind_byte).ok_or(MessageError::UnknownType(kind_byte))?;
        if frame.len() > max {
            return Err(MessageError::TooLong { kind, len: frame.len() });
        }
        let message = Fields::open(body, arity)
            .and_then(|mut fields| Self::read(kind_byte, &mut fields))
            .ok_or(MessageError::Malformed { kind })?;
        if message.encode() == frame {
            Ok(message)
        } else {
            Err(MessageError::NotCanonical { kind })
        }
    }

    fn read(kind: u8, f: &mut Fields<'_>) -> Option<Self> {
        Some(match kind {
            0x01 => Self::Hello {
                versions: f
                    .bytes(MAX_VERSIONS)
                    .filter(|v| !v.is_empty() && v.is_sorted_by(|a, b| a < b))?,
                mode: Mode::from_number(f.u8()?)?,
                invitation: InvitationId::from_bytes(f.array()?),
                nonce: f.array()?,
                proof: f.array()?,
            },
            0x02 => Self::HelloAck {
                version: f.u8()?,
                method: Method::from_number(f.u8()?)?,
                party_tag: PartyTag::from_bytes(f.array()?),
                nonce: f.array()?,
                seconds_left: f.u32()?,
            },
            0x03 => Self::PinReady {
                generation: f.u8()?,
                digits: f.u8().filter(|digits| PIN_DIGITS.contains(digits))?,
                seconds: f.u16()?,
                tries_left: f.u8()?,
            },
            0x04 => Self::PakeA {
                generation: f.u8()?,
                attempt: f.u8()?,
                share: f.array()?,
            },
            0x05 => Self::PakeB { share: f.array()? },
            0x06 => Self::ConfirmJ {
                commitment: f.array()?,
                tag: f.array()?,
            },
            0x07 => Self::ConfirmI { tag: f.array()? },
            0x08 => Self::WrongPin {
                generation: f.u8()?,
                tries_left: f.u8()?,
                left_total: f.u8()?,
            },
            0x09 => Self::Welcome {
                party_name: f.name(MAX_NAME)?,
                inviter_name: f.name(MAX_NAME)?,
                role: f.u8()?,
                members: f.u32()?,
            },
            0x0a => Self::Join(Box::new(Join::read(f)?)),
            0x0b => Self::Admit {
                last: f.bool()?,
                ops: f.list(MAX_OP)?,
            },
            0x0c => Self::Ack { op: f.array()? },
            0x0d => Self::Pending {
                request: f.array()?,
                poll_after_s: f.u32()?,
            },
            0x0e => Self::Busy {
                retry_after_s: f.u16()?,
                position: f.u8()?,
            },
            0x0f => Self::Error {
                code: ErrorCode::from_number(f.u16()?)?,
                retry_after_s: f.u16()?,
                text: f.text(MAX_ERROR_TEXT)?,
            },
            0x10 => Self::Cancel {
                reason: CancelReason::from_number(f.u8()?)?,
            },
            _ => return None,
        })
    }
}

impl Mode {
    fn from_number(number: u8) -> Option<Self> {
        [Self::New, Self::Resume, Self::Delegated, Self::Poll]
            .into_iter()
            .find(|mode| *mode as u8 == number)
    }
}

impl Method {
    fn from_number(number: u8) -> Option<Self> {
        [Self::None, Self::Pin, Self::Approval]
            .into_iter()
            .find(|method| *method as u8 == number)
    }
}

impl CancelReason {
    fn from_number(number: u8) -> Option<Self> {
        [Self::ByPerson, Self::SlotGivenAway]
            .into_iter()
            .find(|reason| *reason as u8 == number)
    }
}
