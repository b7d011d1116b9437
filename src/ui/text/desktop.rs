//! The sentences of what the desktop gives: pictures of a QR, and the camera.

use crate::desktop::{CameraError, ChooseError, PictureError, QrError, ScanError, ScreenError, Surface};
use crate::ui::chooser::Purpose;
use crate::ui::surface::takes_drops;

// A QR, shown.
pub(crate) const SHOW_QR_LARGE: &str = "QR code of the invite code: show it large";
pub(crate) const QR_LARGE_SUBTITLE: &str = "Let them read it from this screen, in Partyline: Join with a code.";
pub(crate) const BACK: &str = "Back";

// A QR, read.
pub(crate) const SCAN_PICTURE: &str = "QR in a picture";
pub(crate) const SCAN_SCREEN: &str = "QR on screen";
pub(crate) const SCAN_CAMERA: &str = "Camera";
pub(crate) const SCANNING: &str = "Looking for the QR code";
pub(crate) const DROP_PICTURE: &str = "Drop the picture of a QR code here";

// The camera.
pub(crate) const HOLD_CODE: &str = "Hold the code in front of the camera.";
pub(crate) const CAMERA_STARTS: &str = "The camera starts";
pub(crate) const CAMERA_OFF: &str = "The camera is off";
pub(crate) const CHOOSE_CAMERA: &str = "Choose a camera";
pub(crate) const CAMERA_SEES: &str = "What the camera sees, mirrored";
pub(crate) const CAMERA_HELP: &str =
    "The code is read as soon as it is large and sharp enough. Nothing begins before you press Continue.";

/// What is said of a QR that is in front of the camera, while it goes on looking.
pub(crate) const fn seen_other(other: QrError) -> &'static str {
    match other {
        QrError::Nothing | QrError::NoCode => "That QR code is no invite code. Hold up the one that Partyline shows.",
        QrError::Several => "There are several invite codes. Hold up just the one that is for you.",
    }
}

/// What happened and what to do next.
pub(crate) const fn not_scanned(error: ScanError) -> &'static str {
    match error {
        ScanError::Choose(ChooseError::NoBus) => {
            "The desktop cannot be asked for a file: its session bus does not answer. Copy the picture, and paste it here."
        }
        ScanError::Choose(ChooseError::NotOffered) => {
            "This desktop has no file dialog for programs. Install xdg-desktop-portal, or copy the picture and paste it here."
        }
        ScanError::Choose(ChooseError::Failed) => {
            "The desktop's file dialog gave no answer. Try again, or copy the picture and paste it here."
        }
        ScanError::Picture(error) => no_picture(error),
        ScanError::Screen(ScreenError::NotOffered) => {
            "This desktop does not let programs ask for a part of the screen. Take a screenshot yourself, and paste it here."
        }
        ScanError::Screen(ScreenError::Failed) => {
            "The desktop took no picture of the screen. Take a screenshot yourself, and paste it here."
        }
        ScanError::Camera(error) => no_camera(error),
        ScanError::Qr(QrError::Nothing) => {
            "No QR code can be read in that picture. Try one that is larger, sharper or straighter, or paste the code as text."
        }
        ScanError::Qr(QrError::NoCode) => {
            "The QR code in that picture is no invite code. Ask for the one that Partyline shows."
        }
        ScanError::Qr(QrError::Several) => {
            "There are several invite codes in that picture. Cut it down to the one that is for you."
        }
    }
}

const fn no_picture(error: PictureError) -> &'static str {
    match error {
        PictureError::Unreadable => "The file cannot be read. Choose another one, or paste the picture.",
        PictureError::TooLarge => "The picture is too large. Cut it down to the QR code.",
        PictureError::UnknownKind => "The file is no picture that Partyline knows. Use a PNG, JPEG or WebP file.",
        PictureError::Damaged => "The picture is damaged. Ask for it again, or paste the code as text.",
    }
}

