//! What shows that time passes: countdown, spinner, waiting dot. Each asks for just the repaints that it needs.

use std::f32::consts::{FRAC_PI_2, TAU};
use std::time::Duration;

use egui::{Color32, Pos2, Sense, Shape, Stroke, Ui, Vec2, vec2};

use super::label::{label, tokens};
use crate::time::Timestamp;
use crate::ui::fonts::Type;

/// `m:ss`, `h:mm:ss` from an hour, `n d` from a day. A begun second counts as one.
pub(crate) fn clock_text(left: Duration) -> String {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    match seconds {
        0..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        3600..86_401 => format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// Time and ring of a countdown, for the right part of a row. From 30 seconds on it turns red.
pub(crate) fn countdown(ui: &mut Ui, now: Timestamp, end: Timestamp, total: Duration, what: &str) {
    let t = tokens(ui);
    let left = now.until(end);
    let hot = left < Duration::from_secs(30);
    ui.spacing_mut().item_spacing.x = 6.0;
    label(
        ui,
        Type::MonoSmall,
        if hot { t.danger } else { t.text },
        clock_text(left),
    );
    label(ui, Type::Small, if hot { t.danger } else { t.muted }, what);
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
    ui.painter()
        .circle_stroke(rect.center(), 6.5, Stroke::new(2.0, t.active));
    let share = (left.as_secs_f32() / total.as_secs_f32().max(1.0)).clamp(0.0, 1.0);
    let color = if hot { t.danger } else { t.accent };
    ui.painter().add(arc(
        rect.center(),
        6.5,
        -FRAC_PI_2,
        -TAU * share,
        Stroke::new(2.0, color),
    ));
    if !left.is_zero() {
        tick(ui, left);
    }
}

/// Asks for a repaint when the shown second changes, not sixty times a second.
fn tick(ui: &Ui, left: Duration) {
    let rest = u64::from(left.subsec_millis());
    let rest = if rest == 0 { 1000 } else { rest };
    ui.ctx().request_repaint_after(Duration::from_millis(rest.max(50)));
}

/// For waits that last minutes: it changes with the second, so it costs one frame a second.
pub(crate) fn waiting_dot(ui: &mut Ui, now: Timestamp) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
    let (halo, strength) = if now.as_secs().is_multiple_of(2) {
        (8.0, 0.22)
    } else {
        (6.0, 0.14)
    };
    ui.painter()
        .circle_filled(rect.center(), halo, t.accent.gamma_multiply(strength));
    ui.painter().circle_filled(rect.center(), 4.0, t.accent_text);
    ui.ctx()
        .request_repaint_after(Duration::from_millis(1000 - now.as_millis() % 1000));
}

/// For waits below ten seconds or so.
pub(crate) fn spinner(ui: &mut Ui, size: f32) {
    let color = tokens(ui).accent_text;
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    spin(ui, rect.center(), size, color);
}

/// Paints a spinner.
pub(crate) fn spin(ui: &Ui, center: Pos2, size: f32, color: Color32) {
    ui.ctx().request_repaint_after(Duration::from_millis(33));
    let turn = ui.input(|input| (input.time * 5.0) % f64::from(TAU)) as f32;
    ui.painter()
        .add(arc(center, size / 2.0 - 1.5, turn, 4.7, Stroke::new(2.0, color)));
}

fn arc(center: Pos2, radius: f32, start: f32, sweep: f32, stroke: Stroke) -> Shape {
    let points = (0..=32).map(|step| {
        let angle = start + sweep * step as f32 / 32.0;
        center + radius * vec2(angle.cos(), angle.sin())
    });
    Shape::line(points.collect(), stroke)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_a_clock_writes_them() {
        let text = |seconds| clock_text(Duration::from_secs(seconds));
        assert_eq!(text(0), "0:00");
        assert_eq!(text(59), "0:59");
        assert_eq!(text(582), "9:42");
        assert_eq!(text(3600), "1:00:00");
        assert_eq!(text(86_400), "24:00:00");
        assert_eq!(text(7 * 86_400), "7 d 0 h");
        assert_eq!(clock_text(Duration::from_millis(1)), "0:01");
    }
}
