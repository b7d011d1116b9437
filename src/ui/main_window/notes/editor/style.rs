//! The buttons that put Markdown around or before what is selected.

use std::ops::Range;

use egui::{Key, Modifiers, Ui};
use lucide_icons::Icon;

use crate::ui::text;
use crate::ui::widgets::{row, small_icon_button};

/// What a button makes of the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Bold,
    Italic,
    Heading,
    List,
    Quote,
}

pub(super) fn buttons(ui: &mut Ui) -> Option<Style> {
    let all = [
        (Icon::Bold, text::BOLD, Style::Bold),
        (Icon::Italic, text::ITALIC, Style::Italic),
        (Icon::Heading, text::HEADING, Style::Heading),
        (Icon::List, text::LIST, Style::List),
        (Icon::TextQuote, text::QUOTE, Style::Quote),
    ];
    row(ui, 30.0, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let mut clicked = None;
        for (icon, label, style) in all {
            if small_icon_button(ui, icon, label).clicked() {
                clicked = Some(style);
            }
        }
        clicked
    })
}

/// Ctrl+B and Ctrl+I.
pub(super) fn by_key(ui: &Ui) -> Option<Style> {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, key));
    if pressed(Key::B) {
        Some(Style::Bold)
    } else {
        pressed(Key::I).then_some(Style::Italic)
    }
}

impl Style {
    /// The text with the style, and what is selected in it then, in characters.
    pub(super) fn apply(self, text: &str, range: Range<usize>) -> (String, usize, usize) {
        match self {
            Self::Bold => around(text, range, "**"),
            Self::Italic => around(text, range, "*"),
            Self::Heading => before(text, range, "# "),
            Self::List => before(text, range, "- "),
            Self::Quote => before(text, range, "> "),
        }
    }
}

/// Puts a sign around the selection, or takes it away if it is there.
fn around(text: &str, range: Range<usize>, sign: &str) -> (String, usize, usize) {
    let length = sign.chars().count();
    let part = |from: usize, to: usize| {
        text.chars()
            .skip(from)
            .take(to.saturating_sub(from))
            .collect::<String>()
    };
    let (head, middle, tail) = (
        part(0, range.start),
        part(range.start, range.end),
        part(range.end, usize::MAX),
    );
    if let (Some(head), Some(tail)) = (head.strip_suffix(sign), tail.strip_prefix(sign)) {
        let text = format!("{head}{middle}{tail}");
        return (text, range.start - length, range.end - length);
    }
    let text = format!("{head}{sign}{middle}{sign}{tail}");
    (text, range.start + length, range.end + length)
}

/// Puts a sign before the line in which the selection begins, or takes it away if it is there.
fn before(text: &str, range: Range<usize>, sign: &str) -> (String, usize, usize) {
    let length = sign.chars().count();
    let head: String = text.chars().take(range.start).collect();
    let tail: String = text.chars().skip(range.start).collect();
    let (above, line) = head
        .rsplit_once('\n')
        .map_or(("", head.as_str()), |(above, line)| (above, line));
    let gap = if head.len() > line.len() { "\n" } else { "" };
    let whole = format!("{line}{tail}");
    if let Some(bare) = whole.strip_prefix(sign) {
        let back = |at: usize| at.saturating_sub(length);
        return (format!("{above}{gap}{bare}"), back(range.start), back(range.end));
    }
    let text = format!("{above}{gap}{sign}{whole}");
    (text, range.start + length, range.end + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_is_put_on_and_taken_off() {
        let (text, from, to) = Style::Bold.apply("aé b", 1..2);
        assert_eq!((text.as_str(), from, to), ("a**é** b", 3, 4));
        assert_eq!(Style::Bold.apply(&text, 3..4), ("aé b".to_owned(), 1, 2));
        let (text, from, to) = Style::List.apply("one\ntwo", 5..5);
        assert_eq!((text.as_str(), from, to), ("one\n- two", 7, 7));
        assert_eq!(Style::List.apply(&text, 7..7), ("one\ntwo".to_owned(), 5, 5));
        assert_eq!(Style::Heading.apply("x", 0..0).0, "# x");
    }
}
