//! What was asked of the worker, without what was typed: enough to know the same thing when it is asked again.

use std::fmt;
use std::mem::{Discriminant, discriminant};
use std::path::PathBuf;

use super::model::Model;
use crate::email::Issuer;
use crate::identity::{DeviceId, IdentityId};
use crate::invitation::InvitationId;
use crate::party::{FileId, ItemId, JoinRequestId, PartyId};
use crate::worker::{Command, RedemptionId, SaveTo};

/// A command that was sent. Two are the same if they ask for the same of the same thing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    kind: Discriminant<Command>,
    /// None for what is in no party.
    pub(crate) party: Option<PartyId>,
    pub(crate) thing: Thing,
}

/// What a command is about.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Thing {
    /// The party; without one, the profile.
    Whole,
    Item(ItemId),
    /// A file that is to be added.
    NewFile(PathBuf),
    /// Where a file is written to, or a party is written to or read from.
    Place(PathBuf),
    /// A file that is opened: its content is written once more.
    Opened(FileId),
    Member(IdentityId),
    Request(JoinRequestId),
    Invitation(InvitationId),
    /// Somebody who is invited by e-mail.
    Address(String),
    Redemption(RedemptionId),
    Device(DeviceId),
    Service(Issuer),
}

/// In which party it was: what it is about may be an address, which is not for logs.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("party", &self.party)
            .finish_non_exhaustive()
    }
}

impl Attempt {
    pub(crate) fn new(command: &Command, model: &Model) -> Self {
        let (party, thing) = party_and_thing(command, model);
        let kind = discriminant(command);
        Self { kind, party, thing }
    }

    /// Whether it writes the content of files, which may take far more room than all else, and may go elsewhere.
    pub(crate) const fn writes_files(&self) -> bool {
        matches!(self.thing, Thing::NewFile(_) | Thing::Place(_) | Thing::Opened(_))
    }
}

fn party_and_thing(command: &Command, model: &Model) -> (Option<PartyId>, Thing) {
    let (party, thing) = match command {
        Command::RenameParty { party, .. }
        | Command::LeaveParty { party }
        | Command::AddTask { party, .. }
        | Command::AddNote { party, .. }
        | Command::SendMessage { party, .. }
        | Command::MarkRead { party }
        | Command::CreateInvitation { party, .. } => (*party, Thing::Whole),
        Command::SetTaskDone { party, task, .. }
        | Command::RetitleTask { party, task, .. }
        | Command::AssignTask { party, task, .. }
        | Command::SetTaskDue { party, task, .. }
        | Command::MoveTask { party, task, .. } => (*party, Thing::Item(ItemId::Task(*task))),
        Command::RetitleNote { party, note, .. }
        | Command::OpenNote { party, note }
        | Command::CloseNote { party, note }
        | Command::EditNote { party, note, .. }
        | Command::ShowCursor { party, note, .. } => (*party, Thing::Item(ItemId::Note(*note))),
        Command::RenameFile { party, file, .. }
        | Command::FetchFile { party, file }
        | Command::CancelTransfer { party, file }
        | Command::MakeThumbnail { party, file } => (*party, Thing::Item(ItemId::File(*file))),
        Command::AddFile { party, path } => (*party, Thing::NewFile(path.clone())),
        Command::SaveFile { party, file, to } => match to {
            SaveTo::Path(path) | SaveTo::Folder(path) => (*party, Thing::Place(path.clone())),
            SaveTo::Open => (*party, Thing::Opened(*file)),
        },
        Command::ExportParty { party, folder } => (*party, Thing::Place(folder.clone())),
        Command::DeleteItem { party, item }
        | Command::RestoreItem { party, item }
        | Command::ReadHistory { party, item } => (*party, Thing::Item(*item)),
        Command::RemoveMember { party, member } | Command::ChangeRole { party, member, .. } => {
            (*party, Thing::Member(*member))
        }
        Command::ApproveRequest { party, request } | Command::DenyRequest { party, request } => {
            (*party, Thing::Request(*request))
        }
        Command::InviteByMail { options } => (options.party, Thing::Address(options.address.clone())),
        Command::ShowNewPin { invitation }
        | Command::NextInvitee { invitation }
        | Command::RevokeInvitation { invitation }
        | Command::ShowNearby { invitation }
        | Command::HideNearby { invitation }
        | Command::SendAgain { invitation } => {
            return (model.party_of(*invitation), Thing::Invitation(*invitation));
        }
        outside => return (None, thing_outside(outside)),
    };
    (Some(party), thing)
}

/// What a command is about that concerns no single party.
fn thing_outside(command: &Command) -> Thing {
    match command {
        Command::ImportParty { folder } => Thing::Place(folder.clone()),
        Command::SubmitPin { redemption, .. }
        | Command::RetryRedemption { redemption }
        | Command::CancelRedemption { redemption } => Thing::Redemption(*redemption),
        Command::RemoveDevice { device } | Command::RenameDevice { device, .. } => Thing::Device(*device),
        Command::SignIn { issuer } | Command::UseClient { issuer, .. } | Command::SignOut { issuer } => {
            Thing::Service(issuer.clone())
        }
        _ => Thing::Whole,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::failure::{Failure, MailTrouble};
    use crate::invitation::mailbox::Told;
    use crate::party::Role;
    use crate::ui::main_window::Notice;
    use crate::worker::{MailAdmission, MailOptions};

    #[test]
    fn an_address_is_not_for_logs() {
        let options = MailOptions {
            party: PartyId::from_bytes([7; 32]),
            issuer: Issuer::parse("https://invite.example.org").unwrap(),
            address: "bonny@example.net".to_owned(),
            role: Role::Editor,
            lifetime: Duration::from_secs(3600),
            label: String::new(),
            told: Told::default(),
            admission: MailAdmission::AtOnce,
        };
        let options = Box::new(options);
        let attempt = Attempt::new(&Command::InviteByMail { options }, &Model::default());
        assert!(attempt.thing == Thing::Address("bonny@example.net".to_owned()));
        let failure = Failure::Mail(MailTrouble::Unreachable);
        let attempt = Some(attempt);
        let text = format!("{:?}", Notice::Failed { failure, attempt });
        assert!(text.contains("Unreachable") && !text.contains("bonny"), "{text}");
    }
}
