//! A member's machine for one device that comes with a delegated invitation: one session. No IO.
//!
//! The party's log is the durable half: what it says of the invitation and of who comes is read by [`read`], and what the
//! member has to write for them by [`Ruling`].
//!
//! ```text
//! ExpectHello -> ExpectJoin -> AwaitDecision -> ExpectAck -> Ended
//!      |                            ^    |
//!      +------- known already ------+    +-> Ended: pending, or refused
//! ```

mod rules;

use std::fmt;
use std::time::Duration;

use rand::CryptoRng;

use crate::identity::{Certificate, EndpointId};
use crate::party::{JoinRequestId, OpId, PartyTag, Role};
use crate::time::Timestamp;

use super::session::{Closing, Env, Step};
use super::{ErrorCode, Evidence, Exporter, InvitationId, InvitationKey, Join, Message, Method, Mode, Redeem, VERSION};

pub use rules::{Ruling, read, rule};

/// How long the peer may take to say who it is.
const JOIN_TIME: Duration = Duration::from_secs(20);
/// How long an admitted device may take to store its admission and say so.
const FAREWELL_TIME: Duration = Duration::from_secs(120);
/// When who waits for approval is asked to come back at the earliest, in seconds.
pub const POLL_AFTER_S: u32 = 30;
/// How many devices may come with one invitation at once.
pub const MAX_SESSIONS: usize = 8;
/// When a device for which there is no room should come back, in seconds.
const FULL_RETRY_S: u16 = 20;

/// What the log says when a device says hello, and what the device may be told once it has proved to hold the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The invitation.
    pub invitation: InvitationId,
    /// The public half of its key.
    pub key: InvitationKey,
    /// The party's tag, as in the code.
    pub tag: PartyTag,
    /// The party's name.
    pub party_name: String,
    /// The name of who made the invitation.
    pub inviter_name: String,
    /// How many members there are.
    pub members: u32,
    /// The role that it gives.
    pub role: Role,
    /// What it asks for.
    pub method: Method,
    /// How long it is good for, in seconds.
    pub seconds_left: u32,
    /// This device's key on the network.
    pub own_endpoint: EndpointId,
    /// What becomes of somebody of whom the log says nothing yet.
    pub stranger: Stranger,
    /// What the log says of whoever comes from the peer's endpoint.
    pub known: Known,
}

/// What becomes of somebody new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// They may say who they are.
    Welcome,
    /// They may not, for this reason.
    Refused(ErrorCode),
}

/// What the log says of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    Nobody,
    /// They came in with this op, and are in.
    Admitted(OpId),
    /// They have asked to come in, and the invitation still works.
    Waits(JoinRequestId),
    /// They do not come in, for this reason.
    Refused(ErrorCode),
}

/// What happened.
pub enum Input {
    /// A frame of the peer.
    Frame(Vec<u8>),
    /// The link is gone, whoever closed it.
    Gone,
    /// The engine's answer to [`Output::Decide`] and [`Output::Fetch`].
    Decided(Decision),
    /// The time of [`Output::WakeAt`] has come. Harmless at any time.
    Wake,
}

/// What has become of who asks. What it says is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They are in.
    Admitted {
        /// The admission in the party's log.
        op: OpId,
        /// The party's membership ops with the admission, in causal order.
        ops: Vec<Vec<u8>>,
    },
    /// An administrator has to approve.
    Waits(JoinRequestId),
    /// They are not let in by this member.
    Refused(ErrorCode),
}

/// What to do, in this order.
pub enum Output {
    /// Send a frame.
    Send(Vec<u8>),
    /// Close the link. The machine has ended. A bad proof is closed with [`ErrorCode::UnknownInvitation`] and no frame before.
    Close(Closing),
    /// Durable: write what [`rule`] says of this person. Answered by [`Input::Decided`].
    Decide(Box<Join>),
    /// Look up an admission. Answered by [`Input::Decided`].
    Fetch(OpId),
    /// Feed [`Input::Wake`] at this time.
    WakeAt(Timestamp),
}

/// The machine of one session.
pub struct Admitter {
    endpoint: EndpointId,
    exporter: Exporter,
    facts: Facts,
    others: usize,
    state: State,
}

enum State {
    ExpectHello,
    ExpectJoin { until: Timestamp },
    AwaitDecision(Peer),
    ExpectAck { op: OpId, until: Timestamp },
    Ended,
}

/// Whether the peer is still there while its admission is being written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Peer {
    Here,
    Left,
}

impl Admitter {
    /// The machine for a device that TLS has authenticated, while so many others are here with the same invitation.
    #[must_use]
    pub const fn new(endpoint: EndpointId, exporter: Exporter, facts: Facts, others: usize) -> Self {
        Self {
            endpoint,
            exporter,
            facts,
            others,
            state: State::ExpectHello,
        }
    }

