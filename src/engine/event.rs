//! What the engine tells a front end.

use std::sync::Arc;

use crate::failure::Failure;
use crate::party::{PartyId, TaskId};

use super::RequestId;
use super::view::{InvitationView, NetworkView, PartyView, ProfileView, RedemptionView};

/// One fact. What it says has happened is on disk.
///
/// An event with a `request` answers the command of that id; every command is answered exactly once.
#[derive(Clone, Debug)]
pub enum Event {
    /// The profile has come to another stage. The first event of every run.
    ProfileChanged {
        /// The command that caused it, if one did.
        request: Option<RequestId>,
        /// The stage.
        profile: ProfileView,
    },
    /// A command without another answer has been carried out.
    Done {
        /// The command.
        request: RequestId,
    },
    /// A command failed, or something did that nobody asked for.
    Failed {
        /// The command, if there was one.
        request: Option<RequestId>,
        /// What went wrong.
        failure: Failure,
    },

    /// A party was founded. Its `PartyChanged` came before.
    PartyCreated {
        /// The command.
        request: RequestId,
        /// The party.
        party: PartyId,
    },
    /// A party looks different. Sent for each party after the profile has opened.
    PartyChanged {
        /// The party as it is now.
        party: Arc<PartyView>,
    },
    /// This person left the party.
    PartyLeft {
        /// The party.
        party: PartyId,
    },
    /// A task was added. Its `PartyChanged` came before.
    TaskAdded {
        /// The command.
        request: RequestId,
        /// The task.
        task: TaskId,
    },

    /// An invitation was created.
    InvitationCreated {
        /// The command.
        request: RequestId,
        /// The invitation.
        invitation: Arc<InvitationView>,
    },
    /// An invitation has come to another stage. Sent for each open one after the profile has opened.
    InvitationChanged {
        /// The invitation as it is now.
        invitation: Arc<InvitationView>,
    },

    /// A redemption has begun.
    RedemptionStarted {
        /// The command.
        request: RequestId,
        /// The redemption.
        redemption: Arc<RedemptionView>,
    },
    /// A redemption has come to another stage. Sent for each unfinished one after the profile has opened.
    RedemptionChanged {
        /// The redemption as it is now.
        redemption: Arc<RedemptionView>,
    },

    /// The engine failed, and starts anew from what is on disk. What was asked before and is not answered yet will not be
    /// answered; everything that is stored is shown again.
    Restarted,
    /// Peers came or went.
    NetworkChanged {
        /// The network as it is now.
        network: NetworkView,
    },
    /// The engine has closed everything and ends. The last event of every run.
    Stopped,
}
