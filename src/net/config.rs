//! How the network is set up: which helpers on the way may be used, and the limits.

use std::fmt;
use std::time::Duration;

/// Which machines besides the peers themselves may be contacted. One setting, because each value is a promise.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum NetworkMode {
    /// n0's free public relays and name service, so that an invitation works between two homes without any set-up, and
    /// mDNS.
    ///
    /// A relay sees both endpoint ids, both IP addresses, when and how much; never contents. The name service publishes
    /// under the endpoint id which relay it can be reached through, for anybody who knows the id; never an IP address.
    #[default]
    PublicRelays,
    /// One relay of one's own and nothing of n0: no name service and no mDNS, so an invite code carries the relay's host.
    /// Like the public mode, it asks one's own router for a port (`UPnP`, PCP, NAT-PMP).
    ///
    /// A relay named in a code may still be dialled, if the engine passes it to [`Net::connect`](super::Net::connect).
    OwnRelay {
        /// `https://host[:port]`; `http` only for a loopback or private IP address.
        url: String,
        /// What the relay asks of its users.
        token: Option<String>,
    },
    /// Peers' own addresses and mDNS on the local network. Nothing else is ever contacted: no relay, no DNS, no router
    /// (`UPnP`).
    LocalNetwork,
    /// 127.0.0.1 only, no mDNS, nothing leaves this machine. For the demo and tests.
    Loopback,
}

impl fmt::Debug for NetworkMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PublicRelays => f.write_str("PublicRelays"),
            Self::OwnRelay { url, token } => f
                .debug_struct("OwnRelay")
                .field("url", url)
                .field("token", &token.as_ref().map(|_| "<redacted>"))
                .finish(),
            Self::LocalNetwork => f.write_str("LocalNetwork"),
            Self::Loopback => f.write_str("Loopback"),
        }
    }
}

/// What [`Net::start`](super::Net::start) needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetConfig {
    /// Who may be contacted.
    pub mode: NetworkMode,
    /// The UDP port to try first: the one that earlier invite codes name. If it is taken, any free one.
    pub port: Option<u16>,
    /// Whether to say on the local network that this endpoint is here: [`Net::advertise`](super::Net::advertise).
    pub advertise: bool,
    /// The limits; a test shortens them.
    pub limits: Limits,
}

impl NetConfig {
    /// The usual limits, any port, advertising where the mode has mDNS.
    #[must_use]
    pub fn new(mode: NetworkMode) -> Self {
        Self {
            mode,
            port: None,
            advertise: true,
            limits: Limits::default(),
        }
    }
}

/// Limits against peers that are slow, gone or hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the call to a finished handshake.
    pub connect: Duration,
    /// From an incoming connection to its first whole frame.
    pub first_frame: Duration,
    /// From the first to the last byte of a frame.
    pub frame: Duration,
    /// For what was sent to arrive, and for the peer's own close, after we asked to close a link.
    pub farewell: Duration,
    /// Incoming links on [`Protocol::Invite`](super::Protocol::Invite).
    pub invite: Gate,
    /// Incoming links on [`Protocol::Sync`](super::Protocol::Sync).
    pub sync: Gate,
    /// Incoming connections for files. Each may hold up to 4 MiB in its windows.
    pub files: Gate,
}

/// How many incoming connections one protocol takes, over all peers. One address gets at most half of it, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Open at a time, unfinished handshakes included.
    pub open: usize,
    /// New ones a second in the long run.
    pub per_second: u32,
    /// New ones at once after a quiet time.
    pub burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            first_frame: Duration::from_secs(10),
            frame: Duration::from_secs(20),
            farewell: Duration::from_secs(5),
            // A code for a thousand people lets them in as fast as the disk can write it down.
            invite: Gate {
                open: 32,
                per_second: 100,
                burst: 200,
            },
            sync: Gate {
                open: 256,
                per_second: 50,
                burst: 100,
            },
            files: Gate {
                open: 32,
                per_second: 20,
                burst: 40,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_token_is_not_printed() {
        let mode = NetworkMode::OwnRelay {
            url: "https://relay.example".to_owned(),
            token: Some("hunter2".to_owned()),
        };
        let text = format!("{mode:?} {:?}", NetConfig::new(mode.clone()));
        assert!(text.contains("relay.example") && !text.contains("hunter2"), "{text}");
    }
}
