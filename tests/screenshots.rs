//! The pictures of the README: the main screens, light and dark. `UPDATE_SNAPSHOTS=1` writes them anew.
//!
//! They need a software Vulkan (on Debian: `libvulkan1 mesa-vulkan-drivers`), no window and no graphics card.
#![cfg(feature = "desktop")]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "screenshots/by_mail.rs"]
mod by_mail;
#[path = "screenshots/camera.rs"]
mod camera;
#[path = "window/support.rs"]
#[expect(dead_code, reason = "shared with tests/dialogs.rs")]
mod support;

use std::sync::Arc;

use egui::Theme;
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;
use partyline::engine::{
    ConnectionView, CursorView, Event, InvitationView, KeyView, KeyringView, ProfileView, RedemptionView,
    TransferStage, UnreadView,
};
use partyline::failure::Failure;
use partyline::identity::{IdentityKey, RecoveryPhrase};
use partyline::invitation::nearby::Sightings;
use partyline::invitation::{CodeKind, InvitationStage, InviteCode, PinNotice, RedemptionStage};
use partyline::party::{MessageId, NoteId, Role};
use partyline::worker::{NetworkMode, NetworkView};

use support::*;

/// A window as low as it can usefully be.
const LOW: [f32; 2] = [760.0, 520.0];

/// The pictures of one test: all are taken before the first one that differs fails it.
#[derive(Default)]
struct Album(SnapshotResults);

impl Album {
    /// Takes one picture in each theme.
    fn picture(&mut self, name: &str, prepare: impl Fn(&mut Screen)) {
        self.picture_of(WINDOW, name, prepare);
    }

    /// The same of a window of another size, in points.
    fn picture_of(&mut self, size: [f32; 2], name: &str, prepare: impl Fn(&mut Screen)) {
        self.picture_in(|theme| window(builder(theme).with_size(size).wgpu()), name, prepare);
    }

    /// The same of a window that is opened in another way.
    fn picture_in(&mut self, open: impl Fn(Theme) -> Screen, name: &str, prepare: impl Fn(&mut Screen)) {
        for (theme, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            let mut screen = open(theme);
            prepare(&mut screen);
            // No hover: the pointer is where it clicked last.
            screen.remove_cursor();
            settle(&mut screen);
            screen.snapshot(format!("{name}_{suffix}"));
            self.0.extend_harness(&mut screen);
        }
    }
}

fn invite(screen: &mut Screen, stage: InvitationStage) {
    alice(screen);
    tell(
        screen,
        Event::InvitationChanged {
            invitation: invitation(InvitationStage::Code { device_left: false }),
        },
    );
    click(screen, "Invitations (1)");
    screen.get_by_label("Show: Invitation for Bob").click();
    settle(screen);
    tell(
        screen,
        Event::InvitationChanged {
            invitation: invitation(stage),
        },
    );
}

fn redeem(screen: &mut Screen) {
    tell(screen, open("Bob", BOB));
    screen.get_by_label("Join with a code").click();
    settle(screen);
}

fn redeeming(screen: &mut Screen, stage: RedemptionStage) {
    started(screen, &code(), redemption(stage));
}

/// A redemption that any member's device can bring to an end.
fn applying(screen: &mut Screen, kind: CodeKind, stage: RedemptionStage) {
    started(screen, &delegated_code(), application(kind, stage));
}

fn started(screen: &mut Screen, code: &InviteCode, redemption: Arc<RedemptionView>) {
    redeem(screen);
    screen.get_by_label("Invite code or link").type_text(&code.to_text());
    settle(screen);
    screen.get_by_label("Continue").click();
    settle(screen);
    let (request, _) = screen.state_mut().sent().expect("a command");
    tell(screen, Event::RedemptionStarted { request, redemption });
}

#[test]
fn first_start() {
    let mut album = Album::default();
    let new = |keyring| Event::ProfileChanged {
        request: None,
        profile: ProfileView::New { keyring },
    };
    album.picture("first_start", |screen| tell(screen, new(KeyringView::Available)));
    album.picture("first_start_no_keyring", |screen| {
        tell(screen, new(KeyringView::Unavailable));
    });
}

#[test]
fn no_parties() {
    let mut album = Album::default();
    album.picture("no_parties", |screen| tell(screen, open("Bob", BOB)));
}

#[test]
fn main_window() {
    let mut album = Album::default();
    album.picture("main", alice);
    album.picture("main_pending", |screen| {
        alice(screen);
        tell(
            screen,
            Event::InvitationChanged {
                invitation: invitation(InvitationStage::Code { device_left: false }),
            },
        );
        tell(
            screen,
            Event::InvitationChanged {
                invitation: invitation(pin_stage(0, 0)),
            },
        );
    });
}

