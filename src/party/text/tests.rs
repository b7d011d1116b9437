mod naive;

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

use super::*;
use naive::Naive;

/// An op that edits the text.
#[derive(Clone)]
struct Op {
    id: OpId,
    edits: Edits,
}

/// Somebody's copy, and what a window would show that only follows its changes.
#[derive(Clone, Default)]
struct Replica {
    text: Text,
    shown: String,
}

impl Replica {
    fn take(&mut self, op: &Op, effect: Effect) {
        let length = self.text.len();
        let splices = self.text.apply(op.id, &op.edits, effect);
        self.shown = change(length, &splices).apply(&self.shown).unwrap();
        assert_eq!(
            self.shown,
            self.text.as_string(),
            "who follows the changes sees the same"
        );
        assert_eq!(self.text.len(), self.shown.chars().count());
    }

    /// Makes a change of one's own.
    fn write(&mut self, id: OpId, change: &OperationSeq) -> Op {
        let edits = self.text.edits(change).unwrap();
        let expected = change.apply(&self.text.as_string()).unwrap();
        let op = Op { id, edits };
        self.take(&op, Effect::Stands);
        assert_eq!(self.shown, expected, "who writes sees what was written");
        op
    }
}

fn id(n: u64) -> OpId {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    OpId::from_bytes(bytes)
}

fn random_id(rng: &mut StdRng) -> OpId {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    OpId::from_bytes(bytes)
}

fn first(op: OpId, offset: u32) -> Element {
    Element { op, offset }
}

fn insert(parent: Option<Element>, side: Side, text: &str) -> Edit {
    let text = text.to_owned();
    Edit::Insert { parent, side, text }
}

fn delete(first: Element, count: u32) -> Edit {
    Edit::Delete { first, count }
}

/// A text that has taken these in, in this order.
fn text(ops: &[(OpId, Vec<Edit>)]) -> String {
    let mut replica = Replica::default();
    for (id, edits) in ops {
        let (id, edits) = (*id, Edits(edits.clone()));
        replica.take(&Op { id, edits }, Effect::Stands);
    }
    replica.shown
}

/// Characters written and deleted at one to three places.
fn random_change(length: usize, rng: &mut StdRng) -> OperationSeq {
    let mut change = OperationSeq::default();
    let mut left = length;
    for _ in 0..rng.random_range(1..=3) {
        let skip = rng.random_range(0..=left);
        change.retain(skip as u64);
        left -= skip;
        if rng.random_bool(0.7) {
            let letters = rng.random_range(1..6);
            let written: String = (0..letters).map(|_| rng.random_range('a'..='z')).collect();
            change.insert(&written);
        } else {
            let gone = rng.random_range(0..=left.min(6));
            change.delete(gone as u64);
            left -= gone;
        }
    }
    change.retain(left as u64);
    change
}

fn typed(length: usize, at: usize, text: &str) -> OperationSeq {
    let mut change = OperationSeq::default();
    change.retain(at as u64);
    change.insert(text);
    change.retain((length - at) as u64);
    change
}

#[test]
fn whoever_has_the_same_ops_has_the_same_text_whatever_the_order() {
    for seed in 0..60 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut replicas = vec![Replica::default(); 4];
        let mut wires: Vec<Vec<Op>> = vec![Vec::new(); 4];
        let mut ops = Vec::new();
        for _ in 0..60 {
            let by = rng.random_range(0..4);
            let change = random_change(replicas[by].text.len(), &mut rng);
            let op = replicas[by].write(random_id(&mut rng), &change);
            for wire in wires.iter_mut().enumerate().filter(|(to, _)| *to != by) {
                wire.1.push(op.clone());
            }
            ops.push(op);
            for (to, wire) in wires.iter_mut().enumerate() {
                // Any of those under way may come first, even before what it hangs on.
                while !wire.is_empty() && rng.random_bool(0.4) {
                    let op = wire.swap_remove(rng.random_range(0..wire.len()));
                    replicas[to].take(&op, Effect::Stands);
                }
            }
        }
        for (replica, wire) in replicas.iter_mut().zip(&mut wires) {
            wire.shuffle(&mut rng);
            wire.iter().for_each(|op| replica.take(op, Effect::Stands));
        }
        let whole = Naive::of(&ops, |_| Effect::Stands);
        for replica in &replicas {
            assert_eq!(replica.shown, whole, "seed {seed}");
        }
        without_some_it_is_the_same_everywhere(&ops, &mut rng, seed);
    }
}

