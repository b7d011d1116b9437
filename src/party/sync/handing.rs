//! One device of a person hands another one the log of a party that it lacks. No IO.

use super::{Sync, SyncError, SyncMessage, SyncOutput, portions};
use crate::party::Party;

/// The most bytes of ops that are handed over at once: as much as an admission carries.
pub const MAX_HANDED: usize = 1024 * 1024;

/// What has come of it so far.
#[derive(Debug, Default)]
pub(super) struct Handed {
    ops: Vec<Vec<u8>>,
    bytes: usize,
}

impl Handed {
    /// Takes a part of it.
    #[expect(clippy::fn_params_excessive_bools, reason = "the frame's own field, by its name")]
    pub(super) fn take(&mut self, last: bool, ops: &[Vec<u8>]) -> Result<Vec<SyncOutput>, SyncError> {
        let bytes = ops.iter().map(Vec::len).fold(self.bytes, usize::saturating_add);
        // A part brings something, or is the last: so the number of parts is bounded like their bytes.
        if bytes > MAX_HANDED || ops.is_empty() && !last {
            return Err(SyncError::HandedTooMuch);
        }
        self.bytes = bytes;
        self.ops.extend_from_slice(ops);
        if !last {
            return Ok(Vec::new());
        }
        Ok(vec![SyncOutput::Handed(std::mem::take(self).ops)])
    }
}

impl Sync {
    /// Hands a party over to another device of the same person: its membership ops. None if they are too many.
    #[must_use]
    pub fn hand_over(party: &Party) -> Option<Vec<SyncOutput>> {
        if party.admission_length() > MAX_HANDED {
            return None;
        }
        let portions = portions(&party.membership_closure());
        let count = portions.len();
        let parts = portions.into_iter().enumerate().map(|(at, ops)| {
            let last = at + 1 == count;
            SyncOutput::Send(SyncMessage::Handed { last, ops }.encode())
        });
        Some(parts.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::fixture::{admits, at, founded, person};
    use crate::party::{MAX_OP, Role};

    fn frames(outputs: Vec<SyncOutput>) -> Vec<Vec<u8>> {
        let frame = |output| match output {
            SyncOutput::Send(frame) => frame,
            other => panic!("{other:?}"),
        };
        outputs.into_iter().map(frame).collect()
    }

    #[test]
    fn a_party_that_takes_several_frames_arrives_as_one() {
        let alice = person(1);
        let mut party = founded(&alice);
        for n in 2..=255 {
            party.write(&alice, admits(&person(n), Role::Reader), at(1)).unwrap();
        }
        for _ in 0..100 {
            let name = "X".repeat(64);
            party.write(&alice, crate::party::Act::Renamed { name }, at(2)).unwrap();
        }
        let frames = frames(Sync::hand_over(&party).unwrap());
        assert!(frames.len() > 1);
        let mut other = Sync::default();
        let mut handed = Vec::new();
        for frame in frames {
            handed.extend(other.handle(&frame, &[]).unwrap());
        }
        let ops = party
            .membership_closure()
            .iter()
            .map(|op| op.bytes().to_vec())
            .collect();
        assert_eq!(handed, [SyncOutput::Handed(ops)]);
    }

    #[test]
    fn what_is_handed_over_is_bounded() {
        let part = |last, ops| SyncMessage::Handed { last, ops }.encode();
        let mut sync = Sync::default();
        assert_eq!(sync.handle(&part(false, vec![]), &[]), Err(SyncError::HandedTooMuch));
        let full = part(false, vec![vec![1; MAX_OP]; 32]);
        let taken = (0..).take_while(|_| sync.handle(&full, &[]).is_ok()).count();
        assert_eq!(taken, MAX_HANDED / (32 * MAX_OP));
    }
}
