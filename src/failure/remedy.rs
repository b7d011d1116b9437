//! What a single button can do about a failure. No IO.
//!
//! The sentence in [`super::words`] tells the person what to do next; where a face can do it for them, that is a [`Remedy`].
//! The matches are exhaustive: a new failure does not compile until somebody has thought about its button.

use super::Failure;
use crate::invitation::{InvitationStage, PinVoid, RedeemError};

/// The one step that a face offers as a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Do the same once more.
    TryAgain,
    /// Inviter: void the PIN and show a new one.
    ShowNewPin,
    /// Inviter: make a new code.
    NewCode,
    /// Invitee: take another code.
    OtherCode,
    /// Invitee: use the relay that the code names, for this code.
    AllowRelay,
    /// Let this device use relays.
    UseRelays,
    /// Invitee: open the party that they are in already.
    OpenParty,
    /// Invitee: copy the own key, to send it to the inviter.
    CopyOwnKey,
}

impl Remedy {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::TryAgain,
        Self::ShowNewPin,
        Self::NewCode,
        Self::OtherCode,
        Self::AllowRelay,
        Self::UseRelays,
        Self::OpenParty,
        Self::CopyOwnKey,
    ];
}

impl Failure {
    /// The button; none where only the person can do something, or where the field to do it in is there anyway.
    #[must_use]
    pub const fn button(&self) -> Option<Remedy> {
        match self {
            Self::Redeem(error) => error.button(),
            Self::KeyringUnavailable | Self::DiskFull | Self::RedemptionUnknown | Self::Internal => {
                Some(Remedy::TryAgain)
            }
            Self::TooManyPins | Self::InvitationUnknown | Self::InvitationOver => Some(Remedy::NewCode),
            Self::CodeKindUnsupported => Some(Remedy::OtherCode),
            Self::RelayNotAllowed { .. } => Some(Remedy::AllowRelay),
            Self::RelayLeftOut { .. } => Some(Remedy::UseRelays),
            Self::ProfileInUse
            | Self::ProfileUnreadable
            | Self::ProfileExposed
            | Self::ProfileNewer
            | Self::ProfileDamaged
            | Self::WrongPassphrase
            | Self::KeyMissing
            | Self::ProfileClosed
            | Self::NameInvalid
            | Self::PartyTooLarge
            | Self::TooManyPeople
            | Self::TitleInvalid
            | Self::PartyUnknown
            | Self::TaskUnknown
            | Self::ItemUnknown
            | Self::MessageInvalid
            | Self::NoteTextInvalid
            | Self::FileNameInvalid
            | Self::FileUnreadable
            | Self::FileIsFolder
            | Self::FileUnwritable
            | Self::ContentElsewhere
            | Self::ContentDamaged
            | Self::FolderNotEmpty
            | Self::ImportInvalid
            | Self::PartyIncomplete
            | Self::PartyPartlyLost
            | Self::MemberUnknown
            | Self::NotAllowed
            | Self::LastOwner
            | Self::NoLongerMember
            | Self::Code(_)
            | Self::AlreadyAdmitted
            | Self::RequestUnknown
            | Self::LinkRoleTooHigh
            | Self::DeviceUnknown
            | Self::ThisDevice
            | Self::IdentityElsewhere
            | Self::NetworkUnavailable
            | Self::NearbyUnavailable
            | Self::Mail(_)
            | Self::Phrase(_)
            | Self::PhraseOfAnother
            | Self::PhraseWritten
            | Self::NotRenamedIn { .. } => None,
        }
    }
}

impl RedeemError {
    /// The button; none where the app goes on by itself.
    #[must_use]
    pub const fn button(&self) -> Option<Remedy> {
        match self {
            Self::CancelledByInviter
            | Self::BlockedHere { .. }
            | Self::RateLimited { .. }
            | Self::TimedOut
            | Self::VersionMismatch
            | Self::PeerFailed => Some(Remedy::TryAgain),
            Self::UnknownInvitation
            | Self::Expired
            | Self::AlreadyUsed
            | Self::Revoked
            | Self::Locked
            | Self::OutOfTries
            | Self::NotAllowed
            | Self::WrongParty
            | Self::BadAdmission
            | Self::BadIdentity
            | Self::PeerMisbehaved
            | Self::ApprovalDenied
            | Self::MailboxUnproved => Some(Remedy::OtherCode),
            Self::AlreadyMember => Some(Remedy::OpenParty),
            Self::ForSomebodyElse => Some(Remedy::CopyOwnKey),
            Self::HasParties | Self::OthersUnderWay | Self::Internal => None,
        }
    }
}

impl PinVoid {
    /// The button: a click, never the app, makes the next PIN.
    #[must_use]
    pub const fn button(self) -> Remedy {
        match self {
            Self::TooManyWrong | Self::Expired => Remedy::ShowNewPin,
        }
    }
}

impl InvitationStage {
    /// The button of a stage in which the inviter has to do something about what went wrong.
    #[must_use]
    pub const fn button(&self) -> Option<Remedy> {
        match self {
            Self::PinVoid { reason, .. } => Some(reason.button()),
            Self::Locked | Self::Revoked | Self::Expired => Some(Remedy::NewCode),
            Self::Code { .. }
            | Self::Pin { .. }
            | Self::Admitting
            | Self::Admitted { .. }
            | Self::OnlyHere
            | Self::OfflineReady { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_leads_to_each_button() {
        let host = String::new();
        let buttons = [
            Failure::DiskFull.button(),
            Failure::TooManyPins.button(),
            Failure::RelayNotAllowed { host: host.clone() }.button(),
            Failure::RelayLeftOut { host }.button(),
            Failure::Redeem(RedeemError::Expired).button(),
            Failure::Redeem(RedeemError::AlreadyMember).button(),
            Failure::Redeem(RedeemError::ForSomebodyElse).button(),
            Some(PinVoid::Expired.button()),
        ];
        for remedy in Remedy::ALL {
            assert!(buttons.contains(&Some(remedy)), "nothing leads to {remedy:?}");
        }
    }

    #[test]
    fn an_end_of_an_invitation_leads_to_a_new_code() {
        for stage in [
            InvitationStage::Locked,
            InvitationStage::Revoked,
            InvitationStage::Expired,
        ] {
            assert_eq!(stage.button(), Some(Remedy::NewCode));
        }
        let stage = InvitationStage::PinVoid {
            reason: PinVoid::TooManyWrong,
            waiting: 0,
        };
        assert_eq!(stage.button(), Some(Remedy::ShowNewPin));
    }
}