/// Some of the ops lose their effect: everybody who puts the text together anew sees the same, and it comes back with them.
fn without_some_it_is_the_same_everywhere(ops: &[Op], rng: &mut StdRng, seed: u64) {
    let cancelled: Vec<OpId> = ops.iter().map(|op| op.id).filter(|_| rng.random_bool(0.3)).collect();
    let effect = |id| {
        if cancelled.contains(&id) {
            Effect::Cancelled
        } else {
            Effect::Stands
        }
    };
    let expected = Naive::of(ops, effect);
    let mut order = ops.to_vec();
    for _ in 0..3 {
        order.shuffle(rng);
        let mut replica = Replica::default();
        order.iter().for_each(|op| replica.take(op, effect(op.id)));
        assert_eq!(replica.shown, expected, "seed {seed}");
    }
}

#[test]
fn a_cursor_stays_at_its_character() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut replica = Replica::default();
    for _ in 0..80 {
        let change = random_change(replica.text.len(), &mut rng);
        replica.write(random_id(&mut rng), &change);
        assert_eq!(replica.text.element_before(0), None);
        for at in 1..=replica.text.len() {
            let element = replica.text.element_before(at).unwrap();
            assert_eq!(replica.text.position_after(element), Some(at));
        }
    }
    let mut replica = Replica::default();
    replica.write(id(1), &typed(0, 0, "abcd"));
    let cursor = replica.text.element_before(3).unwrap();
    replica.take(
        &Op {
            id: id(2),
            edits: Edits(vec![delete(first(id(1), 1), 3)]),
        },
        Effect::Stands,
    );
    assert_eq!(
        replica.text.position_after(cursor),
        Some(1),
        "its character is gone, what stood before it is not"
    );
    assert_eq!(replica.text.position_after(first(id(1), 4)), None);
    assert_eq!(replica.text.position_after(first(id(9), 0)), None);
}

#[test]
fn what_two_people_type_at_one_place_at_once_is_not_mixed() {
    for seed in 0..40 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut base = Replica::default();
        base.write(random_id(&mut rng), &typed(0, 0, "[]"));
        let (mut hers, mut his) = (base.clone(), base);
        let mut type_one = |replica: &mut Replica, at: usize, letter: char| {
            let change = typed(replica.text.len(), at, &letter.to_string());
            replica.write(random_id(&mut rng), &change)
        };
        // She types forwards; he types from the last letter to the first.
        let her_ops: Vec<Op> = ('a'..='h')
            .enumerate()
            .map(|(n, letter)| type_one(&mut hers, 1 + n, letter))
            .collect();
        let his_ops: Vec<Op> = ('p'..='w').rev().map(|letter| type_one(&mut his, 1, letter)).collect();
        his_ops.iter().for_each(|op| hers.take(op, Effect::Stands));
        her_ops.iter().rev().for_each(|op| his.take(op, Effect::Stands));
        assert_eq!(hers.shown, his.shown);
        assert!(
            hers.shown == "[abcdefghpqrstuvw]" || hers.shown == "[pqrstuvwabcdefgh]",
            "{}",
            hers.shown
        );
    }
}

#[test]
fn what_stood_on_a_cancelled_edit_stays() {
    let write = Op {
        id: id(1),
        edits: Edits(vec![insert(None, Side::After, "Hello")]),
    };
    let upon = Op {
        id: id(2),
        edits: Edits(vec![insert(Some(first(id(1), 4)), Side::After, " world")]),
    };
    let gone = Op {
        id: id(3),
        edits: Edits(vec![delete(first(id(2), 0), 3)]),
    };
    let of = |cancelled: OpId| {
        let mut replica = Replica::default();
        for op in [&gone, &upon, &write] {
            let effect = if op.id == cancelled {
                Effect::Cancelled
            } else {
                Effect::Stands
            };
            replica.take(op, effect);
        }
        replica.shown
    };
    assert_eq!(of(id(9)), "Hellorld");
    assert_eq!(of(id(1)), "rld");
    assert_eq!(of(id(2)), "Hello");
    assert_eq!(of(id(3)), "Hello world");
}

#[test]
fn an_edit_waits_for_the_character_that_it_names() {
    let (a, b, c) = (
        (id(1), vec![insert(None, Side::After, "abc")]),
        (id(2), vec![insert(Some(first(id(1), 1)), Side::After, "x")]),
        (
            id(3),
            vec![
                delete(first(id(2), 0), 1),
                delete(first(id(1), 0), 1),
                insert(Some(first(id(2), 0)), Side::Before, "y"),
            ],
        ),
    );
    assert_eq!(text(&[c.clone()]), "");
    assert_eq!(text(&[c.clone(), b.clone()]), "");
    for order in [[&a, &b, &c], [&c, &b, &a], [&b, &c, &a], [&c, &a, &b]] {
        assert_eq!(text(&order.map(Clone::clone)), "bcy");
    }
}

