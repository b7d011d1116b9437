//! The code's QR, as large as the window allows: for somebody who reads it from across the table.

use egui::{Context, Ui};

use super::{Intent, Live};
use crate::ui::text;
use crate::ui::widgets::{Button, Entered, Kind, footer, qr_card};

/// What the dialog needs around the card: heading, footer, margins, in points.
const AROUND: [f32; 2] = [112.0, 216.0];
/// Sides of the card, in points.
const SMALLEST: f32 = 280.0;
const LARGEST: f32 = 720.0;

/// Side of the card that fits into the window, in points.
pub(super) fn side(ctx: &Context) -> f32 {
    let [across, down] = AROUND;
    let room = ctx.content_rect().size();
    (room.x - across).min(room.y - down).clamp(SMALLEST, LARGEST)
}

/// The card and the way back.
pub(super) fn view(ui: &mut Ui, live: &Live, entered: Entered) -> Option<Intent> {
    let side = side(ui.ctx());
    if let Some(qr) = &live.qr {
        qr_card(ui, qr, side, text::QR_LABEL);
    }
    let (_, back) = footer(
        ui,
        |_| (),
        |ui| {
            let back = ui.add(Button::new(Kind::Secondary, text::BACK));
            entered.focus(&back);
            back.clicked()
        },
    );
    back.then_some(Intent::ShowSmall)
}
