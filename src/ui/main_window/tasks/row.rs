//! One task.

use egui::accesskit::Role;
use egui::{
    Align, CursorIcon, Id, Key, Layout, Modifiers, Rect, Response, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, vec2,
};
use lucide_icons::Icon;

use super::{MAX_TITLE, TaskList, due};
use crate::identity::IdentityId;
use crate::party::{PartyId, Task, TaskId};
use crate::time::Day;
use crate::ui::calendar;
use crate::ui::fonts::Type;
use crate::ui::main_window::in_place::{InPlace, Left};
use crate::ui::main_window::{may_write, member_name};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::{radius, space};
use crate::ui::widgets::{
    Item, Mark, Tile, Tone, avatar, checkbox, focus_ring, icon_button, menu, paint_icon, rich, right, tokens,
};
use crate::worker::PartyView;

/// What was done to a row.
pub(super) enum Done {
    Check,
    Assign(Option<IdentityId>),
    Due(Option<Day>),
    Edit,
    Title(String),
    Stop,
    Up,
    Down,
    History,
    Delete,
}

/// A title that is being changed.
pub(super) struct Editing {
    party: PartyId,
    task: TaskId,
    title: InPlace,
}

impl Editing {
    pub(super) fn of(party: PartyId, task: &Task) -> Self {
        Self {
            party,
            task: task.id,
            title: InPlace::of(&task.title),
        }
    }
}

impl TaskList {
    pub(super) fn row(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        party: &PartyView,
        task: &Task,
        scene: &Scene<'_>,
    ) -> Option<Done> {
        let writes = may_write(party);
        let t = tokens(ui);
        // The whole row can be dragged; what is in it takes the clicks.
        let body = ui.interact(rect, ui.scope_id().with(("row", task.id)), Sense::drag());
        if writes && body.drag_started() {
            self.dragged = Some(task.id);
        }
        let hovered = body.contains_pointer() && self.dragged.is_none_or(|dragged| dragged == task.id);
        if hovered || self.dragged == Some(task.id) {
            let inside = rect.shrink2(vec2(4.0, 3.0));
            ui.painter()
                .rect_filled(inside, radius::CONTROL, t.hover.gamma_multiply(0.6));
        }
        if hovered && writes {
            paint_icon(
                ui.painter(),
                rect.left_center() + vec2(9.0, 0.0),
                12.0,
                t.faint,
                Icon::GripVertical,
            );
        }
        let layout = Layout::left_to_right(Align::Center);
        let inside = UiBuilder::new()
            .id_salt(task.id)
            .max_rect(rect.shrink2(vec2(16.0, 0.0)))
            .layout(layout);
        let mut child = ui.new_child(inside);
        if let Some(editing) = &mut self.editing
            && editing.party == party.id
            && editing.task == task.id
        {
            return edit(&mut child, editing);
        }
        self.contents(&mut child, party, task, scene)
    }

    fn contents(&mut self, ui: &mut Ui, party: &PartyView, task: &Task, scene: &Scene<'_>) -> Option<Done> {
        let writes = may_write(party);
        let checked = ui
            .add_enabled_ui(writes, |ui| checkbox(ui, Mark::from(task.done), &task.title))
            .inner;
        ui.add_space(space::XS);
        let mut done = checked.clicked().then_some(Done::Check);
        if writes && checked.has_focus() {
            let key = |key| ui.input_mut(|input| input.consume_key(Modifiers::ALT, key));
            if key(Key::ArrowUp) {
                done = Some(Done::Up);
            } else if key(Key::ArrowDown) {
                done = Some(Done::Down);
            }
        }
        right(ui, |ui| {
            if writes {
                done = done.take().or(more(ui, &task.title));
            }
            done = done.take().or(assignee(ui, party, task));
            done = done.take().or(self.due(ui, party, task, scene));
            ui.add_space(space::XS);
            let title = ui
                .with_layout(Layout::left_to_right(Align::Center), |ui| title_label(ui, task))
                .inner;
            if writes && title.double_clicked() {
                done = Some(Done::Edit);
            }
        });
        done
    }

