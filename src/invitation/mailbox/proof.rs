//! What a mail service has given to an invitee. No IO.

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use super::Attestation;
use crate::time::Timestamp;

/// A proof that is good for less than this is made anew before it is shown.
const SPARE: Duration = Duration::from_secs(30);

/// Proof that this device's person reads a mailbox, as it is on disk.
#[derive(Clone, PartialEq, Eq)]
pub struct MailProof {
    /// What members are shown.
    pub attestation: Attestation,
    /// Until when, by this device's clock.
    pub expires: Timestamp,
    /// With this the service makes another one; none if it does not.
    pub renewal: Option<Zeroizing<String>>,
}

impl MailProof {
    /// Whether members will hardly take it any more.
    #[must_use]
    pub fn is_old(&self, now: Timestamp) -> bool {
        self.expires <= now.plus(SPARE)
    }

    /// How many bytes it takes at most.
    pub(in crate::invitation) fn room(&self) -> usize {
        let renewal = self.renewal.as_ref().map_or(0, |renewal| renewal.len());
        200 + self.attestation.issuer.len() + self.attestation.token.len() + renewal
    }

    pub(in crate::invitation) fn write(
        &self,
        e: &mut Encoder<Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<Infallible>> {
        e.array(3)?.bytes(&self.attestation.encode())?;
        e.u64(self.expires.as_millis())?
            .str(self.renewal.as_ref().map_or("", |renewal| renewal.as_str()))?;
        Ok(())
    }

    pub(in crate::invitation) fn read(d: &mut Decoder<'_>) -> Option<Self> {
        if d.array().ok()? != Some(3) {
            return None;
        }
        Some(Self {
            attestation: Attestation::decode(d.bytes().ok()?)?,
            expires: Timestamp::from_millis(d.u64().ok()?),
            renewal: Some(d.str().ok()?)
                .filter(|renewal| !renewal.is_empty())
                .map(|renewal| Zeroizing::new(renewal.to_owned())),
        })
    }
}

impl fmt::Debug for MailProof {
    /// Until when: tokens are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailProof")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
