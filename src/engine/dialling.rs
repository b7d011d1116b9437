//! Members' devices that are away: whose turn it is to be dialled.
//!
//! A try that nobody answers takes up room in the transport for its 15 s and a while after, and of a large party most devices are away. So there are only
//! some at a time. Who has not failed yet, or was seen lately, may well be there and does not wait behind the others; those take turns among themselves.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::EndpointId;
use crate::net::{LinkId, Protocol};
use crate::time::Timestamp;

use super::links::Link;
use super::open::Open;
use super::timers::Timer;

/// How many tries are under way at a time at most.
const AT_ONCE: usize = 32;

/// How many of them may be of those who are likely there, and how many of the others: neither keep the others from their turn.
const ALIKE: usize = 24;

/// Who was seen within this time is likely there: perhaps it was this device that could not be reached.
const LATELY: Duration = Duration::from_secs(3600);

/// How long a device rests after its first failure. Doubles with each up to [`SLOWEST_REDIAL`].
pub(super) const FIRST_REDIAL: Duration = Duration::from_secs(1);

/// How long a device rests at most.
pub(super) const SLOWEST_REDIAL: Duration = Duration::from_secs(60);

/// The devices that are to be linked, and the links that are being opened: also to devices that are linked or gone meanwhile.
#[derive(Debug, Default)]
pub(super) struct Dialling {
    devices: BTreeMap<EndpointId, Dial>,
    opening: BTreeMap<LinkId, Odds>,
}

/// A device that is to be linked.
#[derive(Debug)]
struct Dial {
    stage: Stage,
    /// How long it rests after the next failure.
    rest: Duration,
    /// Whether a try has failed since it was there, or since it is to be linked.
    has_failed: bool,
    /// When its person was last seen, if ever.
    seen: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its turn comes as soon as there is room.
    Due { since: Timestamp },
    /// This link is being opened.
    Opening(LinkId),
    /// It is due again then.
    Resting { until: Timestamp },
}

/// Whether a device is there, as far as can be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Odds {
    Likely,
    Unlikely,
}

impl Dial {
    fn odds(&self, now: Timestamp) -> Odds {
        let lately = self.seen.is_some_and(|seen| seen.until(now) <= LATELY);
        if lately || !self.has_failed {
            Odds::Likely
        } else {
            Odds::Unlikely
        }
    }
}

impl Dialling {
    pub(super) fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// These are to be linked and no others; each with when its person was last seen. Who is new among them is due.
    fn want(&mut self, devices: &BTreeMap<EndpointId, Option<Timestamp>>, now: Timestamp) {
        self.devices.retain(|endpoint, _| devices.contains_key(endpoint));
        for (endpoint, seen) in devices {
            let dial = self.devices.entry(*endpoint).or_insert(Dial {
                stage: Stage::Due { since: now },
                rest: FIRST_REDIAL,
                has_failed: false,
                seen: *seen,
            });
            dial.seen = *seen;
        }
    }

    /// A device that was linked until now rests for so long, which is the moment that is answered.
    fn lost(&mut self, endpoint: EndpointId, rest: Duration, now: Timestamp) -> Timestamp {
        let until = now.plus(rest);
        let dial = Dial {
            stage: Stage::Resting { until },
            rest: longer(rest),
            has_failed: false,
            seen: Some(now),
        };
        self.devices.insert(endpoint, dial);
        until
    }

    /// It is linked.
    pub(super) fn linked(&mut self, endpoint: EndpointId) {
        self.devices.remove(&endpoint);
    }

    /// A link is not being opened any more: it is open, or it was not to be had.
    pub(super) fn opened(&mut self, link: LinkId) {
        self.opening.remove(&link);
    }

    /// The moment has come at which a device may have rested.
    fn rested(&mut self, endpoint: EndpointId, now: Timestamp) {
        if let Some(dial) = self.devices.get_mut(&endpoint)
            && let Stage::Resting { until } = dial.stage
            && until <= now
        {
            dial.stage = Stage::Due { since: until };
        }
    }

    /// All have rested.
    fn all_rested(&mut self, now: Timestamp) {
        for dial in self.devices.values_mut() {
            if let Stage::Resting { .. } = dial.stage {
                dial.stage = Stage::Due { since: now };
            }
        }
    }

    /// Whose turn it is, if there is room for one more: of those who have not failed yet who was seen last, then who has been due longest.
    fn next(&self, now: Timestamp) -> Option<EndpointId> {
        if self.opening.len() >= AT_ONCE {
            return None;
        }
        let due = |wanted: Odds| {
            let room = self.opening.values().filter(|odds| **odds == wanted).count() < ALIKE;
            let devices = self.devices.iter().filter(move |_| room);
            let due = devices.filter_map(move |(endpoint, dial)| match dial.stage {
                Stage::Due { since } if dial.odds(now) == wanted => Some((endpoint, dial, since)),
                _ => None,
            });
            due.min_by_key(|(_, dial, since)| {
                let seen = dial.seen.filter(|_| !dial.has_failed);
                (dial.has_failed, Reverse(seen), *since)
            })
        };
        let next = due(Odds::Likely).or_else(|| due(Odds::Unlikely));
        next.map(|(endpoint, _, _)| *endpoint)
    }

