//! Finds things in all parties by their words.

use std::time::Duration;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, Context, CursorIcon, Id, Key, Modifiers, Response, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::SmallAction;
use crate::party::{Found, ItemId, PartyId};
use crate::time::Timestamp;
use crate::ui::fonts::Type;
use crate::ui::main_window::one_line;
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::radius;
use crate::ui::widgets::{Dialog, Entrance, focus_ring, line_edit, overline, paint_icon, paragraph, tokens};
use crate::worker::{Command, Event, RequestId};

/// How long the words must rest before they are looked for.
const REST: Duration = Duration::from_millis(150);
/// Heights in points: of a row, and of what can be seen of them.
const ROW: f32 = 48.0;
const HEIGHT: f32 = 384.0;

/// What is looked for, and what was found.
#[derive(Default)]
pub(crate) struct SearchDialog {
    words: String,
    typed: Option<Timestamp>,
    asked: Option<RequestId>,
    found: Option<Vec<(PartyId, Found)>>,
    chosen: usize,
    entrance: Entrance,
}

impl SearchDialog {
    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::SearchDone { request, found } if self.asked == Some(*request) => {
                let mut found = found.clone();
                // By kind, and within a kind as the engine gave them.
                found.sort_by_key(|(_, found)| order(found.item));
                self.found = Some(found);
                self.chosen = 0;
                self.asked = None;
            }
            Event::Failed {
                request: Some(request), ..
            } if self.asked == Some(*request) => self.asked = None,
            _ => {}
        }
    }

    pub(crate) fn show(&mut self, ctx: &Context, id: Id, scene: &Scene<'_>) -> Option<SmallAction> {
        let dialog = Dialog {
            id,
            width: 560.0,
            title: text::SEARCH,
            subtitle: "",
            name: text::SEARCH,
        };
        let (action, close) = dialog.show(ctx, |ui| {
            self.keys(ui);
            let enter = self.field(ui, id, scene.now());
            let clicked = self.results(ui, scene);
            let chosen = if enter {
                self.found.as_ref().and_then(|found| found.get(self.chosen))
            } else {
                None
            };
            clicked.or(chosen.map(|(party, found)| (*party, found.item)))
        });
        if let Some((party, item)) = action {
            return Some(SmallAction::Jump(party, item));
        }
        if close.is_some() {
            return Some(SmallAction::Close);
        }
        self.ask(ctx, scene)
    }

    fn keys(&mut self, ui: &Ui) {
        let count = self.found.as_ref().map_or(0, Vec::len);
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowDown) {
            self.chosen = (self.chosen + 1).min(count.saturating_sub(1));
        }
        if pressed(Key::ArrowUp) {
            self.chosen = self.chosen.saturating_sub(1);
        }
    }

    fn field(&mut self, ui: &mut Ui, id: Id, now: Timestamp) -> bool {
        let edit = line_edit(&mut self.words, text::SEARCH_HINT)
            .id(id.with("words"))
            .char_limit(256);
        let response = ui.add(edit);
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_label(text::SEARCH_HINT));
        self.entrance.stage("words").focus(&response);
        if response.changed() {
            self.typed = Some(now);
        }
        let enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if enter {
            response.request_focus();
        }
        enter
    }

    fn ask(&mut self, ctx: &Context, scene: &Scene<'_>) -> Option<SmallAction> {
        let rested = scene.now().since(self.typed?);
        if rested < REST {
            ctx.request_repaint_after(REST - rested);
            return None;
        }
        self.typed = None;
        let words = self.words.trim().to_owned();
        if words.is_empty() {
            self.found = None;
            return None;
        }
        let request = scene.frame.requests.next();
        self.asked = Some(request);
        Some(SmallAction::Send(request, Command::Search { party: None, words }))
    }

    fn results(&self, ui: &mut Ui, scene: &Scene<'_>) -> Option<(PartyId, ItemId)> {
        let t = tokens(ui);
        let Some(found) = &self.found else {
            paragraph(ui, Type::Small, t.muted, text::SEARCH_HELP);
            return None;
        };
        if found.is_empty() {
            paragraph(ui, Type::Small, t.muted, text::NOTHING_FOUND);
            return None;
        }
        let area = ScrollArea::vertical()
            .max_height(HEIGHT)
            .min_scrolled_height(HEIGHT)
            .auto_shrink([false, true]);
        let shown = area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let (mut clicked, mut before) = (None, None);
            for (index, (party, found)) in found.iter().enumerate() {
                if before != Some(order(found.item)) {
                    before = Some(order(found.item));
                    ui.add_space(8.0);
                    overline(ui, text::kinds(found.item));
                    ui.add_space(2.0);
                }
                let name = scene.model.party(*party).map_or("", |party| party.name.as_str());
                let response = ui.push_id(index, |ui| row(ui, found, name, (index, self.chosen))).inner;
                if response.clicked() {
                    clicked = Some((*party, found.item));
                }
            }
            clicked
        });
        shown.inner
    }
}

/// Where a kind stands among the results.
const fn order(item: ItemId) -> u8 {
    match item {
        ItemId::Task(_) => 0,
        ItemId::Note(_) => 1,
        ItemId::Message(_) => 2,
        ItemId::File(_) => 3,
    }
}

fn row(ui: &mut Ui, found: &Found, party: &str, (index, chosen): (usize, usize)) -> Response {
    let (t, chosen) = (tokens(ui), index == chosen);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let label = format!("{}: {}", text::kind(found.item), one_line(&found.title));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &label));
    let fill = match (chosen, response.hovered()) {
        (true, _) => t.active,
        (false, true) => t.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, radius::CONTROL, fill);
    let icon = match found.item {
        ItemId::Task(_) => Icon::ListTodo,
        ItemId::Note(_) => Icon::StickyNote,
        ItemId::Message(_) => Icon::MessagesSquare,
        ItemId::File(_) => Icon::File,
    };
    paint_icon(
        ui.painter(),
        pos2(rect.left() + 20.0, rect.center().y),
        16.0,
        t.muted,
        icon,
    );
    let line = |y: f32, words: String, kind: Type, color: Color32| {
        let mut job = LayoutJob::simple_singleline(words, kind.font(), color);
        job.wrap = TextWrapping::truncate_at_width(rect.width() - 52.0);
        let galley = ui.painter().layout_job(job);
        ui.painter()
            .galley(pos2(rect.left() + 40.0, rect.top() + y), galley, color);
    };
    line(6.0, one_line(&found.title), Type::Strong, t.text);
    let below = if found.excerpt.is_empty() {
        party.to_owned()
    } else {
        format!("{party}: {}", found.excerpt)
    };
    line(25.0, below, Type::Small, t.muted);
    if response.has_focus() {
        focus_ring(ui, rect.shrink(2.0), radius::CONTROL);
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}
