//! Which contents come, which wait and in what order. No IO.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::task::{AbortHandle, Id};

use super::Key;
use super::progress::Pace;
use crate::blobs::Progress;
use crate::engine::RequestId;
use crate::engine::view::{TransferStage, TransferView};
use crate::party::PartyId;
use crate::time::Timestamp;

/// How many contents come at a time.
const AT_A_TIME: usize = 3;

/// How long to wait at first before the same members are asked again: one may just have started and not know yet who may have
/// what.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// How long to wait at most.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Where a content comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// This machine's disk.
    Disk(Asker),
    /// Members' devices.
    Members,
}

/// The command that a file is read in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Asker {
    /// It is answered when the file is there.
    AddFile(RequestId),
    /// It is answered when all files of the folder are there, or cannot be.
    ImportParty(RequestId),
}

/// Who wants a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// The person, who has asked for it.
    Person,
    /// Nobody in particular; it is small.
    ByItself,
}

/// All transfers that have not ended.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    entries: BTreeMap<Key, Transfer>,
    /// What the person has stopped, or failed here: it does not come by itself any more.
    declined: BTreeSet<Key>,
    /// Counts what was asked for.
    asked: u64,
}

#[derive(Debug)]
struct Transfer {
    name: String,
    source: Source,
    /// The person's first, then the earlier ones.
    rank: (bool, u64),
    progress: Progress,
    /// How long to wait when nobody who is asked has it.
    patience: Duration,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Until somebody has it, but not before this moment.
    Waiting(Timestamp),
    Running {
        task: AbortHandle,
        pace: Pace,
    },
}

impl Transfers {
    /// Whether nothing is under way: what there is waits for somebody who has it.
    pub(super) fn are_waiting(&self) -> bool {
        let mut entries = self.entries.values();
        entries.all(|transfer| !matches!(transfer.state, State::Running { .. }))
    }

    /// A file is read from the disk, which waits for nothing.
    pub(super) fn begin(&mut self, key: Key, name: String, source: Source, task: AbortHandle) {
        let pace = Pace::default();
        let transfer = Transfer {
            name,
            source,
            rank: (false, 0),
            progress: Progress::default(),
            patience: SHORTEST_WAIT,
            state: State::Running { task, pace },
        };
        self.entries.insert(key, transfer);
    }

    /// A content is to come. Whether that is news.
    pub(super) fn want(&mut self, key: Key, name: &str, length: u64, aim: Aim) -> bool {
        let by_itself = aim == Aim::ByItself;
        if by_itself && self.declined.contains(&key) {
            return false;
        }
        self.declined.remove(&key);
        if let Some(transfer) = self.entries.get_mut(&key) {
            transfer.rank.0 &= by_itself;
            return false;
        }
        self.asked += 1;
        let transfer = Transfer {
            name: name.to_owned(),
            source: Source::Members,
            rank: (by_itself, self.asked),
            progress: Progress { done: 0, total: length },
            patience: SHORTEST_WAIT,
            state: State::Waiting(Timestamp::default()),
        };
        self.entries.insert(key, transfer);
        true
    }

    /// The next one that can be started, if there may be one more.
    pub(super) fn next(&self, now: Timestamp, has_providers: impl Fn(PartyId) -> bool) -> Option<Key> {
        let coming = |transfer: &&Transfer| {
            transfer.source == Source::Members && matches!(transfer.state, State::Running { .. })
        };
        if self.entries.values().filter(coming).count() >= AT_A_TIME {
            return None;
        }
        let mut online: BTreeMap<PartyId, bool> = BTreeMap::new();
        self.entries
            .iter()
            .filter(|(_, transfer)| matches!(transfer.state, State::Waiting(until) if until <= now))
            .filter(|((party, _), _)| *online.entry(*party).or_insert_with(|| has_providers(*party)))
            .min_by_key(|(_, transfer)| transfer.rank)
            .map(|(key, _)| *key)
    }

    /// It has been started.
    pub(super) fn running(&mut self, key: Key, task: AbortHandle) {
        if let Some(transfer) = self.entries.get_mut(&key) {
            let pace = Pace::default();
            transfer.state = State::Running { task, pace };
        }
    }

    /// It has come further. Whether there is such a transfer.
    pub(super) fn moved(&mut self, key: Key, progress: Progress, now: Timestamp) -> bool {
        let Some(transfer) = self.entries.get_mut(&key) else {
            return false;
        };
        transfer.progress = progress;
        if let State::Running { pace, .. } = &mut transfer.state {
            pace.add(now, progress.done);
        }
        true
    }

    /// Nobody who was asked has it: it waits, longer each time, and others come first. Until when.
    pub(super) fn put_back(&mut self, key: Key, now: Timestamp) -> Option<Timestamp> {
        let transfer = self.entries.get_mut(&key)?;
        let until = now.plus(transfer.patience);
        transfer.patience = (transfer.patience * 2).min(LONGEST_WAIT);
        transfer.state = State::Waiting(until);
        Some(until)
    }

    /// Somebody else can be asked now.
    pub(super) fn ask_again(&mut self) {
        for transfer in self.entries.values_mut() {
            if let State::Waiting(until) = &mut transfer.state {
                *until = Timestamp::default();
                transfer.patience = SHORTEST_WAIT;
            }
        }
    }

    /// It does not come by itself any more.
    pub(super) fn decline(&mut self, key: Key) {
        self.declined.insert(key);
    }

