//! What every route and every worker of the service works with.

use std::sync::Arc;

use tokio::sync::Notify;

use super::clock::Clock;
use super::config::Config;
use super::database::Database;
use super::http::Paces;
use super::keys::Keys;
use super::oauth::Failures;

/// The service, shared by all that it does.
#[derive(Clone, Debug)]
pub struct Service {
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
