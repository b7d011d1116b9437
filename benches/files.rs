//! One file of 1 GiB from one process to another over loopback: how long it takes, how much memory each needs, and whether a
//! fetch that is killed goes on where it was. The same with `sendme`, if it is on the path, in the same run.
//!
//! Two processes of this program each time, both with a new folder beside the file: the first adds the file, shows where it
//! can be reached, and serves; the second fetches it into its store and then saves a copy. `sendme` only refers to the file
//! that it sends, and moves what it has received to where it is wanted. The time of the transfer counts from the start of the
//! receiving process until the content is whole there, with us also safe from a power cut; for `sendme` to its end.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on fails by panicking"
)]

#[path = "files/ours.rs"]
mod ours;
#[path = "files/process.rs"]
mod process;
#[path = "files/sendme.rs"]
mod sendme;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const MIB: u64 = 1024 * 1024;

/// How often each is measured, in turn.
const RUNS: usize = 3;

/// What the memory of either side shall stay below.
const MEMORY: u64 = 200 * MIB;

fn main() {
    if ours::is_child() {
        return ours::child();
    }
    // Without `--bench` only its working is of interest.
    let whole = std::env::args().any(|argument| argument == "--bench");
    let (length, runs) = if whole { (1024 * MIB, RUNS) } else { (64 * MIB, 1) };
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("file");
    make(&file, length);

    say("| | add | fetch | speed | save a copy | memory: sender | memory: receiver |");
    say("|---|---|---|---|---|---|---|");
    for _ in 0..runs {
        print("partyline", length, &ours::transfer(folder.path(), &file));
        match sendme::transfer(folder.path(), &file) {
            Ok(transfer) => print("sendme", length, &transfer),
            Err(why) => say(&format!("SKIPPED: no sendme to compare with: {why}")),
        }
    }
    let (before, kept) = ours::killed_and_resumed(folder.path(), &file);
    say(&format!(
        "killed after {} MiB, of which the next start found {} MiB; the file is whole",
        before / MIB,
        kept / MIB
    ));
}

/// What one transfer took.
struct Transfer {
    add: Duration,
    fetch: Duration,
    save: Duration,
    sender: u64,
    receiver: u64,
}

fn print(name: &str, length: u64, transfer: &Transfer) {
    let speed = length as f64 / MIB as f64 / transfer.fetch.as_secs_f64();
    let memory = |bytes: u64| {
        let missed = if bytes > MEMORY { ", MISSED" } else { "" };
        format!("{} MiB{missed}", bytes / MIB)
    };
    say(&format!(
        "| {name} | {:.2} s | {:.2} s | {speed:.0} MiB/s | {:.2} s | {} | {} |",
        transfer.add.as_secs_f64(),
        transfer.fetch.as_secs_f64(),
        transfer.save.as_secs_f64(),
        memory(transfer.sender),
        memory(transfer.receiver)
    ));
}

/// A file that does not compress and is the same each time (xorshift, Marsaglia 2003).
fn make(path: &Path, length: u64) {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..length / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        file.write_all(&state.to_le_bytes()).unwrap();
    }
    file.into_inner().unwrap().sync_all().unwrap();
}

/// The moment something begins or ends.
#[expect(clippy::disallowed_methods, reason = "a bench is about real time")]
fn now() -> Instant {
    Instant::now()
}

/// Prints a line.
fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody who reads");
}
