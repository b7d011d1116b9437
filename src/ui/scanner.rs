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
    CameraError, CameraId, CameraOffer, Cameras, Choice, Picture, Question, ScanError, ScanSource, Surface, Viewfinder,
    scan, system_cameras, watch,
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

/// What became of a scan, or of the question for cameras.
pub struct Scanned(pub(crate) Answer);

/// An answer of a [`Scanner`].
pub(crate) enum Answer {
    /// The code that the scan of this request has found; none if the person changed their mind.
    Code(RequestId, Result<Option<Zeroizing<String>>, ScanError>),
    /// The cameras of this computer.
    Cameras(CameraChoice),
}

/// The cameras of this computer, and the one that is used: the first, unless a person has chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CameraChoice {
    pub(crate) all: Vec<CameraOffer>,
    pub(crate) used: Option<CameraId>,
}

impl CameraChoice {
    fn new(all: Vec<CameraOffer>, chosen: Option<CameraId>) -> Self {
        let chosen = chosen.filter(|chosen| all.iter().any(|one| one.id == *chosen));
        let used = chosen.or_else(|| all.first().map(|one| one.id.clone()));
        Self { all, used }
    }
}

impl std::fmt::Debug for Scanned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Answer::Code(request, _) => f.debug_tuple("Code").field(request).finish_non_exhaustive(),
            Answer::Cameras(choice) => f.debug_tuple("Cameras").field(&choice.all.len()).finish(),
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
    /// The camera that was used last, while this program runs.
    chosen: Arc<Mutex<Option<CameraId>>>,
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
            chosen: Arc::default(),
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

    /// Watches a camera as long as somebody holds the viewfinder and looks into it, on a thread of its own; the window is
    /// drawn for each picture and for the answer. [`Self::find_cameras`] tells this camera as the one that is used from now
    /// on.
    pub fn watch(
        &self,
        ctx: &Context,
        viewport: ViewportId,
        request: RequestId,
        camera: CameraId,
        viewfinder: Weak<Viewfinder>,
    ) {
        lock(&self.chosen, |chosen| chosen.replace(camera.clone()));
        let finding = self.finding();
        let (cameras, on) = (Arc::clone(&self.cameras), Arc::clone(&self.camera));
        let (answers, ctx) = (self.answers.clone(), ctx.clone());
        let answer = move |code: Result<_, CameraError>| {
            let code = code.map_err(ScanError::Camera);
            answers.send(Scanned(Answer::Code(request, code))).is_ok()
        };
        let failed = answer.clone();
        let thread = std::thread::Builder::new().name("camera".to_owned()).spawn(move || {
            // Some may have been plugged in or out since it was asked last.
            finding();
            let code = {
                let _on = on.lock().unwrap_or_else(PoisonError::into_inner);
                watch(&*cameras, &camera, &viewfinder, || ctx.request_repaint_of(viewport))
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

    /// Finds out which cameras there are, and which one is used, on a thread of its own; the window is drawn if there is
    /// one.
    pub fn find_cameras(&self, ctx: &Context, viewport: ViewportId) {
        let (finding, ctx) = (self.finding(), ctx.clone());
        let thread = std::thread::Builder::new().name("cameras".to_owned()).spawn(move || {
            if finding() {
                ctx.request_repaint_of(viewport);
            }
        });
        if let Err(error) = thread {
            tracing::warn!(%error, "no thread to find cameras");
        }
    }

    /// What tells which cameras there are, and whether somebody hears that there is one. It blocks.
    fn finding(&self) -> impl Fn() -> bool + Send + 'static {
        let (cameras, chosen) = (Arc::clone(&self.cameras), Arc::clone(&self.chosen));
        let answers = self.answers.clone();
        move || {
            let all = cameras.list();
            let exist = !all.is_empty();
            let choice = CameraChoice::new(all, lock(&chosen, |chosen| chosen.clone()));
            answers.send(Scanned(Answer::Cameras(choice))).is_ok() && exist
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

fn lock<T, R>(what: &Mutex<T>, with: impl FnOnce(&mut T) -> R) -> R {
    with(&mut what.lock().unwrap_or_else(PoisonError::into_inner))
}

fn pasted(image: &ColorImage) -> ScanSource {
    let [width, height] = image.size;
    let pixels = image.pixels.iter().map(|pixel| [pixel.r(), pixel.g(), pixel.b()]);
    ScanSource::Picture(Picture::from_rgb(width, height, pixels))
}
