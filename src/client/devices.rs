//! This person's devices.

use std::sync::Arc;

use super::Client;
use super::error::ClientError;
use super::invitation::Invitation;
use super::pump::Answer;
use super::secret::SecretGenerator;
use crate::identity::DeviceId;
use crate::worker::{Command, DevicesView};

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
