//! How two members' devices come to hold the same ops: one machine for each link (ALPN `party-sync/1`). No IO.
//!
//! A pair of devices has one link for all the parties that both know the other to be a member of. Each side says for each
//! party what it holds ([`Have`]); the other answers with what is missing, in causal order and in portions, until nothing is.
//! New ops are pushed as they come, and passed on to whoever else is linked, but not back to where they came from. A device
//! that took part offline, through others, or missed a push, asks again, so that the order of arrival never matters.
//!
//! ```text
//! A --Have{topic, have}--> B          what A holds: also the question for the rest
//! A <--Ops{topic, ops, Portion}-- B   the answer, as much as fits; there is more, so A asks again
//! A <--Ops{topic, ops, Last}-- B      the answer, or the end of it; perhaps nothing
//! A <--Ops{topic, ops, Push}-- B      new ops, unasked
//! A <--Held{topic, digest}-- B        all that B has on its disk: whether both have the same
//! A <--Closed{topic}-- B              B does not share this party with A: unknown here, or A is no member
//! A <--Addresses{…}-- B               where B can be reached next time
//! A <--Cursor{topic, …}-- B           where B's person is at work: shown, never stored or passed on
//! A <--Handed{ops}-- B                A and B are one person's, and A has said `Closed`: the party's membership ops
//! ```
//!
//! A topic is `SHA-256("party-sync/1 topic" ‖ 00 ‖ party id)`: who does not know the party learns nothing from it.
//!
//! # In step
//!
//! A while after its ops have changed, and not for each of them, a device tells its peers what it has stored by now (`Held`).
//! Who hears the same as it has itself knows that both have the same. Who hears something else waits a while, as the
//! difference is usually under way, and then asks. So nothing depends on a push: one that was missed, or left out because the
//! peer is slow, is made good by the next `Held`. A device asks once because of one `Held`, and says `Held` only when
//! something has changed, so that the talk ends.
//!
//! # Bounds
//!
//! What a peer can make this machine hold, whatever it sends and however slowly it reads:
//!
//! | what | at most |
//! |---|---|
//! | a frame | 256 KiB |
//! | ops in a frame | [`MAX_PORTION`] |
//! | frames that wait to be written on one link | 1 MiB ([`MAX_QUEUED`](crate::net::MAX_QUEUED)) |
//! | ops of one peer that wait for their past, for each party | [`MAX_WAITING`] |
//! | ops of all peers that wait for their past, for each party | 2048, and 4 MiB |
//! | questions of one peer that wait for room to be answered, for each party | 1 |
//! | ops that nobody can use (refused, or without a past) until the link is closed | [`MAX_USELESS`] |
//! | cursors of one device, for each party | 1 |
//! | ops of a party that is being handed over | [`MAX_HANDED`] |
//!
//! What members write in a party is not among these: `LOG.md`, "What bounds a log".
//!
//! A peer that reads slowly is not sent what does not fit; it is told what we hold when it has read the rest, and asks. One
//! that reads nothing of a frame within 20 s loses its link.
//!
//! **Invariant:** nothing is answered for a party in which the peer is not a member *now*: the engine hands in the shared
//! parties at each step. Whether this device is a member itself does not matter: who is no member is not dialled by members, and
//! if one does, then it knows of an act that has cancelled the removal.

mod exchange;
mod handing;
mod intake;
mod message;

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use self::exchange::{Exchange, Question};
use self::handing::Handed;
use super::{Have, MAX_OP, Op, OpError, Party, PartyId};

