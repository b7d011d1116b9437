//! Watches a camera until an invite code is held in front of it.

use std::sync::Weak;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{CameraError, CameraId, Cameras, Viewfinder};
use crate::desktop::QrError;
use crate::desktop::qr::glance;
use crate::desktop::scan::guarded;

/// So many times in a row a camera may have nothing to show. Each is a [`super::TICK`] at most: ten seconds.
const PATIENCE: u32 = 200;

/// For so long nobody may look at the pictures. A window that is minimised draws nothing.
const UNSEEN: Duration = Duration::from_secs(10);

/// Shows in the viewfinder what a camera sees, until a frame has an invite code in it. Gives none if nobody holds it any
/// more.
///
/// `shown` is called whenever there is something new in the viewfinder. The camera is off when this returns.
///
/// Blocks: for a thread of its own.
///
/// # Errors
///
/// [`CameraError`]; [`CameraError::Unwatched`] if the viewfinder is held and nobody looks into it.
pub fn watch(
    cameras: &dyn Cameras,
    camera: &CameraId,
    viewfinder: &Weak<Viewfinder>,
    shown: impl Fn(),
) -> Result<Option<Zeroizing<String>>, CameraError> {
    guarded(|| watch_unguarded(cameras, camera, viewfinder, UNSEEN, shown)).unwrap_or(Err(CameraError::Failed))
}

fn watch_unguarded(
    cameras: &dyn Cameras,
    camera: &CameraId,
    viewfinder: &Weak<Viewfinder>,
    unseen: Duration,
    shown: impl Fn(),
) -> Result<Option<Zeroizing<String>>, CameraError> {
    if viewfinder.strong_count() == 0 {
        return Ok(None);
    }
    let mut camera = cameras.open(camera)?;
    let (mut frames, mut empty, mut looked, mut told) = (0, 0, now(), None);
    loop {
        let next = camera.next()?;
        let Some(viewfinder) = viewfinder.upgrade() else {
            return Ok(None);
        };
        let Some(frame) = next else {
            empty += 1;
            if empty >= PATIENCE {
                return Err(CameraError::Silent);
            }
            continue;
        };
        empty = 0;
        // Before it is searched, so that the picture follows the hand.
        if viewfinder.show(frame.preview) {
            looked = now();
        } else if looked.elapsed() >= unseen {
            return Err(CameraError::Unwatched);
        }
        shown();
        match guarded(|| glance(&frame.light, frames)).unwrap_or(Err(QrError::Nothing)) {
            Ok(code) => return Ok(Some(code)),
            Err(QrError::Nothing) => {}
            Err(other) if told == Some(other) => {}
            Err(other) => {
                told = Some(other);
                viewfinder.tell(other);
                shown();
            }
        }
        frames += 1;
    }
}

