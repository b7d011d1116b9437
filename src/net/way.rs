//! How a link goes: straight to the peer, or through a relay.

use std::net::SocketAddr;

use iroh::TransportAddr;
use iroh::endpoint::Connection;

/// The path that a link uses now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Straight, to this address.
    Direct(SocketAddr),
    /// Through the relay with this host name.
    Relayed(String),
}

impl Way {
    /// The path that is in use; none while there is none.
    pub(super) fn of(connection: &Connection) -> Option<Self> {
        let paths = connection.paths();
        let selected = paths.iter().find(|path| path.is_selected())?;
        match selected.remote_addr() {
            TransportAddr::Ip(address) => Some(Self::Direct(*address)),
            TransportAddr::Relay(url) => Some(Self::Relayed(url.host_str().unwrap_or_default().to_owned())),
            _ => None,
        }
    }
}
