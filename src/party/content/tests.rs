use std::sync::Arc;

use operational_transform::OperationSeq;

use crate::identity::Keys;
use crate::party::fixture::*;
use crate::party::{
    Act, Edit, Edits, FileId, ItemId, MAX_MESSAGE, MessageId, NoteId, Op, OpId, Party, Place, Received, Role, Side,
    Standing, WriteError, own_id,
};
use crate::time::Day;

const NOTE: NoteId = NoteId::from_bytes([1; 16]);
const MESSAGE: MessageId = MessageId::from_bytes([2; 16]);
const NOTHING: MessageId = MessageId::from_bytes([0; 16]);
const FILE: FileId = FileId::from_bytes([3; 16]);

/// Alice's party with Bob and Carol in it, and each one's copy.
fn three(bobs: Role, carols: Role) -> ([Keys; 3], [Party; 3]) {
    let people = [person(1), person(2), person(3)];
    let mut party = founded(&people[0]);
    party.write(&people[0], admits(&people[1], bobs), at(0)).unwrap();
    party.write(&people[0], admits(&people[2], carols), at(0)).unwrap();
    (people, [party.clone(), party.clone(), party])
}

fn says(message: MessageId, text: &str) -> Act {
    let text = text.to_owned();
    Act::MessageSent {
        message,
        text,
        reply_to: NOTHING,
    }
}

fn notes(title: &str) -> Act {
    let title = title.to_owned();
    Act::NoteAdded { note: NOTE, title }
}

fn has(name: &str, byte: u8) -> Act {
    Act::FileAdded {
        file: FILE,
        name: name.to_owned(),
        length: 1,
        content: [byte; 32],
    }
}

/// Writes into the note at a place.
fn types(party: &mut Party, who: &Keys, at_char: usize, text: &str, minute: u64) {
    let length = party.text(NOTE).unwrap().len();
    let mut change = OperationSeq::default();
    change.retain(at_char as u64);
    change.insert(text);
    change.retain((length - at_char) as u64);
    let act = party.edit_note(NOTE, &change).unwrap();
    party.write(who, act, at(minute)).unwrap();
}

fn text(party: &Party) -> String {
    party.text(NOTE).unwrap().as_string()
}

#[test]
fn a_message_is_deleted_by_who_sent_it_or_by_an_admin() {
    let ([alice, bob, carol], [mut party, ..]) = three(Role::Editor, Role::Editor);
    party.write(&bob, says(MESSAGE, "Hello"), at(1)).unwrap();
    let gone = deletes(ItemId::Message(MESSAGE));
    assert_eq!(party.write(&carol, gone.clone(), at(2)), Err(WriteError::NotAllowed));
    let deps = vec![party.ops().last().unwrap().id()];
    let forged = forge(&party, (&carol, &carol.device), (0, deps), at(2), gone.clone());
    assert!(matches!(party.receive(forged), Ok(Received::New(_))));
    assert_eq!(party.messages().len(), 1, "hers does not count");
    for who in [&bob, &alice] {
        party.write(who, gone.clone(), at(3)).unwrap();
        assert!(party.messages().is_empty() && party.message(MESSAGE).is_none());
        assert_eq!(party.deleted().len(), 1);
        party.write(who, restores(ItemId::Message(MESSAGE)), at(4)).unwrap();
        assert_eq!(party.message(MESSAGE).unwrap().text, "Hello");
        assert!(party.deleted().is_empty());
    }
    let history = party.history(ItemId::Message(MESSAGE));
    let standings: Vec<Standing> = history.iter().map(|change| change.standing).collect();
    use Standing::{Cancelled, Current, Replaced};
    assert_eq!(standings, [Current, Cancelled, Replaced, Replaced, Replaced, Current]);
}

#[test]
fn what_is_restored_is_as_others_left_it_meanwhile() {
    let ([alice, bob, _], [mut hers, mut his, _]) = three(Role::Editor, Role::Reader);
    hers.write(&alice, adds(1, "Read"), at(1)).unwrap();
    hers.write(&alice, notes("Plan"), at(1)).unwrap();
    hers.write(&alice, has("a.png", 1), at(1)).unwrap();
    sync(&hers, &mut his);
    let (item, title) = (ItemId::Task(task(1)), "Read more".to_owned());
    for gone in [item, ItemId::Note(NOTE), ItemId::File(FILE)] {
        hers.write(&alice, deletes(gone), at(2)).unwrap();
    }
    assert!(hers.tasks().is_empty() && hers.notes().is_empty() && hers.files().is_empty());
    his.write(&bob, Act::TaskRetitled { task: task(1), title }, at(3))
        .unwrap();
    types(&mut his, &bob, 0, "Step one", 3);
    let name = "b.png".to_owned();
    his.write(&bob, Act::FileRenamed { file: FILE, name }, at(3)).unwrap();
    sync(&his, &mut hers);
    assert_eq!((hers.deleted().len(), hers.contents().len()), (3, 1));
    for back in [item, ItemId::Note(NOTE), ItemId::File(FILE)] {
        hers.write(&alice, restores(back), at(4)).unwrap();
    }
    assert_eq!(titles(&hers), ["Read more"]);
    assert_eq!(
        (hers.note(NOTE).unwrap().excerpt.as_str(), text(&hers).as_str()),
        ("Step one", "Step one")
    );
    assert_eq!(hers.file(FILE).unwrap().name, "b.png");
}

