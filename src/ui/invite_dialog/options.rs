//! First stage: whom, as what, for how long.

use std::time::Duration;

use egui::{Align, Id, Layout, Ui, vec2};
use lucide_icons::Icon;

use super::Intent;
use crate::invitation::inviter::MAX_USES;
use crate::party::Role;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entered, Kind, Names, State, Tone, banner, field, footer, label, line_edit, segmented, stepper, tokens,
};
use crate::worker::{InvitationOptions, InvitationView};

/// The longest private label, in bytes: what [`InvitationOptions`] allows.
const MAX_LABEL: usize = 64;

/// What the inviter has chosen so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    role: Role,
    people: u32,
    lifetime: Lifetime,
    label: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lifetime {
    TenMinutes,
    Hour,
    Day,
    Week,
}

impl Lifetime {
    const fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::TenMinutes => 600,
            Self::Hour => 3600,
            Self::Day => 24 * 3600,
            Self::Week => 7 * 24 * 3600,
        })
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            role: Role::Editor,
            people: 1,
            lifetime: Lifetime::Day,
            label: String::new(),
        }
    }
}

impl Options {
    /// The options to begin the next invitation with: the same role, another person.
    pub(super) fn like(invitation: &InvitationView) -> Self {
        Self {
            role: invitation.role,
            ..Self::default()
        }
    }

    /// How many people are invited.
    pub(super) const fn people(&self) -> u32 {
        self.people
    }

    pub(super) fn to_engine(&self) -> InvitationOptions {
        let label = self.label.trim().to_owned();
        InvitationOptions {
            role: self.role,
            max_uses: self.people,
            lifetime: self.lifetime.duration(),
            label,
            ..InvitationOptions::default()
        }
    }
}

/// The options, to be chosen.
pub(super) fn view(ui: &mut Ui, id: Id, options: &mut Options, own: Role, entered: Entered) -> Option<Intent> {
    // A role can have changed since the dialog was opened.
    options.role = options.role.min(own);
    let first = choices(ui, id, options, own);
    entered.focus(&first);
    let enter = first.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    explanation(ui, options);
    let (_, clicked) = footer(
        ui,
        |_| (),
        |ui| {
            let create = ui
                .add(Button::new(Kind::Primary, text::CREATE_CODE).icon(Icon::Ticket))
                .clicked();
            let cancel = ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked();
            if create || enter {
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
    ui.add_enabled_ui(false, |ui| choices(ui, id, &mut options.clone(), own));
    explanation(ui, options);
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

fn choices(ui: &mut Ui, id: Id, options: &mut Options, own: Role) -> egui::Response {
    let t = tokens(ui);
    let first = whom_and_how_many(ui, id, options);
    // The limit is in bytes, the field counts characters.
    while options.label.len() > MAX_LABEL {
        options.label.pop();
    }
    ui.add_space(space::S);
    label(ui, Type::SmallStrong, t.text, text::THEY_JOIN_AS);
    let roles: Vec<_> = [Role::Reader, Role::Editor, Role::Admin]
        .into_iter()
        .filter(|role| *role <= own)
        .map(|role| (role, text::role(role)))
        .collect();
    segmented(ui, text::THEY_JOIN_AS, &mut options.role, &roles);
    label(ui, Type::Small, t.muted, text::role_means(options.role));
    ui.add_space(space::XS);
    label(ui, Type::SmallStrong, t.text, text::CODE_WORKS_FOR);
    segmented(
        ui,
        text::CODE_WORKS_FOR,
        &mut options.lifetime,
        &[
            (Lifetime::TenMinutes, text::TEN_MINUTES),
            (Lifetime::Hour, text::ONE_HOUR),
            (Lifetime::Day, text::ONE_DAY),
            (Lifetime::Week, text::ONE_WEEK),
        ],
    );
    first
}

/// The label, and beside it the number of people.
fn whom_and_how_many(ui: &mut Ui, id: Id, options: &mut Options) -> egui::Response {
    const NUMBER: f32 = 152.0;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let width = ui.available_width() - NUMBER - space::M;
        let label = ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
            field(ui, text::FOR_WHOM, |ui| {
                ui.add(
                    line_edit(&mut options.label, text::FOR_WHOM_HINT)
                        .id(id.with("label"))
                        .char_limit(MAX_LABEL),
                )
            })
        });
        ui.vertical(|ui| {
            let names = Names {
                number: text::HOW_MANY,
                fewer: text::FEWER,
                more: text::MORE,
            };
            stepper(ui, names, &mut options.people, 1..=MAX_USES);
        });
        label.inner
    })
    .inner
}

fn explanation(ui: &mut Ui, options: &Options) {
    ui.add_space(space::S);
    let sentence = text::invite_explained(options.people);
    banner(ui, Tone::Plain, Icon::ShieldCheck, &sentence);
}
