//! Everything that the command line tells, as values: with `--json` each is one line of output, without it [`super::human`]
//! makes sentences of them. The field names are a promise to scripts; `partyline help json` documents them. No IO.

use std::sync::Arc;

use serde::Serialize;

use crate::invitation::{PinNotice, PinVoid};
use crate::party::Role;
use crate::party::Task;
use crate::worker::{InvitationView, MemberView, PartyView, Presence};

/// One thing that the command line tells.
///
/// Ids are lower-case hex; times are milliseconds since 1970 by this machine's clock.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Report {
    /// Who the profile is.
    Profile {
        name: String,
        identity: String,
        endpoint: String,
    },
    /// A new profile.
    ProfileCreated {
        name: String,
        identity: String,
        endpoint: String,
    },

    /// One party of a list, or the one that was asked for.
    Party(PartyReport),
    PartyCreated {
        party: String,
        name: String,
    },
    /// With `--follow`: the party as it is now.
    PartyChanged(PartyReport),
    PartyRenamed {
        party: String,
        name: String,
    },
    PartyLeft {
        party: String,
    },

    /// One task of a list.
    Task(TaskReport),
    TaskAdded {
        party: String,
        task: String,
        title: String,
    },
    TaskChanged {
        party: String,
        task: String,
        done: bool,
    },
    TaskDeleted {
        party: String,
        task: String,
    },

    /// One member of a list.
    Member(MemberReport),
    MemberRemoved {
        party: String,
        member: String,
    },

    /// One invitation of a list.
    Invitation(InvitationReport),
    InvitationCreated(InvitationReport),
    /// `invite --resume` goes on with this one.
    InvitationResumed(InvitationReport),
    InvitationRevoked {
        invitation: String,
    },
    /// The inviter's command ends and the code still works (`--keep`).
    InvitationKept {
        invitation: String,
        expires_ms: u64,
    },

    /// A device has redeemed the code; `pin` follows.
    PeerConnected {
        invitation: String,
    },
    /// The device has gone; the code still works.
    PeerLeft {
        invitation: String,
    },
    /// The PIN to tell by voice.
    Pin {
        invitation: String,
        pin: String,
        expires_ms: u64,
        tries_left: u8,
    },
    /// A wrong PIN was entered. On the inviter's side with the count over the whole invitation.
    WrongPin {
        invitation: String,
        tries_left: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        wrong_in_all: Option<u8>,
    },
    /// The PIN works no more. Inviter: say `new`. Invitee: ask for a new one. Only the inviter knows the reason.
    PinVoid {
        invitation: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'static str>,
    },
    /// How many other devices wait with the same code. More than none means that the code has leaked.
    OthersWaiting {
        invitation: String,
        count: u8,
    },
    /// The PIN was right; the member is being added.
    PinAccepted {
        invitation: String,
    },
    /// Somebody is in.
    Admitted {
        invitation: String,
        party: String,
        member: String,
        name: String,
    },

    RedemptionStarted {
        invitation: String,
    },
    /// Reaching the inviter's device.
    Connecting {
        invitation: String,
        failed_tries: u32,
    },
    /// Two minutes of tries have failed; it goes on trying.
    InviterOffline {
        invitation: String,
    },
    /// Another device is using the code.
    Queued {
        invitation: String,
        position: u8,
    },
    /// The next line on standard input is the PIN.
    PinRequested {
        invitation: String,
        digits: u8,
        expires_ms: u64,
        tries_left: u8,
        notice: Option<&'static str>,
    },
    /// What was typed cannot be a PIN; no try was used. The next line is read again.
    PinInvalid {
        sentence: String,
        next: String,
    },
    /// The PIN is being checked.
    Checking {
        invitation: String,
    },
    /// The PIN was right; this is what is being joined.
    Joining {
        invitation: String,
        party_name: String,
        inviter: String,
        role: &'static str,
    },
    /// A member.
    Joined {
        party: String,
        name: String,
        role: Option<&'static str>,
    },

    /// One step of `demo --headless`.
    DemoStep {
        who: &'static str,
        step: String,
    },
    /// Something is wrong that does not end the command.
    Trouble(Problem),
    /// The command was cancelled on this side; exit code 4.
    Cancelled,
    /// The command failed; the last line.
    Failed(Problem),
}

