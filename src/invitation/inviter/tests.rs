//! Each state against each message, and what people and time do to it.

mod arrivals;

use super::*;
use crate::invitation::duet::{Duet, START, Scene, code, keys, one_of_each, record};
use crate::invitation::{ErrorCode, Message, Mode, PinVoid, Redeem, RedeemError, RedemptionStage, Secret, VERSION};

const MINUTE: Duration = Duration::from_secs(60);

/// A `Hello` of another device that holds the code, for the exporter that a duet starts with.
fn hello_of(number: u8, mode: Mode) -> (EndpointId, Vec<u8>) {
    let endpoint = keys(number).certificate.endpoint;
    let (nonce, versions) = ([number; 32], vec![VERSION]);
    let exporter = Exporter::from_bytes([9; 32]);
    let redeem = Redeem {
        exporter: &exporter,
        inviter: keys(1).certificate.endpoint,
        invitee: endpoint,
        nonce,
        versions: &versions,
    };
    let proof = code().secret().sign_redeem(&redeem);
    (
        endpoint,
        Message::Hello {
            versions,
            mode,
            invitation: code().invitation_id(),
            nonce,
            proof,
        }
        .encode(),
    )
}

impl Duet {
    fn other_device(&mut self, session: u64, number: u8) {
        let (endpoint, hello) = hello_of(number, Mode::New);
        self.hello_from(session, endpoint, hello);
    }

    fn waiting(&self) -> u8 {
        match self.inviter_stage() {
            InvitationStage::Pin { waiting, .. } | InvitationStage::PinVoid { waiting, .. } => waiting,
            _ => 0,
        }
    }

    fn last_to_invitee(&self) -> Message {
        Message::decode(self.to_invitee.back().expect("a frame")).expect("well-formed")
    }

    fn is_refused_with(&self, code: ErrorCode) -> bool {
        self.closed_by_inviter == Some(code.close_code()) && self.last_to_invitee() == Message::error(code, 0)
    }
}

#[test]
fn a_message_that_the_state_does_not_expect_ends_the_session_and_costs_no_try() {
    // By scene: the inviter's state, and the types that it takes. Error and Cancel are always taken.
    let table = [
        (Scene::PinShown, "PIN shown", &[0x04][..]),
        (Scene::ShareAnswered, "proof expected", &[0x06]),
        (Scene::ProofAnswered, "join expected", &[0x0a]),
        (Scene::Admitting, "admission awaited", &[]),
        (Scene::Admitted, "farewell", &[0x0c]),
    ];
    for (scene, state, taken) in table {
        for message in one_of_each() {
            let mut duet = Duet::at(scene);
            let (tries, trace) = (duet.wrong_total(), duet.inviter_trace.len());
            duet.to_invitee.clear();
            duet.frame_to_inviter(message.encode());
            let fatal = duet.closed_by_inviter == Some(ErrorCode::BadMessage.close_code());
            let expected = taken.contains(&message.kind()) || [0x0f, 0x10].contains(&message.kind());
            assert_eq!(fatal, !expected, "{state}: {}", message.name());
            if fatal {
                assert!(duet.is_refused_with(ErrorCode::BadMessage));
                assert_eq!(duet.wrong_total(), tries, "{state}: {}", message.name());
                assert!(!duet.inviter_trace[trace..].iter().any(|name| name == "SaveWrongPin"));
            }
        }
        for garbage in [&[][..], &[0x63, 1, 2], &[4, 0x80]] {
            let mut duet = Duet::at(scene);
            duet.frame_to_inviter(garbage.to_vec());
            assert_eq!(
                duet.closed_by_inviter,
                Some(ErrorCode::BadMessage.close_code()),
                "{state}"
            );
        }
    }
}

#[test]
fn a_void_pin_takes_only_what_crossed_it() {
    for message in one_of_each() {
        let mut duet = Duet::at(Scene::PinAsked);
        duet.wait(PIN_LIFE);
        assert_eq!(
            duet.inviter_stage(),
            InvitationStage::PinVoid {
                reason: PinVoid::Expired,
                waiting: 0
            }
        );
        duet.frame_to_inviter(message.encode());
        let expected = [0x04, 0x0f, 0x10].contains(&message.kind());
        assert_eq!(
            duet.closed_by_inviter == Some(ErrorCode::BadMessage.close_code()),
            !expected,
            "{}",
            message.name()
        );
    }
}

