//! SQLite's one writer. It puts the writes of many requests into one transaction: one sync of the disk for up to 256 of them.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::checkpoints::{Checkpoints, carry};
use super::sql::{Connection, SqlError, query};
use super::{Answer, DatabaseError, PATIENCE};
use crate::service::metrics;

/// Writes in one transaction at most.
const GROUP: usize = 256;

/// Writes that may wait. Whoever comes then waits for a place, but not for ever.
const WAITING: usize = 1024;

/// The place where writes are left.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<Job>);

/// Does the writing. Whoever opened the database runs it.
#[must_use = "nothing is written unless this runs"]
pub struct Task {
    connection: Connection,
    checkpoints: Checkpoints,
    jobs: mpsc::Receiver<Job>,
}

/// One write: does it, and hands back how to answer once it is known whether the transaction stands.
type Job = Box<dyn for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Done> + Send>;

/// A write that was done, or not.
struct Done {
    stands: bool,
    answer: Box<dyn FnOnce(bool) + Send>,
}

impl Writer {
    pub(super) fn new(connection: Connection, checkpoints: Checkpoints) -> (Self, Task) {
        let (sender, jobs) = mpsc::channel(WAITING);
        let task = Task {
            connection,
            checkpoints,
            jobs,
        };
        (Self(sender), task)
    }

    pub(super) async fn write<T, F>(&self, change: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Answer<'c, T> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            async move {
                let result = change(connection).await;
                let stands = result.is_ok();
                let answer = Box::new(move |committed: bool| {
                    let result = if committed || !stands {
                        result
                    } else {
                        Err(DatabaseError::Unavailable)
                    };
                    // Whoever asked may have gone; what is written stays written.
                    drop(sender.send(result));
                });
                Done { stands, answer }
            }
            .boxed()
        });
        let left = self.0.send_timeout(job, PATIENCE).await;
        left.map_err(|_full_or_closed| DatabaseError::Unavailable)?;
        answer.await.map_err(|_closed| DatabaseError::Unavailable)?
    }

    /// Waits until nothing is left to write and nobody can leave more.
    pub(super) async fn close(self) {
        self.0.closed().await;
    }
}

impl Task {
    /// Writes until `stop` says so and nothing waits any more.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop.fuse());
        // Whether a part of the log is still to be carried over.
        let mut left = false;
        loop {
            let first = tokio::select! {
                biased;
                job = self.jobs.recv() => job,
                () = &mut stop => { self.jobs.close(); continue; }
            };
            let Some(first) = first else { break };
            let mut group = vec![first];
            while group.len() < GROUP
                && let Ok(job) = self.jobs.try_recv()
            {
                group.push(job);
            }
            // The disk is waited for where nothing else waits.
            let mut connection = self.connection;
            left |= self.checkpoints.after(group.len()).await;
            let written = tokio::task::spawn_blocking(move || {
                let left = Handle::current().block_on(async {
                    write(&mut connection, group).await;
                    left && !carry(&mut connection).await
                });
                (connection, left)
            });
            match written.await {
                Ok(done) => (self.connection, left) = done,
                Err(error) => {
                    tracing::error!(
                        panicked = error.is_panic(),
                        "the writer is gone: nothing more is written"
                    );
                    return;
                }
            }
        }
        self.checkpoints.close().await;
        // A connection that does not close leaves its log behind, which the next start reads.
        if let Err(error) = self.connection.close() {
            tracing::warn!(%error, "the database did not close");
        }
    }
}

