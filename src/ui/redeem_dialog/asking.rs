//! A code that works while its maker is away: what is shown until some member's device has let this person in. It needs
//! nobody here, so the window may be closed meanwhile.

use std::time::Duration;

use egui::Ui;
use lucide_icons::Icon;

use super::relay::LeftOut;
use super::{Intent, waiting};
use crate::identity::Fingerprint;
use crate::time::Timestamp;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entered, Kind, Tone, banner, countdown, footer, label, paragraph, right, strip, tokens, waiting_dot, well,
};

/// The longest pause between two tries, for the ring of the countdown.
const PAUSE: Duration = Duration::from_secs(60);

/// No member's device that the code names answers.
pub(super) fn view_offline(
    ui: &mut Ui,
    now: Timestamp,
    next_try: Timestamp,
    left_out: &LeftOut,
    entered: Entered,
) -> Option<Intent> {
    banner(ui, Tone::Warning, Icon::WifiOff, text::MEMBERS_OFFLINE);
    next(ui, now, next_try, text::TRIES_AGAIN_IN);
    let relay = left_out.view(ui);
    let why = waiting::why(ui);
    relay.or(why).or(buttons(ui, text::TRY_NOW, entered))
}

/// The request has arrived: an admin has to approve it.
pub(super) fn view_request(
    ui: &mut Ui,
    now: Timestamp,
    fingerprint: Fingerprint,
    next_poll: Timestamp,
    entered: Entered,
) -> Option<Intent> {
    let t = tokens(ui);
    banner(ui, Tone::Good, Icon::CircleCheck, text::REQUEST_ARRIVED);
    ui.add_space(space::XS);
    label(ui, Type::SmallStrong, t.text, text::YOUR_WORDS);
    well(ui).show(ui, |ui| {
        ui.vertical_centered(|ui| label(ui, Type::Mono, t.text, fingerprint.to_string()));
    });
    paragraph(ui, Type::Small, t.muted, text::YOUR_WORDS_MEAN);
    ui.add_space(space::XS);
    next(ui, now, next_poll, text::ASKS_AGAIN_IN);
    buttons(ui, text::ASK_NOW, entered)
}

/// When it goes on by itself, and that nobody has to wait for it here.
fn next(ui: &mut Ui, now: Timestamp, at: Timestamp, what: &str) {
    let t = tokens(ui);
    strip(ui, |ui| {
        waiting_dot(ui, now);
        label(ui, Type::Small, t.text, text::WINDOW_MAY_CLOSE);
        right(ui, |ui| countdown(ui, now, at, now.until(at).max(PAUSE), what));
    });
    paragraph(ui, Type::Small, t.muted, text::WINDOW_MAY_CLOSE_MEANS);
}

fn buttons(ui: &mut Ui, at_once: &str, entered: Entered) -> Option<Intent> {
    let (withdraw, chosen) = footer(
        ui,
        |ui| ui.add(Button::new(Kind::DangerGhost, text::WITHDRAW).flush()).clicked(),
        |ui| {
            let close = ui.add(Button::new(Kind::Primary, text::WAIT_IN_BACKGROUND));
            entered.focus(&close);
            let again = ui.add(Button::new(Kind::Secondary, at_once).icon(Icon::RefreshCw));
            if close.clicked() {
                Some(Intent::Close)
            } else {
                again.clicked().then_some(Intent::TryNow)
            }
        },
    );
    chosen.or(withdraw.then_some(Intent::Cancel))
}
