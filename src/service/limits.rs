//! How much is taken from whom. Counted in the tables, so that it holds over restarts and over any number of processes.
//!
//! Time is cut into windows of a fixed length that begin with the hour, the day or the minute of UTC; each limit counts within one. What is refused
//! is not counted.
//!
//! - **Invariant:** of many at once no more than the limit get through, but for limits that all requests of a client or a domain share: those are
//!   counted in [`SHARDS`] rows on PostgreSQL, so that requests do not wait for one row, and as many as are at work in the same moment may be too much.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::client::OAuthClient;
use super::clock::{length, millis};
use super::config::Limits;
use super::database::counters::{self, Row, SHARDS};
use super::database::{Connection, DatabaseError, Dialect};
use super::http::{Network, Refusal};
use super::token::digest;
use crate::identity::EmailAddress;
use crate::time::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Mails to sign in that one address gets in an hour, whoever asks for them.
const SIGN_INS: i64 = 20;

/// So many in a window of time.
#[derive(Clone, Debug)]
pub struct Limit {
    key: String,
    most: i64,
    window: Duration,
    counting: Counting,
    whose: Whose,
    who: &'static str,
}

/// How a limit is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counting {
    /// In one row.
    Strictly,
    /// In one of several rows each time.
    InShards,
}

/// What a limit holds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Whoever asks: all that they ask for.
    Caller,
    /// One address or its domain: others are still written to.
    Address,
}

/// Which of its rows a transaction counts in. One that takes several times uses one, so that two never wait for each other in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shard {
    /// The only one: SQLite's transactions come one after the other, so that every limit is counted strictly.
    Only,
    /// One of several.
    OneOf(i64),
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    /// Seconds until the window ends.
    pub seconds: u64,
    /// What it holds back.
    pub whose: Whose,
    /// Whose limit it is, the beginning of a sentence.
    pub who: &'static str,
}

impl Limit {
    /// At most `most` in each `window` for what `key` names. `who` begins the sentence that says it is reached.
    #[must_use]
    pub fn new(key: String, most: i64, window: Duration, who: &'static str) -> Self {
        Self {
            key,
            most,
            window,
            counting: Counting::Strictly,
            whose: Whose::Address,
            who,
        }
    }

    /// The same, for all that somebody asks for.
    #[must_use]
    pub fn of_caller(mut self) -> Self {
        self.whose = Whose::Caller;
        self
    }

    /// The same, for something that many requests at once count.
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.counting = Counting::InShards;
        self
    }

    /// What a client may send in a minute and in a day.
    #[must_use]
    pub fn of_client(client: &OAuthClient) -> [Self; 2] {
        let limit = |unit, most, window| {
            Self::new(
                format!("client/{unit}/{}", client.id),
                most,
                window,
                "This client has sent as many invitations as it may",
            )
            .shared()
            .of_caller()
        };
        [
            limit("minute", client.invites_per_minute, MINUTE),
            limit("day", client.invites_per_day, DAY),
        ]
    }

    /// What one signed-in person may send in an hour and in a day.
    #[must_use]
    pub fn of_inviter(limits: &Limits, sub: &str) -> [Self; 2] {
        let who = "This person has sent as many invitations as they may";
        [
            Self::new(format!("inviter/hour/{sub}"), limits.inviter_per_hour, HOUR, who).of_caller(),
            Self::new(format!("inviter/day/{sub}"), limits.inviter_per_day, DAY, who).of_caller(),
        ]
    }

    /// That one person invites one address once a day.
    #[must_use]
    pub fn of_pair(sub: &str, address: &EmailAddress) -> Self {
        Self::new(
            format!("pair/{sub}/{}", named(address)),
            1,
            DAY,
            "This person has written to this address today",
        )
    }

    /// What goes to all addresses of one domain in an hour, and to one address in a minute and a day, from all clients.
    #[must_use]
    pub fn of_address(limits: &Limits, address: &EmailAddress) -> [Self; 3] {
        let named = named(address);
        let who = "This address has been sent as many mails as it may";
        [
            Self::new(
                format!("domain/hour/{}", address.domain()),
                limits.domain_per_hour,
                HOUR,
                "The domain of this address has been sent as many mails as it may",
            )
            .shared(),
            Self::new(
                format!("address/minute/{named}"),
                limits.address_per_minute,
                MINUTE,
                who,
            ),
            Self::new(format!("address/day/{named}"), limits.address_per_day, DAY, who),
        ]
    }

    /// What goes to one address in mails to sign in. Anybody can ask for one in another's name, so invitations are counted apart, and what one network
    /// asks for leaves the address to the others; all together have a count of their own, which keeps its mailbox from being flooded.
    #[must_use]
    pub fn of_sign_in(limits: &Limits, address: &EmailAddress, network: Network) -> [Self; 3] {
        let who = "This address has been sent as many mails as it may";
        let (all, one) = (named(address), digest(&format!("{network} {}", address.normalised())));
        [
            Self::new(format!("sign_in/hour/{all}"), SIGN_INS, HOUR, who),
            Self::new(format!("sign_in/minute/{one}"), limits.address_per_minute, MINUTE, who),
            Self::new(format!("sign_in/day/{one}"), limits.address_per_day, DAY, who),
        ]
    }

    fn window(&self, now: Timestamp) -> i64 {
        let window = length(self.window).max(1);
        millis(now) / window * window
    }

    fn row(&self, shard: Shard, now: Timestamp) -> Row<'_> {
        let shard = match (self.counting, shard) {
            (Counting::Strictly, _) | (_, Shard::Only) => 0,
            (Counting::InShards, Shard::OneOf(shard)) => shard,
        };
        Row {
            key: &self.key,
            window: self.window(now),
            shard,
        }
    }

    fn reached(&self, now: Timestamp) -> RetryAfter {
        let end = self.window(now).saturating_add(length(self.window));
        let left = u64::try_from(end.saturating_sub(millis(now))).unwrap_or(0);
        RetryAfter {
            seconds: left.div_ceil(1000).max(1),
            whose: self.whose,
            who: self.who,
        }
    }
}

