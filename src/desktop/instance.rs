//! One window for each profile: a second start hands over to the first one, and ends.
//!
//! Whoever holds the lock in the profile's folder has the window, and listens: on Unix at a socket in the user's runtime folder
//! (or the profile's), on Windows at a named pipe whose name stands in the profile's folder. Both are the user's alone, the other
//! side's user is looked at where the system tells it, and a message is at most [`MAX_MESSAGE`] bytes. What a killed process
//! left behind is replaced, because the lock ends with its process.

mod door;
mod message;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use self::door::Door;
pub use self::message::MAX_MESSAGE;
use super::{Arrival, Arrivals};

/// Locked by the process that has the window. Never deleted: another process might be about to lock it.
const LOCK: &str = "window.lock";

/// How long the other side may take with one message.
const PATIENCE: Duration = Duration::from_secs(2);

/// A window that is just opening or closing is asked again: for so long in all, with a pause between.
const DEADLINE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

/// What became of a start.
#[derive(Debug)]
pub enum Start {
    /// Another process has the window, and has taken over what this one was started for.
    HandedOver,
    /// The window is this process's to open.
    Own(Instance),
}

/// The right to this profile's window, as long as it lives.
#[derive(Debug)]
pub struct Instance {
    profile: PathBuf,
    /// None where the folder allows no lock, or whoever holds it does not answer: what is wrong is told by the window.
    lock: Option<File>,
}

/// Takes in what other starts hand over, until it is closed; the window is this process's until it is dropped.
#[derive(Debug)]
pub struct Listening {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    // Held, not read: the operating system releases it when the file closes, also when the process is killed.
    _lock: Option<File>,
}

/// Hands `arrival` to the window of this profile, if it is open. Waits five seconds at most.
#[must_use]
pub fn start(profile: &Path, arrival: &Arrival) -> Start {
    let none = || {
        let profile = profile.to_owned();
        Start::Own(Instance { profile, lock: None })
    };
    let (Ok(folder), Ok(runtime)) = (whole(profile), runtime()) else {
        return none();
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "a deadline between two programs, before there is a worker with a clock"
    )]
    let begun = Instant::now();
    loop {
        let left = DEADLINE.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return none();
        }
        match lock(&folder) {
            Ok(Some(lock)) => {
                let (profile, lock) = (folder, Some(lock));
                return Start::Own(Instance { profile, lock });
            }
            Ok(None) if runtime.block_on(hand_over(&folder, arrival, left)).is_ok() => return Start::HandedOver,
            Ok(None) => thread::sleep(PAUSE),
            Err(error) => {
                tracing::warn!(%error, "the profile's folder takes no lock");
                return none();
            }
        }
    }
}

impl Instance {
    /// Listens on a thread of its own. Nobody can hand over where the system does not allow it.
    #[must_use]
    pub fn listen(self, arrivals: Arrivals) -> Listening {
        let (stop, stopped) = oneshot::channel();
        let Self { profile, lock } = self;
        let thread = lock.as_ref().and_then(|_held| {
            let serve = move || {
                let served = runtime().and_then(|runtime| runtime.block_on(serve(&profile, &arrivals, stopped)));
                if let Err(error) = served {
                    tracing::warn!(%error, "other starts of the program cannot hand over");
                }
            };
            thread::Builder::new().name("instance".to_owned()).spawn(serve).ok()
        });
        Listening {
            stop: Some(stop),
            thread,
            _lock: lock,
        }
    }
}

impl Listening {
    /// Takes in nothing more: from here on a start waits until this process has given the window up.
    pub fn close(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that listens for other starts ended with a panic");
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.close();
    }
}

fn runtime() -> io::Result<Runtime> {
    runtime::Builder::new_current_thread().enable_all().build()
}

/// The profile's folder by the one name that every start finds, made if it is missing.
fn whole(profile: &Path) -> io::Result<PathBuf> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(profile)?;
    profile.canonicalize()
}

/// The lock; none if another process holds it.
fn lock(folder: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(folder.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

async fn hand_over(profile: &Path, arrival: &Arrival, left: Duration) -> io::Result<()> {
    let hand_over = async {
        let mut stream = door::knock(profile).await?;
        message::send(&mut stream, arrival).await
    };
    tokio::time::timeout(PATIENCE.min(left), hand_over).await?
}

async fn serve(profile: &Path, arrivals: &Arrivals, mut stopped: oneshot::Receiver<()>) -> io::Result<()> {
    let mut door = Door::open(profile)?;
    loop {
        let visitor = tokio::select! {
            visitor = door.visitor() => visitor,
            _ = &mut stopped => return Ok(()),
        };
        // Such as too many open files: it may be better soon.
        let mut visitor = match visitor {
            Ok(visitor) => visitor,
            Err(error) => {
                tracing::warn!(%error, "another start could not be let in");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // One at a time: a visitor that says nothing holds the next one up for as long as this.
        let heard = tokio::time::timeout(
            PATIENCE,
            message::receive(&mut visitor, |arrival| arrivals.deliver(arrival)),
        );
        match heard.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "another start said nothing that can be understood"),
            Err(_late) => tracing::debug!("another start said nothing"),
        }
    }
}

#[cfg(test)]
mod tests;
