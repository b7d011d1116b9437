//! The ops as a graph, in the order in which they came; each device's two chains; the heads. No IO.
//!
//! A membership act names membership ops only, a data act names both. So the membership ops alone are a whole graph: they
//! travel in an admission, and the data follows by sync. Each of a device's two chains counts its ops from 0 without gaps.

mod links;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

use self::links::{Link, Links};
use super::have::{Chain, Have};
use super::membership::Oddities;
use super::op::MAX_DEPS;
use super::past::{Past, union};
use super::resolver::{Graph, Grounds, Key, Resolved, Resolver};
use super::validity::is_valid;
use super::witness::{Witness, Witnesses};
use super::{Act, KnownData, Op, OpId, ReceiveError, Role};
use crate::identity::{DeviceId, IdentityId};

/// At most this many of a data op's deps are membership heads, so that there is room for data heads.
const MAX_MEMBERSHIP_DEPS: usize = 15;
/// A data op names no more than this, so that there is room for what it says: the longest message fits.
const MAX_DATA_DEPS: usize = 20;

/// An op in its place.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) op: Op,
    pub(super) depth: u64,
    /// The membership ops in its past, and itself if it is one.
    pub(super) view: Arc<Past>,
    /// Its place among the membership ops; none for data.
    pub(super) place: Option<usize>,
    /// For data: what made its author an Editor or more in its own past, and which role that was; none if what it says is not
    /// valid.
    pub(super) grounds: Option<(Grounds, Role)>,
    /// For data of somebody with several devices: how far the other ones' data is in its past.
    siblings: Siblings,
}

/// How far the data of devices is known; none of any.
type Siblings = Option<Arc<BTreeMap<DeviceId, u64>>>;

impl Entry {
    pub(super) fn key(&self) -> Key {
        (self.depth, self.op.id())
    }
}

/// All ops of a party.
#[derive(Clone, Default)]
pub(super) struct Log {
    entries: Vec<Entry>,
    index: HashMap<OpId, usize>,
    pub(super) graph: Graph,
    resolver: Resolver,
    chains: BTreeMap<(DeviceId, Chain), Links>,
    membership_heads: BTreeSet<OpId>,
    data_heads: BTreeSet<OpId>,
    /// The first place of each data chain that was written twice.
    data_forks: BTreeMap<DeviceId, u64>,
    /// Whose first place is new since it was asked.
    new_forks: Vec<DeviceId>,
    witnesses: Witnesses,
    /// Whether there are acts of a newer version.
    has_newer_acts: bool,
    /// [`Have::digest`] of what is held, once somebody has asked for it.
    digest: OnceLock<[u8; 8]>,
}

