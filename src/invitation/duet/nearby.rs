//! Shown nearby: anybody in the network may come, and nobody gets in without the PIN.

use crate::invitation::inviter::{SHOWN_NEARBY, Status};
use crate::invitation::{
    Evidence, MAX_WRONG_NEARBY, MAX_WRONG_PINS, Mode, NearbyInvitation, Redeem, RedeemError, VERSION,
};

use super::*;

const MALLORY: u8 = 7;

fn announced() -> NearbyInvitation {
    NearbyInvitation {
        endpoint: keys(1).certificate.endpoint,
        handle: secret().handle(),
        addresses: vec![],
    }
}

/// Alice shows her invitation, and somebody's device has heard it.
fn heard_by(number: u8, max_uses: u32) -> Duet {
    let mut duet = Duet::new(max_uses);
    duet.tell_inviter(inviter::Input::ShowNearby);
    duet.another(number, announced().code());
    duet
}

impl Duet {
    fn is_shown(&self) -> bool {
        self.inviter().shown_nearby().is_some()
    }
}

/// What somebody says who has heard the announcement.
fn hello(number: u8, mode: Mode) -> (EndpointId, Vec<u8>) {
    let (endpoint, nonce, versions) = (keys(number).certificate.endpoint, [number; 32], vec![VERSION]);
    let redeem = Redeem {
        exporter: &Exporter::from_bytes([9; 32]),
        inviter: keys(1).certificate.endpoint,
        invitee: endpoint,
        nonce,
        versions: &versions,
    };
    let proof = announced().handle.stand_in().sign_redeem(&redeem);
    let invitation = announced().handle.invitation_id();
    let message = Message::Hello {
        versions,
        mode,
        invitation,
        nonce,
        proof,
    };
    (endpoint, message.encode())
}

#[test]
fn who_has_heard_of_it_and_is_told_the_pin_is_admitted() {
    let mut duet = heard_by(2, 1);
    duet.play(Scene::HelloSent, Scene::Done);
    assert_eq!(duet.invitee_stage(), RedemptionStage::Joined { party: PARTY });
    assert_eq!(duet.inviter().record().admitted.len(), 1);
    assert!(!duet.is_shown(), "a used invitation is not shown any more");
}

#[test]
fn the_log_gets_evidence_that_only_the_inviter_could_make() {
    let mut duet = heard_by(2, 1);
    duet.play(Scene::HelloSent, Scene::Admitting);
    let join = &duet.request.as_ref().expect("an admission is asked for").join;
    let evidence = Evidence {
        party_tag: TAG,
        identity: join.identity,
        device: join.device,
        endpoint: join.endpoint,
    };
    assert!(secret().key().verify_evidence(&evidence, &join.evidence).is_ok());
    // What a neighbour can sign with is worth nothing there.
    let forged = announced().handle.stand_in().sign_evidence(&evidence);
    assert!(secret().key().verify_evidence(&evidence, &forged).is_err());
}

#[test]
fn before_the_pin_nothing_tells_which_party_it_is() {
    let mut duet = heard_by(2, 1);
    duet.play(Scene::HelloSent, Scene::PinShown);
    assert!(matches!(
        Message::decode(&duet.to_invitee[0]),
        Ok(Message::HelloAck { party_tag, .. }) if party_tag == PartyTag::from_bytes([0; 16])
    ));
    let told = duet.to_invitee.iter().flatten().copied().collect::<Vec<_>>();
    for private in [&TAG.as_bytes()[..], b"Book club", b"Alice"] {
        assert!(!told.windows(private.len()).any(|part| part == private));
    }
}

#[test]
fn an_invitation_that_is_not_shown_is_unknown_to_neighbours() {
    for mode in [Mode::New, Mode::Resume] {
        let mut duet = Duet::new(1);
        let (endpoint, frame) = hello(MALLORY, mode);
        duet.hello_from(0, endpoint, frame);
        assert_eq!(duet.closed_by_inviter, Some(ErrorCode::UnknownInvitation.close_code()));
        assert!(duet.to_invitee.is_empty());
        assert!(!duet.inviter_trace.contains(&"Save".to_owned()));
    }
}

