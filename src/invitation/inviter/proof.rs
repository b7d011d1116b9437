//! The peer proves the PIN. The try is on disk before anything that depends on the answer is sent. No IO.

use rand::CryptoRng;

use crate::invitation::record::Status;
use crate::invitation::session::SessionId;
use crate::invitation::{ErrorCode, Message, PinVoid};

use super::PartyFacts;
use super::desk::Desk;
use super::slot::{AwaitNewPin, ExpectJoin, ExpectProof, ExpectShare, Link, Slot, Vacancy, left_total, tries_left};

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    /// A frame while a run of the proof is open.
    pub(super) fn proof(&mut self, state: ExpectProof, message: &Message) -> Slot {
        let ExpectProof {
            link, pin, ready, run, ..
        } = state;
        let session = link.session();
        let Message::ConfirmJ { commitment, tag } = message else {
            return self.misbehaved(session);
        };
        self.aside.open_shares.pop_back();
        self.record.take_try(link.arrival.endpoint);
        if let Ok(tag) = run.verify(commitment, tag) {
            // From here on only the admission gives the try back: a crash in between costs one.
            self.save();
            self.send(session, &Message::ConfirmI { tag });
            self.welcome(session, &link.arrival.facts);
            let until = self.answer_by(&link);
            return Slot::ExpectJoin(ExpectJoin {
                link,
                commitment: *commitment,
                until,
            });
        }
        if self.lock_if_out_of_tries(Some(session)) {
            return Slot::Free(Vacancy::DeviceLeft);
        }
        self.save_wrong_pin();
        if self.record.tries_left_for(link.arrival.endpoint) == 0 {
            return self.out_of_tries(&link);
        }
        let tries_left = tries_left(self.record, link.arrival.endpoint);
        let left_total = left_total(self.record);
        self.send(
            session,
            &Message::WrongPin {
                generation: self.record.pin_generation,
                tries_left,
                left_total,
            },
        );
        if self.count_nearby(link.arrival.way) {
            return self.hide_nearby(Slot::ExpectShare(ExpectShare { link, pin, ready }));
        }
        if tries_left == 0 {
            Slot::AwaitNewPin(AwaitNewPin {
                link,
                reason: PinVoid::TooManyWrong,
            })
        } else {
            Slot::ExpectShare(ExpectShare { link, pin, ready })
        }
    }

    /// A device has used up its share of a code for several people: the turn of the next one comes.
    fn out_of_tries(&mut self, link: &Link) -> Slot {
        self.refuse(link.session(), ErrorCode::WrongPin);
        if self.count_nearby(link.arrival.way) {
            self.hide_nearby(Slot::Free(Vacancy::DeviceLeft));
        }
        self.vacate(Vacancy::DeviceLeft)
    }

    /// After a wrong try, the last one: locks the invitation for good. Whether it was.
    pub(super) fn lock_if_out_of_tries(&mut self, holder: Option<SessionId>) -> bool {
        let out = self.record.out_of_tries();
        if out {
            self.record.status = Status::Locked;
            self.save_wrong_pin();
            self.tell_all(holder, ErrorCode::Locked);
        }
        out
    }

    /// What is being joined, with the role that the admission will give.
    pub(super) fn welcome(&mut self, session: SessionId, facts: &PartyFacts) {
        let welcome = Message::Welcome {
            party_name: facts.name.clone(),
            inviter_name: facts.inviter_name.clone(),
            role: self.record.role.into(),
            members: facts.members,
        };
        self.send(session, &welcome);
    }
}