#[test]
fn a_bad_share_ends_the_session_and_costs_no_try() {
    let mut duet = Duet::at(Scene::PinAsked);
    duet.frame_to_inviter(
        Message::PakeA {
            generation: 1,
            attempt: 1,
            share: [0xff; 32],
        }
        .encode(),
    );
    assert!(duet.is_refused_with(ErrorCode::BadMessage));
    assert_eq!(duet.wrong_total(), 0);
    assert_eq!(duet.inviter_stage(), InvitationStage::Code { device_left: true });
}

#[test]
fn three_wrong_void_the_pin_until_the_person_shows_a_new_one() {
    let mut duet = Duet::at(Scene::PinAsked);
    for wrong in 1..=2 {
        duet.try_wrong_pin();
        assert!(matches!(duet.inviter_stage(), InvitationStage::Pin { wrong: seen, .. } if seen == wrong));
        assert!(
            matches!(duet.invitee_stage(), RedemptionStage::EnterPin { tries_left, .. } if tries_left == 3 - wrong)
        );
    }
    duet.try_wrong_pin();
    assert_eq!(
        duet.inviter_stage(),
        InvitationStage::PinVoid {
            reason: PinVoid::TooManyWrong,
            waiting: 0
        }
    );
    assert!(matches!(
        duet.invitee_stage(),
        RedemptionStage::EnterPin { tries_left: 0, .. }
    ));
    // A reconnect does not bring it back.
    duet.break_link();
    duet.wait(Duration::from_secs(2));
    duet.deliver_all();
    assert_eq!(
        duet.inviter_stage(),
        InvitationStage::PinVoid {
            reason: PinVoid::TooManyWrong,
            waiting: 0
        }
    );
    duet.tell_inviter(Input::ShowNewPin);
    duet.deliver_all();
    duet.type_shown_pin();
    duet.deliver_all();
    assert_eq!(
        (duet.inviter_stage(), duet.wrong_total()),
        (InvitationStage::Admitting, 4)
    );
    duet.admit();
    assert_eq!(duet.wrong_total(), 0, "only the admission gives the tries back");
}

#[test]
fn the_ninth_wrong_pin_locks_across_restarts_and_devices() {
    let mut duet = Duet::at(Scene::PinAsked);
    for round in 0..3 {
        for _ in 0..3 {
            duet.try_wrong_pin();
        }
        if round < 2 {
            duet.restart_inviter();
            assert_eq!(duet.wrong_total(), 3 * (round + 1));
            duet.restart_invitee();
            duet.deliver_all();
        }
    }
    assert_eq!(duet.inviter_stage(), InvitationStage::Locked);
    assert_eq!(
        duet.invitee_stage(),
        RedemptionStage::Failed {
            error: RedeemError::Locked
        }
    );
    assert_eq!(duet.inviter().record().status, Status::Locked);
}

#[test]
fn a_last_try_that_was_right_and_not_used_locks_too() {
    let mut duet = Duet::new(1);
    duet.inviter = Some(Inviter::new(Record {
        wrong_total: 8,
        ..record(1)
    }));
    duet.play(Scene::HelloSent, Scene::ProofAnswered);
    assert_eq!(
        (duet.inviter_stage(), duet.wrong_total()),
        (InvitationStage::Admitting, 9)
    );
    let mut crashed = Duet::new(1);
    crashed.inviter = Some(Inviter::new(
        Record::decode(&duet.inviter().record().encode()).expect("its own bytes"),
    ));
    crashed.tell_inviter(Input::Wake);
    assert_eq!(crashed.inviter_stage(), InvitationStage::Locked);
    // While the session lives, the try is still good.
    duet.play(Scene::Proven, Scene::Done);
    assert_eq!((duet.inviter().record().status, duet.wrong_total()), (Status::Used, 8));
}

#[test]
fn a_new_pin_overtakes_an_attempt_and_costs_nothing() {
    // The share, or the proof, crosses the new PIN on the wire.
    for crossing in [Scene::ShareSent, Scene::ProofSent] {
        let mut duet = Duet::at(crossing);
        duet.tell_inviter(Input::ShowNewPin);
        duet.deliver_all();
        assert_eq!((duet.wrong_total(), duet.closed_by_inviter), (0, None), "{crossing:?}");
        let notice = Some(crate::invitation::PinNotice::Changed);
        assert!(matches!(duet.invitee_stage(), RedemptionStage::EnterPin { notice: seen, .. } if seen == notice));
        duet.type_shown_pin();
        duet.deliver_all();
        assert_eq!(duet.inviter_stage(), InvitationStage::Admitting);
    }
}