fn click(screen: &mut Screen, label: &str) {
    screen.get_by_label(label).click();
    settle(screen);
}

#[test]
fn content() {
    let mut album = Album::default();
    album.picture("main_messages", |screen| {
        alice(screen);
        let mut party = crew();
        party.unread = UnreadView {
            messages: 1,
            first: Some(MessageId::from_bytes([6; 16])),
        };
        tell(screen, Event::PartyChanged { party: Arc::new(party) });
        click(screen, "Messages (6)");
        screen.get_by_label_contains("Reply to Clara Novak").click();
        settle(screen);
        screen
            .get_by_label("Message")
            .type_text("Then I take the early train, too.");
    });
    album.picture("main_files", |screen| {
        alice(screen);
        let coming = TransferStage::Coming {
            rate: 800_000,
            seconds_left: Some(3),
        };
        tell(screen, transfer(2, "hut-north-face.jpg", 1_200_000, 3_449_000, coming));
        tell(
            screen,
            transfer(9, "the-way-up.mp4", 40_000_000, 240_000_000, TransferStage::Adding),
        );
        click(screen, "Files (4)");
    });
    album.picture("main_files_dragged", |screen| {
        alice(screen);
        click(screen, "Files (4)");
        drag(screen);
    });
    album.picture("main_tasks_dragged", |screen| {
        alice(screen);
        drag(screen);
    });
    album.picture("main_files_not_added", |screen| {
        alice(screen);
        click(screen, "Files (4)");
        drop_file(screen, "/home/alice/Photos");
        let (request, _) = screen.state_mut().sent().expect("a command");
        let failure = Failure::FileIsFolder;
        tell(
            screen,
            transfer(9, "Photos", 0, 0, TransferStage::Failed(failure.clone())),
        );
        let request = Some(request);
        tell(screen, Event::Failed { request, failure });
    });
    album.picture("main_notes", |screen| {
        alice(screen);
        click(screen, "Notes (2)");
        click(screen, "Packing list");
        note_opened(screen);
        let cursors = vec![CursorView { member: BOB, at: 95 }];
        tell(
            screen,
            Event::CursorsMoved {
                party: CREW,
                note: NoteId::from_bytes([1; 16]),
                revision: 7,
                cursors,
            },
        );
    });
    album.picture("task_due", |screen| {
        alice(screen);
        click(screen, "Due Fri 12 Jun: Check the weather and the avalanche report");
        click(screen, "Choose a day");
    });
}

#[test]
fn small_dialogs() {
    let mut album = Album::default();
    album.picture("member", |screen| {
        alice(screen);
        click(screen, "About Bob Tanaka");
    });
    album.picture("search", |screen| {
        alice(screen);
        click(screen, "Search");
        screen.get_by_label("Search in all parties").type_text("hut");
        settle(screen);
        screen.state_mut().now = NOW.plus(std::time::Duration::from_secs(1));
        settle(screen);
        let (request, _) = screen.state_mut().sent().expect("a search");
        tell(screen, found(request));
    });
    album.picture("deleted", |screen| {
        alice(screen);
        let mut party = crew();
        party.deleted = deleted();
        tell(screen, Event::PartyChanged { party: Arc::new(party) });
        click(screen, "More about this party");
        click(screen, "Deleted");
    });
    album.picture("history", |screen| {
        alice(screen);
        click(screen, "Change task: Book the hut for Saturday night");
        click(screen, "History");
        let (request, _) = screen.state_mut().sent().expect("a command");
        let changes = history();
        tell(screen, Event::HistoryRead { request, changes });
    });
    album.picture("shortcuts", |screen| {
        alice(screen);
        click(screen, "More about this party");
        click(screen, "Keyboard shortcuts");
    });
    let settings = |screen: &mut Screen| {
        alice(screen);
        let network = NetworkView::default();
        tell(screen, Event::NetworkChanged { network });
        click(screen, "Settings");
    };
    album.picture("settings", settings);
    album.picture("settings_network", |screen| {
        settings(screen);
        let next = Some(NetworkMode::LocalNetwork);
        let network = NetworkView {
            next,
            ..NetworkView::default()
        };
        tell(screen, Event::NetworkChanged { network });
    });
    album.picture_of(LOW, "settings_low", settings);
}

