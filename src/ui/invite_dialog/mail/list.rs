//! What has become of each mail, and what keeps them back.

use egui::Ui;
use lucide_icons::Icon;

use super::letters::{Hitch, Letters, Of};
use super::{Click, row};
use crate::email::Issuer;
use crate::failure::Failure;
use crate::ui::fonts::Type;
use crate::ui::invite_dialog::options::REST;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entered, Kind, State, Tone, banner, footer, label, label_truncated, paragraph, right, row as line,
    scrolled, spinner, tokens,
};

/// `refused` is why the person is not signed in, if they have just tried.
pub(super) fn view(ui: &mut Ui, letters: &mut Letters, refused: Option<&Failure>, entered: Entered) -> Option<Click> {
    let mut clicked = None;
    scrolled(ui, REST, |ui| {
        if let Some(failure) = refused {
            banner(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure));
        }
        for (number, hitch) in letters.hitches().into_iter().enumerate() {
            clicked = ui.push_id(number, |ui| view_hitch(ui, hitch)).inner.or(clicked.take());
        }
        for address in letters.sending() {
            view_sending(ui, address);
        }
        if letters.is_empty() {
            let color = tokens(ui).muted;
            paragraph(ui, Type::Body, color, text::NONE_MAILED);
        }
        for invitation in letters.all.iter().rev() {
            let order = letters.order(invitation.id);
            let act = ui.scope(|ui| row::view(ui, invitation, order)).inner;
            if letters.sought == Some(invitation.id) {
                ui.scroll_to_cursor(None);
            }
            clicked = act.map(|act| Click::Act(invitation.id, act)).or(clicked.take());
        }
    });
    letters.sought = None;
    let (_, (done, more)) = footer(
        ui,
        |_| (),
        |ui| {
            // Whom the worker could not invite is known here alone: the person says what becomes of them.
            let state = State::from(letters.are_settled());
            let done = ui.add(Button::new(Kind::Primary, text::DONE).state(state));
            entered.focus(&done);
            let more = Button::new(Kind::Secondary, text::INVITE_MORE).icon(Icon::UserPlus);
            (done.clicked(), ui.add(more).clicked())
        },
    );
    clicked
        .or(done.then_some(Click::Close))
        .or(more.then_some(Click::InviteMore))
}

/// Somebody who is being invited.
fn view_sending(ui: &mut Ui, address: &str) {
    let t = tokens(ui);
    line(ui, row::HEIGHT, |ui| {
        spinner(ui, 16.0);
        ui.add_space(space::XS);
        label(ui, Type::Small, t.muted, text::INVITING);
        label_truncated(ui, Type::Strong, t.text, address);
    });
}

/// Why, whom it concerns, and what can be done.
fn view_hitch(ui: &mut Ui, hitch: Hitch) -> Option<Click> {
    let (tone, whom) = match hitch.of {
        Of::Inviting => (Tone::Bad, text::not_invited(&hitch.addresses)),
        Of::Mail => (Tone::Warning, text::held_back(&hitch.addresses)),
    };
    banner(ui, tone, Icon::TriangleAlert, &text::both(&hitch.failure));
    let color = tokens(ui).muted;
    let clicked = line(ui, 28.0, |ui| {
        right(ui, |ui| {
            let sign_in = hitch.wants_sign_in();
            let words = if sign_in { text::SIGN_IN } else { text::TRY_AGAIN };
            let remedy = ui.add(Button::new(Kind::Secondary, words).small()).clicked();
            let give_up =
                hitch.of == Of::Inviting && ui.add(Button::new(Kind::Ghost, text::DO_NOT_INVITE).small()).clicked();
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                label_truncated(ui, Type::Small, color, whom);
            });
            (remedy, sign_in, give_up)
        })
    });
    ui.add_space(space::S);
    match clicked {
        (true, true, _) => Issuer::parse(&hitch.issuer).ok().map(Click::SignIn),
        (true, false, _) => Some(Click::TryAgain(hitch)),
        (false, _, true) => Some(Click::GiveUp(hitch)),
        (false, _, false) => None,
    }
}
