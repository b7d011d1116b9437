//! The command line: the same engine as the window, for terminals and scripts.
//!
//! [`Args`] is what can be said, [`run`] carries it out over a [`crate::client::Client`]. What happens is a value first
//! (`json::Report`); `--json` writes it as one line each, otherwise it becomes sentences (`human`). Problems go to standard
//! error as what happened and what to do, in the words that every face uses.
//!
//! A code, a PIN or a passphrase is never an argument: other users of the machine can see those.

mod args;
mod demo;
mod devices;
mod editor;
mod files;
mod find;
mod help;
mod human;
mod identity;
mod input;
mod interrupt;
mod invite;
mod items;
mod json;
#[cfg(feature = "desktop")]
mod links;
mod list;
mod members;
mod messages;
mod narrate;
mod nearby;
mod node;
mod notes;
mod output;
mod party;
mod problem;
mod profile;
mod redeem;
mod requests;
mod search;
#[cfg(feature = "service")]
mod serve;
mod service;
mod session;
mod tasks;
mod temporary;
#[cfg(test)]
mod tests;
mod times;

use std::process::ExitCode;

use zeroize::Zeroizing;

use self::args::{Command, Globals, Identity, Profile};
use self::output::Output;
use self::problem::{Ending, Exit, Slip};
use self::session::Session;
use crate::failure::Failure;
use crate::worker::{Clock, Config, ProfileView};

pub use self::args::Args;
pub use self::temporary::TemporaryFolder;

/// Who carries out a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The window.
    Window,
    /// Two windows, Alice and Bob.
    DemoWindows,
    /// [`run`].
    CommandLine,
}

impl Args {
    /// Who carries this out.
    #[must_use]
    pub const fn face(&self) -> Face {
        match self.command {
            None | Some(Command::Join(_)) => Face::Window,
            Some(Command::Demo { headless: false }) => Face::DemoWindows,
            Some(_) => Face::CommandLine,
        }
    }

    /// The worker's configuration for the window, or none if this system has no place for an application's data; then
    /// [`no_data_folder`] says so.
    #[must_use]
    pub fn config(&self) -> Option<Config> {
        self.globals.config(session::relay_token())
    }

    /// The link that the window was opened with.
    #[must_use]
    pub fn link(&self) -> Option<Zeroizing<String>> {
        match &self.command {
            Some(Command::Join(join)) => Some(join.link.0.clone()),
            _ => None,
        }
    }

    /// Whether the profile is at the place that this system has for it, and not at one of somebody's choice.
    #[must_use]
    pub const fn is_at_home(&self) -> bool {
        self.globals.data_dir.is_none()
    }

    /// What is logged if nobody says otherwise, in the syntax of `tracing_subscriber::EnvFilter`: standard error is for people, but
    /// for a service it is the log.
    #[must_use]
    pub fn usual_log(&self) -> &'static str {
        match &self.command {
            #[cfg(feature = "service")]
            Some(Command::Serve(serve)) if serve.command.is_none() => "partyline=info,warn",
            _ => "off",
        }
    }

    fn output(&self) -> Output {
        Output::new(self.globals.format(), Clock::system(), &self.globals.called())
    }
}

/// Carries out a command in the terminal.
#[must_use]
pub fn run(args: Args) -> ExitCode {
    let output = args.output();
    let ended = match args.command {
        Some(command) => run_command(&args.globals, command, &output),
        // `Args::face` has sent this elsewhere.
        None => Err(Failure::Internal.into()),
    };
    finish(&output, ended)
}

/// Says why no window can be opened. `why` also says what to use instead.
#[must_use]
pub fn no_window(args: &Args, why: &str) -> ExitCode {
    finish(&args.output(), Err(Slip::NoWindow { why: why.to_owned() }.into()))
}

/// Says that the demo could not make its folder, and what to do.
#[must_use]
pub fn no_demo_folder(args: &Args) -> ExitCode {
    finish(&args.output(), Err(Slip::DemoFolder.into()))
}

/// Says that this system has no place for an application's data, and what to do.
#[must_use]
pub fn no_data_folder(args: &Args) -> ExitCode {
    finish(&args.output(), Err(Slip::NoDataFolder.into()))
}

fn finish(output: &Output, ended: Result<(), Ending>) -> ExitCode {
    match ended {
        Ok(()) => Exit::Ok.into(),
        Err(ending) => {
            output.ending(&ending);
            ending.exit().into()
        }
    }
}

fn run_command(globals: &Globals, command: Command, output: &Output) -> Result<(), Ending> {
    #[cfg(feature = "service")]
    let command = match command {
        // It answers many at once, on threads of its own.
        Command::Serve(serve) => return serve::serve(globals, *serve, output),
        command => command,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|_refused| Slip::WorkerNotStarted)?;
    runtime.block_on(async {
        match command {
            Command::Help { topic } => output.line(&help::on(&topic).ok_or(Slip::UnknownTopic)?),
            Command::Demo { .. } => demo::headless(output.clone()).await,
            Command::Node { status: true } => node::status(globals, output),
            #[cfg(feature = "desktop")]
            Command::Links(links) => links::links(output, links),
            #[cfg(feature = "service")]
            Command::Serve(_) => Err(Failure::Internal.into()),
            command => {
                let mut session = Session::start(globals, output.clone()).await?;
                let ended = Box::pin(in_session(&mut session, globals, command)).await;
                session.close().await;
                ended
            }
        }
    })
}

async fn in_session(session: &mut Session, globals: &Globals, command: Command) -> Result<(), Ending> {
    if let Command::Profile(Profile::Create(create)) = &command {
        return profile::create(session, globals, create).await;
    }
    if let Command::Identity(Identity::Recover(create)) = &command
        && matches!(session.client.profile(), ProfileView::New { .. })
    {
        return identity::recover(session, globals, create).await;
    }
    session.unlock(globals).await?;
    match command {
        Command::Profile(Profile::Compact) => profile::compact(session).await,
        Command::Profile(_) => profile::show(session),
        Command::Party(args) => party::party(session, &args).await,
        Command::Invite(args) if args.is_by_email() => service::invite(session, &args).await,
        Command::Invite(args) => invite::invite(session, &args).await,
        Command::Invitation(args) => invite::invitations(session, &args).await,
        Command::Identity(Identity::Phrase) => identity::phrase(session).await,
        Command::Identity(Identity::Recover(_)) => identity::hold(session).await,
        Command::Device(args) => devices::device(session, &args).await,
        Command::Service(args) => service::service(session, &args).await,
        Command::Redeem(args) => redeem::redeem(session, &args).await,
        Command::Key => profile::key(session),
        Command::Node { .. } => node::run(session, globals).await,
        Command::Task(args) => tasks::task(session, &args).await,
        Command::Note(args) => notes::note(session, &args).await,
        Command::Message(args) => messages::message(session, &args).await,
        Command::File(args) => files::file(session, &args).await,
        Command::Member(args) => members::member(session, &args).await,
        Command::Search(args) => search::search(session, &args).await,
        // `run_command` has carried these out without a profile.
        Command::Demo { .. } | Command::Help { .. } | Command::Join(_) => Err(Failure::Internal.into()),
        #[cfg(feature = "desktop")]
        Command::Links(_) => Err(Failure::Internal.into()),
        #[cfg(feature = "service")]
        Command::Serve(_) => Err(Failure::Internal.into()),
    }
}
