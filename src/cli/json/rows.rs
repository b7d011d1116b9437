//! What the lists of `--json` hold, made from what the engine shows. No IO.

use std::sync::Arc;

use serde::Serialize;

use super::{Problem, by, by_delegation, how, kind, mail_stage, role, standing};
use crate::cli::problem::of_failure;
use crate::cli::times::day_text;
use crate::failure::Failure;
use crate::identity::IdentityId;
use crate::party::{Change, Deleted, Found, ItemId, Message, Note, Task, What};
use crate::worker::{
    ContentView, DelegatedView, DeviceView, FileView, InvitationView, MailView, MemberView, PartyHealth, PartyView,
    Presence, RequestView, TransferStage, TransferView,
};

/// A party with its members and tasks, and how much else is in it.
#[derive(Serialize)]
pub(in crate::cli) struct PartyReport {
    pub(in crate::cli) party: String,
    pub(in crate::cli) name: String,
    /// None after leaving or being removed.
    pub(in crate::cli) role: Option<&'static str>,
    pub(in crate::cli) members: Vec<MemberReport>,
    pub(in crate::cli) tasks: Vec<TaskReport>,
    pub(in crate::cli) notes: usize,
    pub(in crate::cli) messages: usize,
    /// Messages of others that this device has not shown yet.
    pub(in crate::cli) unread: usize,
    pub(in crate::cli) files: usize,
    /// Whether everything that was stored could be read.
    pub(in crate::cli) whole: bool,
}

#[derive(Serialize)]
pub(in crate::cli) struct MemberReport {
    pub(in crate::cli) identity: String,
    pub(in crate::cli) name: Option<String>,
    pub(in crate::cli) role: &'static str,
    pub(in crate::cli) presence: &'static str,
    pub(in crate::cli) last_seen_ms: Option<u64>,
    pub(in crate::cli) admitted_by: Option<String>,
    pub(in crate::cli) since_ms: u64,
    pub(in crate::cli) how: Option<&'static str>,
    pub(in crate::cli) invitation: Option<String>,
    pub(in crate::cli) devices: usize,
}

/// One of this person's devices.
#[derive(Serialize)]
pub(in crate::cli) struct DeviceReport {
    /// From 1, in the order of the list.
    pub(in crate::cli) number: usize,
    pub(in crate::cli) device: String,
    pub(in crate::cli) name: Option<String>,
    pub(in crate::cli) presence: &'static str,
    pub(in crate::cli) since_ms: Option<u64>,
}

#[derive(Serialize)]
pub(in crate::cli) struct TaskReport {
    /// From 1, in the order of the list.
    pub(in crate::cli) number: usize,
    pub(in crate::cli) task: String,
    pub(in crate::cli) title: String,
    pub(in crate::cli) done: bool,
    pub(in crate::cli) assignee: Option<String>,
    pub(in crate::cli) assignee_name: Option<String>,
    pub(in crate::cli) due: Option<String>,
    pub(in crate::cli) author: String,
    pub(in crate::cli) created_ms: u64,
}

/// One invitation that is heard in the local network.
#[derive(Serialize)]
pub(in crate::cli) struct NearbyReport {
    pub(in crate::cli) label: String,
    /// Whether another one has the same words: neither can be picked.
    pub(in crate::cli) ambiguous: bool,
}

#[derive(Serialize)]
pub(in crate::cli) struct NoteReport {
    pub(in crate::cli) number: usize,
    pub(in crate::cli) note: String,
    pub(in crate::cli) title: String,
    pub(in crate::cli) excerpt: String,
    pub(in crate::cli) author: String,
    pub(in crate::cli) created_ms: u64,
    pub(in crate::cli) changed_by: String,
    pub(in crate::cli) changed_by_name: Option<String>,
    pub(in crate::cli) changed_ms: u64,
}

#[derive(Serialize)]
pub(in crate::cli) struct MessageReport {
    pub(in crate::cli) number: usize,
    pub(in crate::cli) message: String,
    pub(in crate::cli) text: String,
    pub(in crate::cli) author: String,
    pub(in crate::cli) author_name: Option<String>,
    pub(in crate::cli) sent_ms: u64,
    pub(in crate::cli) reply_to: Option<String>,
}

#[derive(Serialize)]
pub(in crate::cli) struct FileReport {
    pub(in crate::cli) number: usize,
    pub(in crate::cli) file: String,
    pub(in crate::cli) name: String,
    pub(in crate::cli) bytes: u64,
    /// Whether its content is on this machine.
    pub(in crate::cli) here: bool,
    pub(in crate::cli) author: String,
    pub(in crate::cli) author_name: Option<String>,
    pub(in crate::cli) added_ms: u64,
}

