//! The PIN is asked for, typed and proved. Our own count of wrong PINs is on disk, so that whoever made a false code gets no
//! more guesses than an honest inviter gives. A proof counts when it is sent, and no more once the inviter has proved the PIN
//! too: whoever takes a proof and breaks off has had a guess. No IO.

use std::sync::Arc;
use std::time::Duration;

use rand::CryptoRng;

use crate::invitation::pending::Phase;
use crate::invitation::session::{Closing, SessionId};
use crate::invitation::{
    Binding, CodeKind, ErrorCode, Evidence, InviteeProof, InviteeRun, Join, MAX_WRONG_PER_PIN, MAX_WRONG_PINS, Message,
    Pin, PinNotice, RedeemError,
};

use super::BLOCK_TIME;
use super::desk::{Desk, failed};
use super::state::{AwaitPin, ExpectPin, ExpectProof, ExpectShare, ExpectWelcome, Journey, Prompt, State, Talk};

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    /// A frame now that the slot is ours: the PIN is due, or, after a proof, the admission.
    pub(super) fn seated(&mut self, state: ExpectPin, message: Message, frame: Vec<u8>) -> State {
        let ExpectPin { journey, talk, .. } = state;
        match message {
            Message::PinReady { .. } => match self.prompt(&message, frame, 0, journey.notice) {
                Some(prompt) => State::AwaitPin(AwaitPin { talk, prompt }),
                None => self.misbehaved(talk.link.session),
            },
            Message::Welcome { .. } if self.pending.phase == Phase::Proven => {
                self.remembered(journey, &talk.link, message)
            }
            _ => self.misbehaved(talk.link.session),
        }
    }

    /// A further PIN, or the news that this one is void, while the person types.
    pub(super) fn prompted_again(&mut self, talk: Talk, old: &Prompt, message: &Message, frame: Vec<u8>) -> State {
        let Message::PinReady {
            generation, seconds, ..
        } = message
        else {
            return self.misbehaved(talk.link.session);
        };
        let (wrong, notice) = match (*generation == old.generation, *seconds) {
            (true, 0) => (old.wrong, PinNotice::Void),
            // The same PIN is never shown twice on one link.
            (true, _) => return self.misbehaved(talk.link.session),
            (false, _) => (0, PinNotice::Changed),
        };
        match self.prompt(message, frame, wrong, Some(notice)) {
            Some(prompt) => State::AwaitPin(AwaitPin { talk, prompt }),
            None => self.misbehaved(talk.link.session),
        }
    }

    fn prompt(&self, message: &Message, ready: Vec<u8>, wrong: u8, notice: Option<PinNotice>) -> Option<Prompt> {
        let Message::PinReady {
            generation,
            digits,
            seconds,
            tries_left,
        } = *message
        else {
            return None;
        };
        let void = seconds == 0 || tries_left == 0;
        Some(Prompt {
            generation,
            digits,
            expires: self.in_time(Duration::from_secs(u64::from(seconds))),
            tries_left: if void { 0 } else { tries_left },
            wrong,
            notice: if void { Some(PinNotice::Void) } else { notice },
            ready,
        })
    }

    /// The person has typed a PIN. One that is void, or of another length, is stale: the field has changed meanwhile.
    pub(super) fn submit(&mut self, state: State, pin: &Arc<Pin>) -> State {
        let State::AwaitPin(AwaitPin { mut talk, prompt }) = state else {
            return state;
        };
        let session = talk.link.session;
        let Some(attempt) = talk.attempt.checked_add(1) else {
            return self.misbehaved(session);
        };
        if prompt.is_void() || pin.digits().len() != usize::from(prompt.digits) {
            return State::AwaitPin(AwaitPin { talk, prompt });
        }
        if self.pending.wrong_total >= MAX_WRONG_PINS {
            return self.block(Some(session));
        }
        talk.attempt = attempt;
        let started = {
            let binding = Binding {
                exporter: &talk.link.exporter,
                invitee: self.own_endpoint(),
                inviter: self.pending.code.endpoint(),
                invitation: self.pending.id(),
                party_tag: self.pending.code.party_tag(),
                generation: prompt.generation,
                attempt,
                hello: &talk.link.hello,
                hello_ack: &talk.hello_ack,
                pin_ready: &prompt.ready,
                invitee_nonce: talk.link.nonce,
                inviter_nonce: talk.peer_nonce,
            };
            InviteeRun::start(&binding, pin, self.pending.code.secret(), self.env.rng)
        };
        // Only a code that names this very device as its inviter comes here.
        let Ok((run, share)) = started else {
            return self.misbehaved(session);
        };
        self.send(
            session,
            &Message::PakeA {
                generation: prompt.generation,
                attempt,
                share,
            },
        );
        let until = self.answer_by(&talk.link);
        State::ExpectShare(ExpectShare {
            talk,
            prompt,
            run,
            until,
        })
    }

    /// A frame after our share: the inviter's, or a new PIN that has overtaken it.
    pub(super) fn share(&mut self, state: ExpectShare, message: &Message, frame: Vec<u8>) -> State {
        let ExpectShare {
            mut talk, prompt, run, ..
        } = state;
        let session = talk.link.session;
        match message {
            Message::PakeB { share } => {
                let join = self.who(&talk);
                let Ok((proof, tag)) = run.answer(share, join.commitment()) else {
                    return self.misbehaved(session);
                };
                self.pending.wrong_total = self.pending.wrong_total.saturating_add(1);
                self.save();
                self.send(
                    session,
                    &Message::ConfirmJ {
                        commitment: join.commitment(),
                        tag,
                    },
                );
                let until = self.answer_by(&talk.link);
                State::ExpectProof(ExpectProof {
                    talk,
                    prompt,
                    proof,
                    join,
                    until,
                })
            }
            Message::PinReady { .. } => {
                talk.overtaken = talk.overtaken.saturating_add(1);
                self.prompted_again(talk, &prompt, message, frame)
            }
            Message::Busy {
                retry_after_s,
                position,
            } => self.busy(talk.link, Some(PinNotice::Changed), *retry_after_s, *position),
            _ => self.misbehaved(session),
        }
    }

    /// Who wants to come in, for this connection only.
    fn who(&mut self, talk: &Talk) -> Box<Join> {
        let blind = self.random();
        let mut certificate = self.joiner.keys.certificate;
        if self.pending.code.kind() == CodeKind::DevicePairing {
            (certificate.identity, certificate.signature) = (Join::NOBODY, Join::NO_CERTIFICATE);
        }
        let evidence = Evidence {
            party_tag: self.pending.code.party_tag(),
            identity: certificate.identity,
            device: certificate.device,
            endpoint: certificate.endpoint,
        };
        let mut join = Box::new(Join {
            blind,
            identity: certificate.identity,
            device: certificate.device,
            endpoint: certificate.endpoint,
            certificate: certificate.signature,
            name: self.joiner.name.clone(),
            evidence: self.pending.code.secret().sign_evidence(&evidence),
            possession: [0; 64],
            attestation: Vec::new(),
        });
        let possession = join.possession_text(&talk.link.exporter, self.pending.code.endpoint());
        join.possession = self.joiner.keys.device.sign(&possession);
        join
    }

    /// A frame after our proof.
    pub(super) fn proof(&mut self, state: ExpectProof, message: &Message, frame: Vec<u8>) -> State {
        let ExpectProof {
            mut talk,
            prompt,
            proof,
            join,
            ..
        } = state;
        let session = talk.link.session;
        match message {
            Message::ConfirmI { tag } if proof.verify(tag).is_ok() => {
                // On disk before the inviter learns who we are: from then on it may admit us at any moment.
                self.pending.phase = Phase::Proven;
                self.pending.wrong_total = self.pending.wrong_total.saturating_sub(1);
                self.save();
                let until = self.answer_by(&talk.link);
                State::ExpectWelcome(ExpectWelcome { session, join, until })
            }
            Message::ConfirmI { .. } => self.deceived(session),
            Message::WrongPin {
                generation, tries_left, ..
            } if *generation == prompt.generation => self.wrong(talk, prompt, *tries_left),
            Message::PinReady { .. } => {
                talk.overtaken = talk.overtaken.saturating_add(1);
                self.prompted_again(talk, &prompt, message, frame)
            }
            _ => self.misbehaved(session),
        }
    }

    /// The inviter says that the PIN was wrong.
    fn wrong(&mut self, talk: Talk, mut prompt: Prompt, tries_left: u8) -> State {
        let session = talk.link.session;
        prompt.wrong = prompt.wrong.saturating_add(1);
        let generous = prompt.wrong >= MAX_WRONG_PER_PIN && tries_left > 0;
        if generous || self.pending.wrong_total >= MAX_WRONG_PINS {
            return self.block(Some(session));
        }
        prompt.tries_left = tries_left;
        prompt.notice = Some(if tries_left == 0 {
            PinNotice::Void
        } else {
            PinNotice::Wrong
        });
        State::AwaitPin(AwaitPin { talk, prompt })
    }

    /// The inviter claims that the PIN was right and cannot prove it: somebody is in between.
    fn deceived(&mut self, session: SessionId) -> State {
        if self.pending.wrong_total >= MAX_WRONG_PINS {
            return self.block(Some(session));
        }
        self.close(session, Closing::at_once(ErrorCode::BadMessage));
        self.pause(Journey::begin(Some(PinNotice::Wrong)))
    }

    /// Too many wrong PINs were typed here.
    pub(super) fn block(&mut self, session: Option<SessionId>) -> State {
        let until = self.in_time(BLOCK_TIME);
        self.pending.blocked_until = Some(until);
        self.save();
        if let Some(session) = session {
            self.close(session, Closing::at_once(ErrorCode::CancelledByInvitee));
        }
        failed(RedeemError::BlockedHere { until })
    }

    /// The inviter refuses an attempt that was made with an old PIN. It costs nothing.
    pub(super) fn overtaken(&mut self, state: State, session: SessionId) -> State {
        let (mut talk, mut prompt, rest) = match state {
            State::AwaitPin(AwaitPin { talk, prompt }) => (talk, prompt, None),
            State::ExpectShare(ExpectShare {
                talk,
                prompt,
                run,
                until,
            }) => (talk, prompt, Some((Sent::Share(run), until))),
            State::ExpectProof(ExpectProof {
                talk,
                prompt,
                proof,
                join,
                until,
            }) => (talk, prompt, Some((Sent::Proof(proof, join), until))),
            _ => return self.misbehaved(session),
        };
        match (talk.overtaken.checked_sub(1), rest) {
            // The answer to an attempt that a new PIN has overtaken, as was to be expected.
            (Some(left), rest) => {
                talk.overtaken = left;
                match rest {
                    None => State::AwaitPin(AwaitPin { talk, prompt }),
                    Some((Sent::Share(run), until)) => State::ExpectShare(ExpectShare {
                        talk,
                        prompt,
                        run,
                        until,
                    }),
                    Some((Sent::Proof(proof, join), until)) => State::ExpectProof(ExpectProof {
                        talk,
                        prompt,
                        proof,
                        join,
                        until,
                    }),
                }
            }
            // The new PIN itself is still to come.
            (None, Some(_)) => {
                prompt.notice = Some(PinNotice::Changed);
                State::AwaitPin(AwaitPin { talk, prompt })
            }
            (None, None) => self.misbehaved(session),
        }
    }
}

/// What was sent of an attempt that is under way.
enum Sent {
    Share(InviteeRun),
    Proof(InviteeProof, Box<Join>),
}
