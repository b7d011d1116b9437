//! Each state against each message, and what people, the disk and the log do to it.

mod guesses;
mod travel;

use super::*;
use crate::invitation::duet::{Duet, OP, START, Scene, keys, one_of_each};
use crate::invitation::{
    ErrorCode, InvitationStage, MAX_ADMISSION, MAX_WRONG_PINS, Message, Method, PinNotice, RedeemError,
};

fn failed(error: RedeemError) -> RedemptionStage {
    RedemptionStage::Failed { error }
}

impl Duet {
    fn last_from_invitee(&self) -> Option<Message> {
        self.to_inviter
            .back()
            .map(|frame| Message::decode(frame).expect("well-formed"))
    }

    fn invitee_gone(&mut self, reason: Gone) {
        self.tell_invitee(Input::Gone {
            session: SessionId(self.session),
            reason,
        });
    }

    pub(in crate::invitation) fn pending(&self) -> &Pending {
        self.invitee.as_ref().expect("the invitee runs").pending()
    }

    fn did(&self, output: &str) -> bool {
        self.invitee_trace.iter().any(|name| name == output)
    }

    /// The redemption, before anything is sent, with its answers to come from a test.
    fn alone(pending: Pending) -> Self {
        let mut duet = Self::new(1);
        duet.invitee = Some(Invitee::new(
            pending,
            Joiner {
                keys: keys(2),
                name: "Bob".to_owned(),
            },
        ));
        duet
    }

    fn invitee_ended(&self) -> bool {
        self.invitee.as_ref().expect("the invitee runs").has_ended()
    }

    fn fresh() -> Pending {
        Self::new(1).pending().clone()
    }
}

#[test]
fn a_message_that_the_state_does_not_expect_ends_the_redemption() {
    // By scene: the invitee's state, and the types that it takes. Error and Cancel are always taken.
    let table = [
        (Scene::PinShown, "hello sent", &[0x02, 0x0e][..]),
        (Scene::HelloAnswered, "PIN expected", &[0x03]),
        (Scene::PinAsked, "PIN typed by a person", &[0x03]),
        (Scene::ShareSent, "share expected", &[0x03, 0x05, 0x0e]),
        (Scene::ProofSent, "proof expected", &[0x03, 0x07, 0x08]),
        (Scene::Proven, "welcome expected", &[0x09]),
        (Scene::JoinSent, "admission expected", &[0x0b]),
    ];
    for (scene, state, taken) in table {
        for message in one_of_each() {
            let mut duet = Duet::at(scene);
            duet.frame_to_invitee(message.encode());
            let fatal = duet.invitee_stage() == failed(RedeemError::PeerMisbehaved);
            let expected = taken.contains(&message.kind()) || [0x0f, 0x10].contains(&message.kind());
            assert_eq!(fatal, !expected, "{state}: {}", message.name());
            if fatal {
                assert_eq!(duet.last_from_invitee(), Some(Message::error(ErrorCode::BadMessage, 0)));
                assert_eq!(
                    duet.did("Delete"),
                    scene < Scene::ProofSent,
                    "only a redemption without a proof is forgotten"
                );
            }
        }
        for garbage in [&[][..], &[0x63, 1, 2], &[2, 0x80]] {
            let mut duet = Duet::at(scene);
            duet.frame_to_invitee(garbage.to_vec());
            assert_eq!(duet.invitee_stage(), failed(RedeemError::PeerMisbehaved), "{state}");
        }
    }
}

#[test]
fn every_error_code_has_a_meaning_and_ends_once() {
    for code in ErrorCode::ALL {
        for scene in [Scene::PinShown, Scene::PinAsked, Scene::JoinSent] {
            for as_frame in [true, false] {
                let mut duet = Duet::at(scene);
                if as_frame {
                    duet.frame_to_invitee(Message::error(code, 7).encode());
                } else {
                    duet.invitee_gone(Gone::Closed(code.close_code()));
                }
                let ended = matches!(duet.invitee_stage(), RedemptionStage::Failed { .. });
                let trying = matches!(duet.invitee_stage(), RedemptionStage::Connecting { failed_tries: 1 });
                assert!(ended != trying, "{code:?}: {:?}", duet.invitee_stage());
                let (stage, trace) = (duet.invitee_stage(), duet.invitee_trace.len());
                if ended {
                    duet.frame_to_invitee(Message::error(code, 7).encode());
                    duet.invitee_gone(Gone::Lost);
                    duet.tell_invitee(Input::Cancel);
                    duet.tell_invitee(Input::SaveFailed);
                    duet.wait(SESSION_LIFE);
                    assert_eq!((duet.invitee_stage(), duet.invitee_trace.len()), (stage, trace));
                }
            }
        }
    }
}

