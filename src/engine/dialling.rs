//! Members' devices that are away: whose turn it is to be dialled.
//!
//! A try that nobody answers takes up room in the transport for its 15 s and a while after, and of a large party most devices are away. So there are only
//! some at a time, first those that failed least often, of these first those whose person was seen last.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use super::open::Open;
use super::timers::Timer;
use crate::identity::EndpointId;
use crate::net::{LinkId, Protocol};
use crate::time::Timestamp;

use super::links::Link;

/// How many tries are under way at a time at most.
const AT_ONCE: usize = 32;

/// How long to wait after the first failed dial. Doubles up to [`SLOWEST_REDIAL`].
pub(super) const FIRST_REDIAL: Duration = Duration::from_secs(1);

/// How long to wait at most before a device's turn comes again.
pub(super) const SLOWEST_REDIAL: Duration = Duration::from_secs(60);

/// The devices that are to be linked.
#[derive(Debug, Default)]
pub(super) struct Dialling(BTreeMap<EndpointId, Dial>);

/// A device that is to be linked.
#[derive(Debug)]
struct Dial {
    stage: Stage,
    /// How long to wait after the next failure.
    wait: Duration,
    /// When its person was last seen, if ever.
    seen: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its turn comes as soon as there is room.
    Due,
    /// This link is being opened.
    Opening(LinkId),
    /// A try has failed: it is due again later.
    Resting,
}

impl Dialling {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These are to be linked and no others; each with when its person was last seen. Who is new among them is due.
    fn want(&mut self, devices: &BTreeMap<EndpointId, Option<Timestamp>>) {
        self.0.retain(|endpoint, _| devices.contains_key(endpoint));
        for (endpoint, seen) in devices {
            self.0.entry(*endpoint).or_insert(Dial {
                stage: Stage::Due,
                wait: FIRST_REDIAL,
                seen: *seen,
            });
        }
    }

    /// A device that was linked until now. It is due when the caller says so, `wait` from now.
    fn lost(&mut self, endpoint: EndpointId, wait: Duration, now: Timestamp) {
        let dial = Dial {
            stage: Stage::Resting,
            wait,
            seen: Some(now),
        };
        self.0.insert(endpoint, dial);
    }

    /// It is linked.
    pub(super) fn linked(&mut self, endpoint: EndpointId) {
        self.0.remove(&endpoint);
    }

    /// It has rested.
    fn rested(&mut self, endpoint: EndpointId) {
        if let Some(dial) = self.0.get_mut(&endpoint)
            && dial.stage == Stage::Resting
        {
            dial.stage = Stage::Due;
        }
    }

    /// All have.
    fn all_rested(&mut self) {
        for dial in self.0.values_mut().filter(|dial| dial.stage == Stage::Resting) {
            dial.stage = Stage::Due;
        }
    }

    /// Whose turn it is, if there is room for one more.
    fn next(&self) -> Option<EndpointId> {
        let opening = |dial: &&Dial| matches!(dial.stage, Stage::Opening(_));
        if self.0.values().filter(opening).count() >= AT_ONCE {
            return None;
        }
        let due = self.0.iter().filter(|(_, dial)| dial.stage == Stage::Due);
        due.min_by_key(|(_, dial)| (dial.wait, Reverse(dial.seen)))
            .map(|(endpoint, _)| *endpoint)
    }

    fn opens(&mut self, endpoint: EndpointId, link: LinkId) {
        if let Some(dial) = self.0.get_mut(&endpoint) {
            dial.stage = Stage::Opening(link);
        }
    }

    /// Whether this is the link that is being opened to a device.
    fn is_opening(&self, endpoint: EndpointId, link: LinkId) -> bool {
        let dial = self.0.get(&endpoint);
        dial.is_some_and(|dial| dial.stage == Stage::Opening(link))
    }

    /// A device rests; how long, if it is still to be linked. The next time it will be twice as long.
    fn rests(&mut self, endpoint: EndpointId) -> Option<Duration> {
        let dial = self.0.get_mut(&endpoint)?;
        let wait = dial.wait;
        dial.stage = Stage::Resting;
        dial.wait = (wait * 2).min(SLOWEST_REDIAL);
        Some(wait)
    }
}

impl Open {
    /// The devices of all members of the parties that this person is in, but for this one; each with when its person was last seen.
    fn wanted(&self) -> BTreeMap<EndpointId, Option<Timestamp>> {
        let parties = self.parties.keys();
        parties
            .flat_map(|party| self.devices_of(*party))
            .map(|(person, endpoint)| (endpoint, self.last_seen.get(&person).copied()))
            .collect()
    }

    /// Dials every member's device that is neither linked nor being dialled, as far as there is room.
    pub(super) fn dial_members(&mut self) {
        let mut wanted = self.wanted();
        self.peers.left.retain(|endpoint, _| wanted.contains_key(endpoint));
        wanted.retain(|endpoint, _| !self.peers.linked.contains_key(endpoint));
        self.peers.dialling.want(&wanted);
        self.dial_due();
    }

