//! A link of an invitation mail leads through the person's browser; the dialog waits for them to come back.

use egui::Ui;

use super::Intent;
use super::entry::CodeEntry;
use crate::ui::browser::Browser;
use crate::ui::text;

/// Whom the dialog waits for, and the link as it was pasted.
pub(super) struct Waiting {
    pub(super) browser: Browser,
    pub(super) entry: CodeEntry,
}

pub(super) fn view(ui: &mut Ui, waiting: &mut Waiting) -> Option<Intent> {
    waiting
        .browser
        .view(ui, text::IN_BROWSER)
        .then_some(Intent::LeaveBrowser)
}
