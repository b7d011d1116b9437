//! Somebody who waits to be let in.

use egui::{Align, Layout, Ui};

use super::super::{MainAction, member_name};
use super::may_decide;
use crate::ui::fonts::Type;
use crate::ui::scene::Scene;
use crate::ui::small_dialogs::{Applicant, Question};
use crate::ui::text;
use crate::ui::widgets::{Button, Kind, Tile, avatar, label, label_truncated, lines, pill, right, row, tokens};
use crate::worker::{PartyView, RequestView};

/// Height of an entry inside its card, in points.
const HEIGHT: f32 = 60.0;

pub(super) fn view(ui: &mut Ui, party: &PartyView, request: &RequestView, scene: &Scene<'_>) -> Option<MainAction> {
    let t = tokens(ui);
    row(ui, HEIGHT, |ui| {
        let id = request.member.as_bytes();
        let name = request.name.as_str();
        avatar(ui, 36.0, Tile { id, name });
        ui.add_space(4.0);
        right(ui, |ui| {
            let decision = if may_decide(party) {
                buttons(ui, party, request)
            } else {
                label(ui, Type::Small, t.muted, text::ADMINS_DECIDE);
                None
            };
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                lines(ui, HEIGHT - 2.0, |ui| {
                    row(ui, 22.0, |ui| {
                        right(ui, |ui| {
                            pill(ui, text::role(request.role), t.accent_text, t.accent_soft);
                            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                                label_truncated(ui, Type::Strong, t.text, text::says_to_be(name));
                            });
                        });
                    });
                    let words = request.fingerprint.to_string();
                    label_truncated(ui, Type::MonoSmall, t.text, words);
                    let by = member_name(party, request.invited_by);
                    let when = text::moment(&scene.calendar.local(request.at), scene.today());
                    label_truncated(ui, Type::Small, t.muted, text::asks_through(by, &when));
                });
            });
            decision
        })
    })
}

fn buttons(ui: &mut Ui, party: &PartyView, request: &RequestView) -> Option<MainAction> {
    let applicant = || Applicant {
        party: party.id,
        party_name: party.name.clone(),
        request: request.id,
        name: request.name.clone(),
        fingerprint: request.fingerprint,
        role: request.role,
    };
    let label = text::approve(&request.name);
    let approve = Button::new(Kind::Primary, text::APPROVE).small().named(&label);
    let approve = ui.add(approve).clicked();
    let label = text::decline(&request.name);
    let decline = Button::new(Kind::DangerGhost, text::DECLINE).small().named(&label);
    let decline = ui.add(decline).clicked();
    approve
        .then(|| MainAction::Ask(Question::Approve(applicant())))
        .or(decline.then(|| MainAction::Ask(Question::Decline(applicant()))))
}
