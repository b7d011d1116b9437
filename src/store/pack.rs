//! Ops at rest, packed: what an op has in common with those before it is written short. No IO.
//!
//! An op is deterministic CBOR and then its signature. Most of it names things that were named before: the party, people,
//! devices, earlier ops. The packed form is the same bytes, with two replacements that deterministic CBOR leaves room for:
//!
//! - A byte string of 16 or 32 bytes that is known becomes the head of a tag (major type 6) whose number says which:
//!   `2 n` the *n*-th one that was written out in this block, `2 d + 1` the id of the op that lies *d* rows further up.
//! - An unsigned integer of eight bytes, such as a time, becomes the head of a single-precision float (`fa`) with the distance
//!   to the first one in this block, if four bytes hold that.
//!
//! Nothing here knows what an op says, and whatever cannot be packed is stored as it is. A **block** is so many places of the
//! table, [`BLOCK`]; what one party has in it knows nothing of other blocks. So a row that is lost takes at most the rest of
//! its block along, and whoever appends has to read that much only.

use std::collections::HashMap;

use crate::party::MAX_OP;

/// How many places a block has.
pub(super) const BLOCK: i64 = 512;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const TAG: u8 = 6;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const EIGHT_BYTES: u8 = 0x1b;
const DISTANCE: u8 = 0xfa;

/// What the rows of one party in one block have named so far: all that unpacking needs.
#[derive(Debug, Default)]
pub(super) struct Block {
    names: Vec<Name>,
    /// The ids of the ops, by their rows' places in the block.
    ops: Vec<Option<[u8; 32]>>,
    first: Option<u64>,
}

/// A block with an index of what it knows, for who packs.
#[derive(Debug, Default)]
pub(super) struct Packer {
    block: Block,
    known: HashMap<Name, Known>,
}

/// A byte string that may be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Name {
    Short([u8; 16]),
    Long([u8; 32]),
}

/// Where something is known from.
#[derive(Clone, Copy, Debug)]
enum Known {
    Name(usize),
    Op(i64),
}

/// What a row adds to what its block knows, once it is sure to be good.
#[derive(Debug, Default)]
pub(super) struct News {
    names: Vec<Name>,
    first: Option<u64>,
}

impl Packer {
    /// The packed form of an op that will lie at this place; none if it has none.
    pub(super) fn pack(&self, place: i64, op: &[u8]) -> Option<(Vec<u8>, News)> {
        let (mut packed, mut news) = (Vec::with_capacity(op.len()), News::default());
        let mut from = op;
        let mut items = 1_u64;
        while items > 0 {
            let head = Head::read(&mut from)?;
            items = items.checked_sub(1)?;
            match head.major() {
                UNSIGNED if head.first == EIGHT_BYTES => match self.block.distance(&mut news, head.argument) {
                    Some(distance) => {
                        packed.push(DISTANCE);
                        packed.extend(distance.to_be_bytes());
                    }
                    None => packed.extend(head.bytes),
                },
                UNSIGNED | NEGATIVE => packed.extend(head.bytes),
                BYTES | TEXT => {
                    let content = take(&mut from, head.argument)?;
                    let name = Name::of(&head, content);
                    if let Some(known) = name.and_then(|name| self.known.get(&name)) {
                        push_tag(&mut packed, known.number(place)?);
                    } else {
                        packed.extend(head.bytes);
                        packed.extend(content);
                        news.names.extend(name);
                    }
                }
                ARRAY => {
                    items = items.checked_add(head.argument)?;
                    packed.extend(head.bytes);
                }
                _ if matches!(head.first, FALSE | TRUE) => packed.push(head.first),
                _ => return None,
            }
        }
        packed.extend(from);
        Some((packed, news))
    }

    /// As [`Block::learn`].
    pub(super) fn learn(&mut self, place: i64, id: [u8; 32], news: News) {
        for (at, name) in (self.block.names.len()..).zip(&news.names) {
            self.known.entry(*name).or_insert(Known::Name(at));
        }
        self.known.insert(Name::Long(id), Known::Op(place));
        self.block.learn(place, id, news);
    }
}

impl Block {
    /// The same block for who packs. It begins at this place.
    pub(super) fn indexed(self, first: i64) -> Packer {
        let mut known = HashMap::new();
        for (at, name) in self.names.iter().enumerate() {
            known.entry(*name).or_insert(Known::Name(at));
        }
        let ops = (first..).zip(&self.ops);
        known.extend(ops.filter_map(|(place, id)| Some((Name::Long((*id)?), Known::Op(place)))));
        Packer { block: self, known }
    }

