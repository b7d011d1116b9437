//! Asks the person for files and folders with the system's own dialog. It blocks, so each question has a thread.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use egui::{Context, ViewportId};
use rfd::FileDialog;

use crate::party::{FileId, PartyId};

/// What the person is asked to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// One file or more that exist.
    Files,
    /// One picture that exists.
    Picture,
    /// A folder that exists.
    Folder,
    /// Where to write a file.
    SaveAs {
        /// The name that is suggested.
        name: String,
    },
}

/// What the choice is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    AddFiles(PartyId),
    SaveFile { party: PartyId, file: FileId, name: String },
    Export(PartyId),
    Import,
}

/// What shows a dialog and waits for the person. Gives nothing if they changed their mind.
pub(crate) type Ask = Arc<dyn Fn(Choice) -> Vec<PathBuf> + Send + Sync>;

/// The questions that are open, and where their answers arrive.
pub(crate) struct Chooser {
    ask: Ask,
    answers: Sender<(Purpose, Vec<PathBuf>)>,
    inbox: Receiver<(Purpose, Vec<PathBuf>)>,
}

impl Chooser {
    /// Asks with the system's dialogs.
    pub(crate) fn of_system() -> Self {
        Self::new(Arc::new(ask_system))
    }

    /// Asks in another way.
    pub(crate) fn new(ask: Ask) -> Self {
        let (answers, inbox) = channel();
        Self { ask, answers, inbox }
    }

    /// Asks, on a thread of its own; the window is drawn when there is an answer.
    pub(crate) fn ask(&self, ctx: &Context, viewport: ViewportId, purpose: Purpose) {
        let choice = match &purpose {
            Purpose::AddFiles(_) => Choice::Files,
            Purpose::SaveFile { name, .. } => Choice::SaveAs { name: name.clone() },
            Purpose::Export(_) | Purpose::Import => Choice::Folder,
        };
        let (ask, answers, ctx) = (Arc::clone(&self.ask), self.answers.clone(), ctx.clone());
        let thread = std::thread::Builder::new().name("choose".to_owned()).spawn(move || {
            // The window may have been closed meanwhile: then nobody wants the answer.
            if answers.send((purpose, ask(choice))).is_ok() {
                ctx.request_repaint_of(viewport);
            }
        });
        if let Err(error) = thread {
            tracing::warn!(%error, "no thread for the file dialog");
        }
    }

    /// The next answer, if one has come.
    pub(crate) fn answer(&self) -> Option<(Purpose, Vec<PathBuf>)> {
        self.inbox.try_recv().ok()
    }
}

/// Shows the system's own dialog.
pub(crate) fn ask_system(choice: Choice) -> Vec<PathBuf> {
    let dialog = FileDialog::new();
    match choice {
        Choice::Files => dialog.pick_files().unwrap_or_default(),
        Choice::Picture => dialog
            .add_filter("PNG, JPEG, WebP", &["png", "jpg", "jpeg", "webp"])
            .pick_file()
            .into_iter()
            .collect(),
        Choice::Folder => dialog.pick_folder().into_iter().collect(),
        Choice::SaveAs { name } => dialog.set_file_name(name).save_file().into_iter().collect(),
    }
}
