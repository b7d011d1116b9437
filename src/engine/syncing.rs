//! Replication with members' devices: whom to dial, who may speak for which party, and what goes where.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use crate::identity::{EndpointId, IdentityId};
use crate::invitation::{Closing, ErrorCode, Hint, LocalNetworks, usable};
use crate::net::{CloseReason, LinkId, NetworkMode, Protocol, Relay};
use crate::party::sync::{MAX_ADDRESSES, Sync, SyncOutput, Taken};
use crate::party::{Op, Party, PartyId, Received};
use crate::store::Change;

use super::Event;
use super::links::Link;
use super::open::Open;
use super::timers::Timer;
use super::view::NetworkView;

/// How long to wait after the first failed dial. Doubles up to [`SLOWEST_REDIAL`].
const FIRST_REDIAL: Duration = Duration::from_secs(1);

/// How long to wait at most between two dials of one device.
const SLOWEST_REDIAL: Duration = Duration::from_secs(60);

/// The devices of members: linked to, or to be dialled.
#[derive(Debug, Default)]
pub(super) struct Peers {
    linked: BTreeMap<EndpointId, Peer>,
    dialling: BTreeMap<EndpointId, Dial>,
}

/// A device that is linked.
#[derive(Debug)]
struct Peer {
    link: LinkId,
    dialled: Dialled,
    sync: Sync,
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

/// A device that is to be linked.
#[derive(Debug)]
struct Dial {
    /// The link that is being opened, or none while waiting for the next try.
    link: Option<LinkId>,
    /// How long to wait after the next failure.
    wait: Duration,
}

impl Open {
    /// The devices of all members of the parties that this person is in, but for this one.
    fn wanted(&self) -> BTreeSet<EndpointId> {
        let me = self.keys.endpoint.id();
        self.parties
            .values()
            .filter(|party| party.membership().by_endpoint(me).is_some())
            .flat_map(|party| party.membership().members())
            .flat_map(|member| &member.devices)
            .map(|device| device.endpoint)
            .filter(|endpoint| *endpoint != me)
            .collect()
    }

    /// Dials every member's device that is neither linked nor being dialled.
    pub(super) fn dial_members(&mut self) {
        let wanted = self.wanted();
        self.peers.dialling.retain(|endpoint, _| wanted.contains(endpoint));
        for endpoint in wanted {
            if !self.peers.linked.contains_key(&endpoint) && !self.peers.dialling.contains_key(&endpoint) {
                self.peers.dialling.insert(
                    endpoint,
                    Dial {
                        link: None,
                        wait: FIRST_REDIAL,
                    },
                );
                self.dial(endpoint);
            }
        }
    }

    /// Dials one device now, if it is still wanted and no try is under way.
    pub(super) fn dial(&mut self, endpoint: EndpointId) {
        let (addresses, relay) = (self.usable_addresses(endpoint), self.own_relay());
        let Some(dial) = self
            .peers
            .dialling
            .get_mut(&endpoint)
            .filter(|dial| dial.link.is_none())
        else {
            return;
        };
        let Some(net) = &self.net else { return };
        match net.connect(Protocol::Sync, endpoint, addresses, relay) {
            Ok(link) => {
                dial.link = Some(link);
                self.links.insert(link, Link::Syncing(endpoint));
            }
            Err(error) => {
                tracing::debug!(%error, peer = %endpoint.short(), "could not dial");
                self.redial_later(endpoint);
            }
        }
    }

    fn redial_later(&mut self, endpoint: EndpointId) {
        let now = self.now();
        if let Some(dial) = self.peers.dialling.get_mut(&endpoint) {
            dial.link = None;
            self.timers.set(now.plus(dial.wait), Timer::Dial(endpoint));
            dial.wait = (dial.wait * 2).min(SLOWEST_REDIAL);
        }
    }

    /// A sync link is open. Who is it, and do we want it?
    pub(super) async fn sync_opened(&mut self, link: LinkId, endpoint: EndpointId, dialled: Dialled) {
        if self.shared_with(endpoint).is_empty() {
            // Not a member of anything here, as far as this device has heard, or not any more: then it is told so.
            self.links.remove(&link);
            let farewells: Vec<SyncOutput> = self
                .parties
                .values()
                .filter_map(|party| Some((party.id(), self.parting(party, endpoint)?)))
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
            self.close(loser, Closing::ORDERLY);
            if !keep_new {
                return;
            }
        }
        self.links.insert(link, Link::Syncing(endpoint));
        self.peers.dialling.remove(&endpoint);
        let mut sync = Sync::default();
        let mut outputs: Vec<SyncOutput> = self
            .shared_with(endpoint)
            .into_iter()
            .flat_map(|party| sync.share(party))
            .collect();
        outputs.push(Sync::tell_addresses(self.own_addresses()));
        self.peers.linked.insert(endpoint, Peer { link, dialled, sync });
        self.sync_outputs(link, endpoint, outputs).await;
        self.presence_changed(endpoint).await;
        self.provider_came().await;
    }

