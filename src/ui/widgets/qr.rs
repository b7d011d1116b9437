//! The QR code: one texture pixel a module, drawn at a whole number of screen pixels each.

use egui::accesskit::Role;
use egui::{
    Color32, ColorImage, Context, CursorIcon, Rect, Response, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions,
    Ui,
};
use egui::{Vec2, WidgetInfo, pos2};
use qrcode::{EcLevel, QrCode};

use super::button::focus_ring;
use super::label::tokens;
use crate::ui::theme::{QR_INK, radius};

/// White modules around the code that readers need.
const QUIET: usize = 4;

/// Draws the code once; `None` if the text is too long for a QR code, which no invite code is.
pub(crate) fn qr_texture(ctx: &Context, text: &str) -> Option<TextureHandle> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let modules = code.width();
    let side = modules + 2 * QUIET;
    let mut image = ColorImage::filled([side, side], Color32::WHITE);
    for (index, module) in code.to_colors().into_iter().enumerate() {
        let at = (index / modules + QUIET) * side + index % modules + QUIET;
        if module == qrcode::Color::Dark
            && let Some(pixel) = image.pixels.get_mut(at)
        {
            *pixel = QR_INK;
        }
    }
    Some(ctx.load_texture("invite code", image, TextureOptions::NEAREST))
}

/// A white card of constant size, so that the layout depends neither on the code's length nor on the screen's scale.
pub(crate) fn qr_card(ui: &mut Ui, texture: &TextureHandle, side: f32, label: &str) -> Response {
    let response = card(ui, texture, side, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, label));
    response
}

/// The same card, to be clicked.
pub(crate) fn qr_button(ui: &mut Ui, texture: &TextureHandle, side: f32, label: &str) -> Response {
    let response = card(ui, texture, side, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    if response.has_focus() {
        focus_ring(ui, response.rect, radius::CARD);
    }
    response.on_hover_cursor(CursorIcon::ZoomIn).on_hover_text(label)
}

fn card(ui: &mut Ui, texture: &TextureHandle, side: f32, sense: Sense) -> Response {
    let pixels = ui.ctx().pixels_per_point();
    let modules = texture.size()[0] as f32;
    let quiet = QUIET as f32;
    let module = ((side * pixels) / modules).floor().max(1.0) / pixels;
    let (card, response) = ui.allocate_exact_size(Vec2::splat(side), sense);
    let outline = Stroke::new(1.0, tokens(ui).border);
    ui.painter()
        .rect(card, radius::CARD, Color32::WHITE, outline, StrokeKind::Inside);
    let image = Rect::from_center_size(card.center(), Vec2::splat((modules - 2.0 * quiet) * module));
    let snapped = |x: f32| (x * pixels).round() / pixels;
    let image = Rect::from_min_size(pos2(snapped(image.left()), snapped(image.top())), image.size());
    let (from, to) = (quiet / modules, 1.0 - quiet / modules);
    ui.painter().image(
        texture.id(),
        image,
        Rect::from_min_max(pos2(from, from), pos2(to, to)),
        Color32::WHITE,
    );
    response
}
