//! Carries SQLite's log into its file beside the writes. The writer only does what is left by then, so that no write waits for all of it
//! (<https://www.sqlite.org/wal.html>, chapter 2.4).

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::sql::{Connection, query};

/// After so many writes: some 70 to 110 MiB of log, by how many share a transaction.
const WRITES: usize = 2048;

/// So many writes a group counts for at least: the pages that all of them change are in the log once for each group.
const LEAST: usize = 16;

/// What is done, and when.
pub(super) struct Checkpoints {
    /// Writes since it was begun last.
    writes: usize,
    stage: Stage,
}

enum Stage {
    /// With the connection that does it.
    Waiting(Connection),
    Running(JoinHandle<Connection>),
    /// It panicked. SQLite does it by itself, when the log is much longer.
    Gone,
}

impl Checkpoints {
    /// Done with this connection, which nothing else uses.
    pub(super) const fn new(connection: Connection) -> Self {
        Self {
            writes: 0,
            stage: Stage::Waiting(connection),
        }
    }

    /// A group of so many writes is being done. Whether the writer is to do the rest of it behind them.
    pub(super) async fn after(&mut self, writes: usize) -> bool {
        self.writes = self.writes.saturating_add(writes.max(LEAST));
        match std::mem::replace(&mut self.stage, Stage::Gone) {
            Stage::Waiting(mut connection) if self.writes >= WRITES => {
                self.writes = 0;
                self.stage = Stage::Running(tokio::task::spawn_blocking(move || {
                    Handle::current().block_on(carry(&mut connection));
                    connection
                }));
                false
            }
            Stage::Running(running) if running.is_finished() => {
                self.stage = running.await.map_or_else(
                    |error| {
                        tracing::warn!(%error, "nothing carries the log into the database any more but the writes");
                        Stage::Gone
                    },
                    Stage::Waiting,
                );
                true
            }
            other => {
                self.stage = other;
                false
            }
        }
    }

    /// Waits for what is under way, and closes the connection.
    pub(super) async fn close(self) {
        let connection = match self.stage {
            Stage::Waiting(connection) => Some(connection),
            Stage::Running(running) => running.await.ok(),
            Stage::Gone => None,
        };
        if let Some(Err(error)) = connection.map(Connection::close) {
            tracing::warn!(%error, "the database did not close");
        }
    }
}

/// Carries over what no reader holds up. Whether that was all of the log, so that it begins anew. What fails is tried again after as many
/// writes; until then the log has it.
pub(super) async fn carry(connection: &mut Connection) -> bool {
    let carried = query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(connection).await;
    match carried.and_then(|row| Ok((row.get::<i64>("log")?, row.get::<i64>("checkpointed")?))) {
        Ok((log, carried)) => log == carried,
        Err(error) => {
            tracing::warn!(%error, "the log was not carried into the database");
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sql::Access;
    use super::*;

    #[tokio::test]
    async fn the_log_is_carried_over_beside_the_writer_after_many_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.sqlite");
        let mut writer = Connection::open(&path, Access::Write).unwrap();
        writer.batch("CREATE TABLE notes (word TEXT)").await.unwrap();
        let mut checkpoints = Checkpoints::new(Connection::open(&path, Access::Write).unwrap());
        for _one in 0..100 {
            let long = "word".repeat(1000);
            let insert = query("INSERT INTO notes (word) VALUES ($1)").bind(long);
            insert.execute(&mut writer).await.unwrap();
        }
        let size = || std::fs::metadata(&path).unwrap().len();
        let before = size();
        assert!(!checkpoints.after(WRITES - 1).await);
        assert_eq!(size(), before, "not yet");
        assert!(!checkpoints.after(1).await, "it begins");
        while !checkpoints.after(1).await {
            tokio::task::yield_now().await;
        }
        assert!(size() >= before + 400_000);
        assert!(carry(&mut writer).await, "nothing is left");
        checkpoints.close().await;
    }
}
