//! Reads invite codes from pictures, and from the camera. It takes up to a second for a picture, and as long as the person needs for
//! the camera, so each scan has a thread.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use egui::{ColorImage, Context, ViewportId};
use zeroize::Zeroizing;

use super::chooser::{Ask, ask_system};
use super::text;
use crate::desktop::{
    CameraError, Cameras, Choice, Picture, Question, ScanError, ScanSource, Surface, Viewfinder, scan, system_cameras,
    watch,
};
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

/// What became of a scan, or of the question for a camera.
pub struct Scanned(pub(crate) Answer);

/// An answer of a [`Scanner`].
pub(crate) enum Answer {
    /// The code that the scan of this request has found; none if the person changed their mind.
    Code(RequestId, Result<Option<Zeroizing<String>>, ScanError>),
    /// Whether this computer has a camera.
    Camera(bool),
}

impl std::fmt::Debug for Scanned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Answer::Code(request, _) => f.debug_tuple("Code").field(request).finish_non_exhaustive(),
            Answer::Camera(exists) => f.debug_tuple("Camera").field(exists).finish(),
        }
    }
}

/// The scans that run, and where their answers arrive.
pub struct Scanner {
    choose: Ask,
    surface: Surface,
    /// The scan that the file dialog is open for.
    chosen_for: Arc<Mutex<Option<RequestId>>>,
    cameras: Arc<dyn Cameras>,
    /// Held while a camera is on: the next scan waits until it is off.
    camera: Arc<Mutex<()>>,
    answers: Sender<Scanned>,
    inbox: Receiver<Scanned>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner").finish_non_exhaustive()
    }
}

impl Scanner {
    /// Asks for a file with the system's dialog, and uses the system's cameras.
    #[must_use]
    pub fn new() -> Self {
        let (answers, inbox) = channel();
        Self {
            choose: Arc::new(ask_system),
            surface: Surface::default(),
            chosen_for: Arc::default(),
            cameras: system_cameras(),
            camera: Arc::default(),
            answers,
            inbox,
        }
    }

    /// Asks for a file in another way.
    pub(crate) fn choose_with(&mut self, choose: Ask) {
        self.choose = choose;
    }

    /// Uses other cameras.
    pub(crate) fn look_through(&mut self, cameras: Arc<dyn Cameras>) {
        self.cameras = cameras;
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
            if answers.send(Scanned(Answer::Code(request, code))).is_ok() {
                ctx.request_repaint_of(viewport);
            }
        });
        if let Err(error) = thread {
            lock(&self.chosen_for, Option::take);
            tracing::warn!(%error, "no thread to scan a picture");
        }
    }

    /// Watches the camera as long as somebody holds the viewfinder and looks into it, on a thread of its own; the window is drawn for each picture and
    /// for the answer.
    pub fn watch(&self, ctx: &Context, viewport: ViewportId, request: RequestId, viewfinder: Weak<Viewfinder>) {
        let (cameras, camera) = (Arc::clone(&self.cameras), Arc::clone(&self.camera));
        let (answers, ctx) = (self.answers.clone(), ctx.clone());
        let answer = move |code: Result<_, CameraError>| {
            let code = code.map_err(ScanError::Camera);
            answers.send(Scanned(Answer::Code(request, code))).is_ok()
        };
        let failed = answer.clone();
        let thread = std::thread::Builder::new().name("camera".to_owned()).spawn(move || {
            let code = {
                let _on = camera.lock().unwrap_or_else(PoisonError::into_inner);
                watch(&*cameras, &viewfinder, || ctx.request_repaint_of(viewport))
            };
            if answer(code) {
                ctx.request_repaint_of(viewport);
            }
        });
        if let Err(error) = thread {
            tracing::warn!(%error, "no thread to watch the camera");
            failed(Err(CameraError::Failed));
        }
    }

    /// Finds out whether there is a camera, on a thread of its own; the window is drawn if so.
    pub fn find_camera(&self, ctx: &Context, viewport: ViewportId) {
        let (cameras, answers, ctx) = (Arc::clone(&self.cameras), self.answers.clone(), ctx.clone());
        let thread = std::thread::Builder::new().name("cameras".to_owned()).spawn(move || {
            let exists = cameras.exist();
            if answers.send(Scanned(Answer::Camera(exists))).is_ok() && exists {
                ctx.request_repaint_of(viewport);
            }
        });
        if let Err(error) = thread {
            tracing::warn!(%error, "no thread to find cameras");
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
