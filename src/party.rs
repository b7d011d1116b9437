//! What is replicated: a log of signed ops, and what follows from it. No IO.
//!
//! A party has no server. Every member holds all its ops ([`Op`]), each signed by a device and naming the ops that came
//! before it, and everybody who holds the same ops sees the same party, whatever the order in which they arrived.
//!
//! | question | answered in |
//! |---|---|
//! | is this an op? | `op`: one encoding, one signature |
//! | where does it stand? | `log`: a graph, and two chains for each device |
//! | who is in? | `resolver`: a pure function of the membership ops |
//! | what does an op on data do? | below, and `tasks` |
//! | what does a peer lack? | `have` |
//! | is this the party I was promised? | `admission` |
//!
//! # Which data ops take effect
//!
//! A data op names the membership ops that its author knew of; membership ops never name data. It takes effect if
//!
//! 1. its author was an Editor or more, at that device, in the state of the membership ops in its own past;
//! 2. what made the author so (the admission, the role, the device) has not been cancelled by a membership op that was
//!    written at the same time, such as the removal of the admitter;
//! 3. its device is not forked at or before that place;
//! 4. no removal of the author or the device, and no demotion to Reader, is in effect that the op's past lacks **and** that
//!    is dated earlier than the op.
//!
//! Rule 4 is the rule for removals. Because a removal cannot name the data that it knew of, time decides: what the removed
//! member wrote before, by the dates in the ops, stays, and what is dated later has no effect, even if the member had not
//! heard of the removal yet. Somebody removed could date new ops back, but has nobody to give them to: members do not sync
//! with somebody who is not one, and a member who wanted to help could write the same under the own name.

mod act;
mod admission;
mod cbor;
mod error;
mod evidence;
mod farewell;
#[cfg(test)]
mod fixture;
mod have;
mod id;
mod log;
mod membership;
mod name;
mod op;
mod past;
mod pending;
mod resolver;
mod role;
mod shared;
pub mod sync;
mod tasks;
mod writing;

use std::sync::Arc;

pub use act::Act;
pub use admission::AdmissionExpectation;
pub use error::{AdmissionError, LoadError, ReceiveError, WriteError};
pub use evidence::{evidence_text, invitation_id};
pub use have::{Have, HaveError};
pub use id::{OpId, PartyId, PartyTag, TaskId};
pub use membership::{Device, Member, Membership};
pub use name::{MAX_NAME, MAX_TITLE, NameError, check_name, check_title};
pub use op::{MAX_DEPS, MAX_OP, Op, OpError};
pub use role::{How, HowUnknown, Role, RoleUnknown};
pub use tasks::Task;

use self::log::{Entry, Log};
use self::pending::Pending;
use self::resolver::{Resolved, Whose};
use self::tasks::Tasks;

/// How many ops may wait for their past.
const MAX_PENDING: usize = 2048;

/// One party in memory: all ops, the resolved membership, the tasks.
#[derive(Clone)]
pub struct Party {
    id: PartyId,
    log: Log,
    pending: Pending,
    resolved: Arc<Resolved>,
    membership: Membership,
    tasks: Tasks,
}

/// What became of a received op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// It and the waiting ops that it released, in causal order: to be stored and passed on.
    New(Vec<Op>),
    /// It was there already.
    Known,
    /// It waits for ops of its past.
    Pending,
}

impl Party {
    /// A stored party; the ops in any order.
    ///
    /// # Errors
    /// [`LoadError`] if the ops are not one whole party.
    pub fn load(ops: impl IntoIterator<Item = Op>) -> Result<Self, LoadError> {
        let (mut geneses, others): (Vec<Op>, Vec<Op>) = ops.into_iter().partition(Op::is_genesis);
        geneses.dedup();
        let genesis = geneses.pop().ok_or(LoadError::NoGenesis)?;
        if !geneses.is_empty() {
            return Err(LoadError::TwoGeneses);
        }
        let mut party = Self {
            id: genesis.party(),
            log: Log::default(),
            pending: Pending::new(usize::MAX),
            resolved: Arc::default(),
            membership: Membership::default(),
            tasks: Tasks::default(),
        };
        party.log.insert(genesis)?;
        party.settle(&[0]);
        if !party.resolved.applied.contains(0) {
            return Err(LoadError::Genesis);
        }
        let mut came = Vec::new();
        for op in others {
            party.take(op, &mut came)?;
        }
        if party.pending.len() > 0 {
            return Err(LoadError::Incomplete);
        }
        party.pending = Pending::new(MAX_PENDING);
        party.settle(&came);
        Ok(party)
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> PartyId {
        self.id
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.membership.party_name()
    }

    /// Who is in.
    #[must_use]
    pub fn membership(&self) -> &Membership {
        &self.membership
    }

    /// The tasks in the order in which they were added, deleted ones left out.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter()
    }