    /// Whether it has ended. The engine then drops it.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Takes one input.
    #[must_use]
    pub fn handle<R: CryptoRng + ?Sized>(mut self, input: Input, env: &mut Env<'_, R>) -> Step<Self, Output> {
        let mut out = Vec::new();
        let state = std::mem::replace(&mut self.state, State::Ended);
        self.state = match (state, input) {
            (State::ExpectJoin { until } | State::ExpectAck { until, .. }, _) if until <= env.now => {
                refuse(&mut out, ErrorCode::Timeout)
            }
            (State::AwaitDecision(_), Input::Gone) => State::AwaitDecision(Peer::Left),
            (_, Input::Gone) => State::Ended,
            (State::ExpectHello, Input::Frame(frame)) => self.hello(&frame, env, &mut out),
            (State::ExpectJoin { .. }, Input::Frame(frame)) => self.join(&frame, &mut out),
            (State::ExpectAck { op, .. }, Input::Frame(frame)) => match Message::decode(&frame) {
                Ok(Message::Ack { op: named }) if named == *op.as_bytes() => {
                    out.push(Output::Close(Closing::ORDERLY));
                    State::Ended
                }
                Ok(Message::Cancel { .. } | Message::Error { .. }) => {
                    out.push(Output::Close(Closing::ORDERLY));
                    State::Ended
                }
                _ => refuse(&mut out, ErrorCode::BadMessage),
            },
            // Nothing is expected now, but nothing undoes what is being written either.
            (State::AwaitDecision(Peer::Here), Input::Frame(_)) => {
                refuse(&mut out, ErrorCode::BadMessage);
                State::AwaitDecision(Peer::Left)
            }
            (State::AwaitDecision(Peer::Here), Input::Decided(decision)) => self.decided(decision, env.now, &mut out),
            (State::AwaitDecision(Peer::Left), Input::Decided(_)) => State::Ended,
            (state, Input::Frame(_) | Input::Decided(_) | Input::Wake) => state,
        };
        if let State::ExpectJoin { until } | State::ExpectAck { until, .. } = self.state {
            out.push(Output::WakeAt(until));
        }
        Step {
            next: self,
            outputs: out,
        }
    }

    /// Who does not prove to hold the code learns nothing, not even that the invitation exists.
    fn hello<R: CryptoRng + ?Sized>(&self, frame: &[u8], env: &mut Env<'_, R>, out: &mut Vec<Output>) -> State {
        let Ok(Message::Hello {
            versions,
            mode,
            invitation,
            nonce,
            proof,
        }) = Message::decode(frame)
        else {
            return refuse(out, ErrorCode::BadMessage);
        };
        let redeem = Redeem {
            exporter: &self.exporter,
            inviter: self.facts.own_endpoint,
            invitee: self.endpoint,
            nonce,
            versions: &versions,
        };
        let ours = invitation == self.facts.invitation && self.endpoint != self.facts.own_endpoint;
        if !ours || self.facts.key.verify_redeem(&redeem, &proof).is_err() {
            out.push(Output::Close(Closing::at_once(ErrorCode::UnknownInvitation)));
            return State::Ended;
        }
        if !versions.contains(&VERSION) {
            return refuse(out, ErrorCode::Version);
        }
        if !matches!(mode, Mode::Delegated | Mode::Poll) {
            return refuse(out, ErrorCode::BadMessage);
        }
        if self.others >= MAX_SESSIONS {
            return busy(out);
        }
        match (self.facts.known, mode) {
            (Known::Refused(code), _) => refuse(out, code),
            (Known::Admitted(op), Mode::Poll) => {
                self.acknowledge(env, out);
                out.push(Output::Fetch(op));
                State::AwaitDecision(Peer::Here)
            }
            (Known::Waits(request), Mode::Poll) => {
                self.acknowledge(env, out);
                pending(request, out)
            }
            // It has not heard of the request that the device has made elsewhere.
            (Known::Nobody, Mode::Poll) => match self.facts.stranger {
                Stranger::Welcome => refuse(out, ErrorCode::UseElsewhere),
                Stranger::Refused(code) => refuse(out, code),
            },
            (Known::Nobody, _) => match self.facts.stranger {
                Stranger::Welcome => self.expect_join(env, out),
                Stranger::Refused(code) => refuse(out, code),
            },
            (Known::Admitted(_) | Known::Waits(_), _) => self.expect_join(env, out),
        }
    }

    fn expect_join<R: CryptoRng + ?Sized>(&self, env: &mut Env<'_, R>, out: &mut Vec<Output>) -> State {
        self.acknowledge(env, out);
        State::ExpectJoin {
            until: env.now.plus(JOIN_TIME),
        }
    }

