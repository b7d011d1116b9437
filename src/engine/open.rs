//! The state of an open profile: everything that lives while the program runs, and how it is made from what is stored.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::email::{Account, Post};
use crate::failure::Failure;
use crate::identity::{EndpointId, IdentityId, Keys};
use crate::invitation::mailbox::UsedTokens;
use crate::invitation::{InvitationId, admitter, applicant, invitee, inviter};
use crate::net::{LinkId, Net, NetEvent, NetworkMode};
use crate::party::{Party, PartyId};
use crate::store::{Change, Store, StoreError, StoredInvitation, StoredParty, StoredPending};
use crate::time::Timestamp;

use super::admitting::Session;
use super::applying::Application;
use super::cursors::Cursors;
use super::delegating::OwnDelegation;
use super::devices;
use super::files::{Files, Report};
use super::inviting::Invitation;
use super::links::Link;
use super::mail::Mail;
use super::nearby::Nearby;
use super::network::{self, NETWORK, PORT, narrower};
use super::notes::OpenNotes;
use super::parties::Restored;
use super::peers::Peers;
use super::redeeming::Redemption;
use super::refusals::Refusals;
use super::timers::{Timer, Timers};
use super::view::{DevicesView, ProfileView};
use super::writing::Batch;
use super::{Context, RedemptionId, RequestId};

/// How far back wrong PINs count towards this device's daily limit.
pub(super) const DAY: Duration = Duration::from_secs(24 * 3600);

/// An open profile.
pub(super) struct Open {
    pub(super) context: Arc<Context>,
    pub(super) keys: Arc<Keys>,
    pub(super) name: String,
    pub(super) parties: BTreeMap<PartyId, Party>,
    pub(super) invitations: BTreeMap<InvitationId, Invitation>,
    pub(super) redemptions: BTreeMap<RedemptionId, Redemption>,
    /// Delegated invitations of this device.
    pub(super) delegations: BTreeMap<InvitationId, OwnDelegation>,
    /// Devices that have come with a delegated invitation.
    pub(super) admitting: BTreeMap<LinkId, Session>,
    /// Tokens of mail services that have let somebody in here.
    pub(super) used_tokens: UsedTokens,
    /// Redemptions of delegated invitations.
    pub(super) applications: BTreeMap<RedemptionId, Application>,
    /// None where no endpoint could be opened: the parties can be read and written all the same.
    pub(super) net: Option<Net>,
    /// What happens on it.
    pub(super) net_events: mpsc::Receiver<NetEvent>,
    /// What of the network is used now.
    pub(super) network: NetworkMode,
    pub(super) change: network::Change,
    /// The UDP port of the last endpoint.
    pub(super) port: Option<u16>,
    pub(super) links: BTreeMap<LinkId, Link>,
    pub(super) peers: Peers,
    pub(super) addresses: BTreeMap<EndpointId, Vec<SocketAddr>>,
    /// When wrong PINs were entered at this device's invitations, within the last day.
    pub(super) wrong_pins: VecDeque<Timestamp>,
    /// What this person has written and the disk has not.
    pub(super) batch: Batch,
    pub(super) notes: OpenNotes,
    /// Parties in which an open text may have changes to be told.
    pub(super) touched_texts: BTreeSet<PartyId>,
    pub(super) cursors: Cursors,
    /// Parties of which what is stored cannot be used.
    pub(super) unreadable: BTreeSet<PartyId>,
    /// How many ops this device had written of each party before some were lost.
    pub(super) written_before: BTreeMap<PartyId, u64>,
    /// How many ops of each party there were when its person last looked.
    pub(super) read_marks: BTreeMap<PartyId, u64>,
    /// Of each party, whether it was last shown as the same on all devices that are linked.
    pub(super) shown_in_step: BTreeMap<PartyId, bool>,
    /// Whether the recovery phrase has been written down.
    pub(super) phrase_is_written: bool,
    /// This person's devices, as they were last shown.
    pub(super) shown_devices: Option<Arc<DevicesView>>,
    /// When members were last linked to this device.
    pub(super) last_seen: BTreeMap<IdentityId, Timestamp>,
    pub(super) refusals: Refusals,
    pub(super) files: Files,
    pub(super) nearby: Nearby,
    pub(super) mail: Mail,
    pub(super) timers: Timers,
    last_redemption: u64,
}

