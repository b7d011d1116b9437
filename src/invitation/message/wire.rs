//! The bodies of frames: CBOR arrays of fixed arity, definite lengths, shortest integers (RFC 8949, section 4.2). No IO.

use minicbor::{Decoder, Encoder};

/// The result of writing a field. Writing to memory does not fail; the type is minicbor's.
pub(super) type Written<'a> = Result<&'a mut Encoder<Vec<u8>>, minicbor::encode::Error<std::convert::Infallible>>;

/// A frame: the type byte, then an array of `arity` fields.
pub(super) fn frame(kind: u8, arity: u64, fields: impl FnOnce(&mut Encoder<Vec<u8>>) -> Written<'_>) -> Vec<u8> {
    let mut encoder = Encoder::new(vec![kind]);
    #[expect(
        clippy::expect_used,
        reason = "a Vec takes every byte, and no field has an encoder of its own that could refuse"
    )]
    encoder.array(arity).and_then(fields).expect("writing to memory");
    encoder.into_writer()
}

/// Reads the fields of one body. Each method refuses what is of another type or length; `None` is all a caller needs to know.
///
/// It need not care about canonical form: the caller encodes again and compares.
pub(super) struct Fields<'a>(Decoder<'a>);

impl<'a> Fields<'a> {
    /// The body's fields, if it is an array of `arity`.
    pub(super) fn open(body: &'a [u8], arity: u64) -> Option<Self> {
        let mut decoder = Decoder::new(body);
        (decoder.array().ok()? == Some(arity)).then_some(Self(decoder))
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.0.u8().ok()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.0.u16().ok()
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.0.u32().ok()
    }

    pub(super) fn bool(&mut self) -> Option<bool> {
        self.0.bool().ok()
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.0.bytes().ok()?.try_into().ok()
    }

    /// A byte string of at most `max` bytes.
    pub(super) fn bytes(&mut self, max: usize) -> Option<Vec<u8>> {
        let bytes = self.0.bytes().ok()?;
        (bytes.len() <= max).then(|| bytes.to_vec())
    }

    /// A text of at most `max` bytes.
    pub(super) fn text(&mut self, max: usize) -> Option<String> {
        let text = self.0.str().ok()?;
        (text.len() <= max).then(|| text.to_owned())
    }

    /// A name that a person may be shown: 1 to `max` bytes, no control characters.
    pub(super) fn name(&mut self, max: usize) -> Option<String> {
        self.text(max)
            .filter(|name| !name.is_empty() && !name.chars().any(char::is_control))
    }

    /// A list of byte strings, each of 1 to `max` bytes.
    ///
    /// The announced number of items allocates nothing: a body is no longer than its frame, and each item takes a byte of it.
    pub(super) fn list(&mut self, max: usize) -> Option<Vec<Vec<u8>>> {
        let count = self.0.array().ok()??;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(self.bytes(max).filter(|item| !item.is_empty())?);
        }
        Some(items)
    }
}
