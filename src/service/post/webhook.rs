//! Webhooks: told at least once, in no certain order, for a day.

use super::schedule::{Next, after};
use super::{Post, SEND};
use crate::service::database::outbox::Leased;
use crate::service::database::{DatabaseError, deliveries};
use crate::service::token::webhook_secret;
use crate::service::webhook::{Message, Secret, Told};

impl Post {
    pub(super) async fn send_webhook(&self, row: Leased) -> Result<(), DatabaseError> {
        let event = row.reference.clone();
        let found = self
            .service
            .database
            .read(|connection| Box::pin(async move { deliveries::announcement(connection, &event).await }))
            .await?;
        let now = self.service.clock.now();
        let Some(announcement) = found else {
            return self.drop_row(row).await;
        };
        let kept = announcement.kept_secret.as_deref();
        let secret = kept
            .and_then(|kept| webhook_secret(&self.service.keys.pepper, &announcement.client_id, kept))
            .and_then(|text| Secret::read(&text));
        let (Some(url), Some(secret)) = (&announcement.url, secret) else {
            return self.drop_row(row).await;
        };
        // The messages before it took the time of its lease.
        if now.plus(SEND) > row.until {
            return self.give_back(row).await;
        }
        let told = self
            .messenger
            .tell(url, &secret, &Message::of(&announcement), now)
            .await;
        let class = match &told {
            Told::Taken => "told",
            Told::Later(_) => "later",
            Told::NotWanted => "not_wanted",
        };
        crate::service::metrics::told_webhook(class);
        let next = after(row.attempts, row.created_at, now, &mut rand::rng());
        match told {
            Told::Taken => self.drop_row(row).await,
            Told::NotWanted => {
                tracing::warn!(
                    client = announcement.client_id,
                    "a webhook is not wanted any more (410)"
                );
                self.drop_row(row).await
            }
            Told::Later(why) => match next {
                Next::At(next) => self.postpone(row, next, why).await,
                Next::GiveUp => {
                    tracing::warn!(client = announcement.client_id, why, "a webhook was given up");
                    self.drop_row(row).await
                }
            },
        }
    }
}
