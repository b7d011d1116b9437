//! One note as it is shown, while others and the engine change it: the client's side of operational transformation.
//!
//! ```text
//! confirmed  --in flight-->  --buffer-->  text
//! ```
//!
//! What is typed goes into the buffer; one change at a time is in flight. A change of others is made to `confirmed`, and
//! carried past what is in flight and in the buffer to what is shown. What others insert at the place of an own insertion
//! goes left of it, here as in the engine, so that both come to the same text.

use std::time::Duration;

use operational_transform::{Operation, OperationSeq};

use crate::time::Timestamp;
use crate::worker::{NoteText, RequestId, TextChange};

/// What is typed within so long is undone in one step.
const ONE_STEP: Duration = Duration::from_millis(800);
/// How many steps can be undone.
const STEPS: usize = 200;

/// A note that is open.
pub(super) struct Replica {
    revision: u64,
    confirmed: String,
    in_flight: Option<(RequestId, OperationSeq)>,
    /// What was typed since; the oldest of it and when.
    buffer: Option<(Timestamp, OperationSeq)>,
    text: String,
    /// Each undoes a step when it is made to the text as it is after those behind it have been made.
    undo: Vec<OperationSeq>,
    redo: Vec<OperationSeq>,
    typed: Option<Timestamp>,
}

/// What came of a change that the engine told.
pub(super) enum Heard {
    /// It was this one's own.
    Own,
    /// It was somebody else's: what it is to the text that is shown.
    Others(OperationSeq),
    /// It does not fit: the note has to be opened again.
    Lost,
}

impl Replica {
    pub(super) fn new(note: &NoteText) -> Self {
        Self {
            revision: note.revision,
            confirmed: note.text.clone(),
            in_flight: None,
            buffer: None,
            text: note.text.clone(),
            undo: Vec::new(),
            redo: Vec::new(),
            typed: None,
        }
    }

    /// What is shown.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    /// Since when something waits to be sent, if something does and nothing is in flight.
    pub(super) fn waiting_since(&self) -> Option<Timestamp> {
        let buffer = self.buffer.as_ref().filter(|_| self.in_flight.is_none());
        buffer.map(|(since, _)| *since)
    }

    /// Whether the engine has everything.
    pub(super) const fn is_settled(&self) -> bool {
        self.in_flight.is_none() && self.buffer.is_none()
    }

    /// The text was changed by hand.
    pub(super) fn typed(&mut self, text: &str, now: Timestamp) {
        let Some(change) = difference(&self.text, text) else {
            return;
        };
        let mut back = change.invert(&self.text);
        let goes_on = self.typed.is_some_and(|before| now.since(before) < ONE_STEP);
        if goes_on
            && let Some(last) = self.undo.pop()
            && let Ok(both) = back.compose(&last)
        {
            back = both;
        }
        self.undo.push(back);
        if self.undo.len() > STEPS {
            self.undo.remove(0);
        }
        self.redo.clear();
        self.typed = Some(now);
        self.change(change, now);
    }

    /// Takes the last own step back; gives where the cursor belongs then, in characters.
    pub(super) fn undo(&mut self, now: Timestamp) -> Option<usize> {
        let change = self.undo.pop()?;
        self.redo.push(change.invert(&self.text));
        self.step(change, now)
    }

    /// Does again what was taken back.
    pub(super) fn redo(&mut self, now: Timestamp) -> Option<usize> {
        let change = self.redo.pop()?;
        self.undo.push(change.invert(&self.text));
        self.step(change, now)
    }

    fn step(&mut self, change: OperationSeq, now: Timestamp) -> Option<usize> {
        self.typed = None;
        let end = end_of(&change);
        self.change(change, now);
        Some(end)
    }

    /// An own change of what is shown.
    fn change(&mut self, change: OperationSeq, now: Timestamp) {
        let Ok(text) = change.apply(&self.text) else { return };
        self.text = text;
        self.buffer = Some(match self.buffer.take() {
            None => (now, change),
            Some((since, before)) => (since, before.compose(&change).unwrap_or(change)),
        });
    }

    /// What is to be sent under this id: the revision it is made to, and the change. None while one is in flight.
    pub(super) fn send(&mut self, request: RequestId) -> Option<(u64, TextChange)> {
        if self.in_flight.is_some() {
            return None;
        }
        let (_, change) = self.buffer.take()?;
        if change.is_noop() {
            return None;
        }
        self.in_flight = Some((request, change.clone()));
        Some((self.revision, TextChange(change)))
    }

    /// The engine told a change of the text that it has.
    pub(super) fn hear(&mut self, request: Option<RequestId>, revision: u64, change: &OperationSeq) -> Heard {
        let Ok(confirmed) = change.apply(&self.confirmed) else {
            return Heard::Lost;
        };
        if revision != self.revision + 1 {
            return Heard::Lost;
        }
        let is_own = request.is_some() && self.in_flight.as_ref().map(|(own, _)| *own) == request;
        let heard = if is_own {
            match self.in_flight.take() {
                // The engine carried it past the same changes as this side did: the same must have come out.
                Some((_, ours)) if ours.apply(&self.confirmed).is_ok_and(|text| text == confirmed) => Some(Heard::Own),
                _ => None,
            }
        } else {
            self.pass(change).map(Heard::Others)
        };
        self.revision = revision;
        self.confirmed = confirmed;
        heard.unwrap_or(Heard::Lost)
    }

