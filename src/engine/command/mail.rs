//! What a front end says about an invitation by e-mail.

use std::fmt;
use std::time::Duration;

use crate::email::{Issuer, MailCode, MailLink};
use crate::invitation::mailbox::Told;
use crate::party::{PartyId, Role};

/// What an inviter chooses for an invitation by e-mail. It is for one person: whoever reads the mailbox.
#[derive(Clone, PartialEq, Eq)]
pub struct MailOptions {
    /// To which party.
    pub party: PartyId,
    /// The service that sends it. This person has to be signed in there.
    pub issuer: Issuer,
    /// To whom.
    pub address: String,
    /// The role that the invitee gets, exactly: administrator at most.
    pub role: Role,
    /// How long the invitation works, from now: 30 days at most.
    pub lifetime: Duration,
    /// The inviter's private note, at most 64 bytes, never sent. Empty for none.
    pub label: String,
    /// What the mail may say, and the service learns with it; a message of at most 200 bytes.
    pub told: Told,
    /// Who lets in whoever reads the mailbox.
    pub admission: MailAdmission,
}

/// Who lets in whoever reads the mailbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailAdmission {
    /// Any member's device, at once: the word of the service is enough.
    #[default]
    AtOnce,
    /// An administrator, who compares four words with them: who runs the service cannot let anybody in.
    Approved,
}

/// For how long and as what: addresses and words are not for logs.
impl fmt::Debug for MailOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailOptions")
            .field("party", &self.party)
            .field("issuer", &self.issuer)
            .field("role", &self.role)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// What somebody who was invited by e-mail has in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailWay {
    /// The link of the mail, or the one that the browser opens the app with. It leads through the browser.
    Link(MailLink),
    /// The code that the service's page shows.
    Code {
        /// Which service.
        issuer: Issuer,
        /// The code.
        code: MailCode,
    },
}

impl MailWay {
    /// The service that it leads to.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        match self {
            Self::Link(link) => &link.issuer,
            Self::Code { issuer, .. } => issuer,
        }
    }
}