    /// What a device that does not share this party any more has to know: that it was removed, or that this one has left.
    fn parting(&self, party: &Party, endpoint: EndpointId) -> Option<Vec<Op>> {
        party.farewell(endpoint).or_else(|| {
            party.membership().by_endpoint(endpoint)?;
            party.farewell(self.keys.endpoint.id())
        })
    }

    /// A frame of a member's device.
    pub(super) async fn sync_frame(&mut self, link: LinkId, endpoint: EndpointId, frame: Vec<u8>) {
        let shared: Vec<&Party> = shared_parties(&self.parties, self.keys.endpoint.id(), endpoint);
        let Some(peer) = self.peers.linked.get_mut(&endpoint).filter(|peer| peer.link == link) else {
            return;
        };
        match peer.sync.handle(&frame, &shared) {
            Ok(outputs) => self.sync_outputs(link, endpoint, outputs).await,
            Err(error) => {
                tracing::warn!(%error, peer = %endpoint.short(), "a member's device misbehaves");
                self.close(link, Closing::at_once(ErrorCode::BadMessage));
            }
        }
    }

    /// A sync link is over, or was not to be had.
    pub(super) async fn sync_gone(&mut self, link: LinkId, endpoint: EndpointId, reason: CloseReason) {
        tracing::debug!(?reason, peer = %endpoint.short(), "sync link closed");
        if self.peers.linked.get(&endpoint).is_some_and(|peer| peer.link == link) {
            self.peers.linked.remove(&endpoint);
            self.last_seen(endpoint).await;
            self.cursors_gone(endpoint).await;
            self.presence_changed(endpoint).await;
            if self.wanted().contains(&endpoint) {
                // Who has not heard of this device's admission hears of it from others, and dials then.
                let refused = reason == CloseReason::Code(ErrorCode::NotAllowed.close_code());
                let wait = if refused { SLOWEST_REDIAL } else { FIRST_REDIAL };
                self.peers.dialling.insert(endpoint, Dial { link: None, wait });
                self.redial_later(endpoint);
            }
        } else if self
            .peers
            .dialling
            .get(&endpoint)
            .is_some_and(|dial| dial.link == Some(link))
        {
            self.redial_later(endpoint);
        }
    }

    async fn sync_outputs(&mut self, link: LinkId, endpoint: EndpointId, outputs: Vec<SyncOutput>) {
        for output in outputs {
            match output {
                SyncOutput::Send(frame) => self.send_frame(link, frame),
                SyncOutput::Take { party, ops } => {
                    let taken = self.take(party, endpoint, ops).await;
                    let Some(party) = self.parties.get(&party) else {
                        continue;
                    };
                    let Some(peer) = self.peers.linked.get_mut(&endpoint) else {
                        continue;
                    };
                    let outputs = peer.sync.took(party, taken);
                    let has_all = peer.sync.is_settled(party.id()) && !party.waits_for_ops();
                    let lost = (party.is_incomplete() && has_all).then(|| party.id());
                    self.send_all(link, outputs);
                    if let Some(party) = lost {
                        self.complete_party(party).await;
                    }
                }
                SyncOutput::NotShared(party) => {
                    tracing::info!(party = %party.short(), peer = %endpoint.short(), "the peer does not share this party");
                }
                SyncOutput::Addresses(addresses) => self.learn_addresses(endpoint, addresses).await,
                SyncOutput::Cursor(topic, cursor) => self.cursor_moved(endpoint, topic, cursor).await,
            }
        }
    }

