//! The pill that says when a task is due, and the menu in which a day is chosen.

use egui::accesskit::Role;
use egui::{
    Color32, CursorIcon, PopupCloseBehavior, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};
use jiff::civil::Date;
use lucide_icons::Icon;

use crate::party::{Task, TaskId};
use crate::time::Day;
use crate::ui::calendar;
use crate::ui::fonts::{self, Type};
use crate::ui::text;
use crate::ui::theme::Tokens;
use crate::ui::widgets::{Item, Tone, focus_ring, line, paint_icon, popup, small_icon_button, tokens};

/// The side of a day in the month, in points.
const DAY: f32 = 30.0;
/// Days of a week, and weeks that a month can touch.
const WEEK: i64 = 7;
const WEEKS: i64 = 6;

/// Front and ground: overdue is red, today amber, later plain; what is done is no hurry.
const fn colours(t: &Tokens, hurry: Hurry) -> (Color32, Color32) {
    match hurry {
        Hurry::Overdue => (t.danger, t.danger_soft),
        Hurry::Today => (t.warning, t.warning_soft),
        Hurry::None => (t.muted, t.sunken),
    }
}

/// How much a task presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hurry {
    Overdue,
    Today,
    None,
}

impl Hurry {
    fn of(task: &Task, due: Option<Date>, today: Date) -> Self {
        match due.map(|due| calendar::days_between(today, due)) {
            _ if task.done => Self::None,
            Some(..0) => Self::Overdue,
            Some(0) => Self::Today,
            Some(1..) | None => Self::None,
        }
    }
}

/// The pill. Without a day it is a small calendar.
pub(super) fn pill(ui: &mut Ui, task: &Task, due: Option<Date>, today: Date, label: &str) -> Response {
    let t = tokens(ui);
    let words = due.map(|due| text::due(due, today)).unwrap_or_default();
    let (front, ground) = colours(t, Hurry::of(task, due, today));
    let galley = ui.painter().layout_no_wrap(words, fonts::medium(11.5), front);
    let width = if due.is_some() { galley.size().x + 34.0 } else { 28.0 };
    let sense = if ui.is_enabled() {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(vec2(width, 20.0), sense);
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, label));
    if due.is_some() {
        let stroke = if response.hovered() {
            Stroke::new(1.0, front)
        } else {
            Stroke::NONE
        };
        ui.painter().rect(rect, 10, ground, stroke, StrokeKind::Inside);
        paint_icon(
            ui.painter(),
            pos2(rect.left() + 15.0, rect.center().y),
            12.0,
            front,
            Icon::Calendar,
        );
        let at = pos2(rect.left() + 25.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, front);
    } else if enabled {
        let color = if response.hovered() { t.text } else { t.faint };
        paint_icon(ui.painter(), rect.center(), 14.0, color, Icon::CalendarPlus);
    }
    if response.has_focus() {
        focus_ring(ui, rect, 10);
    }
    if enabled {
        response.on_hover_cursor(CursorIcon::PointingHand)
    } else {
        response
    }
}

/// What a line of the menu does.
#[derive(Clone, Copy)]
enum Choice {
    Day(Option<Date>),
    Month,
}

/// The menu below the pill. `month` holds the month that is shown while a day is chosen in it.
pub(super) fn menu(
    pill: &Response,
    task: TaskId,
    due: Option<Date>,
    today: Date,
    month: &mut Option<(TaskId, Date)>,
) -> Option<Option<Day>> {
    let open = popup(pill, 222.0, PopupCloseBehavior::CloseOnClickOutside, |ui| {
        let chosen = match month {
            Some((of, shown)) if *of == task => grid(ui, shown, due, today).map(Some),
            _ => match lines(ui, due, today) {
                Some(Choice::Day(day)) => Some(day),
                Some(Choice::Month) => {
                    *month = Some((task, due.unwrap_or(today).first_of_month()));
                    None
                }
                None => None,
            },
        };
        if chosen.is_some() {
            ui.close();
        }
        chosen
    });
    let closed = open.is_none_or(|chosen| chosen.is_some());
    if closed && month.is_some_and(|(of, _)| of == task) {
        *month = None;
    }
    let chosen = open.flatten()?;
    Some(chosen.and_then(calendar::day))
}

