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
//! 4. A revocation vetoes concurrent admissions by that invitation by others.
//! 5. What is left is applied in the order (depth, id), if what its author's membership rests on (admission, role, device)
//!    was, and if the state so far allows it: that is where an invitation's uses are counted and where the last owner stays.
//!    What somebody did who was admitted by a vetoed op has no effect either.
//!
//! If two admit one person at the same time, the first admission in that order counts, and the other one is *sound*: what
//! the person did on the strength of it stands.
//!
//! Ambiguity resolves to less authority.

mod graph;
mod rules;
mod state;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

pub(super) use graph::{Graph, Grounds, Key, Node, check};
pub(super) use rules::Denied;
pub(super) use state::State;

use self::graph::Target;
use self::rules::{allowed, is_delegated};
use super::membership::Oddities;
use super::past::Past;
use super::{Act, Device, Member, Membership, OpId, Role};
use crate::identity::DeviceId;

/// How many answers are remembered. Most ops follow on the newest ones.
const REMEMBERED: usize = 16;

/// What a set of ops says.
#[derive(Clone, Default)]
pub(super) struct Resolved {
    pub(super) state: State,
    /// The ops that took effect.
    pub(super) applied: Past,
    /// The same, and admissions of somebody who had been admitted by another op at the same time.
    pub(super) sound: Past,
    /// The first place of each device's chain that was written twice.
    pub(super) forks: BTreeMap<DeviceId, u64>,
    pub(super) overused: Vec<OpId>,
}

/// Answers, and remembers the last few.
#[derive(Clone, Default)]
pub(super) struct Resolver {
    known: BTreeMap<Past, Arc<Resolved>>,
    order: VecDeque<Past>,
}

impl Resolver {
    /// What a downward closed set of ops of the graph says.
    pub(super) fn resolve(&mut self, graph: &Graph, set: &Past) -> Arc<Resolved> {
        if let Some(known) = self.known.get(set) {
            return Arc::clone(known);
        }
        let answer = Arc::new(self.one_more(graph, set).unwrap_or_else(|| resolve(graph, set)));
        self.known.insert(set.clone(), Arc::clone(&answer));
        self.order.push_back(set.clone());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        answer
    }

    /// The short way: if one op follows on all others, nothing is concurrent with it and it cancels nothing.
    fn one_more(&self, graph: &Graph, set: &Past) -> Option<Resolved> {
        let last = set.iter().last()?;
        let node = graph.get(last)?;
        if *node.closed != *set {
            return None;
        }
        let mut resolved = Resolved::clone(self.known.get(&node.past)?);
        let forked = resolved
            .forks
            .get(&node.op.device())
            .is_some_and(|from| node.op.seq() >= *from);
        if !forked {
            resolved.take(node, last);
        }
        Some(resolved)
    }
}

impl Resolved {
    /// Applies one op that is not vetoed, if it may take effect.
    fn take(&mut self, node: &Node, at: usize) {
        let Some(authority) = &node.authority else { return };
        let mut grounds = authority.grounds.into_iter().flat_map(Grounds::iter);
        if !grounds.all(|ground| self.sound.contains(ground)) {
            return;
        }
        match allowed(&self.state, node) {
            Ok(()) => {
                self.state.apply(node, at);
                self.applied.insert(at);
                self.sound.insert(at);
            }
            Err(Denied::AlreadyMember) if self.state.has(node.op.act()) => self.sound.insert(at),
            Err(Denied::UsedUp) => self.overused.push(node.op.id()),
            Err(_) => {}
        }
    }

    /// What the rest of the program asks.
    pub(super) fn membership(&self, graph: &Graph, oddities: Oddities) -> Membership {
        let mut entries: Vec<_> = self.state.members.iter().collect();
        entries.sort_unstable_by_key(|(_, entry)| entry.admission_key);
        let members = entries.into_iter().map(|(identity, entry)| Member {
            identity: *identity,
            role: entry.role,
            name: entry.name.clone(),
            admitted_by: entry.admitted_by,
            since: entry.since,
            devices: entry
                .devices
                .iter()
                .map(|(id, known)| Device {
                    device: *id,
                    endpoint: known.endpoint,
                })
                .collect(),
            invitation: entry.invitation,
            admission: graph
                .get(entry.admission)
                .map_or(entry.admission_key.1, |node| node.op.id()),
        });
        Membership::new(self.state.name.clone(), members.collect(), oddities)
    }

