//! What a person reads when something went wrong: for each failure what happened and what to do next, in plain English.
//! No IO.
//!
//! The matches are exhaustive, so a new failure does not compile until it has its two sentences. Every face uses these,
//! so that the window and the command line say the same.

mod mail;

use std::borrow::Cow;

use super::{Failure, MailTrouble};
use crate::identity::{PHRASE_WORDS, PhraseError};
use crate::invitation::{CodeError, PinError, RedeemError};

/// A text that is fixed in most cases.
type Text = Cow<'static, str>;

/// Something that can be explained to a person.
pub trait Words {
    /// What happened: one sentence, or two.
    fn problem(&self) -> Text;

    /// What to do next: one sentence, or two.
    fn remedy(&self) -> Text;
}

/// What happened. [`Failure`], [`RedeemError`], [`CodeError`], [`PhraseError`], [`PinError`] and [`MailTrouble`] have words.
#[must_use]
pub fn problem(failure: &impl Words) -> Cow<'static, str> {
    failure.problem()
}

/// What to do next; the companion of [`problem`].
#[must_use]
pub fn remedy(failure: &impl Words) -> Cow<'static, str> {
    failure.remedy()
}

impl Words for Failure {
    fn problem(&self) -> Text {
        match self {
            Self::Code(error) => error.problem(),
            Self::Redeem(error) => error.problem(),
            Self::Phrase(error) => error.problem(),
            Self::Mail(trouble) => trouble.problem(),
            Self::RelayNotAllowed { host } => {
                format!("This code wants to connect through {host}, a relay that Partyline does not know.").into()
            }
            Self::RelayLeftOut { host } => {
                format!("The code names the relay {host}, and this Partyline does not use it.").into()
            }
            Self::NotRenamedIn { parties } => format!("Your new name is not used in {}.", parties.0.join(", ")).into(),
            fixed => of_failure(fixed).0.into(),
        }
    }

    fn remedy(&self) -> Text {
        match self {
            Self::Code(error) => error.remedy(),
            Self::Redeem(error) => error.remedy(),
            Self::Phrase(error) => error.remedy(),
            Self::Mail(trouble) => trouble.remedy(),
            fixed => of_failure(fixed).1.into(),
        }
    }
}

