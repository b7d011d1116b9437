//! Who guesses: failed token requests by network, in this minute and in memory.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::service::http::{Network, OAuthError, Refusal};
use crate::time::Timestamp;

/// Networks that are told apart in one minute; memory stays bounded, and the rest share one count.
const MAX_NETWORKS: usize = 50_000;

/// So many times as much as a network may fail, a whole site of IPv6 may: somebody's many networks are no more than a few.
const OF_A_SITE: u32 = 10;

/// So many times as much may fail what shares one count: strangers from everywhere.
const OF_THE_REST: u32 = 1000;

const MINUTE: u64 = 60_000;

/// Failed token requests of this minute.
pub struct Failures {
    limit: u32,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    minute: u64,
    /// By network, and by the site of each that has one.
    failed: HashMap<Counted, u32>,
}

/// Whose failures are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    Network(Network),
    Site(Network),
    /// All for whom there was no room.
    Rest,
}

impl Failures {
    /// Takes this many of one network in a minute.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            counts: Mutex::default(),
        }
    }

    /// Whether somebody at an address may still try.
    ///
    /// # Errors
    ///
    /// `slow_down`.
    pub fn look(&self, address: IpAddr, now: Timestamp) -> Result<(), Refusal> {
        match self.with(now, |counts| counts.may_try(Network::of(address), self.limit)) {
            true => Ok(()),
            false => Err(slow_down(now)),
        }
    }

    /// Counts a refusal that a guess gets; what is refused, or that there were too many.
    #[must_use]
    pub fn count(&self, address: IpAddr, refusal: Refusal, now: Timestamp) -> Refusal {
        if !matches!(refusal.error, OAuthError::InvalidClient | OAuthError::InvalidGrant) {
            return refusal;
        }
        let network = Network::of(address);
        let may_try = self.with(now, |counts| {
            let may_try = counts.may_try(network, self.limit);
            // Who may not try any more takes no more room either.
            if may_try {
                counts.add(network);
            }
            may_try
        });
        if may_try { refusal } else { slow_down(now) }
    }

    fn with<T>(&self, now: Timestamp, act: impl FnOnce(&mut Counts) -> T) -> T {
        let minute = now.as_millis() / MINUTE;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.minute != minute {
            *counts = Counts {
                minute,
                ..Counts::default()
            };
        }
        act(&mut counts)
    }
}

impl Counts {
    fn may_try(&self, network: Network, limit: u32) -> bool {
        self.counted(network).into_iter().all(|counted| {
            let most = limit.saturating_mul(match counted {
                Counted::Network(_) => 1,
                Counted::Site(_) => OF_A_SITE,
                Counted::Rest => OF_THE_REST,
            });
            self.failed.get(&counted).is_none_or(|failed| *failed < most)
        })
    }

    fn add(&mut self, network: Network) {
        for counted in self.counted(network) {
            let failed = self.failed.entry(counted).or_insert(0);
            *failed = failed.saturating_add(1);
        }
    }

    /// Where a network counts.
    fn counted(&self, network: Network) -> Vec<Counted> {
        let own = std::iter::once(Counted::Network(network)).chain(network.site().map(Counted::Site));
        let is_full = self.failed.len() >= MAX_NETWORKS;
        let counted = own.map(|counted| match is_full && !self.failed.contains_key(&counted) {
            true => Counted::Rest,
            false => counted,
        });
        let mut counted: Vec<Counted> = counted.collect();
        counted.dedup();
        counted
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failures(at most {} a minute)", self.limit)
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
    fn many_networks_of_one_site_are_one_guesser_and_lock_nobody_else_out() {
        let failures = Failures::new(20);
        let now = Timestamp::from_millis(0);
        let network = |site: u32, network: u32| {
            IpAddr::from(std::net::Ipv6Addr::from_bits(
                (0x2001_0db8_u128 << 96) | (u128::from(site) << 80) | (u128::from(network) << 64),
            ))
        };
        let refused_of_a_site = (0..60_000)
            .map(|n| failures.count(network(1, n), refused(), now).error)
            .filter(|error| *error == OAuthError::InvalidGrant);
        assert_eq!(refused_of_a_site.count(), 200);
        assert!(failures.look(network(1, 60_001), now).is_err());
        // Other sites, and as many of them as there is room for.
        for site in 2..26_000 {
            assert_eq!(
                failures.count(network(site, 0), refused(), now).error,
                OAuthError::InvalidGrant
            );
        }
        let stranger = "192.0.2.1".parse().unwrap();
        assert!(failures.look(stranger, now).is_ok());
        assert!(failures.with(now, |counts| counts.failed.len()) <= MAX_NETWORKS + 2);
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
