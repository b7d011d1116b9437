//! What the worker has told so far: the latest view of each thing, nothing else.

use std::sync::Arc;

use crate::failure::Failure;
use crate::invitation::{InvitationId, InvitationStage, RedemptionStage};
use crate::party::PartyId;
use crate::worker::{Event, InvitationView, NetworkView, PartyView, ProfileView, RedemptionId, RedemptionView};

/// How the worker is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The first event has not come yet.
    #[default]
    Opening,
    /// There is a profile, at some stage.
    Profile(ProfileView),
    /// The profile cannot be opened.
    Closed(Failure),
    /// The engine has ended.
    Stopped,
}

/// Everything that the window shows.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) condition: Condition,
    /// In the order in which they came.
    pub(crate) parties: Vec<Arc<PartyView>>,
    /// Oldest first.
    pub(crate) invitations: Vec<Arc<InvitationView>>,
    pub(crate) redemptions: Vec<Arc<RedemptionView>>,
    pub(crate) network: NetworkView,
}

/// Puts a view in the place of the one with the same key, or at the end.
fn put<T, K: PartialEq>(list: &mut Vec<Arc<T>>, view: &Arc<T>, key: impl Fn(&T) -> K) {
    match list.iter_mut().find(|old| key(old) == key(view)) {
        Some(old) => *old = Arc::clone(view),
        None => list.push(Arc::clone(view)),
    }
}

impl Model {
    /// Takes in one event.
    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::ProfileChanged { profile, .. } => self.condition = Condition::Profile(profile.clone()),
            Event::Failed { request: None, failure } if self.condition == Condition::Opening => {
                self.condition = Condition::Closed(failure.clone());
            }
            Event::PartyChanged { party } => put(&mut self.parties, party, |party| party.id),
            Event::PartyLeft { party } => {
                self.parties.retain(|old| old.id != *party);
                self.invitations.retain(|old| old.party != *party);
            }
            Event::InvitationCreated { invitation, .. } | Event::InvitationChanged { invitation } => {
                put(&mut self.invitations, invitation, |invitation| invitation.id);
            }
            Event::RedemptionStarted { redemption, .. } | Event::RedemptionChanged { redemption } => {
                put(&mut self.redemptions, redemption, |redemption| redemption.id);
            }
            Event::NetworkChanged { network } => self.network = network.clone(),
            // Everything that is stored comes again.
            Event::Restarted => *self = Self::default(),
            Event::Stopped => {
                if !matches!(self.condition, Condition::Closed(_)) {
                    self.condition = Condition::Stopped;
                }
            }
            Event::Done { .. } | Event::Failed { .. } | Event::PartyCreated { .. } | Event::TaskAdded { .. } => {}
            _ => {}
        }
    }

    /// The profile's own name, once it is open.
    pub(crate) fn own_name(&self) -> &str {
        match &self.condition {
            Condition::Profile(ProfileView::Open { name, .. }) => name,
            _ => "",
        }
    }

    pub(crate) fn party(&self, id: PartyId) -> Option<&Arc<PartyView>> {
        self.parties.iter().find(|party| party.id == id)
    }

    pub(crate) fn invitation(&self, id: InvitationId) -> Option<&Arc<InvitationView>> {
        self.invitations.iter().find(|invitation| invitation.id == id)
    }

    pub(crate) fn redemption(&self, id: RedemptionId) -> Option<&Arc<RedemptionView>> {
        self.redemptions.iter().find(|redemption| redemption.id == id)
    }

    /// The invitations of a party that can still bring somebody in.
    pub(crate) fn pending(&self, party: PartyId) -> impl Iterator<Item = &Arc<InvitationView>> {
        self.invitations
            .iter()
            .filter(move |invitation| invitation.party == party && is_pending(&invitation.stage))
    }
}

/// Whether an invitation can still bring somebody in.
pub(crate) const fn is_pending(stage: &InvitationStage) -> bool {
    match stage {
        InvitationStage::Code { .. }
        | InvitationStage::Pin { .. }
        | InvitationStage::PinVoid { .. }
        | InvitationStage::Admitting => true,
        InvitationStage::Admitted { .. }
        | InvitationStage::Locked
        | InvitationStage::Revoked
        | InvitationStage::Expired => false,
    }
}

/// Whether a redemption waits for something.
pub(crate) const fn is_running(stage: &RedemptionStage) -> bool {
    !matches!(
        stage,
        RedemptionStage::Joined { .. } | RedemptionStage::Failed { .. } | RedemptionStage::Cancelled
    )
}
