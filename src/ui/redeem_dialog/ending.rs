//! The end: in the party, or the reason why not and what to do next.

use egui::{Align, Layout, Ui, vec2};
use lucide_icons::Icon;

use super::Intent;
use super::live::Welcome;
use crate::failure::{Failure, words};
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
    AllowRelay,
    SameCode,
    OtherCode,
    Open(PartyId),
    OpenTagged(PartyTag),
    Close,
}

impl From<Next> for Intent {
    fn from(next: Next) -> Self {
        match next {
            Next::AllowRelay => Self::AllowRelay,
            Next::SameCode => Self::SameCode,
            Next::OtherCode => Self::OtherCode,
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
    let close = (Kind::Secondary, text::CLOSE_DIALOG, Next::Close);
    let next = match after(error) {
        After::Again => (Kind::Primary, text::TRY_AGAIN, Next::SameCode),
        After::OtherCode => (Kind::Primary, text::OTHER_CODE, Next::OtherCode),
        After::Nothing => return buttons(ui, [(Kind::Primary, text::DONE, Next::Close)], entered).map(Intent::from),
    };
    buttons(ui, [close, next], entered).map(Intent::from)
}

/// What can follow.
enum After {
    /// The same code may still work.
    Again,
    /// This code is of no use any more.
    OtherCode,
    /// The app goes on by itself.
    Nothing,
}

const fn after(error: &RedeemError) -> After {
    match error {
        RedeemError::CancelledByInviter
        | RedeemError::BlockedHere { .. }
        | RedeemError::RateLimited { .. }
        | RedeemError::TimedOut
        | RedeemError::VersionMismatch
        | RedeemError::PeerFailed => After::Again,
        RedeemError::UnknownInvitation
        | RedeemError::Expired
        | RedeemError::AlreadyUsed
        | RedeemError::Revoked
        | RedeemError::Locked
        | RedeemError::NotAllowed
        | RedeemError::WrongParty
        | RedeemError::BadAdmission
        | RedeemError::BadIdentity
        | RedeemError::ApprovalDenied
        | RedeemError::ForSomebodyElse
        | RedeemError::PeerMisbehaved => After::OtherCode,
        RedeemError::AlreadyMember | RedeemError::Internal => After::Nothing,
    }
}

/// Cancelled here: the code is still good.
pub(super) fn view_cancelled(ui: &mut Ui, entered: Entered) -> Option<Intent> {
    outcome(ui, Tone::Plain, Icon::X, text::CANCELLED, text::CANCELLED_MEANS);
    let close = (Kind::Secondary, text::CLOSE_DIALOG, Next::Close);
    buttons(ui, [close, (Kind::Primary, text::TRY_AGAIN, Next::SameCode)], entered).map(Intent::from)
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
    let other = (Kind::Secondary, text::OTHER_CODE, Next::OtherCode);
    buttons(
        ui,
        [other, (Kind::Primary, text::JOIN_THROUGH_IT, Next::AllowRelay)],
        Entered::Before,
    )
    .map(Intent::from)
}
