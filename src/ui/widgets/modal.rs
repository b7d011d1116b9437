//! A dialog: backdrop, title, close button last in the Tab order, Esc.

use egui::accesskit::Role;
use egui::{
    Align, Context, Frame, Id, Key, Layout, Margin, Modal, Modifiers, Rect, Response, ScrollArea, Stroke, Ui,
    UiBuilder, Vec2, pos2, vec2,
};
use lucide_icons::Icon;

use super::button::icon_button;
use super::label::{label, paragraph};
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::{self, height, radius, space};

/// The person wants the dialog gone: Esc or the close button. A click on the backdrop does nothing, because losing an
/// invitation to a stray click is worse than one click more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Close;

/// A modal dialog of fixed width.
#[derive(Debug)]
pub(crate) struct Dialog<'a> {
    /// Tells two dialogs of one window apart, and those of two windows.
    pub(crate) id: Id,
    pub(crate) width: f32,
    /// Empty for none.
    pub(crate) title: &'a str,
    /// One sentence below the title. Empty for none.
    pub(crate) subtitle: &'a str,
    /// What a screen reader calls the dialog, where there is no title.
    pub(crate) name: &'a str,
}

impl Dialog<'_> {
    /// Shows it over everything else.
    pub(crate) fn show<R>(self, ctx: &Context, body: impl FnOnce(&mut Ui) -> R) -> (R, Option<Close>) {
        let t = theme::tokens(ctx);
        let frame = Frame::new()
            .fill(t.raised)
            .stroke(Stroke::new(1.0, t.border))
            .corner_radius(radius::DIALOG)
            .inner_margin(Margin::same(24))
            .shadow(theme::dialog_shadow(t));
        let modal = Modal::new(self.id)
            .backdrop_color(t.backdrop)
            .frame(frame)
            .show(ctx, |ui| {
                ui.set_width(self.width);
                ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
                let corner = ui.cursor().min;
                self.heading(ui);
                let inner = body(ui);
                // Drawn into the upper right corner, but last in the Tab order.
                let place = Rect::from_min_size(pos2(corner.x + self.width - 30.0, corner.y - 2.0), Vec2::splat(32.0));
                let close = ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
                    icon_button(ui, Icon::X, text::CLOSE).clicked()
                });
                ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
                    node.set_role(Role::Dialog);
                    node.set_label(if self.title.is_empty() { self.name } else { self.title });
                });
                (inner, close.inner)
            });
        settle(ctx, self.id, modal.response.rect.size());
        let escape = modal.is_top_modal
            && !modal.any_popup_open
            && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        let (inner, clicked) = modal.inner;
        (inner, (clicked || escape).then_some(Close))
    }

    fn heading(&self, ui: &mut Ui) {
        if self.title.is_empty() {
            return;
        }
        let t = super::tokens(ui);
        ui.vertical(|ui| {
            ui.set_max_width(self.width - 40.0);
            ui.spacing_mut().item_spacing.y = 2.0;
            label(ui, Type::Title, t.text, self.title);
            if !self.subtitle.is_empty() {
                paragraph(ui, Type::Body, t.muted, self.subtitle);
            }
        });
        ui.add_space(space::M);
    }
}

/// An area is placed with the size that it had in the pass before. When a stage changes the size, the pass is run again
/// instead of showing one frame with the dialog off centre.
fn settle(ctx: &Context, id: Id, size: Vec2) {
    let key = id.with("size");
    let before = ctx.data_mut(|data| data.get_temp_mut_or_default::<Option<Vec2>>(key).replace(size));
    if before.is_some_and(|before| (before - size).length() > 0.5) {
        ctx.request_discard("dialog changed size");
    }
}

/// In a low window what is in a dialog scrolls, with a bar in the dialog's margin that shows that there is more: `rest` is what
/// stays, in points.
pub(crate) fn scrolled<R>(ui: &mut Ui, rest: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    const BAR: f32 = 14.0;
    let room = ui.ctx().content_rect().height() - rest;
    let width = ui.available_width();
    let mut wide = ui.available_rect_before_wrap();
    wide.max.x += BAR;
    let mut child = ui.new_child(UiBuilder::new().max_rect(wide));
    child.spacing_mut().scroll.dormant_handle_opacity = 0.5;
    let area = ScrollArea::vertical().max_height(room).min_scrolled_height(room);
    let shown = area.auto_shrink([false, true]).show(&mut child, |ui| {
        ui.set_max_width(width);
        content(ui)
    });
    let height = child.min_rect().height();
    ui.allocate_space(vec2(width, height));
    shown.inner
}

/// The lowest row of a dialog: what takes something away on the left, the next step rightmost (added first).
pub(crate) fn footer<L, R>(ui: &mut Ui, left: impl FnOnce(&mut Ui) -> L, right: impl FnOnce(&mut Ui) -> R) -> (L, R) {
    ui.add_space(space::S);
    let size = vec2(ui.available_width(), height::CONTROL);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        let left = left(ui);
        (left, ui.with_layout(Layout::right_to_left(Align::Center), right).inner)
    })
    .inner
}

/// Tells when a dialog has come to another stage, so that the keyboard is put where that stage begins, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entrance(Option<&'static str>);

impl Entrance {
    /// [`Entered::Now`] the first time that `stage` is named in a row.
    pub(crate) fn stage(&mut self, stage: &'static str) -> Entered {
        if self.0.replace(stage) == Some(stage) {
            Entered::Before
        } else {
            Entered::Now
        }
    }

    /// Makes the next stage new, even if it is the same.
    pub(crate) const fn again(&mut self) {
        self.0 = None;
    }
}

/// Whether a stage is shown for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    Now,
    Before,
}

impl Entered {
    /// Gives a control the keyboard when its stage begins.
    pub(crate) fn focus(self, control: &Response) {
        if self == Self::Now {
            control.request_focus();
        }
    }
}
