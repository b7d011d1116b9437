//! For tests: an inviter's and an invitee's machine and one link between them, a frame at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::identity::{EndpointId, Keys};
use crate::party::{OpId, PartyId, PartyTag, Role};
use crate::time::Timestamp;

use super::invitee::{self, Gone, Invitee, Joiner, Pending, Stored};
use super::inviter::{self, Admission, AdmissionRequest, Inviter, PartyFacts, Record};
use super::{
    CodeKind, Env, ErrorCode, Exporter, Flags, InvitationStage, InviteCode, Message, Pin, RedemptionStage, Secret,
    SessionId,
};

mod attacks;
mod chaos;
mod nearby;
mod pairing;
mod several;

pub(super) const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub(super) const OP: [u8; 32] = [0xad; 32];
const TAG: PartyTag = PartyTag::from_bytes([0x7a; 16]);
const PARTY: PartyId = PartyId::from_bytes([0x7a; 32]);

/// The keys of the person with this number. Alice, who invites, is 1.
pub(super) fn keys(number: u8) -> Arc<Keys> {
    Arc::new(Keys::from_seeds(&[number; 32], &[number + 50; 32], &[number + 100; 32]))
}

/// What the machines have asked for, besides frames: names of outputs, in order.
type Trace = Vec<String>;

/// Two machines, and what is between them.
pub(super) struct Duet {
    pub(super) now: Timestamp,
    pub(super) rng: StdRng,
    pub(super) inviter: Option<Inviter>,
    pub(super) invitee: Option<Invitee>,
    pub(super) to_inviter: VecDeque<Vec<u8>>,
    pub(super) to_invitee: VecDeque<Vec<u8>>,
    /// The link of the invitee. A new one for each connection.
    pub(super) session: u64,
    pub(super) endpoint: EndpointId,
    /// What Alice's machine is told of the party, or of her.
    facts: PartyFacts,
    /// What the two ends take for the connection's exporter: the same, unless somebody is in between.
    pub(super) exporters: (u8, u8),
    greeted: bool,
    pub(super) request: Option<Box<AdmissionRequest>>,
    pub(super) inviter_trace: Trace,
    pub(super) invitee_trace: Trace,
    pub(super) closed_by_inviter: Option<u32>,
    pub(super) wrong_pins_today: u32,
    /// The same for the invitee, nearby.
    pub(super) unanswered_today: u32,
}

/// The steps of an undisturbed redemption, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scene {
    HelloSent,
    PinShown,
    HelloAnswered,
    PinAsked,
    ShareSent,
    ShareAnswered,
    ProofSent,
    ProofAnswered,
    Proven,
    JoinSent,
    Admitting,
    Admitted,
    Storing,
    Stored,
    Done,
}

impl Scene {
    pub(super) const ALL: [Self; 15] = [
        Self::HelloSent,
        Self::PinShown,
        Self::HelloAnswered,
        Self::PinAsked,
        Self::ShareSent,
        Self::ShareAnswered,
        Self::ProofSent,
        Self::ProofAnswered,
        Self::Proven,
        Self::JoinSent,
        Self::Admitting,
        Self::Admitted,
        Self::Storing,
        Self::Stored,
        Self::Done,
    ];
}

pub(super) fn secret() -> Secret {
    Secret::from_bytes([0x11; 16])
}

pub(super) fn record(max_uses: u32) -> Record {
    let expires = START.plus(Duration::from_secs(24 * 3600));
    Record::new(
        Arc::new(secret()),
        PARTY,
        Role::Editor,
        String::new(),
        START,
        expires,
        max_uses,
    )
}

pub(super) fn code() -> Arc<InviteCode> {
    let endpoint = keys(1).certificate.endpoint;
    Arc::new(InviteCode::new(CodeKind::Interactive, Flags::PIN, secret(), TAG, endpoint, None, vec![]).expect("a code"))
}

fn facts() -> PartyFacts {
    PartyFacts {
        tag: TAG,
        name: "Book club".to_owned(),
        inviter_name: "Alice".to_owned(),
        members: 1,
        inviter_endpoint: keys(1).certificate.endpoint,
    }
}

