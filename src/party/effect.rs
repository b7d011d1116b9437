//! What new ops do to a party: who is in, and which data has effect. No IO.

use std::sync::Arc;

use super::content::Content;
use super::log::Entry;
use super::text::Effect;
use super::{Act, Party};

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
        let first = came.first().copied().unwrap_or_default();
        if !places.is_empty() {
            again |= self.resolve(&places);
        }
        again |= witnesses
            .iter()
            .any(|(device, witness)| self.saves(*device, *witness, first));
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
        if let Some((_, role)) = entry.grounds {
            let effect = self.effect(entry);
            content.apply(entry.key(), &entry.op, role, effect);
        }
    }

    /// Whether a valid data op takes effect: the rules of [`super`], but for the first, which has been judged when the op came.
    pub(super) fn effect(&self, entry: &Entry) -> Effect {
        if self.is_grounded(entry) && self.is_left_by_removals(entry) {
            Effect::Stands
        } else {
            Effect::Cancelled
        }
    }

    /// Whether what made the author an editor stands, and the device is not forked at or before that place: rules 2 and 3.
    pub(super) fn is_grounded(&self, entry: &Entry) -> bool {
        let Some((grounds, _)) = entry.grounds else {
            return false;
        };
        let (device, seq) = (entry.op.device(), entry.op.seq());
        let is_forked = || self.log.data_forks().get(&device).is_some_and(|from| seq >= *from);
        let builds_on_fork = || {
            let from = self.resolved.forks.get(&device);
            from.is_some_and(|from| self.log.builds_on_fork(entry, *from))
        };
        grounds.iter().all(|ground| self.resolved.sound.contains(ground)) && !is_forked() && !builds_on_fork()
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
