//! The async library: parties, invitations and redemptions for a program of your own.
//!
//! A [`Client`] opens one profile and stands for the person who owns it. It is cheap to clone. Behind it runs the same worker
//! as behind the window and the command line, on a thread of its own; the client needs a tokio runtime of the caller.
//!
//! | to do | call |
//! |---|---|
//! | invite | [`Client::invite`] → [`Invitation`]: [`code`](Invitation::code), [`pin`](Invitation::pin), [`done`](Invitation::done) |
//! | redeem | [`Client::redeem`] → [`Redemption`]: [`pin_requested`](Redemption::pin_requested), [`set_pin`](Redemption::set_pin), [`done`](Redemption::done) |
//! | show the PIN elsewhere | [`SecretGenerator`], made before the invitation, for [`Client::invite_with`] |
//! | do without the code in one network | [`Invitation::show_nearby`]; [`Client::listen_nearby`] → [`Nearby`], [`Client::redeem_nearby`] |
//! | hand in the PIN from elsewhere | [`secret_provider`] → ([`SecretProvider`], [`SecretResolver`]) for [`Client::redeem_with`] |
//! | invite by e-mail | [`Client::sign_in`], [`Client::invite_by_mail`]; [`Client::redeem_mail`] |
//! | use several devices | [`Client::add_device`] here, [`Client::redeem`] there; [`Client::devices`], [`Client::remove_device`] |
//! | come back after losing them all | [`Client::phrase`] before, [`Client::recover_profile`] after |
//! | change tasks | [`Client::add_task`], [`Client::check_task`], [`Client::assign_task`], … |
//! | write together | [`Client::open_note`] → [`OpenNote`]: [`text`](OpenNote::text), [`edit`](OpenNote::edit), [`changed`](OpenNote::changed) |
//! | talk | [`Client::send_message`], [`Client::reply`], [`Client::mark_read`] |
//! | share files | [`Client::add_file`], [`Client::fetch_file`], [`Client::save_file`], [`Client::transfers`] |
//! | see what others do | [`Client::subscribe`], [`Client::party`] |
//! | bring things back | [`Client::restore_item`], [`Client::history`], [`Client::search`] |
//!
//! ```no_run
//! use partyline::client::{Client, ClientError, Config, InvitationOptions, NetworkMode, Protection};
//! use partyline::invitation::InviteCode;
//!
//! async fn invite() -> Result<(), ClientError> {
//!     let alice = Client::open(Config { data_dir: "alice".into(), network: NetworkMode::LocalNetwork }).await?;
//!     alice.create_profile("Alice", Protection::Keyring).await?;
//!     let party = alice.create_party("Home").await?;
//!     let invitation = alice.invite(party, InvitationOptions::default()).await?;
//!     println!("send this code: {}", *invitation.code().to_text());
//!     println!("tell this PIN by voice: {}", invitation.pin().await?.digits());
//!     println!("{} is in", invitation.done().await?.name);
//!     alice.close().await;
//!     Ok(())
//! }
//!
//! async fn redeem(bob: &Client, pasted: &str, ask: impl Fn() -> partyline::invitation::Pin) -> Result<(), ClientError> {
//!     let mut redemption = bob.redeem(InviteCode::parse(pasted)?).await?;
//!     redemption.pin_requested().await?;
//!     redemption.set_pin(ask()).await?;
//!     let party = redemption.done().await?;
//!     println!("in: {:?}", bob.party(party).map(|party| party.name.clone()));
//!     Ok(())
//! }
//! ```
//!
//! Errors are [`ClientError`]; most of them carry a [`Failure`], for which [`crate::failure::words`] has two sentences: what
//! happened and what to do.

mod devices;
mod error;
mod files;
mod invitation;
mod mail;
mod messages;
mod nearby;
mod notes;
mod openings;
mod parties;
mod pump;
mod redemption;
mod requests;
mod secret;
mod tasks;
#[cfg(test)]
mod tests;
mod world;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use self::openings::Feed;
use self::pump::{Answer, Link, ORDER_CAPACITY};
use self::world::World;
use crate::failure::Failure;
use crate::identity::IdentityId;
use crate::invitation::{InvitationId, InviteCode};
use crate::party::PartyId;
use crate::worker::{Command, RedemptionId, WorkerHandle};

