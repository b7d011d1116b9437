//! One invitation by e-mail: to whom, how far it is, and what can be done.

use egui::{Align, Layout, Ui};
use lucide_icons::Icon;

use super::letters::{Act, Order};
use crate::failure::Failure;
use crate::ui::fonts::Type;
use crate::ui::mail_tone::mail_tone;
use crate::ui::model::is_pending;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Kind, State, Tone, icon, label_truncated, notice_line, paragraph, pill, right, row, tokens,
};
use crate::worker::InvitationView;

/// Height of its first line, in points.
pub(super) const HEIGHT: f32 = 32.0;

/// Where the texts begin: beyond the icon.
const INSET: f32 = 24.0;

pub(super) fn view(ui: &mut Ui, invitation: &InvitationView, order: Option<&Order>) -> Option<Act> {
    let mail = invitation.mail.as_ref()?;
    let t = tokens(ui);
    let (status, meaning) = text::mail_status(invitation);
    let tone = mail_tone(invitation);
    ui.spacing_mut().item_spacing.y = 2.0;
    let act = row(ui, HEIGHT, |ui| {
        icon(ui, 16.0, t.muted, Icon::Mail);
        right(ui, |ui| {
            let act = acts(ui, invitation, &mail.address, order);
            let over = tone == Tone::Plain && !is_pending(&invitation.stage);
            let (front, ground) = if over {
                (t.muted, t.sunken)
            } else {
                (tone.front(t), tone.ground(t))
            };
            pill(ui, &status, front, ground);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                label_truncated(ui, Type::Strong, t.text, mail.address.as_str());
            });
            act
        })
    });
    if !meaning.is_empty() {
        inset(ui, |ui| {
            paragraph(ui, Type::Small, t.muted, meaning.as_str());
        });
    }
    if let Some(Order::Refused(failure)) = order {
        let told = match failure {
            Failure::Mail(_) => text::not_mailed(&mail.address, failure),
            failure => text::both(failure),
        };
        inset(ui, |ui| {
            notice_line(ui, Tone::Bad, Icon::CircleAlert, &told);
        });
    }
    ui.add_space(space::S);
    act
}

fn inset(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(INSET);
        ui.vertical(content);
    });
}

fn acts(ui: &mut Ui, invitation: &InvitationView, address: &str, order: Option<&Order>) -> Option<Act> {
    let state = |act| match order {
        Some(Order::Sent(_, sent)) if *sent == act => State::Busy,
        Some(Order::Sent(..)) => State::Disabled,
        Some(Order::Refused(_)) | None => State::Ready,
    };
    let label = text::revoke_mail_to(address);
    let revoke = Button::new(Kind::DangerGhost, text::REVOKE).small().named(&label);
    let revoke = is_pending(&invitation.stage) && ui.add(revoke.state(state(Act::Revoke))).clicked();
    let label = text::send_again_to(address);
    let again = Button::new(Kind::Secondary, text::SEND_AGAIN).small().named(&label);
    let again = invitation.may_be_mailed_again() && ui.add(again.state(state(Act::SendAgain))).clicked();
    revoke.then_some(Act::Revoke).or(again.then_some(Act::SendAgain))
}
