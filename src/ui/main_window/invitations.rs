//! The invitations of a party that can still bring somebody in: shown above the tasks, with a way back to each.

use std::time::Duration;

use egui::{Margin, Ui};
use lucide_icons::Icon;

use super::MainAction;
use crate::invitation::InvitationStage;
use crate::party::PartyId;
use crate::ui::fonts::Type;
use crate::ui::frame::Frame;
use crate::ui::model::Model;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{Button, Kind, card, icon, label, label_truncated, right, row, tokens};
use crate::worker::{Command, InvitationView};

pub(super) fn view(ui: &mut Ui, model: &Model, party: PartyId, frame: &Frame<'_>) -> Option<MainAction> {
    model.pending(party).next()?;
    let mut action = None;
    card(ui).inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for invitation in model.pending(party) {
            action = action
                .take()
                .or(ui.push_id(invitation.id, |ui| line(ui, invitation, frame)).inner);
        }
    });
    ui.add_space(space::M);
    action
}

fn line(ui: &mut Ui, invitation: &InvitationView, frame: &Frame<'_>) -> Option<MainAction> {
    let t = tokens(ui);
    row(ui, 36.0, |ui| {
        icon(ui, 16.0, t.muted, Icon::Ticket);
        right(ui, |ui| {
            let revoke_label = text::revoke_invitation(&invitation.label);
            let show_label = text::show_invitation(&invitation.label);
            let show = ui
                .add(Button::new(Kind::Secondary, text::SHOW).small().named(&show_label))
                .clicked();
            let revoke = ui
                .add(
                    Button::new(Kind::DangerGhost, text::REVOKE)
                        .small()
                        .named(&revoke_label),
                )
                .clicked();
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                label(ui, Type::SmallStrong, t.text, text::invitation_for(&invitation.label));
                label_truncated(
                    ui,
                    Type::Small,
                    t.muted,
                    format!("{}, {}", text::role(invitation.role), status(ui, invitation, frame)),
                );
            });
            if show {
                Some(MainAction::ShowInvitation(invitation.id))
            } else {
                let command = Command::RevokeInvitation {
                    invitation: invitation.id,
                };
                revoke.then(|| MainAction::Send(frame.requests.next(), command))
            }
        })
    })
}

fn status(ui: &Ui, invitation: &InvitationView, frame: &Frame<'_>) -> String {
    match &invitation.stage {
        InvitationStage::Pin { .. } => text::PIN_SHOWN.to_owned(),
        InvitationStage::PinVoid { .. } => text::PIN_NEEDED.to_owned(),
        InvitationStage::Admitting => text::LETTING_IN.to_owned(),
        InvitationStage::Code { .. }
        | InvitationStage::OnlyHere
        | InvitationStage::OfflineReady { .. }
        | InvitationStage::Admitted { .. }
        | InvitationStage::Locked
        | InvitationStage::Revoked
        | InvitationStage::Expired => {
            let left = frame.now.until(invitation.expires);
            // The text has no seconds: it changes with the minute.
            ui.ctx()
                .request_repaint_after(Duration::from_secs(left.as_secs() % 60 + 1));
            text::code_expires(left)
        }
    }
}
