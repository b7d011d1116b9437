//! The membership ops with what each one's own past says about it, which no later op changes. No IO.
//!
//! An op that is before or after every other op of a set is a **waist** of the set. Nothing that comes after a waist is
//! concurrent with anything before it, so what is before it is settled. The waists of a set are a chain, and those of what an
//! op names meet where they have their last waist in common: the graph's dominator tree.

use std::cmp::Reverse;
use std::sync::Arc;

use super::rules::{allowed, is_proven};
use super::{Resolver, State};
use crate::identity::{DeviceId, IdentityId};
use crate::party::past::{Past, union};
use crate::party::{Act, Op, OpId, Role};

/// The order of all ops that everybody agrees on: causal first, then by hash.
pub(in crate::party) type Key = (u64, OpId);

/// One membership op in the graph.
#[derive(Clone)]
pub(in crate::party) struct Node {
    pub(in crate::party) op: Op,
    /// One more than the deepest op that it names.
    pub(in crate::party) depth: u64,
    /// Every op that happened before it.
    pub(in crate::party) past: Arc<Past>,
    /// The same and itself.
    pub(in crate::party) closed: Arc<Past>,
    /// The last waist of its past.
    pub(super) waist: Option<usize>,
    /// How many waists its past has.
    pub(super) waists: usize,
    /// The latest time written in its past, in milliseconds.
    pub(super) newest: u64,
    /// What it may do, judged in its own past; none if nothing.
    pub(super) authority: Option<Authority>,
}

/// What an op's own past says about its author, and what that makes of the op.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Authority {
    /// Strongest first: the author's role, seniority, then the op's own place.
    pub(super) rank: (Reverse<Role>, Key, Key),
    /// What the author's membership rests on; none for the founder's genesis.
    pub(super) grounds: Option<Grounds>,
    /// Whose concurrent ops it cancels.
    pub(super) strikes: Option<Target>,
}

/// The ops that make somebody a member with a role and a device, by their place in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::party) struct Grounds {
    pub(in crate::party) admission: usize,
    pub(in crate::party) role: usize,
    pub(in crate::party) device: usize,
}

impl Grounds {
    /// All three.
    pub(in crate::party) fn iter(self) -> impl Iterator<Item = usize> {
        [self.admission, self.role, self.device].into_iter()
    }
}

/// Whom a removal or demotion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Member(IdentityId),
    Device(DeviceId),
}

impl Node {
    pub(in crate::party) fn key(&self) -> Key {
        (self.depth, self.op.id())
    }
}

/// All membership ops, in the order in which they came, which is a causal one.
#[derive(Clone, Default)]
pub(in crate::party) struct Graph {
    nodes: Vec<Node>,
}

impl Graph {
    /// Makes room for so many ops more.
    pub(in crate::party) fn reserve(&mut self, ops: usize) {
        self.nodes.reserve(ops);
    }

    pub(in crate::party) fn get(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }

    pub(in crate::party) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    /// The set of all ops.
    pub(in crate::party) fn all(&self) -> Past {
        Past::first(self.nodes.len())
    }

    /// Adds an op that [`Self::node`] has put in its place, and judges it in its own past. Returns its place.
    ///
    /// # Errors
    /// [`super::Denied`] if its author was not allowed it: everybody who has its past judges alike, so nobody keeps it. One of
    /// a kind that this version does not know is kept if its author was a member.
    pub(in crate::party) fn add(&mut self, resolver: &mut Resolver, mut node: Node) -> Result<usize, super::Denied> {
        let at = self.nodes.len();
        let state = resolver.resolve(self, &node.past);
        node.authority = match judge(&state.state, &node) {
            Ok(authority) => Some(authority),
            // Whether a genesis founds the party is asked by who loads it.
            Err(super::Denied::Unknown) => None,
            Err(_) if node.op.is_genesis() => None,
            Err(denied) => return Err(denied),
        };
        self.nodes.push(node);
        Ok(at)
    }

    /// The op as it would stand next in the graph on these deps, not judged yet.
    pub(in crate::party) fn node(&self, op: Op, deps: &[usize]) -> Node {
        let (mut past, mut depth, mut newest) = (None, 0, 0);
        for dep in deps.iter().filter_map(|dep| self.nodes.get(*dep)) {
            past = Some(past.map_or_else(|| Arc::clone(&dep.closed), |past| union(past, &dep.closed)));
            depth = depth.max(dep.depth);
            newest = newest.max(dep.newest).max(dep.op.time().as_millis());
        }
        let past = past.unwrap_or_default();
        let waist = self.waist(&past);
        let above = waist.and_then(|waist| self.nodes.get(waist));
        Node {
            op,
            depth: depth.saturating_add(1),
            closed: Arc::new(past.with(self.nodes.len())),
            past,
            waist,
            waists: above.map_or(0, |above| above.waists.saturating_add(1)),
            newest,
            authority: None,
        }
    }

    /// The op that all others of a set are before, if there is one.
    pub(super) fn last(&self, set: &Past) -> Option<(usize, &Node)> {
        let at = set.last()?;
        let node = self.nodes.get(at)?;
        (*node.closed == *set).then_some((at, node))
    }

    /// The last waist of a downward closed set; none if it has none.
    pub(super) fn waist(&self, set: &Past) -> Option<usize> {
        if let Some((last, _)) = self.last(set) {
            return Some(last);
        }
        let mut heads = Vec::new();
        let mut covered = Arc::<Past>::default();
        while let Some(head) = set.last_beyond(&covered) {
            covered = union(covered, &self.nodes.get(head)?.closed);
            heads.push(head);
        }
        let (last, others) = heads.split_last()?;
        others
            .iter()
            .try_fold(*last, |waist, head| self.last_in_common(waist, *head))
    }

    /// The last op that is both or a waist of what is before both.
    fn last_in_common(&self, mut x: usize, mut y: usize) -> Option<usize> {
        while x != y {
            // Whatever an op stands on has a smaller place.
            let later = if x > y { &mut x } else { &mut y };
            *later = self.nodes.get(*later)?.waist?;
        }
        Some(x)
    }
}

/// Judges an op in the state of its own past.
pub(in crate::party) fn check(state: &State, node: &Node) -> Result<(), super::Denied> {
    judge(state, node).map(drop)
}

pub(super) fn judge(state: &State, node: &Node) -> Result<Authority, super::Denied> {
    allowed(state, node)?;
    is_proven(state, node)?;
    let op = &node.op;
    let author = state.member(op.author());
    let role = author.map_or(Role::Owner, |author| author.role);
    let seniority = state.seniority(op.author()).unwrap_or_else(|| node.key());
    let grounds = author.and_then(|author| author.grounds(op.device()));
    Ok(Authority {
        rank: (Reverse(role), seniority, node.key()),
        grounds,
        strikes: strikes(state, op),
    })
}

/// Whose concurrent ops this one cancels: those of somebody else whom it removes or demotes, of a device that it removes.
fn strikes(state: &State, op: &Op) -> Option<Target> {
    match op.act() {
        Act::MemberRemoved { member, .. } => (*member != op.author()).then_some(Target::Member(*member)),
        Act::RoleChanged { member, role, .. } => {
            let down = state.member(*member).is_some_and(|now| *role < now.role);
            (*member != op.author() && down).then_some(Target::Member(*member))
        }
        Act::DeviceRemoved { device, .. } => (*device != op.device()).then_some(Target::Device(*device)),
        _ => None,
    }
}
