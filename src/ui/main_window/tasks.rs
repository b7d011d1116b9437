//! The task list: only the rows that can be seen are drawn, so ten thousand are as quick as ten.

mod due;
mod row;
mod undo;

use std::collections::BTreeMap;
use std::ops::Range;

use egui::{Align2, Key, Margin, Modifiers, Rect, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, Ui, pos2, vec2};
use jiff::civil::Date;
use lucide_icons::Icon;

use self::row::{Done, Editing};
use self::undo::{Step, Undo};
use super::{MainAction, empty, may_write, reorder};
use crate::party::{ItemId, PartyId, Task, TaskId};
use crate::ui::fonts;
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::{height, radius, space};
use crate::ui::widgets::tokens;
use crate::worker::{Command, Event, PartyView, RequestId};

/// Height of a row, in points.
const ROW: f32 = 48.0;
/// The longest title, in bytes.
const MAX_TITLE: usize = 1024;

/// What is half typed or half dragged. The tasks themselves are in the model.
#[derive(Default)]
pub(super) struct TaskList {
    new: String,
    /// Titles on their way: put back into the field if they are refused.
    adding: BTreeMap<RequestId, (PartyId, String)>,
    editing: Option<Editing>,
    /// The month that is shown while a day is chosen, and for which task.
    month: Option<(TaskId, Date)>,
    dragged: Option<TaskId>,
    revealed: Option<TaskId>,
    undo: Undo,
}

