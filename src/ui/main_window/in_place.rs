//! A name that is changed where it stands in a list.

use egui::{Id, Key, Ui};

use crate::ui::widgets::line_edit;

/// A field in the place of a name.
pub(super) struct InPlace {
    text: String,
    begun: Begun,
}

/// Whether the field has been given the keyboard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    Now,
    Before,
}

/// How it ended.
pub(super) enum Left {
    /// With this name, which may be the old one or none.
    With(String),
    /// With nothing changed.
    Escaped,
}

impl InPlace {
    pub(super) fn of(name: &str) -> Self {
        Self {
            text: name.to_owned(),
            begun: Begun::Now,
        }
    }

    /// Enter and leaving the field save, Esc does not. `label` is for screen readers; the length is in characters.
    pub(super) fn view(&mut self, ui: &mut Ui, id: Id, label: &str, longest: usize) -> Option<Left> {
        let response = ui.add(line_edit(&mut self.text, "").id(id).char_limit(longest));
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_label(label));
        if self.begun == Begun::Now {
            response.request_focus();
            self.begun = Begun::Before;
            return None;
        }
        if !response.lost_focus() {
            return None;
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        Some(if escaped {
            Left::Escaped
        } else {
            Left::With(self.text.trim().to_owned())
        })
    }
}
