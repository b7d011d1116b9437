//! A window whose worker is the test: what the app sends is looked at, what the worker would tell is told.

mod crew;
pub(crate) mod lens;
mod offers;

use std::path::Path;
use std::sync::Arc;

use egui_kittest::{Harness, HarnessBuilder};
use partyline::desktop::{About, Arrival, Arrivals, NoCameras};
use partyline::engine::{Command, Event, NoteText, ProfileView, RedemptionId, RequestId};
use partyline::identity::{DeviceId, EndpointId, IdentityId};
use partyline::party::PartyId;
use partyline::time::{Day, Timestamp};
use partyline::ui::{App, Clipboard, install};
use partyline::worker::{NetworkMode, WorkerHandle};
use tokio::sync::mpsc::{Receiver, Sender};

pub(crate) use crew::*;
pub(crate) use offers::*;

/// Noon of a day in 2026.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_781_092_800_000);
pub(crate) const ALICE: IdentityId = IdentityId::from_bytes([1; 32]);
pub(crate) const BOB: IdentityId = IdentityId::from_bytes([2; 32]);
pub(crate) const CLARA: IdentityId = IdentityId::from_bytes([4; 32]);
/// The day of [`NOW`].
pub(crate) const TODAY: Day = Day(20_614);
pub(crate) const CREW: PartyId = PartyId::from_bytes([7; 32]);
pub(crate) const PHONE: DeviceId = DeviceId::from_bytes([0x22; 32]);
pub(crate) const REDEMPTION: RedemptionId = RedemptionId(1);

/// The app, the test's ends of its channels, and the time.
pub(crate) struct Window {
    pub(crate) app: App,
    pub(crate) now: Timestamp,
    commands: Receiver<(RequestId, Command)>,
    events: Sender<Event>,
    arrivals: Arrivals,
}

pub(crate) type Screen = Harness<'static, Window>;

/// The size of a window in points, unless a test is about another.
pub(crate) const WINDOW: [f32; 2] = [1120.0, 720.0];

/// How every test's window is set up.
pub(crate) fn builder(theme: egui::Theme) -> HarnessBuilder<Window> {
    Harness::builder()
        .with_size(WINDOW)
        .with_theme(theme)
        .with_max_steps(8)
        .with_render_cursor(false)
        .with_context_setup(install)
}

/// A window before the worker has told anything.
pub(crate) fn window(builder: HarnessBuilder<Window>) -> Screen {
    window_of(builder, |app| {
        app.choosing_with(|_| Ok(vec!["/home/alice/hut.jpg".into()]))
    })
}

/// The same, with the app set up in another way.
pub(crate) fn window_of(builder: HarnessBuilder<Window>, set_up: impl FnOnce(App) -> App) -> Screen {
    let (worker, commands, events) = WorkerHandle::pair(64);
    let (arrivals, inbox) = Arrivals::new(|| {});
    let app = App::new(worker, NetworkMode::Loopback, "test", Clipboard::of_egui())
        .with_arrivals(inbox)
        .looking_through(NoCameras)
        .in_zone(jiff::tz::TimeZone::UTC);
    let app = set_up(app);
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
            arrivals,
        },
    )
}

/// A window without a renderer.
pub(crate) fn screen() -> Screen {
    window(builder(egui::Theme::Light))
}

impl Window {
    /// The person opens a link.
    pub(crate) fn link_opened(&self, link: &str) {
        let link = zeroize::Zeroizing::new(link.to_owned());
        assert!(self.arrivals.deliver(Arrival::Link(link)));
    }

    /// The person clicks on a notification about this.
    pub(crate) fn notification_clicked(&self, about: About) {
        assert!(self.arrivals.deliver(Arrival::Clicked(about)));
    }

    /// Tells the window something that it takes in with the next frame.
    pub(crate) fn tell_only(&self, event: Event) {
        self.events.try_send(event).expect("the window takes events");
    }

    /// Everything that the app has sent since it was asked last.
    pub(crate) fn all_sent(&mut self) -> Vec<(RequestId, Command)> {
        std::iter::from_fn(|| self.commands.try_recv().ok()).collect()
    }

    /// The next thing that the app has sent, if anything.
    pub(crate) fn next_sent(&mut self) -> Option<(RequestId, Command)> {
        self.commands.try_recv().ok()
    }

    /// What the app has sent last, if anything. Whether it listens to the local network is not asked for by a click.
    pub(crate) fn sent(&mut self) -> Option<(RequestId, Command)> {
        let listening = |command: &Command| matches!(command, Command::ListenNearby | Command::StopListening);
        let sent = std::iter::from_fn(|| self.commands.try_recv().ok());
        sent.filter(|(_, command)| !listening(command)).last()
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

/// Opens the first note, as the engine would.
pub(crate) fn note_opened(screen: &mut Screen) {
    let (request, command) = screen.state_mut().sent().expect("a command");
    let opened = match command {
        Command::OpenNote { party, note } => Some((party, note)),
        _ => None,
    };
    let (party, note) = opened.expect("a note is opened");
    let text = Arc::new(NoteText {
        party,
        note,
        revision: 7,
        text: NOTE.to_owned(),
    });
    tell(screen, Event::NoteOpened { request, text });
}

#[derive(Debug)]
struct Dropped(&'static str);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        Path::new(self.0)
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("nobody reads it here".to_owned())
    }
}

/// Drags a file over the window.
pub(crate) fn drag(screen: &mut Screen) {
    screen.input_mut().hovered_files = vec![egui::HoveredFile::default()];
    settle(screen);
}

/// Lets a file go over the window.
pub(crate) fn drop_file(screen: &mut Screen, path: &'static str) {
    screen.input_mut().hovered_files.clear();
    screen.input_mut().dropped_files.push(Arc::new(Dropped(path)));
    settle(screen);
}
