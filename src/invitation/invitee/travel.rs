//! The way to the slot: connecting, trying again, saying hello, waiting for a turn; and what time makes due. No IO.

use std::time::Duration;

use rand::CryptoRng;

use crate::identity::EndpointId;
use crate::invitation::hello::hello;
use crate::invitation::pending::Phase;
use crate::invitation::session::{Closing, SessionId};
use crate::invitation::{ErrorCode, Exporter, Message, Method, Mode, PinNotice, RedeemError, VERSION};

use super::desk::Desk;
use super::state::{
    AwaitPin, AwaitRetry, AwaitStored, ExpectHelloAck, ExpectPin, ExpectTurn, Journey, Link, Patience, Place, State,
    Talk,
};
use super::{FIRST_PAUSE, Gone, HELLO_TIME, LONGEST_BUSY, LONGEST_PAUSE, OFFLINE_AFTER, OFFLINE_PAUSE, Output};

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    pub(super) fn connect(&mut self, journey: Journey) -> State {
        self.out.push(Output::Connect);
        State::ExpectLink(journey)
    }

    /// The person does not want to wait for the next try.
    pub(super) fn retry(&mut self, state: State) -> State {
        match state {
            State::AwaitRetry(AwaitRetry { journey, .. }) => self.connect(Journey::begin(journey.notice)),
            State::ExpectTurn(ExpectTurn {
                notice,
                place: Place::Away { .. },
                ..
            }) => self.connect(Journey::begin(notice)),
            other => other,
        }
    }

    /// A link is open: proves to hold the code, and nothing else yet.
    pub(super) fn connected(&mut self, state: State, session: SessionId, exporter: Exporter) -> State {
        let State::ExpectLink(journey) = state else {
            // Opened for a try that is over.
            if state.session() != Some(session) {
                self.close(session, Closing::ORDERLY);
            }
            return state;
        };
        let nonce = self.random();
        let mode = match self.pending.phase {
            Phase::Redeeming => Mode::New,
            Phase::Proven => Mode::Resume,
        };
        let ends = (self.own_endpoint(), self.pending.code.endpoint());
        let hello = hello(self.pending, mode, nonce, &exporter, ends).encode();
        self.send_frame(session, hello.clone());
        let link = Link {
            session,
            exporter,
            hello,
            nonce,
            since: self.now(),
            received: 0,
        };
        State::ExpectHelloAck(ExpectHelloAck {
            journey,
            link,
            until: self.in_time(HELLO_TIME),
        })
    }

    pub(super) fn own_endpoint(&self) -> EndpointId {
        self.joiner.keys.certificate.endpoint
    }

    /// The inviter's first word on this link.
    pub(super) fn answered(&mut self, mut link: Link, journey: Journey, message: Message, frame: Vec<u8>) -> State {
        let session = link.session;
        match message {
            Message::HelloAck {
                version: VERSION,
                method: Method::Pin,
                party_tag,
                nonce,
                ..
            } => {
                if party_tag != self.pending.code.party_tag() {
                    self.refuse(session, ErrorCode::WrongParty);
                    return self.fail(RedeemError::WrongParty);
                }
                // The time in the queue does not count: the inviter's quarter of an hour begins now, too.
                link.since = self.now();
                let until = self.answer_by(&link);
                let talk = Talk {
                    link,
                    hello_ack: frame,
                    peer_nonce: nonce,
                    attempt: 0,
                    overtaken: 0,
                };
                State::ExpectPin(ExpectPin { journey, talk, until })
            }
            Message::Busy {
                retry_after_s,
                position,
            } => self.busy(link, journey.notice, retry_after_s, position),
            _ => self.misbehaved(session),
        }
    }

    /// Another device holds the slot; or, without a place in the queue, the inviter takes no PINs for now.
    pub(super) fn busy(&mut self, link: Link, notice: Option<PinNotice>, retry_after_s: u16, position: u8) -> State {
        // Not at once, even if we are asked to.
        let pause = Duration::from_secs(u64::from(retry_after_s)).max(FIRST_PAUSE);
        let retry = self.in_time(pause);
        if position == 0 {
            self.close(link.session, Closing::ORDERLY);
            if pause > LONGEST_BUSY {
                return self.fail(RedeemError::RateLimited {
                    seconds: u32::from(retry_after_s),
                });
            }
            let journey = Journey::begin(notice);
            return State::AwaitRetry(AwaitRetry { journey, at: retry });
        }
        State::ExpectTurn(ExpectTurn {
            notice,
            place: Place::Linked { link, retry },
            position,
        })
    }

    /// The link is gone, or did not come to be.
    pub(super) fn gone(&mut self, state: State, session: SessionId, reason: Gone) -> State {
        match state {
            State::ExpectLink(_) => {}
            State::AwaitStored(AwaitStored {
                session: Some(own),
                welcome,
            }) if own == session => {
                return State::AwaitStored(AwaitStored { session: None, welcome });
            }
            ref other if other.session() == Some(session) => {}
            other => return other,
        }
        let code = match reason {
            Gone::NoCommonProtocol => Some(ErrorCode::Version),
            Gone::Closed(code) => ErrorCode::from_close_code(code),
            Gone::Unreachable | Gone::Lost => None,
        };
        match code {
            // The link closed after a frame that said so, or in place of it; either way it is worth another try.
            None | Some(ErrorCode::Busy | ErrorCode::Timeout | ErrorCode::PinStale) => self.lost(state),
            Some(code) => self.sentenced(code, 0),
        }
    }

    /// Without a link: tries again after a pause.
    pub(super) fn lost(&self, state: State) -> State {
        let journey = match state {
            State::Idle | State::AwaitRetry(_) | State::AwaitStored(_) | State::Ended(_) => return state,
            State::ExpectLink(journey) => journey,
            State::ExpectHelloAck(state) => state.journey,
            State::ExpectTurn(ExpectTurn {
                notice,
                place: Place::Linked { retry, .. },
                position,
            }) => {
                return State::ExpectTurn(ExpectTurn {
                    notice,
                    place: Place::Away { retry },
                    position,
                });
            }
            State::ExpectTurn(state) => Journey::begin(state.notice),
            State::ExpectPin(state) => state.journey,
            State::ExpectAdmission(state) => state.journey,
            State::AwaitPin(state) => Journey::begin(state.prompt.notice),
            State::ExpectShare(_) | State::ExpectProof(_) | State::ExpectWelcome(_) => Journey::begin(None),
        };
        self.pause(journey)
    }

    /// One more failed try.
    pub(super) fn pause(&self, journey: Journey) -> State {
        let now = self.now();
        let trying = |failed: u32, since| {
            let doublings = failed.saturating_sub(1).min(10);
            let pause = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
            (Patience::Trying { failed, since }, pause)
        };
        let (patience, pause) = match journey.patience {
            Patience::Fresh => trying(1, now),
            Patience::Trying { failed, since } if now.since(since) < OFFLINE_AFTER => {
                trying(failed.saturating_add(1), since)
            }
            Patience::Trying { .. } | Patience::Offline => (Patience::Offline, OFFLINE_PAUSE),
        };
        let journey = Journey { patience, ..journey };
        let at = self.in_time(pause);
        State::AwaitRetry(AwaitRetry { journey, at })
    }

    /// Does what time has made due.
    pub(super) fn settle(&mut self, state: State) -> State {
        if state.deadline().is_none_or(|due| self.now() < due) {
            return state;
        }
        match state {
            State::Idle | State::ExpectLink(_) | State::AwaitStored(_) | State::Ended(_) => state,
            State::AwaitRetry(AwaitRetry { journey, .. }) => self.connect(journey),
            State::ExpectTurn(ExpectTurn {
                notice,
                place: Place::Away { .. },
                ..
            }) => self.connect(Journey::begin(notice)),
            State::AwaitPin(AwaitPin { talk, mut prompt }) if self.now() < talk.link.over() => {
                prompt.tries_left = 0;
                prompt.notice = Some(PinNotice::Void);
                State::AwaitPin(AwaitPin { talk, prompt })
            }
            State::AwaitPin(state) => {
                // The slot has been ours for a quarter of an hour, and no PIN was right.
                self.refuse(state.talk.link.session, ErrorCode::Timeout);
                self.fail(RedeemError::TimedOut)
            }
            waiting => {
                if let Some(session) = waiting.session() {
                    self.refuse(session, ErrorCode::Timeout);
                }
                self.lost(waiting)
            }
        }
    }
}
