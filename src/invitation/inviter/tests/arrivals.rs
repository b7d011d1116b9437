//! Who comes: strangers, holders of the code, holders of the slot that come back, and those who wait.

use super::*;

#[test]
fn who_does_not_prove_the_code_learns_nothing() {
    let (endpoint, good) = hello_of(3, Mode::New);
    let Ok(Message::Hello {
        versions,
        mode,
        nonce,
        invitation,
        ..
    }) = Message::decode(&good)
    else {
        panic!("a hello")
    };
    let other = Secret::from_bytes([0x22; 16]);
    let exporter = Exporter::from_bytes([9; 32]);
    let redeem = Redeem {
        exporter: &exporter,
        inviter: keys(1).certificate.endpoint,
        invitee: endpoint,
        nonce,
        versions: &versions,
    };
    let forged = other.sign_redeem(&redeem);
    for (invitation, proof, from) in [
        (invitation, [0; 64], endpoint),
        (invitation, forged, endpoint),
        (other.invitation_id(), forged, endpoint),
        // A good proof, from an endpoint or on a connection that it was not made for, or our own.
        (
            invitation,
            code().secret().sign_redeem(&redeem),
            keys(4).certificate.endpoint,
        ),
        (
            invitation,
            code().secret().sign_redeem(&redeem),
            keys(1).certificate.endpoint,
        ),
    ] {
        let mut duet = Duet::new(1);
        let hello = Message::Hello {
            versions: versions.clone(),
            mode,
            invitation,
            nonce,
            proof,
        };
        duet.hello_from(0, from, hello.encode());
        assert!(duet.to_invitee.is_empty(), "not a frame");
        assert_eq!(duet.closed_by_inviter, Some(ErrorCode::UnknownInvitation.close_code()));
        assert_eq!(duet.inviter_stage(), InvitationStage::Code { device_left: false });
        assert!(!duet.inviter_trace.contains(&"Save".to_owned()));
    }
}

#[test]
fn a_hello_without_our_version_is_told_so() {
    let (endpoint, nonce, versions) = (keys(3).certificate.endpoint, [1; 32], vec![9]);
    let exporter = Exporter::from_bytes([9; 32]);
    let redeem = Redeem {
        exporter: &exporter,
        inviter: keys(1).certificate.endpoint,
        invitee: endpoint,
        nonce,
        versions: &versions,
    };
    let proof = code().secret().sign_redeem(&redeem);
    let hello = Message::Hello {
        versions,
        mode: Mode::New,
        invitation: code().invitation_id(),
        nonce,
        proof,
    };
    let mut duet = Duet::new(1);
    duet.hello_from(0, endpoint, hello.encode());
    assert!(duet.is_refused_with(ErrorCode::Version));
}

#[test]
fn a_closed_invitation_says_how_it_is_to_who_holds_the_code() {
    for (status, code) in [
        (Status::Used, ErrorCode::AlreadyUsed),
        (Status::Locked, ErrorCode::Locked),
        (Status::Revoked, ErrorCode::Revoked),
        (Status::Expired, ErrorCode::Expired),
    ] {
        for mode in [Mode::New, Mode::Resume] {
            let mut duet = Duet::new(1);
            duet.inviter = Some(Inviter::new(Record { status, ..record(1) }));
            let (endpoint, hello) = hello_of(3, mode);
            duet.hello_from(0, endpoint, hello);
            assert!(duet.is_refused_with(code), "{status:?}");
        }
    }
}

#[test]
fn others_wait_in_a_queue_of_four_and_see_it_move() {
    let mut duet = Duet::at(Scene::PinAsked);
    for (place, number) in (3..=6).enumerate() {
        duet.session = 100 + u64::from(number);
        duet.other_device(duet.session, number);
        let position = u8::try_from(place + 1).expect("small");
        assert_eq!(
            duet.last_to_invitee(),
            Message::Busy {
                retry_after_s: 20,
                position
            }
        );
        assert_eq!(duet.waiting(), position);
        assert_eq!(duet.closed_by_inviter, None);
    }
    duet.session = 200;
    duet.other_device(200, 7);
    assert_eq!(
        duet.last_to_invitee(),
        Message::Busy {
            retry_after_s: 20,
            position: 5
        }
    );
    assert_eq!(duet.closed_by_inviter, Some(ErrorCode::Busy.close_code()));
    // The second one leaves: the fourth is third now.
    duet.session = 106;
    duet.tell_inviter(Input::Gone {
        session: SessionId(104),
    });
    assert_eq!(
        duet.last_to_invitee(),
        Message::Busy {
            retry_after_s: 20,
            position: 3
        }
    );
    // The slot is given away: the first gets it, with another PIN.
    let old = duet.shown_pin();
    duet.session = 103;
    duet.to_invitee.clear();
    duet.tell_inviter(Input::Next);
    assert!(matches!(
        Message::decode(&duet.to_invitee[0]),
        Ok(Message::HelloAck { .. })
    ));
    assert!(matches!(
        duet.last_to_invitee(),
        Message::PinReady {
            generation: 2,
            tries_left: 3,
            ..
        }
    ));
    assert_ne!(duet.shown_pin(), old);
    assert_eq!(duet.waiting(), 2);
}