pub use handing::MAX_HANDED;
pub use intake::{MAX_USELESS, MAX_WAITING, Taken};
pub use message::{Cursor, MAX_ADDRESSES, MAX_PORTION, Part, SyncMessage, SyncMessageError};

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
    /// The peer asks: send it [`Sync::answer`] when there is room for it. Of several questions about one party the last counts.
    Answer {
        /// Which party.
        party: PartyId,
        /// What the peer holds.
        have: Have,
    },
    /// Check these ops, as far as they are not known, with [`Op::open`], and hand them to [`Sync::take`].
    Take {
        /// Which party.
        party: PartyId,
        /// In the sender's causal order.
        ops: Vec<Vec<u8>>,
        /// What they are.
        part: Part,
    },
    /// Call [`Sync::compare`] in a while: the peer holds something, perhaps something else.
    Compare(PartyId),
    /// The peer does not share this party: it has not heard of our admission yet, or we are no member for it.
    NotShared(PartyId),
    /// Where the peer says it can be reached: `address:port` each. A claim, to be filtered.
    Addresses(Vec<String>),
    /// Where the peer's person is at work in a party. A claim.
    Cursor(Topic, Cursor),
    /// Close the link.
    Misbehaved(SyncError),
    /// The membership ops of a party that the peer hands over. To be taken only from a device of one's own.
    Handed(Vec<Vec<u8>>),
}

