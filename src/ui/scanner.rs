//! Reads invite codes from pictures. It takes up to a second, so each scan has a thread.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use egui::{ColorImage, Context, ViewportId};
use zeroize::Zeroizing;

use super::chooser::{Ask, Choice, ask_system};
use crate::desktop::{Picture, ScanError, ScanSource, scan};
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
        Self { choose, answers, inbox }
    }

    /// Scans, on a thread of its own; the window is drawn when there is an answer.
    pub fn scan(&self, ctx: &Context, viewport: ViewportId, request: RequestId, picture: QrPicture) {
        let (choose, answers, ctx) = (Arc::clone(&self.choose), self.answers.clone(), ctx.clone());
        let thread = std::thread::Builder::new().name("scan".to_owned()).spawn(move || {
            let code = source(picture, &choose).map_or(Ok(None), scan);
            // The window may have been closed meanwhile: then nobody wants the answer.
            if answers.send(Scanned { request, code }).is_ok() {
                ctx.request_repaint_of(viewport);
            }
        });
        if let Err(error) = thread {
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

/// Where the picture is; nowhere if the person chose no file.
fn source(picture: QrPicture, choose: &Ask) -> Option<ScanSource> {
    match picture {
        QrPicture::Pasted(image) => {
            let [width, height] = image.size;
            let pixels = image.pixels.iter().map(|pixel| [pixel.r(), pixel.g(), pixel.b()]);
            Some(ScanSource::Picture(Picture::from_rgb(width, height, pixels)))
        }
        QrPicture::Dropped(path) => Some(ScanSource::File(path)),
        QrPicture::Chosen => choose(Choice::Picture).into_iter().next().map(ScanSource::File),
        QrPicture::Screen => Some(ScanSource::Screen),
    }
}
