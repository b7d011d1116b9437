//! What every part of the main window is given in each frame.

use super::calendar::Calendar;
use super::frame::Frame;
use super::main_window::MainAction;
use super::model::Model;
use crate::desktop::Surface;
use crate::time::Timestamp;
use crate::worker::Command;

/// The moment, the calendar, what the worker has told, and what shows the window.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) calendar: &'a Calendar,
    pub(crate) model: &'a Model,
    pub(crate) surface: Surface,
}

impl Scene<'_> {
    pub(crate) const fn now(&self) -> Timestamp {
        self.frame.now
    }

    /// The day that it is here.
    pub(crate) fn today(&self) -> jiff::civil::Date {
        self.calendar.date(self.frame.now)
    }

    /// Sends a command whose answer nobody waits for but the window.
    pub(crate) fn send(&self, command: Command) -> MainAction {
        MainAction::Send(self.frame.requests.next(), command)
    }
}
