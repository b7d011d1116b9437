//! What the pure rooms cost: the PIN proof, the invite code, ops and what follows from them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot go on fails by panicking"
)]

#[path = "protocol/disk.rs"]
mod disk;
#[path = "figure/mod.rs"]
mod figure;
#[path = "protocol/members.rs"]
mod members;

use std::net::SocketAddr;
use std::time::Duration;

use figure::{Figure, timed};
use partyline::identity::{EndpointId, Keys};
use partyline::invitation::{
    Binding, CodeKind, Exporter, Flags, Hint, InvitationId, InviteCode, InviteeRun, InviterRun, Pin, Secret,
};
use partyline::party::{Act, How, Op, Party, PartyTag, Role, TaskId};
use partyline::time::Timestamp;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// What is so short that a sample is the mean of this many.
const BATCH: u32 = 100;

/// A day in 2026.
const DAY: Timestamp = Timestamp::from_millis(1_781_092_800_000);

fn main() {
    pin_proof();
    code();
    ops();
    for members in [10, 100, 1000] {
        admissions(members);
    }
    members::many();
    tasks();
    disk::disk();
}

/// The mean of a batch.
fn batch<T>(mut what: impl FnMut() -> T) -> Duration {
    timed(|| (0..BATCH).for_each(|_| drop(std::hint::black_box(what())))) / BATCH
}

/// From the invitee's share to the inviter's proof, as checked by the invitee: all that both ends compute.
fn pin_proof() {
    let mut rng = StdRng::seed_from_u64(1);
    let (pin, secret) = (Pin::generate(&mut rng, 6), Secret::generate(&mut rng));
    let exporter = Exporter::from_bytes([3; 32]);
    let binding = Binding {
        exporter: &exporter,
        invitee: EndpointId::from_bytes([1; 32]),
        inviter: EndpointId::from_bytes([2; 32]),
        invitation: secret.invitation_id(),
        party_tag: PartyTag::from_bytes([4; 16]),
        generation: 1,
        attempt: 1,
        hello: &[5; 150],
        hello_ack: &[6; 64],
        pin_ready: &[7; 8],
        invitee_nonce: [8; 32],
        inviter_nonce: [9; 32],
    };
    let commitment = [10; 32];
    Figure::new("PIN proof, both sides", Some(Duration::from_micros(300))).measure(1000, || {
        timed(|| {
            let (invitee, share) = InviteeRun::start(&binding, &pin, &secret, &mut rng).unwrap();
            let (inviter, answer) = InviterRun::respond(&binding, &pin, &secret, &share, &mut rng).unwrap();
            let (invitee, proof) = invitee.answer(&answer, commitment).unwrap();
            invitee.verify(&inviter.verify(&commitment, &proof).unwrap()).unwrap();
        })
    });
}

fn code() {
    let hint = |text: &str| Hint::Address(text.parse::<SocketAddr>().unwrap());
    let code = InviteCode::new(
        CodeKind::Interactive,
        Flags::PIN,
        Secret::from_bytes([0x5a; 16]),
        PartyTag::from_bytes([7; 16]),
        EndpointId::from_bytes([9; 32]),
        Some(DAY),
        vec![Hint::RelayPreset(3), hint("192.0.2.7:40000"), hint("192.168.1.5:40000")],
    )
    .unwrap();
    let text = code.to_text();
    // One wrong character, which the checksum finds: what a dialog does while somebody types.
    let wrong = text.replacen('q', "p", 1);
    assert!(InviteCode::parse(&wrong).is_err());
    Figure::new("invite code, encode", None).measure(200, || batch(|| code.to_text()));
    Figure::new("invite code, decode", None).measure(200, || batch(|| InviteCode::parse(&text)));
    Figure::new("invite code, find the wrong character", None).measure(200, || timed(|| InviteCode::parse(&wrong)));
}

/// Somebody's keys.
fn person(number: u16) -> Keys {
    let [high, low] = number.to_be_bytes();
    let seed = |which: u8| {
        let mut seed = [which; 32];
        (seed[0], seed[1]) = (high, low);
        seed
    };
    Keys::from_seeds(&seed(1), &seed(2), &seed(3))
}

fn founded(founder: &Keys) -> Party {
    Party::found(founder, "Alice", "Choir", DAY, &mut StdRng::seed_from_u64(2))
        .unwrap()
        .0
}

fn task(number: usize) -> Act {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    Act::TaskAdded {
        task: TaskId::from_bytes(id),
        title: format!("Carry the things of room {number}"),
        place: Party::place_behind(None),
    }
}

/// One op: its encoding, its signature.
fn ops() {
    let keys = person(0);
    let mut party = founded(&keys);
    let op = party.write(&keys, task(0), DAY).unwrap();
    Figure::new("op, check the signature and open", None).measure(500, || timed(|| Op::open(op.bytes())));
    Figure::new("op, write: authorise and sign", None).measure(500, || timed(|| party.prepare(&keys, task(1), DAY)));
}

/// "They are in", said by an admin alone.
fn admission(who: &Keys, role: Role) -> Act {
    Act::MemberAdmitted {
        member: who.identity.id(),
        role,
        device: who.device.id(),
        endpoint: who.endpoint.id(),
        certificate: who.certificate.signature,
        invitation: *InvitationId::from_bytes([0; 16]).as_bytes(),
        how: How::Direct,
        evidence: [0; 64],
    }
}

/// Who is in, from the founding and this many admissions.
fn admissions(members: u16) {
    let figure = format!("resolve {members} admissions");
    if !figure::is_wanted(&figure) {
        return;
    }
    let founder = person(0);
    let mut party = founded(&founder);
    for number in 1..=members {
        party
            .write(&founder, admission(&person(number), Role::Editor), DAY)
            .unwrap();
    }
    assert_eq!(party.membership().members().len(), usize::from(members) + 1);
    let ops: Vec<Op> = party.ops().cloned().collect();
    Figure::new(&figure, None).measure(50, || {
        let ops = ops.clone();
        timed(|| Party::load(ops))
    });
}

/// A long list: as it comes from the disk, and op by op from a peer.
fn tasks() {
    let (load, apply, open) = (
        "load 10,000 task ops",
        "apply 10,000 task ops one by one",
        "open 10,000 task ops",
    );
    if ![load, apply, open].iter().any(|figure| figure::is_wanted(figure)) {
        return;
    }
    let keys = person(0);
    let mut party = founded(&keys);
    let before = party.clone();
    for number in 0..10_000 {
        party.write(&keys, task(number), DAY).unwrap();
    }
    assert_eq!(party.tasks().len(), 10_000);
    let ops: Vec<Op> = party.ops().cloned().collect();
    Figure::new(open, None).measure(10, || {
        timed(|| ops.iter().filter_map(|op| Op::open(op.bytes()).ok()).count())
    });
    Figure::new(load, None).measure(20, || {
        let ops = ops.clone();
        timed(|| Party::load(ops))
    });
    Figure::new(apply, None).measure(20, || {
        let (mut party, ops) = (before.clone(), ops.clone());
        timed(|| ops.into_iter().for_each(|op| drop(party.receive(op).unwrap())))
    });
}
