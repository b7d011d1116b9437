//! The notes of a party: the list on the left, the one that is open on the right; in a narrow window one at a time.

mod cursors;
mod editor;
mod list;
mod markdown;
mod replica;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use egui::{Frame as Panel, Margin, Ui};
use lucide_icons::Icon;

use self::editor::Editor;
use super::{MainAction, Notice, empty};
use crate::party::{NoteId, PartyId};
use crate::ui::fonts::Type;
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::widgets::{label, tokens};
use crate::worker::{Command, Event, PartyView, RequestId};

/// Narrower than this, list and note are shown one at a time. In points.
const ROOM_FOR_BOTH: f32 = 520.0;
/// Width of the list beside a note, in points.
const LIST: f32 = 216.0;
/// How long typed words wait for more before they are sent.
const WAIT: Duration = Duration::from_millis(150);

/// Which note somebody looks at.
type Key = (PartyId, NoteId);

/// The notes that are open, and which one each party shows.
#[derive(Default)]
pub(super) struct Notes {
    chosen: BTreeMap<PartyId, NoteId>,
    open: BTreeMap<Key, Stage>,
    adding: BTreeSet<RequestId>,
    /// Words that the engine did not take, to be told with the next frame.
    lost: Vec<String>,
    /// A note that was just added: its title is to be typed first.
    fresh: Option<NoteId>,
}

/// What there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// The list and a note beside it.
    ForBoth,
    ForOne,
}

impl Room {
    fn of(width: f32) -> Self {
        if width > ROOM_FOR_BOTH {
            Self::ForBoth
        } else {
            Self::ForOne
        }
    }
}

/// How far the opening of a note is.
enum Stage {
    /// It is to be asked for, again or for the first time.
    Wanted,
    Asked(RequestId),
    Here(Box<Editor>),
}