/// Problem and remedy side by side.
#[expect(
    clippy::too_many_lines,
    reason = "one pair of sentences for each failure, all in one exhaustive match"
)]
const fn of_failure(failure: &Failure) -> (&'static str, &'static str) {
    match failure {
        Failure::ProfileInUse => (
            "Partyline is already running with this profile.",
            "Use the window that is open, or close it and start again.",
        ),
        Failure::ProfileUnreadable => (
            "The folder with your data cannot be read or written.",
            "Check that the folder exists and belongs to you, then start again.",
        ),
        Failure::ProfileExposed => (
            "Other users of this computer can read your Partyline data.",
            "Take their access to the folder away, then start again.",
        ),
        Failure::ProfileNewer => (
            "A newer version of Partyline wrote this profile.",
            "Update Partyline, then start again.",
        ),
        Failure::ProfileDamaged => (
            "Your stored data is damaged.",
            "Put a backup of the folder in its place, or start with a new profile and ask to be invited again.",
        ),
        Failure::WrongPassphrase => ("That passphrase is wrong.", "Type it again. Mind the Caps Lock key."),
        Failure::KeyringUnavailable => (
            "The keyring of this computer does not answer.",
            "Unlock it or start it, then try again.",
        ),
        Failure::KeyMissing => (
            "The keyring has lost the key that opens this profile.",
            "Restore the keyring from a backup. Without the key this profile cannot be opened; a new one can be made.",
        ),
        Failure::DiskFull => (
            "The disk is full or cannot be written. Nothing was lost, and nothing was changed.",
            "Make room on the disk, then do it again.",
        ),
        Failure::ProfileClosed => ("Your profile is not open yet.", "Open it first."),
        Failure::NameInvalid => (
            "That name is empty or too long.",
            "Use 1 to 64 characters, on one line.",
        ),
        Failure::TitleInvalid => (
            "That text is empty or too long.",
            "Use 1 to 1000 characters, on one line.",
        ),
        Failure::PartyTooLarge => (
            "This party's record of members has grown too long to hand to somebody new.",
            "Create a new party and invite its members there.",
        ),
        Failure::TooManyPeople => (
            "One code does not let in so many people: with a PIN 1 to 1000, without one at most 100, for a key only one.",
            "Choose a number that fits, or create several codes.",
        ),
        Failure::TooManyPins => (
            "Too many PINs have been shown to this device.",
            "Give the place to the next device, or revoke the code and create a new one.",
        ),
        Failure::PartyUnknown => ("There is no such party here.", "Choose one of your parties."),
        Failure::TaskUnknown => ("This task does not exist any more.", "Look at the list again."),
        Failure::ItemUnknown => (
            "This is not there any more.",
            "Look at the list again, or among what was deleted.",
        ),
        Failure::MessageInvalid => ("That message is empty or too long.", "Use 1 to 3000 characters."),
        Failure::NoteTextInvalid => (
            "This text has control characters, which cannot be kept in a note. Nothing was changed.",
            "Take them out, then do it again.",
        ),
        Failure::FileNameInvalid => (
            "That cannot be the name of a file.",
            "Use 1 to 255 characters that can be seen, without / \\ : * ? \" < > and |.",
        ),
        Failure::FileUnreadable => (
            "This file cannot be read.",
            "Check that it is still there and that you may read it, then add it again.",
        ),
        Failure::FileIsFolder => (
            "Folders cannot be added.",
            "Add the files that are in it, or pack it into one file, such as a ZIP.",
        ),
        Failure::FileUnwritable => (
            "The file cannot be written there.",
            "Choose another place. The file itself is safe in the party.",
        ),
        Failure::ContentElsewhere => (
            "The content of this file is not on this computer yet.",
            "Download it first. It comes when a member who has it is online.",
        ),
        Failure::ContentDamaged => (
            "The content of this file is damaged on this disk.",
            "Download it again. It comes when a member who has it is online.",
        ),
        Failure::FolderNotEmpty => (
            "There is something in this folder already.",
            "Choose an empty folder, or a name that is not taken.",
        ),
        Failure::ImportInvalid => (
            "This folder does not hold an exported party, or not a whole one.",
            "Choose the folder that has party.json in it. Nothing was imported.",
        ),
        Failure::PartyIncomplete => (
            "Part of this party could not be read from this disk, so nothing in it can be changed for now.",
            "Stay online: the missing part comes from another member. If it stays missing although they were online, nobody else has it: \
             come back with your recovery phrase in a new profile, which an admin lets in. What is left can be read meanwhile.",
        ),
        Failure::PartyPartlyLost => (
            "Part of a party could not be read from this disk, and nobody else has it.",
            "Look through what is left. A backup of the folder may have the rest.",
        ),
        Failure::MemberUnknown => (
            "There is no such member in this party.",
            "Look at the list of members again.",
        ),
        Failure::NotAllowed => (
            "Your role in this party does not allow this.",
            "Ask an admin or an owner of the party to do it.",
        ),
        Failure::LastOwner => (
            "You are the only owner of this party, so you cannot leave it.",
            "Make another member an owner first.",
        ),
        Failure::NoLongerMember => (
            "You are no longer a member of this party. You keep what you had.",
            "Ask a member to invite you again.",
        ),
        Failure::DeviceUnknown => (
            "This is not one of your devices any more.",
            "Look at the list of your devices again.",
        ),
        Failure::ThisDevice => (
            "This is the device that you are using.",
            "Remove it from another one of your devices.",
        ),
        Failure::IdentityElsewhere => (
            "The key of your identity is not on this device, so it cannot do this.",
            "Use the device where you began, or enter your recovery phrase here.",
        ),
        Failure::PhraseOfAnother => (
            "This recovery phrase belongs to somebody else than this profile.",
            "Check that it is yours. To come back as the other person, make a new profile.",
        ),
        Failure::PhraseWritten => (
            "Your recovery phrase was written down, so it is not shown again.",
            "Look for the paper. Your devices stay yours without it.",
        ),
        Failure::CodeKindUnsupported => (
            "This kind of invite code cannot be used here.",
            "Ask for an invitation with a PIN, or update Partyline.",
        ),
        Failure::InvitationUnknown => ("This invitation does not exist any more.", "Create a new code."),
        Failure::RedemptionUnknown => ("This attempt to join has ended.", "Start again with the code."),
        Failure::AlreadyAdmitted => (
            "It is too late to revoke this code: somebody has joined with it.",
            "Remove the member instead, if it is not who you expected.",
        ),
        Failure::RequestUnknown => (
            "Nobody waits for approval here any more.",
            "Look at the list again: somebody else may have decided.",
        ),
        Failure::InvitationOver => (
            "This invitation has ended, so nobody can come in by it.",
            "Invite the person again.",
        ),
        Failure::LinkRoleTooHigh => (
            "A code that lets in whoever comes first can make an editor at most.",
            "Choose a lower role, or let an admin approve who comes.",
        ),
        Failure::NetworkUnavailable => (
            "Partyline cannot reach the network.",
            "Check your connection. Partyline goes on trying.",
        ),
        Failure::NearbyUnavailable => (
            "Partyline can show and find nothing in the local network now.",
            "Use the invite code instead. With a relay of your own, or without a network, nothing is shown nearby.",
        ),
        Failure::Internal => (
            "Something went wrong inside Partyline.",
            "Do it again. If it happens twice, restart the app; your data is safe.",
        ),
        // Told by their own words above.
        Failure::Code(_) | Failure::Redeem(_) | Failure::Phrase(_) | Failure::Mail(_) => ("", ""),
        Failure::NotRenamedIn { .. } => (
            "",
            "Nothing can be written there from this device. Everywhere else you go by the new name.",
        ),
        Failure::RelayLeftOut { .. } => (
            "",
            "Be in the same local network, or use relays: they see who talks to whom, never contents.",
        ),
        Failure::RelayNotAllowed { .. } => ("", "Join only if you trust whoever runs it, or ask for another code."),
    }
}