#[test]
fn an_attempt_with_the_new_pin_may_follow_before_the_old_one_is_refused() {
    let mut duet = Duet::at(Scene::ShareSent);
    duet.tell_inviter(Input::ShowNewPin);
    duet.deliver_to_invitee();
    duet.type_shown_pin();
    duet.deliver_all();
    assert_eq!(
        (duet.inviter_stage(), duet.wrong_total()),
        (InvitationStage::Admitting, 1)
    );
}

#[test]
fn twenty_new_pins_are_enough_for_one_device() {
    let mut duet = Duet::at(Scene::PinAsked);
    for _ in 0..30 {
        duet.tell_inviter(Input::ShowNewPin);
    }
    assert_eq!(duet.inviter().record().pin_generation, 1 + MAX_NEW_PINS);
    let told = duet.inviter_trace.iter().filter(|name| *name == "NoMorePins").count();
    assert_eq!(told, 10, "whoever asks for more is told so");
}

#[test]
fn generations_wrap_around_without_a_zero() {
    let mut duet = Duet::new(1);
    duet.inviter = Some(Inviter::new(Record {
        pin_generation: 255,
        ..record(1)
    }));
    duet.play(Scene::HelloSent, Scene::Done);
    assert_eq!(duet.inviter().record().pin_generation, 1);
}

#[test]
fn shares_without_proofs_are_answered_ten_times_a_minute() {
    let mut duet = Duet::at(Scene::PinAsked);
    for _ in 0..MAX_OPEN_SHARES {
        duet.type_wrong_pin();
        duet.deliver_to_inviter();
        assert!(matches!(duet.last_to_invitee(), Message::PakeB { .. }));
        duet.break_link();
        duet.now = duet.now.plus(Duration::from_secs(1));
        duet.tell_invitee(crate::invitation::invitee::Input::Wake);
        duet.deliver_all();
    }
    duet.type_wrong_pin();
    duet.deliver_to_inviter();
    assert_eq!(
        duet.last_to_invitee(),
        Message::Busy {
            retry_after_s: 60,
            position: 0
        }
    );
    assert_eq!(
        (duet.wrong_total(), duet.inviter_stage()),
        (0, InvitationStage::Code { device_left: true })
    );
}

#[test]
fn after_thirty_wrong_pins_a_day_no_pin_is_shown_for_an_hour() {
    let mut duet = Duet::new(1);
    duet.wrong_pins_today = MAX_WRONG_PER_DAY;
    duet.play(Scene::HelloSent, Scene::PinShown);
    assert_eq!(
        duet.last_to_invitee(),
        Message::Busy {
            retry_after_s: 3600,
            position: 0
        }
    );
    duet.deliver_all();
    assert_eq!(
        duet.invitee_stage(),
        RedemptionStage::Failed {
            error: RedeemError::RateLimited { seconds: 3600 }
        }
    );
    let mut duet = Duet::at(Scene::ShareSent);
    duet.wrong_pins_today = MAX_WRONG_PER_DAY;
    duet.deliver_to_inviter();
    assert_eq!(
        duet.last_to_invitee(),
        Message::Busy {
            retry_after_s: 3600,
            position: 0
        }
    );
}

#[test]
fn revoking_wins_until_the_admission_is_being_written() {
    for scene in Scene::ALL {
        let mut duet = Duet::at(scene);
        duet.to_invitee.clear();
        duet.tell_inviter(Input::Revoke);
        if scene < Scene::Admitting {
            assert_eq!(duet.inviter_stage(), InvitationStage::Revoked, "{scene:?}");
            if scene > Scene::HelloSent {
                assert!(duet.is_refused_with(ErrorCode::CancelledByInviter), "{scene:?}");
            }
            let end = duet.inviter_trace.len();
            duet.tell_inviter(Input::Revoke);
            assert_eq!(duet.inviter_trace.len(), end, "twice is once");
        } else {
            assert_eq!(
                duet.inviter_trace.last().map(String::as_str),
                Some("AlreadyAdmitted"),
                "{scene:?}"
            );
            assert_ne!(duet.inviter().record().status, Status::Revoked);
        }
    }
}

#[test]
fn expiry_ends_it_at_every_step_but_the_last() {
    for scene in Scene::ALL {
        let mut duet = Duet::at(scene);
        duet.now = START.plus(Duration::from_secs(24 * 3600)).plus(EXPIRY_TOLERANCE);
        duet.tell_inviter(Input::Wake);
        let stage = duet.inviter_stage();
        match scene {
            Scene::Admitting => assert_eq!(stage, InvitationStage::Admitting),
            scene if scene < Scene::Admitting => assert_eq!(stage, InvitationStage::Expired, "{scene:?}"),
            _ => assert!(matches!(stage, InvitationStage::Admitted { .. })),
        }
    }
}

