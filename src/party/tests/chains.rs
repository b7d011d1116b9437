//! A device writes one chain: forks and gaps.

use super::*;

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