impl Words for RedeemError {
    fn problem(&self) -> Text {
        of_redeem_error(self).0.into()
    }

    fn remedy(&self) -> Text {
        match self {
            Self::RateLimited { seconds } => format!("Try again in {seconds} seconds.").into(),
            fixed => of_redeem_error(fixed).1.into(),
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one line for each case")]
const fn of_redeem_error(error: &RedeemError) -> (&'static str, &'static str) {
    match error {
        RedeemError::UnknownInvitation => (
            "The inviter's app does not know this code.",
            "Check that you have the newest code, or ask for a new one.",
        ),
        RedeemError::Expired => ("This code has expired.", "Ask the inviter for a new one."),
        RedeemError::AlreadyUsed => (
            "Somebody has already joined with this code.",
            "If that was not you, tell the inviter, and ask for a new code.",
        ),
        RedeemError::Revoked => ("The inviter has revoked this code.", "Ask the inviter for a new one."),
        RedeemError::Locked => (
            "Too many wrong PINs were entered, so this code is locked for good.",
            "Tell the inviter, and ask for a new code.",
        ),
        RedeemError::OutOfTries => (
            "Too many wrong PINs were typed on this device. For others the code still works.",
            "Ask the inviter for a code of your own.",
        ),
        RedeemError::CancelledByInviter => (
            "Cancelled by the inviter.",
            "Ask the inviter whether it was meant. The code may still work.",
        ),
        RedeemError::BlockedHere { .. } => (
            "Too many wrong PINs were typed here, so this code is blocked on this device for a while.",
            "Ask the inviter for the PIN again and wait, or ask for a new code.",
        ),
        RedeemError::RateLimited { .. } => ("The inviter's app asks you to slow down.", ""),
        RedeemError::TimedOut => (
            "The inviter's app did not answer in time.",
            "Ask the inviter to keep Partyline open, then try again.",
        ),
        RedeemError::VersionMismatch => (
            "Your app and the inviter's app are of different versions.",
            "Update Partyline on both sides, then try again.",
        ),
        RedeemError::AlreadyMember => ("You are already a member of this party.", "Open it."),
        RedeemError::NotAllowed => (
            "The inviter may not let anybody in with this role.",
            "Ask an admin or an owner of the party for a code.",
        ),
        RedeemError::WrongParty => (
            "This is not the party that the code was made for.",
            "Do not go on. Tell the inviter, and ask for a new code.",
        ),
        RedeemError::BadAdmission => (
            "What the inviter's app sent does not prove that you are a member.",
            "Do not go on. Tell the inviter, and ask for a new code.",
        ),
        RedeemError::BadIdentity => (
            "The PIN was right, but this device could not prove who you are.",
            "Restart Partyline, then ask for a new code.",
        ),
        RedeemError::PeerMisbehaved => (
            "The other side does not keep to the rules.",
            "Stop, and ask the inviter whether all is well. Then ask for a new code.",
        ),
        RedeemError::PeerFailed => (
            "Something went wrong inside the inviter's app.",
            "Ask the inviter to look at it, then try again.",
        ),
        RedeemError::ApprovalDenied => (
            "An admin of the party has said no to your request.",
            "Ask the person who sent you the code. If it was a mistake, they can send a new one.",
        ),
        RedeemError::ForSomebodyElse => (
            "This code was made for another person's key.",
            "Send the inviter your own key, and ask for a code for it.",
        ),
        RedeemError::Internal => (
            "Something went wrong inside Partyline here, such as a full disk.",
            "Partyline tries again when it starts the next time.",
        ),
        RedeemError::HasParties => (
            "This code makes a new device somebody's own, and there are parties here already.",
            "Use the code on a device or in a profile that has none.",
        ),
        RedeemError::OthersUnderWay => (
            "This code makes a new device somebody's own, and another code is still being used here.",
            "Wait until that one has ended, or cancel it; then use this one again.",
        ),
        RedeemError::MailboxUnproved => (
            "No member of the party takes the mail service's word that this is your mailbox.",
            "Look whether this machine's clock is right, then ask the inviter for a new mail.",
        ),
    }
}

impl Words for CodeError {
    fn problem(&self) -> Text {
        match self {
            Self::Version(_) => "A newer app made this code.".into(),
            Self::Empty => "There is no code yet.".into(),
            Self::NotACode => "This does not look like an invite code. Codes begin with party1.".into(),
            Self::MixedCase => "Upper and lower case are mixed in this code.".into(),
            Self::Character { .. } => "The marked character never occurs in a code.".into(),
            Self::Checksum { at: Some(_) } => "The marked character looks wrong.".into(),
            Self::Checksum { at: None } => "A character of this code is wrong.".into(),
            Self::Truncated => "This code is incomplete.".into(),
            Self::TooLong => "This is longer than a code.".into(),
            Self::Kind(_) => "This code is of a kind that this version does not know.".into(),
            Self::NeedsNewer(_) => "This code needs a newer app.".into(),
            Self::Hint(_) | Self::PartyTag => "This code has a part that cannot be read.".into(),
        }
    }

    fn remedy(&self) -> Text {
        match self {
            Self::Empty => "Paste the code or the link that you were sent.".into(),
            Self::NotACode => "Copy all of it, from party1 to the end.".into(),
            Self::MixedCase => "Copy it again from the message.".into(),
            Self::Character { .. } | Self::Checksum { .. } => {
                "Compare it with what you were sent, or copy it again.".into()
            }
            Self::Truncated => "Copy all of it, to the last character.".into(),
            Self::TooLong => "Paste only the code.".into(),
            Self::Version(_) | Self::Kind(_) | Self::NeedsNewer(_) => "Update Partyline.".into(),
            Self::Hint(_) | Self::PartyTag => "Ask the inviter for a new code.".into(),
        }
    }
}

impl Words for PhraseError {
    fn problem(&self) -> Text {
        match self {
            Self::WordCount { found } => format!("A recovery phrase has {PHRASE_WORDS} words, not {found}.").into(),
            Self::Word { at } => format!("Word {at} is on no list of recovery words.").into(),
            Self::Checksum => "These words are no recovery phrase: one is wrong, or in another place.".into(),
        }
    }

    fn remedy(&self) -> Text {
        "Compare them with your paper, one by one.".into()
    }
}

impl Words for PinError {
    fn problem(&self) -> Text {
        match self {
            Self::NotADigit => "A PIN has digits only.".into(),
            Self::WrongLength { expected, found } => format!("A PIN has {expected} digits, not {found}.").into(),
        }
    }

    fn remedy(&self) -> Text {
        match self {
            Self::NotADigit | Self::WrongLength { .. } => "Ask the inviter to read it to you again.".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::PartyNames;
    use crate::time::Timestamp;

    fn check(failure: &impl Words) {
        for text in [problem(failure), remedy(failure)] {
            assert!(text.ends_with('.'), "no sentence: {text:?}");
            assert!(
                text.starts_with(|first: char| first.is_uppercase()),
                "no sentence: {text:?}"
            );
            assert!(text.chars().count() <= 120, "too long to read at a glance: {text}");
        }
    }

    #[test]
    fn every_failure_says_what_happened_and_what_to_do() {
        for failure in [
            Failure::ProfileInUse,
            Failure::ProfileUnreadable,
            Failure::ProfileExposed,
            Failure::ProfileNewer,
            Failure::ProfileDamaged,
            Failure::WrongPassphrase,
            Failure::KeyringUnavailable,
            Failure::KeyMissing,
            Failure::DiskFull,
            Failure::ProfileClosed,
            Failure::NameInvalid,
            Failure::TitleInvalid,
            Failure::PartyTooLarge,
            Failure::TooManyPeople,
            Failure::TooManyPins,
            Failure::PartyUnknown,
            Failure::TaskUnknown,
            Failure::FileNameInvalid,
            Failure::FileUnreadable,
            Failure::FileIsFolder,
            Failure::MemberUnknown,
            Failure::NotAllowed,
            Failure::LastOwner,
            Failure::NoLongerMember,
            Failure::DeviceUnknown,
            Failure::ThisDevice,
            Failure::IdentityElsewhere,
            Failure::Phrase(PhraseError::Checksum),
            Failure::PhraseOfAnother,
            Failure::PhraseWritten,
            Failure::Code(CodeError::Truncated),
            Failure::CodeKindUnsupported,
            Failure::RelayNotAllowed {
                host: "relay.example".to_owned(),
            },
            Failure::RelayLeftOut {
                host: "relay.example".to_owned(),
            },
            Failure::NotRenamedIn {
                parties: PartyNames(vec!["Choir".to_owned()]),
            },
            Failure::Redeem(RedeemError::Expired),
            Failure::InvitationUnknown,
            Failure::RedemptionUnknown,
            Failure::AlreadyAdmitted,
            Failure::RequestUnknown,
            Failure::InvitationOver,
            Failure::LinkRoleTooHigh,
            Failure::NetworkUnavailable,
            Failure::NearbyUnavailable,
            Failure::Mail(MailTrouble::Unreachable),
            Failure::Internal,
        ] {
            check(&failure);
        }
    }

    #[test]
    fn every_end_of_a_redemption_says_what_happened_and_what_to_do() {
        for error in [
            RedeemError::UnknownInvitation,
            RedeemError::Expired,
            RedeemError::AlreadyUsed,
            RedeemError::Revoked,
            RedeemError::Locked,
            RedeemError::OutOfTries,
            RedeemError::CancelledByInviter,
            RedeemError::BlockedHere {
                until: Timestamp::from_millis(0),
            },
            RedeemError::RateLimited { seconds: 20 },
            RedeemError::TimedOut,
            RedeemError::VersionMismatch,
            RedeemError::AlreadyMember,
            RedeemError::NotAllowed,
            RedeemError::WrongParty,
            RedeemError::BadAdmission,
            RedeemError::BadIdentity,
            RedeemError::PeerMisbehaved,
            RedeemError::PeerFailed,
            RedeemError::Internal,
            RedeemError::ApprovalDenied,
            RedeemError::ForSomebodyElse,
            RedeemError::HasParties,
            RedeemError::OthersUnderWay,
            RedeemError::MailboxUnproved,
        ] {
            check(&error);
        }
    }

    #[test]
    fn every_slip_in_typing_says_what_happened_and_what_to_do() {
        for error in [
            CodeError::Empty,
            CodeError::NotACode,
            CodeError::MixedCase,
            CodeError::Character { at: 3 },
            CodeError::Checksum { at: Some(3) },
            CodeError::Checksum { at: None },
            CodeError::Truncated,
            CodeError::TooLong,
            CodeError::Version(2),
            CodeError::Kind(9),
            CodeError::NeedsNewer(128),
            CodeError::Hint(3),
            CodeError::PartyTag,
        ] {
            check(&error);
        }
        check(&PhraseError::WordCount { found: 3 });
        check(&PhraseError::Word { at: 3 });
        check(&PinError::NotADigit);
        check(&PinError::WrongLength { expected: 6, found: 4 });
    }
}
