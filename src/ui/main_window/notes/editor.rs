//! One open note: its title, its text, the buttons above it, and who else is in it.

mod head;
mod style;

use std::time::Duration;

use egui::text::{CCursor, CCursorRange, LayoutJob};
use egui::text_edit::TextEditState;
use egui::{Frame as Panel, Id, Key, Margin, Modifiers, ScrollArea, TextBuffer, TextEdit, Ui};
use operational_transform::OperationSeq;

use self::style::Style;
use super::replica::{Heard, Replica, moved};
use super::{Key as NoteKey, Room, cursors, markdown};
use crate::party::Note;
use crate::time::Timestamp;
use crate::ui::main_window::{MainAction, may_write};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::tokens;
use crate::worker::{Command, CursorView, NoteText, PartyView, RequestId};

/// The own cursor is told at most this often.
const CURSOR: Duration = Duration::from_millis(100);

/// The editor has lost the thread: the note is opened again. What was typed and not confirmed, if anything.
pub(super) struct Lost(pub(super) Option<String>);

/// The person went back to the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left;

/// A note that is open.
pub(super) struct Editor {
    replica: Replica,
    /// What the text field edits: the replica's text, but for what was typed in this frame.
    text: String,
    /// Changes of others that the cursor has not followed yet.
    moves: Vec<OperationSeq>,
    /// Where the cursor goes with the next frame, in characters: from and to.
    select: Option<(usize, usize)>,
    /// Where others are, in the confirmed text.
    others: Vec<CursorView>,
    /// Where the own cursor was told to be, and when.
    told: Option<(Timestamp, Option<usize>)>,
    title: Option<head::Title>,
    laid_out: Option<(String, [u32; 2], LayoutJob)>,
}

impl Editor {
    pub(super) fn new(note: &NoteText) -> Self {
        Self {
            replica: Replica::new(note),
            text: note.text.clone(),
            moves: Vec::new(),
            select: None,
            others: Vec::new(),
            told: None,
            title: None,
            laid_out: None,
        }
    }

    pub(super) fn hear(&mut self, request: Option<RequestId>, revision: u64, change: &OperationSeq) -> Option<Lost> {
        for cursor in &mut self.others {
            cursor.at = moved(cursor.at, change);
        }
        match self.replica.hear(request, revision, change) {
            Heard::Own => {}
            Heard::Others(change) => {
                self.moves.push(change);
                self.text = self.replica.text().to_owned();
            }
            Heard::Lost => return Some(Lost(self.unsaved())),
        }
        None
    }

    pub(super) fn others_are_at(&mut self, revision: u64, cursors: &[CursorView]) {
        if revision == self.replica.revision() {
            self.others = cursors.to_vec();
        }
    }

    /// The engine did not take a change: what was lost by that.
    pub(super) fn refused(&mut self, request: RequestId) -> Option<String> {
        let lost = self.replica.refuse(request)?;
        self.text = self.replica.text().to_owned();
        (!lost.trim().is_empty()).then_some(lost)
    }

    /// The words that the engine does not have.
    pub(super) fn unsaved(&self) -> Option<String> {
        let words = self.replica.words();
        (!words.trim().is_empty()).then_some(words)
    }

    pub(super) const fn is_settled(&self) -> bool {
        self.replica.is_settled()
    }

    /// Sends what has waited long enough; tells how long it still has to wait, if it does.
    pub(super) fn send(
        &mut self,
        key: NoteKey,
        wait: Duration,
        scene: &Scene<'_>,
        out: &mut Vec<MainAction>,
    ) -> Option<Duration> {
        let waited = scene.now().since(self.replica.waiting_since()?);
        if waited < wait {
            return Some(wait - waited);
        }
        let sent = self.take(key, || scene.frame.requests.next());
        out.extend(sent.map(|(request, command)| MainAction::SendQuietly(request, command)));
        None
    }

    /// What is to be sent now.
    pub(super) fn take(
        &mut self,
        (party, note): NoteKey,
        mut request: impl FnMut() -> RequestId,
    ) -> Option<(RequestId, Command)> {
        self.replica.waiting_since()?;
        let request = request();
        let (revision, change) = self.replica.send(request)?;
        let command = Command::EditNote {
            party,
            note,
            revision,
            change,
        };
        Some((request, command))
    }

    pub(super) fn view(
        &mut self,
        ui: &mut Ui,
        party: &PartyView,
        note: &Note,
        room: Room,
        scene: &Scene<'_>,
        out: &mut Vec<MainAction>,
    ) -> Option<Left> {
        let [title, id] = ["note title", "note text"].map(|field| ui.scope_id().with((field, note.id)));
        let left = self.head(ui, title, (party, note), room, scene, out);
        let style = if may_write(party) { style::buttons(ui) } else { None };
        head::go_on(ui, title, id);
        ui.add_space(space::XS);
        self.follow(ui, id);
        let focused = ui.memory(|memory| memory.has_focus(id));
        if focused && may_write(party) {
            self.keys(ui, scene.now());
        }
        let style = style.or(if focused { style::by_key(ui) } else { None });
        if let Some(style) = style.filter(|_| may_write(party)) {
            self.style(ui, id, style, scene.now());
        }
        let area = ScrollArea::vertical().id_salt(id).auto_shrink([false, false]);
        area.show(ui, |ui| self.field(ui, id, party, scene));
        self.tell_cursor(ui, id, (party.id, note.id), scene, out);
        left
    }

