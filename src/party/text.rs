//! The text of a note: a sequence of characters that many people change at once. No IO.
//!
//! The characters make a tree, and its walk from left to right is the text: Fugue (Weidner and Kleppmann, "The Art of the
//! Fugue", 2023). A character hangs on the one before which or after which it was written, on that side of it; characters on
//! one side of one character stand in the order of their ids, (op, place in it). So everybody comes to the same text, in
//! whatever order ops arrive, and what two people write at one place at once is not interleaved.
//!
//! Nothing ever leaves the tree. A deleted character is hidden. So is what was written by an op that has lost its effect,
//! because its author was removed meanwhile; what others wrote next to it keeps its place, and what it deleted is not deleted.
//! This is why the sequence is our own: a library's takes a change as a whole or not at all.
//!
//! An edit whose character has not come waits for it. One that names a character which never comes waits for ever, at the
//! cost of its op in the log.

mod edit;
mod parts;
mod sequence;

use std::collections::{BTreeMap, HashMap};

use operational_transform::{Operation, OperationSeq};

pub use edit::{Edit, Edits, Element, Side};

use self::sequence::{Beside, Piece, Place, Sequence};
use super::OpId;

/// A text.
#[derive(Clone, Default)]
pub struct Text {
    ops: Vec<Writer>,
    numbers: HashMap<OpId, u32>,
    /// Who hangs on a character, or on the beginning, on a side of it; by id. What was written in one go hangs on the
    /// character before without being listed.
    children: BTreeMap<(Option<Place>, Hangs), Vec<Place>>,
    sequence: Sequence,
    waiting: BTreeMap<Element, Vec<Piecework>>,
}

/// An op that has written into the text.
#[derive(Clone)]
struct Writer {
    id: OpId,
    goes: Vec<Go>,
}

/// Characters that were written in one go, by their places among those of their op.
#[derive(Clone, Copy)]
struct Go {
    start: u32,
    end: u32,
    is_there: bool,
}

/// [`Side`], as a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hangs {
    Before,
    After,
}

/// A piece of an op.
#[derive(Clone)]
struct Piecework {
    number: u32,
    visible: Effect,
    what: Work,
}

#[derive(Clone)]
enum Work {
    Insert {
        start: u32,
        parent: Option<Element>,
        side: Side,
        text: Vec<char>,
    },
    Delete {
        first: Element,
        count: u32,
    },
}

/// Whether an op has effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It has.
    Stands,
    /// It has none any more.
    Cancelled,
}

/// One change of the visible text.
pub(super) struct Splice {
    at: usize,
    deleted: usize,
    inserted: String,
}

impl Text {
    /// The text.
    #[must_use]
    pub fn as_string(&self) -> String {
        self.sequence.text()
    }

