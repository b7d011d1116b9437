//! How a PIN is handed over: a generator on the inviter's side, a provider and its resolver on the invitee's. No IO.

use std::sync::Arc;

use tokio::sync::watch;

use super::error::ClientError;
use super::invitation;
use super::pump::Link;
use crate::failure::Failure;
use crate::invitation::{InvitationId, Pin, PinNotice};
use crate::time::Timestamp;
use crate::worker::Command;

/// A PIN is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinRequest {
    /// How many digits it has.
    pub digits: u8,
    /// When it stops working, as far as this device can tell.
    pub expires: Timestamp,
    /// How many tries are left for this PIN.
    pub tries_left: u8,
    /// Why it is asked for again, if it is.
    pub notice: Option<PinNotice>,
}

/// The inviter's side of the secret: the PIN that is shown, and a way to show another.
///
/// **The caller cannot choose the PIN.** The protocol draws it uniformly at random for each device that redeems the code,
/// and counts how often it was guessed wrong; a PIN that a person or a program had picked would be easier to guess than
/// those counts allow for. What a caller may bring is the generator: made before the invitation, wired to what shows the
/// PIN, and given to [`super::Client::invite_with`].
///
/// Clones stand for the same invitation. A generator serves one invitation at a time.
#[derive(Clone, Debug)]
pub struct SecretGenerator {
    serves: watch::Sender<Option<(Link, InvitationId)>>,
}

impl Default for SecretGenerator {
    fn default() -> Self {
        Self::new()
    }
}

impl SecretGenerator {
    /// A generator that serves no invitation yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            serves: watch::Sender::new(None),
        }
    }

    pub(super) fn serve(&self, link: Link, invitation: InvitationId) {
        self.serves.send_replace(Some((link, invitation)));
    }

    /// The PIN, as soon as a device has redeemed the code. Waits for ever if the generator never serves an invitation.
    ///
    /// # Errors
    /// [`ClientError::InvitationEnded`] if the invitation ends first; [`ClientError::Stopped`].
    pub async fn pin(&self) -> Result<Arc<Pin>, ClientError> {
        let mut serves = self.serves.subscribe();
        let served = serves.wait_for(Option::is_some).await.map_err(stopped)?.clone();
        let Some((link, id)) = served else {
            return Err(ClientError::Stopped);
        };
        invitation::pin(&link, id).await
    }

    /// Voids the PIN that is shown and shows a new one. The invitee's field clears; the old PIN costs no attempt.
    ///
    /// # Errors
    /// [`Failure::InvitationUnknown`] while no invitation is served; [`ClientError::Stopped`].
    pub async fn reset_pin(&self) -> Result<(), ClientError> {
        let served = self.serves.borrow().clone();
        let Some((link, invitation)) = served else {
            return Err(Failure::InvitationUnknown.into());
        };
        link.order(Command::ShowNewPin { invitation }).await
    }

    /// A provider that hands over the PIN which this generator shows.
    ///
    /// Both ends of the voice channel are then one program: for demonstrations and tests. Between two people the PIN goes
    /// by voice, into a [`secret_provider`].
    #[must_use]
    pub fn provider(&self) -> SecretProvider {
        SecretProvider {
            source: Source::Generator(self.clone()),
        }
    }
}

/// The invitee's side of the secret: asked for the PIN whenever one is needed. See [`secret_provider`].
#[derive(Debug)]
pub struct SecretProvider {
    source: Source,
}

#[derive(Debug)]
enum Source {
    Resolver {
        pins: watch::Receiver<Option<Arc<Pin>>>,
        requests: watch::Sender<Option<PinRequest>>,
    },
    Generator(SecretGenerator),
}

impl SecretProvider {
    /// The PIN for one request, or none if nobody is left who could hand it in. Cancel safe.
    pub(super) async fn secret(&mut self, request: PinRequest) -> Option<Arc<Pin>> {
        match &mut self.source {
            Source::Generator(generator) => generator.pin().await.ok(),
            Source::Resolver { pins, requests } => {
                requests.send_replace(Some(request));
                // Each PIN is handed over once: `changed` marks it as seen.
                pins.changed().await.ok()?;
                pins.borrow_and_update().clone()
            }
        }
    }
}

/// Hands the PIN to its [`SecretProvider`], once it is known.
#[derive(Debug)]
pub struct SecretResolver {
    pins: watch::Sender<Option<Arc<Pin>>>,
    requests: watch::Receiver<Option<PinRequest>>,
}

impl SecretResolver {
    /// Waits until a PIN is asked for: the moment to ask the person. None if the provider is gone.
    pub async fn requested(&mut self) -> Option<PinRequest> {
        self.requests.changed().await.ok()?;
        *self.requests.borrow_and_update()
    }

    /// Hands in the PIN. Before it is asked for, it is kept; the last one counts; each is used at most once.
    ///
    /// After a wrong PIN the provider is asked again: await [`Self::requested`], and call this again.
    pub fn resolve(&self, pin: impl Into<Arc<Pin>>) {
        self.pins.send_replace(Some(pin.into()));
    }
}

/// A provider for [`super::Client::redeem_with`], and the resolver that is called with the PIN once it is known.
#[must_use]
pub fn secret_provider() -> (SecretProvider, SecretResolver) {
    let (pin_sender, pin_receiver) = watch::channel(None);
    let (request_sender, request_receiver) = watch::channel(None);
    let source = Source::Resolver {
        pins: pin_receiver,
        requests: request_sender,
    };
    (
        SecretProvider { source },
        SecretResolver {
            pins: pin_sender,
            requests: request_receiver,
        },
    )
}

fn stopped<E>(_closed: E) -> ClientError {
    ClientError::Stopped
}
