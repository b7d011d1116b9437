//! Copies an invite code: out of clipboard histories where the system allows it, and taken back after two minutes.
//!
//! The operating system's clipboard may block, so it is touched only on a thread of its own. That thread sleeps until it
//! is told something or the two minutes are over.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use arboard::Set;
use egui::Context;
use zeroize::Zeroizing;

/// How long a code stays in the clipboard.
const KEPT_FOR: Duration = Duration::from_secs(120);
/// Orders that can wait; more copies than this at once are nobody's intention.
const QUEUE: usize = 4;

/// Copies secrets. Dropping it hands what was copied over to the system's clipboard manager, if there is one.
#[derive(Debug)]
pub struct Clipboard {
    orders: Option<SyncSender<Zeroizing<String>>>,
}

impl Clipboard {
    /// Starts the thread. Without one, or without a clipboard, egui's own copying is used.
    #[must_use]
    pub fn new() -> Self {
        let (orders, inbox) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("clipboard".to_owned())
            .spawn(move || serve(&inbox));
        Self {
            orders: thread.is_ok().then_some(orders),
        }
    }

    /// One that only knows egui's own copying: for tests, and where the system's clipboard must stay untouched.
    #[must_use]
    pub const fn of_egui() -> Self {
        Self { orders: None }
    }

    /// Copies a secret.
    pub fn copy(&mut self, ctx: &Context, secret: Zeroizing<String>) {
        let left = match &self.orders {
            None => Some(secret),
            Some(orders) => match orders.try_send(secret) {
                Ok(()) => None,
                Err(TrySendError::Full(secret)) => Some(secret),
                Err(TrySendError::Disconnected(secret)) => {
                    // The thread has found no clipboard: it will not find one later.
                    self.orders = None;
                    Some(secret)
                }
            },
        };
        if let Some(secret) = left {
            ctx.copy_text(secret.as_str().to_owned());
        }
    }
}

impl Default for Clipboard {
    fn default() -> Self {
        Self::new()
    }
}

/// Ends when the window drops its end, or when there is no clipboard.
fn serve(inbox: &Receiver<Zeroizing<String>>) {
    let mut clipboard = match arboard::Clipboard::new() {
        Ok(clipboard) => clipboard,
        Err(error) => {
            tracing::debug!(%error, "no clipboard of the system");
            return;
        }
    };
    let mut copied: Option<Zeroizing<String>> = None;
    loop {
        let order = match copied {
            Some(_) => inbox.recv_timeout(KEPT_FOR),
            None => inbox.recv().map_err(|_closed| RecvTimeoutError::Disconnected),
        };
        match order {
            Ok(secret) => {
                if let Err(error) = secretly(clipboard.set()).text(secret.as_str()) {
                    tracing::warn!(%error, "the code could not be copied");
                }
                copied = Some(secret);
            }
            Err(RecvTimeoutError::Timeout) => take_back(&mut clipboard, copied.take()),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Asks the system to keep what is set out of its clipboard history.
#[cfg(all(unix, not(target_os = "macos")))]
fn secretly(set: Set<'_>) -> Set<'_> {
    arboard::SetExtLinux::exclude_from_history(set)
}

/// Asks the system to keep what is set out of its clipboard history.
#[cfg(target_os = "macos")]
fn secretly(set: Set<'_>) -> Set<'_> {
    arboard::SetExtApple::exclude_from_history(set)
}

/// Asks the system to keep what is set out of its clipboard history.
#[cfg(windows)]
fn secretly(set: Set<'_>) -> Set<'_> {
    arboard::SetExtWindows::exclude_from_history(set)
}

/// Empties the clipboard, unless something else has been copied since.
fn take_back(clipboard: &mut arboard::Clipboard, copied: Option<Zeroizing<String>>) {
    let unchanged = clipboard
        .get_text()
        .map(Zeroizing::new)
        .is_ok_and(|now| Some(now) == copied);
    if unchanged && let Err(error) = clipboard.clear() {
        tracing::debug!(%error, "the code could not be taken back from the clipboard");
    }
}
