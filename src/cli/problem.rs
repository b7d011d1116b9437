//! How a command can end other than well: the stable word for scripts, the two sentences for people, the exit code. No IO.

mod mail;

use std::process::ExitCode;

use super::find::{Candidates, Thing};
use super::json::Problem;
use crate::client::ClientError;
use crate::failure::{Failure, words};
use crate::identity::PhraseError;
use crate::invitation::{CodeError, InvitationStage, RedeemError};

/// The exit codes; `partyline help exit-codes` documents them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    /// It worked.
    Ok = 0,
    /// It failed; the reason is on stderr, or with `--json` the last line.
    Failed = 1,
    // 2 is clap's: the command line was not understood.
    /// Another running Partyline has this profile open.
    ProfileInUse = 3,
    /// Cancelled on this side.
    Cancelled = 4,
    /// No network endpoint could be opened.
    NetworkUnavailable = 5,
    /// A request waits for approval.
    Waits = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended other than well.
#[derive(Debug)]
pub(super) enum Ending {
    /// The engine refused, or what was asked for did not come about.
    Failure(Failure),
    /// Something that only a command line can run into.
    Slip(Slip),
    /// Cancelled on this side.
    Cancelled,
    /// A request waits for approval, and this command does not.
    Waits,
    /// Nobody reads the output any more.
    OutputClosed,
    /// Something of the service, in its own words.
    #[cfg(feature = "service")]
    Told(Problem),
}

/// What only a command line can run into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slip {
    ProfileMissing,
    ProfileExists,
    NoDataFolder,
    KeyringAbsent,
    PassphraseNeeded,
    PassphraseUnreadable,
    PassphrasesDiffer,
    NoCode,
    NoPin,
    NoOpenInvitation,
    NotByEmail,
    InvitationLocked,
    InvitationExpired,
    InvitationRevoked,
    Ambiguous {
        thing: Thing,
        candidates: Candidates,
    },
    NodeNotRunning,
    NodeSilent,
    NoEditor,
    EditorFailed,
    TextUnreadable,
    InputTaken,
    UnknownTopic,
    #[cfg(feature = "desktop")]
    LinksNotSet,
    NoWindow {
        why: String,
    },
    WorkerNotStarted,
    WorkerStopped,
    DemoFolder,
    DemoFailed {
        step: String,
        reason: String,
    },
    NoPhrase,
    PhraseNotWritten,
    DeviceCode,
}

impl Ending {
    /// What a script and a person are told; nothing where there is nobody to tell or nothing to add.
    pub(super) fn problem(&self) -> Option<Problem> {
        match self {
            Self::Failure(failure) => Some(of_failure(failure)),
            Self::Slip(slip) => Some(of_slip(slip)),
            #[cfg(feature = "service")]
            Self::Told(problem) => Some(problem.clone()),
            Self::Cancelled | Self::Waits | Self::OutputClosed => None,
        }
    }

    pub(super) const fn exit(&self) -> Exit {
        match self {
            Self::Failure(Failure::ProfileInUse) => Exit::ProfileInUse,
            Self::Failure(Failure::NetworkUnavailable) => Exit::NetworkUnavailable,
            Self::Cancelled => Exit::Cancelled,
            Self::Waits => Exit::Waits,
            Self::Failure(_) | Self::Slip(_) | Self::OutputClosed => Exit::Failed,
            #[cfg(feature = "service")]
            Self::Told(_) => Exit::Failed,
        }
    }
}

impl From<Failure> for Ending {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Slip> for Ending {
    fn from(slip: Slip) -> Self {
        Self::Slip(slip)
    }
}

impl From<ClientError> for Ending {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Failed(failure) => Self::Failure(failure),
            ClientError::InvitationEnded(InvitationStage::Locked) => Slip::InvitationLocked.into(),
            ClientError::InvitationEnded(InvitationStage::Expired) => Slip::InvitationExpired.into(),
            ClientError::InvitationEnded(_) => Slip::InvitationRevoked.into(),
            ClientError::Cancelled => Self::Cancelled,
            ClientError::Start(_) => Slip::WorkerNotStarted.into(),
            ClientError::Stopped => Slip::WorkerStopped.into(),
            ClientError::ResolverDropped | ClientError::NoRuntime | ClientError::ChangeMismatch => {
                Self::Failure(Failure::Internal)
            }
        }
    }
}

