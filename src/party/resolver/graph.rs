//! The membership ops with what each one's own past says about it, which no later op changes. No IO.

use std::cmp::Reverse;
use std::sync::Arc;

use super::rules::{allowed, is_proven};
use super::{Resolver, State};
use crate::identity::{Certificate, DeviceId, IdentityId};
use crate::party::past::Past;
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
    pub(in crate::party) past: Past,
    /// The same and itself.
    pub(in crate::party) closed: Arc<Past>,
    /// The latest time written in its past, in milliseconds.
    pub(super) newest: u64,
    /// Whether the certificate in it verifies, if there is one.
    pub(super) certified: bool,
    /// What it may do, judged in its own past; none if nothing.
    pub(super) authority: Option<Authority>,
}

/// What an op's own past says about its author, and what that makes of the op.
#[derive(Clone)]
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
    pub(in crate::party) fn get(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }

    pub(in crate::party) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    /// The set of all ops.
    pub(in crate::party) fn all(&self) -> Past {
        let mut all = Past::default();
        (0..self.nodes.len()).for_each(|at| all.insert(at));
        all
    }

    /// Adds an op whose deps are these nodes, and judges it in its own past. Returns its place.
    pub(in crate::party) fn add(&mut self, resolver: &mut Resolver, op: Op, deps: &[usize]) -> usize {
        let mut node = self.node(op, deps);
        let at = self.nodes.len();
        node.closed = Arc::new(node.past.with(at));
        let state = resolver.resolve(self, &node.past);
        node.authority = judge(&state.state, &node).ok();
        self.nodes.push(node);
        at
    }

    /// The op as it would stand in the graph, not judged yet.
    pub(in crate::party) fn node(&self, op: Op, deps: &[usize]) -> Node {
        let (mut past, mut depth, mut newest) = (Past::default(), 0, 0);
        for dep in deps {
            if let Some(dep) = self.nodes.get(*dep) {
                past.extend(&dep.closed);
                depth = depth.max(dep.depth);
                newest = newest.max(dep.newest).max(dep.op.time().as_millis());
            }
        }
        let certified = is_certified(&op);
        let depth = depth.saturating_add(1);
        Node {
            op,
            depth,
            past,
            closed: Arc::default(),
            newest,
            certified,
            authority: None,
        }
    }
}

/// Judges an op in the state of its own past.
pub(in crate::party) fn check(state: &State, node: &Node) -> Result<(), super::Denied> {
    judge(state, node).map(drop)
}

fn judge(state: &State, node: &Node) -> Result<Authority, super::Denied> {
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
        Act::MemberRemoved { member } => (*member != op.author()).then_some(Target::Member(*member)),
        Act::RoleChanged { member, role } => {
            let down = state.member(*member).is_some_and(|now| *role < now.role);
            (*member != op.author() && down).then_some(Target::Member(*member))
        }
        Act::DeviceRemoved { device } => (*device != op.device()).then_some(Target::Device(*device)),
        _ => None,
    }
}

/// Checks the device certificate that an act carries; an act without one has nothing to check.
fn is_certified(op: &Op) -> bool {
    match op.act() {
        Act::Genesis {
            endpoint, certificate, ..
        } => {
            let (identity, device) = (op.author(), op.device());
            Certificate {
                identity,
                device,
                endpoint: *endpoint,
                signature: *certificate,
            }
            .verify()
            .is_ok()
        }
        Act::DeviceAdded {
            device,
            endpoint,
            signer,
            certificate,
        } => {
            let certificate = Certificate {
                identity: op.author(),
                device: *device,
                endpoint: *endpoint,
                signature: *certificate,
            };
            certificate.verify_by_device(DeviceId::from_bytes(*signer)).is_ok()
        }
        act => newcomer(act).is_none_or(|certificate| certificate.verify().is_ok()),
    }
}

/// The certificate of who comes in, or asks to.
pub(super) fn newcomer(act: &Act) -> Option<Certificate> {
    match act {
        Act::MemberAdmitted {
            member,
            device,
            endpoint,
            certificate,
            ..
        }
        | Act::JoinRequested {
            member,
            device,
            endpoint,
            certificate,
            ..
        } => Some(Certificate {
            identity: *member,
            device: *device,
            endpoint: *endpoint,
            signature: *certificate,
        }),
        _ => None,
    }
}