    /// Undo and redo of this note: the field's own would take back what others wrote.
    fn keys(&mut self, ui: &Ui, now: Timestamp) {
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        let at = if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) || pressed(Modifiers::COMMAND, Key::Y) {
            self.replica.redo(now)
        } else if pressed(Modifiers::COMMAND, Key::Z) {
            self.replica.undo(now)
        } else {
            return;
        };
        if let Some(at) = at {
            self.text = self.replica.text().to_owned();
            self.select = Some((at, at));
        }
    }

    /// Brings the cursor to where it belongs after changes of others and own steps.
    fn follow(&mut self, ui: &Ui, id: Id) {
        let moves = std::mem::take(&mut self.moves);
        let select = self.select.take();
        let Some(mut state) = TextEditState::load(ui.ctx(), id) else {
            return;
        };
        if moves.is_empty() && select.is_none() {
            return;
        }
        let range = state.cursor.char_range();
        let follow = |at: usize| moves.iter().fold(at, moved);
        let range = match (select, range) {
            (Some((from, to)), _) => Some((from, to)),
            (None, Some(range)) => Some((follow(range.secondary.index.0), follow(range.primary.index.0))),
            (None, None) => None,
        };
        if let Some((from, to)) = range {
            let range = CCursorRange::two(CCursor::new(from), CCursor::new(to));
            state.cursor.set_char_range(Some(range));
            state.store(ui.ctx(), id);
        }
    }

    fn field(&mut self, ui: &mut Ui, id: Id, party: &PartyView, scene: &Scene<'_>) {
        let t = tokens(ui);
        let laid_out = &mut self.laid_out;
        let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, width: f32| {
            let key = [width.to_bits(), u32::from(ui.visuals().dark_mode)];
            let job = match laid_out {
                Some((text, of, job)) if text == buffer.as_str() && *of == key => job.clone(),
                _ => {
                    let job = markdown::layout(buffer.as_str(), t, width);
                    *laid_out = Some((buffer.as_str().to_owned(), key, job.clone()));
                    job
                }
            };
            ui.fonts_mut(|fonts| fonts.layout_job(job))
        };
        let frame = Panel::NONE.inner_margin(Margin {
            left: 0,
            right: 12,
            top: 12,
            bottom: 24,
        });
        let mut fixed = self.text.as_str();
        let buffer: &mut dyn TextBuffer = if may_write(party) { &mut self.text } else { &mut fixed };
        let height = ui.available_height();
        let mut shown = TextEdit::multiline(buffer)
            .id(id)
            .frame(frame)
            .hint_text(text::NOTE_HINT)
            .desired_width(f32::INFINITY)
            .min_size(egui::vec2(0.0, height))
            .lock_focus(true)
            .layouter(&mut layouter)
            .show(ui);
        ui.ctx()
            .accesskit_node_builder(id, |node| node.set_label(text::NOTE_TEXT));
        if shown.response.response.changed() {
            self.replica.typed(&self.text, scene.now());
        }
        // The field's own undo knows nothing of the changes of others.
        shown.state.clear_undoer();
        let others = self.others.iter().map(|cursor| CursorView {
            at: self.replica.shown_at(cursor.at),
            ..*cursor
        });
        cursors::paint(ui, party, &shown, others);
    }

    /// Tells the others where the own cursor is, when it rests and everything typed is with the engine.
    fn tell_cursor(&mut self, ui: &Ui, id: Id, key: NoteKey, scene: &Scene<'_>, out: &mut Vec<MainAction>) {
        let focused = ui.memory(|memory| memory.has_focus(id));
        let state = focused.then(|| TextEditState::load(ui.ctx(), id)).flatten();
        let at = state.and_then(|state| Some(state.cursor.char_range()?.primary.index.0));
        let (before, was) = self.told.map_or((None, None), |(when, at)| (Some(when), at));
        if at == was || !self.replica.is_settled() {
            return;
        }
        let since = before.map_or(CURSOR, |before| scene.now().since(before));
        if since < CURSOR {
            ui.ctx().request_repaint_after(CURSOR - since);
            return;
        }
        self.told = Some((scene.now(), at));
        let (party, note) = key;
        let command = Command::ShowCursor {
            party,
            note,
            revision: self.replica.revision(),
            at,
        };
        out.push(MainAction::SendQuietly(scene.frame.requests.next(), command));
    }

    /// Gives what is selected another style.
    fn style(&mut self, ui: &Ui, id: Id, style: Style, now: Timestamp) {
        let state = TextEditState::load(ui.ctx(), id);
        let range = state.and_then(|state| state.cursor.char_range());
        let end = self.text.chars().count();
        let range = range.map_or(end..end, |range| {
            let range = range.as_sorted_char_range();
            range.start.0..range.end.0
        });
        let (text, from, to) = style.apply(&self.text, range);
        self.replica.typed(&text, now);
        self.text = text;
        self.select = Some((from, to));
        ui.memory_mut(|memory| memory.request_focus(id));
        self.follow(ui, id);
    }
}
