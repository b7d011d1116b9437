//! Opens the window; turns everything that can prevent it into a sentence.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eframe::{CreationContext, NativeOptions, Storage};
use egui::{Context, IconData, ThemePreference, Ui, ViewportBuilder};
use zeroize::Zeroizing;

use super::app::App;
use super::clipboard::Clipboard;
use super::{surface, text, theme};
use crate::desktop::{Arrival, Arrivals, Instance, Listening, Notifier};
use crate::worker::{Clock, Config, WorkerHandle};

/// The name by which the desktop knows the program.
const APP_ID: &str = "partyline";
/// Where the choice of light or dark is kept, beside the window's place.
const THEME_KEY: &str = "theme";

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// Neither an X11 nor a Wayland display answers.
    #[error(
        "There is no display to open a window on. Partyline works without one, too: \
         see `partyline --help`, or try `partyline demo --headless`."
    )]
    NoDisplay,
    /// The display is there, a library that winit or OpenGL needs is not.
    #[error(
        "The window cannot be opened because a library is missing: {0}. Install it (on Debian: libxkbcommon-x11-0, libx11-xcb1, \
         libxcursor1, libxi6, libgl1, libgl1-mesa-dri), or use the command line: see `partyline --help`, or try `partyline demo --headless`."
    )]
    MissingLibrary(String),
    /// The worker thread could not be started.
    #[error("Partyline could not start its worker thread: {0}.")]
    Worker(std::io::Error),
    /// Anything else.
    #[error("The window could not be opened: {0}. The command line works without it: see `partyline --help`.")]
    Other(String),
}

/// Opens the window of one profile; returns when it has been closed and the engine has stopped.
///
/// Meanwhile other starts of the program hand over to it. The link, if there is one, fills the field for a code.
///
/// # Errors
///
/// [`WindowError`], whose text is meant for the person.
pub fn run(config: Config, instance: Instance, link: Option<Zeroizing<String>>) -> Result<(), WindowError> {
    let place = config.data_dir.join("window.ron");
    let options = options(text::APP, [1120.0, 720.0], Some(place));
    open(options, move |cc| {
        let ctx = cc.egui_ctx.clone();
        let waking = ctx.clone();
        let (arrivals, inbox) = Arrivals::new(move || waking.request_repaint());
        let network = config.network.clone();
        let worker = WorkerHandle::spawn(config, move || ctx.request_repaint())?;
        let app = App::new(worker, network, APP_ID, Clipboard::new())
            .shown_by(surface::of(cc))
            .with_arrivals(inbox)
            .with_notifier(Notifier::new(arrivals.clone()));
        if let Some(link) = link {
            arrivals.deliver(Arrival::Link(link));
        }
        Ok(Shell {
            app: Some(app),
            clock: Clock::system(),
            theme: ThemePreference::System,
            listening: instance.listen(arrivals),
        })
    })
}

/// What every window of Partyline has in common.
pub(super) fn options(title: &str, size: [f32; 2], persistence_path: Option<std::path::PathBuf>) -> NativeOptions {
    NativeOptions {
        viewport: viewport(title, size),
        persist_window: persistence_path.is_some(),
        persistence_path,
        ..NativeOptions::default()
    }
}

/// Title, sizes and icon of one window.
pub(super) fn viewport(title: &str, size: [f32; 2]) -> ViewportBuilder {
    let builder = ViewportBuilder::default()
        .with_title(title)
        .with_app_id(APP_ID)
        .with_inner_size(size)
        .with_min_inner_size([760.0, 520.0]);
    match icon() {
        Some(icon) => builder.with_icon(Arc::new(icon)),
        None => builder,
    }
}

fn icon() -> Option<IconData> {
    match eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png")) {
        Ok(icon) => Some(icon),
        Err(error) => {
            tracing::warn!(%error, "the icon cannot be read");
            None
        }
    }
}

/// Runs the event loop. `create` makes what is in the window, once there is one.
pub(super) fn open<A: eframe::App + 'static>(
    options: NativeOptions,
    create: impl FnOnce(&CreationContext<'_>) -> std::io::Result<A> + 'static,
) -> Result<(), WindowError> {
    let opened = Arc::new(AtomicBool::new(false));
    let quiet = QuietPanics::until(Arc::clone(&opened));
    let creator: eframe::AppCreator<'_> = Box::new(move |cc| {
        opened.store(true, Ordering::Relaxed);
        theme::install(&cc.egui_ctx);
        cc.egui_ctx
            .set_theme(cc.storage.map_or(ThemePreference::System, saved_theme));
        Ok(Box::new(create(cc)?))
    });
    // winit panics where libxkbcommon is missing, rather than telling.
    let outcome = catch_unwind(AssertUnwindSafe(|| eframe::run_native(APP_ID, options, creator)));
    drop(quiet);
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(explain(error)),
        Err(panic) => Err(explain_panic(panic.as_ref())),
    }
}

/// Keeps the panic message of a window that cannot be opened off the terminal: it becomes a [`WindowError`].
struct QuietPanics {
    /// The hook that was there before, and is there again after.
    usual: Arc<Hook>,
}

/// What prints a panic.
type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

impl QuietPanics {
    /// Quiet until `opened`; from then on a panic is a bug and says so as usual.
    fn until(opened: Arc<AtomicBool>) -> Self {
        let usual = Arc::new(std::panic::take_hook());
        let told = Arc::clone(&usual);
        std::panic::set_hook(Box::new(move |info| {
            if opened.load(Ordering::Relaxed) {
                told(info);
            }
        }));
        Self { usual }
    }
}

