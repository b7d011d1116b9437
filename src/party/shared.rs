//! A map whose copies share what they have in common. No IO.
//!
//! The resolver keeps many states that differ in one member. A copy costs nothing, and a change copies the way from the root to
//! one leaf: a tree that branches by the half bytes of its keys, which are ids and therefore spread evenly.

use std::sync::Arc;

use super::JoinRequestId;
use crate::identity::{DeviceId, EndpointId, IdentityId};

/// How many entries a leaf holds before it becomes a branch.
const LEAF: usize = 16;

/// A key of a [`Shared`].
pub(super) trait Key: Ord + Copy {
    /// Its bytes. They are ordered as the keys are.
    fn bytes(&self) -> &[u8];
}

impl<const N: usize> Key for [u8; N] {
    fn bytes(&self) -> &[u8] {
        self
    }
}

macro_rules! keys {
    ($($id:ident)+) => {$(
        impl Key for $id {
            fn bytes(&self) -> &[u8] {
                self.as_bytes()
            }
        }
    )+};
}
keys! { IdentityId DeviceId EndpointId JoinRequestId }

/// An ordered map, cheap to clone.
#[derive(Clone)]
pub(super) struct Shared<K, V> {
    root: Arc<Node<K, V>>,
    length: usize,
}

enum Node<K, V> {
    /// In the order of the keys.
    Leaf(Vec<(K, V)>),
    Branch([Arc<Self>; 16]),
}

/// Only what is about to be changed is copied, and a leaf nearly always gets one more.
impl<K: Copy, V: Clone> Clone for Node<K, V> {
    fn clone(&self) -> Self {
        match self {
            Self::Leaf(entries) => {
                let mut copy = Vec::with_capacity(entries.len().saturating_add(1));
                copy.extend_from_slice(entries);
                Self::Leaf(copy)
            }
            Self::Branch(below) => Self::Branch(below.clone()),
        }
    }
}

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self {
            root: Arc::default(),
            length: 0,
        }
    }
}

impl<K, V> Default for Node<K, V> {
    fn default() -> Self {
        Self::Leaf(Vec::new())
    }
}

impl<K: Key, V: Clone> Shared<K, V> {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn contains(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.root.get(key, 0)
    }

    /// Puts a value in, instead of the former one of the same key.
    pub(super) fn insert(&mut self, key: K, value: V) {
        if Arc::make_mut(&mut self.root).insert(0, key, value) {
            self.length = self.length.saturating_add(1);
        }
    }

    pub(super) fn remove(&mut self, key: &K) {
        if self.contains(key) {
            Arc::make_mut(&mut self.root).remove(0, key);
            self.length = self.length.saturating_sub(1);
        }
    }

    /// The entries in the order of their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.root.iter()
    }

    /// The keys that one map has and the other has not, or whose values are not the same, each with the value that it has here;
    /// in no order.
    ///
    /// Costs as much as the two differ.
    pub(super) fn differences(&self, other: &Self, same: fn(&V, &V) -> bool) -> Vec<(K, Option<&V>)> {
        let mut found = Vec::new();
        differences((&self.root, &other.root), 0, same, &mut found);
        found
    }
}

impl<K: Key, V: Clone> Node<K, V> {
    fn get(&self, key: &K, mut depth: usize) -> Option<&V> {
        let mut node = self;
        loop {
            match node {
                Self::Leaf(entries) => return find(entries, key).ok().and_then(|at| Some(&entries.get(at)?.1)),
                Self::Branch(below) => node = below.get(half_byte(key, depth))?,
            }
            depth += 1;
        }
    }

    /// Whether the key is new.
    fn insert(&mut self, depth: usize, key: K, value: V) -> bool {
        match self {
            Self::Branch(below) => below
                .get_mut(half_byte(&key, depth))
                .is_some_and(|node| Arc::make_mut(node).insert(depth.saturating_add(1), key, value)),
            Self::Leaf(entries) => match find(entries, &key) {
                Ok(at) => {
                    if let Some(entry) = entries.get_mut(at) {
                        entry.1 = value;
                    }
                    false
                }
                Err(at) => {
                    entries.insert(at, (key, value));
                    if entries.len() > LEAF {
                        let entries = std::mem::take(entries);
                        *self = Self::branch(depth, entries);
                    }
                    true
                }
            },
        }
    }

    fn branch(depth: usize, entries: Vec<(K, V)>) -> Self {
        let empty = Arc::new(Self::default());
        let mut branch = Self::Branch(std::array::from_fn(|_| Arc::clone(&empty)));
        for (key, value) in entries {
            branch.insert(depth, key, value);
        }
        branch
    }

