//! Text fields with a visible label, and what is wrong in them marked.

use std::ops::Range;

use egui::text::{LayoutJob, TextFormat};
use egui::{Align2, FontId, Margin, Response, Stroke, TextBuffer, TextEdit, Ui, vec2};

use super::label::{label, tokens};
use crate::ui::fonts::Type;
use crate::ui::theme::{Tokens, height};

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

/// Fields with a red border, if something in them is wrong.
#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
pub(crate) fn bordered<R>(ui: &mut Ui, wrong: bool, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope(|ui| {
        if wrong {
            let color = tokens(ui).danger_solid;
            let visuals = ui.visuals_mut();
            visuals.widgets.inactive.bg_stroke = Stroke::new(1.5, color);
            visuals.widgets.hovered.bg_stroke = Stroke::new(1.5, color);
            visuals.selection.stroke = Stroke::new(2.0, color);
        }
        content(ui)
    })
    .inner
}

/// The text with some places, in bytes and in their order, marked by ground, weight and underline: never by colour alone.
pub(crate) fn marked(t: &Tokens, font: FontId, text: &str, wrong: &[Range<usize>]) -> LayoutJob {
    let plain = TextFormat {
        font_id: font,
        color: t.text,
        ..TextFormat::default()
    };
    let bad = TextFormat {
        color: t.danger,
        background: t.danger_soft,
        underline: Stroke::new(2.0, t.danger_solid),
        // Else it covers what hangs down from the line above.
        expand_bg: 0.0,
        ..plain.clone()
    };
    let mut job = LayoutJob::default();
    let mut from = 0;
    let mut add = |place: Range<usize>, format: &TextFormat| {
        if let Some(part) = text.get(place).filter(|part| !part.is_empty() || text.is_empty()) {
            job.append(part, 0.0, format.clone());
        }
    };
    for place in wrong {
        add(from..place.start, &plain);
        add(place.clone(), &bad);
        from = place.end;
    }
    add(from..text.len(), &plain);
    job
}
