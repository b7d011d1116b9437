//! A set of membership ops, by their place in the graph. No IO.

/// A set of small numbers. Equal sets have equal words: the last word is never zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Past(Vec<u64>);

impl Past {
    pub(super) fn insert(&mut self, at: usize) {
        let (word, bit) = (at / 64, at % 64);
        if self.0.len() <= word {
            self.0.resize(word.saturating_add(1), 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    pub(super) fn contains(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(super) fn is_subset(&self, of: &Self) -> bool {
        self.0.len() <= of.0.len() && self.0.iter().zip(&of.0).all(|(mine, theirs)| mine & !theirs == 0)
    }

    pub(super) fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// With one more.
    pub(super) fn with(&self, at: usize) -> Self {
        let mut more = self.clone();
        more.insert(at);
        more
    }

    /// The numbers in it, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| at * 64 + bit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_set() {
        let mut past = Past::default();
        for at in [200, 3, 64, 3] {
            past.insert(at);
        }
        assert_eq!(past.iter().collect::<Vec<_>>(), [3, 64, 200]);
        assert!(past.contains(64) && !past.contains(65) && !past.contains(9999));
        assert!(Past::default().with(3).is_subset(&past));
        assert!(!past.is_subset(&Past::default().with(3)));
        let mut other = Past::default().with(3);
        other.extend(&past);
        assert_eq!(other, past);
    }
}
