//! Limits by network address. They are counted in memory, each process for itself.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::service::clock::Clock;

/// Who asks: an IPv4 address, or the /64 of an IPv6 address, which is what one customer has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network(<redacted>)")
    }
}

/// So many requests of each network in a minute.
pub struct PerNetwork {
    limiter: RateLimiter<Network, DashMapStateStore<Network>, Told, NoOpMiddleware<Duration>>,
    told: Told,
    taken: AtomicU32,
}

/// After so many requests, networks that have not asked for a minute are forgotten.
const SWEEP_EVERY: u32 = 4096;

impl PerNetwork {
    /// A limit of so many requests in a minute, at least one. All of them may come at once.
    #[must_use]
    pub fn a_minute(requests: u32, clock: Clock) -> Self {
        let told = Told(clock);
        let quota = Quota::per_minute(NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN));
        Self {
            limiter: RateLimiter::dashmap_with_clock(quota, told.clone()),
            told,
            taken: AtomicU32::new(0),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    ///
    /// The seconds until the next one may come, if there were too many.
    pub fn take(&self, network: Network) -> Result<(), u64> {
        if self.taken.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter
            .check_key(&network)
            .map_err(|not_yet| not_yet.wait_time_from(self.told.now()).as_secs() + 1)
    }
}

impl std::fmt::Debug for PerNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PerNetwork")
    }
}

/// The service's clock, as the limiter asks it: time since 1970.
#[derive(Clone)]
struct Told(Clock);

impl governor::clock::Clock for Told {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(self.0.now().as_millis())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    use super::*;
    use crate::time::Timestamp;

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
    fn who_asks_too_often_waits_and_nobody_else_does() {
        let now = Arc::new(AtomicU64::new(1_000_000));
        let told = Arc::clone(&now);
        let clock = Clock::new(move || Timestamp::from_millis(told.load(Ordering::SeqCst)));
        let limit = PerNetwork::a_minute(3, clock);
        let (one, other) = (network("192.0.2.1"), network("192.0.2.2"));
        for _ in 0..3 {
            assert_eq!(limit.take(one), Ok(()));
        }
        assert!(matches!(limit.take(one), Err(1..=21)));
        assert_eq!(limit.take(other), Ok(()));
        now.fetch_add(21_000, Ordering::SeqCst);
        assert_eq!(limit.take(one), Ok(()));
        assert!(limit.take(one).is_err());
    }
}
