//! An invitation that is shown on the local network: what is announced, and the words that tell it from others (PROTOCOL.md,
//! "Nearby"). No IO.

mod label;
mod sightings;

use std::fmt;
use std::net::SocketAddr;

use crate::identity::EndpointId;
use crate::party::PartyTag;

use super::{CodeKind, Flags, Hint, InvitationId, InviteCode, Secret};

pub use label::Label;
pub use sightings::{MAX_HEARD, MAX_SHOWN, Sightings};

/// How many addresses an announcement tells.
const MAX_ADDRESSES: usize = 4;

/// What is announced where a code has its secret. Everybody in the network hears it: it is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle([u8; 16]);

impl Handle {
    /// The handle of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The handle that an instance's name in an announcement is, if it is one.
    #[must_use]
    pub fn read(instance: &str) -> Option<Self> {
        from_hex(instance).map(Self)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The name of the invitation in sessions by this handle. Another one than in sessions by the code.
    #[must_use]
    pub fn invitation_id(&self) -> InvitationId {
        self.stand_in().invitation_id()
    }

    /// The handle in the place of a secret, so that one protocol serves both.
    pub(super) fn stand_in(&self) -> Secret {
        Secret::from_bytes(self.0)
    }
}

impl fmt::Debug for Handle {
    /// The first 8 hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An invitation as it is announced. All of it is a claim by whoever announces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearbyInvitation {
    /// The device that answers.
    pub endpoint: EndpointId,
    /// Names the invitation.
    pub handle: Handle,
    /// Where the device is, unfiltered: see [`super::neighbours`].
    pub addresses: Vec<SocketAddr>,
}

impl NearbyInvitation {
    /// Reads an announcement: the instance's name, the value of its attribute, its addresses. `None` for what is not one.
    #[must_use]
    pub fn read(instance: &str, endpoint: &str, addresses: impl Iterator<Item = SocketAddr>) -> Option<Self> {
        Some(Self {
            endpoint: EndpointId::from_bytes(from_hex(endpoint)?),
            handle: Handle::read(instance)?,
            addresses: addresses.take(MAX_ADDRESSES).collect(),
        })
    }

    /// The instance's name in an announcement: the handle.
    #[must_use]
    pub fn instance(&self) -> String {
        hex(self.handle.as_bytes())
    }

    /// The value of the attribute in an announcement: the endpoint.
    #[must_use]
    pub fn attribute(&self) -> String {
        hex(self.endpoint.as_bytes())
    }

    /// Two words that both screens show.
    #[must_use]
    pub fn label(&self) -> Label {
        Label::of(self)
    }

    /// The code that the invitee's device works with. It is never shown.
    #[must_use]
    pub fn code(&self) -> InviteCode {
        let hints = self.addresses.iter().take(MAX_ADDRESSES).copied().map(Hint::Address);
        #[expect(clippy::expect_used, reason = "four addresses fit into a code")]
        InviteCode::new(
            CodeKind::Nearby,
            Flags::PIN,
            self.handle.stand_in(),
            // What is announced says nothing about the party.
            PartyTag::NONE,
            self.endpoint,
            None,
            hints.collect(),
        )
        .expect("short enough")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Exactly `N` bytes in hex digits of either case.
fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
