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
    /// Whoever reads a mailbox, once an administrator approves: what the mail service says is not enough.
    ApprovedMailbox([u8; 32]),
}

impl DelegationMethod {
    /// The mailbox that it pins.
    #[must_use]
    pub const fn mailbox(&self) -> Option<[u8; 32]> {
        match self {
            Self::Mailbox(bind) | Self::ApprovedMailbox(bind) => Some(*bind),
            Self::Approval | Self::KnownKey(_) | Self::Link => None,
        }
    }

    /// Whether an administrator decides.
    #[must_use]
    pub const fn needs_approval(&self) -> bool {
        match self {
            Self::Approval | Self::ApprovedMailbox(_) => true,
            Self::KnownKey(_) | Self::Link | Self::Mailbox(_) => false,
        }
    }
}
