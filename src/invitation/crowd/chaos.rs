//! Programs that stop at each step, and start again.

use super::*;

/// A guest whose program stops after so many outputs and starts again a minute later.
fn comes_and_crashes(crowd: &mut Crowd, after: usize) -> usize {
    crowd.crash_in = Some(after);
    let guest = crowd.comes(4);
    crowd.wait(Duration::from_secs(1));
    crowd.crash_in = None;
    if crowd.guests[guest].machine.is_none() {
        crowd.wait(Duration::from_secs(60));
        crowd.starts(guest);
    }
    guest
}

#[test]
fn a_guest_that_stops_at_any_step_comes_in_once() {
    for after in 0..16 {
        let mut crowd = Crowd::new(DelegationMethod::Link, 1);
        let guest = comes_and_crashes(&mut crowd, after);
        crowd.wait(DAY);
        assert!(
            crowd.guests[guest].party.is_some(),
            "after {after}: {:?}",
            crowd.stage(guest)
        );
        assert!(crowd.guests[guest].stored.is_none(), "after {after}");
        crowd.all_meet();
        assert!(crowd.is_in(2, guest), "after {after}");
    }
}

#[test]
fn a_guest_that_stops_at_any_step_asks_once() {
    for after in 0..16 {
        let mut crowd = Crowd::new(DelegationMethod::Approval, 1);
        let guest = comes_and_crashes(&mut crowd, after);
        assert!(crowd.waits(guest), "after {after}: {:?}", crowd.stage(guest));
        crowd.all_meet();
        assert_eq!(
            crowd.hosts[2].party.waiting_requests(crowd.now).len(),
            1,
            "after {after}"
        );
        crowd.approve(2, guest);
        crowd.all_meet();
        crowd.wait(DAY);
        assert!(crowd.has_joined(guest), "after {after}: {:?}", crowd.stage(guest));
    }
}

#[test]
fn a_member_that_stops_before_or_after_it_has_written_admits_once() {
    for written in [false, true] {
        let mut crowd = Crowd::new(DelegationMethod::Link, 1);
        crowd.online(&[0]);
        let before = crowd.hosts[0].party.clone();
        let guest = crowd.comes(4);
        // The member's answer is lost; what was written is there or not.
        crowd.guests[guest].party = None;
        let pending = Pending::new(crowd.code(), crowd.now);
        crowd.guests[guest].stored = Some(pending.encode().to_vec());
        if !written {
            crowd.hosts[0].party = before;
        }
        crowd.starts(guest);
        crowd.wait(Duration::from_secs(1));
        assert!(crowd.has_joined(guest));
        let delegated = crowd.hosts[0].party.delegated(crowd.id().as_bytes()).expect("known");
        assert_eq!(delegated.uses, 1);
    }
}

#[test]
fn two_admins_who_decide_differently_have_said_no() {
    let mut crowd = Crowd::new(DelegationMethod::Approval, 1);
    let guest = crowd.comes(4);
    crowd.all_meet();
    crowd.approve(0, guest);
    crowd.deny(2, guest);
    crowd.online(&[0]);
    crowd.wait(Duration::from_secs(60));
    assert!(crowd.has_joined(guest), "Alice has not heard of the no");
    crowd.all_meet();
    assert!((0..3).all(|host| !crowd.is_in(host, guest)), "everybody else has");
}
