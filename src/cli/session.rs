//! A profile opened for one command, and what commands need to know about being online.

use std::sync::Arc;
use std::time::Duration;

use super::args::Globals;
use super::find;
use super::input::Input;
use super::output::Output;
use super::problem::{Ending, Slip};
use crate::client::Client;
use crate::failure::Failure;
use crate::party::PartyId;
use crate::worker::{PartyView, Passphrase, ProfileView};

/// The relay's token is a secret: not an argument, which other users of the machine can see.
const RELAY_TOKEN: &str = "PARTYLINE_RELAY_TOKEN";
/// How long closing may take before the program ends anyway. What was promised is on disk.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// The relay's token, if there is one.
pub(super) fn relay_token() -> Option<String> {
    std::env::var(RELAY_TOKEN).ok()
}

/// One command's view of the world.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) output: Output,
    pub(super) input: Input,
}

impl Session {
    /// Starts the worker; the profile may be new or locked.
    pub(super) async fn start(globals: &Globals, output: Output) -> Result<Self, Ending> {
        let config = globals.config(relay_token()).ok_or(Slip::NoDataFolder)?;
        Ok(Self {
            client: Client::open(config).await?,
            output,
            input: Input::default(),
        })
    }

    /// Asks for the passphrase if there is one. The profile is open when this has returned.
    pub(super) async fn unlock(&mut self, globals: &Globals) -> Result<(), Ending> {
        match self.client.profile() {
            ProfileView::Open { .. } => Ok(()),
            ProfileView::New { .. } => Err(Slip::ProfileMissing.into()),
            ProfileView::KeyringSilent { failure } => Err(failure.into()),
            ProfileView::Locked => {
                let passphrase = self.input.passphrase(globals.passphrase_fd, "Passphrase: ").await?;
                Ok(self.client.unlock(Passphrase::new(passphrase)).await?)
            }
        }
    }

    /// Closes everything, and gives the peers a moment to be told.
    pub(super) async fn close(self) {
        if tokio::time::timeout(CLOSE_LIMIT, self.client.close()).await.is_err() {
            tracing::warn!("the worker took too long to close");
        }
    }

    /// The party that a person means.
    pub(super) fn party(&self, typed: &str) -> Result<Arc<PartyView>, Ending> {
        find::party(&self.client.parties(), typed)
    }

    /// The party, as soon as it is there; none if it is not within `limit`.
    pub(super) async fn arrival(&self, party: PartyId, limit: Duration) -> Option<Arc<PartyView>> {
        let mut changes = self.client.subscribe();
        let arrived = async {
            while self.client.party(party).is_none() {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(limit, arrived).await.ok();
        self.client.party(party)
    }

    /// Stays online until every connected member and this machine have the same, and somebody has, or until `limit`.
    pub(super) async fn settle(&self, party: PartyId, limit: Duration) {
        let mut changes = self.client.subscribe();
        let in_step = async {
            while !self.is_in_step(party) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        // Members who are not online get it later.
        tokio::time::timeout(limit, in_step).await.ok();
    }

    /// As [`Self::settle`], but not at all in a party of one.
    pub(super) async fn settle_with_others(&self, party: PartyId, limit: Duration) {
        if self.client.party(party).is_some_and(|party| party.members.len() > 1) {
            self.settle(party, limit).await;
        }
    }

    fn is_in_step(&self, party: PartyId) -> bool {
        self.client.party(party).is_some_and(|party| is_in_step(&party))
    }
}

/// Whether somebody has what this machine has, and everybody who is online.
pub(super) fn is_in_step(party: &PartyView) -> bool {
    let sync = party.sync;
    sync.in_step + sync.left_in_step > 0 && sync.behind == 0
}

/// Whether an invitation or a redemption cannot go on with this trouble.
pub(super) const fn ends_pairing(trouble: &Failure) -> bool {
    matches!(trouble, Failure::NetworkUnavailable | Failure::ProfileClosed)
}
