//! Commands that change what is in a party, each as the act that it is.

use rand::RngExt as _;

use crate::failure::Failure;
use crate::identity::IdentityId;
use crate::party::{Act, KnownData, MessageId, NoteId, PartyId, TaskId, own_id};

use super::open::Open;
use super::{Command, Event, RequestId};

impl Open {
    /// Carries out a command that writes one op, together with others that wait. Gives back one that is not of that kind.
    pub(super) fn write_command(&mut self, request: RequestId, command: Command) -> Result<Option<Command>, Failure> {
        let (party, act, answer) = match command {
            Command::AddTask { party, title } => {
                let task = TaskId::from_bytes(self.new_id());
                let place = self.party(party)?.last_place();
                let act = Act::TaskAdded { task, title, place };
                (party, act, Event::TaskAdded { request, task })
            }
            Command::AddNote { party, title } => {
                let note = NoteId::from_bytes(self.new_id());
                let act = Act::NoteAdded { note, title };
                (party, act, Event::NoteAdded { request, note })
            }
            Command::SendMessage { party, text, reply_to } => {
                let message = MessageId::from_bytes(self.new_id());
                let act = Act::MessageSent {
                    message,
                    text,
                    reply_to: reply_to.unwrap_or(MessageId::from_bytes([0; 16])),
                };
                (party, act, Event::MessageSent { request, message })
            }
            Command::MoveTask { party, task, after } => {
                let place = self.party(party)?.place_after(after, Some(task));
                (party, Act::TaskMoved { task, place }, Event::Done { request })
            }
            command => match act_of(command) {
                Ok((party, act)) => (party, act, Event::Done { request }),
                Err(other) => return Ok(Some(other)),
            },
        };
        self.write_later(party, act)?;
        self.answer_later(request, Some(answer));
        Ok(None)
    }
}

/// The act that a command is, if it is one as it stands.
fn act_of(command: Command) -> Result<(PartyId, Act), Command> {
    Ok(match command {
        Command::SetTaskDone { party, task, done } => (party, Act::TaskDone { task, done }),
        Command::RetitleTask { party, task, title } => (party, Act::TaskRetitled { task, title }),
        Command::AssignTask { party, task, member } => {
            let member = member.unwrap_or(IdentityId::from_bytes([0; 32]));
            (party, Act::TaskAssigned { task, member })
        }
        Command::SetTaskDue { party, task, due } => {
            let day = due.map_or(0, |day| day.0);
            (party, Act::TaskDue { task, day })
        }
        Command::RetitleNote { party, note, title } => (party, Act::NoteRetitled { note, title }),
        Command::RenameFile { party, file, name } => (party, Act::FileRenamed { file, name }),
        Command::DeleteItem { party, item } => (party, Act::ItemDeleted { item, deleted: true }),
        Command::RestoreItem { party, item } => (party, Act::ItemDeleted { item, deleted: false }),
        Command::ChangeRole { party, member, role } => {
            let known = KnownData::default();
            (party, Act::RoleChanged { member, role, known })
        }
        Command::RenameParty { party, name } => (party, Act::Renamed { name }),
        Command::RemoveMember { party, member } => {
            let known = KnownData::default();
            (party, Act::MemberRemoved { member, known })
        }
        other => return Err(other),
    })
}

impl Open {
    /// A new thing's id, which shows that this device has chosen it.
    pub(super) fn new_id(&self) -> [u8; 16] {
        own_id(self.keys.device.id(), rand::rng().random())
    }
}
