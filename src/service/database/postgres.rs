//! PostgreSQL: each transaction has a connection to itself, and all who read share a few, on which many questions are under way at once.

mod address;
mod trust;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::task::TaskTracker;

use self::address::Address;
pub use self::address::AddressError;
use super::sql::{Connection, Line, SqlError};
use super::{Answer, DatabaseError, PATIENCE};

/// Connections of each process, for transactions and for what takes long.
const OWN: usize = 16;

/// Connections that all who read share: two for each of the cores that such a service usually has.
const SHARED: usize = 4;

/// A database of PostgreSQL.
#[derive(Clone)]
pub(super) struct Postgres(Arc<Connections>);

struct Connections {
    own: Pool,
    shared: [Mutex<Option<Arc<Line>>>; SHARED],
    /// Whose turn it is among the shared ones.
    turn: AtomicUsize,
    for_shared: Pool,
    writes: TaskTracker,
}

impl Postgres {
    /// The database at this address; nothing is asked of it yet.
    pub(super) fn at(url: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Self, SqlError> {
        let address = Address::read(url, environment)?;
        let tls = MakeRustlsConnect::new(address.trust.tls()?);
        let pool = |size| {
            // One that has ended is not given to anybody. Asking each time would cost a way there and back.
            let recycling_method = RecyclingMethod::Fast;
            let manager = Manager::from_config(address.config.clone(), tls.clone(), ManagerConfig { recycling_method });
            let pool = Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1);
            let pool = pool.wait_timeout(Some(PATIENCE)).create_timeout(Some(PATIENCE));
            // Refused only without a runtime.
            pool.build().map_err(|_no_runtime| SqlError::NoRoom)
        };
        Ok(Self(Arc::new(Connections {
            own: pool(OWN)?,
            shared: Default::default(),
            turn: AtomicUsize::new(0),
            // Of some that have ended others may still have to hear.
            for_shared: pool(2 * SHARED)?,
            writes: TaskTracker::new(),
        })))
    }

    /// A connection that nobody else has.
    pub(super) async fn own(&self) -> Result<Connection, SqlError> {
        Ok(Connection::own(self.0.own.get().await?))
    }

    /// A connection for some short reads, on which others ask as well.
    pub(super) async fn shared(&self) -> Result<Connection, SqlError> {
        let turn = self.0.turn.fetch_add(1, Ordering::Relaxed) % SHARED;
        let Some(place) = self.0.shared.get(turn) else {
            return self.own().await;
        };
        {
            let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
            match &*place {
                Some(line) if line.serves() => return Ok(Connection::shared(Arc::clone(line))),
                Some(_ended) => *place = None,
                None => {}
            }
        }
        let line = Arc::new(Line::of(self.0.for_shared.get().await?));
        // Of several that came at once the last stays; the others go back when they have been used.
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&line));
        Ok(Connection::shared(line))
    }

    /// Writes in one transaction. It goes on when whoever asked has gone, as with SQLite.
    pub(super) async fn write<T, F>(&self, change: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Answer<'c, T> + Send + 'static,
    {
        let client = self.0.own.get().await.map_err(SqlError::from)?;
        let written = self.0.writes.spawn(async move {
            let mut connection = Connection::in_transaction(client);
            let answer = change(&mut connection).await;
            match &answer {
                Ok(_) => connection.commit().await?,
                Err(_) => connection.roll_back().await,
            }
            answer
        });
        // It panicked, or the runtime ends.
        written.await.map_err(|_gone| DatabaseError::Unavailable)?
    }

    /// Ends all writes that have begun, and lets nobody begin another. It takes no longer than the server may take to answer.
    pub(super) async fn close(self) {
        self.0.own.close();
        self.0.for_shared.close();
        self.0.writes.close();
        self.0.writes.wait().await;
        for place in &self.0.shared {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl From<PoolError> for SqlError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            PoolError::Timeout(TimeoutType::Create) => Self::Late,
            PoolError::Timeout(TimeoutType::Wait | TimeoutType::Recycle)
            | PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(_) => Self::NoRoom,
        }
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Postgres")
    }
}