#[expect(clippy::disallowed_methods, reason = "a camera is on in real time")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::desktop::{CameraOffer, Frame, Frames, Layout, Pixels};

    /// What the camera does next.
    type Script = Box<dyn FnMut() -> Result<Option<Frame>, CameraError> + Send>;

    /// A camera that follows a script; counts how often it went off.
    struct Scripted(Mutex<Option<Script>>, Arc<AtomicU32>);

    struct On(Script, Arc<AtomicU32>);

    impl Scripted {
        fn new(script: impl FnMut() -> Result<Option<Frame>, CameraError> + Send + 'static) -> Self {
            Self(Mutex::new(Some(Box::new(script))), Arc::default())
        }

        fn went_off(&self) -> u32 {
            self.1.load(Ordering::Relaxed)
        }
    }

    impl Cameras for Scripted {
        fn list(&self) -> Vec<CameraOffer> {
            Vec::new()
        }

        fn open(&self, _: &CameraId) -> Result<Box<dyn Frames>, CameraError> {
            let script = self.0.lock().expect("a script").take().ok_or(CameraError::Busy)?;
            Ok(Box::new(On(script, Arc::clone(&self.1))))
        }
    }

    impl Frames for On {
        fn next(&mut self) -> Result<Option<Frame>, CameraError> {
            (self.0)()
        }
    }

    /// Watches it as long as the camera does it.
    fn watch(
        camera: &Scripted,
        viewfinder: &Weak<Viewfinder>,
        shown: impl Fn(),
    ) -> Result<Option<Zeroizing<String>>, CameraError> {
        super::watch(camera, &any(), viewfinder, shown)
    }

    fn any() -> CameraId {
        CameraId("/dev/video0".to_owned())
    }

    impl Drop for On {
        fn drop(&mut self) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A frame of one shade.
    fn blank(light: u8) -> Frame {
        let (pixels, width, height, line) = (Pixels::Grey, 64, 48, 0);
        let layout = Layout {
            pixels,
            width,
            height,
            line,
        };
        Frame::decode(layout, vec![light; 64 * 48]).expect("a frame")
    }

    #[test]
    fn a_camera_that_shows_nothing_for_long_is_given_up() {
        let mut left = 2 * PATIENCE - 1;
        let camera = Scripted::new(move || {
            left -= 1;
            // One picture in between is enough.
            Ok((left == PATIENCE).then(|| blank(0)))
        });
        let viewfinder = Arc::new(Viewfinder::default());
        let end = watch(&camera, &Arc::downgrade(&viewfinder), || {});
        assert!(matches!(end, Err(CameraError::Silent)));
        assert_eq!(camera.went_off(), 1);
    }

    #[test]
    fn the_camera_goes_off_when_the_viewfinder_is_dropped() {
        let viewfinder = Arc::new(Viewfinder::default());
        let held = Arc::downgrade(&viewfinder);
        let mut viewfinder = Some(viewfinder);
        let camera = Scripted::new(move || {
            drop(viewfinder.take());
            Ok(Some(blank(0)))
        });
        assert!(matches!(watch(&camera, &held, || {}), Ok(None)));
        assert_eq!(camera.went_off(), 1);
        // It is not even switched on, then.
        assert!(matches!(watch(&camera, &held, || {}), Ok(None)));
    }

    #[test]
    fn the_newest_picture_takes_the_place_of_one_that_was_not_drawn() {
        let mut lights = [10, 20, 30].into_iter();
        let camera = Scripted::new(move || lights.next().map(|light| Some(blank(light))).ok_or(CameraError::Gone));
        let (viewfinder, shown) = (Arc::new(Viewfinder::default()), Cell::new(0));
        let end = watch(&camera, &Arc::downgrade(&viewfinder), || shown.set(shown.get() + 1));
        assert!(matches!(end, Err(CameraError::Gone)));
        assert_eq!(shown.get(), 3);
        let preview = viewfinder.look().preview.expect("a picture");
        assert_eq!(preview.rgb.first(), Some(&30));
        assert!(viewfinder.look().preview.is_none(), "it is taken out");
    }

    #[test]
    fn the_camera_goes_off_when_nobody_looks_any_more() {
        for looks_at in [0, 5] {
            let viewfinder = Arc::new(Viewfinder::default());
            let window = Arc::clone(&viewfinder);
            let shown = Arc::new(AtomicU32::new(0));
            let count = Arc::clone(&shown);
            let camera = Scripted::new(move || {
                if count.fetch_add(1, Ordering::Relaxed) <= looks_at {
                    drop(window.look());
                }
                Ok(Some(blank(0)))
            });
            let end = watch_unguarded(&camera, &any(), &Arc::downgrade(&viewfinder), Duration::ZERO, || {});
            assert!(matches!(end, Err(CameraError::Unwatched)));
            // The last one that is looked at, and one that is not.
            assert_eq!((camera.went_off(), shown.load(Ordering::Relaxed)), (1, looks_at + 2));
        }
    }

    #[test]
    fn a_camera_whose_reader_panics_has_failed() {
        let camera = Scripted::new(|| panic!("an index of the driver's"));
        let viewfinder = Arc::new(Viewfinder::default());
        let end = watch(&camera, &Arc::downgrade(&viewfinder), || {});
        assert!(matches!(end, Err(CameraError::Failed)));
        assert_eq!(camera.went_off(), 1);
    }
}