/// A failure in the words that every face uses.
pub(super) fn of_failure(failure: &Failure) -> Problem {
    let at = match failure {
        Failure::Code(CodeError::Character { at }) => Some(*at),
        Failure::Code(CodeError::Checksum { at }) => *at,
        _ => None,
    };
    let (mut sentence, mut next) = (words::problem(failure), words::remedy(failure));
    // Nothing is marked here, and there may be no window.
    match failure {
        Failure::Code(CodeError::Character { .. }) => {
            sentence = "This code has a character that never occurs in one.".into();
        }
        Failure::Code(CodeError::Checksum { at: Some(_) }) => sentence = "A character of this code looks wrong.".into(),
        Failure::ProfileInUse => next = "Close the other Partyline, or name another profile with --profile.".into(),
        Failure::RelayLeftOut { .. } => {
            next = "Start it without --offline, or allow relays in the window's settings; or be in the same local network.".into();
        }
        _ => {}
    }
    Problem {
        code: code(failure),
        sentence: sentence.into_owned(),
        next: next.into_owned(),
        at,
    }
}

/// The stable word for a failure.
pub(super) const fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::ProfileInUse => "profile_in_use",
        Failure::ProfileUnreadable => "profile_unreadable",
        Failure::ProfileExposed => "profile_exposed",
        Failure::ProfileNewer => "profile_newer",
        Failure::ProfileDamaged => "profile_damaged",
        Failure::WrongPassphrase => "wrong_passphrase",
        Failure::KeyringUnavailable => "keyring_unavailable",
        Failure::KeyMissing => "key_missing",
        Failure::DiskFull => "disk_full",
        Failure::ProfileClosed => "profile_closed",
        Failure::NameInvalid => "name_invalid",
        Failure::TitleInvalid => "title_invalid",
        Failure::PartyTooLarge => "party_too_large",
        Failure::TooManyPeople => "too_many_people",
        Failure::TooManyPins => "too_many_pins",
        Failure::PartyUnknown => "party_unknown",
        Failure::TaskUnknown => "task_unknown",
        Failure::ItemUnknown => "item_unknown",
        Failure::MessageInvalid => "message_invalid",
        Failure::NoteTextInvalid => "note_text_invalid",
        Failure::FileNameInvalid => "file_name_invalid",
        Failure::FileUnreadable => "file_unreadable",
        Failure::FileIsFolder => "file_is_folder",
        Failure::FileUnwritable => "file_unwritable",
        Failure::ContentElsewhere => "content_elsewhere",
        Failure::ContentDamaged => "content_damaged",
        Failure::FolderNotEmpty => "folder_not_empty",
        Failure::ImportInvalid => "import_invalid",
        Failure::PartyIncomplete => "party_incomplete",
        Failure::PartyPartlyLost => "party_partly_lost",
        Failure::MemberUnknown => "member_unknown",
        Failure::NotAllowed => "not_allowed",
        Failure::LastOwner => "last_owner",
        Failure::NoLongerMember => "no_longer_member",
        Failure::DeviceUnknown => "device_unknown",
        Failure::ThisDevice => "this_device",
        Failure::IdentityElsewhere => "identity_elsewhere",
        Failure::Phrase(PhraseError::WordCount { .. }) => "phrase_word_count",
        Failure::Phrase(PhraseError::Word { .. }) => "phrase_word",
        Failure::Phrase(PhraseError::Checksum) => "phrase_checksum",
        Failure::PhraseOfAnother => "phrase_of_another",
        Failure::PhraseWritten => "phrase_written",
        Failure::Code(error) => code_error(error),
        Failure::CodeKindUnsupported => "code_kind_unsupported",
        Failure::NotRenamedIn { .. } => "not_renamed_everywhere",
        Failure::RelayNotAllowed { .. } => "relay_not_allowed",
        Failure::RelayLeftOut { .. } => "relay_left_out",
        Failure::Redeem(error) => redeem_error(error),
        Failure::InvitationUnknown => "invitation_unknown",
        Failure::RedemptionUnknown => "redemption_unknown",
        Failure::RequestUnknown => "request_unknown",
        Failure::InvitationOver => "invitation_over",
        Failure::LinkRoleTooHigh => "link_role_too_high",
        Failure::AlreadyAdmitted => "already_admitted",
        Failure::NetworkUnavailable => "network_unavailable",
        Failure::NearbyUnavailable => "nearby_unavailable",
        Failure::Mail(trouble) => mail::word(*trouble),
        Failure::Internal => "internal",
    }
}

