//! Rounds: whom to dial when, what a round has brought, when the next one begins; and which input goes where. No IO.

use std::collections::VecDeque;
use std::time::Duration;

use rand::CryptoRng;

use crate::identity::EndpointId;
use crate::invitation::pending::{COUNT_KEPT, Pending, Phase};
use crate::invitation::record::EXPIRY_TOLERANCE;
use crate::invitation::session::{Closing, Env, SessionId};
use crate::invitation::{CancelReason, ErrorCode, Message, RedeemError, RedemptionStage};
use crate::time::Timestamp;

use super::state::{Heard, Journey, Round, State};
use super::{FIRST_PAUSE, Input, Joiner, LONGEST_PAUSE, Output, POLL_PAUSES, Proof, STAGGER};

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

    pub(super) fn random(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.env.rng.fill_bytes(&mut bytes);
        bytes
    }

    pub(super) fn save(&mut self) {
        self.out.push(Output::Save(Box::new(self.pending.clone())));
    }

    pub(super) fn send(&mut self, session: SessionId, message: &Message) {
        let frame = message.encode();
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

    /// Ends without a membership, for good.
    pub(super) fn end(&mut self, error: RedeemError) -> State {
        self.out.push(Output::Delete);
        State::Ended(RedemptionStage::Failed { error })
    }

    /// Gives an input to the state.
    pub(super) fn take(&mut self, state: State, input: Input) -> State {
        match input {
            Input::Start => self.start(state),
            Input::Connected {
                session,
                endpoint,
                exporter,
            } => self.connected(state, session, endpoint, exporter),
            Input::Unreachable(endpoint) => {
                let State::Seeking(journey, mut round) = state else {
                    return state;
                };
                round.dialling.remove(&endpoint);
                State::Seeking(journey, round)
            }
            Input::Frame { session, frame } if state.session() == Some(session) => self.frame(state, &frame),
            Input::Frame { .. } | Input::Wake => state,
            Input::Gone { session, reason } if state.session() == Some(session) => self.gone(state, reason),
            Input::Gone { .. } => state,
            Input::Retry => match state {
                State::Resting(journey) => self.seek(Journey { failed: 0, ..journey }),
                other => other,
            },
            Input::Cancel => self.cancel(state),
            Input::Stored(result) => self.stored(state, result),
            Input::Proof(proof) => self.proof(state, proof),
            Input::SaveFailed => {
                if let Some(session) = state.session() {
                    self.close(session, Closing::at_once(ErrorCode::Internal));
                }
                State::Ended(RedemptionStage::Failed {
                    error: RedeemError::Internal,
                })
            }
        }
    }

    fn start(&mut self, state: State) -> State {
        let State::Idle = state else { return state };
        // On disk before the first connection: whoever gets admitted exists.
        self.save();
        let journey = Journey {
            failed: 0,
            polls: 0,
            rounds: 0,
            next: self.now(),
            asks_anew: false,
        };
        self.seek(journey)
    }

    /// Begins a round, each with another device: who answers first is not always the same. By e-mail there has to be a proof
    /// that members take, until one has taken the request.
    fn seek(&mut self, mut journey: Journey) -> State {
        if self.has_old_proof() {
            match self.pending.phase {
                Phase::Redeeming => {
                    self.out.push(Output::ProveMailbox);
                    return State::Proving(journey);
                }
                Phase::Proven => journey.asks_anew = false,
            }
        }
        let mut untried: Vec<EndpointId> = self.pending.code.admitters().into_iter().map(|(one, _)| one).collect();
        let own = self.joiner.keys.certificate.endpoint;
        untried.retain(|endpoint| *endpoint != own);
        let first = journey.rounds.checked_rem(untried.len()).unwrap_or_default();
        untried.rotate_left(first);
        let round = Round::of(untried.into(), self.now());
        let rounds = journey.rounds.wrapping_add(1);
        State::Seeking(Journey { rounds, ..journey }, round)
    }

    /// Whether what the mail service has said is too old for members.
    fn has_old_proof(&self) -> bool {
        let proof = self.pending.mail.as_ref();
        proof.is_some_and(|proof| proof.is_old(self.now()))
    }

    /// The mail service has made another proof, or not.
    fn proof(&mut self, state: State, proof: Proof) -> State {
        let State::Proving(mut journey) = state else {
            return state;
        };
        match proof {
            Proof::Renewed(proof) => {
                self.pending.mail = Some(*proof);
                self.save();
                journey.asks_anew = self.pending.phase == Phase::Proven;
                self.seek(journey)
            }
            // The request may still reach everybody, and be approved.
            Proof::Refused if self.pending.phase == Phase::Redeeming => self.end(RedeemError::MailboxUnproved),
            // As if nobody could be reached.
            Proof::Refused | Proof::Unavailable => self.conclude(journey, &Round::of(VecDeque::new(), self.now())),
        }
    }

    /// Does what time has made due.
    pub(super) fn settle(&mut self, state: State) -> State {
        match state {
            State::Resting(journey) if journey.next <= self.now() => {
                let state = self.seek(journey);
                self.settle(state)
            }
            State::Seeking(journey, mut round) => {
                if let Some(talk) = round.talk.take_if(|talk| talk.until <= self.env.now) {
                    self.refuse(talk.session, ErrorCode::Timeout);
                }
                self.dial(&mut round);
                if round.talk.is_none() && round.dialling.is_empty() && round.untried.is_empty() {
                    self.conclude(journey, &round)
                } else {
                    State::Seeking(journey, round)
                }
            }
            other => other,
        }
    }

    /// Dials the next device, if nobody is talked to and it is time or nobody else is being dialled.
    fn dial(&mut self, round: &mut Round) {
        while round.talk.is_none() && (round.next_dial <= self.now() || round.dialling.is_empty()) {
            let Some(next) = round.untried.pop_front() else { return };
            round.dialling.insert(next);
            round.next_dial = self.in_time(STAGGER);
            self.out.push(Output::Connect(next));
        }
    }

    /// All who can be reached have been asked.
    fn conclude(&mut self, mut journey: Journey, round: &Round) -> State {
        if let Some(error) = &round.no {
            return self.end(error.clone());
        }
        if self.gives_up().is_some_and(|at| at <= self.now()) {
            return self.end(RedeemError::Expired);
        }
        if round.request == Heard::NotEverywhere && self.pending.phase == Phase::Proven && !journey.asks_anew {
            // Whoever took the request has not passed it on. It is made again: twice the same is one.
            if self.has_old_proof() {
                self.out.push(Output::ProveMailbox);
                return State::Proving(journey);
            }
            if self.pending.mail.is_some() {
                journey.asks_anew = true;
            } else {
                self.pending.phase = Phase::Redeeming;
                self.save();
            }
        }
        let failed = journey.failed.saturating_add(1);
        let pause = match self.pending.phase {
            Phase::Proven if !journey.asks_anew => poll_pause(journey.polls),
            Phase::Redeeming | Phase::Proven => {
                let doublings = failed.saturating_sub(1).min(20);
                FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
            }
        };
        self.rest(Journey { failed, ..journey }, pause)
    }

    /// A member has said that the request waits.
    pub(super) fn waits(&self, journey: Journey, poll_after_s: u32) -> State {
        let asked = Duration::from_secs(u64::from(poll_after_s));
        let longest = poll_pause(POLL_PAUSES.len());
        let polls = journey.polls.saturating_add(1);
        let pause = poll_pause(polls).max(asked.min(longest));
        self.rest(
            Journey {
                failed: 0,
                polls,
                asks_anew: false,
                ..journey
            },
            pause,
        )
    }

    /// Pauses; the last question before the invitation ends is asked just then.
    fn rest(&self, journey: Journey, pause: Duration) -> State {
        let next = self.in_time(pause);
        let ends = self.pending.code.expires().filter(|ends| self.now() < *ends);
        let next = ends.map_or(next, |ends| next.min(ends));
        State::Resting(Journey { next, ..journey })
    }

    /// When nobody is asked any more. An admission of the last minute can be fetched for a while.
    fn gives_up(&self) -> Option<Timestamp> {
        let ends = self.pending.code.expires()?;
        Some(ends.plus(EXPIRY_TOLERANCE).plus(COUNT_KEPT))
    }

    /// The person stops. A request that waits goes on waiting in the party; whoever approves it admits somebody who does not
    /// come.
    fn cancel(&mut self, state: State) -> State {
        if matches!(state, State::AwaitStored(..) | State::Ended(_)) {
            return state;
        }
        self.out.push(Output::Delete);
        if let Some(session) = state.session() {
            let reason = CancelReason::ByPerson;
            self.send(session, &Message::Cancel { reason });
            self.close(session, Closing::after_last_word(ErrorCode::CancelledByInvitee));
        }
        State::Ended(RedemptionStage::Cancelled)
    }
}

/// The pause after so many answers that the request waits.
fn poll_pause(polls: usize) -> Duration {
    let [.., longest] = POLL_PAUSES;
    POLL_PAUSES.get(polls.saturating_sub(1)).copied().unwrap_or(longest)
}
