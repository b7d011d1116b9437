//! A set of membership ops, by their place in the graph. No IO.
//!
//! What an op has in its past is nearly always everything that had come until then, but for the last few. So the full words at
//! the beginning are only counted, and a set costs what it differs from that.

use std::sync::Arc;

/// How many numbers a word holds.
const WORD: usize = 64;

/// A set of small numbers. Equal sets are equal in memory: the first word of the rest is not full, the last one not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Past {
    /// How many words at the beginning are full.
    full: usize,
    /// The words after them.
    rest: Vec<u64>,
}

impl Past {
    /// The numbers below this one.
    pub(super) fn first(count: usize) -> Self {
        let last = (1_u64 << (count % WORD)) - 1;
        Self {
            full: count / WORD,
            rest: if last == 0 { Vec::new() } else { vec![last] },
        }
    }

    pub(super) fn insert(&mut self, at: usize) {
        let Some(place) = (at / WORD).checked_sub(self.full) else {
            return;
        };
        if self.rest.len() <= place {
            self.rest.resize(place.saturating_add(1), 0);
        }
        if let Some(word) = self.rest.get_mut(place) {
            *word |= 1 << (at % WORD);
        }
        self.count_full_words();
    }

    pub(super) fn contains(&self, at: usize) -> bool {
        self.word(at / WORD) >> (at % WORD) & 1 == 1
    }

    pub(super) fn is_subset(&self, of: &Self) -> bool {
        let words = || (self.full..).zip(&self.rest);
        self.full <= of.full && words().all(|(place, word)| word & !of.word(place) == 0)
    }

    pub(super) fn extend(&mut self, other: &Self) {
        if let Some(more) = other.full.checked_sub(self.full) {
            self.rest.drain(..more.min(self.rest.len()));
            self.full = other.full;
        }
        let known = self.full.saturating_sub(other.full);
        let words = other.rest.get(known..).unwrap_or_default();
        if self.rest.len() < words.len() {
            self.rest.resize(words.len(), 0);
        }
        self.rest
            .iter_mut()
            .zip(words)
            .for_each(|(mine, theirs)| *mine |= theirs);
        self.count_full_words();
    }

    /// With one more.
    pub(super) fn with(&self, at: usize) -> Self {
        let mut rest = Vec::with_capacity(self.rest.len().saturating_add(1));
        rest.extend_from_slice(&self.rest);
        let mut more = Self { full: self.full, rest };
        more.insert(at);
        more
    }

    /// The numbers in it, ascending.
    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        (0..self.words()).flat_map(|place| numbers(place, self.word(place)))
    }

    /// The numbers in it that are not in the other set, ascending.
    pub(super) fn beyond(&self, other: &Self) -> impl Iterator<Item = usize> {
        (other.full..self.words()).flat_map(|place| numbers(place, self.word(place) & !other.word(place)))
    }

    /// The greatest of the numbers in it.
    pub(super) fn last(&self) -> Option<usize> {
        self.last_beyond(&Self::default())
    }

    /// The greatest of the numbers in it that are not in the other set.
    pub(super) fn last_beyond(&self, other: &Self) -> Option<usize> {
        let mut words = (other.full..self.words()).rev();
        words.find_map(|place| {
            let word = self.word(place) & !other.word(place);
            (WORD - 1)
                .checked_sub(word.leading_zeros() as usize)
                .map(|bit| place * WORD + bit)
        })
    }

    fn words(&self) -> usize {
        self.full.saturating_add(self.rest.len())
    }

    fn word(&self, place: usize) -> u64 {
        match place.checked_sub(self.full) {
            None => u64::MAX,
            Some(place) => self.rest.get(place).copied().unwrap_or_default(),
        }
    }

    fn count_full_words(&mut self) {
        let full = self.rest.iter().take_while(|word| **word == u64::MAX).count();
        self.rest.drain(..full);
        self.full = self.full.saturating_add(full);
    }
}

/// The numbers of one word.
fn numbers(place: usize, mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        word &= word.wrapping_sub(1);
        (bit < WORD).then_some(place * WORD + bit)
    })
}

/// Both sets; shares the larger one where it can, since nearly all data ops have the same.
pub(super) fn union(mine: Arc<Past>, other: &Arc<Past>) -> Arc<Past> {
    if Arc::ptr_eq(&mine, other) || other.is_subset(&mine) {
        mine
    } else if mine.is_subset(other) {
        Arc::clone(other)
    } else {
        let mut both = Past::clone(&mine);
        both.extend(other);
        Arc::new(both)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn past(numbers: &BTreeSet<usize>) -> Past {
        let mut past = Past::default();
        numbers.iter().for_each(|at| past.insert(*at));
        past
    }

    /// Sets that are full at the beginning, and some more.
    fn sets() -> impl Strategy<Value = BTreeSet<usize>> {
        (0..300_usize, proptest::collection::btree_set(0..400_usize, 0..60)).prop_map(|(first, mut more)| {
            more.extend(0..first);
            more
        })
    }

    proptest! {
        #[test]
        fn it_is_a_set(a in sets(), b in sets()) {
            let (x, y) = (past(&a), past(&b));
            prop_assert_eq!(x.iter().collect::<BTreeSet<_>>(), a.clone());
            prop_assert!((0..500).all(|at| x.contains(at) == a.contains(&at)));
            prop_assert_eq!(x.is_subset(&y), a.is_subset(&b));
            let beyond: Vec<usize> = a.difference(&b).copied().collect();
            prop_assert_eq!(x.last_beyond(&y), beyond.last().copied());
            prop_assert_eq!(x.last(), a.last().copied());
            prop_assert_eq!(x.beyond(&y).collect::<Vec<_>>(), beyond);
            let mut both = x.clone();
            both.extend(&y);
            prop_assert_eq!(&both, &past(&a.union(&b).copied().collect()));
            prop_assert_eq!(&*union(Arc::new(x), &Arc::new(y)), &both);
        }

        #[test]
        fn the_first_ones_are_the_same_as_those_that_come_one_by_one(count in 0..400_usize) {
            prop_assert_eq!(Past::first(count), past(&(0..count).collect()));
        }
    }
}
