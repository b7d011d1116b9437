use super::*;
use crate::identity::{DeviceKey, EndpointKey};
use crate::party::fixture::{adds, admits, admits_by, at, founded, person, removes, sync, titles};
use crate::party::{AdmissionError, AdmissionExpectation, How, KnownData, Paired, PairingExpectation, Role};

/// A further device of somebody, with the certificate of their identity.
fn further(who: &Keys, n: u8) -> Keys {
    let (device, endpoint) = ([n ^ 0x11; 32], [n ^ 0x22; 32]);
    let ids = (
        DeviceKey::from_seed(&device).id(),
        EndpointKey::from_seed(&endpoint).id(),
    );
    let certificate = Certificate::issue(who.identity.key().unwrap(), ids.0, ids.1);
    Keys::certified(&device, &endpoint, who.identity.id(), certificate.signature).unwrap()
}

fn added(new: &Keys) -> Act {
    Act::DeviceAdded {
        device: new.device.id(),
        endpoint: new.endpoint.id(),
        signer: *new.identity.id().as_bytes(),
        certificate: new.certificate.signature,
    }
}

/// The same person with another device, let in by an administrator.
fn let_back_in(new: &Keys, role: Role) -> Act {
    admits_by(new, role, ([5; 16], How::Pin, [6; 64]))
}

fn bytes(parties: &[&Party]) -> Vec<Vec<u8>> {
    let ops = parties.iter().flat_map(|party| party.membership_closure());
    ops.map(|op| op.bytes().to_vec()).collect()
}

fn expect(adder: &Keys, new: &Keys) -> PairingExpectation {
    PairingExpectation {
        adder: adder.endpoint.id(),
        device: new.device.id(),
        endpoint: new.endpoint.id(),
    }
}

#[test]
fn a_persons_devices_meet_in_a_party_of_their_own() {
    let alice = person(1);
    let phone = further(&alice, 1);
    let (mut home, _) = Party::found_home(&alice, "Alice", "Laptop", at(0)).unwrap();
    assert_eq!(home.home_of(), Some(alice.identity.id()));
    assert_eq!(founded(&alice).home_of(), None);
    home.write(&alice, added(&phone), at(1)).unwrap();
    let name = |device, name: &str| Act::DeviceNamed {
        device,
        name: name.to_owned(),
    };
    home.write(&phone, name(phone.device.id(), "Phone"), at(2)).unwrap();
    let devices = home.devices_of(alice.identity.id());
    let shown: Vec<_> = devices.iter().map(|own| (own.name.as_deref(), own.since)).collect();
    assert_eq!(shown, [(Some("Laptop"), at(0)), (Some("Phone"), at(1))]);
    assert_eq!(devices[1].certificate, Some(phone.certificate));
    assert!(!format!("{devices:?}").contains("Laptop"));

    let stranger = DeviceKey::from_seed(&[9; 32]).id();
    assert_eq!(
        home.write(&alice, name(stranger, "Mine"), at(3)),
        Err(WriteError::MemberUnknown)
    );
    home.write(
        &alice,
        Act::DeviceRemoved {
            device: phone.device.id(),
            known: KnownData::default(),
        },
        at(4),
    )
    .unwrap();
    assert_eq!(home.devices_of(alice.identity.id()).len(), 1);
    assert!(home.has_removed(phone.device.id()) && !home.has_removed(alice.device.id()));
    assert_eq!(home.retired_by(alice.identity.id()), [phone.device.id()]);
    assert!(home.retired_by(person(2).identity.id()).is_empty());
}

#[test]
fn a_new_device_believes_only_what_the_logs_show() {
    let (alice, mallory) = (person(1), person(3));
    let phone = further(&alice, 1);
    let (mut home, _) = Party::found_home(&alice, "Alice", "Laptop", at(0)).unwrap();
    let mut club = founded(&alice);
    let before = bytes(&[&home, &club]);
    home.write(&alice, added(&phone), at(1)).unwrap();
    let without_club = bytes(&[&home, &club]);
    club.write(&alice, added(&phone), at(1)).unwrap();

    let ops = bytes(&[&home, &club]);
    let paired = Paired::read(&ops, &expect(&alice, &phone)).unwrap();
    assert_eq!((paired.certificate, paired.name()), (phone.certificate, Some("Alice")));
    assert_eq!(paired.parties.iter().map(Party::id).collect::<Vec<_>>(), [club.id()]);
    assert_eq!(paired.home.brought(phone.device.id()).map(Op::id), Some(paired.op));

    let read = |ops: &[Vec<u8>], adder: &Keys, new: &Keys| Paired::read(ops, &expect(adder, new)).unwrap_err();
    assert_eq!(read(&before, &alice, &phone), AdmissionError::NotAdmitted);
    assert_eq!(read(&without_club, &alice, &phone), AdmissionError::NotAdmitted);
    assert_eq!(read(&ops, &mallory, &phone), AdmissionError::AdmitterNotAllowed);
    assert_eq!(read(&ops, &alice, &mallory), AdmissionError::NotAdmitted);
    assert_eq!(read(&bytes(&[&club]), &alice, &phone), AdmissionError::NotAdmitted);
    let (other, _) = Party::found_home(&mallory, "Alice", "Laptop", at(0)).unwrap();
    assert_eq!(
        read(&bytes(&[&home, &other]), &alice, &phone),
        AdmissionError::NotAdmitted
    );
    assert!(matches!(read(&ops[1..], &alice, &phone), AdmissionError::Party(_)));
}

