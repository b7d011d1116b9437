//! A window whose worker is the test: what the app sends is looked at, what the worker would tell is told.

use std::sync::Arc;
use std::time::Duration;

use egui_kittest::{Harness, HarnessBuilder};
use partyline::engine::{
    Command, Event, InvitationView, MemberView, PartyView, Presence, ProfileView, RedemptionId, RedemptionView,
    RequestId, TaskView,
};
use partyline::identity::{EndpointId, IdentityId};
use partyline::invitation::{
    CodeKind, Flags, Hint, InvitationStage, InviteCode, Pin, PinNotice, RedemptionStage, Secret,
};
use partyline::party::{PartyId, Role, TaskId};
use partyline::time::Timestamp;
use partyline::ui::{App, Clipboard, install};
use partyline::worker::{NetworkMode, WorkerHandle};
use tokio::sync::mpsc::{Receiver, Sender};

/// Noon of a day in 2026.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_781_092_800_000);
pub(crate) const ALICE: IdentityId = IdentityId::from_bytes([1; 32]);
pub(crate) const BOB: IdentityId = IdentityId::from_bytes([2; 32]);
pub(crate) const CREW: PartyId = PartyId::from_bytes([7; 32]);
pub(crate) const REDEMPTION: RedemptionId = RedemptionId(1);

/// The app, the test's ends of its channels, and the time.
pub(crate) struct Window {
    pub(crate) app: App,
    pub(crate) now: Timestamp,
    commands: Receiver<(RequestId, Command)>,
    events: Sender<Event>,
}

pub(crate) type Screen = Harness<'static, Window>;

/// How every test's window is set up.
pub(crate) fn builder(theme: egui::Theme) -> HarnessBuilder<Window> {
    Harness::builder()
        .with_size([1120.0, 720.0])
        .with_theme(theme)
        .with_max_steps(8)
        .with_render_cursor(false)
        .with_context_setup(install)
}

/// A window before the worker has told anything.
pub(crate) fn window(builder: HarnessBuilder<Window>) -> Screen {
    let (worker, commands, events) = WorkerHandle::pair(64);
    let app = App::new(worker, NetworkMode::Loopback, "test", Clipboard::of_egui());
    let draw = |ui: &mut egui::Ui, window: &mut Window| {
        window.app.logic(ui.ctx());
        // The harness insets its Ui; eframe gives the whole window.
        let whole = egui::UiBuilder::new().max_rect(ui.ctx().content_rect());
        let mut root = egui::Ui::new(ui.ctx().clone(), egui::Id::unique("root"), whole);
        window.app.ui(&mut root, window.now);
    };
    builder.build_ui_state(
        draw,
        Window {
            app,
            now: NOW,
            commands,
            events,
        },
    )
}

/// A window without a renderer.
pub(crate) fn screen() -> Screen {
    window(builder(egui::Theme::Light))
}

impl Window {
    /// Tells the window something that it takes in with the next frame.
    pub(crate) fn tell_only(&self, event: Event) {
        self.events.try_send(event).expect("the window takes events");
    }

    /// What the app has sent last, if anything.
    pub(crate) fn sent(&mut self) -> Option<(RequestId, Command)> {
        let mut last = None;
        while let Ok(command) = self.commands.try_recv() {
            last = Some(command);
        }
        last
    }
}

/// Tells the window something, and draws it.
pub(crate) fn tell(screen: &mut Screen, event: Event) {
    screen.state().tell_only(event);
    settle(screen);
}

/// Draws until clicks have gone through and layouts stand still. Countdowns and spinners never do, hence no `run`.
pub(crate) fn settle(screen: &mut Screen) {
    screen.run_steps(4);
}

/// Alice, with one party of three.
pub(crate) fn alice(screen: &mut Screen) {
    tell(screen, open("Alice", ALICE));
    tell(
        screen,
        Event::PartyChanged {
            party: Arc::new(crew()),
        },
    );
}

pub(crate) fn open(name: &str, identity: IdentityId) -> Event {
    let endpoint = EndpointId::from_bytes([9; 32]);
    Event::ProfileChanged {
        request: None,
        profile: ProfileView::Open {
            name: name.to_owned(),
            identity,
            endpoint,
        },
    }
}

pub(crate) fn member(identity: IdentityId, name: &str, role: Role, presence: Presence) -> MemberView {
    MemberView {
        identity,
        name: Some(name.to_owned()),
        role,
        admitted_by: None,
        since: NOW,
        presence,
    }
}

pub(crate) fn task(byte: u8, title: &str, author: IdentityId) -> TaskView {
    TaskView {
        id: TaskId::from_bytes([byte; 16]),
        title: title.to_owned(),
        done: false,
        author,
        created: NOW,
    }
}

pub(crate) fn crew() -> PartyView {
    let clara = IdentityId::from_bytes([4; 32]);
    PartyView {
        id: CREW,
        name: "Hiking crew".to_owned(),
        role: Some(Role::Owner),
        members: vec![
            member(ALICE, "Alice Meier", Role::Owner, Presence::Me),
            member(BOB, "Bob Tanaka", Role::Editor, Presence::Online),
            member(clara, "Clara Novak", Role::Admin, Presence::Offline),
        ],
        tasks: vec![
            task(1, "Book the hut for Saturday night", BOB),
            task(2, "Check the weather and the avalanche report", ALICE),
            task(3, "Plan the train there and back", clara),
            task(4, "Buy gas cartridges", ALICE),
            TaskView {
                done: true,
                ..task(5, "Share the GPX track", BOB)
            },
            TaskView {
                done: true,
                ..task(6, "Collect everyone's emergency contacts", ALICE)
            },
        ],
    }
}

/// The code of the tests; made like a real one.
pub(crate) fn code() -> Arc<InviteCode> {
    let tag = CREW.tag();
    let expires = Some(NOW.plus(Duration::from_secs(24 * 3600)));
    let hint = Hint::Address("192.0.2.7:40000".parse().expect("an address"));
    let secret = Secret::from_bytes([0x5a; 16]);
    let endpoint = EndpointId::from_bytes([9; 32]);
    Arc::new(
        InviteCode::new(
            CodeKind::Interactive,
            Flags::default(),
            secret,
            tag,
            endpoint,
            expires,
            vec![hint],
        )
        .expect("a code"),
    )
}

pub(crate) fn invitation(stage: InvitationStage) -> Arc<InvitationView> {
    let code = code();
    Arc::new(InvitationView {
        id: code.invitation_id(),
        party: CREW,
        label: "Bob".to_owned(),
        role: Role::Editor,
        code,
        created: NOW,
        expires: NOW.plus(Duration::from_secs(24 * 3600 - 5)),
        wrong_pins: 0,
        stage,
    })
}

pub(crate) fn pin_stage(wrong: u8, waiting: u8) -> InvitationStage {
    let pin = Arc::new(Pin::parse("482913", 6).expect("a PIN"));
    InvitationStage::Pin {
        pin,
        expires: NOW.plus(Duration::from_secs(292)),
        wrong,
        waiting,
    }
}

pub(crate) fn redemption(stage: RedemptionStage) -> Arc<RedemptionView> {
    Arc::new(RedemptionView {
        id: REDEMPTION,
        invitation: code().invitation_id(),
        stage,
    })
}

pub(crate) fn enter_pin(tries_left: u8, notice: Option<PinNotice>) -> RedemptionStage {
    RedemptionStage::EnterPin {
        digits: 6,
        expires: NOW.plus(Duration::from_secs(292)),
        tries_left,
        notice,
    }
}