/// How far the content of a file is.
#[derive(Serialize)]
pub(in crate::cli) struct TransferReport {
    pub(in crate::cli) party: String,
    pub(in crate::cli) file: String,
    pub(in crate::cli) name: String,
    pub(in crate::cli) stage: &'static str,
    pub(in crate::cli) done_bytes: u64,
    pub(in crate::cli) bytes: u64,
    pub(in crate::cli) bytes_per_second: Option<u64>,
    pub(in crate::cli) seconds_left: Option<u64>,
}

/// What was deleted and can be restored.
#[derive(Serialize)]
pub(in crate::cli) struct DeletedReport {
    pub(in crate::cli) number: usize,
    pub(in crate::cli) kind: &'static str,
    pub(in crate::cli) item: String,
    pub(in crate::cli) title: String,
    pub(in crate::cli) deleted_by: String,
    pub(in crate::cli) deleted_by_name: Option<String>,
    pub(in crate::cli) deleted_ms: u64,
}

/// One change of a thing.
#[derive(Serialize)]
pub(in crate::cli) struct ChangeReport {
    pub(in crate::cli) what: &'static str,
    /// The text, name, member or day that the change is about.
    pub(in crate::cli) value: Option<String>,
    pub(in crate::cli) inserted: Option<usize>,
    pub(in crate::cli) removed: Option<usize>,
    pub(in crate::cli) by: String,
    pub(in crate::cli) by_name: Option<String>,
    pub(in crate::cli) at_ms: u64,
    pub(in crate::cli) standing: &'static str,
}

/// A thing that a search found.
#[derive(Serialize)]
pub(in crate::cli) struct FoundReport {
    pub(in crate::cli) party: String,
    pub(in crate::cli) party_name: String,
    pub(in crate::cli) kind: &'static str,
    pub(in crate::cli) item: String,
    pub(in crate::cli) title: String,
    pub(in crate::cli) excerpt: String,
}

/// Somebody who waits for approval.
#[derive(Serialize)]
pub(in crate::cli) struct RequestReport {
    pub(in crate::cli) number: usize,
    pub(in crate::cli) party: String,
    pub(in crate::cli) request: String,
    pub(in crate::cli) invitation: String,
    pub(in crate::cli) invited_by: String,
    pub(in crate::cli) invited_by_name: Option<String>,
    pub(in crate::cli) member: String,
    pub(in crate::cli) name: String,
    pub(in crate::cli) fingerprint: String,
    pub(in crate::cli) role: &'static str,
    pub(in crate::cli) at_ms: u64,
}

/// An invitation with its code.
#[derive(Serialize)]
pub(in crate::cli) struct InvitationReport {
    pub(in crate::cli) invitation: String,
    pub(in crate::cli) party: String,
    pub(in crate::cli) party_name: String,
    pub(in crate::cli) label: String,
    pub(in crate::cli) role: &'static str,
    pub(in crate::cli) by: &'static str,
    pub(in crate::cli) code: String,
    pub(in crate::cli) link: String,
    pub(in crate::cli) expires_ms: u64,
    pub(in crate::cli) wrong_in_all: u8,
    /// How many people it was made for, and how many of them are in.
    pub(in crate::cli) max_uses: u32,
    pub(in crate::cli) uses: usize,
    /// Only of one by e-mail.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) mail: Option<MailStanding>,
}

/// An invitation by e-mail.
#[derive(Serialize)]
pub(in crate::cli) struct MailReport {
    pub(in crate::cli) invitation: String,
    pub(in crate::cli) party: String,
    pub(in crate::cli) by: &'static str,
    #[serde(flatten)]
    pub(in crate::cli) mail: MailStanding,
}

/// To whom a mail goes, and how far it is.
#[derive(Serialize)]
pub(in crate::cli) struct MailStanding {
    pub(in crate::cli) address: String,
    pub(in crate::cli) service: String,
    pub(in crate::cli) stage: &'static str,
    /// Why it comes no further.
    pub(in crate::cli) trouble: Option<Problem>,
}

/// An invitation of another member or device.
#[derive(Serialize)]
pub(in crate::cli) struct DelegatedReport {
    pub(in crate::cli) invitation: String,
    pub(in crate::cli) party: String,
    pub(in crate::cli) party_name: String,
    /// Who made it.
    pub(in crate::cli) inviter: String,
    pub(in crate::cli) inviter_name: Option<String>,
    pub(in crate::cli) role: &'static str,
    pub(in crate::cli) by: &'static str,
    pub(in crate::cli) expires_ms: u64,
    pub(in crate::cli) max_uses: u32,
    pub(in crate::cli) uses: u32,
}

/// The name of a member, also of one who has none yet or has left.
pub(in crate::cli) fn name_in(party: &PartyView, who: IdentityId) -> Option<String> {
    let member = party.members.iter().find(|member| member.identity == who)?;
    member.name.clone()
}

