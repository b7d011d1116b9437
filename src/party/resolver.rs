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

/// The answer up to every so-many-th waist is kept for good, so that a late op does not go back to the genesis.
const STRIDE: usize = 64;

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
    /// Those that are forgotten again, oldest first.
    recent: VecDeque<Arc<Past>>,
    /// Ops after which exactly one comes, as far as is known: only that one goes on from the answer up to them.
    passed: HashSet<OpId>,
}

/// A part of the way to an answer: from the ops up to a waist to all ops of a set.
struct Leg {
    set: Arc<Past>,
    from: Option<usize>,
}

impl Resolver {
    /// What a downward closed set of ops of the graph says.
    pub(super) fn resolve(&mut self, graph: &Graph, set: &Arc<Past>) -> Arc<Resolved> {
        if let Some(known) = self.known.get(&**set) {
            return Arc::clone(known);
        }
        let (from, mut legs) = self.way(graph, set);
        let mut resolved = from.and_then(|from| self.leave(graph, from)).unwrap_or_default();
        while let Some(leg) = legs.pop() {
            leg.go(graph, &mut resolved);
            if !legs.is_empty() && is_kept(graph, &leg.set) {
                self.known.insert(leg.set, Arc::new(resolved.clone()));
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
        let from = from.and_then(|from| self.known.get(&from.closed));
        let mut resolved = from.map(|from| Resolved::clone(from)).unwrap_or_default();
        legs.iter().rev().for_each(|leg| leg.go(graph, &mut resolved));
        Arc::new(resolved)
    }

    /// Looks ahead at ops that are about to come: a party that is loaded need not keep a copy of what each of its ops left
    /// behind.
    pub(super) fn expect(&mut self, ops: &[Op]) {
        let (membership, data): (Vec<&Op>, Vec<&Op>) = ops.iter().partition(|op| op.act().is_membership());
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

    /// The answer up to a waist, to go on from.
    fn leave(&mut self, graph: &Graph, waist: &Node) -> Option<Resolved> {
        if self.passed.contains(&waist.op.id()) && !is_kept(graph, &waist.closed) {
            self.known.remove(&*waist.closed).map(Arc::unwrap_or_clone)
        } else {
            self.known.get(&*waist.closed).map(|known| Resolved::clone(known))
        }
    }

    /// The waist up to which the answer is known, and the parts of the way from there, the last one first.
    fn way<'a>(&self, graph: &'a Graph, set: &Arc<Past>) -> (Option<&'a Node>, Vec<Leg>) {
        let mut set = Arc::clone(set);
        let mut legs = Vec::new();
        loop {
            let from = graph.waist_below(&set);
            legs.push(Leg { set, from });
            let Some(waist) = from.and_then(|from| graph.get(from)) else {
                return (None, legs);
            };
            if self.known.contains_key(&*waist.closed) {
                return (Some(waist), legs);
            }
            set = Arc::clone(&waist.closed);
        }
    }

    fn remember(&mut self, graph: &Graph, set: &Arc<Past>, answer: &Arc<Resolved>) {
        self.known.insert(Arc::clone(set), Arc::clone(answer));
        if is_kept(graph, set) {
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

impl Leg {
    fn go(&self, graph: &Graph, resolved: &mut Resolved) {
        match self.from.and_then(|from| graph.get(from)) {
            Some(waist) => resolved.go_on(graph, self.set.beyond(&waist.closed)),
            None => resolved.go_on(graph, self.set.iter()),
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
