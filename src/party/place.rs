//! Where a task stands among others: a key between any two keys. No IO.
//!
//! A place is a five-byte number, so that ten thousand tasks added one after another count up and stay short, and then a
//! fraction, which makes room between two neighbours. It never ends in a zero byte after the number, so there is always
//! room before it.

/// Longest place, in bytes.
pub const MAX_PLACE: usize = 64;

/// How many bytes the number takes.
const NUMBER: usize = 5;
/// The first task's number, with as much room before it as after it.
const MIDDLE: u64 = 1 << 39;
const LAST: u64 = (1 << 40) - 1;

/// A place in an order that a person makes by dragging. Places compare as their bytes do; between any two there is room.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub(super) Vec<u8>);

impl Place {
    /// A place between two, or before or after one, or the first of all.
    ///
    /// If there is no room, because the two are the same or have been halved until [`MAX_PLACE`] was reached, it is that of
    /// one of them: then the order of the two is that in which they were added.
    pub(super) fn between(left: Option<&Self>, right: Option<&Self>) -> Self {
        match (left, right) {
            (None, None) => Self::whole(MIDDLE),
            (Some(left), None) if left.number() < LAST => Self::whole(left.number() + 1),
            (None, Some(right)) if right.number() > 0 => Self::whole(right.number() - 1),
            (left, right) => Self::halfway(left.map_or(&[], |left| &left.0), right.map(|right| right.0.as_slice())),
        }
    }

    /// Whether this is a place that an op may name.
    pub(super) fn is_valid(&self) -> bool {
        let fraction = self.0.get(NUMBER..);
        fraction.is_some_and(|fraction| self.0.len() <= MAX_PLACE && fraction.last() != Some(&0))
    }

    fn number(&self) -> u64 {
        self.0
            .iter()
            .take(NUMBER)
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn whole(number: u64) -> Self {
        Self(number.to_be_bytes().into_iter().skip(8 - NUMBER).collect())
    }

    /// The digits of both, and where they part the digit in the middle.
    fn halfway(left: &[u8], right: Option<&[u8]>) -> Self {
        let mut middle = Vec::with_capacity(left.len() + 1);
        let whole_right = right.unwrap_or_default().to_vec();
        let mut right = right;
        for at in 0..MAX_PLACE {
            let low = u16::from(left.get(at).copied().unwrap_or(0));
            let high = right.map_or(256, |right| u16::from(right.get(at).copied().unwrap_or(0)));
            if high > low + 1 {
                let digit = if at < NUMBER { low } else { (low + high) / 2 };
                middle.push(u8::try_from(digit).unwrap_or(u8::MAX));
                if at >= NUMBER {
                    return Self(middle);
                }
                right = None;
            } else {
                middle.push(u8::try_from(low).unwrap_or(u8::MAX));
                if high > low {
                    right = None;
                }
            }
        }
        Self(if left.is_empty() { whole_right } else { left.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ten_thousand_tasks_in_a_row_keep_short_places() {
        let mut last = Place::between(None, None);
        for _ in 0..10_000 {
            let next = Place::between(Some(&last), None);
            assert!(next > last && next.0.len() == NUMBER && next.is_valid());
            last = next;
        }
    }

    #[test]
    fn dragging_always_between_the_same_two_goes_on_for_a_long_time() {
        let (mut left, right) = (Place::whole(MIDDLE), Place::whole(MIDDLE + 1));
        for _ in 0..300 {
            let next = Place::between(Some(&left), Some(&right));
            assert!(left < next && next < right && next.is_valid());
            left = next;
        }
        for _ in 0..10_000 {
            let next = Place::between(Some(&left), Some(&right));
            assert!(left <= next && next < right && next.is_valid());
            left = next;
        }
    }

    proptest! {
        #[test]
        fn a_place_made_anywhere_is_in_between(steps in prop::collection::vec(any::<prop::sample::Index>(), 1..120)) {
            let mut places: Vec<Place> = Vec::new();
            for step in steps {
                let at = step.index(places.len() + 1);
                let left = at.checked_sub(1).and_then(|left| places.get(left));
                let place = Place::between(left, places.get(at));
                prop_assert!(place.is_valid());
                prop_assert!(left.is_none_or(|left| *left < place));
                prop_assert!(places.get(at).is_none_or(|right| place < *right));
                places.insert(at, place);
            }
        }
    }
}
