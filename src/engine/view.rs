//! What a face may show: plain data, made by the engine, never a reference into its state.

use std::sync::Arc;

use crate::failure::Failure;
use crate::identity::{EndpointId, IdentityId};
use crate::invitation::{InvitationId, InvitationStage, InviteCode, RedemptionStage};
use crate::party::{PartyId, Role, TaskId};
use crate::time::Timestamp;

use super::RedemptionId;

/// How far the profile is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileView {
    /// Nobody has used this profile: a name is needed, and a way to keep the key.
    New {
        /// Whether the operating system's keyring answers.
        keyring: KeyringView,
    },
    /// A passphrase is needed.
    Locked,
    /// The key is in a keyring that does not answer.
    KeyringSilent {
        /// Why.
        failure: Failure,
    },
    /// Ready.
    Open {
        /// The name that other members see.
        name: String,
        /// Who this is.
        identity: IdentityId,
        /// This machine's key on the network.
        endpoint: EndpointId,
    },
}

/// Whether the operating system's keyring answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyringView {
    /// It answers.
    Available,
    /// It does not: a passphrase, or an explicit choice to store without protection.
    Unavailable,
}

/// A party with its members and tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyView {
    /// Its id.
    pub id: PartyId,
    /// Its name.
    pub name: String,
    /// This person's role, or none after leaving or being removed.
    pub role: Option<Role>,
    /// Members in the order in which they came, the founder first.
    pub members: Vec<MemberView>,
    /// Tasks in the order in which they were added.
    pub tasks: Vec<TaskView>,
}

/// A member of a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub identity: IdentityId,
    /// The name that the member gave, or none yet.
    pub name: Option<String>,
    /// The role.
    pub role: Role,
    /// Who let the member in; none for the founder.
    pub admitted_by: Option<IdentityId>,
    /// When the member was let in, by the admitter's clock.
    pub since: Timestamp,
    /// Whether this is the person at this machine, connected, or away.
    pub presence: Presence,
}

/// Whether a member is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The person at this machine.
    Me,
    /// Connected now.
    Online,
    /// Not connected.
    Offline,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// Its id.
    pub id: TaskId,
    /// What is to be done.
    pub title: String,
    /// Whether it is done.
    pub done: bool,
    /// Who added it.
    pub author: IdentityId,
    /// When it was added, by the author's clock.
    pub created: Timestamp,
}

/// An invitation, as its inviter sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationView {
    /// Its id.
    pub id: InvitationId,
    /// To which party.
    pub party: PartyId,
    /// The inviter's private note, "for whom". Empty for none.
    pub label: String,
    /// The role that the invitee gets.
    pub role: Role,
    /// The code to send. Its `to_text` and `to_link` are what is copied.
    pub code: Arc<InviteCode>,
    /// When it was made.
    pub created: Timestamp,
    /// When the code stops working.
    pub expires: Timestamp,
    /// How many wrong PINs have been entered in all; the code locks at [`crate::invitation::MAX_WRONG_PINS`].
    pub wrong_pins: u8,
    /// How far it is.
    pub stage: InvitationStage,
}

/// A redemption, as its invitee sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedemptionView {
    /// Its id while this program runs.
    pub id: RedemptionId,
    /// The invitation's id.
    pub invitation: InvitationId,
    /// How far it is.
    pub stage: RedemptionStage,
}

/// How this machine is connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkView {
    /// How many members' devices are connected, over all parties.
    pub peers: usize,
}