/// The id of a thing, whatever it is.
pub(in crate::cli) fn item_id(item: ItemId) -> String {
    match item {
        ItemId::Task(task) => task.to_string(),
        ItemId::Note(note) => note.to_string(),
        ItemId::Message(message) => message.to_string(),
        ItemId::File(file) => file.to_string(),
    }
}

impl PartyReport {
    pub(in crate::cli) fn of(party: &PartyView) -> Self {
        let tasks = party.tasks.iter().zip(1..);
        Self {
            party: party.id.to_string(),
            name: party.name.clone(),
            role: party.role.map(role),
            members: party.members.iter().map(MemberReport::of).collect(),
            tasks: tasks
                .map(|(task, number)| TaskReport::of(task, party, number))
                .collect(),
            notes: party.notes.len(),
            messages: party.messages.len(),
            unread: party.unread.messages,
            files: party.files.len(),
            whole: party.health == PartyHealth::Whole,
        }
    }
}

impl MemberReport {
    pub(in crate::cli) fn of(member: &MemberView) -> Self {
        let (presence, last_seen) = match member.presence {
            Presence::Me => ("me", None),
            Presence::Online => ("online", None),
            Presence::Offline(last) => ("offline", last),
        };
        Self {
            identity: member.identity.to_string(),
            name: member.name.clone(),
            role: role(member.role),
            presence,
            last_seen_ms: last_seen.map(crate::time::Timestamp::as_millis),
            admitted_by: member.admitted_by.map(|admitter| admitter.to_string()),
            since_ms: member.since.as_millis(),
            how: member.how.map(how),
            invitation: member.invitation.map(|invitation| invitation.to_string()),
            devices: member.devices.len(),
        }
    }
}

impl DeviceReport {
    pub(in crate::cli) fn of(device: &DeviceView, number: usize) -> Self {
        Self {
            number,
            device: device.device.to_string(),
            name: device.name.clone(),
            presence: match device.presence {
                Presence::Me => "this",
                Presence::Online => "online",
                Presence::Offline(_) => "offline",
            },
            since_ms: device.since.map(crate::time::Timestamp::as_millis),
        }
    }
}

impl TaskReport {
    pub(in crate::cli) fn of(task: &Task, party: &PartyView, number: usize) -> Self {
        Self {
            number,
            task: task.id.to_string(),
            title: task.title.clone(),
            done: task.done,
            assignee: task.assignee.map(|member| member.to_string()),
            assignee_name: task.assignee.and_then(|member| name_in(party, member)),
            due: task.due.and_then(day_text),
            author: task.author.to_string(),
            created_ms: task.created.as_millis(),
        }
    }
}

impl NoteReport {
    pub(in crate::cli) fn of(note: &Note, party: &PartyView, number: usize) -> Self {
        Self {
            number,
            note: note.id.to_string(),
            title: note.title.clone(),
            excerpt: note.excerpt.clone(),
            author: note.author.to_string(),
            created_ms: note.created.as_millis(),
            changed_by: note.changed_by.to_string(),
            changed_by_name: name_in(party, note.changed_by),
            changed_ms: note.changed.as_millis(),
        }
    }
}

impl MessageReport {
    pub(in crate::cli) fn of(message: &Message, party: &PartyView, number: usize) -> Self {
        Self {
            number,
            message: message.id.to_string(),
            text: message.text.clone(),
            author: message.author.to_string(),
            author_name: name_in(party, message.author),
            sent_ms: message.sent.as_millis(),
            reply_to: message.reply_to.map(|message| message.to_string()),
        }
    }
}

impl FileReport {
    pub(in crate::cli) fn of(view: &FileView, party: &PartyView, number: usize) -> Self {
        let file = &view.file;
        Self {
            number,
            file: file.id.to_string(),
            name: file.name.clone(),
            bytes: file.length,
            here: view.content == ContentView::Here,
            author: file.author.to_string(),
            author_name: name_in(party, file.author),
            added_ms: file.added.as_millis(),
        }
    }
}

impl TransferReport {
    pub(in crate::cli) fn of(transfer: &TransferView) -> Self {
        let (stage, bytes_per_second, seconds_left) = match transfer.stage {
            TransferStage::Adding => ("adding", None, None),
            TransferStage::Waiting => ("waiting", None, None),
            TransferStage::Coming { rate, seconds_left } => ("coming", Some(rate), seconds_left),
            TransferStage::Done => ("done", None, None),
            TransferStage::Cancelled => ("cancelled", None, None),
            TransferStage::Failed(_) => ("failed", None, None),
        };
        Self {
            party: transfer.party.to_string(),
            file: transfer.file.to_string(),
            name: transfer.name.clone(),
            stage,
            done_bytes: transfer.done,
            bytes: transfer.total,
            bytes_per_second,
            seconds_left,
        }
    }
}

