//! A menu below a button.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{CursorIcon, Frame, Margin, Popup, PopupCloseBehavior, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::banner::Tone;
use super::button::focus_ring;
use super::label::{paint_icon, tokens};
use crate::ui::fonts::Type;
use crate::ui::theme::{dialog_shadow, height, radius};

/// One line of a menu.
#[derive(Debug)]
pub(crate) struct Item<'a, A> {
    pub(crate) icon: Icon,
    pub(crate) text: &'a str,
    pub(crate) tone: Tone,
    pub(crate) action: A,
}

/// Opens below `button` when it is clicked; gives the action of the line that was chosen.
pub(crate) fn menu<A>(button: &Response, items: Vec<Item<'_, A>>) -> Option<A> {
    popup(button, 208.0, PopupCloseBehavior::CloseOnClick, |ui| {
        let mut chosen = None;
        for item in items {
            if line(ui, &item).clicked() {
                chosen = Some(item.action);
            }
        }
        chosen
    })
    .flatten()
}

/// Opens below `button` when it is clicked, with any content. None while it is closed.
pub(crate) fn popup<R>(
    button: &Response,
    width: f32,
    close: PopupCloseBehavior,
    content: impl FnOnce(&mut Ui) -> R,
) -> Option<R> {
    let t = crate::ui::theme::tokens(&button.ctx);
    let frame = Frame::new()
        .fill(t.raised)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(radius::CARD)
        .inner_margin(Margin::same(6))
        .shadow(dialog_shadow(t));
    let shown = Popup::menu(button)
        .frame(frame)
        .width(width)
        .close_behavior(close)
        .show(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            content(ui)
        });
    shown.map(|shown| shown.inner)
}

/// One line of a menu.
pub(crate) fn line<A>(ui: &mut Ui, item: &Item<'_, A>) -> Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height::CONTROL), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, true, item.text));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, radius::SMALL, t.hover);
    }
    if response.has_focus() {
        focus_ring(ui, rect.shrink(2.0), radius::SMALL);
    }
    let (front, symbol) = match item.tone {
        Tone::Bad => (t.danger, t.danger),
        Tone::Plain | Tone::Good | Tone::Warning => (t.text, t.muted),
    };
    paint_icon(
        ui.painter(),
        pos2(rect.left() + 18.0, rect.center().y),
        16.0,
        symbol,
        item.icon,
    );
    let left = rect.left() + 36.0;
    let mut job = LayoutJob::simple_singleline(item.text.to_owned(), Type::Body.font(), front);
    job.wrap = TextWrapping::truncate_at_width(rect.right() - 8.0 - left);
    let galley = ui.painter().layout_job(job);
    ui.painter()
        .galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, front);
    response.on_hover_cursor(CursorIcon::PointingHand)
}
