//! What the person or the script types: lines of standard input, and passphrases.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read as _};

use tokio::sync::mpsc;
use zeroize::Zeroizing;

use super::editor;
use super::problem::{Ending, Slip};

/// Far longer than any code with prose around it; what is longer is cut.
const MAX_LINE: u64 = 64 * 1024;

/// Standard input, line by line.
///
/// A thread of its own reads it, from the first time that a line is wanted: a read cannot be interrupted, and the command
/// has to go on meanwhile. The thread ends with the program.
#[derive(Debug, Default)]
pub(super) struct Input {
    lines: Option<mpsc::Receiver<Zeroizing<String>>>,
}

impl Input {
    /// The next line without its end, or none when there are no more. Cancel safe.
    pub(super) async fn line(&mut self) -> Option<Zeroizing<String>> {
        self.lines.get_or_insert_with(read_stdin).recv().await
    }

    /// All of standard input, as a text.
    pub(super) async fn text(&self) -> Result<String, Ending> {
        if self.lines.is_some() {
            return Err(Slip::InputTaken.into());
        }
        editor::apart(|| editor::read_text(io::stdin().lock())).await
    }

    /// A line that is not shown while it is typed; from standard input if that is no terminal.
    pub(super) async fn hidden_line(&mut self, prompt: &'static str) -> Option<Zeroizing<String>> {
        if io::stdin().is_terminal() && self.lines.is_none() {
            return apart(move || rpassword::prompt_password(prompt).ok().map(Zeroizing::new)).await;
        }
        self.line().await
    }

    /// The passphrase: from `fd` if one is given, else asked for, without showing it.
    pub(super) async fn passphrase(
        &mut self,
        fd: Option<u32>,
        prompt: &'static str,
    ) -> Result<Zeroizing<String>, Ending> {
        let read = match fd {
            Some(0) => self.line().await,
            Some(fd) => apart(move || first_line(File::open(format!("/dev/fd/{fd}")).ok()?)).await,
            None if io::stdin().is_terminal() => {
                apart(move || rpassword::prompt_password(prompt).ok().map(Zeroizing::new)).await
            }
            None => return Err(Slip::PassphraseNeeded.into()),
        };
        read.filter(|passphrase| !passphrase.is_empty())
            .ok_or_else(|| Slip::PassphraseUnreadable.into())
    }
}

/// Runs what blocks on a thread of its own.
async fn apart<T: Send + 'static>(read: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(read).await.ok().flatten()
}

fn read_stdin() -> mpsc::Receiver<Zeroizing<String>> {
    let (sender, lines) = mpsc::channel(1);
    let reading = move || {
        let mut stdin = io::stdin().lock();
        while let Some(line) = next_line(&mut stdin) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    };
    // Without the thread the channel is closed, which reads as the end of the input.
    if let Err(error) = std::thread::Builder::new()
        .name("partyline-stdin".into())
        .spawn(reading)
    {
        tracing::error!(%error, "standard input cannot be read");
    }
    lines
}

fn first_line(file: File) -> Option<Zeroizing<String>> {
    next_line(&mut BufReader::new(file))
}

fn next_line(from: &mut impl io::BufRead) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let count = from.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes).ok()?;
    if count == 0 {
        return None;
    }
    let mut line = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    let text = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(text);
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_without_their_ends() {
        let mut from = "party1abc\r\n\n042 317".as_bytes();
        assert_eq!(*next_line(&mut from).unwrap(), "party1abc");
        assert_eq!(*next_line(&mut from).unwrap(), "");
        assert_eq!(*next_line(&mut from).unwrap(), "042 317");
        assert!(next_line(&mut from).is_none());
    }

    #[test]
    fn bytes_that_are_no_text_do_not_end_the_input() {
        let mut from = &b"\xff\xfe\nnext\n"[..];
        assert_eq!(*next_line(&mut from).unwrap(), "\u{fffd}\u{fffd}");
        assert_eq!(*next_line(&mut from).unwrap(), "next");
    }
}