    /// Writes the op that was packed for this place to `op`; none if these bytes are none, or what they name is not known.
    pub(super) fn unpack(&self, place: i64, packed: &[u8], op: &mut Vec<u8>) -> Option<News> {
        op.clear();
        let mut news = News::default();
        let mut from = packed;
        let mut items = 1_u64;
        while items > 0 && op.len() <= MAX_OP {
            let head = Head::read(&mut from)?;
            items = items.checked_sub(1)?;
            match head.major() {
                TAG => {
                    let name = self.named(place, head.argument)?;
                    op.extend(name.head());
                    op.extend(name.bytes());
                }
                UNSIGNED | NEGATIVE => {
                    if head.first == EIGHT_BYTES {
                        self.distance(&mut news, head.argument);
                    }
                    op.extend(head.bytes);
                }
                BYTES | TEXT => {
                    let content = take(&mut from, head.argument)?;
                    news.names.extend(Name::of(&head, content));
                    op.extend(head.bytes);
                    op.extend(content);
                }
                ARRAY => {
                    items = items.checked_add(head.argument)?;
                    op.extend(head.bytes);
                }
                _ if head.first == DISTANCE => {
                    let distance = i32::from_be_bytes(u32::try_from(head.argument).ok()?.to_be_bytes());
                    op.push(EIGHT_BYTES);
                    op.extend(self.first?.checked_add_signed(distance.into())?.to_be_bytes());
                }
                _ if matches!(head.first, FALSE | TRUE) => op.push(head.first),
                _ => return None,
            }
        }
        op.extend(from);
        (op.len() <= MAX_OP).then_some(news)
    }

    /// A good row: what later ones may name.
    pub(super) fn learn(&mut self, place: i64, id: [u8; 32], news: News) {
        self.names.extend(news.names);
        let at = place_in_block(place);
        if self.ops.len() <= at {
            self.ops.resize(at + 1, None);
        }
        if let Some(op) = self.ops.get_mut(at) {
            *op = Some(id);
        }
        self.first = self.first.or(news.first);
    }

    /// How far a number is from the block's first one, if that can be written in four bytes; otherwise it may be the first.
    fn distance(&self, news: &mut News, number: u64) -> Option<i32> {
        let Some(first) = self.first else {
            news.first.get_or_insert(number);
            return None;
        };
        i32::try_from(number.checked_signed_diff(first)?).ok()
    }

    fn named(&self, place: i64, number: u64) -> Option<Name> {
        let at = usize::try_from(number / 2).ok()?;
        if number.is_multiple_of(2) {
            self.names.get(at).copied()
        } else {
            let at = place_in_block(place).checked_sub(at)?;
            self.ops.get(at).copied().flatten().map(Name::Long)
        }
    }
}

/// How many places of its block are before this one.
fn place_in_block(place: i64) -> usize {
    usize::try_from(place.rem_euclid(BLOCK)).unwrap_or_default()
}

impl Name {
    /// A byte string with this head, if it is one that may be named.
    fn of(head: &Head<'_>, content: &[u8]) -> Option<Self> {
        let name = match content.len() {
            16 => Self::Short(content.try_into().ok()?),
            32 => Self::Long(content.try_into().ok()?),
            _ => return None,
        };
        (head.bytes == name.head()).then_some(name)
    }

    /// The head of such a byte string. No other has it.
    const fn head(&self) -> &'static [u8] {
        match self {
            Self::Short(_) => &[0x50],
            Self::Long(_) => &[0x58, 32],
        }
    }

    const fn bytes(&self) -> &[u8] {
        match self {
            Self::Short(bytes) => bytes,
            Self::Long(bytes) => bytes,
        }
    }
}

impl Known {
    fn number(self, place: i64) -> Option<u64> {
        match self {
            Self::Name(at) => u64::try_from(at).ok()?.checked_mul(2),
            Self::Op(other) => u64::try_from(place.checked_sub(other)?)
                .ok()?
                .checked_mul(2)?
                .checked_add(1),
        }
    }
}

/// What every item of CBOR begins with.
struct Head<'a> {
    first: u8,
    argument: u64,
    bytes: &'a [u8],
}

impl<'a> Head<'a> {
    /// Reads one of definite length.
    fn read(from: &mut &'a [u8]) -> Option<Self> {
        let first = *from.first()?;
        let length = match first & 0x1f {
            0..24 => 0,
            size @ 24..28 => 1_usize << (size - 24),
            _ => return None,
        };
        let (bytes, rest) = from.split_at_checked(1 + length)?;
        *from = rest;
        let argument = bytes.get(1..)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let argument = if length == 0 { u64::from(first & 0x1f) } else { argument };
        Some(Self { first, argument, bytes })
    }

    fn major(&self) -> u8 {
        self.first >> 5
    }
}

/// Appends the head of a tag in its shortest form.
fn push_tag(to: &mut Vec<u8>, number: u64) {
    let major = TAG << 5;
    let bytes = number.to_be_bytes();
    let size = match number {
        0..24 => return to.extend(bytes.last().map(|number| major | number)),
        24..0x100 => 1,
        0x100..0x1_0000 => 2,
        0x1_0000..0x1_0000_0000 => 4,
        _ => 8_usize,
    };
    // 24, 25, 26 and 27 stand for one, two, four and eight bytes.
    to.push(major | 24 | u8::try_from(size.trailing_zeros()).unwrap_or_default());
    to.extend(bytes.iter().skip(bytes.len() - size));
}

fn take<'a>(from: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (content, rest) = from.split_at_checked(usize::try_from(length).ok()?)?;
    *from = rest;
    Some(content)
}

#[cfg(test)]
mod tests;
