//! What new ops do to a party: who is in, and which data has effect. No IO.

use std::sync::Arc;

use super::content::Content;
use super::log::Entry;
use super::resolver::{Grounds, Whose};
use super::text::Effect;
use super::witness::Witness;
use super::{Act, Op, Party};
use crate::identity::{DeviceId, IdentityId};
use crate::party::past::Past;

impl Party {
    /// Brings membership and content up to date with ops that were just added.
    ///
    /// A data op costs only itself. Membership ops resolve once for all of them, and go over the data again only if one of
    /// them took effect away from another; so does a fork, once.
    pub(super) fn settle(&mut self, came: &[usize]) {
        let new: Vec<&Entry> = came.iter().filter_map(|at| self.log.entries().get(*at)).collect();
        let places: Vec<usize> = new.iter().filter_map(|entry| entry.place).collect();
        let has_newer = new.iter().any(|entry| matches!(entry.op.act(), Act::Unknown { .. }));
        let mut again = !self.log.take_new_forks().is_empty();
        let witnesses = self.log.take_new_witnesses();
        if !places.is_empty() {
            again |= self.resolve(&places);
        }
        again |= witnesses
            .iter()
            .any(|(device, witness)| self.may_save(*device, witness));
        if again || has_newer || !places.is_empty() {
            self.membership.set_oddities(self.log.oddities(&self.resolved));
        }
        let old = std::mem::take(&mut self.content);
        if again {
            let mut content = Content::default();
            let entries = self.log.entries().iter();
            entries.for_each(|entry| self.apply(entry, &mut content));
            content.notes.follow(&old.notes);
            self.content = content;
        } else {
            let mut content = old;
            let new = came.iter().filter_map(|at| self.log.entries().get(*at));
            new.for_each(|entry| self.apply(entry, &mut content));
            self.content = content;
        }
    }

    /// Takes a data op into the content, if what it says is valid.
    fn apply(&self, entry: &Entry, content: &mut Content) {
        if let Some((grounds, role)) = entry.grounds {
            let effect = self.effect(entry, grounds);
            content.apply(entry.key(), &entry.op, role, effect);
        }
    }

    /// Whether a valid data op takes effect: the rules of [`super`], but for the first, which has been judged when the op came.
    pub(super) fn effect(&self, entry: &Entry, grounds: Grounds) -> Effect {
        let (author, device) = (entry.op.author(), entry.op.device());
        if !grounds.iter().all(|ground| self.resolved.sound.contains(ground)) {
            return Effect::Cancelled;
        }
        if self
            .log
            .data_forks()
            .get(&device)
            .is_some_and(|from| entry.op.seq() >= *from)
            || self
                .resolved
                .forks
                .get(&device)
                .is_some_and(|from| self.log.builds_on_fork(entry, *from))
        {
            return Effect::Cancelled;
        }
        let mut removals = self.removals(author, device, &entry.view);
        if removals.all(|removal| self.is_known_to(removal, &entry.op)) {
            Effect::Stands
        } else {
            Effect::Cancelled
        }
    }

    /// The removals in effect that are about this person's data at this device, and that are not in this past.
    fn removals(&self, author: IdentityId, device: DeviceId, view: &Past) -> impl Iterator<Item = &Op> {
        let cuts = [Whose::Member(author), Whose::Device(device)]
            .into_iter()
            .filter_map(|whose| self.resolved.cuts.get(&whose.key()));
        let unseen = cuts.flat_map(|cuts| cuts.iter()).filter(|at| !view.contains(**at));
        unseen.filter_map(|at| Some(&self.log.graph.get(*at)?.op))
    }

    /// Whether a removal leaves this op its effect: its author held it, or it came before and somebody else has built on it
    /// who had not heard of the removal either.
    fn is_known_to(&self, removal: &Op, op: &Op) -> bool {
        let (Act::MemberRemoved { known, .. } | Act::RoleChanged { known, .. } | Act::DeviceRemoved { known, .. }) =
            removal.act()
        else {
            return false;
        };
        let mut witnesses = self.log.witnesses().of(op.device(), op.seq());
        op.seq() < known.of(op.device())
            || op.time() <= removal.time() && witnesses.any(|witness| self.is_sound(witness, removal))
    }

    /// Whether a witness had not heard of this removal, and none is in effect that is about its own data and not in its past:
    /// two people who were removed do not save each other's.
    fn is_sound(&self, witness: &Witness, removal: &Op) -> bool {
        let heard = self.log.places(&[removal.id()]);
        let heard = heard.into_iter().any(|at| witness.view.contains(at));
        !heard
            && self
                .removals(witness.author, witness.device, &witness.view)
                .next()
                .is_none()
    }

    /// Whether a new witness may give an op of this device its effect back.
    fn may_save(&self, device: DeviceId, witness: &Witness) -> bool {
        let author = self.log.author_of(device);
        author.is_some_and(|author| self.removals(author, device, &witness.view).next().is_some())
    }

    /// Resolves anew, with new membership ops at these places, ascending. Whether data that was there already may have another
    /// effect now.
    fn resolve(&mut self, places: &[usize]) -> bool {
        let resolved = self.log.resolve(&Arc::new(self.log.graph.all()));
        let old = std::mem::replace(&mut self.resolved, Arc::clone(&resolved));
        resolved.show(&old, &mut self.membership);
        let mut regained = resolved
            .sound
            .beyond(&old.sound)
            .filter(|at| places.binary_search(at).is_err());
        !old.sound.is_subset(&resolved.sound)
            || regained.next().is_some()
            || !resolved.cuts_as(&old)
            || old.forks != resolved.forks
    }
}

#[cfg(test)]
mod tests;
