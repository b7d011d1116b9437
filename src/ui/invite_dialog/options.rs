//! First stage: whom, how, as what, for how long.

use egui::{Align, Id, Layout, Ui, vec2};
use lucide_icons::Icon;

use super::Intent;
use super::choice::{Lifetime, Method, Options, Way};
use super::way::{self, Acquaintance};
use crate::party::Role;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entered, Kind, Names, State, Tone, banner, field, footer, label, line_edit, scrolled, segmented, stepper,
    tokens,
};
use crate::worker::MailAdmission;

/// The longest private label, in bytes: what the engine allows.
const MAX_LABEL: usize = 64;

/// What stands around the choices and stays in a low window, in points.
pub(super) const REST: f32 = 200.0;

/// The options of a code, to be chosen.
pub(super) fn view(
    ui: &mut Ui,
    id: Id,
    options: &mut Options,
    known: &[Acquaintance],
    own: Role,
    entered: Entered,
) -> Option<Intent> {
    // A role can have changed since the dialog was opened.
    options.fit(own);
    let first = scrolled(ui, REST, |ui| {
        let first = choices(ui, id, options, known, own);
        explanation(ui, options);
        first
    });
    entered.focus(&first);
    let enter = first.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let ready = options.to_engine().is_some();
    let (_, clicked) = footer(
        ui,
        |_| (),
        |ui| {
            let create = Button::new(Kind::Primary, text::CREATE_CODE).icon(Icon::Ticket);
            let create = ui.add(create.state(State::from(ready))).clicked();
            let cancel = ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked();
            if create || enter && ready {
                Some(Intent::Create)
            } else {
                cancel.then_some(Intent::Close)
            }
        },
    );
    clicked
}

/// The options while the worker makes the code: not to be changed.
pub(super) fn view_creating(ui: &mut Ui, id: Id, options: &Options, own: Role) -> Option<Intent> {
    scrolled(ui, REST, |ui| {
        ui.add_enabled_ui(false, |ui| choices(ui, id, &mut options.clone(), &[], own));
        explanation(ui, options);
    });
    let (_, clicked) = footer(
        ui,
        |_| (),
        |ui| {
            ui.add(Button::new(Kind::Primary, text::CREATING_CODE).state(State::Busy));
            ui.add(Button::new(Kind::Ghost, text::CANCEL))
                .clicked()
                .then_some(Intent::Close)
        },
    );
    clicked
}

fn choices(ui: &mut Ui, id: Id, options: &mut Options, known: &[Acquaintance], own: Role) -> egui::Response {
    let t = tokens(ui);
    way::choose(ui, options);
    way::who_may(ui, id, options, known);
    let first = whom_and_how_many(ui, id, options);
    // The limit is in bytes, the field counts characters.
    while options.label.len() > MAX_LABEL {
        options.label.pop();
    }
    ui.add_space(space::S);
    label(ui, Type::SmallStrong, t.text, text::THEY_JOIN_AS);
    let highest = options.highest_role(own);
    let roles: Vec<_> = [Role::Reader, Role::Editor, Role::Admin]
        .into_iter()
        .filter(|role| *role <= highest)
        .map(|role| (role, text::role(role)))
        .collect();
    segmented(ui, text::THEY_JOIN_AS, &mut options.role, &roles);
    label(ui, Type::Small, t.muted, text::role_means(options.role));
    ui.add_space(space::XS);
    label(ui, Type::SmallStrong, t.text, text::CODE_WORKS_FOR);
    let times: &[(Lifetime, &str)] = match options.way() {
        Way::There => &[
            (Lifetime::TenMinutes, text::TEN_MINUTES),
            (Lifetime::Hour, text::ONE_HOUR),
            (Lifetime::Day, text::ONE_DAY),
            (Lifetime::Week, text::ONE_WEEK),
        ],
        Way::Away(_) | Way::Mail => &[
            (Lifetime::Day, text::ONE_DAY),
            (Lifetime::ThreeDays, text::THREE_DAYS),
            (Lifetime::Week, text::ONE_WEEK),
            (Lifetime::Month, text::ONE_MONTH),
        ],
    };
    segmented(ui, text::CODE_WORKS_FOR, &mut options.lifetime, times);
    first
}

/// The label, and beside it the number of people, unless it can only be one.
fn whom_and_how_many(ui: &mut Ui, id: Id, options: &mut Options) -> egui::Response {
    const NUMBER: f32 = 152.0;
    let most = options.most_people();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let beside = if most > 1 { NUMBER + space::M } else { 0.0 };
        let width = ui.available_width() - beside;
        let label = ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
            field(ui, text::FOR_WHOM, |ui| {
                ui.add(
                    line_edit(&mut options.label, text::FOR_WHOM_HINT)
                        .id(id.with("label"))
                        .char_limit(MAX_LABEL),
                )
            })
        });
        if most > 1 {
            ui.vertical(|ui| {
                let names = Names {
                    number: text::HOW_MANY,
                    fewer: text::FEWER,
                    more: text::MORE,
                };
                stepper(ui, names, &mut options.people, 1..=most);
            });
        }
        label.inner
    })
    .inner
}

/// What the code does, and what it risks.
fn explanation(ui: &mut Ui, options: &Options) {
    ui.add_space(space::S);
    let (tone, icon) = match options.way() {
        Way::There => (Tone::Plain, Icon::ShieldCheck),
        Way::Away(Method::Approval | Method::KnownKey) => (Tone::Plain, Icon::Clock),
        Way::Mail => (Tone::Plain, Icon::Mail),
        Way::Away(Method::Link) => (Tone::Warning, Icon::TriangleAlert),
    };
    let sentence = match options.way() {
        Way::There => text::invite_explained(options.people),
        Way::Away(Method::Approval) => text::APPROVAL_EXPLAINED.to_owned(),
        Way::Away(Method::KnownKey) => text::KNOWN_KEY_EXPLAINED.to_owned(),
        Way::Away(Method::Link) => text::link_explained(options.people),
        Way::Mail => text::by_mail_explained(MailAdmission::AtOnce).to_owned(),
    };
    banner(ui, tone, icon, &sentence);
}
