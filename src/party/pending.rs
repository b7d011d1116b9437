//! Ops that came before their past did: kept within bounds until it comes. No IO.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::{Op, OpId};

/// Ops that wait for others, each under one op that it misses.
#[derive(Clone)]
pub(super) struct Pending {
    waiting: HashMap<OpId, Op>,
    by_missing: BTreeMap<OpId, Vec<OpId>>,
    /// In the order in which they came; ids that wait no more are skipped.
    order: VecDeque<OpId>,
    limit: usize,
}

impl Pending {
    /// Room for `limit` ops. A sync brings back what had to go.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            waiting: HashMap::new(),
            by_missing: BTreeMap::new(),
            order: VecDeque::new(),
            limit,
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
        if self.waiting.insert(id, op).is_none() {
            self.order.push_back(id);
        }
        self.by_missing.entry(missing).or_default().push(id);
        while self.waiting.len() > self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.forget(oldest);
        }
        // Released ops leave their ids behind.
        if self.order.len() > self.waiting.len().saturating_mul(2).saturating_add(16) {
            self.order.retain(|id| self.waiting.contains_key(id));
        }
    }

    /// The ops that waited for this one.
    pub(super) fn release(&mut self, came: OpId) -> Vec<Op> {
        let ids = self.by_missing.remove(&came).unwrap_or_default();
        ids.iter().filter_map(|id| self.waiting.remove(id)).collect()
    }

    fn forget(&mut self, id: OpId) {
        if self.waiting.remove(&id).is_some() {
            self.by_missing.retain(|_, ids| {
                ids.retain(|waiting| *waiting != id);
                !ids.is_empty()
            });
        }
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
        let mut pending = Pending::new(3);
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