impl DeletedReport {
    pub(in crate::cli) fn of(deleted: &Deleted, party: &PartyView, number: usize) -> Self {
        Self {
            number,
            kind: kind(deleted.item),
            item: item_id(deleted.item),
            title: deleted.title.clone(),
            deleted_by: deleted.by.to_string(),
            deleted_by_name: name_in(party, deleted.by),
            deleted_ms: deleted.at.as_millis(),
        }
    }
}

impl ChangeReport {
    pub(in crate::cli) fn of(change: &Change, party: &PartyView) -> Self {
        let named = |who: IdentityId| name_in(party, who).unwrap_or_else(|| who.to_string());
        let (mut inserted, mut removed) = (None, None);
        let (what, value) = match &change.what {
            What::Added(text) => ("added", Some(text.clone())),
            What::Named(text) => ("named", Some(text.clone())),
            What::Done(true) => ("done", None),
            What::Done(false) => ("undone", None),
            What::Assigned(member) => ("assigned", member.map(named)),
            What::Due(day) => ("due", day.and_then(day_text)),
            What::Moved => ("moved", None),
            What::Edited {
                inserted: written,
                deleted,
            } => {
                (inserted, removed) = (Some(*written), Some(*deleted));
                ("edited", None)
            }
            What::Deleted => ("deleted", None),
            What::Restored => ("restored", None),
        };
        Self {
            what,
            value,
            inserted,
            removed,
            by: change.by.to_string(),
            by_name: name_in(party, change.by),
            at_ms: change.at.as_millis(),
            standing: standing(change.standing),
        }
    }
}

impl FoundReport {
    pub(in crate::cli) fn of(found: &Found, party: &PartyView) -> Self {
        Self {
            party: party.id.to_string(),
            party_name: party.name.clone(),
            kind: kind(found.item),
            item: item_id(found.item),
            title: found.title.clone(),
            excerpt: found.excerpt.clone(),
        }
    }
}

impl RequestReport {
    pub(in crate::cli) fn of(request: &RequestView, party: &PartyView, number: usize) -> Self {
        Self {
            number,
            party: party.id.to_string(),
            request: request.id.to_string(),
            invitation: request.invitation.to_string(),
            invited_by: request.invited_by.to_string(),
            invited_by_name: name_in(party, request.invited_by),
            member: request.member.to_string(),
            name: request.name.clone(),
            fingerprint: request.fingerprint.to_string(),
            role: role(request.role),
            at_ms: request.at.as_millis(),
        }
    }
}

impl DelegatedReport {
    pub(in crate::cli) fn of(delegated: &DelegatedView, party: &PartyView) -> Self {
        Self {
            invitation: delegated.invitation.to_string(),
            party: party.id.to_string(),
            party_name: party.name.clone(),
            inviter: delegated.by.to_string(),
            inviter_name: name_in(party, delegated.by),
            role: role(delegated.role),
            by: by_delegation(delegated.to),
            expires_ms: delegated.expires.as_millis(),
            max_uses: delegated.max_uses,
            uses: delegated.uses,
        }
    }
}

impl MailReport {
    /// None of an invitation that no mail carries.
    pub(in crate::cli) fn of(invitation: &InvitationView) -> Option<Self> {
        Some(Self {
            invitation: invitation.id.to_string(),
            party: invitation.party.to_string(),
            by: by(invitation.kind),
            mail: MailStanding::of(invitation.mail.as_ref()?),
        })
    }
}

impl MailStanding {
    fn of(mail: &MailView) -> Self {
        Self {
            address: mail.address.clone(),
            service: mail.issuer.clone(),
            stage: mail_stage(mail.stage),
            trouble: mail.trouble.map(|trouble| of_failure(&Failure::Mail(trouble))),
        }
    }
}

impl InvitationReport {
    pub(in crate::cli) fn of(invitation: &InvitationView, party: Option<&Arc<PartyView>>) -> Self {
        Self {
            invitation: invitation.id.to_string(),
            party: invitation.party.to_string(),
            party_name: party.map(|party| party.name.clone()).unwrap_or_default(),
            label: invitation.label.clone(),
            role: role(invitation.role),
            by: by(invitation.kind),
            code: invitation.code.to_text().to_string(),
            link: invitation.code.to_link().to_string(),
            expires_ms: invitation.expires.as_millis(),
            wrong_in_all: invitation.wrong_pins,
            max_uses: invitation.max_uses,
            uses: invitation.admitted.len(),
            mail: invitation.mail.as_ref().map(MailStanding::of),
        }
    }
}
