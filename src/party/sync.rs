//! How two members' devices come to hold the same ops: one machine for each link (ALPN `party-sync/1`). No IO.
//!
//! A pair of devices has one link for all the parties that both know the other to be a member of. Each side says for each
//! party what it holds ([`Have`](super::Have)); the other answers with what is missing, in causal order and in portions, until nothing is.
//! New ops are pushed as they come. A device that took part offline, through others, or missed a push, asks again, so that
//! the order of arrival never matters.
//!
//! ```text
//! A --Have{topic, have}--> B        what A holds: also the question for the rest
//! A <--Ops{topic, ops, more}-- B    the answer, always one: as much as fits; if there is more, A asks again
//! A <--Ops{topic, ops}-- B          a push: unasked
//! A <--Closed{topic}-- B            B does not share this party with A: unknown here, or A is no member
//! A <--Addresses{…}-- B             where B can be reached next time
//! A <--Cursor{topic, …}-- B         where B's person is at work: shown, never stored or passed on
//! ```
//!
//! A topic is `SHA-256("party-sync/1 topic" ‖ 00 ‖ party id)`: who does not know the party learns nothing from it. Memory is bounded: a
//! portion is at most [`MAX_PORTION`] bytes and one question per party is open at a time; a peer that does not read what it
//! is sent loses its link and asks again later.
//!
//! **Invariant:** nothing is answered for a party in which the peer is not a member *now*: the engine hands in the shared
//! parties at each step.

mod message;

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::{MAX_OP, Op, OpError, Party, PartyId};

pub use message::{Cursor, MAX_ADDRESSES, MAX_PORTION, SyncMessage, SyncMessageError};

/// Stands for a party on a link between two devices that both know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(pub [u8; 32]);

impl Topic {
    /// The topic of a party.
    #[must_use]
    pub fn of(party: PartyId) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"party-sync/1 topic\0");
        hash.update(party.as_bytes());
        Self(hash.finalize().into())
    }
}

/// What to do, in this order.
#[derive(Debug, PartialEq, Eq)]
pub enum SyncOutput {
    /// Send a frame: type byte and body.
    Send(Vec<u8>),
    /// Store and apply these ops, then call [`Sync::took`].
    Take {
        /// Which party.
        party: PartyId,
        /// In the sender's causal order.
        ops: Vec<Op>,
    },
    /// The peer does not share this party: it has not heard of our admission yet, or we are no member for it.
    NotShared(PartyId),
    /// Where the peer says it can be reached: `address:port` each. A claim, to be filtered.
    Addresses(Vec<String>),
    /// Where the peer's person is at work in a party. A claim.
    Cursor(Topic, Cursor),
}

/// Why a link has to be closed: the peer broke the protocol.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// A frame is not canonical, too long or of an unknown type.
    #[error("a frame cannot be read: {0}")]
    Message(#[from] SyncMessageError),
    /// An op is not canonical or its signature is wrong.
    #[error("an op cannot be read: {0}")]
    Op(#[from] OpError),
}

/// What became of taken ops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Some of them are new.
    New,
    /// None of them is: all were known, or refused.
    Nothing,
    /// Some wait for ops that have not come.
    Incomplete,
}

/// Whether a party's question is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    /// None is open: what comes is a push.
    Settled,
    /// One is open.
    Asked,
    /// The answer had more to follow: ask again when the engine has taken what came.
    Portion,
    /// The whole answer has come; the engine is taking it.
    Answered,
}

/// The machine of one link. It holds no ops: the parties are handed in.
#[derive(Debug, Default)]
pub struct Sync {
    questions: BTreeMap<PartyId, Question>,
}

impl Sync {
    /// A party is shared with the peer from now on: asks for what is missing.
    ///
    /// Called for each shared party when the link opens, and when one comes to be shared later. Does nothing if it was.
    pub fn share(&mut self, party: &Party) -> Vec<SyncOutput> {
        if self.questions.contains_key(&party.id()) {
            return Vec::new();
        }
        vec![self.ask(party)]
    }

    /// A party is not shared any more.
    pub fn unshare(&mut self, party: PartyId) -> Vec<SyncOutput> {
        if self.questions.remove(&party).is_none() {
            return Vec::new();
        }
        vec![SyncOutput::Send(
            SyncMessage::Closed {
                topic: Topic::of(party),
            }
            .encode(),
        )]
    }

    /// Whether any party is shared on this link.
    #[must_use]
    pub fn shares_any(&self) -> bool {
        !self.questions.is_empty()
    }

