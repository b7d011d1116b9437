//! A code that works while its maker is away: what is shown until some member's device has let this person in. It needs
//! nobody here, so the window may be closed meanwhile.

use std::time::Duration;

use egui::Ui;
use lucide_icons::Icon;

use super::relay::LeftOut;
use super::{Intent, waiting};
use crate::identity::Fingerprint;
use crate::invitation::CodeKind;
use crate::time::Timestamp;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entered, Kind, Tone, banner, countdown, footer, label, paragraph, right, strip, tokens, waiting_dot, well,
};

/// The longest pause between two tries, for the ring of the countdown.
const PAUSE: Duration = Duration::from_secs(60);

/// Members' devices are being reached.
pub(super) fn view_connecting(
    ui: &mut Ui,
    now: Timestamp,
    failed_tries: u32,
    kind: CodeKind,
    left_out: &LeftOut,
    entered: Entered,
) -> Option<Intent> {
    let t = tokens(ui);
    strip(ui, |ui| {
        waiting_dot(ui, now);
        label(ui, Type::Small, t.text, text::connecting_with_members(failed_tries));
    });
    paragraph(ui, Type::Small, t.muted, text::WINDOW_MAY_CLOSE_MEANS);
    ways_on(ui, kind, left_out, entered)
}

/// No member's device that the code names answers.
pub(super) fn view_offline(
    ui: &mut Ui,
    now: Timestamp,
    next_try: Timestamp,
    kind: CodeKind,
    left_out: &LeftOut,
    entered: Entered,
) -> Option<Intent> {
    banner(ui, Tone::Warning, Icon::WifiOff, text::MEMBERS_OFFLINE);
    next(ui, now, next_try, text::TRIES_AGAIN_IN);
    ways_on(ui, kind, left_out, entered)
}

/// What can be done while nobody is reached.
fn ways_on(ui: &mut Ui, kind: CodeKind, left_out: &LeftOut, entered: Entered) -> Option<Intent> {
    let relay = left_out.view(ui);
    let why = waiting::why(ui);
    relay.or(why).or(buttons(ui, text::TRY_NOW, kind, entered))
}

/// The request has arrived: an admin has to approve it.
pub(super) fn view_request(
    ui: &mut Ui,
    now: Timestamp,
    fingerprint: Fingerprint,
    next_poll: Timestamp,
    kind: CodeKind,
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
    buttons(ui, text::ASK_NOW, kind, entered)
}

/// When it goes on by itself, and that nobody has to wait for it here.
fn next(ui: &mut Ui, now: Timestamp, at: Timestamp, what: &str) {
    let t = tokens(ui);
    strip(ui, |ui| {
        waiting_dot(ui, now);
        label(ui, Type::Small, t.text, text::WINDOW_MAY_CLOSE);
        // When it is due it is under way.
        if now < at {
            right(ui, |ui| countdown(ui, now, at, now.until(at).max(PAUSE), what));
        }
    });
    paragraph(ui, Type::Small, t.muted, text::WINDOW_MAY_CLOSE_MEANS);
}

fn buttons(ui: &mut Ui, at_once: &str, kind: CodeKind, entered: Entered) -> Option<Intent> {
    if kind == CodeKind::Email {
        paragraph(ui, Type::Small, tokens(ui).muted, text::WITHDRAWN_MAIL_IS_SPENT);
    }
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
