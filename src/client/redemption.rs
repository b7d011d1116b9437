//! A handle on one redemption, for the invitee.

use std::sync::Arc;

use super::error::ClientError;
use super::pump::Link;
use super::secret::{PinRequest, SecretProvider};
use crate::failure::Failure;
use crate::invitation::{Pin, PinNotice, RedemptionStage};
use crate::party::PartyId;
use crate::worker::{Command, RedemptionId, RedemptionView};

/// One redemption. Dropping the handle changes nothing: the app keeps trying, and [`super::Client::redemptions`] gives
/// another handle. [`Self::cancel`] ends it.
#[derive(Debug)]
pub struct Redemption {
    link: Link,
    last: Arc<RedemptionView>,
    version: u64,
    /// The version of the view that the last PIN answered. What is asked for later is a new question.
    answered: u64,
    provider: Option<SecretProvider>,
}

impl Redemption {
    pub(super) fn new(link: Link, view: Arc<RedemptionView>, provider: Option<SecretProvider>) -> Self {
        let version = link.look(|world| world.redemptions.get(&view.id).map_or(0, |told| told.version));
        Self {
            link,
            last: view,
            version,
            answered: 0,
            provider,
        }
    }

    /// Its id while this program runs.
    #[must_use]
    pub fn id(&self) -> RedemptionId {
        self.last.id
    }

    /// The redemption as it is now.
    #[must_use]
    pub fn view(&self) -> Arc<RedemptionView> {
        let now = self
            .link
            .look(|world| world.redemptions.get(&self.id()).map(|told| Arc::clone(&told.view)));
        now.unwrap_or_else(|| Arc::clone(&self.last))
    }

    /// How far it is.
    #[must_use]
    pub fn stage(&self) -> RedemptionStage {
        self.view().stage.clone()
    }

    /// Waits until the redemption is told anew, and gives what it looks like then. Several changes in quick succession may
    /// be given as one; the last is never missed. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::Stopped`].
    pub async fn changed(&mut self) -> Result<Arc<RedemptionView>, ClientError> {
        let (id, seen) = (self.id(), self.version);
        let (version, view) = self
            .link
            .wait(|world| {
                let told = world.redemptions.get(&id)?;
                (told.version != seen).then(|| (told.version, Arc::clone(&told.view)))
            })
            .await?;
        self.version = version;
        self.last = Arc::clone(&view);
        Ok(view)
    }

    /// Waits until a PIN is asked for: at first, after a wrong one, and when the inviter shows a new one. A PIN that is void
    /// is not asked for: the inviter has to show a new one first.
    ///
    /// # Errors
    /// How the redemption ended, if it ends first: see [`Self::done`].
    pub async fn pin_requested(&self) -> Result<PinRequest, ClientError> {
        match self.request().await? {
            Some((_, request)) => Ok(request),
            None => Err(self
                .ended()
                .await
                .err()
                .unwrap_or(ClientError::Failed(Failure::RedemptionUnknown))),
        }
    }

    /// Hands in the PIN. What comes of it arrives as a stage: `Joining`, or `EnterPin` with a notice.
    ///
    /// # Errors
    /// [`ClientError::Failed`] if the redemption has ended; [`ClientError::Stopped`].
    pub async fn set_pin(&mut self, pin: impl Into<Arc<Pin>>) -> Result<(), ClientError> {
        let id = self.id();
        self.answered = self
            .link
            .look(|world| world.redemptions.get(&id).map_or(0, |told| told.version));
        self.link
            .order(Command::SubmitPin {
                redemption: id,
                pin: pin.into(),
            })
            .await
    }

    /// Tries again at once to reach the inviter.
    ///
    /// # Errors
    /// [`ClientError::Failed`] if the redemption has ended; [`ClientError::Stopped`].
    pub async fn retry(&self) -> Result<(), ClientError> {
        self.link
            .order(Command::RetryRedemption { redemption: self.id() })
            .await
    }