#[test]
fn what_the_inviter_says_is_what_the_person_reads() {
    for (code, error, forgotten_after_proof) in [
        (ErrorCode::UnknownInvitation, RedeemError::UnknownInvitation, false),
        (ErrorCode::Expired, RedeemError::Expired, true),
        (ErrorCode::AlreadyUsed, RedeemError::AlreadyUsed, true),
        (ErrorCode::Revoked, RedeemError::Revoked, true),
        (ErrorCode::Locked, RedeemError::Locked, true),
        (ErrorCode::WrongPin, RedeemError::OutOfTries, false),
        (ErrorCode::CancelledByInviter, RedeemError::CancelledByInviter, true),
        (ErrorCode::NotAllowed, RedeemError::NotAllowed, true),
        (ErrorCode::BadIdentity, RedeemError::BadIdentity, true),
        (ErrorCode::AlreadyMember, RedeemError::AlreadyMember, true),
        (ErrorCode::RateLimited, RedeemError::RateLimited { seconds: 7 }, false),
        (ErrorCode::Internal, RedeemError::PeerFailed, false),
        (ErrorCode::Version, RedeemError::VersionMismatch, false),
    ] {
        for (scene, forgotten) in [(Scene::PinAsked, true), (Scene::JoinSent, forgotten_after_proof)] {
            let mut duet = Duet::at(scene);
            duet.frame_to_invitee(Message::error(code, 7).encode());
            assert_eq!(duet.invitee_stage(), failed(error.clone()));
            assert_eq!(duet.did("Delete"), forgotten, "{code:?} at {scene:?}");
        }
    }
}

#[test]
fn the_redemption_is_on_disk_before_the_first_connection_and_the_proof_before_the_join() {
    let duet = Duet::at(Scene::HelloSent);
    assert_eq!(duet.invitee_trace[..2], ["Save", "Connect"]);
    let mut duet = Duet::at(Scene::ProofAnswered);
    let before = duet.invitee_trace.len();
    duet.deliver_to_invitee();
    assert_eq!(duet.invitee_trace[before], "Save");
    assert_eq!(duet.pending().phase, Phase::Proven);
    duet.deliver_to_invitee();
    assert!(matches!(duet.last_from_invitee(), Some(Message::Join(_))));
}

#[test]
fn a_party_that_the_code_does_not_promise_is_refused() {
    let mut duet = Duet::at(Scene::PinShown);
    let party_tag = PartyTag::from_bytes([0; 16]);
    let ack = Message::HelloAck {
        version: 1,
        method: Method::Pin,
        party_tag,
        nonce: [1; 32],
        seconds_left: 1,
    };
    duet.frame_to_invitee(ack.encode());
    assert_eq!(duet.invitee_stage(), failed(RedeemError::WrongParty));
    assert_eq!(duet.last_from_invitee(), Some(Message::error(ErrorCode::WrongParty, 0)));
}

#[test]
fn an_inviter_that_asks_for_no_pin_is_refused() {
    for method in [Method::None, Method::Approval] {
        let mut duet = Duet::at(Scene::PinShown);
        let party_tag = PartyTag::from_bytes([0x7a; 16]);
        let ack = Message::HelloAck {
            version: 1,
            method,
            party_tag,
            nonce: [1; 32],
            seconds_left: 1,
        };
        duet.frame_to_invitee(ack.encode());
        assert_eq!(duet.invitee_stage(), failed(RedeemError::PeerMisbehaved));
    }
}

#[test]
fn before_the_pin_is_proved_nobody_can_lure_this_device_into_a_party() {
    let mut duet = Duet::at(Scene::HelloAnswered);
    let welcome = Message::Welcome {
        party_name: "P".to_owned(),
        inviter_name: "A".to_owned(),
        role: 2,
        members: 1,
    };
    duet.frame_to_invitee(welcome.encode());
    assert_eq!(duet.invitee_stage(), failed(RedeemError::PeerMisbehaved));
}

#[test]
fn a_pin_that_is_void_or_of_another_length_is_not_sent() {
    let mut duet = Duet::at(Scene::PinAsked);
    let (stage, sent) = (duet.invitee_stage(), duet.to_inviter.len());
    duet.tell_invitee(Input::SubmitPin(Arc::new(Pin::parse("1234", 4).expect("four digits"))));
    assert_eq!((duet.invitee_stage(), duet.to_inviter.len()), (stage, sent));
    duet.now = duet.now.plus(Duration::from_secs(5 * 60));
    duet.tell_invitee(Input::Wake);
    let void = Some(PinNotice::Void);
    assert!(matches!(duet.invitee_stage(), RedemptionStage::EnterPin { tries_left: 0, notice, .. } if notice == void));
    duet.tell_invitee(Input::SubmitPin(Arc::new(Pin::parse("123456", 6).expect("six digits"))));
    assert_eq!(duet.to_inviter.len(), sent);
}

