//! The one task that owns the door: it hands commands in, takes events out, and gives each answer to who asked.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use super::error::ClientError;
use super::openings::{Feed, NoteNews, Openings};
use super::parties::Compacted;
use super::world::World;
use crate::failure::Failure;
use crate::identity::RecoveryPhrase;
use crate::party::{Change, FileId, Found, MessageId, NoteId, PartyId, TaskId};
use crate::worker::{Command, Event, InvitationView, NoteText, RedemptionView, RequestId, ThumbnailView, WorkerHandle};

/// Orders that wait for the pump. A caller waits for its answer anyway, so a short queue is enough.
pub(super) const ORDER_CAPACITY: usize = 32;

/// What a handle asks of the pump.
pub(super) enum Order {
    /// Ask the engine.
    Ask {
        /// What.
        command: Command,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<Answer, Failure>>,
    },
    /// Stop the worker and end.
    Close,
}

/// What the engine answered.
pub(super) enum Answer {
    Done,
    Profile,
    Party(PartyId),
    Task(TaskId),
    Note(NoteId),
    Text(Arc<NoteText>),
    Edited { revision: u64 },
    Message(MessageId),
    File(FileId),
    NotAdded,
    Saved(PathBuf),
    Thumbnail(Option<Arc<ThumbnailView>>),
    History(Vec<Change>),
    Found(Vec<(PartyId, Found)>),
    Exported { missing_files: usize },
    Compacted(Compacted),
    Invitation(Arc<InvitationView>),
    Redemption(Arc<RedemptionView>),
    Phrase(Arc<RecoveryPhrase>),
}

/// Runs until it is told to close, the last handle is gone or the worker has stopped; then waits for the worker's thread.
pub(super) async fn run(
    mut worker: WorkerHandle,
    mut orders: mpsc::Receiver<Order>,
    world: watch::Sender<World>,
    feed: Feed,
) {
    let mut waiting: BTreeMap<RequestId, oneshot::Sender<Result<Answer, Failure>>> = BTreeMap::new();
    // A worker that is busy and one that has gone refuse alike. The next event tells which: until then nobody is told.
    let mut refused = Vec::new();
    let mut last = 0;
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Ask { command, answer }) => {
                    last += 1;
                    let request = RequestId(last);
                    if worker.send(request, command).is_ok() {
                        waiting.insert(request, answer);
                    } else {
                        refused.push(answer);
                    }
                }
                Some(Order::Close) | None => break,
            },
            () = feed.openings.released() => for (party, note) in feed.openings.take_released() {
                last += 1;
                // A worker that cannot take it goes on to tell of a note that nobody reads: that does no harm.
                worker.send(RequestId(last), Command::CloseNote { party, note }).ok();
            },
            event = worker.next() => match event {
                Some(Event::Stopped) | None => break,
                Some(event) => {
                    refused.clear();
                    if matches!(event, Event::Restarted) {
                        waiting = BTreeMap::new();
                    }
                    // The world first: who is answered finds what the answer speaks of.
                    world.send_modify(|world| world.apply(&event));
                    if let Some(news) = news_in(&event) {
                        // With nobody to hear it, no note is open.
                        feed.news.send(news).ok();
                    }
                    if let Some((request, answer)) = answer_in(event)
                        && let Some(asker) = waiting.remove(&request)
                    {
                        // Who asked may have stopped waiting; what was done stays done.
                        asker.send(answer).ok();
                    }
                }
            },
        }
    }
    // The door first: who is told that the question was dropped finds by it that this is the end.
    drop(orders);
    drop((waiting, refused, feed));
    // The thread may take a moment to close its connections: not on the runtime's own thread. If the join fails, the
    // runtime is going down and the worker goes with it.
    tokio::task::spawn_blocking(move || worker.shutdown()).await.ok();
}

