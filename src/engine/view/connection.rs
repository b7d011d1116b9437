//! What a face may show of the way to another device: enough to see why two do not find each other. There is no secret in it:
//! no code, no PIN, no key; addresses and names of relays are in it.

use std::net::SocketAddr;

use crate::net::{CloseReason, NetworkMode, Way};

/// What this device knows about reaching another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionView {
    /// This device.
    pub here: HereView,
    /// The device that a code names; none on the inviter's side, where anybody may come.
    pub there: Option<ThereView>,
}

impl ConnectionView {
    /// Whether a relay might help that this device is kept from using.
    #[must_use]
    pub fn lacks_relays(&self) -> bool {
        let relay = self.there.as_ref().and_then(|there| there.relay.as_ref());
        matches!(self.here.mode, NetworkMode::LocalNetwork | NetworkMode::Loopback)
            || relay.is_some_and(|(_, tried)| *tried == TriedView::LeftOut)
    }
}

/// How this device stands on the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HereView {
    /// The UDP port that it listens at; none if it has no network at all.
    pub port: Option<u16>,
    /// Where it can be reached, as far as it knows: at most four.
    pub addresses: Vec<SocketAddr>,
    /// The relay that it is connected to.
    pub relay: Option<String>,
    /// Which machines besides the peers it may contact.
    pub mode: NetworkMode,
}

/// How it goes with the device that a code names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThereView {
    /// How it is reached now, or why it is not.
    pub reached: ReachedView,
    /// The addresses in the code, at most four, and whether each is tried.
    pub addresses: Vec<(SocketAddr, TriedView)>,
    /// The relay in the code, and whether it is tried.
    pub relay: Option<(String, TriedView)>,
    /// By how many seconds the other clock is ahead, to about a minute; negative if it is behind. None before the two have
    /// spoken, or if the code never expires.
    pub clock_ahead: Option<i64>,
    /// The version of `party-invite/1` that the other app speaks; none before the two have spoken.
    pub version: Option<u8>,
}

/// Whether the other device answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReachedView {
    /// It is being sought for the first time.
    NotYet,
    /// It is connected, in this way.
    Now(Way),
    /// It has answered in this run, and is not connected now.
    Before(CloseReason),
    /// It has not answered so far.
    Never(CloseReason),
}

/// Whether something in a code is made use of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriedView {
    /// It is.
    Tried,
    /// It is not: another home's network, or not allowed by this device's settings.
    LeftOut,
}
