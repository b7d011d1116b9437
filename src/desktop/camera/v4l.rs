//! Cameras as Linux shows them: `/dev/video0` and so on.
//!
//! Only devices with one picture in one piece are read (webcams, and what imitates one), not the bare sensors of some laptops and
//! boards, whose pictures take a camera stack of their own to be made.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use linuxvideo::format::{Format, PixFormat, PixelFormat};
use linuxvideo::stream::ReadStream;
use linuxvideo::{BufType, CapabilityFlags, Device};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{CameraError, Cameras, Frame, Frames, Layout, Pixels, TICK};

/// The size that is asked for: enough for a code on a phone at arm's length, and little enough to be searched many times a second. A
/// camera takes the size of its own that comes next.
const SIZE: [u32; 2] = [1280, 720];

/// What is understood, the best first: at that size most cameras are fast only with JPEG.
const KNOWN: [(PixelFormat, Pixels); 5] = [
    (PixelFormat::MJPG, Pixels::Jpeg),
    (PixelFormat::JPEG, Pixels::Jpeg),
    (PixelFormat::from_fourcc(*b"NV12"), Pixels::Nv12),
    (PixelFormat::YUYV, Pixels::Yuyv),
    // Often the second eye of a laptop, which sees infrared: only if there is no other.
    (PixelFormat::from_fourcc(*b"GREY"), Pixels::Grey),
];

/// The camera has so many frames waiting at most; older ones are skipped.
const WAITING: usize = 2;

/// The video devices of this computer.
pub(super) struct VideoDevices;

/// A device that is a camera, or may be one.
struct Candidate {
    path: PathBuf,
    /// What can be read from it, as a place in [`KNOWN`].
    kind: Result<usize, CameraError>,
}

impl Cameras for VideoDevices {
    fn exist(&self) -> bool {
        devices().iter().any(|path| candidate(path).is_some())
    }

    fn open(&self) -> Result<Box<dyn Frames>, CameraError> {
        let candidates: Vec<_> = devices().iter().filter_map(|path| candidate(path)).collect();
        let usable = candidates
            .iter()
            .filter_map(|candidate| Some((candidate, candidate.kind.ok()?)));
        let is_grey = |kind: usize| KNOWN.get(kind).is_some_and(|(_, pixels)| *pixels == Pixels::Grey);
        // The first of those that are alike.
        match usable.min_by_key(|(_, kind)| is_grey(*kind)) {
            Some((camera, kind)) => Ok(Box::new(switch_on(&camera.path, kind)?)),
            None => Err(candidates
                .iter()
                .find_map(|candidate| candidate.kind.err())
                .unwrap_or(CameraError::Gone)),
        }
    }
}

/// The files of all video devices, by number.
fn devices() -> Vec<PathBuf> {
    let number = |path: &Path| -> Option<u32> { path.file_name()?.to_str()?.strip_prefix("video")?.parse().ok() };
    let files = fs::read_dir("/dev").into_iter().flatten().flatten();
    let mut devices: Vec<_> = files
        .filter_map(|file| Some((number(&file.path())?, file.path())))
        .collect();
    devices.sort();
    devices.into_iter().map(|(_, path)| path).collect()
}

/// What a device is; none if it certainly is no camera. That it may not be asked is an answer, too: a person can do something about
/// it.
fn candidate(path: &Path) -> Option<Candidate> {
    let device = match Device::open(path) {
        Ok(device) => device,
        Err(error) => {
            let error = meaning(&error);
            let may_be_one = matches!(error, CameraError::NotAllowed | CameraError::Busy);
            let (path, kind) = (path.to_owned(), Err(error));
            return may_be_one.then_some(Candidate { path, kind });
        }
    };
    let capabilities = device.capabilities().ok()?.device_capabilities();
    if !capabilities.contains(CapabilityFlags::VIDEO_CAPTURE | CapabilityFlags::STREAMING) {
        return None;
    }
    let offered: Vec<_> = device.formats(BufType::VIDEO_CAPTURE).flatten().collect();
    let is_offered = |known: PixelFormat| offered.iter().any(|offered| offered.pixel_format() == known);
    let kind = KNOWN.iter().position(|(known, _)| is_offered(*known));
    Some(Candidate {
        path: path.to_owned(),
        kind: kind.ok_or(CameraError::UnknownKind),
    })
}

