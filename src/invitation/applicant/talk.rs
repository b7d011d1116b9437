//! One conversation with a member: hello, who we are, what the member says, the party's log. No IO.

use rand::CryptoRng;

use crate::identity::EndpointId;
use crate::invitation::hello::hello;
use crate::invitation::invitee::{Gone, Promise, StoreRefusal, Stored};
use crate::invitation::pending::Phase;
use crate::invitation::session::{Closing, SessionId};
use crate::invitation::{
    ErrorCode, Evidence, Exporter, Join, MAX_ADMISSION, Message, Method, Mode, RedeemError, RedemptionStage, VERSION,
};
use crate::party::{JoinRequestId, Role};

use super::round::Desk;
use super::state::{AwaitStored, Expect, Heard, Journey, Round, State, Talk, Welcome};
use super::{ADMISSION_TIME, ANSWER_TIME, Output};

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    /// A link is open: proves to hold the code, and nothing else yet.
    pub(super) fn connected(
        &mut self,
        state: State,
        session: SessionId,
        endpoint: EndpointId,
        exporter: Exporter,
    ) -> State {
        let State::Seeking(journey, mut round) = state else {
            self.close(session, Closing::ORDERLY);
            return state;
        };
        let expected = round.dialling.remove(&endpoint);
        if !expected || round.talk.is_some() {
            self.close(session, Closing::ORDERLY);
            if expected {
                // The first good one is used; this one is asked if that comes to nothing.
                round.untried.push_front(endpoint);
            }
            return State::Seeking(journey, round);
        }
        let nonce = self.random();
        let mode = match self.pending.phase {
            Phase::Proven if !journey.asks_anew => Mode::Poll,
            Phase::Redeeming | Phase::Proven => Mode::Delegated,
        };
        let ends = (self.joiner.keys.certificate.endpoint, endpoint);
        let hello = hello(self.pending, mode, nonce, &exporter, ends);
        self.send(session, &hello);
        round.talk = Some(Talk {
            session,
            endpoint,
            exporter,
            until: self.in_time(ANSWER_TIME),
            expect: Expect::HelloAck(mode),
        });
        State::Seeking(journey, round)
    }

    /// A frame on the link on which is talked.
    pub(super) fn frame(&mut self, state: State, frame: &[u8]) -> State {
        match state {
            State::AwaitStored(journey, round, mut storing) => {
                // Nothing is expected now, but the party is being stored whatever the peer says.
                if let Some(session) = storing.session.take() {
                    self.close(session, Closing::ORDERLY);
                }
                State::AwaitStored(journey, round, storing)
            }
            State::Seeking(journey, mut round) => match round.talk.take() {
                Some(talk) => self.said(journey, round, talk, frame),
                None => State::Seeking(journey, round),
            },
            other => other,
        }
    }

    fn said(&mut self, journey: Journey, mut round: Round, mut talk: Talk, frame: &[u8]) -> State {
        match (Message::decode(frame), talk.expect) {
            (Ok(Message::Error { code, .. }), _) => {
                self.close(talk.session, Closing::ORDERLY);
                self.told(&mut round, talk.endpoint, code);
            }
            // Elsewhere may be more room, and later here.
            (Ok(Message::Cancel { .. } | Message::Busy { .. }), _) => self.close(talk.session, Closing::ORDERLY),
            (
                Ok(Message::HelloAck {
                    version: VERSION,
                    method: Method::None | Method::Approval,
                    party_tag,
                    ..
                }),
                Expect::HelloAck(mode),
            ) if party_tag == self.pending.code.party_tag() => {
                if mode == Mode::Delegated {
                    let join = self.join(talk.endpoint, &talk.exporter);
                    self.send(talk.session, &Message::Join(Box::new(join)));
                }
                talk.until = self.in_time(ANSWER_TIME);
                talk.expect = Expect::Verdict;
                round.talk = Some(talk);
            }
            (Ok(Message::Pending { request, poll_after_s }), Expect::Verdict)
                if request == *self.own_request().as_bytes() =>
            {
                self.asked();
                self.close(talk.session, Closing::ORDERLY);
                return self.waits(journey, poll_after_s);
            }
            (Ok(message @ Message::Welcome { .. }), Expect::Verdict) => match read(message) {
                Some(welcome) => {
                    talk.until = self.in_time(ADMISSION_TIME);
                    talk.expect = Expect::Admission {
                        welcome,
                        ops: Vec::new(),
                        length: 0,
                    };
                    round.talk = Some(talk);
                }
                None => self.refuse(talk.session, ErrorCode::BadMessage),
            },
            (
                Ok(Message::Admit { last, ops: part }),
                Expect::Admission {
                    welcome,
                    mut ops,
                    length,
                },
            ) => {
                let length = part.iter().map(Vec::len).fold(length, usize::saturating_add);
                // A part brings something, or is the last: so the number of parts is bounded like their bytes.
                if length > MAX_ADMISSION || part.is_empty() && !last {
                    self.refuse(talk.session, ErrorCode::BadMessage);
                    return State::Seeking(journey, round);
                }
                ops.extend(part);
                if last {
                    let with = (talk.session, talk.endpoint);
                    return self.store(journey, round, with, ops, welcome);
                }
                talk.expect = Expect::Admission { welcome, ops, length };
                round.talk = Some(talk);
            }
            (Ok(Message::HelloAck { .. }), Expect::HelloAck(_)) => {
                self.refuse(talk.session, ErrorCode::WrongParty);
            }
            _ => self.refuse(talk.session, ErrorCode::BadMessage),
        }
        State::Seeking(journey, round)
    }

    fn store(
        &mut self,
        journey: Journey,
        round: Round,
        (session, endpoint): (SessionId, EndpointId),
        ops: Vec<Vec<u8>>,
        welcome: Welcome,
    ) -> State {
        let promise = Promise {
            tag: Some(self.pending.code.party_tag()),
            admitter: endpoint,
            role: welcome.role,
        };
        self.out.push(Output::StoreAdmission { ops, promise });
        let session = Some(session);
        State::AwaitStored(journey, round, AwaitStored { session, welcome })
    }

    /// The request is in the log: from now on it is only asked for.
    fn asked(&mut self) {
        if self.pending.phase == Phase::Redeeming {
            self.pending.phase = Phase::Proven;
            self.save();
        }
    }

    fn own_request(&self) -> JoinRequestId {
        JoinRequestId::of(self.pending.id().as_bytes(), self.joiner.keys.identity.id())
    }

    /// Who comes in, for this member on this connection.
    fn join(&mut self, admitter: EndpointId, exporter: &Exporter) -> Join {
        let certificate = &self.joiner.keys.certificate;
        let evidence = Evidence {
            party_tag: self.pending.code.party_tag(),
            identity: certificate.identity,
            device: certificate.device,
            endpoint: certificate.endpoint,
        };
        let mut join = Join {
            blind: [0; 32],
            identity: certificate.identity,
            device: certificate.device,
            endpoint: certificate.endpoint,
            certificate: certificate.signature,
            name: self.joiner.name.clone(),
            evidence: self.pending.code.secret().sign_evidence(&evidence),
            possession: [0; 64],
            attestation: self
                .pending
                .mail
                .as_ref()
                .map_or_else(Vec::new, |proof| proof.attestation.encode()),
        };
        join.blind = self.random();
        let text = join.possession_text(exporter, admitter);
        join.possession = self.joiner.keys.device.sign(&text);
        join
    }

    /// A member does not let this person in, and says why.
    fn told(&self, round: &mut Round, by: EndpointId, code: ErrorCode) {
        let no = match code {
            ErrorCode::Expired => RedeemError::Expired,
            ErrorCode::AlreadyUsed => RedeemError::AlreadyUsed,
            ErrorCode::Revoked => RedeemError::Revoked,
            ErrorCode::ApprovalDenied => RedeemError::ApprovalDenied,
            ErrorCode::NotAllowed => RedeemError::ForSomebodyElse,
            ErrorCode::BadIdentity => RedeemError::BadIdentity,
            ErrorCode::AlreadyMember => RedeemError::AlreadyMember,
            ErrorCode::Version => RedeemError::VersionMismatch,
            ErrorCode::MailboxUnproved => RedeemError::MailboxUnproved,
            // Others may not have heard of the invitation yet; its author's own device has.
            ErrorCode::UnknownInvitation if by == self.pending.code.endpoint() => RedeemError::UnknownInvitation,
            ErrorCode::UseElsewhere | ErrorCode::UnknownInvitation => {
                round.request = Heard::NotEverywhere;
                return;
            }
            // Nothing that another member, or a later try, could not change.
            _ => return,
        };
        // What somebody has decided says more than that a time is over.
        if round.no.is_none() || no == RedeemError::ApprovalDenied {
            round.no = Some(no);
        }
    }

    /// The link on which is talked is gone.
    pub(super) fn gone(&self, state: State, reason: Gone) -> State {
        match state {
            State::Seeking(journey, mut round) => {
                let endpoint = round.talk.take().map(|talk| talk.endpoint);
                let code = match reason {
                    Gone::Closed(code) => ErrorCode::from_close_code(code),
                    Gone::NoCommonProtocol => Some(ErrorCode::Version),
                    Gone::Unreachable | Gone::Lost => None,
                };
                if let (Some(endpoint), Some(code)) = (endpoint, code) {
                    self.told(&mut round, endpoint, code);
                }
                State::Seeking(journey, round)
            }
            State::AwaitStored(journey, round, mut storing) => {
                storing.session = None;
                State::AwaitStored(journey, round, storing)
            }
            other => other,
        }
    }

    /// The engine has checked and stored the party, or not: then somebody else is asked.
    pub(super) fn stored(&mut self, state: State, result: Result<Stored, StoreRefusal>) -> State {
        let State::AwaitStored(journey, round, AwaitStored { session, .. }) = state else {
            return state;
        };
        let code = match result {
            Ok(Stored { party, op }) => {
                if let Some(session) = session {
                    self.send(session, &Message::Ack { op: *op.as_bytes() });
                    let wait_for_peer = true;
                    let closing = Closing {
                        wait_for_peer,
                        ..Closing::ORDERLY
                    };
                    self.close(session, closing);
                }
                return State::Ended(RedemptionStage::Joined { party });
            }
            Err(StoreRefusal::BadLog) => ErrorCode::BadLog,
            Err(StoreRefusal::WrongParty) => ErrorCode::WrongParty,
            // The first two are about a further device, which no delegated invitation makes.
            Err(StoreRefusal::HasParties | StoreRefusal::OthersUnderWay | StoreRefusal::Storage) => ErrorCode::Internal,
        };
        if let Some(session) = session {
            self.refuse(session, code);
        }
        if code == ErrorCode::Internal {
            // What is on disk stays there: the next start asks again.
            return State::Ended(RedemptionStage::Failed {
                error: RedeemError::Internal,
            });
        }
        State::Seeking(journey, round)
    }
}

fn read(welcome: Message) -> Option<Welcome> {
    let Message::Welcome {
        party_name,
        inviter_name,
        role,
        ..
    } = welcome
    else {
        return None;
    };
    Some(Welcome {
        party: party_name,
        inviter: inviter_name,
        role: Role::try_from(role).ok()?,
    })
}
