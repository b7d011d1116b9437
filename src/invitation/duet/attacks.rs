//! Mallory, with everything but the PIN. Each of these has to fail.

use crate::invitation::inviter::Status;
use crate::invitation::{Binding, InviteeRun};
use crate::invitation::{Evidence, Join, Mode, PakeError, Redeem, RedeemError, VERSION};

use super::*;

/// Mallory's number.
const MALLORY: u8 = 7;

/// A `Hello` by who knows the code, from any endpoint and on any connection.
fn hello(number: u8, exporter: u8, mode: Mode, nonce: [u8; 32]) -> Vec<u8> {
    let versions = vec![VERSION];
    let redeem = Redeem {
        exporter: &Exporter::from_bytes([exporter; 32]),
        inviter: keys(1).certificate.endpoint,
        invitee: keys(number).certificate.endpoint,
        nonce,
        versions: &versions,
    };
    let proof = secret().sign_redeem(&redeem);
    Message::Hello {
        versions,
        mode,
        invitation: code().invitation_id(),
        nonce,
        proof,
    }
    .encode()
}

/// A `Join` that is right in itself.
fn join(number: u8, exporter: u8) -> Box<Join> {
    let keys = keys(number);
    let certificate = keys.certificate;
    let evidence = Evidence {
        party_tag: TAG,
        identity: certificate.identity,
        device: certificate.device,
        endpoint: certificate.endpoint,
    };
    let mut join = Box::new(Join {
        blind: [number; 32],
        identity: certificate.identity,
        device: certificate.device,
        endpoint: certificate.endpoint,
        certificate: certificate.signature,
        name: "Mallory".to_owned(),
        evidence: secret().sign_evidence(&evidence),
        possession: [0; 64],
        attestation: vec![],
    });
    let text = join.possession_text(
        &Exporter::from_bytes([exporter; 32]),
        super::keys(1).certificate.endpoint,
    );
    join.possession = keys.device.sign(&text);
    join
}

/// Nobody was admitted, and nobody will be by what was sent so far.
fn nobody_is_in(duet: &Duet) -> bool {
    duet.inviter().record().admitted.is_empty() && duet.request.is_none()
}

#[test]
fn a_relay_in_between_fails_although_the_right_pin_is_typed() {
    // Mallory has substituted the code: Bob connects to Mallory, who connects to Alice and passes everything on.
    let mut duet = Duet::new(1);
    let endpoint = keys(MALLORY).certificate.endpoint;
    let substituted =
        InviteCode::new(CodeKind::Interactive, Flags::PIN, secret(), TAG, endpoint, None, vec![]).expect("a code");
    let joiner = Joiner {
        keys: keys(2),
        name: "Bob".to_owned(),
    };
    duet.invitee = Some(Invitee::new(Pending::new(Arc::new(substituted), START), joiner));
    duet.endpoint = endpoint;
    duet.exporters = (9, 8);
    duet.tell_invitee(invitee::Input::Start);
    // Bob's own Hello is of no use to Mallory: another connection.
    let bobs = duet.to_inviter.pop_front().expect("a Hello");
    duet.hello_from(99, endpoint, bobs);
    assert_eq!(duet.inviter_stage(), InvitationStage::Code { device_left: false });
    duet.frame_to_inviter(hello(MALLORY, 9, Mode::New, [3; 32]));
    duet.deliver_all();
    duet.type_shown_pin();
    duet.deliver_all();
    assert!(nobody_is_in(&duet));
    // Both see it.
    assert!(matches!(duet.inviter_stage(), InvitationStage::Pin { wrong: 1, .. }));
    assert!(matches!(
        duet.invitee_stage(),
        RedemptionStage::EnterPin { tries_left: 2, .. }
    ));
}

#[test]
fn a_pure_relay_between_the_right_endpoints_fails_too() {
    // As if Mallory could take both endpoints' names: the connections still differ.
    let mut duet = Duet::new(1);
    duet.exporters = (9, 8);
    duet.tell_invitee(invitee::Input::Start);
    let Ok(Message::Hello { nonce, .. }) = Message::decode(&duet.to_inviter.pop_front().expect("a Hello")) else {
        panic!("a Hello")
    };
    duet.frame_to_inviter(hello(2, 9, Mode::New, nonce));
    duet.deliver_all();
    duet.type_shown_pin();
    duet.deliver_all();
    assert!(nobody_is_in(&duet));
    assert_eq!(duet.wrong_total(), 1);
}

