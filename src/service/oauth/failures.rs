//! Who guesses: failed token requests by network address, in this minute and in memory.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use crate::service::http::{OAuthError, Refusal};
use crate::time::Timestamp;

/// Addresses that are told apart in one minute; memory stays bounded, and the rest share one count.
const MAX_ADDRESSES: usize = 50_000;

const MINUTE: u64 = 60_000;

/// Failed token requests of this minute.
pub struct Failures {
    limit: u32,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    minute: u64,
    by_address: HashMap<IpAddr, u32>,
}

impl Failures {
    /// Takes this many of one address in a minute.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            counts: Mutex::default(),
        }
    }

    /// Whether an address may still try.
    ///
    /// # Errors
    ///
    /// `slow_down`.
    pub fn look(&self, address: IpAddr, now: Timestamp) -> Result<(), Refusal> {
        let failed = self.with(now, |counts| {
            counts
                .get(&network(address))
                .or_else(|| counts.get(&OTHERS))
                .copied()
                .unwrap_or(0)
        });
        if failed < self.limit {
            Ok(())
        } else {
            Err(slow_down(now))
        }
    }

    /// Counts a refusal that a guess gets; what is refused, or that there were too many.
    #[must_use]
    pub fn count(&self, address: IpAddr, refusal: Refusal, now: Timestamp) -> Refusal {
        if !matches!(refusal.error, OAuthError::InvalidClient | OAuthError::InvalidGrant) {
            return refusal;
        }
        let failed = self.with(now, |counts| {
            let network = network(address);
            let is_full = counts.len() >= MAX_ADDRESSES && !counts.contains_key(&network);
            let count = counts.entry(if is_full { OTHERS } else { network }).or_insert(0);
            *count = count.saturating_add(1);
            *count
        });
        if failed <= self.limit { refusal } else { slow_down(now) }
    }

    fn with<T>(&self, now: Timestamp, act: impl FnOnce(&mut HashMap<IpAddr, u32>) -> T) -> T {
        let minute = now.as_millis() / MINUTE;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.minute != minute {
            *counts = Counts {
                minute,
                by_address: HashMap::new(),
            };
        }
        act(&mut counts.by_address)
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failures(at most {} a minute)", self.limit)
    }
}

/// Everybody who came when there was no room to tell them apart.
const OTHERS: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// What one person has of addresses: one of IPv4, 64 bits' worth of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

fn slow_down(now: Timestamp) -> Refusal {
    let rest = MINUTE - now.as_millis() % MINUTE;
    Refusal::slow_down(rest.div_ceil(1000), "Too many failed requests from this address.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Refusal {
        Refusal::new(OAuthError::InvalidGrant, "No.")
    }

    #[test]
    fn who_fails_too_often_waits_for_the_next_minute() {
        let failures = Failures::new(2);
        let (guesser, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let now = Timestamp::from_millis(90_000);
        let errors = [(); 3].map(|()| failures.count(guesser, refused(), now).error);
        assert_eq!(
            errors,
            [OAuthError::InvalidGrant, OAuthError::InvalidGrant, OAuthError::SlowDown]
        );
        assert!(failures.look(guesser, now).is_err() && failures.look(other, now).is_ok());
        assert!(failures.look(guesser, Timestamp::from_millis(120_000)).is_ok());
    }

    #[test]
    fn a_mistake_of_another_kind_does_not_count() {
        let failures = Failures::new(0);
        let address = "2001:db8::1".parse().unwrap();
        let mistake = Refusal::new(OAuthError::InvalidRequest, "What?");
        let refusal = failures.count(address, mistake, Timestamp::from_millis(0));
        assert_eq!(refusal.error, OAuthError::InvalidRequest);
    }

    #[test]
    fn neighbours_in_one_network_of_ipv6_count_together() {
        let failures = Failures::new(1);
        let now = Timestamp::from_millis(0);
        let (one, two, far): (IpAddr, IpAddr, IpAddr) = (
            "2001:db8::1".parse().unwrap(),
            "2001:db8::2".parse().unwrap(),
            "2001:db8:0:1::1".parse().unwrap(),
        );
        assert_eq!(failures.count(one, refused(), now).error, OAuthError::InvalidGrant);
        assert!(failures.look(two, now).is_err() && failures.look(far, now).is_ok());
    }
}