/// What went wrong: a stable word for scripts and two sentences for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) sentence: String,
    pub(super) next: String,
    /// Which character of what was pasted, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<usize>,
}

/// A party with its members and tasks.
#[derive(Serialize)]
pub(super) struct PartyReport {
    pub(super) party: String,
    pub(super) name: String,
    /// None after leaving or being removed.
    pub(super) role: Option<&'static str>,
    pub(super) members: Vec<MemberReport>,
    pub(super) tasks: Vec<TaskReport>,
}

#[derive(Serialize)]
pub(super) struct MemberReport {
    pub(super) identity: String,
    pub(super) name: Option<String>,
    pub(super) role: &'static str,
    pub(super) presence: &'static str,
    pub(super) admitted_by: Option<String>,
    pub(super) since_ms: u64,
}

#[derive(Serialize)]
pub(super) struct TaskReport {
    /// From 1, in the order in which they were added.
    pub(super) number: usize,
    pub(super) task: String,
    pub(super) title: String,
    pub(super) done: bool,
    pub(super) author: String,
    pub(super) created_ms: u64,
}

/// An invitation with its code.
#[derive(Serialize)]
pub(super) struct InvitationReport {
    pub(super) invitation: String,
    pub(super) party: String,
    pub(super) party_name: String,
    pub(super) label: String,
    pub(super) role: &'static str,
    pub(super) code: String,
    pub(super) link: String,
    pub(super) expires_ms: u64,
    pub(super) wrong_in_all: u8,
}

impl PartyReport {
    pub(super) fn of(party: &PartyView) -> Self {
        Self {
            party: party.id.to_string(),
            name: party.name.clone(),
            role: party.role.map(role),
            members: party.members.iter().map(MemberReport::of).collect(),
            tasks: tasks(party),
        }
    }
}

/// A party's tasks with their numbers.
pub(super) fn tasks(party: &PartyView) -> Vec<TaskReport> {
    party
        .tasks
        .iter()
        .zip(1..)
        .map(|(task, number)| TaskReport::of(task, number))
        .collect()
}

impl MemberReport {
    pub(super) fn of(member: &MemberView) -> Self {
        Self {
            identity: member.identity.to_string(),
            name: member.name.clone(),
            role: role(member.role),
            presence: match member.presence {
                Presence::Me => "me",
                Presence::Online => "online",
                Presence::Offline(_) => "offline",
            },
            admitted_by: member.admitted_by.map(|admitter| admitter.to_string()),
            since_ms: member.since.as_millis(),
        }
    }
}

impl TaskReport {
    fn of(task: &Task, number: usize) -> Self {
        Self {
            number,
            task: task.id.to_string(),
            title: task.title.clone(),
            done: task.done,
            author: task.author.to_string(),
            created_ms: task.created.as_millis(),
        }
    }
}

impl InvitationReport {
    pub(super) fn of(invitation: &InvitationView, party: Option<&Arc<PartyView>>) -> Self {
        Self {
            invitation: invitation.id.to_string(),
            party: invitation.party.to_string(),
            party_name: party.map(|party| party.name.clone()).unwrap_or_default(),
            label: invitation.label.clone(),
            role: role(invitation.role),
            code: invitation.code.to_text().to_string(),
            link: invitation.code.to_link().to_string(),
            expires_ms: invitation.expires.as_millis(),
            wrong_in_all: invitation.wrong_pins,
        }
    }
}

/// The word for a role.
pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::Reader => "reader",
        Role::Editor => "editor",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

/// The word for why a PIN is void.
pub(super) const fn void_reason(reason: PinVoid) -> &'static str {
    match reason {
        PinVoid::TooManyWrong => "too_many_wrong",
        PinVoid::Expired => "expired",
    }
}

/// The word for why a PIN is asked for again.
pub(super) const fn notice(notice: PinNotice) -> &'static str {
    match notice {
        PinNotice::Wrong => "wrong",
        PinNotice::Changed => "changed",
        PinNotice::Void => "void",
    }
}
