use super::*;
use crate::invitation::invitee::Pending;
use crate::time::Timestamp;
use std::sync::Arc;

fn nearby(endpoint: u8, handle: u8) -> NearbyInvitation {
    NearbyInvitation {
        endpoint: EndpointId::from_bytes([endpoint; 32]),
        handle: Handle::from_bytes([handle; 16]),
        addresses: vec!["192.168.1.5:4433".parse().unwrap(), "[fd00::5]:4433".parse().unwrap()],
    }
}

/// Another announcement with the same words, as Mallory would look for it.
fn look_alike(of: &NearbyInvitation) -> NearbyInvitation {
    (0_u128..)
        .map(|n| NearbyInvitation {
            handle: Handle::from_bytes(n.to_be_bytes()),
            ..nearby(7, 0)
        })
        .find(|other| other.label() == of.label())
        .expect("there are few words")
}

#[test]
fn an_announcement_leads_back() {
    let one = nearby(1, 2);
    let read =
        |instance: &str, attribute: &str| NearbyInvitation::read(instance, attribute, one.addresses.iter().copied());
    assert_eq!(read(&one.instance(), &one.attribute()).as_ref(), Some(&one));
    assert_eq!(
        read(&one.instance().to_uppercase(), &one.attribute()).as_ref(),
        Some(&one)
    );
    let many = std::iter::repeat_n("192.168.1.5:4433".parse().unwrap(), 1000);
    let one = NearbyInvitation::read(&one.instance(), &one.attribute(), many).unwrap();
    assert_eq!(one.addresses.len(), 4);
}

#[test]
fn what_is_no_announcement_is_not_read() {
    let one = nearby(1, 2);
    let (instance, attribute) = (one.instance(), one.attribute());
    for (instance, attribute) in [
        ("", &*attribute),
        (instance.trim_start_matches('0'), &attribute),
        (&format!("{instance}00"), &attribute),
        (&instance.replace('0', "g"), &attribute),
        (&instance.replacen("02", "+2", 1), &attribute),
        (&instance.replacen("0202", "é", 2), &attribute),
        (&instance, ""),
        (&instance, &instance),
    ] {
        assert_eq!(NearbyInvitation::read(instance, attribute, std::iter::empty()), None);
    }
}

#[test]
fn the_code_of_an_announcement_names_no_party_and_survives_the_disk() {
    let code = Arc::new(nearby(1, 2).code());
    assert_eq!((code.kind(), code.party_tag()), (CodeKind::Nearby, PartyTag::NONE));
    assert_eq!(code.invitation_id(), nearby(1, 2).handle.invitation_id());
    assert_eq!(code.address_hints().count(), 2);
    let pending = Pending::new(code, Timestamp::from_millis(1_800_000_000_000));
    let again = Pending::decode(&pending.encode()).expect("its own bytes");
    assert_eq!(again.code.kind(), CodeKind::Nearby);
}

#[test]
fn the_words_depend_on_the_device_and_the_handle() {
    let label = nearby(1, 2).label();
    assert_eq!(nearby(1, 2).label(), label);
    assert_ne!(nearby(1, 3).label(), label);
    assert_ne!(nearby(2, 2).label(), label);
    let elsewhere = NearbyInvitation {
        addresses: vec![],
        ..nearby(1, 2)
    };
    assert_eq!(elsewhere.label(), label);
}

#[test]
fn a_look_alike_makes_both_ambiguous() {
    let alice = nearby(1, 2);
    let mallory = look_alike(&alice);
    let mut sightings = Sightings::default();
    assert!(sightings.heard(alice.clone()));
    assert!(!sightings.is_ambiguous(alice.label()));
    assert!(sightings.heard(mallory.clone()));
    assert!(sightings.is_ambiguous(alice.label()));
    assert!(sightings.lost(mallory.handle));
    assert!(!sightings.is_ambiguous(alice.label()));
}

#[test]
fn a_flood_is_bounded_and_moves_nobody_who_was_there() {
    let mut sightings = Sightings::default();
    assert!(sightings.heard(nearby(1, 0)));
    assert!(!sightings.heard(nearby(1, 0)), "the same again is no news");
    let flood = (0..100_000_u128).map(|n| NearbyInvitation {
        handle: Handle::from_bytes(n.to_le_bytes()),
        ..nearby(7, 0)
    });
    let taken = flood.skip(1).filter(|one| sightings.heard(one.clone())).count();
    assert_eq!(taken, MAX_HEARD - 1);
    assert!(sightings.is_flooded());
    assert_eq!(sightings.shown()[0], nearby(1, 0));
    assert_eq!(
        (sightings.shown().len(), sightings.left_out()),
        (MAX_SHOWN, MAX_HEARD - MAX_SHOWN)
    );
    assert!(sightings.lost(Handle::from_bytes([0; 16])));
    assert!(!sightings.lost(Handle::from_bytes([0; 16])));
    assert!(!sightings.is_flooded());
}

#[test]
fn a_handle_tells_nothing_of_the_secret() {
    let secret = Secret::from_bytes([0x11; 16]);
    let handle = secret.handle();
    assert_ne!(handle.as_bytes(), secret.as_bytes());
    assert_ne!(handle, Secret::from_bytes([0x12; 16]).handle());
    assert_ne!(handle.invitation_id(), secret.invitation_id());
}
