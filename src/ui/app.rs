//! The window's inside: the model, the one dialog that may be open, and the way to the worker.
//!
//! `logic` drains events, `ui` draws and carries out what was clicked. Nothing here waits, and nothing reads a clock.

mod arrivals;
mod first_start;
mod notifications;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, Id, Ui, UiBuilder, UserAttentionType, ViewportCommand, ViewportId};

use self::arrivals::Desk;
pub(super) use self::first_start::FirstStart;
use super::calendar::Calendar;
use super::chooser::{Ask, Choice, Chooser, Purpose};
use super::clipboard::Clipboard;
use super::frame::{Frame, Requests};
use super::invite_dialog::{InviteAction, InviteDialog};
use super::main_window::{MainAction, MainWindow, Notice};
use super::model::{Condition, Model, answered, is_pending, is_running};
use super::onboarding::Onboarding;
use super::opener;
use super::redeem_dialog::{RedeemAction, RedeemDialog};
use super::scanner::Scanner;
use super::scene::Scene;
use super::small_dialogs::{
    ConfirmDialog, DeletedDialog, HistoryDialog, MemberDialog, NameDialog, SearchDialog, SettingsDialog,
    ShortcutsDialog, SmallAction,
};
use crate::failure::Failure;
use crate::invitation::{InvitationStage, RedemptionStage};
use crate::party::PartyId;
use crate::time::Timestamp;
use crate::worker::{Command, Event, InvitationView, ProfileView, RedemptionId, RedemptionView, RequestId, SaveTo};
use crate::worker::{NetworkMode, WorkerHandle};

/// One profile's window.
pub struct App {
    worker: WorkerHandle,
    network: NetworkMode,
    requests: Arc<Requests>,
    /// What the main window has asked for and nobody has answered yet; dialogs look after their own.
    asked: BTreeMap<RequestId, Asked>,
    clipboard: Clipboard,
    chooser: Chooser,
    scanner: Scanner,
    desk: Desk,
    calendar: Calendar,
    model: Model,
    onboarding: Onboarding,
    window: MainWindow,
    dialog: Option<Open>,
    notices: Vec<Notice>,
    /// What had the keyboard before the dialog opened.
    focus_before: Option<Id>,
    /// A code that was typed into a dialog that was closed.
    typed_code: zeroize::Zeroizing<String>,
    /// Tells the ids of two windows of one process apart.
    id: Id,
    viewport: ViewportId,
    first_start: Option<FirstStart>,
}

/// What is to be done with the answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// That it failed is told.
    Loudly,
    /// That it failed is not worth a notice.
    Quietly,
    /// The file is to be opened with its program.
    ToOpen,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("viewport", &self.viewport)
            .finish_non_exhaustive()
    }
}

/// The dialog that is open.
enum Open {
    Invite(InviteDialog),
    Redeem(RedeemDialog),
    Name(NameDialog),
    Confirm(ConfirmDialog),
    Settings(SettingsDialog),
    Search(Box<SearchDialog>),
    Shortcuts,
    Deleted(DeletedDialog),
    History(HistoryDialog),
    Member(MemberDialog),
}

impl Open {
    fn apply(&mut self, event: &Event) {
        match self {
            Self::Invite(dialog) => dialog.apply(event),
            Self::Redeem(dialog) => dialog.apply(event),
            Self::Name(dialog) => dialog.apply(event),
            Self::Confirm(dialog) => dialog.apply(event),
            Self::Settings(dialog) => dialog.apply(event),
            Self::Search(dialog) => dialog.apply(event),
            Self::Deleted(dialog) => dialog.apply(event),
            Self::History(dialog) => dialog.apply(event),
            Self::Member(dialog) => dialog.apply(event),
            Self::Shortcuts => {}
        }
    }
}

impl App {
    /// A window over a worker. `name` tells the windows of one process apart.
    #[must_use]
    pub fn new(worker: WorkerHandle, network: NetworkMode, name: &str, clipboard: Clipboard) -> Self {
        Self {
            worker,
            network,
            requests: Arc::default(),
            asked: BTreeMap::new(),
            clipboard,
            chooser: Chooser::of_system(),
            scanner: Scanner::new(),
            desk: Desk::default(),
            calendar: Calendar::new(jiff::tz::TimeZone::system()),
            model: Model::default(),
            onboarding: Onboarding::default(),
            window: MainWindow::default(),
            dialog: None,
            notices: Vec::new(),
            focus_before: None,
            typed_code: zeroize::Zeroizing::default(),
            id: Id::unique(("partyline", name)),
            viewport: ViewportId::ROOT,
            first_start: None,
        }
    }

    /// Shows days and times of day in this zone instead of the system's.
    #[must_use]
    pub fn in_zone(mut self, zone: jiff::tz::TimeZone) -> Self {
        self.calendar = Calendar::new(zone);
        self
    }

