//! Buttons: five kinds, three states, two sizes.

use egui::accesskit::Role;
use egui::{Color32, CursorIcon, Rect, Response, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::countdown::spin;
use super::label::{paint_icon, tokens};
use crate::ui::fonts::Type;
use crate::ui::theme::{Tokens, height, radius};

/// How much a button wants to be clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The one thing to do next; at most one in a screen.
    Primary,
    Secondary,
    Ghost,
    /// Takes something away, after a confirmation.
    Danger,
    /// Takes something away or leads there.
    DangerGhost,
}

/// Whether a button can be clicked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    #[default]
    Ready,
    /// Spins: what it stands for is under way.
    Busy,
    Disabled,
}

/// Ready if the condition holds.
impl From<bool> for State {
    fn from(ready: bool) -> Self {
        if ready { Self::Ready } else { Self::Disabled }
    }
}

/// How wide a button is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Width {
    Natural,
    /// All there is.
    Full,
    /// Its text begins at the layout's edge, the hover fill hangs out. (A negative space would widen the parent.)
    Flush,
    Exact(f32),
}

/// A button with a text.
#[derive(Debug)]
pub(crate) struct Button<'a> {
    text: &'a str,
    icon: Option<Icon>,
    kind: Kind,
    state: State,
    width: Width,
    height: f32,
    label: Option<&'a str>,
}

impl<'a> Button<'a> {
    pub(crate) const fn new(kind: Kind, text: &'a str) -> Self {
        let (state, width) = (State::Ready, Width::Natural);
        Self {
            text,
            icon: None,
            kind,
            state,
            width,
            height: height::CONTROL,
            label: None,
        }
    }

    pub(crate) const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    pub(crate) const fn state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    pub(crate) const fn small(mut self) -> Self {
        self.height = height::SMALL;
        self
    }

    pub(crate) const fn full(mut self) -> Self {
        self.width = Width::Full;
        self
    }

    pub(crate) const fn flush(mut self) -> Self {
        self.width = Width::Flush;
        self
    }

    pub(crate) const fn width(mut self, width: f32) -> Self {
        self.width = Width::Exact(width);
        self
    }

    /// What a screen reader says in place of the text, where the text alone is not enough.
    pub(crate) const fn named(mut self, label: &'a str) -> Self {
        self.label = Some(label);
        self
    }
}

/// A square button with an icon; the label is its tooltip and its name for screen readers.
pub(crate) fn icon_button(ui: &mut Ui, icon: Icon, label: &str) -> Response {
    let mut button = Button::new(Kind::Ghost, "").icon(icon).named(label);
    button.height = 32.0;
    ui.add(button).on_hover_text(label)
}

/// The same, where many stand close together.
pub(crate) fn small_icon_button(ui: &mut Ui, icon: Icon, label: &str) -> Response {
    let button = Button::new(Kind::Ghost, "").icon(icon).named(label).small();
    ui.add(button).on_hover_text(label)
}

/// The ring around what has the keyboard.
pub(crate) fn focus_ring(ui: &Ui, rect: Rect, corner: u8) {
    let stroke = Stroke::new(2.0, tokens(ui).focus);
    ui.painter()
        .rect_stroke(rect.expand(2.0), corner + 2, stroke, StrokeKind::Outside);
}

/// Fill, text and outline.
struct Look {
    fill: Color32,
    text: Color32,
    outline: Color32,
}

impl Button<'_> {
    fn look(&self, t: &Tokens, response: &Response) -> Look {
        let none = Color32::TRANSPARENT;
        let pick = |rest, hover, press| {
            if self.state != State::Ready {
                rest
            } else if response.is_pointer_button_down_on() {
                press
            } else if response.hovered() {
                hover
            } else {
                rest
            }
        };
        let solid = matches!(self.kind, Kind::Primary | Kind::Danger);
        if self.state == State::Disabled && solid {
            return Look {
                fill: t.active,
                text: t.faint,
                outline: none,
            };
        }
        let (fill, text, outline) = match self.kind {
            Kind::Primary => (pick(t.accent, t.accent_hover, t.accent_press), t.on_accent, none),
            Kind::Danger => (
                pick(t.danger_solid, t.danger_solid.gamma_multiply(0.92), t.danger_solid),
                t.on_accent,
                none,
            ),
            Kind::Secondary => (pick(t.surface, t.hover, t.active), t.text, t.outline),
            Kind::Ghost if self.text.is_empty() => (pick(none, t.hover, t.active), t.muted, none),
            Kind::Ghost => (pick(none, t.hover, t.active), t.text, none),
            Kind::DangerGhost => (pick(none, t.danger_soft, t.danger_soft), t.danger, none),
        };
        let dim = if self.state == State::Disabled { 0.45 } else { 1.0 };
        Look {
            fill: fill.gamma_multiply(dim),
            text: text.gamma_multiply(dim),
            outline: outline.gamma_multiply(dim),
        }
    }
}

impl Widget for Button<'_> {
    fn ui(mut self, ui: &mut Ui) -> Response {
        if self.state == State::Ready && !ui.is_enabled() {
            self.state = State::Disabled;
        }
        let small = self.height <= height::SMALL;
        let kind = if small { Type::SmallStrong } else { Type::Strong };
        let (icon_size, gap, pad) = match (small, self.text.is_empty()) {
            (_, true) => (16.0, 0.0, 0.0),
            (true, false) => (14.0, 6.0, 10.0),
            (false, false) => (16.0, 8.0, 14.0),
        };
        let painter = ui.painter().clone();
        let galley = (!self.text.is_empty())
            .then(|| painter.layout_no_wrap(self.text.to_owned(), kind.font(), Color32::PLACEHOLDER));
        let has_icon = self.icon.is_some() || self.state == State::Busy;
        let icon_width = if has_icon { icon_size + gap } else { 0.0 };
        let content = icon_width + galley.as_ref().map_or(0.0, |galley| galley.size().x);
        let width = match self.width {
            Width::Full => ui.available_width(),
            Width::Flush => content,
            Width::Exact(width) => width,
            Width::Natural if self.text.is_empty() => self.height,
            Width::Natural => content + 2.0 * pad,
        };
        let ready = self.state == State::Ready;
        let sense = if ready { Sense::click() } else { Sense::hover() };
        let (mut rect, response) = ui.allocate_exact_size(vec2(width, self.height), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ready, self.label.unwrap_or(self.text)));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let look = self.look(tokens(ui), &response);
        let corner = if small { radius::SMALL } else { radius::CONTROL };
        if self.width == Width::Flush {
            rect = rect.expand2(vec2(12.0, 0.0));
        }
        painter.rect(
            rect,
            corner,
            look.fill,
            Stroke::new(1.0, look.outline),
            StrokeKind::Inside,
        );
        let left = rect.center().x - content / 2.0;
        let at = pos2(left + icon_size / 2.0, rect.center().y);
        if self.state == State::Busy {
            spin(ui, at, icon_size, look.text);
        } else if let Some(icon) = self.icon {
            paint_icon(&painter, at, icon_size, look.text, icon);
        }
        if let Some(galley) = galley {
            painter.galley(
                pos2(left + icon_width, rect.center().y - galley.size().y / 2.0),
                galley,
                look.text,
            );
        }
        if response.has_focus() {
            focus_ring(ui, rect, corner);
        }
        if ready {
            response.on_hover_cursor(CursorIcon::PointingHand)
        } else {
            response
        }
    }
}