#[test]
fn within_the_tolerance_it_still_works() {
    let mut duet = Duet::new(1);
    duet.now = START.plus(Duration::from_secs(24 * 3600) + EXPIRY_TOLERANCE - MINUTE);
    duet.play(Scene::HelloSent, Scene::Done);
    assert_eq!(duet.inviter().record().status, Status::Used);
}

#[test]
fn an_answer_that_does_not_come_frees_the_link_and_keeps_the_slot() {
    for scene in [Scene::ShareAnswered, Scene::ProofAnswered] {
        let mut duet = Duet::at(scene);
        duet.now = duet.now.plus(ANSWER_TIME);
        duet.tell_inviter(Input::Wake);
        assert!(duet.is_refused_with(ErrorCode::Timeout), "{scene:?}");
        assert_eq!(duet.inviter_stage(), InvitationStage::Code { device_left: true });
    }
}

#[test]
fn a_session_lasts_a_quarter_of_an_hour() {
    let mut duet = Duet::at(Scene::PinAsked);
    for _ in 0..3 {
        duet.now = duet.now.plus(PIN_LIFE - Duration::from_secs(1));
        duet.tell_inviter(Input::ShowNewPin);
        assert_eq!(duet.closed_by_inviter, None);
    }
    duet.now = duet.now.plus(Duration::from_secs(3));
    duet.tell_inviter(Input::Wake);
    assert!(duet.is_refused_with(ErrorCode::Timeout));
}

#[test]
fn a_refusal_of_the_engine_leaves_the_invitation_open() {
    for (refusal, code) in [
        (Refusal::AlreadyMember, ErrorCode::AlreadyMember),
        (Refusal::NotAllowed, ErrorCode::NotAllowed),
        (Refusal::Storage, ErrorCode::Internal),
    ] {
        let mut duet = Duet::at(Scene::Admitting);
        let session = duet.request.take().expect("an admission is asked for").session;
        duet.tell_inviter(Input::Admission {
            session,
            result: Err(refusal),
        });
        assert!(duet.is_refused_with(code));
        assert_eq!(
            (duet.inviter().record().status, duet.inviter().record().uses),
            (Status::Open, 0)
        );
        assert_eq!(duet.wrong_total(), 1, "the try is not given back");
    }
}

#[test]
fn stale_clicks_change_nothing() {
    for scene in [Scene::HelloSent, Scene::ProofAnswered, Scene::Admitting, Scene::Done] {
        let mut duet = Duet::at(scene);
        let (stage, trace) = (duet.inviter_stage(), duet.inviter_trace.len());
        duet.tell_inviter(Input::ShowNewPin);
        if scene != Scene::ProofAnswered {
            duet.tell_inviter(Input::Next);
        }
        duet.tell_inviter(Input::Gone {
            session: SessionId(999),
        });
        duet.tell_inviter(Input::Frame {
            session: SessionId(999),
            frame: vec![1],
        });
        let result = Err(Refusal::Storage);
        duet.tell_inviter(Input::Admission {
            session: SessionId(999),
            result,
        });
        assert_eq!(
            (duet.inviter_stage(), duet.inviter_trace.len()),
            (stage, trace),
            "{scene:?}"
        );
    }
}

#[test]
fn each_try_is_on_disk_before_its_answer() {
    let mut duet = Duet::at(Scene::ProofSent);
    let before = duet.inviter_trace.len();
    duet.deliver_to_inviter();
    assert_eq!(duet.inviter_trace[before..before + 2], ["Save", "Send"]);
    let mut duet = Duet::at(Scene::PinAsked);
    duet.type_wrong_pin();
    duet.deliver_to_inviter();
    duet.deliver_to_invitee();
    let before = duet.inviter_trace.len();
    duet.deliver_to_inviter();
    assert_eq!(duet.inviter_trace[before..before + 2], ["SaveWrongPin", "Send"]);
}

#[test]
fn nothing_secret_is_printed() {
    let duet = Duet::at(Scene::ProofSent);
    let pin = duet.shown_pin().expect("a PIN is shown");
    let text = format!("{:?}", duet.inviter());
    assert!(!text.contains(pin.digits()));
    // The secret is 11 sixteen times, the exporter 09: neither as hex nor as a list.
    for needle in ["1111", "17, 17", "0909", "9, 9, 9"] {
        assert!(!text.contains(needle), "{needle} in {text}");
    }
}
