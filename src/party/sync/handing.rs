//! One device of a person hands another one the log of a party that it lacks. No IO.

use super::{Sync, SyncError, SyncMessage, SyncOutput, portions};
use crate::party::Party;

/// The most bytes of ops that are handed over of one party, each with 32 bytes for its place: far more than an admission carries,
/// as it is between devices of one person.
pub const MAX_HANDED: usize = 16 * 1024 * 1024;

/// What an op takes beside its bytes.
const PLACE: usize = 32;

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
        let bytes = self.bytes.saturating_add(length(ops.iter().map(Vec::len)));
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
    /// Whether a frame hands something over. One from a device that is not this person's own must not reach [`Sync::handle`],
    /// which keeps it until the last one has come.
    #[must_use]
    pub fn hands_over(frame: &[u8]) -> bool {
        SyncMessage::is_handed(frame)
    }

    /// Hands a party over to another device of the same person: its membership ops. None if they are too many.
    #[must_use]
    pub fn hand_over(party: &Party) -> Option<Vec<SyncOutput>> {
        let ops = party.membership_closure();
        if length(ops.iter().map(|op| op.bytes().len())) > MAX_HANDED {
            return None;
        }
        let portions = portions(&ops);
        let count = portions.len();
        let parts = portions.into_iter().enumerate().map(|(at, ops)| {
            let last = at + 1 == count;
            SyncOutput::Send(SyncMessage::Handed { last, ops }.encode())
        });
        Some(parts.collect())
    }
}

/// How much room ops of these lengths take, in bytes.
fn length(ops: impl Iterator<Item = usize>) -> usize {
    ops.map(|op| op.saturating_add(PLACE)).fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::fixture::{admits, at, founded, hex, person};
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
        assert_eq!(taken, MAX_HANDED / (32 * (MAX_OP + PLACE)));

        let mut sync = Sync::default();
        let small = part(false, vec![vec![1]; 20_000]);
        let taken = (0..).take_while(|_| sync.handle(&small, &[]).is_ok()).count();
        assert_eq!(
            taken,
            MAX_HANDED / (20_000 * (1 + PLACE)),
            "many small ops take room too"
        );
        let empty = part(false, vec![vec![]]);
        assert!(sync.handle(&empty, &[]).is_err(), "an op has bytes");
    }

    #[test]
    fn the_frames_are_those_of_the_specification() {
        // Put together by another program, from the text of PROTOCOL.md: a part, and the end without one.
        let vectors = include_str!("../../../tests/vectors/handed.hex");
        let part = (false, vec![vec![1, 2, 3], vec![4; 30]]);
        for (bytes, (last, ops)) in vectors.lines().zip([part, (true, vec![])]) {
            let frame = SyncMessage::Handed { last, ops };
            assert_eq!(frame.encode(), hex(bytes));
            assert_eq!(SyncMessage::decode(&hex(bytes)), Ok(frame));
        }
    }

    #[test]
    fn a_frame_that_hands_over_is_known_by_its_first_byte() {
        let ops = vec![vec![1]];
        assert!(Sync::hands_over(&SyncMessage::Handed { last: true, ops }.encode()));
        let addresses = vec![];
        assert!(!Sync::hands_over(&SyncMessage::Addresses { addresses }.encode()));
        assert!(!Sync::hands_over(&[]));
    }
}