impl Duet {
    /// Alice has a code for `max_uses`; Bob has not started.
    pub(super) fn new(max_uses: u32) -> Self {
        let bob = keys(2);
        let endpoint = bob.certificate.endpoint;
        let joiner = Joiner {
            keys: bob,
            name: "Bob".to_owned(),
        };
        let mut duet = Self {
            now: START,
            rng: StdRng::seed_from_u64(1),
            inviter: Some(Inviter::new(record(max_uses))),
            invitee: Some(Invitee::new(Pending::new(code(), START), joiner)),
            to_inviter: VecDeque::new(),
            to_invitee: VecDeque::new(),
            session: 0,
            endpoint,
            facts: facts(),
            exporters: (9, 9),
            greeted: false,
            request: None,
            inviter_trace: vec![],
            invitee_trace: vec![],
            closed_by_inviter: None,
            wrong_pins_today: 0,
            unanswered_today: 0,
        };
        duet.tell_inviter(inviter::Input::Wake);
        duet
    }

    /// An undisturbed redemption up to this scene.
    pub(super) fn at(scene: Scene) -> Self {
        let mut duet = Self::new(1);
        duet.play(Scene::HelloSent, scene);
        duet
    }

    /// Plays the scenes from the first to the last.
    pub(super) fn play(&mut self, first: Scene, last: Scene) {
        for scene in Scene::ALL.into_iter().filter(|scene| (first..=last).contains(scene)) {
            match scene {
                Scene::HelloSent => self.tell_invitee(invitee::Input::Start),
                Scene::PinShown | Scene::ShareAnswered | Scene::ProofAnswered | Scene::Admitting | Scene::Done => {
                    self.deliver_to_inviter();
                }
                Scene::HelloAnswered
                | Scene::PinAsked
                | Scene::ProofSent
                | Scene::Proven
                | Scene::JoinSent
                | Scene::Storing => {
                    self.deliver_to_invitee();
                }
                Scene::ShareSent => self.type_shown_pin(),
                Scene::Admitted => self.admit(),
                Scene::Stored => self.tell_invitee(invitee::Input::Stored(Ok(Stored {
                    party: PARTY,
                    op: OpId::from_bytes(OP),
                }))),
            }
        }
    }

    pub(super) fn tell_inviter(&mut self, input: inviter::Input) {
        let machine = self.inviter.take().expect("the inviter runs");
        let mut env = Env {
            now: self.now,
            rng: &mut self.rng,
            wrong_pins_today: self.wrong_pins_today,
        };
        let step = machine.handle(input, &mut env);
        self.inviter = Some(step.next);
        for output in step.outputs {
            self.inviter_trace.push(name(&output));
            match output {
                inviter::Output::Send { session, frame } if session == SessionId(self.session) => {
                    self.to_invitee.push_back(frame);
                }
                inviter::Output::Close { session, closing } if session == SessionId(self.session) => {
                    self.closed_by_inviter = Some(closing.code);
                }
                inviter::Output::Admit(request) => self.request = Some(request),
                inviter::Output::FetchAdmission { session, op } => {
                    let result = Ok(Admission {
                        op,
                        ops: vec![vec![1; 100]],
                    });
                    self.tell_inviter(inviter::Input::Admission { session, result });
                }
                _ => {}
            }
        }
    }

    pub(super) fn tell_invitee(&mut self, input: invitee::Input) {
        let machine = self.invitee.take().expect("the invitee runs");
        let mut env = Env {
            now: self.now,
            rng: &mut self.rng,
            wrong_pins_today: self.unanswered_today,
        };
        let step = machine.handle(input, &mut env);
        self.invitee = Some(step.next);
        for output in step.outputs {
            self.invitee_trace.push(name(&output));
            match output {
                invitee::Output::Connect => self.link_up(),
                invitee::Output::Send { frame, .. } => self.to_inviter.push_back(frame),
                _ => {}
            }
        }
    }

    /// A new link, on which nothing has been said.
    fn link_up(&mut self) {
        self.session += 1;
        self.greeted = false;
        self.closed_by_inviter = None;
        self.to_inviter.clear();
        self.to_invitee.clear();
        let exporter = Exporter::from_bytes([self.exporters.1; 32]);
        self.tell_invitee(invitee::Input::Connected {
            session: SessionId(self.session),
            exporter,
        });
    }

