//! One task owns all live state: commands and network events in, events and frames out.
//!
//! No locks and no shared state: the loop takes one thing at a time, a command, a network event or a timer, and
//! finishes it, including what must be on disk, before it takes the next. The pure rooms decide what happens; this room alone
//! knows the store and the network, and carries out what they decided, in their order.
//!
//! **Invariant:** a durable output is on disk before the output after it happens. That is what makes a crash harmless.

mod addresses;
mod admitting;
mod applying;
mod command;
mod connection;
mod cursors;
mod delegating;
mod devices;
mod dialling;
mod event;
mod execute;
mod exporting;
mod failures;
mod files;
mod inviting;
mod items;
mod joining;
mod links;
mod mail;
mod nearby;
mod network;
mod notes;
mod open;
mod outbox;
mod parties;
mod peers;
mod presence;
mod profile;
mod reading;
mod redeeming;
mod refusals;
mod requests;
mod syncing;
mod timers;
mod view;
mod writing;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::net::NetworkMode;
use crate::store::{Store, StoreThread};
use crate::time::Timestamp;

pub use command::{
    Command, InvitationOptions, MailAdmission, MailOptions, MailWay, Passphrase, Protection, RedemptionId, RequestId,
    SaveTo, TextChange,
};
pub use event::Event;
pub use view::{
    AdmittedView, ConnectionView, ContentView, CursorView, DelegatedView, DeviceView, DevicesView, FileView, HereView,
    InvitationView, KeyView, KeyringView, MailView, MemberView, NetworkView, NoteText, PartyHealth, PartyView,
    Presence, ProfileView, ReachedView, RedemptionView, RequestView, ServiceView, SyncView, ThereView, ThumbnailView,
    TransferStage, TransferView, TriedView, UnreadView,
};

pub(crate) use outbox::Events;

use profile::Profile;

/// What every part of the engine works with.
struct Context {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    events: Events,
    store: StoreThread,
    /// The profile's folder.
    folder: PathBuf,
}

impl Context {
    fn now(&self) -> Timestamp {
        (self.now)()
    }
}

/// Runs the engine of one profile until `commands` is closed. The last event is [`Event::Stopped`].
pub(crate) async fn run(
    data_dir: &Path,
    network: &NetworkMode,
    now: impl Fn() -> Timestamp + Send + Sync + 'static,
    commands: &mut mpsc::Receiver<(RequestId, Command)>,
    events: &Events,
) {
    let folder = data_dir.to_owned();
    match StoreThread::spawn(move || Store::open(&folder)).await {
        Ok(store) => {
            let context = Context {
                now: Arc::new(now),
                events: events.clone(),
                store,
                folder: data_dir.to_owned(),
            };
            let mut profile = Profile::start(Arc::new(context), network.clone()).await;
            Box::pin(profile.serve(commands)).await;
            profile.close().await;
        }
        Err(error) => events.failed(None, error.into()).await,
    }
    events.send(Event::Stopped).await;
}
