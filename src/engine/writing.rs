//! What this person writes: applied at once, stored together with what else is waiting, and told when it is on disk.
//!
//! Commands that come faster than the disk share one transaction. None is answered, and nobody else hears of one, before it
//! has been written; if that fails, the party goes back to what is stored and every one of them is told.

use std::collections::BTreeMap;

use crate::failure::Failure;
use crate::party::{Act, Op, OpId, PartyId};
use crate::store::Change;

use super::open::Open;
use super::syncing::Author;
use super::{Event, RequestId};

/// What is applied in memory and not on disk yet.
#[derive(Default)]
pub(super) struct Batch {
    ops: BTreeMap<PartyId, Vec<Op>>,
    /// Who waits for it, and their answers; none where another event is the answer.
    askers: Vec<(RequestId, Option<Event>)>,
}

impl Open {
    /// Writes one op of this person: judged, applied, stored, sent to members, shown.
    pub(super) async fn write(&mut self, party: PartyId, act: Act) -> Result<(), Failure> {
        // What waited has failed for its own askers, if it has failed.
        self.flush().await.ok();
        self.write_later(party, act)?;
        self.flush().await
    }

    /// The same, without storing it yet: [`Self::flush`] does, for all that waits.
    pub(super) fn write_later(&mut self, id: PartyId, act: Act) -> Result<OpId, Failure> {
        let now = self.now();
        let party = self.parties.get_mut(&id).ok_or(Failure::PartyUnknown)?;
        let op = party.write(&self.keys, act, now)?;
        let name = op.id();
        self.batch.ops.entry(id).or_default().push(op);
        Ok(name)
    }

    /// Answers a command when what waits is stored; with none, another event is the answer.
    pub(super) fn answer_later(&mut self, request: RequestId, answer: Option<Event>) {
        self.batch.askers.push((request, answer));
    }

    /// Stores all that waits in one transaction, tells everybody, and answers who asked.
    pub(super) async fn flush(&mut self) -> Result<(), Failure> {
        let Batch { ops, askers } = std::mem::take(&mut self.batch);
        let changes = ops.iter().map(|(party, ops)| Change::AppendOps {
            party: *party,
            ops: ops.clone(),
        });
        let changes: Vec<Change> = changes.collect();
        if changes.is_empty() && askers.is_empty() {
            return Ok(());
        }
        if let Err(failure) = self.store(changes).await {
            for party in ops.keys() {
                self.reload_party(*party).await;
            }
            for (request, _) in askers {
                self.context.events.failed(Some(request), failure.clone()).await;
            }
            return Err(failure);
        }
        for (party, ops) in ops {
            self.announce(party, &ops, None);
            self.party_changed(party, &ops, Author::Me).await;
        }
        self.tell_touched_texts().await;
        for (_, answer) in askers {
            if let Some(event) = answer {
                self.context.events.send(event).await;
            }
        }
        Ok(())
    }
}
