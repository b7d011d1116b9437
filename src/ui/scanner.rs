//! Reads invite codes from pictures. It takes up to a second, so each scan has a thread.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use egui::{ColorImage, Context, ViewportId};
use zeroize::Zeroizing;

use super::chooser::{Ask, ask_system};
use super::text;
use crate::desktop::{Choice, Picture, Question, ScanError, ScanSource, Surface, scan};
use crate::worker::RequestId;

/// A picture that may show an invite code.
#[derive(Clone)]
pub enum QrPicture {
    /// It was pasted.
    Pasted(Arc<ColorImage>),
    /// It was dropped on the window.
    Dropped(PathBuf),
    /// The person is to choose a file.
    Chosen,
    /// The person is to pick a part of the screen.
    Screen,
}

impl std::fmt::Debug for QrPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pasted(_) => "Pasted",
            Self::Dropped(_) => "Dropped",
            Self::Chosen => "Chosen",
            Self::Screen => "Screen",
        })
    }
}

/// What became of a scan.
pub struct Scanned {
    /// Which one.
    pub(crate) request: RequestId,
    /// The code; none if the person changed their mind.
    pub(crate) code: Result<Option<Zeroizing<String>>, ScanError>,
}

impl std::fmt::Debug for Scanned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanned")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

/// The scans that run, and where their answers arrive.
pub struct Scanner {
    choose: Ask,
    surface: Surface,
    /// The scan that the file dialog is open for.
    chosen_for: Arc<Mutex<Option<RequestId>>>,
    answers: Sender<Scanned>,
    inbox: Receiver<Scanned>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner").finish_non_exhaustive()
    }
}

impl Scanner {
    /// Asks for a file with the system's dialog.
    #[must_use]
    pub fn new() -> Self {
        Self::choosing_with(Arc::new(ask_system))
    }

    /// Asks for a file in another way.
    pub(crate) fn choosing_with(choose: Ask) -> Self {
        let (answers, inbox) = channel();
        Self {
            choose,
            surface: Surface::default(),
            chosen_for: Arc::default(),
            answers,
            inbox,
        }
    }

    /// Opens the file dialog before the window that this shows.
    pub(crate) const fn set_surface(&mut self, surface: Surface) {
        self.surface = surface;
    }

    /// Scans, on a thread of its own; the window is drawn when there is an answer.
    pub fn scan(&self, ctx: &Context, viewport: ViewportId, request: RequestId, picture: QrPicture) {
        let chosen_for = Arc::clone(&self.chosen_for);
        let is_open = matches!(picture, QrPicture::Chosen) && lock(&chosen_for, |open| open.replace(request).is_some());
        if is_open {
            // Whatever the person chooses there is for the one who asked last.
            return;
        }
        let (choose, answers, ctx) = (Arc::clone(&self.choose), self.answers.clone(), ctx.clone());
        let question = Question {
            choice: Choice::Picture,
            title: text::SCAN_PICTURE,
            surface: self.surface,
        };
        let thread = std::thread::Builder::new().name("scan".to_owned()).spawn(move || {
            let (request, source) = match picture {
                QrPicture::Chosen => {
                    let chosen = choose(question);
                    let request = lock(&chosen_for, Option::take).unwrap_or(request);
                    (
                        request,
                        chosen.map(|paths| paths.into_iter().next().map(ScanSource::File)),
                    )
                }
                QrPicture::Pasted(image) => (request, Ok(Some(pasted(&image)))),
                QrPicture::Dropped(path) => (request, Ok(Some(ScanSource::File(path)))),
                QrPicture::Screen => (request, Ok(Some(ScanSource::Screen))),
            };
            let code = match source {
                Ok(source) => source.map_or(Ok(None), scan),
                Err(error) => Err(ScanError::Choose(error)),
            };
            // The window may have been closed meanwhile: then nobody wants the answer.
            if answers.send(Scanned { request, code }).is_ok() {
                ctx.request_repaint_of(viewport);
            }
        });
        if let Err(error) = thread {
            lock(&self.chosen_for, Option::take);
            tracing::warn!(%error, "no thread to scan a picture");
        }
    }

    /// The next answer, if one has come.
    pub fn answer(&self) -> Option<Scanned> {
        self.inbox.try_recv().ok()
    }
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

fn lock<R>(chosen_for: &Mutex<Option<RequestId>>, with: impl FnOnce(&mut Option<RequestId>) -> R) -> R {
    with(&mut chosen_for.lock().unwrap_or_else(PoisonError::into_inner))
}

fn pasted(image: &ColorImage) -> ScanSource {
    let [width, height] = image.size;
    let pixels = image.pixels.iter().map(|pixel| [pixel.r(), pixel.g(), pixel.b()]);
    ScanSource::Picture(Picture::from_rgb(width, height, pixels))
}
