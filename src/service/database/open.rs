//! Opening: which database, how many connections, what each is told first.

use std::path::Path;
use std::time::Duration;

use sqlx::Executor as _;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, Connection as _};

use super::writer::{Task, Writer};
use super::{Database, DatabaseError, Dialect, PATIENCE, Writes, schema};

/// What each connection to SQLite is told first. A commit that was answered survives a loss of power (`FULL`). The log is carried into the file
/// every 64 MiB (16000 pages), as each time costs syncs that writes wait for.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; \
                       PRAGMA cache_size = -16384; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 16000;";

/// Connections to SQLite that only read. More would wait for the same two cores.
const SQLITE_READS: u32 = 2;

/// For so long an idle connection to PostgreSQL is taken to be there still. Asking each time would cost a round trip for every read and write.
const TRUSTED: Duration = Duration::from_secs(2);

/// Connections to PostgreSQL, of each process.
const POSTGRES_CONNECTIONS: u32 = 16;

impl Database {
    /// Opens the `SQLite` file at this path and brings its tables up to date. The task does the writing: it has to run as long as the
    /// database is used, and ends when it is closed.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Open`], [`DatabaseError::Newer`], [`DatabaseError::Failed`].
    pub async fn sqlite(path: &Path) -> Result<(Self, Task), DatabaseError> {
        install_default_drivers();
        let name = path.display().to_string();
        let open = |source| DatabaseError::Open {
            name: name.clone(),
            source,
        };
        let escaped = name.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        let options: AnyConnectOptions = format!("sqlite://{escaped}?mode=rwc").parse().map_err(open)?;
        let mut connection = AnyConnection::connect_with(&options).await.map_err(open)?;
        connection.execute(PRAGMAS).await.map_err(open)?;
        schema::update(&mut connection).await?;
        let reads = AnyPoolOptions::new()
            .max_connections(SQLITE_READS)
            .acquire_timeout(PATIENCE)
            // A file does not hang up.
            .test_before_acquire(false)
            .after_connect(|connection, _about| {
                Box::pin(async move {
                    connection.execute(PRAGMAS).await?;
                    connection.execute("PRAGMA query_only = ON").await?;
                    Ok(())
                })
            })
            .connect_with(options)
            .await
            .map_err(open)?;
        let (writer, task) = Writer::new(connection);
        Ok((
            Self {
                dialect: Dialect::Sqlite,
                reads,
                writes: Writes::Grouped(writer),
            },
            task,
        ))
    }

    /// Opens the `PostgreSQL` database at this URL and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// As [`sqlite`](Self::sqlite).
    pub async fn postgres(url: &str) -> Result<Self, DatabaseError> {
        install_default_drivers();
        let open = |source| DatabaseError::Open {
            name: without_password(url),
            source,
        };
        let options: AnyConnectOptions = url.parse().map_err(open)?;
        let pool = AnyPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for < TRUSTED {
                        return Ok(true);
                    }
                    Ok(connection.ping().await.is_ok())
                })
            })
            .connect_with(options)
            .await
            .map_err(open)?;
        let mut connection = pool.acquire().await?;
        // Of several processes that start at once one updates the tables, the others wait for it.
        connection.execute("SELECT pg_advisory_lock(7309284)").await?;
        let updated = schema::update(&mut connection).await;
        connection.execute("SELECT pg_advisory_unlock(7309284)").await?;
        updated?;
        drop(connection);
        Ok(Self {
            dialect: Dialect::Postgres,
            reads: pool.clone(),
            writes: Writes::Each(pool),
        })
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
            url.to_string()
        },
    )
}
