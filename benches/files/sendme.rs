//! The same transfer by `sendme` (n0's program for it), without relays, over loopback.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::process::Process;
use super::{Transfer, now};

/// One transfer; an error if there is no such program.
pub(crate) fn transfer(folder: &Path, file: &Path) -> std::io::Result<Transfer> {
    let sending = TempDir::new_in(folder)?;
    let receiving = TempDir::new_in(folder)?;

    let start = now();
    let mut sender = Process::start(
        Command::new("sendme")
            .current_dir(sending.path())
            .args(["send", "--relay", "disabled", "--no-progress"])
            .arg(file),
    )?;
    let ticket = sender.line_with("sendme receive");
    let add = start.elapsed();
    let ticket = ticket.split_whitespace().next_back().unwrap_or_default().to_owned();

    let start = now();
    let receiver = Process::start(
        Command::new("sendme")
            .current_dir(receiving.path())
            .args(["receive", "--relay", "disabled", "--no-progress"])
            .arg(ticket),
    )?;
    let receiver = receiver.finish();
    Ok(Transfer {
        add,
        fetch: start.elapsed(),
        save: std::time::Duration::ZERO,
        sender: sender.peak_memory().unwrap_or_default(),
        receiver,
    })
}
