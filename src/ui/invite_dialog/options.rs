//! First stage: whom, as what, for how long.

use std::time::Duration;

use egui::{Id, Ui};
use lucide_icons::Icon;

use super::Intent;
use crate::party::Role;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entered, Kind, State, Tone, banner, field, footer, label, line_edit, segmented, tokens,
};
use crate::worker::{InvitationOptions, InvitationView};

/// The longest private label, in bytes: what [`InvitationOptions`] allows.
const MAX_LABEL: usize = 64;

/// What the inviter has chosen so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    role: Role,
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

    pub(super) fn to_engine(&self) -> InvitationOptions {
        let label = self.label.trim().to_owned();
        InvitationOptions {
            role: self.role,
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
    explanation(ui);
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
    explanation(ui);
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
    let first = field(ui, text::FOR_WHOM, |ui| {
        ui.add(
            line_edit(&mut options.label, text::FOR_WHOM_HINT)
                .id(id.with("label"))
                .char_limit(MAX_LABEL),
        )
    });
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

fn explanation(ui: &mut Ui) {
    ui.add_space(space::S);
    banner(ui, Tone::Plain, Icon::ShieldCheck, text::INVITE_EXPLAINED);
}
