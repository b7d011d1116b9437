//! Invitations in the local network: ours that is shown there, and others' that are heard.

use std::sync::Arc;

use crate::failure::Failure;
use crate::invitation::invitee::Pending;
use crate::invitation::nearby::Sightings;
use crate::invitation::{InvitationId, MAX_WRONG_PINS, NearbyInvitation, RedeemError, inviter};
use crate::time::Timestamp;

use super::open::{DAY, Open};
use super::{Event, RequestId};

/// What this device says and hears nearby.
#[derive(Default)]
pub(super) struct Nearby {
    /// What is announced.
    announced: Option<NearbyInvitation>,
    /// Whether a person is looking. What comes after they stopped is dropped.
    listening: bool,
}

impl Open {
    /// Shows an invitation nearby, in place of another one.
    pub(super) async fn show_nearby(&mut self, id: InvitationId) -> Result<(), Failure> {
        let invitation = self.invitations.get(&id).ok_or(Failure::InvitationUnknown)?;
        // A further device of one's own has the code.
        if !invitation.lets_people_in() {
            return Err(Failure::NearbyUnavailable);
        }
        let others: Vec<InvitationId> = self.shown_nearby().filter(|shown| *shown != id).collect();
        for other in others {
            self.drive_inviter(other, inviter::Input::HideNearby).await;
        }
        self.ask_inviter(id, inviter::Input::ShowNearby).await?;
        if self.shown_nearby().any(|shown| shown == id) && self.nearby.announced.is_none() {
            self.drive_inviter(id, inviter::Input::HideNearby).await;
            return Err(Failure::NearbyUnavailable);
        }
        Ok(())
    }

    /// Shows it no more.
    pub(super) async fn hide_nearby(&mut self, id: InvitationId) -> Result<(), Failure> {
        self.ask_inviter(id, inviter::Input::HideNearby).await
    }

    /// Announces what is shown now, where this device is now.
    pub(super) fn update_announcement(&mut self) {
        let shown = self.shown_nearby().next().and_then(|id| self.announcement(id));
        if shown == self.nearby.announced {
            return;
        }
        let Some(net) = &mut self.net else { return };
        self.nearby.announced = match net.announce_nearby(shown.as_ref()) {
            Ok(()) => shown,
            Err(error) => {
                tracing::info!(%error, "nothing is announced nearby");
                None
            }
        };
    }

    /// Announces what is shown anew, and listens again, with another endpoint. What cannot be shown any more is hidden.
    pub(super) async fn announce_anew(&mut self) {
        if self.nearby.listening
            && let Some(net) = &mut self.net
            && let Err(error) = net.listen_nearby(true)
        {
            tracing::info!(%error, "nothing is heard nearby");
        }
        self.nearby.announced = None;
        self.update_announcement();
        if self.nearby.announced.is_none() {
            let shown: Vec<InvitationId> = self.shown_nearby().collect();
            for id in shown {
                self.drive_inviter(id, inviter::Input::HideNearby).await;
            }
        }
    }

    /// What is announced of an invitation.
    pub(super) fn announcement(&self, id: InvitationId) -> Option<NearbyInvitation> {
        let handle = self.invitations.get(&id)?.record().secret.handle();
        Some(NearbyInvitation {
            endpoint: self.keys.endpoint.id(),
            handle,
            addresses: self.net.as_ref()?.reach().addresses,
        })
    }

    /// Which invitation a device means: by its id, or by its handle.
    pub(super) fn invitation_named(&self, named: InvitationId) -> Option<InvitationId> {
        if self.invitations.contains_key(&named) {
            return Some(named);
        }
        let mut invitations = self.invitations.iter();
        invitations.find_map(|(id, invitation)| (invitation.by_handle() == named).then_some(*id))
    }

    fn shown_nearby(&self) -> impl Iterator<Item = InvitationId> {
        self.invitations
            .iter()
            .filter(|(_, invitation)| invitation.is_shown_nearby())
            .map(|(id, _)| *id)
    }

    /// Listens for what others show nearby, and tells it as it changes.
    pub(super) fn listen_nearby(&mut self) -> Result<(), Failure> {
        let net = self.net.as_mut().ok_or(Failure::NetworkUnavailable)?;
        net.listen_nearby(true).or(Err(Failure::NearbyUnavailable))?;
        self.nearby.listening = true;
        Ok(())
    }

    /// Does not listen any more: nothing is heard.
    pub(super) async fn stop_listening(&mut self) {
        self.nearby_heard(Sightings::default()).await;
        self.nearby.listening = false;
        if let Some(net) = &mut self.net
            && let Err(error) = net.listen_nearby(false)
        {
            tracing::warn!(%error, "listening did not end");
        }
    }

    /// Others are heard than before.
    pub(super) async fn nearby_heard(&self, sightings: Sightings) {
        if self.nearby.listening {
            let nearby = Arc::new(sightings);
            self.context.events.send(Event::NearbyChanged { nearby }).await;
        }
    }

    /// Redeems what a person has picked among those that are heard.
    pub(super) async fn redeem_nearby(
        &mut self,
        request: RequestId,
        picked: &NearbyInvitation,
    ) -> Result<Event, Failure> {
        if let Some(until) = self.blocked_nearby().await? {
            return Err(Failure::Redeem(RedeemError::BlockedHere { until }));
        }
        self.begin_or_go_on(request, Arc::new(picked.code()), false).await
    }

    /// New look-alikes are no new guesses: until when so many PINs were proved nearby to somebody who did not prove them back
    /// that no more are.
    async fn blocked_nearby(&self) -> Result<Option<Timestamp>, Failure> {
        let unanswered = self.unanswered_nearby().await?;
        let excess = unanswered.len().checked_sub(usize::from(MAX_WRONG_PINS));
        Ok(excess
            .and_then(|excess| unanswered.get(excess))
            .map(|oldest| oldest.plus(DAY)))
    }

    /// When the PINs of the last day were proved nearby to somebody who did not prove them back, the oldest first. Those for one
    /// invitation have the time of its last one.
    pub(super) async fn unanswered_nearby(&self) -> Result<Vec<Timestamp>, Failure> {
        let stored = self.context.store.run(|store| store.load_pending()).await??;
        let now = self.now();
        let mut unanswered: Vec<Timestamp> = stored
            .iter()
            .filter_map(|stored| Pending::decode(&stored.bytes).ok())
            .filter(|pending| pending.still_counts(now))
            .flat_map(|pending| std::iter::repeat_n(pending.created, usize::from(pending.wrong_total)))
            .collect();
        unanswered.sort_unstable();
        Ok(unanswered)
    }
}
