//! What people see who come with a delegated code, and members who let them in.

use super::*;
use crate::invitation::applicant::POLL_PAUSES;
use crate::party::KnownData;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn revoked(crowd: &Crowd) -> Act {
    Act::InvitationRevoked {
        invitation: *crowd.id().as_bytes(),
    }
}

#[test]
fn a_link_lets_in_whoever_comes_first_while_its_inviter_is_away() {
    let mut crowd = Crowd::new(DelegationMethod::Link, 1);
    crowd.online(&[1]);
    let bob = crowd.comes(4);
    crowd.wait(SECOND);
    assert!(crowd.has_joined(bob) && crowd.is_in(1, bob), "{:?}", crowd.stage(bob));
    assert!(crowd.guests[bob].stored.is_none());
    let late = crowd.comes(5);
    crowd.wait(SECOND);
    assert_eq!(crowd.failed(late), Some(&RedeemError::AlreadyUsed));
    assert!(crowd.guests[late].stored.is_none());
}

#[test]
fn devices_are_dialled_one_after_the_other_and_the_first_good_one_is_used() {
    let mut crowd = Crowd::new(DelegationMethod::Link, 1);
    let guest = crowd.comes(4);
    assert!(crowd.has_joined(guest));
    assert_eq!(crowd.guests[guest].dialled, [crowd.hosts[0].keys.endpoint.id()]);
}

#[test]
fn a_code_for_a_known_key_is_nothing_to_anybody_else() {
    let mut crowd = Crowd::new(DelegationMethod::KnownKey(keys(4).identity.id()), 1);
    let mallory = crowd.comes(5);
    crowd.wait(SECOND);
    assert_eq!(crowd.failed(mallory), Some(&RedeemError::ForSomebodyElse));
    let bob = crowd.comes(4);
    assert!(crowd.has_joined(bob) && !crowd.is_in(0, mallory));
}

#[test]
fn who_is_approved_by_one_member_hears_of_it_from_any() {
    let mut crowd = Crowd::new(DelegationMethod::Approval, 1);
    crowd.online(&[1]);
    let guest = crowd.comes(4);
    crowd.wait(SECOND);
    assert!(crowd.waits(guest), "{:?}", crowd.stage(guest));
    let words = RedemptionStage::WaitsForApproval {
        fingerprint: crowd.guests[guest].keys.identity.id().fingerprint(),
        next_poll: crowd.now.plus(Duration::from_secs(29)),
    };
    assert_eq!(*crowd.stage(guest), words);
    crowd.meet(1, 2);
    crowd.approve(2, guest);
    crowd.online(&[2]);
    crowd.wait(MINUTE);
    assert!(crowd.has_joined(guest), "{:?}", crowd.stage(guest));
    crowd.all_meet();
    assert!(crowd.is_in(0, guest) && crowd.is_in(1, guest));
}

#[test]
fn a_request_is_asked_for_less_and_less_often() {
    let mut crowd = Crowd::new(DelegationMethod::Approval, 1);
    let guest = crowd.comes(4);
    let mut at = crowd.now;
    for pause in [POLL_PAUSES.as_slice(), &[POLL_PAUSES[3]; 3]].concat() {
        let RedemptionStage::WaitsForApproval { next_poll, .. } = crowd.stage(guest) else {
            panic!("it waits")
        };
        at = at.plus(pause);
        assert_eq!(*next_poll, at);
        crowd.wait(pause);
    }
    crowd.wait(DAY * 3);
    assert_eq!(
        crowd.failed(guest),
        Some(&RedeemError::Expired),
        "a request does not wait for ever"
    );
    assert!(crowd.guests[guest].stored.is_none());
}

#[test]
fn a_denial_reaches_the_person_from_whoever_knows_and_is_final() {
    let mut crowd = Crowd::new(DelegationMethod::Approval, 1);
    let guest = crowd.comes(4);
    crowd.meet(0, 2);
    crowd.deny(2, guest);
    crowd.online(&[2]);
    crowd.wait(MINUTE);
    assert_eq!(crowd.failed(guest), Some(&RedeemError::ApprovalDenied));
    let again = crowd.comes(4);
    crowd.wait(SECOND);
    assert_eq!(crowd.failed(again), Some(&RedeemError::ApprovalDenied));
    let other = crowd.comes(5);
    crowd.wait(SECOND);
    assert!(crowd.waits(other), "another person may ask");
}

#[test]
fn a_revoked_code_lets_in_nobody_and_says_so() {
    let mut crowd = Crowd::new(DelegationMethod::Approval, 2);
    let waiting = crowd.comes(4);
    let act = revoked(&crowd);
    crowd.write(0, act);
    crowd.all_meet();
    crowd.wait(MINUTE);
    let late = crowd.comes(5);
    crowd.wait(SECOND);
    for guest in [waiting, late] {
        assert_eq!(crowd.failed(guest), Some(&RedeemError::Revoked));
    }
}

