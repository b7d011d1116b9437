//! Mails of sign-ins. Nobody keeps a status of them: who waits for one asks for another.

use super::Post;
use super::schedule::{Next, after};
use crate::identity::EmailAddress;
use crate::service::clock::moment;
use crate::service::database::outbox::Leased;
use crate::service::database::{DatabaseError, clients, suppressions};
use crate::service::mail::compose::{self, template_for};
use crate::service::mail::sign_in::SignInMail;
use crate::service::mail::template::BuiltIn;
use crate::service::mail::way::{Handed, numbers, one_line};

impl Post {
    pub(super) async fn send_sign_in(&self, row: Leased) -> Result<(), DatabaseError> {
        let now = self.service.clock.now();
        let body = row.body.as_deref();
        let mail = body.and_then(|body| SignInMail::unseal(body, &self.service.keys));
        let ends = |mail: &SignInMail| moment(i64::try_from(mail.expires_at).unwrap_or(i64::MAX));
        let Some(mail) = mail.filter(|mail| ends(mail) > now) else {
            return self.drop_row(row).await;
        };
        let (client_id, locale) = (mail.client_id.clone(), mail.locale.clone());
        let email = EmailAddress::parse(&mail.email).map(|email| email.normalised());
        let found = self
            .service
            .database
            .read(|connection| {
                Box::pin(async move {
                    let Some((client, _secrets)) = clients::get(connection, &client_id).await? else {
                        return Ok(None);
                    };
                    // Who asks for no invitations of one client may still sign in; a mailbox that is not there gets nothing.
                    let Ok(email) = email else { return Ok(None) };
                    if client.is_disabled || suppressions::holds(connection, "", &email).await? {
                        return Ok(None);
                    }
                    let template = template_for(connection, &client, BuiltIn::SignIn.alias(), &locale).await?;
                    Ok(Some((client, template)))
                })
            })
            .await?;
        let Some((client, template)) = found else {
            return self.drop_row(row).await;
        };
        let letter = compose::sign_in(
            &self.sender,
            &self.service.keys,
            &row.id,
            &mail,
            &client,
            &template,
            now,
        );
        let handed = match letter {
            Ok(letter) => self.hand(&row, &letter).await,
            Err(error) => Some(Handed::Impossible(one_line(&error.to_string()))),
        };
        match handed {
            None => Ok(()),
            Some(Handed::Later(why)) => {
                let next = after(row.attempts, row.created_at, self.service.clock.now(), &mut rand::rng());
                match next {
                    Next::At(next) => self.postpone(row, next, why).await,
                    Next::GiveUp => self.drop_row(row).await,
                }
            }
            Some(Handed::Refused { answer, .. } | Handed::Impossible(answer)) => {
                let answer = numbers(&answer);
                tracing::warn!(outbox = row.id, answer, "the mail of a sign-in was not delivered");
                self.drop_row(row).await
            }
            Some(Handed::Taken(_)) => self.drop_row(row).await,
        }
    }
}
