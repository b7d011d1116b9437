//! Who is in: a pure function of the set of membership ops. No IO.
//!
//! Members write at the same time without asking each other, so two ops may contradict each other. Everybody who holds the
//! same ops must come to the same answer, whatever the order in which they arrived:
//!
//! 1. Each op is judged in the state of its **own causal past** ([`graph`]). No later op changes that judgement.
//! 2. A device that wrote two ops for one place of its chain is *forked*: its ops from that place on are vetoed.
//! 3. Removals and demotions of others, strongest author first (role, seniority, then the op's place): one that is not
//!    vetoed and whose author's own membership still stands vetoes every op of its target that is concurrent with it. So a
//!    removal cancels what the removed did at the same time, and of two admins who remove each other the senior's stands.
//!    A removal also vetoes concurrent admissions of the same person, by whomever.
//! 4. A revocation vetoes concurrent admissions by that invitation by others; a denial those of the one person.
//! 5. What is left is applied in the order (depth, id), if what its author's membership rests on (admission, role, device)
//!    was, and if the state so far allows it: that is where an invitation's uses are counted and where the last owner stays.
//!    What somebody did who was admitted by a vetoed op has no effect either.
//!
//! If two admit one person at the same time, the first admission in that order counts, and the other one is *sound*: what
//! the person did on the strength of it stands.
//!
//! Ambiguity resolves to less authority.
//!
//! # Why it stays fast
//!
//! The [`Resolver`] does not take the steps anew for each set (the tests compare it with who does): behind a waist of the set
//! ([`graph`]) nothing changes any more, so the answer for what is up to the waist is where the rest goes on. It does, because
//! of the five steps:
//!
//! - An op counts its own device's chain on from its past, so no place of a chain is written both before and after a waist (2).
//! - Only concurrent ops are vetoed, and what stands on the waist is concurrent with nothing before it (3, 4). That an author's
//!   membership stands need not be asked about what is before the waist either: the author was judged in a past that has all
//!   of it, and in which it resolves to the same.
//! - Whatever is up to the waist is less deep than what stands on it, so it is applied first (5).
//!
//! For the same reasons an op that all others of a set are before is taken in alone, in the very state in which it was judged,
//! whether or not what is before it ends in a waist.
//!
//! Members hear of each other all the time, so nearly every op is a waist, or close behind one.

mod asked;
mod conflicts;
mod graph;
mod resolved;
mod rules;
mod state;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use graph::Node;
pub(super) use graph::{Graph, Grounds, Key, check};
pub(super) use resolved::{Resolved, Whose};
pub(super) use rules::Denied;
pub(super) use state::State;

use super::past::Past;
use super::{Op, OpId};

/// How many of the last answers are remembered. Most ops follow on the newest ones.
const REMEMBERED: usize = 8;

/// The answer up to every so-many-th waist is kept for good, so that a late op does not go back to the genesis. The parties of
/// tests are small.
const STRIDE: usize = if cfg!(test) { 4 } else { 256 };

/// Of a party that is loaded only those up to the last so many ops are: two answers that live side by side share little after
/// a while, and each change copies. The first op that is later than that goes back to the genesis and leaves the others
/// behind.
const LATE: usize = 4 * STRIDE;

/// The function itself, which the answers are compared with; see the module's documentation for its steps.
#[cfg(test)]
pub(super) fn resolve(graph: &Graph, set: &Past) -> Resolved {
    let mut resolved = Resolved::default();
    resolved.go_on(graph, set.iter());
    resolved
}

/// Gives the answers of [`resolve`] and remembers some of them.
#[derive(Clone, Default)]
pub(super) struct Resolver {
    known: BTreeMap<Arc<Past>, Arc<Resolved>>,
    /// Those that are forgotten again, by when they were last gone on from.
    recent: VecDeque<Arc<Past>>,
    /// Ops after which exactly one comes, as far as is known: only that one goes on from the answer up to them.
    passed: HashSet<OpId>,
    /// How many ops there will be, as far as is known.
    expected: usize,
}

/// A part of the way to an answer: what is taken in together.
enum Leg<'a> {
    /// An op that all others are before, with its place.
    One(usize, &'a Node),
    /// What is in the first set and not in the second one, which is all that is up to its last waist.
    Several(Arc<Past>, Arc<Past>),
}

impl Resolver {
    /// What a downward closed set of ops of the graph says.
    pub(super) fn resolve(&mut self, graph: &Graph, set: &Arc<Past>) -> Arc<Resolved> {
        if let Some(known) = self.known.get(&**set) {
            return Arc::clone(known);
        }
        let (from, legs) = self.way(graph, set);
        let mut resolved = self.leave(&from, legs.last());
        for leg in legs.iter().rev() {
            leg.go(graph, &mut resolved);
            if let Leg::One(_, node) = leg
                && node.closed != *set
                && is_kept(graph, &node.closed)
            {
                self.known.insert(Arc::clone(&node.closed), Arc::new(resolved.clone()));
            }
        }
        let answer = Arc::new(resolved);
        self.remember(graph, set, &answer);
        answer
    }

