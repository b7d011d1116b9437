//! Ops that came before their past did: kept within bounds until it comes. No IO.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::{Op, OpId};

/// Ops that wait for others, each under one op that it misses.
#[derive(Clone)]
pub(super) struct Pending {
    waiting: HashMap<OpId, Waiting>,
    by_missing: BTreeMap<OpId, Vec<OpId>>,
    /// In the order in which they came; ids that wait no more are skipped.
    order: VecDeque<OpId>,
    /// Together.
    bytes: usize,
    room: Room,
}

#[derive(Clone)]
struct Waiting {
    op: Op,
    missing: OpId,
}

/// How much may wait.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) ops: usize,
    pub(super) bytes: usize,
}

impl Room {
    /// For a party that is loaded: as much as there is on the disk.
    pub(super) const ANY: Self = Self {
        ops: usize::MAX,
        bytes: usize::MAX,
    };
}

impl Pending {
    /// With room for so much. A sync brings back what had to go.
    pub(super) fn new(room: Room) -> Self {
        Self {
            waiting: HashMap::new(),
            by_missing: BTreeMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            room,
        }
    }

    pub(super) fn contains(&self, id: &OpId) -> bool {
        self.waiting.contains_key(id)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Keeps an op until `missing` comes. If there is no room, the one that has waited longest goes.
    pub(super) fn add(&mut self, op: Op, missing: OpId) {
        let id = op.id();
        self.bytes = self.bytes.saturating_add(op.bytes().len());
        if self.waiting.insert(id, Waiting { op, missing }).is_none() {
            self.order.push_back(id);
        }
        self.by_missing.entry(missing).or_default().push(id);
        while (self.waiting.len() > self.room.ops || self.bytes > self.room.bytes)
            && let Some(oldest) = self.order.pop_front()
        {
            self.forget(&oldest);
        }
        // Released ops leave their ids behind.
        if self.order.len() > self.waiting.len().saturating_mul(2).saturating_add(16) {
            self.order.retain(|id| self.waiting.contains_key(id));
        }
    }

    /// The ops that waited for this one.
    pub(super) fn release(&mut self, came: OpId) -> Vec<Op> {
        let ids = self.by_missing.remove(&came).unwrap_or_default();
        let released = ids.iter().filter_map(|id| self.take(id));
        released.map(|waiting| waiting.op).collect()
    }

    /// Lets an op wait no more. Whether it did.
    pub(super) fn forget(&mut self, id: &OpId) -> bool {
        let Some(waiting) = self.take(id) else { return false };
        if let Some(ids) = self.by_missing.get_mut(&waiting.missing) {
            ids.retain(|other| other != id);
            if ids.is_empty() {
                self.by_missing.remove(&waiting.missing);
            }
        }
        true
    }

    fn take(&mut self, id: &OpId) -> Option<Waiting> {
        let waiting = self.waiting.remove(id)?;
        self.bytes = self.bytes.saturating_sub(waiting.op.bytes().len());
        Some(waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::fixture::{adds, at, founded, person};

    #[test]
    fn only_so_many_ops_wait() {
        let alice = person(1);
        let party = founded(&alice);
        let mut pending = Pending::new(Room { ops: 3, ..Room::ANY });
        let ops: Vec<Op> = (0..5)
            .map(|n| party.prepare(&alice, adds(n, "Read"), at(1)).unwrap())
            .collect();
        for op in &ops {
            pending.add(op.clone(), OpId::from_bytes([9; 32]));
        }
        assert_eq!(pending.len(), 3);
        assert_eq!(pending.release(OpId::from_bytes([9; 32])), ops[2..], "the oldest went");
    }
}
