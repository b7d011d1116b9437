//! The invite code (PROTOCOL.md, "The invite code"): what a person copies into a chat, and what another one pastes. No IO.
//!
//! 69 bytes and a few hints about addresses, as bech32m (BIP-350): letters and digits only, one case, short as a QR code, and
//! with a checksum that finds the place of a wrong character.

mod bytes;
mod checksum;
mod paste;

use std::fmt;
use std::net::SocketAddr;

use zeroize::Zeroizing;

use crate::identity::EndpointId;
use crate::party::PartyTag;
use crate::time::Timestamp;

use super::{InvitationId, Secret};

/// What a link to join begins with.
const LINK: &str = "partyline://join#";

/// The scheme of those links, and how long one may be, in bytes: as long as what is pasted.
const SCHEME: &str = "partyline:";
const MAX_LINK: usize = 4096;

/// What a code leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    /// The inviter answers, and shows a PIN.
    Interactive = 1,
    /// Any of several members answers; an administrator approves.
    Delegated = 2,
    /// A further device of the same person.
    DevicePairing = 3,
    /// Any of several members answers, and is shown what a mail service says of who comes.
    Email = 4,
    /// What an invitee's device makes of an announcement in the local network. Nobody ever sees it as text.
    Nearby = 5,
}

impl CodeKind {
    /// Whether any of several members answers.
    #[must_use]
    pub const fn is_delegated(self) -> bool {
        matches!(self, Self::Delegated | Self::Email)
    }

    /// Whether such a code leads to no party that it could name.
    const fn names_no_party(self) -> bool {
        matches!(self, Self::DevicePairing | Self::Nearby)
    }
}

/// What a code says about itself, for display only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// May be redeemed more than once.
    pub const MULTI_USE: Self = Self(1);
    /// A PIN will be asked for.
    pub const PIN: Self = Self(1 << 1);
    /// An administrator will have to approve.
    pub const APPROVAL: Self = Self(1 << 2);

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of the other set are in this one.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Where the inviter may be found, and what was promised. All of it is a claim by whoever made the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A relay of the built-in list, by its number.
    RelayPreset(u8),
    /// A relay by host name: 1 to 60 visible ASCII characters.
    RelayHost(String),
    /// An address.
    Address(SocketAddr),
    /// Another member's endpoint that may admit; at most three.
    Endpoint(EndpointId),
    /// The role promised.
    Role(u8),
    /// An address of one of the other endpoints.
    AddressOf {
        /// Which of the [`Hint::Endpoint`]s, from 1 to 3.
        place: u8,
        /// The address.
        address: SocketAddr,
    },
    /// A hint of a later version, kept as it is.
    Unknown {
        /// 0x09 to 0x7f.
        tag: u8,
        /// At most 255 bytes.
        value: Vec<u8>,
    },
}

/// Why what was pasted is not an invite code. Positions count characters of the pasted text, from 0, so that a field can
/// mark the place; nothing is ever corrected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Nothing but blanks.
    #[error("nothing was pasted")]
    Empty,
    /// No code in it.
    #[error("no invite code in the text")]
    NotACode,
    /// Capital and small letters in one code.
    #[error("capital and small letters mixed")]
    MixedCase,
    /// A character that no code has.
    #[error("a character at {at} that no code has")]
    Character {
        /// Where.
        at: usize,
    },
    /// The checksum is wrong.
    #[error("the checksum is wrong")]
    Checksum {
        /// Where, if a single character is wrong.
        at: Option<usize>,
    },
    /// The end is missing.
    #[error("the code is cut off")]
    Truncated,
    /// Longer than any code.
    #[error("longer than any code")]
    TooLong,
    /// Made by a newer version of the program.
    #[error("a code of version {0}")]
    Version(u8),
    /// Of a kind that does not exist in this version.
    #[error("a code of kind {0}")]
    Kind(u8),
    /// Needs something that this version does not have: a flag (its byte) or a hint (its tag).
    #[error("the code needs a newer app: {0:#04x}")]
    NeedsNewer(u8),
    /// A hint is malformed or out of order; its tag.
    #[error("hint {0:#04x} is malformed")]
    Hint(u8),
    /// Names a party where its kind has none, or none where its kind has one.
    #[error("the party tag does not fit the kind")]
    PartyTag,
}

/// An invite code. A secret as long as its invitation is open.
#[derive(PartialEq, Eq)]
pub struct InviteCode {
    kind: CodeKind,
    flags: Flags,
    secret: Secret,
    party_tag: PartyTag,
    endpoint: EndpointId,
    /// Minutes since 2026; `None` for a code that never expires.
    expiry: Option<bytes::Minutes>,
    hints: Vec<Hint>,
}

