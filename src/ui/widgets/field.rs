//! Text fields with a visible label.

use egui::{Align2, Margin, Response, TextBuffer, TextEdit, Ui, vec2};

use super::label::{label, tokens};
use crate::ui::fonts::Type;
use crate::ui::theme::height;

/// A visible label above a field, tied to it for screen readers.
pub(crate) fn field(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui) -> Response) -> Response {
    let color = tokens(ui).text;
    let above = label(ui, Type::SmallStrong, color, name);
    ui.add_space(-2.0);
    content(ui).labelled_by(above.id)
}

/// A field of one line.
pub(crate) fn line_edit<'t>(text: &'t mut dyn TextBuffer, hint: &'static str) -> TextEdit<'t> {
    TextEdit::singleline(text)
        .hint_text(hint)
        .margin(Margin::symmetric(12, 8))
        .desired_width(f32::INFINITY)
        .min_size(vec2(0.0, height::CONTROL))
        .align(Align2::LEFT_CENTER)
}
