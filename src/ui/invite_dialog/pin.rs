//! Third stage: the PIN, to be told by voice. Nobody's name stands here: nothing about the device is proved yet.

use egui::Ui;
use lucide_icons::Icon;

use super::{Intent, Order, STAGE_HEIGHT, newcomers, refusal};
use crate::invitation::{MAX_WRONG_PER_PIN, PinVoid};
use crate::time::Timestamp;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entered, Kind, State, Tone, countdown, footer, icon, label, lines, notice_line, outcome, paragraph,
    pin_panel, right, row, tokens, waiting_dot,
};
use crate::worker::InvitationView;

/// How long a PIN works, for the ring of its countdown.
const PIN_LIFETIME: std::time::Duration = std::time::Duration::from_secs(300);

/// The PIN and what has happened to it.
pub(super) struct Shown<'a> {
    pub(super) digits: &'a str,
    pub(super) expires: Timestamp,
    pub(super) wrong: u8,
    /// What to do with it: in short, and how.
    pub(super) advice: (&'static str, &'static str),
    pub(super) line: Line<'a>,
}

/// Who else has the code.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) invitation: &'a InvitationView,
    /// How many devices wait.
    pub(super) waiting: u8,
}

impl Line<'_> {
    /// Whether anybody in the network may have come, rather than who has the code.
    const fn is_nearby(self) -> bool {
        self.invitation.nearby.is_some()
    }

    /// Whether more devices want to come in than people were invited, and nobody could have heard of it without the code.
    fn has_leaked(self) -> bool {
        !self.is_nearby() && u32::from(self.waiting) >= self.invitation.uses_left()
    }

    fn height(self) -> f32 {
        STAGE_HEIGHT + newcomers::height(self.invitation)
    }
}

/// The PIN is good.
pub(super) fn view(ui: &mut Ui, order: &Order, now: Timestamp, pin: &Shown<'_>) -> Option<Intent> {
    let t = tokens(ui);
    let top = ui.cursor().top();
    row(ui, 40.0, |ui| {
        icon(ui, 20.0, t.muted, Icon::MonitorSmartphone);
        ui.add_space(space::XS);
        right(ui, |ui| {
            countdown(ui, now, pin.expires, PIN_LIFETIME, text::PIN_WORKS_FOR);
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                lines(ui, 38.0, |ui| {
                    label(ui, Type::Strong, t.text, text::A_DEVICE);
                    let came = if pin.line.is_nearby() {
                        text::MAY_BE_NEARBY
                    } else {
                        text::HAS_THE_CODE
                    };
                    label(ui, Type::Small, t.muted, came);
                });
            });
        });
    });
    let next = another_device(ui, pin.line);
    pin_panel(ui, pin.digits, if pin.line.waiting > 0 { 160.0 } else { 200.0 });
    ui.add_space(space::XS);
    let (what, how) = pin.advice;
    label(ui, Type::Heading, t.text, what);
    ui.add_space(-6.0);
    paragraph(ui, Type::Body, t.muted, how);
    let remedy = status(ui, order, now, pin.wrong);
    newcomers::view(ui, pin.line.invitation);
    ui.add_space((top + pin.line.height() - ui.cursor().top()).max(0.0));
    next.or(remedy).or(buttons(ui, order, Kind::Secondary, Entered::Before))
}

/// The PIN works no more: a click, never the app, makes the next one.
pub(super) fn view_void(
    ui: &mut Ui,
    order: &Order,
    reason: PinVoid,
    line: Line<'_>,
    entered: Entered,
) -> Option<Intent> {
    let top = ui.cursor().top();
    let (title, sentence) = text::pin_void(reason);
    outcome(ui, Tone::Warning, Icon::TriangleAlert, title, sentence);
    let next = another_device(ui, line);
    let remedy = refusal::view(ui, order);
    ui.add_space((top + line.height() - ui.cursor().top()).max(0.0));
    next.or(remedy).or(buttons(ui, order, Kind::Primary, entered))
}

/// What this PIN has seen, on one line of fixed height.
fn status(ui: &mut Ui, order: &Order, now: Timestamp, wrong: u8) -> Option<Intent> {
    let t = tokens(ui);
    let remedy = refusal::view(ui, order);
    if matches!(order, Order::Refused(..)) {
        return remedy;
    }
    if wrong > 0 {
        notice_line(
            ui,
            Tone::Warning,
            Icon::TriangleAlert,
            &text::wrong_pins(wrong, MAX_WRONG_PER_PIN),
        );
    } else {
        row(ui, 18.0, |ui| {
            waiting_dot(ui, now);
            label(ui, Type::Small, t.muted, text::WAITING_FOR_PIN);
        });
    }
    None
}

/// Somebody else waits with the same code: in line, or because the code has leaked.
fn another_device(ui: &mut Ui, line: Line<'_>) -> Option<Intent> {
    if line.waiting == 0 {
        return None;
    }
    let t = tokens(ui);
    let (tone, symbol, sentence) = if line.has_leaked() {
        (Tone::Bad, Icon::TriangleAlert, text::others_wait(line.waiting))
    } else {
        (Tone::Plain, Icon::Users, text::in_line(line.waiting))
    };
    let frame = egui::Frame::new()
        .fill(tone.ground(t))
        .corner_radius(crate::ui::theme::radius::CONTROL)
        .inner_margin(8);
    frame
        .show(ui, |ui| {
            row(ui, 28.0, |ui| {
                icon(ui, 16.0, tone.front(t), symbol);
                right(ui, |ui| {
                    let next = Button::new(Kind::Secondary, text::NEXT).small().named(text::NEXT_LABEL);
                    let clicked = ui.add(next).on_hover_text(text::NEXT_LABEL).clicked();
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        let response = label(ui, Type::Small, t.text, sentence);
                        ui.ctx().accesskit_node_builder(response.id, |node| {
                            node.set_live(egui::accesskit::Live::Assertive);
                        });
                    });
                    clicked.then_some(Intent::Next)
                })
            })
        })
        .inner
}

fn buttons(ui: &mut Ui, order: &Order, kind: Kind, entered: Entered) -> Option<Intent> {
    let sent = matches!(order, Order::Sent(..));
    let state = if sent { State::Disabled } else { State::Ready };
    let (wrong_person, new_pin) = footer(
        ui,
        |ui| {
            ui.add(Button::new(Kind::DangerGhost, text::NOT_EXPECTED).flush().state(state))
                .clicked()
        },
        |ui| {
            let button = Button::new(kind, text::SHOW_NEW_PIN).icon(Icon::RefreshCw).state(state);
            let response = ui.add(button);
            entered.focus(&response);
            response.clicked()
        },
    );
    wrong_person
        .then_some(Intent::Next)
        .or(new_pin.then_some(Intent::ShowNewPin))
}