#[test]
fn cancelling_forgets_the_redemption_unless_a_pin_was_proved() {
    for scene in Scene::ALL {
        let mut duet = Duet::at(scene);
        let ended = matches!(duet.invitee_stage(), RedemptionStage::Joined { .. });
        duet.tell_invitee(Input::Cancel);
        match scene {
            _ if ended => assert!(matches!(duet.invitee_stage(), RedemptionStage::Joined { .. })),
            Scene::Storing => assert!(
                matches!(duet.invitee_stage(), RedemptionStage::Joining { .. }),
                "too late"
            ),
            _ => {
                assert_eq!(duet.invitee_stage(), RedemptionStage::Cancelled, "{scene:?}");
                assert_eq!(duet.did("Delete"), scene < Scene::ProofSent, "{scene:?}");
                assert!(matches!(duet.last_from_invitee(), Some(Message::Cancel { .. })));
            }
        }
    }
}

#[test]
fn an_admission_that_proves_nothing_is_refused_and_asked_for_again_at_the_next_start() {
    for (refusal, code, error) in [
        (StoreRefusal::BadLog, ErrorCode::BadLog, RedeemError::BadAdmission),
        (StoreRefusal::WrongParty, ErrorCode::WrongParty, RedeemError::WrongParty),
        (StoreRefusal::Storage, ErrorCode::Internal, RedeemError::Internal),
    ] {
        let mut duet = Duet::at(Scene::Storing);
        duet.tell_invitee(Input::Stored(Err(refusal)));
        assert_eq!(duet.invitee_stage(), failed(error));
        assert_eq!(duet.last_from_invitee(), Some(Message::error(code, 0)));
        assert!(!duet.did("Delete"));
    }
}

#[test]
fn an_admission_is_bounded() {
    let mut duet = Duet::at(Scene::JoinSent);
    let part = Message::Admit {
        last: false,
        ops: vec![vec![1; 4000]; 16],
    };
    for _ in 0..MAX_ADMISSION / 64_000 {
        duet.frame_to_invitee(part.encode());
        assert!(matches!(duet.invitee_stage(), RedemptionStage::Joining { .. }));
    }
    duet.frame_to_invitee(part.encode());
    assert_eq!(duet.invitee_stage(), failed(RedeemError::PeerMisbehaved));
    // However small its parts are.
    let mut duet = Duet::at(Scene::JoinSent);
    let part = Message::Admit {
        last: false,
        ops: vec![vec![1; 64]],
    }
    .encode();
    for _ in 0..MAX_ADMISSION / 64 {
        duet.frame_to_invitee(part.clone());
    }
    assert!(matches!(duet.invitee_stage(), RedemptionStage::Joining { .. }));
    duet.frame_to_invitee(part);
    assert_eq!(duet.invitee_stage(), failed(RedeemError::PeerMisbehaved));
    let mut duet = Duet::at(Scene::JoinSent);
    duet.frame_to_invitee(
        Message::Admit {
            last: false,
            ops: vec![],
        }
        .encode(),
    );
    assert_eq!(duet.invitee_stage(), failed(RedeemError::PeerMisbehaved));
}

#[test]
fn a_month_after_the_proof_nobody_asks_any_more() {
    let mut pending = Duet::fresh();
    pending.phase = Phase::Proven;
    let mut duet = Duet::alone(pending);
    duet.now = START.plus(PROVEN_PERIOD + Duration::from_secs(1));
    duet.tell_invitee(Input::Start);
    assert_eq!(duet.invitee_stage(), failed(RedeemError::TimedOut));
    assert!(duet.did("Delete"));
}

#[test]
fn a_failing_disk_ends_it_here() {
    for scene in [Scene::HelloSent, Scene::PinAsked, Scene::Proven] {
        let mut duet = Duet::at(scene);
        duet.tell_invitee(Input::SaveFailed);
        assert_eq!(duet.invitee_stage(), failed(RedeemError::Internal));
        assert!(!duet.did("Delete"));
    }
}

#[test]
fn stale_clicks_change_nothing() {
    for scene in Scene::ALL {
        let mut duet = Duet::at(scene);
        let (stage, trace) = (duet.invitee_stage(), duet.invitee_trace.len());
        duet.tell_invitee(Input::Start);
        duet.tell_invitee(Input::Retry);
        if scene != Scene::PinAsked {
            duet.tell_invitee(Input::SubmitPin(Arc::new(Pin::parse("123456", 6).expect("six digits"))));
        }
        duet.tell_invitee(Input::Frame {
            session: SessionId(999),
            frame: vec![1],
        });
        duet.tell_invitee(Input::Gone {
            session: SessionId(999),
            reason: Gone::Lost,
        });
        if scene != Scene::Storing {
            duet.tell_invitee(Input::Stored(Err(StoreRefusal::Storage)));
        }
        assert_eq!(
            (duet.invitee_stage(), duet.invitee_trace.len()),
            (stage, trace),
            "{scene:?}"
        );
    }
}

#[test]
fn nothing_secret_is_printed() {
    let duet = Duet::at(Scene::ProofSent);
    let text = format!("{:?}", duet.invitee);
    let code = duet.pending().code.to_text();
    assert!(!text.contains(code.as_str()));
    for needle in ["1111", "17, 17", "0909", "9, 9, 9"] {
        assert!(!text.contains(needle), "{needle} in {text}");
    }
}
