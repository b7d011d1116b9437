//! A handle on one invitation, for the inviter.

use std::sync::Arc;

use super::error::ClientError;
use super::pump::Link;
use super::secret::SecretGenerator;
use crate::identity::IdentityId;
use crate::invitation::{InvitationId, InvitationStage, InviteCode, Pin};
use crate::worker::{AdmittedView, Command, InvitationView};

/// Who came in through an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub identity: IdentityId,
    /// The name that the member gives.
    pub name: String,
}

impl Member {
    fn of(view: &AdmittedView) -> Self {
        Self {
            identity: view.member,
            name: view.name.clone(),
        }
    }
}

/// One invitation. Dropping the handle changes nothing: the code stays good, and [`super::Client::invitations`] gives
/// another handle. [`Self::revoke`] ends it.
#[derive(Debug)]
pub struct Invitation {
    link: Link,
    last: Arc<InvitationView>,
    version: u64,
    secret: SecretGenerator,
}

impl Invitation {
    pub(super) fn new(link: Link, view: Arc<InvitationView>, secret: SecretGenerator) -> Self {
        secret.serve(link.clone(), view.id);
        let version = link.look(|world| world.invitations.get(&view.id).map_or(0, |told| told.version));
        Self {
            link,
            last: view,
            version,
            secret,
        }
    }

    pub(super) const fn link(&self) -> &Link {
        &self.link
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> InvitationId {
        self.last.id
    }

    /// The code to send, in any chat. Its `to_text` is what is copied.
    #[must_use]
    pub fn code(&self) -> Arc<InviteCode> {
        Arc::clone(&self.last.code)
    }

    /// The invitation as it is now.
    #[must_use]
    pub fn view(&self) -> Arc<InvitationView> {
        let now = self
            .link
            .look(|world| world.invitations.get(&self.id()).map(|told| Arc::clone(&told.view)));
        now.unwrap_or_else(|| Arc::clone(&self.last))
    }

    /// How far it is.
    #[must_use]
    pub fn stage(&self) -> InvitationStage {
        self.view().stage.clone()
    }

    /// Waits until the invitation is told anew, and gives what it looks like then. Several changes in quick succession may
    /// be given as one; the last is never missed. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::Stopped`].
    pub async fn changed(&mut self) -> Result<Arc<InvitationView>, ClientError> {
        let (id, seen) = (self.id(), self.version);
        let (version, view) = self
            .link
            .wait(|world| {
                let told = world.invitations.get(&id)?;
                (told.version != seen).then(|| (told.version, Arc::clone(&told.view)))
            })
            .await?;
        self.version = version;
        self.last = Arc::clone(&view);
        Ok(view)
    }

    /// The PIN to tell by voice, as soon as a device has redeemed the code.
    ///
    /// # Errors
    /// [`ClientError::InvitationEnded`] if the invitation ends first; [`ClientError::Stopped`].
    pub async fn pin(&self) -> Result<Arc<Pin>, ClientError> {
        pin(&self.link, self.id()).await
    }

    /// The generator that this invitation owns, or the one that the caller brought.
    #[must_use]
    pub const fn secret(&self) -> &SecretGenerator {
        &self.secret
    }

    /// Waits until another member's device has a delegated invitation, so that this one may go; how many have it. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::InvitationEnded`] if the invitation ends first, also by admitting somebody; [`ClientError::Stopped`].
    pub async fn offline_ready(&self) -> Result<usize, ClientError> {
        let id = self.id();
        let ready = |stage: &InvitationStage| match stage {
            InvitationStage::OfflineReady { devices } => Some(Ok(*devices)),
            stage => end(stage).map(|_| Err(ClientError::InvitationEnded(stage.clone()))),
        };
        self.link
            .wait(|world| ready(&world.invitations.get(&id)?.view.stage))
            .await?
    }

    /// Voids the PIN that is shown and shows a new one.
    ///
    /// # Errors
    /// [`ClientError::Failed`] if the invitation has ended; [`ClientError::Stopped`].
    pub async fn reset_pin(&self) -> Result<(), ClientError> {
        self.link.order(Command::ShowNewPin { invitation: self.id() }).await
    }

    /// Gives the slot to the next waiting device, or frees it: "not who I expected".
    ///
    /// # Errors
    /// [`ClientError::Failed`] if the invitation has ended; [`ClientError::Stopped`].
    pub async fn next(&self) -> Result<(), ClientError> {
        self.link.order(Command::NextInvitee { invitation: self.id() }).await
    }

    /// Revokes the code for good.
    ///
    /// # Errors
    /// [`crate::failure::Failure::AlreadyAdmitted`] if it is too late for that; [`ClientError::Stopped`].
    pub async fn revoke(&self) -> Result<(), ClientError> {
        self.link
            .order(Command::RevokeInvitation { invitation: self.id() })
            .await
    }

    /// Who has come in so far, in that order.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        self.view().admitted.iter().map(Member::of).collect()
    }

    /// Waits for the person who comes in after the first `seen`, in the order of [`Self::members`]; none if the invitation
    /// was made for no more than that. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::InvitationEnded`] if it ends without that person; [`ClientError::Stopped`].
    pub async fn member_after(&self, seen: usize) -> Result<Option<Member>, ClientError> {
        let id = self.id();
        let next = self
            .link
            .wait(|world| {
                let view = &world.invitations.get(&id)?.view;
                match view.admitted.get(seen) {
                    Some(newcomer) => Some(Ok(Some(Member::of(newcomer)))),
                    None => end(&view.stage).map(|end| end.map(|_last| None)),
                }
            })
            .await?;
        next.map_err(ClientError::InvitationEnded)
    }

    /// Waits until everybody for whom the invitation was made is in, and gives the last of them. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::InvitationEnded`] if it ends before; [`ClientError::Stopped`].
    pub async fn done(&self) -> Result<Member, ClientError> {
        let id = self.id();
        let end = self
            .link
            .wait(|world| end(&world.invitations.get(&id)?.view.stage))
            .await?;
        end.map_err(ClientError::InvitationEnded)
    }
}

/// How an invitation has ended, if it has.
fn end(stage: &InvitationStage) -> Option<Result<Member, InvitationStage>> {
    match stage {
        InvitationStage::Admitted { member, name } => Some(Ok(Member {
            identity: *member,
            name: name.clone(),
        })),
        InvitationStage::Locked | InvitationStage::Revoked | InvitationStage::Expired => Some(Err(stage.clone())),
        InvitationStage::Code { .. }
        | InvitationStage::OnlyHere
        | InvitationStage::OfflineReady { .. }
        | InvitationStage::Pin { .. }
        | InvitationStage::PinVoid { .. }
        | InvitationStage::Admitting => None,
    }
}

/// The PIN of an invitation, as soon as it is shown.
pub(super) async fn pin(link: &Link, id: InvitationId) -> Result<Arc<Pin>, ClientError> {
    let shown = |stage: &InvitationStage| match stage {
        InvitationStage::Pin { pin, .. } => Some(Ok(Arc::clone(pin))),
        // Whoever waits for a PIN after the admission has come too late for it.
        InvitationStage::Admitted { .. } => Some(Err(ClientError::InvitationEnded(stage.clone()))),
        stage => end(stage)?.err().map(|stage| Err(ClientError::InvitationEnded(stage))),
    };
    link.wait(|world| shown(&world.invitations.get(&id)?.view.stage))
        .await?
}
