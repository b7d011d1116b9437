//! From one text to another by a small change, so that what others write meanwhile stays where they wrote it. No IO.

use operational_transform::OperationSeq;

/// Most pairs of pieces that are compared with each other; beyond that only what both texts begin and end with is kept.
const MAX_PAIRS: usize = 1 << 20;

/// What a text is cut into to be compared.
#[derive(Clone, Copy)]
enum Grain {
    Lines,
    Words,
}

/// From one text to another, counted in characters. Lines that are in both stay, then words in the lines between them, then
/// what the words between those begin and end with. Characters that two words merely have in common do not: whoever types
/// another word means another word.
pub(super) fn difference(from: &str, to: &str) -> OperationSeq {
    let mut change = OperationSeq::default();
    compare(from, to, Grain::Lines, &mut change);
    change
}

fn compare(from: &str, to: &str, grain: Grain, change: &mut OperationSeq) {
    if from.is_empty() || to.is_empty() {
        change.delete(length(from));
        change.insert(to);
        return;
    }
    let (mut old, mut new) = (String::new(), String::new());
    for piece in pieces(&grain.cut(from), &grain.cut(to)) {
        match piece {
            Piece::Old(text) => old.push_str(text),
            Piece::New(text) => new.push_str(text),
            Piece::Both(text) => {
                replace(&old, &new, grain, change);
                old.clear();
                new.clear();
                change.retain(length(text));
            }
        }
    }
    replace(&old, &new, grain, change);
}

/// Replaces what has no piece of this grain in common.
fn replace(old: &str, new: &str, grain: Grain, change: &mut OperationSeq) {
    match grain {
        Grain::Lines => compare(old, new, Grain::Words, change),
        Grain::Words => {
            let same = |(a, b): &(char, char)| a == b;
            let (before, after) = (old.chars().count(), new.chars().count());
            let head = old.chars().zip(new.chars()).take_while(same).count();
            let rest = before.min(after) - head;
            let backwards = old.chars().rev().zip(new.chars().rev());
            let tail = backwards.take(rest).take_while(same).count();
            let written: String = new.chars().skip(head).take(after - head - tail).collect();
            change.retain(head as u64);
            change.delete((before - head - tail) as u64);
            change.insert(&written);
            change.retain(tail as u64);
        }
    }
}

impl Grain {
    fn cut(self, text: &str) -> Vec<&str> {
        match self {
            Self::Lines => text.split_inclusive('\n').collect(),
            Self::Words => words(text),
        }
    }
}

/// Letters and digits that stand together are one word; everything else is one for itself.
fn words(mut text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    while let Some(first) = text.chars().next() {
        let end = if first.is_alphanumeric() {
            text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len())
        } else {
            first.len_utf8()
        };
        let (word, rest) = text.split_at(end);
        words.push(word);
        text = rest;
    }
    words
}

