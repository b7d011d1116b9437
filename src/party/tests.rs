//! What a party takes, keeps and gives.

mod admission;
mod bounds;
mod chains;
mod removal;

use super::fixture::*;
use super::*;
use crate::identity::Keys;

/// Alice's party with Bob in it, as both see it.
fn alice_and_bob(role: Role) -> (Keys, Keys, Party, Party) {
    let (alice, bob) = (person(1), person(2));
    let mut hers = founded(&alice);
    hers.write(&alice, admits(&bob, role), at(1)).unwrap();
    let his = hers.clone();
    (alice, bob, hers, his)
}

fn role_of(party: &Party, who: &Keys) -> Option<Role> {
    party.membership().member(who.identity.id()).map(|member| member.role)
}

/// Both ways; afterwards both hold the same.
fn meet(a: &mut Party, b: &mut Party) {
    sync(a, b);
    sync(b, a);
    sync(a, b);
    assert_eq!(a.have(), b.have());
    assert_eq!(a.membership(), b.membership());
    assert_eq!(a.tasks(), b.tasks());
}

#[test]
fn the_founder_is_the_owner_and_has_a_name() {
    let alice = person(1);
    let party = founded(&alice);
    let [member] = party.membership().members() else {
        panic!()
    };
    assert_eq!(
        (member.identity, member.role, member.name.as_deref()),
        (alice.identity.id(), Role::Owner, Some("Alice"))
    );
    assert_eq!(
        (member.admitted_by, member.since, member.invitation),
        (None, at(0), None)
    );
    assert_eq!(party.name(), "Book club");
    assert_eq!(party.membership().by_endpoint(alice.endpoint.id()), Some(member));
}

#[test]
fn what_is_stored_loads_in_any_order() {
    let (alice, bob, mut hers, mut his) = alice_and_bob(Role::Editor);
    his.write(&bob, Act::Named { name: "Bob".to_owned() }, at(2)).unwrap();
    his.write(&bob, adds(1, "Read"), at(2)).unwrap();
    hers.write(&alice, adds(2, "Write"), at(3)).unwrap();
    meet(&mut hers, &mut his);
    let mut ops: Vec<Op> = hers.ops().cloned().collect();
    for turn in 0..ops.len() {
        ops.rotate_left(1);
        let loaded = Party::load(ops.iter().rev().cloned().chain(ops.first().cloned())).unwrap();
        assert_eq!(loaded.membership(), hers.membership(), "turn {turn}");
        assert_eq!(titles(&loaded), titles(&hers));
        assert_eq!(loaded.have(), hers.have());
    }
    assert_eq!(
        Party::load(ops.iter().filter(|op| !op.is_genesis()).cloned()).unwrap_err(),
        LoadError::NoGenesis
    );
    let second = hers.membership_closure()[1].id();
    assert_eq!(
        Party::load(ops.into_iter().filter(|op| op.id() != second)).unwrap_err(),
        LoadError::Incomplete
    );
}

#[test]
fn a_party_is_not_another_party() {
    let alice = person(1);
    let (a, b) = (founded(&alice), {
        let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(8);
        Party::found(&alice, "Alice", "Other", at(0), &mut rng).unwrap().0
    });
    assert_ne!(a.id(), b.id());
    let mut c = a.clone();
    for op in b.ops() {
        assert_eq!(c.receive(op.clone()), Err(ReceiveError::WrongParty));
    }
    assert_eq!(
        Party::load(a.ops().chain(b.ops()).cloned()).unwrap_err(),
        LoadError::TwoGeneses
    );
}

#[test]
fn a_reader_writes_nothing_and_admits_nobody() {
    let (_, bob, _, mut his) = alice_and_bob(Role::Reader);
    let carol = person(3);
    for act in [
        adds(1, "Read"),
        admits(&carol, Role::Reader),
        removes(&person(1)),
        Act::Renamed { name: "X".into() },
    ] {
        assert_eq!(his.write(&bob, act, at(2)), Err(WriteError::NotAllowed));
    }
    his.write(&bob, Act::Named { name: "Bob".to_owned() }, at(2)).unwrap();
    let forged = forge(
        &his,
        (&bob, &bob.device),
        (0, vec![his.membership_closure()[2].id()]),
        at(2),
        adds(1, "Read"),
    );
    assert_eq!(his.receive(forged), Err(ReceiveError::NotAllowed));
}