/// Everything that a start needs from the disk.
pub(super) struct Stored {
    keys: Keys,
    name: String,
    parties: BTreeMap<PartyId, Restored>,
    invitations: Vec<StoredInvitation>,
    pending: Vec<StoredPending>,
    /// An invitation or an unfinished redemption cannot be read: they are left out, and the parties are usable all the same.
    damage: Option<StoreError>,
    wrong_pins: Vec<Timestamp>,
    addresses: BTreeMap<EndpointId, Vec<String>>,
    read_marks: BTreeMap<PartyId, u64>,
    seen: BTreeMap<IdentityId, Timestamp>,
    port: Option<u16>,
    network: Option<String>,
    phrase_is_written: bool,
    accounts: Vec<Account>,
}

impl Stored {
    fn load(store: &mut Store, now: Timestamp) -> Result<Self, StoreError> {
        let mut damage = None;
        let invitations = unless_damaged(store.load_invitations(), &mut damage)?;
        let pending = unless_damaged(store.load_pending(), &mut damage)?;
        let accounts = unless_damaged(store.load_accounts(), &mut damage)?;
        Ok(Self {
            keys: store.keys()?,
            name: store.name()?,
            parties: restored(store.load_ops()?),
            invitations,
            pending,
            damage,
            wrong_pins: store.wrong_pins_since(now.minus(DAY))?,
            addresses: store.load_addresses()?,
            read_marks: store.read_marks()?,
            seen: store.last_seen()?,
            port: store.setting(PORT)?.and_then(|port| port.parse().ok()),
            network: store.setting(NETWORK)?,
            phrase_is_written: devices::is_written(store)?,
            accounts: accounts.iter().filter_map(|bytes| Account::decode(bytes)).collect(),
        })
    }
}

impl Open {
    /// Reads everything that is stored, opens the network, shows it all, and goes on with what was unfinished.
    pub(super) async fn start(
        context: Arc<Context>,
        asked: &NetworkMode,
        reports: mpsc::Sender<Report>,
        request: Option<RequestId>,
    ) -> Result<Self, Failure> {
        let now = context.now();
        let stored = context.store.run(move |store| Stored::load(store, now)).await??;
        let files = Files::open(&context.folder, reports).await;
        let keys = Arc::new(stored.keys);
        let mail = Mail::new(Post::new(Arc::clone(&keys), Arc::clone(&context.now)), stored.accounts);
        let mut open = Self {
            context,
            keys,
            name: stored.name,
            parties: BTreeMap::new(),
            invitations: BTreeMap::new(),
            redemptions: BTreeMap::new(),
            delegations: BTreeMap::new(),
            admitting: BTreeMap::new(),
            used_tokens: UsedTokens::default(),
            applications: BTreeMap::new(),
            net: None,
            net_events: network::silence(),
            network: narrower(asked, stored.network.as_deref()),
            change: network::Change::default(),
            port: stored.port,
            links: BTreeMap::new(),
            peers: Peers::default(),
            addresses: stored
                .addresses
                .into_iter()
                .map(|(endpoint, texts)| (endpoint, parsed(&texts)))
                .collect(),
            wrong_pins: stored.wrong_pins.into(),
            batch: Batch::default(),
            notes: OpenNotes::default(),
            touched_texts: BTreeSet::new(),
            cursors: Cursors::default(),
            unreadable: BTreeSet::new(),
            written_before: BTreeMap::new(),
            read_marks: stored.read_marks,
            shown_in_step: BTreeMap::new(),
            phrase_is_written: stored.phrase_is_written,
            shown_devices: None,
            last_seen: stored.seen,
            refusals: Refusals::default(),
            files,
            nearby: Nearby::default(),
            mail,
            timers: Timers::default(),
            // Ids of an earlier run must not come again: a dialog may still hold one.
            last_redemption: now.as_millis(),
        };
        open.tell_who_this_is(request).await;
        open.start_network().await;
        if let Some(failure) = open.files.trouble() {
            open.context.events.failed(None, failure).await;
        }
        if let Some(error) = stored.damage {
            open.context.events.failed(None, error.into()).await;
        }
        for (id, stored) in stored.parties {
            open.restore_party(id, stored).await;
        }
        for invitation in stored.invitations {
            open.restore_invitation(&invitation.bytes).await;
        }
        for pending in stored.pending {
            open.restore_redemption(&pending.bytes).await;
        }
        open.show_services().await;
        open.go_on_with_mail();
        open.settle_devices().await;
        open.dial_members();
        open.update_advertising();
        Ok(open)
    }

