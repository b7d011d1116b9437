use super::fixture::*;
use super::*;
use crate::identity::{DeviceKey, EndpointKey, Keys};

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
fn an_admission_is_believed_only_if_it_is_the_promised_one() {
    let (alice, bob, party, _) = alice_and_bob(Role::Editor);
    let ops: Vec<Vec<u8>> = party
        .membership_closure()
        .iter()
        .map(|op| op.bytes().to_vec())
        .collect();
    let good = AdmissionExpectation {
        tag: Some(party.id().tag()),
        admitter: alice.endpoint.id(),
        identity: bob.identity.id(),
        device: bob.device.id(),
        role: Role::Editor,
    };
    let (joined, stored) = Party::from_admission(&ops, &good).unwrap();
    assert_eq!(joined.membership(), party.membership());
    assert_eq!(stored.len(), ops.len());
    let unnamed = AdmissionExpectation { tag: None, ..good };
    assert!(
        Party::from_admission(&ops, &unnamed).is_ok(),
        "nearby no party is promised"
    );

    let carol = person(3);
    let refused = |expect, ops: &[Vec<u8>]| Party::from_admission(ops, &expect).unwrap_err();
    let tag = Some(PartyTag::from_bytes([0; 16]));
    assert_eq!(
        refused(AdmissionExpectation { tag, ..good }, &ops),
        AdmissionError::WrongParty
    );
    let not_in = AdmissionError::NotAdmitted;
    assert_eq!(
        refused(
            AdmissionExpectation {
                identity: carol.identity.id(),
                ..good
            },
            &ops
        ),
        not_in
    );
    assert_eq!(
        refused(
            AdmissionExpectation {
                device: carol.device.id(),
                ..good
            },
            &ops
        ),
        not_in
    );
    let stranger = AdmissionExpectation {
        admitter: carol.endpoint.id(),
        ..good
    };
    assert_eq!(refused(stranger, &ops), AdmissionError::AdmitterNotAllowed);
    let oneself = AdmissionExpectation {
        admitter: bob.endpoint.id(),
        ..good
    };
    assert_eq!(refused(oneself, &ops), AdmissionError::AdmitterNotAllowed);
    assert_eq!(
        refused(
            AdmissionExpectation {
                role: Role::Admin,
                ..good
            },
            &ops
        ),
        AdmissionError::WrongRole
    );
    assert_eq!(refused(good, &ops[..2]), not_in);
    assert_eq!(refused(good, &ops[1..]), AdmissionError::Party(LoadError::NoGenesis));
    let cut = [ops[0].clone(), ops[2].clone()];
    assert_eq!(refused(good, &cut), AdmissionError::Party(LoadError::Incomplete));
    let mut bent = ops;
    bent[1][9] ^= 1;
    assert!(matches!(refused(good, &bent), AdmissionError::Op(_)));
}

