//! What a front end asks of the engine.

mod kind;
mod mail;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use operational_transform::OperationSeq;
use zeroize::Zeroizing;

use crate::email::Issuer;
use crate::identity::{DeviceId, IdentityId, RecoveryPhrase};
use crate::invitation::{InvitationId, InvitationKind, InviteCode, NearbyInvitation, Pin};
use crate::net::NetworkMode;
use crate::party::{FileId, ItemId, JoinRequestId, MessageId, NoteId, PartyId, Role, TaskId};
use crate::time::Day;

pub use mail::{MailAdmission, MailOptions, MailWay};

/// Names one question, so that its answer can be told from others. Chosen by who asks; unique within one front end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Names one redemption while this program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedemptionId(pub u64);

/// A passphrase, wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The passphrase that was typed.
    #[must_use]
    pub const fn new(typed: Zeroizing<String>) -> Self {
        Self(typed)
    }

    /// What was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(<redacted>)")
    }
}

/// How the profile's master key is kept.
#[derive(Clone, Debug)]
pub enum Protection {
    /// In the operating system's keyring.
    Keyring,
    /// Wrapped under a passphrase, asked for at every start. Not an empty one.
    Passphrase(Passphrase),
    /// In a file that only this user can read. Only ever chosen explicitly.
    Unprotected,
}

/// What an inviter chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationOptions {
    /// The role that the invitee gets, exactly.
    pub role: Role,
    /// How many people may come in, each with a PIN of their own: 1 to [`crate::invitation::inviter::MAX_USES`],
    /// without a PIN to 100, for one known person 1.
    pub max_uses: u32,
    /// How long the code works, from now.
    pub lifetime: Duration,
    /// The inviter's private note, "for whom": at most 64 bytes, never sent. Empty for none.
    pub label: String,
    /// How somebody comes in by it.
    pub kind: InvitationKind,
}

impl Default for InvitationOptions {
    /// One editor, 24 hours, no label, with a PIN.
    fn default() -> Self {
        Self {
            role: Role::Editor,
            max_uses: 1,
            lifetime: Duration::from_secs(24 * 3600),
            label: String::new(),
            kind: InvitationKind::Interactive,
        }
    }
}

/// One question or order. Each is answered by one event that carries its [`RequestId`]; see [`super::Event`].
#[derive(Clone)]
pub enum Command {
    /// Makes the identity of a new profile. Answered by `ProfileChanged` (open) or `Failed`.
    CreateProfile {
        /// The name that other members will see, 1 to 64 bytes.
        name: String,
        /// How the master key is kept.
        protection: Protection,
    },
    /// Brings an identity back into a new profile. Answered by `ProfileChanged` (open) or `Failed`.
    RecoverProfile {
        /// The name that other members will see, 1 to 64 bytes.
        name: String,
        /// How the master key is kept.
        protection: Protection,
        /// What the person has typed.
        phrase: Arc<RecoveryPhrase>,
    },
    /// Opens a profile that a passphrase protects. Answered by `ProfileChanged` (open) or `Failed`.
    UnlockProfile {
        /// The passphrase.
        passphrase: Passphrase,
    },
    /// Asks the keyring again for the key of an existing profile. Answered by `ProfileChanged` or `Failed`.
    RetryKeyring,
    /// Changes the name that other members see, in every party. Answered by `Done`, or by `Failed` with `NotRenamedIn` if
    /// nothing can be written to some of them; elsewhere the name has changed then.
    RenameSelf {
        /// 1 to 64 bytes.
        name: String,
    },

    /// Founds a party. Answered by `PartyCreated`.
    CreateParty {
        /// 1 to 64 bytes.
        name: String,
    },
    /// Renames a party. Answered by `Done`.
    RenameParty {
        /// Which party.
        party: PartyId,
        /// 1 to 64 bytes.
        name: String,
    },
    /// Leaves a party. Answered by `Done`, after `PartyLeft`.
    LeaveParty {
        /// Which party.
        party: PartyId,
    },
    /// Removes a member. Answered by `Done`.
    RemoveMember {
        /// Which party.
        party: PartyId,
        /// Whom.
        member: IdentityId,
    },