    /// The link breaks; both ends notice.
    pub(super) fn break_link(&mut self) {
        let session = SessionId(self.session);
        self.to_inviter.clear();
        self.to_invitee.clear();
        self.tell_inviter(inviter::Input::Gone { session });
        self.tell_invitee(invitee::Input::Gone {
            session,
            reason: Gone::Lost,
        });
    }

    pub(super) fn deliver_to_inviter(&mut self) {
        let frame = self.to_inviter.pop_front().expect("a frame for the inviter");
        self.frame_to_inviter(frame);
    }

    pub(super) fn frame_to_inviter(&mut self, frame: Vec<u8>) {
        if std::mem::replace(&mut self.greeted, true) {
            self.tell_inviter(inviter::Input::Frame {
                session: SessionId(self.session),
                frame,
            });
        } else {
            self.hello_from(self.session, self.endpoint, frame);
        }
    }

    /// A `Hello` on any link, from any endpoint.
    pub(super) fn hello_from(&mut self, session: u64, endpoint: EndpointId, frame: Vec<u8>) {
        let exporter = Exporter::from_bytes([self.exporters.0; 32]);
        self.tell_inviter(inviter::Input::Hello {
            session: SessionId(session),
            endpoint,
            exporter,
            facts: self.facts.clone(),
            frame,
        });
    }

    pub(super) fn deliver_to_invitee(&mut self) {
        let frame = self.to_invitee.pop_front().expect("a frame for the invitee");
        self.frame_to_invitee(frame);
    }

    pub(super) fn frame_to_invitee(&mut self, frame: Vec<u8>) {
        self.tell_invitee(invitee::Input::Frame {
            session: SessionId(self.session),
            frame,
        });
    }

    /// Everything that is under way arrives, and what follows from it.
    pub(super) fn deliver_all(&mut self) {
        loop {
            if !self.to_inviter.is_empty() {
                self.deliver_to_inviter();
            } else if !self.to_invitee.is_empty() {
                self.deliver_to_invitee();
            } else {
                break;
            }
        }
    }

    pub(super) fn wait(&mut self, time: Duration) {
        self.now = self.now.plus(time);
        self.tell_inviter(inviter::Input::Wake);
        self.tell_invitee(invitee::Input::Wake);
    }

    /// The PIN on Alice's screen.
    pub(super) fn shown_pin(&self) -> Option<Arc<Pin>> {
        match self.inviter_stage() {
            InvitationStage::Pin { pin, .. } => Some(pin),
            _ => None,
        }
    }

    pub(super) fn type_shown_pin(&mut self) {
        let pin = self.shown_pin().expect("a PIN is shown");
        self.tell_invitee(invitee::Input::SubmitPin(pin));
    }

    pub(super) fn type_wrong_pin(&mut self) {
        let wrong = if self.shown_pin().is_some_and(|pin| pin.digits() == "000000") {
            "000001"
        } else {
            "000000"
        };
        self.tell_invitee(invitee::Input::SubmitPin(Arc::new(
            Pin::parse(wrong, 6).expect("six digits"),
        )));
    }

    /// Types a wrong PIN and lets both sides see it.
    pub(super) fn try_wrong_pin(&mut self) {
        self.type_wrong_pin();
        self.deliver_all();
    }

    /// The engine answers the request to admit.
    pub(super) fn admit(&mut self) {
        let request = self.request.take().expect("an admission is asked for");
        let result = Ok(Admission {
            op: OpId::from_bytes(OP),
            ops: vec![vec![1; 100]],
        });
        self.tell_inviter(inviter::Input::Admission {
            session: request.session,
            result,
        });
    }

    /// Another device tries, with this code.
    fn another(&mut self, number: u8, code: InviteCode) {
        let joiner = Joiner {
            keys: keys(number),
            name: "Bob".to_owned(),
        };
        self.endpoint = keys(number).certificate.endpoint;
        self.invitee = Some(Invitee::new(Pending::new(Arc::new(code), START), joiner));
    }

    pub(super) fn inviter(&self) -> &Inviter {
        self.inviter.as_ref().expect("the inviter runs")
    }

    pub(super) fn inviter_stage(&self) -> InvitationStage {
        self.inviter().stage()
    }

