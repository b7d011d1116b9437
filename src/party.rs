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
//! | who may come in by a delegated invitation, and who asks to? | `requests` |
//! | what may a data op say, and does it take effect? | `validity`, `effect` and below |
//! | what does a removal leave of somebody's data? | `removal`, by what it has `known` and by each `witness` |
//! | what do the data ops add up to? | `content`: `tasks`, `notes` with their `text`, `messages`, `files` |
//! | who changed what? | `history` |
//! | what does a peer lack? | `have` |
//! | is this the party I was promised? | `admission` |
//! | where do one person's devices meet, and is this device one of them? | `home`, `pairing` |
//!
#![doc = include_str!("party/LOG.md")]

mod act;
mod admission;
mod cbor;
mod content;
mod effect;
mod error;
mod evidence;
mod export;
mod farewell;
mod files;
#[cfg(test)]
pub(crate) mod fixture;
mod have;
mod history;
mod home;
mod id;
mod known;
mod list;
mod loading;
mod log;
mod lww;
mod membership;
mod messages;
mod name;
mod notes;
mod op;
mod own;
mod pairing;
mod past;
mod pending;
mod place;
mod reading;
mod removal;
mod requests;
mod resolver;
mod role;
mod search;
mod shared;
pub mod sync;
mod tasks;
mod text;
mod validity;
mod witness;
mod writing;

use std::sync::Arc;

pub use act::Act;
pub use admission::AdmissionExpectation;
pub use error::{AdmissionError, LoadError, ReceiveError, WriteError};
pub use evidence::{evidence_text, invitation_id};
pub use export::{
    EXPORT_INDEX, Export, Exported, ExportedFile, ExportedMember, ExportedMessage, ExportedNote, ExportedTask,
    MAX_EXPORT,
};
pub use files::{ContentHash, File};
pub use have::{Have, HaveError};
pub use history::{Change, Deleted, Standing, What};
pub use home::OwnDevice;
pub use id::{FileId, ItemId, JoinRequestId, MessageId, NoteId, OpId, PartyId, PartyTag, TaskId};
pub use known::KnownData;
pub use membership::{Device, Member, Membership};
pub use messages::Message;
pub use name::{
    MAX_FILE_NAME, MAX_MESSAGE, MAX_NAME, MAX_TITLE, NameError, check_file_name, check_message, check_name,
    check_title, is_refused_in_file_name,
};
pub use notes::{Note, TextChanged};
pub use op::{MAX_DEPS, MAX_OP, Op, OpError};
pub use own::own_id;
pub use pairing::{Paired, PairingExpectation};
pub use place::{MAX_PLACE, Place};
pub use requests::{Answer, Delegated, DelegatedTo, JoinRequest, MAX_REQUESTS};
pub use role::{How, HowUnknown, Role, RoleUnknown};
pub use search::{Found, MAX_FOUND};
pub use tasks::Task;
pub use text::{Edit, Edits, Element, Side, Text, difference};

use self::content::Content;
use self::loading::Wholeness;
use self::log::Log;
use self::pending::Pending;
use self::resolver::Resolved;

/// One party in memory: all ops, the resolved membership, what is in it.
#[derive(Clone)]
pub struct Party {
    id: PartyId,
    log: Log,
    pending: Pending,
    resolved: Arc<Resolved>,
    membership: Membership,
    content: Content,
    wholeness: Wholeness,
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

    /// Takes in an op from a peer or from [`Party::prepare`]. What it releases and does not fit is dropped.
    ///
    /// # Errors
    /// [`ReceiveError`] if it does not belong here. Everybody refuses it, whatever else they hold.
    pub fn receive(&mut self, op: Op) -> Result<Received, ReceiveError> {
        let mut came = Vec::new();
        let received = self.receive_unsettled(op, &mut came);
        self.settle(&came);
        received
    }

    /// Takes in ops that came together, as [`Self::receive`] does with each, and works out once what they add up to: ops that
    /// take others their effect cost as much as one of them.
    pub fn receive_all(&mut self, ops: impl IntoIterator<Item = Op>) -> Vec<Result<Received, ReceiveError>> {
        let mut came = Vec::new();
        let received = ops.into_iter().map(|op| self.receive_unsettled(op, &mut came));
        let received = received.collect();
        self.settle(&came);
        received
    }

    /// Takes in an op. `came` gets the new places, for [`Self::settle`].
    fn receive_unsettled(&mut self, op: Op, came: &mut Vec<usize>) -> Result<Received, ReceiveError> {
        if self.log.contains(&op.id()) {
            return Ok(Received::Known);
        }
        let before = came.len();
        self.take(op, came)?;
        let new = came.iter().skip(before);
        let new: Vec<Op> = new
            .filter_map(|at| self.log.entries().get(*at))
            .map(|entry| entry.op.clone())
            .collect();
        Ok(if new.is_empty() {
            Received::Pending
        } else {
            Received::New(new)
        })
    }

    /// Whether an op of these bytes is there or waits for its past. Nothing of it is checked.
    #[must_use]
    pub fn holds(&self, bytes: &[u8]) -> bool {
        Op::name(bytes).is_some_and(|id| self.log.contains(&id) || self.pending.contains(&id))
    }

    /// Lets an op wait for its past no longer. Whether it did.
    pub fn abandon(&mut self, id: &OpId) -> bool {
        self.pending.forget(id)
    }

    /// What this party holds.
    #[must_use]
    pub fn have(&self) -> Have {
        self.log.have(|device| self.resolved.state.has_device(device))
    }

    /// [`Have::digest`] of what it holds: parties with the same hold the same.
    #[must_use]
    pub fn digest(&self) -> [u8; 8] {
        self.log.digest(|device| self.resolved.state.has_device(device))
    }

    /// What a peer who holds `theirs` lacks, in causal order, up to this many bytes but at least one op.
    #[must_use]
    pub fn missing(&self, theirs: &Have, max_bytes: usize) -> Vec<Op> {
        let is_members = |device| self.resolved.state.has_device(device);
        self.log.missing(theirs, max_bytes, is_members)
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
        let id = op.id();
        match self.log.deps_of(&op) {
            Ok(deps) => came.push(self.log.insert(op, &deps)?),
            Err(missing) => {
                self.pending.add(op, missing);
                return Ok(());
            }
        }
        if self.pending.len() == 0 {
            return Ok(());
        }
        let mut released = vec![id];
        while let Some(id) = released.pop() {
            for op in self.pending.release(id) {
                let id = op.id();
                match self.log.deps_of(&op) {
                    Ok(deps) => {
                        if let Ok(at) = self.log.insert(op, &deps) {
                            came.push(at);
                            released.push(id);
                        }
                    }
                    Err(missing) => self.pending.add(op, missing),
                }
            }
        }
        Ok(())
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
