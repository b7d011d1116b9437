//! Replication with members' devices: what each is asked, told and sent, and what becomes of what it sends.

mod opening;

use std::time::Duration;

use crate::identity::EndpointId;
use crate::invitation::{Closing, ErrorCode};
use crate::net::LinkId;
use crate::party::sync::{Part, Sync, SyncError, SyncOutput};
use crate::party::{Have, Op, Party, PartyId};
use crate::store::Change;

use super::dialling::SLOWEST_REDIAL;
use super::open::Open;
use super::peers::{Author, shared_parties};
use super::timers::Timer;
use opening::open_all;

/// How long after a change the others are told what is stored by now: changes that come together are told together.
const TELL_AFTER: Duration = Duration::from_millis(20);

/// How long a peer may hold something else before it is asked: usually the difference is under way.
const COMPARE_AFTER: Duration = Duration::from_millis(500);

/// Whether ops of a peer could be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    OnDisk,
    Not,
}

impl Open {
    /// A frame of a member's device.
    pub(super) async fn sync_frame(&mut self, link: LinkId, endpoint: EndpointId, frame: Vec<u8>) {
        let by_stranger = Sync::hands_over(&frame) && !self.is_own_device(endpoint);
        let shared = shared_parties(&self.parties, endpoint);
        let Some(peer) = self.peers.on(link, endpoint) else {
            return;
        };
        // It would be kept until the last of it has come, so it is not even begun.
        if by_stranger {
            return self.expel(link, endpoint, SyncError::HandedByStranger).await;
        }
        match peer.sync.handle(&frame, &shared) {
            Ok(outputs) => self.sync_outputs(link, endpoint, outputs).await,
            Err(error) => self.expel(link, endpoint, error).await,
        }
    }

    /// Carries out what a link's machine wants.
    pub(super) async fn sync_outputs(&mut self, link: LinkId, endpoint: EndpointId, outputs: Vec<SyncOutput>) {
        for output in outputs {
            match output {
                SyncOutput::Send(frame) => self.send_frame(link, frame),
                SyncOutput::Answer { party, have } => self.answer(link, endpoint, party, have),
                SyncOutput::Take { party, ops, part } => self.take((link, endpoint), party, ops, part).await,
                SyncOutput::Compare(party) => {
                    self.timers
                        .set_once(self.now().plus(COMPARE_AFTER), Timer::Compare(party));
                    self.show_if_in_step(party).await;
                }
                SyncOutput::NotShared(party) => {
                    tracing::info!(party = %party.short(), peer = %endpoint.short(), "the peer does not share this party");
                    self.hand_over(link, endpoint, party);
                    if self
                        .peers
                        .on(link, endpoint)
                        .is_some_and(|peer| !peer.sync.shares_any() && peer.handing.is_over())
                    {
                        self.close(link, Closing::at_once(ErrorCode::NotAllowed));
                    }
                }
                SyncOutput::Addresses(addresses) => self.learn_addresses(endpoint, addresses).await,
                SyncOutput::Cursor(topic, cursor) => self.cursor_moved(endpoint, topic, cursor).await,
                SyncOutput::Misbehaved(error) => self.expel(link, endpoint, error).await,
                SyncOutput::Handed(ops) => self.take_over(endpoint, ops).await,
            }
        }
    }

    /// Answers a question, now or when there is room for it.
    fn answer(&mut self, link: LinkId, endpoint: EndpointId, id: PartyId, have: Have) {
        let has_room = self.net.as_ref().is_some_and(|net| net.has_room(link));
        match self.parties.get(&id) {
            Some(party) if has_room => self.send_all(link, vec![Sync::answer(party, &have)]),
            _ => {
                if let Some(peer) = self.peers.on(link, endpoint) {
                    peer.owed.insert(id, have);
                }
            }
        }
    }

    /// A slow peer has read everything: it gets the answers that it waits for, and hears of what it was not sent.
    pub(super) fn drained(&mut self, link: LinkId, endpoint: EndpointId) {
        let Some(peer) = self.peers.on(link, endpoint) else {
            return;
        };
        for (party, have) in std::mem::take(&mut peer.owed) {
            if self.shares(party, endpoint) {
                self.answer(link, endpoint, party, have);
            }
        }
        self.hand_on(link, endpoint);
        let shared: Vec<PartyId> = self.shared_with(endpoint).iter().map(|party| party.id()).collect();
        for party in shared {
            self.tell_held_soon(party);
        }
    }

