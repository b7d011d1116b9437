//! Why an op, a log or an admission is refused. No IO.

use super::resolver::Denied;
use super::{NameError, OpError};

/// Why an op does not belong into this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    /// Another party's.
    #[error("the op belongs to another party")]
    WrongParty,
    /// A second genesis, or one with deps.
    #[error("the op is not where a genesis can be")]
    Genesis,
    /// It does not follow its device's previous op, names nothing, or is a membership act that names data.
    #[error("the op does not continue its device's chain")]
    Chain,
    /// Data by somebody who was no Editor at that device when they wrote it, or a membership act that its author was not
    /// allowed then.
    #[error("the op's author was not allowed to write")]
    NotAllowed,
}

/// Why ops are no party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// None founds a party.
    #[error("no op founds a party")]
    NoGenesis,
    /// Two of them found one.
    #[error("two ops found a party")]
    TwoGeneses,
    /// The genesis is not certified by its founder, or names the party badly.
    #[error("the first op is not valid")]
    Genesis,
    /// An op does not fit.
    #[error("an op does not fit: {0}")]
    Op(#[from] ReceiveError),
    /// An op's past is missing.
    #[error("ops are missing")]
    Incomplete,
}

/// Why an act was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The role does not allow it, or the member it is about outranks the author.
    #[error("the author's role does not allow this")]
    NotAllowed,
    /// A party keeps an owner.
    #[error("the last owner can neither leave nor step down")]
    LastOwner,
    /// This person, or this device of theirs, is not in the party.
    #[error("the author is not a member")]
    NotAMember,
    /// It is about somebody, or a device, that is not in the party.
    #[error("no such member")]
    MemberUnknown,
    /// Who would be admitted is a member, or a member has that device.
    #[error("is a member already")]
    AlreadyMember,
    /// It is about a task that there is not.
    #[error("no such task")]
    TaskUnknown,
    /// It is about a note, message or file that there is not.
    #[error("no such item")]
    ItemUnknown,
    /// The name is not one.
    #[error("not a name: {0}")]
    NameInvalid(NameError),
    /// The message is not one.
    #[error("not a message: {0}")]
    MessageInvalid(NameError),
    /// The name of a file is not one.
    #[error("not a file's name: {0}")]
    FileNameInvalid(NameError),
    /// A text would get characters that cannot be in it, or the change is for a text of another length.
    #[error("not a change of this text")]
    TextInvalid,
    /// The title is not one.
    #[error("not a title: {0}")]
    TitleInvalid(NameError),
    /// A certificate or an invitation's evidence does not verify.
    #[error("the certificate or the evidence does not verify")]
    ProofInvalid,
    /// The invitation is unknown, revoked, used up or over.
    #[error("the invitation cannot be used")]
    InvitationClosed,
    /// This device's chain is forked: it was restored from a copy. It has to be replaced by a new one.
    #[error("this device wrote two different ops for one place")]
    Forked,
    /// Ops of the party are lost on this disk and have not come back yet.
    #[error("part of the party is missing here")]
    Incomplete,
    /// An act that nobody writes: a second genesis, or an unknown kind.
    #[error("no act to write")]
    Unsupported,
}

impl From<Denied> for WriteError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotAMember => Self::NotAMember,
            Denied::NotAllowed => Self::NotAllowed,
            Denied::LastOwner => Self::LastOwner,
            Denied::MemberUnknown => Self::MemberUnknown,
            Denied::AlreadyMember => Self::AlreadyMember,
            Denied::Name => Self::NameInvalid(NameError::Character),
            Denied::Proof => Self::ProofInvalid,
            Denied::InvitationClosed | Denied::UsedUp => Self::InvitationClosed,
            Denied::Unknown => Self::Unsupported,
        }
    }
}

/// Why what was received is not the promised admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
    /// One of the ops cannot be read.
    #[error("an op of the admission is invalid: {0}")]
    Op(#[from] OpError),
    /// The ops are not one whole party.
    #[error("the admission is not a party: {0}")]
    Party(#[from] LoadError),
    /// It is another party than the code's.
    #[error("the admission is to another party")]
    WrongParty,
    /// Who sent it may not admit anybody.
    #[error("the admitter may not admit")]
    AdmitterNotAllowed,
    /// The invitee is not admitted, or not with this device.
    #[error("the log does not admit the invitee")]
    NotAdmitted,
    /// Admitted, with another role than shown.
    #[error("the log admits with another role")]
    WrongRole,
    /// It is where somebody's devices meet, into which nobody is admitted.
    #[error("the admission is to where a person's devices meet")]
    PlaceOfDevices,
}
