//! Dragging a row of a list to another place: where it would go, and the line that shows it.

use egui::{Rect, Stroke, Ui};

use crate::ui::widgets::tokens;

/// How near to its edge the pointer makes a list scroll, in points.
const EDGE: f32 = 28.0;

/// The gap between rows that the pointer is nearest to: 0 is before the first.
pub(super) fn gap(pointer: f32, top: f32, row: f32, rows: usize) -> usize {
    (((pointer - top) / row).round().max(0.0) as usize).min(rows)
}

/// Where a row stands after a drag: behind which other one. None if it stays where it is.
pub(super) fn target<T: Copy>(from: usize, gap: usize, rows: impl Fn(usize) -> Option<T>) -> Option<Option<T>> {
    if gap == from || gap == from + 1 {
        return None;
    }
    match gap.checked_sub(1) {
        None => Some(None),
        Some(before) => rows(before).map(Some),
    }
}

/// Shows where the row would go.
pub(super) fn drop_line(ui: &Ui, left: f32, right: f32, y: f32) {
    let t = tokens(ui);
    ui.painter().circle_filled(egui::pos2(left, y), 4.0, t.accent);
    ui.painter().hline(left..=right, y, Stroke::new(2.0, t.accent));
}

/// Scrolls a list while something is dragged near its upper or lower edge.
pub(super) fn scroll_at_edge(ui: &Ui, visible: Rect, pointer: f32) {
    let over = |distance: f32| (EDGE - distance).clamp(0.0, EDGE) / 3.0;
    let delta = over(pointer - visible.top()) - over(visible.bottom() - pointer);
    if delta != 0.0 {
        ui.scroll_with_delta(egui::vec2(0.0, delta));
        ui.ctx().request_repaint();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_goes_behind_the_one_above_the_gap() {
        let rows = |at: usize| ["a", "b", "c"].get(at).copied();
        assert_eq!(gap(-5.0, 0.0, 48.0, 3), 0);
        assert_eq!(gap(30.0, 0.0, 48.0, 3), 1);
        assert_eq!(gap(999.0, 0.0, 48.0, 3), 3);
        assert_eq!(target(0, 0, rows), None);
        assert_eq!(target(0, 1, rows), None);
        assert_eq!(target(0, 2, rows), Some(Some("b")));
        assert_eq!(target(2, 0, rows), Some(None));
        assert_eq!(target(1, 3, rows), Some(Some("c")));
    }
}