    /// Says goodbye to peers.
    pub(super) async fn shut_down(mut self) {
        self.note_seen().await;
        // Whoever waits until this device has everything need not wait any longer.
        self.tell_all_held();
        if let Some(net) = self.net {
            net.shutdown().await;
        }
        self.change.shut_down().await;
        self.files.shut_down().await;
        self.mail.shut_down().await;
    }

    /// Does what is due.
    pub(super) async fn run_timers(&mut self) {
        while let Some(timer) = self.timers.pop_due(self.now()) {
            match timer {
                Timer::WakeInviter(invitation) => self.drive_inviter(invitation, inviter::Input::Wake).await,
                Timer::WakeInvitee(redemption) => self.drive_invitee(redemption, invitee::Input::Wake).await,
                Timer::WakeAdmitter(link) => self.drive_admitter(link, admitter::Input::Wake).await,
                Timer::WakeApplicant(redemption) => self.drive_applicant(redemption, applicant::Input::Wake).await,
                Timer::DelegationEnds(invitation) => self.delegation_may_have_changed(invitation).await,
                Timer::Refuse(link) => self.refuse_now(link),
                Timer::WithdrawInvitations(party) => self.withdraw_invitations(party).await,
                Timer::Dial(endpoint) => self.dial_again(endpoint),
                Timer::TellHeld(party) => self.tell_held(party).await,
                Timer::Compare(party) => self.compare(party),
                Timer::TellCursors(party) => self.tell_cursors(party).await,
                Timer::NoteSeen => self.note_seen().await,
                Timer::AskForFiles => self.start_transfers().await,
                Timer::SettleDevices => self.settle_devices().await,
                Timer::OpenNetwork => self.retry_network(),
                Timer::Mail(invitation) => self.go_on_with_mail_of(invitation),
            }
        }
    }

    /// What a face shows of the profile.
    pub(super) fn profile_view(&self) -> ProfileView {
        ProfileView::Open {
            name: self.name.clone(),
            identity: self.keys.identity.id(),
            endpoint: self.keys.endpoint.id(),
        }
    }

    /// The moment it is now.
    pub(super) fn now(&self) -> Timestamp {
        self.context.now()
    }

    /// Writes changes in one transaction, synced to the disk.
    pub(super) async fn store(&self, changes: Vec<Change>) -> Result<(), Failure> {
        self.context.store.run(move |store| store.write(&changes)).await??;
        Ok(())
    }

    /// How many wrong PINs were entered within the last day.
    pub(super) fn wrong_pins_today(&mut self) -> u32 {
        let yesterday = self.now().minus(DAY);
        while self.wrong_pins.front().is_some_and(|at| *at < yesterday) {
            self.wrong_pins.pop_front();
        }
        u32::try_from(self.wrong_pins.len()).unwrap_or(u32::MAX)
    }

    /// As [`Self::store`], for what no command waits for: a failure is told by an event of its own.
    pub(super) async fn store_or_tell(&self, changes: Vec<Change>) -> Result<(), Failure> {
        let stored = self.store(changes).await;
        if let Err(failure) = &stored {
            self.context.events.failed(None, failure.clone()).await;
        }
        stored
    }

    /// How long until the next timer is due.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        self.timers.next_in(self.now())
    }

    /// A new redemption's id.
    pub(super) fn new_redemption(&mut self) -> RedemptionId {
        self.last_redemption = self.last_redemption.wrapping_add(1);
        RedemptionId(self.last_redemption)
    }
}

fn restored(stored: BTreeMap<PartyId, StoredParty>) -> BTreeMap<PartyId, Restored> {
    let parties = stored.into_iter();
    parties.map(|(id, stored)| (id, Restored::from(stored))).collect()
}

/// Rows that can be read; none of them if one is damaged, which is noted.
fn unless_damaged<T>(rows: Result<Vec<T>, StoreError>, damage: &mut Option<StoreError>) -> Result<Vec<T>, StoreError> {
    match rows {
        Err(error @ StoreError::Damaged(_)) => {
            *damage = Some(error);
            Ok(Vec::new())
        }
        other => other,
    }
}

/// Addresses as they are stored; what cannot be read any more is left out.
fn parsed(texts: &[String]) -> Vec<SocketAddr> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}
