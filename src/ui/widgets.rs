//! The widget kit: small functions and builders over `egui::Ui`, without state of their own.

mod avatar;
mod banner;
mod button;
mod choice;
mod countdown;
mod field;
mod label;
mod menu;
mod modal;
mod outcome;
mod phrase;
mod pin;
mod qr;
mod stepper;

pub(crate) use avatar::{Tile, avatar, presence_dot, tile};
pub(crate) use banner::{Tone, banner, card, notice_line, pill, strip, well};
pub(crate) use button::{Button, Kind, State, focus_ring, icon_button, small_icon_button};
pub(crate) use choice::{Mark, checkbox, segmented};
pub(crate) use countdown::{countdown, spinner, waiting_dot};
pub(crate) use field::{bordered, field, line_edit, marked};
pub(crate) use label::{
    icon, label, label_truncated, lines, lines_within, overline, paint_icon, paragraph, rich, right, row, tokens,
};
pub(crate) use menu::{Item, line, menu, popup};
pub(crate) use modal::{Dialog, Entered, Entrance, footer, scrolled};
pub(crate) use outcome::{outcome, steps};
pub(crate) use phrase::phrase_field;
pub(crate) use pin::{PinField, pin_field, pin_panel};
pub(crate) use qr::{qr_button, qr_card, qr_texture};
pub(crate) use stepper::{Names, stepper};
