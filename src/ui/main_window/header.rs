//! The head of a party: who it is, how many are there, inviting, the tabs.

use egui::{Align, Frame as Panel, Layout, Margin, Stroke, Ui};
use lucide_icons::Icon;

use super::MainAction;
use super::tabs::{self, Tab};
use crate::party::Role;
use crate::ui::chooser::Purpose;
use crate::ui::fonts::Type;
use crate::ui::model::Model;
use crate::ui::small_dialogs::Question;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Item, Kind, State, Tile, Tone, icon, icon_button, label, label_truncated, lines, menu, right, row, tile,
    tokens,
};
use crate::worker::{PartyView, Presence};

/// Height in points: title row and tabs.
const HEIGHT: f32 = 116.0;

/// What was clicked in the head.
pub(super) enum Clicked {
    ToggleMembers,
    Tab(Tab),
    Action(MainAction),
}

pub(super) fn view(ui: &mut Ui, party: &PartyView, model: &Model, shown: Tab) -> Option<Clicked> {
    let t = tokens(ui);
    let margin = Margin {
        left: 24,
        right: 24,
        top: 16,
        bottom: 0,
    };
    egui::Panel::top("header")
        .exact_size(HEIGHT)
        .resizable(false)
        .show_separator_line(false)
        .frame(Panel::new().fill(t.bg).inner_margin(margin))
        .show(ui, |ui| {
            let full = ui.max_rect();
            let line = full.left() - 24.0..=full.right() + 24.0;
            ui.painter()
                .hline(line, full.bottom() - 0.5, Stroke::new(1.0, t.border));
            ui.spacing_mut().item_spacing.y = 0.0;
            let clicked = title_row(ui, party);
            ui.add_space(space::M);
            let tab = tabs::view(ui, party, model, shown).or(tabs::by_key(ui, party, model));
            clicked.or(tab.map(Clicked::Tab))
        })
        .inner
}

fn title_row(ui: &mut Ui, party: &PartyView) -> Option<Clicked> {
    row(ui, 48.0, |ui| {
        tile(
            ui,
            40.0,
            Tile {
                id: party.id.as_bytes(),
                name: &party.name,
            },
        );
        ui.add_space(space::XS);
        right(ui, |ui| {
            let invite = invite_button(ui, party);
            let toggle = icon_button(ui, Icon::Users, text::TOGGLE_MEMBERS).clicked();
            let more = party_menu(ui, party);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                lines(ui, 46.0, |ui| name_lines(ui, party));
            });
            let action = invite.or(more).map(Clicked::Action);
            action.or(toggle.then_some(Clicked::ToggleMembers))
        })
    })
}

fn name_lines(ui: &mut Ui, party: &PartyView) {
    let t = tokens(ui);
    label_truncated(ui, Type::Title, t.text, &party.name);
    row(ui, 18.0, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let online = party
            .members
            .iter()
            .filter(|member| !matches!(member.presence, Presence::Offline(_)))
            .count();
        label(
            ui,
            Type::Small,
            t.muted,
            text::party_summary(party.members.len(), online),
        );
        if ui.available_width() > 190.0 {
            ui.add_space(space::XS);
            icon(ui, 12.0, t.success, Icon::Lock);
            label_truncated(ui, Type::Small, t.muted, text::ENCRYPTED);
        }
    });
}

fn invite_button(ui: &mut Ui, party: &PartyView) -> Option<MainAction> {
    let allowed = party.role.is_some_and(|role| role >= Role::Admin);
    let button = Button::new(Kind::Primary, text::INVITE)
        .icon(Icon::UserPlus)
        .state(State::from(allowed));
    let response = ui.add(button);
    let response = if allowed {
        response
    } else {
        response.on_hover_text(text::MAY_NOT_INVITE)
    };
    response.clicked().then_some(MainAction::Invite(party.id))
}

fn party_menu(ui: &mut Ui, party: &PartyView) -> Option<MainAction> {
    let button = icon_button(ui, Icon::Ellipsis, text::PARTY_MENU);
    let id = party.id;
    let item = |icon, text, action| Item {
        icon,
        text,
        tone: Tone::Plain,
        action,
    };
    let mut items = Vec::new();
    if party.role.is_some_and(|role| role >= Role::Admin) {
        items.push(item(Icon::Pencil, text::RENAME_PARTY, MainAction::Rename(id)));
    }
    items.push(item(Icon::ArchiveRestore, text::DELETED, MainAction::ShowDeleted(id)));
    let export = MainAction::Choose(Purpose::Export(id));
    items.push(item(Icon::FolderOutput, text::EXPORT_PARTY, export));
    let import = MainAction::Choose(Purpose::Import);
    items.push(item(Icon::FolderInput, text::IMPORT_PARTY, import));
    items.push(item(Icon::Keyboard, text::SHORTCUTS, MainAction::ShowShortcuts));
    if party.role.is_some() {
        let name = party.name.clone();
        let leave = MainAction::Ask(Question::Leave { party: id, name });
        items.push(Item {
            tone: Tone::Bad,
            ..item(Icon::LogOut, text::LEAVE_PARTY, leave)
        });
    }
    menu(&button, items)
}
