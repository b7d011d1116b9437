//! What is done when something was clicked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use egui::Context;

use super::dialogs::Open;
use super::{App, Asked};
use crate::desktop::ChooseError;
use crate::party::{PartyId, Role};
use crate::ui::chooser::{Chosen, Purpose};
use crate::ui::invite_dialog::{Acquaintance, InviteAction, InviteDialog};
use crate::ui::main_window::{MainAction, Notice};
use crate::ui::model::is_running;
use crate::ui::redeem_dialog::{RedeemAction, RedeemDialog};
use crate::ui::small_dialogs::{ConfirmDialog, DeletedDialog, HistoryDialog, MemberDialog, NameDialog, SettingsDialog};
use crate::ui::text;
use crate::worker::{Command, RedemptionView, SaveTo};

impl App {
    pub(super) fn carry_out(&mut self, ctx: &Context, action: MainAction) {
        match action {
            MainAction::CreateParty => self.open(ctx, Open::Name(NameDialog::create())),
            MainAction::Join => {
                let dialog = self.redeem_dialog(&self.typed_code);
                self.open(ctx, Open::Redeem(Box::new(dialog)));
            }
            MainAction::Select(party) => {
                self.notices.retain(|notice| *notice != Notice::YouJoined(party));
                self.window.select(party);
            }
            MainAction::Settings => {
                let dialog = SettingsDialog::new(self.model.own_name(), self.model.own_identity());
                self.open(ctx, Open::Settings(dialog));
            }
            MainAction::Rename(party) => {
                let name = self.party_name(party);
                self.open(ctx, Open::Name(NameDialog::rename(party, &name)));
            }
            MainAction::Ask(question) => self.open(ctx, Open::Confirm(ConfirmDialog::new(question))),
            MainAction::Invite(party) => self.invite(ctx, party),
            MainAction::InviteAgain(party) => {
                self.notices
                    .retain(|notice| !matches!(notice, Notice::Locked { party: locked, .. } if *locked == party));
                self.invite(ctx, party);
            }
            MainAction::ShowInvitation(id) => {
                if let Some(invitation) = self.model.invitation(id).map(Arc::clone) {
                    let name = self.party_name(invitation.party);
                    let party = invitation.party;
                    let dialog = self.prepared(party, InviteDialog::resume(invitation, name));
                    self.notices.retain(|notice| *notice != Notice::PinDue(id));
                    self.open(ctx, Open::Invite(Box::new(dialog)));
                }
            }
            MainAction::CopyCode(id) => {
                if let Some(code) = self.model.invitation(id).map(|invitation| invitation.code.to_text()) {
                    self.clipboard.copy(ctx, code);
                }
            }
            MainAction::ShowInvitations(party) => {
                self.notices.retain(|notice| *notice != Notice::Requests(party));
                self.window.show_invitations(party);
            }
            MainAction::ShowRedemption(id) => {
                if let Some(redemption) = self.model.redemption(id).map(Arc::clone) {
                    self.notices.retain(|notice| *notice != Notice::Redemption(id));
                    self.resume(ctx, &redemption);
                }
            }
            MainAction::Dismiss(index) => {
                if index < self.notices.len() {
                    self.notices.remove(index);
                }
            }
            MainAction::Search => self.open(ctx, Open::Search(Box::default())),
            MainAction::ShowShortcuts => self.open(ctx, Open::Shortcuts),
            MainAction::ShowDeleted(party) => self.open(ctx, Open::Deleted(DeletedDialog::new(party))),
            MainAction::ShowMember(party, member) => self.open(ctx, Open::Member(MemberDialog::new(party, member))),
            MainAction::ShowHistory(party, item, title) => {
                self.open(ctx, Open::History(HistoryDialog::new(party, item, title)));
            }
            MainAction::Choose(purpose) => self.chooser.ask(ctx, self.viewport, purpose, self.surface),
            MainAction::AddFile(party, path) => self.chosen(ctx, &Purpose::AddFiles(party), Ok(vec![path])),
            MainAction::DismissTransfer(file) => self.model.dismiss_transfer(file),
            MainAction::Copy(text) => ctx.copy_text(text),
            MainAction::Say(notice) => self.push(notice),
            MainAction::OpenFile(party, file) => {
                let to = SaveTo::Open;
                self.ask(Asked::ToOpen, Command::SaveFile { party, file, to });
            }
            MainAction::Send(request, command) => self.send_as(Asked::Loudly, request, command),
            MainAction::SendQuietly(request, command) => self.send_as(Asked::Quietly, request, command),
        }
    }

    pub(super) fn ask(&mut self, asked: Asked, command: Command) {
        let request = self.requests.next();
        self.send_as(asked, request, command);
    }

    /// Carries out what the person has chosen files or a folder for.
    pub(super) fn chosen(&mut self, ctx: &Context, purpose: &Purpose, chosen: Chosen) {
        // What was said of the dialog before is over.
        self.notices
            .retain(|notice| !matches!(notice, Notice::NoFileDialog(..)));
        let paths = match chosen {
            Ok(paths) => paths,
            Err(error) => return self.not_chosen(ctx, error, purpose),
        };
        for path in paths {
            let command = match purpose {
                Purpose::AddFiles(party) => {
                    let party = *party;
                    Command::AddFile { party, path }
                }
                Purpose::SaveFile { party, file, .. } => {
                    let (party, file, to) = (*party, *file, SaveTo::Path(path));
                    Command::SaveFile { party, file, to }
                }
                Purpose::Export(party) => {
                    let (party, folder) = (*party, path);
                    Command::ExportParty { party, folder }
                }
                Purpose::Import => Command::ImportParty { folder: path },
            };
            self.ask(Asked::Loudly, command);
        }
    }