    /// Adds a task. Answered by `TaskAdded`.
    AddTask {
        /// Which party.
        party: PartyId,
        /// 1 to 1024 bytes.
        title: String,
    },
    /// Checks or unchecks a task. Answered by `Done`.
    SetTaskDone {
        /// Which party.
        party: PartyId,
        /// Which task.
        task: TaskId,
        /// Whether it is done.
        done: bool,
    },
    /// Changes a task's title. Answered by `Done`.
    RetitleTask {
        /// Which party.
        party: PartyId,
        /// Which task.
        task: TaskId,
        /// 1 to 1024 bytes.
        title: String,
    },
    /// Gives a task to a member, or to nobody. Answered by `Done`.
    AssignTask {
        /// Which party.
        party: PartyId,
        /// Which task.
        task: TaskId,
        /// Whose it is from now on.
        member: Option<IdentityId>,
    },
    /// Sets the day that a task is due. Answered by `Done`.
    SetTaskDue {
        /// Which party.
        party: PartyId,
        /// Which task.
        task: TaskId,
        /// The day, or none.
        due: Option<Day>,
    },
    /// Puts a task elsewhere in the order. Answered by `Done`.
    MoveTask {
        /// Which party.
        party: PartyId,
        /// Which task.
        task: TaskId,
        /// The task that it comes after; none to come first.
        after: Option<TaskId>,
    },

    /// Adds a note without text. Answered by `NoteAdded`.
    AddNote {
        /// Which party.
        party: PartyId,
        /// 1 to 1024 bytes.
        title: String,
    },
    /// Changes a note's title. Answered by `Done`.
    RetitleNote {
        /// Which party.
        party: PartyId,
        /// Which note.
        note: NoteId,
        /// 1 to 1024 bytes.
        title: String,
    },
    /// Shows the text of a note and every change of it from now on. Answered by `NoteOpened`.
    OpenNote {
        /// Which party.
        party: PartyId,
        /// Which note.
        note: NoteId,
    },
    /// Shows no more changes of a note's text. Answered by `Done`.
    CloseNote {
        /// Which party.
        party: PartyId,
        /// Which note.
        note: NoteId,
    },
    /// Changes the text of an open note. Answered by the `NoteEdited` that carries it.
    EditNote {
        /// Which party.
        party: PartyId,
        /// Which note.
        note: NoteId,
        /// The revision that the change was made to: that of the last `NoteOpened` or `NoteEdited` seen.
        revision: u64,
        /// The change, over the characters of that revision.
        change: TextChange,
    },
    /// Tells the others where this person's cursor is in an open note. Answered by `Done`.
    ShowCursor {
        /// Which party.
        party: PartyId,
        /// Which note.
        note: NoteId,
        /// The revision that `at` counts in.
        revision: u64,
        /// Characters before the cursor; none when the note is no longer being edited.
        at: Option<usize>,
    },

    /// Sends a message. Answered by `MessageSent`.
    SendMessage {
        /// Which party.
        party: PartyId,
        /// 1 to 3000 bytes.
        text: String,
        /// The message that it answers.
        reply_to: Option<MessageId>,
    },
    /// Everything of a party has been seen: it counts as read, on this device. Answered by `Done`.
    MarkRead {
        /// Which party.
        party: PartyId,
    },

    /// Adds a file: keeps a copy of its content and tells the others. Answered by `FileAdded`, after `TransferChanged`s, or by
    /// `FileNotAdded` if it is cancelled meanwhile. Characters that no file of a party may have in its name become `_`.
    AddFile {
        /// Which party.
        party: PartyId,
        /// Where it lies.
        path: PathBuf,
    },
    /// Renames a file. Answered by `Done`.
    RenameFile {
        /// Which party.
        party: PartyId,
        /// Which file.
        file: FileId,
        /// 1 to 255 bytes, no separators of folders.
        name: String,
    },
    /// Gets a file's content from members who have it, now or as soon as one is there. Answered by `Done`.
    FetchFile {
        /// Which party.
        party: PartyId,
        /// Which file.
        file: FileId,
    },
    /// Stops getting or adding a file's content. What has come is kept for the next try. Answered by `Done`.
    CancelTransfer {
        /// Which party.
        party: PartyId,
        /// Which file.
        file: FileId,
    },
    /// Writes a file's content to a place on the disk. Answered by `FileSaved`.
    SaveFile {
        /// Which party.
        party: PartyId,
        /// Which file.
        file: FileId,
        /// Where to.
        to: SaveTo,
    },
    /// Makes a small picture of an image file that is here. Answered by `ThumbnailMade`.
    MakeThumbnail {
        /// Which party.
        party: PartyId,
        /// Which file.
        file: FileId,
    },

