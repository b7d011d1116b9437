//! Taking in what a peer sent, and what is held against a peer that sends what nobody can use. No IO.

use super::exchange::Question;
use super::{Part, Sync, SyncError, SyncOutput};
use crate::party::{Op, OpId, Party, Received};

/// How many ops of one peer may wait for their past in one party. The oldest has to go: a sync brings it back.
pub const MAX_WAITING: usize = 512;

/// How many useless ops one link may bring before it is closed: refused ones, and such whose past the peer does not have.
/// A member's device that keeps to the protocol brings none.
pub const MAX_USELESS: u32 = 16;

/// How many ops of one peer may be let go because too many wait, while it owes an answer, before its link is closed.
const MAX_LET_GO: u32 = 65_536;

/// What has become of ops that were taken in.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Those that are new, and those that they released: applied in memory, to be stored and passed on.
    pub new: Vec<Op>,
    /// What to send. It promises nothing about what is stored, so it need not wait for the disk.
    pub outputs: Vec<SyncOutput>,
    /// How many were of no use.
    pub useless: u32,
}

impl Sync {
    /// Applies the ops of a [`SyncOutput::Take`] to the party, and asks for more where that can help: a peer that repeats
    /// itself ends the exchange.
    pub fn take(&mut self, party: &mut Party, ops: Vec<Op>, part: Part) -> Taken {
        let exchange = self.exchanges.entry(party.id()).or_default();
        let (mut new, mut useless, mut is_incomplete) = (Vec::new(), 0_u32, false);
        let ids: Vec<OpId> = ops.iter().map(Op::id).collect();
        for (id, received) in ids.into_iter().zip(party.receive_all(ops)) {
            match received {
                Ok(Received::New(released)) => new.extend(released),
                Ok(Received::Known) => {}
                Ok(Received::Pending) => {
                    is_incomplete = true;
                    exchange.waiting.push_back(id);
                    if exchange.waiting.len() > MAX_WAITING
                        && let Some(oldest) = exchange.waiting.pop_front()
                        && party.abandon(&oldest)
                    {
                        exchange.let_go = exchange.let_go.saturating_add(1);
                    }
                }
                Err(_refused) => useless = useless.saturating_add(1),
            }
        }
        let mut outputs = Vec::new();
        match (part, exchange.question) {
            (Part::Portion, Question::Asked) if !new.is_empty() => outputs.push(exchange.ask(party)),
            (Part::Portion | Part::Last, Question::Asked) => {
                exchange.question = Question::Settled;
                exchange.let_go = 0;
                // The peer has sent everything that it has. What still waits does so for ops that it does not have.
                let waiting = std::mem::take(&mut exchange.waiting);
                let unfounded = waiting.iter().filter(|id| party.abandon(id)).count();
                useless = useless.saturating_add(u32::try_from(unfounded).unwrap_or(u32::MAX));
            }
            (_, Question::Settled) if is_incomplete => outputs.push(exchange.ask(party)),
            _ => {}
        }
        self.useless = self.useless.saturating_add(useless);
        if self.useless > MAX_USELESS || exchange.let_go > MAX_LET_GO {
            outputs = vec![SyncOutput::Misbehaved(SyncError::Useless)];
        }
        Taken { new, outputs, useless }
    }
}
