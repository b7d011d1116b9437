//! What every state needs at hand, and which input goes where. No IO.

use std::time::Duration;

use rand::CryptoRng;

use crate::invitation::pending::{Pending, Phase};
use crate::invitation::session::{Closing, Env, SessionId};
use crate::invitation::{
    CancelReason, ErrorCode, MAX_HANDSHAKE, MAX_WRONG_PINS, Message, RedeemError, RedemptionStage,
};
use crate::time::Timestamp;

use super::state::{ExpectTurn, Journey, Link, Place, State};
use super::{ANSWER_TIME, Input, Joiner, Output};

/// One step's surroundings.
pub(super) struct Desk<'a, 'e, R: ?Sized> {
    pub(super) joiner: &'a Joiner,
    pub(super) pending: &'a mut Pending,
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

    /// When the inviter has to have answered on this link.
    pub(super) fn answer_by(&self, link: &Link) -> Timestamp {
        self.in_time(ANSWER_TIME).min(link.over())
    }

    pub(super) fn random(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.env.rng.fill_bytes(&mut bytes);
        bytes
    }

    pub(super) fn save(&mut self) {
        self.out.push(Output::Save(Box::new(self.pending.clone())));
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

    /// Gives an input to the state.
    pub(super) fn take(&mut self, state: State, input: Input) -> State {
        match input {
            Input::Start => self.start(state),
            Input::Connected { session, exporter } => self.connected(state, session, exporter),
            Input::Frame { session, frame } if state.session() == Some(session) => self.frame(state, session, frame),
            Input::Frame { .. } => state,
            Input::Gone { session, reason } => self.gone(state, session, reason),
            Input::SubmitPin(pin) => self.submit(state, &pin),
            Input::Retry => self.retry(state),
            Input::Cancel => self.cancel(state),
            Input::Stored(result) => self.stored(state, result),
            Input::SaveFailed => self.save_failed(state),
            Input::Wake => state,
        }
    }

    fn start(&mut self, state: State) -> State {
        let State::Idle = state else { return state };
        match self.pending.blocked_until {
            Some(until) if self.now() < until => return failed(RedeemError::BlockedHere { until }),
            Some(_) => {
                self.pending.blocked_until = None;
                if !self.pending.still_counts(self.now()) {
                    self.pending.wrong_total = 0;
                }
            }
            // The program stopped between the count and the block.
            None if self.pending.wrong_total >= MAX_WRONG_PINS => return self.block(None),
            None => {}
        }
        if self.pending.phase == Phase::Proven && self.pending.forgettable(self.now()) {
            self.out.push(Output::Delete);
            return failed(RedeemError::TimedOut);
        }
        // On disk before the first connection: whoever gets admitted exists.
        self.save();
        self.connect(Journey::begin(None))
    }

    /// A frame of the inviter on the link that the state has.
    fn frame(&mut self, state: State, session: SessionId, frame: Vec<u8>) -> State {
        if let State::AwaitStored(mut storing) = state {
            // Nothing is expected now, but the party is being stored whatever the peer says.
            self.close(session, Closing::ORDERLY);
            storing.session = None;
            return State::AwaitStored(storing);
        }
        let message = match Message::decode(&frame) {
            Ok(Message::Cancel { .. }) => return self.told(state, session, ErrorCode::CancelledByInviter, 0),
            Ok(Message::Error {
                code: ErrorCode::PinStale,
                ..
            }) => return self.overtaken(state, session),
            Ok(Message::Error {
                code, retry_after_s, ..
            }) => return self.told(state, session, code, retry_after_s),
            Ok(message) => message,
            Err(_) => return self.misbehaved(session),
        };
        match state {
            State::ExpectHelloAck(mut state) => {
                if too_much(&mut state.link, &frame) {
                    return self.misbehaved(session);
                }
                self.answered(state.link, state.journey, message, frame)
            }
            State::ExpectTurn(ExpectTurn {
                notice,
                place: Place::Linked { mut link, .. },
                ..
            }) => {
                if too_much(&mut link, &frame) {
                    return self.misbehaved(session);
                }
                let journey = Journey::begin(notice);
                self.answered(link, journey, message, frame)
            }
            State::ExpectPin(mut state) => {
                if too_much(&mut state.talk.link, &frame) {
                    self.misbehaved(session)
                } else {
                    self.seated(state, message, frame)
                }
            }
            State::AwaitPin(mut state) => {
                if too_much(&mut state.talk.link, &frame) {
                    return self.misbehaved(session);
                }
                self.prompted_again(state.talk, &state.prompt, &message, frame)
            }
            State::ExpectShare(mut state) => {
                if too_much(&mut state.talk.link, &frame) {
                    self.misbehaved(session)
                } else {
                    self.share(state, &message, frame)
                }
            }
            State::ExpectProof(mut state) => {
                if too_much(&mut state.talk.link, &frame) {
                    self.misbehaved(session)
                } else {
                    self.proof(state, &message, frame)
                }
            }
            State::ExpectWelcome(state) => self.welcomed(state, message),
            State::ExpectAdmission(state) => self.admitted(state, message),
            State::Idle
            | State::ExpectLink(_)
            | State::AwaitRetry(_)
            | State::ExpectTurn(_)
            | State::AwaitStored(_)
            | State::Ended(_) => state,
        }
    }

    /// The person stops. A redemption whose PIN was right stays on disk: the inviter may have admitted this device, and the
    /// next start finds out.
    fn cancel(&mut self, state: State) -> State {
        if matches!(state, State::AwaitStored(_) | State::Ended(_)) {
            return state;
        }
        if self.pending.phase == Phase::Redeeming {
            self.forget();
        }
        if let Some(session) = state.session() {
            self.send(
                session,
                &Message::Cancel {
                    reason: CancelReason::ByPerson,
                },
            );
            self.close(session, Closing::after_last_word(ErrorCode::CancelledByInvitee));
        }
        State::Ended(RedemptionStage::Cancelled)
    }
}

/// The end, without a membership.
pub(super) const fn failed(error: RedeemError) -> State {
    State::Ended(RedemptionStage::Failed { error })
}

/// Whether the peer has sent more than a handshake needs.
fn too_much(link: &mut Link, frame: &[u8]) -> bool {
    link.received = link.received.saturating_add(frame.len());
    link.received > MAX_HANDSHAKE
}
