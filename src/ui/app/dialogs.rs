//! The one dialog that may be open.

use std::sync::Arc;

use egui::Context;

use super::App;
use crate::ui::frame::Frame;
use crate::ui::invite_dialog::InviteDialog;
use crate::ui::redeem_dialog::RedeemDialog;
use crate::ui::scene::Scene;
use crate::ui::small_dialogs::{
    ConfirmDialog, DeletedDialog, DevicesDialog, HistoryDialog, MemberDialog, NameDialog, SearchDialog, SettingsDialog,
    ShortcutsDialog, SmallAction,
};
use crate::worker::Event;

/// The dialog that is open.
pub(super) enum Open {
    Invite(Box<InviteDialog>),
    Redeem(Box<RedeemDialog>),
    Name(NameDialog),
    Confirm(ConfirmDialog),
    Settings(SettingsDialog),
    Search(Box<SearchDialog>),
    Shortcuts,
    Deleted(DeletedDialog),
    History(HistoryDialog),
    Member(MemberDialog),
    Devices(DevicesDialog),
}

impl Open {
    pub(super) fn apply(&mut self, event: &Event) {
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
            Self::Devices(dialog) => dialog.apply(event),
            Self::Shortcuts => {}
        }
    }
}

impl App {
    pub(super) fn open(&mut self, ctx: &Context, dialog: Open) {
        if self.dialog.is_none() {
            self.focus_before = ctx.memory(egui::Memory::focused);
        }
        self.dialog = Some(dialog);
    }

    pub(super) fn close(&mut self, ctx: &Context) {
        if let Some(Open::Redeem(dialog)) = &self.dialog {
            self.typed_code = zeroize::Zeroizing::new(dialog.typed_code().to_owned());
        }
        self.dialog = None;
        ctx.request_repaint();
    }

    /// Gives the keyboard back to what had it before the dialog. egui keeps it inside a dialog for a frame longer than the
    /// dialog is shown.
    pub(super) fn restore_focus(&mut self, ctx: &Context) {
        if self.dialog.is_some() || self.focus_before.is_none() {
            return;
        }
        if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
            ctx.request_repaint();
        } else if let Some(before) = self.focus_before.take() {
            ctx.memory_mut(|memory| memory.request_focus(before));
        }
    }

    pub(super) fn show_dialog(&mut self, ctx: &Context, frame: &Frame<'_>) {
        let id = self.id.with("dialog");
        let scene = Scene {
            frame,
            calendar: &self.calendar,
            model: &self.model,
            surface: self.surface,
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
            Some(Open::Devices(dialog)) => dialog.show(ctx, id, &scene),
        };
        match small {
            Some(SmallAction::Send(request, command)) => self.send(request, command),
            Some(SmallAction::Jump(party, item)) => {
                self.window.jump(party, item);
                self.close(ctx);
            }
            Some(SmallAction::Copy(words)) => ctx.copy_text(words),
            Some(SmallAction::Choose(purpose)) => self.chooser.ask(ctx, self.viewport, purpose, self.surface),
            Some(SmallAction::Ask(question)) => self.open(ctx, Open::Confirm(ConfirmDialog::new(question))),
            Some(SmallAction::ShowDevices) => self.open(ctx, Open::Devices(DevicesDialog::new())),
            Some(SmallAction::Close) => self.close(ctx),
            None => {}
        }
    }

    /// What a dialog about devices has led to: its code is shown by the Invite dialog, and a new device begins with the Redeem
    /// dialog.
    pub(super) fn go_on_with_devices(&mut self, ctx: &Context, event: &Event) {
        if let Event::InvitationCreated { invitation, .. } = event
            && invitation.is_for_device()
        {
            let dialog = InviteDialog::resume(Arc::clone(invitation), "").with_id(self.id.with("invite"));
            self.open(ctx, Open::Invite(Box::new(dialog)));
        }
        if self.onboarding.take_new_device() {
            let dialog = RedeemDialog::for_device().with_id(self.id.with("redeem"));
            self.open(ctx, Open::Redeem(Box::new(dialog)));
        }
    }
}
