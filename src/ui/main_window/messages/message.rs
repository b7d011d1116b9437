//! One message, with what may stand above it: the day, the "New" line, the author, what it answers.

use egui::accesskit::Role;
use egui::{CursorIcon, Label, Rect, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::heights::{self, Above, Group, Span};
use crate::party::{Message, MessageId};
use crate::ui::fonts::Type;
use crate::ui::main_window::{may_write, member_name, one_line};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::radius;
use crate::ui::widgets::{Tile, avatar, focus_ring, label, label_truncated, row, small_icon_button, tokens};
use crate::worker::PartyView;

/// What was done to a message.
pub(super) enum Done {
    Reply,
    Delete,
    GoTo(MessageId),
}

pub(super) fn view(
    ui: &mut Ui,
    rect: Rect,
    party: &PartyView,
    message: &Message,
    span: &Span,
    scene: &Scene<'_>,
) -> Option<Done> {
    let t = tokens(ui);
    let mut top = rect.top();
    if let Some(day) = span.day {
        divider(
            ui,
            rect,
            top + heights::DAY / 2.0 + 8.0,
            &text::day_heading(day, scene.today()),
            t.muted,
            t.border,
        );
        top += heights::DAY;
    }
    if span.above == Above::New {
        divider(
            ui,
            rect,
            top + heights::NEW / 2.0 + 6.0,
            text::NEW_MESSAGES,
            t.accent_text,
            t.accent,
        );
        top += heights::NEW;
    }
    let begin = top;
    top += match span.group {
        Group::Begins => heights::GROUP_GAP,
        Group::GoesOn => heights::GAP,
    };
    let body = Rect::from_min_max(pos2(rect.left(), top - 2.0), rect.right_bottom() + vec2(0.0, 2.0));
    let name = member_name(party, message.author);
    if span.group == Group::Begins {
        author(ui, rect, top, name, message, scene);
        top += heights::AUTHOR;
    }
    let left = rect.left() + heights::LEFT;
    let width = (rect.width() - heights::LEFT - heights::RIGHT).max(80.0);
    let mut done = None;
    if let Some(other) = message.reply_to {
        let place = Rect::from_min_size(pos2(left, top), vec2(width, heights::QUOTE - 4.0));
        if quote(ui, place, party, other) {
            done = Some(Done::GoTo(other));
        }
        top += heights::QUOTE;
    }
    let galley = heights::text(ui, &message.text, width);
    let place = Rect::from_min_size(pos2(left, top), vec2(width, galley.size().y));
    ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
        ui.add(Label::new(galley).selectable(true));
    });
    let at = pos2(rect.right(), begin.max(body.top()));
    done.or(buttons(ui, body, at, party, message, name, scene))
}

/// A word in the middle of a line.
fn divider(ui: &Ui, rect: Rect, y: f32, words: &str, front: egui::Color32, line: egui::Color32) {
    let galley = ui
        .painter()
        .layout_no_wrap(words.to_owned(), Type::SmallStrong.font(), front);
    let half = galley.size().x / 2.0 + 12.0;
    let middle = rect.center().x;
    let stroke = Stroke::new(1.0, line);
    ui.painter().hline(rect.left()..=middle - half, y, stroke);
    ui.painter().hline(middle + half..=rect.right() - 8.0, y, stroke);
    let at = pos2(middle - galley.size().x / 2.0, y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, front);
}

fn author(ui: &mut Ui, rect: Rect, top: f32, name: &str, message: &Message, scene: &Scene<'_>) {
    let t = tokens(ui);
    let picture = Rect::from_min_size(pos2(rect.left(), top), Vec2::splat(36.0));
    ui.scope_builder(UiBuilder::new().max_rect(picture), |ui| {
        let id = message.author.as_bytes();
        avatar(ui, 36.0, Tile { id, name });
    });
    let place = Rect::from_min_size(pos2(rect.left() + heights::LEFT, top), vec2(rect.width() - 130.0, 18.0));
    ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
        row(ui, 18.0, |ui| {
            label_truncated(ui, Type::SmallStrong, t.text, name);
            let time = text::clock(&scene.calendar.local(message.sent));
            label(ui, Type::Small, t.muted, time);
        });
    });
}

/// The beginning of the message that this one answers; a click goes there.
fn quote(ui: &Ui, rect: Rect, party: &PartyView, other: MessageId) -> bool {
    let t = tokens(ui);
    let found = party.messages.iter().rev().find(|message| message.id == other);
    let words = found.map_or_else(
        || text::MESSAGE_GONE.to_owned(),
        |message| text::said(member_name(party, message.author), &one_line(&message.text)),
    );
    let sense = if found.is_some() {
        Sense::click()
    } else {
        Sense::hover()
    };
    let response = ui.interact(rect, ui.scope_id().with("quote"), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Link, found.is_some(), &words));
    let bar = Rect::from_min_size(rect.min + vec2(0.0, 1.0), vec2(3.0, rect.height() - 2.0));
    ui.painter().rect_filled(bar, 1, t.border_strong);
    let color = if response.hovered() && found.is_some() {
        t.text
    } else {
        t.muted
    };
    let mut job = egui::text::LayoutJob::simple_singleline(words, Type::Small.font(), color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - 12.0);
    let galley = ui.painter().layout_job(job);
    let at = pos2(rect.left() + 10.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, color);
    if response.has_focus() {
        focus_ring(ui, rect, radius::SMALL);
    }
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// Reply and delete. They are there for the keyboard and for screen readers, and seen when the pointer is near.
fn buttons(
    ui: &mut Ui,
    body: Rect,
    right_top: egui::Pos2,
    party: &PartyView,
    message: &Message,
    name: &str,
    scene: &Scene<'_>,
) -> Option<Done> {
    if !may_write(party) {
        return None;
    }
    let own = scene.model.own_identity() == Some(message.author);
    let place = Rect::from_min_max(
        pos2(right_top.x - 68.0, right_top.y),
        pos2(right_top.x - 8.0, right_top.y + 28.0),
    );
    let near = ui.rect_contains_pointer(body) || ui.rect_contains_pointer(place);
    ui.scope_builder(
        UiBuilder::new()
            .max_rect(place)
            .layout(egui::Layout::right_to_left(egui::Align::Center)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let key = ui.scope_id().with("focused");
            let focused = ui.data(|data| data.get_temp::<bool>(key)).unwrap_or_default();
            if !near && !focused {
                ui.set_opacity(0.0);
            }
            let words: String = one_line(&message.text).chars().take(40).collect();
            let delete = own.then(|| small_icon_button(ui, Icon::Trash2, &text::delete_message(&words)));
            let reply = small_icon_button(ui, Icon::Reply, &text::reply_to(name, &words));
            let has_focus = reply.has_focus() || delete.as_ref().is_some_and(egui::Response::has_focus);
            if has_focus != focused {
                ui.data_mut(|data| data.insert_temp(key, has_focus));
            }
            match (reply.clicked(), delete.is_some_and(|delete| delete.clicked())) {
                (true, _) => Some(Done::Reply),
                (false, true) => Some(Done::Delete),
                (false, false) => None,
            }
        },
    )
    .inner
}
