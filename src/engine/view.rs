//! What a face may show: plain data, made by the engine, never a reference into its state.

mod connection;
mod delegation;
mod mail;

use std::sync::Arc;

use crate::failure::Failure;
use crate::identity::{DeviceId, EndpointId, IdentityId};
use crate::invitation::{
    CodeKind, InvitationId, InvitationKind, InvitationStage, InviteCode, NearbyInvitation, RedemptionStage,
};
use crate::net::NetworkMode;
use crate::party::{Deleted, Device, File, FileId, How, Message, MessageId, Note, NoteId, PartyId, Role, Task};
use crate::time::Timestamp;

use super::RedemptionId;

pub use connection::{ConnectionView, HereView, ReachedView, ThereView, TriedView};
pub use delegation::{AdmittedView, DelegatedView, RequestView};
pub use mail::{MailView, ServiceView};

/// How far the profile is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileView {
    /// Nobody has used this profile: a name is needed, and a way to keep the key.
    New {
        /// Whether the operating system's keyring answers.
        keyring: KeyringView,
    },
    /// A passphrase is needed.
    Locked,
    /// The key is in a keyring that does not answer.
    KeyringSilent {
        /// Why.
        failure: Failure,
    },
    /// Ready.
    Open {
        /// The name that other members see.
        name: String,
        /// Who this is.
        identity: IdentityId,
        /// This machine's key on the network.
        endpoint: EndpointId,
    },
}

/// Whether the operating system's keyring answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyringView {
    /// It answers.
    Available,
    /// It does not: a passphrase, or an explicit choice to store without protection.
    Unavailable,
}

/// A party with all that is in it. The lists are shared: a view costs little, however long they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyView {
    /// Its id.
    pub id: PartyId,
    /// Its name.
    pub name: String,
    /// This person's role, or none after leaving or being removed.
    pub role: Option<Role>,
    /// Members in the order in which they came, the founder first.
    pub members: Vec<MemberView>,
    /// Tasks in the order that people gave them.
    pub tasks: Arc<[Arc<Task>]>,
    /// Notes without their texts, the last changed first.
    pub notes: Arc<[Arc<Note>]>,
    /// Messages in the order in which everybody sees them, oldest first.
    pub messages: Arc<[Arc<Message>]>,
    /// Files, the last added first.
    pub files: Arc<[FileView]>,
    /// What was deleted and can be restored, the last deleted first.
    pub deleted: Arc<[Deleted]>,
    /// Who waits for approval, the longest first. Whoever is an administrator or more can decide.
    pub requests: Arc<[RequestView]>,
    /// Delegated invitations that still work, as everybody sees them: this person's and others'.
    pub delegated: Arc<[DelegatedView]>,
    /// What this device has not shown its person yet.
    pub unread: UnreadView,
    /// Whether everything that was stored is there.
    pub health: PartyHealth,
    /// Whether the members' devices that are connected have it all.
    pub sync: SyncView,
}

/// How many devices of members hold exactly what this one has stored of a party, as far as they have said. Those that are
/// connected and do not know the party yet do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncView {
    /// They are connected and have everything that this device has, and this one everything of theirs.
    pub in_step: usize,
    /// They are connected and have not, or not said so yet.
    pub behind: usize,
    /// They are gone since this device was started, and had then everything that it has now.
    pub left_in_step: usize,
}

/// What of a party is new to the person at this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnreadView {
    /// Messages of others.
    pub messages: usize,
    /// The first of them in the order of the list.
    pub first: Option<MessageId>,
}

/// Whether a party is whole on this disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PartyHealth {
    /// It is.
    #[default]
    Whole,
    /// Part of it could not be read. It can be looked at, and changed again once a member was online who has the rest.
    Incomplete,
}

/// A file, and whether its content is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileView {
    /// The file.
    pub file: Arc<File>,
    /// Whether its content is on this machine.
    pub content: ContentView,
}

/// Where a file's content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentView {
    /// On this machine, whole and verified.
    Here,
    /// Not on this machine, or only in part.
    Elsewhere,
}

/// How far the content of a file is.
#[derive(Clone, PartialEq, Eq)]
pub struct TransferView {
    /// In which party.
    pub party: PartyId,
    /// Which file. One that is being added has the id that it will have.
    pub file: FileId,
    /// Its name.
    pub name: String,
    /// Bytes that are here.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
    /// What is going on.
    pub stage: TransferStage,
}

/// Which file and how far: a name is not for logs.
impl std::fmt::Debug for TransferView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransferView")
            .field("file", &self.file)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// What is going on with a file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferStage {
    /// It is read from this machine's disk.
    Adding,
    /// Nobody who has it is online, or others come first.
    Waiting,
    /// It comes.
    Coming {
        /// Bytes a second, over the last seconds.
        rate: u64,
        /// Seconds that are left at this rate; none while that cannot be told.
        seconds_left: Option<u64>,
    },
    /// It is here.
    Done,
    /// It was stopped by the person.
    Cancelled,
    /// It cannot be had, for this reason.
    Failed(Failure),
}

/// A small picture.
#[derive(Clone, PartialEq, Eq)]
pub struct ThumbnailView {
    /// Of which file.
    pub file: FileId,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Four bytes a pixel: red, green, blue, opacity; not premultiplied.
    pub rgba: Vec<u8>,
}