/// The answer that an event is, and to which question.
fn answer_in(event: Event) -> Option<(RequestId, Result<Answer, Failure>)> {
    match event {
        Event::ProfileChanged { request, .. } => request.map(|request| (request, Ok(Answer::Profile))),
        Event::Done { request } => Some((request, Ok(Answer::Done))),
        Event::Failed { request, failure } => request.map(|request| (request, Err(failure))),
        Event::PartyCreated { request, party } => Some((request, Ok(Answer::Party(party)))),
        Event::TaskAdded { request, task } => Some((request, Ok(Answer::Task(task)))),
        Event::InvitationCreated { request, invitation } => Some((request, Ok(Answer::Invitation(invitation)))),
        Event::RedemptionStarted { request, redemption } => Some((request, Ok(Answer::Redemption(redemption)))),
        Event::PhraseShown { request, phrase } => Some((request, Ok(Answer::Phrase(phrase)))),
        Event::NoteAdded { request, note } => Some((request, Ok(Answer::Note(note)))),
        Event::NoteOpened { request, text } => Some((request, Ok(Answer::Text(text)))),
        Event::NoteEdited { request, revision, .. } => {
            request.map(|request| (request, Ok(Answer::Edited { revision })))
        }
        Event::MessageSent { request, message } => Some((request, Ok(Answer::Message(message)))),
        Event::FileAdded { request, file } => Some((request, Ok(Answer::File(file)))),
        Event::FileNotAdded { request } => Some((request, Ok(Answer::NotAdded))),
        Event::FileSaved { request, path } => Some((request, Ok(Answer::Saved(path)))),
        Event::ThumbnailMade { request, thumbnail } => Some((request, Ok(Answer::Thumbnail(thumbnail)))),
        Event::HistoryRead { request, changes } => Some((request, Ok(Answer::History(changes)))),
        Event::SearchDone { request, found } => Some((request, Ok(Answer::Found(found)))),
        Event::PartyExported { request, missing_files } => Some((request, Ok(Answer::Exported { missing_files }))),
        Event::StorageCompacted { request, before, after } => {
            Some((request, Ok(Answer::Compacted(Compacted { before, after }))))
        }
        Event::CursorsMoved { .. }
        | Event::TransferChanged { .. }
        | Event::PartyChanged { .. }
        | Event::PartyLeft { .. }
        | Event::InvitationChanged { .. }
        | Event::RedemptionChanged { .. }
        | Event::NetworkChanged { .. }
        | Event::ServicesChanged { .. }
        | Event::BrowserNeeded { .. }
        | Event::DevicesChanged { .. }
        | Event::NearbyChanged { .. }
        | Event::Restarted
        | Event::ConnectionExplained { .. }
        | Event::Stopped => None,
    }
}

/// What an event is to the handles on notes.
fn news_in(event: &Event) -> Option<NoteNews> {
    match event {
        Event::NoteEdited {
            party,
            note,
            revision,
            change,
            ..
        } => Some(NoteNews::Edited {
            note: (*party, *note),
            revision: *revision,
            change: change.clone(),
        }),
        Event::CursorsMoved {
            party,
            note,
            revision,
            cursors,
        } => Some(NoteNews::Cursors {
            note: (*party, *note),
            revision: *revision,
            cursors: cursors.clone(),
        }),
        Event::Restarted => Some(NoteNews::Restarted),
        _ => None,
    }
}

/// What every handle holds: a way to ask, and a view of the world. The worker ends when the last one is gone.
#[derive(Clone, Debug)]
pub(super) struct Link {
    orders: mpsc::Sender<Order>,
    world: watch::Receiver<World>,
    openings: Arc<Openings>,
}

impl Link {
    pub(super) const fn new(
        orders: mpsc::Sender<Order>,
        world: watch::Receiver<World>,
        openings: Arc<Openings>,
    ) -> Self {
        Self {
            orders,
            world,
            openings,
        }
    }

    /// Which notes are open.
    pub(super) const fn openings(&self) -> &Arc<Openings> {
        &self.openings
    }

    /// Asks the engine, and waits for its answer.
    pub(super) async fn ask(&self, command: Command) -> Result<Answer, ClientError> {
        let (answer, answered) = oneshot::channel();
        self.orders
            .send(Order::Ask { command, answer })
            .await
            .map_err(stopped)?;
        match answered.await {
            Ok(answer) => answer.map_err(ClientError::Failed),
            // The pump has dropped the question: because it has ended, or because the engine has started anew.
            Err(_dropped) if self.orders.is_closed() => Err(ClientError::Stopped),
            Err(_dropped) => Err(ClientError::Failed(Failure::Internal)),
        }
    }

    /// Asks for something that is answered by `Done`.
    pub(super) async fn order(&self, command: Command) -> Result<(), ClientError> {
        match self.ask(command).await? {
            Answer::Done => Ok(()),
            other => Err(other.unexpected()),
        }
    }

    /// Asks the pump to end. Harmless when it has.
    pub(super) async fn close(&self) {
        self.orders.send(Order::Close).await.ok();
    }

    /// Looks at the world as it is now. `look` is short: the pump waits meanwhile.
    pub(super) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.world.borrow())
    }

    /// Waits until `look` finds something.
    pub(super) async fn wait<T>(&self, mut look: impl FnMut(&World) -> Option<T>) -> Result<T, ClientError> {
        let mut world = self.world.clone();
        loop {
            let found = look(&world.borrow_and_update());
            if let Some(found) = found {
                return Ok(found);
            }
            world.changed().await.map_err(stopped)?;
        }
    }
}

impl Answer {
    /// The engine answered another question than was asked: a bug, and the app goes on.
    pub(super) fn unexpected(self) -> ClientError {
        tracing::error!("the engine gave an answer of another kind than the question's");
        ClientError::Failed(Failure::Internal)
    }
}

/// A closed channel has one meaning here: the pump has ended, and the worker with it.
fn stopped<E>(_closed: E) -> ClientError {
    ClientError::Stopped
}
