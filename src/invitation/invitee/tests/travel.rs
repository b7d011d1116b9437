//! The way to the inviter: tries, turns, lost links, and time.

use super::*;

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
