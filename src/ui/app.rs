//! The window's inside: the model, the one dialog that may be open, and the way to the worker.
//!
//! `logic` drains events, `ui` draws and carries out what was clicked. Nothing here waits, and nothing reads a clock.

mod acting;
mod dialogs;
mod noticing;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, Id, Ui, UiBuilder, ViewportId};

use self::dialogs::Open;
use self::noticing::is_current;
use super::calendar::Calendar;
use super::chooser::{Choice, Chooser};
use super::clipboard::Clipboard;
use super::frame::{Frame, Requests};
use super::main_window::{MainWindow, Notice};
use super::model::{Condition, Model};
use super::onboarding::Onboarding;
use super::scene::Scene;
use crate::time::Timestamp;
use crate::worker::{Command, Event, NetworkMode, ProfileView, Protection, RequestId, WorkerHandle};

/// One profile's window.
pub struct App {
    worker: WorkerHandle,
    network: NetworkMode,
    requests: Arc<Requests>,
    /// What the main window has asked for and nobody has answered yet; dialogs look after their own.
    asked: BTreeMap<RequestId, Asked>,
    clipboard: Clipboard,
    chooser: Chooser,
    calendar: Calendar,
    model: Model,
    onboarding: Onboarding,
    window: MainWindow,
    dialog: Option<Open>,
    notices: Vec<Notice>,
    /// What had the keyboard before the dialog opened.
    focus_before: Option<Id>,
    /// A code that was typed into a dialog that was closed.
    typed_code: zeroize::Zeroizing<String>,
    /// Tells the ids of two windows of one process apart.
    id: Id,
    viewport: ViewportId,
    first_start: Option<FirstStart>,
}

/// What is to be done with the answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// That it failed is told.
    Loudly,
    /// That it failed is not worth a notice.
    Quietly,
    /// The file is to be opened with its program.
    ToOpen,
}

/// Answers the questions of a first start by itself: the demo's profiles are thrown away with it.
#[derive(Debug)]
pub(super) struct FirstStart {
    pub(super) name: String,
    /// A party to begin with.
    pub(super) party: Option<String>,
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
            network,
            requests: Arc::default(),
            asked: BTreeMap::new(),
            clipboard,
            chooser: Chooser::of_system(),
            calendar: Calendar::new(jiff::tz::TimeZone::system()),
            model: Model::default(),
            onboarding: Onboarding::default(),
            window: MainWindow::default(),
            dialog: None,
            notices: Vec::new(),
            focus_before: None,
            typed_code: zeroize::Zeroizing::default(),
            id: Id::unique(("partyline", name)),
            viewport: ViewportId::ROOT,
            first_start: None,
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
    pub fn choosing_with(mut self, ask: impl Fn(Choice) -> Vec<PathBuf> + Send + Sync + 'static) -> Self {
        self.chooser = Chooser::new(Arc::new(ask));
        self
    }

    /// Puts the window into a viewport other than the first.
    #[must_use]
    pub const fn in_viewport(mut self, viewport: ViewportId) -> Self {
        self.viewport = viewport;
        self
    }

    pub(super) fn with_first_start(mut self, first_start: FirstStart) -> Self {
        self.first_start = Some(first_start);
        self
    }

    /// Takes in everything that the worker has told. Also called while the window is hidden.
    pub fn logic(&mut self, ctx: &Context) {
        while let Some(event) = self.worker.try_next() {
            self.answer_first_start(&event);
            self.notice(ctx, &event);
            self.model.apply(&event);
            self.onboarding.apply(&event);
            self.window.apply(&event);
            if let Some(dialog) = &mut self.dialog {
                dialog.apply(&event);
            }
            self.cancel_unwanted(&event);
            if let Event::PartyCreated { party, .. } = event {
                self.window.select(party);
            }
        }
        while let Some((purpose, paths)) = self.chooser.answer() {
            self.chosen(purpose, paths);
        }
        let model = &self.model;
        self.notices.retain(|notice| is_current(model, notice));
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
                };
                for action in self.window.view(ui, &self.notices, &scene) {
                    self.carry_out(&ctx, action);
                }
                self.show_dialog(&ctx, &frame);
            } else if let Some((request, command)) = self.onboarding.view(ui, self.id, &self.model.condition, &frame) {
                self.send(request, command);
            }
        });
    }

    /// Hands what was typed a moment ago to the engine, closes it and waits for it.
    pub fn shutdown(mut self) {
        let requests = Arc::clone(&self.requests);
        for (request, command) in self.window.unsent(|| requests.next()) {
            self.send(request, command);
        }
        self.worker.shutdown();
    }

    fn send(&mut self, request: RequestId, command: Command) {
        if self.worker.send(request, command).is_err() {
            self.model.condition = Condition::Stopped;
        }
    }

    fn answer_first_start(&mut self, event: &Event) {
        let Event::ProfileChanged { profile, .. } = event else {
            return;
        };
        let Some(first_start) = &mut self.first_start else {
            return;
        };
        let command = match profile {
            ProfileView::New { .. } => {
                let name = first_start.name.clone();
                Some(Command::CreateProfile {
                    name,
                    protection: Protection::Unprotected,
                })
            }
            ProfileView::Open { .. } => first_start.party.take().map(|name| Command::CreateParty { name }),
            ProfileView::Locked | ProfileView::KeyringSilent { .. } => None,
        };
        if let Some(command) = command {
            self.send(self.requests.next(), command);
        }
    }
}
