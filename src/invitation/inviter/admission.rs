//! Who it is, the admission, and the farewell: nothing is sent before the engine has stored it. No IO.

use rand::CryptoRng;

use crate::identity::Certificate;
use crate::invitation::record::Status;
use crate::invitation::session::{Closing, SessionId};
use crate::invitation::{ErrorCode, Join, Message};

use super::desk::{Desk, Farewell, FarewellPhase};
use super::slot::{AwaitAdmission, ExpectJoin, Link, Peer, Slot, Vacancy};
use super::way::evidence;
use super::{Admission, AdmissionRequest, Candidate, FAREWELL_TIME, Output, Refusal};

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    /// A frame of a peer that has proved the PIN.
    pub(super) fn join(&mut self, state: ExpectJoin, message: Message) -> Slot {
        let session = state.link.session();
        let Message::Join(join) = message else {
            return self.misbehaved(session);
        };
        if !self.is_who_was_proved(&state.link, &state.commitment, &join) {
            // The try of this run stays counted, and it counts as a wrong PIN of the day.
            let locked = self.lock_if_out_of_tries(None);
            if !locked {
                self.save_wrong_pin();
            }
            self.refuse(session, ErrorCode::BadIdentity);
            if !locked && self.count_nearby(state.link.arrival.way) {
                self.hide_nearby(Slot::Free(Vacancy::DeviceLeft));
            }
            return self.vacate(Vacancy::DeviceLeft);
        }
        let candidate = Candidate::of(&join);
        let arrival = &state.link.arrival;
        let join = self.for_the_log(arrival.way, arrival.facts.tag, join);
        self.out.push(Output::Admit(Box::new(AdmissionRequest {
            session,
            join,
            record: self.record.clone(),
        })));
        Slot::AwaitAdmission(AwaitAdmission {
            session,
            peer: Peer::Here,
            candidate,
        })
    }

    /// Whether this is the very `Join` that the PIN proof covers, from the endpoint that TLS authenticated, by the device and
    /// the person that it names, for this code and party. A device that is to be our own names nobody yet.
    fn is_who_was_proved(&self, link: &Link, commitment: &[u8; 32], join: &Join) -> bool {
        let facts = &link.arrival.facts;
        let certificate = Certificate {
            identity: join.identity,
            device: join.device,
            endpoint: join.endpoint,
            signature: join.certificate,
        };
        let way = link.arrival.way;
        let evidence = evidence(way.tag(facts.tag), join);
        let possession = join.possession_text(&link.arrival.exporter, facts.inviter_endpoint);
        join.commitment() == *commitment
            && join.endpoint == link.arrival.endpoint
            && if facts.is_pairing() {
                certificate.identity == Join::NOBODY && certificate.signature == Join::NO_CERTIFICATE
            } else {
                certificate.verify().is_ok()
            }
            && join.device.verify(&possession, &join.possession).is_ok()
            && way
                .secret(self.record)
                .key()
                .verify_evidence(&evidence, &join.evidence)
                .is_ok()
    }

    /// The engine has stored an admission, or found one, or not.
    pub(super) fn admission(&mut self, slot: Slot, session: SessionId, result: Result<Admission, Refusal>) -> Slot {
        match slot {
            Slot::AwaitAdmission(state) if state.session == session => self.admitted(state, result),
            other => {
                self.fetched(session, result);
                other
            }
        }
    }

    fn admitted(&mut self, state: AwaitAdmission, result: Result<Admission, Refusal>) -> Slot {
        let AwaitAdmission {
            session,
            peer,
            candidate,
        } = state;
        let admission = match result {
            Ok(admission) => admission,
            Err(refusal) => {
                if peer == Peer::Here {
                    self.refuse(session, refusal.code());
                }
                return self.vacate(Vacancy::DeviceLeft);
            }
        };
        let endpoint = candidate.endpoint;
        *self.record = self.record.clone().with_admitted(candidate.admitted(admission.op));
        if peer == Peer::Here {
            let op = *admission.op.as_bytes();
            self.send_admission(session, admission.ops);
            let until = self.in_time(FAREWELL_TIME);
            self.aside.farewells.push(Farewell {
                session,
                endpoint,
                until,
                phase: FarewellPhase::ExpectAck { op },
            });
        }
        if self.record.status != Status::Open {
            self.tell_all(None, ErrorCode::AlreadyUsed);
        }
        self.vacate(Vacancy::Fresh)
    }

    /// An admitted device gets the admission that it has missed.
    fn fetched(&mut self, session: SessionId, result: Result<Admission, Refusal>) {
        let asked =
            |one: &Farewell| one.session == session && matches!(one.phase, FarewellPhase::AwaitAdmission { .. });
        let Some(index) = self.aside.farewells.iter().position(asked) else {
            return;
        };
        let farewell = self.aside.farewells.swap_remove(index);
        let FarewellPhase::AwaitAdmission { facts } = farewell.phase else {
            return;
        };
        match result {
            Ok(admission) => {
                let op = *admission.op.as_bytes();
                self.welcome(session, &facts);
                self.send_admission(session, admission.ops);
                let until = self.in_time(FAREWELL_TIME);
                let phase = FarewellPhase::ExpectAck { op };
                self.aside.farewells.push(Farewell {
                    session,
                    endpoint: farewell.endpoint,
                    until,
                    phase,
                });
            }
            Err(refusal) => self.refuse(session, refusal.code()),
        }
    }

    fn send_admission(&mut self, session: SessionId, ops: Vec<Vec<u8>>) {
        for frame in Message::admission(ops) {
            self.send(session, &frame);
        }
    }

    /// A frame of a peer that does not hold the slot.
    pub(super) fn frame_aside(&mut self, session: SessionId, frame: &[u8]) {
        let message = Message::decode(frame);
        let mut good = matches!(message, Ok(Message::Cancel { .. } | Message::Error { .. }));
        let mut moved = None;
        if let Some(place) = self.aside.queue.iter().position(|waiting| waiting.session == session) {
            self.aside.queue.remove(place);
            moved = Some(place);
        } else if let Some(place) = self.aside.farewells.iter().position(|one| one.session == session) {
            let farewell = self.aside.farewells.swap_remove(place);
            if let (FarewellPhase::ExpectAck { op }, Ok(Message::Ack { op: named })) = (&farewell.phase, &message) {
                good = op == named;
            }
        } else {
            // A link that was closed a moment ago.
            return;
        }
        // The peer has said its last word, a good one or not.
        if good {
            self.close(session, Closing::ORDERLY);
        } else {
            self.refuse(session, ErrorCode::BadMessage);
        }
        if let Some(place) = moved {
            self.tell_places(place);
        }
    }
}

impl Refusal {
    const fn code(self) -> ErrorCode {
        match self {
            Self::AlreadyMember => ErrorCode::AlreadyMember,
            Self::NotAllowed => ErrorCode::NotAllowed,
            Self::Storage => ErrorCode::Internal,
        }
    }
}
