//! Members' devices: whom to let in, who may speak for which party.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::{EndpointId, IdentityId};
use crate::invitation::{Closing, ErrorCode};
use crate::net::{CloseReason, LinkId};
use crate::party::sync::{Sync, SyncError, SyncOutput};
use crate::party::{Have, Party, PartyId};
use crate::time::Timestamp;

use super::devices::Handing;
use super::dialling::{Dialling, FIRST_REDIAL, SLOWEST_REDIAL};
use super::links::Link;
use super::open::Open;
use super::timers::Timer;

/// How long a device that misbehaved is not let in.
const EXPULSION: Duration = Duration::from_secs(60);

/// The devices of members: linked to, or to be dialled.
#[derive(Debug, Default)]
pub(super) struct Peers {
    pub(super) linked: BTreeMap<EndpointId, Peer>,
    pub(super) dialling: Dialling,
    /// Members' devices that were linked since this device was started, and are gone.
    pub(super) left: BTreeMap<EndpointId, Left>,
    /// Devices that misbehaved, and until when they are not let in.
    expelled: BTreeMap<EndpointId, Timestamp>,
}

/// A device that is linked.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) link: LinkId,
    dialled: Dialled,
    pub(super) sync: Sync,
    /// What it has asked and there was no room to answer.
    pub(super) owed: BTreeMap<PartyId, Have>,
    /// What it is given as this person's own device.
    pub(super) handing: Handing,
}

/// A device that is gone.
#[derive(Debug)]
pub(super) struct Left {
    /// Since when.
    pub(super) at: Timestamp,
    /// What it held of each party then ([`Have::digest`]).
    pub(super) held: BTreeMap<PartyId, [u8; 8]>,
}

/// Who wrote what has changed a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// The person at this machine, just now.
    Me,
    /// Somebody else: it came over a link.
    Peer,
}

/// Which side opened a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialled {
    ByUs,
    ByPeer,
}

impl Peers {
    /// The device at the other end of a link, if the link is the one that counts.
    pub(super) fn on(&mut self, link: LinkId, endpoint: EndpointId) -> Option<&mut Peer> {
        self.linked.get_mut(&endpoint).filter(|peer| peer.link == link)
    }

    fn is_expelled(&self, endpoint: EndpointId, now: Timestamp) -> bool {
        self.expelled.get(&endpoint).is_some_and(|until| *until > now)
    }
}

impl Open {
    /// A sync link is open. Who is it, and do we want it?
    pub(super) async fn sync_opened(&mut self, link: LinkId, endpoint: EndpointId, dialled: Dialled) {
        if self.peers.is_expelled(endpoint, self.now()) {
            self.links.remove(&link);
            self.dial_failed(link, endpoint);
            return self.close(link, Closing::at_once(ErrorCode::RateLimited));
        }
        if self.shared_with(endpoint).is_empty() {
            // Not a member of anything here, as far as this device has heard, or not any more: then it is told so.
            self.links.remove(&link);
            self.dial_failed(link, endpoint);
            let farewells: Vec<SyncOutput> = self
                .parties
                .values()
                .filter_map(|party| Some((party.id(), party.farewell(endpoint)?)))
                .flat_map(|(party, ops)| Sync::farewell(party, &ops))
                .collect();
            let closing = if farewells.is_empty() {
                Closing::at_once(ErrorCode::NotAllowed)
            } else {
                Closing::after_last_word(ErrorCode::NotAllowed)
            };
            self.send_all(link, farewells);
            return self.close(link, closing);
        }
        if let Some(peer) = self.peers.linked.get(&endpoint) {
            // Both dialled at once: both keep the link that the smaller endpoint id dialled. Dialled twice by the same side:
            // it has lost the first one and we have not noticed yet.
            let winner = if self.keys.endpoint.id() < endpoint {
                Dialled::ByUs
            } else {
                Dialled::ByPeer
            };
            let keep_new = dialled == peer.dialled || dialled == winner;
            let loser = if keep_new { peer.link } else { link };
            self.links.remove(&loser);
            self.dial_failed(loser, endpoint);
            self.close(loser, Closing::ORDERLY);
            if !keep_new {
                return;
            }
        }
        self.links.insert(link, Link::Syncing(endpoint));
        self.peers.dialling.linked(endpoint);
        self.dial_opened(link);
        self.peers.left.remove(&endpoint);
        let mut sync = Sync::default();
        let shared = self.shared_with(endpoint);
        let mut outputs: Vec<SyncOutput> = shared.iter().flat_map(|party| sync.share(party)).collect();
        let shared: Vec<PartyId> = shared.iter().map(|party| party.id()).collect();
        outputs.push(Sync::tell_addresses(self.own_addresses()));
        let owed = BTreeMap::new();
        self.peers.linked.insert(
            endpoint,
            Peer {
                link,
                dialled,
                sync,
                owed,
                handing: Handing::default(),
            },
        );
        self.sync_outputs(link, endpoint, outputs).await;
        for party in shared {
            self.tell_held_soon(party);
        }
        self.note_seen_later();
        self.presence_changed(endpoint).await;
        self.provider_came().await;
    }

