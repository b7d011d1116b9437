//! The deterministic subset of CBOR that ops are written in (RFC 8949 section 4.2). No IO.
//!
//! Definite lengths, shortest integers, byte and text strings, arrays and booleans: no tags, floats, maps, null or undefined.
//! Reading here only has to be complete, not strict: [`super::Op::open`] writes again what it read and compares, which
//! refuses every other way to say the same.

use std::convert::Infallible;

use minicbor::data::Type;
use minicbor::{Decoder, Encoder, decode, encode};

use super::{FileId, How, ItemId, MessageId, NoteId, Place, Role, TaskId};
use crate::identity::{DeviceId, EndpointId, IdentityId};

/// Writing into memory does not fail, but the encoder's signature says it could.
pub(super) type Written = Result<(), encode::Error<Infallible>>;

/// How deep arrays may nest in a kind that this version does not know.
const MAX_DEPTH: u8 = 8;

/// One field of an act.
pub(super) trait Field: Sized {
    /// Writes it.
    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written;
    /// Reads it.
    fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error>;
}

impl<const N: usize> Field for [u8; N] {
    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.bytes(self).map(drop)
    }

    fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        Self::try_from(from.bytes()?).or(Err(decode::Error::message("byte string of another length")))
    }
}

impl Field for String {
    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.str(self).map(drop)
    }

    fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        from.str().map(Self::from)
    }
}

/// A field that the encoder knows by itself.
macro_rules! plain {
    ($($type:ident)+) => {$(
        impl Field for $type {
            fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
                to.$type(*self).map(drop)
            }

            fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
                from.$type()
            }
        }
    )+};
}
plain! { u8 u32 u64 bool }

/// An id is written as its bytes.
macro_rules! ids {
    ($($type:ident)+) => {$(
        impl Field for $type {
            fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
                self.as_bytes().write(to)
            }

            fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
                Field::read(from).map(Self::from_bytes)
            }
        }
    )+};
}
ids! { IdentityId DeviceId EndpointId TaskId NoteId MessageId FileId }

/// `[kind, id]`: 0 task, 1 note, 2 message, 3 file.
impl Field for ItemId {
    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.array(2)?;
        match self {
            Self::Task(id) => id.write(to.u8(0)?),
            Self::Note(id) => id.write(to.u8(1)?),
            Self::Message(id) => id.write(to.u8(2)?),
            Self::File(id) => id.write(to.u8(3)?),
        }
    }

    fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        array_of(from, 2)?;
        match from.u8()? {
            0 => Field::read(from).map(Self::Task),
            1 => Field::read(from).map(Self::Note),
            2 => Field::read(from).map(Self::Message),
            3 => Field::read(from).map(Self::File),
            _ => Err(decode::Error::message("no such kind of thing")),
        }
    }
}

impl Field for Place {
    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.bytes(&self.0).map(drop)
    }

    fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        from.bytes().map(|bytes| Self(bytes.to_vec()))
    }
}

/// A closed list is written as its number.
macro_rules! numbers {
    ($($type:ident)+) => {$(
        impl Field for $type {
            fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
                to.u8(u8::from(*self)).map(drop)
            }

            fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
                Self::try_from(from.u8()?).or(Err(decode::Error::message("number that means nothing")))
            }
        }
    )+};
}
numbers! { Role How }

/// What `write` writes.
pub(super) fn encoded(write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Written) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(512));
    #[expect(
        clippy::expect_used,
        reason = "the only failure of this encoder is its writer's, which is Infallible"
    )]
    write(&mut encoder).expect("writing into memory");
    encoder.into_writer()
}

/// Reads the head of an array of exactly `length` items.
pub(super) fn array_of(from: &mut Decoder<'_>, length: u64) -> Result<(), decode::Error> {
    if from.array()? == Some(length) {
        Ok(())
    } else {
        Err(decode::Error::message("array of another length"))
    }
}

/// Reads one array of anything in the subset and writes it again in the one deterministic form.
pub(super) fn copy_array(from: &mut Decoder<'_>) -> Result<Vec<u8>, decode::Error> {
    if from.datatype()? != Type::Array {
        return Err(decode::Error::message("fields are not an array"));
    }
    let mut to = Encoder::new(Vec::new());
    copy(from, &mut to, MAX_DEPTH)?;
    Ok(to.into_writer())
}

fn copy(from: &mut Decoder<'_>, to: &mut Encoder<Vec<u8>>, depth: u8) -> Result<(), decode::Error> {
    let written = match from.datatype()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => to.u64(from.u64()?).map(drop),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => to.int(from.int()?).map(drop),
        Type::Bytes => to.bytes(from.bytes()?).map(drop),
        Type::String => to.str(from.str()?).map(drop),
        Type::Bool => to.bool(from.bool()?).map(drop),
        Type::Array => {
            let depth = depth
                .checked_sub(1)
                .ok_or_else(|| decode::Error::message("arrays nest too deep"))?;
            let length = from
                .array()?
                .ok_or_else(|| decode::Error::message("indefinite array"))?;
            let head = to.array(length).map(drop);
            for _ in 0..length {
                copy(from, to, depth)?;
            }
            head
        }
        _ => return Err(decode::Error::message("not in the deterministic subset")),
    };
    written.or(Err(decode::Error::message("could not be written")))
}
