//! A PIN is shown, or void: new ones, shares of the proof, and frames that crossed a new PIN on the wire. No IO.

use std::sync::Arc;

use rand::CryptoRng;

use crate::invitation::{ErrorCode, InviterRun, Message, Pin};
use crate::time::Timestamp;

use super::desk::Desk;
use super::slot::{AwaitNewPin, ExpectProof, ExpectShare, Link, ShownPin, Slot, Vacancy, tries_left};
use super::{DAY_RETRY_S, DIGITS, MAX_NEW_PINS, MAX_OPEN_SHARES, Output, PIN_LIFE, SHARE_RETRY_S};

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    /// Shows a fresh PIN. Its generation is on disk before the peer hears of it; the PIN itself never is.
    pub(super) fn show_pin(&mut self, link: Link) -> Slot {
        self.record.pin_generation = self.record.pin_generation.checked_add(1).unwrap_or(1);
        self.record.wrong_this_pin = 0;
        self.save();
        let pin = ShownPin {
            pin: Arc::new(Pin::generate(self.env.rng, DIGITS)),
            expires: self.in_time(PIN_LIFE),
        };
        let ready = self.pin_ready(&link, pin.expires);
        Slot::ExpectShare(ExpectShare { link, pin, ready })
    }

    /// Sends `PinReady` for the newest PIN: how long it is good for, zero seconds if it is void. Returns the frame.
    pub(super) fn pin_ready(&mut self, link: &Link, expires: Timestamp) -> Vec<u8> {
        let left = self.now().until(expires);
        // Rounded up: a PIN with half a second left is not void.
        let seconds = u16::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u16::MAX);
        let frame = Message::PinReady {
            generation: self.record.pin_generation,
            digits: DIGITS,
            seconds,
            tries_left: tries_left(self.record, link.arrival.endpoint),
        }
        .encode();
        self.send_frame(link.session(), frame.clone());
        frame
    }

    /// The person wants a new PIN. Whatever was sent for the old one costs no try.
    pub(super) fn new_pin(&mut self, slot: Slot) -> Slot {
        let mut link = match slot {
            Slot::ExpectShare(ExpectShare { ref link, .. })
            | Slot::AwaitNewPin(AwaitNewPin { ref link, .. })
            | Slot::ExpectProof(ExpectProof { ref link, .. })
                if link.new_pins >= MAX_NEW_PINS =>
            {
                self.out.push(Output::NoMorePins);
                return slot;
            }
            Slot::ExpectShare(state) => state.link,
            Slot::AwaitNewPin(state) => state.link,
            Slot::ExpectProof(state) => {
                let mut link = state.link;
                link.cut_runs = link.cut_runs.saturating_add(1);
                link
            }
            stale => return stale,
        };
        link.new_pins = link.new_pins.saturating_add(1);
        self.show_pin(link)
    }

    /// A frame while a PIN is shown.
    pub(super) fn share(&mut self, mut state: ExpectShare, message: &Message) -> Slot {
        let session = state.link.session();
        match message {
            Message::PakeA {
                generation, attempt, ..
            } if state.link.attempt >= *attempt || *generation == 0 => self.misbehaved(session),
            Message::PakeA {
                generation, attempt, ..
            } if *generation != self.record.pin_generation => {
                state.link.attempt = *attempt;
                self.send(session, &Message::error(ErrorCode::PinStale, 0));
                Slot::ExpectShare(state)
            }
            Message::PakeA { attempt, share, .. } => {
                state.link.attempt = *attempt;
                self.respond(state, share)
            }
            Message::ConfirmJ { .. } => match self.forgive(&mut state.link) {
                Forgiven::Yes => Slot::ExpectShare(state),
                Forgiven::No => self.misbehaved(session),
            },
            _ => self.misbehaved(session),
        }
    }

    /// Answers a share, unless too many were left without a proof.
    fn respond(&mut self, state: ExpectShare, share: &[u8; 32]) -> Slot {
        let ExpectShare { mut link, pin, ready } = state;
        let session = link.session();
        let retry = match (self.too_many_today(), self.aside.open_shares.len() >= MAX_OPEN_SHARES) {
            (true, _) => Some(DAY_RETRY_S),
            (false, true) => Some(SHARE_RETRY_S),
            (false, false) => None,
        };
        if let Some(seconds) = retry {
            self.send_away(session, seconds, 0);
            return self.vacate(Vacancy::DeviceLeft);
        }
        let answer = {
            let binding = link.binding(self.record, link.attempt, &ready);
            let secret = link.arrival.way.secret(self.record);
            InviterRun::respond(&binding, &pin.pin, &secret, share, self.env.rng)
        };
        let Ok((run, own)) = answer else {
            return self.misbehaved(session);
        };
        let now = self.now();
        self.aside.open_shares.push_back(now);
        link.cut_runs = 0;
        self.send(session, &Message::PakeB { share: own });
        let until = self.answer_by(&link);
        Slot::ExpectProof(ExpectProof {
            link,
            pin,
            ready,
            run,
            until,
        })
    }

    /// A frame while the PIN is void: it was sent before its sender knew.
    pub(super) fn stale(&mut self, mut state: AwaitNewPin, message: &Message) -> Slot {
        let session = state.link.session();
        match message {
            Message::PakeA { attempt, .. } if state.link.attempt < *attempt => {
                state.link.attempt = *attempt;
                self.send(session, &Message::error(ErrorCode::PinStale, 0));
                Slot::AwaitNewPin(state)
            }
            Message::ConfirmJ { .. } => match self.forgive(&mut state.link) {
                Forgiven::Yes => Slot::AwaitNewPin(state),
                Forgiven::No => self.misbehaved(session),
            },
            _ => self.misbehaved(session),
        }
    }

    /// A proof for a run that a new PIN has cut off: it is not looked at and costs no try.
    fn forgive(&mut self, link: &mut Link) -> Forgiven {
        let Some(rest) = link.cut_runs.checked_sub(1) else {
            return Forgiven::No;
        };
        link.cut_runs = rest;
        self.aside.open_shares.pop_back();
        self.send(link.session(), &Message::error(ErrorCode::PinStale, 0));
        Forgiven::Yes
    }
}

/// Whether a proof came for a run that was cut off.
enum Forgiven {
    Yes,
    No,
}
