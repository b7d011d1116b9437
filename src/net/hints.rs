//! Where an endpoint can be found: the relays that a code may name, and which own addresses are worth naming.

use std::net::{IpAddr, SocketAddr};

use iroh::RelayUrl;
use iroh::defaults::prod;

use super::NetError;
use super::config::NetworkMode;

/// The most addresses in a code: more make it longer, not better.
const MAX_ADDRESSES: usize = 4;

/// The built-in public relays; a code names one by its place in this list, counted from 1. Only ever append.
const PRESETS: [&str; 4] = [
    prod::NA_EAST_RELAY_HOSTNAME,
    prod::NA_WEST_RELAY_HOSTNAME,
    prod::EU_RELAY_HOSTNAME,
    prod::AP_RELAY_HOSTNAME,
];

/// A relay as an invite code names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relay {
    /// One of the built-in public ones, by number.
    Preset(u8),
    /// `host` or `host:port`, always reached by https.
    Host(String),
}

impl Relay {
    /// The name to show to a person, or none for a preset that this version does not know.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Preset(number) => preset(*number).map(|host| host.trim_end_matches('.')),
            Self::Host(host) => Some(host),
        }
    }

    /// How a code names the relay at this URL.
    fn naming(url: &RelayUrl) -> Option<Self> {
        let host = url.host_str()?;
        let known = PRESETS.iter().position(|preset| same_host(preset, host));
        if let Some(number) = known.and_then(|place| u8::try_from(place + 1).ok()) {
            return Some(Self::Preset(number));
        }
        let host = host.trim_end_matches('.');
        Some(Self::Host(match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }))
    }

    /// Where to dial this relay, if the mode allows it at all.
    pub(super) fn dialable(&self, mode: &NetworkMode) -> Option<RelayUrl> {
        match (mode, self) {
            (NetworkMode::LocalNetwork | NetworkMode::Loopback, _) => None,
            // Nothing of n0, even if a code asks for it.
            (NetworkMode::OwnRelay { .. }, Self::Preset(_)) => None,
            (NetworkMode::PublicRelays, Self::Preset(number)) => url(preset(*number)?),
            (NetworkMode::PublicRelays, Self::Host(host)) => url(host),
            (NetworkMode::OwnRelay { url: own, .. }, Self::Host(host)) => {
                let own = own_relay(own).ok();
                // One's own may be http, on a local network.
                let is_own = own.as_ref().and_then(Self::naming).as_ref() == Some(self);
                if is_own {
                    own
                } else {
                    url(host).filter(|url| !is_public_preset(url))
                }
            }
        }
    }
}

fn preset(number: u8) -> Option<&'static str> {
    PRESETS.get(usize::from(number).checked_sub(1)?).copied()
}

fn is_public_preset(url: &RelayUrl) -> bool {
    matches!(Relay::naming(url), Some(Relay::Preset(_)))
}

fn same_host(one: &str, other: &str) -> bool {
    one.trim_end_matches('.')
        .eq_ignore_ascii_case(other.trim_end_matches('.'))
}

/// A host out of a code, as a URL: nothing but a name, an address and a port may be in it.
fn url(host: &str) -> Option<RelayUrl> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if host.is_empty() || !host.chars().all(plain) {
        return None;
    }
    format!("https://{host}").parse().ok()
}

/// The URL of a relay of one's own.
///
/// https, or http where nobody but one's own network can listen: the relay's token and the peers' ids travel in it.
pub(super) fn own_relay(text: &str) -> Result<RelayUrl, NetError> {
    let url: RelayUrl = text.trim().parse().map_err(|_not_a_url| NetError::BadRelay)?;
    let host = url.host_str().ok_or(NetError::BadRelay)?;
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match url.scheme() {
        "https" => Ok(url),
        "http" if address.is_ok_and(is_own_network) => Ok(url),
        _ => Err(NetError::BadRelay),
    }
}

fn is_own_network(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

/// Where this endpoint can be reached now: what goes into a new invite code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// At most four addresses, the most useful first: local IPv4, public IPv4, public IPv6, other.
    pub addresses: Vec<SocketAddr>,
    /// The relay that this endpoint listens at.
    pub relay: Option<Relay>,
}

impl Reach {
    /// Picks from what the endpoint knows about itself.
    pub(super) fn new(addresses: impl Iterator<Item = SocketAddr>, relay: Option<&RelayUrl>) -> Self {
        let mut addresses: Vec<_> = addresses.filter(|address| usefulness(address.ip()).is_some()).collect();
        addresses.sort_by_key(|address| (usefulness(address.ip()), *address));
        addresses.dedup();
        // Two local networks (say, a cable and a virtual machine's) must not crowd out the public address.
        let mut local = 0;
        addresses.retain(|address| {
            local += usize::from(usefulness(address.ip()) == Some(0));
            usefulness(address.ip()) != Some(0) || local <= 2
        });
        addresses.truncate(MAX_ADDRESSES);
        Self {
            addresses,
            relay: relay.and_then(Relay::naming),
        }
    }
}