    /// Carries a change of others past what the engine does not have yet.
    fn pass(&mut self, change: &OperationSeq) -> Option<OperationSeq> {
        let mut theirs = change.clone();
        let mut in_flight = None;
        if let Some((request, ours)) = &self.in_flight {
            let (next, carried) = theirs.transform(ours).ok()?;
            theirs = next;
            in_flight = Some((*request, carried));
        }
        let mut buffer = None;
        if let Some((since, ours)) = &self.buffer {
            let (next, carried) = theirs.transform(ours).ok()?;
            theirs = next;
            buffer = Some((*since, carried));
        }
        self.text = theirs.apply(&self.text).ok()?;
        self.in_flight = in_flight;
        self.buffer = buffer;
        carry(&mut self.undo, &theirs);
        carry(&mut self.redo, &theirs);
        Some(theirs)
    }

    /// The engine did not take what was in flight. What is shown is what it has; gives the words that are lost by that.
    pub(super) fn refuse(&mut self, request: RequestId) -> Option<String> {
        if self.in_flight.as_ref().is_none_or(|(own, _)| *own != request) {
            return None;
        }
        let lost = self.words();
        self.in_flight = None;
        self.buffer = None;
        self.text.clone_from(&self.confirmed);
        self.undo.clear();
        self.redo.clear();
        Some(lost)
    }

    /// The words that the engine does not have yet.
    pub(super) fn words(&self) -> String {
        let flying = self.in_flight.iter().map(|(_, change)| change);
        let waiting = self.buffer.iter().map(|(_, change)| change);
        let inserted = flying
            .chain(waiting)
            .flat_map(OperationSeq::ops)
            .filter_map(|part| match part {
                Operation::Insert(words) => Some(words.as_str()),
                Operation::Retain(_) | Operation::Delete(_) => None,
            });
        inserted.collect::<Vec<_>>().join(" ")
    }

    /// Where a place of the confirmed text is in the text that is shown.
    pub(super) fn shown_at(&self, at: usize) -> usize {
        let flying = self.in_flight.iter().map(|(_, change)| change);
        let waiting = self.buffer.iter().map(|(_, change)| change);
        flying.chain(waiting).fold(at, moved)
    }
}

/// Carries steps, the next one last, past a change of the text.
fn carry(steps: &mut Vec<OperationSeq>, theirs: &OperationSeq) {
    let mut theirs = theirs.clone();
    let mut carried = Vec::with_capacity(steps.len());
    while let Some(step) = steps.pop() {
        let Ok((next, step)) = theirs.transform(&step) else {
            break;
        };
        theirs = next;
        carried.push(step);
    }
    carried.reverse();
    *steps = carried;
}

/// Where a place, in characters, is after a change. What is inserted at the place moves it.
pub(super) fn moved(at: usize, change: &OperationSeq) -> usize {
    let (mut left, mut to) = (at as u64, 0_u64);
    for part in change.ops() {
        match part {
            Operation::Insert(words) => to += words.chars().count() as u64,
            Operation::Retain(count) if *count > left => break,
            Operation::Delete(count) if *count > left => {
                left = 0;
                break;
            }
            Operation::Retain(count) => {
                left -= count;
                to += count;
            }
            Operation::Delete(count) => left -= count,
        }
    }
    (to + left) as usize
}

/// Where the last part of a change that is no retaining ends, in the text after it.
fn end_of(change: &OperationSeq) -> usize {
    let (mut at, mut end) = (0_u64, 0_u64);
    for part in change.ops() {
        match part {
            Operation::Retain(count) => at += count,
            Operation::Insert(words) => {
                at += words.chars().count() as u64;
                end = at;
            }
            Operation::Delete(_) => end = at,
        }
    }
    end as usize
}

/// What makes one text the other: what lies between the beginning and the end that both have. None if they are the same.
fn difference(before: &str, after: &str) -> Option<OperationSeq> {
    if before == after {
        return None;
    }
    let same = |a: &(char, char)| a.0 == a.1;
    let prefix = before.chars().zip(after.chars()).take_while(same).count();
    let (old, new) = (before.chars().count(), after.chars().count());
    let room = old.min(new) - prefix;
    let suffix = before
        .chars()
        .rev()
        .zip(after.chars().rev())
        .take(room)
        .take_while(same)
        .count();
    let inserted: String = after.chars().skip(prefix).take(new - prefix - suffix).collect();
    let mut change = OperationSeq::default();
    change.retain(prefix as u64);
    change.delete((old - prefix - suffix) as u64);
    change.insert(&inserted);
    change.retain(suffix as u64);
    Some(change)
}

#[cfg(test)]
mod tests;