    /// Stops the redemption. Harmless when it has ended. The code stays good for another try.
    ///
    /// # Errors
    /// [`ClientError::Stopped`].
    pub async fn cancel(&self) -> Result<(), ClientError> {
        self.link
            .order(Command::CancelRedemption { redemption: self.id() })
            .await
    }

    /// Waits until this person is a member; with a code that adds a device, until this device is that person's: then the id is
    /// of where their devices meet, which is none of [`super::Client::parties`]. A [`SecretProvider`] is asked for each PIN meanwhile; without one, call
    /// [`Self::pin_requested`] and [`Self::set_pin`]. Cancel safe.
    ///
    /// # Errors
    /// [`Failure::Redeem`] if it ends without a membership; [`ClientError::Cancelled`]; [`ClientError::ResolverDropped`] if
    /// the PIN cannot be had any more (the redemption itself goes on); [`ClientError::Stopped`].
    pub async fn done(&mut self) -> Result<PartyId, ClientError> {
        while self.provider.is_some() {
            let Some((version, request)) = self.request().await? else {
                break;
            };
            let (link, id) = (self.link.clone(), self.id());
            let Some(provider) = self.provider.as_mut() else { break };
            let pin = tokio::select! {
                // A new PIN, a lost link or an end: this question no longer stands.
                moved = link.wait(|world| (world.redemptions.get(&id)?.version != version).then_some(())) => {
                    moved?;
                    continue;
                }
                pin = provider.secret(request) => pin.ok_or(ClientError::ResolverDropped)?,
            };
            match self.set_pin(pin).await {
                // It has ended in the meantime: the next turn tells how.
                Ok(()) | Err(ClientError::Failed(Failure::RedemptionUnknown)) => {}
                Err(error) => return Err(error),
            }
        }
        self.ended().await
    }

    async fn ended(&self) -> Result<PartyId, ClientError> {
        let id = self.id();
        self.link
            .wait(|world| end(&world.redemptions.get(&id)?.view.stage))
            .await?
    }

    /// What is asked for and in which version of the view, or none when the redemption has ended.
    async fn request(&self) -> Result<Option<(u64, PinRequest)>, ClientError> {
        let (id, answered) = (self.id(), self.answered);
        self.link
            .wait(|world| {
                let told = world.redemptions.get(&id)?;
                if end(&told.view.stage).is_some() {
                    return Some(None);
                }
                let request = pin_request(&told.view.stage).filter(|_| told.version > answered)?;
                Some(Some((told.version, request)))
            })
            .await
    }
}

/// What is asked for at this stage, if a PIN is.
fn pin_request(stage: &RedemptionStage) -> Option<PinRequest> {
    match *stage {
        RedemptionStage::EnterPin {
            notice: Some(PinNotice::Void),
            ..
        } => None,
        RedemptionStage::EnterPin {
            digits,
            expires,
            tries_left,
            notice,
        } => Some(PinRequest {
            digits,
            expires,
            tries_left,
            notice,
        }),
        _ => None,
    }
}

/// How a redemption has ended, if it has.
fn end(stage: &RedemptionStage) -> Option<Result<PartyId, ClientError>> {
    match stage {
        RedemptionStage::Joined { party } => Some(Ok(*party)),
        RedemptionStage::Paired { home } => Some(Ok(*home)),
        RedemptionStage::Failed { error } => Some(Err(ClientError::Failed(Failure::Redeem(error.clone())))),
        RedemptionStage::Cancelled => Some(Err(ClientError::Cancelled)),
        RedemptionStage::Connecting { .. }
        | RedemptionStage::InviterOffline
        | RedemptionStage::MembersOffline { .. }
        | RedemptionStage::WaitsForApproval { .. }
        | RedemptionStage::Queued { .. }
        | RedemptionStage::EnterPin { .. }
        | RedemptionStage::Checking
        | RedemptionStage::Joining { .. }
        | RedemptionStage::Pairing { .. } => None,
    }
}