/// Why a link has to be closed: the peer broke the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// A frame is not canonical, too long or of an unknown type.
    #[error("a frame cannot be read: {0}")]
    Message(#[from] SyncMessageError),
    /// An op is not canonical or its signature is wrong.
    #[error("an op cannot be read: {0}")]
    Op(#[from] OpError),
    /// Too many ops that nobody can use.
    #[error("more than {MAX_USELESS} ops were refused or stand on nothing")]
    Useless,
    /// More ops than one party may bring.
    #[error("what is handed over is longer than {MAX_HANDED} bytes")]
    HandedTooMuch,
    /// It hands over a party, and is not one of this person's own.
    #[error("a party is handed over by a device that is not this person's")]
    HandedByStranger,
}

/// The machine of one link. It holds no ops: the parties are handed in.
#[derive(Debug, Default)]
pub struct Sync {
    exchanges: BTreeMap<PartyId, Exchange>,
    /// How many ops it has brought that nobody can use.
    useless: u32,
    handed: Handed,
}

impl Sync {
    /// A party is shared with the peer from now on: asks for what is missing.
    ///
    /// Called for each shared party when the link opens, and when one comes to be shared later. Does nothing if it was.
    pub fn share(&mut self, party: &Party) -> Vec<SyncOutput> {
        if self.exchanges.contains_key(&party.id()) {
            return Vec::new();
        }
        let exchange = self.exchanges.entry(party.id()).or_default();
        vec![exchange.ask(party)]
    }

    /// A party is not shared any more.
    pub fn unshare(&mut self, party: PartyId) -> Vec<SyncOutput> {
        if self.exchanges.remove(&party).is_none() {
            return Vec::new();
        }
        let topic = Topic::of(party);
        vec![SyncOutput::Send(SyncMessage::Closed { topic }.encode())]
    }

    /// Whether any party is shared on this link.
    #[must_use]
    pub fn shares_any(&self) -> bool {
        !self.exchanges.is_empty()
    }

    /// Takes a frame. `shared` are the parties in which the peer's device is a member's now.
    ///
    /// # Errors
    /// [`SyncError`]: close the link.
    pub fn handle(&mut self, frame: &[u8], shared: &[&Party]) -> Result<Vec<SyncOutput>, SyncError> {
        let message = SyncMessage::decode(frame)?;
        let topic = match &message {
            SyncMessage::Have { topic, .. }
            | SyncMessage::Ops { topic, .. }
            | SyncMessage::Held { topic, .. }
            | SyncMessage::Closed { topic } => *topic,
            SyncMessage::Addresses { addresses } => return Ok(vec![SyncOutput::Addresses(addresses.clone())]),
            SyncMessage::Cursor { topic, cursor } => return Ok(vec![SyncOutput::Cursor(*topic, *cursor)]),
            SyncMessage::Handed { last, ops } => return self.handed.take(*last, ops),
        };
        let Some(known) = shared.iter().find(|party| Topic::of(party.id()) == topic) else {
            return Ok(match message {
                SyncMessage::Have { .. } => vec![SyncOutput::Send(SyncMessage::Closed { topic }.encode())],
                _ => Vec::new(),
            });
        };
        let party = known.id();
        Ok(match message {
            SyncMessage::Have { have, .. } => {
                // Who has said that it does not share this party has heard better meanwhile.
                let mut outputs = self.share(known);
                outputs.push(SyncOutput::Answer { party, have });
                outputs
            }
            SyncMessage::Ops { ops, part, .. } => vec![SyncOutput::Take { party, ops, part }],
            SyncMessage::Held { digest, .. } => {
                self.exchanges.entry(party).or_default().hear(digest);
                vec![SyncOutput::Compare(party)]
            }
            _ => {
                self.exchanges.remove(&party);
                vec![SyncOutput::NotShared(party)]
            }
        })
    }

    /// The answer to a peer that holds so much of a party: always one, perhaps an empty one.
    #[must_use]
    pub fn answer(party: &Party, have: &Have) -> SyncOutput {
        let missing = party.missing(have, MAX_PORTION);
        // Full up to less than one op's length: perhaps there is more. If not, the next answer is empty and says so.
        let length: usize = missing.iter().map(|op| op.bytes().len()).sum();
        let part = if length + MAX_OP > MAX_PORTION {
            Part::Portion
        } else {
            Part::Last
        };
        let ops = missing.iter().map(|op| op.bytes().to_vec()).collect();
        let topic = Topic::of(party.id());
        SyncOutput::Send(SyncMessage::Ops { topic, ops, part }.encode())
    }

    /// Says what we hold, if the peer has not been told. To be called when what has changed is stored, a while after it has.
    pub fn tell(&mut self, party: &Party) -> Option<SyncOutput> {
        self.exchanges.get_mut(&party.id())?.tell(party)
    }

    /// Asks, if the peer has held something else for a while. To be called a while after [`SyncOutput::Compare`].
    pub fn compare(&mut self, party: &Party) -> Option<SyncOutput> {
        self.exchanges.get_mut(&party.id())?.compare(party)
    }

    /// Whether the peer has said that it has stored exactly what has this [`Have::digest`]; none if the party is not shared.
    #[must_use]
    pub fn is_held(&self, party: PartyId, digest: [u8; 8]) -> Option<bool> {
        let exchange = self.exchanges.get(&party)?;
        Some(exchange.is_held(digest))
    }

    /// What the peer has said that it has stored of each party that is shared, as [`Have::digest`].
    #[must_use]
    pub fn held(&self) -> BTreeMap<PartyId, [u8; 8]> {
        let exchanges = self.exchanges.iter();
        exchanges
            .filter_map(|(party, exchange)| Some((*party, exchange.held()?)))
            .collect()
    }

    /// A push was left out: the next [`Sync::tell`] tells the peer, so that it asks.
    pub fn missed(&mut self, party: PartyId) {
        if let Some(exchange) = self.exchanges.get_mut(&party) {
            exchange.missed();
        }
    }

    /// This device has lost ops that it had, as they could not be stored. The next [`Sync::compare`] asks for them again.
    pub fn lost(&mut self, party: PartyId) {
        if let Some(exchange) = self.exchanges.get_mut(&party) {
            exchange.lost();
        }
    }

    /// Whether the peer has answered everything that was asked about a party, and all of the answer has been taken.
    #[must_use]
    pub fn is_settled(&self, party: PartyId) -> bool {
        let exchange = self.exchanges.get(&party);
        exchange.is_some_and(|exchange| exchange.question == Question::Settled)
    }

    /// Tells a removed member's device so: the ops of [`Party::farewell`]. It closes the link when it has read them.
    #[must_use]
    pub fn farewell(party: PartyId, ops: &[Op]) -> Vec<SyncOutput> {
        frames(party, ops)
    }

    /// Pushes new ops of a party to the peer.
    #[must_use]
    pub fn push(&self, party: PartyId, ops: &[Op]) -> Vec<SyncOutput> {
        if !self.exchanges.contains_key(&party) {
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
}

fn frames(party: PartyId, ops: &[Op]) -> Vec<SyncOutput> {
    let (topic, part) = (Topic::of(party), Part::Push);
    portions(ops)
        .into_iter()
        .map(|ops| SyncOutput::Send(SyncMessage::Ops { topic, ops, part }.encode()))
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