/// Which and how large: what is in a picture is not for logs.
impl std::fmt::Debug for ThumbnailView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ThumbnailView({:?}, {}x{})", self.file, self.width, self.height)
    }
}

/// The text of a note as it was when it was opened.
#[derive(Clone, PartialEq, Eq)]
pub struct NoteText {
    /// In which party.
    pub party: PartyId,
    /// Which note.
    pub note: NoteId,
    /// The number that the next change builds on.
    pub revision: u64,
    /// The text: Markdown, as people type it.
    pub text: String,
}

/// Which note: its text is not for logs.
impl std::fmt::Debug for NoteText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NoteText")
            .field("note", &self.note)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// Where somebody else is in a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorView {
    /// Who.
    pub member: IdentityId,
    /// Characters before the cursor.
    pub at: usize,
}

/// This person's devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevicesView {
    /// This one among them, the first one first.
    pub devices: Vec<DeviceView>,
    /// Whether this one can add further ones, and whether the identity outlives it.
    pub key: KeyView,
}

/// One of this person's devices.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceView {
    /// Which.
    pub device: DeviceId,
    /// What it is called, if that is known.
    pub name: Option<String>,
    /// Since when it is this person's, by the clock of who added it; none if no log says so yet.
    pub since: Option<Timestamp>,
    /// Whether it is this one, connected, or away.
    pub presence: Presence,
}

/// Ids only: a name is not for logs.
impl std::fmt::Debug for DeviceView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceView")
            .field("device", &self.device)
            .field("presence", &self.presence)
            .finish_non_exhaustive()
    }
}

/// Where the key of a person's identity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyView {
    /// On this device, which can add further ones; and nowhere else, as the recovery phrase has not been written down.
    Unwritten,
    /// On this device, which can add further ones, and on paper.
    Written,
    /// On another one, or only in the recovery phrase.
    Elsewhere,
}

/// A member of a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub identity: IdentityId,
    /// The name that the member gave, or none yet.
    pub name: Option<String>,
    /// The role.
    pub role: Role,
    /// Who let the member in; none for the founder.
    pub admitted_by: Option<IdentityId>,
    /// When the member was let in, by the admitter's clock.
    pub since: Timestamp,
    /// How they came in; none for the founder.
    pub how: Option<How>,
    /// The invitation that they came by.
    pub invitation: Option<InvitationId>,
    /// Their devices.
    pub devices: Vec<Device>,
    /// Whether this is the person at this machine, connected, or away.
    pub presence: Presence,
}

/// Whether a member is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The person at this machine.
    Me,
    /// Connected now.
    Online,
    /// Not connected. When one of their devices was last connected to this one, if it ever was.
    Offline(Option<Timestamp>),
}

/// An invitation, as its inviter sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationView {
    /// Its id.
    pub id: InvitationId,
    /// To which party.
    pub party: PartyId,
    /// The inviter's private note, "for whom". Empty for none.
    pub label: String,
    /// The role that the invitee gets.
    pub role: Role,
    /// How somebody comes in by it.
    pub kind: InvitationKind,
    /// The code to send. Its `to_text` and `to_link` are what is copied.
    pub code: Arc<InviteCode>,
    /// When it was made.
    pub created: Timestamp,
    /// When the code stops working.
    pub expires: Timestamp,
    /// How many people it was made for.
    pub max_uses: u32,
    /// How many wrong PINs have been entered in all; the code locks at [`crate::invitation::MAX_WRONG_PINS`].
    pub wrong_pins: u8,
    /// Who came in by it, in that order.
    pub admitted: Vec<AdmittedView>,
    /// How far it is.
    pub stage: InvitationStage,
    /// What others in the local network hear of it, while it is shown there.
    pub nearby: Option<Arc<NearbyInvitation>>,
    /// The mail that carries it, if one does.
    pub mail: Option<MailView>,
}

impl InvitationView {
    /// Whether it makes a further device this person's, rather than letting somebody into a party.
    #[must_use]
    pub fn is_for_device(&self) -> bool {
        self.code.kind() == CodeKind::DevicePairing
    }

    /// How many people can still come in by it, as long as it works.
    #[must_use]
    pub fn uses_left(&self) -> u32 {
        let used = u32::try_from(self.admitted.len()).unwrap_or(u32::MAX);
        self.max_uses.saturating_sub(used)
    }
}

/// A redemption, as its invitee sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedemptionView {
    /// Its id while this program runs.
    pub id: RedemptionId,
    /// The invitation's id.
    pub invitation: InvitationId,
    /// What kind of code it began with: whether a PIN comes, and whether it can begin anew.
    pub kind: CodeKind,
    /// How far it is.
    pub stage: RedemptionStage,
    /// The relay that the code names, if this device's network mode keeps it from using it.
    pub relay_left_out: Option<String>,
}

/// How this machine is connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkView {
    /// How many members' devices are connected, over all parties.
    pub peers: usize,
    /// Which machines besides the peers may be contacted.
    pub mode: NetworkMode,
    /// What that is being changed to; none as a rule. Nobody is reached until then.
    pub next: Option<NetworkMode>,
}
