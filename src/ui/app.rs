//! The window's inside: the model, the one dialog that may be open, and the way to the worker.
//!
//! `logic` drains events, `ui` draws and carries out what was clicked. Nothing here waits, and nothing reads a clock.

mod acting;
mod arrivals;
mod dialogs;
mod first_start;
mod mending;
mod noticing;
mod notifications;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, Id, Ui, UiBuilder, ViewportId};

use self::arrivals::Desk;
use self::dialogs::Open;
pub(super) use self::first_start::FirstStart;
use self::noticing::is_current;
use super::attempt::Attempt;
use super::calendar::Calendar;
use super::chooser::{Ask, Chooser};
use super::clipboard::Clipboard;
use super::frame::{Frame, Requests};
use super::listening::Listening;
use super::main_window::{MainWindow, Notice};
use super::model::{Condition, Model};
use super::onboarding::Onboarding;
use super::scanner::Scanner;
use super::scene::Scene;
use crate::desktop::{Cameras, Choice, ChooseError, Surface};
use crate::party::PartyId;
use crate::time::Timestamp;
use crate::worker::{Command, Event, NetworkMode, NetworkView, ProfileView, RequestId, WorkerHandle};

/// One profile's window.
pub struct App {
    worker: WorkerHandle,
    /// How this machine is connected: as the program was started, until the worker tells.
    network: NetworkView,
    requests: Arc<Requests>,
    /// What was asked for and nobody has answered yet.
    asked: BTreeMap<RequestId, (Asked, Attempt)>,
    clipboard: Clipboard,
    chooser: Chooser,
    scanner: Scanner,
    desk: Desk,
    calendar: Calendar,
    model: Model,
    onboarding: Onboarding,
    window: MainWindow,
    dialog: Option<Open>,
    notices: Vec<Notice>,
    /// The party whose page was shown last.
    page: Option<PartyId>,
    /// What had the keyboard before the dialog opened.
    focus_before: Option<Id>,
    /// A code that was typed into a dialog that was closed.
    typed_code: zeroize::Zeroizing<String>,
    /// The invitation service that was used last for coming in.
    last_service: Option<String>,
    /// What the person answers in their browser.
    in_browser: Option<RequestId>,
    /// Tells the ids of two windows of one process apart.
    id: Id,
    viewport: ViewportId,
    surface: Surface,
    first_start: Option<FirstStart>,
    listening: Listening,
}

/// What is to be done with the answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// A dialog has asked, and looks after it as long as it is open.
    ByDialog,
    /// That it failed is told.
    Loudly,
    /// That it failed is not worth a notice.
    Quietly,
    /// The file is to be opened with its program.
    ToOpen,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("viewport", &self.viewport)
            .finish_non_exhaustive()
    }
}

impl App {
    /// A window over a worker. `name` tells the windows of one process apart.
    #[must_use]
    pub fn new(worker: WorkerHandle, network: NetworkMode, name: &str, clipboard: Clipboard) -> Self {
        Self {
            worker,
            network: NetworkView {
                mode: network,
                ..NetworkView::default()
            },
            requests: Arc::default(),
            asked: BTreeMap::new(),
            clipboard,
            chooser: Chooser::of_system(),
            scanner: Scanner::new(),
            desk: Desk::default(),
            calendar: Calendar::new(jiff::tz::TimeZone::system()),
            model: Model::default(),
            onboarding: Onboarding::default(),
            window: MainWindow::default(),
            dialog: None,
            notices: Vec::new(),
            page: None,
            focus_before: None,
            typed_code: zeroize::Zeroizing::default(),
            last_service: None,
            in_browser: None,
            id: Id::unique(("partyline", name)),
            viewport: ViewportId::ROOT,
            surface: Surface::default(),
            first_start: None,
            listening: Listening::default(),
        }
    }

    /// Shows days and times of day in this zone instead of the system's.
    #[must_use]
    pub fn in_zone(mut self, zone: jiff::tz::TimeZone) -> Self {
        self.calendar = Calendar::new(zone);
        self
    }

