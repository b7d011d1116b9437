//! The door between a front end and the engine: one named thread with its runtime, bounded channels, a wake callback.
//!
//! A face never touches the network, the disk or the clock. It holds a [`WorkerHandle`], sends [`Command`]s without waiting
//! and drains [`Event`]s when the wake callback tells it that there are some.

mod clock;

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use tokio::runtime;
use tokio::sync::mpsc;

use crate::engine::{self, Events};

pub use crate::engine::{
    AdmittedView, Command, ConnectionView, ContentView, CursorView, DelegatedView, DeviceView, DevicesView, Event,
    FileView, HereView, InvitationOptions, InvitationView, KeyView, KeyringView, MailAdmission, MailOptions, MailView,
    MailWay, MemberView, NetworkView, NoteText, PartyHealth, PartyView, Passphrase, Presence, ProfileView, Protection,
    ReachedView, RedemptionId, RedemptionView, RequestId, RequestView, SaveTo, ServiceView, SyncView, TextChange,
    ThereView, ThumbnailView, TransferStage, TransferView, TriedView, UnreadView,
};
pub use crate::net::{CloseReason, NetworkMode, Way};
pub use clock::Clock;

/// How many commands may wait for the engine. A person cannot click that fast; a script awaits its answers.
const COMMAND_CAPACITY: usize = 256;

/// How many events may wait for the front end before the engine pauses.
const EVENT_CAPACITY: usize = 1024;

/// How often a worker whose engine panicked starts it anew. Everything it needs is on disk.
const MAX_RESTARTS: u32 = 3;

/// What a worker works on.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of the profile. Made if it is missing; locked against other running programs.
    pub data_dir: PathBuf,
    /// What of the network it may use.
    pub network: NetworkMode,
}

/// The worker has stopped, or its queue of 256 commands is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the worker takes no more commands")]
pub struct WorkerGone;

/// A running worker. Dropping it stops the worker and waits for it, as [`WorkerHandle::shutdown`] does.
#[derive(Debug)]
pub struct WorkerHandle {
    commands: Option<mpsc::Sender<(RequestId, Command)>>,
    events: mpsc::Receiver<Event>,
    thread: Option<thread::JoinHandle<()>>,
}

impl WorkerHandle {
    /// Starts the thread `partyline-worker`. `wake` is called, on that thread, after each event.
    ///
    /// # Errors
    ///
    /// If the operating system gives no thread or no runtime.
    pub fn spawn(config: Config, wake: impl Fn() + Send + Sync + 'static) -> io::Result<Self> {
        let (commands, command_receiver) = mpsc::channel(COMMAND_CAPACITY);
        let (event_sender, events) = mpsc::channel(EVENT_CAPACITY);
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("partyline-runtime")
            .enable_all()
            .build()?;
        let events_out = Events::new(event_sender, Arc::new(wake));
        let thread = thread::Builder::new()
            .name("partyline-worker".to_owned())
            .spawn(move || work(&runtime, &config, command_receiver, &events_out))?;
        Ok(Self {
            commands: Some(commands),
            events,
            thread: Some(thread),
        })
    }

    /// A handle whose other ends the caller holds: for tests of a face without an engine.
    #[must_use]
    pub fn pair(capacity: usize) -> (Self, mpsc::Receiver<(RequestId, Command)>, mpsc::Sender<Event>) {
        let (commands, command_receiver) = mpsc::channel(capacity);
        let (event_sender, events) = mpsc::channel(capacity);
        (
            Self {
                commands: Some(commands),
                events,
                thread: None,
            },
            command_receiver,
            event_sender,
        )
    }

    /// Sends a command without waiting. Its answer is the event that carries `request`.
    ///
    /// # Errors
    ///
    /// [`WorkerGone`] if the worker has stopped or 256 commands wait already.
    pub fn send(&self, request: RequestId, command: Command) -> Result<(), WorkerGone> {
        let commands = self.commands.as_ref().ok_or(WorkerGone)?;
        commands.try_send((request, command)).or(Err(WorkerGone))
    }

    /// The next event, if one is there. Never waits.
    pub fn try_next(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Waits for the next event; none after [`Event::Stopped`]. Cancel safe.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Asks the engine to stop and waits until connections are closed and everything is on disk: at most a few seconds.
    pub fn shutdown(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        self.commands = None;
        self.events.close();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the worker thread ended with a panic");
        }
    }
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs the engine until the front end is gone.
fn work(
    runtime: &runtime::Runtime,
    config: &Config,
    mut commands: mpsc::Receiver<(RequestId, Command)>,
    events: &Events,
) {
    let clock = Clock::system();
    supervise(runtime, events, async || {
        let (folder, network) = (&config.data_dir, &config.network);
        // On the heap: it holds every state that a command can wait in.
        Box::pin(engine::run(folder, network, move || clock.now(), &mut commands, events)).await;
    });
}

/// Runs the engine, and starts it anew from what is on disk after a panic; gives up after [`MAX_RESTARTS`].
fn supervise(runtime: &runtime::Runtime, events: &Events, mut engine: impl AsyncFnMut()) {
    for _ in 0..=MAX_RESTARTS {
        if panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(engine()))).is_ok() {
            return;
        }
        tracing::error!("the engine panicked; it starts again from what is on disk");
        runtime.block_on(events.send(Event::Restarted));
    }
    runtime.block_on(events.send(Event::Stopped));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a front end hears of an engine that panics so many times and then ends.
    fn told(panics: u32) -> (u32, Vec<Event>) {
        let runtime = runtime::Builder::new_current_thread().build().unwrap();
        let (sender, mut receiver) = mpsc::channel(16);
        let mut starts = 0;
        supervise(&runtime, &Events::new(sender, Arc::new(|| ())), async || {
            starts += 1;
            assert!(starts > panics, "the engine panics, as this test wants it to");
        });
        (starts, std::iter::from_fn(|| receiver.try_recv().ok()).collect())
    }

    #[test]
    fn an_engine_that_panics_starts_anew_and_the_front_end_is_told() {
        let (starts, events) = told(2);
        assert_eq!(starts, 3);
        assert!(matches!(events[..], [Event::Restarted, Event::Restarted]), "{events:?}");
    }

    #[test]
    fn an_engine_that_always_panics_is_given_up() {
        let (starts, events) = told(u32::MAX);
        assert_eq!(starts, MAX_RESTARTS + 1);
        assert!(matches!(events.last(), Some(Event::Stopped)), "{events:?}");
    }
}
