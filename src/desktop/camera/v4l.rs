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

use super::{CameraError, CameraId, CameraOffer, Cameras, Frame, Frames, Layout, Pixels, TICK};

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
    fn list(&self) -> Vec<CameraOffer> {
        let candidates = devices().iter().filter_map(|path| candidate(path)).collect();
        offered(candidates, name_of)
    }

    fn open(&self, camera: &CameraId) -> Result<Box<dyn Frames>, CameraError> {
        let candidate = candidate(Path::new(&camera.0)).ok_or(CameraError::Gone)?;
        Ok(Box::new(switch_on(&candidate.path, candidate.kind?)?))
    }
}

/// How likely it is that a candidate is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Likelihood {
    SeesColours,
    SeesLight,
    /// Another program has it.
    Taken,
    CannotBeUsed,
}

impl Candidate {
    fn likelihood(&self) -> Likelihood {
        match self.kind {
            Ok(kind) if KNOWN.get(kind).is_some_and(|(_, pixels)| *pixels == Pixels::Grey) => Likelihood::SeesLight,
            Ok(_) => Likelihood::SeesColours,
            Err(CameraError::Busy) => Likelihood::Taken,
            Err(_) => Likelihood::CannotBeUsed,
        }
    }
}

/// Those that can be used, or could if another program let them go; else one of the others.
fn offered(mut candidates: Vec<Candidate>, name_of: impl Fn(&Path) -> String) -> Vec<CameraOffer> {
    candidates.sort_by_key(Candidate::likelihood);
    let usable = candidates.partition_point(|one| one.likelihood() < Likelihood::CannotBeUsed);
    candidates.truncate(usable.max(1));
    let mut offers: Vec<CameraOffer> = Vec::new();
    for Candidate { path, .. } in candidates {
        let name = name_of(&path);
        let alike = (2..).map(|number| format!("{name} ({number})"));
        let mut names = std::iter::once(name.clone()).chain(alike);
        let is_new = |name: &String| offers.iter().all(|offer| offer.name != *name);
        let name = names.find(is_new).unwrap_or_default();
        let id = CameraId(path.to_string_lossy().into_owned());
        offers.push(CameraOffer { id, name });
    }
    offers
}

/// What the system calls a device; it can be asked also while another program has it.
fn name_of(path: &Path) -> String {
    let file = path.file_name().unwrap_or_default();
    let name = fs::read(Path::new("/sys/class/video4linux").join(file).join("name")).unwrap_or_default();
    match readable(&String::from_utf8_lossy(&name)) {
        name if name.is_empty() => file.to_string_lossy().into_owned(),
        name => name,
    }
}

/// A name that a device has given itself. Many say it twice, cut off the second time: "Integrated Camera: Integrated C".
fn readable(name: &str) -> String {
    let clean: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = clean.trim();
    let once = name.split_once(": ").filter(|(first, again)| first.starts_with(again));
    once.map_or(name, |(first, _)| first).to_owned()
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

    /// Names of those that are offered, of `(number of the file, what can be read from it)`.
    fn names(candidates: &[(u32, Result<usize, CameraError>)]) -> Vec<String> {
        let candidates = candidates.iter().map(|(number, kind)| Candidate {
            path: PathBuf::from(format!("/dev/video{number}")),
            kind: *kind,
        });
        let name_of = |path: &Path| {
            let is_built_in = path.ends_with("video0") || path.ends_with("video2");
            if is_built_in { "Integrated Camera" } else { "Webcam" }.to_owned()
        };
        let offers = offered(candidates.collect(), name_of);
        offers.into_iter().map(|offer| offer.name).collect()
    }

    #[test]
    fn the_one_that_is_likely_to_be_meant_comes_first() {
        const GREY: usize = KNOWN.len() - 1;
        assert_eq!(
            names(&[(0, Ok(GREY)), (2, Ok(0)), (4, Err(CameraError::Busy)), (6, Ok(3))]),
            ["Integrated Camera", "Webcam", "Integrated Camera (2)", "Webcam (2)"]
        );
        // Without an order of their own they stay in the order of their files.
        assert_eq!(names(&[(2, Ok(3)), (4, Ok(0))]), ["Integrated Camera", "Webcam"]);
    }

    #[test]
    fn what_cannot_be_used_is_offered_only_where_there_is_nothing_else() {
        let not_allowed = Err(CameraError::NotAllowed);
        assert_eq!(names(&[(0, not_allowed), (4, Ok(0))]), ["Webcam"]);
        assert_eq!(names(&[(0, not_allowed), (4, not_allowed)]), ["Integrated Camera"]);
        assert!(names(&[]).is_empty());
    }

    #[test]
    fn a_name_is_said_once() {
        for (given, shown) in [
            ("Integrated Camera: Integrated C\n", "Integrated Camera"),
            ("HD Webcam C525\n", "HD Webcam C525"),
            ("Dock: Front\u{1b}[1m", "Dock: Front[1m"),
            ("\n", ""),
        ] {
            assert_eq!(readable(given), shown);
        }
        assert_eq!(
            name_of(Path::new("/dev/video-that-is-not-there")),
            "video-that-is-not-there"
        );
    }

    #[test]
    fn a_camera_that_was_unplugged_has_gone() {
        let camera = CameraId("/dev/video-that-is-not-there".to_owned());
        assert!(matches!(VideoDevices.open(&camera), Err(CameraError::Gone)));
    }

    #[test]
    fn what_is_no_video_device_is_no_camera() {
        assert!(candidate(Path::new("/dev/null")).is_none());
        assert!(candidate(Path::new("/dev/video-that-is-not-there")).is_none());
    }
}
