//! The relay that a code names and that this Partyline does not use: what that means, and the button that allows it.

use egui::Ui;
use lucide_icons::Icon;

use super::Intent;
use crate::failure::{Failure, Remedy};
use crate::ui::text;
use crate::ui::widgets::{Button, Kind, State, Tone, banner, notice_line};
use crate::worker::{Event, RequestId};

/// What of the code is not used, and what the person has said to that.
#[derive(Default)]
pub(super) struct LeftOut {
    host: Option<String>,
    order: Order,
}

/// The order to use relays.
#[derive(Default)]
enum Order {
    #[default]
    None,
    Sent(RequestId),
    Refused(Failure),
}

impl LeftOut {
    /// The worker has told which relay is left out, if any.
    pub(super) fn change(&mut self, host: Option<&str>) {
        self.host = host.map(str::to_owned);
    }

    pub(super) fn sent(&mut self, request: RequestId) {
        self.order = Order::Sent(request);
    }

    pub(super) fn apply(&mut self, event: &Event) {
        let Order::Sent(asked) = self.order else { return };
        match event {
            Event::Done { request } if *request == asked => self.order = Order::None,
            Event::Failed { request, failure } if *request == Some(asked) => {
                self.order = Order::Refused(failure.clone());
            }
            _ => {}
        }
    }

    /// Nothing if all of the code is used.
    pub(super) fn view(&self, ui: &mut Ui) -> Option<Intent> {
        let host = self.host.clone()?;
        banner(
            ui,
            Tone::Warning,
            Icon::TriangleAlert,
            &text::both(&Failure::RelayLeftOut { host }),
        );
        if let Order::Refused(failure) = &self.order {
            notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure));
        }
        let state = match self.order {
            Order::Sent(_) => State::Busy,
            Order::None | Order::Refused(_) => State::Ready,
        };
        let button = Button::new(Kind::Secondary, text::button(Remedy::UseRelays)).state(state);
        ui.add(button).clicked().then_some(Intent::Remedy(Remedy::UseRelays))
    }
}
