//! What the engine has to do later, in the order in which it is due. No IO.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::identity::EndpointId;
use crate::invitation::InvitationId;
use crate::net::LinkId;
use crate::party::PartyId;
use crate::time::Timestamp;

use super::RedemptionId;

/// Something to do at a moment. One that has become pointless by then does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// Let an invitation's machine look at the time.
    WakeInviter(InvitationId),
    /// Let a redemption's machine look at the time.
    WakeInvitee(RedemptionId),
    /// Let the session of a delegated invitation look at the time.
    WakeAdmitter(LinkId),
    /// Let the redemption of a delegated invitation look at the time.
    WakeApplicant(RedemptionId),
    /// A delegated invitation of this device may have ended.
    DelegationEnds(InvitationId),
    /// Answer a device that does not hold a known code, at the same time whatever the reason.
    Refuse(LinkId),
    /// Take back the codes of a party whose role this person may not give any more.
    WithdrawInvitations(PartyId),
    /// A member's device that could not be dialled may have rested.
    Dial(EndpointId),
    /// Tell members' devices what this one has stored of a party.
    TellHeld(PartyId),
    /// See whether members' devices still hold something else of a party.
    Compare(PartyId),
    /// Show where others are in the notes of a party.
    TellCursors(PartyId),
    /// Note that those who are linked are still there.
    NoteSeen,
    /// Ask members again for the contents that none of them had.
    AskForFiles,
    /// See that this person's devices are in all their parties, and the removed ones in none.
    SettleDevices,
    /// Try to open the network that could not be had.
    OpenNetwork,
    /// Do what is to be done at a mail service for an invitation.
    Mail(InvitationId),
}

/// Timers by moment.
#[derive(Debug, Default)]
pub(super) struct Timers(BTreeSet<(Timestamp, Timer)>);

impl Timers {
    /// Asks for `timer` at `at`. The same timer may be asked for at several moments.
    pub(super) fn set(&mut self, at: Timestamp, timer: Timer) {
        self.0.insert((at, timer));
    }

    /// The same once, at the earliest moment that it has been asked for.
    pub(super) fn set_once(&mut self, at: Timestamp, timer: Timer) {
        let is_due_by_then = |(due, other): &(Timestamp, Timer)| *other == timer && *due <= at;
        if !self.0.iter().any(is_due_by_then) {
            self.0.retain(|(_, other)| *other != timer);
            self.set(at, timer);
        }
    }

    /// How long from `now` until the next one is due; none if there is none.
    pub(super) fn next_in(&self, now: Timestamp) -> Option<Duration> {
        self.0.first().map(|(at, _)| now.until(*at))
    }

    /// Takes one that is due.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<Timer> {
        let (at, _) = self.0.first()?;
        if *at > now {
            return None;
        }
        self.0.pop_first().map(|(_, timer)| timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_in_order_and_not_too_early() {
        let at = Timestamp::from_millis;
        let (first, second) = (Timer::WakeInvitee(RedemptionId(1)), Timer::WakeInvitee(RedemptionId(2)));
        let mut timers = Timers::default();
        timers.set(at(20), second);
        timers.set(at(10), first);
        assert_eq!(timers.next_in(at(4)), Some(Duration::from_millis(6)));
        assert_eq!(timers.pop_due(at(9)), None);
        assert_eq!(timers.pop_due(at(15)), Some(first));
        assert_eq!(timers.pop_due(at(15)), None);
        assert_eq!(timers.pop_due(at(30)), Some(second));
        assert_eq!(timers.next_in(at(30)), None);
    }

    #[test]
    fn what_is_asked_for_once_comes_at_the_earliest_moment() {
        let at = Timestamp::from_millis;
        let timer = Timer::AskForFiles;
        let mut timers = Timers::default();
        for moment in [60, 10, 30] {
            timers.set_once(at(moment), timer);
        }
        assert_eq!(timers.pop_due(at(10)), Some(timer));
        assert_eq!(timers.pop_due(at(60)), None);
    }
}
