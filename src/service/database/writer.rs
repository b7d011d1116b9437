//! SQLite's one writer. It puts the writes of many requests into one transaction: one sync of the disk for up to 256 of them.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use sqlx::AnyConnection;
use sqlx::{Connection as _, Executor as _};
use tokio::sync::{mpsc, oneshot};

use super::{Answer, DatabaseError};
use crate::service::metrics;

/// Writes in one transaction at most.
const GROUP: usize = 256;

/// Writes that may wait. Whoever comes then waits for a place, which slows down the sender and not the database.
const WAITING: usize = 1024;

/// The place where writes are left.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<Job>);

/// Does the writing. Whoever opened the database runs it.
#[must_use = "nothing is written unless this runs"]
pub struct Task {
    connection: AnyConnection,
    jobs: mpsc::Receiver<Job>,
}

/// One write: does it, and hands back how to answer once it is known whether the transaction stands.
type Job = Box<dyn for<'c> FnOnce(&'c mut AnyConnection) -> BoxFuture<'c, Done> + Send>;

/// A write that was done, or not.
struct Done {
    stands: bool,
    answer: Box<dyn FnOnce(bool) + Send>,
}

impl Writer {
    pub(super) fn new(connection: AnyConnection) -> (Self, Task) {
        let (sender, jobs) = mpsc::channel(WAITING);
        (Self(sender), Task { connection, jobs })
    }

    pub(super) async fn write<T, F>(&self, change: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut AnyConnection) -> Answer<'c, T> + Send + 'static,
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
        self.0.send(job).await.map_err(|_closed| DatabaseError::Unavailable)?;
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
            self.write(group).await;
        }
        // A connection that does not close leaves its log behind, which the next start reads.
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the database did not close");
        }
    }

    async fn write(&mut self, group: Vec<Job>) {
        #[expect(
            clippy::disallowed_methods,
            reason = "how long it took, for the operator: nothing is decided by it"
        )]
        let (began, writes) = (Instant::now(), group.len());
        let connection = &mut self.connection;
        let mut done = Vec::with_capacity(group.len());
        let begun = connection.execute("BEGIN IMMEDIATE").await;
        if let Err(error) = begun {
            // Dropping the jobs tells everybody that nothing was written.
            tracing::error!(%error, "no transaction begins");
            return;
        }
        for job in group {
            match alone(connection, job).await {
                Ok(one) => done.extend(one),
                Err(error) => tracing::error!(%error, "a write was given up"),
            }
        }
        let committed = match connection.execute("COMMIT").await {
            Ok(_done) => true,
            Err(error) => {
                tracing::error!(%error, "a transaction did not commit");
                if let Err(error) = connection.execute("ROLLBACK").await {
                    tracing::warn!(%error, "nothing to roll back");
                }
                false
            }
        };
        for one in done {
            (one.answer)(committed);
        }
        metrics::written(writes, began.elapsed());
    }
}

/// One write within the transaction: if it fails, only it is undone. None if it panicked; whoever asked is told by its sender's end.
async fn alone(connection: &mut AnyConnection, job: Job) -> Result<Option<Done>, sqlx::Error> {
    connection.execute("SAVEPOINT one").await?;
    let done = AssertUnwindSafe(job(connection)).catch_unwind().await.ok();
    if !done.as_ref().is_some_and(|done| done.stands) {
        connection.execute("ROLLBACK TO one").await?;
    }
    connection.execute("RELEASE one").await?;
    Ok(done)
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Task")
    }
}