#[test]
fn a_recorded_session_cannot_be_played_again() {
    let mut duet = Duet::new(2);
    let mut recorded = vec![];
    duet.play(Scene::HelloSent, Scene::HelloSent);
    recorded.extend(duet.to_inviter.front().cloned());
    duet.play(Scene::PinShown, Scene::ShareSent);
    recorded.extend(duet.to_inviter.front().cloned());
    duet.play(Scene::ShareAnswered, Scene::ProofSent);
    recorded.extend(duet.to_inviter.front().cloned());
    duet.play(Scene::ProofAnswered, Scene::JoinSent);
    recorded.extend(duet.to_inviter.front().cloned());
    duet.play(Scene::Admitting, Scene::Done);
    assert_eq!((recorded.len(), duet.inviter().record().uses), (4, 1));

    // On another connection already the first frame fails.
    duet.session = 50;
    duet.exporters.0 = 10;
    duet.hello_from(50, duet.endpoint, recorded[0].clone());
    assert_eq!(duet.closed_by_inviter, Some(ErrorCode::UnknownInvitation.close_code()));

    // Even if the connection could be had again: the inviter's part is fresh.
    duet.session = 51;
    duet.exporters.0 = 9;
    for frame in &recorded[1..] {
        duet.session += 1;
        duet.hello_from(duet.session, duet.endpoint, recorded[0].clone());
        let session = SessionId(duet.session);
        duet.tell_inviter(inviter::Input::Frame {
            session,
            frame: frame.clone(),
        });
        assert!(duet.request.is_none());
    }
    duet.session += 1;
    duet.hello_from(duet.session, duet.endpoint, recorded[0].clone());
    for frame in recorded.drain(1..) {
        duet.tell_inviter(inviter::Input::Frame {
            session: SessionId(duet.session),
            frame,
        });
    }
    assert_eq!((duet.inviter().record().uses, duet.request.is_none()), (1, true));
}

#[test]
fn a_join_for_another_identity_is_refused_and_counts() {
    let mut duet = Duet::at(Scene::ProofAnswered);
    let tries = duet.wrong_total();
    duet.frame_to_inviter(Message::Join(join(MALLORY, 9)).encode());
    assert!(nobody_is_in(&duet));
    assert_eq!(duet.closed_by_inviter, Some(ErrorCode::BadIdentity.close_code()));
    assert_eq!(duet.wrong_total(), tries, "the try of the proof stays taken");
    assert!(duet.inviter_trace.contains(&"SaveWrongPin".to_owned()));
    duet.deliver_all();
    assert_eq!(
        duet.invitee_stage(),
        RedemptionStage::Failed {
            error: RedeemError::BadIdentity
        }
    );
}

#[test]
fn a_committed_join_with_any_part_forged_is_refused() {
    // Mallory overheard the PIN and commits to a Join: every signature in it is still looked at.
    let forgeries: [fn(&mut Join); 6] = [
        |_| {},
        |join| join.endpoint = keys(2).certificate.endpoint,
        |join| join.certificate = keys(2).certificate.signature,
        |join| join.evidence = [1; 64],
        |join| join.possession = [1; 64],
        |join| join.identity = keys(2).certificate.identity,
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        let mut duet = Duet::new(1);
        duet.session = 1;
        duet.endpoint = keys(MALLORY).certificate.endpoint;
        let hello_frame = hello(MALLORY, 9, Mode::New, [3; 32]);
        duet.frame_to_inviter(hello_frame.clone());
        let (hello_ack, pin_ready) = (duet.to_invitee[0].clone(), duet.to_invitee[1].clone());
        let Ok(Message::HelloAck {
            nonce: inviter_nonce, ..
        }) = Message::decode(&hello_ack)
        else {
            panic!("an answer")
        };
        let mut forged = join(MALLORY, 9);
        forge(&mut forged);
        let exporter = Exporter::from_bytes([9; 32]);
        let binding = Binding {
            exporter: &exporter,
            invitee: duet.endpoint,
            inviter: keys(1).certificate.endpoint,
            invitation: code().invitation_id(),
            party_tag: TAG,
            generation: 1,
            attempt: 1,
            hello: &hello_frame,
            hello_ack: &hello_ack,
            pin_ready: &pin_ready,
            invitee_nonce: [3; 32],
            inviter_nonce,
        };
        let pin = duet.shown_pin().expect("a PIN is shown");
        let (run, share) = InviteeRun::start(&binding, &pin, &secret(), &mut duet.rng).expect("a share");
        duet.frame_to_inviter(
            Message::PakeA {
                generation: 1,
                attempt: 1,
                share,
            }
            .encode(),
        );
        let Ok(Message::PakeB { share }) = Message::decode(duet.to_invitee.back().expect("a share")) else {
            panic!("a share")
        };
        let (proof, tag) = run.answer(&share, forged.commitment()).expect("a proof");
        duet.frame_to_inviter(
            Message::ConfirmJ {
                commitment: forged.commitment(),
                tag,
            }
            .encode(),
        );
        assert_eq!(duet.inviter_stage(), InvitationStage::Admitting);
        assert_eq!(proof.verify(&[0; 32]), Err(PakeError::WrongPin));
        duet.frame_to_inviter(Message::Join(forged).encode());
        assert_eq!(nobody_is_in(&duet), index > 0, "forgery {index}");
    }
}

