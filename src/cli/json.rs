//! Everything that the command line tells, as values: with `--json` each is one line of output, without it [`super::human`]
//! makes sentences of them. The field names are a promise to scripts; `partyline help json` documents them. No IO.

mod rows;

use serde::Serialize;

use super::node::Status as NodeStatus;
use crate::invitation::mailbox::MailStage;
use crate::invitation::{DelegationMethod, InvitationKind, PinNotice, PinVoid};
use crate::party::{DelegatedTo, How, ItemId, Role, Standing};

pub(super) use self::rows::{
    ChangeReport, DelegatedReport, DeletedReport, DeviceReport, FileReport, FoundReport, InvitationReport, MailReport,
    MailStanding, MemberReport, MessageReport, NearbyReport, NoteReport, PartyReport, RequestReport, TaskReport,
    TransferReport, item_id, name_in,
};

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
    TaskRetitled {
        party: String,
        task: String,
        title: String,
    },
    TaskAssigned {
        party: String,
        task: String,
        assignee: Option<String>,
        assignee_name: Option<String>,
    },
    TaskDue {
        party: String,
        task: String,
        due: Option<String>,
    },
    TaskMoved {
        party: String,
        task: String,
        after: Option<String>,
    },
    TaskDeleted {
        party: String,
        task: String,
    },
    TaskRestored {
        party: String,
        task: String,
    },

    /// One note of a list.
    Note(NoteReport),
    NoteAdded {
        party: String,
        note: String,
        title: String,
    },
    /// The text of a note.
    NoteText {
        party: String,
        note: String,
        title: String,
        text: String,
    },
    /// With `--follow`: the text as it is now.
    NoteChanged {
        party: String,
        note: String,
        text: String,
    },
    /// `note edit` has changed the text, which is so long now.
    NoteEdited {
        party: String,
        note: String,
        characters: usize,
    },
    NoteRetitled {
        party: String,
        note: String,
        title: String,
    },
    NoteDeleted {
        party: String,
        note: String,
    },
    NoteRestored {
        party: String,
        note: String,
    },

    /// One message of a list.
    Message(MessageReport),
    MessageSent {
        party: String,
        message: String,
    },
    MessagesRead {
        party: String,
    },
    MessageDeleted {
        party: String,
        message: String,
    },
    MessageRestored {
        party: String,
        message: String,
    },

    /// One file of a list.
    File(FileReport),
    FileAdded {
        party: String,
        file: String,
        name: String,
    },
    FileRenamed {
        party: String,
        file: String,
        name: String,
    },
    /// The content of a file has come further.
    Transfer(TransferReport),
    /// The content of a file is on this machine.
    FileHere {
        party: String,
        file: String,
        name: String,
    },
    FileSaved {
        party: String,
        file: String,
        path: String,
    },
    FileDeleted {
        party: String,
        file: String,
    },
    FileRestored {
        party: String,
        file: String,
    },

    /// With `--follow`: what was in the list is there no more.
    Gone {
        kind: &'static str,
        item: String,
    },

    /// One member of a list, or the one that was asked for.
    Member(MemberReport),
    MemberRole {
        party: String,
        member: String,
        role: &'static str,
    },
    MemberRemoved {
        party: String,
        member: String,
    },

    /// One deleted thing of a list.
    Deleted(DeletedReport),
    /// One change of a thing.
    Change(ChangeReport),
    /// One thing that a search found.
    Found(FoundReport),
    PartyExported {
        party: String,
        folder: String,
        missing_files: usize,
    },
    StorageCompacted {
        before_bytes: u64,
        after_bytes: u64,
    },
    /// The system opens invitation links with this program.
    #[cfg_attr(
        not(feature = "desktop"),
        expect(dead_code, reason = "only a window is opened by links")
    )]
    LinksRegistered,
    /// It does no longer.
    #[cfg_attr(
        not(feature = "desktop"),
        expect(dead_code, reason = "only a window is opened by links")
    )]
    LinksRemoved,

    /// The identity key of the profile, and the same in words.
    Key {
        identity: String,
        fingerprint: String,
    },
    /// Somebody who waits for approval.
    Request(RequestReport),
    RequestApproved {
        party: String,
        request: String,
        name: String,
    },
    RequestDenied {
        party: String,
        request: String,
        name: String,
    },

    /// One invitation of a list.
    Invitation(InvitationReport),
    /// One that another member, or another device, has left with a party: its code is not here.
    InvitationOfAnother(DelegatedReport),
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
    /// How many other devices wait with the same code. If more people come than it was made for, it has leaked.
    OthersWaiting {
        invitation: String,
        count: u8,
        leaked: bool,
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
        /// How many have come in by this code, this one among them, and how many can still come.
        uses: usize,
        uses_left: u32,
    },

    /// A delegated invitation is on so many other devices: this one may go.
    OfflineReady {
        invitation: String,
        devices: usize,
    },

    /// The invitation is shown in the local network, under these words.
    ShownNearby {
        invitation: String,
        label: String,
    },
    /// It is not shown there any more.
    HiddenNearby {
        invitation: String,
    },

    /// `redeem --nearby`: what is heard now, and how many more there are.
    Nearby {
        heard: Vec<NearbyReport>,
        left_out: usize,
    },
    /// No invitation with these words can be picked. The next line is read again.
    NearbyInvalid {
        sentence: String,
        next: String,
    },

    /// An invitation service where the person is signed in.
    Service {
        service: String,
        name: String,
    },
    ServiceAdded {
        service: String,
        name: String,
    },
    ServiceRemoved {
        service: String,
    },
    /// The person's browser has to open this.
    BrowserNeeded {
        url: String,
    },
    /// Somebody is invited by e-mail.
    MailInvitation(MailReport),
    /// The mail has come further.
    MailChanged(MailReport),

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
    /// No device that a delegated code names could be reached; it tries again then.
    MembersOffline {
        invitation: String,
        next_try_ms: u64,
    },
    /// The request is in the party's log: an administrator has to approve it. It asks again then.
    WaitsForApproval {
        invitation: String,
        fingerprint: String,
        next_poll_ms: u64,
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

    /// The recovery phrase. The one report with a secret that stays one: for paper.
    Phrase {
        words: Vec<&'static str>,
    },
    /// The next line of standard input is this word of it.
    PhraseWordRequested {
        number: usize,
    },
    PhraseWritten,
    /// The identity's key is on this device now.
    IdentityHeld,

    /// One device of a list.
    Device(DeviceReport),
    /// The code that makes a new device this person's.
    DeviceCode {
        invitation: String,
        code: String,
        link: String,
        expires_ms: u64,
    },
    /// A device is this person's now.
    DeviceAdded {
        invitation: String,
        name: String,
    },
    DeviceRemoved {
        device: String,
    },
    DeviceRenamed {
        device: String,
        name: String,
    },
    /// The PIN was right; this device becomes one of a person's.
    Pairing {
        invitation: String,
        person: String,
        device: String,
    },
    /// This device is one of a person's.
    Paired {
        identity: String,
        name: String,
    },

    /// How a node is: when it starts, and whenever that changes.
    NodeStatus(NodeStatus),
    /// A code that a node's profile has redeemed leads nowhere.
    RedemptionFailed {
        invitation: String,
        #[serde(flatten)]
        problem: Problem,
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

/// The word for what a thing is.
pub(super) const fn kind(item: ItemId) -> &'static str {
    match item {
        ItemId::Task(_) => "task",
        ItemId::Note(_) => "note",
        ItemId::Message(_) => "message",
        ItemId::File(_) => "file",
    }
}

/// The word for who lets somebody in by an invitation.
pub(super) const fn by(kind: InvitationKind) -> &'static str {
    match kind {
        InvitationKind::Interactive => "pin",
        InvitationKind::Delegated(DelegationMethod::Approval) => "approval",
        InvitationKind::Delegated(DelegationMethod::KnownKey(_)) => "known_key",
        InvitationKind::Delegated(DelegationMethod::Link) => "link",
        InvitationKind::Delegated(DelegationMethod::Mailbox(_)) => "email",
        InvitationKind::Delegated(DelegationMethod::ApprovedMailbox(_)) => "email_approval",
    }
}