    /// A sync link is over, or was not to be had.
    pub(super) async fn sync_gone(&mut self, link: LinkId, endpoint: EndpointId, reason: CloseReason) {
        tracing::debug!(?reason, peer = %endpoint.short(), "sync link closed");
        if self.peers.on(link, endpoint).is_some() {
            // Who has not heard of this device's admission hears of it from others, and dials then.
            let refused = reason == CloseReason::Code(ErrorCode::NotAllowed.close_code());
            let wait = if refused { SLOWEST_REDIAL } else { FIRST_REDIAL };
            self.unlinked(endpoint, wait).await;
        } else {
            self.dial_failed(link, endpoint);
        }
    }

    /// A member's device breaks the protocol: it is cut off, and not let in for a while.
    pub(super) async fn expel(&mut self, link: LinkId, endpoint: EndpointId, error: SyncError) {
        tracing::warn!(%error, peer = %endpoint.short(), "a member's device misbehaves");
        self.links.remove(&link);
        self.close(link, Closing::at_once(ErrorCode::BadMessage));
        let now = self.now();
        self.peers.expelled.retain(|_, until| *until > now);
        self.peers.expelled.insert(endpoint, now.plus(EXPULSION));
        self.unlinked(endpoint, EXPULSION).await;
    }

    /// A device is linked no more, and is dialled again after `wait`.
    async fn unlinked(&mut self, endpoint: EndpointId, wait: Duration) {
        if let Some(peer) = self.peers.linked.remove(&endpoint)
            && !self.peers.is_expelled(endpoint, self.now())
        {
            let (at, held) = (self.now(), peer.sync.held());
            self.peers.left.insert(endpoint, Left { at, held });
        }
        self.seen(&[endpoint]).await;
        self.cursors_gone(endpoint).await;
        self.presence_changed(endpoint).await;
        self.dial_lost(endpoint, wait);
    }

    /// The membership of a party changed: who was removed is cut off, who came in is told what we hold.
    pub(super) fn membership_changed(&mut self, id: PartyId, author: Author) {
        let Some(party) = self.parties.get(&id) else { return };
        let mut sends = Vec::new();
        for (endpoint, peer) in &mut self.peers.linked {
            let outputs = if is_member(party, *endpoint) {
                peer.sync.share(party)
            } else {
                peer.sync.unshare(id)
            };
            sends.push((peer.link, peer.sync.shares_any(), outputs));
        }
        for (link, shares_any, outputs) in sends {
            self.send_all(link, outputs);
            if !shares_any {
                // Who wrote it has sent the last frame, so the other side closes; it must read that frame first.
                let wait_for_peer = author == Author::Me;
                self.close(
                    link,
                    Closing {
                        wait_for_peer,
                        ..Closing::at_once(ErrorCode::NotAllowed)
                    },
                );
            }
        }
        self.dial_members();
        self.tell_held_soon(id);
        self.timers.set(self.now(), Timer::WithdrawInvitations(id));
        self.timers.set_once(self.now(), Timer::SettleDevices);
        self.update_advertising();
    }

    /// Is announced on the local network while somebody may be looking for this device: with an open code, or a member away.
    pub(super) fn update_advertising(&self) {
        if let Some(net) = &self.net {
            net.advertise(self.has_open_invitations() || !self.peers.dialling.is_empty());
        }
    }

    pub(super) fn shared_with(&self, endpoint: EndpointId) -> Vec<&Party> {
        shared_parties(&self.parties, endpoint)
    }

    /// The links to devices that share a party.
    pub(super) fn links_to_sharers(&self, party: PartyId) -> Vec<LinkId> {
        let linked = self.peers.linked.iter();
        linked
            .filter(|(endpoint, _)| self.shares(party, **endpoint))
            .map(|(_, peer)| peer.link)
            .collect()
    }

    /// Devices that are linked.
    pub(super) fn linked_devices(&self) -> impl Iterator<Item = EndpointId> {
        self.peers.linked.keys().copied()
    }

    /// The devices of a party's members and whose they are, but for this one; none if this person is not in it.
    pub(super) fn devices_of(&self, party: PartyId) -> Vec<(IdentityId, EndpointId)> {
        let me = self.keys.endpoint.id();
        let party = self.parties.get(&party);
        party
            .filter(|party| party.membership().by_endpoint(me).is_some())
            .into_iter()
            .flat_map(|party| party.membership().members())
            .flat_map(|member| {
                let devices = member.devices.iter();
                devices.map(|device| (member.identity, device.endpoint))
            })
            .filter(|(_, endpoint)| *endpoint != me)
            .collect()
    }

    /// Whether a device shares a party with this one.
    pub(super) fn shares(&self, party: PartyId, endpoint: EndpointId) -> bool {
        self.parties.get(&party).is_some_and(|party| is_member(party, endpoint))
    }
}

/// The parties that a device may hear of: those that it is a member's in.
///
/// Also those that this person is out of. Members do not dial who is out, so if one does, it knows better: the removal has been
/// cancelled by an act that this device has not heard of.
pub(super) fn shared_parties(parties: &BTreeMap<PartyId, Party>, peer: EndpointId) -> Vec<&Party> {
    parties.values().filter(|party| is_member(party, peer)).collect()
}

/// Whether a device is a certified one of a current member.
fn is_member(party: &Party, peer: EndpointId) -> bool {
    party.membership().by_endpoint(peer).is_some()
}
