//! Opening: which database, how many connections, what each is told first.

use std::path::Path;

use super::checkpoints::Checkpoints;
use super::postgres::Postgres;
use super::readers::Readers;
use super::sql::{Access, Connection};
use super::writer::{Task, Writer};
use super::{Database, DatabaseError, Tables, schema};

impl Database {
    /// Opens the `SQLite` file at this path and brings its tables up to date. The task does the writing: it has to run as long as the
    /// database is used, and ends when it is closed.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Open`], [`DatabaseError::Newer`], [`DatabaseError::Failed`].
    pub async fn sqlite(path: &Path) -> Result<(Self, Task), DatabaseError> {
        let open = |source| DatabaseError::Open {
            name: path.display().to_string(),
            source,
        };
        let mut connection = Connection::open(path, Access::Write).map_err(open)?;
        schema::update(&mut connection).await?;
        let readers = Readers::new(path);
        let checkpoints = Checkpoints::new(Connection::open(path, Access::Write).map_err(open)?);
        let (writer, task) = Writer::new(connection, checkpoints);
        Ok((Self(Tables::File { readers, writer }), task))
    }

    /// Opens the `PostgreSQL` database at this URL and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// As [`sqlite`](Self::sqlite).
    pub async fn postgres(url: &str) -> Result<Self, DatabaseError> {
        let open = |source| DatabaseError::Open {
            name: without_password(url),
            source,
        };
        let server = Postgres::at(url, |variable| std::env::var(variable).ok()).map_err(open)?;
        let mut connection = server.own().await.map_err(open)?;
        // Of several processes that start at once one updates the tables, the others wait for it.
        connection.batch("SELECT pg_advisory_lock(7309284)").await?;
        let updated = schema::update(&mut connection).await;
        connection.batch("SELECT pg_advisory_unlock(7309284)").await?;
        updated?;
        drop(connection);
        Ok(Self(Tables::Server(server)))
    }
}

fn without_password(url: &str) -> String {
    url::Url::parse(url).map_or_else(
        |_unread| "postgres".to_owned(),
        |mut url| {
            // Refused only for addresses that cannot have one.
            if url.password().is_some() && url.set_password(Some("…")).is_err() {
                return "postgres".to_owned();
            }
            // It may hold a password as well.
            url.set_query(None);
            url.to_string()
        },
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    #[test]
    fn programs_that_start_at_once_on_a_new_file_all_find_its_tables() {
        let folder = tempfile::tempdir().unwrap();
        let (path, barrier) = (folder.path().join("service.sqlite"), Barrier::new(4));
        let open = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap();
            barrier.wait();
            runtime.block_on(async {
                let (database, _task) = Database::sqlite(&path).await.unwrap();
                database
                    .read(|connection| Box::pin(async move { Ok(connection.batch("SELECT id FROM clients").await?) }))
                    .await
                    .unwrap();
            });
        };
        thread::scope(|scope| {
            for starting in [(); 4].map(|()| scope.spawn(open)) {
                starting.join().unwrap();
            }
        });
    }
}
