//! One member's device: what an engine does around the machines of its links, without a network and without a clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use partyline::identity::{EndpointId, Keys};
use partyline::party::sync::{Part, Sync, SyncOutput, Taken};
use partyline::party::{Act, Have, Op, Party, PartyId, WriteError};
use partyline::time::Timestamp;

/// A device. Its party in memory is ahead of its disk for a moment at most.
pub(crate) struct Device {
    pub(crate) keys: Arc<Keys>,
    party: Party,
    /// What is stored: what it starts with again.
    disk: Vec<Op>,
    /// Its end of each link, by the number of the other device.
    pub(crate) links: BTreeMap<usize, Link>,
}

/// Its end of a link.
#[derive(Default)]
pub(crate) struct Link {
    pub(crate) sync: Sync,
    /// What the other has asked while there was no room to answer.
    pub(crate) owed: Option<Have>,
}

impl Device {
    pub(crate) fn new(keys: &Arc<Keys>, ops: Vec<Op>) -> Self {
        Self {
            keys: Arc::clone(keys),
            party: Party::load(ops.clone()).expect("a party"),
            disk: ops,
            links: BTreeMap::new(),
        }
    }

    pub(crate) fn party(&self) -> &Party {
        &self.party
    }

    pub(crate) fn id(&self) -> PartyId {
        self.party.id()
    }

    /// Whether it is a member's, as far as it knows.
    pub(crate) fn is_member(&self) -> bool {
        self.knows(self.keys.endpoint.id())
    }

    /// Whether it takes a device for a member's.
    pub(crate) fn knows(&self, endpoint: EndpointId) -> bool {
        self.party.membership().by_endpoint(endpoint).is_some()
    }

    /// Whether the other may hear of the party: a device that is out itself may still hear from members that it is not.
    pub(crate) fn shares_with(&self, other: &Keys) -> bool {
        self.knows(other.endpoint.id())
    }

    /// What it tells a device that it shares nothing with: that it was removed, if it was.
    pub(crate) fn farewell(&self, other: &Keys) -> Vec<Vec<u8>> {
        let ops = self.party.farewell(other.endpoint.id()).unwrap_or_default();
        Sync::farewell(self.id(), &ops).into_iter().filter_map(frame).collect()
    }

    /// A new link to another device.
    pub(crate) fn new_link(&mut self, to: usize) -> (&mut Link, &Party) {
        self.links.insert(to, Link::default());
        self.link(to)
    }

    /// Its end of a link, and the party.
    pub(crate) fn link(&mut self, to: usize) -> (&mut Link, &Party) {
        (self.links.get_mut(&to).expect("linked"), &self.party)
    }

    /// The answer to what the other has asked, if it has.
    pub(crate) fn answer(&mut self, to: usize) -> Option<SyncOutput> {
        let have = self.links.get_mut(&to)?.owed.take()?;
        Some(Sync::answer(&self.party, &have))
    }

    /// Writes an act, stores and applies it.
    pub(crate) fn write(&mut self, act: Act, now: Timestamp) -> Result<Op, WriteError> {
        let op = self.party.write(&self.keys, act, now)?;
        self.disk.push(op.clone());
        Ok(op)
    }

    /// Applies what came over a link; it is not stored yet.
    pub(crate) fn take(&mut self, from: usize, ops: &[Vec<u8>], part: Part, opened: &mut Opened) -> Taken {
        let unknown = ops.iter().filter(|op| !self.party.holds(op));
        let ops = unknown.map(|op| opened.open(op)).collect();
        match self.links.get_mut(&from) {
            Some(link) => link.sync.take(&mut self.party, ops, part),
            None => Taken::default(),
        }
    }

    /// What is applied is stored.
    pub(crate) fn store(&mut self, ops: &[Op]) {
        self.disk.extend_from_slice(ops);
    }

    /// The program stops, in the middle of anything, and starts again.
    pub(crate) fn restart(&mut self) {
        self.links.clear();
        self.party = Party::load(self.disk.clone()).expect("what was stored");
    }
}

/// Signatures are checked once in a world, however many devices an op comes to.
#[derive(Default)]
pub(crate) struct Opened(BTreeMap<Vec<u8>, Op>);

impl Opened {
    fn open(&mut self, bytes: &[u8]) -> Op {
        let op = self.0.entry(bytes.to_vec());
        op.or_insert_with(|| Op::open(bytes).expect("an op")).clone()
    }
}

/// The frame of an output that is one.
pub(crate) fn frame(output: SyncOutput) -> Option<Vec<u8>> {
    match output {
        SyncOutput::Send(frame) => Some(frame),
        _ => None,
    }
}
