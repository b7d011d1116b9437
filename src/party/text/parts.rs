//! A large change of a text, such as a long paste, as several that fit into an op each. No IO.

use operational_transform::{Operation, OperationSeq};

use super::Text;

/// How much one op may write into a text, in bytes: with its pieces and all deps that it may name an op stays below its
/// longest.
const MAX_WRITTEN: usize = 2400;
/// How many pieces one op may have: each names a character, which takes some 45 bytes.
const MAX_PIECES: usize = 16;

impl Text {
    /// The change in parts, every one on the one before; none if the change is for a text of another length.
    #[must_use]
    pub fn parts(&self, change: &OperationSeq) -> Option<Vec<OperationSeq>> {
        let mut pieces = self.pieces(change)?;
        let mut parts = Vec::new();
        // From the end to the beginning, so that the places of what is left to do stay what they are.
        let mut before = change.base_len() as u64;
        let mut after = 0;
        while !pieces.is_empty() {
            let (mut part, mut written, mut named) = (Vec::new(), 0, 0);
            while let Some(piece) = pieces.last() {
                let cost = if let Operation::Insert(text) = piece {
                    text.len()
                } else {
                    0
                };
                let names = usize::from(!matches!(piece, Operation::Retain(_)));
                if written + cost > MAX_WRITTEN || named + names > MAX_PIECES {
                    break;
                }
                (written, named) = (written + cost, named + names);
                if let Operation::Retain(count) | Operation::Delete(count) = piece {
                    before -= count;
                }
                part.extend(pieces.pop());
            }
            let around = |count| std::iter::once(Operation::Retain(count));
            let step: OperationSeq = around(before)
                .chain(part.into_iter().rev())
                .chain(around(after))
                .collect();
            after = (step.target_len() as u64).saturating_sub(before);
            if !step.is_noop() {
                parts.push(step);
            }
        }
        Some(parts)
    }

    /// The change in pieces that are not too long each.
    fn pieces(&self, change: &OperationSeq) -> Option<Vec<Operation>> {
        if change.base_len() != self.len() {
            return None;
        }
        let (mut at, mut pieces) = (0_usize, Vec::new());
        for operation in change.ops() {
            match operation {
                Operation::Retain(count) => {
                    at += usize::try_from(*count).ok()?;
                    pieces.push(operation.clone());
                }
                Operation::Delete(count) => {
                    let count = usize::try_from(*count).ok()?;
                    let runs = self.sequence.runs(at, count);
                    pieces.extend(runs.iter().map(|(_, count)| Operation::Delete(u64::from(*count))));
                    at += count;
                }
                Operation::Insert(text) => {
                    let mut part = String::new();
                    for char in text.chars() {
                        if part.len() + char.len_utf8() > MAX_WRITTEN {
                            pieces.push(Operation::Insert(std::mem::take(&mut part)));
                        }
                        part.push(char);
                    }
                    pieces.push(Operation::Insert(part));
                }
            }
        }
        Some(pieces)
    }
}
