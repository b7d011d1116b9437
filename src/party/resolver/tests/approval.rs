//! Who asks to come in, and what an administrator decides.

use super::*;
use crate::party::{Answer, JoinRequestId, WriteError};

/// An invitation of the numbers 4 to 6, by which an administrator lets people in.
pub(super) fn approves_by(n: u8, max_uses: u32) -> Act {
    let mut act = delegates(n, Role::Editor, max_uses);
    if let Act::InvitationDelegated { method, .. } = &mut act {
        *method = 3;
    }
    act
}

pub(super) fn asks(tag: PartyTag, n: u8, who: &Keys) -> Act {
    let invitation_id = invitation_bytes(n);
    Act::JoinRequested {
        member: who.identity.id(),
        device: who.device.id(),
        endpoint: who.endpoint.id(),
        certificate: who.certificate.signature,
        invitation: invitation_id,
        evidence: invitation(n).sign(&evidence_text(tag, &invitation_id, &who.certificate)),
        name: "Somebody".to_owned(),
    }
}

pub(super) fn approves(tag: PartyTag, n: u8, who: &Keys) -> Act {
    let mut act = admits_by_link(tag, n, who, Role::Editor);
    if let Act::MemberAdmitted { how, .. } = &mut act {
        *how = How::Approved;
    }
    act
}

pub(super) fn denies(n: u8, who: &Keys) -> Act {
    Act::RequestDenied {
        invitation: invitation_bytes(n),
        member: who.identity.id(),
    }
}

/// Alice's party with Bob as an administrator, and an invitation of hers that needs approval.
fn with_approval() -> (Keys, Keys, Party) {
    let (alice, bob) = (person(1), person(2));
    let mut party = founded(&alice);
    party.write(&alice, admits(&bob, Role::Admin), at(1)).unwrap();
    party.write(&alice, approves_by(4, 2), at(1)).unwrap();
    (alice, bob, party)
}

#[test]
fn a_denial_beats_an_approval_at_the_same_time_and_is_final() {
    let (alice, bob, mut hers) = with_approval();
    let (tag, carol) = (hers.id().tag(), person(3));
    hers.write(&bob, asks(tag, 4, &carol), at(2)).unwrap();
    let mut his = hers.clone();
    hers.write(&alice, denies(4, &carol), at(3)).unwrap();
    his.write(&bob, approves(tag, 4, &carol), at(3)).unwrap();
    assert_eq!(his.membership().members().len(), 3);
    sync(&hers, &mut his);
    sync(&his, &mut hers);
    for party in [&mut hers, &mut his] {
        assert_eq!(party.membership().members().len(), 2);
        assert_eq!(
            party.answer_to(&invitation_bytes(4), carol.identity.id()),
            Answer::Denied
        );
        for act in [approves(tag, 4, &carol), asks(tag, 4, &carol), denies(4, &carol)] {
            assert!(party.write(&alice, act, at(4)).is_err(), "it has been decided");
        }
    }
    let dave = person(4);
    hers.write(&bob, asks(tag, 4, &dave), at(5)).unwrap();
    hers.write(&bob, approves(tag, 4, &dave), at(5)).unwrap();
    assert!(
        hers.membership().member(dave.identity.id()).is_some(),
        "another person is another question"
    );
}

