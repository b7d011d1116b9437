//! What a change of a text says on the wire. No IO.

use minicbor::{Decoder, Encoder, decode};

use crate::party::OpId;
use crate::party::cbor::{Field, Written, array_of};

/// A character, named by the op that wrote it and its place among the characters of that op.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element {
    /// The op that wrote it.
    pub op: OpId,
    /// Its place among all characters of that op, from 0.
    pub offset: u32,
}

/// On which side of its parent in the tree a character hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before it in the text.
    Before = 0,
    /// After it in the text.
    After = 1,
}

/// One piece of a change.
#[derive(Clone, PartialEq, Eq)]
pub enum Edit {
    /// Characters are written. The first hangs on `parent`, each further one after the one before.
    Insert {
        /// The character that it hangs on; none for the beginning of the text.
        parent: Option<Element>,
        /// On which side of it.
        side: Side,
        /// The characters.
        text: String,
    },
    /// Characters of one op are deleted.
    Delete {
        /// The first of them.
        first: Element,
        /// How many, by their places in that op.
        count: u32,
    },
}

/// All pieces of one change, in the order in which they were made.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Edits(pub Vec<Edit>);

/// `[0, [op, offset] or [], side, text]` or `[1, op, offset, count]` for each.
impl Field for Edits {
    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.array(self.0.len() as u64)?;
        self.0.iter().try_for_each(|edit| edit.write(to))
    }

    fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        let count = from
            .array()?
            .ok_or_else(|| decode::Error::message("indefinite array"))?;
        (0..count).map(|_| Edit::read(from)).collect::<Result<_, _>>().map(Self)
    }
}

impl Field for Edit {
    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.array(4)?;
        match self {
            Self::Insert { parent, side, text } => {
                to.u8(0)?;
                match parent {
                    Some(parent) => {
                        to.array(2)?.bytes(parent.op.as_bytes())?.u32(parent.offset)?;
                    }
                    None => {
                        to.array(0)?;
                    }
                }
                to.u8(*side as u8)?;
                text.write(to)
            }
            Self::Delete { first, count } => {
                to.u8(1)?.bytes(first.op.as_bytes())?.u32(first.offset)?;
                count.write(to)
            }
        }
    }

    fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        array_of(from, 4)?;
        match from.u8()? {
            0 => {
                let parent = match from.array()? {
                    Some(0) => None,
                    Some(2) => Some(element(from)?),
                    _ => return Err(decode::Error::message("no element")),
                };
                let side = match from.u8()? {
                    0 => Side::Before,
                    1 => Side::After,
                    _ => return Err(decode::Error::message("no such side")),
                };
                let text = String::read(from)?;
                Ok(Self::Insert { parent, side, text })
            }
            1 => Ok(Self::Delete {
                first: element(from)?,
                count: from.u32()?,
            }),
            _ => Err(decode::Error::message("no such edit")),
        }
    }
}

fn element(from: &mut Decoder<'_>) -> Result<Element, decode::Error> {
    Ok(Element {
        op: OpId::from_bytes(<[u8; 32]>::read(from)?),
        offset: from.u32()?,
    })
}

/// How many pieces: what is written is not for logs.
impl std::fmt::Debug for Edits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Edits({})", self.0.len())
    }
}

/// The kind: what is written is not for logs.
impl std::fmt::Debug for Edit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Insert { .. } => "Insert(<redacted>)",
            Self::Delete { .. } => "Delete",
        })
    }
}