#[test]
fn a_waiting_device_that_comes_back_keeps_its_place() {
    let mut duet = Duet::at(Scene::PinAsked);
    duet.other_device(103, 3);
    duet.other_device(104, 4);
    duet.session = 203;
    duet.other_device(203, 3);
    assert_eq!(
        duet.last_to_invitee(),
        Message::Busy {
            retry_after_s: 20,
            position: 1
        }
    );
    // The engine reports the end of the replaced link late: nothing happens.
    duet.tell_inviter(Input::Gone {
        session: SessionId(103),
    });
    assert_eq!(duet.waiting(), 2);
}

#[test]
fn the_slot_is_kept_for_a_minute_with_pin_generation_and_tries() {
    let mut duet = Duet::at(Scene::PinAsked);
    duet.try_wrong_pin();
    let pin = duet.shown_pin();
    duet.break_link();
    assert_eq!(duet.inviter_stage(), InvitationStage::Code { device_left: true });
    duet.wait(Duration::from_secs(2));
    duet.deliver_all();
    assert_eq!(duet.shown_pin(), pin);
    assert!(matches!(duet.inviter_stage(), InvitationStage::Pin { wrong: 1, .. }));
    assert!(matches!(
        duet.invitee_stage(),
        RedemptionStage::EnterPin { tries_left: 2, .. }
    ));
    duet.type_shown_pin();
    duet.deliver_all();
    assert_eq!(duet.inviter_stage(), InvitationStage::Admitting);
}

#[test]
fn after_a_minute_the_slot_is_free_and_the_next_one_gets_it() {
    let mut duet = Duet::at(Scene::PinAsked);
    duet.other_device(103, 3);
    duet.tell_inviter(Input::Gone { session: SessionId(1) });
    assert_eq!(duet.inviter_stage(), InvitationStage::Code { device_left: true });
    duet.session = 103;
    duet.now = duet.now.plus(SLOT_KEPT);
    duet.tell_inviter(Input::Wake);
    assert!(matches!(
        duet.last_to_invitee(),
        Message::PinReady { generation: 2, .. }
    ));
}

#[test]
fn who_cancels_leaves_the_slot_to_who_waits() {
    let mut duet = Duet::at(Scene::PinAsked);
    duet.other_device(103, 3);
    duet.tell_invitee(crate::invitation::invitee::Input::Cancel);
    duet.deliver_to_inviter();
    assert!(matches!(duet.inviter_stage(), InvitationStage::Pin { waiting: 0, .. }));
    assert_eq!(duet.inviter().record().pin_generation, 2);
}

#[test]
fn an_admission_counts_even_if_the_link_is_gone_and_is_fetched_later() {
    let mut duet = Duet::at(Scene::Admitting);
    duet.break_link();
    duet.admit();
    assert!(matches!(duet.inviter_stage(), InvitationStage::Admitted { .. }));
    duet.restart_inviter();
    for _ in 0..2 {
        duet.restart_invitee();
        duet.deliver_all();
        assert!(
            matches!(duet.invitee_stage(), RedemptionStage::Joining { .. }),
            "{:?}",
            duet.invitee_stage()
        );
    }
    duet.play(Scene::Stored, Scene::Done);
    assert_eq!(duet.closed_by_inviter, Some(0));
}

#[test]
fn a_device_whose_admission_is_being_written_is_asked_to_come_back() {
    let mut duet = Duet::at(Scene::Admitting);
    let (endpoint, hello) = hello_of(2, Mode::Resume);
    duet.hello_from(1, endpoint, hello);
    assert_eq!(
        duet.last_to_invitee(),
        Message::Busy {
            retry_after_s: 1,
            position: 1
        }
    );
    duet.admit();
    assert_eq!(duet.inviter().record().status, Status::Used);
}