    /// Takes in an op from a peer or from [`Party::prepare`]. What it releases and does not fit is dropped.
    ///
    /// # Errors
    /// [`ReceiveError`] if it does not belong here. Everybody refuses it, whatever else they hold.
    pub fn receive(&mut self, op: Op) -> Result<Received, ReceiveError> {
        if self.log.contains(&op.id()) {
            return Ok(Received::Known);
        }
        let mut came = Vec::new();
        self.take(op, &mut came)?;
        if came.is_empty() {
            return Ok(Received::Pending);
        }
        self.settle(&came);
        let new = came
            .iter()
            .filter_map(|at| self.log.entries().get(*at))
            .map(|entry| entry.op.clone());
        Ok(Received::New(new.collect()))
    }

    /// What this party holds.
    #[must_use]
    pub fn have(&self) -> Have {
        self.log.have()
    }

    /// What a peer who holds `theirs` lacks, in causal order, up to this many bytes but at least one op.
    #[must_use]
    pub fn missing(&self, theirs: &Have, max_bytes: usize) -> Vec<Op> {
        self.log.missing(theirs, max_bytes)
    }

    /// All membership ops in causal order: what an admission carries.
    #[must_use]
    pub fn membership_closure(&self) -> Vec<Op> {
        self.log.graph.iter().map(|node| node.op.clone()).collect()
    }

    /// How many bytes an admission carries now: all membership ops.
    #[must_use]
    pub fn admission_length(&self) -> usize {
        self.log.graph.iter().map(|node| node.op.bytes().len()).sum()
    }

    /// All ops in causal order.
    pub fn ops(&self) -> impl ExactSizeIterator<Item = &Op> {
        self.log.entries().iter().map(|entry| &entry.op)
    }

    /// Adds an op and what it releases to the log, or keeps it until its past comes. `came` gets the new places.
    fn take(&mut self, op: Op, came: &mut Vec<usize>) -> Result<(), ReceiveError> {
        if op.party() != self.id {
            return Err(ReceiveError::WrongParty);
        }
        if self.log.contains(&op.id()) || self.pending.contains(&op.id()) {
            return Ok(());
        }
        if let Some(missing) = self.log.missing_dep(&op) {
            self.pending.add(op, missing);
            return Ok(());
        }
        let mut released = vec![op.id()];
        came.push(self.log.insert(op)?);
        while let Some(id) = released.pop() {
            for op in self.pending.release(id) {
                if let Some(missing) = self.log.missing_dep(&op) {
                    self.pending.add(op, missing);
                } else {
                    let id = op.id();
                    if let Ok(at) = self.log.insert(op) {
                        came.push(at);
                        released.push(id);
                    }
                }
            }
        }
        Ok(())
    }

    /// Brings membership and tasks up to date with ops that were just added.
    ///
    /// A data op costs only itself. Membership ops resolve once for all of them, and go over the data again only if one of
    /// them took effect away from another.
    fn settle(&mut self, came: &[usize]) {
        let new: Vec<&Entry> = came.iter().filter_map(|at| self.log.entries().get(*at)).collect();
        let places: Vec<usize> = new.iter().filter_map(|entry| entry.place).collect();
        let forked = |entry: &&Entry| entry.place.is_none() && self.log.data_forks().contains_key(&entry.op.device());
        let mut again = new.iter().any(forked);
        let has_newer = new.iter().any(|entry| matches!(entry.op.act(), Act::Unknown { .. }));
        if !places.is_empty() {
            again |= self.resolve(&places);
        }
        if again {
            self.tasks = Tasks::default();
        }
        if again || has_newer || !places.is_empty() {
            self.membership.set_oddities(self.log.oddities(&self.resolved));
        }
        let mut tasks = std::mem::take(&mut self.tasks);
        let mut apply = |entry: &Entry| {
            if self.takes_effect(entry) {
                tasks.apply(entry.key(), &entry.op);
            }
        };
        if again {
            self.log.entries().iter().for_each(&mut apply);
        } else {
            came.iter()
                .filter_map(|at| self.log.entries().get(*at))
                .for_each(&mut apply);
        }
        self.tasks = tasks;
    }

    /// Whether a data op takes effect: the four rules of the module's documentation.
    fn takes_effect(&self, entry: &Entry) -> bool {
        let Some(grounds) = entry.grounds else { return false };
        let (author, device) = (entry.op.author(), entry.op.device());
        if !grounds.iter().all(|ground| self.resolved.sound.contains(ground)) {
            return false;
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
            return false;
        }
        let cuts = [Whose::Member(author), Whose::Device(device)]
            .into_iter()
            .filter_map(|whose| self.resolved.cuts.get(&whose.key()));
        !cuts
            .flat_map(|cuts| cuts.iter())
            .any(|(removal, time)| !entry.view.contains(*removal) && entry.op.time() > *time)
    }

    /// Resolves anew, with new membership ops at these places, ascending. Whether data that was there already may have another effect now.
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

    /// Whether an admission rests on a delegated invitation rather than on its author's role.
    fn is_delegated(&self, admission: OpId) -> bool {
        let mut nodes = self.log.graph.iter();
        nodes.find(|node| node.op.id() == admission).is_some_and(
            |node| matches!(node.op.act(), Act::MemberAdmitted { how, .. } if !matches!(how, How::Direct | How::Pin)),
        )
    }
}

/// The id and sizes: what a party holds is not for logs.
impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Party")
            .field("id", &self.id)
            .field("ops", &self.log.entries().len())
            .field("members", &self.membership.members().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
