//! Fugue as in the paper, character by character and from all ops at once: slow and short, to compare with.

use std::collections::BTreeMap;

use super::{Edit, Effect, Element, Op, OpId, Side};

#[derive(Default)]
pub(super) struct Naive {
    /// What hangs on a character, or on the beginning, on each side: by id.
    children: BTreeMap<Option<Element>, [Vec<Element>; 2]>,
    letters: BTreeMap<Element, (char, bool)>,
}

impl Naive {
    /// The text that these ops make, in whatever order they came.
    pub(super) fn of(ops: &[Op], effect: impl Fn(OpId) -> Effect) -> String {
        let mut naive = Self::default();
        for op in ops {
            naive.hang(op, effect(op.id) == Effect::Stands);
        }
        for op in ops.iter().filter(|op| effect(op.id) == Effect::Stands) {
            naive.hide(op);
        }
        naive.walk()
    }

    fn hang(&mut self, op: &Op, visible: bool) {
        let mut offset = 0;
        for edit in &op.edits.0 {
            let Edit::Insert { parent, side, text } = edit else {
                continue;
            };
            let (mut parent, mut side) = (*parent, *side);
            for letter in text.chars() {
                let element = Element { op: op.id, offset };
                self.letters.insert(element, (letter, visible));
                let siblings = &mut self.children.entry(parent).or_default()[side as usize];
                siblings.push(element);
                siblings.sort_unstable();
                (parent, side) = (Some(element), Side::After);
                offset += 1;
            }
        }
    }

    fn hide(&mut self, op: &Op) {
        for edit in &op.edits.0 {
            if let Edit::Delete { first, count } = edit {
                for offset in first.offset..first.offset + count {
                    let element = Element { op: first.op, offset };
                    if let Some((_, visible)) = self.letters.get_mut(&element) {
                        *visible = false;
                    }
                }
            }
        }
    }

    fn walk(&self) -> String {
        let mut text = String::new();
        self.visit(None, &mut text);
        text
    }

    fn visit(&self, at: Option<Element>, text: &mut String) {
        let none = [Vec::new(), Vec::new()];
        let [before, after] = self.children.get(&at).unwrap_or(&none);
        before.iter().for_each(|child| self.visit(Some(*child), text));
        if let Some((letter, true)) = at.and_then(|at| self.letters.get(&at)) {
            text.push(*letter);
        }
        after.iter().for_each(|child| self.visit(Some(*child), text));
    }
}
