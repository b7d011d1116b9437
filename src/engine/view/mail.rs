//! What a face may show of invitation services: where this person is known, and how far a mail is.

use std::fmt;

use crate::invitation::mailbox::MailStage;

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
            .finish_non_exhaustive()
    }
}
