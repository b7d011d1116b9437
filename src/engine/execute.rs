//! Commands of an open profile, each to the method that carries it out.

use rand::RngExt as _;

use crate::failure::Failure;
use crate::party::{Act, PartyId, TaskId, check_name, check_title};

use super::open::Open;
use super::{Command, Event, RequestId};

impl Open {
    /// Carries out one command; the event is its answer. None if that comes later.
    pub(super) async fn execute(&mut self, request: RequestId, command: Command) -> Result<Option<Event>, Failure> {
        match command {
            Command::AddFile { party, path } => self.add_file(request, party, path).await?,
            Command::SaveFile { party, file, to } => self.save_file(request, party, file, to)?,
            Command::MakeThumbnail { party, file } => self.make_thumbnail(request, party, file)?,
            command => return self.execute_at_once(request, command).await.map(Some),
        }
        Ok(None)
    }

    async fn execute_at_once(&mut self, request: RequestId, command: Command) -> Result<Event, Failure> {
        match command {
            // The profile is open: there is nothing left to do for these.
            Command::CreateProfile { .. } | Command::UnlockProfile { .. } | Command::RetryKeyring => {
                let profile = self.profile_view();
                return Ok(Event::ProfileChanged {
                    request: Some(request),
                    profile,
                });
            }
            Command::CreateParty { name } => return self.create_party(request, &name).await,
            Command::AddTask { party, title } => return self.add_task(request, party, &title).await,
            Command::CreateInvitation { party, options } => {
                return self.create_invitation(request, party, options).await;
            }
            Command::Redeem { code, allow_relay } => return self.redeem(request, code, allow_relay).await,

            Command::RenameSelf { name } => self.rename_self(&name).await?,
            Command::LeaveParty { party } => self.leave(party).await?,
            Command::RenameParty { party, name } => {
                let name = check_name(&name).or(Err(Failure::NameInvalid))?.to_owned();
                self.write(party, Act::Renamed { name }).await?;
            }
            Command::RemoveMember { party, member } => self.write(party, Act::MemberRemoved { member }).await?,
            Command::SetTaskDone { party, task, done } => self.write(party, Act::TaskDone { task, done }).await?,
            Command::RetitleTask { party, task, title } => {
                let title = valid_title(&title)?;
                self.write(party, Act::TaskRetitled { task, title }).await?;
            }
            Command::DeleteItem { party, item } => self.write(party, Act::ItemDeleted { item, deleted: true }).await?,

            Command::ShowNewPin { invitation } => self.show_new_pin(invitation).await?,
            Command::NextInvitee { invitation } => self.next_invitee(invitation).await?,
            Command::RevokeInvitation { invitation } => self.revoke(invitation).await?,
            Command::SubmitPin { redemption, pin } => self.submit_pin(redemption, pin).await?,
            Command::RetryRedemption { redemption } => self.retry_redemption(redemption).await?,
            Command::CancelRedemption { redemption } => self.cancel_redemption(redemption).await?,
            Command::FetchFile { party, file } => self.fetch_file(party, file).await?,
            Command::CancelTransfer { party, file } => self.cancel_transfer(party, file).await?,
            _ => return Err(Failure::Internal),
        }
        Ok(Event::Done { request })
    }

    async fn add_task(&mut self, request: RequestId, party: PartyId, title: &str) -> Result<Event, Failure> {
        let title = valid_title(title)?;
        let mut bytes = [0; 16];
        rand::rng().fill(&mut bytes);
        let task = TaskId::from_bytes(bytes);
        self.write(
            party,
            Act::TaskAdded {
                task,
                title,
                place: Default::default(),
            },
        )
        .await?;
        Ok(Event::TaskAdded { request, task })
    }
}

fn valid_title(typed: &str) -> Result<String, Failure> {
    check_title(typed).map(str::to_owned).or(Err(Failure::TitleInvalid))
}