    /// Takes ops of a peer: judged in memory, stored, then shown and passed on.
    async fn take(&mut self, (link, from): (LinkId, EndpointId), id: PartyId, ops: Vec<Vec<u8>>, part: Part) {
        let Some(party) = self.parties.get(&id) else { return };
        // Each op comes from everybody who is linked: only the first time does it cost a check of its signature.
        let unknown = ops.into_iter().filter(|op| !party.holds(op)).collect();
        let ops = match open_all(unknown).await {
            Ok(ops) => ops,
            Err(error) => return self.expel(link, from, error.into()).await,
        };
        let (Some(party), Some(peer)) = (self.parties.get_mut(&id), self.peers.on(link, from)) else {
            return;
        };
        let taken = peer.sync.take(party, ops, part);
        let has_all = part != Part::Push && peer.sync.is_settled(id);
        if taken.useless > 0 {
            tracing::warn!(ops = taken.useless, peer = %from.short(), "ops were refused");
        }
        let mut misbehaved = None;
        for output in taken.outputs {
            match output {
                // The peer looks for the next portion while this one is written.
                SyncOutput::Send(frame) => self.send_frame(link, frame),
                SyncOutput::Misbehaved(error) => misbehaved = Some(error),
                _ => {}
            }
        }
        let kept = self.keep(id, from, taken.new).await;
        if has_all && kept == Kept::OnDisk {
            self.complete_party(id).await;
        }
        if let Some(error) = misbehaved {
            self.expel(link, from, error).await;
        }
    }

    /// Stores ops of a peer that are applied already, shows them and passes them on.
    pub(super) async fn keep(&mut self, id: PartyId, from: EndpointId, new: Vec<Op>) -> Kept {
        if new.is_empty() {
            return Kept::OnDisk;
        }
        let change = Change::AppendOps {
            party: id,
            ops: new.clone(),
        };
        if self.store_or_tell(vec![change]).await.is_err() {
            // Memory must not be ahead of the disk: go back to what is stored, and ask again in a while.
            self.reload_party(id).await;
            for peer in self.peers.linked.values_mut() {
                peer.sync.lost(id);
            }
            self.timers
                .set_once(self.now().plus(SLOWEST_REDIAL), Timer::Compare(id));
            return Kept::Not;
        }
        self.announce(id, &new, Some(from));
        self.party_changed(id, &new, Author::Peer).await;
        Kept::OnDisk
    }

    /// Pushes ops to every linked device that shares the party, but not back to where they came from.
    ///
    /// A device that has just lost its share is told so by the membership ops, and nothing else. One that is too slow is sent
    /// nothing: it hears later that there is more, and asks.
    pub(super) fn announce(&mut self, party: PartyId, ops: &[Op], from: Option<EndpointId>) {
        let linked: Vec<EndpointId> = self.peers.linked.keys().copied().collect();
        for endpoint in linked.into_iter().filter(|endpoint| Some(*endpoint) != from) {
            let shares = self.shares(party, endpoint);
            let (Some(peer), Some(net)) = (self.peers.linked.get_mut(&endpoint), &self.net) else {
                continue;
            };
            let outputs = if shares {
                peer.sync.push(party, ops)
            } else {
                let membership: Vec<Op> = ops.iter().filter(|op| op.act().is_membership()).cloned().collect();
                peer.sync.push(party, &membership)
            };
            let link = peer.link;
            for output in outputs {
                if shares && !net.has_room(link) {
                    peer.sync.missed(party);
                    break;
                }
                if let SyncOutput::Send(frame) = output
                    && let Err(error) = net.send(link, frame)
                {
                    tracing::debug!(%error, "a push was not sent");
                }
            }
        }
        self.tell_held_soon(party);
    }

    /// Sends the frames among outputs that can hold nothing else.
    pub(super) fn send_all(&self, link: LinkId, outputs: Vec<SyncOutput>) {
        for output in outputs {
            if let SyncOutput::Send(frame) = output {
                self.send_frame(link, frame);
            }
        }
    }

    /// What is stored of a party has changed, or somebody has not heard of it.
    pub(super) fn tell_held_soon(&mut self, party: PartyId) {
        self.timers
            .set_once(self.now().plus(TELL_AFTER), Timer::TellHeld(party));
    }

    /// Tells every device that shares a party what is stored of it.
    pub(super) async fn tell_held(&mut self, id: PartyId) {
        self.with_sharers(id, Sync::tell);
        self.show_if_in_step(id).await;
    }

    /// Tells all devices what they have not been told yet, before they are left.
    pub(super) fn tell_all_held(&mut self) {
        let parties: Vec<PartyId> = self.parties.keys().copied().collect();
        for id in parties {
            self.with_sharers(id, Sync::tell);
        }
    }

    /// Asks the devices that still hold something else.
    pub(super) fn compare(&mut self, id: PartyId) {
        self.with_sharers(id, Sync::compare);
    }

    /// Lets the machine of each device that shares a party say something, if there is room for it.
    fn with_sharers(&mut self, id: PartyId, mut say: impl FnMut(&mut Sync, &Party) -> Option<SyncOutput>) {
        let now = self.now();
        let (Some(party), Some(net)) = (self.parties.get(&id), &self.net) else {
            return;
        };
        for peer in self.peers.linked.values_mut() {
            if !net.has_room(peer.link) {
                continue;
            }
            match say(&mut peer.sync, party) {
                Some(SyncOutput::Send(frame)) => {
                    if let Err(error) = net.send(peer.link, frame) {
                        tracing::debug!(%error, "a frame was not sent");
                    }
                }
                Some(SyncOutput::Compare(party)) => {
                    self.timers.set_once(now.plus(COMPARE_AFTER), Timer::Compare(party));
                }
                _ => {}
            }
        }
    }
}
