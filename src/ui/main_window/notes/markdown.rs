//! How the Markdown of a note looks while it is typed: what is written stays, its signs step back.

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId};

use crate::ui::fonts::{self, Type};
use crate::ui::theme::Tokens;

/// Height of a line of plain text, in points.
const LINE: f32 = 22.0;

/// The styled text. `width` is where it wraps, in points.
pub(super) fn layout(text: &str, t: &Tokens, width: f32) -> LayoutJob {
    let mut job = LayoutJob {
        text: String::with_capacity(text.len()),
        ..LayoutJob::default()
    };
    job.wrap.max_width = width;
    job.keep_trailing_whitespace = true;
    let mut place = Place::Prose;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            put(&mut job, line, &mono(t.faint, t));
            place = place.other();
        } else if place == Place::Code {
            put(&mut job, line, &mono(t.text, t));
        } else {
            prose(&mut job, line, t);
        }
    }
    if job.sections.is_empty() {
        put(&mut job, "", &plain(t.text));
    }
    job
}

/// Whether a line is between two fences.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Prose,
    Code,
}

impl Place {
    const fn other(self) -> Self {
        match self {
            Self::Prose => Self::Code,
            Self::Code => Self::Prose,
        }
    }
}

fn put(job: &mut LayoutJob, text: &str, format: &TextFormat) {
    job.append(text, 0.0, format.clone());
}

fn format(font: FontId, color: Color32, line: f32) -> TextFormat {
    TextFormat {
        line_height: Some(line),
        ..TextFormat::simple(font, color)
    }
}

fn plain(color: Color32) -> TextFormat {
    format(FontId::proportional(14.5), color, LINE)
}

fn mono(color: Color32, t: &Tokens) -> TextFormat {
    TextFormat {
        background: t.sunken,
        ..format(Type::Mono.font(), color, LINE)
    }
}

/// A line that is no code.
fn prose(job: &mut LayoutJob, line: &str, t: &Tokens) {
    let marks = line.len() - line.trim_start_matches('#').len();
    let (head, rest) = line.split_at_checked(marks + 1).unwrap_or((line, ""));
    if (1..=3).contains(&marks) && head.ends_with(' ') {
        let (size, height) = match marks {
            1 => (21.0, 34.0),
            2 => (17.5, 30.0),
            _ => (15.0, 26.0),
        };
        put(job, head, &format(fonts::semibold(size), t.faint, height));
        inline(job, rest, &format(fonts::semibold(size), t.text, height), t);
        return;
    }
    let indent = line.len() - line.trim_start_matches(' ').len();
    let (before, rest) = line.split_at_checked(indent).unwrap_or(("", line));
    let marker = list_marker(rest);
    if let Some((sign, words)) = rest.split_at_checked(marker)
        && marker > 0
    {
        put(job, before, &plain(t.text));
        put(job, sign, &format(fonts::semibold(14.5), t.accent_text, LINE));
        let color = if sign.starts_with('>') { t.muted } else { t.text };
        inline(job, words, &plain(color), t);
        return;
    }
    inline(job, line, &plain(t.text), t);
}

/// How many bytes of a line are the sign of a list or of a quote.
fn list_marker(line: &str) -> usize {
    for sign in ["- [ ] ", "- [x] ", "- ", "* ", "+ ", "> "] {
        if line.starts_with(sign) {
            return sign.len();
        }
    }
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let is_numbered = (1..=3).contains(&digits) && line.get(digits..).is_some_and(|rest| rest.starts_with(". "));
    if is_numbered { digits + 2 } else { 0 }
}

/// Bold, italic and code within a line.
fn inline(job: &mut LayoutJob, line: &str, base: &TextFormat, t: &Tokens) {
    let mut rest = line;
    while let Some((before, sign, words, after)) = next_span(rest) {
        put(job, before, base);
        let quiet = TextFormat {
            color: t.faint,
            ..base.clone()
        };
        let inside = match sign {
            "`" => mono(base.color, t),
            "**" | "__" => TextFormat {
                font_id: fonts::semibold(base.font_id.size),
                ..base.clone()
            },
            _ => TextFormat {
                italics: true,
                ..base.clone()
            },
        };
        put(job, sign, &quiet);
        put(job, words, &inside);
        put(job, sign, &quiet);
        rest = after;
    }
    put(job, rest, base);
}

/// The next part between two equal signs: what is before, the sign, what is between, what is after.
fn next_span(line: &str) -> Option<(&str, &str, &str, &str)> {
    let mut from = 0;
    while let Some(offset) = line.get(from..)?.find(['`', '*', '_']) {
        let at = from + offset;
        let (before, rest) = line.split_at_checked(at)?;
        let sign = ["**", "__", "`", "*", "_"]
            .into_iter()
            .find(|sign| rest.starts_with(sign))?;
        let inside = rest.strip_prefix(sign)?;
        // A sign inside a word, or beside a space, is no sign.
        let begins = sign == "`" || !before.ends_with(char::is_alphanumeric);
        if begins
            && let Some((words, after)) = inside.split_once(sign)
            && !words.is_empty()
            && !words.starts_with(' ')
            && !words.ends_with(' ')
        {
            return Some((before, sign, words, after));
        }
        from = at + sign.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::LIGHT;

    #[test]
    fn nothing_that_is_typed_gets_lost() {
        for text in [
            "",
            "# Head\n- **bold** and *it*\n```\nlet x_y = 1;\n```\n> said `x`\n12. twelve",
            "a_b_c *x",
            "**",
            "é*ü*\n\n",
        ] {
            assert_eq!(layout(text, &LIGHT, 300.0).text, text);
        }
    }

    #[test]
    fn signs_are_found_where_they_mean_something() {
        assert_eq!(next_span("a **b** c"), Some(("a ", "**", "b", " c")));
        assert_eq!(next_span("*b*"), Some(("", "*", "b", "")));
        assert_eq!(next_span("2 * 3 * 4"), None);
        assert_eq!(next_span("snake_case_name"), None);
        assert_eq!(list_marker("- [ ] x"), 6);
        assert_eq!(list_marker("12. x"), 4);
        assert_eq!(list_marker("-x"), 0);
    }
}
