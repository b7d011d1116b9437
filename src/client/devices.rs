//! This person's devices.

use std::sync::Arc;

use super::Client;
use super::error::ClientError;
use super::invitation::Invitation;
use super::pump::Answer;
use super::secret::SecretGenerator;
use crate::identity::{DeviceId, RecoveryPhrase};
use crate::worker::{Command, DevicesView, Protection};

#[cfg(doc)]
use crate::failure::Failure;

impl Client {
    /// This person's devices as they are now; none before the profile is open. [`Client::subscribe`] tells of changes of these,
    /// too.
    #[must_use]
    pub fn devices(&self) -> Option<Arc<DevicesView>> {
        self.link.look(|world| world.devices.clone())
    }

    /// Creates a code that makes a new device one of this person's: a profile without parties that gives it to
    /// [`Client::redeem`]. The PIN is shown as with any invitation; [`Invitation::done`] gives the device's name, and nobody's
    /// identity.
    ///
    /// # Errors
    /// [`Failure::IdentityElsewhere`], [`Failure::DiskFull`].
    pub async fn add_device(&self) -> Result<Invitation, ClientError> {
        match self.link.ask(Command::AddDevice).await? {
            Answer::Invitation(view) => Ok(Invitation::new(self.link.clone(), view, SecretGenerator::new())),
            other => Err(other.unexpected()),
        }
    }

    /// The recovery phrase of this person's identity: 24 words that bring it back on an empty machine. It is to be written down
    /// on paper, asked back, and confirmed with [`Self::confirm_phrase`].
    ///
    /// # Errors
    /// [`Failure::PhraseWritten`] once it was confirmed, [`Failure::IdentityElsewhere`].
    pub async fn phrase(&self) -> Result<Arc<RecoveryPhrase>, ClientError> {
        match self.link.ask(Command::ShowPhrase).await? {
            Answer::Phrase(phrase) => Ok(phrase),
            other => Err(other.unexpected()),
        }
    }

    /// The recovery phrase was written down: it is not shown again.
    ///
    /// # Errors
    /// [`Failure::IdentityElsewhere`], [`Failure::DiskFull`].
    pub async fn confirm_phrase(&self) -> Result<(), ClientError> {
        self.link.order(Command::ConfirmPhrase).await
    }

    /// Brings an identity back into a new profile. Its parties come when a member, or another device of this person, lets this
    /// one in.
    ///
    /// # Errors
    /// As [`Self::create_profile`].
    pub async fn recover_profile(
        &self,
        name: &str,
        protection: Protection,
        phrase: impl Into<Arc<RecoveryPhrase>>,
    ) -> Result<(), ClientError> {
        self.enter(Command::RecoverProfile {
            name: name.to_owned(),
            protection,
            phrase: phrase.into(),
        })
        .await
    }

    /// Brings the identity's key to a device that was added by another one: it can add further devices from now on.
    ///
    /// # Errors
    /// [`Failure::PhraseOfAnother`], [`Failure::DiskFull`].
    pub async fn hold_identity(&self, phrase: impl Into<Arc<RecoveryPhrase>>) -> Result<(), ClientError> {
        let phrase = phrase.into();
        self.link.order(Command::HoldIdentity { phrase }).await
    }

    /// Removes a device of this person from all parties: it is lost or retired, and does not come back.
    ///
    /// # Errors
    /// [`Failure::ThisDevice`], [`Failure::DeviceUnknown`], [`Failure::DiskFull`].
    pub async fn remove_device(&self, device: DeviceId) -> Result<(), ClientError> {
        self.link.order(Command::RemoveDevice { device }).await
    }

    /// Changes what a device of this person is called, 1 to 64 bytes. Only their own devices see it.
    ///
    /// # Errors
    /// [`Failure::NameInvalid`], [`Failure::DeviceUnknown`], [`Failure::DiskFull`].
    pub async fn rename_device(&self, device: DeviceId, name: &str) -> Result<(), ClientError> {
        let name = name.to_owned();
        self.link.order(Command::RenameDevice { device, name }).await
    }
}
