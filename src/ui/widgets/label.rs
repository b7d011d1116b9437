//! Text, icons and rows of exact height.

use egui::{Align, Color32, Label, Layout, Painter, Pos2, Response, RichText, Sense, Ui, UiBuilder, Vec2, pos2, vec2};
use lucide_icons::Icon;

use crate::ui::fonts::{self, Type};
use crate::ui::theme::{self, Tokens};

/// The colours of the theme in use.
pub(crate) fn tokens(ui: &Ui) -> &'static Tokens {
    theme::tokens(ui.ctx())
}

/// A text of the scale.
pub(crate) fn rich(kind: Type, color: Color32, text: impl Into<String>) -> RichText {
    RichText::new(text)
        .font(kind.font())
        .color(color)
        .line_height(Some(kind.line()))
        .extra_letter_spacing(kind.tracking())
}

/// One line of text.
pub(crate) fn label(ui: &mut Ui, kind: Type, color: Color32, text: impl Into<String>) -> Response {
    ui.add(Label::new(rich(kind, color, text)))
}

/// One line of text that ends in an ellipsis where there is no more room.
pub(crate) fn label_truncated(ui: &mut Ui, kind: Type, color: Color32, text: impl Into<String>) -> Response {
    ui.add(Label::new(rich(kind, color, text)).truncate())
}

/// Text over as many lines as it needs.
pub(crate) fn paragraph(ui: &mut Ui, kind: Type, color: Color32, text: impl Into<String>) -> Response {
    ui.add(Label::new(rich(kind, color, text)).wrap())
}

/// The small capitals above a list.
pub(crate) fn overline(ui: &mut Ui, text: &str) -> Response {
    let color = tokens(ui).muted;
    label(ui, Type::Overline, color, text.to_uppercase())
}

/// A row of an exact height, its content centred. `Ui::horizontal` is never lower than `interact_size.y`.
pub(crate) fn row<R>(ui: &mut Ui, height: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let size = vec2(ui.available_width(), height);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.set_min_height(height);
        content(ui)
    })
    .inner
}

/// The right part of a [`row`]: what is rightmost is added first.
pub(crate) fn right<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.with_layout(Layout::right_to_left(Align::Center), content).inner
}

/// Lines of text of a known height in all, centred inside a row.
pub(crate) fn lines<R>(ui: &mut Ui, height: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    lines_within(ui, vec2(ui.available_width().min(520.0), height), content)
}

/// The same in a room of a known size.
pub(crate) fn lines_within<R>(ui: &mut Ui, size: Vec2, content: impl FnOnce(&mut Ui) -> R) -> R {
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Min)));
    child.spacing_mut().item_spacing.y = 0.0;
    child.spacing_mut().interact_size.y = 0.0;
    content(&mut child)
}

/// Paints an icon around its ink, not around its line box: icons in a font sit off centre otherwise.
pub(crate) fn paint_icon(painter: &Painter, center: Pos2, size: f32, color: Color32, icon: Icon) {
    let galley = painter.layout_no_wrap(char::from(icon).to_string(), fonts::icons(size), color);
    let offset = center - galley.mesh_bounds.center();
    painter.galley(pos2(0.0, 0.0) + offset, galley, color);
}

/// An icon that takes its own square of room.
pub(crate) fn icon(ui: &mut Ui, size: f32, color: Color32, icon: Icon) {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    paint_icon(ui.painter(), rect.center(), size, color, icon);
}
