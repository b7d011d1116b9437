//! What becomes of the codes that this profile has redeemed and that wait for members: nobody sits at a node to see it.

use std::collections::BTreeMap;

use super::super::json::{self, Report};
use super::super::narrate;
use super::super::output::Output;
use super::super::problem::{self, Ending};
use crate::client::Client;
use crate::failure::Failure;
use crate::invitation::RedemptionStage;
use crate::worker::RedemptionId;

/// How far each was when it was told last.
#[derive(Debug, Default)]
pub(super) struct Redemptions(BTreeMap<RedemptionId, RedemptionStage>);

impl Redemptions {
    /// Tells what is new of each.
    pub(super) fn tell(&mut self, client: &Client, output: &Output) -> Result<(), Ending> {
        for redemption in client.redemptions() {
            let view = redemption.view();
            let before = self.0.insert(view.id, view.stage.clone());
            if before.as_ref() == Some(&view.stage) {
                continue;
            }
            match &view.stage {
                RedemptionStage::WaitsForApproval { .. } | RedemptionStage::MembersOffline { .. } => {
                    for report in narrate::redemption(&view) {
                        output.report(&report)?;
                    }
                }
                RedemptionStage::Joined { party } => {
                    let party = client.party(*party).ok_or(Failure::PartyUnknown)?;
                    output.report(&Report::Joined {
                        party: party.id.to_string(),
                        name: party.name.clone(),
                        role: party.role.map(json::role),
                    })?;
                }
                RedemptionStage::Failed { error } => {
                    output.trouble(problem::of_failure(&Failure::Redeem(error.clone())))?;
                }
                // Before somebody has answered, or with a person who types a PIN.
                RedemptionStage::Connecting { .. }
                | RedemptionStage::InviterOffline
                | RedemptionStage::Queued { .. }
                | RedemptionStage::EnterPin { .. }
                | RedemptionStage::Checking
                | RedemptionStage::Joining { .. }
                | RedemptionStage::Pairing { .. }
                | RedemptionStage::Paired { .. }
                | RedemptionStage::Cancelled => {}
            }
        }
        Ok(())
    }
}
