//! The head of a party: who it is, how many are there, inviting, the tabs.

use egui::accesskit::Role as Access;
use egui::{Align, Color32, Frame as Panel, Layout, Margin, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::MainAction;
use crate::party::Role;
use crate::ui::fonts::Type;
use crate::ui::small_dialogs::Question;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Item, Kind, State, Tile, Tone, icon, icon_button, label, label_truncated, lines, menu, paint_icon, right,
    row, tile, tokens,
};
use crate::worker::{PartyView, Presence};

/// Height in points: title row and tabs.
const HEIGHT: f32 = 116.0;

/// What was clicked in the head.
pub(super) enum Clicked {
    ToggleMembers,
    Action(MainAction),
}

pub(super) fn view(ui: &mut Ui, party: &PartyView) -> Option<Clicked> {
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
            tab(ui, party.tasks.iter().filter(|task| !task.done).count());
            clicked
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
            let more = party.role.and_then(|role| party_menu(ui, party, role));
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

fn party_menu(ui: &mut Ui, party: &PartyView, role: Role) -> Option<MainAction> {
    let button = icon_button(ui, Icon::Ellipsis, text::PARTY_MENU);
    let mut items = Vec::new();
    if role >= Role::Admin {
        let action = MainAction::Rename(party.id);
        items.push(Item {
            icon: Icon::Pencil,
            text: text::RENAME_PARTY,
            tone: Tone::Plain,
            action,
        });
    }
    let leave = Question::Leave {
        party: party.id,
        name: party.name.clone(),
    };
    let action = MainAction::Ask(leave);
    items.push(Item {
        icon: Icon::LogOut,
        text: text::LEAVE_PARTY,
        tone: Tone::Bad,
        action,
    });
    menu(&button, items)
}

/// The one tab there is.
fn tab(ui: &mut Ui, open: usize) {
    let t = tokens(ui);
    let layout = |text: String, kind: Type, color: Color32| ui.painter().layout_no_wrap(text, kind.font(), color);
    let name = layout(text::TASKS.to_owned(), Type::Strong, t.text);
    let count = layout(open.to_string(), Type::Small, t.muted);
    let width = 24.0 + name.size().x + 6.0 + count.size().x;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 40.0), Sense::hover());
    response.widget_info(|| WidgetInfo::selected(Access::Tab, true, true, format!("{} ({open})", text::TASKS)));
    let middle = rect.center().y - 3.0;
    paint_icon(
        ui.painter(),
        pos2(rect.left() + 8.0, middle),
        16.0,
        t.accent_text,
        Icon::ListTodo,
    );
    let mut left = rect.left() + 24.0;
    for (galley, color) in [(name, t.text), (count, t.muted)] {
        let size = galley.size();
        ui.painter().galley(pos2(left, middle - size.y / 2.0), galley, color);
        left += size.x + 6.0;
    }
    let underline = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 2.0), rect.right_bottom());
    ui.painter().rect_filled(underline, 1, t.accent);
}
