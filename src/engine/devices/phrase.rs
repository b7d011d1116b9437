//! The recovery phrase: shown until it has been written down, and entered where the identity's key is not.

use std::sync::Arc;

use crate::failure::Failure;
use crate::identity::{Keys, RecoveryPhrase};
use crate::store::{Change, Store, StoreError};

use super::super::open::Open;
use super::super::view::KeyView;
use super::super::{Event, RequestId};

/// The setting that remembers that the phrase was written down.
const WRITTEN: &str = "phrase";

/// Whether the recovery phrase of a profile has been written down.
pub(in crate::engine) fn is_written(store: &Store) -> Result<bool, StoreError> {
    Ok(store.setting(WRITTEN)?.is_some())
}

/// The change that remembers it.
pub(in crate::engine) fn written() -> Change {
    Change::SetSetting {
        key: WRITTEN.to_owned(),
        value: "written".to_owned(),
    }
}

impl Open {
    /// Where the key of this person's identity is.
    pub(super) fn key_view(&self) -> KeyView {
        match self.keys.identity.key() {
            None => KeyView::Elsewhere,
            Some(_) if self.phrase_is_written => KeyView::Written,
            Some(_) => KeyView::Unwritten,
        }
    }

    /// Shows the recovery phrase, as long as nobody has written it down.
    pub(in crate::engine) fn show_phrase(&self, request: RequestId) -> Result<Event, Failure> {
        let key = self.keys.identity.key().ok_or(Failure::IdentityElsewhere)?;
        if self.phrase_is_written {
            return Err(Failure::PhraseWritten);
        }
        let phrase = Arc::new(RecoveryPhrase::of(key));
        Ok(Event::PhraseShown { request, phrase })
    }

    /// The person has written the phrase down.
    pub(in crate::engine) async fn confirm_phrase(&mut self) -> Result<(), Failure> {
        if self.keys.identity.key().is_none() {
            return Err(Failure::IdentityElsewhere);
        }
        self.store(vec![written()]).await?;
        self.phrase_is_written = true;
        self.publish_devices().await;
        Ok(())
    }

    /// The phrase brings the identity's key to this device, which has had a certificate only.
    pub(in crate::engine) async fn hold_identity(&mut self, phrase: &RecoveryPhrase) -> Result<(), Failure> {
        if phrase.identity() != self.keys.identity.id() {
            return Err(Failure::PhraseOfAnother);
        }
        let seed = phrase.seed();
        let (device, endpoint) = (self.keys.device.seed(), self.keys.endpoint.seed());
        let keys = Keys::from_seeds(&seed, &device, &endpoint);
        self.store(vec![Change::HoldIdentity { seed }, written()]).await?;
        self.keys = Arc::new(keys);
        self.phrase_is_written = true;
        self.publish_devices().await;
        Ok(())
    }
}
