//! The thread that owns the store: the disk is slow, and the engine never waits for it.

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::{Store, StoreError};

/// How many jobs may wait before whoever brings another one waits too.
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// A [`Store`] on a thread of its own. Jobs run one after the other, in the order in which they were asked for.
///
/// When it is dropped, the thread finishes the jobs that it has, closes the store and ends; dropping waits for that, so that
/// the folder is free for whoever opens it next.
pub struct StoreThread {
    /// None once the store is being closed.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl StoreThread {
    /// Starts the thread and opens the store there; opening reads the whole file.
    ///
    /// # Errors
    /// What `open` says, or [`StoreError::Io`] if there is no thread to be had.
    pub async fn spawn(open: impl FnOnce() -> Result<Store, StoreError> + Send + 'static) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (opened, is_open) = oneshot::channel();
        let thread = thread::Builder::new().name("store".to_owned()).spawn(move || {
            let store = panic::catch_unwind(AssertUnwindSafe(open)).unwrap_or(Err(StoreError::Panicked));
            let (store, answer) = match store {
                Ok(store) => (Some(store), Ok(())),
                Err(error) => (None, Err(error)),
            };
            // Nobody waits any more: then nobody sends a job either, and the queue is closed.
            if opened.send(answer).is_err() {
                tracing::debug!("the store was opened for nobody");
            }
            if let Some(store) = store {
                serve(store, queue);
            }
        })?;
        let this = Self {
            jobs: Some(jobs),
            thread: Some(thread),
        };
        is_open.await.unwrap_or(Err(StoreError::Closed))?;
        Ok(this)
    }

    /// Runs a job on the store and gives back what it returns. It is carried out even if nobody waits for it any more.
    ///
    /// # Errors
    /// [`StoreError::Panicked`] if the job did; the store goes on. [`StoreError::Closed`] if the thread is gone.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(move |store: &mut Store| {
            // A transaction that the panic leaves behind is rolled back when it is dropped: the store stays whole.
            let result = panic::catch_unwind(AssertUnwindSafe(|| job(store)));
            if answer.send(result).is_err() {
                tracing::debug!("a job of the store was done for nobody");
            }
        });
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(job).await.or(Err(StoreError::Closed))?;
        match answered.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) => Err(StoreError::Panicked),
            Err(_) => Err(StoreError::Closed),
        }
    }
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's thread panicked");
        }
    }
}

impl fmt::Debug for StoreThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreThread")
    }
}

fn serve(mut store: Store, mut queue: mpsc::Receiver<Job>) {
    while let Some(job) = queue.blocking_recv() {
        job(&mut store);
    }
}
