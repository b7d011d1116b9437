//! One of a device's two chains: its ops by place, several for one place if the device has signed several. No IO.

use std::ops::{Deref, RangeInclusive};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::OpId;
use super::super::have::{Digest, Held};

/// The ops of a chain, by (seq, id).
#[derive(Default)]
pub(super) struct Links {
    links: Vec<Link>,
    /// The digest up to each of the first so many: as far as somebody has asked. An op that comes between others changes all behind it, and a hostile device
    /// can write any number of those.
    digests: Mutex<Vec<Digest>>,
}

#[derive(Clone, Copy)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) id: OpId,
    /// Which of the log's entries it is.
    pub(super) entry: usize,
}

impl Links {
    /// Puts one at its place.
    pub(super) fn insert(&mut self, link: Link) {
        let before = self
            .links
            .partition_point(|other| (other.seq, other.id) < (link.seq, link.id));
        self.links.insert(before, link);
        self.digests
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .truncate(before);
    }

    /// Whether there is an op for this place already.
    pub(super) fn has(&self, seq: u64) -> bool {
        let place = self.links.partition_point(|link| link.seq < seq);
        self.links.get(place).is_some_and(|link| link.seq == seq)
    }

    /// Those at these places.
    pub(super) fn at(&self, seqs: RangeInclusive<u64>) -> impl Iterator<Item = &Link> {
        let from = self.links.partition_point(|link| link.seq < *seqs.start());
        let links = self.links.get(from..).unwrap_or_default().iter();
        links.take_while(move |link| link.seq <= *seqs.end())
    }

    /// The digest of the first `count` of them; none if there are fewer.
    pub(super) fn digest(&self, count: usize) -> Option<Digest> {
        let Some(last) = count.checked_sub(1) else {
            return Some(Digest::default());
        };
        let asked = self.links.get(..count)?;
        let mut digests = self.digests();
        let mut digest = digests.last().copied().unwrap_or_default();
        for link in asked.iter().skip(digests.len()) {
            digest = digest.then(link.id);
            digests.push(digest);
        }
        digests.get(last).copied()
    }

    /// Each is right however far the counting came.
    fn digests(&self) -> MutexGuard<'_, Vec<Digest>> {
        self.digests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them, counted.
    pub(super) fn held(&self) -> Held {
        Held {
            count: self.links.len() as u64,
            digest: self.digest(self.links.len()).unwrap_or_default(),
        }
    }
}

impl Clone for Links {
    fn clone(&self) -> Self {
        Self {
            links: self.links.clone(),
            digests: Mutex::new(self.digests().clone()),
        }
    }
}

impl Deref for Links {
    type Target = [Link];

    fn deref(&self) -> &[Link] {
        &self.links
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(seq: u64, id: u8) -> Link {
        let id = OpId::from_bytes([id; 32]);
        Link { seq, id, entry: 0 }
    }

    #[test]
    fn the_digests_are_the_same_in_whatever_order_the_ops_came_and_whenever_they_were_asked_for() {
        let ops = [link(0, 5), link(1, 3), link(1, 7), link(2, 1)];
        let mut straight = Links::default();
        for op in ops {
            straight.insert(op);
        }
        let digests: Vec<_> = (0..=4).map(|count| straight.digest(count).unwrap()).collect();
        let counted = ops.iter().fold(Digest::default(), |digest, link| digest.then(link.id));
        assert_eq!(digests.last(), Some(&counted));
        assert_eq!(straight.digest(5), None);
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 3, 1]] {
            let mut links = Links::default();
            for at in order {
                links.insert(ops[at]);
                assert_eq!(links.held().count, links.len() as u64);
            }
            let again: Vec<_> = (0..=4).map(|count| links.digest(count).unwrap()).collect();
            assert_eq!(again, digests, "{order:?}");
            let copied: Vec<_> = (0..=4).map(|count| links.clone().digest(count).unwrap()).collect();
            assert_eq!(copied, digests);
        }
    }

    #[test]
    fn a_place_may_be_written_twice() {
        let mut links = Links::default();
        for op in [link(0, 5), link(1, 7), link(3, 1), link(1, 3)] {
            links.insert(op);
        }
        assert_eq!(
            [0, 1, 2, 3, 4].map(|seq| links.has(seq)),
            [true, true, false, true, false]
        );
        let ids: Vec<OpId> = links.at(1..=2).map(|link| link.id).collect();
        assert_eq!(ids, [3, 7].map(|id| OpId::from_bytes([id; 32])));
    }
}
