//! Commands of an open profile, each to the method that carries it out.

use crate::failure::Failure;

use super::open::Open;
use super::{Command, Event, RequestId};

impl Open {
    /// Carries out one command; the event is its answer. None if that comes later.
    pub(super) async fn execute(&mut self, request: RequestId, command: Command) -> Result<Option<Event>, Failure> {
        let Some(command) = self.write_command(request, command)? else {
            return Ok(None);
        };
        match command {
            Command::EditNote {
                party,
                note,
                revision,
                change,
            } => {
                self.edit_note(request, (party, note), revision, change.0)?;
                return Ok(None);
            }
            // Nothing else finds memory ahead of the disk.
            _ => self.flush().await.unwrap_or_default(),
        }
        match command {
            Command::AddFile { party, path } => self.add_file(request, party, path).await?,
            Command::ExportParty { party, folder } => self.export_party(request, party, folder).await?,
            Command::ImportParty { folder } => self.import_party(request, folder),
            Command::CompactStorage => self.compact_storage(request).await?,
            Command::SaveFile { party, file, to } => self.save_file(request, party, file, to)?,
            Command::MakeThumbnail { party, file } => self.make_thumbnail(request, party, file)?,
            Command::SignIn { issuer } => self.sign_in(request, issuer).await?,
            Command::UseClient { issuer, id, secret } => {
                let secret = zeroize::Zeroizing::new(secret.as_str().to_owned());
                self.use_client(request, issuer, (id, secret))?;
            }
            Command::InviteByMail { options } => self.invite_by_mail(request, *options)?,
            Command::SendAgain { invitation } => self.send_again(request, invitation)?,
            Command::RedeemMail { way } => self.redeem_mail(request, *way).await?,
            command => return self.execute_at_once(request, command).await.map(Some),
        }
        Ok(None)
    }

    #[expect(clippy::too_many_lines, reason = "one line for each case")]
    async fn execute_at_once(&mut self, request: RequestId, command: Command) -> Result<Event, Failure> {
        match command {
            // The profile is open: there is nothing left to do for these.
            Command::CreateProfile { .. }
            | Command::RecoverProfile { .. }
            | Command::UnlockProfile { .. }
            | Command::RetryKeyring => {
                let profile = self.profile_view();
                return Ok(Event::ProfileChanged {
                    request: Some(request),
                    profile,
                });
            }
            Command::CreateParty { name } => return self.create_party(request, &name).await,
            Command::CreateInvitation { party, options } => {
                return self.create_invitation(request, party, options).await;
            }
            Command::Redeem { code, allow_relay } => return self.redeem(request, code, allow_relay).await,

            Command::RenameSelf { name } => self.rename_self(&name).await?,
            Command::LeaveParty { party } => self.leave(party).await?,
            Command::CloseNote { party, note } => self.close_note(party, note),
            Command::ShowCursor {
                party,
                note,
                revision,
                at,
            } => self.place_cursor((party, note), revision, at)?,
            Command::OpenNote { party, note } => return self.open_note(request, party, note),
            Command::MarkRead { party } => self.mark_read(party).await?,
            Command::ReadHistory { party, item } => return self.read_history(request, party, item),
            Command::Search { party, words } => return self.search(request, party, &words),

            Command::ShowNewPin { invitation } => self.show_new_pin(invitation).await?,
            Command::NextInvitee { invitation } => self.next_invitee(invitation).await?,
            Command::RevokeInvitation { invitation } => match self.revoke_delegation(invitation).await {
                Some(revoked) => revoked?,
                None => self.revoke(invitation).await?,
            },
            Command::ApproveRequest { party, request } => self.approve(party, request).await?,
            Command::DenyRequest { party, request } => self.deny(party, request).await?,
            Command::ShowNearby { invitation } => self.show_nearby(invitation).await?,
            Command::HideNearby { invitation } => self.hide_nearby(invitation).await?,
            Command::ListenNearby => self.listen_nearby()?,
            Command::StopListening => self.stop_listening().await,
            Command::RedeemNearby { picked } => return self.redeem_nearby(request, &picked).await,
            Command::SubmitPin { redemption, pin } => self.submit_pin(redemption, pin).await?,
            Command::ExplainConnection { redemption } => return self.explain_connection(request, redemption),
            Command::RetryRedemption { redemption } => self.retry_redemption(redemption).await?,
            Command::CancelRedemption { redemption } => self.cancel_redemption(redemption).await?,
            Command::ShowPhrase => return self.show_phrase(request),
            Command::ConfirmPhrase => self.confirm_phrase().await?,
            Command::HoldIdentity { phrase } => self.hold_identity(&phrase).await?,
            Command::AddDevice => return self.add_device(request).await,
            Command::RemoveDevice { device } => self.remove_device(device).await?,
            Command::SignOut { issuer } => self.sign_out(&issuer).await?,
            Command::StopBrowser => self.stop_browser().await,
            Command::RenameDevice { device, name } => self.rename_device(device, &name).await?,
            Command::FetchFile { party, file } => self.fetch_file(party, file).await?,
            Command::CancelTransfer { party, file } => self.cancel_transfer(party, file).await?,
            // The profile, `execute` and `write_command` have taken these before.
            Command::SetNetworkMode { .. }
            | Command::RenameParty { .. }
            | Command::RemoveMember { .. }
            | Command::ChangeRole { .. }
            | Command::AddTask { .. }
            | Command::SetTaskDone { .. }
            | Command::RetitleTask { .. }
            | Command::AssignTask { .. }
            | Command::SetTaskDue { .. }
            | Command::MoveTask { .. }
            | Command::AddNote { .. }
            | Command::RetitleNote { .. }
            | Command::EditNote { .. }
            | Command::SendMessage { .. }
            | Command::AddFile { .. }
            | Command::RenameFile { .. }
            | Command::SaveFile { .. }
            | Command::MakeThumbnail { .. }
            | Command::DeleteItem { .. }
            | Command::RestoreItem { .. }
            | Command::ExportParty { .. }
            | Command::ImportParty { .. }
            | Command::SignIn { .. }
            | Command::UseClient { .. }
            | Command::InviteByMail { .. }
            | Command::SendAgain { .. }
            | Command::RedeemMail { .. }
            | Command::CompactStorage => return Err(Failure::Internal),
        }
        Ok(Event::Done { request })
    }
}
