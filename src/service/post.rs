//! The post: takes out what waits in the outbox and sends it. Every process has one; they share the rows by leases.
//!
//! - **Invariant:** a row goes in the same transaction in which it is written down what became of it, so nothing is lost: after a crash between a server's
//!   answer and that transaction the mail is sent again, with the same `Message-ID`.
//! - **Invariant:** nothing is begun that could still be under way when its lease ends.

mod invitation;
mod schedule;
mod sign_in;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::database::outbox::{Leased, Parcel};
use super::database::{DatabaseError, outbox};
use super::mail::compose::Letter;
use super::mail::sender::{MailSetupError, Sender};
use super::mail::way::{self, Handed, Way};
use super::state::Service;
use super::webhook::Messenger;

pub(super) use self::invitation::{NO_SUCH_MAILBOX, event_kind};

/// How long a row is held.
const LEASE: Duration = Duration::from_secs(60);

/// How long one mail or webhook may take.
const SEND: Duration = Duration::from_secs(30);

/// Rows that one process sends at once.
const AT_ONCE: usize = 8;

/// Places that have to be free before more rows are leased: one transaction for several.
const WORTH_LEASING: usize = 4;

/// How long it waits at most before it looks again: for rows whose time has come, and on PostgreSQL for those that other processes have left.
const POLL: Duration = Duration::from_secs(1);

/// Sends what waits in the outbox.
#[derive(Clone)]
pub struct Post {
    service: Service,
    sender: Arc<Sender>,
    way: Arc<dyn Way>,
    messenger: Arc<Messenger>,
}

impl Post {
    /// Opens the way out that the configuration names.
    ///
    /// # Errors
    ///
    /// [`MailSetupError`], which names what is wrong.
    pub fn open(service: &Service) -> Result<Self, MailSetupError> {
        let way = way::open(&service.config.mail)?;
        Self::with_way(service, way)
    }

    /// A post with another way out.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn with_way(service: &Service, way: Arc<dyn Way>) -> Result<Self, MailSetupError> {
        Ok(Self {
            service: service.clone(),
            sender: Arc::new(Sender::of(&service.config)?),
            way,
            messenger: Arc::new(Messenger::new(service.config.private_webhooks)),
        })
    }

    /// Sends what is due now, a few at once, and answers with how many rows it took.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] if it cannot lease. What goes wrong with one row is logged, and the row is tried again once its lease has ended.
    pub async fn step(&self) -> Result<usize, DatabaseError> {
        let leased = self.lease(AT_ONCE).await?;
        let taken = leased.len();
        futures::future::join_all(leased.into_iter().map(|row| self.send(row))).await;
        Ok(taken)
    }

    /// Sends until `stop` ends, then finishes what has begun.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut sending = JoinSet::new();
        let mut may_be_more = true;
        loop {
            let free = AT_ONCE.saturating_sub(sending.len());
            if may_be_more && free >= WORTH_LEASING {
                match self.lease(free).await {
                    Ok(leased) => {
                        may_be_more = leased.len() == free;
                        for row in leased {
                            let post = self.clone();
                            sending.spawn(async move { post.send(row).await });
                        }
                    }
                    Err(error) => {
                        may_be_more = false;
                        tracing::error!(%error, "the outbox cannot be read");
                    }
                }
            }
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(sent) = sending.join_next() => warn(sent),
                () = self.service.outbox.notified() => may_be_more = true,
                () = sleep(POLL) => may_be_more = true,
            }
        }
        while let Some(sent) = sending.join_next().await {
            warn(sent);
        }
        self.way.close().await;
    }

    async fn lease(&self, most: usize) -> Result<Vec<Leased>, DatabaseError> {
        let now = self.service.clock.now();
        let dialect = self.service.database.dialect();
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.service
            .database
            .write(move |connection| {
                Box::pin(async move { outbox::lease(connection, dialect, most, now, now.plus(LEASE)).await })
            })
            .await
    }

    async fn send(&self, row: Leased) {
        let id = row.id.clone();
        let sent = match row.parcel {
            Parcel::Invitation => self.send_invitation(row).await,
            Parcel::SignIn => self.send_sign_in(row).await,
            Parcel::Webhook => self.send_webhook(row).await,
        };
        if let Err(error) = sent {
            tracing::error!(%error, outbox = id, "it is not known what became of a row; it is tried again");
        }
    }

    /// Hands a mail over, unless it could still be under way when its lease ends. None: not tried.
    async fn hand(&self, row: &Leased, letter: &Letter) -> Option<Handed> {
        if self.service.clock.now().plus(SEND) > row.until {
            return None;
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "how long it took, for the operator: nothing is decided by it"
        )]
        let began = std::time::Instant::now();
        let handed = timeout(SEND, self.way.hand(letter)).await;
        let handed =
            handed.unwrap_or_else(|_elapsed| Handed::Later("the mail server did not answer in time".to_owned()));
        let class = match &handed {
            Handed::Taken(_) => "sent",
            Handed::Later(_) => "later",
            Handed::Refused { .. } => "refused",
            Handed::Impossible(_) => "impossible",
        };
        super::metrics::mailed(class, began.elapsed());
        Some(handed)
    }
}

/// A send that panicked: its row is tried again once its lease has ended.
fn warn(sent: Result<(), tokio::task::JoinError>) {
    if let Err(error) = sent {
        tracing::error!(%error, "a row of the outbox was not dealt with");
    }
}

impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Post({:?})", self.sender)
    }
}
