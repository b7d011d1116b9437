#![doc = include_str!("invitation/PROTOCOL.md")]
// No IO.

mod code;
pub mod delegation;
mod error_code;
mod hello;
mod hints;
mod kind;
pub mod mailbox;
mod message;
pub mod nearby;
mod pake;
mod pin;
mod progress;
mod secret;

pub mod admitter;
pub mod applicant;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod duet;
pub mod invitee;
pub mod inviter;
mod pending;
mod record;
mod session;

use std::fmt;
use std::ops::RangeInclusive;

pub use code::{CodeError, CodeKind, Flags, Hint, InviteCode};
pub use error_code::ErrorCode;
pub use hints::{LocalNetworks, neighbours, usable};
pub use kind::{DelegationMethod, InvitationKind};
pub use message::{
    ALPN, CancelReason, Join, MAX_ADMISSION, MAX_HANDSHAKE, MAX_NAME, MAX_OP, Message, MessageError, Method, Mode,
    VERSION, has_room, max_len,
};
pub use nearby::{Handle, NearbyInvitation};
pub use pake::{Binding, InviteeProof, InviteeRun, InviterRun, PakeError};
pub use pin::{Pin, PinError};
pub use progress::{InvitationStage, PinNotice, PinVoid, RedeemError, RedemptionStage};
pub use secret::{EXPORTER_LABEL, Evidence, Exporter, InvitationKey, ProofError, Redeem, Secret};

pub use session::{Closing, Env, ORDERLY_CLOSE, SessionId, Step};

/// Whether a text is a link that opens the program: with an invite code, or from an invitation service's page.
#[must_use]
pub fn is_link(text: &str) -> bool {
    InviteCode::is_link(text) || mailbox::is_app_link(text)
}

/// How many wrong entries void a PIN.
pub const MAX_WRONG_PER_PIN: u8 = 3;

/// How many wrong entries lock an invitation for good.
pub const MAX_WRONG_PINS: u8 = 9;

/// How many wrong entries one device may make at a code for several people, of [`MAX_WRONG_PINS`].
pub const MAX_WRONG_PER_DEVICE: u8 = 3;

/// How many wrong entries by devices that came from the local network end its being shown there.
pub const MAX_WRONG_NEARBY: u8 = 3;

/// How many digits a PIN may have.
pub const PIN_DIGITS: RangeInclusive<u8> = 4..=12;

/// Names an invitation. Derived from the secret in its code, so that there is nothing to disagree about; tells nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvitationId([u8; 16]);

impl InvitationId {
    /// The id of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for InvitationId {
    /// All of it, as 32 hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for InvitationId {
    /// The first 8 hex digits: enough to follow an invitation through a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
