//! The task list: only the rows that can be seen are drawn, so ten thousand are as quick as ten.

use std::collections::BTreeMap;
use std::ops::Range;

use egui::{
    Align, Align2, Id, Key, Layout, Margin, Rect, Response, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, Ui,
    UiBuilder, pos2, vec2,
};
use lucide_icons::Icon;

use super::{MainAction, empty};
use crate::identity::IdentityId;
use crate::party::{ItemId, PartyId, Role, Task, TaskId};
use crate::ui::fonts::{self, Type};
use crate::ui::frame::Frame;
use crate::ui::text;
use crate::ui::theme::{height, radius, space};
use crate::ui::widgets::{
    Item, Mark, Tile, Tone, avatar, banner, checkbox, icon_button, line_edit, menu, paint_icon, rich, right, tokens,
};
use crate::worker::{Command, Event, PartyView, RequestId};

/// Height of a row, in points.
const ROW: f32 = 48.0;
/// The longest title, in bytes.
const MAX_TITLE: usize = 1024;

/// What is half typed. The tasks themselves are in the model.
#[derive(Default)]
pub(super) struct TaskList {
    new: String,
    /// Titles on their way: put back into the field if they are refused.
    adding: BTreeMap<RequestId, String>,
    editing: Option<Editing>,
}

/// A title that is being changed.
struct Editing {
    party: PartyId,
    task: TaskId,
    title: String,
    begun: Begun,
}

/// Whether the field has been given the keyboard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    Now,
    Before,
}

/// What was done to a row.
enum RowAction {
    Check,
    Edit,
    Delete,
    Save,
    Stop,
}