/// A camera that sends frames. Dropped, it stops and goes off.
struct Camera {
    stream: ReadStream,
    layout: Layout,
}

fn switch_on(path: &Path, kind: usize) -> Result<Camera, CameraError> {
    let (wanted, _) = KNOWN.get(kind).ok_or(CameraError::UnknownKind)?;
    let [width, height] = SIZE;
    let open = || Device::open(path).map_err(failed);
    let camera = match open()?.video_capture(PixFormat::new(width, height, *wanted)) {
        // Some take nothing but what they are set to.
        Err(error) if Errno::from_io_error(&error) == Some(Errno::INVAL) => {
            let device = open()?;
            let Format::VideoCapture(set) = device.format(BufType::VIDEO_CAPTURE).map_err(failed)? else {
                return Err(CameraError::UnknownKind);
            };
            device.video_capture(set)
        }
        camera => camera,
    };
    let camera = camera.map_err(failed)?;
    let format = camera.format();
    let known = KNOWN.iter().find(|(known, _)| *known == format.pixel_format());
    let (_, pixels) = known.ok_or(CameraError::UnknownKind)?;
    let layout = Layout {
        pixels: *pixels,
        width: format.width(),
        height: format.height(),
        line: format.bytes_per_line(),
    };
    tracing::debug!(?layout, "a camera is on");
    let stream = camera.into_stream().map_err(failed)?;
    Ok(Camera { stream, layout })
}

impl Camera {
    /// Whether a frame is there, or comes soon enough.
    fn waits(&self, patience: Duration) -> Result<bool, CameraError> {
        let mut camera = [PollFd::new(&self.stream, PollFlags::IN)];
        let patience = Timespec::try_from(patience).or(Err(CameraError::Failed))?;
        match poll(&mut camera, Some(&patience)) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(failed(error.into())),
        }
    }

    /// The bytes of the frame that is there, unless it is spoilt. The camera gets its memory back before they are looked at.
    fn take(&mut self) -> Result<Option<Vec<u8>>, CameraError> {
        let taken = self
            .stream
            .dequeue(|frame| Ok((!frame.is_error()).then(|| frame.to_vec())));
        match taken {
            Ok(bytes) => Ok(bytes),
            Err(error)
                if matches!(
                    Errno::from_io_error(&error),
                    Some(Errno::IO | Errno::AGAIN | Errno::INTR)
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(failed(error)),
        }
    }
}

impl Frames for Camera {
    fn next(&mut self) -> Result<Option<Frame>, CameraError> {
        let (mut newest, mut patience) = (None, TICK);
        for _ in 0..WAITING {
            if !self.waits(patience)? {
                break;
            }
            newest = self.take()?.or(newest);
            patience = Duration::ZERO;
        }
        Ok(newest.and_then(|bytes| Frame::decode(self.layout, bytes)))
    }
}

fn failed(error: io::Error) -> CameraError {
    tracing::debug!(%error, "the camera fails");
    meaning(&error)
}

/// What the system's answer means to a person.
fn meaning(error: &io::Error) -> CameraError {
    match Errno::from_io_error(error) {
        Some(Errno::BUSY) => CameraError::Busy,
        Some(Errno::ACCESS | Errno::PERM) => CameraError::NotAllowed,
        Some(Errno::NODEV | Errno::NXIO | Errno::NOENT) => CameraError::Gone,
        _ => CameraError::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_what_they_can_do_something_about() {
        for (error, means) in [
            (Errno::BUSY, CameraError::Busy),
            (Errno::ACCESS, CameraError::NotAllowed),
            (Errno::NODEV, CameraError::Gone),
            (Errno::PROTO, CameraError::Failed),
        ] {
            assert_eq!(meaning(&error.into()), means);
        }
    }

    #[test]
    fn what_is_no_video_device_is_no_camera() {
        assert!(candidate(Path::new("/dev/null")).is_none());
        assert!(candidate(Path::new("/dev/video-that-is-not-there")).is_none());
    }
}
