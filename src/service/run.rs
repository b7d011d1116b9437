//! Runs the service: its tables, its workers and its listener, until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::clock::Clock;
use super::config::{Config, Tables};
use super::database::{Database, DatabaseError};
use super::http::router;
use super::keys::{Keys, KeysError};
use super::oauth;
use super::state::Service;

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Its tables.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Its keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Its folder or its listener.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
}

/// A service that is ready, and what has to run beside it.
#[derive(Debug)]
pub struct Ready {
    /// The service.
    pub service: Service,
    tasks: JoinSet<()>,
    stop: Arc<Notify>,
}

/// Opens the tables and the keys.
///
/// # Errors
///
/// [`RunError`].
pub async fn open(config: Config, clock: Clock) -> Result<Ready, RunError> {
    let folder = config.folder.clone();
    std::fs::create_dir_all(&folder).map_err(|source| RunError::System {
        what: format!("the folder {}", folder.display()),
        source,
    })?;
    let keys = Keys::open(&folder.join("keys"), &mut rand::rng())?;
    let mut tasks = JoinSet::new();
    let stop = Arc::new(Notify::new());
    let database = match &config.tables {
        Tables::Sqlite => {
            let (database, task) = Database::sqlite(&folder.join("service.sqlite")).await?;
            let stopped = Arc::clone(&stop);
            tasks.spawn(task.run(async move { stopped.notified().await }));
            database
        }
        Tables::Postgres(url) => Database::postgres(url).await?,
    };
    oauth::seed(&database, clock.now()).await?;
    let service = Service {
        failures: Arc::new(oauth::Failures::new(config.limits.failures_per_minute)),
        config: Arc::new(config),
        database,
        keys,
        clock,
        outbox: Arc::new(Notify::new()),
    };
    Ok(Ready { service, tasks, stop })
}

impl Ready {
    /// Answers requests until `stop` ends; then finishes those that have begun.
    ///
    /// # Errors
    ///
    /// [`RunError::System`] if the listener fails.
    pub async fn serve(
        mut self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), RunError> {
        let router = router(self.service.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(listener, router).with_graceful_shutdown(stop).await;
        self.stop.notify_one();
        while self.tasks.join_next().await.is_some() {}
        self.service.database.close().await;
        served.map_err(|source| RunError::System {
            what: "the listener".to_owned(),
            source,
        })
    }
}
