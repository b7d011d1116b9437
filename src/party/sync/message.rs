//! The frames of the sync protocol: encode, decode, limits. No IO.
//!
//! A frame is a type byte and a CBOR array. Decoding accepts canonical bytes only: it encodes again and compares.

use std::convert::Infallible;

use minicbor::{Decoder, Encoder, encode};

use super::Topic;
use crate::party::{Element, Have, MAX_OP, NoteId, OpId};

/// The most bytes of ops in one frame, unless a single op is larger (it is not: [`MAX_OP`]).
pub const MAX_PORTION: usize = 128 * 1024;

/// How many addresses a device tells.
pub const MAX_ADDRESSES: usize = 8;

/// The longest address, in bytes: an IPv6 one with a port.
const MAX_ADDRESS: usize = 64;

/// The longest frame, in bytes: a portion of ops with the head of each.
const MAX_FRAME: usize = 256 * 1024;

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncMessage {
    /// What the sender holds of a party: also the question for the rest.
    Have {
        /// The party.
        topic: Topic,
        /// What the sender holds.
        have: Have,
    },
    /// Ops of a party: the answer to a `Have`, or a push.
    Ops {
        /// The party.
        topic: Topic,
        /// At most [`MAX_PORTION`] bytes of them, in causal order.
        ops: Vec<Vec<u8>>,
        /// What they are.
        part: Part,
    },
    /// The sender does not share this party.
    Closed {
        /// The party.
        topic: Topic,
    },
    /// Where the sender can be reached.
    Addresses {
        /// `address:port`, at most [`MAX_ADDRESSES`].
        addresses: Vec<String>,
    },
    /// All that the sender has stored of a party.
    Held {
        /// The party.
        topic: Topic,
        /// [`Have::digest`] of it.
        digest: [u8; 8],
    },
    /// Where the sender's person is at work. Never stored, never passed on.
    Cursor {
        /// The party.
        topic: Topic,
        /// Where.
        cursor: Cursor,
    },
    /// Membership ops of a party that another device of the same person lacks.
    Handed {
        /// Whether they are all there now.
        last: bool,
        /// At most [`MAX_PORTION`] bytes of them, in causal order.
        ops: Vec<Vec<u8>>,
    },
}

/// What the ops of a frame are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// New ones, unasked.
    Push = 0,
    /// The beginning of an answer: ask again for the rest.
    Portion = 1,
    /// The whole answer, or the end of it.
    Last = 2,
}

/// Where a person is at work in a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// In no note, or no longer.
    Nowhere,
    /// In the text of a note.
    In {
        /// Which note.
        note: NoteId,
        /// The character before the cursor; none at the beginning.
        after: Option<Element>,
    },
}

/// Bytes that are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyncMessageError {
    /// Empty or of an unknown type.
    #[error("an unknown type of frame")]
    UnknownType,
    /// Longer than any frame, or more entries than allowed.
    #[error("the frame is too long")]
    TooLong,
    /// Not the canonical form of a frame.
    #[error("the frame is malformed")]
    Malformed,
}

type Written = Result<(), encode::Error<Infallible>>;

impl SyncMessage {
    const HAVE: u8 = 1;
    const OPS: u8 = 2;
    const CLOSED: u8 = 3;
    const ADDRESSES: u8 = 4;
    const CURSOR: u8 = 5;
    const HELD: u8 = 6;
    const HANDED: u8 = 7;

