//! Choices: the segmented control for two to four short words, and the check box.

use egui::accesskit::Role;
use egui::{Align2, CursorIcon, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::button::focus_ring;
use super::label::{paint_icon, tokens};
use crate::ui::fonts::Type;
use crate::ui::theme::{height, radius};

/// One of a few short words, all visible. `label` names the group for screen readers.
pub(crate) fn segmented<V: PartialEq + Copy>(ui: &mut Ui, label: &str, value: &mut V, choices: &[(V, &str)]) {
    let t = tokens(ui);
    let (track, _) = ui.allocate_exact_size(vec2(ui.available_width(), height::CONTROL), Sense::hover());
    ui.painter().rect(
        track,
        radius::CONTROL,
        t.sunken,
        Stroke::new(1.0, t.border),
        StrokeKind::Inside,
    );
    let inner = track.shrink(3.0);
    let width = inner.width() / choices.len().max(1) as f32;
    let enabled = ui.is_enabled();
    for (index, (choice, name)) in choices.iter().enumerate() {
        let left = inner.left() + width * index as f32;
        let cell = Rect::from_min_size(pos2(left, inner.top()), vec2(width, inner.height()));
        let response = ui.interact(cell, ui.scope_id().with((label, index)), Sense::click());
        if response.clicked() {
            *value = *choice;
        }
        let chosen = *value == *choice;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, chosen, format!("{label}: {name}")));
        if chosen {
            ui.painter().rect(
                cell,
                radius::SMALL,
                t.chosen,
                Stroke::new(1.0, t.chosen_outline),
                StrokeKind::Inside,
            );
        }
        let color = if chosen || response.hovered() { t.text } else { t.muted };
        let font = if chosen { Type::SmallStrong } else { Type::Small }.font();
        ui.painter()
            .text(cell.center(), Align2::CENTER_CENTER, name, font, color);
        if response.has_focus() {
            focus_ring(ui, cell, radius::SMALL);
        }
        response.on_hover_cursor(CursorIcon::PointingHand);
    }
}

/// What is in a check box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Checked,
    Empty,
}

/// Checked if it is so.
impl From<bool> for Mark {
    fn from(checked: bool) -> Self {
        if checked { Self::Checked } else { Self::Empty }
    }
}

/// A check box; the label is for screen readers, the text stands beside it.
pub(crate) fn checkbox(ui: &mut Ui, mark: Mark, label: &str) -> Response {
    let (t, checked) = (tokens(ui), mark == Mark::Checked);
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(20.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, enabled, checked, label));
    let square = rect.shrink(1.0);
    if checked {
        ui.painter().rect_filled(square, 5, t.accent);
        paint_icon(ui.painter(), square.center(), 13.0, t.on_accent, Icon::Check);
    } else {
        let hovered = response.hovered();
        let (fill, outline) = if hovered {
            (t.hover, t.muted)
        } else {
            (t.surface, t.border_strong)
        };
        ui.painter()
            .rect(square, 5, fill, Stroke::new(1.5, outline), StrokeKind::Inside);
    }
    if response.has_focus() {
        focus_ring(ui, square, 5);
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}
