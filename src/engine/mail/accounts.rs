//! Accounts at invitation services: signing in and out, and what of it is on disk.

use zeroize::Zeroizing;

use crate::email::{Account, Credential, Issuer, Key, Service, Tokens};
use crate::failure::{Failure, MailTrouble};
use crate::store::Change;

use super::super::open::Open;
use super::super::view::ServiceView;
use super::super::{Event, RequestId};
use super::Report;

impl Open {
    /// Sends the person to their browser, to sign in at a service.
    pub(in super::super) async fn sign_in(&mut self, request: RequestId, issuer: Issuer) -> Result<(), Failure> {
        let (post, events) = (self.mail.post.clone(), self.context.events.clone());
        let task = self.mail.spawn_for(request, async move {
            let result = match post.sign_in(&issuer).await {
                Ok(sign_in) => {
                    let url = sign_in.url.clone();
                    events.send(Event::BrowserNeeded { request, url }).await;
                    sign_in.finish(&post).await
                }
                Err(trouble) => Err(trouble),
            };
            Report::SignedIn(request, result)
        });
        self.wait_for_browser(request, task).await;
        Ok(())
    }

    /// Tries a client of the person's own; it is kept if the service knows it.
    pub(in super::super) fn use_client(
        &mut self,
        request: RequestId,
        issuer: Issuer,
        (id, secret): (String, Zeroizing<String>),
    ) -> Result<(), Failure> {
        let post = self.mail.post.clone();
        let account = Account {
            issuer,
            name: id.clone(),
            credential: Credential::Client { id, secret },
        };
        self.mail.spawn_for(request, async move {
            let result = match post.open(&account, None).await {
                Ok(key) => post.try_key(&account.issuer, &key).await,
                Err(trouble) => Err(trouble),
            };
            Report::Tried(request, Box::new(account), result)
        });
        Ok(())
    }

    /// Forgets an account, and tells the service so if it can be reached.
    pub(in super::super) async fn sign_out(&mut self, issuer: &Issuer) -> Result<(), Failure> {
        let account = self.mail.account(issuer)?.clone();
        let change = Change::DeleteAccount {
            issuer: issuer.as_str().to_owned(),
        };
        self.store(vec![change]).await?;
        self.mail.accounts.remove(issuer);
        self.mail.keys.remove(issuer);
        if let Credential::SignedIn { refresh } = account.credential {
            let post = self.mail.post.clone();
            self.mail.running.spawn(async move {
                let told = match post.meet(&account.issuer).await {
                    Ok(service) => post.forget(&service, &refresh).await,
                    Err(trouble) => Err(trouble),
                };
                if let Err(trouble) = told {
                    tracing::info!(?trouble, "a service was not told that nobody is signed in any more");
                }
                Report::Forgotten
            });
        }
        self.show_services().await;
        self.show_mails_through(issuer).await;
        Ok(())
    }

    /// The person has come back from the browser, or not.
    pub(super) async fn signed_in(&mut self, result: Result<(Service, Tokens), MailTrouble>) -> Result<(), Failure> {
        let (service, tokens) = result.map_err(Failure::Mail)?;
        let refresh = tokens.refresh.clone().ok_or(Failure::Mail(MailTrouble::Refused))?;
        let account = Account {
            issuer: service.issuer.clone(),
            name: tokens.address.clone().unwrap_or_default(),
            credential: Credential::SignedIn { refresh },
        };
        self.keep_account(account).await?;
        self.mail.keys.insert(service.issuer, Key::Tokens(tokens));
        Ok(())
    }

    /// Stores an account, and runs the errands that have waited for it.
    pub(super) async fn keep_account(&mut self, account: Account) -> Result<(), Failure> {
        self.store(vec![save(&account)]).await?;
        let issuer = account.issuer.clone();
        self.mail.accounts.insert(issuer.clone(), account);
        self.show_services().await;
        self.show_mails_through(&issuer).await;
        self.run_mail_errands();
        Ok(())
    }

    /// What an errand took is used for the next one; a new refresh token goes in the place of the used one.
    pub(super) async fn keep_key(&mut self, issuer: Issuer, key: Option<Key>) {
        let Some(key) = key else {
            self.mail.keys.remove(&issuer);
            return;
        };
        if let (Key::Tokens(tokens), Some(account)) = (&key, self.mail.accounts.get_mut(&issuer))
            && let Some(new) = tokens.refresh.clone()
            && let Credential::SignedIn { refresh } = &mut account.credential
            && *refresh != new
        {
            *refresh = new;
            let change = save(account);
            // Without it the person signs in again, once this one is used up.
            self.store_or_tell(vec![change]).await.unwrap_or_default();
        }
        if self.mail.accounts.contains_key(&issuer) {
            self.mail.keys.insert(issuer, key);
        }
    }

    /// Shows where this person is known.
    pub(in super::super) async fn show_services(&self) {
        let view = |account: &Account| ServiceView {
            issuer: account.issuer.as_str().to_owned(),
            name: account.name.clone(),
        };
        let services = self.mail.accounts.values().map(view).collect();
        self.context.events.send(Event::ServicesChanged { services }).await;
    }
}

fn save(account: &Account) -> Change {
    Change::SaveAccount {
        issuer: account.issuer.as_str().to_owned(),
        bytes: account.encode(),
    }
}
