//! The sentences of what the desktop gives: pictures of a QR.

use crate::desktop::{PictureError, QrError, ScanError, ScreenError};

// A QR, shown.
pub(crate) const SHOW_QR_LARGE: &str = "QR code of the invite code: show it large";
pub(crate) const QR_LARGE_SUBTITLE: &str = "Let them read it from this screen, in Partyline: Join with a code.";
pub(crate) const BACK: &str = "Back";

// A QR, read.
pub(crate) const SCAN_PICTURE: &str = "QR in a picture";
pub(crate) const SCAN_SCREEN: &str = "QR on the screen";
pub(crate) const SCANNING: &str = "Looking for the QR code";
pub(crate) const DROP_PICTURE: &str = "Drop the picture of a QR code here";

/// What happened and what to do next.
pub(crate) const fn not_scanned(error: ScanError) -> &'static str {
    match error {
        ScanError::Picture(error) => no_picture(error),
        ScanError::Screen(ScreenError::NotOffered) => {
            "This desktop does not let programs ask for a part of the screen. Take a screenshot yourself, and paste it here."
        }
        ScanError::Screen(ScreenError::Failed) => {
            "The desktop took no picture of the screen. Take a screenshot yourself, and paste it here."
        }
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

// Notifications. They may stand on a locked screen: no secret, no PIN, no code.
pub(crate) const PIN_IS_DUE: &str = "A PIN waits to be told";

pub(crate) fn pin_is_due(party: &str) -> String {
    format!("Somebody uses an invite code to {party}. Open Partyline to see the PIN, and tell it by voice.")
}

/// Somebody joined, and so many others.
pub(crate) fn joined_with(name: &str, others: usize, party: &str) -> String {
    match others {
        0 => format!("{name} joined {party}"),
        1 => format!("{name} and one more joined {party}"),
        more => format!("{name} and {more} more joined {party}"),
    }
}
