//! Second step: the PIN, as the inviter says it.

use std::sync::Arc;

use egui::accesskit::Live;
use egui::{Align, Id, Layout, Ui, vec2};
use zeroize::Zeroizing;

use super::Intent;
use crate::failure::Failure;
use crate::invitation::{Pin, PinNotice};
use crate::time::Timestamp;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entered, Kind, PinField, State, countdown, footer, label, paragraph, pin_field, right, row, tokens,
};
use crate::worker::RequestId;

/// How long a PIN works, for the ring of its countdown.
const PIN_LIFETIME: std::time::Duration = std::time::Duration::from_secs(300);

/// What has been typed so far, and what became of the last attempt.
#[derive(Default)]
pub(super) struct PinEntry {
    typed: Zeroizing<String>,
    last: Last,
}

#[derive(Default)]
enum Last {
    #[default]
    Nothing,
    /// On its way to the worker.
    Sent(RequestId),
    /// The inviter's side has answered.
    Notice(PinNotice),
    /// The worker would not take it.
    Refused(Failure),
}

/// What the stage says about the PIN that is wanted.
pub(super) struct Asked {
    pub(super) digits: u8,
    pub(super) expires: Timestamp,
    pub(super) tries_left: u8,
}

impl PinEntry {
    /// The stage asks for a PIN.
    pub(super) fn ask(&mut self, notice: Option<PinNotice>) {
        match notice {
            // A wrong PIN stays to be looked at; the next digit begins anew.
            Some(PinNotice::Wrong) => {}
            Some(PinNotice::Changed | PinNotice::Void) | None => self.typed.clear(),
        }
        self.last = notice.map_or(Last::Nothing, Last::Notice);
    }

    pub(super) fn submit(&mut self, request: RequestId) {
        self.last = Last::Sent(request);
    }

    /// Whether a PIN is on its way.
    pub(super) const fn is_sent(&self) -> bool {
        matches!(self.last, Last::Sent(_))
    }

    pub(super) fn refuse(&mut self, request: RequestId, failure: &Failure) {
        if matches!(self.last, Last::Sent(asked) if asked == request) {
            self.last = Last::Refused(failure.clone());
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The boxes, open.
pub(super) fn view(
    ui: &mut Ui,
    id: Id,
    entry: &mut PinEntry,
    asked: &Asked,
    now: Timestamp,
    entered: Entered,
) -> Option<Intent> {
    let look = match entry.last {
        // There is no PIN to be typed before the inviter shows another.
        Last::Sent(_) | Last::Notice(PinNotice::Void) => PinField::Closed,
        Last::Notice(PinNotice::Wrong) | Last::Refused(_) => PinField::Wrong,
        Last::Nothing | Last::Notice(PinNotice::Changed) => PinField::Open,
    };
    let count = usize::from(asked.digits);
    let response = pin_field(ui, id.with("pin"), text::PIN_LABEL, &mut entry.typed, count, look);
    entered.focus(&response);
    if response.changed() {
        // Whoever types has read the notice.
        entry.last = Last::Nothing;
    }
    notices(ui, &entry.last, asked, now);
    let pin = Pin::parse(&entry.typed, asked.digits).ok();
    let ready = pin.is_some() && matches!(entry.last, Last::Nothing);
    let state = if entry.is_sent() {
        State::Busy
    } else {
        State::from(ready)
    };
    let (_, (go, cancel)) = buttons(ui, state);
    match pin {
        Some(pin) if ready && (go || response.changed()) => Some(Intent::SubmitPin(Arc::new(pin))),
        _ => cancel.then_some(Intent::Cancel),
    }
}

/// The boxes while the PIN is checked: shown, not to be changed.
pub(super) fn view_checking(ui: &mut Ui, id: Id, entry: &mut PinEntry) -> Option<Intent> {
    let t = tokens(ui);
    let count = entry.typed.len().max(6);
    pin_field(
        ui,
        id.with("pin"),
        text::PIN_LABEL,
        &mut entry.typed,
        count,
        PinField::Closed,
    );
    centred(ui, |ui| label(ui, Type::Small, t.muted, text::CHECKING_PIN));
    let (_, (_, cancel)) = buttons(ui, State::Busy);
    cancel.then_some(Intent::Cancel)
}

fn buttons(ui: &mut Ui, state: State) -> ((), (bool, bool)) {
    footer(
        ui,
        |_| (),
        |ui| {
            let words = if state == State::Busy {
                text::CHECKING
            } else {
                text::JOIN_PARTY
            };
            let go = ui.add(Button::new(Kind::Primary, words).state(state)).clicked();
            (go, ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked())
        },
    )
}

/// Two lines of fixed height below the boxes, so that nothing jumps.
fn centred<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) {
    ui.add_space(space::XS);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), 40.0),
        Layout::top_down(Align::Center),
        |ui| {
            ui.set_min_height(40.0);
            ui.spacing_mut().item_spacing.y = 2.0;
            content(ui);
        },
    );
}

fn notices(ui: &mut Ui, last: &Last, asked: &Asked, now: Timestamp) {
    let t = tokens(ui);
    centred(ui, |ui| {
        let (color, sentence, more) = match last {
            Last::Notice(PinNotice::Wrong) => (t.danger, text::wrong_pin(asked.tries_left), text::WRONG_PIN_SEEN),
            Last::Notice(PinNotice::Changed) => (t.warning, text::PIN_CHANGED.to_owned(), text::PIN_CHANGED_MEANS),
            Last::Notice(PinNotice::Void) => (t.warning, text::PIN_VOID.to_owned(), text::PIN_VOID_MEANS),
            Last::Refused(failure) => (t.danger, text::both(failure), ""),
            Last::Nothing | Last::Sent(_) => {
                paragraph(ui, Type::Small, t.muted, text::PIN_BY_VOICE);
                row(ui, 18.0, |ui| {
                    let width = 150.0;
                    ui.add_space((ui.available_width() - width) / 2.0);
                    ui.allocate_ui(vec2(width, 18.0), |ui| {
                        right(ui, |ui| {
                            countdown(ui, now, asked.expires, PIN_LIFETIME, text::PIN_WORKS_FOR);
                        });
                    });
                });
                return;
            }
        };
        let response = paragraph(ui, Type::SmallStrong, color, sentence);
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_live(Live::Assertive));
        if !more.is_empty() {
            paragraph(ui, Type::Small, t.muted, more);
        }
    });
}
