//! Each state against each message, and what people, time and false inviters do to it.

use super::*;
use crate::invitation::duet::{Duet, OP, START, Scene, keys, one_of_each};
use crate::invitation::{ErrorCode, InvitationStage, MAX_WRONG_PINS, Message, Method, PinNotice, RedeemError};

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
fn tries_are_spaced_ever_wider_until_the_inviter_counts_as_offline() {
    let mut duet = Duet::alone(Duet::fresh());
    duet.tell_invitee(Input::Start);
    let mut pauses = vec![];
    for failed_tries in 1..=9 {
        duet.invitee_gone(Gone::Unreachable);
        if duet.invitee_stage() == RedemptionStage::InviterOffline {
            pauses.push(0);
        } else {
            assert_eq!(duet.invitee_stage(), RedemptionStage::Connecting { failed_tries });
        }
        let asked = duet.now;
        let connects = |duet: &Duet| duet.invitee_trace.iter().filter(|name| *name == "Connect").count();
        let before = connects(&duet);
        while connects(&duet) == before {
            duet.now = duet.now.plus(Duration::from_secs(1));
            duet.tell_invitee(Input::Wake);
        }
        pauses.push(asked.until(duet.now).as_secs());
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30, 0, 60]);
    // The person does not want to wait.
    duet.invitee_gone(Gone::Unreachable);
    let before = duet.invitee_trace.len();
    duet.tell_invitee(Input::Retry);
    assert!(duet.invitee_trace[before..].contains(&"Connect".to_owned()));
    assert_eq!(duet.invitee_stage(), RedemptionStage::Connecting { failed_tries: 0 });
}

#[test]
fn an_inviter_that_lets_us_in_and_drops_us_is_not_asked_ever_faster() {
    let mut duet = Duet::at(Scene::HelloAnswered);
    for failed_tries in 1..=4 {
        duet.invitee_gone(Gone::Lost);
        assert_eq!(duet.invitee_stage(), RedemptionStage::Connecting { failed_tries });
        duet.wait(LONGEST_PAUSE);
        duet.deliver_to_inviter();
        duet.deliver_to_invitee();
    }
}

