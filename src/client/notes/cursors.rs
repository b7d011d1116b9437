//! Where others are in a note, and where this person is.

use operational_transform::{Operation, OperationSeq};

use super::OpenNote;
use crate::client::error::ClientError;
use crate::worker::{Command, CursorView};

#[cfg(doc)]
use crate::failure::Failure;

impl OpenNote {
    /// Where others are in [`Self::text`].
    #[must_use]
    pub fn cursors(&self) -> &[CursorView] {
        &self.cursors
    }

    /// Waits until [`Self::text`] or [`Self::cursors`] is another. Cancel safe.
    ///
    /// # Errors
    /// As [`Self::changed`].
    pub async fn moved(&mut self) -> Result<(), ClientError> {
        let before = self.cursors.clone();
        while self.step().await?.is_none() && self.cursors == before {}
        Ok(())
    }

    /// Tells the others where this person's cursor is: so many characters of [`Self::text`] stand before it. None when the
    /// note is no longer being edited.
    ///
    /// # Errors
    /// [`Failure::ItemUnknown`], [`Failure::PartyUnknown`]; [`ClientError::Stopped`].
    pub async fn show_cursor(&self, at: Option<usize>) -> Result<(), ClientError> {
        let ((party, note), revision) = (self.hold.note, self.revision);
        let command = Command::ShowCursor {
            party,
            note,
            revision,
            at,
        };
        self.link.order(command).await
    }
}

/// Carries cursors past a change of the text. What is written right at a cursor comes after it: who wrote it tells a new
/// place of their own.
pub(super) fn carry(cursors: &mut [CursorView], change: &OperationSeq) {
    for cursor in cursors {
        cursor.at = carried(cursor.at, change);
    }
}

fn carried(before: usize, change: &OperationSeq) -> usize {
    let (mut old, mut at) = (0_usize, before);
    for operation in change.ops() {
        match operation {
            Operation::Retain(count) => old = old.saturating_add(usize::try_from(*count).unwrap_or(usize::MAX)),
            Operation::Delete(count) => {
                let end = old.saturating_add(usize::try_from(*count).unwrap_or(usize::MAX));
                at -= end.min(before).saturating_sub(old);
                old = end;
            }
            Operation::Insert(text) if old < before => at = at.saturating_add(text.chars().count()),
            Operation::Insert(_) => {}
        }
        if old >= before {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(make: impl FnOnce(&mut OperationSeq)) -> OperationSeq {
        let mut change = OperationSeq::default();
        make(&mut change);
        change
    }

    #[test]
    fn a_cursor_stays_beside_its_character() {
        let written = change(|change| {
            change.retain(3);
            change.insert("two ");
            change.retain(5);
        });
        assert_eq!([0, 3, 4, 8].map(|at| carried(at, &written)), [0, 3, 8, 12]);
        let deleted = change(|change| {
            change.retain(2);
            change.delete(3);
            change.retain(3);
        });
        assert_eq!([0, 2, 3, 5, 8].map(|at| carried(at, &deleted)), [0, 2, 2, 2, 5]);
        let replaced = change(|change| {
            change.insert("new");
            change.delete(4);
            change.retain(2);
        });
        assert_eq!([0, 2, 4, 6].map(|at| carried(at, &replaced)), [0, 3, 3, 5]);
    }
}