fn lines(ui: &mut Ui, due: Option<Date>, today: Date) -> Option<Choice> {
    let day = |days| Choice::Day(Some(calendar::later(today, days)));
    let mut items = vec![
        (Icon::Sun, text::DUE_TODAY, day(0)),
        (Icon::Sunrise, text::DUE_TOMORROW, day(1)),
        (Icon::CalendarRange, text::DUE_WEEK, day(WEEK)),
        (Icon::CalendarDays, text::DUE_PICK, Choice::Month),
    ];
    if due.is_some() {
        items.push((Icon::CalendarX2, text::DUE_NONE, Choice::Day(None)));
    }
    let mut chosen = None;
    for (icon, text, action) in items {
        let item = Item {
            icon,
            text,
            tone: Tone::Plain,
            action,
        };
        if line(ui, &item).clicked() {
            chosen = Some(action);
        }
    }
    chosen
}

/// A month, a week a row, beginning with Monday.
fn grid(ui: &mut Ui, month: &mut Date, due: Option<Date>, today: Date) -> Option<Date> {
    let t = tokens(ui);
    ui.allocate_ui_with_layout(
        vec2(WEEK as f32 * DAY, 28.0),
        egui::Layout::left_to_right(egui::Align::Center),
        |ui| {
            if small_icon_button(ui, Icon::ChevronLeft, text::MONTH_BEFORE).clicked() {
                *month = calendar::month_later(*month, -1);
            }
            let width = ui.available_width() - 36.0;
            let (rect, _) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
            let name = month.strftime("%B %Y").to_string();
            ui.painter().text(
                rect.center(),
                egui::Align2::CENTER_CENTER,
                name,
                Type::SmallStrong.font(),
                t.text,
            );
            if small_icon_button(ui, Icon::ChevronRight, text::MONTH_AFTER).clicked() {
                *month = calendar::month_later(*month, 1);
            }
        },
    );
    let (heads, _) = ui.allocate_exact_size(vec2(WEEK as f32 * DAY, 18.0), Sense::hover());
    for (at, name) in text::WEEKDAYS.iter().enumerate() {
        let center = heads.left_center() + vec2((at as f32 + 0.5) * DAY, 0.0);
        ui.painter()
            .text(center, egui::Align2::CENTER_CENTER, name, fonts::medium(11.0), t.muted);
    }
    let first = calendar::later(*month, -i64::from(month.weekday().to_monday_zero_offset()));
    let (whole, _) = ui.allocate_exact_size(vec2(WEEK as f32 * DAY, WEEKS as f32 * DAY), Sense::hover());
    let mut chosen = None;
    for number in 0..WEEK * WEEKS {
        let date = calendar::later(first, number);
        let corner = whole.min + vec2((number % WEEK) as f32, (number / WEEK) as f32) * DAY;
        let cell = Rect::from_min_size(corner, Vec2::splat(DAY)).shrink(1.0);
        let response = ui.interact(cell, ui.scope_id().with(("day", number)), Sense::click());
        let label = date.strftime("%-d %B %Y").to_string();
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, due == Some(date), &label));
        let (mut front, ground) = match (due == Some(date), response.hovered()) {
            (true, _) => (t.on_accent, t.accent),
            (false, true) => (t.text, t.hover),
            (false, false) => (t.text, Color32::TRANSPARENT),
        };
        if date.month() != month.month() && due != Some(date) {
            front = t.faint;
        }
        ui.painter().rect_filled(cell, 6, ground);
        if date == today {
            ui.painter()
                .rect_stroke(cell, 6, Stroke::new(1.0, t.accent), StrokeKind::Inside);
        }
        let font = Type::Small.font();
        ui.painter().text(
            cell.center(),
            egui::Align2::CENTER_CENTER,
            date.day().to_string(),
            font,
            front,
        );
        if response.has_focus() {
            focus_ring(ui, cell.shrink(1.0), 6);
        }
        if response.clicked() {
            chosen = Some(date);
        }
    }
    chosen
}