#[test]
fn an_admission_by_pin_rests_on_the_admitter_and_keeps_its_evidence() {
    let (alice, bob, mut party, _) = alice_and_bob(Role::Editor);
    let carol = person(3);
    let by_pin = |role| {
        let Act::MemberAdmitted {
            member,
            device,
            endpoint,
            certificate,
            ..
        } = admits(&carol, role)
        else {
            panic!()
        };
        let (invitation, how, evidence) = ([8; 16], How::Pin, [9; 64]);
        Act::MemberAdmitted {
            member,
            role,
            device,
            endpoint,
            certificate,
            invitation,
            how,
            evidence,
        }
    };
    assert_eq!(
        party.write(&bob, by_pin(Role::Reader), at(2)),
        Err(WriteError::NotAllowed)
    );
    let op = party.write(&alice, by_pin(Role::Admin), at(2)).unwrap();
    let member = party.membership().member(carol.identity.id()).unwrap();
    assert_eq!(
        (member.role, member.invitation, member.admission),
        (Role::Admin, Some([8; 16]), op.id())
    );
    assert_eq!((member.admitted_by, member.since), (Some(alice.identity.id()), at(2)));
    assert!(
        matches!(Op::open(op.bytes()).unwrap().act(), Act::MemberAdmitted { evidence, .. } if *evidence == [9; 64])
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
    let Act::MemberAdmitted {
        member,
        role,
        device,
        endpoint,
        invitation,
        how,
        evidence,
        ..
    } = admits(&carol, Role::Editor)
    else {
        panic!()
    };
    let certificate = bob.certificate.signature;
    let act = Act::MemberAdmitted {
        member,
        role,
        device,
        endpoint,
        certificate,
        invitation,
        how,
        evidence,
    };
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
fn a_removal_cancels_what_the_removed_did_at_the_same_time() {
    let (alice, bob, mut hers, mut his) = alice_and_bob(Role::Admin);
    let carol = person(3);
    his.write(&bob, admits(&carol, Role::Editor), at(2)).unwrap();
    his.write(&carol, adds(1, "Read"), at(2)).unwrap();
    hers.write(&alice, removes(&bob), at(3)).unwrap();
    meet(&mut hers, &mut his);
    assert_eq!((role_of(&hers, &bob), role_of(&hers, &carol)), (None, None));
    assert_eq!(titles(&hers), [""; 0], "who was not admitted did not write");
    assert_eq!(hers.membership().by_endpoint(bob.endpoint.id()), None);
}

#[test]
fn what_a_member_wrote_before_a_removal_stays_and_what_comes_later_goes() {
    let (alice, bob, mut hers, mut his) = alice_and_bob(Role::Editor);
    his.write(&bob, adds(1, "Before"), at(2)).unwrap();
    meet(&mut hers, &mut his);
    hers.write(&alice, removes(&bob), at(3)).unwrap();
    his.write(&bob, adds(2, "After"), at(4)).unwrap();
    assert_eq!(titles(&his), ["Before", "After"]);
    meet(&mut hers, &mut his);
    assert_eq!(titles(&hers), ["Before"]);
    assert_eq!(his.write(&bob, adds(3, "Later"), at(5)), Err(WriteError::NotAMember));
    hers.write(&alice, admits(&bob, Role::Editor), at(6)).unwrap();
    meet(&mut hers, &mut his);
    his.write(&bob, adds(3, "Back"), at(7)).unwrap();
    meet(&mut hers, &mut his);
    assert_eq!(titles(&hers), ["Before", "Back"]);
}

#[test]
fn of_two_admins_who_remove_each_other_the_senior_stays() {
    let (alice, bob, mut hers, _) = alice_and_bob(Role::Admin);
    let carol = person(3);
    hers.write(&alice, admits(&carol, Role::Admin), at(2)).unwrap();
    let (mut bobs, mut carols) = (hers.clone(), hers.clone());
    bobs.write(&bob, removes(&carol), at(3)).unwrap();
    // Upwards is not even authorised, so her op has to be forged; and nobody keeps it.
    assert_eq!(carols.write(&carol, removes(&bob), at(3)), Err(WriteError::NotAllowed));
    let head = carols.membership_closure().last().unwrap().id();
    let up = forge(&carols, (&carol, &carol.device), (0, vec![head]), at(3), removes(&bob));
    assert_eq!(carols.receive(up), Err(ReceiveError::NotAllowed));
    meet(&mut bobs, &mut carols);
    assert_eq!(
        (role_of(&bobs, &bob), role_of(&bobs, &carol)),
        (Some(Role::Admin), None)
    );
}

#[test]
fn of_two_owners_who_leave_at_once_one_stays() {
    let (alice, bob, mut hers, mut his) = alice_and_bob(Role::Owner);
    hers.write(&alice, removes(&alice), at(2)).unwrap();
    his.write(&bob, removes(&bob), at(2)).unwrap();
    assert_eq!(role_of(&hers, &alice), None);
    meet(&mut hers, &mut his);
    assert_eq!(hers.membership().members().len(), 1);
    assert_eq!(hers.membership().members()[0].role, Role::Owner);
}

#[test]
fn a_demotion_to_reader_stops_later_writing() {
    let (alice, bob, mut hers, mut his) = alice_and_bob(Role::Editor);
    his.write(&bob, adds(1, "Before"), at(2)).unwrap();
    meet(&mut hers, &mut his);
    hers.write(&alice, makes(&bob, Role::Reader), at(3)).unwrap();
    his.write(&bob, adds(2, "After"), at(4)).unwrap();
    meet(&mut hers, &mut his);
    assert_eq!(titles(&his), ["Before"]);
    assert_eq!(his.write(&bob, adds(3, "Later"), at(5)), Err(WriteError::NotAllowed));
}

#[test]
fn a_device_that_wrote_twice_for_one_place_is_flagged_and_both_branches_are_kept() {
    let (alice, bob, mut hers, mut his) = alice_and_bob(Role::Admin);
    his.write(
        &bob,
        Act::Renamed {
            name: "Chess".to_owned(),
        },
        at(2),
    )
    .unwrap();
    meet(&mut hers, &mut his);
    let mut copy = his.clone();
    his.write(&bob, admits(&person(3), Role::Editor), at(3)).unwrap();
    copy.write(&bob, admits(&person(4), Role::Editor), at(3)).unwrap();
    sync(&his, &mut hers);
    assert!(hers.membership().forked().is_empty());
    meet(&mut hers, &mut copy);
    meet(&mut hers, &mut his);
    assert_eq!(hers.membership().forked(), [bob.device.id()]);
    assert_eq!(hers.membership().members().len(), 2, "neither branch counts");
    assert_eq!(hers.name(), "Chess", "what came before does");
    assert_eq!(
        his.write(&bob, Act::Renamed { name: "X".to_owned() }, at(4)),
        Err(WriteError::Forked)
    );
    hers.write(&alice, removes(&bob), at(5)).unwrap();
    hers.write(&alice, adds(1, "Read"), at(5)).unwrap();
    meet(&mut hers, &mut his);
}

#[test]
fn a_forked_data_chain_has_no_effect_from_that_place_on() {
    let (_, bob, mut hers, mut his) = alice_and_bob(Role::Editor);
    his.write(&bob, adds(1, "Common"), at(2)).unwrap();
    let mut copy = his.clone();
    his.write(&bob, adds(2, "One"), at(3)).unwrap();
    his.write(&bob, adds(3, "Two"), at(3)).unwrap();
    copy.write(&bob, adds(4, "Other"), at(3)).unwrap();
    sync(&his, &mut hers);
    assert_eq!(titles(&hers), ["Common", "One", "Two"]);
    meet(&mut hers, &mut copy);
    meet(&mut hers, &mut his);
    assert_eq!(titles(&hers), ["Common"]);
    assert_eq!(hers.membership().forked(), [bob.device.id()]);
}

#[test]
fn a_gap_in_a_chain_and_data_in_a_membership_past_are_refused() {
    let (alice, _, mut party, _) = alice_and_bob(Role::Editor);
    let data = party.write(&alice, adds(1, "Read"), at(2)).unwrap();
    let head = party.membership_closure().last().unwrap().id();
    let named = || Act::Named { name: "A".to_owned() };
    let mut refused = |seq, deps, act| {
        let op = forge(&party.clone(), (&alice, &alice.device), (seq, deps), at(3), act);
        assert_eq!(party.receive(op), Err(ReceiveError::Chain));
    };
    refused(4, vec![head], named());
    refused(2, vec![head], named());
    refused(3, vec![data.id()], named());
    refused(3, vec![data.id(), head], named());
    refused(0, Vec::new(), named());
    refused(2, vec![data.id(), head], adds(2, "X"));
    refused(1, vec![head], adds(2, "X"));
}

#[test]
fn a_member_may_have_several_devices_and_lose_one() {
    let (alice, bob, mut hers, _) = alice_and_bob(Role::Editor);
    let from_phone = Keys {
        device: DeviceKey::from_seed(&[77; 32]),
        ..person(2)
    };
    let (phone, endpoint) = (from_phone.device.id(), EndpointKey::from_seed(&[78; 32]).id());
    let added = |by: &Keys| {
        let certificate = crate::identity::Certificate::issue(by.identity.key().unwrap(), phone, endpoint).signature;
        Act::DeviceAdded {
            device: phone,
            endpoint,
            signer: *by.identity.id().as_bytes(),
            certificate,
        }
    };
    hers.write(&bob, added(&bob), at(2)).unwrap();
    assert_eq!(hers.write(&alice, added(&alice), at(2)), Err(WriteError::AlreadyMember));
    assert_eq!(
        hers.membership().by_endpoint(endpoint).map(|member| member.identity),
        Some(bob.identity.id())
    );
    let mut phones = hers.clone();
    phones.write(&from_phone, adds(1, "Before"), at(3)).unwrap();
    meet(&mut hers, &mut phones);
    hers.write(
        &bob,
        Act::DeviceRemoved {
            device: phone,
            known: KnownData::default(),
        },
        at(4),
    )
    .unwrap();
    phones.write(&from_phone, adds(2, "Stolen"), at(5)).unwrap();
    meet(&mut hers, &mut phones);
    assert_eq!(titles(&hers), ["Before"]);
    assert_eq!(hers.membership().by_endpoint(endpoint), None);
    assert_eq!(
        hers.write(&bob, added(&bob), at(6)),
        Err(WriteError::ProofInvalid),
        "it does not come back"
    );
    let last = Act::DeviceRemoved {
        device: bob.device.id(),
        known: KnownData::default(),
    };
    assert_eq!(hers.write(&bob, last, at(6)), Err(WriteError::NotAllowed));
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
