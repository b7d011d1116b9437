//! What people do, at random.

use operational_transform::OperationSeq;
use partyline::identity::Keys;
use partyline::party::{Act, FileId, How, ItemId, KnownData, MessageId, NoteId, Party, Role, TaskId};
use partyline::time::Timestamp;
use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::device::Device;
use crate::world::People;

/// What the person with this number comes in as.
pub(crate) fn role_of(n: usize, people: People) -> Role {
    match (people, n) {
        (People::Quarrelling, 1) => Role::Owner,
        (People::Quarrelling, 2 | 3) => Role::Admin,
        (_, 4) => Role::Reader,
        _ => Role::Editor,
    }
}

/// "They are in."
pub(crate) fn admits(who: &Keys, role: Role) -> Act {
    Act::MemberAdmitted {
        member: who.identity.id(),
        role,
        device: who.device.id(),
        endpoint: who.endpoint.id(),
        certificate: who.certificate.signature,
        invitation: [0; 16],
        how: How::Direct,
        evidence: [0; 64],
    }
}

/// Something that a person does; perhaps something that they may not do.
pub(crate) fn random(device: &Device, people: People, now: Timestamp, rng: &mut StdRng) -> Act {
    if people == People::Quarrelling && rng.random_range(0..12) == 0 {
        return quarrel(device, rng);
    }
    let party = device.party();
    // Each title says when it was written, for the check.
    let title = format!("{}", now.as_millis());
    match rng.random_range(0..12) {
        0 | 1 => Act::TaskAdded {
            task: TaskId::from_bytes(rng.random()),
            title,
            place: party.place_after(a_task(party, rng), None),
        },
        2 => with_task(party, rng, |task, rng| match rng.random_range(0..4) {
            0 => Act::TaskRetitled { task, title },
            1 => Act::TaskDue {
                task,
                day: rng.random_range(0..30_000),
            },
            2 => Act::TaskMoved {
                task,
                place: party.place_after(a_task(party, rng), Some(task)),
            },
            _ => Act::TaskDone {
                task,
                done: rng.random(),
            },
        }),
        3 => Act::NoteAdded {
            note: NoteId::from_bytes(rng.random()),
            title,
        },
        4..8 => edit(party, rng),
        8 | 9 => Act::MessageSent {
            message: MessageId::from_bytes(rng.random()),
            text: title,
            reply_to: MessageId::from_bytes([0; 16]),
        },
        10 => Act::FileAdded {
            file: FileId::from_bytes(rng.random()),
            name: title,
            length: rng.random_range(0..1_000_000),
            content: rng.random(),
        },
        _ => with_task(party, rng, |task, rng| Act::ItemDeleted {
            item: ItemId::Task(task),
            deleted: rng.random(),
        }),
    }
}

/// Changes a role or removes somebody.
fn quarrel(device: &Device, rng: &mut StdRng) -> Act {
    let members = device.party().membership().members();
    let Some(member) = members.get(rng.random_range(0..members.len().max(1))) else {
        return a_message();
    };
    let member = member.identity;
    match rng.random_range(0..3) {
        0 => Act::MemberRemoved {
            member,
            known: KnownData::default(),
        },
        1 => Act::RoleChanged {
            member,
            role: Role::Reader,
            known: KnownData::default(),
        },
        _ => Act::RoleChanged {
            member,
            role: Role::Editor,
            known: KnownData::default(),
        },
    }
}

/// Some characters of a note come and go.
fn edit(party: &Party, rng: &mut StdRng) -> Act {
    let notes = party.notes();
    if notes.is_empty() {
        return Act::NoteAdded {
            note: NoteId::from_bytes(rng.random()),
            title: "Programme".to_owned(),
        };
    }
    let note = notes[rng.random_range(0..notes.len())].id;
    let length = party.text(note).map_or(0, |text| text.as_string().chars().count()) as u64;
    let at = rng.random_range(0..=length);
    let deleted = rng.random_range(0..=(length - at).min(3));
    let mut change = OperationSeq::default();
    change.retain(at);
    change.delete(deleted);
    let letter = char::from(rng.random_range(b'a'..=b'z'));
    change.insert(&letter.to_string().repeat(rng.random_range(1..5)));
    change.retain(length - at - deleted);
    party.edit_note(note, &change).unwrap_or_else(|_| a_message())
}

fn a_message() -> Act {
    Act::MessageSent {
        message: MessageId::from_bytes([1; 16]),
        text: "what now?".to_owned(),
        reply_to: MessageId::from_bytes([0; 16]),
    }
}

fn a_task(party: &Party, rng: &mut StdRng) -> Option<TaskId> {
    let tasks = party.tasks();
    (!tasks.is_empty()).then(|| tasks[rng.random_range(0..tasks.len())].id)
}

fn with_task(party: &Party, rng: &mut StdRng, act: impl FnOnce(TaskId, &mut StdRng) -> Act) -> Act {
    match a_task(party, rng) {
        Some(task) => act(task, rng),
        None => a_message(),
    }
}