    fn not_chosen(&mut self, ctx: &Context, error: ChooseError, purpose: &Purpose) {
        // A notice behind a dialog is not read.
        if *purpose == Purpose::Import && matches!(self.dialog, Some(Open::Settings(_))) {
            self.close(ctx);
        }
        let instead = text::instead_of_dialog(purpose, self.surface);
        self.push(Notice::NoFileDialog(error, instead));
    }

    fn invite(&mut self, ctx: &Context, party: PartyId) {
        if let Some(view) = self.model.party(party).map(Arc::clone) {
            let dialog = InviteDialog::new(party, &view.name).with_known(self.acquaintances(party));
            let dialog = self.prepared(party, dialog);
            self.open(ctx, Open::Invite(Box::new(dialog)));
        }
    }

    /// With the inviter's role, and with what the dialog needs to know for inviting by e-mail.
    fn prepared(&self, party: PartyId, dialog: InviteDialog) -> InviteDialog {
        let role = self.model.party(party).and_then(|party| party.role);
        dialog
            .with_id(self.id.with("invite"))
            .with_role(role.unwrap_or(Role::Owner))
            .with_name(self.model.own_name())
            .with_services(self.model.services.clone())
            .with_mailed(self.model.invitations.iter().cloned())
    }

    /// Everybody whose key is known from some party, but not who is in this one.
    fn acquaintances(&self, party: PartyId) -> Vec<Acquaintance> {
        let members = |other: bool| {
            let parties = self
                .model
                .parties
                .iter()
                .filter(move |view| (view.id != party) == other);
            parties.flat_map(|party| party.members.iter())
        };
        let in_it: BTreeSet<_> = members(false).map(|member| member.identity).collect();
        let mut known: BTreeMap<_, String> = BTreeMap::new();
        for member in members(true).filter(|member| !in_it.contains(&member.identity)) {
            if let Some(name) = &member.name {
                known.insert(member.identity, name.clone());
            }
        }
        let mut known: Vec<_> = known
            .into_iter()
            .map(|(person, name)| Acquaintance { person, name })
            .collect();
        known.sort_by_key(|one| one.name.to_lowercase());
        known
    }

    /// With a code that is typed already, and the service that is likely to be meant.
    pub(super) fn redeem_dialog(&self, code: &str) -> RedeemDialog {
        let known = self.model.services.first().map(|service| service.issuer.as_str());
        let service = self.last_service.as_deref().or(known).unwrap_or_default();
        RedeemDialog::with_code(code)
            .with_service(service)
            .with_id(self.id.with("redeem"))
    }

    fn resume(&mut self, ctx: &Context, redemption: &RedemptionView) {
        let dialog = RedeemDialog::resume(redemption).with_id(self.id.with("redeem"));
        self.open(ctx, Open::Redeem(Box::new(dialog)));
    }

    pub(super) fn party_name(&self, party: PartyId) -> String {
        self.model
            .party(party)
            .map(|party| party.name.clone())
            .unwrap_or_default()
    }

    pub(super) fn carry_out_invite(&mut self, ctx: &Context, action: Option<InviteAction>) {
        match action {
            Some(InviteAction::Send(request, command)) => self.send(request, command),
            Some(InviteAction::SendAll(commands)) => {
                for (request, command) in commands {
                    self.send(request, command);
                }
            }
            Some(InviteAction::CopyText(text)) => ctx.copy_text(text),
            Some(InviteAction::Copy(secret)) => self.clipboard.copy(ctx, secret),
            Some(InviteAction::Close) => self.close(ctx),
            None => {}
        }
    }

    pub(super) fn carry_out_redeem(&mut self, ctx: &Context, action: Option<RedeemAction>) {
        match action {
            Some(RedeemAction::Send(request, command)) => {
                if let Command::RedeemMail { way } = &command {
                    self.last_service = Some(way.issuer().to_string());
                }
                self.send(request, command);
            }
            Some(RedeemAction::Scan(request, picture)) => self.scanner.scan(ctx, self.viewport, request, picture),
            Some(RedeemAction::Watch(request, camera, viewfinder)) => {
                self.scanner.watch(ctx, self.viewport, request, camera, viewfinder);
            }
            Some(RedeemAction::FindCameras) => self.scanner.find_cameras(ctx, self.viewport),
            Some(RedeemAction::SendAndClose(request, command)) => {
                self.send(request, command);
                self.close(ctx);
            }
            Some(RedeemAction::CopyText(text)) => ctx.copy_text(text),
            Some(RedeemAction::CopyOwnKey) => {
                if let Some(identity) = self.model.own_identity() {
                    ctx.copy_text(identity.to_string());
                }
            }
            Some(RedeemAction::Open(party)) => {
                self.window.select(party);
                self.close(ctx);
            }
            Some(RedeemAction::OpenTagged(tag)) => {
                if let Some(party) = self
                    .model
                    .parties
                    .iter()
                    .find(|party| party.id.tag() == tag)
                    .map(|party| party.id)
                {
                    self.window.select(party);
                }
                self.close(ctx);
                self.typed_code = zeroize::Zeroizing::default();
            }
            Some(RedeemAction::Close) => {
                let running = |id| self.model.redemption(id).is_some_and(|one| is_running(&one.stage));
                let waits = match &self.dialog {
                    Some(Open::Redeem(dialog)) => dialog.redemption().filter(|id| running(*id)),
                    _ => None,
                };
                if let Some(waits) = waits {
                    self.push(Notice::Redemption(waits));
                }
                self.close(ctx);
            }
            None => {}
        }
    }
}