#[test]
fn concurrent_writes_of_a_field_are_all_in_the_history() {
    let ([alice, bob, _], [mut hers, mut his, _]) = three(Role::Editor, Role::Reader);
    hers.write(&alice, adds(1, "Read"), at(1)).unwrap();
    sync(&hers, &mut his);
    let retitled = |title: &str| Act::TaskRetitled {
        task: task(1),
        title: title.to_owned(),
    };
    hers.write(&alice, retitled("Hers"), at(2)).unwrap();
    his.write(&bob, retitled("His"), at(2)).unwrap();
    hers.write(
        &alice,
        Act::TaskDue {
            task: task(1),
            day: 20_000,
        },
        at(3),
    )
    .unwrap();
    sync(&hers, &mut his);
    sync(&his, &mut hers);
    let [task] = &hers.tasks()[..] else { panic!() };
    assert_eq!(task.due, Some(Day(20_000)));
    let history = hers.history(ItemId::Task(task.id));
    assert_eq!(history, his.history(ItemId::Task(task.id)));
    let current = history
        .iter()
        .filter(|change| change.standing == Standing::Current)
        .count();
    assert_eq!((history.len(), current), (4, 2), "the title that stands, and the day");
    assert_eq!(hers.history(ItemId::Note(NOTE)), []);
}

#[test]
fn what_loses_its_effect_leaves_the_text_and_comes_back_with_it() {
    let ([alice, bob, carol], [mut hers, mut his, mut carols]) = three(Role::Admin, Role::Editor);
    hers.write(&alice, notes("Plan"), at(1)).unwrap();
    types(&mut hers, &alice, 0, "ac", 1);
    sync(&hers, &mut his);
    sync(&hers, &mut carols);
    his.write(&bob, removes(&carol), at(2)).unwrap();
    types(&mut carols, &carol, 1, "b", 3);
    types(&mut carols, &carol, 3, "!", 3);
    sync(&carols, &mut hers);
    types(&mut hers, &alice, 2, "?", 4);
    assert_eq!(text(&hers), "ab?c!");
    hers.watch_text(NOTE);
    let mut shown = text(&hers);
    let mut follow = |party: &mut Party| {
        for step in party.take_text_changes() {
            shown = step.change.apply(&shown).unwrap();
        }
        shown.clone()
    };
    let mut removing = hers.clone();
    removing.write(&alice, removes(&bob), at(2)).unwrap();
    sync(&his, &mut hers);
    assert_eq!((text(&hers).as_str(), follow(&mut hers).as_str()), ("a?c", "a?c"));
    let edits = hers.history(ItemId::Note(NOTE));
    assert_eq!(
        edits
            .iter()
            .filter(|change| change.standing == Standing::Cancelled)
            .count(),
        2
    );
    // Alice had removed Bob at the same time, so his removal of Carol never counted.
    sync(&removing, &mut hers);
    assert_eq!((text(&hers).as_str(), follow(&mut hers).as_str()), ("ab?c!", "ab?c!"));
    types(&mut hers, &alice, 0, "> ", 5);
    let changes = hers.take_text_changes();
    assert_eq!((changes.len(), changes[0].by), (1, hers.ops().last().map(Op::id)));
    hers.unwatch_text(NOTE);
    types(&mut hers, &alice, 0, "> ", 6);
    assert!(hers.take_text_changes().is_empty());
    assert_eq!(text(&Party::load(hers.ops().cloned()).unwrap()), text(&hers));
}

#[test]
fn of_two_things_with_one_id_the_first_counts() {
    let ([alice, bob, _], [mut hers, mut his, _]) = three(Role::Editor, Role::Reader);
    his.write(&bob, adds(9, "Later"), at(1)).unwrap();
    hers.write(&alice, has("a.png", 1), at(1)).unwrap();
    hers.write(&alice, says(MESSAGE, "Mine"), at(1)).unwrap();
    his.write(&bob, adds(8, "Later"), at(1)).unwrap();
    his.write(&bob, adds(7, "Later"), at(1)).unwrap();
    his.write(&bob, has("b.png", 2), at(2)).unwrap();
    his.write(&bob, says(MESSAGE, "No, mine"), at(2)).unwrap();
    sync(&hers, &mut his);
    sync(&his, &mut hers);
    for party in [&hers, &his] {
        assert_eq!(party.file(FILE).unwrap().content.0, [1; 32]);
        assert_eq!(party.file(FILE).unwrap().author, alice.identity.id());
        assert_eq!((party.messages().len(), party.messages()[0].text.as_str()), (1, "Mine"));
        let [mine, other] = &party.history(ItemId::Message(MESSAGE))[..] else {
            panic!()
        };
        assert_eq!((mine.standing, other.standing), (Standing::Current, Standing::Replaced));
    }
}