/// The smaller the more useful; none if a code must not name it.
fn usefulness(address: IpAddr) -> Option<u8> {
    match address {
        IpAddr::V4(v4) if v4.is_unspecified() || v4.is_multicast() || v4.is_broadcast() || v4.is_link_local() => None,
        IpAddr::V4(v4) if v4.is_private() => Some(0),
        IpAddr::V4(v4) if v4.is_loopback() => Some(4),
        IpAddr::V4(_) => Some(1),
        IpAddr::V6(v6) if v6.is_unspecified() || v6.is_multicast() || v6.is_unicast_link_local() => None,
        IpAddr::V6(v6) if v6.is_loopback() => Some(5),
        IpAddr::V6(v6) if v6.is_unique_local() => Some(3),
        IpAddr::V6(_) => Some(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(addresses: &[&str], relay: &str) -> Reach {
        let relay = relay.parse().ok();
        Reach::new(addresses.iter().map(|text| text.parse().unwrap()), relay.as_ref())
    }

    fn own(url: &str) -> NetworkMode {
        NetworkMode::OwnRelay {
            url: url.to_owned(),
            token: None,
        }
    }

    fn dialable(mode: &NetworkMode, relay: &Relay) -> Option<String> {
        relay.dialable(mode).map(|url| url.to_string())
    }

    fn host(name: &str) -> Relay {
        Relay::Host(name.to_owned())
    }

    #[test]
    fn a_code_names_the_most_useful_four_addresses() {
        let all = [
            "[2001:db8::7]:4433",
            "172.17.0.1:4433",
            "192.168.1.5:4433",
            "203.0.113.9:5000",
            "10.0.0.2:4433",
            "[fd00::1]:4433",
            "[fe80::1]:4433",
            "169.254.1.1:4433",
            "0.0.0.0:4433",
        ];
        let addresses: Vec<_> = reach(&all, "").addresses.iter().map(ToString::to_string).collect();
        assert_eq!(
            addresses,
            [
                "10.0.0.2:4433",
                "172.17.0.1:4433",
                "203.0.113.9:5000",
                "[2001:db8::7]:4433"
            ]
        );
    }

    #[test]
    fn a_built_in_relay_is_named_by_its_number_and_any_other_by_its_host() {
        assert_eq!(
            reach(&[], "https://euc1-1.relay.n0.iroh.link./").relay,
            Some(Relay::Preset(3))
        );
        assert_eq!(
            reach(&[], "https://euc1-1.relay.n0.iroh.link").relay,
            Some(Relay::Preset(3))
        );
        assert_eq!(reach(&[], "https://relay.example").relay, Some(host("relay.example")));
        assert_eq!(
            reach(&[], "https://relay.example:3443/").relay,
            Some(host("relay.example:3443"))
        );
        assert_eq!(reach(&[], "").relay, None);
    }

    #[test]
    fn every_built_in_relay_is_in_the_transports_own_list() {
        let known = iroh::endpoint::default_relay_mode().relay_map();
        for number in 1..=4 {
            let url = Relay::Preset(number).dialable(&NetworkMode::PublicRelays).unwrap();
            assert!(known.contains(&url), "{url}");
            assert_eq!(Relay::naming(&url), Some(Relay::Preset(number)));
        }
        assert_eq!(Relay::Preset(0).host(), None);
        assert_eq!(Relay::Preset(5).host(), None);
    }

    #[test]
    fn the_mode_decides_whether_a_relay_out_of_a_code_is_dialled() {
        let mine = own("https://relay.example");
        let n0 = host("use1-1.relay.n0.iroh.link");
        for relay in [Relay::Preset(1), host("relay.example"), n0.clone()] {
            assert_eq!(dialable(&NetworkMode::LocalNetwork, &relay), None);
            assert_eq!(dialable(&NetworkMode::Loopback, &relay), None);
            assert!(dialable(&NetworkMode::PublicRelays, &relay).is_some());
        }
        assert_eq!(
            dialable(&mine, &host("relay.example")).as_deref(),
            Some("https://relay.example/")
        );
        assert_eq!(
            dialable(&mine, &host("other.example")).as_deref(),
            Some("https://other.example/")
        );
        assert_eq!(dialable(&mine, &Relay::Preset(1)), None);
        assert_eq!(dialable(&mine, &n0), None, "nothing of n0, by whatever name");
    }

    #[test]
    fn ones_own_relay_may_be_http_in_ones_own_network_only() {
        let mine = own("http://10.0.0.1:3340");
        assert_eq!(
            dialable(&mine, &host("10.0.0.1:3340")).as_deref(),
            Some("http://10.0.0.1:3340/")
        );
        for good in [
            "https://relay.example",
            " http://127.0.0.1:1 ",
            "http://[::1]:1",
            "http://192.168.7.7",
        ] {
            assert!(own_relay(good).is_ok(), "{good}");
        }
        for bad in [
            "http://relay.example",
            "http://203.0.113.9",
            "ftp://10.0.0.1",
            "relay.example",
            "",
        ] {
            assert_eq!(own_relay(bad), Err(NetError::BadRelay), "{bad}");
        }
    }

    #[test]
    fn a_host_in_a_code_cannot_smuggle_a_path_or_a_user() {
        for bad in [
            "",
            "a/b",
            "user@relay.example",
            "relay.example?x",
            "relay.example#x",
            "relay example",
            "ü.example",
        ] {
            assert_eq!(dialable(&NetworkMode::PublicRelays, &host(bad)), None, "{bad}");
        }
    }
}
