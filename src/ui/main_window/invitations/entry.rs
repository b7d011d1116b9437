//! What one entry of the page looks like: what it is on the left, how long and what can be done on the right.

use egui::{Align, Color32, Layout, Ui, vec2};
use lucide_icons::Icon;

use crate::party::Role;
use crate::time::Timestamp;
use crate::ui::fonts::Type;
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::widgets::{Tone, countdown, icon, label, label_truncated, lines, pill, right, row, tokens};

/// Height of an entry inside its card, in points.
const HEIGHT: f32 = 78.0;
/// Width of what stands on the right.
const SIDE: f32 = 224.0;

/// One invitation, whoever made it.
pub(super) struct Entry<'a> {
    pub(super) icon: Icon,
    pub(super) title: &'a str,
    pub(super) role: Role,
    /// What it waits for.
    pub(super) status: &'a str,
    pub(super) tone: Tone,
    /// Everything else: one line each.
    pub(super) details: [&'a str; 2],
    pub(super) created: Option<Timestamp>,
    pub(super) expires: Timestamp,
}

/// Draws it; `buttons` are added from the right.
pub(super) fn view<R>(ui: &mut Ui, entry: &Entry<'_>, scene: &Scene<'_>, buttons: impl FnOnce(&mut Ui) -> R) -> R {
    let t = tokens(ui);
    row(ui, HEIGHT, |ui| {
        icon(ui, 18.0, t.muted, entry.icon);
        ui.add_space(4.0);
        right(ui, |ui| {
            let clicked = ui
                .allocate_ui_with_layout(vec2(SIDE, HEIGHT), Layout::top_down(Align::Max), |ui| {
                    ui.spacing_mut().item_spacing.y = 4.0;
                    ui.set_min_size(vec2(SIDE, HEIGHT));
                    row(ui, 24.0, |ui| {
                        right(ui, |ui| {
                            // Whoever was on the way at the end is still let in for a while.
                            if entry.expires <= scene.now() {
                                label(ui, Type::Small, t.muted, text::HAS_EXPIRED);
                                return;
                            }
                            let since = entry.created.unwrap_or(scene.now());
                            let total = since.until(entry.expires);
                            countdown(ui, scene.now(), entry.expires, total, text::EXPIRES_IN);
                        });
                    });
                    row(ui, 28.0, |ui| right(ui, buttons))
                })
                .inner;
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                lines(ui, HEIGHT - 2.0, |ui| texts(ui, entry));
            });
            clicked
        })
    })
}

fn texts(ui: &mut Ui, entry: &Entry<'_>) {
    let t = tokens(ui);
    row(ui, 22.0, |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        right(ui, |ui| {
            pill(ui, text::role(entry.role), t.accent_text, t.accent_soft);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                label_truncated(ui, Type::Strong, t.text, entry.title);
            });
        });
    });
    let color: Color32 = match entry.tone {
        Tone::Plain => t.muted,
        tone => tone.front(t),
    };
    label_truncated(ui, Type::Small, color, entry.status);
    for line in entry.details {
        label_truncated(ui, Type::Small, t.muted, line);
    }
}
