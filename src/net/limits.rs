//! How many incoming connections are let in, and how fast (PROTOCOL.md, "Tries, resets, lock, rates"). Endpoint ids
//! cost nothing, so this counts addresses, and all peers together.
//!
//! One address gets a little less than half of what a door gives, so that one machine that takes all it can get leaves more to
//! everybody else.
//!
//! Sender addresses cost nothing either, until the sender has shown that it gets our answers. Asking for that takes a round
//! trip (QUIC Retry, RFC 9000 section 8.1.2), which nobody should wait for on a quiet day; so it is asked for as soon as half
//! of what a door gives is gone. Forged addresses never get at the other half, and one machine alone makes nobody wait for that.
//!
//! Who is refused may come again at once. So only a few a second are told; the others hear nothing, and ask again after a second
//! and then ever later (RFC 9002, section 6.2), when there may be room: a crowd cannot make this machine as busy with refusals as it
//! likes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::config::{Gate, Limits};
use super::event::{Origin, Protocol};

/// The clock of every limit in this room: the monotonic one of tokio, which a test can pause.
pub(super) fn now() -> Instant {
    Instant::now()
}

/// One incoming connection's place, among all and among those of its address. Dropped with the link.
#[derive(Debug)]
pub(super) struct Place {
    _among_all: OwnedSemaphorePermit,
    _of_address: OwnedSemaphorePermit,
}

/// What an incoming connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Frames of this protocol.
    Link(Protocol),
    /// The contents of files.
    Files,
}

/// The doors of all protocols.
#[derive(Debug)]
pub(super) struct Doors {
    invite: Door,
    sync: Door,
    files: Door,
}

impl Doors {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            invite: Door::new(limits.invite),
            sync: Door::new(limits.sync),
            files: Door::new(limits.files),
        }
    }

    /// Whether somebody may be let in who has not yet shown that it gets our answers.
    ///
    /// All doors together, so that the first packet need not be read to know.
    pub(super) fn are_calm(&self, origin: Origin, now: Instant) -> bool {
        let doors = [&self.invite, &self.sync, &self.files];
        doors.into_iter().all(|door| door.is_calm(origin, now))
    }

    /// A place for a connection that arrives `now`.
    ///
    /// # Errors
    /// [`Full`] if there is none.
    pub(super) fn admit(&mut self, purpose: Purpose, origin: Origin, now: Instant) -> Result<Place, Full> {
        let door = match purpose {
            Purpose::Link(Protocol::Invite) => &mut self.invite,
            Purpose::Link(Protocol::Sync) => &mut self.sync,
            Purpose::Files => &mut self.files,
        };
        door.admit(origin, now).ok_or_else(|| door.turn_away(now))
    }
}

/// There is no place for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// It is told so.
    Refused,
    /// It hears nothing: too many have been told just now.
    Unanswered,
}

/// How many a second are told that there is no place, and how many at once.
const REFUSALS: (u32, u32) = (10, 20);

/// One door: what it gives to all, and to each address.
#[derive(Debug)]
struct Door {
    all: Share,
    /// What one address gets.
    share: Gate,
    /// The addresses that have taken something which has not come back yet: few, as all they have taken is bounded.
    addresses: BTreeMap<Origin, Share>,
    /// How many are told that there is no place.
    refusals: Rate,
}

impl Door {
    fn new(gate: Gate) -> Self {
        Self {
            all: Share::new(gate),
            share: Gate {
                open: (gate.open / 2).saturating_sub(1).max(1),
                per_second: gate.per_second.div_ceil(2),
                burst: (gate.burst / 2).saturating_sub(1).max(1),
            },
            addresses: BTreeMap::new(),
            refusals: Rate::new(REFUSALS.0, REFUSALS.1),
        }
    }

    /// Whether at least half of it is free, and half of what this address gets.
    fn is_calm(&self, origin: Origin, now: Instant) -> bool {
        let address = self.addresses.get(&origin);
        self.all.is_calm(now) && address.is_none_or(|share| share.is_calm(now))
    }

    fn admit(&mut self, origin: Origin, now: Instant) -> Option<Place> {
        self.addresses.retain(|_, share| !share.is_whole(now));
        let mut share = self.addresses.remove(&origin).unwrap_or_else(|| Share::new(self.share));
        let place = self.all.place(now).zip(share.place(now));
        let place = place.map(|(among_all, of_address)| {
            self.all.rate.take(now);
            share.rate.take(now);
            Place {
                _among_all: among_all,
                _of_address: of_address,
            }
        });
        self.addresses.insert(origin, share);
        place
    }

