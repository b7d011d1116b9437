//! Admissions: which one is believed, and what it rests on.

use super::*;

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
    let by_pin = |role| admits_by(&carol, role, ([8; 16], How::Pin, [9; 64]));
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