const fn no_camera(error: CameraError) -> &'static str {
    match error {
        CameraError::Gone => {
            "The camera is not there any more. Plug it in again and press Camera, or paste the code as text."
        }
        CameraError::Busy => "Another program uses the camera. Close it there, then press Camera again.",
        CameraError::NotAllowed => {
            "The system does not let you use the camera: be a member of the group `video`, or choose a picture of the code."
        }
        CameraError::UnknownKind => {
            "The camera gives no picture that Partyline knows. Use another camera, or choose a picture of the code."
        }
        CameraError::Silent => {
            "No picture comes from the camera. See whether it is switched off, then press Camera again."
        }
        CameraError::Unwatched => {
            "The camera went off, as this window was out of sight. Press Camera to look again, or paste the code."
        }
        CameraError::Failed => {
            "The camera does not work. Plug it in anew and press Camera, or choose a picture of the code."
        }
    }
}

/// The same of one of several cameras, where another one can be chosen.
pub(crate) const fn this_camera(error: CameraError) -> &'static str {
    match error {
        CameraError::Gone => "This camera is not there any more. Plug it in again, or choose another one.",
        CameraError::Busy => {
            "Another program uses this camera. Close it there and choose the camera again, or choose another one."
        }
        CameraError::NotAllowed => {
            "The system does not let you use this camera. Choose another one, or be a member of the group `video`."
        }
        CameraError::UnknownKind => "This camera gives no picture that Partyline knows. Choose another one.",
        CameraError::Silent => {
            "No picture comes from this camera. See whether it is switched off, or choose another one."
        }
        CameraError::Unwatched => {
            "The camera went off, as this window was out of sight. Choose it to look again, or choose another one."
        }
        CameraError::Failed => "This camera does not work. Plug it in anew, or choose another one.",
    }
}

// The system's file dialog.
pub(crate) const ADD_FILES: &str = "Add files";

/// What happened and what to do next. `instead` needs no dialog.
pub(crate) fn no_file_dialog(error: ChooseError, instead: &str) -> String {
    match error {
        ChooseError::NoBus => {
            format!(
                "The desktop cannot be asked for a file: its session bus does not answer. Log in again, or {instead}."
            )
        }
        ChooseError::NotOffered => format!(
            "This desktop has no file dialog for programs. Install xdg-desktop-portal and its part for your desktop, such as \
             xdg-desktop-portal-gtk, or {instead}."
        ),
        ChooseError::Failed => {
            format!("The desktop's file dialog did not open, or ended by itself. Try again, or {instead}.")
        }
    }
}

/// The way without a dialog.
pub(crate) const fn instead_of_dialog(purpose: &Purpose, surface: Surface) -> &'static str {
    match purpose {
        Purpose::AddFiles(_) if takes_drops(surface) => "drop the files on this window",
        Purpose::AddFiles(_) => "close this window and use `partyline file add`",
        Purpose::SaveFile { .. } => "close this window and use `partyline file save`",
        Purpose::Export(_) => "close this window and use `partyline party export`",
        Purpose::Import => "close this window and use `partyline party import`",
    }
}

// Notifications. They may stand on a locked screen: no secret, no PIN, no code.
pub(crate) const PIN_IS_DUE: &str = "A PIN waits to be told";

pub(crate) fn pin_is_due(party: &str) -> String {
    format!("Somebody uses an invite code to {party}. Open Partyline to see the PIN, and tell it by voice.")
}

pub(crate) const SOMEBODY_ASKS: &str = "Somebody waits for approval";

pub(crate) fn somebody_asks(party: &str) -> String {
    format!("Somebody asks to join {party}. Open Partyline to let them in or refuse.")
}

/// Somebody joined, and so many others.
pub(crate) fn joined_with(name: &str, others: usize, party: &str) -> String {
    match others {
        0 => format!("{name} joined {party}"),
        1 => format!("{name} and one more joined {party}"),
        more => format!("{name} and {more} more joined {party}"),
    }
}
