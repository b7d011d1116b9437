//! One run: when it succeeds, and everything that must make it fail.

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::*;

const HELLO: &[u8] = b"hello";
const ACK: &[u8] = b"ack";
const READY: &[u8] = b"pin";

fn exporter() -> Exporter {
    Exporter::from_bytes([1; 32])
}

fn binding(exporter: &Exporter) -> Binding<'_> {
    Binding {
        exporter,
        invitee: EndpointId::from_bytes([2; 32]),
        inviter: EndpointId::from_bytes([3; 32]),
        invitation: InvitationId::from_bytes([4; 16]),
        party_tag: PartyTag::from_bytes([5; 16]),
        generation: 1,
        attempt: 1,
        hello: HELLO,
        hello_ack: ACK,
        pin_ready: READY,
        invitee_nonce: [6; 32],
        inviter_nonce: [7; 32],
    }
}

fn pin(digits: &str) -> Pin {
    Pin::parse(digits, u8::try_from(digits.len()).unwrap()).unwrap()
}

/// One end's view of a run.
struct End<'a>(Binding<'a>, Pin, Secret);

impl<'a> End<'a> {
    fn new(binding: Binding<'a>) -> Self {
        Self(binding, pin("482913"), Secret::from_bytes([9; 16]))
    }
}

fn run(invitee: &End<'_>, inviter: &End<'_>) -> Result<(), PakeError> {
    let mut rng = StdRng::seed_from_u64(7);
    let (joining, share) = InviteeRun::start(&invitee.0, &invitee.1, &invitee.2, &mut rng)?;
    let (inviting, share) = InviterRun::respond(&inviter.0, &inviter.1, &inviter.2, &share, &mut rng)?;
    let (joining, tag) = joining.answer(&share, [8; 32])?;
    let tag = inviting.verify(&[8; 32], &tag)?;
    joining.verify(&tag)
}

#[test]
fn the_right_pin_convinces_both() {
    let exporter = exporter();
    assert_eq!(
        run(&End::new(binding(&exporter)), &End::new(binding(&exporter))),
        Ok(())
    );
}

