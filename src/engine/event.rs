//! What the engine tells a front end.

mod kind;

use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::identity::RecoveryPhrase;
use crate::invitation::nearby::Sightings;
use crate::party::{Change, FileId, Found, MessageId, NoteId, PartyId, TaskId};

use super::view::{
    ConnectionView, CursorView, DevicesView, InvitationView, NetworkView, NoteText, PartyView, ProfileView,
    RedemptionView, ServiceView, ThumbnailView, TransferView,
};
use super::{RequestId, TextChange};

/// One fact. What it says has happened is on disk.
///
/// An event with a `request` answers the command of that id; every command is answered exactly once.
#[derive(Clone)]
pub enum Event {
    /// The profile has come to another stage. The first event of every run.
    ProfileChanged {
        /// The command that caused it, if one did.
        request: Option<RequestId>,
        /// The stage.
        profile: ProfileView,
    },
    /// A command without another answer has been carried out.
    Done {
        /// The command.
        request: RequestId,
    },
    /// A command failed, or something did that nobody asked for.
    Failed {
        /// The command, if there was one.
        request: Option<RequestId>,
        /// What went wrong.
        failure: Failure,
    },

    /// A party was founded. Its `PartyChanged` came before.
    PartyCreated {
        /// The command.
        request: RequestId,
        /// The party.
        party: PartyId,
    },
    /// A party looks different. Sent for each party after the profile has opened.
    PartyChanged {
        /// The party as it is now.
        party: Arc<PartyView>,
    },
    /// This person left the party.
    PartyLeft {
        /// The party.
        party: PartyId,
    },
    /// A task was added. Its `PartyChanged` came before.
    TaskAdded {
        /// The command.
        request: RequestId,
        /// The task.
        task: TaskId,
    },
    /// A note was added. Its `PartyChanged` came before.
    NoteAdded {
        /// The command.
        request: RequestId,
        /// The note.
        note: NoteId,
    },
    /// The text of a note, which is open from now on.
    NoteOpened {
        /// The command.
        request: RequestId,
        /// The text.
        text: Arc<NoteText>,
    },
    /// The text of an open note has changed. Every change comes, one after the other, each on the revision before.
    NoteEdited {
        /// The command, if it was this front end's own change.
        request: Option<RequestId>,
        /// In which party.
        party: PartyId,
        /// Which note.
        note: NoteId,
        /// The revision that this makes.
        revision: u64,
        /// The change, over the characters of the revision before.
        change: TextChange,
    },
    /// Cursors of others in an open note are elsewhere.
    CursorsMoved {
        /// In which party.
        party: PartyId,
        /// Which note.
        note: NoteId,
        /// The revision that the cursors count in.
        revision: u64,
        /// All of them.
        cursors: Vec<CursorView>,
    },
    /// A message was sent. Its `PartyChanged` came before.
    MessageSent {
        /// The command.
        request: RequestId,
        /// The message.
        message: MessageId,
    },
    /// A file was added. Its `PartyChanged` came before.
    FileAdded {
        /// The command.
        request: RequestId,
        /// The file.
        file: FileId,
    },
    /// A file was not added: the person has stopped it.
    FileNotAdded {
        /// The command.
        request: RequestId,
    },
    /// The content of a file has come further. At most five times a second for each.
    TransferChanged {
        /// How far it is.
        transfer: TransferView,
    },
    /// A file's content was written to the disk.
    FileSaved {
        /// The command.
        request: RequestId,
        /// Where it is.
        path: PathBuf,
    },
    /// A small picture of a file.
    ThumbnailMade {
        /// The command.
        request: RequestId,
        /// The picture; none if the file is no picture that can be shown.
        thumbnail: Option<Arc<ThumbnailView>>,
    },
    /// What has become of a thing, oldest first.
    HistoryRead {
        /// The command.
        request: RequestId,
        /// Its changes.
        changes: Vec<Change>,
    },
    /// What was found, at most [`crate::party::MAX_FOUND`] for each party.
    SearchDone {
        /// The command.
        request: RequestId,
        /// What was found, and where.
        found: Vec<(PartyId, Found)>,
    },
    /// A party was written into a folder.
    PartyExported {
        /// The command.
        request: RequestId,
        /// Files whose content is not on this machine and so not in the folder.
        missing_files: usize,
    },
    /// Room on the disk was given back.
    StorageCompacted {
        /// The command.
        request: RequestId,
        /// Bytes that the profile took before.
        before: u64,
        /// Bytes that it takes now.
        after: u64,
    },

    /// An invitation was created.
    InvitationCreated {
        /// The command.
        request: RequestId,
        /// The invitation.
        invitation: Arc<InvitationView>,
    },
    /// An invitation has come to another stage. Sent for each open one, and for each that a mail carries, after the profile has
    /// opened.
    InvitationChanged {
        /// The invitation as it is now.
        invitation: Arc<InvitationView>,
    },

    /// A redemption has begun.
    RedemptionStarted {
        /// The command.
        request: RequestId,
        /// The redemption.
        redemption: Arc<RedemptionView>,
    },
    /// A redemption has come to another stage. Sent for each unfinished one after the profile has opened.
    RedemptionChanged {
        /// The redemption as it is now.
        redemption: Arc<RedemptionView>,
    },

    /// Other invitations are heard in the local network than before.
    NearbyChanged {
        /// All that are heard now: anybody's claims.
        nearby: Arc<Sightings>,
    },
    /// What is known about the way to another device.
    ConnectionExplained {
        /// The command.
        request: RequestId,
        /// The facts of now.
        connection: Arc<ConnectionView>,
    },

    /// The engine failed, and starts anew from what is on disk. What was asked before and is not answered yet will not be
    /// answered; everything that is stored is shown again.
    Restarted,
    /// This person's devices are others, or look different. Sent once after the profile has opened.
    DevicesChanged {
        /// The devices as they are now.
        devices: Arc<DevicesView>,
    },
    /// The recovery phrase, to be written down.
    PhraseShown {
        /// The command.
        request: RequestId,
        /// The words.
        phrase: Arc<RecoveryPhrase>,
    },
    /// This person is known at other invitation services than before. Sent once after the profile has opened.
    ServicesChanged {
        /// All of them.
        services: Vec<ServiceView>,
    },
    /// A person's browser has to open this, once: it brings them back to this machine.
    BrowserNeeded {
        /// The command that waits for it.
        request: RequestId,
        /// A secret until it has been opened.
        url: Zeroizing<String>,
    },
    /// Peers came or went, or another part of the network is used. Sent once after the profile has opened.
    NetworkChanged {
        /// The network as it is now.
        network: NetworkView,
    },
    /// The engine has closed everything and ends. The last event of every run.
    Stopped,
}
