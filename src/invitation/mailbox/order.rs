//! What an inviter's device remembers of the mail that carries an invitation. No IO.

use std::convert::Infallible;
use std::fmt;

use minicbor::{Decoder, Encoder};

use super::MAX_ISSUER;
use crate::identity::EmailAddress;

/// The longest name that a service gives to an invitation, in bytes.
pub const MAX_SERVICE_ID: usize = 128;

/// One invitation's mail, as it is on disk.
#[derive(Clone, PartialEq, Eq)]
pub struct MailOrder {
    /// The service that sends it: its URL.
    pub issuer: String,
    /// To whom.
    pub address: EmailAddress,
    /// What the mail may say beside the link.
    pub told: Told,
    /// How far it is.
    pub stage: MailStage,
    /// What the service calls the invitation, once it has it.
    pub service_id: Option<String>,
}

/// What a mail says beside the link, and the service learns with it. Empty where the person does not want that.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Who invites.
    pub inviter: String,
    /// To which party.
    pub party: String,
    /// A few words of the inviter's.
    pub message: String,
}

/// How far a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailStage {
    /// The service does not have it yet: this device hands it over as soon as it can.
    Waiting,
    /// The service has it and will send it.
    Queued,
    /// On its way, as far as the next mail server has said.
    Sent,
    /// Came back: there is no such mailbox, or it takes no mail.
    Bounced,
    /// Could not be sent, and the service has given up.
    Failed,
    /// The link was followed.
    Opened,
    /// The address is proved, and the code is with whoever reads it.
    Accepted,
    /// Whoever reads the mailbox does not want to come.
    Declined,
    /// Not sent: whoever reads this mailbox wants no mail of this service.
    Suppressed,
    /// Revoked at the service.
    Revoked,
    /// The link works no more.
    Expired,
    /// The service refuses to send it at all.
    Refused,
}

impl MailStage {
    /// All of them, in the order of their numbers, from 0.
    pub const ALL: [Self; 12] = [
        Self::Waiting,
        Self::Queued,
        Self::Sent,
        Self::Bounced,
        Self::Failed,
        Self::Opened,
        Self::Accepted,
        Self::Declined,
        Self::Suppressed,
        Self::Revoked,
        Self::Expired,
        Self::Refused,
    ];

    const fn number(self) -> u8 {
        self as u8
    }

    /// Whether the service has to hear of a revocation: somebody may still come by the link, or have another one sent.
    #[must_use]
    pub const fn is_to_be_taken_back(self) -> bool {
        !matches!(self, Self::Declined | Self::Revoked | Self::Expired | Self::Refused)
    }

    /// Whether the service will not bring it any further by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Waiting | Self::Queued | Self::Sent | Self::Opened => false,
            Self::Bounced
            | Self::Failed
            | Self::Accepted
            | Self::Declined
            | Self::Suppressed
            | Self::Revoked
            | Self::Expired
            | Self::Refused => true,
        }
    }
}

impl MailOrder {
    /// How many bytes it takes at most.
    pub(in crate::invitation) fn room(&self) -> usize {
        let told = &self.told;
        320 + self.issuer.len() + told.inviter.len() + told.party.len() + told.message.len() + MAX_SERVICE_ID
    }

    pub(in crate::invitation) fn write(
        &self,
        e: &mut Encoder<Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<Infallible>> {
        e.array(7)?.str(&self.issuer)?.str(&self.address.to_string())?;
        e.str(&self.told.inviter)?
            .str(&self.told.party)?
            .str(&self.told.message)?;
        e.u8(self.stage.number())?
            .str(self.service_id.as_deref().unwrap_or_default())?;
        Ok(())
    }

    pub(in crate::invitation) fn read(d: &mut Decoder<'_>) -> Option<Self> {
        if d.array().ok()? != Some(7) {
            return None;
        }
        let issuer = d.str().ok().filter(|issuer| issuer.len() <= MAX_ISSUER)?.to_owned();
        Some(Self {
            issuer,
            address: EmailAddress::parse(d.str().ok()?).ok()?,
            told: Told {
                inviter: d.str().ok()?.to_owned(),
                party: d.str().ok()?.to_owned(),
                message: d.str().ok()?.to_owned(),
            },
            stage: *MailStage::ALL.get(usize::from(d.u8().ok()?))?,
            service_id: Some(d.str().ok()?.to_owned()).filter(|id| !id.is_empty()),
        })
    }
}

impl fmt::Debug for MailOrder {
    /// How far it is: addresses, names and words are not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailOrder")
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told(<redacted>)")
    }
}
