//! The list of notes.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, CursorIcon, Response, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::Notes;
use crate::party::{Note, NoteId};
use crate::ui::fonts::Type;
use crate::ui::main_window::{MainAction, empty, first_name, may_write, member_name};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::{radius, space};
use crate::ui::widgets::{Button, Kind, focus_ring, tokens};
use crate::worker::{Command, PartyView};

/// Height of a row, in points.
const ROW: f32 = 74.0;

impl Notes {
    pub(super) fn list(
        &mut self,
        ui: &mut Ui,
        party: &PartyView,
        chosen: Option<NoteId>,
        scene: &Scene<'_>,
        out: &mut Vec<MainAction>,
    ) {
        ui.spacing_mut().item_spacing.y = 0.0;
        if may_write(party) {
            let button = Button::new(Kind::Secondary, text::NEW_NOTE).icon(Icon::Plus).full();
            if ui.add(button).clicked() {
                let request = scene.frame.requests.next();
                self.adding.insert(request);
                let title = text::UNTITLED.to_owned();
                let command = Command::AddNote { party: party.id, title };
                out.push(MainAction::Send(request, command));
            }
            ui.add_space(space::M);
        }
        if party.notes.is_empty() {
            if ui.available_width() > 300.0 {
                ui.add_space(48.0);
                empty(ui, Icon::StickyNote, text::NO_NOTES, text::NO_NOTES_MEANS);
            }
            return;
        }
        let area = ScrollArea::vertical()
            .id_salt(("notes", party.id))
            .auto_shrink([false, false]);
        area.show_rows(ui, ROW, party.notes.len(), |ui, rows| {
            for note in party.notes.iter().skip(rows.start).take(rows.len()) {
                let response = ui.push_id(note.id, |ui| row(ui, party, note, chosen, scene)).inner;
                if response.clicked() {
                    self.chosen.insert(party.id, note.id);
                }
            }
        });
    }
}

fn row(ui: &mut Ui, party: &PartyView, note: &Note, chosen: Option<NoteId>, scene: &Scene<'_>) -> Response {
    let (t, chosen) = (tokens(ui), chosen == Some(note.id));
    let (outer, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &note.title));
    let rect = outer.with_max_y(outer.bottom() - 2.0);
    let fill = match (chosen, response.hovered()) {
        (true, _) => t.active,
        (false, true) => t.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, radius::ROW, fill);
    let left = rect.left() + 12.0;
    let line = |y: f32, words: &str, kind: Type, color: Color32| {
        let mut job = LayoutJob::simple_singleline(words.to_owned(), kind.font(), color);
        job.wrap = TextWrapping::truncate_at_width(rect.width() - 24.0);
        let galley = ui.painter().layout_job(job);
        ui.painter().galley(pos2(left, rect.top() + y), galley, color);
    };
    let when = text::some_days_ago(scene.calendar.date(note.changed), scene.today());
    let by = text::changed_by(first_name(member_name(party, note.changed_by)), &when);
    line(9.0, &note.title, Type::Strong, t.text);
    line(
        28.0,
        if note.excerpt.is_empty() { " " } else { &note.excerpt },
        Type::Small,
        t.muted,
    );
    line(47.0, &by, Type::Small, t.muted);
    if response.has_focus() {
        focus_ring(ui, rect.shrink(2.0), radius::CONTROL);
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}
