//! What the keyboard alone can do.

use egui::{Context, Id, Sense, StrokeKind, pos2, vec2};

use super::SmallAction;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::radius;
use crate::ui::widgets::{Dialog, label, row, tokens};

/// An overview; nothing is asked.
pub(crate) struct ShortcutsDialog;

impl ShortcutsDialog {
    pub(crate) fn show(ctx: &Context, id: Id) -> Option<SmallAction> {
        let dialog = Dialog {
            id,
            width: 456.0,
            title: text::SHORTCUTS,
            subtitle: "",
            name: text::SHORTCUTS,
        };
        let ((), close) = dialog.show(ctx, |ui| {
            let t = tokens(ui);
            ui.spacing_mut().item_spacing.y = 4.0;
            for (keys, means) in text::SHORTCUT_LIST {
                row(ui, 26.0, |ui| {
                    let (rect, _) = ui.allocate_exact_size(vec2(176.0, 24.0), Sense::hover());
                    let galley = ui
                        .painter()
                        .layout_no_wrap(keys.to_owned(), Type::MonoSmall.font(), t.text);
                    let key = rect.with_max_x(rect.left() + galley.size().x + 14.0);
                    let stroke = egui::Stroke::new(1.0, t.border);
                    ui.painter()
                        .rect(key, radius::SMALL, t.sunken, stroke, StrokeKind::Inside);
                    let at = pos2(key.left() + 7.0, key.center().y - galley.size().y / 2.0);
                    ui.painter().galley(at, galley, t.text);
                    label(ui, Type::Body, t.text, means);
                });
            }
        });
        close.map(|_| SmallAction::Close)
    }
}