#[test]
fn what_breaks_a_rule_is_kept_without_effect() {
    let alice = person(1);
    let mut party = founded(&alice);
    party.write(&alice, adds(1, "Read"), at(1)).unwrap();
    party.write(&alice, notes("Plan"), at(1)).unwrap();
    let place = |bytes: &[u8]| Place(bytes.to_vec());
    let edits = |edits: Vec<Edit>| Act::NoteEdited {
        note: NOTE,
        edits: Edits(edits),
    };
    let insert = |text: &str| {
        let (parent, side, text) = (None, Side::After, text.to_owned());
        edits(vec![Edit::Insert { parent, side, text }])
    };
    let moved = |bytes: &[u8]| Act::TaskMoved {
        task: task(1),
        place: place(bytes),
    };
    let count = party.ops().count();
    let odd = [
        adds(2, " Untidy "),
        moved(&[]),
        moved(&[1; 4]),
        moved(&[1; 65]),
        moved(&[1, 1, 1, 1, 1, 1, 0]),
        Act::TaskDue {
            task: task(1),
            day: 2_932_897,
        },
        says(MESSAGE, ""),
        says(MESSAGE, " Hello"),
        says(MESSAGE, "Hel\u{202e}lo"),
        says(MESSAGE, "Hel\u{7}lo"),
        says(MESSAGE, &"x".repeat(MAX_MESSAGE + 1)),
        has("", 1),
        has("..", 1),
        has("a/b", 1),
        has("a\\b", 1),
        has("a\0b", 1),
        has(&"x".repeat(256), 1),
        Act::FileAdded {
            file: FILE,
            name: "a".to_owned(),
            length: 1 << 53,
            content: [1; 32],
        },
        edits(Vec::new()),
        insert(""),
        insert("a\0b"),
        insert("a\rb"),
    ];
    let length = odd.len();
    for (seq, act) in (2..).zip(odd) {
        let deps = vec![party.ops().last().unwrap().id()];
        let forged = forge(&party, (&alice, &alice.device), (seq, deps), at(2), act);
        assert!(matches!(party.receive(forged), Ok(Received::New(_))));
    }
    assert_eq!(party.ops().count(), count + length, "kept and passed on");
    assert_eq!(titles(&party), ["Read"]);
    assert_eq!(party.tasks()[0].due, None);
    assert!(party.messages().is_empty() && party.files().is_empty() && text(&party).is_empty());
    types(&mut party, &alice, 0, "tab\t and \u{202b}rtl\u{202c}\n", 3);
    assert_eq!(text(&party), "tab\t and \u{202b}rtl\u{202c}\n");
}

#[test]
fn the_longest_message_and_paste_fit_beside_all_that_an_op_may_name() {
    let alice = person(1);
    let mut party = founded(&alice);
    let people: Vec<Keys> = (2..40).map(person).collect();
    for who in &people {
        party.write(&alice, admits(who, Role::Editor), at(0)).unwrap();
    }
    party.write(&alice, notes("Plan"), at(0)).unwrap();
    let apart: Vec<Party> = people
        .iter()
        .zip(0..)
        .map(|(who, n)| {
            let mut copy = party.clone();
            copy.write(
                who,
                Act::Named {
                    name: format!("Number {n}"),
                },
                at(1),
            )
            .unwrap();
            copy.write(who, adds(n, "Read"), at(1)).unwrap();
            copy
        })
        .collect();
    apart.iter().for_each(|copy| sync(copy, &mut party));
    let op = party
        .prepare(&alice, says(MESSAGE, &"x".repeat(MAX_MESSAGE)), at(2))
        .unwrap();
    assert_eq!(op.deps().len(), 20);
    let mut paste = OperationSeq::default();
    paste.insert(&"ü".repeat(5000));
    for part in party.parts_of(NOTE, &paste).unwrap() {
        let act = party.edit_note(NOTE, &part).unwrap();
        party.prepare(&alice, act.clone(), at(2)).unwrap();
        party.write(&alice, act, at(2)).unwrap();
    }
    assert_eq!(text(&party).chars().count(), 5000);
}

