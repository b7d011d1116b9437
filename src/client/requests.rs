//! Who asks to come in by an invitation that needs approval; [`PartyView::requests`] has the list.

use super::Client;
use super::error::ClientError;
use crate::party::{JoinRequestId, PartyId};
use crate::worker::Command;

#[cfg(doc)]
use crate::failure::Failure;
#[cfg(doc)]
use crate::worker::PartyView;

impl Client {
    /// Lets in somebody who waits for approval. They are a member from then on, and hear of it when they ask again.
    ///
    /// # Errors
    /// [`Failure::RequestUnknown`] if nobody waits under this id, [`Failure::InvitationOver`] if their invitation has ended,
    /// [`Failure::NotAllowed`] for less than an administrator; [`ClientError::Stopped`].
    pub async fn approve_request(&self, party: PartyId, request: JoinRequestId) -> Result<(), ClientError> {
        self.link.order(Command::ApproveRequest { party, request }).await
    }

    /// Refuses somebody who waits for approval: for good, as far as this invitation goes.
    ///
    /// # Errors
    /// As [`Self::approve_request`].
    pub async fn deny_request(&self, party: PartyId, request: JoinRequestId) -> Result<(), ClientError> {
        self.link.order(Command::DenyRequest { party, request }).await
    }
}