#[test]
fn two_devices_that_add_a_third_at_once_have_added_it() {
    let alice = person(1);
    let (phone, tablet) = (further(&alice, 1), further(&alice, 2));
    let mut hers = founded(&alice);
    hers.write(&alice, added(&phone), at(1)).unwrap();
    let mut phones = hers.clone();
    hers.write(&alice, added(&tablet), at(2)).unwrap();
    phones.write(&phone, added(&tablet), at(2)).unwrap();
    // It has heard of one of the two before it writes, whichever comes to count.
    for known in [&mut hers.clone(), &mut phones.clone()] {
        known.write(&tablet, adds(1, "From the tablet"), at(3)).unwrap();
        let (mut one, mut other) = (hers.clone(), phones.clone());
        sync(&other, &mut one);
        sync(known, &mut one);
        sync(&one, &mut other);
        assert_eq!(
            (titles(&one), titles(&other)),
            (vec!["From the tablet".to_owned()], titles(&one))
        );
        assert_eq!(one.devices_of(alice.identity.id()).len(), 3);
    }
}

#[test]
fn who_is_in_is_let_back_in_with_a_further_device() {
    let (alice, bob, mallory) = (person(1), person(2), person(3));
    let recovered = further(&bob, 7);
    let mut club = founded(&alice);
    club.write(&alice, admits(&bob, Role::Reader), at(1)).unwrap();
    club.write(&alice, admits(&mallory, Role::Editor), at(1)).unwrap();
    assert_eq!(
        club.write(&alice, let_back_in(&bob, Role::Editor), at(2)),
        Err(WriteError::AlreadyMember),
        "with a device that is in there is nothing to do"
    );
    assert!(
        club.write(&mallory, let_back_in(&recovered, Role::Editor), at(2))
            .is_err(),
        "only an administrator lets somebody in"
    );
    let op = club
        .write(&alice, let_back_in(&recovered, Role::Editor), at(2))
        .unwrap();
    let member = club.membership().member(bob.identity.id()).unwrap();
    assert_eq!(
        (member.role, member.devices.len()),
        (Role::Reader, 2),
        "the role is the one from before"
    );
    assert_ne!(member.admission, op.id());

    let expect = AdmissionExpectation {
        tag: Some(club.id().tag()),
        admitter: alice.endpoint.id(),
        identity: bob.identity.id(),
        device: recovered.device.id(),
        role: Role::Editor,
    };
    let (his, _) = Party::from_admission(&bytes(&[&club]), &expect).unwrap();
    assert_eq!(his.brought(recovered.device.id()).map(Op::id), Some(op.id()));
    club.write(&alice, removes(&bob), at(3)).unwrap();
    assert!(club.membership().member(bob.identity.id()).is_none());
    assert!(club.farewell(recovered.endpoint.id()).is_some());
}

#[test]
fn a_removed_device_is_told_so_while_its_person_stays() {
    let alice = person(1);
    let phone = further(&alice, 1);
    let mut club = founded(&alice);
    club.write(&alice, added(&phone), at(1)).unwrap();
    let mut lost = club.clone();
    assert_eq!(club.farewell(phone.endpoint.id()), None);
    club.write(
        &alice,
        Act::DeviceRemoved {
            device: phone.device.id(),
            known: KnownData::default(),
        },
        at(2),
    )
    .unwrap();
    club.write(&alice, adds(1, "Later"), at(3)).unwrap();
    for op in club.farewell(phone.endpoint.id()).unwrap() {
        lost.receive(op).unwrap();
    }
    assert!(lost.membership().by_endpoint(phone.endpoint.id()).is_none());
    assert!(lost.write(&phone, adds(2, "Still here?"), at(4)).is_err());
    assert!(titles(&lost).is_empty(), "nothing of later is in it");
    assert_eq!(club.farewell(alice.endpoint.id()), None);
}

#[test]
fn nobody_is_admitted_to_where_the_devices_of_another_meet() {
    let (alice, bob) = (person(1), person(2));
    let (mut home, _) = Party::found_home(&alice, "Alice", "Laptop", at(1)).unwrap();
    home.write(&alice, admits(&bob, Role::Reader), at(2)).unwrap();
    let expect = AdmissionExpectation {
        tag: Some(home.id().tag()),
        admitter: alice.endpoint.id(),
        identity: bob.identity.id(),
        device: bob.device.id(),
        role: Role::Reader,
    };
    assert_eq!(
        Party::from_admission(&bytes(&[&home]), &expect).unwrap_err(),
        AdmissionError::PlaceOfDevices
    );
}