#[test]
fn a_request_waits_until_somebody_decides_or_the_invitation_ends() {
    let (alice, bob, mut party) = with_approval();
    let (tag, id, now) = (party.id().tag(), invitation_bytes(4), at(3));
    let (carol, dave, erin) = (person(3), person(4), person(5));
    for (who, minute) in [(&dave, 2), (&carol, 1)] {
        party.write(&bob, asks(tag, 4, who), at(minute)).unwrap();
    }
    let nobody: [IdentityId; 0] = [];
    let waiting = |party: &Party, now| -> Vec<IdentityId> {
        let requests = party.waiting_requests(now);
        requests.iter().map(|request| request.member).collect()
    };
    assert_eq!(waiting(&party, now), [carol.identity.id(), dave.identity.id()]);
    assert_eq!(waiting(&party, at(60 * 24 + 11)), nobody, "it is over");
    assert_eq!(party.asked_from(&id, carol.endpoint.id()), Some(carol.identity.id()));
    let approval = party.approval(JoinRequestId::of(&id, carol.identity.id())).unwrap();
    party.write(&alice, approval, now).unwrap();
    let admitted = party.membership().member(carol.identity.id()).unwrap().admission;
    assert_eq!(party.answer_to(&id, carol.identity.id()), Answer::Admitted(admitted));
    party.write(&alice, removes(&carol), now).unwrap();
    assert_eq!(party.answer_to(&id, carol.identity.id()), Answer::Removed);
    assert_eq!(waiting(&party, now), [dave.identity.id()]);
    let revoked = Act::InvitationRevoked { invitation: id };
    party.write(&alice, revoked, now).unwrap();
    assert!(waiting(&party, now).is_empty());
    assert!(party.write(&bob, asks(tag, 4, &erin), now).is_err());
}

#[test]
fn who_makes_up_people_does_not_fill_the_log() {
    let (_, bob, mut party) = with_approval();
    let tag = party.id().tag();
    assert!(
        party.write(&bob, asks(tag, 0, &person(3)), at(2)).is_err(),
        "not an invitation that needs approval"
    );
    for n in 0..34 {
        party.write(&bob, asks(tag, 4, &person(n + 10)), at(2)).unwrap();
    }
    assert!(party.write(&bob, asks(tag, 4, &person(99)), at(2)).is_err());
    assert!(
        party.write(&bob, asks(tag, 4, &person(10)), at(2)).is_err(),
        "once each"
    );
}

#[test]
fn an_invitation_of_a_removed_or_demoted_administrator_admits_nobody() {
    let (alice, bob, erin) = (person(1), person(2), person(5));
    let mut start = founded(&alice);
    start.write(&alice, admits(&bob, Role::Admin), at(1)).unwrap();
    start.write(&alice, admits(&erin, Role::Editor), at(1)).unwrap();
    start.write(&bob, delegates(0, Role::Editor, 2), at(1)).unwrap();
    start.write(&bob, approves_by(4, 2), at(1)).unwrap();
    let (tag, carol, dave) = (start.id().tag(), person(3), person(4));
    start.write(&erin, asks(tag, 4, &carol), at(2)).unwrap();
    for ends in [removes(&bob), makes(&bob, Role::Editor)] {
        let mut party = start.clone();
        party.write(&alice, ends, at(3)).unwrap();
        for (who, act) in [
            (&erin, admits_by_link(tag, 0, &carol, Role::Editor)),
            (&alice, approves(tag, 4, &carol)),
            (&erin, asks(tag, 4, &dave)),
        ] {
            assert_eq!(party.write(who, act, at(4)).err(), Some(WriteError::InvitationClosed));
        }
        for n in [0, 4] {
            assert!(!party.delegated(&invitation_bytes(n)).unwrap().works_at(at(4)));
        }
        assert!(party.waiting_requests(at(4)).is_empty());
    }
}

#[test]
fn an_invitation_has_bounds() {
    let alice = person(1);
    let mut party = founded(&alice);
    let mut bounded = |n, max_uses, days: u64| {
        let Act::InvitationDelegated {
            key,
            role,
            method,
            bind,
            min_admitter_role,
            ..
        } = delegates(n, Role::Editor, 1)
        else {
            panic!()
        };
        let act = Act::InvitationDelegated {
            key,
            role,
            max_uses,
            not_after: at(1 + days * 24 * 60).as_millis(),
            method,
            bind,
            min_admitter_role,
        };
        party.write(&alice, act, at(1)).map(drop)
    };
    assert_eq!(bounded(0, 1000, 31), Ok(()));
    assert_eq!(bounded(1, 1001, 31), Err(WriteError::NotAllowed));
    assert_eq!(bounded(1, 1000, 32), Err(WriteError::NotAllowed));
}
