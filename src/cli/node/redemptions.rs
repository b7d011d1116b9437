//! What becomes of the codes that this profile has redeemed: a dialog would show it, and at a node nobody sits, so its output tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::json::{self, Report};
use super::super::narrate;
use super::super::output::Output;
use super::super::problem::{self, Ending};
use crate::client::{Client, Redemption};
use crate::failure::Failure;
use crate::invitation::{InvitationId, RedemptionStage};
use crate::worker::RedemptionView;

/// What was told last of each.
#[derive(Debug, Default)]
pub(super) struct Redemptions(BTreeMap<InvitationId, Standing>);

/// What is worth telling of one; that it asks again is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Nobody was reached, or a person is needed to type a PIN.
    Open,
    /// No device that the code names could be reached.
    MembersOffline,
    WaitsForApproval,
    Joined,
    Failed,
}

impl Redemptions {
    /// Tells what is new of each.
    pub(super) fn tell(&mut self, client: &Client, output: &Output) -> Result<(), Ending> {
        // One that was taken up again has a later view.
        let latest: BTreeMap<InvitationId, Arc<RedemptionView>> = client
            .redemptions()
            .iter()
            .map(Redemption::view)
            .map(|view| (view.invitation, view))
            .collect();
        for (invitation, view) in latest {
            let standing = standing(&view.stage);
            if self.0.insert(invitation, standing) == Some(standing) {
                continue;
            }
            match &view.stage {
                RedemptionStage::Joined { party } => {
                    let known = client.party(*party);
                    output.report(&Report::Joined {
                        party: party.to_string(),
                        name: known.as_ref().map(|known| known.name.clone()).unwrap_or_default(),
                        role: known.and_then(|known| known.role).map(json::role),
                    })?;
                }
                RedemptionStage::Failed { error } => {
                    let problem = problem::of_failure(&Failure::Redeem(error.clone()));
                    output.report(&Report::RedemptionFailed {
                        invitation: invitation.to_string(),
                        problem: output.for_this_profile(problem),
                    })?;
                }
                RedemptionStage::MembersOffline { .. } | RedemptionStage::WaitsForApproval { .. } => {
                    for report in narrate::redemption(&view) {
                        output.report(&report)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

const fn standing(stage: &RedemptionStage) -> Standing {
    match stage {
        RedemptionStage::MembersOffline { .. } => Standing::MembersOffline,
        RedemptionStage::WaitsForApproval { .. } => Standing::WaitsForApproval,
        RedemptionStage::Joined { .. } => Standing::Joined,
        RedemptionStage::Failed { .. } => Standing::Failed,
        RedemptionStage::Connecting { .. }
        | RedemptionStage::InviterOffline
        | RedemptionStage::Queued { .. }
        | RedemptionStage::EnterPin { .. }
        | RedemptionStage::Checking
        | RedemptionStage::Joining { .. }
        | RedemptionStage::Pairing { .. }
        | RedemptionStage::Paired { .. }
        | RedemptionStage::Cancelled => Standing::Open,
    }
}