#[test]
fn any_single_difference_is_a_wrong_pin() {
    let (exporter, other_exporter) = (exporter(), Exporter::from_bytes([0x81; 32]));
    type Change = fn(&mut Binding<'_>);
    let changes: [(&str, Change); 13] = [
        ("invitee", |b| b.invitee = EndpointId::from_bytes([0x12; 32])),
        ("inviter", |b| b.inviter = EndpointId::from_bytes([0x13; 32])),
        ("endpoints swapped", |b| std::mem::swap(&mut b.invitee, &mut b.inviter)),
        ("invitation", |b| b.invitation = InvitationId::from_bytes([0x14; 16])),
        ("party", |b| b.party_tag = PartyTag::from_bytes([0x15; 16])),
        ("generation", |b| b.generation ^= 1),
        ("attempt", |b| b.attempt ^= 3),
        ("Hello", |b| b.hello = b"hellp"),
        ("HelloAck", |b| b.hello_ack = b"acl"),
        ("PinReady", |b| b.pin_ready = b"pio"),
        ("a byte moved from one frame to the next", |b| {
            (b.hello, b.hello_ack) = (b"helloa", b"ck");
        }),
        ("the invitee's nonce", |b| b.invitee_nonce[5] ^= 1),
        ("the inviter's nonce", |b| b.inviter_nonce[5] ^= 1),
    ];
    let honest = End::new(binding(&exporter));
    let mut cases = vec![("exporter", binding(&other_exporter))];
    cases.extend(changes.iter().map(|(name, change)| {
        let mut changed = binding(&exporter);
        change(&mut changed);
        (*name, changed)
    }));
    assert_eq!(cases.len(), 14);
    for (name, changed) in cases {
        assert_eq!(
            run(&honest, &End::new(changed)),
            Err(PakeError::WrongPin),
            "{name} differs for the inviter"
        );
        assert_eq!(
            run(&End::new(changed), &honest),
            Err(PakeError::WrongPin),
            "{name} differs for the invitee"
        );
    }
}

#[test]
fn another_pin_or_another_code_is_a_wrong_pin() {
    let exporter = exporter();
    let honest = End::new(binding(&exporter));
    for other in ["482914", "082913", "0482913", "4829130", "48291"] {
        let guess = End(binding(&exporter), pin(other), Secret::from_bytes([9; 16]));
        assert_eq!(run(&guess, &honest), Err(PakeError::WrongPin), "{other}");
    }
    let other_code = End(binding(&exporter), pin("482913"), Secret::from_bytes([8; 16]));
    assert_eq!(run(&other_code, &honest), Err(PakeError::WrongPin));
}

#[test]
fn a_commitment_cannot_be_exchanged() {
    let (exporter, mut rng) = (exporter(), StdRng::seed_from_u64(1));
    let End(binding, pin, secret) = End::new(binding(&exporter));
    let (joining, share) = InviteeRun::start(&binding, &pin, &secret, &mut rng).unwrap();
    let (inviting, share) = InviterRun::respond(&binding, &pin, &secret, &share, &mut rng).unwrap();
    let (_, tag) = joining.answer(&share, [8; 32]).unwrap();
    assert_eq!(inviting.verify(&[0x88; 32], &tag).unwrap_err(), PakeError::WrongPin);
}

/// Encodings that RFC 9496 wants refused (appendix A.2, one of each sort), and the identity.
fn bad_shares() -> Vec<[u8; 32]> {
    let mut negative = [0; 32];
    negative[0] = 1;
    let mut not_canonical = [0xff; 32];
    not_canonical[0] = 0xed;
    not_canonical[31] = 0x7f;
    let not_square: [u8; 32] = [
        0x26, 0x94, 0x8d, 0x35, 0xca, 0x62, 0xe6, 0x43, 0xe2, 0x6a, 0x83, 0x17, 0x73, 0x32, 0xe6, 0xb6, 0xaf, 0xeb,
        0x9d, 0x08, 0xe4, 0x26, 0x8b, 0x65, 0x0f, 0x1f, 0x5b, 0xbd, 0x8d, 0x81, 0xd3, 0x71,
    ];
    vec![[0; 32], negative, not_canonical, [0xff; 32], not_square]
}

#[test]
fn malformed_shares_are_refused_by_both() {
    let (exporter, mut rng) = (exporter(), StdRng::seed_from_u64(1));
    let End(binding, pin, secret) = End::new(binding(&exporter));
    for bad in bad_shares() {
        let inviting = InviterRun::respond(&binding, &pin, &secret, &bad, &mut rng);
        assert_eq!(inviting.unwrap_err(), PakeError::BadPoint, "{bad:02x?}");
        let (joining, _) = InviteeRun::start(&binding, &pin, &secret, &mut rng).unwrap();
        assert_eq!(
            joining.answer(&bad, [8; 32]).unwrap_err(),
            PakeError::BadPoint,
            "{bad:02x?}"
        );
    }
}

#[test]
fn a_mirror_convinces_nobody() {
    let (exporter, mut rng) = (exporter(), StdRng::seed_from_u64(1));
    let End(binding, pin, secret) = End::new(binding(&exporter));
    // The invitee's own share and proof come back.
    let (joining, share) = InviteeRun::start(&binding, &pin, &secret, &mut rng).unwrap();
    let (joining, tag) = joining.answer(&share, [8; 32]).unwrap();
    assert_eq!(joining.verify(&tag), Err(PakeError::WrongPin));
    // A peer with the own endpoint id is refused before anything is computed.
    let mirror = Binding {
        inviter: binding.invitee,
        ..binding
    };
    assert_eq!(
        InviteeRun::start(&mirror, &pin, &secret, &mut rng).unwrap_err(),
        PakeError::SameEndpoint
    );
    let share = [2; 32];
    let inviting = InviterRun::respond(&mirror, &pin, &secret, &share, &mut rng);
    assert_eq!(inviting.unwrap_err(), PakeError::SameEndpoint);
}

#[test]
fn every_flipped_bit_of_a_proof_is_refused() {
    let exporter = exporter();
    let End(binding, pin, secret) = End::new(binding(&exporter));
    for bit in (0..256).step_by(7) {
        let mut rng = StdRng::seed_from_u64(bit);
        let (joining, share) = InviteeRun::start(&binding, &pin, &secret, &mut rng).unwrap();
        let (inviting, share) = InviterRun::respond(&binding, &pin, &secret, &share, &mut rng).unwrap();
        let (_, mut tag) = joining.answer(&share, [8; 32]).unwrap();
        tag[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
        assert_eq!(inviting.verify(&[8; 32], &tag), Err(PakeError::WrongPin), "bit {bit}");
    }
}

#[test]
fn runs_are_never_printed() {
    let (exporter, mut rng) = (exporter(), StdRng::seed_from_u64(1));
    let End(binding, pin, secret) = End::new(binding(&exporter));
    let (joining, share) = InviteeRun::start(&binding, &pin, &secret, &mut rng).unwrap();
    let (inviting, share) = InviterRun::respond(&binding, &pin, &secret, &share, &mut rng).unwrap();
    assert_eq!(
        format!("{joining:?} {inviting:?}"),
        "InviteeRun(<redacted>) InviterRun(<redacted>)"
    );
    let (joining, _) = joining.answer(&share, [8; 32]).unwrap();
    assert_eq!(format!("{joining:?}"), "InviteeProof(<redacted>)");
    assert_eq!(format!("{binding:?}"), "Binding(<redacted>)");
}
