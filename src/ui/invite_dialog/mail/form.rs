//! Whom to invite by e-mail, as what, through which service.

mod admission;
mod service;
mod whom;
mod words;

use egui::{Align, Id, Layout, Ui, vec2};
use lucide_icons::Icon;

use super::{Click, Mail};
use crate::identity::reads_like_an_address;
use crate::party::Role;
use crate::ui::fonts::Type;
use crate::ui::invite_dialog::choice::{Lifetime, Options};
use crate::ui::invite_dialog::options::REST;
use crate::ui::invite_dialog::way;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{Button, Entered, Kind, State, footer, label, scrolled, segmented, tokens};

pub(super) fn view(
    ui: &mut Ui,
    id: Id,
    mail: &mut Mail,
    options: &mut Options,
    own: Role,
    entered: Entered,
) -> Option<Click> {
    // A role can have changed since the dialog was opened.
    options.fit(own);
    let read = mail.read_addresses();
    let asked = scrolled(ui, REST, |ui| {
        way::choose(ui, options);
        whom::view(ui, id, mail, &read, entered);
        let asked = service::view(ui, id, &mail.services, &mut mail.account);
        role_and_time(ui, options, own);
        words::view(ui, id, mail);
        admission::view(ui, &mut mail.admission);
        asked
    });
    let ready =
        read.are_ready() && !reads_like_an_address(&mail.message) && mail.account.service(&mail.services).is_some();
    let (list, (send, cancel)) = footer(
        ui,
        |ui| {
            let so_far = text::mailed_so_far(mail.letters.all.len());
            !mail.letters.is_empty() && ui.add(Button::new(Kind::Ghost, &so_far).flush()).clicked()
        },
        |ui| {
            let words = text::send_invitations(read.good.len());
            let send = Button::new(Kind::Primary, &words).icon(Icon::Send);
            let send = ui.add(send.state(State::from(ready))).clicked();
            (send, ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked())
        },
    );
    if send {
        return Some(Click::Send);
    }
    asked
        .or(list.then_some(Click::ShowList))
        .or(cancel.then_some(Click::Close))
}

/// Side by side: both are short.
fn role_and_time(ui: &mut Ui, options: &mut Options, own: Role) {
    let t = tokens(ui);
    let width = (ui.available_width() - space::M) / 2.0;
    let half = |ui: &mut Ui, content: &mut dyn FnMut(&mut Ui)| {
        ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(width);
            content(ui);
        });
    };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let highest = options.highest_role(own);
        half(ui, &mut |ui| {
            label(ui, Type::SmallStrong, t.text, text::THEY_JOIN_AS);
            let roles: Vec<_> = [Role::Reader, Role::Editor, Role::Admin]
                .into_iter()
                .filter(|role| *role <= highest)
                .map(|role| (role, text::role(role)))
                .collect();
            segmented(ui, text::THEY_JOIN_AS, &mut options.role, &roles);
        });
        half(ui, &mut |ui| {
            label(ui, Type::SmallStrong, t.text, text::LINK_WORKS_FOR);
            let times = [
                (Lifetime::Day, text::ONE_DAY),
                (Lifetime::ThreeDays, text::THREE_DAYS),
                (Lifetime::Week, text::ONE_WEEK),
                (Lifetime::Month, text::ONE_MONTH),
            ];
            segmented(ui, text::LINK_WORKS_FOR, &mut options.lifetime, &times);
        });
    });
}
