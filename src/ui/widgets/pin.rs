//! The PIN: large where it is read out, six boxes where it is typed.

use std::ops::Range;

use egui::accesskit::{Live, Role};
use egui::text::{CCursor, CCursorRange, CharIndex};
use egui::{
    Align2, Color32, Frame, Id, Rect, Response, Sense, Stroke, StrokeKind, TextBuffer, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::label::tokens;
use crate::invitation::Pin;
use crate::ui::fonts::Type;
use crate::ui::theme::radius;

/// The PIN as the inviter reads it out: huge, in two groups. Screen readers say digit by digit, at once.
pub(crate) fn pin_panel(ui: &mut Ui, digits: &str, height: f32) {
    let t = tokens(ui);
    let (cell, gap, count) = (46.0, 34.0, digits.chars().count());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    ui.painter().rect_filled(rect, radius::CARD, t.accent_soft);
    let left = rect.center().x - (count as f32 * cell + gap) / 2.0;
    for (index, digit) in digits.chars().enumerate() {
        let group = if index >= count.div_ceil(2) { gap } else { 0.0 };
        let at = pos2(left + (index as f32 + 0.5) * cell + group, rect.center().y);
        ui.painter()
            .text(at, Align2::CENTER_CENTER, digit, Type::PinShown.font(), t.accent_text);
    }
    let spoken = digits
        .chars()
        .fold(String::from("PIN"), |spoken, digit| format!("{spoken} {digit}"));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_live(Live::Assertive));
}

/// How the boxes look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PinField {
    Open,
    /// What is in them was wrong: the next digit begins anew, a correction keeps the rest.
    Wrong,
    /// Shown, not to be changed: a PIN is being checked, or none is wanted now.
    Closed,
}

/// What the invisible text field writes into: decimal digits of any script, as ASCII, up to a number of them.
/// Everything else is dropped, so "482 913" can be pasted.
struct Digits<'a> {
    text: &'a mut String,
    count: usize,
    look: PinField,
}

impl TextBuffer for Digits<'_> {
    fn is_mutable(&self) -> bool {
        self.look != PinField::Closed
    }

    fn as_str(&self) -> &str {
        self.text
    }

    fn insert_text(&mut self, text: &str, _at: CharIndex) -> usize {
        let digits: String = text.chars().filter_map(ascii_digit).collect();
        let whole = digits.len() >= self.count;
        if !digits.is_empty() && (whole || (self.look == PinField::Wrong && self.text.len() >= self.count)) {
            self.text.clear();
        }
        let room = self.count.saturating_sub(self.text.len());
        self.text.extend(digits.chars().take(room));
        digits.len().min(room)
    }

    fn delete_char_range(&mut self, range: Range<CharIndex>) {
        let kept = self
            .text
            .chars()
            .enumerate()
            .filter(|(at, _)| !(range.start.0..range.end.0).contains(at));
        *self.text = kept.map(|(_, digit)| digit).collect();
    }

    fn type_id(&self) -> std::any::TypeId {
        std::any::TypeId::of::<Digits<'static>>()
    }
}

/// The ASCII digit of a decimal digit of any script, by the same rule as [`Pin::parse`].
fn ascii_digit(character: char) -> Option<char> {
    if character.is_ascii() {
        return character.is_ascii_digit().then_some(character);
    }
    Pin::parse(character.encode_utf8(&mut [0; 4]), 1)
        .ok()?
        .digits()
        .chars()
        .next()
}

/// Boxes drawn over one real, invisible text field: so pasting, input methods, screen readers and Tab keep working.
pub(crate) fn pin_field(ui: &mut Ui, id: Id, label: &str, text: &mut String, count: usize, look: PinField) -> Response {
    let (size, gap, middle) = (vec2(52.0, 64.0), 8.0, 24.0);
    let width = count as f32 * (size.x + gap) - 2.0 * gap + middle;
    let (outer, _) = ui.allocate_exact_size(vec2(ui.available_width(), size.y), Sense::hover());
    let rect = Rect::from_center_size(outer.center(), vec2(width, size.y));
    let before = text.clone();
    let mut response = invisible_field(ui, id, rect, Digits { text, count, look });
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_label(label);
        node.set_role(Role::TextInput);
    });
    if *text != before {
        response.mark_changed();
    }
    let half = count.div_ceil(2);
    let mut digits = text.chars();
    for index in 0..count {
        let group = if index >= half { middle - gap } else { 0.0 };
        let left = rect.left() + index as f32 * (size.x + gap) + group;
        let cell = Rect::from_min_size(pos2(left, rect.top()), size);
        let current = response.has_focus() && index == text.len() && look != PinField::Closed;
        let content = match digits.next() {
            Some(digit) => Content::Digit(digit),
            None if current => Content::Caret,
            None => Content::Nothing,
        };
        paint_box(ui, cell, content, look);
    }
    let dash = rect.left() + half as f32 * (size.x + gap) - gap + middle / 2.0;
    ui.painter().hline(
        dash - 5.0..=dash + 5.0,
        rect.center().y,
        Stroke::new(2.0, tokens(ui).border_strong),
    );
    response
}

