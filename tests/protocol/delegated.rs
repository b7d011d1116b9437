//! The golden bytes of delegated invitations: a code with further devices, a request's name, an identity in words.

use partyline::identity::{EndpointId, IdentityId};
use partyline::invitation::{CodeKind, Flags, Hint, InviteCode, Secret};
use partyline::party::{DelegatedTo, JoinRequestId, PartyTag, Role};
use partyline::time::Timestamp;
use serde_json::Value;

use crate::hex::{array, hex, vectors};

fn delegated() -> Value {
    vectors(include_str!("../vectors/delegated.json"))
}

#[test]
fn a_code_with_a_further_device_is_as_specified() {
    let (v, head) = (delegated(), vectors(include_str!("../vectors/code.json")));
    let mut further = [0; 32];
    for (byte, value) in further.iter_mut().zip(0x20..) {
        *byte = value;
    }
    let further = EndpointId::from_bytes(further);
    let address = "203.0.113.7:51820".parse().unwrap();
    let hints = vec![
        Hint::AddressOf { place: 1, address },
        Hint::Role(Role::Editor.into()),
        Hint::Endpoint(further),
    ];
    let endpoint = EndpointId::from_bytes(array(&head, "endpoint"));
    let code = InviteCode::new(
        CodeKind::Delegated,
        Flags::APPROVAL,
        Secret::from_bytes(array(&head, "secret")),
        PartyTag::from_bytes(array(&head, "party_tag")),
        endpoint,
        Some(Timestamp::from_millis((1_767_225_600 + 527_040 * 60) * 1000)),
        hints,
    )
    .unwrap();
    let text = v["code"]["text"].as_str().unwrap();
    assert_eq!(*code.to_text(), text);
    let read = InviteCode::parse(text).unwrap();
    assert_eq!(
        read.admitters(),
        [(endpoint, vec![]), (further, vec![Hint::Address(address)])]
    );
}

#[test]
fn a_request_and_a_person_are_named_as_specified() {
    let v = delegated();
    let identity = IdentityId::from_bytes(array(&v, "identity"));
    assert_eq!(identity.fingerprint().to_string(), v["words"].as_str().unwrap());
    let request = JoinRequestId::of(&array(&v, "invitation_id"), identity);
    assert_eq!(hex(request.as_bytes()), v["request"].as_str().unwrap());
    assert_eq!(DelegatedTo::person(identity).numbers(), (1, array(&v, "identity_hash")));
}