#[test]
fn it_is_shown_for_a_quarter_of_an_hour_and_not_after_a_restart() {
    let mut duet = heard_by(2, 1);
    duet.wait(SHOWN_NEARBY - Duration::from_secs(1));
    assert!(duet.is_shown());
    duet.play(Scene::HelloSent, Scene::PinAsked);
    duet.wait(Duration::from_secs(1));
    assert!(!duet.is_shown());
    let (endpoint, frame) = hello(MALLORY, Mode::New);
    duet.hello_from(99, endpoint, frame);
    assert!(
        matches!(duet.inviter_stage(), InvitationStage::Pin { waiting: 0, .. }),
        "nobody new comes"
    );
    // Who is here already goes on, over a lost link too.
    duet.break_link();
    duet.wait(Duration::from_secs(2));
    duet.deliver_all();
    duet.play(Scene::ShareSent, Scene::Done);
    assert_eq!(duet.inviter().record().status, Status::Used);

    let mut duet = heard_by(2, 1);
    duet.restart_inviter();
    assert!(!duet.is_shown());
}

#[test]
fn a_look_alike_in_between_fails_although_the_right_pin_is_typed() {
    // Bob has chosen what Mallory announces; Mallory goes to Alice and passes everything on.
    let mut duet = heard_by(2, 1);
    let look_alike = NearbyInvitation {
        endpoint: keys(MALLORY).certificate.endpoint,
        ..announced()
    };
    duet.another(2, look_alike.code());
    duet.exporters = (9, 8);
    duet.endpoint = look_alike.endpoint;
    duet.tell_invitee(invitee::Input::Start);
    duet.to_inviter.clear();
    duet.frame_to_inviter(hello(MALLORY, Mode::New).1);
    duet.deliver_all();
    duet.type_shown_pin();
    duet.deliver_all();
    assert!(duet.inviter().record().admitted.is_empty() && duet.request.is_none());
    assert!(matches!(duet.inviter_stage(), InvitationStage::Pin { wrong: 1, .. }));
    assert!(matches!(
        duet.invitee_stage(),
        RedemptionStage::EnterPin { tries_left: 2, .. }
    ));
}

#[test]
fn neighbours_have_three_tries_and_the_code_keeps_the_rest() {
    let mut duet = heard_by(2, 1);
    for (number, tries) in [(2, 2), (3, 1)] {
        duet.another(number, announced().code());
        duet.play(Scene::HelloSent, Scene::PinAsked);
        (0..tries).for_each(|_| duet.try_wrong_pin());
        if number == 2 {
            duet.tell_invitee(invitee::Input::Cancel);
            duet.deliver_all();
            duet.wait(Duration::from_secs(60));
        }
    }
    assert_eq!((duet.wrong_total(), duet.is_shown()), (MAX_WRONG_NEARBY, false));
    assert_eq!(
        duet.invitee_stage(),
        RedemptionStage::Failed {
            error: RedeemError::CancelledByInviter
        }
    );
    assert_eq!(duet.inviter_stage(), InvitationStage::Code { device_left: true });
    let saved = duet.inviter_trace.iter().filter(|name| *name == "SaveWrongPin").count();
    assert_eq!(saved, 3, "each is on disk");
    duet.restart_inviter();
    duet.another(4, InviteCode::parse(&code().to_text()).expect("the code"));
    duet.play(Scene::HelloSent, Scene::Done);
    assert_eq!(duet.inviter().record().status, Status::Used);
}