fn invisible_field(ui: &mut Ui, id: Id, rect: Rect, mut digits: Digits<'_>) -> Response {
    let interactive = digits.look != PinField::Closed;
    let mut output = ui
        .scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            ui.visuals_mut().text_cursor.stroke = Stroke::NONE;
            ui.visuals_mut().selection.bg_fill = Color32::TRANSPARENT;
            TextEdit::singleline(&mut digits)
                .id(id)
                .frame(Frame::NONE)
                .text_color(Color32::TRANSPARENT)
                .desired_width(rect.width())
                .min_size(rect.size())
                .interactive(interactive)
                .show(ui)
        })
        .inner;
    // No caret is drawn, so it is always at the end.
    let end = digits.text.len();
    if output
        .cursor_range
        .is_some_and(|range| range.primary.index.0 != end || !range.is_empty())
    {
        output
            .state
            .cursor
            .set_char_range(Some(CCursorRange::one(CCursor::new(CharIndex(end)))));
        output.state.store(ui.ctx(), id);
    }
    output.response.response
}

/// What is in a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Digit(char),
    /// The next digit goes here.
    Caret,
    Nothing,
}

fn paint_box(ui: &Ui, cell: Rect, content: Content, look: PinField) {
    let t = tokens(ui);
    let (fill, outline) = match (look, content) {
        (PinField::Wrong, _) => (t.danger_soft, Stroke::new(1.5, t.danger_solid)),
        (PinField::Closed, _) => (t.sunken, Stroke::new(1.0, t.box_outline)),
        (PinField::Open, Content::Caret) => (t.surface, Stroke::new(2.0, t.focus)),
        (PinField::Open, Content::Digit(_)) => (t.surface, Stroke::new(1.0, t.border_strong)),
        (PinField::Open, Content::Nothing) => (t.surface, Stroke::new(1.0, t.box_outline)),
    };
    ui.painter().rect(cell, radius::ROW, fill, outline, StrokeKind::Inside);
    match content {
        Content::Digit(digit) => {
            let color = if look == PinField::Closed { t.muted } else { t.text };
            ui.painter().text(
                cell.center(),
                Align2::CENTER_CENTER,
                digit,
                Type::PinTyped.font(),
                color,
            );
        }
        Content::Caret => {
            let halo = Stroke::new(3.0, t.focus.gamma_multiply(0.25));
            ui.painter()
                .rect_stroke(cell.expand(1.0), radius::ROW + 1, halo, StrokeKind::Outside);
            let caret = cell.center().y - 13.0..=cell.center().y + 13.0;
            ui.painter()
                .vline(cell.center().x, caret, Stroke::new(2.0, t.accent_text));
        }
        Content::Nothing => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(before: &str, look: PinField, text: &str) -> String {
        let mut buffer = before.to_owned();
        Digits {
            text: &mut buffer,
            count: 6,
            look,
        }
        .insert_text(text, CharIndex(before.len()));
        buffer
    }

    #[test]
    fn what_is_not_a_digit_is_dropped() {
        assert_eq!(typed("", PinField::Open, "482 913"), "482913");
        assert_eq!(typed("", PinField::Open, "PIN: 0-0-7"), "007");
        assert_eq!(typed("12", PinField::Open, "x"), "12");
    }

    #[test]
    fn digits_of_other_scripts_are_read() {
        assert_eq!(typed("", PinField::Open, "４８２"), "482");
        assert_eq!(typed("", PinField::Open, "٤٨٢"), "482");
    }

    #[test]
    fn a_whole_pin_replaces_what_was_there() {
        assert_eq!(typed("12", PinField::Open, "482913"), "482913");
        assert_eq!(typed("12", PinField::Open, "4829130"), "482913");
    }

    #[test]
    fn after_a_wrong_pin_the_next_digit_begins_anew() {
        assert_eq!(typed("482914", PinField::Wrong, "4"), "4");
        assert_eq!(typed("48291", PinField::Wrong, "3"), "482913");
        assert_eq!(typed("482914", PinField::Open, "4"), "482914");
    }
}