    /// Asks for files and folders in this way instead of with the system's dialogs. `ask` is called on a thread of its
    /// own and may wait; it gives nothing if the person changed their mind.
    #[must_use]
    pub fn choosing_with(mut self, ask: impl Fn(Choice) -> Vec<PathBuf> + Send + Sync + 'static) -> Self {
        let ask: Ask = Arc::new(ask);
        self.scanner = Scanner::choosing_with(Arc::clone(&ask));
        self.chooser = Chooser::new(ask);
        self
    }

    /// Puts the window into a viewport other than the first.
    #[must_use]
    pub const fn in_viewport(mut self, viewport: ViewportId) -> Self {
        self.viewport = viewport;
        self
    }

    /// Takes in everything that the worker has told. Also called while the window is hidden.
    pub fn logic(&mut self, ctx: &Context) {
        while let Some(event) = self.worker.try_next() {
            self.answer_first_start(&event);
            self.notice(ctx, &event);
            self.notify(ctx, &event);
            self.model.apply(&event);
            self.onboarding.apply(&event);
            self.window.apply(&event);
            if let Some(dialog) = &mut self.dialog {
                dialog.apply(&event);
            }
            self.cancel_unwanted(&event);
            if let Event::PartyCreated { party, .. } = event {
                self.window.select(party);
            }
        }
        while let Some((purpose, paths)) = self.chooser.answer() {
            self.chosen(purpose, paths);
        }
        while let Some(scanned) = self.scanner.answer() {
            if let Some(Open::Redeem(dialog)) = &mut self.dialog {
                dialog.take_scanned(scanned);
            }
        }
        self.take_arrivals(ctx);
        let model = &self.model;
        self.notices.retain(|notice| is_current(model, notice));
    }

    /// Draws the window and carries out what was clicked.
    pub fn ui(&mut self, ui: &mut Ui, now: Timestamp) {
        let ctx = ui.ctx().clone();
        self.restore_focus(&ctx);
        ui.scope_builder(UiBuilder::new().id_salt(self.id).max_rect(ui.max_rect()), |ui| {
            let requests = Arc::clone(&self.requests);
            let frame = Frame {
                now,
                requests: &requests,
            };
            if matches!(self.model.condition, Condition::Profile(ProfileView::Open { .. })) {
                let scene = Scene {
                    frame: &frame,
                    calendar: &self.calendar,
                    model: &self.model,
                };
                for action in self.window.view(ui, &self.notices, &scene) {
                    self.carry_out(&ctx, action);
                }
                self.show_dialog(&ctx, &frame);
            } else if let Some((request, command)) = self.onboarding.view(ui, self.id, &self.model.condition, &frame) {
                self.send(request, command);
            }
        });
    }

    /// Hands what was typed a moment ago to the engine, closes it and waits for it.
    pub fn shutdown(mut self) {
        let requests = Arc::clone(&self.requests);
        for (request, command) in self.window.unsent(|| requests.next()) {
            self.send(request, command);
        }
        self.worker.shutdown();
    }

    fn send(&mut self, request: RequestId, command: Command) {
        if self.worker.send(request, command).is_err() {
            self.model.condition = Condition::Stopped;
        }
    }

    /// What happens behind a closed dialog is worth a notice, and a PIN is worth the person's attention.
    fn notice(&mut self, ctx: &Context, event: &Event) {
        match event {
            Event::InvitationChanged { invitation } if !self.shows(invitation) => {
                self.notice_invitation(ctx, invitation);
            }
            Event::RedemptionChanged { redemption } if !self.shows_redemption(redemption.id) => {
                self.notice_redemption(redemption);
            }
            Event::Failed { request, failure } if self.is_for_window(*request) => {
                self.push(Notice::Failed(failure.clone()));
            }
            Event::Restarted => {
                self.asked.clear();
                self.dialog = None;
                self.push(Notice::Failed(Failure::Internal));
            }
            Event::FileSaved { request, path } if self.asked.get(request) == Some(&Asked::ToOpen) => {
                opener::open(path.clone());
            }
            Event::PartyExported { missing_files, .. } => self.push(Notice::Exported(*missing_files)),
            _ => {}
        }
        if let Some(request) = answered(event) {
            self.asked.remove(&request);
        }
    }

