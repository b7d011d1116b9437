//! Frames and small notices: card, well, strip, banner, pill.

use egui::accesskit::{Live, Role};
use egui::{Color32, Frame, Label, Margin, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::label::{paint_icon, rich, row, tokens};
use crate::ui::fonts::{self, Type};
use crate::ui::theme::{Tokens, radius};

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Warning,
    Bad,
}

impl Tone {
    /// Its colour for text and icon.
    pub(crate) const fn front(self, t: &Tokens) -> Color32 {
        match self {
            Self::Plain => t.accent_text,
            Self::Good => t.success,
            Self::Warning => t.warning,
            Self::Bad => t.danger,
        }
    }

    /// Its ground.
    pub(crate) const fn ground(self, t: &Tokens) -> Color32 {
        match self {
            Self::Plain => t.accent_soft,
            Self::Good => t.success_soft,
            Self::Warning => t.warning_soft,
            Self::Bad => t.danger_soft,
        }
    }
}

/// A card: surface and hairline, no shadow.
pub(crate) fn card(ui: &Ui) -> Frame {
    let t = tokens(ui);
    Frame::new()
        .fill(t.surface)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(radius::CARD)
        .inner_margin(16)
}

/// A well: what is in it is to be taken out.
pub(crate) fn well(ui: &Ui) -> Frame {
    let t = tokens(ui);
    let margin = Margin::symmetric(12, 10);
    Frame::new()
        .fill(t.sunken)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(radius::CONTROL)
        .inner_margin(margin)
}

/// A strip in a dialog that says what is going on.
pub(crate) fn strip(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let t = tokens(ui);
    let frame = Frame::new()
        .fill(t.sunken)
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin::symmetric(12, 10));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        row(ui, 20.0, content);
    });
}

/// A notice with an icon and a sentence that may wrap.
pub(crate) fn banner(ui: &mut Ui, tone: Tone, symbol: Icon, sentence: &str) -> Response {
    let t = tokens(ui);
    let frame = Frame::new()
        .fill(tone.ground(t))
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin::symmetric(12, 10));
    let shown = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            ui.spacing_mut().interact_size.y = 0.0;
            ui.spacing_mut().item_spacing.x = 10.0;
            let (rect, _) = ui.allocate_exact_size(vec2(16.0, 18.0), Sense::hover());
            paint_icon(ui.painter(), rect.center(), 16.0, tone.front(t), symbol);
            ui.add(Label::new(rich(Type::Small, t.text, sentence)).wrap())
        })
        .inner
    });
    announce(ui, &shown.inner, tone);
    shown.inner
}

/// An icon and a sentence below a control: one line as a rule, more where the sentence needs them.
pub(crate) fn notice_line(ui: &mut Ui, tone: Tone, symbol: Icon, sentence: &str) {
    let t = tokens(ui);
    let line = ui.horizontal_top(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.spacing_mut().item_spacing.x = 6.0;
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
        paint_icon(ui.painter(), rect.center(), 14.0, tone.front(t), symbol);
        ui.add(Label::new(rich(Type::Small, tone.front(t), sentence)).wrap())
    });
    announce(ui, &line.inner, tone);
}

/// Screen readers read a notice when it comes: at once if it is bad, at the next pause otherwise.
fn announce(ui: &Ui, response: &Response, tone: Tone) {
    let live = match tone {
        Tone::Bad | Tone::Warning => Live::Assertive,
        Tone::Good => Live::Polite,
        Tone::Plain => return,
    };
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(live));
}

/// A word in a capsule.
pub(crate) fn pill(ui: &mut Ui, text: &str, front: Color32, ground: Color32) -> Response {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), fonts::medium(11.5), front);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 16.0, 20.0), Sense::hover());
    ui.painter().rect_filled(rect, 10, ground);
    ui.painter().galley(
        pos2(rect.left() + 8.0, rect.center().y - galley.size().y / 2.0),
        galley,
        front,
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response
}
