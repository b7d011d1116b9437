//! Who asks, as far as an address tells.

use std::net::{IpAddr, Ipv6Addr};

/// Who asks: an IPv4 address, or the /64 of an IPv6 address, which is what one customer has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => first_bits(address, 64),
            address @ IpAddr::V4(_) => address,
        })
    }

    /// The /48 that an IPv6 network is in: a customer may be given as many as 65536 networks. None in IPv4, where each costs money.
    #[must_use]
    pub fn site(self) -> Option<Self> {
        match self.0 {
            IpAddr::V6(address) => Some(Self(first_bits(address, 48))),
            IpAddr::V4(_) => None,
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network(<redacted>)")
    }
}

fn first_bits(address: Ipv6Addr, bits: u32) -> IpAddr {
    let rest = 128_u32.saturating_sub(bits);
    let kept = u128::MAX.checked_shl(rest).unwrap_or(0);
    Ipv6Addr::from_bits(address.to_bits() & kept).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn one_customer_is_one_network() {
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.2"), network("192.0.2.1"));
    }

    #[test]
    fn networks_of_one_site_are_known_as_that() {
        assert_eq!(network("2001:db8::1").site(), network("2001:db8:0:ffff::1").site());
        assert_ne!(network("2001:db8::1").site(), network("2001:db8:1::1").site());
        assert_eq!(network("192.0.2.1").site(), None);
    }
}