    fn notice_invitation(&mut self, ctx: &Context, invitation: &InvitationView) {
        let before = self.model.invitation(invitation.id).map(|before| &before.stage);
        let was_pending = before.is_some_and(is_pending);
        match &invitation.stage {
            InvitationStage::Pin { .. } if !matches!(before, Some(InvitationStage::Pin { .. })) => {
                self.push(Notice::PinDue(invitation.id));
                let call = ViewportCommand::RequestUserAttention(UserAttentionType::Informational);
                ctx.send_viewport_cmd_to(self.viewport, call);
            }
            InvitationStage::Admitted { name, .. } if was_pending => {
                self.push(Notice::Joined {
                    party: invitation.party,
                    name: name.clone(),
                });
            }
            InvitationStage::Locked if was_pending => {
                self.push(Notice::Locked {
                    party: invitation.party,
                    label: invitation.label.clone(),
                });
            }
            _ => {}
        }
    }

    fn notice_redemption(&mut self, redemption: &RedemptionView) {
        match (&redemption.stage, self.model.redemption(redemption.id)) {
            // One of an earlier run.
            (stage, None) if is_running(stage) => self.push(Notice::Redemption(redemption.id)),
            (RedemptionStage::Failed { error }, Some(_)) => self.push(Notice::Failed(Failure::Redeem(error.clone()))),
            _ => {}
        }
    }

    /// The dialog was closed while the worker began: nobody waits for this redemption any more.
    fn cancel_unwanted(&mut self, event: &Event) {
        if let Event::RedemptionStarted { redemption, .. } = event
            && !self.shows_redemption(redemption.id)
        {
            self.send(
                self.requests.next(),
                Command::CancelRedemption {
                    redemption: redemption.id,
                },
            );
        }
    }

    fn shows_redemption(&self, id: RedemptionId) -> bool {
        matches!(&self.dialog, Some(Open::Redeem(dialog)) if dialog.redemption() == Some(id))
    }

    fn push(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    fn shows(&self, invitation: &InvitationView) -> bool {
        matches!(&self.dialog, Some(Open::Invite(dialog)) if dialog.invitation() == Some(invitation.id))
    }

    /// Whether a failure is told in the main window: dialogs and the screens before it tell their own.
    fn is_for_window(&self, request: Option<RequestId>) -> bool {
        let open = matches!(self.model.condition, Condition::Profile(ProfileView::Open { .. }));
        open && request.is_none_or(|request| match self.asked.get(&request) {
            Some(Asked::Loudly | Asked::ToOpen) => true,
            Some(Asked::Quietly) => false,
            None => self.dialog.is_none(),
        })
    }

    fn open(&mut self, ctx: &Context, dialog: Open) {
        if self.dialog.is_none() {
            self.focus_before = ctx.memory(egui::Memory::focused);
        }
        self.dialog = Some(dialog);
    }

    fn close(&mut self, ctx: &Context) {
        if let Some(Open::Redeem(dialog)) = &self.dialog {
            self.typed_code = zeroize::Zeroizing::new(dialog.typed_code().to_owned());
        }
        self.dialog = None;
        ctx.request_repaint();
    }

    /// Gives the keyboard back to what had it before the dialog. egui keeps it inside a dialog for a frame longer than the
    /// dialog is shown.
    fn restore_focus(&mut self, ctx: &Context) {
        if self.dialog.is_some() || self.focus_before.is_none() {
            return;
        }
        if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
            ctx.request_repaint();
        } else if let Some(before) = self.focus_before.take() {
            ctx.memory_mut(|memory| memory.request_focus(before));
        }
    }

    fn carry_out(&mut self, ctx: &Context, action: MainAction) {
        match action {
            MainAction::CreateParty => self.open(ctx, Open::Name(NameDialog::create())),
            MainAction::Join => {
                let dialog = RedeemDialog::with_code(&self.typed_code).with_id(self.id.with("redeem"));
                self.open(ctx, Open::Redeem(dialog));
            }
            MainAction::Settings => {
                let dialog = SettingsDialog::new(self.model.own_name());
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
                    let dialog = InviteDialog::resume(invitation, name).with_id(self.id.with("invite"));
                    self.notices.retain(|notice| *notice != Notice::PinDue(id));
                    self.open(ctx, Open::Invite(dialog));
                }
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
            MainAction::Choose(purpose) => self.chooser.ask(ctx, self.viewport, purpose),
            MainAction::Copy(text) => ctx.copy_text(text),
            MainAction::Say(notice) => self.push(notice),
            MainAction::OpenFile(party, file) => {
                let to = SaveTo::Open;
                self.ask(Asked::ToOpen, Command::SaveFile { party, file, to });
            }
            MainAction::Send(request, command) => {
                self.asked.insert(request, Asked::Loudly);
                self.send(request, command);
            }
            MainAction::SendQuietly(request, command) => {
                self.asked.insert(request, Asked::Quietly);
                self.send(request, command);
            }
        }
    }

    fn ask(&mut self, asked: Asked, command: Command) {
        let request = self.requests.next();
        self.asked.insert(request, asked);
        self.send(request, command);
    }

