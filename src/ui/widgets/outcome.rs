//! How something ended, and how many steps it has.

use egui::accesskit::{Live, Role};
use egui::{Align2, Sense, Stroke, Ui, Vec2, WidgetInfo, vec2};
use lucide_icons::Icon;

use super::banner::Tone;
use super::label::{label, paint_icon, paragraph, tokens};
use crate::ui::fonts::Type;
use crate::ui::theme::space;

/// A large icon in a circle, a title, a sentence: the end of a dialog.
pub(crate) fn outcome(ui: &mut Ui, tone: Tone, symbol: Icon, title: &str, sentence: &str) {
    let t = tokens(ui);
    ui.vertical_centered(|ui| {
        ui.add_space(space::S);
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(64.0), Sense::hover());
        ui.painter().circle_filled(rect.center(), 32.0, tone.ground(t));
        paint_icon(ui.painter(), rect.center(), 30.0, tone.front(t), symbol);
        ui.add_space(space::S);
        let response = paragraph(ui, Type::Title, t.text, title);
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
        ui.add_space(-4.0);
        paragraph(ui, Type::Body, t.muted, sentence);
        ui.add_space(space::S);
    });
}

/// `1 Code -- 2 PIN`: `at` counts from 0.
pub(crate) fn steps(ui: &mut Ui, at: usize, names: &[&str]) {
    let t = tokens(ui);
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 22.0;
        for (index, name) in names.iter().enumerate() {
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(22.0), Sense::hover());
            let (ground, front) = match index.cmp(&at) {
                std::cmp::Ordering::Less => (t.success_soft, t.success),
                std::cmp::Ordering::Equal => (t.accent, t.on_accent),
                std::cmp::Ordering::Greater => (t.sunken, t.muted),
            };
            let outline = if index > at {
                Stroke::new(1.0, t.border)
            } else {
                Stroke::NONE
            };
            ui.painter().circle(rect.center(), 11.0, ground, outline);
            if index < at {
                paint_icon(ui.painter(), rect.center(), 13.0, front, Icon::Check);
            } else {
                let font = Type::SmallStrong.font();
                ui.painter()
                    .text(rect.center(), Align2::CENTER_CENTER, index + 1, font, front);
            }
            let (kind, color) = if index == at {
                (Type::SmallStrong, t.text)
            } else {
                (Type::Small, t.muted)
            };
            label(ui, kind, color, *name);
            if index + 1 < names.len() {
                let (line, _) = ui.allocate_exact_size(vec2(32.0, 22.0), Sense::hover());
                ui.painter()
                    .hline(line.x_range(), line.center().y, Stroke::new(1.0, t.border));
            }
        }
    });
    let name = names.get(at).copied().unwrap_or_default();
    row.response.widget_info(|| {
        let text = format!("Step {} of {}: {name}", at + 1, names.len());
        WidgetInfo::labeled(Role::ProgressIndicator, true, text)
    });
}