    /// Its length in characters.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.sequence.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.sequence.len() == 0
    }

    /// Its first characters.
    pub(super) fn chars(&self) -> impl Iterator<Item = char> {
        self.sequence.chars()
    }

    /// The character right before a place, for a cursor that stands there; none at the beginning.
    #[must_use]
    pub fn element_before(&self, at: usize) -> Option<Element> {
        self.sequence
            .at(at.checked_sub(1)?)
            .and_then(|place| self.element(place))
    }

    /// How many characters stand before a cursor that was right after this character; none if the character is not known.
    #[must_use]
    pub fn position_after(&self, element: Element) -> Option<usize> {
        let (before, visible) = self.sequence.visible_before(self.place(element)?)?;
        Some(before + usize::from(visible))
    }

    /// The edits that make of this text what `change` makes of it; none if the change is for a text of another length.
    #[must_use]
    pub fn edits(&self, change: &OperationSeq) -> Option<Edits> {
        if change.base_len() != self.len() {
            return None;
        }
        let (mut at, mut edits) = (0_usize, Vec::new());
        for operation in change.ops() {
            match operation {
                Operation::Retain(count) => at += usize::try_from(*count).ok()?,
                Operation::Delete(count) => {
                    let count = usize::try_from(*count).ok()?;
                    for (first, count) in self.sequence.runs(at, count) {
                        let first = self.element(first)?;
                        edits.push(Edit::Delete { first, count });
                    }
                    at += count;
                }
                Operation::Insert(text) => {
                    let (parent, side) = self.anchor(at)?;
                    let text = text.clone();
                    edits.push(Edit::Insert { parent, side, text });
                }
            }
        }
        Some(Edits(edits))
    }

    /// Takes in an op. Returns how the visible text has changed, step by step.
    pub(super) fn apply(&mut self, id: OpId, edits: &Edits, effect: Effect) -> Vec<Splice> {
        let Ok(number) = u32::try_from(self.ops.len()) else {
            return Vec::new();
        };
        let (mut written, mut goes, mut open) = (0_u32, Vec::new(), Vec::new());
        for edit in &edits.0 {
            let what = match edit {
                Edit::Insert { parent, side, text } => {
                    let text: Vec<char> = text.chars().collect();
                    let start = written;
                    written = written.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
                    goes.push(Go {
                        start,
                        end: written,
                        is_there: false,
                    });
                    let (parent, side) = (*parent, *side);
                    Work::Insert {
                        start,
                        parent,
                        side,
                        text,
                    }
                }
                Edit::Delete { first, count } => Work::Delete {
                    first: *first,
                    count: *count,
                },
            };
            open.push(Piecework {
                number,
                visible: effect,
                what,
            });
        }
        self.ops.push(Writer { id, goes });
        self.numbers.insert(id, number);
        // Deletions that waited for this op wait for its single characters from now on.
        open.extend(self.released(id, 0, u32::MAX));
        self.work(open)
    }

    /// Does pieces of ops, and what was waiting for them.
    fn work(&mut self, open: Vec<Piecework>) -> Vec<Splice> {
        let mut splices = Vec::new();
        let mut open: Vec<Piecework> = open.into_iter().rev().collect();
        while let Some(work) = open.pop() {
            match work.what.clone() {
                Work::Insert {
                    start,
                    parent,
                    side,
                    text,
                } => {
                    if let Some(missing) = parent.filter(|parent| !self.is_there(*parent)) {
                        self.waiting.entry(missing).or_default().push(work);
                        continue;
                    }
                    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
                    splices.extend(self.insert(&work, (start, parent, side), text));
                    if let Some(writer) = self.ops.get(work.number as usize) {
                        let id = writer.id;
                        open.extend(self.released(id, start, start.saturating_add(length)));
                    }
                }
                Work::Delete { first, count } => self.delete(&work, first, count, &mut splices),
            }
        }
        splices
    }

    /// What waited for one of these characters.
    fn released(&mut self, op: OpId, start: u32, end: u32) -> Vec<Piecework> {
        let range = Element { op, offset: start }..Element { op, offset: end };
        let come: Vec<Element> = self.waiting.range(range).map(|(element, _)| *element).collect();
        come.iter()
            .filter_map(|element| self.waiting.remove(element))
            .flatten()
            .collect()
    }

    fn insert(
        &mut self,
        work: &Piecework,
        (start, parent, side): (u32, Option<Element>, Side),
        text: Vec<char>,
    ) -> Option<Splice> {
        let first: Place = (work.number, start);
        let parent = match parent {
            Some(parent) => Some(self.place(parent)?),
            None => None,
        };
        let hangs = match side {
            Side::Before => Hangs::Before,
            Side::After => Hangs::After,
        };
        let beside = self.beside(first, parent, hangs)?;
        let at = self.rank(first, self.children.get(&(parent, hangs)));
        self.children.entry((parent, hangs)).or_default().insert(at, first);
        if let Some(writer) = self.ops.get_mut(work.number as usize) {
            let at = writer.goes.partition_point(|go| go.start < start);
            if let Some(go) = writer.goes.get_mut(at) {
                go.is_there = true;
            }
        }
        let is_visible = work.visible == Effect::Stands;
        let inserted = is_visible.then(|| text.iter().collect::<String>());
        let piece = Piece {
            first,
            text,
            is_visible,
        };
        let at = self.sequence.insert(piece, beside);
        inserted.map(|inserted| Splice {
            at,
            deleted: 0,
            inserted,
        })
    }

    fn delete(&mut self, work: &Piecework, first: Element, count: u32, splices: &mut Vec<Splice>) {
        let Some(number) = self.numbers.get(&first.op).copied() else {
            self.waiting.entry(first).or_default().push(work.clone());
            return;
        };
        let end = first.offset.saturating_add(count);
        let goes = self.ops.get(number as usize).map(|writer| writer.goes.clone());
        for go in goes.unwrap_or_default() {
            let (from, to) = (go.start.max(first.offset), go.end.min(end));
            if from >= to {
                continue;
            }
            if !go.is_there {
                let first = Element {
                    op: first.op,
                    offset: from,
                };
                let what = Work::Delete {
                    first,
                    count: to - from,
                };
                let later = Piecework { what, ..work.clone() };
                self.waiting.entry(first).or_default().push(later);
            } else if work.visible == Effect::Stands {
                let hidden = self.sequence.hide((number, from), to - from);
                splices.extend(hidden.into_iter().map(|(at, deleted)| Splice {
                    at,
                    deleted,
                    inserted: String::new(),
                }));
            }
        }
    }

    /// Where a new character comes to stand; none if nothing can hang there.
    fn beside(&self, fresh: Place, parent: Option<Place>, hangs: Hangs) -> Option<Beside> {
        let siblings = self.children.get(&(parent, hangs));
        let at = self.rank(fresh, siblings);
        let sibling = |at: usize| siblings?.get(at).copied();
        match (hangs, parent) {
            (Hangs::Before, None) => None,
            (Hangs::Before, Some(parent)) => {
                let next = sibling(at);
                Some(Beside::Before(next.map_or(parent, |next| self.leftmost(next))))
            }
            (Hangs::After, parent) => {
                let unlisted = parent.and_then(|parent| self.follower(parent));
                let unlisted = unlisted.filter(|other| self.key(*other) < self.key(fresh));
                let listed = at.checked_sub(1).and_then(sibling);
                let before = listed.into_iter().chain(unlisted).max_by_key(|other| self.key(*other));
                Some(match (before, parent) {
                    (Some(before), _) => Beside::After(self.rightmost(before)),
                    (None, Some(parent)) => Beside::After(parent),
                    (None, None) => Beside::Start,
                })
            }
        }
    }

    /// How many of its siblings stand before a new character.
    fn rank(&self, fresh: Place, siblings: Option<&Vec<Place>>) -> usize {
        let key = self.key(fresh);
        siblings.map_or(0, |siblings| siblings.partition_point(|other| self.key(*other) < key))
    }

    /// Where a character that is written now at this place of the visible text hangs.
    fn anchor(&self, at: usize) -> Option<(Option<Element>, Side)> {
        let left = match at.checked_sub(1) {
            Some(before) => Some(self.sequence.at(before)?),
            None => None,
        };
        let has_more =
            self.children.contains_key(&(left, Hangs::After)) || left.is_some_and(|left| self.follower(left).is_some());
        if has_more {
            let next = self.sequence.next(left)?;
            return Some((Some(self.element(next)?), Side::Before));
        }
        let left = match left {
            Some(left) => Some(self.element(left)?),
            None => None,
        };
        Some((left, Side::After))
    }

    /// The first character of what hangs on this one, itself included.
    fn leftmost(&self, mut place: Place) -> Place {
        while let Some(first) = self
            .children
            .get(&(Some(place), Hangs::Before))
            .and_then(|all| all.first())
        {
            place = *first;
        }
        place
    }

    /// The last one.
    fn rightmost(&self, mut place: Place) -> Place {
        loop {
            let end = self.go_end(place);
            let hanging = self
                .children
                .range((Some(place), Hangs::After)..=(Some(end), Hangs::After));
            let afters = hanging.filter(|((_, hangs), _)| *hangs == Hangs::After);
            // Within one go the next character hangs there too, and is followed unless something hangs after it.
            let branch = afters
                .filter_map(|((at, _), all)| Some(((*at)?, *all.last()?)))
                .find(|(at, last)| self.follower(*at).is_none_or(|next| self.key(*last) > self.key(next)));
            match branch {
                Some((_, last)) => place = last,
                None => return end,
            }
        }
    }

    /// The character that was written right after this one in one go.
    fn follower(&self, place: Place) -> Option<Place> {
        (self.go_end(place) != place).then_some((place.0, place.1.saturating_add(1)))
    }

    /// The last character of the go that this one was written in.
    fn go_end(&self, place: Place) -> Place {
        let goes = self.ops.get(place.0 as usize).map_or(&[][..], |writer| &writer.goes);
        let at = goes.partition_point(|go| go.end <= place.1);
        goes.get(at).map_or(place, |go| (place.0, go.end.saturating_sub(1)))
    }

    fn key(&self, place: Place) -> (Option<OpId>, u32) {
        (self.ops.get(place.0 as usize).map(|writer| writer.id), place.1)
    }

    fn element(&self, place: Place) -> Option<Element> {
        let op = self.ops.get(place.0 as usize)?.id;
        Some(Element { op, offset: place.1 })
    }

    fn place(&self, element: Element) -> Option<Place> {
        Some((*self.numbers.get(&element.op)?, element.offset))
    }

    /// Whether a character has come and has its place.
    fn is_there(&self, element: Element) -> bool {
        let writer = self
            .numbers
            .get(&element.op)
            .and_then(|number| self.ops.get(*number as usize));
        writer.is_some_and(|writer| {
            let at = writer.goes.partition_point(|go| go.end <= element.offset);
            writer.goes.get(at).is_some_and(|go| go.is_there)
        })
    }
}