    fn due(&mut self, ui: &mut Ui, party: &PartyView, task: &Task, scene: &Scene<'_>) -> Option<Done> {
        let (today, date) = (scene.today(), task.due.and_then(calendar::date));
        if date.is_none() && (task.done || !may_write(party)) {
            return None;
        }
        let words = date.map(|date| text::due(date, today));
        let label = text::set_due(&task.title, words.as_deref());
        let pill = ui
            .add_enabled_ui(may_write(party), |ui| due::pill(ui, task, date, today, &label))
            .inner;
        due::menu(&pill, task.id, date, today, &mut self.month).map(Done::Due)
    }
}

fn more(ui: &mut Ui, title: &str) -> Option<Done> {
    let button = icon_button(ui, Icon::Ellipsis, &text::task_menu(title));
    let item = |icon, text, tone, action| Item {
        icon,
        text,
        tone,
        action,
    };
    menu(
        &button,
        vec![
            item(Icon::Pencil, text::EDIT_TASK, Tone::Plain, Done::Edit),
            item(Icon::History, text::HISTORY, Tone::Plain, Done::History),
            item(Icon::Trash2, text::DELETE_TASK, Tone::Bad, Done::Delete),
        ],
    )
}

/// Whose task it is, and the menu in which that is chosen.
fn assignee(ui: &mut Ui, party: &PartyView, task: &Task) -> Option<Done> {
    let t = tokens(ui);
    let name = task.assignee.map(|member| member_name(party, member));
    let label = text::assign(&task.title, name);
    let writes = may_write(party);
    let drawn = match (task.assignee, name) {
        (Some(member), Some(name)) => avatar(
            ui,
            24.0,
            Tile {
                id: member.as_bytes(),
                name,
            },
        ),
        _ => {
            let (rect, response) = ui.allocate_exact_size(Vec2::splat(24.0), Sense::hover());
            if writes {
                ui.painter()
                    .circle_stroke(rect.center(), 11.0, Stroke::new(1.0, t.border_strong));
                paint_icon(ui.painter(), rect.center(), 12.0, t.muted, Icon::UserPlus);
            }
            response
        }
    };
    if !writes {
        drawn.on_hover_text(&label);
        return None;
    }
    let button = ui.interact(drawn.rect, drawn.id.with("assign"), Sense::click());
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    if button.has_focus() {
        focus_ring(ui, drawn.rect, 12);
    }
    let button = button.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(&label);
    let mut items: Vec<Item<'_, Done>> = party
        .members
        .iter()
        .map(|member| {
            let chosen = task.assignee == Some(member.identity);
            Item {
                icon: if chosen { Icon::Check } else { Icon::User },
                text: member.name.as_deref().unwrap_or(text::UNNAMED),
                tone: Tone::Plain,
                action: Done::Assign(Some(member.identity)),
            }
        })
        .collect();
    items.push(Item {
        icon: if task.assignee.is_none() {
            Icon::Check
        } else {
            Icon::UserX
        },
        text: text::NOBODY,
        tone: Tone::Plain,
        action: Done::Assign(None),
    });
    menu(&button, items)
}

fn title_label(ui: &mut Ui, task: &Task) -> Response {
    let t = tokens(ui);
    let mut words = rich(Type::Body, if task.done { t.muted } else { t.text }, &task.title);
    if task.done {
        words = words.strikethrough();
    }
    ui.add(egui::Label::new(words).truncate().sense(Sense::click()))
}

fn edit(ui: &mut Ui, editing: &mut Editing) -> Option<Done> {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::hover());
    paint_icon(ui.painter(), rect.center(), 16.0, t.muted, Icon::Pencil);
    let id = Id::unique(("edit task", ui.scope_id()));
    Some(match editing.title.view(ui, id, text::TASK_TITLE, MAX_TITLE)? {
        Left::With(title) => Done::Title(title),
        Left::Escaped => Done::Stop,
    })
}
