//! The tabs of a party.

use egui::accesskit::Role;
use egui::{Color32, CursorIcon, Key, Modifiers, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::invitations;
use crate::party::ItemId;
use crate::ui::fonts::Type;
use crate::ui::model::Model;
use crate::ui::text;
use crate::ui::theme::radius;
use crate::ui::widgets::{focus_ring, paint_icon, tokens};
use crate::worker::PartyView;

/// The kinds of things that a party holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tab {
    #[default]
    Tasks,
    Notes,
    Messages,
    Files,
    Invitations,
}

impl Tab {
    /// In the order in which they stand.
    const ALL: [Self; 5] = [Self::Tasks, Self::Notes, Self::Messages, Self::Files, Self::Invitations];

    /// Where a thing is found.
    pub(crate) const fn of(item: ItemId) -> Self {
        match item {
            ItemId::Task(_) => Self::Tasks,
            ItemId::Note(_) => Self::Notes,
            ItemId::Message(_) => Self::Messages,
            ItemId::File(_) => Self::Files,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Tasks => text::TASKS,
            Self::Notes => text::NOTES,
            Self::Messages => text::MESSAGES,
            Self::Files => text::FILES,
            Self::Invitations => text::INVITATIONS,
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Tasks => Icon::ListTodo,
            Self::Notes => Icon::StickyNote,
            Self::Messages => Icon::MessagesSquare,
            Self::Files => Icon::Files,
            Self::Invitations => Icon::Ticket,
        }
    }

    fn count(self, party: &PartyView, model: &Model) -> usize {
        match self {
            Self::Tasks => party.tasks.iter().filter(|task| !task.done).count(),
            Self::Notes => party.notes.len(),
            Self::Messages => party.messages.len(),
            Self::Files => party.files.len(),
            Self::Invitations => invitations::count(party, model),
        }
    }
}

/// Narrower than this, tabs have no icons. In points.
const ROOM_FOR_ICONS: f32 = 600.0;

/// How much of a tab is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Icons,
    Words,
}

/// The row of tabs; gives the one that was clicked.
pub(super) fn view(ui: &mut Ui, party: &PartyView, model: &Model, shown: Tab) -> Option<Tab> {
    let mut clicked = None;
    let look = if ui.available_width() < ROOM_FOR_ICONS {
        Look::Words
    } else {
        Look::Icons
    };
    ui.horizontal(|ui| {
        // The first tab's text, not its padding, begins where the content does.
        ui.spacing_mut().item_spacing.x = if look == Look::Icons { 4.0 } else { 0.0 };
        for tab in offered(party, model) {
            if button(ui, tab, tab.count(party, model), shown, look).clicked() {
                clicked = Some(tab);
            }
        }
    });
    clicked
}

/// Those that are of use to this person.
fn offered(party: &PartyView, model: &Model) -> impl Iterator<Item = Tab> + use<> {
    let invitations = invitations::is_offered(party, model);
    Tab::ALL
        .into_iter()
        .filter(move |tab| *tab != Tab::Invitations || invitations)
}

/// Ctrl+1 to Ctrl+5.
pub(super) fn by_key(ui: &Ui, party: &PartyView, model: &Model) -> Option<Tab> {
    let keys = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];
    let mut pairs = keys.into_iter().zip(offered(party, model));
    pairs.find_map(|(key, tab)| {
        ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, key))
            .then_some(tab)
    })
}

fn button(ui: &mut Ui, tab: Tab, count: usize, shown: Tab, look: Look) -> Response {
    let (t, shown) = (tokens(ui), tab == shown);
    let color = if shown { t.text } else { t.muted };
    let layout = |text: String, kind: Type, color: Color32| ui.painter().layout_no_wrap(text, kind.font(), color);
    let name = layout(tab.name().to_owned(), Type::Strong, color);
    let number = layout(count.to_string(), Type::Small, t.muted);
    let icon = if look == Look::Icons { 24.0 } else { 0.0 };
    let padding = if look == Look::Icons { 20.0 } else { 14.0 };
    let width = icon + name.size().x + 6.0 + number.size().x;
    let (outer, response) = ui.allocate_exact_size(vec2(width + padding, 40.0), Sense::click());
    let label = format!("{} ({count})", tab.name());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, shown, &label));
    let body = Rect::from_min_max(outer.min, pos2(outer.right(), outer.bottom() - 6.0));
    if response.hovered() && !shown {
        ui.painter().rect_filled(body, radius::CONTROL, t.hover);
    }
    let middle = body.center().y;
    let symbol = if shown { t.accent_text } else { color };
    let mut left = outer.left() + if tab == Tab::Tasks { 0.0 } else { padding / 2.0 };
    let begin = left;
    if look == Look::Icons {
        paint_icon(ui.painter(), pos2(left + 8.0, middle), 16.0, symbol, tab.icon());
    }
    left += icon;
    for (galley, color) in [(name, color), (number, t.muted)] {
        let size = galley.size();
        ui.painter().galley(pos2(left, middle - size.y / 2.0), galley, color);
        left += size.x + 6.0;
    }
    if shown {
        let line = Rect::from_min_max(pos2(begin, outer.bottom() - 2.0), pos2(begin + width, outer.bottom()));
        ui.painter().rect_filled(line, 1, t.accent);
    }
    if response.has_focus() {
        focus_ring(ui, body.shrink(2.0), radius::CONTROL);
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}
