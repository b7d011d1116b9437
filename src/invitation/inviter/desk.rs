//! What every state needs at hand: the record, what goes on aside of the slot, the time, the outputs so far. And which input
//! goes where. No IO.

use std::collections::VecDeque;
use std::time::Duration;

use rand::CryptoRng;

use crate::identity::EndpointId;
use crate::invitation::record::Record;
use crate::invitation::session::{Closing, Env, SessionId};
use crate::invitation::{ErrorCode, MAX_HANDSHAKE, Message};
use crate::time::Timestamp;

use super::slot::{Arrival, Link, Peer, Slot};
use super::way::{Showing, Way};
use super::{ANSWER_TIME, Input, Output, PartyFacts};

/// What goes on beside the slot. In memory only.
#[derive(Default)]
pub(super) struct Aside {
    /// Devices that wait for the slot, the next one first.
    pub(super) queue: VecDeque<Arrival>,
    /// Devices whose admission is stored and that have not said so yet.
    pub(super) farewells: Vec<Farewell>,
    /// When shares came for which no proof has come.
    pub(super) open_shares: VecDeque<Timestamp>,
    /// Whether it is shown nearby.
    pub(super) showing: Showing,
    /// The time last said in [`Output::WakeAt`].
    pub(super) wake: Option<Timestamp>,
}

impl Aside {
    pub(super) fn waiting(&self) -> u8 {
        u8::try_from(self.queue.len()).unwrap_or(u8::MAX)
    }
}

/// A device that is admitted and gets what it needs to start.
pub(super) struct Farewell {
    pub(super) session: SessionId,
    pub(super) endpoint: EndpointId,
    pub(super) until: Timestamp,
    pub(super) phase: FarewellPhase,
}

/// How far a farewell is.
pub(super) enum FarewellPhase {
    /// The engine looks the admission up.
    AwaitAdmission {
        /// What the peer is told with it.
        facts: PartyFacts,
    },
    /// The peer stores it.
    ExpectAck {
        /// What the peer has to name.
        op: [u8; 32],
    },
}

/// One step's surroundings.
pub(super) struct Desk<'a, 'e, R: ?Sized> {
    pub(super) record: &'a mut Record,
    pub(super) aside: &'a mut Aside,
    pub(super) env: &'a mut Env<'e, R>,
    pub(super) out: Vec<Output>,
}

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    pub(super) const fn now(&self) -> Timestamp {
        self.env.now
    }

    pub(super) fn in_time(&self, time: Duration) -> Timestamp {
        self.env.now.plus(time)
    }

    /// When a peer that sits at `link` has to have answered.
    pub(super) fn answer_by(&self, link: &Link) -> Timestamp {
        self.in_time(ANSWER_TIME).min(link.over())
    }

    pub(super) fn nonce(&mut self) -> [u8; 32] {
        let mut nonce = [0; 32];
        self.env.rng.fill_bytes(&mut nonce);
        nonce
    }

    pub(super) fn save(&mut self) {
        self.out.push(Output::Save(Box::new(self.record.clone())));
    }

    pub(super) fn save_wrong_pin(&mut self) {
        self.out.push(Output::SaveWrongPin(Box::new(self.record.clone())));
    }

    pub(super) fn send(&mut self, session: SessionId, message: &Message) {
        self.send_frame(session, message.encode());
    }

    pub(super) fn send_frame(&mut self, session: SessionId, frame: Vec<u8>) {
        self.out.push(Output::Send { session, frame });
    }

    pub(super) fn close(&mut self, session: SessionId, closing: Closing) {
        self.out.push(Output::Close { session, closing });
    }

    /// Says why, and closes.
    pub(super) fn refuse(&mut self, session: SessionId, code: ErrorCode) {
        self.send(session, &Message::error(code, 0));
        self.close(session, Closing::after_last_word(code));
    }

    /// Asks to come back later, and closes.
    pub(super) fn send_away(&mut self, session: SessionId, retry_after_s: u16, position: u8) {
        self.send(
            session,
            &Message::Busy {
                retry_after_s,
                position,
            },
        );
        self.close(session, Closing::after_last_word(ErrorCode::Busy));
    }

    /// Gives an input to whom it concerns.
    pub(super) fn take(&mut self, slot: Slot, input: Input) -> Slot {
        match input {
            Input::Hello {
                session,
                endpoint,
                exporter,
                facts,
                frame,
            } => {
                let arrival = Arrival {
                    session,
                    endpoint,
                    way: Way::Code,
                    exporter,
                    facts,
                    hello: frame,
                    nonce: [0; 32],
                    since: self.now(),
                };
                self.hello(slot, arrival)
            }
            Input::Frame { session, frame } => self.frame(slot, session, &frame),
            Input::Gone { session } => self.gone(slot, session),
            Input::ShowNewPin => self.new_pin(slot),
            Input::Next => self.give_away(slot),
            Input::Revoke => self.revoke(slot),
            Input::ShowNearby => self.show_nearby(slot),
            Input::HideNearby => self.hide_nearby(slot),
            Input::Admission { session, result } => self.admission(slot, session, result),
            Input::Wake => slot,
        }
    }

    fn frame(&mut self, slot: Slot, session: SessionId, frame: &[u8]) -> Slot {
        if slot.session() != Some(session) {
            self.frame_aside(session, frame);
            return slot;
        }
        let message = match (Message::decode(frame), slot) {
            (Ok(Message::Cancel { .. } | Message::Error { .. }), slot) => return self.peer_left(slot, session),
            // The admission is being written: nothing is expected now, but nothing undoes it either.
            (_, Slot::AwaitAdmission(mut state)) => {
                self.refuse(session, ErrorCode::BadMessage);
                state.peer = Peer::Left;
                return Slot::AwaitAdmission(state);
            }
            (Err(_), _) => return self.misbehaved(session),
            (Ok(message), slot) => (message, slot),
        };
        match message {
            (message, Slot::ExpectShare(mut state)) => {
                if too_much(&mut state.link, frame) {
                    self.misbehaved(session)
                } else {
                    self.share(state, &message)
                }
            }
            (message, Slot::AwaitNewPin(mut state)) => {
                if too_much(&mut state.link, frame) {
                    self.misbehaved(session)
                } else {
                    self.stale(state, &message)
                }
            }
            (message, Slot::ExpectProof(state)) => self.proof(state, &message),
            (message, Slot::ExpectJoin(state)) => self.join(state, message),
            (_, slot @ (Slot::Free(_) | Slot::ExpectReturn(_) | Slot::AwaitAdmission(_))) => slot,
        }
    }
}

/// Whether the peer has sent more than a handshake needs.
fn too_much(link: &mut Link, frame: &[u8]) -> bool {
    link.received = link.received.saturating_add(frame.len());
    link.received > MAX_HANDSHAKE
}
