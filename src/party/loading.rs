//! A stored party, brought back whole, or as far as it can be read. No IO.

use std::sync::Arc;

use super::content::Content;
use super::log::Log;
use super::pending::{Pending, Room};
use super::{LoadError, Membership, Op, Party, ReceiveError};

/// How much may wait for its past.
const MAX_PENDING: Room = Room {
    ops: 2048,
    bytes: 4 * 1024 * 1024,
};

/// Whether everything that was ever stored of a party is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wholeness {
    /// It is.
    Whole,
    /// Part of it is lost. Nothing may be written: this device could write a second op for a place of its chain.
    Incomplete,
}

impl Party {
    /// A stored party; the ops in any order.
    ///
    /// # Errors
    /// [`LoadError`] if the ops are not one whole party.
    pub fn load(ops: impl IntoIterator<Item = Op>) -> Result<Self, LoadError> {
        let (mut party, refused) = Self::gather(ops)?;
        if let Some(error) = refused {
            return Err(error.into());
        }
        if party.pending.len() > 0 {
            return Err(LoadError::Incomplete);
        }
        party.pending = Pending::new(MAX_PENDING);
        Ok(party)
    }

    /// What is left of a stored party of which ops are lost: everything whose past is there. It can be read, and written to
    /// once the rest has come back from a member: see [`Self::complete`].
    ///
    /// # Errors
    /// [`LoadError`] if the op that founds it is lost.
    pub fn load_part(ops: impl IntoIterator<Item = Op>) -> Result<Self, LoadError> {
        let (mut party, _refused) = Self::gather(ops)?;
        party.pending = Pending::new(MAX_PENDING);
        party.wholeness = Wholeness::Incomplete;
        Ok(party)
    }

    /// Whether ops of it are lost and have not come back yet.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.wholeness == Wholeness::Incomplete
    }

    /// What was lost has come back from a member who has it all, or nobody else has it: it may be written to again.
    pub fn complete(&mut self) {
        self.wholeness = Wholeness::Whole;
    }

    /// Whether ops wait for their past.
    #[must_use]
    pub fn waits_for_ops(&self) -> bool {
        self.pending.len() > 0
    }

    /// How many ops wait for their past.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Takes all ops in whose past is there. Also the first one that does not fit at all.
    fn gather(ops: impl IntoIterator<Item = Op>) -> Result<(Self, Option<ReceiveError>), LoadError> {
        let (mut geneses, others): (Vec<Op>, Vec<Op>) = ops.into_iter().partition(Op::is_genesis);
        geneses.dedup();
        let genesis = geneses.pop().ok_or(LoadError::NoGenesis)?;
        if !geneses.is_empty() {
            return Err(LoadError::TwoGeneses);
        }
        let mut party = Self {
            id: genesis.party(),
            log: Log::default(),
            pending: Pending::new(Room::ANY),
            resolved: Arc::default(),
            membership: Membership::default(),
            content: Content::default(),
            wholeness: Wholeness::Whole,
        };
        party.log.insert(genesis, &[])?;
        party.settle(&[0]);
        if !party.resolved.applied.contains(0) {
            return Err(LoadError::Genesis);
        }
        let (mut came, mut refused) = (Vec::with_capacity(others.len()), None);
        party.log.expect(&others);
        for op in others {
            match party.take(op, &mut came) {
                // An earlier version kept what had no effect.
                Ok(()) | Err(ReceiveError::NotAllowed) => {}
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        party.log.expect_nothing();
        party.settle(&came);
        Ok((party, refused))
    }
}