    fn acknowledge<R: CryptoRng + ?Sized>(&self, env: &mut Env<'_, R>, out: &mut Vec<Output>) {
        let mut nonce = [0; 32];
        env.rng.fill_bytes(&mut nonce);
        let message = Message::HelloAck {
            version: VERSION,
            method: self.facts.method,
            party_tag: self.facts.tag,
            nonce,
            seconds_left: self.facts.seconds_left,
        };
        out.push(Output::Send(message.encode()));
    }

    fn join(&self, frame: &[u8], out: &mut Vec<Output>) -> State {
        let join = match Message::decode(frame) {
            Ok(Message::Join(join)) => join,
            Ok(Message::Cancel { .. } | Message::Error { .. }) => {
                out.push(Output::Close(Closing::ORDERLY));
                return State::Ended;
            }
            _ => return refuse(out, ErrorCode::BadMessage),
        };
        if !self.is_proven(&join) {
            return refuse(out, ErrorCode::BadIdentity);
        }
        out.push(Output::Decide(join));
        State::AwaitDecision(Peer::Here)
    }

    /// Whether the person and the device are who they say, at the endpoint that TLS authenticated, and hold this code.
    fn is_proven(&self, join: &Join) -> bool {
        let certificate = Certificate {
            identity: join.identity,
            device: join.device,
            endpoint: join.endpoint,
            signature: join.certificate,
        };
        let evidence = Evidence {
            party_tag: self.facts.tag,
            identity: join.identity,
            device: join.device,
            endpoint: join.endpoint,
        };
        let possession = join.possession_text(&self.exporter, self.facts.own_endpoint);
        join.endpoint == self.endpoint
            && certificate.verify().is_ok()
            && join.device.verify(&possession, &join.possession).is_ok()
            && self.facts.key.verify_evidence(&evidence, &join.evidence).is_ok()
    }

    fn decided(&self, decision: Decision, now: Timestamp, out: &mut Vec<Output>) -> State {
        match decision {
            Decision::Refused(code) => refuse(out, code),
            Decision::Waits(request) => pending(request, out),
            Decision::Admitted { op, ops } => {
                let welcome = Message::Welcome {
                    party_name: self.facts.party_name.clone(),
                    inviter_name: self.facts.inviter_name.clone(),
                    role: self.facts.role.into(),
                    members: self.facts.members,
                };
                out.push(Output::Send(welcome.encode()));
                out.extend(Message::admission(ops).iter().map(|frame| Output::Send(frame.encode())));
                State::ExpectAck {
                    op,
                    until: now.plus(FAREWELL_TIME),
                }
            }
        }
    }
}

/// Says that an administrator has to approve.
fn pending(request: JoinRequestId, out: &mut Vec<Output>) -> State {
    let message = Message::Pending {
        request: *request.as_bytes(),
        poll_after_s: POLL_AFTER_S,
    };
    out.push(Output::Send(message.encode()));
    out.push(Output::Close(Closing {
        wait_for_peer: true,
        ..Closing::ORDERLY
    }));
    State::Ended
}

/// Says that there is no room now.
fn busy(out: &mut Vec<Output>) -> State {
    let message = Message::Busy {
        retry_after_s: FULL_RETRY_S,
        position: 0,
    };
    out.push(Output::Send(message.encode()));
    out.push(Output::Close(Closing::after_last_word(ErrorCode::Busy)));
    State::Ended
}

/// Says why, and closes.
fn refuse(out: &mut Vec<Output>, code: ErrorCode) -> State {
    out.push(Output::Send(Message::error(code, 0).encode()));
    out.push(Output::Close(Closing::after_last_word(code)));
    State::Ended
}

impl fmt::Debug for Admitter {
    /// The invitation: links hold frames and secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitter")
            .field("invitation", &self.facts.invitation)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Input {
    /// Names only: frames carry proofs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Frame(_) => "Frame",
            Self::Gone => "Gone",
            Self::Decided(Decision::Admitted { .. }) => "Decided(Admitted)",
            Self::Decided(Decision::Waits(_)) => "Decided(Waits)",
            Self::Decided(Decision::Refused(_)) => "Decided(Refused)",
            Self::Wake => "Wake",
        })
    }
}

impl fmt::Debug for Output {
    /// Names only: frames carry secrets and names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(_) => f.write_str("Send"),
            Self::Close(closing) => write!(f, "Close({closing:?})"),
            Self::Decide(_) => f.write_str("Decide"),
            Self::Fetch(op) => write!(f, "Fetch({op:?})"),
            Self::WakeAt(at) => write!(f, "WakeAt({at:?})"),
        }
    }
}
