//! Who is there, since when nobody is, and who has what this device has.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::identity::{EndpointId, IdentityId};
use crate::party::{Party, PartyId};
use crate::store::Change;

use super::open::Open;
use super::timers::Timer;
use super::view::SyncView;

/// How often it is stored that those who are linked are there: what a crash can take of it.
const SEEN_EVERY: Duration = Duration::from_secs(5 * 60);

impl Open {
    /// Members of a party whose devices are linked.
    pub(super) fn online(&self, party: &Party) -> BTreeSet<IdentityId> {
        self.peers
            .linked
            .keys()
            .filter_map(|endpoint| party.membership().by_endpoint(*endpoint))
            .map(|member| member.identity)
            .collect()
    }

    /// A device has come or gone.
    pub(super) async fn presence_changed(&mut self, endpoint: EndpointId) {
        self.update_advertising();
        let shared: Vec<PartyId> = self.shared_with(endpoint).iter().map(|party| party.id()).collect();
        for party in shared {
            self.publish_party(party).await;
        }
        self.tell_network().await;
    }

    /// How many of the devices that share a party hold what this one does.
    pub(super) fn sync_view(&self, party: &Party) -> SyncView {
        let (id, digest) = (party.id(), party.digest());
        let mut view = SyncView::default();
        for peer in self.peers.linked.values() {
            match peer.sync.is_held(id, digest) {
                Some(true) => view.in_step += 1,
                Some(false) => view.behind += 1,
                None => {}
            }
        }
        let left = self.peers.left.values();
        view.left_in_step = left.filter(|left| left.held.get(&id) == Some(&digest)).count();
        view
    }

    /// Shows a party anew if all who are there have come to hold the same, or do no longer.
    pub(super) async fn show_if_in_step(&mut self, id: PartyId) {
        self.note_holders(id).await;
        let Some(party) = self.parties.get(&id) else { return };
        let is_in_step = self.sync_view(party).behind == 0;
        if self.shown_in_step.get(&id) != Some(&is_in_step) {
            self.publish_party(id).await;
        }
    }

    /// Remembers that these devices were there until now: that is when their people were last seen.
    pub(super) async fn seen(&mut self, endpoints: &[EndpointId]) {
        let now = self.now();
        let identities: BTreeSet<IdentityId> = endpoints
            .iter()
            .filter_map(|endpoint| {
                let shared = self.shared_with(*endpoint);
                let member = shared.first()?.membership().by_endpoint(*endpoint)?;
                Some(member.identity)
            })
            .collect();
        let changes: Vec<Change> = identities
            .iter()
            .map(|identity| Change::SaveSeen {
                identity: *identity,
                at: now,
            })
            .collect();
        if changes.is_empty() {
            return;
        }
        self.last_seen
            .extend(identities.into_iter().map(|identity| (identity, now)));
        if let Err(failure) = self.store(changes).await {
            tracing::warn!(?failure, "when a member was last seen was not stored");
        }
    }

    /// Those who are linked are still there, or the program ends while they are.
    pub(super) async fn note_seen(&mut self) {
        let linked: Vec<EndpointId> = self.linked_devices().collect();
        self.seen(&linked).await;
        if !linked.is_empty() {
            self.note_seen_later();
        }
    }

    pub(super) fn note_seen_later(&mut self) {
        self.timers.set_once(self.now().plus(SEEN_EVERY), Timer::NoteSeen);
    }
}