impl InviteCode {
    /// A code of these parts. Hints are put in the order of their tags; the expiry is rounded up to a full minute.
    ///
    /// # Errors
    ///
    /// [`CodeError::PartyTag`] unless it is [`PartyTag::NONE`] exactly for a device or nearby, [`CodeError::Hint`] for a hint outside its limits or too many of one, [`CodeError::TooLong`] if they do not fit into
    /// 256 bytes.
    pub fn new(
        kind: CodeKind,
        flags: Flags,
        secret: Secret,
        party_tag: PartyTag,
        endpoint: EndpointId,
        expires: Option<Timestamp>,
        mut hints: Vec<Hint>,
    ) -> Result<Self, CodeError> {
        if let Some(hint) = hints.iter().find(|hint| hint.value().len() > bytes::MAX_HINT) {
            return Err(CodeError::Hint(hint.tag()));
        }
        hints.sort_by_key(Hint::tag);
        let expiry = expires.map(bytes::Minutes::round_up);
        let code = Self {
            kind,
            flags,
            secret,
            party_tag,
            endpoint,
            expiry,
            hints,
        };
        // One set of rules for codes that are made and codes that are read.
        Self::from_bytes(&code.to_bytes())
    }

    /// Reads what a person pastes: the code within other text, in upper case, in a link, broken into lines or groups.
    ///
    /// Accepts every kind; the caller refuses those that it cannot redeem.
    ///
    /// # Errors
    ///
    /// [`CodeError`], with the place in `text` where that is known.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        paste::read(text)
    }

    /// The code, in lower case: what is copied.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        checksum::text(&self.to_bytes())
    }

    /// The code as a link that opens the program: `partyline://join#…`.
    #[must_use]
    pub fn to_link(&self) -> Zeroizing<String> {
        let mut link = Zeroizing::new(String::with_capacity(512));
        link.push_str(LINK);
        link.push_str(&self.to_text());
        link
    }

    /// Whether a text is a link that opens the program, by how it begins: printable ASCII, at most 4096 bytes. What is wrong
    /// with the code in it is told when it is read.
    #[must_use]
    pub fn is_link(text: &str) -> bool {
        let scheme = text.get(..SCHEME.len());
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
            && text.len() <= MAX_LINK
            && text.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// The code in upper case, which a QR code stores in its short alphanumeric form.
    #[must_use]
    pub fn to_qr_text(&self) -> Zeroizing<String> {
        let mut text = self.to_text();
        text.make_ascii_uppercase();
        text
    }

    /// What it leads to.
    #[must_use]
    pub const fn kind(&self) -> CodeKind {
        self.kind
    }

    /// What it says about itself.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.flags
    }

    /// Its secret.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The party it promises.
    #[must_use]
    pub const fn party_tag(&self) -> PartyTag {
        self.party_tag
    }

    /// The device that answers.
    #[must_use]
    pub const fn endpoint(&self) -> EndpointId {
        self.endpoint
    }

    /// The invitation's id, derived from the secret.
    #[must_use]
    pub fn invitation_id(&self) -> InvitationId {
        self.secret.invitation_id()
    }

    /// When it stops working, to the minute; `None` for never. For a friendly message only: the inviter's clock decides.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.expiry.map(bytes::Minutes::timestamp)
    }

    /// Its hints, in the order of their tags. Whoever made the code wrote them: see [`super::usable`].
    #[must_use]
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    /// The devices that may admit by a delegated code, the first one first, each with its addresses: unfiltered, see
    /// [`super::usable`].
    #[must_use]
    pub fn admitters(&self) -> Vec<(EndpointId, Vec<Hint>)> {
        let own = self.address_hints().map(Hint::Address).collect();
        let mut admitters = vec![(self.endpoint, own)];
        let others = self.hints.iter().filter_map(|hint| match hint {
            Hint::Endpoint(endpoint) => Some(*endpoint),
            _ => None,
        });
        for (endpoint, number) in others.zip(1..) {
            let addresses = self.hints.iter().filter_map(|hint| match hint {
                Hint::AddressOf { place, address } if *place == number => Some(Hint::Address(*address)),
                _ => None,
            });
            if admitters.iter().all(|(known, _)| *known != endpoint) {
                admitters.push((endpoint, addresses.collect()));
            }
        }
        admitters
    }

    /// The addresses among the hints, unfiltered: see [`super::usable`].
    pub fn address_hints(&self) -> impl Iterator<Item = SocketAddr> {
        self.hints.iter().filter_map(|hint| {
            if let Hint::Address(address) = hint {
                Some(*address)
            } else {
                None
            }
        })
    }
}

impl fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InviteCode({:?}, <redacted>)", self.invitation_id())
    }
}

#[cfg(test)]
mod tests;
