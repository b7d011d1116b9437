//! Runs the service: its tables, its workers and its listeners, until it is told to stop.
//!
//! It ends in this order: no new requests, those that have begun are answered, the workers finish what they have in hand, the tables close.

mod tables;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::clock::Clock;
use super::config::{Config, Tables};
use super::database::DatabaseError;
use super::http::{Paces, room, router, serve};
use super::keys::{Keys, KeysError};
use super::mail::sender::MailSetupError;
use super::mail::way;
use super::mail::way::shown::{Show, Shown};
use super::oauth;
use super::post::Post;
use super::state::{Parts, Service};
use super::stop::{Stop, Stopper};
use super::{dev, metrics, private, sealing, sweeper};

pub use self::tables::OpenTables;

/// How long requests that have begun may take when the service is to end.
const LAST_REQUESTS: Duration = Duration::from_secs(20);

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Its tables.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Its keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Another program listens there.
    #[error("another program listens on {address}")]
    AddressTaken {
        /// Where.
        address: SocketAddr,
    },
    /// Its folder cannot be made.
    #[error("the folder {}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot listen.
    #[error("listening on {address}: {source}")]
    Listener {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Its mail.
    #[error(transparent)]
    Mail(#[from] MailSetupError),
    /// A worker ended although nobody told it to.
    #[error("one of the service's own tasks ended")]
    WorkerEnded,
}

/// A service that is ready, and what has to run beside it.
pub struct Ready {
    /// The service.
    pub service: Service,
    workers: JoinSet<()>,
    stopper: Stopper,
    stop: Stop,
    /// They close after everything that writes.
    tables: OpenTables,
    /// Whoever tries it out is shown the mails, and has pages of their own.
    dev: Option<Show>,
}

/// Whether a service has been opened with this configuration before: its keys are there, and the file of its tables if they are in one.
#[must_use]
pub fn has_begun(config: &Config) -> bool {
    let tables = match config.tables {
        Tables::Sqlite => file_of_tables(config).exists(),
        Tables::Postgres(_) => true,
    };
    tables && Keys::are_in(&folder_of_keys(config))
}

fn file_of_tables(config: &Config) -> PathBuf {
    config.folder.join("service.sqlite")
}

fn folder_of_keys(config: &Config) -> PathBuf {
    config.folder.join("keys")
}

/// Opens the tables and the keys, and makes those that are missing.
///
/// # Errors
///
/// [`RunError`].
pub async fn open(config: Config, clock: Clock) -> Result<Ready, RunError> {
    let folder = config.folder.clone();
    private::create(&folder).map_err(|source| RunError::Folder {
        path: folder.clone(),
        source,
    })?;
    let keys = Keys::open(&folder_of_keys(&config), &mut rand::rng())?;
    let tables = match &config.tables {
        Tables::Sqlite => OpenTables::sqlite(&file_of_tables(&config)).await?,
        Tables::Postgres(url) => OpenTables::postgres(url).await?,
    };
    let service = Service::from(Parts {
        failures: Arc::new(oauth::Failures::new(config.limits.failures_per_minute)),
        paces: Arc::new(Paces::of(&config.limits, &clock)),
        config: Arc::new(config),
        database: tables.database.clone(),
        keys,
        clock,
        outbox: Arc::new(Notify::new()),
    });
    let (stopper, stop) = Stopper::new();
    Ok(Ready {
        service,
        workers: JoinSet::new(),
        stopper,
        stop,
        tables,
        dev: None,
    })
}

/// Takes an address to listen on.
///
/// # Errors
///
/// [`RunError::AddressTaken`], [`RunError::Listener`].
pub async fn listen(address: SocketAddr) -> Result<TcpListener, RunError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => RunError::AddressTaken { address },
        _ => RunError::Listener { address, source },
    })
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ready({:?})", self.service)
    }
}

impl Ready {
    /// Also writes the desktop app down as a client, if it is not there. Commands do without: they leave an empty database empty, into which
    /// another one can be copied.
    ///
    /// # Errors
    ///
    /// [`RunError::Database`].
    pub async fn with_desktop_app(self) -> Result<Self, RunError> {
        oauth::seed(&self.service.database, self.service.clock.now()).await?;
        Ok(self)
    }

    /// Also does what no request asks for: sends what waits, ends what is over, seals what happened, answers `/metrics`. A test
    /// does without and takes their steps itself.
    ///
    /// # Errors
    ///
    /// [`RunError`] if mail cannot be sent or `/metrics` not be answered as the configuration says.
    pub async fn with_workers(mut self) -> Result<Self, RunError> {
        let (service, stop) = (&self.service, &self.stop);
        if let Some(address) = service.config.metrics {
            let listener = listen(address).await?;
            self.workers
                .spawn(metrics::serve(listener, service.clone(), stop.clone()));
        }
        let mut way = way::open(&service.config.mail)?;
        if let Some(show) = &self.dev {
            way = Arc::new(Shown::over(way, Arc::clone(show)));
        }
        let (post, mut told) = (Post::with_way(service, way)?, stop.clone());
        self.workers.spawn(post.run(async move { told.asked().await }));
        self.workers.spawn(sweeper::run(service.clone(), stop.clone()));
        self.workers.spawn(sealing::run(service.clone(), stop.clone()));
        Ok(self)
    }

    /// For trying it out: also answers where the client that is ready is answered ([`dev`]), and shows each mail.
    #[must_use]
    pub fn for_trying_out(self, show: Show) -> Self {
        Self {
            dev: Some(show),
            ..self
        }
    }

    /// Answers requests until `stop` ends; then finishes those that have begun.
    ///
    /// # Errors
    ///
    /// [`RunError::WorkerEnded`].
    pub async fn serve(
        mut self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), RunError> {
        let (stopping, mut told) = Stopper::new();
        let (ending, mut end) = Stopper::new();
        let mut routes = router(self.service.clone());
        if self.dev.is_some() {
            routes = routes.merge(dev::router().with_state(self.service.clone()));
        }
        let mut served = std::pin::pin!(serve(listener, routes, room(), async move {
            tokio::select! {
                () = stop => {}
                () = end.asked() => {}
            }
            stopping.stop();
        }));
        let patience = async {
            told.asked().await;
            tokio::time::sleep(LAST_REQUESTS).await;
        };
        let ended = tokio::select! {
            () = &mut served => Ok(()),
            () = patience => {
                tracing::warn!("connections that took too long were cut off");
                Ok(())
            }
            Some(_ended) = self.workers.join_next() => Err(RunError::WorkerEnded),
            () = self.tables.ended() => Err(RunError::WorkerEnded),
        };
        if ended.is_err() {
            // What has been asked for is answered all the same, as far as that can be.
            ending.stop();
            drop(tokio::time::timeout(LAST_REQUESTS, served).await);
        }
        self.close().await;
        ended
    }

    /// Ends it: the workers, then the tables.
    pub async fn close(mut self) {
        self.stopper.stop();
        join(&mut self.workers).await;
        self.tables.close().await;
    }
}

async fn join(tasks: &mut JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(
                panicked = error.is_panic(),
                "one of the service's own tasks did not end well"
            );
        }
    }
}
