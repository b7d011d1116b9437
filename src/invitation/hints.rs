//! Which of a code's address hints this machine may use. No IO.
//!
//! Whoever made the code wrote them, so they are an attacker's wish where this machine should send packets (PROTOCOL.md,
//! "Rules for using a code"). The peer is authenticated by its key wherever it is found; this only keeps codes from pointing
//! at hosts that are none of their business.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::Hint;

/// The most addresses that are tried.
const MAX_ADDRESSES: usize = 4;

/// Ports below belong to services of the system.
const FIRST_PORT: u16 = 1024;

/// The networks that this machine is in: its own interface addresses with the length of their prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalNetworks(Vec<(IpAddr, u8)>);

impl LocalNetworks {
    /// These own addresses, each with the length of its network's prefix in bits.
    pub fn new(own: impl IntoIterator<Item = (IpAddr, u8)>) -> Self {
        Self(
            own.into_iter()
                .map(|(ip, prefix)| (ip.to_canonical(), prefix))
                .collect(),
        )
    }

    /// Whether the address is a near neighbour: in the same network, and in the same /24 (IPv6: /64) even if that is larger.
    fn has_neighbour(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|(own, prefix)| match (own, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => same_front(
                u128::from(own.to_bits()) << 96,
                u128::from(ip.to_bits()) << 96,
                near_prefix(*prefix, 24, 31),
            ),
            (IpAddr::V6(own), IpAddr::V6(ip)) => same_front(own.to_bits(), ip.to_bits(), near_prefix(*prefix, 64, 127)),
            _ => false,
        })
    }
}

/// How many bits a near neighbour shares. A prefix that leaves one address or two is a tunnel's and says nothing.
const fn near_prefix(prefix: u8, near: u8, tunnel: u8) -> u8 {
    if prefix < near || prefix >= tunnel {
        near
    } else {
        prefix
    }
}

fn same_front(a: u128, b: u128, bits: u8) -> bool {
    (a ^ b).leading_zeros() >= u32::from(bits)
}

/// The hinted addresses that this machine may send to: at most four, in their order.
///
/// `loopback` allows this machine itself; only the demonstration and tests, whose peers all run here, set it.
#[must_use]
#[expect(
    clippy::fn_params_excessive_bools,
    reason = "a switch of the whole program, handed through by its name"
)]
pub fn usable(hints: &[Hint], local: &LocalNetworks, loopback: bool) -> Vec<SocketAddr> {
    let mut usable: Vec<SocketAddr> = Vec::new();
    for hint in hints {
        let Hint::Address(hinted) = hint else { continue };
        // An IPv4 address may hide in an IPv6 one; it is judged, and used, as what it is.
        let address = SocketAddr::new(hinted.ip().to_canonical(), hinted.port());
        let allowed = if address.ip().is_loopback() {
            loopback
        } else {
            may_use(address.ip(), local)
        };
        if allowed && address.port() >= FIRST_PORT && !usable.contains(&address) {
            usable.push(address);
        }
    }
    usable.truncate(MAX_ADDRESSES);
    usable
}

/// The addresses in an announcement that this machine may send to: those of [`usable`] that are near neighbours, as whoever is
/// heard on the local network must be.
#[must_use]
#[expect(
    clippy::fn_params_excessive_bools,
    reason = "a switch of the whole program, handed through by its name"
)]
pub fn neighbours(hints: &[Hint], local: &LocalNetworks, loopback: bool) -> Vec<SocketAddr> {
    let is_near = |ip: IpAddr| ip.is_loopback() || local.has_neighbour(ip.to_canonical());
    let near = |hint: &&Hint| matches!(hint, Hint::Address(address) if is_near(address.ip()));
    let hints: Vec<Hint> = hints.iter().filter(near).cloned().collect();
    usable(&hints, local, loopback)
}

fn may_use(ip: IpAddr, local: &LocalNetworks) -> bool {
    match ip {
        IpAddr::V4(v4) if is_special_v4(v4) => false,
        IpAddr::V6(v6) if is_special_v6(v6) => false,
        _ if is_private(ip) => local.has_neighbour(ip),
        _ => true,
    }
}

/// Unspecified ("this network"), multicast, broadcast and reserved, link-local.
fn is_special_v4(ip: Ipv4Addr) -> bool {
    let [first, ..] = ip.octets();
    first == 0 || first >= 224 || ip.is_link_local()
}

/// Unspecified, multicast, link-local and old site-local, and the prefixes that carry an IPv4 address to a translator.
fn is_special_v6(ip: Ipv6Addr) -> bool {
    let [first, second, third, ..] = ip.segments();
    let embeds_v4 = (first, second) == (0x64, 0xff9b) || first == 0x2002 || (first, second, third) == (0, 0, 0);
    ip.is_unspecified() || ip.is_multicast() || (0xfe80..=0xfeff).contains(&first) || embeds_v4
}

/// Addresses that mean something only inside somebody's network.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            // Also the providers' shared range, which overlay networks use (RFC 6598).
            v4.is_private() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

#[cfg(test)]
mod tests;
