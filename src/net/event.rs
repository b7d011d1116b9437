//! What the network tells the engine, in words that do not name a transport.

use std::fmt;
use std::net::IpAddr;

use crate::identity::EndpointId;
use crate::invitation::nearby::Sightings;

/// Names one link between two endpoints while this program runs; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// What a link is for. Each is a protocol of its own, chosen in the handshake (ALPN).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// `party-invite/1`: the invitation protocol. Anybody may open such a link.
    Invite,
    /// `party-sync/1`: members replicate their parties. The engine checks who the other end is.
    Sync,
}

impl Protocol {
    /// All protocols, the order in which they are preferred if a peer offers several.
    pub const ALL: [Self; 2] = [Self::Invite, Self::Sync];

    /// The name in the handshake. A change of either protocol gets a new name.
    #[must_use]
    pub const fn alpn(self) -> &'static [u8] {
        match self {
            Self::Invite => b"party-invite/1",
            Self::Sync => b"party-sync/1",
        }
    }

    /// The protocol of that name.
    pub(super) fn from_alpn(alpn: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.alpn() == alpn)
    }
}

/// Where a link comes from, as coarse as a rate limit needs it. A peer can have any number of endpoint ids, so limits
/// rest on this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// One IPv4 address.
    V4([u8; 4]),
    /// The first 56 bits of an IPv6 address: what one household usually has.
    V6([u8; 7]),
    /// Through a relay, which hides the address: all such links share one bucket.
    Relayed,
}

impl Origin {
    /// The bucket of an address; an IPv4 address in an IPv6 coat counts as IPv4.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::V4(v4.octets()),
            IpAddr::V6(v6) => {
                let [a, b, c, d, e, f, g, ..] = v6.octets();
                Self::V6([a, b, c, d, e, f, g])
            }
        }
    }
}

/// What happened on the network.
#[derive(Clone, PartialEq, Eq)]
pub enum NetEvent {
    /// A link is ready: frames may be sent, the exporter may be asked. The first event of an incoming link.
    Opened {
        /// The link.
        link: LinkId,
        /// What it is for.
        protocol: Protocol,
        /// Who is at the other end; proven by the handshake.
        endpoint: EndpointId,
        /// Whether the other end opened it.
        incoming: bool,
        /// Where the other end is.
        origin: Origin,
    },
    /// One whole frame arrived: never empty, within [`max_frame`](super::max_frame) of its type.
    Frame {
        /// The link.
        link: LinkId,
        /// The type byte and the body, without the length.
        frame: Vec<u8>,
    },
    /// A link is over, or could not be opened. The last event of its link, exactly once each. Frames that arrived
    /// before the end come before it.
    Closed {
        /// The link.
        link: LinkId,
        /// Why.
        reason: CloseReason,
    },
    /// Everything that waited on a link is written, after [`Net::has_room`](super::Net::has_room) said that there was no room.
    Drained {
        /// The link.
        link: LinkId,
    },
    /// The addresses under which this endpoint can be reached are different now: [`Net::reach`](super::Net::reach).
    AddressesChanged,
    /// Other invitations are heard in the local network than before: all of them. See [`Net::listen_nearby`](super::Net::listen_nearby).
    NearbyHeard {
        /// What is heard: anybody's claims.
        sightings: Sightings,
    },
    /// A task of this room panicked: a bug. If it served a link, that link is [`Closed`](Self::Closed) as lost.
    Panicked,
}

impl fmt::Debug for NetEvent {
    /// Of a frame only its length: it may hold a proof, an admission, or what a party holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened {
                link,
                protocol,
                incoming,
                ..
            } => write!(f, "Opened({link:?}, {protocol:?}, {incoming})"),
            Self::Frame { link, frame } => write!(f, "Frame({link:?}, {} bytes)", frame.len()),
            Self::Closed { link, reason } => write!(f, "Closed({link:?}, {reason:?})"),
            Self::Drained { link } => write!(f, "Drained({link:?})"),
            Self::AddressesChanged => f.write_str("AddressesChanged"),
            Self::NearbyHeard { sightings } => write!(f, "NearbyHeard({} shown)", sightings.shown().len()),
            Self::Panicked => f.write_str("Panicked"),
        }
    }
}

/// Why a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// Nobody answered: not online, no address known, or no way through.
    Unreachable,
    /// The other end answered, but is at its limit of links. Trying again later helps.
    Refused,
    /// The other end is of another version: it speaks no protocol that we speak.
    NoCommonProtocol,
    /// The other end closed the link with this code; 0 is a clean end, what others mean is the protocol's matter.
    Code(u32),
    /// The other end broke the rules of a link; it was closed with code [`BAD_MESSAGE`](super::BAD_MESSAGE).
    Misbehaved(Misbehaviour),
    /// The other end is gone without a word: crashed, cut off, or it closed in a way that means nothing to us.
    Lost,
    /// We closed it.
    Local,
}

/// How a peer broke the rules of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misbehaviour {
    /// A frame of length zero.
    EmptyFrame,
    /// A frame longer than its type may be. Nothing was allocated for it.
    FrameTooLong,
    /// The stream ended in the middle of a frame.
    Truncated,
    /// No first frame in time, a frame that was begun and not finished in time, or one of ours that was not read in time.
    TooSlow,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_ipv4_address_or_a_56_bit_ipv6_prefix() {
        let of = |text: &str| Origin::of(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), Origin::V4([192, 0, 2, 7]));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_eq!(of("2001:db8:0:100::1"), of("2001:db8:0:1ff:ffff::9"));
        assert_ne!(of("2001:db8:0:100::1"), of("2001:db8:0:200::1"));
    }

    #[test]
    fn every_protocol_is_found_by_its_name_and_nothing_else_is() {
        for protocol in Protocol::ALL {
            assert_eq!(Protocol::from_alpn(protocol.alpn()), Some(protocol));
        }
        assert_eq!(Protocol::from_alpn(b"party-invite/2"), None);
    }
}
