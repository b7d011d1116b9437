//! Invitations in the local network: showing one's own, and hearing those of others.

use std::sync::Arc;

use super::error::ClientError;
use super::invitation::Invitation;
use super::pump::Link;
use super::redemption::Redemption;
use super::secret::SecretProvider;
use super::{Client, Command};
use crate::invitation::NearbyInvitation;
use crate::invitation::nearby::Sightings;

impl Invitation {
    /// Shows the invitation in the local network for a quarter of an hour: whoever is there may come without the code, and the
    /// PIN decides. Its view tells what is announced.
    ///
    /// # Errors
    /// [`crate::failure::Failure::NearbyUnavailable`]; [`ClientError::Stopped`].
    pub async fn show_nearby(&self) -> Result<(), ClientError> {
        let invitation = self.id();
        self.link().order(Command::ShowNearby { invitation }).await
    }

    /// Does not show it there any more, and sends away who came that way and has not proved the PIN.
    ///
    /// # Errors
    /// [`ClientError::Failed`] if the invitation is not known any more; [`ClientError::Stopped`].
    pub async fn hide_nearby(&self) -> Result<(), ClientError> {
        let invitation = self.id();
        self.link().order(Command::HideNearby { invitation }).await
    }
}

/// What is heard in the local network. Call [`Self::stop`] when nobody looks any more: listening sends packets.
#[derive(Debug)]
pub struct Nearby {
    link: Link,
    seen: u64,
}

impl Nearby {
    /// All that are heard now.
    #[must_use]
    pub fn heard(&self) -> Arc<Sightings> {
        self.link.look(|world| Arc::clone(&world.nearby))
    }

    /// Waits until others are heard than before, and gives them. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::Stopped`].
    pub async fn changed(&mut self) -> Result<Arc<Sightings>, ClientError> {
        let seen = self.seen;
        let (version, heard) = self
            .link
            .wait(|world| (world.nearby_version != seen).then(|| (world.nearby_version, Arc::clone(&world.nearby))))
            .await?;
        self.seen = version;
        Ok(heard)
    }

    /// Does not listen any more.
    ///
    /// # Errors
    /// [`ClientError::Stopped`].
    pub async fn stop(self) -> Result<(), ClientError> {
        self.link.order(Command::StopListening).await
    }
}

impl Client {
    /// Listens for invitations that others show in the local network.
    ///
    /// # Errors
    /// [`crate::failure::Failure::NearbyUnavailable`] in a network mode without multicast; [`ClientError::Stopped`].
    pub async fn listen_nearby(&self) -> Result<Nearby, ClientError> {
        let link = self.link().clone();
        let seen = link.look(|world| world.nearby_version);
        link.order(Command::ListenNearby).await?;
        Ok(Nearby { link, seen })
    }

    /// Redeems an invitation that is shown in the local network. With a provider, [`Redemption::done`] asks it for the PIN.
    ///
    /// # Errors
    /// [`crate::failure::Failure::Redeem`] if too many PINs were proved nearby in vain today; [`ClientError::Stopped`].
    pub async fn redeem_nearby(
        &self,
        picked: impl Into<Arc<NearbyInvitation>>,
        provider: Option<SecretProvider>,
    ) -> Result<Redemption, ClientError> {
        let picked = picked.into();
        self.start_redemption(Command::RedeemNearby { picked }, provider).await
    }
}
