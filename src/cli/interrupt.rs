//! Ctrl-C and its kin, as something to wait for.

use std::io;

/// Waits for Ctrl-C (SIGINT) or, on Unix, SIGTERM. From the moment it is made the signal no longer kills the program.
#[derive(Debug)]
pub(super) struct Interrupt {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
    #[cfg(windows)]
    ctrl_c: tokio::signal::windows::CtrlC,
}

impl Interrupt {
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            signals: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?],
        })
    }

    #[cfg(windows)]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            ctrl_c: tokio::signal::windows::ctrl_c()?,
        })
    }

    /// The next one. Cancel safe: a signal that comes between two calls is not lost.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }

    /// The next one. Cancel safe: a signal that comes between two calls is not lost.
    #[cfg(windows)]
    pub(super) async fn next(&mut self) {
        self.ctrl_c.recv().await;
    }
}