async fn write(connection: &mut Connection, group: Vec<Job>) {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long it took, for the operator: nothing is decided by it"
    )]
    let (began, writes) = (Instant::now(), group.len());
    let mut done = Vec::with_capacity(group.len());
    if let Err(error) = connection.batch("BEGIN IMMEDIATE").await {
        // Dropping the jobs tells everybody that nothing was written.
        tracing::error!(%error, "no transaction begins");
        return;
    }
    let ended = match each_alone(connection, group, &mut done).await {
        Ok(()) => connection.batch("COMMIT").await,
        Err(error) => Err(error),
    };
    if let Err(error) = &ended {
        tracing::error!(%error, "a transaction did not commit");
        if let Err(error) = connection.batch("ROLLBACK").await {
            tracing::warn!(%error, "nothing to roll back");
        }
    }
    for one in done {
        (one.answer)(ended.is_ok());
    }
    metrics::written(writes, began.elapsed());
}

/// Each write of a group. Where a savepoint cannot be had or ended the transaction is gone: `SQLite` takes all of it back by itself when the disk is full.
/// Further writes would stand without it, so nothing more of the group is done.
async fn each_alone(connection: &mut Connection, group: Vec<Job>, done: &mut Vec<Done>) -> Result<(), SqlError> {
    for job in group {
        done.extend(alone(connection, job).await?);
    }
    Ok(())
}

/// One write within the transaction: if it fails, only it is undone. None if it panicked; whoever asked is told by its sender's end.
async fn alone(connection: &mut Connection, job: Job) -> Result<Option<Done>, SqlError> {
    query("SAVEPOINT one").execute(connection).await?;
    let done = AssertUnwindSafe(job(connection)).catch_unwind().await.ok();
    if !done.as_ref().is_some_and(|done| done.stands) {
        query("ROLLBACK TO one").execute(connection).await?;
    }
    query("RELEASE one").execute(connection).await?;
    Ok(done)
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Task")
    }
}

#[cfg(test)]
mod tests {
    use super::super::sql::query_scalar;
    use super::*;

    async fn connection() -> Connection {
        let mut connection = Connection::in_memory();
        connection
            .batch("CREATE TABLE notes (word TEXT PRIMARY KEY)")
            .await
            .unwrap();
        connection
    }

    fn checkpoints() -> Checkpoints {
        Checkpoints::new(Connection::in_memory())
    }

    /// Writes this, and ends the whole transaction where that is there already, as a full disk would.
    async fn note(writer: &Writer, word: &'static str) -> Result<(), DatabaseError> {
        let insert = "INSERT OR ROLLBACK INTO notes (word) VALUES ($1)";
        let write = writer.write(move |connection| {
            async move {
                query(insert).bind(word).execute(connection).await?;
                Ok(())
            }
            .boxed()
        });
        write.await
    }

    #[tokio::test]
    async fn what_is_said_not_to_be_written_is_not_written() {
        let (writer, task) = Writer::new(connection().await, checkpoints());
        let told = async {
            // One group: the second ends the transaction.
            let (one, _, two, three) = tokio::join!(
                note(&writer, "one"),
                note(&writer, "one"),
                note(&writer, "two"),
                note(&writer, "three"),
            );
            for told in [one, two, three] {
                assert!(matches!(told, Err(DatabaseError::Unavailable)), "{told:?}");
            }
            let written = writer.write(|connection| {
                async move {
                    let count = query_scalar::<i64>("SELECT COUNT(*) FROM notes");
                    Ok(count.fetch_one(connection).await?)
                }
                .boxed()
            });
            assert_eq!(written.await.unwrap(), 0_i64);
            note(&writer, "one").await.unwrap();
        };
        tokio::select! {
            () = task.run(std::future::pending()) => panic!("it ended"),
            () = told => {}
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_for_a_place() {
        let (writer, _task) = Writer::new(connection().await, checkpoints());
        for _one in 0..WAITING {
            let nothing = |_committed: bool| ();
            let job: Job = Box::new(move |_connection| {
                let answer = Box::new(nothing);
                std::future::ready(Done { stands: true, answer }).boxed()
            });
            assert!(writer.0.try_send(job).is_ok());
        }
        tokio::time::pause();
        assert!(matches!(note(&writer, "one").await, Err(DatabaseError::Unavailable)));
    }
}