    fn opens(&mut self, endpoint: EndpointId, link: LinkId, now: Timestamp) {
        if let Some(dial) = self.devices.get_mut(&endpoint) {
            dial.stage = Stage::Opening(link);
            self.opening.insert(link, dial.odds(now));
        }
    }

    /// Whether this is the link that is being opened to a device.
    fn is_opening(&self, endpoint: EndpointId, link: LinkId) -> bool {
        let dial = self.devices.get(&endpoint);
        dial.is_some_and(|dial| dial.stage == Stage::Opening(link))
    }

    /// A try has failed. Until when the device rests, if it is still to be linked.
    fn failed(&mut self, endpoint: EndpointId, now: Timestamp) -> Option<Timestamp> {
        let dial = self.devices.get_mut(&endpoint)?;
        let until = now.plus(dial.rest);
        dial.stage = Stage::Resting { until };
        dial.rest = longer(dial.rest);
        dial.has_failed = true;
        Some(until)
    }
}

fn longer(rest: Duration) -> Duration {
    (rest * 2).min(SLOWEST_REDIAL)
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
        let (mut wanted, now) = (self.wanted(), self.now());
        self.peers.left.retain(|endpoint, _| wanted.contains_key(endpoint));
        wanted.retain(|endpoint, _| !self.peers.linked.contains_key(endpoint));
        self.peers.dialling.want(&wanted, now);
        self.dial_due();
    }

    /// Dials everybody who is away: what made a try fail may be over.
    pub(super) fn dial_all_again(&mut self) {
        let now = self.now();
        self.peers.dialling.all_rested(now);
        self.dial_due();
    }

    /// A device may have rested since its last try.
    pub(super) fn dial_again(&mut self, endpoint: EndpointId) {
        let now = self.now();
        self.peers.dialling.rested(endpoint, now);
        self.dial_due();
    }

    /// Dials those whose turn it is.
    fn dial_due(&mut self) {
        let now = self.now();
        while let Some(endpoint) = self.peers.dialling.next(now) {
            let (addresses, relay) = (self.usable_addresses(endpoint), self.own_relay());
            let Some(net) = &self.net else { return };
            match net.connect(Protocol::Sync, endpoint, addresses, relay) {
                Ok(link) => {
                    self.peers.dialling.opens(endpoint, link, now);
                    self.links.insert(link, Link::Syncing(endpoint));
                }
                Err(error) => {
                    // It is this side that cannot: whoever is due stays so.
                    tracing::debug!(%error, "could not dial");
                    self.timers.set(now.plus(FIRST_REDIAL), Timer::Dial(endpoint));
                    return;
                }
            }
        }
    }

    /// A link was opened: there is room for another try.
    pub(super) fn dial_opened(&mut self, link: LinkId) {
        self.peers.dialling.opened(link);
        self.dial_due();
    }

    /// A link that was being opened was not to be had, or is not wanted.
    pub(super) fn dial_failed(&mut self, link: LinkId, endpoint: EndpointId) {
        self.peers.dialling.opened(link);
        if self.peers.dialling.is_opening(endpoint, link)
            && let Some(until) = self.peers.dialling.failed(endpoint, self.now())
        {
            self.timers.set(until, Timer::Dial(endpoint));
        }
        self.dial_due();
    }

    /// A device is linked no more: it is dialled again after it has rested for so long, if it is still a member's.
    pub(super) fn dial_lost(&mut self, endpoint: EndpointId, rest: Duration) {
        if self.wanted().contains_key(&endpoint) {
            let until = self.peers.dialling.lost(endpoint, rest, self.now());
            self.timers.set(until, Timer::Dial(endpoint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(number: u16) -> EndpointId {
        let [high, low] = number.to_be_bytes();
        let mut bytes = [0; 32];
        (bytes[0], bytes[1]) = (high, low);
        EndpointId::from_bytes(bytes)
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    /// The devices 0, 1, … of people whom nobody has seen.
    fn away(devices: u16) -> BTreeMap<EndpointId, Option<Timestamp>> {
        (0..devices).map(|number| (device(number), None)).collect()
    }

    /// The engine, as far as it matters here: nobody answers, and a try takes 15 s.
    #[derive(Default)]
    struct Silence {
        dialling: Dialling,
        tries: Vec<(EndpointId, LinkId)>,
        links: u64,
        most_at_once: usize,
    }

    impl Silence {
        fn dial_due(&mut self, now: Timestamp) {
            while let Some(next) = self.dialling.next(now) {
                self.links += 1;
                self.dialling.opens(next, LinkId(self.links), now);
                self.tries.push((next, LinkId(self.links)));
            }
            self.most_at_once = self.most_at_once.max(self.dialling.opening.len());
        }

        /// All tries that are under way fail, and what has rested by then is due. Whose they were.
        fn fail_all(&mut self, now: Timestamp) -> Vec<EndpointId> {
            let failed: Vec<EndpointId> = self
                .tries
                .drain(..)
                .map(|(endpoint, link)| {
                    assert!(self.dialling.is_opening(endpoint, link));
                    self.dialling.opened(link);
                    self.dialling.failed(endpoint, now);
                    endpoint
                })
                .collect();
            let devices: Vec<EndpointId> = self.dialling.devices.keys().copied().collect();
            devices
                .into_iter()
                .for_each(|endpoint| self.dialling.rested(endpoint, now));
            failed
        }
    }

    #[test]
    fn of_a_crowd_that_is_away_everybody_is_tried_again_and_again_some_at_a_time() {
        let mut silence = Silence::default();
        let mut wanted = away(500);
        // An hour ago, which counts for the first try only.
        wanted.iter_mut().take(100).for_each(|(_, seen)| *seen = Some(at(1)));
        silence.dialling.want(&wanted, at(3601));
        let mut tries = BTreeMap::<EndpointId, usize>::new();
        for round in 1..200 {
            silence.dial_due(at(3600 + round * 15));
            for endpoint in silence.fail_all(at(3600 + round * 15 + 15)) {
                *tries.entry(endpoint).or_default() += 1;
            }
        }
        assert_eq!(silence.most_at_once, AT_ONCE);
        assert_eq!(tries.len(), 500);
        assert!(tries.values().all(|tries| *tries >= 9), "{tries:?}");
    }

    #[test]
    fn who_was_seen_last_comes_first() {
        let mut silence = Silence::default();
        let mut devices = away(200);
        devices.insert(device(201), Some(at(10)));
        devices.insert(device(202), Some(at(20)));
        silence.dialling.want(&devices, at(30));
        silence.dial_due(at(30));
        let firsts: Vec<EndpointId> = silence.tries.iter().take(2).map(|(endpoint, _)| *endpoint).collect();
        assert_eq!(firsts, [202, 201].map(device));
        assert_eq!(
            silence.tries.len(),
            ALIKE,
            "there is room for those who are unlikely there"
        );
    }

    #[test]
    fn who_was_there_lately_is_tried_before_a_crowd_that_was_not_also_after_failures() {
        let mut silence = Silence::default();
        silence.dialling.want(&away(500), at(0));
        while let Some(next) = silence.dialling.next(at(0)) {
            silence.dialling.failed(next, at(0));
        }
        let there = device(600);
        assert_eq!(silence.dialling.lost(there, FIRST_REDIAL, at(4000)), at(4001));
        silence.dialling.failed(there, at(4001));
        silence.dialling.all_rested(at(4002));
        silence.dialling.rested(there, at(4001));
        assert_eq!(silence.dialling.next(at(4002)), Some(there));
        assert_ne!(silence.dialling.next(at(8000)), Some(there), "that was long ago");
    }

    #[test]
    fn each_failure_makes_the_rest_longer_up_to_a_minute() {
        let mut dialling = Dialling::default();
        dialling.want(&away(1), at(0));
        let rests: Vec<u64> = (0..8)
            .map(|_| at(0).until(dialling.failed(device(0), at(0)).unwrap()).as_secs())
            .collect();
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 60, 60]);
        dialling.rested(device(0), at(59));
        assert_eq!(dialling.next(at(59)), None, "an older timer does not end it early");
        dialling.all_rested(at(59));
        assert_eq!(dialling.next(at(59)), Some(device(0)));
    }

    #[test]
    fn a_try_under_way_is_not_begun_again_and_takes_up_room_until_it_has_ended() {
        let mut silence = Silence::default();
        silence.dialling.want(&away(1), at(0));
        silence.dial_due(at(0));
        let [(endpoint, link)] = silence.tries[..] else {
            panic!("one try")
        };
        silence.dialling.rested(endpoint, at(100));
        silence.dialling.all_rested(at(100));
        silence.dialling.want(&away(1), at(100));
        assert_eq!(silence.dialling.next(at(100)), None);
        assert!(!silence.dialling.is_opening(endpoint, LinkId(link.0 + 1)));
        silence.dialling.want(&away(0), at(100));
        assert!(silence.dialling.is_empty());
        assert_eq!(
            silence.dialling.failed(endpoint, at(100)),
            None,
            "nobody wants it any more"
        );
        assert_eq!(silence.dialling.opening.len(), 1);
        silence.dialling.opened(link);
        assert_eq!(silence.dialling.opening.len(), 0);
    }
}