    /// Deletes a task, note, message or file. It can be restored. Answered by `Done`.
    DeleteItem {
        /// Which party.
        party: PartyId,
        /// Which one.
        item: ItemId,
    },
    /// Restores what was deleted. Answered by `Done`.
    RestoreItem {
        /// Which party.
        party: PartyId,
        /// Which one.
        item: ItemId,
    },
    /// Reads what has become of one thing. Answered by `HistoryRead`.
    ReadHistory {
        /// Which party.
        party: PartyId,
        /// Which one.
        item: ItemId,
    },
    /// Finds things by their words. Answered by `SearchDone`.
    Search {
        /// In this party, or in all.
        party: Option<PartyId>,
        /// What to look for: all words must occur, in any case.
        words: String,
    },

    /// Changes a member's role. Answered by `Done`.
    ChangeRole {
        /// Which party.
        party: PartyId,
        /// Whose.
        member: IdentityId,
        /// The new role.
        role: Role,
    },
    /// Writes a party with all its files into a folder: JSON, Markdown, files. Answered by `PartyExported`.
    ExportParty {
        /// Which party.
        party: PartyId,
        /// The folder, which must be missing or empty.
        folder: PathBuf,
    },
    /// Founds a party from an exported folder. Answered by `PartyCreated` when its files have been read in.
    ImportParty {
        /// The folder.
        folder: PathBuf,
    },
    /// Gives back the room on the disk that nothing needs any more. Answered by `StorageCompacted`.
    CompactStorage,

    /// Creates an invitation and its code. Answered by `InvitationCreated`.
    CreateInvitation {
        /// Which party.
        party: PartyId,
        /// Role, number of people, lifetime, label.
        options: InvitationOptions,
    },
    /// Voids the PIN that is shown and shows a new one. Answered by `Done`.
    ShowNewPin {
        /// Which invitation.
        invitation: InvitationId,
    },
    /// Gives the slot to the next waiting device, or frees it ("not who I expected"). Answered by `Done`.
    NextInvitee {
        /// Which invitation.
        invitation: InvitationId,
    },
    /// Revokes the code for good: one of this device, or a delegated one of any member in whose party this person is an
    /// administrator or more. Answered by `Done`, or by `Failed` with `AlreadyAdmitted`.
    RevokeInvitation {
        /// Which invitation.
        invitation: InvitationId,
    },

    /// Redeems a code: joins a party, or becomes a further device of a person. Answered by `RedemptionStarted`.
    Redeem {
        /// The code, as read from what was pasted.
        code: Arc<InviteCode>,
        /// A relay host that the person allowed for this code, beyond the known ones.
        allow_relay: bool,
    },
    /// Hands in the PIN. Answered by `Done`; what comes of it arrives as `RedemptionChanged`.
    SubmitPin {
        /// Which redemption.
        redemption: RedemptionId,
        /// What was typed.
        pin: Arc<Pin>,
    },
    /// Asks why two devices do not find each other. Answered by `ConnectionExplained`.
    ExplainConnection {
        /// The redemption that is under way; none to ask about this device alone.
        redemption: Option<RedemptionId>,
    },
    /// Uses another part of the network from now on: the endpoint is closed and another one opened, which takes a second as a rule
    /// and 7 s at most, and what waits for a peer is tried again. Meanwhile nobody is reached, and commands that invite, redeem, or
    /// tell where this device is, wait; all others are carried out. `LocalNetwork` is remembered for starts that ask for
    /// `PublicRelays`, until another mode is set.
    ///
    /// Answered by `Done`, or by `Failed` with `NetworkUnavailable`: then the mode is the one from before. If another mode is set
    /// meanwhile, that one counts, and what becomes of it is the answer to both.
    SetNetworkMode {
        /// Which machines besides the peers may be contacted.
        mode: NetworkMode,
    },
    /// Tries again at once to reach the inviter. Answered by `Done`.
    RetryRedemption {
        /// Which redemption.
        redemption: RedemptionId,
    },
    /// Stops a redemption. Answered by `Done`. Harmless when it has ended.
    CancelRedemption {
        /// Which redemption.
        redemption: RedemptionId,
    },

    /// Shows an invitation of this device in the local network for a quarter of an hour, in place of another one that is shown.
    /// Whoever is there may come without the code; the PIN decides. Answered by `Done`, or by `Failed` with `NearbyUnavailable`.
    ShowNearby {
        /// Which invitation.
        invitation: InvitationId,
    },
    /// Does not show it there any more, and sends away who came that way and has not proved the PIN. Answered by `Done`.
    HideNearby {
        /// Which invitation.
        invitation: InvitationId,
    },
    /// Listens for invitations that others show in the local network: `NearbyChanged` tells them. Answered by `Done`, or by
    /// `Failed` with `NearbyUnavailable`.
    ListenNearby,
    /// Does not listen any more. Answered by `Done`.
    StopListening,
    /// Redeems an invitation that is shown in the local network. Answered by `RedemptionStarted`.
    RedeemNearby {
        /// What a person has picked.
        picked: Arc<NearbyInvitation>,
    },