#[test]
fn who_was_admitted_before_the_end_gets_the_admission_after_it() {
    let mut crowd = Crowd::new(DelegationMethod::Approval, 1);
    let guest = crowd.comes(4);
    crowd.approve(0, guest);
    crowd.online(&[]);
    crowd.wait(DAY * 3);
    assert!(crowd.waits(guest), "nobody was there");
    crowd.online(&[0]);
    crowd.wait(Duration::from_secs(3600));
    assert!(crowd.has_joined(guest), "{:?}", crowd.stage(guest));
}

#[test]
fn two_members_who_admit_two_people_at_once_have_admitted_one() {
    let mut crowd = Crowd::new(DelegationMethod::Link, 1);
    crowd.online(&[0]);
    let one = crowd.comes(4);
    crowd.online(&[1]);
    let other = crowd.comes(5);
    crowd.wait(SECOND);
    assert!(crowd.has_joined(one) && crowd.has_joined(other));
    crowd.all_meet();
    for host in 0..3 {
        assert_ne!(crowd.is_in(host, one), crowd.is_in(host, other));
        assert_eq!(crowd.is_in(host, one), crowd.is_in(0, one));
    }
}

#[test]
fn a_revocation_that_a_member_has_not_heard_of_undoes_the_admission() {
    let mut crowd = Crowd::new(DelegationMethod::Link, 1);
    let act = revoked(&crowd);
    crowd.write(0, act);
    crowd.online(&[1]);
    let guest = crowd.comes(4);
    crowd.wait(SECOND);
    assert!(crowd.has_joined(guest) && crowd.is_in(1, guest));
    crowd.all_meet();
    assert!((0..3).all(|host| !crowd.is_in(host, guest)));
}

#[test]
fn nobody_online_is_told_and_tried_again_by_itself() {
    let mut crowd = Crowd::new(DelegationMethod::Link, 1);
    crowd.online(&[]);
    let guest = crowd.comes(4);
    assert_eq!(*crowd.stage(guest), RedemptionStage::Connecting { failed_tries: 1 });
    crowd.wait(MINUTE);
    assert!(matches!(crowd.stage(guest), RedemptionStage::MembersOffline { .. }));
    crowd.online(&[2]);
    crowd.feed(guest, applicant::Input::Retry);
    crowd.wait(SECOND);
    assert!(crowd.has_joined(guest));
}

#[test]
fn a_member_who_lies_does_not_keep_anybody_out() {
    for lie in [ErrorCode::Revoked, ErrorCode::ApprovalDenied, ErrorCode::BadMessage] {
        let mut crowd = Crowd::new(DelegationMethod::Link, 1);
        crowd.hosts[0].lie = Some(lie);
        let guest = crowd.comes(4);
        crowd.wait(SECOND);
        assert!(crowd.has_joined(guest), "{lie:?}: {:?}", crowd.stage(guest));
    }
}

#[test]
fn a_reader_sends_people_elsewhere() {
    let mut crowd = Crowd::new(DelegationMethod::Link, 1);
    let member = crowd.hosts[1].keys.identity.id();
    let role = Role::Reader;
    let known = KnownData::default();
    crowd.write(0, Act::RoleChanged { member, role, known });
    crowd.all_meet();
    crowd.online(&[1]);
    let guest = crowd.comes(4);
    crowd.wait(SECOND);
    assert!(!crowd.has_joined(guest) && crowd.failed(guest).is_none());
    crowd.online(&[1, 2]);
    crowd.wait(MINUTE);
    assert!(crowd.has_joined(guest));
}

#[test]
fn a_request_that_its_member_has_lost_is_made_again() {
    let mut crowd = Crowd::new(DelegationMethod::Approval, 1);
    crowd.online(&[1]);
    let guest = crowd.comes(4);
    crowd.wait(SECOND);
    assert!(crowd.waits(guest));
    // Bob's machine burns down with the request.
    crowd.online(&[0, 2]);
    crowd.wait(Duration::from_secs(3600));
    assert!(crowd.waits(guest));
    assert!(
        [0, 2]
            .iter()
            .any(|host| crowd.hosts[*host].party.request(crowd.request(guest)).is_some()),
        "somebody has it now"
    );
}

#[test]
fn who_cancels_can_come_back() {
    let mut crowd = Crowd::new(DelegationMethod::Approval, 1);
    let guest = crowd.comes(4);
    crowd.feed(guest, applicant::Input::Cancel);
    assert_eq!(*crowd.stage(guest), RedemptionStage::Cancelled);
    assert!(crowd.guests[guest].stored.is_none());
    crowd.approve(0, guest);
    let again = crowd.comes(4);
    assert!(crowd.has_joined(again));
}

#[test]
fn a_member_who_was_removed_does_not_come_back_by_the_same_code() {
    let mut crowd = Crowd::new(DelegationMethod::Link, 2);
    let guest = crowd.comes(4);
    let member = crowd.guests[guest].keys.identity.id();
    let known = KnownData::default();
    crowd.write(0, Act::MemberRemoved { member, known });
    crowd.all_meet();
    let again = crowd.comes(4);
    crowd.wait(SECOND);
    assert_eq!(crowd.failed(again), Some(&RedeemError::AlreadyUsed));
}