    /// Carries out what the person has chosen files or a folder for.
    fn chosen(&mut self, purpose: Purpose, paths: Vec<PathBuf>) {
        for path in paths {
            let command = match purpose {
                Purpose::AddFiles(party) => Command::AddFile { party, path },
                Purpose::SaveFile { party, file, .. } => {
                    let to = SaveTo::Path(path);
                    Command::SaveFile { party, file, to }
                }
                Purpose::Export(party) => Command::ExportParty { party, folder: path },
                Purpose::Import => Command::ImportParty { folder: path },
            };
            self.ask(Asked::Loudly, command);
        }
    }

    fn invite(&mut self, ctx: &Context, party: PartyId) {
        if let Some(view) = self.model.party(party).map(Arc::clone) {
            let dialog = InviteDialog::new(party, &view.name).with_id(self.id.with("invite"));
            let dialog = view
                .role
                .map_or_else(|| InviteDialog::new(party, &view.name), |role| dialog.with_role(role));
            self.open(ctx, Open::Invite(dialog));
        }
    }

    fn resume(&mut self, ctx: &Context, redemption: &RedemptionView) {
        let dialog = RedeemDialog::resume(redemption).with_id(self.id.with("redeem"));
        self.open(ctx, Open::Redeem(dialog));
    }

    fn party_name(&self, party: PartyId) -> String {
        self.model
            .party(party)
            .map(|party| party.name.clone())
            .unwrap_or_default()
    }

    fn show_dialog(&mut self, ctx: &Context, frame: &Frame<'_>) {
        let id = self.id.with("dialog");
        let scene = Scene {
            frame,
            calendar: &self.calendar,
            model: &self.model,
        };
        let small = match &mut self.dialog {
            None => return,
            Some(Open::Invite(dialog)) => {
                let action = dialog.show(ctx, frame);
                return self.carry_out_invite(ctx, action);
            }
            Some(Open::Redeem(dialog)) => {
                let action = dialog.show(ctx, frame);
                return self.carry_out_redeem(ctx, action);
            }
            Some(Open::Name(dialog)) => dialog.show(ctx, id, frame),
            Some(Open::Confirm(dialog)) => dialog.show(ctx, id, frame),
            Some(Open::Settings(dialog)) => dialog.show(ctx, id, frame, &self.network),
            Some(Open::Search(dialog)) => dialog.show(ctx, id, &scene),
            Some(Open::Shortcuts) => ShortcutsDialog::show(ctx, id),
            Some(Open::Deleted(dialog)) => dialog.show(ctx, id, &scene),
            Some(Open::History(dialog)) => dialog.show(ctx, id, &scene),
            Some(Open::Member(dialog)) => dialog.show(ctx, id, &scene),
        };
        match small {
            Some(SmallAction::Send(request, command)) => self.send(request, command),
            Some(SmallAction::Jump(party, item)) => {
                self.window.jump(party, item);
                self.close(ctx);
            }
            Some(SmallAction::Choose(purpose)) => self.chooser.ask(ctx, self.viewport, purpose),
            Some(SmallAction::Ask(question)) => self.open(ctx, Open::Confirm(ConfirmDialog::new(question))),
            Some(SmallAction::Close) => self.close(ctx),
            None => {}
        }
    }

    fn carry_out_invite(&mut self, ctx: &Context, action: Option<InviteAction>) {
        match action {
            Some(InviteAction::Send(request, command)) => self.send(request, command),
            Some(InviteAction::Copy(secret)) => self.clipboard.copy(ctx, secret),
            Some(InviteAction::Close) => self.close(ctx),
            None => {}
        }
    }

    fn carry_out_redeem(&mut self, ctx: &Context, action: Option<RedeemAction>) {
        match action {
            Some(RedeemAction::Send(request, command)) => self.send(request, command),
            Some(RedeemAction::Scan(request, picture)) => self.scanner.scan(ctx, self.viewport, request, picture),
            Some(RedeemAction::SendAndClose(request, command)) => {
                self.send(request, command);
                self.close(ctx);
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
            Some(RedeemAction::Close) => self.close(ctx),
            None => {}
        }
    }
}

/// Whether a notice still says something true.
fn is_current(model: &Model, notice: &Notice) -> bool {
    match notice {
        Notice::PinDue(id) => model.invitation(*id).is_some_and(|invitation| {
            matches!(
                invitation.stage,
                InvitationStage::Pin { .. } | InvitationStage::PinVoid { .. }
            )
        }),
        Notice::Redemption(id) => model
            .redemption(*id)
            .is_some_and(|redemption| is_running(&redemption.stage)),
        Notice::Joined { .. }
        | Notice::Locked { .. }
        | Notice::Failed(_)
        | Notice::Exported(_)
        | Notice::LostWords(_) => true,
    }
}
