//! What one frame of the window costs: laying out, the accessibility tree and tessellating, without a renderer.
//!
//! The window is the one that the dialog tests drive. Every frame is drawn as if something had changed; an idle window
//! draws none.
#![expect(clippy::expect_used, reason = "a bench that cannot go on fails by panicking")]

#[path = "figure/mod.rs"]
mod figure;
#[path = "../tests/window/support.rs"]
#[expect(dead_code, reason = "shared with tests/dialogs.rs")]
mod support;

use std::sync::Arc;
use std::time::Duration;

use egui_kittest::kittest::Queryable as _;
use figure::{Figure, timed};
use partyline::engine::{Event, NoteText, PartyView};
use partyline::invitation::{InvitationStage, PinNotice, RedemptionStage};
use partyline::party::{NoteId, Task, TaskId};

use support::{
    BOB, CREW, Screen, alice, code, crew, enter_pin, invitation, many_messages, open, pin_stage, redemption, screen,
    settle, task, tell,
};

/// Frames that are measured.
const FRAMES: usize = 500;

/// What a frame of a dialog may take, with the window behind it.
const DIALOG: Duration = Duration::from_millis(2);

/// What a frame of a long list may take.
const LIST: Duration = Duration::from_millis(4);

/// What a frame of a long note may take: the accessibility tree has a node for each of its 2,000 lines.
const NOTE: Duration = Duration::from_millis(16);

fn main() {
    frames("party of three", DIALOG, alice);
    frames("party with 10,000 tasks", LIST, |screen| {
        alice(screen);
        tell(
            screen,
            Event::PartyChanged {
                party: Arc::new(long()),
            },
        );
    });
    frames("10,000 messages", LIST, |screen| {
        alice(screen);
        let messages = many_messages(10_000);
        let party = PartyView { messages, ..crew() };
        tell(screen, Event::PartyChanged { party: Arc::new(party) });
        click(screen, "Messages (10000)");
        // Their heights are measured in the first frames.
        screen.run_steps(100);
    });
    frames("note of 100 kB", NOTE, |screen| {
        alice(screen);
        click(screen, "Notes (2)");
        click(screen, "Packing list");
        let (request, _) = screen.state_mut().sent().expect("a command");
        let text = Arc::new(NoteText {
            party: CREW,
            note: NoteId::from_bytes([1; 16]),
            revision: 1,
            text: "- **Bring** the `long` pegs, the _ground_ is soft\n".repeat(2000),
        });
        tell(screen, Event::NoteOpened { request, text });
    });
    frames("Invite: options", DIALOG, |screen| {
        alice(screen);
        click(screen, "Invite");
    });
    frames("Invite: code", DIALOG, |screen| {
        invite(screen, InvitationStage::Code { device_left: false });
    });
    frames("Invite: PIN", DIALOG, |screen| invite(screen, pin_stage(1, 1)));
    frames("Invite: done", DIALOG, |screen| {
        let name = "Bob".to_owned();
        invite(screen, InvitationStage::Admitted { member: BOB, name });
    });
    frames("Redeem: code", DIALOG, |screen| redeem(screen, &code().to_text()));
    frames("Redeem: wrong character", DIALOG, |screen| {
        redeem(screen, &code().to_text().replacen("kj6", "kx6", 1));
    });
    frames("Redeem: connecting", DIALOG, |screen| {
        redeeming(screen, RedemptionStage::InviterOffline);
    });
    frames("Redeem: PIN", DIALOG, |screen| {
        redeeming(screen, enter_pin(2, Some(PinNotice::Wrong)));
    });
    frames("Create a party", DIALOG, |screen| {
        tell(screen, open("Bob", BOB));
        click(screen, "Create a party");
    });
}

/// Measures the frames of a window that was brought to some state.
fn frames(what: &str, aim: Duration, prepare: impl FnOnce(&mut Screen)) {
    let name = format!("frame, {what}");
    if !figure::is_wanted(&name) {
        return;
    }
    let mut screen = screen();
    prepare(&mut screen);
    // Fades have ended.
    screen.run_steps(60);
    Figure::new(&name, Some(aim)).measure(FRAMES, || {
        let drawn = timed(|| screen.step());
        let (shapes, scale) = (screen.output().shapes.clone(), screen.output().pixels_per_point);
        drawn + timed(|| screen.ctx.tessellate(shapes, scale))
    });
}

/// A party with a long list.
fn long() -> PartyView {
    let numbered = |number: u16| {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&number.to_be_bytes());
        let title = format!("Carry the things of room {number}");
        Arc::new(Task {
            id: TaskId::from_bytes(id),
            done: number.is_multiple_of(3),
            ..task(0, &title, BOB)
        })
    };
    PartyView {
        tasks: (0..10_000).map(numbered).collect(),
        ..crew()
    }
}

fn click(screen: &mut Screen, label: &str) {
    screen.get_by_label(label).click();
    settle(screen);
}

/// Alice's Invite dialog at a stage.
fn invite(screen: &mut Screen, stage: InvitationStage) {
    alice(screen);
    let waiting = InvitationStage::Code { device_left: false };
    tell(
        screen,
        Event::InvitationChanged {
            invitation: invitation(waiting),
        },
    );
    click(screen, "Show: Invitation for Bob");
    tell(
        screen,
        Event::InvitationChanged {
            invitation: invitation(stage),
        },
    );
}

/// Bob's Redeem dialog with a code typed.
fn redeem(screen: &mut Screen, code: &str) {
    tell(screen, open("Bob", BOB));
    click(screen, "Join with a code");
    screen.get_by_label("Invite code or link").type_text(code);
    settle(screen);
}

/// Bob's Redeem dialog at a stage.
fn redeeming(screen: &mut Screen, stage: RedemptionStage) {
    redeem(screen, &code().to_text());
    click(screen, "Continue");
    let (request, _) = screen.state_mut().sent().expect("a command");
    tell(
        screen,
        Event::RedemptionStarted {
            request,
            redemption: redemption(stage),
        },
    );
}