#[test]
fn invite_dialog() {
    let mut album = Album::default();
    album.picture("invite_options", |screen| {
        alice(screen);
        screen.get_by_label("Invite").click();
    });
    album.picture_of(LOW, "invite_options_low", |screen| {
        alice(screen);
        screen.get_by_label("Invite").click();
    });
    album.picture("invite_code", |screen| {
        invite(screen, InvitationStage::Code { device_left: false });
    });
    album.picture("invite_code_for_five", |screen| {
        invite(screen, InvitationStage::Code { device_left: false });
        let joined = vec![admitted(BOB, "Bob Tanaka"), admitted(CLARA, "Clara Novak")];
        let invitation = invitation_for_five(InvitationStage::Code { device_left: false }, joined);
        tell(screen, Event::InvitationChanged { invitation });
    });
    album.picture("invite_pin_for_five", |screen| {
        invite(screen, InvitationStage::Code { device_left: false });
        let invitation = invitation_for_five(pin_stage(0, 2), vec![admitted(BOB, "Bob Tanaka")]);
        tell(screen, Event::InvitationChanged { invitation });
    });
    album.picture("invite_qr_large", |screen| {
        invite(screen, InvitationStage::Code { device_left: false });
        click(screen, "QR code of the invite code: show it large");
    });
    album.picture("invite_nearby", |screen| {
        invite(screen, InvitationStage::Code { device_left: false });
        let shown = InvitationView {
            nearby: Some(Arc::new(announced(1))),
            ..InvitationView::clone(&invitation(InvitationStage::Code { device_left: false }))
        };
        let invitation = Arc::new(shown);
        tell(screen, Event::InvitationChanged { invitation });
    });
    album.picture("invite_pin", |screen| invite(screen, pin_stage(0, 0)));
    album.picture("invite_pin_warned", |screen| invite(screen, pin_stage(1, 1)));
    album.picture("invite_done", |screen| {
        invite(
            screen,
            InvitationStage::Admitted {
                member: BOB,
                name: "Bob".to_owned(),
            },
        );
    });
    album.picture("invite_locked", |screen| invite(screen, InvitationStage::Locked));
}

#[test]
fn offline_invitations() {
    let mut album = Album::default();
    let away = |screen: &mut Screen, method: &str| {
        alice(screen);
        click(screen, "Invite");
        click(screen, "They come in: While you are away");
        click(screen, method);
    };
    album.picture("invite_away", |screen| away(screen, "Who may: Whom an admin approves"));
    album.picture("invite_known_key", |screen| {
        away(screen, "Who may: One person you know");
        screen.get_by_label("Their key").focus();
        settle(screen);
        screen.get_by_label("Their key").type_text(&BOB.to_string());
    });
    album.picture("invite_link", |screen| away(screen, "Who may: Whoever is first"));
    album.picture_of(LOW, "invite_away_low", |screen| {
        away(screen, "Who may: Whom an admin approves");
    });
    album.picture("invite_offline_ready", |screen| {
        invite(screen, InvitationStage::OfflineReady { devices: 2 });
    });
    album.picture("redeem_waits_for_approval", |screen| {
        let fingerprint = BOB.fingerprint();
        let next_poll = NOW.plus(std::time::Duration::from_secs(154));
        let stage = RedemptionStage::WaitsForApproval { fingerprint, next_poll };
        applying(screen, CodeKind::Delegated, stage);
    });
    album.picture("redeem_members_offline", |screen| {
        let next_try = NOW.plus(std::time::Duration::from_secs(40));
        applying(
            screen,
            CodeKind::Delegated,
            RedemptionStage::MembersOffline { next_try },
        );
    });
    let waiting = |screen: &mut Screen| {
        alice(screen);
        let party = Arc::new(crew_with_requests());
        tell(screen, Event::PartyChanged { party });
        let invitation = invitation(InvitationStage::OfflineReady { devices: 2 });
        tell(screen, Event::InvitationChanged { invitation });
        click(screen, "Invitations (4)");
    };
    album.picture("invitations", waiting);
    album.picture("approve", |screen| {
        waiting(screen);
        click(screen, "Approve: Dan Berg");
    });
}

