//! The post: takes out what waits in the outbox and sends it. Every process has one; they share the rows by leases.
//!
//! - **Invariant:** a row goes in the same transaction in which it is written down what became of it, so nothing is lost: after a crash between a server's
//!   answer and that transaction the mail is sent again, with the same `Message-ID`.
//! - **Invariant:** nothing is begun that could still be under way when its lease ends.
//! - **Invariant:** no kind of parcel takes the place of another, and no client's server that of another client: whatever hangs, the rest goes out.

mod invitation;
mod lane;
mod schedule;
mod sign_in;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use self::lane::{Lane, Load};
use super::database::DatabaseError;
use super::database::outbox::{Leased, Parcel};
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

    /// Sends what is due now, a few of each kind at once, and answers with how many rows it took.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] if it cannot lease. What goes wrong with one row is logged, and the row is tried again once its lease has ended.
    pub async fn step(&self) -> Result<usize, DatabaseError> {
        let mut taken = 0;
        let mut sending = Vec::new();
        for parcel in Parcel::ALL {
            for load in Lane::new(parcel).lease(&self.service).await? {
                taken += load.rows.len();
                sending.push(self.clone().send_all(load));
            }
        }
        futures::future::join_all(sending).await;
        Ok(taken)
    }

    /// Sends until `stop` ends, then finishes what has begun.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut lanes = Parcel::ALL.map(Lane::new);
        let mut sending = JoinSet::new();
        // Not a pause of each turn: while mails come and go one after the other, it would never be over.
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            for lane in &mut lanes {
                match lane.lease(&self.service).await {
                    Ok(loads) => loads.into_iter().for_each(|load| {
                        sending.spawn(self.clone().send_all(load));
                    }),
                    Err(error) => tracing::error!(%error, "the outbox cannot be read"),
                }
            }
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(sent) = sending.join_next() => warn(sent),
                () = self.service.outbox.notified() => lanes.iter_mut().for_each(Lane::look_again),
                _ = poll.tick() => lanes.iter_mut().for_each(Lane::look_again),
            }
        }
        while let Some(sent) = sending.join_next().await {
            warn(sent);
        }
        self.way.close().await;
    }

    /// One after the other; its place in the lane is free then.
    async fn send_all(self, mut load: Load) {
        for row in std::mem::take(&mut load.rows) {
            self.send(row).await;
        }
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