#[test]
fn another_protocol_is_another_version() {
    let mut duet = Duet::alone(Duet::fresh());
    duet.tell_invitee(Input::Start);
    duet.invitee_gone(Gone::NoCommonProtocol);
    assert_eq!(duet.invitee_stage(), failed(RedeemError::VersionMismatch));
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
fn waiting_for_a_turn_survives_a_lost_link() {
    let mut duet = Duet::at(Scene::PinShown);
    duet.frame_to_invitee(
        Message::Busy {
            retry_after_s: 20,
            position: 2,
        }
        .encode(),
    );
    assert_eq!(duet.invitee_stage(), RedemptionStage::Queued { position: 2 });
    duet.frame_to_invitee(
        Message::Busy {
            retry_after_s: 20,
            position: 1,
        }
        .encode(),
    );
    assert_eq!(duet.invitee_stage(), RedemptionStage::Queued { position: 1 });
    duet.invitee_gone(Gone::Closed(ErrorCode::Busy.close_code()));
    assert_eq!(duet.invitee_stage(), RedemptionStage::Queued { position: 1 });
    let session = duet.session;
    duet.now = duet.now.plus(Duration::from_secs(20));
    duet.tell_invitee(Input::Wake);
    assert_eq!(duet.session, session + 1);
}

#[test]
fn an_inviter_that_takes_no_pins_for_a_minute_is_waited_for_and_not_for_an_hour() {
    let busy = |retry_after_s| {
        let position = 0;
        Message::Busy {
            retry_after_s,
            position,
        }
        .encode()
    };
    for scene in [Scene::PinShown, Scene::ShareSent] {
        let mut duet = Duet::at(scene);
        duet.frame_to_invitee(busy(60));
        assert!(duet.did("Close"));
        assert_eq!(duet.invitee_stage(), RedemptionStage::Connecting { failed_tries: 0 });
        let session = duet.session;
        duet.now = duet.now.plus(Duration::from_secs(59));
        duet.tell_invitee(Input::Wake);
        assert_eq!(duet.session, session);
        duet.now = duet.now.plus(Duration::from_secs(1));
        duet.tell_invitee(Input::Wake);
        assert_eq!(duet.session, session + 1);

        let mut duet = Duet::at(scene);
        duet.frame_to_invitee(busy(3600));
        assert_eq!(duet.invitee_stage(), failed(RedeemError::RateLimited { seconds: 3600 }));
    }
}

#[test]
fn the_time_in_the_queue_is_not_taken_from_the_time_for_the_pin() {
    let mut duet = Duet::at(Scene::PinShown);
    let answers = std::mem::take(&mut duet.to_invitee);
    duet.frame_to_invitee(
        Message::Busy {
            retry_after_s: 20,
            position: 1,
        }
        .encode(),
    );
    duet.now = duet.now.plus(SESSION_LIFE - Duration::from_secs(1));
    let seated = duet.now;
    for frame in answers {
        duet.frame_to_invitee(frame);
    }
    duet.now = seated.plus(SESSION_LIFE - Duration::from_secs(1));
    duet.tell_invitee(Input::Wake);
    assert!(matches!(duet.invitee_stage(), RedemptionStage::EnterPin { .. }));
    duet.now = seated.plus(SESSION_LIFE);
    duet.tell_invitee(Input::Wake);
    assert_eq!(duet.invitee_stage(), failed(RedeemError::TimedOut));
}

#[test]
fn a_code_that_was_copied_again_is_used_from_the_next_connection_on() {
    let mut duet = Duet::at(Scene::PinAsked);
    let old = Arc::clone(&duet.pending().code);
    let newer = |endpoint| {
        let (kind, flags) = (old.kind(), crate::invitation::Flags::PIN);
        let hints = vec![crate::invitation::Hint::RelayPreset(1)];
        let secret = crate::invitation::duet::secret();
        Arc::new(InviteCode::new(kind, flags, secret, old.party_tag(), endpoint, None, hints).expect("a code"))
    };
    let machine = duet.invitee.as_mut().expect("the invitee runs");
    assert_eq!(machine.use_code(newer(keys(3).certificate.endpoint)), Err(OtherCode));
    assert_eq!(machine.pending().code.hints(), old.hints());
    assert_eq!(machine.use_code(newer(old.endpoint())), Ok(()));
    assert_eq!(machine.pending().code.hints().len(), 1);
    duet.play(Scene::ShareSent, Scene::Done);
    assert!(matches!(duet.invitee_stage(), RedemptionStage::Joined { .. }));
}

#[test]
fn a_false_inviter_gets_nine_guesses_across_links_and_restarts() {
    let mut duet = Duet::at(Scene::PinAsked);
    for wrong in 1..=9 {
        // Every PIN is wrong, every time with a new one: it never says that there are none left.
        duet.tell_invitee(Input::SubmitPin(Arc::new(Pin::parse("123456", 6).expect("six digits"))));
        duet.deliver_to_inviter();
        duet.deliver_to_invitee();
        let generation = duet.inviter().record().pin_generation;
        duet.frame_to_invitee(
            Message::WrongPin {
                generation,
                tries_left: 3,
                left_total: 9,
            }
            .encode(),
        );
        assert_eq!(duet.pending().wrong_total, wrong);
        if wrong < 9 {
            duet.restart_invitee();
            duet.deliver_all();
            assert!(
                matches!(duet.invitee_stage(), RedemptionStage::EnterPin { .. }),
                "{:?}",
                duet.invitee_stage()
            );
        }
    }
    let until = duet.now.plus(BLOCK_TIME);
    assert_eq!(duet.invitee_stage(), failed(RedeemError::BlockedHere { until }));
    assert!(!duet.pending().resumes_at_start());
    duet.restart_invitee();
    assert_eq!(duet.invitee_stage(), failed(RedeemError::BlockedHere { until }));
    duet.now = until;
    duet.restart_invitee();
    assert_eq!((duet.pending().wrong_total, duet.pending().blocked_until), (0, None));
}

#[test]
fn no_ending_forgives_a_wrong_pin() {
    for code in ErrorCode::ALL.into_iter().filter(|code| *code != ErrorCode::PinStale) {
        let mut duet = Duet::at(Scene::PinAsked);
        duet.type_wrong_pin();
        duet.deliver_all();
        duet.frame_to_invitee(Message::error(code, 7).encode());
        assert!(duet.invitee_ended(), "{code:?}");
        assert!(!duet.did("Delete"), "{code:?}");
        assert_eq!(
            (duet.pending().wrong_total, duet.pending().resumes_at_start()),
            (1, false)
        );
    }
    for ending in [Input::Cancel, Input::SaveFailed] {
        let mut duet = Duet::at(Scene::PinAsked);
        duet.type_wrong_pin();
        duet.deliver_all();
        duet.tell_invitee(ending);
        assert!(duet.invitee_ended() && !duet.did("Delete"));
    }
    // Even after a right PIN: what is left does not ask by itself.
    let mut duet = Duet::at(Scene::PinAsked);
    duet.type_wrong_pin();
    duet.deliver_all();
    duet.play(Scene::ShareSent, Scene::JoinSent);
    duet.frame_to_invitee(Message::error(ErrorCode::Revoked, 0).encode());
    assert!(!duet.did("Delete"));
    assert_eq!(
        (duet.pending().wrong_total, duet.pending().resumes_at_start()),
        (1, false)
    );
}

#[test]
fn who_takes_a_proof_and_breaks_off_has_had_a_guess() {
    // Mallory shows nothing and only listens: nine proofs for a code, over any number of connections and restarts.
    let mut duet = Duet::at(Scene::PinAsked);
    for taken in 1..=MAX_WRONG_PINS {
        duet.type_wrong_pin();
        duet.deliver_to_inviter();
        let before = duet.invitee_trace.len();
        duet.deliver_to_invitee();
        assert_eq!(
            duet.invitee_trace[before..before + 2],
            ["Save", "Send"],
            "first the disk"
        );
        assert_eq!(duet.pending().wrong_total, taken);
        duet.break_link();
        duet.restart_inviter();
        if taken % 2 == 0 {
            duet.restart_invitee();
        } else {
            duet.wait(Duration::from_secs(90));
        }
        duet.deliver_all();
    }
    assert_eq!(duet.wrong_total(), 0, "the inviter has seen none of them");
    duet.type_wrong_pin();
    assert!(matches!(
        duet.invitee_stage(),
        RedemptionStage::Failed {
            error: RedeemError::BlockedHere { .. }
        }
    ));
    assert!(duet.pending().blocked_until.is_some());
}

#[test]
fn three_wrong_for_one_pin_are_enough_whatever_the_inviter_says() {
    let mut duet = Duet::at(Scene::PinAsked);
    for wrong in 1..=3 {
        assert_eq!(duet.pending().blocked_until, None);
        duet.type_wrong_pin();
        duet.deliver_to_inviter();
        duet.deliver_to_invitee();
        duet.deliver_to_inviter();
        duet.to_invitee.clear();
        duet.frame_to_invitee(
            Message::WrongPin {
                generation: 1,
                tries_left: 3,
                left_total: 9,
            }
            .encode(),
        );
        assert_eq!(duet.pending().wrong_total, wrong);
    }
    let until = duet.now.plus(BLOCK_TIME);
    assert_eq!(duet.invitee_stage(), failed(RedeemError::BlockedHere { until }));
}

#[test]
fn a_false_proof_counts_as_a_wrong_pin_and_ends_the_link() {
    let mut duet = Duet::at(Scene::ProofSent);
    duet.frame_to_invitee(Message::ConfirmI { tag: [0; 32] }.encode());
    assert_eq!(
        (duet.pending().wrong_total, duet.pending().phase),
        (1, Phase::Redeeming)
    );
    assert_eq!(duet.invitee_stage(), RedemptionStage::Connecting { failed_tries: 1 });
    assert_eq!(
        duet.invitee_trace.iter().rev().nth(1).map(String::as_str),
        Some("StageChanged")
    );
    duet.tell_inviter(crate::invitation::inviter::Input::Gone { session: SessionId(1) });
    duet.wait(Duration::from_secs(1));
    duet.deliver_all();
    let wrong = Some(PinNotice::Wrong);
    assert!(matches!(duet.invitee_stage(), RedemptionStage::EnterPin { notice, .. } if notice == wrong));
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
fn a_lost_link_leads_back_to_the_slot_from_everywhere() {
    for scene in Scene::ALL.into_iter().filter(|scene| *scene < Scene::Storing) {
        let mut duet = Duet::at(scene);
        duet.break_link();
        if duet.request.is_some() {
            duet.admit();
        }
        duet.wait(Duration::from_secs(2));
        duet.deliver_all();
        if let RedemptionStage::EnterPin { .. } = duet.invitee_stage() {
            duet.type_shown_pin();
            duet.deliver_all();
            duet.admit();
            duet.deliver_all();
        }
        duet.tell_invitee(Input::Stored(Ok(Stored {
            party: PartyId::from_bytes([1; 32]),
            op: OpId::from_bytes(OP),
        })));
        assert!(
            matches!(duet.invitee_stage(), RedemptionStage::Joined { .. }),
            "{scene:?}: {:?}",
            duet.invitee_stage()
        );
        assert!(
            matches!(duet.inviter_stage(), InvitationStage::Admitted { .. }),
            "{scene:?}"
        );
    }
}

#[test]
fn an_inviter_that_does_not_answer_is_tried_again() {
    for (scene, time) in [
        (Scene::HelloSent, HELLO_TIME),
        (Scene::HelloAnswered, ANSWER_TIME),
        (Scene::ShareSent, ANSWER_TIME),
        (Scene::ProofSent, ANSWER_TIME),
        (Scene::Proven, ANSWER_TIME),
        (Scene::JoinSent, ADMISSION_TIME),
    ] {
        let mut duet = Duet::at(scene);
        duet.now = duet.now.plus(time);
        duet.tell_invitee(Input::Wake);
        assert_eq!(
            duet.invitee_stage(),
            RedemptionStage::Connecting { failed_tries: 1 },
            "{scene:?}"
        );
        assert_eq!(duet.last_from_invitee(), Some(Message::error(ErrorCode::Timeout, 0)));
    }
}

#[test]
fn nobody_typing_for_a_quarter_of_an_hour_is_an_end() {
    let mut duet = Duet::at(Scene::PinAsked);
    duet.now = START.plus(SESSION_LIFE);
    duet.tell_invitee(Input::Wake);
    assert_eq!(duet.invitee_stage(), failed(RedeemError::TimedOut));
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
    for _ in 0..16 {
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
    for _ in 0..crate::invitation::MAX_ADMISSION / 64 {
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
