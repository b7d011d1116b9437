use crate::party::fixture::*;
use crate::party::{Act, Role};

/// A member who signs many ops for one place makes as many heads, more than an op can name.
#[test]
fn a_crowd_of_heads_does_not_keep_a_new_member_from_writing() {
    let (alice, mallory, bob) = (person(1), person(3), person(2));
    let mut hers = founded(&alice);
    let admitted = hers.write(&alice, admits(&mallory, Role::Reader), at(1)).unwrap();
    for n in 0..60 {
        let act = Act::Named {
            name: format!("Mallory {n}"),
        };
        let op = forge(&hers, (&mallory, &mallory.device), (0, vec![admitted.id()]), at(2), act);
        hers.receive(op).unwrap();
    }
    hers.write(&alice, admits(&bob, Role::Editor), at(3)).unwrap();
    let mut his = hers.clone();
    his.write(&bob, Act::Named { name: "Bob".to_owned() }, at(4)).unwrap();
    his.write(&bob, adds(1, "Buy tea"), at(5)).unwrap();
    sync(&his, &mut hers);
    assert_eq!(titles(&hers), ["Buy tea"]);
    let member = hers.membership().member(bob.identity.id()).unwrap();
    assert_eq!(member.name.as_deref(), Some("Bob"));
}
