//! A small whole number: typed, or changed one by one.

use std::ops::RangeInclusive;

use egui::{DragValue, Response, Ui, Vec2, vec2};
use lucide_icons::Icon;

use super::button::{Button, Kind, State};
use super::label::label;
use crate::ui::fonts::Type;
use crate::ui::theme::height;

/// What a stepper is called, as a whole and its two buttons.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    pub(crate) number: &'a str,
    pub(crate) fewer: &'a str,
    pub(crate) more: &'a str,
}

/// A visible label above a number between two buttons.
pub(crate) fn stepper(ui: &mut Ui, names: Names<'_>, value: &mut u32, range: RangeInclusive<u32>) -> Response {
    let color = super::tokens(ui).text;
    let above = label(ui, Type::SmallStrong, color, names.number);
    ui.add_space(-2.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().interact_size = Vec2::splat(height::CONTROL);
        let (least, most) = (*range.start(), *range.end());
        let button = |ui: &mut Ui, icon, name, ready| {
            let button = Button::new(Kind::Secondary, "").icon(icon).named(name);
            ui.add(button.state(State::from(ready))).on_hover_text(name).clicked()
        };
        if button(ui, Icon::Minus, names.fewer, *value > least) {
            *value = value.saturating_sub(1).max(least);
        }
        let number = DragValue::new(value).range(range).speed(0.1);
        let size = vec2(ui.available_width() - height::CONTROL - 4.0, height::CONTROL);
        let field = ui.add_sized(size, number).labelled_by(above.id);
        if button(ui, Icon::Plus, names.more, *value < most) {
            *value = value.saturating_add(1).min(most);
        }
        field
    })
    .inner
}
