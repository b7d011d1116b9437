//! What bounds a log, and what does not (LOG.md): all keep the same, whatever the order in which it came.

use super::*;

/// So many ops of Bob's for the first place of his chain, each upon a past that has none of the others.
fn side_by_side(party: &Party, bob: &Keys, count: u64) -> Vec<Op> {
    let head = party.membership_closure().last().unwrap().id();
    let act = |n: u64| match n % 2 {
        0 => Act::Named {
            name: format!("Bob {n}"),
        },
        _ => Act::Unknown {
            kind: 15,
            raw: vec![0x80],
        },
    };
    let minutes = 2..2 + count;
    minutes
        .map(|n| forge(party, (bob, &bob.device), (0, vec![head]), at(n), act(n)))
        .collect()
}

#[test]
fn any_number_of_ops_for_one_place_is_kept_by_all_in_whatever_order() {
    let (_, bob, mut hers, mut his) = alice_and_bob(Role::Reader);
    let ops = side_by_side(&hers, &bob, 100);
    let before = hers.membership().members().to_vec();
    for (one, other) in ops.iter().zip(ops.iter().rev()) {
        assert!(matches!(hers.receive(one.clone()), Ok(Received::New(_))));
        assert!(matches!(his.receive(other.clone()), Ok(Received::New(_))));
    }
    assert_eq!((hers.have(), hers.membership()), (his.have(), his.membership()));
    assert_eq!(hers.membership().forked(), [bob.device.id()]);
    assert_eq!(hers.membership().members(), before, "none of them counts");
}

#[test]
fn who_is_removed_adds_only_what_lacks_the_removal() {
    let (alice, bob, mut hers, _) = alice_and_bob(Role::Reader);
    let lacks_it = side_by_side(&hers, &bob, 2);
    let removal = hers.write(&alice, removes(&bob), at(2)).unwrap();
    let named = || Act::Named { name: "Bob".to_owned() };
    let has_it = forge(&hers, (&bob, &bob.device), (0, vec![removal.id()]), at(3), named());
    assert_eq!(hers.receive(has_it), Err(ReceiveError::NotAllowed));
    for op in lacks_it {
        assert_eq!(hers.receive(op.clone()), Ok(Received::New(vec![op])));
    }
    assert_eq!(role_of(&hers, &bob), None);
}

#[test]
fn a_name_that_is_none_is_refused() {
    let (_, bob, mut party, _) = alice_and_bob(Role::Admin);
    let head = party.membership_closure().last().unwrap().id();
    for name in ["x".repeat(65), " Bob".to_owned(), String::new()] {
        for act in [
            Act::Named { name: name.clone() },
            Act::Renamed { name: name.clone() },
            Act::DeviceNamed {
                device: bob.device.id(),
                name: name.clone(),
            },
        ] {
            let op = forge(&party, (&bob, &bob.device), (0, vec![head]), at(2), act);
            assert_eq!(party.receive(op), Err(ReceiveError::NotAllowed));
        }
    }
}
