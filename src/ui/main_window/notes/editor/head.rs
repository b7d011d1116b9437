//! The row above a note: the way back, the title, the menu.

use egui::{Align2, Event, Frame as Panel, Id, Key, Margin, TextEdit, Ui};
use lucide_icons::Icon;

use super::{Editor, Left, Room};
use crate::party::{ItemId, Note};
use crate::ui::fonts::Type;
use crate::ui::main_window::{MainAction, may_write};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::widgets::{Item, Tone, icon_button, label_truncated, menu, right, row, tokens};
use crate::worker::{Command, PartyView};

/// The longest title, in bytes.
const MAX_TITLE: usize = 1024;

/// A title that is being typed.
pub(super) struct Title {
    text: String,
    begun: Begun,
}

/// Whether the field has been given the keyboard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    /// It is to be given the keyboard, with everything selected.
    Now,
    Before,
}

/// A line of the menu.
enum More {
    History,
    Delete,
}

impl Editor {
    /// A new note: the title is typed first.
    pub(in super::super) fn begin_with_title(&mut self, title: &str) {
        self.title = Some(Title {
            text: title.to_owned(),
            begun: Begun::Now,
        });
    }

    /// `id` is that of the title's field.
    pub(super) fn head(
        &mut self,
        ui: &mut Ui,
        id: Id,
        (party, note): (&PartyView, &Note),
        room: Room,
        scene: &Scene<'_>,
        out: &mut Vec<MainAction>,
    ) -> Option<Left> {
        row(ui, 36.0, |ui| {
            let back = room == Room::ForOne && icon_button(ui, Icon::ArrowLeft, text::BACK_TO_NOTES).clicked();
            right(ui, |ui| {
                match more(ui, party) {
                    Some(More::History) => {
                        out.push(MainAction::ShowHistory(
                            party.id,
                            ItemId::Note(note.id),
                            note.title.clone(),
                        ));
                    }
                    Some(More::Delete) => out.push(scene.send(Command::DeleteItem {
                        party: party.id,
                        item: ItemId::Note(note.id),
                    })),
                    None => {}
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    if may_write(party) {
                        out.extend(self.title(ui, id, (party, note), scene));
                    } else {
                        let color = tokens(ui).text;
                        label_truncated(ui, Type::Title, color, &note.title);
                    }
                });
            });
            back.then_some(Left)
        })
    }

    /// Enter and leaving the field save, Esc does not.
    fn title(
        &mut self,
        ui: &mut Ui,
        id: Id,
        (party, note): (&PartyView, &Note),
        scene: &Scene<'_>,
    ) -> Option<MainAction> {
        let t = tokens(ui);
        let mut shown = self
            .title
            .as_ref()
            .map_or_else(|| note.title.clone(), |title| title.text.clone());
        let edit = TextEdit::singleline(&mut shown)
            .id(id)
            .font(Type::Title.font())
            .text_color(t.text)
            .frame(Panel::NONE.inner_margin(Margin::symmetric(0, 4)))
            .desired_width(f32::INFINITY)
            .align(Align2::LEFT_CENTER)
            .char_limit(MAX_TITLE);
        let output = edit.show(ui);
        let response = output.response.response.clone();
        ui.ctx()
            .accesskit_node_builder(id, |node| node.set_label(text::NOTE_TITLE));
        if let Some(title) = &mut self.title
            && title.begun == Begun::Now
        {
            title.begun = Begun::Before;
            response.request_focus();
            let mut state = output.state;
            let all = egui::text::CCursorRange::select_all_str(&shown);
            state.cursor.set_char_range(Some(all));
            state.store(ui.ctx(), id);
            return None;
        }
        if response.changed() {
            self.title = Some(Title {
                text: shown,
                begun: Begun::Before,
            });
        }
        if !response.lost_focus() {
            return None;
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        let title = self.title.take()?.text.trim().to_owned();
        if escaped || title.is_empty() || title == note.title {
            return None;
        }
        Some(scene.send(Command::RetitleNote {
            party: party.id,
            note: note.id,
            title,
        }))
    }
}

/// From the title Enter and Tab go on to the text, not to what stands between: it is the first line of what is written.
pub(super) fn go_on(ui: &Ui, title: Id, text: Id) {
    let was_left = ui.memory(|memory| memory.had_focus_last_frame(title) && !memory.has_focus(title));
    if was_left && ui.input_mut(|input| use_up(&mut input.events)) {
        ui.memory_mut(|memory| memory.request_focus(text));
    }
}

/// Takes out the key that left the title, so that the text does not take it for its own, nor what the title has taken before it. Whether
/// there was one.
fn use_up(events: &mut Vec<Event>) -> bool {
    let pressed = |event: &Event| match event {
        Event::Key {
            key,
            pressed: true,
            modifiers,
            ..
        } if modifiers.is_none() => matches!(key, Key::Enter | Key::Tab).then_some(*key),
        _ => None,
    };
    let found = events
        .iter()
        .enumerate()
        .find_map(|(at, event)| Some((at, pressed(event)?)));
    match found {
        Some((at, Key::Enter)) => drop(events.drain(..=at)),
        // Of this the title takes nothing before it: it is left as the frame begins.
        Some((at, _tab)) => drop(events.remove(at)),
        None => return false,
    }
    true
}

fn more(ui: &mut Ui, party: &PartyView) -> Option<More> {
    let mut items = vec![Item {
        icon: Icon::History,
        text: text::HISTORY,
        tone: Tone::Plain,
        action: More::History,
    }];
    if may_write(party) {
        items.push(Item {
            icon: Icon::Trash2,
            text: text::DELETE,
            tone: Tone::Bad,
            action: More::Delete,
        });
    }
    let button = icon_button(ui, Icon::Ellipsis, text::NOTE_MENU);
    menu(&button, items)
}

#[cfg(test)]
mod tests {
    use egui::Modifiers;

    use super::*;

    fn key(key: Key, modifiers: Modifiers) -> Event {
        Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        }
    }

    fn letter(letter: &str) -> Event {
        Event::Text(letter.to_owned())
    }

    #[test]
    fn what_was_typed_with_the_key_comes_once() {
        let [none, shift] = [Modifiers::NONE, Modifiers::SHIFT];
        let cases = [
            (
                vec![letter("k"), key(Key::Enter, none), letter("x")],
                vec![letter("x")],
                true,
            ),
            (vec![letter("k"), key(Key::Tab, none)], vec![letter("k")], true),
            (vec![key(Key::Tab, shift)], vec![key(Key::Tab, shift)], false),
            (vec![letter("k")], vec![letter("k")], false),
        ];
        for (mut events, left, used) in cases {
            assert_eq!((use_up(&mut events), events), (used, left));
        }
    }
}