impl TaskList {
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::TaskAdded { request, .. } => {
                self.adding.remove(request);
            }
            Event::Failed {
                request: Some(request), ..
            } => {
                if let Some(title) = self.adding.remove(request)
                    && self.new.is_empty()
                {
                    self.new = title;
                }
            }
            _ => {}
        }
    }

    pub(super) fn view(&mut self, ui: &mut Ui, party: &PartyView, frame: &Frame<'_>) -> Option<MainAction> {
        ui.spacing_mut().item_spacing.y = 0.0;
        let added = match party.role {
            Some(role) if role >= Role::Editor => self.add_field(ui, party.id, frame),
            Some(_) => {
                banner(ui, Tone::Plain, Icon::Eye, text::READ_ONLY);
                None
            }
            None => None,
        };
        ui.add_space(space::L);
        if party.tasks.is_empty() {
            ui.add_space(64.0);
            empty(ui, Icon::ListTodo, text::NO_TASKS, text::NO_TASKS_MEANS);
            return added;
        }
        let area = ScrollArea::vertical()
            .id_salt(("tasks", party.id))
            .auto_shrink([false, false]);
        let shown = area.show_rows(ui, ROW, party.tasks.len(), |ui, rows| self.rows(ui, party, rows, frame));
        added.or(shown.inner)
    }

    fn add_field(&mut self, ui: &mut Ui, party: PartyId, frame: &Frame<'_>) -> Option<MainAction> {
        let t = tokens(ui);
        let plus = egui::RichText::new(char::from(Icon::Plus).to_string())
            .font(fonts::icons(16.0))
            .color(t.muted);
        let response = ui
            .scope(|ui| {
                ui.visuals_mut().widgets.inactive.bg_stroke.color = t.outline;
                ui.add(
                    TextEdit::singleline(&mut self.new)
                        .hint_text(text::ADD_TASK)
                        .margin(Margin::symmetric(14, 10))
                        .desired_width(f32::INFINITY)
                        .min_size(vec2(0.0, height::BIG))
                        .align(Align2::LEFT_CENTER)
                        .char_limit(MAX_TITLE)
                        .prefix(plus),
                )
            })
            .inner;
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_label(text::NEW_TASK));
        let title = self.new.trim().to_owned();
        if !(response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))) || title.is_empty() {
            return None;
        }
        // The next one is typed right away.
        response.request_focus();
        self.new.clear();
        let request = frame.requests.next();
        self.adding.insert(request, title.clone());
        Some(MainAction::Send(request, Command::AddTask { party, title }))
    }

    fn rows(&mut self, ui: &mut Ui, party: &PartyView, rows: Range<usize>, frame: &Frame<'_>) -> Option<MainAction> {
        let t = tokens(ui);
        // One card around all rows, most of it outside of what can be seen.
        let top = ui.max_rect().top() - rows.start as f32 * ROW;
        let size = vec2(ui.available_width(), party.tasks.len() as f32 * ROW);
        let card = Rect::from_min_size(pos2(ui.max_rect().left(), top), size);
        ui.painter().rect(
            card,
            radius::CARD,
            t.surface,
            Stroke::new(1.0, t.border),
            StrokeKind::Inside,
        );
        let mut action = None;
        for (index, task) in party.tasks.iter().enumerate().skip(rows.start).take(rows.len()) {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
            if index + 1 < party.tasks.len() {
                let line = rect.left() + 16.0..=rect.right() - 16.0;
                ui.painter()
                    .hline(line, rect.bottom() - 0.5, Stroke::new(1.0, t.border));
            }
            let inside = rect.shrink2(vec2(16.0, 0.0));
            let layout = Layout::left_to_right(Align::Center);
            let mut child = ui.new_child(UiBuilder::new().id_salt(task.id).max_rect(inside).layout(layout));
            if let Some(done) = self.row(&mut child, party, task) {
                action = action.or(self.carry_out(done, party.id, task, frame));
            }
        }
        action
    }

    fn row(&mut self, ui: &mut Ui, party: &PartyView, task: &Task) -> Option<RowAction> {
        let may_write = party.role.is_some_and(|role| role >= Role::Editor);
        let editing = self
            .editing
            .as_mut()
            .filter(|editing| editing.party == party.id && editing.task == task.id);
        if let Some(editing) = editing {
            return edit_row(ui, editing);
        }
        let checked = ui
            .add_enabled_ui(may_write, |ui| checkbox(ui, Mark::from(task.done), &task.title))
            .inner;
        ui.add_space(space::XS);
        let mut action = checked.clicked().then_some(RowAction::Check);
        right(ui, |ui| {
            if may_write {
                let button = icon_button(ui, Icon::Ellipsis, &text::task_menu(&task.title));
                let items = vec![
                    Item {
                        icon: Icon::Pencil,
                        text: text::EDIT_TASK,
                        tone: Tone::Plain,
                        action: RowAction::Edit,
                    },
                    Item {
                        icon: Icon::Trash2,
                        text: text::DELETE_TASK,
                        tone: Tone::Bad,
                        action: RowAction::Delete,
                    },
                ];
                action = action.take().or(menu(&button, items));
            }
            let author = author_name(party, task.author);
            avatar(
                ui,
                24.0,
                Tile {
                    id: task.author.as_bytes(),
                    name: author,
                },
            )
            .on_hover_text(text::added_by(author));
            ui.add_space(space::XS);
            let title = ui
                .with_layout(Layout::left_to_right(Align::Center), |ui| title_label(ui, task))
                .inner;
            if may_write && title.double_clicked() {
                action = Some(RowAction::Edit);
            }
        });
        action
    }

    fn carry_out(&mut self, done: RowAction, party: PartyId, view: &Task, frame: &Frame<'_>) -> Option<MainAction> {
        let task = view.id;
        let command = match done {
            RowAction::Check => Command::SetTaskDone {
                party,
                task,
                done: !view.done,
            },
            RowAction::Delete => Command::DeleteItem {
                party,
                item: ItemId::Task(task),
            },
            RowAction::Edit => {
                self.editing = Some(Editing {
                    party,
                    task,
                    title: view.title.clone(),
                    begun: Begun::Now,
                });
                return None;
            }
            RowAction::Stop => {
                self.editing = None;
                return None;
            }
            RowAction::Save => {
                let title = self.editing.take()?.title.trim().to_owned();
                if title.is_empty() || title == view.title {
                    return None;
                }
                Command::RetitleTask { party, task, title }
            }
        };
        Some(MainAction::Send(frame.requests.next(), command))
    }
}

/// A name, or what stands for it.
fn author_name(party: &PartyView, author: IdentityId) -> &str {
    let member = party.members.iter().find(|member| member.identity == author);
    member
        .and_then(|member| member.name.as_deref())
        .unwrap_or(text::UNNAMED)
}

fn title_label(ui: &mut Ui, task: &Task) -> Response {
    let t = tokens(ui);
    let mut words = rich(Type::Body, if task.done { t.muted } else { t.text }, &task.title);
    if task.done {
        words = words.strikethrough();
    }
    ui.add(egui::Label::new(words).truncate().sense(Sense::click()))
}

/// Enter and leaving the field save, Esc does not.
fn edit_row(ui: &mut Ui, editing: &mut Editing) -> Option<RowAction> {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::hover());
    paint_icon(ui.painter(), rect.center(), 16.0, t.muted, Icon::Pencil);
    let id = Id::unique(("edit task", ui.scope_id()));
    let response = ui.add(line_edit(&mut editing.title, "").id(id).char_limit(MAX_TITLE));
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(text::TASK_TITLE));
    if editing.begun == Begun::Now {
        response.request_focus();
        editing.begun = Begun::Before;
        return None;
    }
    let escaped = ui.input(|input| input.key_pressed(Key::Escape));
    response
        .lost_focus()
        .then_some(if escaped { RowAction::Stop } else { RowAction::Save })
}