pub use self::error::ClientError;
pub use self::files::Transfers;
pub use self::invitation::{Invitation, Member};
pub use self::nearby::Nearby;
pub use self::notes::OpenNote;
pub use self::parties::{Changes, Compacted};
pub use self::redemption::Redemption;
pub use self::secret::{PinRequest, SecretGenerator, SecretProvider, SecretResolver, secret_provider};
pub use crate::worker::{
    Config, ContentView, DeviceView, DevicesView, FileView, InvitationOptions, InvitationView, KeyView, KeyringView,
    MailAdmission, MailOptions, MailView, MailWay, MemberView, NetworkMode, NetworkView, PartyHealth, PartyView,
    Passphrase, Presence, ProfileView, Protection, RedemptionView, SaveTo, ServiceView, SyncView, ThumbnailView,
    TransferStage, TransferView, UnreadView,
};
pub use operational_transform::OperationSeq;

/// One person's profile, open in this program. Clones stand for the same profile.
///
/// The worker ends when the last clone, invitation and redemption is gone; [`Self::close`] also waits for it. Either way
/// nothing is lost: what a call has returned is on disk.
#[derive(Clone)]
pub struct Client {
    link: Link,
    /// Taken by the first [`Self::close`]. The lock is never held over an await.
    pump: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// Starts a worker on a profile's folder, and waits until it is known how far the profile is: see [`Self::profile`].
    ///
    /// # Errors
    /// [`ClientError::Failed`] if the profile cannot be opened, such as [`Failure::ProfileInUse`]; [`ClientError::Start`];
    /// [`ClientError::NoRuntime`] outside a tokio runtime.
    pub async fn open(config: Config) -> Result<Self, ClientError> {
        Self::attach(WorkerHandle::spawn(config, || {}).map_err(ClientError::Start)?).await
    }