impl Drop for QuietPanics {
    fn drop(&mut self) {
        // A thread that panics may not change the hook; then the quiet one stays, and the program is about to end.
        if !std::thread::panicking() {
            let usual = Arc::clone(&self.usual);
            std::panic::set_hook(Box::new(move |info| usual(info)));
        }
    }
}

fn explain(error: eframe::Error) -> WindowError {
    match error {
        eframe::Error::AppCreation(error) => match error.downcast::<std::io::Error>() {
            Ok(error) => WindowError::Worker(*error),
            Err(other) => WindowError::Other(other.to_string()),
        },
        eframe::Error::WinitEventLoop(error) => explain_text(&error.to_string()),
        eframe::Error::NoGlutinConfigs(..) => WindowError::MissingLibrary("OpenGL (libGL or libEGL)".to_owned()),
        other => explain_text(&other.to_string()),
    }
}

fn explain_text(text: &str) -> WindowError {
    let small = text.to_lowercase();
    if small.contains("xlib") {
        return WindowError::MissingLibrary("one of libX11-xcb, libXcursor, libXi, libXrender".to_owned());
    }
    if small.contains("could not be loaded")
        || small.contains("cannot open shared object")
        || small.contains("libraryopen")
    {
        WindowError::MissingLibrary(text.trim_end_matches('.').to_owned())
    } else if small.contains("display") || small.contains("notsupported") || small.contains("compositor") {
        WindowError::NoDisplay
    } else {
        WindowError::Other(without_place(text).to_owned())
    }
}

/// What an error says, without the place in the library's source where it came up (`os error at FILE:LINE: …`).
fn without_place(text: &str) -> &str {
    match text.strip_prefix("os error at ").and_then(|rest| rest.split_once(": ")) {
        Some((_place, told)) => told,
        None => text,
    }
}

fn explain_panic(panic: &(dyn std::any::Any + Send)) -> WindowError {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("an error without a message");
    explain_text(text)
}

fn saved_theme(storage: &dyn Storage) -> ThemePreference {
    match storage.get_string(THEME_KEY).as_deref() {
        Some("light") => ThemePreference::Light,
        Some("dark") => ThemePreference::Dark,
        _ => ThemePreference::System,
    }
}

/// eframe's side of the window.
struct Shell {
    /// None once it has been shut down.
    app: Option<App>,
    clock: Clock,
    theme: ThemePreference,
    listening: Listening,
}

impl eframe::App for Shell {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        if let Some(app) = &mut self.app {
            app.logic(ctx);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        if let Some(app) = &mut self.app {
            app.ui(ui, self.clock.now());
        }
        self.theme = ui.ctx().options(|options| options.theme_preference);
    }

    /// Keeps the choice of light or dark for the next start.
    fn save(&mut self, storage: &mut dyn Storage) {
        let chosen = match self.theme {
            ThemePreference::Light => "light",
            ThemePreference::Dark => "dark",
            ThemePreference::System => "system",
        };
        storage.set_string(THEME_KEY, chosen.to_owned());
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        // What comes from here on waits for the end of this process.
        self.listening.close();
        if let Some(app) = self.app.take() {
            app.shutdown();
        }
    }

    /// Old zoom factors and scroll positions are better forgotten.
    fn persist_egui_memory(&self) -> bool {
        false
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        egui::Rgba::from(visuals.panel_fill).to_array()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn what_prevents_a_window_is_told_in_a_sentence() {
        let told = explain_text("xkbcommon-dl: libxkbcommon.so.0 could not be loaded.").to_string();
        assert!(
            told.contains("library is missing") && told.contains("demo --headless"),
            "{told}"
        );
        let told = explain_text("os error: neither WAYLAND_DISPLAY nor WAYLAND_SOCKET nor DISPLAY is set.").to_string();
        assert!(
            told.contains("no display") && told.contains("partyline --help"),
            "{told}"
        );
        assert!(explain_panic(&"something else").to_string().contains("something else"));
        let told = explain_text("os error at somewhere/linux/mod.rs:80: no luck").to_string();
        assert!(told.contains("no luck") && !told.contains("mod.rs"), "{told}");
    }

    #[test]
    fn the_panic_hook_that_was_there_is_there_again() {
        let here = std::thread::current().id();
        let told = Arc::new(AtomicUsize::new(0));
        let panic = || drop(catch_unwind(|| std::panic::panic_any("a test's own")));
        let (before, count) = (std::panic::take_hook(), Arc::clone(&told));
        std::panic::set_hook(Box::new(move |info| {
            // Other tests of this process keep their messages.
            if std::thread::current().id() == here {
                count.fetch_add(1, Ordering::Relaxed);
            } else {
                before(info);
            }
        }));

        let opened = Arc::new(AtomicBool::new(false));
        let quiet = QuietPanics::until(Arc::clone(&opened));
        panic();
        assert_eq!(told.load(Ordering::Relaxed), 0, "no window yet");
        opened.store(true, Ordering::Relaxed);
        panic();
        assert_eq!(told.load(Ordering::Relaxed), 1, "a bug");
        drop(quiet);
        panic();
        assert_eq!(told.load(Ordering::Relaxed), 2, "the window has gone");
        drop(std::panic::take_hook());
    }

    #[test]
    fn the_icon_can_be_read() {
        assert!(icon().is_some());
    }
}
