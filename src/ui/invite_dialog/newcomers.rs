//! Who has come in so far by a code that several people use.

use egui::{Align, Layout, Ui};
use lucide_icons::Icon;

use super::Intent;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::widgets::{Button, Kind, card, icon, label, label_truncated, right, row, tokens};
use crate::worker::InvitationView;

/// Height of the line with its margins and the gap above it, in points.
const HEIGHT: f32 = 52.0;

/// How much room the line takes in a stage: none in an invitation for one person, whose end tells who came.
pub(super) const fn height(invitation: &InvitationView) -> f32 {
    if invitation.max_uses > 1 { HEIGHT } else { 0.0 }
}

/// The line.
pub(super) fn view(ui: &mut Ui, invitation: &InvitationView) {
    line(ui, invitation, |_| ());
}

/// The line, and the way back for the last who came.
pub(super) fn view_removable(ui: &mut Ui, invitation: &InvitationView) -> Option<Intent> {
    let removal = line(ui, invitation, |ui| {
        let words = text::remove_member(&invitation.admitted.last()?.name);
        let button = Button::new(Kind::DangerGhost, &words).small();
        ui.add(button).clicked().then_some(Intent::AskRemoval)
    });
    removal.flatten()
}

fn line<R>(ui: &mut Ui, invitation: &InvitationView, button: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    if invitation.max_uses <= 1 {
        return None;
    }
    let t = tokens(ui);
    let joined = &invitation.admitted;
    let shown = card(ui).inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
        row(ui, 28.0, |ui| {
            let color = if joined.is_empty() { t.muted } else { t.success };
            icon(ui, 16.0, color, Icon::Users);
            right(ui, |ui| {
                let clicked = button(ui);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let count = text::came_in(joined.len(), invitation.max_uses);
                    let response = label(ui, Type::SmallStrong, t.text, count);
                    ui.ctx().accesskit_node_builder(response.id, |node| {
                        node.set_live(egui::accesskit::Live::Polite);
                    });
                    let names = text::names(joined.iter().map(|one| one.name.as_str()));
                    label_truncated(ui, Type::Small, t.muted, names);
                });
                clicked
            })
        })
    });
    Some(shown.inner)
}
