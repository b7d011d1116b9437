//! The window driven by accessible labels, without a renderer and without a worker: what each stage says, what each
//! click asks for, and what the keyboard alone can do.
#![cfg(feature = "desktop")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "window/adding.rs"]
mod adding;
#[path = "window/camera.rs"]
mod camera;
#[path = "window/content.rs"]
mod content;
#[path = "window/devices.rs"]
mod devices;
#[path = "window/explanation.rs"]
mod explanation;
#[path = "window/idle.rs"]
mod idle;
#[path = "window/invitations.rs"]
mod invitations;
#[path = "window/invite.rs"]
mod invite;
#[path = "window/keyboard.rs"]
mod keyboard;
#[path = "window/mail.rs"]
mod mail;
#[path = "window/nearby.rs"]
mod nearby;
#[path = "window/notes.rs"]
mod notes;
#[path = "window/notices.rs"]
mod notices;
#[path = "window/offline.rs"]
mod offline;
#[path = "window/onboarding.rs"]
mod onboarding;
#[path = "window/page.rs"]
mod page;
#[path = "window/qr.rs"]
mod qr;
#[path = "window/redeem.rs"]
mod redeem;
#[path = "window/remedies.rs"]
mod remedies;
#[path = "window/several.rs"]
mod several;
#[path = "window/dialogs.rs"]
mod small;
#[path = "window/support.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use partyline::engine::{
    AdmittedView, Command, Event, InvitationOptions, InvitationView, KeyringView, PartyView, Presence, ProfileView,
    Protection, RequestId,
};
use partyline::failure::{Failure, MailTrouble};
use partyline::invitation::mailbox::MailStage;
use partyline::invitation::{
    DelegationMethod, Flags, InvitationKind, InvitationStage, PinNotice, PinVoid, RedeemError, RedemptionStage,
};
use partyline::party::{ItemId, Role, TaskId};

use invite::inviting;
use redeem::{code_typed, redeeming};
use support::lens::{Hand, Lens, Lenses, lens, offer};
use support::*;

fn says(screen: &Screen, text: &str) -> bool {
    screen.query_all_by_label_contains(text).next().is_some()
}

fn click(screen: &mut Screen, label: &str) {
    screen.get_by_label(label).click();
    settle(screen);
}

fn sent(screen: &mut Screen) -> (RequestId, Command) {
    screen.state_mut().sent().expect("a command")
}

fn focused(screen: &Screen) -> String {
    let node = screen.root().children_recursive().find(|node| node.is_focused());
    node.and_then(|node| node.accesskit_node().label()).unwrap_or_default()
}
