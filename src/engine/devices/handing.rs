//! A party that one of this person's devices has come into reaches the others.

use std::collections::VecDeque;

use crate::identity::EndpointId;
use crate::net::LinkId;
use crate::party::sync::{Sync, SyncOutput};
use crate::party::{Party, PartyId, Received};

use super::super::open::Open;
use super::becoming::all_of;

/// What a device is still to be given: parties, and what of the first one is not on its way yet.
#[derive(Debug, Default)]
pub(in crate::engine) struct Handing {
    frames: VecDeque<SyncOutput>,
    parties: VecDeque<PartyId>,
}

impl Handing {
    pub(in crate::engine) fn is_over(&self) -> bool {
        self.frames.is_empty() && self.parties.is_empty()
    }
}

impl Open {
    /// A peer does not know a party, or does not know that this device is in it. If it is this person's own device, it is given
    /// what an admission would give.
    pub(in crate::engine) fn hand_over(&mut self, link: LinkId, endpoint: EndpointId, id: PartyId) {
        let is_own = self
            .parties
            .get(&id)
            .is_some_and(|party| self.is_own_in(party, endpoint));
        if let Some(peer) = self.peers.on(link, endpoint)
            && is_own
            && !peer.handing.parties.contains(&id)
        {
            peer.handing.parties.push_back(id);
            self.hand_on(link, endpoint);
        }
    }

    /// Goes on with that, as far as there is room on the link.
    pub(in crate::engine) fn hand_on(&mut self, link: LinkId, endpoint: EndpointId) {
        while self.net.as_ref().is_some_and(|net| net.has_room(link)) {
            let Some(handing) = self.peers.on(link, endpoint).map(|peer| &mut peer.handing) else {
                return;
            };
            if let Some(frame) = handing.frames.pop_front() {
                self.send_all(link, vec![frame]);
                continue;
            }
            let Some(id) = handing.parties.pop_front() else { return };
            let party = self.parties.get(&id).filter(|party| self.is_own_in(party, endpoint));
            let Some(frames) = party.map(Sync::hand_over) else {
                continue;
            };
            match (frames, self.peers.on(link, endpoint)) {
                (Some(frames), Some(peer)) => peer.handing.frames.extend(frames),
                (None, _) => tracing::warn!(party = %id.short(), "the party is too large to hand over"),
                (_, None) => return,
            }
        }
    }

    /// Whether a device on the network is one of this person's.
    pub(in crate::engine) fn is_own_device(&self, endpoint: EndpointId) -> bool {
        self.own_devices().values().any(|own| own.endpoint == endpoint)
    }

    /// Another device of this person hands over a party: who it is was checked when the frame came.
    pub(in crate::engine) async fn take_over(&mut self, endpoint: EndpointId, ops: Vec<Vec<u8>>) {
        // There may be many signatures to check.
        let Ok(read) = tokio::task::spawn_blocking(move || Party::several(&ops)).await else {
            return tracing::error!("the task that reads what was handed over has failed");
        };
        let party = match read.map(|mut parties| (parties.pop(), parties.is_empty())) {
            Ok((Some(party), true)) => party,
            Ok(_) => return tracing::warn!("what was handed over is not one party"),
            Err(error) => return tracing::warn!(%error, "what was handed over is no party"),
        };
        let is_ours = self.is_own_in(&party, endpoint) && self.is_own_in(&party, self.keys.endpoint.id());
        if !is_ours || self.unreadable.contains(&party.id()) {
            return tracing::warn!(party = %party.id().short(), "a party was handed over that this device is not in");
        }
        if self.parties.contains_key(&party.id()) {
            return self.learn(endpoint, &party).await;
        }
        if self.store_or_tell(vec![all_of(&party)]).await.is_ok() {
            self.come_into(party).await;
        }
    }

    /// The party is known here: what of it is new.
    async fn learn(&mut self, from: EndpointId, party: &Party) {
        let id = party.id();
        let Some(known) = self.parties.get_mut(&id) else { return };
        let mut new = Vec::new();
        for op in party.ops() {
            if let Ok(Received::New(ops)) = known.receive(op.clone()) {
                new.extend(ops);
            }
        }
        // What could not be kept is asked for again.
        self.keep(id, from, new).await;
    }

    /// Whether a device is one of this person's in a party.
    fn is_own_in(&self, party: &Party, endpoint: EndpointId) -> bool {
        let member = party.membership().by_endpoint(endpoint);
        member.is_some_and(|member| member.identity == self.keys.identity.id())
    }
}