impl Log {
    pub(super) fn contains(&self, id: &OpId) -> bool {
        self.index.contains_key(id)
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn data_forks(&self) -> &BTreeMap<DeviceId, u64> {
        &self.data_forks
    }

    /// Whose data chain has forked, or at an earlier place, since the last call.
    pub(super) fn take_new_forks(&mut self) -> Vec<DeviceId> {
        std::mem::take(&mut self.new_forks)
    }

    /// Who has built on whose data.
    pub(super) fn witnesses(&self) -> &Witnesses {
        &self.witnesses
    }

    /// Who has built on whose data since the last call.
    pub(super) fn take_new_witnesses(&mut self) -> Vec<(DeviceId, Witness)> {
        self.witnesses.take_new()
    }

    /// The data ops that are held of these devices.
    pub(super) fn known_data(&self, is_meant: impl Fn(IdentityId, DeviceId) -> bool) -> KnownData {
        let chains = self.chains.iter().filter_map(|((device, chain), links)| {
            let last = links.last().filter(|_| *chain == Chain::Data)?;
            let author = self.entries.get(last.entry)?.op.author();
            is_meant(author, *device).then(|| (*device, last.seq.saturating_add(1)))
        });
        KnownData::new(chains)
    }

    /// The data ops of a device at these places of its chain.
    pub(super) fn data_of(&self, device: DeviceId, seqs: RangeInclusive<u64>) -> impl Iterator<Item = &Entry> {
        let chain = self.chains.get(&(device, Chain::Data)).into_iter();
        let links = chain.flat_map(move |links| links.at(seqs.clone()));
        links.filter_map(|link| self.entries.get(link.entry))
    }

    /// What members should be told besides who is in.
    pub(super) fn oddities(&self, resolved: &Resolved) -> Oddities {
        let forked: BTreeSet<DeviceId> = resolved.forks.keys().chain(self.data_forks.keys()).copied().collect();
        Oddities {
            forked: forked.into_iter().collect(),
            overused: Vec::clone(&resolved.overused),
            has_newer_acts: self.has_newer_acts,
        }
    }

    /// Prepares for many ops, which are inserted next.
    pub(super) fn expect(&mut self, ops: &[Op]) {
        self.entries.reserve(ops.len());
        self.index.reserve(ops.len());
        let membership = ops.iter().filter(|op| op.act().is_membership());
        self.graph.reserve(membership.count());
        self.resolver.expect(ops);
    }

    /// They have been.
    pub(super) fn expect_nothing(&mut self) {
        self.resolver.expect_nothing();
    }

    /// Where the ops that this one names stand; the first one that is missing, if one is.
    pub(super) fn deps_of(&self, op: &Op) -> Result<Vec<usize>, OpId> {
        let deps = op.deps().iter();
        deps.map(|dep| self.index.get(dep).copied().ok_or(*dep)).collect()
    }

    /// Adds an op whose deps are these. Returns its entry's place.
    pub(super) fn insert(&mut self, op: Op, deps: &[usize]) -> Result<usize, ReceiveError> {
        if op.is_genesis() {
            if !self.entries.is_empty() || !deps.is_empty() {
                return Err(ReceiveError::Genesis);
            }
        } else if deps.is_empty() {
            return Err(ReceiveError::Chain);
        }
        let entry = if op.act().is_membership() {
            self.membership(op, deps)?
        } else {
            self.data(op, deps)?
        };
        Ok(self.push(entry, deps))
    }

    /// The ops that a new op of this device names. `needed` are places of membership ops that its past should hold before
    /// others: what its author's membership rests on, and removals.
    pub(super) fn deps(&self, device: DeviceId, chain: Chain, needed: impl FnOnce() -> Vec<usize>) -> Vec<OpId> {
        let previous = self.chains.get(&(device, chain)).and_then(|links| links.last());
        let previous_place = previous.and_then(|link| self.entries.get(link.entry)?.place);
        let needed = || previous_place.into_iter().chain(needed()).collect();
        if chain == Chain::Membership {
            return self.chosen_heads(MAX_DEPS, needed);
        }
        let mut deps: Vec<OpId> = previous.map(|link| link.id).into_iter().collect();
        deps.extend(self.chosen_heads(MAX_MEMBERSHIP_DEPS, needed));
        deps.extend(
            self.data_heads
                .iter()
                .filter(|head| previous.is_none_or(|link| link.id != **head)),
        );
        deps.truncate(MAX_DATA_DEPS);
        deps
    }

    /// All membership heads; of more than an op can name those that together stand on the most of what is needed. Somebody may
    /// have written a crowd of them.
    fn chosen_heads(&self, most: usize, needed: impl FnOnce() -> Vec<usize>) -> Vec<OpId> {
        if self.membership_heads.len() <= most {
            return self.membership_heads.iter().copied().collect();
        }
        let mut open = needed();
        let view = |id: &OpId| Some(&self.entries.get(*self.index.get(id)?)?.view);
        let brings = |id: &OpId, open: &[usize]| {
            view(id).map_or(0, |view| open.iter().filter(|place| view.contains(**place)).count())
        };
        let mut heads: Vec<OpId> = self.membership_heads.iter().copied().collect();
        let mut chosen = Vec::new();
        while chosen.len() < most
            && let Some((at, _)) = heads.iter().enumerate().max_by_key(|(_, id)| brings(id, &open))
        {
            let head = heads.swap_remove(at);
            open.retain(|place| view(&head).is_none_or(|view| !view.contains(*place)));
            chosen.push(head);
        }
        chosen
    }

    /// The place in its chain of a new op of this device that names `deps`.
    pub(super) fn next_seq(&self, device: DeviceId, chain: Chain) -> u64 {
        let last = self.chains.get(&(device, chain)).and_then(|links| links.last());
        last.map_or(0, |link| link.seq.saturating_add(1))
    }

    /// Where these ops stand among the membership ops; data ops are left out.
    pub(super) fn places(&self, ids: &[OpId]) -> Vec<usize> {
        ids.iter()
            .filter_map(|id| self.entries.get(*self.index.get(id)?)?.place)
            .collect()
    }

    /// What the membership ops in this set say.
    pub(super) fn resolve(&mut self, set: &Arc<Past>) -> Arc<Resolved> {
        self.resolver.resolve(&self.graph, set)
    }

    /// The same for who only asks.
    pub(super) fn answer(&self, set: &Arc<Past>) -> Arc<Resolved> {
        self.resolver.answer(&self.graph, set)
    }

    /// The membership ops that an op with these deps has in its past.
    pub(super) fn view(&self, deps: &[usize]) -> Arc<Past> {
        let entries = deps.iter().filter_map(|at| self.entries.get(*at));
        entries.fold(Arc::default(), |view, dep| union(view, &dep.view))
    }

    fn data(&mut self, op: Op, deps: &[usize]) -> Result<Entry, ReceiveError> {
        let view = self.view(deps);
        let (mut depth, mut previous) = (0, None);
        let mut siblings = None;
        for dep in deps.iter().filter_map(|at| self.entries.get(*at)) {
            depth = depth.max(dep.depth);
            if dep.place.is_none() && dep.op.author() == op.author() {
                if dep.op.device() == op.device() {
                    previous = previous.max(Some(dep.op.seq()));
                }
                note_siblings(&mut siblings, dep, op.device());
            }
        }
        if op.seq() != previous.map_or(0, |seq| seq.saturating_add(1)) {
            return Err(ReceiveError::Chain);
        }
        let (grounds, role) = self
            .resolve(&view)
            .grounds(&op, Role::Editor)
            .ok_or(ReceiveError::NotAllowed)?;
        let grounds = is_valid(op.act()).then_some((grounds, role));
        Ok(Entry {
            op,
            depth: depth.saturating_add(1),
            view,
            place: None,
            grounds,
            siblings,
        })
    }

    fn membership(&mut self, op: Op, deps: &[usize]) -> Result<Entry, ReceiveError> {
        let deps: Option<Vec<usize>> = deps.iter().map(|at| self.entries.get(*at)?.place).collect();
        let deps = deps.ok_or(ReceiveError::Chain)?;
        let node = self.graph.node(op.clone(), &deps);
        let chain = self.chains.get(&(op.device(), Chain::Membership));
        let in_past = |link: &&Link| {
            let place = self.entries.get(link.entry).and_then(|entry| entry.place);
            place.is_some_and(|place| node.past.contains(place))
        };
        let previous = chain
            .and_then(|links| links.iter().rev().find(in_past))
            .map(|link| link.seq);
        if op.seq() != previous.map_or(0, |seq| seq.saturating_add(1)) {
            return Err(ReceiveError::Chain);
        }
        let place = self.graph.add(&mut self.resolver, node);
        let place = place.or(Err(ReceiveError::NotAllowed))?;
        let (depth, view) = self
            .graph
            .get(place)
            .map(|node| (node.depth, Arc::clone(&node.closed)))
            .unwrap_or_default();
        Ok(Entry {
            op,
            depth,
            view,
            place: Some(place),
            grounds: None,
            siblings: None,
        })
    }

    fn push(&mut self, entry: Entry, deps: &[usize]) -> usize {
        let at = self.entries.len();
        let (id, device, seq) = (entry.op.id(), entry.op.device(), entry.op.seq());
        let chain = chain_of(&entry.op);
        self.note_witnessed(&entry, deps);
        self.has_newer_acts |= matches!(entry.op.act(), Act::Unknown { .. });
        let heads = if chain == Chain::Data {
            &mut self.data_heads
        } else {
            &mut self.membership_heads
        };
        for dep in entry.op.deps() {
            heads.remove(dep);
        }
        heads.insert(id);

        let links = self.chains.entry((device, chain)).or_default();
        if chain == Chain::Data && links.has(seq) {
            let first = self.data_forks.entry(device).or_insert(u64::MAX);
            if seq < *first {
                *first = seq;
                self.new_forks.push(device);
            }
        }
        links.insert(Link { seq, id, entry: at });
        self.index.insert(id, at);
        self.entries.push(entry);
        self.digest.take();
        at
    }

    /// Notes whose data this op builds on.
    fn note_witnessed(&mut self, entry: &Entry, deps: &[usize]) {
        if entry.place.is_some() {
            return;
        }
        let by = self.entries.len();
        for dep in deps.iter().filter_map(|at| self.entries.get(*at)) {
            if dep.place.is_some() || dep.op.author() == entry.op.author() {
                continue;
            }
            let siblings = dep.siblings.iter().flat_map(|siblings| siblings.iter());
            let siblings = siblings.map(|(device, seq)| (*device, *seq));
            for (device, seq) in siblings.chain([(dep.op.device(), dep.op.seq())]) {
                self.witnesses.add(device, Witness { seq, at: by });
            }
        }
    }

    /// Whether this data op's past has an op of its own device's membership chain from place `from` on.
    pub(super) fn builds_on_fork(&self, entry: &Entry, from: u64) -> bool {
        let links = self.chains.get(&(entry.op.device(), Chain::Membership));
        links
            .into_iter()
            .flat_map(|links| links.at(from..=u64::MAX))
            .any(|link| {
                let place = self.entries.get(link.entry).and_then(|other| other.place);
                place.is_some_and(|place| entry.view.contains(place))
            })
    }

    /// What is held.
    pub(super) fn have(&self, is_members: impl Fn(DeviceId) -> bool) -> Have {
        let held = self.chains.iter().map(|(chain, links)| (*chain, links.held()));
        Have::new(held, is_members)
    }

    /// [`Have::digest`] of it.
    pub(super) fn digest(&self, is_members: impl Fn(DeviceId) -> bool) -> [u8; 8] {
        *self.digest.get_or_init(|| self.have(is_members).digest())
    }

    /// What a peer who holds `theirs` lacks, in causal order, up to `max_bytes` but at least one op.
    pub(super) fn missing(&self, theirs: &Have, max_bytes: usize, is_members: impl Fn(DeviceId) -> bool) -> Vec<Op> {
        let mut lacking: Vec<usize> = Vec::new();
        for (chain, links) in &self.chains {
            if theirs.leaves_out(*chain) && !is_members(chain.0) {
                continue;
            }
            let held = theirs.of(*chain);
            let count = usize::try_from(held.count).unwrap_or(usize::MAX);
            let skip = match links.digest(count) {
                Some(digest) if digest == held.digest => count,
                // They hold something else there: the device is forked. They get all of it.
                Some(_) => 0,
                // They hold more than we do.
                None => links.len(),
            };
            lacking.extend(links.iter().skip(skip).map(|link| link.entry));
        }
        // A few ascending runs, which this sort merges quickly: a peer that lacks all asks once for each portion.
        lacking.sort();
        let mut bytes = 0_usize;
        let ops = lacking
            .into_iter()
            .filter_map(|at| self.entries.get(at))
            .map(|entry| &entry.op);
        let fitting = ops.take_while(|op| {
            let first = bytes == 0;
            bytes = bytes.saturating_add(op.bytes().len());
            first || bytes <= max_bytes
        });
        fitting.cloned().collect()
    }
}

/// Adds what a data op of the same person brings of devices other than this one.
fn note_siblings(siblings: &mut Siblings, dep: &Entry, device: DeviceId) {
    let others = dep.siblings.iter().flat_map(|siblings| siblings.iter());
    let others = others.map(|(other, seq)| (*other, *seq));
    let others = others.chain([(dep.op.device(), dep.op.seq())]);
    for (other, seq) in others.filter(|(other, _)| *other != device) {
        let known = siblings.as_ref().and_then(|siblings| siblings.get(&other));
        if known.is_none_or(|known| *known < seq) {
            Arc::make_mut(siblings.get_or_insert_default()).insert(other, seq);
        }
    }
}

/// The chain that an op belongs to.
pub(super) fn chain_of(op: &Op) -> Chain {
    if op.act().is_membership() {
        Chain::Membership
    } else {
        Chain::Data
    }
}

#[cfg(test)]
mod tests;