    pub(super) fn invitee_stage(&self) -> RedemptionStage {
        self.invitee.as_ref().expect("the invitee runs").stage()
    }

    pub(super) fn wrong_total(&self) -> u8 {
        self.inviter().record().wrong_total
    }

    /// The inviter's program starts again from its record.
    pub(super) fn restart_inviter(&mut self) {
        let bytes = self.inviter().record().encode();
        self.inviter = Some(Inviter::new(Record::decode(&bytes).expect("its own bytes")));
        self.tell_inviter(inviter::Input::Wake);
    }

    /// The invitee's program starts again from its pending redemption.
    pub(super) fn restart_invitee(&mut self) {
        let bytes = self.invitee.as_ref().expect("the invitee runs").pending().encode();
        let joiner = Joiner {
            keys: keys(2),
            name: "Bob".to_owned(),
        };
        self.invitee = Some(Invitee::new(Pending::decode(&bytes).expect("its own bytes"), joiner));
        self.tell_invitee(invitee::Input::Start);
    }
}

/// The output's name, without what is in it.
fn name(output: &impl std::fmt::Debug) -> String {
    let text = format!("{output:?}");
    text.split('(').next().unwrap_or_default().to_owned()
}

/// One frame of each type, each well-formed.
pub(super) fn one_of_each() -> Vec<Message> {
    let join = super::Join {
        blind: [1; 32],
        identity: keys(3).certificate.identity,
        device: keys(3).certificate.device,
        endpoint: keys(3).certificate.endpoint,
        certificate: [1; 64],
        name: "Mallory".to_owned(),
        evidence: [1; 64],
        possession: [1; 64],
        attestation: vec![],
    };
    vec![
        Message::Hello {
            versions: vec![1],
            mode: super::Mode::New,
            invitation: code().invitation_id(),
            nonce: [1; 32],
            proof: [1; 64],
        },
        Message::HelloAck {
            version: 1,
            method: super::Method::Pin,
            party_tag: TAG,
            nonce: [1; 32],
            seconds_left: 1,
        },
        Message::PinReady {
            generation: 77,
            digits: 6,
            seconds: 300,
            tries_left: 3,
        },
        Message::PakeA {
            generation: 1,
            attempt: 9,
            share: GOOD_SHARE,
        },
        Message::PakeB { share: GOOD_SHARE },
        Message::ConfirmJ {
            commitment: [1; 32],
            tag: [1; 32],
        },
        Message::ConfirmI { tag: [1; 32] },
        Message::WrongPin {
            generation: 1,
            tries_left: 2,
            left_total: 8,
        },
        Message::Welcome {
            party_name: "P".to_owned(),
            inviter_name: "A".to_owned(),
            role: 2,
            members: 1,
        },
        Message::Join(Box::new(join)),
        Message::Admit {
            last: true,
            ops: vec![vec![1; 10]],
        },
        Message::Ack { op: OP },
        Message::Pending {
            request: [1; 16],
            poll_after_s: 1,
        },
        Message::Busy {
            retry_after_s: 20,
            position: 1,
        },
        Message::error(ErrorCode::Internal, 0),
        Message::Cancel {
            reason: super::CancelReason::ByPerson,
        },
    ]
}

/// Ristretto255's base point (RFC 9496, appendix A.1).
const GOOD_SHARE: [u8; 32] = [
    0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f, 0x58, 0xe3, 0x0b,
    0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
];

#[test]
fn an_undisturbed_redemption_makes_a_member() {
    let duet = Duet::at(Scene::Done);
    assert_eq!(duet.invitee_stage(), RedemptionStage::Joined { party: PARTY });
    let member = keys(2).certificate.identity;
    assert_eq!(
        duet.inviter_stage(),
        InvitationStage::Admitted {
            member,
            name: "Bob".to_owned()
        }
    );
    assert_eq!((duet.wrong_total(), duet.closed_by_inviter), (0, Some(0)));
    let saves = |trace: &Trace| trace.iter().filter(|name| name.as_str() == "Save").count();
    // The PIN's generation, the try; the redemption, the try, the proof.
    assert_eq!((saves(&duet.inviter_trace), saves(&duet.invitee_trace)), (2, 3));
}
