//! How a turn ends, and the invitation: misbehaving, leaving, running out of time, the person's decision. And who comes next.
//! No IO.

use rand::CryptoRng;

use crate::invitation::record::Status;
use crate::invitation::session::{Closing, SessionId};
use crate::invitation::{CancelReason, ErrorCode, Message, PinVoid};
use crate::time::Timestamp;

use super::desk::Desk;
use super::slot::{ExpectReturn, Held, Peer, Slot, Vacancy};
use super::{Output, SESSION_LIFE, SHARE_WINDOW, SLOT_KEPT, WAIT_RETRY_S};

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    /// The holder broke the protocol: its turn ends, its tries stay as they are.
    pub(super) fn misbehaved(&mut self, session: SessionId) -> Slot {
        self.refuse(session, ErrorCode::BadMessage);
        self.vacate(Vacancy::DeviceLeft)
    }

    /// The holder's person has stopped, or its app has. Who waits need not wait for its return.
    pub(super) fn peer_left(&mut self, slot: Slot, session: SessionId) -> Slot {
        self.close(session, Closing::ORDERLY);
        match self.keep(slot) {
            Slot::ExpectReturn(_) if !self.aside.queue.is_empty() => self.vacate(Vacancy::DeviceLeft),
            slot => slot,
        }
    }

    pub(super) fn gone(&mut self, slot: Slot, session: SessionId) -> Slot {
        if slot.session() == Some(session) {
            return self.keep(slot);
        }
        self.aside.farewells.retain(|farewell| farewell.session != session);
        if let Some(place) = self.aside.queue.iter().position(|waiting| waiting.session == session) {
            self.aside.queue.remove(place);
            self.tell_places(place);
        }
        slot
    }

    /// The holder's link is no more: keeps the slot for its return. An admission that is being written goes on.
    pub(super) fn keep(&self, slot: Slot) -> Slot {
        let (link, held) = match slot {
            Slot::Free(_) | Slot::ExpectReturn(_) => return slot,
            Slot::AwaitAdmission(mut state) => {
                state.peer = Peer::Left;
                return Slot::AwaitAdmission(state);
            }
            Slot::ExpectShare(state) => (state.link, Held::Shown(state.pin)),
            Slot::AwaitNewPin(state) => (state.link, Held::Void(state.reason)),
            Slot::ExpectProof(state) => (state.link, Held::Shown(state.pin)),
            Slot::ExpectJoin(state) => (state.link, Held::Spent),
        };
        let until = self.in_time(SLOT_KEPT);
        Slot::ExpectReturn(ExpectReturn {
            endpoint: link.arrival.endpoint,
            way: link.arrival.way,
            held,
            new_pins: link.new_pins,
            until,
        })
    }

    /// The turn is over: the next one's begins, with a PIN of its own.
    pub(super) fn vacate(&mut self, vacancy: Vacancy) -> Slot {
        if self.record.status != Status::Open || self.record.out_of_tries() {
            return Slot::Free(vacancy);
        }
        while let Some(next) = self.aside.queue.pop_front() {
            if let Some(slot) = self.seat(next) {
                self.tell_places(0);
                return slot;
            }
        }
        Slot::Free(vacancy)
    }

    /// Tells those who wait, from this place of the queue on, where they are now.
    pub(super) fn tell_places(&mut self, from: usize) {
        let moved: Vec<_> = self
            .aside
            .queue
            .iter()
            .map(|waiting| waiting.session)
            .enumerate()
            .skip(from)
            .collect();
        for (place, session) in moved {
            self.tell_place(session, place);
        }
    }

    /// Tells one who waits where it is.
    pub(super) fn tell_place(&mut self, session: SessionId, place: usize) {
        let position = u8::try_from(place).unwrap_or(u8::MAX).saturating_add(1);
        self.send(
            session,
            &Message::Busy {
                retry_after_s: WAIT_RETRY_S,
                position,
            },
        );
    }

    pub(super) fn give_away(&mut self, slot: Slot) -> Slot {
        match slot {
            Slot::Free(_) | Slot::AwaitAdmission(_) => slot,
            held => {
                if let Some(session) = held.session() {
                    self.send(
                        session,
                        &Message::Cancel {
                            reason: CancelReason::SlotGivenAway,
                        },
                    );
                    self.close(session, Closing::after_last_word(ErrorCode::CancelledByInviter));
                }
                self.vacate(Vacancy::DeviceLeft)
            }
        }
    }

    pub(super) fn revoke(&mut self, slot: Slot) -> Slot {
        let underway = matches!(slot, Slot::AwaitAdmission(_));
        match self.record.status {
            Status::Open if !underway => self.end(&slot, Status::Revoked, ErrorCode::CancelledByInviter),
            Status::Open | Status::Used => {
                self.out.push(Output::AlreadyAdmitted);
                slot
            }
            Status::Locked | Status::Revoked | Status::Expired => slot,
        }
    }

    /// Ends the invitation: on disk first, then for everybody who is here.
    fn end(&mut self, slot: &Slot, status: Status, code: ErrorCode) -> Slot {
        self.record.status = status;
        self.save();
        self.tell_all(slot.session(), code);
        Slot::Free(Vacancy::DeviceLeft)
    }

    /// Sends the holder, if it is here, and everybody who waits away for good.
    pub(super) fn tell_all(&mut self, holder: Option<SessionId>, code: ErrorCode) {
        let waiting: Vec<_> = self.aside.queue.drain(..).map(|waiting| waiting.session).collect();
        for session in holder.into_iter().chain(waiting) {
            self.refuse(session, code);
        }
    }

    /// Does what time has made due.
    pub(super) fn settle(&mut self, slot: Slot) -> Slot {
        let now = self.now();
        self.settle_aside();
        let mut slot = self.settle_slot(slot);
        // Nothing interrupts an admission that is being written. A proof that has been right may still use the last try.
        let proven = matches!(slot, Slot::ExpectJoin(_));
        if self.record.status == Status::Open && !matches!(slot, Slot::AwaitAdmission(_)) {
            if self.record.closes() <= now {
                slot = self.end(&slot, Status::Expired, ErrorCode::Expired);
            } else if self.record.out_of_tries() && !proven {
                slot = self.end(&slot, Status::Locked, ErrorCode::Locked);
            }
        }
        let showing = &mut self.aside.showing;
        if self.record.status != Status::Open || showing.until.is_some_and(|until| until <= now) {
            showing.until = None;
        }
        slot
    }

    fn settle_slot(&mut self, slot: Slot) -> Slot {
        let now = self.now();
        match slot {
            Slot::ExpectReturn(state) if state.until <= now => self.vacate(Vacancy::DeviceLeft),
            Slot::ExpectShare(state) if state.link.over() <= now => self.timed_out(Slot::ExpectShare(state)),
            Slot::ExpectShare(state) if state.pin.expires <= now => self.void(state.link, PinVoid::Expired),
            Slot::AwaitNewPin(state) if state.link.over() <= now => self.timed_out(Slot::AwaitNewPin(state)),
            Slot::ExpectProof(state) if state.until <= now => self.timed_out(Slot::ExpectProof(state)),
            Slot::ExpectJoin(state) if state.until <= now => self.timed_out(Slot::ExpectJoin(state)),
            slot => slot,
        }
    }

    fn timed_out(&mut self, slot: Slot) -> Slot {
        if let Some(session) = slot.session() {
            self.refuse(session, ErrorCode::Timeout);
        }
        self.keep(slot)
    }

    fn settle_aside(&mut self) {
        let now = self.now();
        while self
            .aside
            .open_shares
            .front()
            .is_some_and(|at| at.plus(SHARE_WINDOW) <= now)
        {
            self.aside.open_shares.pop_front();
        }
        let overdue = self
            .aside
            .queue
            .iter()
            .filter(|waiting| waiting.since.plus(SESSION_LIFE) <= now);
        let overdue: Vec<_> = overdue.map(|waiting| waiting.session).collect();
        self.aside
            .queue
            .retain(|waiting| now < waiting.since.plus(SESSION_LIFE));
        for session in overdue {
            self.refuse(session, ErrorCode::Timeout);
        }
        let overdue = self.aside.farewells.iter().filter(|farewell| farewell.until <= now);
        let overdue: Vec<_> = overdue.map(|farewell| farewell.session).collect();
        self.aside.farewells.retain(|farewell| now < farewell.until);
        for session in overdue {
            self.close(session, Closing::at_once(ErrorCode::Timeout));
        }
    }

    /// When to be woken next, if that is another time than said before.
    pub(super) fn next_wake(&mut self, slot: &Slot) -> Option<Timestamp> {
        let open = self.record.status == Status::Open && !matches!(slot, Slot::AwaitAdmission(_));
        let ends = open.then(|| self.record.closes());
        let waiting = self.aside.queue.iter().map(|waiting| waiting.since.plus(SESSION_LIFE));
        let leaving = self.aside.farewells.iter().map(|farewell| farewell.until);
        let wake = slot
            .deadline()
            .into_iter()
            .chain(ends)
            .chain(waiting)
            .chain(leaving)
            .chain(self.aside.showing.until)
            .min();
        if wake == self.aside.wake {
            return None;
        }
        self.aside.wake = wake;
        wake
    }
}
