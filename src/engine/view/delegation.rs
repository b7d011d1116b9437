//! What a face may show of delegated invitations: who came in, who asks to, which ones still work.

use std::fmt;

use crate::identity::{Fingerprint, IdentityId};
use crate::invitation::InvitationId;
use crate::party::{DelegatedTo, JoinRequestId, Role};
use crate::time::Timestamp;

/// Somebody who came in by an invitation.
#[derive(Clone, PartialEq, Eq)]
pub struct AdmittedView {
    /// Who.
    pub member: IdentityId,
    /// The name that they gave.
    pub name: String,
}

/// Somebody who waits for approval.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestView {
    /// Names the request in commands.
    pub id: JoinRequestId,
    /// Through which invitation.
    pub invitation: InvitationId,
    /// Whose invitation that is.
    pub invited_by: IdentityId,
    /// Who asks.
    pub member: IdentityId,
    /// The name that they give: a claim, like every name.
    pub name: String,
    /// Who asks, in words to be compared by voice.
    pub fingerprint: Fingerprint,
    /// The role that approval gives.
    pub role: Role,
    /// When the request reached a member, by that member's clock.
    pub at: Timestamp,
}

/// A delegated invitation that still works, as the party's log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegatedView {
    /// Its id.
    pub invitation: InvitationId,
    /// Who made it.
    pub by: IdentityId,
    /// The role that it gives.
    pub role: Role,
    /// Who may come in by it.
    pub to: DelegatedTo,
    /// When it ends.
    pub expires: Timestamp,
    /// How many have come in by it.
    pub uses: u32,
    /// How many may.
    pub max_uses: u32,
}

/// Ids only: a name is not for logs.
impl fmt::Debug for AdmittedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AdmittedView({:?})", self.member)
    }
}

/// Ids only: a name is not for logs.
impl fmt::Debug for RequestView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestView")
            .field("id", &self.id)
            .field("invitation", &self.invitation)
            .field("member", &self.member)
            .finish_non_exhaustive()
    }
}
