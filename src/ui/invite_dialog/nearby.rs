//! Below the code: whether it is shown in the local network, and what that means.

use egui::Ui;

use super::{Intent, Order};
use crate::invitation::NearbyInvitation;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{Mark, checkbox, label, paragraph, row, tokens};

/// The check box, and beside it what others hear or what a click would do.
pub(super) fn view(ui: &mut Ui, order: &Order, shown: Option<&NearbyInvitation>) -> Option<Intent> {
    let t = tokens(ui);
    let free = !matches!(order, Order::Sent(..));
    let clicked = row(ui, 22.0, |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let clicked = ui
            .add_enabled_ui(free, |ui| {
                checkbox(ui, Mark::from(shown.is_some()), text::SHOW_NEARBY_LABEL)
            })
            .inner
            .clicked();
        label(ui, Type::SmallStrong, t.text, text::SHOW_NEARBY);
        if let Some(shown) = shown {
            label(
                ui,
                Type::Small,
                t.accent_text,
                text::shown_as(&shown.label().to_string()),
            );
        }
        clicked
    });
    let means = if shown.is_some() {
        text::SHOWN_NEARBY_MEANS
    } else {
        text::NEARBY_MEANS
    };
    paragraph(ui, Type::Small, t.muted, means);
    clicked.then_some(if shown.is_some() {
        Intent::HideNearby
    } else {
        Intent::ShowNearby
    })
}