    /// Ends one: its task is stopped, and this is the last that is shown of it.
    pub(super) fn end(&mut self, key: Key, stage: TransferStage) -> Option<TransferView> {
        let transfer = self.entries.remove(&key)?;
        if let State::Running { task, .. } = &transfer.state {
            task.abort();
        }
        let mut view = transfer.view(key);
        if stage == TransferStage::Done {
            view.done = view.total;
        }
        view.stage = stage;
        Some(view)
    }

    /// The one that this task was for.
    pub(super) fn of_task(&self, id: Id) -> Option<Key> {
        let is_it = |transfer: &Transfer| matches!(&transfer.state, State::Running { task, .. } if task.id() == id);
        let mut entries = self.entries.iter();
        entries.find(|(_, transfer)| is_it(transfer)).map(|(key, _)| *key)
    }

    /// Whether a file is being read in for this command.
    pub(super) fn are_for(&self, asker: Asker) -> bool {
        let mut entries = self.entries.values();
        entries.any(|transfer| transfer.source == Source::Disk(asker))
    }

    pub(super) fn of_party(&self, party: PartyId) -> Vec<Key> {
        let of_party =
            |(key, transfer): (&Key, &Transfer)| (key.0 == party && transfer.source == Source::Members).then_some(*key);
        self.entries.iter().filter_map(of_party).collect()
    }

    pub(super) fn source(&self, key: Key) -> Option<Source> {
        self.entries.get(&key).map(|transfer| transfer.source)
    }

    pub(super) fn name(&self, key: Key) -> Option<String> {
        self.entries.get(&key).map(|transfer| transfer.name.clone())
    }

    pub(super) fn view(&self, key: Key) -> Option<TransferView> {
        self.entries.get(&key).map(|transfer| transfer.view(key))
    }
}

impl Transfer {
    fn view(&self, (party, file): Key) -> TransferView {
        let stage = match (&self.state, self.source) {
            (State::Waiting(_), _) => TransferStage::Waiting,
            (State::Running { .. }, Source::Disk(_)) => TransferStage::Adding,
            (State::Running { pace, .. }, Source::Members) => TransferStage::Coming {
                rate: pace.rate(),
                seconds_left: pace.seconds_for(self.progress.total.saturating_sub(self.progress.done)),
            },
        };
        TransferView {
            party,
            file,
            name: self.name.clone(),
            done: self.progress.done,
            total: self.progress.total,
            stage,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::*;
    use crate::party::FileId;

    const NOW: Timestamp = Timestamp::from_millis(1000);

    fn key(party: u8, file: u8) -> Key {
        (PartyId::from_bytes([party; 32]), FileId::from_bytes([file; 16]))
    }

    fn idle() -> AbortHandle {
        JoinSet::new().spawn(std::future::pending::<()>())
    }

    #[tokio::test]
    async fn three_come_at_a_time_and_what_the_person_asked_for_comes_first() {
        let mut transfers = Transfers::default();
        for file in 1..=4 {
            assert!(transfers.want(key(1, file), "a", 1, Aim::ByItself));
        }
        assert!(transfers.want(key(1, 5), "b", 1, Aim::Person));
        assert!(!transfers.want(key(1, 4), "a", 1, Aim::Person), "it waits already");
        let mut order = Vec::new();
        while let Some(next) = transfers.next(NOW, |_| true) {
            transfers.running(next, idle());
            order.push(next);
        }
        assert_eq!(order, [key(1, 4), key(1, 5), key(1, 1)]);
        transfers.end(key(1, 5), TransferStage::Done);
        assert_eq!(transfers.next(NOW, |_| true), Some(key(1, 2)));
    }

    #[tokio::test]
    async fn only_what_somebody_may_have_is_started() {
        let mut transfers = Transfers::default();
        transfers.want(key(1, 1), "a", 1, Aim::Person);
        transfers.want(key(2, 1), "b", 1, Aim::Person);
        let second = key(2, 1);
        assert_eq!(transfers.next(NOW, |party| party == second.0), Some(second));
        assert_eq!(transfers.next(NOW, |_| false), None);
    }

    #[tokio::test]
    async fn what_nobody_has_waits_until_its_time_or_until_somebody_comes() {
        let mut transfers = Transfers::default();
        transfers.want(key(1, 1), "a", 1, Aim::Person);
        transfers.running(key(1, 1), idle());
        let until = transfers.put_back(key(1, 1), NOW).unwrap();
        assert_eq!(NOW.until(until), SHORTEST_WAIT);
        assert_eq!(transfers.next(NOW, |_| true), None);
        assert!(transfers.next(until, |_| true).is_some());
        let longer = transfers.put_back(key(1, 1), until).unwrap();
        assert!(until.until(longer) > SHORTEST_WAIT);
        transfers.ask_again();
        assert!(transfers.next(NOW, |_| true).is_some());
    }

    #[tokio::test]
    async fn what_the_person_has_stopped_does_not_come_by_itself_but_can_be_asked_for() {
        let mut transfers = Transfers::default();
        transfers.want(key(1, 1), "a", 1, Aim::ByItself);
        transfers.end(key(1, 1), TransferStage::Cancelled);
        transfers.decline(key(1, 1));
        assert!(!transfers.want(key(1, 1), "a", 1, Aim::ByItself));
        assert!(transfers.want(key(1, 1), "a", 1, Aim::Person));
    }

    #[tokio::test]
    async fn a_transfer_is_found_by_its_task() {
        let mut transfers = Transfers::default();
        transfers.want(key(1, 1), "a", 1, Aim::Person);
        let (task, other) = (idle(), idle());
        transfers.running(key(1, 1), task.clone());
        assert_eq!(transfers.of_task(task.id()), Some(key(1, 1)));
        assert_eq!(transfers.of_task(other.id()), None);
    }
}