    fn turn_away(&mut self, now: Instant) -> Full {
        if self.refusals.take(now) {
            Full::Refused
        } else {
            Full::Unanswered
        }
    }
}

/// Places, and how fast they are given.
#[derive(Debug)]
struct Share {
    places: Arc<Semaphore>,
    /// How many places there are, taken ones included.
    open: usize,
    rate: Rate,
}

impl Share {
    fn new(gate: Gate) -> Self {
        Self {
            places: Arc::new(Semaphore::new(gate.open)),
            open: gate.open,
            rate: Rate::new(gate.per_second, gate.burst),
        }
    }

    /// Whether at least half of it is free.
    fn is_calm(&self, now: Instant) -> bool {
        self.places.available_permits() > self.open / 2 && self.rate.is_half_full(now)
    }

    /// Whether all of it is free.
    fn is_whole(&self, now: Instant) -> bool {
        self.places.available_permits() == self.open && self.rate.is_full(now)
    }

    /// A place, if one is free and it is not too soon for it.
    fn place(&self, now: Instant) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        self.rate.after_one(now).map(|_| place)
    }
}

/// A token bucket, kept as the moment at which it will be full again.
#[derive(Debug)]
struct Rate {
    /// What one token costs.
    interval: Duration,
    /// How long an empty bucket takes to fill.
    whole: Duration,
    /// When it is full; none until the first token is taken.
    full_at: Option<Instant>,
}

impl Rate {
    fn new(per_second: u32, burst: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Self {
            interval,
            whole: interval * burst,
            full_at: None,
        }
    }

    /// Whether at least half of the tokens are there.
    fn is_half_full(&self, now: Instant) -> bool {
        self.full_at
            .is_none_or(|at| at.saturating_duration_since(now) < self.whole / 2)
    }

    /// Whether all tokens are there.
    fn is_full(&self, now: Instant) -> bool {
        self.full_at.is_none_or(|at| at <= now)
    }

    /// When it would be full again if a token were taken now; none if there is none to take.
    fn after_one(&self, now: Instant) -> Option<Instant> {
        let full_at = self.full_at.map_or(now, |at| at.max(now)) + self.interval;
        (full_at - now <= self.whole).then_some(full_at)
    }

