//! Anything in any order: whatever is said, clicked and answered, nothing panics, each side ends at most once, and nobody gets
//! in without the PIN.

use rand::RngExt as _;

use crate::invitation::inviter::Refusal;

use super::*;

/// A frame that somebody might send: a good one of any type, a damaged one, or bytes.
fn any_frame(rng: &mut StdRng) -> Vec<u8> {
    let all = one_of_each();
    let mut frame = all[rng.random_range(0..all.len())].encode();
    match rng.random_range(0..10) {
        0 => frame.truncate(rng.random_range(0..frame.len())),
        1 => {
            let at = rng.random_range(0..frame.len());
            frame[at] ^= 1 << rng.random_range(0..8);
        }
        2 => frame = (0..rng.random_range(0..80)).map(|_| rng.random()).collect(),
        _ => {}
    }
    frame
}

/// One thing that may happen.
fn anything(duet: &mut Duet, rng: &mut StdRng) {
    let session = SessionId(rng.random_range(0..=duet.session));
    match rng.random_range(0..26) {
        0..=4 if !duet.to_inviter.is_empty() => duet.deliver_to_inviter(),
        5..=9 if !duet.to_invitee.is_empty() => duet.deliver_to_invitee(),
        10 => duet.frame_to_inviter(any_frame(rng)),
        11 => duet.frame_to_invitee(any_frame(rng)),
        12 => duet.hello_from(duet.session + 1000, keys(3).certificate.endpoint, any_frame(rng)),
        13 => duet.tell_inviter(inviter::Input::Gone { session }),
        14 => {
            let reason = [
                Gone::Unreachable,
                Gone::Lost,
                Gone::Closed(0x5008),
                Gone::Closed(0x500d),
            ][rng.random_range(0..4)];
            duet.tell_invitee(invitee::Input::Gone { session, reason });
        }
        15 => duet.tell_inviter(inviter::Input::ShowNewPin),
        16 => duet.tell_inviter(inviter::Input::Next),
        17 => duet.tell_invitee(invitee::Input::Retry),
        18 => duet.tell_inviter(inviter::Input::Admission {
            session,
            result: Err(Refusal::Storage),
        }),
        19 => duet.wait(Duration::from_secs(rng.random_range(0..400))),
        20..=23 => duet.type_wrong_pin(),
        24 if rng.random_bool(0.1) => duet.tell_inviter(inviter::Input::Revoke),
        25 if rng.random_bool(0.1) => duet.tell_invitee(invitee::Input::Cancel),
        _ => {}
    }
}

#[test]
fn anything_in_any_order_ends_at_most_once_and_admits_nobody_without_the_pin() {
    for seed in 0..400 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut duet = Duet::new(1);
        duet.tell_invitee(invitee::Input::Start);
        for _ in 0..60 {
            let (inviter_was, invitee_was) = (duet.inviter_stage(), duet.invitee_stage());
            let ended = duet.invitee.as_ref().is_some_and(Invitee::has_ended);
            anything(&mut duet, &mut rng);
            assert!(duet.request.is_none(), "seed {seed}: an admission");
            assert!(
                !ended || duet.invitee_stage() == invitee_was,
                "seed {seed}: a second ending of the invitee"
            );
            let closed = matches!(
                inviter_was,
                InvitationStage::Locked | InvitationStage::Revoked | InvitationStage::Expired
            );
            assert!(
                !closed || duet.inviter_stage() == inviter_was,
                "seed {seed}: a second ending of the inviter"
            );
        }
    }
}
