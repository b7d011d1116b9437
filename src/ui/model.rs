//! What the worker has told so far: the latest view of each thing, nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::failure::Failure;
use crate::identity::IdentityId;
use crate::invitation::{InvitationId, InvitationStage, RedemptionStage};
use crate::party::{FileId, PartyId};
use crate::worker::{
    DevicesView, Event, InvitationView, NetworkView, PartyView, ProfileView, RedemptionId, RedemptionView, RequestId,
    ServiceView, TransferStage, TransferView,
};

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
    /// This person's devices, once the profile is open.
    pub(crate) devices: Option<Arc<DevicesView>>,
    /// Where this person is signed in.
    pub(crate) services: Vec<ServiceView>,
    /// The contents of files that are on their way.
    pub(crate) transfers: BTreeMap<FileId, TransferView>,
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
            Event::ServicesChanged { services } => self.services.clone_from(services),
            Event::DevicesChanged { devices } => self.devices = Some(Arc::clone(devices)),
            // Everything that is stored comes again.
            Event::Restarted => *self = Self::default(),
            Event::Stopped if !matches!(self.condition, Condition::Closed(_)) => self.condition = Condition::Stopped,
            Event::TransferChanged { transfer } => self.transfer(transfer),
            // Answers and news for whoever shows them; nothing that stays.
            Event::Failed { .. }
            | Event::NearbyChanged { .. }
            | Event::BrowserNeeded { .. }
            | Event::Stopped
            | Event::Done { .. }
            | Event::PartyCreated { .. }
            | Event::TaskAdded { .. }
            | Event::NoteAdded { .. }
            | Event::NoteOpened { .. }
            | Event::NoteEdited { .. }
            | Event::CursorsMoved { .. }
            | Event::MessageSent { .. }
            | Event::FileAdded { .. }
            | Event::FileNotAdded { .. }
            | Event::FileSaved { .. }
            | Event::ThumbnailMade { .. }
            | Event::HistoryRead { .. }
            | Event::SearchDone { .. }
            | Event::PartyExported { .. }
            | Event::PhraseShown { .. }
            | Event::StorageCompacted { .. }
            | Event::ConnectionExplained { .. } => {}
        }
    }

    /// Keeps a transfer until it is over. Why one failed stays to be read until it is tried again or dismissed.
    fn transfer(&mut self, transfer: &TransferView) {
        if matches!(transfer.stage, TransferStage::Done | TransferStage::Cancelled) {
            self.transfers.remove(&transfer.file);
        } else {
            self.transfers.insert(transfer.file, transfer.clone());
        }
    }

    /// Forgets a transfer that has failed: its reason was read, and the worker knows nothing of it any more.
    pub(crate) fn dismiss_transfer(&mut self, file: FileId) {
        let is_over = |transfer: &TransferView| matches!(transfer.stage, TransferStage::Failed(_));
        if self.transfers.get(&file).is_some_and(is_over) {
            self.transfers.remove(&file);
        }
    }

    /// Who this is, once the profile is open.
    pub(crate) const fn own_identity(&self) -> Option<IdentityId> {
        match &self.condition {
            Condition::Profile(ProfileView::Open { identity, .. }) => Some(*identity),
            _ => None,
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

    /// The party that an invitation leads into: one of this device, or one of any member's that lets people in while they
    /// are away.
    pub(crate) fn party_of(&self, id: InvitationId) -> Option<PartyId> {
        let own = self.invitation(id).map(|invitation| invitation.party);
        let has_it = |party: &&Arc<PartyView>| party.delegated.iter().any(|one| one.invitation == id);
        own.or_else(|| self.parties.iter().find(has_it).map(|party| party.id))
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
        | InvitationStage::OnlyHere
        | InvitationStage::OfflineReady { .. }
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
        RedemptionStage::Joined { .. }
            | RedemptionStage::Paired { .. }
            | RedemptionStage::Failed { .. }
            | RedemptionStage::Cancelled
    )
}

/// The command that an event answers, if it answers one.
pub(crate) const fn answered(event: &Event) -> Option<RequestId> {
    match event {
        Event::ProfileChanged { request, .. } | Event::Failed { request, .. } | Event::NoteEdited { request, .. } => {
            *request
        }
        Event::Done { request }
        | Event::PartyCreated { request, .. }
        | Event::TaskAdded { request, .. }
        | Event::PhraseShown { request, .. }
        | Event::NoteAdded { request, .. }
        | Event::NoteOpened { request, .. }
        | Event::MessageSent { request, .. }
        | Event::FileAdded { request, .. }
        | Event::FileNotAdded { request }
        | Event::FileSaved { request, .. }
        | Event::ThumbnailMade { request, .. }
        | Event::HistoryRead { request, .. }
        | Event::SearchDone { request, .. }
        | Event::PartyExported { request, .. }
        | Event::StorageCompacted { request, .. }
        | Event::ConnectionExplained { request, .. }
        | Event::InvitationCreated { request, .. }
        | Event::RedemptionStarted { request, .. } => Some(*request),
        Event::PartyChanged { .. }
        | Event::PartyLeft { .. }
        | Event::CursorsMoved { .. }
        | Event::TransferChanged { .. }
        | Event::InvitationChanged { .. }
        | Event::RedemptionChanged { .. }
        | Event::Restarted
        | Event::NetworkChanged { .. }
        | Event::ServicesChanged { .. }
        | Event::BrowserNeeded { .. }
        | Event::DevicesChanged { .. }
        | Event::NearbyChanged { .. }
        | Event::Stopped => None,
    }
}
