//! The own key: what somebody who invites this person by their key asks for.

use egui::Ui;
use lucide_icons::Icon;

use crate::identity::IdentityId;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::widgets::{label, label_truncated, right, row, small_icon_button, tokens};

/// The key in words, and a button that copies all of it. Gives the key when it was clicked.
pub(super) fn view(ui: &mut Ui, identity: IdentityId) -> Option<String> {
    let t = tokens(ui);
    label(ui, Type::SmallStrong, t.text, text::YOUR_KEY);
    ui.add_space(-6.0);
    row(ui, 28.0, |ui| {
        right(ui, |ui| {
            let copy = small_icon_button(ui, Icon::Copy, text::COPY_YOUR_KEY).clicked();
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                label_truncated(ui, Type::MonoSmall, t.muted, identity.fingerprint().to_string());
            });
            copy.then(|| identity.to_string())
        })
    })
}