    /// Takes ops of a peer: judged in memory, stored, then shown and passed on.
    async fn take(&mut self, id: PartyId, from: EndpointId, ops: Vec<Op>) -> Taken {
        let Some(party) = self.parties.get_mut(&id) else {
            return Taken::Nothing;
        };
        let (mut new, mut taken) = (Vec::new(), Taken::Nothing);
        for op in ops {
            match party.receive(op) {
                Ok(Received::New(released)) => new.extend(released),
                Ok(Received::Known) => {}
                Ok(Received::Pending) => taken = Taken::Incomplete,
                Err(error) => tracing::warn!(%error, peer = %from.short(), "an op was refused"),
            }
        }
        if new.is_empty() {
            return taken;
        }
        let change = Change::AppendOps {
            party: id,
            ops: new.clone(),
        };
        if self.store_or_tell(vec![change]).await.is_err() {
            // Memory must not be ahead of the disk: go back to what is stored. The peer is asked again when it links anew.
            self.reload_party(id).await;
            return Taken::Nothing;
        }
        self.announce(id, &new, Some(from));
        self.party_changed(id, &new, Author::Peer).await;
        if taken == Taken::Incomplete { taken } else { Taken::New }
    }

    /// Pushes ops to every linked device that shares the party, but not back to where they came from.
    ///
    /// A device that has just lost its share is told so by the membership ops, and nothing else.
    pub(super) fn announce(&self, party: PartyId, ops: &[Op], from: Option<EndpointId>) {
        for (endpoint, peer) in self
            .peers
            .linked
            .iter()
            .filter(|(endpoint, _)| Some(**endpoint) != from)
        {
            let outputs = if self.shares(party, *endpoint) {
                peer.sync.push(party, ops)
            } else {
                let membership: Vec<Op> = ops.iter().filter(|op| op.act().is_membership()).cloned().collect();
                peer.sync.push(party, &membership)
            };
            self.send_all(peer.link, outputs);
        }
    }

    /// Sends the frames among outputs that can hold nothing else.
    fn send_all(&self, link: LinkId, outputs: Vec<SyncOutput>) {
        for output in outputs {
            if let SyncOutput::Send(frame) = output {
                self.send_frame(link, frame);
            }
        }
    }

