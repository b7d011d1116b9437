//! The golden bytes of the invitation protocol. Changing one is a change of the protocol: see PROTOCOL.md.

use ed25519_dalek::SigningKey;
use partyline::identity::{DeviceId, EndpointId, IdentityId};
use partyline::invitation::{
    CancelReason, CodeKind, ErrorCode, Evidence, Exporter, Flags, Hint, InvitationId, InviteCode, Join, Message,
    Method, Mode, NearbyInvitation, Redeem, Secret,
};
use partyline::party::PartyTag;
use partyline::time::Timestamp;
use serde_json::Value;

use crate::hex::{array, field, hex, vectors};

fn code_vectors() -> Value {
    vectors(include_str!("../vectors/code.json"))
}

#[test]
fn codes_are_read_as_specified() {
    let v = code_vectors();
    for case in v["codes"].as_array().unwrap() {
        let read = InviteCode::parse(case["text"].as_str().unwrap());
        if let Some(error) = case["error"].as_str() {
            assert_eq!(format!("{:?}", read.unwrap_err()), error, "{}", case["name"]);
            continue;
        }
        let code = read.unwrap();
        assert_eq!(*code.to_text(), case["text"].as_str().unwrap(), "{}", case["name"]);
        assert_eq!(code.kind(), CodeKind::Interactive);
        assert_eq!(code.flags(), Flags::default());
        assert_eq!(code.secret().as_bytes(), &array(&v, "secret"));
        assert_eq!(code.party_tag(), PartyTag::from_bytes(array(&v, "party_tag")));
        assert_eq!(code.endpoint(), EndpointId::from_bytes(array(&v, "endpoint")));
        let seconds = 1_767_225_600 + v["expires_minutes"].as_u64().unwrap() * 60;
        assert_eq!(code.expires(), Some(Timestamp::from_millis(seconds * 1000)));
        assert_eq!(
            code.invitation_id(),
            InvitationId::from_bytes(array(&v, "invitation_id"))
        );
    }
}

#[test]
fn what_is_announced_nearby_is_as_specified() {
    let v = code_vectors();
    let handle = Secret::from_bytes(array(&v, "secret")).handle();
    assert_eq!(handle.as_bytes(), &array(&v["nearby"], "handle"));
    assert_eq!(handle.invitation_id().as_bytes(), &array(&v["nearby"], "invitation_id"));
    let nearby = NearbyInvitation {
        endpoint: EndpointId::from_bytes(array(&v, "endpoint")),
        handle,
        addresses: vec![],
    };
    assert_eq!(nearby.label().to_string(), v["nearby"]["label"].as_str().unwrap());
}

#[test]
fn codes_are_written_as_specified() {
    let v = code_vectors();
    let hints = [
        vec![],
        vec![
            Hint::RelayPreset(1),
            Hint::Address("203.0.113.7:51820".parse().unwrap()),
        ],
        vec![Hint::Unknown {
            tag: 0x70,
            value: vec![1, 2],
        }],
    ];
    for (case, hints) in v["codes"].as_array().unwrap().iter().zip(hints) {
        let code = InviteCode::new(
            CodeKind::Interactive,
            Flags::default(),
            Secret::from_bytes(array(&v, "secret")),
            PartyTag::from_bytes(array(&v, "party_tag")),
            EndpointId::from_bytes(array(&v, "endpoint")),
            Some(Timestamp::from_millis((1_767_225_600 + 527_040 * 60) * 1000)),
            hints,
        );
        assert_eq!(*code.unwrap().to_text(), case["text"].as_str().unwrap());
    }
}