const fn code_error(error: &CodeError) -> &'static str {
    match error {
        CodeError::Empty => "code_empty",
        CodeError::NotACode => "code_not_a_code",
        CodeError::MixedCase => "code_mixed_case",
        CodeError::Character { .. } => "code_character",
        CodeError::Checksum { .. } => "code_checksum",
        CodeError::Truncated => "code_truncated",
        CodeError::TooLong => "code_too_long",
        CodeError::Version(_) => "code_version",
        CodeError::Kind(_) => "code_kind",
        CodeError::NeedsNewer(_) => "code_needs_newer",
        CodeError::Hint(_) => "code_hint",
        CodeError::PartyTag => "code_party_tag",
    }
}

const fn redeem_error(error: &RedeemError) -> &'static str {
    match error {
        RedeemError::UnknownInvitation => "redeem_unknown_invitation",
        RedeemError::Expired => "redeem_expired",
        RedeemError::AlreadyUsed => "redeem_already_used",
        RedeemError::Revoked => "redeem_revoked",
        RedeemError::Locked => "redeem_locked",
        RedeemError::OutOfTries => "redeem_out_of_tries",
        RedeemError::CancelledByInviter => "redeem_cancelled_by_inviter",
        RedeemError::BlockedHere { .. } => "redeem_blocked_here",
        RedeemError::RateLimited { .. } => "redeem_rate_limited",
        RedeemError::TimedOut => "redeem_timed_out",
        RedeemError::VersionMismatch => "redeem_version_mismatch",
        RedeemError::AlreadyMember => "redeem_already_member",
        RedeemError::NotAllowed => "redeem_not_allowed",
        RedeemError::WrongParty => "redeem_wrong_party",
        RedeemError::BadAdmission => "redeem_bad_admission",
        RedeemError::BadIdentity => "redeem_bad_identity",
        RedeemError::PeerMisbehaved => "redeem_peer_misbehaved",
        RedeemError::PeerFailed => "redeem_peer_failed",
        RedeemError::Internal => "redeem_internal",
        RedeemError::ApprovalDenied => "redeem_approval_denied",
        RedeemError::ForSomebodyElse => "redeem_for_somebody_else",
        RedeemError::HasParties => "redeem_has_parties",
        RedeemError::OthersUnderWay => "redeem_others_under_way",
        RedeemError::MailboxUnproved => "redeem_mailbox_unproved",
    }
}

fn of_slip(slip: &Slip) -> Problem {
    if let Slip::DemoFailed { step, reason } = slip {
        let sentence = format!("The demo failed while {step}: {reason}");
        return Problem {
            code: "demo_failed",
            sentence,
            next: "Run it again with PARTYLINE_LOG=debug.".to_owned(),
            at: None,
        };
    }
    if let Slip::Ambiguous { thing, candidates } = slip {
        let (code, what) = ambiguous(*thing);
        return Problem {
            code,
            sentence: format!("More than one {what} goes by this: {candidates}."),
            next: "Write more of the name, or the first 6 or more characters of the id.".to_owned(),
            at: None,
        };
    }
    let (code, fixed, next) = slip_words(slip);
    let sentence = if let Slip::NoWindow { why } = slip {
        why.as_str()
    } else {
        fixed
    };
    Problem {
        code,
        sentence: sentence.to_owned(),
        next: next.to_owned(),
        at: None,
    }
}

