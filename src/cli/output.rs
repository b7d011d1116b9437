//! The one place that writes: reports to standard output, problems and prompts to standard error.

use std::io::{self, IsTerminal as _, Write as _};

use super::human;
use super::json::{Problem, Report};
use super::problem::Ending;
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
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    format: Format,
    clock: Clock,
}

impl Output {
    pub(super) const fn new(format: Format, clock: Clock) -> Self {
        Self { format, clock }
    }

    /// Tells one thing, at once: a script may wait for it.
    ///
    /// # Errors
    /// [`Ending::OutputClosed`] if nobody reads any more.
    pub(super) fn report(&self, report: &Report) -> Result<(), Ending> {
        let text = match self.format {
            Format::Json => Some(serde_json::to_string(report).map_err(|_not_json| Failure::Internal)?),
            Format::Sentences => human::text(report, self.clock.now()),
        };
        text.map_or(Ok(()), |text| self.line(&text))
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
    writeln!(io::stderr().lock(), "{}", human::problem(problem)).ok();
}
