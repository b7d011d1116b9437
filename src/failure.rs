//! The closed list of what can go wrong for a person. No IO.
//!
//! Every face has two sentences for each variant: what happened, and what to do next; and, where one click can do that, a
//! [`Remedy`]. A new variant does not compile until it has them.

use crate::identity::PhraseError;
use crate::invitation::{CodeError, RedeemError};

mod mail;
mod remedy;
pub mod words;

pub use mail::MailTrouble;
pub use remedy::Remedy;

/// Names of parties, for a sentence.
#[derive(Clone, PartialEq, Eq)]
pub struct PartyNames(pub Vec<String>);

/// How many: names are not for logs.
impl std::fmt::Debug for PartyNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PartyNames({})", self.0.len())
    }
}

/// Something that a person asked for and did not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    // The profile.
    /// Another running Partyline has this profile open.
    ProfileInUse,
    /// The folder of the profile cannot be made, read or written.
    ProfileUnreadable,
    /// Files of the profile can be read or written by other users of this machine.
    ProfileExposed,
    /// A newer Partyline wrote this profile.
    ProfileNewer,
    /// The stored data is damaged.
    ProfileDamaged,
    /// The passphrase does not open this profile.
    WrongPassphrase,
    /// The operating system's keyring cannot be reached.
    KeyringUnavailable,
    /// The keyring answers, but has lost the key that this profile was sealed with.
    KeyMissing,
    /// The disk is full or refuses to write. Nothing was lost.
    DiskFull,
    /// The profile has not been created or opened yet.
    ProfileClosed,

    // What was typed.
    /// A name is empty, too long or has control characters.
    NameInvalid,
    /// The party's log of members has grown too long to hand to somebody new.
    PartyTooLarge,
    /// An invitation is for nobody, or for more people than one code admits.
    TooManyPeople,
    /// Too many PINs have been shown to one device.
    TooManyPins,
    /// The person's new name is used, but not in these parties: nothing can be written to them from this device.
    NotRenamedIn {
        /// Their names.
        parties: PartyNames,
    },
    /// A task's title is empty or too long.
    TitleInvalid,
    /// No party of this name or id.
    PartyUnknown,
    /// No such task.
    TaskUnknown,
    /// No such note, message or file, or it is deleted.
    ItemUnknown,
    /// A message is empty or too long.
    MessageInvalid,
    /// A text for a note has characters that cannot be in one.
    NoteTextInvalid,
    /// A file's name is empty, too long, or has characters that no file name can have.
    FileNameInvalid,
    /// A file to be added cannot be read, or is no file.
    FileUnreadable,
    /// What is to be added as a file is a folder.
    FileIsFolder,
    /// A file cannot be written where it was to go.
    FileUnwritable,
    /// The content of a file is not on this machine.
    ContentElsewhere,
    /// The content of a file on this disk is not what it was.
    ContentDamaged,
    /// A folder to export into is not empty.
    FolderNotEmpty,
    /// A folder to import from is not an exported party.
    ImportInvalid,
    /// Part of the party could not be read from this disk, and has not come back yet.
    PartyIncomplete,
    /// Part of the party could not be read from this disk, and no other member has it.
    PartyPartlyLost,
    /// No such member.
    MemberUnknown,
    /// The member's role does not allow this.
    NotAllowed,
    /// The last owner can neither leave nor step down.
    LastOwner,
    /// The person's own device is no longer a member of the party.
    NoLongerMember,
    /// No device of this person's.
    DeviceUnknown,
    /// A device is not removed from itself.
    ThisDevice,
    /// The key of the person's identity is not on this device, so it cannot do this.
    IdentityElsewhere,
    /// What was typed is not a recovery phrase.
    Phrase(PhraseError),
    /// The recovery phrase brings back another identity than this profile's.
    PhraseOfAnother,
    /// The recovery phrase has been written down: it is not shown again.
    PhraseWritten,

    // The code.
    /// What was pasted is not an invite code that can be used.
    Code(CodeError),
    /// The code is of a kind that this version cannot redeem.
    CodeKindUnsupported,
    /// The code wants to use a relay that is not on the list of known ones.
    RelayNotAllowed {
        /// The relay's host name, as the code has it.
        host: String,
    },

    /// The code names a relay, and this device's network mode keeps it from using it.
    RelayLeftOut {
        /// The relay's host name.
        host: String,
    },

    // Inviting and redeeming.
    /// A redemption ended without a membership.
    Redeem(RedeemError),
    /// No such invitation here.
    InvitationUnknown,
    /// No such redemption here, or it has ended.
    RedemptionUnknown,
    /// The invitation has admitted its person: it cannot be cancelled any more.
    AlreadyAdmitted,
    /// Nobody waits for approval under this id: somebody else has decided, or the invitation has ended.
    RequestUnknown,
    /// The invitation of a request is used up, revoked or expired: nobody comes in by it any more.
    InvitationOver,
    /// A link that admits whoever comes first gives no more than an editor's role.
    LinkRoleTooHigh,

    // The network.
    /// No network endpoint could be opened.
    NetworkUnavailable,
    /// Nothing can be shown or heard in the local network.
    NearbyUnavailable,
    /// Something with an invitation service did not come about.
    Mail(MailTrouble),

    /// A bug here. The app goes on.
    Internal,
}