#[test]
fn redeem_dialog() {
    let mut album = Album::default();
    album.picture("redeem_code", |screen| {
        redeem(screen);
        screen.get_by_label("Invite code or link").type_text(&code().to_text());
    });
    album.picture("redeem_nearby", |screen| {
        redeem(screen);
        let mut nearby = Sightings::default();
        for handle in [1, 2, 3] {
            nearby.heard(announced(handle));
        }
        let nearby = Arc::new(nearby);
        tell(screen, Event::NearbyChanged { nearby });
    });
    album.picture("redeem_code_wrong", |screen| {
        redeem(screen);
        screen
            .get_by_label("Invite code or link")
            .type_text(&code().to_text().replacen("kj6", "kx6", 1));
    });
    album.picture("redeem_offline", |screen| {
        redeeming(screen, RedemptionStage::InviterOffline);
    });
    album.picture("redeem_relay_left_out", |screen| {
        redeeming(screen, RedemptionStage::InviterOffline);
        let redemption = left_out(RedemptionStage::InviterOffline);
        tell(screen, Event::RedemptionChanged { redemption });
    });
    album.picture("redeem_why_not", |screen| {
        redeeming(screen, RedemptionStage::InviterOffline);
        click(screen, "Why can't we connect?");
        let (request, _) = screen.state_mut().sent().expect("a command");
        let (here, there) = (here(), Some(unreached()));
        let connection = Arc::new(ConnectionView { here, there });
        tell(screen, Event::ConnectionExplained { request, connection });
    });
    album.picture("redeem_pin", |screen| {
        redeeming(screen, enter_pin(3, None));
        screen.get_by_label("Six-digit PIN").type_text("482");
    });
    album.picture("redeem_wrong", |screen| {
        redeeming(screen, enter_pin(3, None));
        screen.get_by_label("Six-digit PIN").type_text("482914");
        settle(screen);
        tell(
            screen,
            Event::RedemptionChanged {
                redemption: redemption(enter_pin(2, Some(PinNotice::Wrong))),
            },
        );
    });
    album.picture("redeem_done", |screen| {
        redeeming(screen, enter_pin(3, None));
        let (party, inviter) = ("Hiking crew".to_owned(), "Alice".to_owned());
        let joining = RedemptionStage::Joining {
            party,
            inviter,
            role: Role::Editor,
        };
        tell(
            screen,
            Event::RedemptionChanged {
                redemption: redemption(joining),
            },
        );
        tell(
            screen,
            Event::PartyChanged {
                party: Arc::new(crew()),
            },
        );
        tell(
            screen,
            Event::RedemptionChanged {
                redemption: redemption(RedemptionStage::Joined { party: CREW }),
            },
        );
    });
}

#[test]
fn devices_and_recovery() {
    let mut album = Album::default();
    let list = |screen: &mut Screen| {
        alice(screen);
        tell(screen, devices(KeyView::Unwritten));
        click(screen, "Settings");
        click(screen, "Devices and recovery");
    };
    album.picture("devices", list);
    album.picture("devices_hold", |screen| {
        alice(screen);
        tell(screen, devices(KeyView::Elsewhere));
        click(screen, "Settings");
        click(screen, "Devices and recovery");
        click(screen, "Enter my phrase");
    });
    album.picture("devices_phrase", |screen| {
        list(screen);
        click(screen, "Write it down");
        let (request, _) = screen.state_mut().sent().expect("a command");
        let phrase = Arc::new(RecoveryPhrase::of(&IdentityKey::from_seed(&[0x7f; 32])));
        tell(screen, Event::PhraseShown { request, phrase });
    });
    let add = |screen: &mut Screen, stage| {
        list(screen);
        click(screen, "Add a device");
        let (request, _) = screen.state_mut().sent().expect("a command");
        let invitation = device_invitation(stage);
        tell(screen, Event::InvitationCreated { request, invitation });
    };
    album.picture("devices_code", |screen| {
        add(screen, InvitationStage::Code { device_left: false });
    });
    album.picture("devices_pin", |screen| add(screen, pin_stage(0, 0)));
    album.picture("devices_added", |screen| {
        let (member, name) = (ALICE, "Phone".to_owned());
        add(screen, InvitationStage::Admitted { member, name });
    });
    let asked = |screen: &mut Screen| {
        redeem(screen);
        let code = device_code().to_text();
        screen.get_by_label("Invite code or link").type_text(&code);
        settle(screen);
        click(screen, "Continue");
    };
    album.picture("devices_asked", asked);
    let first_start = |screen: &mut Screen| {
        let profile = ProfileView::New {
            keyring: KeyringView::Available,
        };
        tell(screen, Event::ProfileChanged { request: None, profile });
    };
    album.picture("first_start_device", |screen| {
        first_start(screen);
        click(screen, "I use Partyline already");
    });
    album.picture("first_start_phrase", |screen| {
        first_start(screen);
        click(screen, "Recover with my phrase");
    });
}
