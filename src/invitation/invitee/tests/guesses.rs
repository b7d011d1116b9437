//! Wrong PINs: how many a false inviter gets to see, whatever it says and however often it starts anew.

use super::*;

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