#[test]
fn tasks_are_dragged_to_any_place() {
    let ([alice, ..], [mut party, ..]) = three(Role::Reader, Role::Reader);
    for n in 1..5 {
        let (title, place) = (format!("{n}"), party.last_place());
        party
            .write(
                &alice,
                Act::TaskAdded {
                    task: task(n),
                    title,
                    place,
                },
                at(1),
            )
            .unwrap();
    }
    let mut drag = |moving: u8, after: Option<u8>| {
        let (moving, after) = (task(moving), after.map(task));
        let place = party.place_after(after, Some(moving));
        party
            .write(&alice, Act::TaskMoved { task: moving, place }, at(2))
            .unwrap();
        titles(&party).concat()
    };
    assert_eq!(drag(4, None), "4123");
    assert_eq!(drag(4, Some(1)), "1423");
    assert_eq!(drag(1, Some(3)), "4231");
    assert_eq!(drag(2, Some(2)), "4231", "after itself is where it is");
    assert_eq!(drag(2, Some(4)), "4231");
}

#[test]
fn what_has_not_changed_is_shared_between_lists() {
    let ([alice, ..], [mut party, ..]) = three(Role::Reader, Role::Reader);
    party.write(&alice, adds(1, "Read"), at(1)).unwrap();
    party.write(&alice, adds(2, "Write"), at(1)).unwrap();
    let before = party.tasks();
    assert!(Arc::ptr_eq(&before, &party.tasks()));
    let done = Act::TaskDone {
        task: task(2),
        done: true,
    };
    party.write(&alice, done, at(2)).unwrap();
    let after = party.tasks();
    assert!(Arc::ptr_eq(&before[0], &after[0]));
    assert!(!before[1].done && after[1].done);
}

#[test]
fn messages_of_others_are_unread_until_they_are_marked() {
    let ([alice, bob, _], [mut party, ..]) = three(Role::Editor, Role::Reader);
    let me = alice.identity.id();
    let mark = party.entry_count();
    let second = MessageId::from_bytes([9; 16]);
    party.write(&bob, says(MESSAGE, "Hello"), at(1)).unwrap();
    party.write(&bob, says(second, "Anybody?"), at(2)).unwrap();
    party
        .write(&alice, says(MessageId::from_bytes([8; 16]), "Me"), at(3))
        .unwrap();
    assert_eq!(party.unread(me, at(0), mark), (2, Some(MESSAGE)));
    party.write(&bob, deletes(ItemId::Message(MESSAGE)), at(4)).unwrap();
    assert_eq!(party.unread(me, at(0), mark), (1, Some(second)));
    assert_eq!(party.unread(me, at(3), mark), (0, None), "older than the membership");
    assert_eq!(party.unread(me, at(0), party.entry_count()), (0, None));
    assert_eq!(party.unread(me, at(0), u64::MAX), (0, None));
}

#[test]
fn nothing_of_the_content_is_printed() {
    let ([alice, ..], [mut party, ..]) = three(Role::Reader, Role::Reader);
    party.write(&alice, notes("Secret plan"), at(1)).unwrap();
    types(&mut party, &alice, 0, "Secret steps", 1);
    party.write(&alice, says(MESSAGE, "Secret words"), at(1)).unwrap();
    party.write(&alice, has("Secret.png", 1), at(1)).unwrap();
    let shown = format!(
        "{party:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        party.notes(),
        party.messages(),
        party.files(),
        party.text(NOTE),
        party.history(ItemId::Note(NOTE)),
        party.ops().map(Op::act).collect::<Vec<_>>(),
    );
    party.write(&alice, deletes(ItemId::Note(NOTE)), at(2)).unwrap();
    assert!(!format!("{shown} {:?}", party.deleted()).contains("Secret"));
}

#[test]
fn nobody_puts_another_message_in_the_place_of_somebody_elses() {
    let ([alice, bob, _], [mut party, ..]) = three(Role::Editor, Role::Editor);
    let id = MessageId::from_bytes(own_id(alice.device.id(), [5; 8]));
    let shallow: Vec<OpId> = vec![party.membership_closure().last().unwrap().id()];
    for n in 0..5 {
        party.write(&alice, says(MESSAGE, "Deeper"), at(n)).unwrap();
    }
    party.write(&alice, says(id, "Alice's words"), at(6)).unwrap();
    let forged = forge(
        &party,
        (&bob, &bob.device),
        (0, shallow),
        at(7),
        says(id, "Bob's words"),
    );
    party.receive(forged).unwrap();
    let message = party.message(id).unwrap();
    assert_eq!(
        (message.text.as_str(), message.author),
        ("Alice's words", alice.identity.id())
    );
    let deletes = Act::ItemDeleted {
        item: ItemId::Message(id),
        deleted: true,
    };
    assert_eq!(party.write(&bob, deletes, at(8)), Err(WriteError::NotAllowed));
}