impl TaskList {
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::TaskAdded { request, task } => {
                if let Some((party, _)) = self.adding.remove(request) {
                    let item = ItemId::Task(*task);
                    self.undo.did(Step {
                        party,
                        back: Command::DeleteItem { party, item },
                        forth: Command::RestoreItem { party, item },
                    });
                }
            }
            Event::Failed {
                request: Some(request), ..
            } => {
                if let Some((_, title)) = self.adding.remove(request)
                    && self.new.is_empty()
                {
                    self.new = title;
                }
            }
            _ => {}
        }
    }

    /// Scrolls to a task when the list is drawn next.
    pub(super) const fn reveal(&mut self, task: TaskId) {
        self.revealed = Some(task);
    }

    pub(super) fn view(&mut self, ui: &mut Ui, party: &PartyView, scene: &Scene<'_>, out: &mut Vec<MainAction>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        if may_write(party) {
            out.extend(self.add_field(ui, party.id, scene));
            out.extend(self.undo_keys(ui, party.id, scene));
            ui.add_space(space::L);
        }
        if party.tasks.is_empty() {
            ui.add_space(64.0);
            empty(ui, Icon::ListTodo, text::NO_TASKS, text::NO_TASKS_MEANS);
            return;
        }
        let mut area = ScrollArea::vertical()
            .id_salt(("tasks", party.id))
            .auto_shrink([false, false]);
        if let Some(task) = self.revealed.take()
            && let Some(index) = party.tasks.iter().position(|other| other.id == task)
        {
            area = area.vertical_scroll_offset((index as f32 - 2.0).max(0.0) * ROW);
        }
        area.show_rows(ui, ROW, party.tasks.len(), |ui, rows| {
            self.rows(ui, party, rows, scene, out);
        });
    }

    fn add_field(&mut self, ui: &mut Ui, party: PartyId, scene: &Scene<'_>) -> Option<MainAction> {
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
        let request = scene.frame.requests.next();
        self.adding.insert(request, (party, title.clone()));
        Some(MainAction::Send(request, Command::AddTask { party, title }))
    }

    /// Ctrl+Z and Ctrl+Shift+Z, unless a text has the keyboard: then they are its own.
    fn undo_keys(&mut self, ui: &Ui, party: PartyId, scene: &Scene<'_>) -> Option<MainAction> {
        if ui.ctx().text_edit_focused() {
            return None;
        }
        let redo = Modifiers::COMMAND | Modifiers::SHIFT;
        let command = if ui.input_mut(|input| input.consume_key(redo, Key::Z)) {
            self.undo.redo(party)
        } else if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Z)) {
            self.undo.undo(party)
        } else {
            None
        };
        command.map(|command| scene.send(command))
    }

    fn rows(
        &mut self,
        ui: &mut Ui,
        party: &PartyView,
        rows: Range<usize>,
        scene: &Scene<'_>,
        out: &mut Vec<MainAction>,
    ) {
        let t = tokens(ui);
        // One card around all rows, most of it outside of what can be seen.
        let top = ui.max_rect().top() - rows.start as f32 * ROW;
        let size = vec2(ui.available_width(), party.tasks.len() as f32 * ROW);
        let card = Rect::from_min_size(pos2(ui.max_rect().left(), top), size);
        let stroke = Stroke::new(1.0, t.border);
        ui.painter()
            .rect(card, radius::CARD, t.surface, stroke, StrokeKind::Inside);
        for (index, task) in party.tasks.iter().enumerate().skip(rows.start).take(rows.len()) {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
            if index + 1 < party.tasks.len() {
                let line = rect.left() + 16.0..=rect.right() - 16.0;
                ui.painter().hline(line, rect.bottom() - 0.5, stroke);
            }
            let done = self.row(ui, rect, party, task, scene);
            if let Some(done) = done {
                out.extend(self.carry_out(done, party, index, task, scene));
            }
        }
        if let Some(moved) = self.drag(ui, party, card) {
            out.extend(moved.and_then(|(index, after)| self.go_behind(party, index, after, scene)));
        }
    }

    /// Follows a drag; tells when it has ended, and where the row was dropped if that is elsewhere.
    fn drag(&mut self, ui: &Ui, party: &PartyView, card: Rect) -> Option<Option<(usize, Option<TaskId>)>> {
        let dragged = self.dragged?;
        let Some(index) = party.tasks.iter().position(|task| task.id == dragged) else {
            self.dragged = None;
            return None;
        };
        let pointer = ui.input(|input| input.pointer.interact_pos());
        let gap = pointer.map_or(index, |at| reorder::gap(at.y, card.top(), ROW, party.tasks.len()));
        let target = reorder::target(index, gap, |at| party.tasks.get(at).map(|task| task.id));
        if ui.input(|input| input.pointer.any_down()) {
            if target.is_some() {
                reorder::drop_line(
                    ui,
                    card.left() + 12.0,
                    card.right() - 12.0,
                    card.top() + gap as f32 * ROW,
                );
            }
            if let Some(at) = pointer {
                reorder::scroll_at_edge(ui, ui.clip_rect(), at.y);
            }
            return None;
        }
        self.dragged = None;
        Some(target.map(|after| (index, after)))
    }

    fn go_behind(
        &mut self,
        party: &PartyView,
        index: usize,
        after: Option<TaskId>,
        scene: &Scene<'_>,
    ) -> Option<MainAction> {
        let at = |index: usize| party.tasks.get(index).map(|task| task.id);
        let (task, before) = (at(index)?, index.checked_sub(1).and_then(at));
        let go = |after| Command::MoveTask {
            party: party.id,
            task,
            after,
        };
        Some(scene.send(self.undo.step(party.id, go(after), go(before))))
    }

    fn carry_out(
        &mut self,
        done: Done,
        party: &PartyView,
        index: usize,
        view: &Task,
        scene: &Scene<'_>,
    ) -> Option<MainAction> {
        let (id, task) = (party.id, view.id);
        let item = ItemId::Task(task);
        let (forth, back) = match done {
            Done::Check => {
                let set = |done| Command::SetTaskDone { party: id, task, done };
                (set(!view.done), set(view.done))
            }
            Done::Assign(member) => {
                let set = |member| Command::AssignTask {
                    party: id,
                    task,
                    member,
                };
                (set(member), set(view.assignee))
            }
            Done::Due(due) => {
                let set = |due| Command::SetTaskDue { party: id, task, due };
                (set(due), set(view.due))
            }
            Done::Delete => (
                Command::DeleteItem { party: id, item },
                Command::RestoreItem { party: id, item },
            ),
            Done::Title(title) => {
                self.editing = None;
                if title.is_empty() || title == view.title {
                    return None;
                }
                let set = |title| Command::RetitleTask { party: id, task, title };
                (set(title), set(view.title.clone()))
            }
            Done::Up => {
                let after = index.checked_sub(2).and_then(|at| party.tasks.get(at));
                let moves = index > 0;
                return moves.then(|| self.go_behind(party, index, after.map(|task| task.id), scene))?;
            }
            Done::Down => {
                let after = party.tasks.get(index + 1)?.id;
                return self.go_behind(party, index, Some(after), scene);
            }
            Done::Edit => {
                self.editing = Some(Editing::of(id, view));
                return None;
            }
            Done::Stop => {
                self.editing = None;
                return None;
            }
            Done::History => return Some(MainAction::ShowHistory(id, item, view.title.clone())),
        };
        Some(scene.send(self.undo.step(id, forth, back)))
    }
}