    /// The membership of a party changed: who was removed is cut off, who came in is told what we hold.
    pub(super) fn membership_changed(&mut self, id: PartyId, author: Author) {
        let Some(party) = self.parties.get(&id) else { return };
        let me = self.keys.endpoint.id();
        let mut sends = Vec::new();
        for (endpoint, peer) in &mut self.peers.linked {
            let outputs = if is_shared(party, me, *endpoint) {
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
        self.timers.set(self.now(), Timer::WithdrawInvitations(id));
        self.update_advertising();
    }

    /// Is announced on the local network while somebody may be looking for this device: with an open code, or a member away.
    pub(super) fn update_advertising(&self) {
        if let Some(net) = &self.net {
            net.advertise(self.has_open_invitations() || !self.peers.dialling.is_empty());
        }
    }

    /// Members of a party whose devices are linked.
    pub(super) fn online(&self, party: &Party) -> BTreeSet<IdentityId> {
        self.peers
            .linked
            .keys()
            .filter_map(|endpoint| party.membership().by_endpoint(*endpoint))
            .map(|member| member.identity)
            .collect()
    }

    async fn presence_changed(&self, endpoint: EndpointId) {
        self.update_advertising();
        let shared: Vec<PartyId> = self.shared_with(endpoint).iter().map(|party| party.id()).collect();
        for party in shared {
            self.publish_party(party).await;
        }
        let network = NetworkView {
            peers: self.peers.linked.len(),
        };
        self.context.events.send(Event::NetworkChanged { network }).await;
    }

    pub(super) fn shared_with(&self, endpoint: EndpointId) -> Vec<&Party> {
        shared_parties(&self.parties, self.keys.endpoint.id(), endpoint)
    }

    /// The links to devices that share a party.
    pub(super) fn links_to_sharers(&self, party: PartyId) -> Vec<LinkId> {
        let linked = self.peers.linked.iter();
        linked
            .filter(|(endpoint, _)| self.shares(party, **endpoint))
            .map(|(_, peer)| peer.link)
            .collect()
    }

    /// A device was there until now: that is when its person was last seen.
    async fn last_seen(&mut self, endpoint: EndpointId) {
        let now = self.now();
        let shared = self.shared_with(endpoint);
        let member = shared
            .first()
            .and_then(|party| party.membership().by_endpoint(endpoint));
        if let Some(identity) = member.map(|member| member.identity) {
            self.seen.insert(identity, now);
            let change = Change::SaveSeen { identity, at: now };
            if let Err(failure) = self.store(vec![change]).await {
                tracing::warn!(?failure, "when a member was last seen was not stored");
            }
        }
    }

    /// Devices that are linked.
    pub(super) fn linked_devices(&self) -> impl Iterator<Item = EndpointId> {
        self.peers.linked.keys().copied()
    }

    /// The devices of a party's members, but for this one; none if this person is not in it.
    pub(super) fn devices_of(&self, party: PartyId) -> Vec<EndpointId> {
        let me = self.keys.endpoint.id();
        let party = self.parties.get(&party);
        party
            .filter(|party| party.membership().by_endpoint(me).is_some())
            .into_iter()
            .flat_map(|party| party.membership().members())
            .flat_map(|member| &member.devices)
            .map(|device| device.endpoint)
            .filter(|endpoint| *endpoint != me)
            .collect()
    }

    /// Whether a device shares a party with this one.
    pub(super) fn shares(&self, party: PartyId, endpoint: EndpointId) -> bool {
        self.parties
            .get(&party)
            .is_some_and(|party| is_shared(party, self.keys.endpoint.id(), endpoint))
    }

    /// Where this device can be reached, for peers to remember.
    fn own_addresses(&self) -> Vec<String> {
        let Some(net) = &self.net else { return Vec::new() };
        net.reach()
            .addresses
            .iter()
            .take(MAX_ADDRESSES)
            .map(ToString::to_string)
            .collect()
    }

    /// Remembers where a member's device says it can be reached.
    pub(super) async fn learn_addresses(&mut self, endpoint: EndpointId, addresses: Vec<String>) {
        let parsed: Vec<SocketAddr> = addresses.iter().filter_map(|text| text.parse().ok()).collect();
        if parsed.is_empty() || self.addresses.get(&endpoint) == Some(&parsed) {
            return;
        }
        let addresses = parsed.iter().map(ToString::to_string).collect();
        match self.store(vec![Change::SaveAddresses { endpoint, addresses }]).await {
            Ok(()) => drop(self.addresses.insert(endpoint, parsed)),
            Err(failure) => tracing::warn!(?failure, "a peer's addresses were not remembered"),
        }
    }

    /// Remembered addresses of a device, filtered like the hints of a code: they are the peer's claim.
    pub(super) fn usable_addresses(&self, endpoint: EndpointId) -> Vec<SocketAddr> {
        let claimed = self.addresses.get(&endpoint).map(Vec::as_slice).unwrap_or_default();
        let hints: Vec<Hint> = claimed.iter().copied().map(Hint::Address).collect();
        self.usable_hints(&hints)
    }

    /// The addresses among hints that this machine may send to.
    pub(super) fn usable_hints(&self, hints: &[Hint]) -> Vec<SocketAddr> {
        let Some(net) = &self.net else { return Vec::new() };
        // The transport tells addresses without their prefix; a /24 (IPv6: /64) is what a home usually has.
        let own = net
            .local_addresses()
            .into_iter()
            .map(|ip| (ip, if ip.is_ipv4() { 24 } else { 64 }));
        usable(
            hints,
            &LocalNetworks::new(own),
            self.context.network == NetworkMode::Loopback,
        )
    }

    /// The relay that this person has configured: where members who share it are found, as it has no name service.
    pub(super) fn own_relay(&self) -> Option<Relay> {
        let is_own = matches!(self.context.network, NetworkMode::OwnRelay { .. });
        self.net.as_ref().filter(|_| is_own)?.reach().relay
    }

    /// Where this device can be reached now, as a code says it.
    pub(super) fn code_hints(&self) -> Vec<Hint> {
        let Some(net) = &self.net else { return Vec::new() };
        let reach = net.reach();
        let relay = reach.relay.map(|relay| match relay {
            Relay::Preset(number) => Hint::RelayPreset(number),
            Relay::Host(host) => Hint::RelayHost(host),
        });
        relay
            .into_iter()
            .chain(reach.addresses.into_iter().map(Hint::Address))
            .collect()
    }
}

fn shared_parties(parties: &BTreeMap<PartyId, Party>, me: EndpointId, peer: EndpointId) -> Vec<&Party> {
    parties.values().filter(|party| is_shared(party, me, peer)).collect()
}

/// Whether both devices are certified ones of current members.
fn is_shared(party: &Party, me: EndpointId, peer: EndpointId) -> bool {
    let membership = party.membership();
    membership.by_endpoint(me).is_some() && membership.by_endpoint(peer).is_some()
}
