//! A device says hello: the code's proof, the invitation's state, the slot, the queue. No IO.

use rand::CryptoRng;

use crate::invitation::record::Status;
use crate::invitation::session::Closing;
use crate::invitation::{ErrorCode, Message, Method, Mode, PinVoid, Redeem, VERSION};

use super::desk::{Desk, Farewell, FarewellPhase};
use super::slot::{Arrival, AwaitNewPin, ExpectReturn, ExpectShare, Held, Link, ShownPin, Slot, Vacancy};
use super::way::Way;
use super::{DAY_RETRY_S, FAREWELL_TIME, MAX_WAITING, MAX_WRONG_PER_DAY, Output, WAIT_RETRY_S};

/// How soon a device comes back whose admission is being written on another link, in seconds.
const ADMITTING_RETRY_S: u16 = 1;

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    /// A `Hello` on a new link. Who does not prove to hold the code learns nothing, not even that the invitation exists.
    pub(super) fn hello(&mut self, slot: Slot, mut arrival: Arrival) -> Slot {
        let session = arrival.session;
        let Ok(Message::Hello {
            versions,
            mode,
            invitation,
            nonce,
            proof,
        }) = Message::decode(&arrival.hello)
        else {
            self.refuse(session, ErrorCode::BadMessage);
            return slot;
        };
        arrival.nonce = nonce;
        let redeem = Redeem {
            exporter: &arrival.exporter,
            inviter: arrival.facts.inviter_endpoint,
            invitee: arrival.endpoint,
            nonce,
            versions: &versions,
        };
        let way = Way::named(self.record, invitation)
            .filter(|_| arrival.endpoint != arrival.facts.inviter_endpoint)
            // A further device of one's own has the code.
            .filter(|way| *way == Way::Code || !arrival.facts.is_pairing())
            .filter(|way| self.is_open(*way, &slot, mode, arrival.endpoint))
            .filter(|way| way.secret(self.record).key().verify_redeem(&redeem, &proof).is_ok());
        let Some(way) = way else {
            self.close(session, Closing::at_once(ErrorCode::UnknownInvitation));
            return slot;
        };
        arrival.way = way;
        if !versions.contains(&VERSION) {
            self.refuse(session, ErrorCode::Version);
            return slot;
        }
        match mode {
            Mode::New => self.redeem(slot, arrival),
            Mode::Resume => self.resume(slot, arrival),
            Mode::Delegated | Mode::Poll => {
                self.refuse(session, ErrorCode::BadMessage);
                slot
            }
        }
    }

    /// An admitted device fetches what it missed, without a PIN and whatever has become of the invitation.
    fn resume(&mut self, slot: Slot, arrival: Arrival) -> Slot {
        let Some(op) = self.record.admission_of(arrival.endpoint).map(|admitted| admitted.op) else {
            return self.redeem(slot, arrival);
        };
        if self.record.forgettable() <= self.now() {
            self.refuse(arrival.session, ErrorCode::Expired);
            return slot;
        }
        let (session, endpoint) = (arrival.session, arrival.endpoint);
        let replaced = self
            .aside
            .farewells
            .iter()
            .position(|farewell| farewell.endpoint == endpoint);
        if let Some(place) = replaced {
            let old = self.aside.farewells.swap_remove(place);
            self.close(old.session, Closing::ORDERLY);
        }
        let until = self.in_time(FAREWELL_TIME);
        let nonce = self.nonce();
        let frame = self.hello_ack(&arrival, nonce);
        self.send_frame(session, frame);
        let phase = FarewellPhase::AwaitAdmission { facts: arrival.facts };
        self.aside.farewells.push(Farewell {
            session,
            endpoint,
            until,
            phase,
        });
        self.out.push(Output::FetchAdmission { session, op });
        slot
    }

    /// A device wants the slot.
    fn redeem(&mut self, slot: Slot, arrival: Arrival) -> Slot {
        let session = arrival.session;
        let ended = match self.record.status {
            Status::Open => None,
            Status::Used => Some(ErrorCode::AlreadyUsed),
            Status::Locked => Some(ErrorCode::Locked),
            Status::Revoked => Some(ErrorCode::Revoked),
            Status::Expired => Some(ErrorCode::Expired),
        };
        if let Some(code) = ended {
            self.refuse(session, code);
            return slot;
        }
        if self.record.tries_left_for(arrival.endpoint) == 0 {
            self.refuse(session, ErrorCode::WrongPin);
            return slot;
        }
        if slot.holder() == Some(arrival.endpoint) {
            return self.reseat(slot, arrival);
        }
        match slot {
            Slot::Free(vacancy) => self.seat(arrival).unwrap_or(Slot::Free(vacancy)),
            taken => {
                self.wait(arrival);
                taken
            }
        }
    }

    /// Puts a device into the queue, or back to its place there.
    fn wait(&mut self, arrival: Arrival) {
        let session = arrival.session;
        let known = self
            .aside
            .queue
            .iter()
            .position(|waiting| waiting.endpoint == arrival.endpoint);
        if let Some(place) = known {
            if let Some(waiting) = self.aside.queue.get_mut(place) {
                let old = std::mem::replace(waiting, arrival);
                self.close(old.session, Closing::ORDERLY);
                self.tell_place(session, place);
            }
            return;
        }
        let place = self.place_for(arrival.way);
        if place >= MAX_WAITING {
            let behind = self.aside.waiting().saturating_add(1);
            self.send_away(session, WAIT_RETRY_S, behind);
            return;
        }
        self.aside.queue.insert(place, arrival);
        while self.aside.queue.len() > MAX_WAITING
            && let Some(last) = self.aside.queue.pop_back()
        {
            let behind = self.aside.waiting().saturating_add(1);
            self.send_away(last.session, WAIT_RETRY_S, behind);
        }
        self.tell_places(place);
    }

    /// Where in the queue somebody new stands: at its end, but who has the code before everybody who only heard of it.
    fn place_for(&self, way: Way) -> usize {
        let queue = &self.aside.queue;
        match way {
            Way::Code => queue.iter().take_while(|waiting| waiting.way == Way::Code).count(),
            Way::Nearby => queue.len(),
        }
    }

    /// Gives the slot to a device, with a PIN of its own. `None` if this device takes no more PINs today.
    pub(super) fn seat(&mut self, arrival: Arrival) -> Option<Slot> {
        if self.too_many_today() {
            self.send_away(arrival.session, DAY_RETRY_S, 0);
            return None;
        }
        let link = self.sit_down(arrival, 0);
        Some(self.show_pin(link))
    }

    /// The holder is back on a new link: it finds its PIN, the tries left and all.
    fn reseat(&mut self, slot: Slot, arrival: Arrival) -> Slot {
        if matches!(slot, Slot::AwaitAdmission(_)) {
            self.send_away(arrival.session, ADMITTING_RETRY_S, 1);
            return slot;
        }
        if let Some(old) = slot.session() {
            self.close(old, Closing::ORDERLY);
        }
        match self.keep(slot) {
            Slot::ExpectReturn(ExpectReturn { held, new_pins, .. }) => {
                if self.too_many_today() {
                    self.send_away(arrival.session, DAY_RETRY_S, 0);
                    return self.vacate(Vacancy::DeviceLeft);
                }
                let link = self.sit_down(arrival, new_pins);
                match held {
                    Held::Shown(pin) if self.now() < pin.expires => self.show_again(link, pin),
                    Held::Shown(_) => self.void(link, PinVoid::Expired),
                    Held::Void(reason) => self.void(link, reason),
                    Held::Spent => self.show_pin(link),
                }
            }
            other => other,
        }
    }

    fn show_again(&mut self, link: Link, pin: ShownPin) -> Slot {
        let ready = self.pin_ready(&link, pin.expires);
        Slot::ExpectShare(ExpectShare { link, pin, ready })
    }

    /// The PIN is void: tells the peer, and leaves it to the person to show a new one.
    pub(super) fn void(&mut self, link: Link, reason: PinVoid) -> Slot {
        let now = self.now();
        self.pin_ready(&link, now);
        Slot::AwaitNewPin(AwaitNewPin { link, reason })
    }

    fn sit_down(&mut self, arrival: Arrival, new_pins: u8) -> Link {
        let own_nonce = self.nonce();
        let hello_ack = self.hello_ack(&arrival, own_nonce);
        self.send_frame(arrival.session, hello_ack.clone());
        let (seated, received) = (self.now(), arrival.hello.len());
        Link {
            arrival,
            hello_ack,
            own_nonce,
            seated,
            attempt: 0,
            cut_runs: 0,
            new_pins,
            received,
        }
    }

    fn hello_ack(&self, arrival: &Arrival, nonce: [u8; 32]) -> Vec<u8> {
        let left = self.now().until(self.record.expires).as_secs();
        Message::HelloAck {
            version: VERSION,
            method: Method::Pin,
            party_tag: arrival.way.tag(arrival.facts.tag),
            nonce,
            seconds_left: u32::try_from(left).unwrap_or(u32::MAX),
        }
        .encode()
    }

    pub(super) const fn too_many_today(&self) -> bool {
        self.env.wrong_pins_today >= MAX_WRONG_PER_DAY
    }
}
