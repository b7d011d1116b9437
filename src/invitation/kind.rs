//! What kinds of invitation there are. No IO.

use crate::identity::IdentityId;

/// How an invitation lets somebody in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InvitationKind {
    /// The inviter is there, and tells a PIN by voice.
    #[default]
    Interactive,
    /// Any member who may admits, also while the inviter is away.
    Delegated(DelegationMethod),
}

/// Who may come in by a delegated invitation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DelegationMethod {
    /// Whom an administrator approves.
    #[default]
    Approval,
    /// This person, whose key the inviter knows already.
    KnownKey(IdentityId),
    /// Whoever comes first with the code: for editors at most.
    Link,
    /// Whoever reads a mailbox, as a mail service attests. This pins both: [`super::mailbox::MailKey::bind`].
    Mailbox([u8; 32]),
}