    /// Takes a frame. `shared` are the parties in which the peer's device is a member's now.
    ///
    /// # Errors
    /// [`SyncError`]: close the link.
    pub fn handle(&mut self, frame: &[u8], shared: &[&Party]) -> Result<Vec<SyncOutput>, SyncError> {
        let find = |topic: Topic| shared.iter().copied().find(|party| Topic::of(party.id()) == topic);
        match SyncMessage::decode(frame)? {
            SyncMessage::Have { topic, have } => {
                let Some(party) = find(topic) else {
                    return Ok(vec![SyncOutput::Send(SyncMessage::Closed { topic }.encode())]);
                };
                let missing = party.missing(&have, MAX_PORTION);
                // Full up to less than one op's length: perhaps there is more. If not, the next answer is empty and says so.
                let length: usize = missing.iter().map(|op| op.bytes().len()).sum();
                let more = length + MAX_OP > MAX_PORTION;
                let ops = missing.iter().map(|op| op.bytes().to_vec()).collect();
                Ok(vec![SyncOutput::Send(SyncMessage::Ops { topic, ops, more }.encode())])
            }
            SyncMessage::Ops { topic, ops, more } => {
                let Some(party) = find(topic) else {
                    return Ok(Vec::new());
                };
                let ops = ops.iter().map(|bytes| Op::open(bytes)).collect::<Result<Vec<_>, _>>()?;
                let question = self.questions.entry(party.id()).or_insert(Question::Settled);
                // A push that crosses our question looks like its answer. That is harmless: the answer is then taken as a push.
                *question = match (*question, more) {
                    (_, true) | (Question::Portion, false) => Question::Portion,
                    (Question::Asked | Question::Answered, false) => Question::Answered,
                    (Question::Settled, false) => Question::Settled,
                };
                Ok(vec![SyncOutput::Take { party: party.id(), ops }])
            }
            SyncMessage::Closed { topic } => {
                let Some(party) = find(topic) else {
                    return Ok(Vec::new());
                };
                self.questions.remove(&party.id());
                Ok(vec![SyncOutput::NotShared(party.id())])
            }
            SyncMessage::Addresses { addresses } => Ok(vec![SyncOutput::Addresses(addresses)]),
            SyncMessage::Cursor { topic, cursor } => Ok(vec![SyncOutput::Cursor(topic, cursor)]),
        }
    }

    /// The ops of a [`SyncOutput::Take`] are stored, as far as they are new.
    ///
    /// Asks for more only where that can help, so that a peer that repeats itself ends the exchange.
    pub fn took(&mut self, party: &Party, taken: Taken) -> Vec<SyncOutput> {
        match (self.questions.get(&party.id()), taken) {
            (Some(Question::Portion), Taken::New | Taken::Incomplete)
            | (Some(Question::Settled), Taken::Incomplete) => {
                vec![self.ask(party)]
            }
            (Some(Question::Portion | Question::Answered), _) => {
                self.questions.insert(party.id(), Question::Settled);
                Vec::new()
            }
            (Some(Question::Settled | Question::Asked) | None, _) => Vec::new(),
        }
    }

    /// Whether the peer has answered everything that was asked about a party, and all of the answer has been taken.
    #[must_use]
    pub fn is_settled(&self, party: PartyId) -> bool {
        self.questions.get(&party) == Some(&Question::Settled)
    }

    /// Tells a removed member's device so: the ops of [`Party::farewell`]. It closes the link when it has read them.
    #[must_use]
    pub fn farewell(party: PartyId, ops: &[Op]) -> Vec<SyncOutput> {
        frames(party, ops)
    }

    /// Pushes new ops of a party to the peer.
    #[must_use]
    pub fn push(&self, party: PartyId, ops: &[Op]) -> Vec<SyncOutput> {
        if !self.questions.contains_key(&party) {
            return Vec::new();
        }
        frames(party, ops)
    }

    /// Tells the peer where this device can be reached next time.
    #[must_use]
    pub fn tell_addresses(addresses: Vec<String>) -> SyncOutput {
        SyncOutput::Send(SyncMessage::Addresses { addresses }.encode())
    }

    /// Tells the peer where this person is at work.
    #[must_use]
    pub fn tell_cursor(party: PartyId, cursor: Cursor) -> SyncOutput {
        let topic = Topic::of(party);
        SyncOutput::Send(SyncMessage::Cursor { topic, cursor }.encode())
    }

    fn ask(&mut self, party: &Party) -> SyncOutput {
        self.questions.insert(party.id(), Question::Asked);
        SyncOutput::Send(
            SyncMessage::Have {
                topic: Topic::of(party.id()),
                have: party.have(),
            }
            .encode(),
        )
    }
}

fn frames(party: PartyId, ops: &[Op]) -> Vec<SyncOutput> {
    let topic = Topic::of(party);
    portions(ops)
        .into_iter()
        .map(|ops| {
            SyncOutput::Send(
                SyncMessage::Ops {
                    topic,
                    ops,
                    more: false,
                }
                .encode(),
            )
        })
        .collect()
}

/// Ops in groups of at most [`MAX_PORTION`] bytes.
fn portions(ops: &[Op]) -> Vec<Vec<Vec<u8>>> {
    let mut all: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut room = 0;
    for op in ops {
        let bytes = op.bytes().to_vec();
        match all.last_mut() {
            Some(portion) if bytes.len() <= room => {
                room -= bytes.len();
                portion.push(bytes);
            }
            _ => {
                room = MAX_PORTION.saturating_sub(bytes.len());
                all.push(vec![bytes]);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests;
