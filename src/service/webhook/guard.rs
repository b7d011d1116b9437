//! Which addresses are never called.
//!
//! A webhook's address is a client's word: without this it could make the service ask machines that only the service
//! reaches (its own, its network's, a cloud's metadata). Names are looked up first and every address is looked at, for
//! each connection; redirects are not followed.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The longest address that is taken, in bytes.
const MAX_URL: usize = 2048;

/// Why an address is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is no address of the web, or too long.
    #[error("not an https address of at most {MAX_URL} bytes")]
    NotAUrl,
    /// Unencrypted.
    #[error("a webhook goes to an https address")]
    NotSecure,
    /// It names a user, or ends in a fragment.
    #[error("the address of a webhook names no user and has no fragment")]
    Parts,
    /// It is in a private network, or of this machine.
    #[error("the address of a webhook is a public one")]
    Private,
}

/// Whether webhooks may go to this address. With `allow_private` also unencrypted, and to private networks and this machine.
///
/// # Errors
///
/// [`UrlError`], for who sets it.
#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
pub fn check(text: &str, allow_private: bool) -> Result<Url, UrlError> {
    // What reads the address would take these out without a word.
    if text.len() > MAX_URL || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(UrlError::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_unread| UrlError::NotAUrl)?;
    match url.scheme() {
        "https" => {}
        "http" if allow_private => {}
        "http" => return Err(UrlError::NotSecure),
        _ => return Err(UrlError::NotAUrl),
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(UrlError::Parts);
    }
    let is_public = match url.host() {
        // What it stands for is looked at when it is called.
        Some(Host::Domain(_)) => true,
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        None => return Err(UrlError::NotAUrl),
    };
    if is_public || allow_private {
        Ok(url)
    } else {
        Err(UrlError::Private)
    }
}

/// Whether an address is one of the open network (RFC 6890 and the registries of special-purpose addresses).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network, private, loopback, link-local, benchmarks, multicast and reserved.
        (0 | 10 | 127 | 224.., _, _) | (169, 254, _) | (172, 16..=31, _) | (198, 18 | 19, _) => true,
        // Shared by carriers, IETF protocols, documentation, 6to4 relays, private.
        (100, 64..=127, _) | (192, 0, 0 | 2) | (192, 88, 99) | (192, 168, _) | (198, 51, 100) | (203, 0, 113) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [a, b, c, d, e, f, g, h] = segments;
    let [g_high, g_low] = g.to_be_bytes();
    let [h_high, h_low] = h.to_be_bytes();
    let last = Ipv4Addr::new(g_high, g_low, h_high, h_low);
    match (a, b, c, d, e, f) {
        // An address of version 4 in other clothes: mapped, compatible, translated.
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => is_public_v4(last),
        // 6to4 carries one too.
        (0x2002, ..) => {
            let ([b_high, b_low], [c_high, c_low]) = (b.to_be_bytes(), c.to_be_bytes());
            is_public_v4(Ipv4Addr::new(b_high, b_low, c_high, c_low))
        }
        // Teredo, benchmarks, ORCHID, documentation.
        (0x2001, 0..=0x1ff | 0xdb8, ..) | (0x3fff, 0..=0x0fff, ..) => false,
        // Of what is left only global unicast.
        _ => (0x2000..=0x3fff).contains(&a),
    }
}

/// Looks names up and leaves out what is not public.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guarded {
    pub(super) allow_private: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|found| allow_private || is_public(found.ip())).collect();
            if allowed.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, "no public address").into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_network_is_public() {
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "100::1",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "2606:4700::1",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "2002:101:101::",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn an_address_is_https_and_public_however_it_is_written() {
        assert!(check("https://app.example.org/hook?a=b", false).is_ok());
        for (wrong, why) in [
            ("", UrlError::NotAUrl),
            ("app.example.org", UrlError::NotAUrl),
            ("https://app.example.org/\0", UrlError::NotAUrl),
            ("https://app.example.org/\n", UrlError::NotAUrl),
            ("ftp://app.example.org/", UrlError::NotAUrl),
            ("file:///etc/passwd", UrlError::NotAUrl),
            ("http://app.example.org/", UrlError::NotSecure),
            ("https://user@app.example.org/", UrlError::Parts),
            ("https://app.example.org/#x", UrlError::Parts),
            ("https://127.0.0.1/", UrlError::Private),
            ("https://2130706433/", UrlError::Private),
            ("https://0x7f.1/", UrlError::Private),
            ("https://[::1]/", UrlError::Private),
            ("https://[::ffff:169.254.169.254]/", UrlError::Private),
        ] {
            assert_eq!(check(wrong, false), Err(why), "{wrong}");
        }
        assert!(check("http://127.0.0.1:9/", true).is_ok());
    }
}