#[test]
fn an_admission_is_not_handed_to_another_endpoint() {
    let mut duet = Duet::at(Scene::Done);
    let trace = duet.inviter_trace.len();
    duet.session = 60;
    duet.hello_from(
        60,
        keys(MALLORY).certificate.endpoint,
        hello(MALLORY, 9, Mode::Resume, [3; 32]),
    );
    assert_eq!(duet.closed_by_inviter, Some(ErrorCode::AlreadyUsed.close_code()));
    assert!(!duet.inviter_trace[trace..].contains(&"FetchAdmission".to_owned()));
}

#[test]
fn there_is_no_tenth_guess_from_any_number_of_devices() {
    let mut duet = Duet::new(1);
    let mut guesses = 0;
    for number in 2..=9 {
        let joiner = Joiner {
            keys: keys(number),
            name: "Mallory".to_owned(),
        };
        duet.invitee = Some(Invitee::new(Pending::new(code(), START), joiner));
        duet.endpoint = keys(number).certificate.endpoint;
        duet.tell_invitee(invitee::Input::Start);
        duet.deliver_all();
        for _ in 0..2 {
            if let RedemptionStage::EnterPin { .. } = duet.invitee_stage() {
                duet.try_wrong_pin();
                guesses += 1;
            }
        }
        duet.tell_invitee(invitee::Input::Cancel);
        duet.deliver_all();
        duet.restart_inviter();
    }
    assert_eq!((guesses, duet.inviter().record().status), (9, Status::Locked));
    assert_eq!(
        duet.invitee_stage(),
        RedemptionStage::Failed {
            error: RedeemError::Locked
        }
    );
}

#[test]
fn a_second_redeemer_gets_no_pin_and_no_guess_and_is_told_that_the_code_is_used() {
    let mut duet = Duet::at(Scene::PinAsked);
    let mallory = keys(MALLORY).certificate.endpoint;
    duet.hello_from(70, mallory, hello(MALLORY, 9, Mode::New, [3; 32]));
    assert!(
        matches!(duet.inviter_stage(), InvitationStage::Pin { waiting: 1, .. }),
        "the inviter sees it"
    );
    duet.play(Scene::ShareSent, Scene::Admitting);
    duet.session = 70;
    duet.to_invitee.clear();
    duet.admit();
    assert_eq!(duet.closed_by_inviter, Some(ErrorCode::AlreadyUsed.close_code()));
    assert_eq!(
        duet.inviter().record().admitted[0].identity,
        keys(2).certificate.identity
    );
}

#[test]
fn who_guesses_without_the_slot_is_thrown_out_and_nothing_is_counted() {
    let mut duet = Duet::at(Scene::PinAsked);
    duet.hello_from(
        70,
        keys(MALLORY).certificate.endpoint,
        hello(MALLORY, 9, Mode::New, [3; 32]),
    );
    let frame = Message::PakeA {
        generation: 1,
        attempt: 1,
        share: GOOD_SHARE,
    }
    .encode();
    duet.tell_inviter(inviter::Input::Frame {
        session: SessionId(70),
        frame,
    });
    assert!(matches!(
        duet.inviter_stage(),
        InvitationStage::Pin {
            waiting: 0,
            wrong: 0,
            ..
        }
    ));
    assert_eq!(duet.wrong_total(), 0);
}
