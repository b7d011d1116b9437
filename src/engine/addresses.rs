//! Where this device can be reached, and where members' devices say that they can.

use std::net::SocketAddr;

use crate::identity::EndpointId;
use crate::invitation::{CodeKind, Hint, InviteCode, LocalNetworks, neighbours, usable};
use crate::net::{Net, NetworkMode, Relay};
use crate::party::sync::MAX_ADDRESSES;
use crate::store::Change;

use super::open::Open;

impl Open {
    /// Where this device can be reached, for peers to remember.
    pub(super) fn own_addresses(&self) -> Vec<String> {
        let Some(net) = &self.net else { return Vec::new() };
        net.reach()
            .addresses
            .iter()
            .take(MAX_ADDRESSES)
            .map(ToString::to_string)
            .collect()
    }

    /// Remembers where a member's device says it can be reached.
    pub(super) async fn learn_addresses(&mut self, endpoint: EndpointId, addresses: Vec<String>) {
        let parsed: Vec<SocketAddr> = addresses.iter().filter_map(|text| text.parse().ok()).collect();
        if parsed.is_empty() || self.addresses.get(&endpoint) == Some(&parsed) {
            return;
        }
        let found = (endpoint, parsed);
        match self.store(vec![found_at(&found)]).await {
            Ok(()) => self.addresses.extend([found]),
            Err(failure) => tracing::warn!(?failure, "a peer's addresses were not remembered"),
        }
    }

    /// Remembered addresses of a device, filtered like the hints of a code: they are the peer's claim.
    pub(super) fn usable_addresses(&self, endpoint: EndpointId) -> Vec<SocketAddr> {
        let claimed = self.addresses.get(&endpoint).map(Vec::as_slice).unwrap_or_default();
        let hints: Vec<Hint> = claimed.iter().copied().map(Hint::Address).collect();
        self.usable_hints(&hints)
    }

    /// The addresses among hints that this machine may send to.
    pub(super) fn usable_hints(&self, hints: &[Hint]) -> Vec<SocketAddr> {
        let loopback = self.network == NetworkMode::Loopback;
        usable(hints, &self.local_networks(), loopback)
    }

    /// Where the inviter of a code may be, as far as this machine may send there.
    pub(super) fn ways_to(&self, code: &InviteCode) -> Vec<SocketAddr> {
        let loopback = self.network == NetworkMode::Loopback;
        match code.kind() {
            CodeKind::Nearby => neighbours(code.hints(), &self.local_networks(), loopback),
            _ => self.usable_hints(code.hints()),
        }
    }

    /// The networks that this machine is in. The transport tells addresses without their prefix; a /24 (IPv6: /64) is what a
    /// home usually has.
    fn local_networks(&self) -> LocalNetworks {
        let own = self.net.iter().flat_map(Net::local_addresses);
        LocalNetworks::new(own.map(|ip| (ip, if ip.is_ipv4() { 24 } else { 64 })))
    }

    /// The relay that this person has configured: where members who share it are found, as it has no name service.
    pub(super) fn own_relay(&self) -> Option<Relay> {
        let is_own = matches!(self.network, NetworkMode::OwnRelay { .. });
        self.net.as_ref().filter(|_| is_own)?.reach().relay
    }

    /// Where this device can be reached now, as a code says it.
    pub(super) fn code_hints(&self) -> Vec<Hint> {
        let Some(net) = &self.net else { return Vec::new() };
        let reach = net.reach();
        let relay = reach.relay.map(|relay| match relay {
            Relay::Preset(number) => Hint::RelayPreset(number),
            Relay::Host(host) => Hint::RelayHost(host),
        });
        relay
            .into_iter()
            .chain(reach.addresses.into_iter().map(Hint::Address))
            .collect()
    }
}

/// The change that remembers where a device is.
pub(super) fn found_at((endpoint, addresses): &(EndpointId, Vec<SocketAddr>)) -> Change {
    Change::SaveAddresses {
        endpoint: *endpoint,
        addresses: addresses.iter().map(ToString::to_string).collect(),
    }
}
