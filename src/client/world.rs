//! What the engine has told so far, kept as one value that every handle can look at. No IO.

use std::collections::BTreeMap;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::invitation::InvitationId;
use crate::invitation::nearby::Sightings;
use crate::party::{FileId, PartyId};
use crate::worker::{
    DevicesView, Event, InvitationView, NetworkView, PartyView, ProfileView, RedemptionId, RedemptionView, ServiceView,
    TransferView,
};

/// A view and how often it has been told. The count tells two equal stages apart: a PIN that is asked for again is a new
/// question, even when nothing else differs.
#[derive(Debug)]
pub(super) struct Told<V> {
    /// 1 for the first time.
    pub(super) version: u64,
    /// The latest.
    pub(super) view: Arc<V>,
}

/// Everything that the engine has told: the latest of each view.
///
/// Ended invitations and redemptions stay until the client is closed, so that a handle never finds nothing.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) profile: Option<ProfileView>,
    pub(super) parties: BTreeMap<PartyId, Arc<PartyView>>,
    pub(super) parties_version: u64,
    pub(super) invitations: BTreeMap<InvitationId, Told<InvitationView>>,
    pub(super) redemptions: BTreeMap<RedemptionId, Told<RedemptionView>>,
    /// The latest of each file, and how many had been told in all when it was.
    pub(super) transfers: BTreeMap<(PartyId, FileId), (u64, TransferView)>,
    pub(super) transfers_version: u64,
    /// How often the engine has started anew, which ends every transfer.
    pub(super) restarts: u64,
    pub(super) network: NetworkView,
    pub(super) devices: Option<Arc<DevicesView>>,
    /// What is heard in the local network.
    pub(super) nearby: Arc<Sightings>,
    pub(super) nearby_version: u64,
    /// Where this person is known.
    pub(super) services: Vec<ServiceView>,
    /// What the person's browser is to open, and how often it was to open anything.
    pub(super) browser: (u64, Zeroizing<String>),
    /// The last failure that nobody asked for.
    pub(super) trouble: Option<Failure>,
    /// How many failures nobody has asked for.
    pub(super) troubles: u64,
}

impl World {
    /// Takes in one event.
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::ProfileChanged { profile, .. } => self.profile = Some(profile.clone()),
            Event::PartyChanged { party } => {
                self.parties.insert(party.id, Arc::clone(party));
                self.parties_version += 1;
            }
            Event::PartyLeft { party } => {
                self.parties.remove(party);
                self.parties_version += 1;
            }
            Event::InvitationCreated { invitation, .. } | Event::InvitationChanged { invitation } => {
                tell(&mut self.invitations, invitation.id, invitation);
            }
            Event::RedemptionStarted { redemption, .. } | Event::RedemptionChanged { redemption } => {
                tell(&mut self.redemptions, redemption.id, redemption);
            }
            Event::TransferChanged { transfer } => {
                self.transfers_version += 1;
                let told = (self.transfers_version, transfer.clone());
                self.transfers.insert((transfer.party, transfer.file), told);
            }
            Event::ServicesChanged { services } => self.services.clone_from(services),
            Event::BrowserNeeded { url, .. } => self.browser = (self.browser.0 + 1, url.clone()),
            Event::NetworkChanged { network } => self.network = network.clone(),
            Event::DevicesChanged { devices } => {
                self.devices = Some(Arc::clone(devices));
                self.parties_version += 1;
            }
            Event::NearbyChanged { nearby } => {
                self.nearby = Arc::clone(nearby);
                self.nearby_version += 1;
            }
            Event::Failed { request: None, failure } => {
                self.trouble = Some(failure.clone());
                self.troubles += 1;
            }
            Event::Restarted => {
                self.restarts += 1;
                self.trouble = Some(Failure::Internal);
                self.troubles += 1;
            }
            Event::Failed { request: Some(_), .. }
            | Event::Done { .. }
            | Event::PartyCreated { .. }
            | Event::TaskAdded { .. }
            | Event::PhraseShown { .. }
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
            | Event::StorageCompacted { .. }
            | Event::ConnectionExplained { .. }
            | Event::Stopped => {}
        }
    }
}

fn tell<K: Ord, V>(known: &mut BTreeMap<K, Told<V>>, key: K, view: &Arc<V>) {
    let version = known.get(&key).map_or(1, |told| told.version + 1);
    known.insert(
        key,
        Told {
            version,
            view: Arc::clone(view),
        },
    );
}