    /// What somebody's membership rests on, if the role is at least this one.
    pub(super) fn grounds(&self, op: &super::Op, at_least: Role) -> Option<Grounds> {
        let member = self.state.member(op.author())?;
        if member.role >= at_least {
            member.grounds(op.device())
        } else {
            None
        }
    }
}

/// The function itself; see the module's documentation for its steps.
pub(super) fn resolve(graph: &Graph, set: &Past) -> Resolved {
    let mut order: Vec<(usize, &Node)> = set.iter().filter_map(|at| Some((at, graph.get(at)?))).collect();
    order.sort_unstable_by_key(|(_, node)| node.key());
    let forks = forks(&order);
    let mut vetoed = Past::default();
    for (at, node) in &order {
        if forks.get(&node.op.device()).is_some_and(|from| node.op.seq() >= *from) {
            vetoed.insert(*at);
        }
    }
    strike(graph, &order, &mut vetoed);
    revoke(graph, &order, &mut vetoed);
    let mut resolved = Resolved {
        forks,
        ..Resolved::default()
    };
    for (at, node) in order {
        if !vetoed.contains(at) {
            resolved.take(node, at);
        }
    }
    resolved
}

/// Step 2: the first place of each chain with two ops that were both authorised.
fn forks(order: &[(usize, &Node)]) -> BTreeMap<DeviceId, u64> {
    let mut seen = BTreeMap::new();
    let mut forks = BTreeMap::new();
    for (_, node) in order.iter().filter(|(_, node)| node.authority.is_some()) {
        let (device, seq) = (node.op.device(), node.op.seq());
        if seen.insert((device, seq), ()).is_some() {
            forks
                .entry(device)
                .and_modify(|first: &mut u64| *first = seq.min(*first))
                .or_insert(seq);
        }
    }
    forks
}

/// Step 3.
fn strike(graph: &Graph, order: &[(usize, &Node)], vetoed: &mut Past) {
    let mut strikes: Vec<_> = order
        .iter()
        .filter_map(|(at, node)| {
            let authority = node.authority.as_ref()?;
            Some((authority.rank, *at, *node, authority.strikes?))
        })
        .collect();
    strikes.sort_unstable_by_key(|(rank, ..)| *rank);
    for (_, at, node, target) in strikes {
        if !stands(graph, vetoed, at) {
            continue;
        }
        for (struck, other) in order {
            let is_target = match target {
                Target::Member(member) => other.op.author() == member,
                Target::Device(device) => other.op.device() == device,
            };
            let comes_back = matches!((node.op.act(), other.op.act()),
                (Act::MemberRemoved { member: out }, Act::MemberAdmitted { member, .. }) if out == member);
            if (is_target || comes_back) && are_concurrent((at, node), (*struck, other)) {
                vetoed.insert(*struck);
            }
        }
    }
}

/// Step 4.
fn revoke(graph: &Graph, order: &[(usize, &Node)], vetoed: &mut Past) {
    for (at, node) in order {
        let Act::InvitationRevoked { invitation: revoked } = node.op.act() else {
            continue;
        };
        if node.authority.is_none() || !stands(graph, vetoed, *at) {
            continue;
        }
        for (used, other) in order {
            let uses = matches!(other.op.act(), Act::MemberAdmitted { invitation, how, .. }
                if is_delegated(*how) && invitation == revoked);
            if uses && other.op.author() != node.op.author() && are_concurrent((*at, node), (*used, other)) {
                vetoed.insert(*used);
            }
        }
    }
}

/// Whether neither the op nor anything that its author's membership rests on is vetoed.
fn stands(graph: &Graph, vetoed: &Past, at: usize) -> bool {
    let mut seen = Past::default();
    let mut open = vec![at];
    while let Some(at) = open.pop() {
        if vetoed.contains(at) {
            return false;
        }
        if !seen.contains(at) {
            seen.insert(at);
            let authority = graph.get(at).and_then(|node| node.authority.as_ref());
            open.extend(
                authority
                    .and_then(|authority| authority.grounds)
                    .into_iter()
                    .flat_map(Grounds::iter),
            );
        }
    }
    true
}

fn are_concurrent((x, x_node): (usize, &Node), (y, y_node): (usize, &Node)) -> bool {
    x != y && !x_node.past.contains(y) && !y_node.past.contains(x)
}

#[cfg(test)]
mod tests;
