//! Cameras whose frames the test holds up.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use image::GrayImage;
use partyline::desktop::{CameraError, CameraId, CameraOffer, Cameras, Frame, Frames, Layout, Pixels, TICK};

/// What comes next.
type Next = Result<Option<Frame>, CameraError>;

/// Far longer than a camera takes to go off.
const DEADLINE: Duration = Duration::from_secs(20);

/// The window's end.
pub(crate) struct Lens {
    frames: Arc<Mutex<Receiver<Next>>>,
    off: Sender<()>,
}

/// The test's end.
pub(crate) struct Hand {
    frames: Sender<Next>,
    off: Receiver<()>,
}

/// A camera that is on. It can be so only once at a time.
struct On {
    frames: Arc<Mutex<Receiver<Next>>>,
    off: Sender<()>,
}

/// A computer with one camera.
pub(crate) fn lens() -> (Lens, Hand) {
    let (sender, frames) = channel();
    let (off, went_off) = channel();
    let lens = Lens {
        frames: Arc::new(Mutex::new(frames)),
        off,
    };
    let hand = Hand {
        frames: sender,
        off: went_off,
    };
    (lens, hand)
}

impl Hand {
    /// Holds a picture in front of the camera.
    pub(crate) fn hold_up(&self, picture: GrayImage) {
        let (width, height) = picture.dimensions();
        let layout = Layout {
            pixels: Pixels::Grey,
            width,
            height,
            line: 0,
        };
        self.show(Frame::decode(layout, picture.into_raw()));
    }

    /// A frame, or a spoilt one.
    pub(crate) fn show(&self, frame: Option<Frame>) {
        self.frames.send(Ok(frame)).expect("somebody holds the lens");
    }

    /// Nothing more comes from the camera.
    pub(crate) fn fail(&self, error: CameraError) {
        self.frames.send(Err(error)).expect("somebody holds the lens");
    }

    /// Waits until the camera's light is out.
    pub(crate) fn wait_until_off(&self) {
        self.off.recv_timeout(DEADLINE).expect("the camera goes off");
    }
}

impl Cameras for Lens {
    fn list(&self) -> Vec<CameraOffer> {
        vec![offer("Integrated Camera")]
    }

    fn open(&self, _: &CameraId) -> Result<Box<dyn Frames>, CameraError> {
        Ok(Box::new(On {
            frames: Arc::clone(&self.frames),
            off: self.off.clone(),
        }))
    }
}

/// A camera of this name.
pub(crate) fn offer(name: &str) -> CameraOffer {
    CameraOffer {
        id: CameraId(format!("/dev/{name}")),
        name: name.to_owned(),
    }
}

/// A computer with these cameras, by their names. They can be plugged in and out.
#[derive(Clone, Default)]
pub(crate) struct Lenses(Arc<Mutex<Vec<(CameraOffer, Lens)>>>);

impl Lenses {
    pub(crate) fn plug_in(&self, name: &str) -> Hand {
        let (lens, hand) = lens();
        self.0.lock().expect("no panic").push((offer(name), lens));
        hand
    }

    pub(crate) fn plug_out(&self, name: &str) {
        self.0.lock().expect("no panic").retain(|(offer, _)| offer.name != name);
    }
}

impl Cameras for Lenses {
    fn list(&self) -> Vec<CameraOffer> {
        let lenses = self.0.lock().expect("no panic");
        lenses.iter().map(|(offer, _)| offer.clone()).collect()
    }

    fn open(&self, camera: &CameraId) -> Result<Box<dyn Frames>, CameraError> {
        let lenses = self.0.lock().expect("no panic");
        let lens = lenses.iter().find(|(offer, _)| offer.id == *camera);
        lens.ok_or(CameraError::Gone)?.1.open(camera)
    }
}

impl Frames for On {
    fn next(&mut self) -> Next {
        let frames = self.frames.try_lock().expect("one camera is on once at a time");
        match frames.recv_timeout(TICK) {
            Ok(next) => next,
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(CameraError::Gone),
        }
    }
}

impl Drop for On {
    fn drop(&mut self) {
        // A test that is over does not care.
        self.off.send(()).unwrap_or_default();
    }
}
