//! What one link knows about one party: whether a question is open, and whether both hold the same. No IO.

use std::collections::VecDeque;

use super::{SyncMessage, SyncOutput, Topic};
use crate::party::{OpId, Party};

/// [`Have::digest`](crate::party::Have::digest).
type Digest = [u8; 8];

/// The state of one shared party on one link.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    pub(super) question: Question,
    /// What the peer was last told that we hold.
    told: Option<Digest>,
    word: Word,
    /// Ops of this peer that wait for their past, the oldest first.
    pub(super) waiting: VecDeque<OpId>,
    /// How many of them had to go since the peer has last answered.
    pub(super) let_go: u32,
}

/// Whether we have asked for what is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Question {
    /// All that was asked for has been answered.
    #[default]
    Settled,
    /// The answer has not come, or not all of it.
    Asked,
    /// We have lost what we said that we hold: what comes may stand on it, which is not the peer's fault.
    Lapsed,
}

/// What the peer says that it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Word {
    /// It has not said.
    #[default]
    None,
    /// It has said so just now. Ops that make us equal may be under way.
    Fresh(Digest),
    /// It has said so a while ago.
    Aged(Digest),
    /// We have asked because of it.
    Answered(Digest),
}

impl Word {
    fn digest(self) -> Option<Digest> {
        match self {
            Self::None => None,
            Self::Fresh(digest) | Self::Aged(digest) | Self::Answered(digest) => Some(digest),
        }
    }
}

impl Exchange {
    /// Asks for what is missing.
    pub(super) fn ask(&mut self, party: &Party) -> SyncOutput {
        self.question = Question::Asked;
        let (topic, have) = (Topic::of(party.id()), party.have());
        SyncOutput::Send(SyncMessage::Have { topic, have }.encode())
    }

    /// The peer says what it holds.
    pub(super) fn hear(&mut self, digest: Digest) {
        self.word = Word::Fresh(digest);
    }

    /// Whether the peer has said that it holds this.
    pub(super) fn is_held(&self, digest: Digest) -> bool {
        self.held() == Some(digest)
    }

    /// What the peer has said that it holds.
    pub(super) fn held(&self) -> Option<Digest> {
        self.word.digest()
    }

    /// The peer was not sent everything: it is told what we hold, so that it asks.
    pub(super) fn missed(&mut self) {
        self.told = None;
    }

    /// Ops that this device had are lost.
    pub(super) fn lost(&mut self) {
        self.question = Question::Lapsed;
        self.waiting.clear();
        if let Some(digest) = self.word.digest() {
            self.word = Word::Aged(digest);
        }
    }

    /// Says what we hold, if the peer has not been told.
    pub(super) fn tell(&mut self, party: &Party) -> Option<SyncOutput> {
        let (topic, digest) = (Topic::of(party.id()), party.digest());
        if self.told == Some(digest) {
            return None;
        }
        self.told = Some(digest);
        Some(SyncOutput::Send(SyncMessage::Held { topic, digest }.encode()))
    }

    /// Asks, if the peer has held something else for a while.
    pub(super) fn compare(&mut self, party: &Party) -> Option<SyncOutput> {
        let digest = party.digest();
        match self.word {
            Word::Fresh(other) if other != digest => {
                self.word = Word::Aged(other);
                Some(SyncOutput::Compare(party.id()))
            }
            Word::Aged(other) if other != digest => {
                self.word = Word::Answered(other);
                // An answer that is still to come was written after the peer said so.
                (self.question != Question::Asked).then(|| self.ask(party))
            }
            _ => None,
        }
    }
}