/// An address in a key: nobody reads it there.
fn named(address: &EmailAddress) -> String {
    digest(&address.normalised())
}

impl Shard {
    /// The next of those that there are where the transaction goes to: as many transactions as there are can be at work without one waiting for another.
    #[must_use]
    pub fn next(dialect: Dialect) -> Self {
        static TURN: AtomicI64 = AtomicI64::new(0);
        match dialect {
            Dialect::Sqlite => Self::Only,
            Dialect::Postgres => Self::OneOf(TURN.fetch_add(1, Ordering::Relaxed).rem_euclid(SHARDS)),
        }
    }
}

/// Counts one more, if the limit lets it. It is none that is [shared](Limit::shared).
///
/// # Errors
///
/// [`DatabaseError::Failed`]; within, [`RetryAfter`] if the limit is reached.
pub async fn take(
    connection: &mut Connection,
    limit: &Limit,
    now: Timestamp,
) -> Result<Result<(), RetryAfter>, DatabaseError> {
    take_all(connection, std::slice::from_ref(limit), Shard::Only, now).await
}

/// Counts one more for each limit, if all of them let it; otherwise for none. Transactions that take several times do it in one order of keys.
///
/// # Errors
///
/// [`DatabaseError::Failed`]; within, [`RetryAfter`] of the first limit that is reached.
pub async fn take_all(
    connection: &mut Connection,
    limits: &[Limit],
    shard: Shard,
    now: Timestamp,
) -> Result<Result<(), RetryAfter>, DatabaseError> {
    let rows: Vec<Row<'_>> = limits.iter().map(|limit| limit.row(shard, now)).collect();
    let counted = counters::add(connection, &rows).await?;
    // A row in its new state is ours until the transaction ends; in the others of its window others may count.
    let over = limits
        .iter()
        .zip(&counted)
        .find(|(limit, counted)| match limit.counting {
            Counting::Strictly => counted.row > limit.most,
            Counting::InShards => counted.all > limit.most,
        });
    if let Some((limit, _counted)) = over {
        counters::give_back(connection, &rows).await?;
        return Ok(Err(limit.reached(now)));
    }
    Ok(Ok(()))
}

/// Takes back what [`take_all`] has counted in this transaction.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn give_back(
    connection: &mut Connection,
    limits: &[Limit],
    shard: Shard,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let rows: Vec<Row<'_>> = limits.iter().map(|limit| limit.row(shard, now)).collect();
    counters::give_back(connection, &rows).await
}

impl From<RetryAfter> for Refusal {
    fn from(limit: RetryAfter) -> Self {
        Self::slow_down(limit.seconds, format!("{}. Try again later.", limit.who))
    }
}
