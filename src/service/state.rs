//! What every route and every worker of the service works with.

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::Notify;

use super::clock::Clock;
use super::config::Config;
use super::database::Database;
use super::http::Paces;
use super::keys::Keys;
use super::oauth::Failures;

/// The service, shared by all that it does. Cheap to clone: each request does so several times.
#[derive(Clone, Debug)]
pub struct Service(Arc<Parts>);

/// What all clones of a service share.
#[derive(Debug)]
pub struct Parts {
    /// What the operator decided.
    pub config: Arc<Config>,
    /// Its tables.
    pub database: Database,
    /// Its keys.
    pub keys: Keys,
    /// Its clock.
    pub clock: Clock,
    /// Wakes whoever sends what waits in the outbox.
    pub outbox: Arc<Notify>,
    /// Failed token requests of this minute.
    pub failures: Arc<Failures>,
    /// How often networks and people may ask.
    pub paces: Arc<Paces>,
}

impl From<Parts> for Service {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Service {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