    fn remove(&mut self, depth: usize, key: &K) {
        match self {
            Self::Branch(below) => {
                if let Some(node) = below.get_mut(half_byte(key, depth)) {
                    Arc::make_mut(node).remove(depth.saturating_add(1), key);
                }
            }
            Self::Leaf(entries) => entries.retain(|(other, _)| other != key),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let mut open = vec![self];
        let mut leaf = [].iter();
        std::iter::from_fn(move || {
            loop {
                if let Some((key, value)) = leaf.next() {
                    return Some((key, value));
                }
                match open.pop()? {
                    Self::Leaf(entries) => leaf = entries.iter(),
                    Self::Branch(below) => open.extend(below.iter().rev().map(|node| &**node)),
                }
            }
        })
    }
}

/// The same place in two maps.
type Pair<'a, 'b, K, V> = (&'a Arc<Node<K, V>>, &'b Arc<Node<K, V>>);

fn differences<'a, K: Key, V: Clone>(
    (a, b): Pair<'a, '_, K, V>,
    depth: usize,
    same: fn(&V, &V) -> bool,
    found: &mut Vec<(K, Option<&'a V>)>,
) {
    if Arc::ptr_eq(a, b) {
        return;
    }
    if let (Node::Branch(a), Node::Branch(b)) = (&**a, &**b) {
        let pairs = a.iter().zip(b);
        return pairs.for_each(|pair| differences(pair, depth.saturating_add(1), same, found));
    }
    let changed = |(key, value): &(&K, &V)| b.get(key, depth).is_none_or(|other| !same(value, other));
    found.extend(a.iter().filter(changed).map(|(key, value)| (*key, Some(value))));
    let gone = b.iter().filter(|(key, _)| a.get(key, depth).is_none());
    found.extend(gone.map(|(key, _)| (*key, None)));
}

fn find<K: Key, V>(entries: &[(K, V)], key: &K) -> Result<usize, usize> {
    let sought = beginning(key);
    // Ids hardly ever begin alike, and numbers are compared quicker than bytes.
    entries.binary_search_by(|(other, _)| beginning(other).cmp(&sought).then_with(|| other.cmp(key)))
}

/// A number that is ordered as the keys are, but for those that begin alike.
fn beginning(key: &impl Key) -> u64 {
    key.bytes().first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// The half byte of a key that chooses the branch at this depth. Different keys differ before their bytes end.
fn half_byte(key: &impl Key, depth: usize) -> usize {
    let byte = key.bytes().get(depth / 2).copied().unwrap_or_default();
    usize::from(if depth.is_multiple_of(2) { byte >> 4 } else { byte & 15 })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Keys that often begin alike.
    fn keys() -> impl Strategy<Value = [u8; 9]> {
        (0..3_u8, 0..3_u8, any::<u8>(), any::<bool>()).prop_map(|(a, b, c, early)| {
            let (early, late) = if early { (c, 0) } else { (0, c) };
            [a, b, early, 0, 0, 0, 0, 0, late]
        })
    }

    proptest! {
        #[test]
        fn it_is_a_map_and_a_copy_stays_as_it_was(
            steps in proptest::collection::vec((keys(), proptest::option::of(any::<u8>())), 0..400),
            copied in 0..400_usize,
        ) {
            let (mut map, mut shared) = (BTreeMap::new(), Shared::default());
            let mut copies = None;
            for (step, (key, value)) in steps.into_iter().enumerate() {
                if step == copied {
                    copies = Some((map.clone(), shared.clone()));
                }
                match value {
                    Some(value) => {
                        map.insert(key, value);
                        shared.insert(key, value);
                    }
                    None => {
                        map.remove(&key);
                        shared.remove(&key);
                    }
                }
            }
            let changes = copies.clone().map(|(_, copy): (BTreeMap<_, _>, Shared<_, u8>)| {
                let mut changes: Vec<([u8; 9], Option<u8>)> = shared
                    .differences(&copy, |a, b| a == b)
                    .into_iter()
                    .map(|(key, value)| (key, value.copied()))
                    .collect();
                changes.sort_unstable();
                changes
            });
            if let Some(((old, _), changes)) = copies.as_ref().zip(changes) {
                let mut all: Vec<[u8; 9]> = old.keys().chain(map.keys()).copied().collect();
                all.sort_unstable();
                all.dedup();
                all.retain(|key| old.get(key) != map.get(key));
                let all: Vec<_> = all.into_iter().map(|key| (key, map.get(&key).copied())).collect();
                prop_assert_eq!(changes, all);
            }
            for (map, shared) in copies.into_iter().chain([(map, shared)]) {
                prop_assert_eq!(shared.len(), map.len());
                prop_assert!(shared.iter().eq(map.iter()));
                prop_assert!(map.iter().all(|(key, value)| shared.get(key) == Some(value)));
                prop_assert!(!shared.contains(&[9; 9]));
            }
        }
    }
}
