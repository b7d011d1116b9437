//! The golden bytes of an invitation by e-mail: what the log pins, what a service signs, what an invitee shows.

use partyline::identity::{EmailAddress, EndpointKey};
use partyline::invitation::Secret;
use partyline::invitation::mailbox::{Attestation, ServiceKey, Thumbprint, party_reference};
use partyline::party::PartyId;
use partyline::time::Timestamp;
use serde_json::Value;

use crate::hex::{array, field, hex, vectors};

fn mailbox() -> Value {
    vectors(include_str!("../vectors/mailbox.json"))
}

fn text<'a>(v: &'a Value, name: &str) -> &'a str {
    v[name].as_str().unwrap()
}

#[test]
fn what_the_log_pins_is_as_specified() {
    let v = mailbox();
    let address = EmailAddress::parse(text(&v, "address")).unwrap();
    assert_eq!(address.normalised(), text(&v, "normalised"));
    let service = ServiceKey::from_bytes(array(&v, "service_key"));
    assert_eq!(hex(service.thumbprint().as_bytes()), text(&v, "thumbprint"));
    let key = Secret::from_bytes(array(&v, "secret")).mail_key();
    let bind = key.bind(text(&v, "issuer"), &service, &address);
    assert_eq!(hex(bind), text(&v, "bind"));
}

#[test]
fn what_a_service_signs_and_an_invitee_shows_is_as_specified() {
    let v = mailbox();
    // The tests' service has a key of the same kind as a device.
    let service = EndpointKey::from_seed(&array(&v, "service_seed"));
    assert_eq!(
        service.sign_jws(text(&v, "header"), text(&v, "claims")),
        text(&v, "token")
    );
    let device = EndpointKey::from_seed(&array(&v, "endpoint_seed")).id();
    assert_eq!(Thumbprint::of_endpoint(device).text(), text(&v, "jkt"));
    let party = PartyId::from_bytes(array(&v, "party"));
    assert_eq!(party_reference(party), text(&v, "party_ref"));

    let shown = Attestation {
        key: Secret::from_bytes(array(&v, "secret")).mail_key(),
        issuer: text(&v, "issuer").to_owned(),
        service: ServiceKey::from_bytes(array(&v, "service_key")),
        token: text(&v, "token").to_owned(),
    };
    assert_eq!(hex(shown.encode()), text(&v, "attestation"));
    let read = Attestation::decode(&field(&v, "attestation")).unwrap();
    assert_eq!(read, shown);
    let now = Timestamp::from_millis(v["now_ms"].as_u64().unwrap());
    assert!(read.check(&array(&v, "bind"), party, device, now).is_ok());
}
