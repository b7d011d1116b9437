//! Which machines besides the peers may be contacted, to be chosen where the program was not started for something else.

use egui::Ui;
use lucide_icons::Icon;

use super::{Order, SmallAction};
use crate::ui::fonts::Type;
use crate::ui::frame::Frame;
use crate::ui::text;
use crate::ui::widgets::{Tone, label, notice_line, paragraph, segmented, spinner, tokens};
use crate::worker::{Command, Event, NetworkMode, NetworkView};

/// The choice, and what became of the last one.
#[derive(Default)]
pub(super) struct Reach(Order);

impl Reach {
    pub(super) fn apply(&mut self, event: &Event) {
        self.0.apply(event);
    }

    pub(super) fn view(&mut self, ui: &mut Ui, frame: &Frame<'_>, network: &NetworkView) -> Option<SmallAction> {
        let t = tokens(ui);
        label(ui, Type::SmallStrong, t.text, text::NETWORK);
        ui.add_space(-6.0);
        let means = match &network.next {
            Some(_) => text::CHANGING_NETWORK.to_owned(),
            None => text::network(&network.mode),
        };
        paragraph(ui, Type::Small, t.muted, means);
        // What it is being changed to can still be chosen otherwise.
        let chosen = match network.next.as_ref().unwrap_or(&network.mode) {
            // Asked for at the start, and not offered by a window.
            NetworkMode::OwnRelay { .. } | NetworkMode::Loopback => None,
            now @ (NetworkMode::PublicRelays | NetworkMode::LocalNetwork) => choice(ui, now),
        };
        match &self.0 {
            Order::Refused(failure) => notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure)),
            Order::Sent(_) => spinner(ui, 14.0),
            // Asked for elsewhere, or before this was opened.
            Order::None | Order::Carried if network.next.is_some() => spinner(ui, 14.0),
            Order::None | Order::Carried => {}
        }
        let mode = chosen?;
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