/// The same of what others have left with a party.
pub(super) const fn by_delegation(to: DelegatedTo) -> &'static str {
    match to {
        DelegatedTo::Approved => "approval",
        DelegatedTo::KeyHash(_) => "known_key",
        DelegatedTo::Anybody => "link",
        DelegatedTo::Mailbox(_) => "email",
        DelegatedTo::ApprovedMailbox(_) => "email_approval",
    }
}

/// The word for how a member came in.
pub(super) const fn how(how: How) -> &'static str {
    match how {
        How::Direct => "direct",
        How::Pin => "pin",
        How::Link => "link",
        How::KnownKey => "known_key",
        How::Email => "email",
        How::Approved => "approved",
    }
}

/// The word for how far a mail is.
pub(super) const fn mail_stage(stage: MailStage) -> &'static str {
    match stage {
        MailStage::Waiting => "waiting",
        MailStage::Queued => "queued",
        MailStage::Sent => "sent",
        MailStage::Bounced => "bounced",
        MailStage::Failed => "failed",
        MailStage::Opened => "opened",
        MailStage::Accepted => "accepted",
        MailStage::Declined => "declined",
        MailStage::Suppressed => "suppressed",
        MailStage::Revoked => "revoked",
        MailStage::Expired => "expired",
        MailStage::Refused => "refused",
    }
}

/// The word for what has become of a change.
pub(super) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Current => "current",
        Standing::Replaced => "replaced",
        Standing::Cancelled => "cancelled",
    }
}
