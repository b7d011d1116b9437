//! Which machines besides the peers may be contacted, to be chosen where the program was not started for something else.

use egui::Ui;
use lucide_icons::Icon;

use super::{Order, SmallAction};
use crate::ui::fonts::Type;
use crate::ui::frame::Frame;
use crate::ui::text;
use crate::ui::widgets::{Tone, label, notice_line, paragraph, segmented, spinner, tokens};
use crate::worker::{Command, Event, NetworkMode};

/// The choice, and what became of the last one.
#[derive(Default)]
pub(super) struct Reach(Order);

impl Reach {
    pub(super) fn apply(&mut self, event: &Event) {
        self.0.apply(event);
    }

    pub(super) fn view(&mut self, ui: &mut Ui, frame: &Frame<'_>, now: &NetworkMode) -> Option<SmallAction> {
        let t = tokens(ui);
        label(ui, Type::SmallStrong, t.text, text::NETWORK);
        ui.add_space(-6.0);
        paragraph(ui, Type::Small, t.muted, text::network(now));
        let chosen = match now {
            // Asked for at the start, and not offered by a window.
            NetworkMode::OwnRelay { .. } | NetworkMode::Loopback => None,
            NetworkMode::PublicRelays | NetworkMode::LocalNetwork => choice(ui, now),
        };
        match &self.0 {
            Order::Sent(_) => spinner(ui, 14.0),
            Order::Refused(failure) => notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure)),
            Order::None | Order::Carried => {}
        }
        let mode = chosen.filter(|_| !matches!(self.0, Order::Sent(_)))?;
        let request = frame.requests.next();
        self.0 = Order::Sent(request);
        Some(SmallAction::Send(request, Command::SetNetworkMode { mode }))
    }
}

/// Another mode than the one of now, if one was clicked.
fn choice(ui: &mut Ui, now: &NetworkMode) -> Option<NetworkMode> {
    let before = *now == NetworkMode::PublicRelays;
    let mut anywhere = before;
    let choices = [(true, text::WITH_RELAYS), (false, text::WITHOUT_RELAYS)];
    segmented(ui, text::NETWORK, &mut anywhere, &choices);
    (anywhere != before).then_some(if anywhere {
        NetworkMode::PublicRelays
    } else {
        NetworkMode::LocalNetwork
    })
}