#[test]
fn showing_it_again_and_again_gives_no_tenth_guess() {
    let mut duet = Duet::new(1);
    for round in 1..=3 {
        duet.tell_inviter(inviter::Input::ShowNearby);
        duet.another(round + 1, announced().code());
        duet.play(Scene::HelloSent, Scene::PinAsked);
        (0..3).for_each(|_| duet.try_wrong_pin());
        assert_eq!(duet.wrong_total(), 3 * round);
    }
    assert_eq!(duet.inviter().record().status, Status::Locked);
    duet.tell_inviter(inviter::Input::ShowNearby);
    assert!(!duet.is_shown(), "a locked invitation is never shown");
    assert_eq!(duet.wrong_total(), MAX_WRONG_PINS);
}

#[test]
fn who_has_the_code_goes_before_neighbours_who_wait() {
    let mut duet = heard_by(2, 1);
    duet.play(Scene::HelloSent, Scene::PinAsked);
    for number in 10..14 {
        let (endpoint, frame) = hello(number, Mode::New);
        duet.hello_from(u64::from(number), endpoint, frame);
    }
    assert!(matches!(duet.inviter_stage(), InvitationStage::Pin { waiting: 4, .. }));
    // The queue is full of neighbours; the last of them makes room.
    duet.another(5, InviteCode::parse(&code().to_text()).expect("the code"));
    duet.tell_invitee(invitee::Input::Start);
    duet.session = 50;
    let frame = duet.to_inviter.pop_front().expect("a Hello");
    duet.hello_from(50, duet.endpoint, frame);
    assert_eq!(
        Message::decode(duet.to_invitee.back().expect("an answer")),
        Ok(Message::Busy {
            retry_after_s: 20,
            position: 1
        })
    );
    assert!(matches!(duet.inviter_stage(), InvitationStage::Pin { waiting: 4, .. }));
    duet.to_invitee.clear();
    duet.tell_inviter(inviter::Input::Next);
    assert!(matches!(
        Message::decode(&duet.to_invitee[0]),
        Ok(Message::HelloAck { party_tag: TAG, .. })
    ));
}

#[test]
fn hiding_it_sends_the_neighbours_away_and_nobody_else() {
    let mut duet = heard_by(2, 1);
    duet.play(Scene::HelloSent, Scene::PinAsked);
    let (endpoint, frame) = hello(MALLORY, Mode::New);
    duet.hello_from(70, endpoint, frame);
    duet.tell_inviter(inviter::Input::HideNearby);
    assert_eq!(duet.closed_by_inviter, Some(ErrorCode::CancelledByInviter.close_code()));
    assert_eq!(duet.inviter_stage(), InvitationStage::Code { device_left: true });
    assert_eq!(duet.wrong_total(), 0);

    let mut duet = Duet::at(Scene::PinAsked);
    duet.tell_inviter(inviter::Input::ShowNearby);
    duet.tell_inviter(inviter::Input::HideNearby);
    duet.play(Scene::ShareSent, Scene::Done);
    assert_eq!(duet.inviter().record().status, Status::Used);
}

#[test]
fn hiding_it_does_not_take_back_a_pin_that_was_right() {
    for scene in [Scene::ProofAnswered, Scene::Admitting] {
        let mut duet = heard_by(2, 1);
        duet.play(Scene::HelloSent, scene);
        duet.tell_inviter(inviter::Input::HideNearby);
        let next = Scene::ALL.into_iter().find(|other| *other > scene).expect("a scene");
        duet.play(next, Scene::Done);
        assert_eq!(duet.inviter().record().status, Status::Used, "{scene:?}");
    }
}

#[test]
fn an_admission_that_was_missed_is_fetched_although_nothing_is_shown_any_more() {
    let mut duet = heard_by(2, 1);
    duet.play(Scene::HelloSent, Scene::Admitting);
    duet.admit();
    duet.break_link();
    assert!(!duet.is_shown());
    duet.restart_inviter();
    duet.restart_invitee();
    duet.deliver_all();
    duet.play(Scene::Stored, Scene::Done);
    assert_eq!(duet.invitee_stage(), RedemptionStage::Joined { party: PARTY });
    // Nobody else gets it.
    let (endpoint, frame) = hello(MALLORY, Mode::Resume);
    duet.session = 90;
    duet.hello_from(90, endpoint, frame);
    assert_eq!(duet.closed_by_inviter, Some(ErrorCode::UnknownInvitation.close_code()));
}