    /// Dials everybody who is away: what made a try fail may be over.
    pub(super) fn dial_all_again(&mut self) {
        self.peers.dialling.all_rested();
        self.dial_due();
    }

    /// A device has rested since its last try.
    pub(super) fn dial_again(&mut self, endpoint: EndpointId) {
        self.peers.dialling.rested(endpoint);
        self.dial_due();
    }

    /// Dials those whose turn it is.
    pub(super) fn dial_due(&mut self) {
        while self.net.is_some()
            && let Some(endpoint) = self.peers.dialling.next()
        {
            self.dial(endpoint);
        }
    }

    fn dial(&mut self, endpoint: EndpointId) {
        let (addresses, relay) = (self.usable_addresses(endpoint), self.own_relay());
        let Some(net) = &self.net else { return };
        match net.connect(Protocol::Sync, endpoint, addresses, relay) {
            Ok(link) => {
                self.peers.dialling.opens(endpoint, link);
                self.links.insert(link, Link::Syncing(endpoint));
            }
            Err(error) => {
                tracing::debug!(%error, peer = %endpoint.short(), "could not dial");
                self.redial_later(endpoint);
            }
        }
    }

    /// A link that was being opened was not to be had.
    pub(super) fn dial_failed(&mut self, link: LinkId, endpoint: EndpointId) {
        if self.peers.dialling.is_opening(endpoint, link) {
            self.redial_later(endpoint);
            self.dial_due();
        }
    }

    /// A device is linked no more: it is dialled again after `wait`, if it is still a member's.
    pub(super) fn dial_lost(&mut self, endpoint: EndpointId, wait: Duration) {
        if self.wanted().contains_key(&endpoint) {
            let now = self.now();
            self.peers.dialling.lost(endpoint, wait, now);
            self.redial_later(endpoint);
        }
    }

    fn redial_later(&mut self, endpoint: EndpointId) {
        if let Some(wait) = self.peers.dialling.rests(endpoint) {
            self.timers.set(self.now().plus(wait), Timer::Dial(endpoint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(number: u8) -> EndpointId {
        EndpointId::from_bytes([number; 32])
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    /// The devices 0, 1, … of people whom nobody has seen.
    fn away(devices: u8) -> BTreeMap<EndpointId, Option<Timestamp>> {
        (0..devices).map(|number| (device(number), None)).collect()
    }

    /// Starts all tries for which there is room; how many.
    fn start(dialling: &mut Dialling) -> usize {
        let mut links = (1..).map(LinkId);
        let mut started = 0;
        while let (Some(next), Some(link)) = (dialling.next(), links.next()) {
            dialling.opens(next, link);
            started += 1;
        }
        started
    }

    #[test]
    fn only_some_are_dialled_at_a_time_and_everybody_gets_a_turn() {
        let mut dialling = Dialling::default();
        dialling.want(&away(200));
        assert_eq!(start(&mut dialling), AT_ONCE);
        let mut tried = Vec::new();
        while let Some((endpoint, _)) = dialling
            .0
            .iter()
            .find(|(_, dial)| matches!(dial.stage, Stage::Opening(_)))
        {
            let endpoint = *endpoint;
            tried.push(endpoint);
            assert_eq!(dialling.rests(endpoint), Some(FIRST_REDIAL));
            start(&mut dialling);
        }
        tried.sort_unstable();
        assert_eq!(tried, away(200).into_keys().collect::<Vec<_>>());
        assert_eq!(dialling.next(), None, "all of them rest");
    }

    #[test]
    fn who_was_seen_last_comes_first_and_who_failed_comes_after_the_others() {
        let mut dialling = Dialling::default();
        let devices = [(device(1), None), (device(2), Some(at(10))), (device(3), Some(at(20)))];
        dialling.want(&devices.into());
        assert_eq!(dialling.next(), Some(device(3)));
        dialling.opens(device(3), LinkId(1));
        assert_eq!(dialling.rests(device(3)), Some(Duration::from_secs(1)));
        assert_eq!(dialling.next(), Some(device(2)), "the other one rests");
        dialling.rested(device(3));
        assert_eq!(dialling.next(), Some(device(2)), "the other one has failed once");
        dialling.linked(device(2));
        dialling.linked(device(1));
        assert_eq!(dialling.next(), Some(device(3)));
        dialling.opens(device(3), LinkId(2));
        assert_eq!(dialling.rests(device(3)), Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_try_under_way_is_not_begun_again_and_ends_with_its_own_link() {
        let mut dialling = Dialling::default();
        dialling.want(&away(1));
        dialling.opens(device(0), LinkId(1));
        dialling.rested(device(0));
        dialling.all_rested();
        dialling.want(&away(1));
        assert_eq!(dialling.next(), None);
        assert!(dialling.is_opening(device(0), LinkId(1)));
        assert!(!dialling.is_opening(device(0), LinkId(2)));
        dialling.want(&away(0));
        assert!(dialling.is_empty());
        assert_eq!(dialling.rests(device(0)), None, "nobody wants it any more");
    }
}
