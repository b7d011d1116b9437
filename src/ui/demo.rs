//! Two people on one screen: Alice and Bob, two profiles, two windows, nothing but this computer.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use egui::{Context, Ui, ViewportId};

use super::app::{App, FirstStart};
use super::clipboard::Clipboard;
use super::run::{WindowError, open, options, viewport};
use super::surface;
use crate::time::Timestamp;
use crate::worker::{Clock, Config, NetworkMode, WorkerHandle};

/// Size of each window, in points: two of them fit beside each other on most screens.
const SIZE: [f32; 2] = [780.0, 640.0];

/// Opens a window for Alice, who has a party, and one for Bob, who can join it. Returns when Alice's has been closed.
///
/// `folder` receives the two profiles, which are stored without protection; the caller makes it and takes it away.
///
/// # Errors
///
/// [`WindowError`], whose text is meant for the person.
pub fn run_demo(folder: &Path) -> Result<(), WindowError> {
    let config = |name: &str| Config {
        data_dir: folder.join(name),
        network: NetworkMode::Loopback,
    };
    let (alice, bob) = (config("alice"), config("bob"));
    let mut native = options("Partyline: Alice", SIZE, None);
    native.viewport = native.viewport.with_position([20.0, 40.0]);
    open(native, move |cc| {
        let shown_by = surface::of(cc);
        let start = |config: Config, name: &str, party: Option<&str>, viewport: ViewportId| {
            let ctx = cc.egui_ctx.clone();
            let network = config.network.clone();
            // Events are drained with the first window; the second is drawn on its own.
            let worker = WorkerHandle::spawn(config, move || {
                ctx.request_repaint_of(ViewportId::ROOT);
                ctx.request_repaint_of(viewport);
            })?;
            let first = FirstStart {
                name: name.to_owned(),
                party: party.map(str::to_owned),
            };
            let app = App::new(worker, network, name, Clipboard::new());
            std::io::Result::Ok(app.in_viewport(viewport).with_first_start(first))
        };
        let alice = start(alice, "Alice", Some("Hiking crew"), ViewportId::ROOT)?.shown_by(shown_by);
        let bob = start(bob, "Bob", None, child())?.shown_by(surface::of_another(shown_by));
        Ok(Demo {
            alice: Some(alice),
            bob: Second(Arc::new(Mutex::new(Some(bob)))),
            clock: Clock::system(),
        })
    })
}

fn child() -> ViewportId {
    ViewportId::from_hash_of("bob")
}

/// Two windows.
struct Demo {
    /// None once it has been shut down.
    alice: Option<App>,
    bob: Second,
    clock: Clock,
}

/// The app in the second window; none once it has been closed.
///
/// egui draws a deferred window through a shared function, hence the mutex. Only the window's thread ever takes it. (An
/// immediate window would need none, but eframe does not carry out its paste requests.)
#[derive(Clone)]
struct Second(Arc<Mutex<Option<App>>>);

impl Second {
    fn with<R>(&self, with: impl FnOnce(&mut Option<App>) -> R) -> R {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Draws the window; shuts the app down when it is closed.
    fn draw(&self, ui: &mut Ui, now: Timestamp) {
        let closed = self.with(|bob| {
            let app = bob.as_mut()?;
            app.logic(ui.ctx());
            app.ui(ui, now);
            let closed = ui.ctx().input(|input| input.viewport().close_requested());
            if closed { bob.take() } else { None }
        });
        if let Some(app) = closed {
            app.shutdown();
            ui.ctx().request_repaint_of(ViewportId::ROOT);
        }
    }
}

impl eframe::App for Demo {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        if let Some(alice) = &mut self.alice {
            alice.logic(ctx);
        }
        self.bob.with(|bob| {
            if let Some(bob) = bob {
                bob.logic(ctx);
            }
        });
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        if let Some(alice) = &mut self.alice {
            alice.ui(ui, self.clock.now());
        }
        if self.bob.with(|bob| bob.is_some()) {
            let window = viewport("Partyline: Bob", SIZE).with_position([480.0, 100.0]);
            let (bob, clock) = (self.bob.clone(), self.clock);
            ui.ctx()
                .show_viewport_deferred(child(), window, move |ui, _class| bob.draw(ui, clock.now()));
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        for app in [self.bob.with(Option::take), self.alice.take()].into_iter().flatten() {
            app.shutdown();
        }
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        egui::Rgba::from(visuals.panel_fill).to_array()
    }
}