impl Notes {
    /// Shows a note from now on.
    pub(super) fn choose(&mut self, party: PartyId, note: NoteId) {
        self.chosen.insert(party, note);
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::NoteAdded { request, note } => {
                self.fresh = self.fresh.or(Some(*note).filter(|_| self.adding.remove(request)));
            }
            Event::NoteOpened { request, text } => {
                if let Some(stage) = self.open.get_mut(&(text.party, text.note))
                    && matches!(stage, Stage::Asked(asked) if asked == request)
                {
                    *stage = Stage::Here(Box::new(Editor::new(text)));
                }
            }
            Event::NoteEdited {
                request,
                party,
                note,
                revision,
                change,
            } => self.with(*party, *note, |editor| editor.hear(*request, *revision, &change.0)),
            Event::CursorsMoved {
                party,
                note,
                revision,
                cursors,
            } => self.with(*party, *note, |editor| {
                editor.others_are_at(*revision, cursors);
                None
            }),
            Event::Failed {
                request: Some(request), ..
            } => self.failed(*request),
            // What was in flight may or may not have been stored: the notes are read anew, the words handed back.
            Event::Restarted => {
                for stage in self.open.values_mut() {
                    if let Stage::Here(editor) = stage {
                        self.lost.extend(editor.unsaved());
                    }
                    *stage = Stage::Wanted;
                }
            }
            _ => {}
        }
    }

    /// Tells an editor something. If it has lost the thread, the note is opened again.
    fn with(&mut self, party: PartyId, note: NoteId, tell: impl FnOnce(&mut Editor) -> Option<editor::Lost>) {
        if let Some(stage) = self.open.get_mut(&(party, note))
            && let Stage::Here(editor) = stage
            && let Some(lost) = tell(editor)
        {
            self.lost.extend(lost.0);
            *stage = Stage::Wanted;
        }
    }

    fn failed(&mut self, request: RequestId) {
        self.adding.remove(&request);
        let unopened = |stage: &Stage| matches!(stage, Stage::Asked(asked) if *asked == request);
        if let Some(key) = self.open.iter().find(|(_, stage)| unopened(stage)).map(|(key, _)| *key) {
            self.open.remove(&key);
            self.chosen.remove(&key.0);
        }
        for stage in self.open.values_mut() {
            if let Stage::Here(editor) = stage {
                self.lost.extend(editor.refused(request));
            }
        }
    }

    /// Opens what is looked at, sends what was typed, closes what nobody looks at. In every frame, whatever is shown.
    pub(super) fn tend(&mut self, ui: &Ui, shown: Option<PartyId>, scene: &Scene<'_>, out: &mut Vec<MainAction>) {
        out.extend(
            self.lost
                .drain(..)
                .map(|words| MainAction::Say(Notice::LostWords(words))),
        );
        if let (Some(party), Some(note)) = (shown, self.fresh) {
            self.chosen.insert(party, note);
        }
        let exists = |party: PartyId, note: NoteId| {
            let party = scene.model.party(party);
            party.is_some_and(|party| party.notes.iter().any(|other| other.id == note))
        };
        let wanted = shown.and_then(|party| {
            let note = *self.chosen.get(&party)?;
            exists(party, note).then_some((party, note))
        });
        if let Some(key) = wanted {
            self.open.entry(key).or_insert(Stage::Wanted);
        }
        self.open.retain(|key, stage| {
            let (party, note) = *key;
            let is_wanted = Some(*key) == wanted;
            match stage {
                Stage::Wanted if is_wanted => {
                    let request = scene.frame.requests.next();
                    out.push(MainAction::Send(request, Command::OpenNote { party, note }));
                    *stage = Stage::Asked(request);
                }
                Stage::Wanted => return false,
                Stage::Asked(_) => {}
                Stage::Here(editor) => {
                    let wait = if is_wanted { WAIT } else { Duration::ZERO };
                    if let Some(left) = editor.send(*key, wait, scene, out) {
                        ui.ctx().request_repaint_after(left);
                    }
                    if !is_wanted && editor.is_settled() {
                        let close = Command::CloseNote { party, note };
                        out.push(MainAction::SendQuietly(scene.frame.requests.next(), close));
                        return false;
                    }
                }
            }
            true
        });
    }

    /// What has been typed and not been sent, when the window closes.
    pub(super) fn flush(&mut self, mut request: impl FnMut() -> RequestId) -> Vec<(RequestId, Command)> {
        let mut left = Vec::new();
        for (key, stage) in &mut self.open {
            if let Stage::Here(editor) = stage {
                left.extend(editor.take(*key, &mut request));
            }
        }
        left
    }

    pub(super) fn view(&mut self, ui: &mut Ui, party: &PartyView, scene: &Scene<'_>, out: &mut Vec<MainAction>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let chosen = self
            .chosen
            .get(&party.id)
            .copied()
            .filter(|note| party.notes.iter().any(|other| other.id == *note));
        let room = Room::of(ui.available_width());
        if room == Room::ForBoth {
            let margin = Margin {
                right: 16,
                ..Margin::ZERO
            };
            egui::Panel::left("notes")
                .exact_size(LIST)
                .resizable(false)
                .show_separator_line(false)
                .frame(Panel::new().inner_margin(margin))
                .show(ui, |ui| self.list(ui, party, chosen, scene, out));
        }
        match chosen {
            None if room == Room::ForBoth && !party.notes.is_empty() => {
                ui.add_space(64.0);
                empty(ui, Icon::StickyNote, text::CHOOSE_NOTE, text::CHOOSE_NOTE_MEANS);
            }
            None if room == Room::ForBoth => {
                ui.add_space(64.0);
                empty(ui, Icon::StickyNote, text::NO_NOTES, text::NO_NOTES_MEANS);
            }
            None => self.list(ui, party, None, scene, out),
            Some(note) => self.note(ui, party, note, room, scene, out),
        }
    }

    fn note(
        &mut self,
        ui: &mut Ui,
        party: &PartyView,
        note: NoteId,
        room: Room,
        scene: &Scene<'_>,
        out: &mut Vec<MainAction>,
    ) {
        let Some(about) = party.notes.iter().find(|other| other.id == note) else {
            return;
        };
        let Some(Stage::Here(editor)) = self.open.get_mut(&(party.id, note)) else {
            let muted = tokens(ui).muted;
            label(ui, Type::Body, muted, text::OPENING_NOTE);
            return;
        };
        if self.fresh == Some(note) {
            self.fresh = None;
            editor.begin_with_title(&about.title);
        }
        if editor.view(ui, party, about, room, scene, out) == Some(editor::Left) {
            self.chosen.remove(&party.id);
        }
    }
}