/// The stable word, and what there are several of.
const fn ambiguous(thing: Thing) -> (&'static str, &'static str) {
    match thing {
        Thing::Party => ("party_ambiguous", "party"),
        Thing::Task => ("task_ambiguous", "task"),
        Thing::Note => ("note_ambiguous", "note"),
        Thing::Message => ("message_ambiguous", "message"),
        Thing::File => ("file_ambiguous", "file"),
        Thing::Member => ("member_ambiguous", "member"),
        Thing::Invitation => ("invitation_ambiguous", "invitation"),
        Thing::Device => ("device_ambiguous", "device"),
        Thing::Request => ("request_ambiguous", "request"),
    }
}

/// The stable word, what happened, and what to do.
#[expect(clippy::too_many_lines, reason = "a table")]
const fn slip_words(slip: &Slip) -> (&'static str, &'static str, &'static str) {
    match slip {
        Slip::ProfileMissing => (
            "profile_missing",
            "This profile has not been made yet.",
            "Make it: partyline profile create --name YOUR-NAME",
        ),
        Slip::ProfileExists => (
            "profile_exists",
            "This profile exists already.",
            "Use it as it is, or choose another with --profile NAME.",
        ),
        Slip::NoDataFolder => (
            "no_data_folder",
            "This system has no folder for an application's data.",
            "Choose one with --data-dir DIR.",
        ),
        #[cfg(feature = "desktop")]
        Slip::LinksNotSet => (
            "links_not_set",
            "The system's list of programs for links cannot be changed.",
            "Check that your home folder exists and belongs to you, then try again.",
        ),
        Slip::KeyringAbsent => (
            "keyring_unavailable",
            "The keyring of this computer does not answer, so the new key has no safe place.",
            "Add --passphrase to protect it by a passphrase, or --unprotected to keep it in a file.",
        ),
        Slip::PassphraseNeeded => (
            "passphrase_needed",
            "A passphrase is needed, and there is no terminal to ask for it.",
            "Hand it in with --passphrase-fd N.",
        ),
        Slip::PassphraseUnreadable => (
            "passphrase_unreadable",
            "No passphrase could be read.",
            "Check what --passphrase-fd names: the first line of it is the passphrase.",
        ),
        Slip::NoPhrase => (
            "no_phrase",
            "There is no recovery phrase on standard input.",
            "Start again and type the 24 words from your paper.",
        ),
        Slip::PhraseNotWritten => (
            "phrase_not_written",
            "That is not the word. Your recovery phrase does not count as written down.",
            "Start again, and write all 24 words down first.",
        ),
        Slip::PassphrasesDiffer => (
            "passphrases_differ",
            "The two passphrases are not the same.",
            "Start again and type it twice.",
        ),
        Slip::NoCode => (
            "no_code",
            "There was no invite code.",
            "Paste it at the prompt, or give it on standard input.",
        ),
        Slip::DeviceCode => (
            "device_code",
            "This code makes this device one of somebody's devices. Your own identity here is forgotten.",
            "If you want that, run `partyline redeem --device` with the code.",
        ),
        Slip::NoPin => (
            "no_pin",
            "Standard input ended before a PIN was typed.",
            "Redeem the code again, and keep standard input open until you are in.",
        ),
        Slip::NoOpenInvitation => (
            "no_open_invitation",
            "There is no such code that still works.",
            "Look at partyline invitation list, or make a new one: partyline invite PARTY",
        ),
        Slip::NotByEmail => (
            "not_by_email",
            "No mail carries this invitation.",
            "Send its code yourself, in any chat: partyline invitation list shows it.",
        ),
        Slip::InvitationLocked => (
            "invitation_locked",
            "Too many wrong PINs were entered, so this code is locked for good.",
            "Make a new one: partyline invite PARTY",
        ),
        Slip::InvitationExpired => (
            "invitation_expired",
            "The code has expired.",
            "Make a new one: partyline invite PARTY",
        ),
        Slip::InvitationRevoked => (
            "invitation_revoked",
            "The code was revoked.",
            "Make a new one: partyline invite PARTY",
        ),
        Slip::NodeNotRunning => (
            "node_not_running",
            "No node runs with this profile.",
            "Start one with: partyline node",
        ),
        Slip::NodeSilent => (
            "node_silent",
            "The node of this profile has said nothing for a while.",
            "Look whether it still runs, and start it again: partyline node",
        ),
        Slip::NoEditor => (
            "no_editor",
            "No editor is chosen for texts.",
            "Name one in the environment variable EDITOR, or hand the text in with --from FILE.",
        ),
        Slip::EditorFailed => (
            "editor_failed",
            "The editor could not be started, or ended with a failure. The note is as it was.",
            "Check what VISUAL and EDITOR name, or hand the text in with --from FILE.",
        ),
        Slip::TextUnreadable => (
            "text_unreadable",
            "The text cannot be read.",
            "Check that it is there, is UTF-8 and has at most 4 MB.",
        ),
        Slip::InputTaken => (
            "input_taken",
            "Standard input cannot be both the passphrase and the text.",
            "Hand the passphrase in over another file descriptor.",
        ),
        Slip::UnknownTopic => (
            "unknown_topic",
            "There is no help on that.",
            "Look at partyline --help.",
        ),
        // Told by `of_slip`, in the window's own words, which say what to do as well.
        Slip::NoWindow { .. } => ("no_window", "", ""),
        Slip::WorkerNotStarted => (
            "worker_not_started",
            "Partyline could not start its worker thread.",
            "Close other programs, then try again.",
        ),
        Slip::WorkerStopped => (
            "worker_stopped",
            "Partyline's worker has stopped.",
            "Start again; your data is safe. PARTYLINE_LOG=debug tells more.",
        ),
        Slip::DemoFolder => (
            "demo_folder",
            "The demo could not make a temporary folder.",
            "Check that this system's folder for temporary files can be written.",
        ),
        // Told by `of_slip`, with what there is to choose from.
        Slip::Ambiguous { .. } => ("ambiguous", "", ""),
        // Told by `of_slip`, with the step.
        Slip::DemoFailed { .. } => (
            "demo_failed",
            "The demo failed.",
            "Run it again with PARTYLINE_LOG=debug.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_that_a_script_can_act_on_have_exit_codes_of_their_own() {
        assert_eq!(Ending::from(Failure::ProfileInUse).exit(), Exit::ProfileInUse);
        assert_eq!(
            Ending::from(Failure::NetworkUnavailable).exit(),
            Exit::NetworkUnavailable
        );
        assert_eq!(Ending::from(ClientError::Cancelled).exit(), Exit::Cancelled);
        assert_eq!(Ending::from(Failure::DiskFull).exit(), Exit::Failed);
        assert_eq!(
            [Exit::Ok as u8, Exit::Failed as u8, Exit::NetworkUnavailable as u8],
            [0, 1, 5]
        );
    }

    #[test]
    fn a_wrong_character_comes_with_its_place() {
        let problem = of_failure(&Failure::Code(CodeError::Character { at: 17 }));
        assert_eq!((problem.code, problem.at), ("code_character", Some(17)));
    }

    #[test]
    fn a_cancelled_command_and_a_closed_output_add_no_words() {
        assert_eq!(Ending::Cancelled.problem(), None);
        assert_eq!(Ending::OutputClosed.problem(), None);
    }
}
