//! How many incoming connections are let in, and how fast (PROTOCOL.md, "Tries, resets, lock, rates"). Endpoint ids
//! cost nothing, so this counts all peers together.
//!
//! Sender addresses cost nothing either, until the sender has shown that it gets our answers. Asking for that takes a round
//! trip (QUIC Retry, RFC 9000 section 8.1.2), which nobody should wait for on a quiet day; so it is asked for as soon as half
//! of what a door gives is gone. Forged addresses never get at the other half.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::config::{Gate, Limits};
use super::event::Protocol;

/// The clock of every limit in this room: the monotonic one of tokio, which a test can pause.
pub(super) fn now() -> Instant {
    Instant::now()
}

/// One incoming connection's place. Dropped with the link.
pub(super) type Place = OwnedSemaphorePermit;

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
    pub(super) fn are_calm(&self, now: Instant) -> bool {
        self.invite.is_calm(now) && self.sync.is_calm(now) && self.files.is_calm(now)
    }

    /// A place for a connection that arrives `now`, or none: it is refused.
    pub(super) fn admit(&mut self, purpose: Purpose, now: Instant) -> Option<Place> {
        match purpose {
            Purpose::Link(Protocol::Invite) => self.invite.admit(now),
            Purpose::Link(Protocol::Sync) => self.sync.admit(now),
            Purpose::Files => self.files.admit(now),
        }
    }
}

#[derive(Debug)]
struct Door {
    places: Arc<Semaphore>,
    /// How many places there are, taken ones included.
    open: usize,
    rate: Rate,
}

impl Door {
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

    fn admit(&mut self, now: Instant) -> Option<Place> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        self.rate.take(now).then_some(place)
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

    /// Takes a token, if there is one.
    fn take(&mut self, now: Instant) -> bool {
        let full_at = self.full_at.map_or(now, |at| at.max(now)) + self.interval;
        let allowed = full_at - now <= self.whole;
        if allowed {
            self.full_at = Some(full_at);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        while let Some(place) = door.admit(moment) {
            open.push(place);
            moment += Duration::from_millis(100);
        }
        assert_eq!(open.len(), 32);
        open.pop();
        assert!(door.admit(moment).is_some());
    }

    #[test]
    fn forged_addresses_get_at_half_of_a_burst_and_half_of_the_places() {
        let mut doors = Doors::new(&Limits::default());
        let start = now();
        let forged = |doors: &mut Doors, now| {
            doors
                .are_calm(now)
                .then(|| doors.admit(Purpose::Link(Protocol::Invite), now))
        };
        let burst: Vec<_> = std::iter::from_fn(|| forged(&mut doors, start)).flatten().collect();
        assert_eq!(burst.len(), 10);
        let proven: Vec<_> = std::iter::from_fn(|| doors.admit(Purpose::Link(Protocol::Invite), start)).collect();
        assert_eq!(proven.len(), 10, "who shows that it gets the answers has the rest");
        drop(proven);

        let mut held = burst;
        for second in 1..=60 {
            let moment = start + Duration::from_secs(second);
            held.extend(std::iter::from_fn(|| forged(&mut doors, moment)).flatten());
        }
        assert_eq!(held.len(), 16);
        assert!(
            doors
                .admit(Purpose::Link(Protocol::Invite), start + Duration::from_secs(61))
                .is_some()
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
        let flood: Vec<_> = std::iter::from_fn(|| doors.admit(Purpose::Link(Protocol::Sync), start)).collect();
        assert_eq!(flood.len(), 100);
        let flood: Vec<_> = std::iter::from_fn(|| doors.admit(Purpose::Files, start)).collect();
        assert_eq!(flood.len(), 32);
        assert!(doors.admit(Purpose::Link(Protocol::Invite), start).is_some());
    }
}
