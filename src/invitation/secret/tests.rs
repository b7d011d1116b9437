//! Proofs: who can make them, what they are bound to, what is never printed.

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::*;

const SECRET: [u8; 16] = [0x11; 16];

fn redeem<'a>(exporter: &'a Exporter, versions: &'a [u8]) -> Redeem<'a> {
    Redeem {
        exporter,
        inviter: EndpointId::from_bytes([3; 32]),
        invitee: EndpointId::from_bytes([2; 32]),
        nonce: [6; 32],
        versions,
    }
}

fn evidence() -> Evidence {
    Evidence {
        party_tag: PartyTag::from_bytes([0x22; 16]),
        identity: IdentityId::from_bytes([0x31; 32]),
        device: DeviceId::from_bytes([0x32; 32]),
        endpoint: EndpointId::from_bytes([2; 32]),
    }
}

#[test]
fn a_redeem_proof_holds_for_one_connection_peer_nonce_and_offer() {
    let secret = Secret::from_bytes(SECRET);
    let exporter = Exporter::from_bytes([1; 32]);
    let proof = secret.sign_redeem(&redeem(&exporter, &[1]));
    let key = secret.key();
    assert_eq!(key.verify_redeem(&redeem(&exporter, &[1]), &proof), Ok(()));

    let other_connection = Exporter::from_bytes([9; 32]);
    let changed = [
        redeem(&other_connection, &[1]),
        redeem(&exporter, &[1, 2]),
        redeem(&exporter, &[]),
        Redeem {
            inviter: EndpointId::from_bytes([4; 32]),
            ..redeem(&exporter, &[1])
        },
        Redeem {
            invitee: EndpointId::from_bytes([4; 32]),
            ..redeem(&exporter, &[1])
        },
        Redeem {
            inviter: EndpointId::from_bytes([2; 32]),
            invitee: EndpointId::from_bytes([3; 32]),
            ..redeem(&exporter, &[1])
        },
        Redeem {
            nonce: [7; 32],
            ..redeem(&exporter, &[1])
        },
    ];
    for other in &changed {
        assert_eq!(key.verify_redeem(other, &proof), Err(ProofError), "{other:?}");
    }
    let other_key = Secret::from_bytes([0x12; 16]).key();
    assert_eq!(
        other_key.verify_redeem(&redeem(&exporter, &[1]), &proof),
        Err(ProofError)
    );
}

#[test]
fn evidence_holds_for_one_party_identity_device_and_endpoint() {
    let secret = Secret::from_bytes(SECRET);
    let signature = secret.sign_evidence(&evidence());
    assert_eq!(secret.key().verify_evidence(&evidence(), &signature), Ok(()));
    let changed = [
        Evidence {
            party_tag: PartyTag::from_bytes([0x23; 16]),
            ..evidence()
        },
        Evidence {
            identity: IdentityId::from_bytes([0x33; 32]),
            ..evidence()
        },
        Evidence {
            device: DeviceId::from_bytes([0x33; 32]),
            ..evidence()
        },
        Evidence {
            endpoint: EndpointId::from_bytes([0x33; 32]),
            ..evidence()
        },
    ];
    for other in changed {
        assert_eq!(secret.key().verify_evidence(&other, &signature), Err(ProofError));
    }
}

#[test]
fn every_flipped_bit_of_a_proof_is_refused() {
    let secret = Secret::from_bytes(SECRET);
    let exporter = Exporter::from_bytes([1; 32]);
    let proof = secret.sign_redeem(&redeem(&exporter, &[1]));
    for bit in 0..512 {
        let mut broken = proof;
        broken[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            secret.key().verify_redeem(&redeem(&exporter, &[1]), &broken),
            Err(ProofError),
            "bit {bit}"
        );
    }
}

#[test]
fn bytes_that_are_no_key_verify_nothing() {
    let exporter = Exporter::from_bytes([1; 32]);
    // Zero is a point of small order, with which a lax verifier would accept forged signatures.
    for bytes in [[0; 32], [0xff; 32]] {
        let key = InvitationKey::from_bytes(bytes);
        assert_eq!(key.verify_redeem(&redeem(&exporter, &[1]), &[0; 64]), Err(ProofError));
    }
}

#[test]
fn fresh_secrets_differ() {
    let mut rng = StdRng::seed_from_u64(1);
    assert_ne!(Secret::generate(&mut rng), Secret::generate(&mut rng));
}

#[test]
fn secrets_are_never_printed() {
    assert_eq!(format!("{:?}", Secret::from_bytes(SECRET)), "Secret(<redacted>)");
    let exporter = Exporter::from_bytes([0xab; 32]);
    assert_eq!(format!("{exporter:?}"), "Exporter(<redacted>)");
    let text = format!("{:?}", redeem(&exporter, &[1]));
    assert!(
        text.contains("Exporter(<redacted>)") && !text.contains("171, 171") && !text.contains("abab"),
        "{text}"
    );
}