#[derive(Clone, Copy)]
enum Piece<'a> {
    Old(&'a str),
    New(&'a str),
    Both(&'a str),
}

/// The pieces of both, in order: as many as possible in both at once.
fn pieces<'a>(mut old: &[&'a str], mut new: &[&'a str]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::with_capacity(old.len() + new.len());
    while let ([a, old_rest @ ..], [b, new_rest @ ..]) = (old, new)
        && a == b
    {
        pieces.push(Piece::Both(a));
        (old, new) = (old_rest, new_rest);
    }
    let mut tail = Vec::new();
    while let ([old_rest @ .., a], [new_rest @ .., b]) = (old, new)
        && a == b
    {
        tail.push(Piece::Both(a));
        (old, new) = (old_rest, new_rest);
    }
    let common = Common::of(old, new);
    while let ([a, old_rest @ ..], [b, new_rest @ ..]) = (old, new) {
        match &common {
            Some(_) if a == b => {
                pieces.push(Piece::Both(a));
                (old, new) = (old_rest, new_rest);
            }
            Some(common) if !common.skips_old(old, new) => {
                pieces.push(Piece::New(b));
                new = new_rest;
            }
            Some(_) | None => {
                pieces.push(Piece::Old(a));
                old = old_rest;
            }
        }
    }
    pieces.extend(old.iter().map(|piece| Piece::Old(piece)));
    pieces.extend(new.iter().map(|piece| Piece::New(piece)));
    pieces.extend(tail.into_iter().rev());
    pieces
}

/// How many pieces the ends of two lists have in common, for each two ends.
struct Common {
    /// A row for each end of the old list, the shortest first; in it the ends of the new list, the shortest first.
    counts: Vec<u32>,
    width: usize,
}

impl Common {
    /// None if there are too many.
    fn of(old: &[&str], new: &[&str]) -> Option<Self> {
        let width = new.len() + 1;
        let pairs = (old.len() + 1).checked_mul(width).filter(|pairs| *pairs <= MAX_PAIRS)?;
        let (mut counts, mut last) = (Vec::with_capacity(pairs), vec![0_u32; width]);
        counts.extend(&last);
        for a in old.iter().rev() {
            let mut row = Vec::with_capacity(width);
            row.push(0);
            let shorter = last.iter().zip(last.iter().skip(1));
            for (b, (diagonal, above)) in new.iter().rev().zip(shorter) {
                let left = row.last().copied().unwrap_or(0);
                row.push(if a == b { diagonal + 1 } else { left.max(*above) });
            }
            counts.extend(&row);
            last = row;
        }
        Some(Self { counts, width })
    }

    /// Whether leaving out the first piece of `old` costs nothing.
    fn skips_old(&self, old: &[&str], new: &[&str]) -> bool {
        let count = |old: usize, new: usize| self.counts.get(old * self.width + new).copied().unwrap_or(0);
        count(old.len().saturating_sub(1), new.len()) >= count(old.len(), new.len().saturating_sub(1))
    }
}

fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

#[cfg(test)]
mod tests {
    use operational_transform::Operation;
    use proptest::prelude::*;

    use super::*;

    /// What is kept of the old text and what is written, as a person would mark it.
    fn marked(from: &str, to: &str) -> String {
        let (mut old, mut told) = (from.chars(), String::new());
        for operation in difference(from, to).ops() {
            match operation {
                Operation::Retain(count) => told.extend(old.by_ref().take(*count as usize)),
                Operation::Delete(count) => {
                    let deleted: String = old.by_ref().take(*count as usize).collect();
                    told.push_str(&format!("[-{deleted}]"));
                }
                Operation::Insert(text) => told.push_str(&format!("[+{text}]")),
            }
        }
        told
    }

    #[test]
    fn what_both_texts_share_is_left_alone() {
        for (from, to, expected) in [
            ("", "", ""),
            ("", "lemons", "[+lemons]"),
            ("lemons", "", "[-lemons]"),
            ("aaa", "aaaa", "aaa[+a]"),
            ("grüße an alle", "grüne an alle", "grü[+n][-ß]e an alle"),
            ("one two three", "one 2 three", "one [+2][-two] three"),
        ] {
            assert_eq!(marked(from, to), expected);
        }
    }

    #[test]
    fn two_changes_far_apart_leave_what_is_between_alone() {
        assert_eq!(
            marked("milk\nbread\nsalt\n", "oat milk\nbread\nsalt and pepper\n"),
            "[+oat ]milk\nbread\nsalt[+ and pepper]\n"
        );
        assert_eq!(
            marked("a red and a blue lantern", "a green and a blue lamp"),
            "a [+green][-red] and a blue la[+mp][-ntern]"
        );
    }

    #[test]
    fn a_line_between_others_comes_and_goes_whole() {
        assert_eq!(marked("one\ntwo\nthree\n", "one\nthree\n"), "one\n[-two\n]three\n");
        assert_eq!(marked("one\nthree\n", "one\ntwo\nthree\n"), "one\n[+two\n]three\n");
    }

    #[test]
    fn texts_too_long_to_compare_keep_their_ends() {
        let text = |middle: &str| format!("first\n{}last\n", format!("{middle} a b c\n").repeat(2000));
        let (from, to) = (text("x"), text("y"));
        let change = difference(&from, &to);
        assert_eq!(change.apply(&from).unwrap(), to);
        assert!(
            matches!(change.ops().first(), Some(Operation::Retain(6))),
            "the first line stays"
        );
    }

    proptest! {
        #[test]
        fn a_change_always_makes_the_other_text(from in "[ab \n]{0,40}", to in "[abß \n]{0,40}") {
            prop_assert_eq!(difference(&from, &to).apply(&from).unwrap(), to);
        }
    }
}
