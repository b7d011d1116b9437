//! Gives back the space of what was forgotten.
//!
//! The store can only collect everything at once that no tag holds, in a task of its own that sleeps between two rounds. It
//! asks us before each round what to keep, and we let that question wait until something has been forgotten: so a round runs
//! at once when there is something to collect, and never otherwise.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use iroh_blobs::store::{GcConfig, ProtectOutcome};
use tokio::sync::watch;

use super::BlobError;

/// The store's own pause before it asks.
const PAUSE: Duration = Duration::from_millis(1);

/// Asks for rounds and waits for them.
#[derive(Debug)]
pub(super) struct Reclaimer {
    /// How many rounds were asked for.
    asked: watch::Sender<u64>,
    /// How many of those are done. Gone if a round failed, after which the store runs none.
    done: watch::Receiver<u64>,
}

impl Reclaimer {
    /// One for a store that is opened with this configuration.
    pub(super) fn new() -> (Self, GcConfig) {
        let (asked, asked_receiver) = watch::channel(0);
        let (done_sender, done) = watch::channel(0);
        let rounds = Arc::new(Rounds {
            asked: asked_receiver,
            done: done_sender,
            running: AtomicU64::new(0),
        });
        let config = GcConfig {
            interval: PAUSE,
            // What is kept is what the tags hold.
            add_protected: Some(Arc::new(move |_keep| {
                let rounds = Arc::clone(&rounds);
                Box::pin(async move { rounds.next().await })
            })),
        };
        (Self { asked, done }, config)
    }

    /// Runs one round that begins after this call, and waits for its end.
    pub(super) async fn run(&self) -> Result<(), BlobError> {
        let mut number = 0;
        self.asked.send_modify(|asked| {
            *asked += 1;
            number = *asked;
        });
        match self.done.clone().wait_for(|done| *done >= number).await {
            Ok(_done) => Ok(()),
            Err(_gone) => Err(BlobError::Io(io::Error::other("space is not given back any more"))),
        }
    }
}

/// The store's side.
struct Rounds {
    asked: watch::Receiver<u64>,
    done: watch::Sender<u64>,
    /// What was asked for when the round began that has just ended.
    running: AtomicU64,
}

impl Rounds {
    /// The round before is done; waits until there is reason for the next.
    async fn next(&self) -> ProtectOutcome {
        let last = self.running.load(Ordering::Relaxed);
        self.done.send_replace(last);
        let next = self
            .asked
            .clone()
            .wait_for(|asked| *asked > last)
            .await
            .map(|asked| *asked);
        match next {
            Ok(next) => {
                self.running.store(next, Ordering::Relaxed);
                ProtectOutcome::Continue
            }
            // Nobody can ask any more: the store is being closed.
            Err(_gone) => std::future::pending().await,
        }
    }
}
