//! Asks the person for files and folders with the system's own dialog. It blocks, so each question has a thread.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use egui::{Context, ViewportId};

use super::text;
use crate::desktop::{Choice, ChooseError, Question, Surface, choose};
use crate::party::{FileId, PartyId};

/// What the choice is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    AddFiles(PartyId),
    SaveFile { party: PartyId, file: FileId, name: String },
    Export(PartyId),
    Import,
}

/// What the person has chosen: nothing if they changed their mind.
pub(crate) type Chosen = Result<Vec<PathBuf>, ChooseError>;

/// What shows a dialog and waits for the person.
pub(crate) type Ask = Arc<dyn Fn(Question) -> Chosen + Send + Sync>;

/// The questions that are open, and where their answers arrive.
pub(crate) struct Chooser {
    ask: Ask,
    /// What the person is asked for at the moment: a second click opens no second dialog.
    open: Vec<Purpose>,
    answers: Sender<(Purpose, Chosen)>,
    inbox: Receiver<(Purpose, Chosen)>,
}

impl Chooser {
    /// Asks with the system's dialogs.
    pub(crate) fn of_system() -> Self {
        Self::new(Arc::new(ask_system))
    }

    /// Asks in another way.
    pub(crate) fn new(ask: Ask) -> Self {
        let (answers, inbox) = channel();
        let open = Vec::new();
        Self {
            ask,
            open,
            answers,
            inbox,
        }
    }

    /// Asks, on a thread of its own; the window is drawn when there is an answer.
    pub(crate) fn ask(&mut self, ctx: &Context, viewport: ViewportId, purpose: Purpose, surface: Surface) {
        if self.open.contains(&purpose) {
            return;
        }
        let (choice, title) = match &purpose {
            Purpose::AddFiles(_) => (Choice::Files, text::ADD_FILES),
            Purpose::SaveFile { name, .. } => (Choice::SaveAs { name: name.clone() }, text::SAVE_AS),
            Purpose::Export(_) => (Choice::Folder, text::EXPORT_PARTY),
            Purpose::Import => (Choice::Folder, text::IMPORT_PARTY),
        };
        let question = Question { choice, title, surface };
        let asked = purpose.clone();
        let (ask, answers, ctx) = (Arc::clone(&self.ask), self.answers.clone(), ctx.clone());
        let thread = std::thread::Builder::new().name("choose".to_owned()).spawn(move || {
            // The window may have been closed meanwhile: then nobody wants the answer.
            if answers.send((purpose, ask(question))).is_ok() {
                ctx.request_repaint_of(viewport);
            }
        });
        match thread {
            Ok(_) => self.open.push(asked),
            Err(error) => tracing::warn!(%error, "no thread for the file dialog"),
        }
    }

    /// The next answer, if one has come.
    pub(crate) fn answer(&mut self) -> Option<(Purpose, Chosen)> {
        let (purpose, chosen) = self.inbox.try_recv().ok()?;
        self.open.retain(|open| *open != purpose);
        Some((purpose, chosen))
    }
}

/// Shows the system's own dialog.
pub(crate) fn ask_system(question: Question) -> Chosen {
    choose(&question)
}
