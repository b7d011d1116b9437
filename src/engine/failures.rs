//! The engine's one translation from errors of the rooms below to what a person is told.
//!
//! Every match is exhaustive: a new error does not compile until somebody has decided what it means for a person.

use crate::blobs::BlobError;
use crate::failure::Failure;
use crate::party::WriteError;
use crate::store::StoreError;

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::NotAllowed => Self::NotAllowed,
            WriteError::LastOwner => Self::LastOwner,
            WriteError::NotAMember | WriteError::Forked => Self::NoLongerMember,
            WriteError::MemberUnknown => Self::MemberUnknown,
            WriteError::TaskUnknown => Self::TaskUnknown,
            WriteError::ItemUnknown => Self::ItemUnknown,
            WriteError::TextInvalid => Self::NoteTextInvalid,
            WriteError::Incomplete => Self::PartyIncomplete,
            WriteError::MessageInvalid(_) => Self::MessageInvalid,
            WriteError::FileNameInvalid(_) => Self::FileNameInvalid,
            WriteError::NameInvalid(_) => Self::NameInvalid,
            WriteError::TitleInvalid(_) => Self::TitleInvalid,
            WriteError::InvitationClosed => Self::InvitationUnknown,
            // The engine hands in none of these: it checks before it writes.
            WriteError::AlreadyMember | WriteError::ProofInvalid | WriteError::Unsupported => Self::Internal,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "the store failed");
        match error {
            StoreError::InUse => Self::ProfileInUse,
            StoreError::Exposed(_) => Self::ProfileExposed,
            StoreError::Newer { .. } => Self::ProfileNewer,
            StoreError::Damaged(_) => Self::ProfileDamaged,
            StoreError::Full => Self::DiskFull,
            StoreError::WrongPassphrase => Self::WrongPassphrase,
            StoreError::KeyringUnavailable(_) => Self::KeyringUnavailable,
            StoreError::KeyMissing => Self::KeyMissing,
            StoreError::Io(_) => Self::ProfileUnreadable,
            StoreError::Locked | StoreError::Exists | StoreError::OtherProtection => Self::ProfileClosed,
            StoreError::Database(_) | StoreError::Panicked | StoreError::Closed => Self::Internal,
        }
    }
}

impl From<BlobError> for Failure {
    fn from(error: BlobError) -> Self {
        tracing::warn!(%error, "the content of a file failed");
        match error {
            BlobError::Full => Self::DiskFull,
            BlobError::Unreadable(error) if error.kind() == std::io::ErrorKind::IsADirectory => Self::FileIsFolder,
            BlobError::Unreadable(_) => Self::FileUnreadable,
            BlobError::Damaged => Self::ContentDamaged,
            BlobError::Exists | BlobError::Unwritable(_) => Self::FileUnwritable,
            BlobError::Exposed(_) => Self::ProfileExposed,
            BlobError::Io(_) => Self::ProfileUnreadable,
            BlobError::Closed => Self::Internal,
            BlobError::NotHere
            | BlobError::WrongContent
            | BlobError::WrongLength
            | BlobError::Refused
            | BlobError::NotHeld
            | BlobError::Lost => Self::ContentElsewhere,
        }
    }
}