    /// The same, without remembering it.
    pub(super) fn answer(&self, graph: &Graph, set: &Arc<Past>) -> Arc<Resolved> {
        if let Some(known) = self.known.get(&**set) {
            return Arc::clone(known);
        }
        let (from, legs) = self.way(graph, set);
        let mut resolved = self
            .known
            .get(&*from)
            .map(|known| Resolved::clone(known))
            .unwrap_or_default();
        legs.iter().rev().for_each(|leg| leg.go(graph, &mut resolved));
        Arc::new(resolved)
    }

    /// Looks ahead at ops that are about to come: a party that is loaded need not keep a copy of what each of its ops left
    /// behind.
    pub(super) fn expect(&mut self, ops: &[Op]) {
        let (membership, data): (Vec<&Op>, Vec<&Op>) = ops.iter().partition(|op| op.act().is_membership());
        self.passed.reserve(membership.len());
        self.expected = membership.len();
        let mut several = HashSet::new();
        for dep in membership.iter().flat_map(|op| op.deps()) {
            if !self.passed.insert(*dep) {
                several.insert(*dep);
            }
        }
        let named_by_data = data.iter().flat_map(|op| op.deps());
        for op in several.iter().chain(named_by_data) {
            self.passed.remove(op);
        }
    }

    /// The ops that were expected have come.
    pub(super) fn expect_nothing(&mut self) {
        self.passed = HashSet::new();
    }

    /// The answer to go on from: not a copy if nobody will ask for it again.
    fn leave(&mut self, from: &Past, next: Option<&Leg<'_>>) -> Resolved {
        let recent = self.recent.iter().position(|recent| **recent == *from);
        if recent.is_some() && next.is_some_and(|next| self.goes_on_alone(next)) {
            return self.known.remove(from).map(Arc::unwrap_or_clone).unwrap_or_default();
        }
        let used = recent.and_then(|recent| self.recent.remove(recent));
        self.recent.extend(used);
        self.known
            .get(from)
            .map(|known| Resolved::clone(known))
            .unwrap_or_default()
    }

    /// Whether no other op has the same past: there is one that only this one names.
    fn goes_on_alone(&self, leg: &Leg<'_>) -> bool {
        match leg {
            Leg::One(_, node) => node.op.deps().iter().any(|dep| self.passed.contains(dep)),
            Leg::Several(..) => false,
        }
    }

    /// The set whose answer is known, or the empty one, and the parts of the way from there, the last one first.
    fn way<'a>(&self, graph: &'a Graph, set: &Arc<Past>) -> (Arc<Past>, Vec<Leg<'a>>) {
        let mut from = Arc::clone(set);
        let mut legs = Vec::new();
        while from.last().is_some() && !self.known.contains_key(&*from) {
            from = match graph.last(&from) {
                Some((at, last)) => {
                    legs.push(Leg::One(at, last));
                    Arc::clone(&last.past)
                }
                None => {
                    let waist = graph.waist(&from).and_then(|waist| graph.get(waist));
                    let before = waist.map(|waist| Arc::clone(&waist.closed)).unwrap_or_default();
                    legs.push(Leg::Several(from, Arc::clone(&before)));
                    before
                }
            };
        }
        (from, legs)
    }

    fn remember(&mut self, graph: &Graph, set: &Arc<Past>, answer: &Arc<Resolved>) {
        self.known.insert(Arc::clone(set), Arc::clone(answer));
        let is_late = set
            .last()
            .is_some_and(|last| last.saturating_add(LATE) >= self.expected);
        if is_late && is_kept(graph, set) {
            return;
        }
        self.recent.push_back(Arc::clone(set));
        if self.recent.len() > REMEMBERED
            && let Some(oldest) = self.recent.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

impl Leg<'_> {
    fn go(&self, graph: &Graph, resolved: &mut Resolved) {
        match self {
            Self::One(at, node) => resolved.go_on_alone(node, *at),
            Self::Several(set, before) => resolved.go_on(graph, set.beyond(before)),
        }
    }
}

/// Whether the set is that of all ops up to a waist whose answer is kept.
fn is_kept(graph: &Graph, set: &Past) -> bool {
    graph
        .last(set)
        .is_some_and(|(_, last)| last.waists.is_multiple_of(STRIDE))
}

#[cfg(test)]
mod tests;