#[test]
fn proofs_of_a_code_are_as_specified() {
    let v = code_vectors();
    let secret = Secret::from_bytes(array(&v, "secret"));
    assert_eq!(hex(secret.key().as_bytes()), v["invitation_key"].as_str().unwrap());
    let r = &v["redeem"];
    let exporter = Exporter::from_bytes(array(r, "exporter"));
    let redeem = Redeem {
        exporter: &exporter,
        inviter: EndpointId::from_bytes(array(r, "inviter")),
        invitee: EndpointId::from_bytes(array(r, "invitee")),
        nonce: array(r, "nonce"),
        versions: &field(r, "versions"),
    };
    assert_eq!(hex(secret.sign_redeem(&redeem)), r["proof"].as_str().unwrap());
    secret.key().verify_redeem(&redeem, &array(r, "proof")).unwrap();

    let e = &v["evidence"];
    let public = |seed| SigningKey::from_bytes(&array(e, seed)).verifying_key().to_bytes();
    let evidence = Evidence {
        party_tag: PartyTag::from_bytes(array(&v, "party_tag")),
        identity: IdentityId::from_bytes(public("identity_seed")),
        device: DeviceId::from_bytes(public("device_seed")),
        endpoint: EndpointId::from_bytes(array(e, "endpoint")),
    };
    assert_eq!(hex(secret.sign_evidence(&evidence)), e["signature"].as_str().unwrap());
    secret.key().verify_evidence(&evidence, &array(e, "signature")).unwrap();
}

fn join() -> Join {
    Join {
        blind: [1; 32],
        identity: IdentityId::from_bytes([2; 32]),
        device: DeviceId::from_bytes([3; 32]),
        endpoint: EndpointId::from_bytes([4; 32]),
        certificate: [5; 64],
        name: "Bob".to_owned(),
        evidence: [6; 64],
        possession: [7; 64],
        attestation: vec![],
    }
}

fn frames() -> [Message; 16] {
    [
        Message::Hello {
            versions: vec![1],
            mode: Mode::New,
            invitation: InvitationId::from_bytes([1; 16]),
            nonce: [2; 32],
            proof: [3; 64],
        },
        Message::HelloAck {
            version: 1,
            method: Method::Pin,
            party_tag: PartyTag::from_bytes([4; 16]),
            nonce: [5; 32],
            seconds_left: 86_400,
        },
        Message::PinReady {
            generation: 1,
            digits: 6,
            seconds: 300,
            tries_left: 3,
        },
        Message::PakeA {
            generation: 1,
            attempt: 1,
            share: [6; 32],
        },
        Message::PakeB { share: [7; 32] },
        Message::ConfirmJ {
            commitment: [8; 32],
            tag: [9; 32],
        },
        Message::ConfirmI { tag: [10; 32] },
        Message::WrongPin {
            generation: 1,
            tries_left: 2,
            left_total: 8,
        },
        Message::Welcome {
            party_name: "Book club".to_owned(),
            inviter_name: "Alice".to_owned(),
            role: 2,
            members: 3,
        },
        Message::Join(Box::new(join())),
        Message::Admit {
            last: true,
            ops: vec![vec![1, 2, 3], vec![4; 30]],
        },
        Message::Ack { op: [11; 32] },
        Message::Pending {
            request: [12; 16],
            poll_after_s: 30,
        },
        Message::Busy {
            retry_after_s: 20,
            position: 2,
        },
        Message::Error {
            code: ErrorCode::Locked,
            retry_after_s: 0,
            text: "why".to_owned(),
        },
        Message::Cancel {
            reason: CancelReason::SlotGivenAway,
        },
    ]
}

#[test]
fn frames_are_as_specified() {
    let v = vectors(include_str!("../vectors/frames.json"));
    let specified = v["frames"].as_array().unwrap();
    assert_eq!(specified.len(), 16);
    for (message, case) in frames().iter().zip(specified) {
        assert_eq!(message.name(), case["name"].as_str().unwrap());
        assert_eq!(
            hex(message.encode()),
            case["frame"].as_str().unwrap(),
            "{}",
            case["name"]
        );
        assert_eq!(Message::decode(&field(case, "frame")).as_ref(), Ok(message));
    }
    assert_eq!(hex(join().commitment()), v["join_commitment"].as_str().unwrap());
    let p = &v["possession"];
    let exporter = Exporter::from_bytes(array(p, "exporter"));
    let text = join().possession_text(&exporter, EndpointId::from_bytes(array(p, "inviter")));
    assert_eq!(hex(text), p["text"].as_str().unwrap());
}
