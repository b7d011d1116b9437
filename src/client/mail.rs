//! Invitations by e-mail, through an invitation service.

use super::error::ClientError;
use super::pump::{Answer, Link};
use super::secret::SecretGenerator;
use super::{Client, Invitation, Redemption};
use crate::email::Issuer;
use crate::worker::{Command, MailOptions, MailWay, Passphrase, ServiceView};

impl Client {
    /// Where this person is known.
    #[must_use]
    pub fn services(&self) -> Vec<ServiceView> {
        self.link().look(|world| world.services.clone())
    }

    /// Signs in at a service. `open` is given what the person's browser has to open, once; within a quarter of an hour they have to come
    /// back from there to this machine.
    ///
    /// # Errors
    /// [`crate::failure::Failure::Mail`]; [`ClientError::Stopped`].
    pub async fn sign_in(&self, issuer: Issuer, open: impl FnOnce(&str)) -> Result<(), ClientError> {
        match self.through_browser(Command::SignIn { issuer }, open).await? {
            Answer::Done => Ok(()),
            other => Err(other.unexpected()),
        }
    }

    /// Uses a client that whoever runs the service has made for this person.
    ///
    /// # Errors
    /// [`crate::failure::Failure::Mail`] if the service does not know it; [`ClientError::Stopped`].
    pub async fn use_client(&self, issuer: Issuer, id: String, secret: Passphrase) -> Result<(), ClientError> {
        self.link().order(Command::UseClient { issuer, id, secret }).await
    }

    /// Forgets the account at a service.
    ///
    /// # Errors
    /// [`crate::failure::Failure::Mail`] if there is none; [`ClientError::Stopped`].
    pub async fn sign_out(&self, issuer: Issuer) -> Result<(), ClientError> {
        self.link().order(Command::SignOut { issuer }).await
    }

    /// Invites whoever reads a mailbox. The service sends the mail; any member who may lets the person in, or takes their request for an
    /// administrator to approve, as [`MailOptions::admission`] says.
    ///
    /// # Errors
    /// [`crate::failure::Failure::Mail`] if the service does not answer now: then there is no invitation either;
    /// [`crate::failure::Failure::NotAllowed`]; [`ClientError::Stopped`].
    pub async fn invite_by_mail(&self, options: MailOptions) -> Result<Invitation, ClientError> {
        match self
            .link()
            .ask(Command::InviteByMail {
                options: Box::new(options),
            })
            .await?
        {
            Answer::Invitation(view) => Ok(Invitation::new(self.link().clone(), view, SecretGenerator::new())),
            other => Err(other.unexpected()),
        }
    }

    /// Comes in by e-mail. With a link `open` is given what the person's browser has to open, as in [`Self::sign_in`].
    ///
    /// # Errors
    /// [`crate::failure::Failure::Mail`] if the link or code does not work; as [`Self::redeem`].
    pub async fn redeem_mail(&self, way: MailWay, open: impl FnOnce(&str)) -> Result<Redemption, ClientError> {
        match self
            .through_browser(Command::RedeemMail { way: Box::new(way) }, open)
            .await?
        {
            Answer::Redemption(view) => Ok(Redemption::new(self.link().clone(), view, None)),
            other => Err(other.unexpected()),
        }
    }

    /// Waits no longer for the browser.
    ///
    /// # Errors
    /// [`ClientError::Stopped`].
    pub async fn stop_browser(&self) -> Result<(), ClientError> {
        self.link().order(Command::StopBrowser).await
    }

    async fn through_browser(&self, command: Command, open: impl FnOnce(&str)) -> Result<Answer, ClientError> {
        let link: &Link = self.link();
        let seen = link.look(|world| world.browser.0);
        let answer = link.ask(command);
        tokio::pin!(answer);
        tokio::select! {
            answer = &mut answer => return answer,
            url = link.wait(|world| (world.browser.0 != seen).then(|| world.browser.1.clone())) => open(&url?),
        }
        answer.await
    }
}

impl Invitation {
    /// Has the service send the mail again.
    ///
    /// # Errors
    /// [`crate::failure::Failure::InvitationUnknown`] if no mail carries it; [`crate::failure::Failure::Mail`];
    /// [`ClientError::Stopped`].
    pub async fn send_again(&self) -> Result<(), ClientError> {
        self.link().order(Command::SendAgain { invitation: self.id() }).await
    }
}
