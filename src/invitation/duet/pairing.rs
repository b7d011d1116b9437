//! A code that makes a new device its inviter's own: the same session, in which the device is nobody's yet.

use super::*;
use crate::identity::Certificate;
use crate::invitation::{Evidence, Join, RedeemError};

/// What answers is not what the code promised.
const WRONG_PARTY: RedemptionStage = RedemptionStage::Failed {
    error: RedeemError::WrongParty,
};

/// The code of Alice's laptop for her new phone.
fn device_code() -> Arc<InviteCode> {
    let endpoint = keys(1).certificate.endpoint;
    let code = InviteCode::new(
        CodeKind::DevicePairing,
        Flags::PIN,
        secret(),
        PartyTag::NONE,
        endpoint,
        None,
        vec![],
    );
    Arc::new(code.expect("a code"))
}

/// Alice's laptop has the code; her phone holds one that may be changed on its way.
fn laptop_and_phone(code: Arc<InviteCode>) -> Duet {
    let mut duet = Duet::new(1);
    duet.facts = PartyFacts {
        tag: PartyTag::NONE,
        name: "Alice".to_owned(),
        inviter_name: "Laptop".to_owned(),
        members: 3,
        ..facts()
    };
    let joiner = Joiner {
        keys: keys(2),
        name: "Phone".to_owned(),
    };
    duet.invitee = Some(Invitee::new(Pending::new(code, START), joiner));
    duet
}

/// What the phone says of itself once the PIN was right.
fn sent_join(duet: &Duet) -> Box<Join> {
    match Message::decode(duet.to_inviter.back().expect("a frame for the inviter")) {
        Ok(Message::Join(join)) => join,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_device_that_knows_the_pin_becomes_its_inviters() {
    let mut duet = laptop_and_phone(device_code());
    duet.play(Scene::HelloSent, Scene::JoinSent);
    assert_eq!(
        duet.invitee_stage(),
        RedemptionStage::Pairing {
            person: "Alice".to_owned(),
            device: "Laptop".to_owned()
        }
    );
    let join = sent_join(&duet);
    assert_eq!((join.identity, join.certificate), (Join::NOBODY, Join::NO_CERTIFICATE));
    assert_eq!((join.device, join.name.as_str()), (keys(2).certificate.device, "Phone"));
    duet.play(Scene::Admitting, Scene::Done);
    assert_eq!(duet.invitee_stage(), RedemptionStage::Paired { home: PARTY });
    assert_eq!(duet.closed_by_inviter, Some(0));
}

#[test]
fn a_device_that_missed_its_certificate_fetches_it_without_a_pin() {
    for scene in [Scene::Admitting, Scene::Admitted] {
        let mut duet = laptop_and_phone(device_code());
        duet.play(Scene::HelloSent, Scene::Admitted);
        if scene == Scene::Admitting {
            duet.restart_inviter();
        }
        let bytes = duet.invitee.as_ref().expect("the phone runs").pending().encode();
        let joiner = Joiner {
            keys: keys(2),
            name: "Phone".to_owned(),
        };
        duet.invitee = Some(Invitee::new(Pending::decode(&bytes).expect("its own bytes"), joiner));
        duet.tell_invitee(invitee::Input::Start);
        duet.deliver_all();
        duet.play(Scene::Stored, Scene::Done);
        assert_eq!(duet.invitee_stage(), RedemptionStage::Paired { home: PARTY });
    }
}

#[test]
fn a_code_for_a_device_brings_nobody_into_a_party_and_the_other_way_round() {
    let with_kind = |kind, tag| {
        let endpoint = keys(1).certificate.endpoint;
        Arc::new(InviteCode::new(kind, Flags::PIN, secret(), tag, endpoint, None, vec![]).expect("a code"))
    };
    // Mallory has changed kind and tag on the way.
    let mut duet = laptop_and_phone(with_kind(CodeKind::Interactive, TAG));
    duet.play(Scene::HelloSent, Scene::HelloAnswered);
    assert_eq!(duet.invitee_stage(), WRONG_PARTY);

    let mut duet = Duet::new(1);
    let joiner = Joiner {
        keys: keys(2),
        name: "Phone".to_owned(),
    };
    let code = with_kind(CodeKind::DevicePairing, PartyTag::NONE);
    duet.invitee = Some(Invitee::new(Pending::new(code, START), joiner));
    duet.play(Scene::HelloSent, Scene::HelloAnswered);
    assert_eq!(duet.invitee_stage(), WRONG_PARTY);
}

#[test]
fn a_device_is_not_added_with_the_key_of_another() {
    let stranger = keys(9);
    for change in [
        |join: &mut Join, stranger: &Keys| join.device = stranger.device.id(),
        |join: &mut Join, stranger: &Keys| join.endpoint = stranger.endpoint.id(),
        |join: &mut Join, stranger: &Keys| join.identity = stranger.identity.id(),
        |join: &mut Join, stranger: &Keys| join.certificate = stranger.certificate.signature,
    ] {
        let mut duet = laptop_and_phone(device_code());
        duet.play(Scene::HelloSent, Scene::JoinSent);
        let mut join = sent_join(&duet);
        change(&mut join, &stranger);
        duet.to_inviter.clear();
        duet.frame_to_inviter(Message::Join(join).encode());
        assert!(duet.request.is_none());
        assert_eq!(duet.closed_by_inviter, Some(ErrorCode::BadIdentity.close_code()));
    }
}

/// What the new device signs: its ids are those of PROTOCOL.md's certificate vector, the code that of the first example.
#[test]
fn the_evidence_of_a_device_is_the_one_of_the_specification() {
    let certificate = Certificate {
        identity: Join::NOBODY,
        device: crate::identity::DeviceKey::from_seed(&[0x42; 32]).id(),
        endpoint: EndpointId::from_bytes([2; 32]),
        signature: Join::NO_CERTIFICATE,
    };
    let evidence = Evidence {
        party_tag: PartyTag::NONE,
        identity: certificate.identity,
        device: certificate.device,
        endpoint: certificate.endpoint,
    };
    let signature = secret().sign_evidence(&evidence);
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, include_str!("../../../tests/vectors/evidence_device.hex").trim());
}