    /// Asks for files and folders in this way instead of with the system's dialogs. `ask` is called on a thread of its
    /// own and may wait; it gives nothing if the person changed their mind.
    #[must_use]
    pub fn choosing_with(
        mut self,
        ask: impl Fn(Choice) -> Result<Vec<PathBuf>, ChooseError> + Send + Sync + 'static,
    ) -> Self {
        let ask: Ask = Arc::new(move |question| ask(question.choice));
        self.scanner.choose_with(Arc::clone(&ask));
        self.chooser = Chooser::new(ask);
        self
    }

    /// Reads codes from these cameras instead of the system's.
    #[must_use]
    pub fn looking_through(mut self, cameras: impl Cameras + 'static) -> Self {
        self.scanner.look_through(Arc::new(cameras));
        self
    }

    /// Says what shows the window: the system's dialogs open before it, and files can be dropped on it or not.
    #[must_use]
    pub const fn shown_by(mut self, surface: Surface) -> Self {
        self.surface = surface;
        self.scanner.set_surface(surface);
        self
    }

    /// Puts the window into a viewport other than the first.
    #[must_use]
    pub const fn in_viewport(mut self, viewport: ViewportId) -> Self {
        self.viewport = viewport;
        self
    }

    /// Takes in everything that the worker has told. Also called while the window is hidden.
    pub fn logic(&mut self, ctx: &Context) {
        self.leave_page();
        while let Some(event) = self.worker.try_next() {
            self.answer_first_start(&event);
            self.notice(ctx, &event);
            self.notify(ctx, &event);
            self.model.apply(&event);
            if let Event::NetworkChanged { network } = &event {
                self.network = network.clone();
            }
            self.onboarding.apply(&event);
            self.window.apply(&event);
            if let Some(dialog) = &mut self.dialog {
                dialog.apply(&event);
            }
            self.cancel_unwanted(&event);
            self.go_on_with_devices(ctx, &event);
            if let Event::PartyCreated { party, .. } = event {
                self.window.select(party);
            }
        }
        while let Some((purpose, chosen)) = self.chooser.answer() {
            self.chosen(ctx, &purpose, chosen);
        }
        while let Some(scanned) = self.scanner.answer() {
            if let Some(Open::Redeem(dialog)) = &mut self.dialog {
                dialog.take_scanned(scanned);
            }
        }
        self.take_arrivals(ctx);
        let model = &self.model;
        let page = self.window.invitations_shown(model);
        self.notices
            .retain(|notice| is_current(model, notice) && page.is_none_or(|party| *notice != Notice::Requests(party)));
    }

    /// Draws the window and carries out what was clicked.
    pub fn ui(&mut self, ui: &mut Ui, now: Timestamp) {
        let ctx = ui.ctx().clone();
        self.restore_focus(&ctx);
        ui.scope_builder(UiBuilder::new().id_salt(self.id).max_rect(ui.max_rect()), |ui| {
            let requests = Arc::clone(&self.requests);
            let frame = Frame {
                now,
                requests: &requests,
            };
            if matches!(self.model.condition, Condition::Profile(ProfileView::Open { .. })) {
                let scene = Scene {
                    frame: &frame,
                    calendar: &self.calendar,
                    model: &self.model,
                    surface: self.surface,
                };
                for action in self.window.view(ui, &self.notices, &scene) {
                    self.carry_out(&ctx, action);
                }
                self.show_dialog(&ctx, &frame);
            } else if let Some((request, command)) = self.onboarding.view(ui, self.id, &self.model.condition, &frame) {
                self.send(request, command);
            }
        });
        let heard = matches!(&self.dialog, Some(Open::Redeem(dialog)) if dialog.listens_nearby());
        if let Some(command) = self.listening.follow(heard) {
            self.ask(Asked::Quietly, command);
        }
    }

    /// Hands what was typed a moment ago to the engine, closes it and waits for it.
    pub fn shutdown(mut self) {
        // A camera goes off at once.
        self.dialog = None;
        let requests = Arc::clone(&self.requests);
        for (request, command) in self.window.unsent(|| requests.next()) {
            self.send(request, command);
        }
        self.worker.shutdown();
    }

    fn send(&mut self, request: RequestId, command: Command) {
        self.send_as(Asked::ByDialog, request, command);
    }

    fn send_as(&mut self, asked: Asked, request: RequestId, command: Command) {
        let attempt = Attempt::new(&command, &self.model);
        self.asked.insert(request, (asked, attempt));
        if self.worker.send(request, command).is_err() {
            self.model.condition = Condition::Stopped;
        }
    }
}
