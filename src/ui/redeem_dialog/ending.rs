//! The end: in the party, or the reason why not and what to do next.

use egui::{Align, Layout, Ui, vec2};
use lucide_icons::Icon;

use super::Intent;
use super::live::Welcome;
use crate::failure::{Failure, Remedy, words};
use crate::invitation::RedeemError;
use crate::party::{PartyId, PartyTag};
use crate::time::Timestamp;
use crate::ui::text;
use crate::ui::theme::{height, space};
use crate::ui::widgets::{Button, Entered, Kind, Tone, outcome};

/// Buttons of one width in the middle; the last is the next step and gets the keyboard.
fn buttons<A: Clone, const N: usize>(ui: &mut Ui, buttons: [(Kind, &str, A); N], entered: Entered) -> Option<A> {
    const WIDTH: f32 = 168.0;
    ui.add_space(space::XS);
    let size = vec2(N as f32 * (WIDTH + space::S) - space::S, height::CONTROL);
    ui.vertical_centered(|ui| {
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            let mut chosen = None;
            for (kind, words, action) in &buttons {
                let response = ui.add(Button::new(*kind, words).width(WIDTH));
                if response.clicked() {
                    chosen = Some(action.clone());
                }
                entered.focus(&response);
            }
            chosen
        })
        .inner
    })
    .inner
}

/// What a button of this file does.
#[derive(Clone, Copy)]
enum Next {
    Remedy(Remedy),
    Open(PartyId),
    OpenTagged(PartyTag),
    Close,
}

impl From<Next> for Intent {
    fn from(next: Next) -> Self {
        match next {
            Next::Remedy(remedy) => Self::Remedy(remedy),
            Next::Open(party) => Self::Open(party),
            Next::OpenTagged(tag) => Self::OpenTagged(tag),
            Next::Close => Self::Close,
        }
    }
}

/// A member.
pub(super) fn view_joined(
    ui: &mut Ui,
    party: PartyId,
    name: Option<&str>,
    welcome: Option<&Welcome>,
    entered: Entered,
) -> Option<Intent> {
    let name = name.or(welcome.map(|welcome| welcome.party.as_str()));
    let sentence = welcome.map_or_else(
        || text::YOU_JOINED_MEANS.to_owned(),
        |welcome| text::connected_with(&welcome.inviter, welcome.role),
    );
    outcome(ui, Tone::Good, Icon::Check, &text::you_joined(name), &sentence);
    buttons(ui, [(Kind::Primary, text::OPEN_PARTY, Next::Open(party))], entered).map(Intent::from)
}

/// A further device of a person.
pub(super) fn view_paired(ui: &mut Ui, entered: Entered) -> Option<Intent> {
    outcome(ui, Tone::Good, Icon::Check, text::PAIRED, text::PAIRED_MEANS);
    buttons(ui, [(Kind::Primary, text::DONE, Next::Close)], entered).map(Intent::from)
}

/// Told before any PIN.
pub(super) fn view_already_member(ui: &mut Ui, tag: Option<PartyTag>, entered: Entered) -> Option<Intent> {
    let error = RedeemError::AlreadyMember;
    outcome(
        ui,
        Tone::Good,
        Icon::Check,
        &words::problem(&error),
        text::ALREADY_MEMBER_MEANS,
    );
    let next = tag.map_or(Next::Close, Next::OpenTagged);
    buttons(ui, [(Kind::Primary, text::OPEN_PARTY, next)], entered).map(Intent::from)
}

/// Not a member: the reason and the next step.
pub(super) fn view_failed(ui: &mut Ui, error: &RedeemError, now: Timestamp, entered: Entered) -> Option<Intent> {
    let problem = words::problem(error);
    let remedy = match error {
        RedeemError::BlockedHere { until } => text::blocked_for(now.until(*until)),
        other => words::remedy(other).into_owned(),
    };
    outcome(
        ui,
        Tone::Bad,
        Icon::CircleAlert,
        text::NOT_JOINED,
        &format!("{problem} {remedy}"),
    );
    let Some(remedy) = error.button() else {
        let done = (Kind::Primary, text::DONE, Next::Close);
        return buttons(ui, [done], entered).map(Intent::from);
    };
    let close = (Kind::Secondary, text::CLOSE_DIALOG, Next::Close);
    let words = text::button(remedy);
    buttons(ui, [close, (Kind::Primary, words, Next::Remedy(remedy))], entered).map(Intent::from)
}

/// Cancelled here: the code is still good.
pub(super) fn view_cancelled(ui: &mut Ui, entered: Entered) -> Option<Intent> {
    outcome(ui, Tone::Plain, Icon::X, text::CANCELLED, text::CANCELLED_MEANS);
    let (close, again) = ((Kind::Secondary, text::CLOSE_DIALOG, Next::Close), Remedy::TryAgain);
    buttons(
        ui,
        [close, (Kind::Primary, text::button(again), Next::Remedy(again))],
        entered,
    )
    .map(Intent::from)
}

/// The code wants a relay that nobody here knows.
pub(super) fn view_relay(ui: &mut Ui, host: &str) -> Option<Intent> {
    let failure = Failure::RelayNotAllowed { host: host.to_owned() };
    outcome(
        ui,
        Tone::Warning,
        Icon::TriangleAlert,
        text::UNKNOWN_RELAY,
        &text::both(&failure),
    );
    let offer = |kind, remedy| (kind, text::button(remedy), Next::Remedy(remedy));
    let other = offer(Kind::Secondary, Remedy::OtherCode);
    buttons(ui, [other, offer(Kind::Primary, Remedy::AllowRelay)], Entered::Before).map(Intent::from)
}

/// The code would make this device somebody's. The keyboard stands at the way back.
pub(super) fn view_device(ui: &mut Ui, entered: Entered) -> Option<Intent> {
    outcome(
        ui,
        Tone::Warning,
        Icon::TriangleAlert,
        text::NO_PARTY_CODE,
        text::NO_PARTY_CODE_MEANS,
    );
    let go = (Kind::Secondary, text::BECOME_DEVICE, Choice::Become);
    let back = (Kind::Primary, text::BACK, Choice::Back);
    buttons(ui, [go, back], entered).map(|choice| match choice {
        Choice::Become => Intent::BecomeDevice,
        Choice::Back => Intent::BackToCode,
    })
}

/// What the person says to a code that makes this device somebody's.
#[derive(Clone, Copy)]
enum Choice {
    Become,
    Back,
}
