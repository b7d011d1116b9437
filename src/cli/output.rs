//! The one place that writes: reports to standard output, problems and prompts to standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::human::{self, Reader};
use super::json::{Problem, Report, TransferReport};
use super::problem::Ending;
use super::times::Wall;
use crate::failure::Failure;
use crate::worker::Clock;

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For a person.
    Sentences,
    /// For a script: a JSON object a line.
    Json,
}

/// Where a command tells what happens.
#[derive(Clone, Debug)]
pub(super) struct Output {
    format: Format,
    clock: Clock,
    /// How to call this program for the same profile again.
    called: Arc<str>,
}

impl Output {
    pub(super) fn new(format: Format, clock: Clock, called: &str) -> Self {
        Self {
            format,
            clock,
            called: called.into(),
        }
    }

    /// Now, as the clock on the wall shows it.
    pub(super) fn wall(&self) -> Wall {
        Wall {
            now: self.clock.now(),
            zone: TimeZone::system(),
        }
    }

    /// Tells one thing, at once: a script may wait for it.
    ///
    /// # Errors
    /// [`Ending::OutputClosed`] if nobody reads any more.
    pub(super) fn report(&self, report: &Report) -> Result<(), Ending> {
        match (self.format, report) {
            (Format::Json, report) => self.line(&serde_json::to_string(report).map_err(|_not_json| Failure::Internal)?),
            (Format::Sentences, Report::Transfer(transfer)) => {
                progress_on_stderr(transfer);
                Ok(())
            }
            (Format::Sentences, report) => {
                let reader = Reader {
                    wall: self.wall(),
                    called: &self.called,
                };
                human::text(report, &reader).map_or(Ok(()), |text| self.line(&human::harmless(&text)))
            }
        }
    }

    /// Tells one thing of the service: `event` for a script, `text` for a person.
    ///
    /// # Errors
    /// [`Ending::OutputClosed`] if nobody reads any more.
    #[cfg(feature = "service")]
    pub(super) fn told(&self, event: &serde_json::Value, text: &str) -> Result<(), Ending> {
        match self.format {
            Format::Json => self.line(&event.to_string()),
            Format::Sentences => self.line(&human::harmless(text)),
        }
    }

    /// Tells of something wrong that does not end the command.
    ///
    /// # Errors
    /// [`Ending::OutputClosed`] if nobody reads any more.
    pub(super) fn trouble(&self, problem: Problem) -> Result<(), Ending> {
        self.report(&Report::Trouble(self.for_this_profile(problem)))
    }

    /// The commands that a problem's words name are for the profile that this one was for.
    pub(super) fn for_this_profile(&self, problem: Problem) -> Problem {
        Problem {
            next: problem.next.replace("partyline ", &format!("{} ", self.called)),
            ..problem
        }
    }

    /// Writes one line, or several, as they are.
    ///
    /// # Errors
    /// [`Ending::OutputClosed`] if nobody reads any more.
    #[expect(clippy::unused_self, reason = "whoever may write has an Output")]
    pub(super) fn line(&self, text: &str) -> Result<(), Ending> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")
            .and_then(|()| out.flush())
            .map_err(|_closed| Ending::OutputClosed)
    }

    /// Tells why the command ended other than well. Nothing is left to do if that cannot be written either.
    pub(super) fn ending(&self, ending: &Ending) {
        let Some(problem) = ending.problem() else {
            if matches!(ending, Ending::Cancelled) {
                self.report(&Report::Cancelled).ok();
            }
            return;
        };
        let problem = self.for_this_profile(problem);
        if self.format == Format::Json {
            self.report(&Report::Failed(problem)).ok();
        } else {
            problem_on_stderr(&problem);
        }
    }

    /// Asks for a line, if there is a person to read it.
    pub(super) fn prompt(&self, text: &str) {
        if self.format == Format::Sentences && io::stdin().is_terminal() {
            let mut err = io::stderr().lock();
            write!(err, "{text}").and_then(|()| err.flush()).ok();
        }
    }
}

/// What happened and what to do, for a person.
fn problem_on_stderr(problem: &Problem) {
    writeln!(io::stderr().lock(), "{}", human::harmless(&human::problem(problem))).ok();
}

/// How far something is, on one line that is written over, if a person looks on.
fn progress_on_stderr(transfer: &TransferReport) {
    let mut err = io::stderr().lock();
    if err.is_terminal() {
        let has_ended = matches!(transfer.stage, "done" | "cancelled" | "failed");
        let end = if has_ended { "\n" } else { "" };
        write!(err, "\r\x1b[K{}{end}", human::harmless(&human::transfer(transfer)))
            .and_then(|()| err.flush())
            .ok();
    }
}
