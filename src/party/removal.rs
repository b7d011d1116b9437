//! What a removal leaves of the data that it is about: rule 4 of LOG.md. No IO.

use super::log::Entry;
use super::resolver::Whose;
use super::witness::Witness;
use super::{Act, Op, Party};
use crate::identity::DeviceId;

impl Party {
    /// Whether every removal that is about this op, and that its past lacks, leaves it its effect.
    pub(super) fn is_left_by_removals(&self, entry: &Entry) -> bool {
        self.unseen_removals(entry)
            .all(|(at, removal)| is_left(removal, &entry.op) || self.is_saved(at, removal, entry))
    }

    /// The removals in effect that are about this op's author or device and that its past lacks, with their places.
    fn unseen_removals<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = (usize, &'a Op)> {
        let cuts = [Whose::Member(entry.op.author()), Whose::Device(entry.op.device())]
            .into_iter()
            .filter_map(|whose| self.resolved.cuts.get(&whose.key()));
        let unseen = cuts
            .flat_map(|cuts| cuts.iter())
            .filter(|at| !entry.view.contains(**at));
        unseen.filter_map(|at| Some((*at, &self.log.graph.get(*at)?.op)))
    }

    /// Whether an op is dated before the removal, and somebody else has built on it who had not heard of the removal either.
    fn is_saved(&self, at: usize, removal: &Op, entry: &Entry) -> bool {
        entry.op.time() <= removal.time()
            && self
                .log
                .witnesses()
                .of(entry.op.device(), entry.op.seq())
                .any(|witness| self.vouches(witness, at))
    }

    /// Whether a witness had not heard of this removal and has its effect whatever others say for it: those who were removed,
    /// and those whom they let in, do not save each other's.
    fn vouches(&self, witness: Witness, at: usize) -> bool {
        self.log.entries().get(witness.at).is_some_and(|entry| {
            !entry.view.contains(at)
                && self.is_grounded(entry)
                && self
                    .unseen_removals(entry)
                    .all(|(_, removal)| is_left(removal, &entry.op))
        })
    }

    /// Whether a new witness gives an op of this device its effect back. `first` is the first op that came with it: what the
    /// others there say is new as well.
    pub(super) fn saves(&self, device: DeviceId, witness: Witness, first: usize) -> bool {
        let Some(newest) = self.log.data_of(device, witness.seq..=witness.seq).next() else {
            return false;
        };
        self.unseen_removals(newest).any(|(at, removal)| {
            let mut others = self.log.witnesses().of(device, 0).filter(|other| other.at < first);
            let saved = others.find(|other| self.vouches(*other, at));
            let from = saved.map_or(0, |saved| saved.seq.saturating_add(1));
            self.vouches(witness, at)
                && self
                    .log
                    .data_of(device, from..=witness.seq)
                    .any(|entry| entry.op.time() <= removal.time() && !is_left(removal, &entry.op))
        })
    }
}

/// Whether a removal leaves an op its effect, whoever has built on it: its author held it. Who leaves, or retires a device of
/// their own, takes nothing away from what came before, by the dates in the ops; who makes themselves a reader has no say.
fn is_left(removal: &Op, op: &Op) -> bool {
    let is_own = removal.author() == op.author();
    match removal.act() {
        Act::MemberRemoved { .. } | Act::DeviceRemoved { .. } if is_own => op.time() <= removal.time(),
        Act::RoleChanged { .. } if is_own => false,
        Act::MemberRemoved { known, .. } | Act::RoleChanged { known, .. } | Act::DeviceRemoved { known, .. } => {
            op.seq() < known.of(op.device())
        }
        _ => false,
    }
}
