//! The program: reads the command line and hands over to one face.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;

use partyline::cli::{self, Args, Face};
#[cfg(feature = "desktop")]
use partyline::desktop::{self, Arrival, Start};
use tracing_subscriber::EnvFilter;

/// The log of a party is many small pieces that live long, and the service makes many that do not.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is logged, in the syntax of `tracing_subscriber::EnvFilter`, such as `info` or `partyline=debug`.
const LOG: &str = "PARTYLINE_LOG";

/// What is said by a program without the feature `desktop`.
#[cfg(not(feature = "desktop"))]
const NO_WINDOW_BUILT_IN: &str =
    "This Partyline was built without its window: see `partyline --help`, or try `partyline demo --headless`.";

fn main() -> ExitCode {
    panic::set_hook(Box::new(tell_of_panic));
    let args = match Args::read(env::args_os()) {
        Ok(args) => args,
        Err(error) => {
            // The text of --help or of a mistake; if nobody reads it, the exit code still tells.
            error.print().ok();
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    log_to_stderr(args.usual_log());
    match args.face() {
        Face::CommandLine => cli::run(args),
        Face::Window => window(&args),
        Face::DemoWindows => demo_windows(&args),
    }
}

#[cfg(feature = "desktop")]
fn window(args: &Args) -> ExitCode {
    let Some(config) = args.config() else {
        return cli::no_data_folder(args);
    };
    let link = args.link();
    let arrival = link.clone().map_or(Arrival::Raise, Arrival::Link);
    let instance = match desktop::start(&config.data_dir, &arrival) {
        Start::HandedOver => return ExitCode::SUCCESS,
        Start::Own(instance) => instance,
    };
    if args.is_at_home() {
        desktop::register_links_once();
    }
    match partyline::ui::run(config, instance, link) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::no_window(args, &error.to_string()),
    }
}

#[cfg(feature = "desktop")]
fn demo_windows(args: &Args) -> ExitCode {
    let Ok(folder) = cli::TemporaryFolder::new("demo") else {
        return cli::no_demo_folder(args);
    };
    match partyline::ui::run_demo(folder.path()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::no_window(args, &error.to_string()),
    }
}

#[cfg(not(feature = "desktop"))]
fn window(args: &Args) -> ExitCode {
    cli::no_window(args, NO_WINDOW_BUILT_IN)
}

#[cfg(not(feature = "desktop"))]
fn demo_windows(args: &Args) -> ExitCode {
    cli::no_window(args, NO_WINDOW_BUILT_IN)
}

fn log_to_stderr(usual: &str) {
    let filter = EnvFilter::builder().parse_lossy(env::var(LOG).unwrap_or_else(|_unset| usual.to_owned()));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}

/// One sentence with the place, never the panic's own message: that may hold what must not be shown.
fn tell_of_panic(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map(|at| format!(" ({}:{})", at.file(), at.line()))
        .unwrap_or_default();
    let mut err = io::stderr().lock();
    writeln!(
        err,
        "Something went wrong inside Partyline{place}. It goes on where it can; your data is safe."
    )
    .ok();
}