/// Many steps as one change of a text that had so many characters. Halves are put together, so that each step is gone over
/// few times and not once for each that follows it.
pub(super) fn change(length: usize, splices: &[Splice]) -> OperationSeq {
    match splices {
        [] => {
            let mut none = OperationSeq::default();
            none.retain(length as u64);
            none
        }
        [Splice { at, deleted, inserted }] => {
            let mut step = OperationSeq::default();
            step.retain(*at as u64);
            step.insert(inserted);
            step.delete(*deleted as u64);
            step.retain(length.saturating_sub(at + deleted) as u64);
            step
        }
        _ => {
            let (first, second) = splices.split_at(splices.len() / 2);
            let first = change(length, first);
            let second = change(first.target_len(), second);
            // The second begins where the first ends, so that they always fit.
            first.compose(&second).unwrap_or(first)
        }
    }
}

/// The change that makes one text of another: what they share at both ends is kept.
#[must_use]
pub fn difference(old: &str, new: &str) -> OperationSeq {
    let start = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).count();
    let (old_length, new_length) = (old.chars().count(), new.chars().count());
    let room = old_length.min(new_length) - start;
    let end = old.chars().rev().zip(new.chars().rev()).take(room);
    let end = end.take_while(|(a, b)| a == b).count();
    let mut change = OperationSeq::default();
    change.retain(start as u64);
    let written: String = new.chars().skip(start).take(new_length - start - end).collect();
    change.insert(&written);
    change.delete((old_length - start - end) as u64);
    change.retain(end as u64);
    change
}

/// Its length: what it says is not for logs.
impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({} characters)", self.len())
    }
}

#[cfg(test)]
mod tests;