    /// The frame: type byte and body.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let kind = match self {
            Self::Have { .. } => Self::HAVE,
            Self::Ops { .. } => Self::OPS,
            Self::Closed { .. } => Self::CLOSED,
            Self::Addresses { .. } => Self::ADDRESSES,
            Self::Cursor { .. } => Self::CURSOR,
            Self::Held { .. } => Self::HELD,
            Self::Handed { .. } => Self::HANDED,
        };
        let mut encoder = Encoder::new(vec![kind]);
        #[expect(clippy::expect_used, reason = "a Vec takes every byte")]
        self.write(&mut encoder).expect("writing to memory");
        encoder.into_writer()
    }

    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        match self {
            Self::Have { topic, have } => {
                e.array(2)?.bytes(&topic.0)?.bytes(&have.encode())?;
            }
            Self::Held { topic, digest } => {
                e.array(2)?.bytes(&topic.0)?.bytes(digest)?;
            }
            Self::Ops { topic, ops, part } => {
                e.array(3)?.bytes(&topic.0)?.array(ops.len() as u64)?;
                for op in ops {
                    e.bytes(op)?;
                }
                e.u8(*part as u8)?;
            }
            Self::Handed { last, ops } => {
                e.array(2)?.bool(*last)?.array(ops.len() as u64)?;
                for op in ops {
                    e.bytes(op)?;
                }
            }
            Self::Closed { topic } => {
                e.array(1)?.bytes(&topic.0)?;
            }
            Self::Addresses { addresses } => {
                e.array(1)?.array(addresses.len() as u64)?;
                for address in addresses {
                    e.str(address)?;
                }
            }
            Self::Cursor { topic, cursor } => {
                e.array(2)?.bytes(&topic.0)?;
                match cursor {
                    Cursor::Nowhere => e.array(0)?,
                    Cursor::In { note, after: None } => e.array(1)?.bytes(note.as_bytes())?,
                    Cursor::In {
                        note,
                        after: Some(after),
                    } => e
                        .array(3)?
                        .bytes(note.as_bytes())?
                        .bytes(after.op.as_bytes())?
                        .u32(after.offset)?,
                };
            }
        }
        Ok(())
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// [`SyncMessageError`].
    pub fn decode(frame: &[u8]) -> Result<Self, SyncMessageError> {
        if frame.len() > MAX_FRAME {
            return Err(SyncMessageError::TooLong);
        }
        let (kind, body) = frame.split_first().ok_or(SyncMessageError::UnknownType)?;
        let mut decoder = Decoder::new(body);
        let message = match *kind {
            Self::HAVE => Self::read_have(&mut decoder),
            Self::OPS => Self::read_ops(&mut decoder),
            Self::CLOSED => Self::read_closed(&mut decoder),
            Self::ADDRESSES => Self::read_addresses(&mut decoder),
            Self::CURSOR => Self::read_cursor(&mut decoder),
            Self::HELD => Self::read_held(&mut decoder),
            Self::HANDED => Self::read_handed(&mut decoder),
            _ => return Err(SyncMessageError::UnknownType),
        };
        let message = message.ok_or(SyncMessageError::Malformed)?;
        if message.encode() == frame {
            Ok(message)
        } else {
            Err(SyncMessageError::Malformed)
        }
    }

    /// Whether a frame is a `Handed`, by its type.
    pub(super) fn is_handed(frame: &[u8]) -> bool {
        frame.first() == Some(&Self::HANDED)
    }

    fn read_have(d: &mut Decoder<'_>) -> Option<Self> {
        (d.array().ok()? == Some(2)).then_some(())?;
        Some(Self::Have {
            topic: read_topic(d)?,
            have: Have::decode(d.bytes().ok()?).ok()?,
        })
    }

    fn read_ops(d: &mut Decoder<'_>) -> Option<Self> {
        (d.array().ok()? == Some(3)).then_some(())?;
        let topic = read_topic(d)?;
        let ops = read_op_list(d)?;
        let part = match d.u8().ok()? {
            0 => Part::Push,
            1 => Part::Portion,
            2 => Part::Last,
            _ => return None,
        };
        Some(Self::Ops { topic, ops, part })
    }

    fn read_handed(d: &mut Decoder<'_>) -> Option<Self> {
        (d.array().ok()? == Some(2)).then_some(())?;
        Some(Self::Handed {
            last: d.bool().ok()?,
            ops: read_op_list(d)?,
        })
    }

    fn read_held(d: &mut Decoder<'_>) -> Option<Self> {
        (d.array().ok()? == Some(2)).then_some(())?;
        Some(Self::Held {
            topic: read_topic(d)?,
            digest: d.bytes().ok()?.try_into().ok()?,
        })
    }

    fn read_closed(d: &mut Decoder<'_>) -> Option<Self> {
        (d.array().ok()? == Some(1)).then_some(())?;
        Some(Self::Closed { topic: read_topic(d)? })
    }

    fn read_cursor(d: &mut Decoder<'_>) -> Option<Self> {
        (d.array().ok()? == Some(2)).then_some(())?;
        let topic = read_topic(d)?;
        let cursor = match d.array().ok()?? {
            0 => Cursor::Nowhere,
            1 => Cursor::In {
                note: read_note(d)?,
                after: None,
            },
            3 => {
                let note = read_note(d)?;
                let op = OpId::from_bytes(d.bytes().ok()?.try_into().ok()?);
                let offset = d.u32().ok()?;
                Cursor::In {
                    note,
                    after: Some(Element { op, offset }),
                }
            }
            _ => return None,
        };
        Some(Self::Cursor { topic, cursor })
    }

    fn read_addresses(d: &mut Decoder<'_>) -> Option<Self> {
        (d.array().ok()? == Some(1)).then_some(())?;
        let count = d.array().ok()??;
        if count > MAX_ADDRESSES as u64 {
            return None;
        }
        let mut addresses = Vec::new();
        for _ in 0..count {
            let address = d.str().ok()?;
            if address.len() > MAX_ADDRESS {
                return None;
            }
            addresses.push(address.to_owned());
        }
        Some(Self::Addresses { addresses })
    }
}

fn read_op_list(d: &mut Decoder<'_>) -> Option<Vec<Vec<u8>>> {
    let mut ops = Vec::new();
    for _ in 0..d.array().ok()?? {
        let op = d.bytes().ok()?;
        // An op without bytes costs its sender one, and its reader the place for it.
        if op.is_empty() || op.len() > MAX_OP {
            return None;
        }
        ops.push(op.to_vec());
    }
    Some(ops)
}

fn read_note(d: &mut Decoder<'_>) -> Option<NoteId> {
    d.bytes().ok()?.try_into().ok().map(NoteId::from_bytes)
}

fn read_topic(d: &mut Decoder<'_>) -> Option<Topic> {
    d.bytes().ok()?.try_into().ok().map(Topic)
}