    /// Takes a token, if there is one.
    fn take(&mut self, now: Instant) -> bool {
        let after = self.after_one(now);
        self.full_at = after.or(self.full_at);
        after.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Origin = Origin::V4([192, 0, 2, 1]);

    /// Another address for each number.
    fn address(number: usize) -> Origin {
        Origin::V4([10, 0, (number / 256) as u8, (number % 256) as u8])
    }

    /// Lets in as many as there is room for, each from another address.
    fn fill(doors: &mut Doors, purpose: Purpose, now: Instant) -> Vec<Place> {
        let admitted = (0..).map_while(|number| doors.admit(purpose, address(number), now).ok());
        admitted.collect()
    }

    fn gate() -> Gate {
        Gate {
            open: 32,
            per_second: 10,
            burst: 20,
        }
    }

    #[test]
    fn a_burst_of_twenty_is_let_in_and_then_ten_a_second() {
        let mut rate = Rate::new(10, 20);
        let start = now();
        assert_eq!((0..100).filter(|_| rate.take(start)).count(), 20);
        let later = start + Duration::from_secs(1);
        assert_eq!((0..100).filter(|_| rate.take(later)).count(), 10);
        let after_a_rest = later + Duration::from_secs(3600);
        assert_eq!((0..100).filter(|_| rate.take(after_a_rest)).count(), 20);
    }

    #[test]
    fn refused_connections_do_not_prolong_the_wait() {
        let mut rate = Rate::new(10, 1);
        let start = now();
        assert!(rate.take(start));
        for millis in 0..99 {
            assert!(!rate.take(start + Duration::from_millis(millis)));
        }
        assert!(rate.take(start + Duration::from_millis(100)));
    }

    #[test]
    fn the_thirty_third_open_connection_is_refused_until_one_ends() {
        let mut door = Door::new(gate());
        let mut moment = now();
        let mut open = Vec::new();
        while let Some(place) = door.admit(address(open.len()), moment) {
            open.push(place);
            moment += Duration::from_millis(100);
        }
        assert_eq!(open.len(), 32);
        open.pop();
        assert!(door.admit(ONE, moment).is_some());
    }

    #[test]
    fn one_address_leaves_more_than_half_of_everything_to_the_others() {
        let mut door = Door::new(gate());
        let start = now();
        let mut held: Vec<_> = std::iter::from_fn(|| door.admit(ONE, start)).collect();
        assert_eq!(held.len(), 9, "of a burst");
        assert!(door.is_calm(address(1), start), "nobody else has to prove anything");
        assert!(door.admit(address(1), start).is_some());
        for second in 1..=60 {
            let moment = start + Duration::from_secs(second);
            held.extend(std::iter::from_fn(|| door.admit(ONE, moment)));
        }
        assert_eq!(held.len(), 15, "of the places");
        let later = start + Duration::from_secs(61);
        assert!(door.is_calm(address(1), later) && door.admit(address(1), later).is_some());
        drop(held);
        assert_eq!(std::iter::from_fn(|| door.admit(ONE, later)).count(), 9);
    }

    #[test]
    fn a_crowd_is_told_a_few_times_a_second_that_there_is_no_place() {
        let mut doors = Doors::new(&Limits::default());
        let start = now();
        let invite = Purpose::Link(Protocol::Invite);
        // Whoever fills it is the first to be told.
        let _all = fill(&mut doors, invite, start);
        let mut told = |moment| {
            let answers = (0..10_000).map(|_| doors.admit(invite, ONE, moment).unwrap_err());
            answers.filter(|full| *full == Full::Refused).count()
        };
        assert_eq!(told(start), 19);
        assert_eq!(told(start), 0);
        assert_eq!(told(start + Duration::from_millis(100)), 1);
    }

    #[test]
    fn an_address_that_has_given_everything_back_is_forgotten() {
        let mut door = Door::new(gate());
        let start = now();
        for number in 0..1000 {
            let moment = start + Duration::from_secs(number as u64);
            drop(door.admit(address(number), moment));
        }
        assert_eq!(door.addresses.len(), 1);
    }

    #[test]
    fn forged_addresses_get_at_half_of_a_burst_and_half_of_the_places() {
        let limits = Limits {
            invite: gate(),
            ..Limits::default()
        };
        let mut doors = Doors::new(&limits);
        let start = now();
        let invite = Purpose::Link(Protocol::Invite);
        let mut last = 0;
        let mut forged = |doors: &mut Doors, now| {
            last += 1;
            let origin = address(last);
            doors
                .are_calm(origin, now)
                .then(|| doors.admit(invite, origin, now).ok())
        };
        let burst: Vec<_> = std::iter::from_fn(|| forged(&mut doors, start)).flatten().collect();
        assert_eq!(burst.len(), 10);
        let proven = fill(&mut doors, invite, start);
        assert_eq!(proven.len(), 10, "who shows that it gets the answers has the rest");
        drop(proven);

        let mut held = burst;
        for second in 1..=60 {
            let moment = start + Duration::from_secs(second);
            held.extend(std::iter::from_fn(|| forged(&mut doors, moment)).flatten());
        }
        assert_eq!(held.len(), 16);
        assert!(doors.admit(invite, ONE, start + Duration::from_secs(61)).is_ok());
    }

    #[test]
    fn who_forges_an_address_takes_no_more_than_half_of_what_that_address_gets() {
        let mut doors = Doors::new(&Limits::default());
        let start = now();
        let invite = Purpose::Link(Protocol::Invite);
        let forged = |doors: &mut Doors| doors.are_calm(ONE, start).then(|| doors.admit(invite, ONE, start).ok());
        let taken: Vec<_> = std::iter::from_fn(|| forged(&mut doors)).flatten().collect();
        assert!(!taken.is_empty());
        assert!(
            doors.admit(invite, ONE, start).is_ok(),
            "the owner of the address comes in"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_is_the_one_a_test_can_pause() {
        let mut rate = Rate::new(10, 1);
        assert!(rate.take(now()));
        assert!(!rate.take(now()));
        tokio::time::advance(Duration::from_millis(100)).await;
        assert!(rate.take(now()));
    }

    #[test]
    fn a_flood_of_sync_and_file_connections_leaves_the_invite_door_open() {
        let mut doors = Doors::new(&Limits::default());
        let start = now();
        let flood = fill(&mut doors, Purpose::Link(Protocol::Sync), start);
        assert_eq!(flood.len(), 100);
        let flood = fill(&mut doors, Purpose::Files, start);
        assert_eq!(flood.len(), 32);
        assert!(doors.admit(Purpose::Link(Protocol::Invite), ONE, start).is_ok());
    }
}