    /// Takes over a worker that has been started already and from which no event has been taken yet.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn attach(worker: WorkerHandle) -> Result<Self, ClientError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_no_runtime| ClientError::NoRuntime)?;
        let (orders, order_receiver) = mpsc::channel(ORDER_CAPACITY);
        let (world_sender, world) = watch::channel(World::default());
        let feed = Feed::new();
        let openings = Arc::clone(&feed.openings);
        let pump = runtime.spawn(pump::run(worker, order_receiver, world_sender, feed));
        let client = Self {
            link: Link::new(orders, world, openings),
            pump: Arc::new(Mutex::new(Some(pump))),
        };
        let known = client
            .link
            .wait(|world| match (&world.profile, &world.trouble) {
                (Some(_), _) => Some(Ok(())),
                (None, Some(failure)) => Some(Err(ClientError::Failed(failure.clone()))),
                (None, None) => None,
            })
            .await;
        match known.flatten() {
            Ok(()) => {
                client.catch_up().await?;
                Ok(client)
            }
            Err(error) => {
                client.close().await;
                Err(error)
            }
        }
    }

    /// Stops the worker and waits until everything is closed. Every call that still waits ends with
    /// [`ClientError::Stopped`]. A second call waits for nothing.
    pub async fn close(&self) {
        self.link.close().await;
        let pump = self.pump.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(pump) = pump
            && let Err(error) = pump.await
        {
            // The panic's own message may hold what must not be logged.
            tracing::error!(panicked = error.is_panic(), "the client's pump did not end by itself");
        }
    }

    // The profile.

    /// How far the profile is.
    #[must_use]
    pub fn profile(&self) -> ProfileView {
        // `attach` has waited for the first one.
        self.link
            .look(|world| world.profile.clone())
            .unwrap_or(ProfileView::Locked)
    }

    /// Makes the identity of a new profile.
    ///
    /// # Errors
    /// [`Failure::NameInvalid`], [`Failure::KeyringUnavailable`], [`Failure::DiskFull`] and their kin.
    pub async fn create_profile(&self, name: &str, protection: Protection) -> Result<(), ClientError> {
        self.enter(Command::CreateProfile {
            name: name.to_owned(),
            protection,
        })
        .await
    }

    /// Opens a profile that a passphrase protects.
    ///
    /// # Errors
    /// [`Failure::WrongPassphrase`].
    pub async fn unlock(&self, passphrase: Passphrase) -> Result<(), ClientError> {
        self.enter(Command::UnlockProfile { passphrase }).await
    }

    /// Asks the keyring again for the key of an existing profile.
    ///
    /// # Errors
    /// [`Failure::KeyringUnavailable`], [`Failure::KeyMissing`].
    pub async fn retry_keyring(&self) -> Result<(), ClientError> {
        self.enter(Command::RetryKeyring).await
    }

    /// Changes the name that other members see, in every party.
    ///
    /// # Errors
    /// [`Failure::NameInvalid`].
    pub async fn rename_self(&self, name: &str) -> Result<(), ClientError> {
        self.link.order(Command::RenameSelf { name: name.to_owned() }).await
    }

    /// This person, once the profile is open.
    #[must_use]
    pub fn identity(&self) -> Option<IdentityId> {
        match self.profile() {
            ProfileView::Open { identity, .. } => Some(identity),
            ProfileView::New { .. } | ProfileView::Locked | ProfileView::KeyringSilent { .. } => None,
        }
    }

    pub(in crate::client) async fn enter(&self, command: Command) -> Result<(), ClientError> {
        match self.link.ask(command).await? {
            Answer::Profile => self.catch_up().await,
            other => Err(other.unexpected()),
        }
    }

    /// Waits until the engine has told every party and invitation of a profile that has just been opened.
    ///
    /// The engine tells them before it takes the next command; so the answer to one more command, of an order that changes
    /// nothing, comes after them.
    async fn catch_up(&self) -> Result<(), ClientError> {
        if self.identity().is_none() {
            return Ok(());
        }
        match self
            .link
            .order(Command::CancelRedemption {
                redemption: RedemptionId(u64::MAX),
            })
            .await
        {
            Ok(()) | Err(ClientError::Failed(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    // How it goes.

    /// Tells of failures that no call asked for, such as [`Failure::NetworkUnavailable`], from the start of the client on.
    #[must_use]
    pub fn troubles(&self) -> Troubles {
        Troubles {
            link: self.link.clone(),
            seen: 0,
        }
    }

    /// How this machine is connected.
    #[must_use]
    pub fn network(&self) -> NetworkView {
        self.link.look(|world| world.network.clone())
    }

    // Inviting.

    /// Creates an invitation, with a [`SecretGenerator`] of its own.
    ///
    /// # Errors
    /// [`Failure::NotAllowed`] if this person's role may not invite, or not with that role; [`Failure::PartyUnknown`].
    pub async fn invite(&self, party: PartyId, options: InvitationOptions) -> Result<Invitation, ClientError> {
        self.invite_with(party, options, SecretGenerator::new()).await
    }

    /// Creates an invitation whose PIN a generator of the caller's shows.
    ///
    /// # Errors
    /// As [`Self::invite`].
    pub async fn invite_with(
        &self,
        party: PartyId,
        options: InvitationOptions,
        generator: SecretGenerator,
    ) -> Result<Invitation, ClientError> {
        match self.link.ask(Command::CreateInvitation { party, options }).await? {
            Answer::Invitation(view) => Ok(Invitation::new(self.link.clone(), view, generator)),
            other => Err(other.unexpected()),
        }
    }

    /// A handle on each invitation that this profile knows: the open ones of earlier runs and those of this run.
    #[must_use]
    pub fn invitations(&self) -> Vec<Invitation> {
        let views: Vec<_> = self
            .link
            .look(|world| world.invitations.values().map(|told| Arc::clone(&told.view)).collect());
        views
            .into_iter()
            .map(|view| Invitation::new(self.link.clone(), view, SecretGenerator::new()))
            .collect()
    }

    /// Revokes an invitation of another member, or of another device, for good: [`PartyView::delegated`] has them.
    ///
    /// # Errors
    /// [`Failure::NotAllowed`] unless this person is an administrator or made it; [`Failure::AlreadyAdmitted`] if it is used up;
    /// [`ClientError::Stopped`].
    pub async fn revoke_invitation(&self, invitation: InvitationId) -> Result<(), ClientError> {
        self.link.order(Command::RevokeInvitation { invitation }).await
    }

    /// A handle on one invitation.
    #[must_use]
    pub fn invitation(&self, invitation: InvitationId) -> Option<Invitation> {
        let view = self
            .link
            .look(|world| world.invitations.get(&invitation).map(|told| Arc::clone(&told.view)))?;
        Some(Invitation::new(self.link.clone(), view, SecretGenerator::new()))
    }

    // Redeeming.

    /// Redeems a code, as [`InviteCode::parse`] read it from what was pasted.
    ///
    /// A code of [`CodeKind::DevicePairing`](crate::invitation::CodeKind::DevicePairing) makes this device one of its maker's, and
    /// the identity that this profile had is forgotten. Look at [`InviteCode::kind`] first, and ask the person: somebody who was
    /// promised a party does not expect it.
    ///
    /// # Errors
    /// [`Failure::CodeKindUnsupported`], [`Failure::RelayNotAllowed`], [`Failure::Redeem`], [`Failure::ProfileClosed`].
    pub async fn redeem(&self, code: impl Into<Arc<InviteCode>>) -> Result<Redemption, ClientError> {
        self.start_redemption(
            Command::Redeem {
                code: code.into(),
                allow_relay: false,
            },
            None,
        )
        .await
    }

    /// Redeems a code, and asks `provider` for the PIN while [`Redemption::done`] is awaited.
    ///
    /// # Errors
    /// As [`Self::redeem`].
    pub async fn redeem_with(
        &self,
        code: impl Into<Arc<InviteCode>>,
        provider: SecretProvider,
    ) -> Result<Redemption, ClientError> {
        self.start_redemption(
            Command::Redeem {
                code: code.into(),
                allow_relay: false,
            },
            Some(provider),
        )
        .await
    }

    /// Redeems a code, also over a relay that it names and that is not on the list of known ones: after
    /// [`Failure::RelayNotAllowed`], when the person has agreed.
    ///
    /// # Errors
    /// As [`Self::redeem`].
    pub async fn redeem_over_its_relay(&self, code: impl Into<Arc<InviteCode>>) -> Result<Redemption, ClientError> {
        self.start_redemption(
            Command::Redeem {
                code: code.into(),
                allow_relay: true,
            },
            None,
        )
        .await
    }

    /// A handle on each redemption that this profile knows: the unfinished ones of earlier runs and those of this run.
    #[must_use]
    pub fn redemptions(&self) -> Vec<Redemption> {
        let views: Vec<_> = self
            .link
            .look(|world| world.redemptions.values().map(|told| Arc::clone(&told.view)).collect());
        views
            .into_iter()
            .map(|view| Redemption::new(self.link.clone(), view, None))
            .collect()
    }

    const fn link(&self) -> &Link {
        &self.link
    }

    async fn start_redemption(
        &self,
        redeem: Command,
        provider: Option<SecretProvider>,
    ) -> Result<Redemption, ClientError> {
        match self.link.ask(redeem).await? {
            Answer::Redemption(view) => Ok(Redemption::new(self.link.clone(), view, provider)),
            other => Err(other.unexpected()),
        }
    }
}

/// Tells of failures that no call asked for. See [`Client::troubles`].
#[derive(Debug)]
pub struct Troubles {
    link: Link,
    seen: u64,
}

impl Troubles {
    /// Waits for the next one; of several in quick succession the last. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::Stopped`].
    pub async fn next(&mut self) -> Result<Failure, ClientError> {
        let seen = self.seen;
        let (count, failure) = self
            .link
            .wait(|world| {
                let failure = world.trouble.clone().filter(|_| world.troubles != seen)?;
                Some((world.troubles, failure))
            })
            .await?;
        self.seen = count;
        Ok(failure)
    }
}
