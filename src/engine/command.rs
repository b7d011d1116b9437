//! What a front end asks of the engine.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::identity::IdentityId;
use crate::invitation::{InvitationId, InviteCode, Pin};
use crate::party::{PartyId, Role, TaskId};

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
    /// How long the code works, from now.
    pub lifetime: Duration,
    /// The inviter's private note, "for whom": at most 64 bytes, never sent. Empty for none.
    pub label: String,
}

impl Default for InvitationOptions {
    /// An editor, 24 hours, no label.
    fn default() -> Self {
        Self {
            role: Role::Editor,
            lifetime: Duration::from_secs(24 * 3600),
            label: String::new(),
        }
    }
}

/// One question or order. Each is answered by one event that carries its [`RequestId`]; see [`super::Event`].
#[derive(Clone, Debug)]
pub enum Command {
    /// Makes the identity of a new profile. Answered by `ProfileChanged` (open) or `Failed`.
    CreateProfile {
        /// The name that other members will see, 1 to 64 bytes.
        name: String,
        /// How the master key is kept.
        protection: Protection,
    },
    /// Opens a profile that a passphrase protects. Answered by `ProfileChanged` (open) or `Failed`.
    UnlockProfile {
        /// The passphrase.
        passphrase: Passphrase,
    },
    /// Asks the keyring again for the key of an existing profile. Answered by `ProfileChanged` or `Failed`.
    RetryKeyring,
    /// Changes the name that other members see, in every party. Answered by `Done`.
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
    /// Deletes a task. Answered by `Done`.
    DeleteTask {
        /// Which party.
        party: PartyId,
        /// Which task.
        task: TaskId,
    },

    /// Creates an invitation and its code. Answered by `InvitationCreated`.
    CreateInvitation {
        /// Which party.
        party: PartyId,
        /// Role, lifetime, label.
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
    /// Revokes the code for good. Answered by `Done`, or by `Failed` with `AlreadyAdmitted`.
    RevokeInvitation {
        /// Which invitation.
        invitation: InvitationId,
    },

    /// Redeems a code. Answered by `RedemptionStarted`.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_not_printed() {
        let passphrase = Passphrase::new(Zeroizing::new("correct horse".to_owned()));
        let protection = Protection::Passphrase(passphrase.clone());
        let command = Command::UnlockProfile { passphrase };
        let text = format!("{command:?} {protection:?}");
        assert!(text.contains("<redacted>") && !text.contains("horse"), "{text}");
    }
}
