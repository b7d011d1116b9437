//! Replicas that type into one note through a simulated engine come to the same text.

use proptest::prelude::*;

use super::*;
use crate::party::{NoteId, PartyId};

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn note(text: &str) -> NoteText {
    NoteText {
        party: PartyId::from_bytes([7; 32]),
        note: NoteId::from_bytes([1; 16]),
        revision: 0,
        text: text.to_owned(),
    }
}

/// The engine: it keeps every change, and carries a late one past those that it was not made to.
struct Engine {
    text: String,
    changes: Vec<(Option<(usize, RequestId)>, OperationSeq)>,
}

impl Engine {
    fn take(&mut self, from: usize, request: RequestId, revision: u64, change: &OperationSeq) {
        let mut change = change.clone();
        for (_, earlier) in &self.changes[revision as usize..] {
            change = earlier.transform(&change).unwrap().1;
        }
        self.text = change.apply(&self.text).unwrap();
        self.changes.push((Some((from, request)), change));
    }
}

/// A replica, and how many changes of the engine it has heard.
struct Window {
    replica: Replica,
    heard: usize,
}

impl Window {
    fn hear(&mut self, index: usize, engine: &Engine) {
        let Some((from, change)) = engine.changes.get(self.heard) else {
            return;
        };
        self.heard += 1;
        let request = from.filter(|(window, _)| *window == index).map(|(_, request)| request);
        let heard = self.replica.hear(request, self.heard as u64, change);
        assert!(!matches!(heard, Heard::Lost));
    }
}

#[derive(Clone, Debug)]
enum Step {
    Type(usize, String),
    Delete(usize, usize),
    Undo,
    Redo,
    Send,
    Hear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_usize..40, "[a-dä\n]{1,4}").prop_map(|(at, words)| Step::Type(at, words)),
        2 => (0_usize..40, 1_usize..6).prop_map(|(at, count)| Step::Delete(at, count)),
        1 => Just(Step::Undo),
        1 => Just(Step::Redo),
        4 => Just(Step::Send),
        6 => Just(Step::Hear),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn all_windows_and_the_engine_come_to_the_same_text(
        steps in prop::collection::vec((0_usize..3, step()), 1..60),
    ) {
        let begin = note("one two three");
        let mut engine = Engine { text: begin.text.clone(), changes: Vec::new() };
        let mut windows: Vec<Window> =
            (0..3).map(|_| Window { replica: Replica::new(&begin), heard: 0 }).collect();
        let mut next = 0;
        let mut now = NOW;
        let mut run = |index: usize, step: Step, windows: &mut Vec<Window>, engine: &mut Engine| {
            now = now.plus(Duration::from_millis(500));
            let window = &mut windows[index];
            let chars: Vec<char> = window.replica.text().chars().collect();
            match step {
                Step::Type(at, words) => {
                    let at = at.min(chars.len());
                    let text: String = chars[..at].iter().copied().chain(words.chars()).chain(chars[at..].iter().copied()).collect();
                    window.replica.typed(&text, now);
                }
                Step::Delete(at, count) => {
                    let at = at.min(chars.len());
                    let end = (at + count).min(chars.len());
                    let text: String = chars[..at].iter().chain(&chars[end..]).collect();
                    window.replica.typed(&text, now);
                }
                Step::Undo => drop(window.replica.undo(now)),
                Step::Redo => drop(window.replica.redo(now)),
                Step::Send => {
                    next += 1;
                    if let Some((revision, change)) = window.replica.send(RequestId(next)) {
                        engine.take(index, RequestId(next), revision, &change.0);
                    }
                }
                Step::Hear => window.hear(index, engine),
            }
        };
        for (index, step) in steps {
            run(index, step, &mut windows, &mut engine);
        }
        // Everything is sent and heard.
        for _ in 0..200 {
            for index in 0..3 {
                run(index, Step::Send, &mut windows, &mut engine);
                run(index, Step::Hear, &mut windows, &mut engine);
            }
        }
        for window in &windows {
            prop_assert!(window.replica.is_settled());
            prop_assert_eq!(window.replica.text(), &engine.text);
        }
    }

    #[test]
    fn a_difference_makes_one_text_the_other(before in "[abä]{0,12}", after in "[abä]{0,12}") {
        match difference(&before, &after) {
            None => prop_assert_eq!(before, after),
            Some(change) => {
                prop_assert_eq!(change.apply(&before).unwrap(), after.clone());
                prop_assert_eq!(change.invert(&before).apply(&after).unwrap(), before);
            }
        }
    }
}

#[test]
fn undo_takes_back_the_own_words_and_leaves_those_of_others() {
    let mut replica = Replica::new(&note("milk"));
    replica.typed("milk and bread", NOW);
    replica.send(RequestId(1));
    let mut theirs = OperationSeq::default();
    theirs.insert("buy ");
    theirs.retain(4);
    assert!(matches!(replica.hear(None, 1, &theirs), Heard::Others(_)));
    assert_eq!(replica.text(), "buy milk and bread");
    assert_eq!(replica.undo(NOW), Some(8));
    assert_eq!(replica.text(), "buy milk");
    replica.redo(NOW);
    assert_eq!(replica.text(), "buy milk and bread");
}

#[test]
fn refused_words_are_handed_back() {
    let mut replica = Replica::new(&note("milk"));
    replica.typed("milk and bread", NOW);
    replica.send(RequestId(1));
    replica.typed("milk and bread!", NOW.plus(Duration::from_secs(5)));
    assert_eq!(replica.refuse(RequestId(2)), None);
    assert_eq!(replica.refuse(RequestId(1)).as_deref(), Some(" and bread !"));
    assert_eq!((replica.text(), replica.is_settled()), ("milk", true));
}

#[test]
fn a_change_that_does_not_fit_is_noticed() {
    let mut replica = Replica::new(&note("milk"));
    let mut change = OperationSeq::default();
    change.retain(9);
    assert!(matches!(replica.hear(None, 1, &change), Heard::Lost));
    change = OperationSeq::default();
    change.retain(4);
    assert!(matches!(replica.hear(None, 3, &change), Heard::Lost));
}

#[test]
fn a_place_moves_with_the_text_around_it() {
    let mut change = OperationSeq::default();
    change.retain(2);
    change.delete(3);
    change.insert("xy");
    change.retain(4);
    assert_eq!(moved(1, &change), 1);
    assert_eq!(moved(4, &change), 4);
    assert_eq!(moved(9, &change), 8);
}