#[test]
fn the_other_way_in_gives_no_fresh_tries() {
    let mut duet = heard_by(2, 1);
    duet.play(Scene::HelloSent, Scene::PinAsked);
    (0..2).for_each(|_| duet.try_wrong_pin());
    duet.break_link();
    duet.another(2, InviteCode::parse(&code().to_text()).expect("the code"));
    duet.play(Scene::HelloSent, Scene::PinAsked);
    assert!(matches!(
        duet.invitee_stage(),
        RedemptionStage::EnterPin { tries_left: 1, .. }
    ));
    duet.play(Scene::ShareSent, Scene::Done);
    assert_eq!(duet.inviter().record().status, Status::Used);
}

#[test]
fn a_handle_opens_nothing_that_the_code_opens() {
    // Mallory says hello for the code's own invitation, with all that was announced.
    let mut duet = heard_by(2, 1);
    let (endpoint, frame) = hello(MALLORY, Mode::New);
    let Ok(Message::Hello {
        versions,
        mode,
        nonce,
        proof,
        ..
    }) = Message::decode(&frame)
    else {
        panic!("a hello")
    };
    let invitation = code().invitation_id();
    let forged = Message::Hello {
        versions,
        mode,
        invitation,
        nonce,
        proof,
    };
    duet.hello_from(0, endpoint, forged.encode());
    assert_eq!(duet.closed_by_inviter, Some(ErrorCode::UnknownInvitation.close_code()));
}

#[test]
fn two_look_alikes_have_nine_guesses_together() {
    let mut first = heard_by(2, 1);
    let mut second = heard_by(2, 1);
    let mut alikes = [&mut first, &mut second];
    for alike in &mut alikes {
        alike.play(Scene::HelloSent, Scene::PinAsked);
    }
    // Neither has a proof of its own when they begin, and each takes proofs and breaks off.
    for taken in 0..u32::from(MAX_WRONG_PINS) {
        let alike = &mut alikes[usize::from(taken % 2 == 1)];
        alike.unanswered_today = taken;
        alike.wait(Duration::from_secs(1));
        alike.type_wrong_pin();
        alike.deliver_to_inviter();
        alike.deliver_to_invitee();
        assert_eq!(alike.pending().created, alike.now, "dated by the proof");
        alike.break_link();
        alike.restart_inviter();
        alike.tell_inviter(inviter::Input::ShowNearby);
        alike.wait(Duration::from_secs(90));
        alike.deliver_all();
    }
    let [first, second] = alikes;
    assert_eq!((first.pending().wrong_total, second.pending().wrong_total), (5, 4));
    // The last one was asked for before the other one took its own.
    second.unanswered_today = 8;
    second.type_wrong_pin();
    second.deliver_to_inviter();
    second.unanswered_today = 9;
    second.deliver_to_invitee();
    first.unanswered_today = 9;
    first.type_wrong_pin();
    for alike in [first, second] {
        assert!(matches!(
            alike.invitee_stage(),
            RedemptionStage::Failed {
                error: RedeemError::BlockedHere { .. }
            }
        ));
    }
}

#[test]
fn a_block_nearby_forgives_nothing_for_a_day() {
    let mut duet = heard_by(2, 1);
    duet.play(Scene::HelloSent, Scene::PinAsked);
    duet.type_wrong_pin();
    duet.deliver_all();
    let mut pending = duet.pending().clone();
    pending.blocked_until = Some(duet.now);
    let joiner = || Joiner {
        keys: keys(2),
        name: "Bob".to_owned(),
    };
    for (wait, kept) in [(Duration::from_secs(3600), 1), (Duration::from_secs(24 * 3600), 0)] {
        duet.wait(wait);
        duet.invitee = Some(Invitee::new(pending.clone(), joiner()));
        duet.tell_invitee(invitee::Input::Start);
        assert_eq!(duet.pending().wrong_total, kept);
    }
}