#[test]
fn what_names_nothing_changes_nothing() {
    let there = (id(1), vec![insert(None, Side::After, "abc")]);
    for edit in [
        insert(Some(first(id(1), 3)), Side::After, "x"),
        insert(Some(first(id(1), u32::MAX)), Side::Before, "x"),
        insert(Some(first(id(7), 0)), Side::After, "x"),
        insert(None, Side::Before, "x"),
        delete(first(id(1), 3), u32::MAX),
        delete(first(id(1), u32::MAX), u32::MAX),
        delete(first(id(7), 0), 1),
    ] {
        let odd = (id(2), vec![edit.clone()]);
        assert_eq!(text(&[there.clone(), odd.clone()]), "abc", "{edit:?}");
        assert_eq!(text(&[odd.clone(), there.clone()]), "abc", "{edit:?}");
        let upon = (
            id(3),
            vec![
                insert(Some(first(id(2), 0)), Side::After, "z"),
                delete(first(id(2), 0), 9),
            ],
        );
        assert_eq!(text(&[upon, odd, there.clone()]), "abc", "{edit:?}");
    }
    let all = (id(2), vec![delete(first(id(1), 1), u32::MAX)]);
    assert_eq!(text(&[there.clone(), all.clone()]), "a", "as many as there are");
    assert_eq!(text(&[all, there]), "a");
}

#[test]
fn a_chain_of_a_hundred_thousand_single_characters_is_a_text() {
    const LONG: u64 = 100_000;
    for side in [Side::After, Side::Before] {
        let mut text = Text::default();
        text.apply(id(0), &Edits(vec![insert(None, Side::After, "a")]), Effect::Stands);
        for n in 1..LONG {
            let edits = Edits(vec![insert(Some(first(id(n - 1), 0)), side, "b")]);
            text.apply(id(n), &edits, Effect::Stands);
        }
        assert_eq!(text.len(), LONG as usize);
        let beside = Edits(vec![insert(Some(first(id(0), 0)), side, "c")]);
        text.apply(id(LONG), &beside, Effect::Stands);
        assert_eq!(text.as_string().matches('c').count(), 1);
    }
    // The other way round: all of it waits for its first character.
    let mut text = Text::default();
    for n in (1..LONG).rev() {
        let edits = Edits(vec![insert(Some(first(id(n - 1), 0)), Side::After, "b")]);
        text.apply(id(n), &edits, Effect::Stands);
    }
    assert!(text.is_empty());
    text.apply(id(0), &Edits(vec![insert(None, Side::After, "a")]), Effect::Stands);
    assert_eq!(text.len(), LONG as usize);
}

#[test]
fn a_long_paste_becomes_parts_that_add_up_to_it() {
    for seed in 0..40 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut replica = Replica::default();
        for _ in 0..40 {
            let change = random_change(replica.text.len(), &mut rng);
            replica.write(random_id(&mut rng), &change);
        }
        let length = replica.text.len();
        let (from, to) = (length / 4, length - length / 4);
        let mut change = OperationSeq::default();
        change.retain(from as u64);
        change.insert(&"Ünï".repeat(rng.random_range(0..4000)));
        change.delete((to - from) as u64);
        change.insert("end");
        change.retain((length - to) as u64);
        let expected = change.apply(&replica.shown).unwrap();
        for part in replica.text.parts(&change).unwrap() {
            let op = replica.write(random_id(&mut rng), &part);
            let length = crate::party::cbor::encoded(|to| crate::party::cbor::Field::write(&op.edits, to)).len();
            assert!(length <= 3200, "{length} bytes");
        }
        assert_eq!(replica.shown, expected, "seed {seed}");
        assert_eq!(replica.text.parts(&typed(length + 9999, 0, "x")), None);
    }
}

#[test]
fn a_difference_makes_one_text_of_the_other() {
    for (old, new) in [
        ("", ""),
        ("", "abc"),
        ("abc", ""),
        ("aaa", "aa"),
        ("aa", "aaaa"),
        ("Grüße", "Grüner Gruß"),
        ("same", "same"),
    ] {
        assert_eq!(difference(old, new).apply(old).unwrap(), new);
    }
    assert!(difference("same", "same").is_noop());
}

#[test]
fn nothing_of_a_text_is_printed() {
    let mut replica = Replica::default();
    replica.write(id(1), &typed(0, 0, "Secret plan"));
    assert_eq!(format!("{:?}", replica.text), "Text(11 characters)");
}