#[test]
fn writing_says_what_is_wrong() {
    let (alice, bob, mut party, _) = alice_and_bob(Role::Editor);
    let carol = person(3);
    let named = |name: &str| Act::Named { name: name.to_owned() };
    for (who, act, error) in [
        (&carol, adds(1, "Read"), WriteError::NotAMember),
        (&carol, named("Carol"), WriteError::NotAMember),
        (&alice, removes(&alice), WriteError::LastOwner),
        (&alice, makes(&alice, Role::Admin), WriteError::LastOwner),
        (&alice, removes(&carol), WriteError::MemberUnknown),
        (&alice, admits(&bob, Role::Editor), WriteError::AlreadyMember),
        (&bob, removes(&alice), WriteError::NotAllowed),
        (&bob, makes(&bob, Role::Admin), WriteError::NotAllowed),
        (&alice, adds(1, " "), WriteError::TitleInvalid(NameError::Empty)),
        (
            &alice,
            adds(1, "a\u{202e}b"),
            WriteError::TitleInvalid(NameError::Character),
        ),
        (
            &alice,
            named(&"x".repeat(65)),
            WriteError::NameInvalid(NameError::TooLong(64)),
        ),
        (
            &alice,
            Act::TaskDone {
                task: task(9),
                done: true,
            },
            WriteError::TaskUnknown,
        ),
        (&alice, deletes(ItemId::Task(task(9))), WriteError::ItemUnknown),
        (
            &alice,
            Act::Unknown {
                kind: 99,
                raw: vec![0x80],
            },
            WriteError::Unsupported,
        ),
        (
            &alice,
            Act::InvitationRevoked { invitation: [1; 16] },
            WriteError::InvitationClosed,
        ),
    ] {
        assert_eq!(party.write(who, act.clone(), at(2)), Err(error), "{act:?}");
    }
    let mut act = admits(&carol, Role::Editor);
    if let Act::MemberAdmitted { certificate, .. } = &mut act {
        *certificate = bob.certificate.signature;
    }
    assert_eq!(party.write(&alice, act, at(2)), Err(WriteError::ProofInvalid));
}

#[test]
fn preparing_changes_nothing_until_the_op_is_received() {
    let alice = person(1);
    let mut party = founded(&alice);
    let op = party.prepare(&alice, adds(1, " Read "), at(1)).unwrap();
    assert_eq!(titles(&party), [""; 0]);
    assert_eq!(party.receive(op.clone()), Ok(Received::New(vec![op.clone()])));
    assert_eq!(party.receive(op), Ok(Received::Known));
    assert_eq!(titles(&party), ["Read"]);
}

#[test]
fn ops_that_come_too_early_wait_for_their_past() {
    let alice = person(1);
    let mut party = founded(&alice);
    let mut late = party.clone();
    let ops: Vec<Op> = (1..5)
        .map(|n| party.write(&alice, adds(n, "Read"), at(1)).unwrap())
        .collect();
    for op in ops[1..].iter().rev() {
        assert_eq!(late.receive(op.clone()), Ok(Received::Pending));
        assert_eq!(late.receive(op.clone()), Ok(Received::Pending), "twice");
    }
    assert_eq!(
        late.receive(ops[0].clone()),
        Ok(Received::New(ops.clone())),
        "in causal order"
    );
    assert_eq!(late.have(), party.have());
}

#[test]
fn an_act_of_a_newer_version_is_kept_without_effect() {
    let (alice, _, mut party, mut other) = alice_and_bob(Role::Editor);
    let head = party.membership_closure().last().unwrap().id();
    let unknown = |kind| Act::Unknown { kind, raw: vec![0x80] };
    for (kind, seq) in [(11, 3), (40, 0)] {
        let op = forge(&party, (&alice, &alice.device), (seq, vec![head]), at(2), unknown(kind));
        assert_eq!(party.receive(op.clone()), Ok(Received::New(vec![op])));
    }
    party.write(&alice, adds(1, "Read"), at(3)).unwrap();
    meet(&mut party, &mut other);
    assert!(other.membership().has_newer_acts());
    assert_eq!(titles(&other), ["Read"]);
}

#[test]
fn nothing_that_a_party_holds_is_printed() {
    let (alice, _, mut party, _) = alice_and_bob(Role::Editor);
    party.write(&alice, adds(1, "Secret plan"), at(1)).unwrap();
    let task = Arc::clone(&party.tasks()[0]);
    let text = format!(
        "{party:?} {:?} {task:?} {:?}",
        party.membership(),
        party.ops().collect::<Vec<_>>()
    );
    for needle in ["Secret", "Alice", "Book"] {
        assert!(!text.contains(needle), "{text}");
    }
}

#[test]
fn sync_gives_what_is_lacking_in_pieces() {
    let (alice, _, mut hers, mut his) = alice_and_bob(Role::Editor);
    for n in 0..20 {
        hers.write(&alice, adds(n, "Read"), at(2)).unwrap();
    }
    let mut rounds = 0;
    loop {
        let ops = hers.missing(&his.have(), 1000);
        assert!(ops.iter().map(|op| op.bytes().len()).sum::<usize>() <= 1000);
        if ops.is_empty() {
            break;
        }
        for op in ops {
            assert!(matches!(his.receive(op), Ok(Received::New(_))));
        }
        rounds += 1;
    }
    assert!(rounds > 4);
    assert_eq!(hers.missing(&Have::default(), 0).len(), 1, "at least one");
    assert_eq!(his.have(), hers.have());
    assert_eq!(hers.have().count(), hers.ops().count() as u64);
}

/// Cheap for data: membership is not resolved again, and nothing is gone over twice.
#[test]
fn ten_thousand_tasks_are_received_one_by_one() {
    let (alice, _, mut hers, mut his) = alice_and_bob(Role::Editor);
    for n in 0..10_000_u32 {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&n.to_be_bytes());
        let act = Act::TaskAdded {
            task: TaskId::from_bytes(id),
            title: format!("Task {n}"),
            place: hers.last_place(),
        };
        let op = hers.write(&alice, act, at(u64::from(n))).unwrap();
        his.receive(op).unwrap();
    }
    assert_eq!(his.tasks().len(), 10_000);
    let loaded = Party::load(his.ops().cloned()).unwrap();
    assert_eq!(loaded.have(), hers.have());
}