    /// Lets in somebody who waits for approval. Answered by `Done`, or by `Failed` with `RequestUnknown` or `InvitationOver`.
    ApproveRequest {
        /// Which party.
        party: PartyId,
        /// Whose request.
        request: JoinRequestId,
    },
    /// Refuses somebody who waits for approval, for good as far as this invitation goes. Answered by `Done`, or by `Failed`
    /// with `RequestUnknown`.
    DenyRequest {
        /// Which party.
        party: PartyId,
        /// Whose request.
        request: JoinRequestId,
    },
    /// Creates a code that makes a new device one of this person's: a profile without parties that redeems it. Answered by
    /// `InvitationCreated`.
    AddDevice,
    /// Removes a device of this person from all parties: it is lost or retired. Answered by `Done`.
    RemoveDevice {
        /// Which; not this one.
        device: DeviceId,
    },
    /// Shows the recovery phrase of this person's identity, until it has been written down. Answered by `PhraseShown`.
    ShowPhrase,
    /// The person has written the recovery phrase down, and has shown it: it is not shown again. Answered by `Done`.
    ConfirmPhrase,
    /// Brings the identity's key to a device that has a certificate only. Answered by `Done`.
    HoldIdentity {
        /// What the person has typed.
        phrase: Arc<RecoveryPhrase>,
    },
    /// Changes what a device of this person is called; only their own devices see it. Answered by `Done`.
    RenameDevice {
        /// Which.
        device: DeviceId,
        /// 1 to 64 bytes.
        name: String,
    },

    /// Signs in at an invitation service through the browser: `BrowserNeeded` says where to. Answered by `Done`, after
    /// `ServicesChanged`.
    SignIn {
        /// Which service.
        issuer: Issuer,
    },
    /// Uses a client that whoever runs the service has made for this person. Answered by `Done`, after `ServicesChanged`.
    UseClient {
        /// Which service.
        issuer: Issuer,
        /// The client's id.
        id: String,
        /// Its secret.
        secret: Passphrase,
    },
    /// Forgets the account at a service. Answered by `Done`, after `ServicesChanged`.
    SignOut {
        /// Which service.
        issuer: Issuer,
    },
    /// Invites somebody by e-mail. Answered by `InvitationCreated`; how far the mail is arrives as `InvitationChanged`.
    InviteByMail {
        /// Whom, to what, and what the mail says.
        options: Box<MailOptions>,
    },
    /// Has the service send the mail of an invitation again; if it does not have the invitation yet, it is handed over now.
    /// Answered by `Done`.
    SendAgain {
        /// Which invitation of this device.
        invitation: InvitationId,
    },
    /// Comes in by e-mail. With a link `BrowserNeeded` says where the person's browser has to go. Answered by
    /// `RedemptionStarted`.
    RedeemMail {
        /// What the person has in hand.
        way: Box<MailWay>,
    },
    /// Waits no longer for the browser: what is waited for fails. Answered by `Done`.
    StopBrowser,
}

/// Where a file's content is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveTo {
    /// This path, which the person chose: what is there is replaced.
    Path(PathBuf),
    /// A folder, under the file's name; a number is added if that is taken.
    Folder(PathBuf),
    /// A folder of the profile for files that are opened with other programs.
    Open,
}

/// A change of a text: what is kept, deleted and written, from its beginning to its end, counted in characters.
#[derive(Clone, Default, PartialEq)]
pub struct TextChange(pub OperationSeq);

/// The lengths before and after: what is written is not for logs.
impl fmt::Debug for TextChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextChange({} to {})", self.0.base_len(), self.0.target_len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_not_printed() {
        let (party, title) = (PartyId::from_bytes([1; 32]), "Buy a present".to_owned());
        assert_eq!(format!("{:?}", Command::AddTask { party, title }), "AddTask");
    }

    #[test]
    fn a_passphrase_is_not_printed() {
        let passphrase = Passphrase::new(Zeroizing::new("correct horse".to_owned()));
        let protection = Protection::Passphrase(passphrase.clone());
        let text = format!("{passphrase:?} {protection:?}");
        assert!(text.contains("<redacted>") && !text.contains("horse"), "{text}");
    }
}
