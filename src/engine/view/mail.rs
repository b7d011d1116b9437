//! What a face may show of invitation services: where this person is known, and how far a mail is.

use std::fmt;

use crate::engine::delegating::is_open;
use crate::failure::MailTrouble;
use crate::invitation::mailbox::MailStage;

use super::InvitationView;

/// A service at which this person is known.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceView {
    /// Its URL, which names it in commands.
    pub issuer: String,
    /// Who this person is there: an address, or the name of a client.
    pub name: String,
}

/// The mail that carries an invitation.
#[derive(Clone, PartialEq, Eq)]
pub struct MailView {
    /// To whom.
    pub address: String,
    /// The service that sends it: its URL.
    pub issuer: String,
    /// How far it is, as far as the service has said.
    pub stage: MailStage,
    /// Why it comes no further, or why nobody knows whether it has: from what this device asked of the service last.
    pub trouble: Option<MailTrouble>,
}

impl InvitationView {
    /// Whether the service may be asked to send its mail (again): somebody may still come in by it, and whoever reads the mailbox
    /// has not said no. They may have said yes and lost what they got for it. Another mail does not make it good for longer.
    #[must_use]
    pub fn may_be_mailed_again(&self) -> bool {
        is_open(&self.stage)
            && self.mail.as_ref().is_some_and(|mail| match mail.stage {
                MailStage::Waiting
                | MailStage::Queued
                | MailStage::Sent
                | MailStage::Opened
                | MailStage::Accepted
                | MailStage::Bounced
                | MailStage::Failed
                | MailStage::Suppressed
                | MailStage::Refused => true,
                MailStage::Declined | MailStage::Revoked | MailStage::Expired => false,
            })
    }
}

/// The service: an address is not for logs.
impl fmt::Debug for ServiceView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceView")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// How far it is: an address is not for logs.
impl fmt::Debug for MailView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailView")
            .field("stage", &self.stage)
            .field("trouble", &self.trouble)
            .finish_non_exhaustive()
    }
}
