//! Who is removed, leaves or may do less, and what of theirs stays.

use super::*;
use crate::identity::{DeviceKey, EndpointKey};

#[test]
fn a_removal_cancels_what_the_removed_did_at_the_same_time() {
    let (alice, bob, mut hers, mut his) = alice_and_bob(Role::Admin);
    let carol = person(3);
    his.write(&bob, admits(&carol, Role::Editor), at(2)).unwrap();
    his.write(&carol, adds(1, "Read"), at(2)).unwrap();
    hers.write(&alice, removes(&bob), at(3)).unwrap();
    meet(&mut hers, &mut his);
    assert_eq!((role_of(&hers, &bob), role_of(&hers, &carol)), (None, None));
    assert_eq!(titles(&hers), [""; 0], "who was not admitted did not write");
    assert_eq!(hers.membership().by_endpoint(bob.endpoint.id()), None);
}

#[test]
fn what_a_member_wrote_before_a_removal_stays_and_what_comes_later_goes() {
    let (alice, bob, mut hers, mut his) = alice_and_bob(Role::Editor);
    his.write(&bob, adds(1, "Before"), at(2)).unwrap();
    meet(&mut hers, &mut his);
    hers.write(&alice, removes(&bob), at(3)).unwrap();
    his.write(&bob, adds(2, "After"), at(4)).unwrap();
    assert_eq!(titles(&his), ["Before", "After"]);
    meet(&mut hers, &mut his);
    assert_eq!(titles(&hers), ["Before"]);
    assert_eq!(his.write(&bob, adds(3, "Later"), at(5)), Err(WriteError::NotAMember));
    hers.write(&alice, admits(&bob, Role::Editor), at(6)).unwrap();
    meet(&mut hers, &mut his);
    his.write(&bob, adds(3, "Back"), at(7)).unwrap();
    meet(&mut hers, &mut his);
    assert_eq!(titles(&hers), ["Before", "Back"]);
}

#[test]
fn of_two_admins_who_remove_each_other_the_senior_stays() {
    let (alice, bob, mut hers, _) = alice_and_bob(Role::Admin);
    let carol = person(3);
    hers.write(&alice, admits(&carol, Role::Admin), at(2)).unwrap();
    let (mut bobs, mut carols) = (hers.clone(), hers.clone());
    bobs.write(&bob, removes(&carol), at(3)).unwrap();
    // Upwards is not even authorised, so her op has to be forged; and nobody keeps it.
    assert_eq!(carols.write(&carol, removes(&bob), at(3)), Err(WriteError::NotAllowed));
    let head = carols.membership_closure().last().unwrap().id();
    let up = forge(&carols, (&carol, &carol.device), (0, vec![head]), at(3), removes(&bob));
    assert_eq!(carols.receive(up), Err(ReceiveError::NotAllowed));
    meet(&mut bobs, &mut carols);
    assert_eq!(
        (role_of(&bobs, &bob), role_of(&bobs, &carol)),
        (Some(Role::Admin), None)
    );
}

#[test]
fn of_two_owners_who_leave_at_once_one_stays() {
    let (alice, bob, mut hers, mut his) = alice_and_bob(Role::Owner);
    hers.write(&alice, removes(&alice), at(2)).unwrap();
    his.write(&bob, removes(&bob), at(2)).unwrap();
    assert_eq!(role_of(&hers, &alice), None);
    meet(&mut hers, &mut his);
    assert_eq!(hers.membership().members().len(), 1);
    assert_eq!(hers.membership().members()[0].role, Role::Owner);
}

#[test]
fn a_demotion_to_reader_stops_later_writing() {
    let (alice, bob, mut hers, mut his) = alice_and_bob(Role::Editor);
    his.write(&bob, adds(1, "Before"), at(2)).unwrap();
    meet(&mut hers, &mut his);
    hers.write(&alice, makes(&bob, Role::Reader), at(3)).unwrap();
    his.write(&bob, adds(2, "After"), at(4)).unwrap();
    meet(&mut hers, &mut his);
    assert_eq!(titles(&his), ["Before"]);
    assert_eq!(his.write(&bob, adds(3, "Later"), at(5)), Err(WriteError::NotAllowed));
}

#[test]
fn a_member_may_have_several_devices_and_lose_one() {
    let (alice, bob, mut hers, _) = alice_and_bob(Role::Editor);
    let from_phone = Keys {
        device: DeviceKey::from_seed(&[77; 32]),
        ..person(2)
    };
    let (phone, endpoint) = (from_phone.device.id(), EndpointKey::from_seed(&[78; 32]).id());
    let added = |by: &Keys| adds_device(by, phone, endpoint);
    hers.write(&bob, added(&bob), at(2)).unwrap();
    assert_eq!(hers.write(&alice, added(&alice), at(2)), Err(WriteError::AlreadyMember));
    assert_eq!(
        hers.membership().by_endpoint(endpoint).map(|member| member.identity),
        Some(bob.identity.id())
    );
    let mut phones = hers.clone();
    phones.write(&from_phone, adds(1, "Before"), at(3)).unwrap();
    meet(&mut hers, &mut phones);
    hers.write(
        &bob,
        Act::DeviceRemoved {
            device: phone,
            known: KnownData::default(),
        },
        at(4),
    )
    .unwrap();
    phones.write(&from_phone, adds(2, "Stolen"), at(5)).unwrap();
    meet(&mut hers, &mut phones);
    assert_eq!(titles(&hers), ["Before"]);
    assert_eq!(hers.membership().by_endpoint(endpoint), None);
    assert_eq!(
        hers.write(&bob, added(&bob), at(6)),
        Err(WriteError::ProofInvalid),
        "it does not come back"
    );
    let last = Act::DeviceRemoved {
        device: bob.device.id(),
        known: KnownData::default(),
    };
    assert_eq!(hers.write(&bob, last, at(6)), Err(WriteError::NotAllowed));
}
