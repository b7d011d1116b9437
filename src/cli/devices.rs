//! `device`: this person's devices: list, add, rename, remove.

use std::sync::Arc;
use std::time::Duration;

use super::args::Device;
use super::find;
use super::interrupt::Interrupt;
use super::invite::{Afterwards, attend};
use super::json::{DeviceReport, Report};
use super::problem::Ending;
use super::session::{Session, is_in_step};
use crate::failure::Failure;
use crate::identity::DeviceId;
use crate::worker::{DevicesView, Presence};

/// How long the new device gets to fetch what is in the parties.
const SYNC_LIMIT: Duration = Duration::from_secs(30);

pub(super) async fn device(session: &mut Session, args: &Device) -> Result<(), Ending> {
    match args {
        Device::List => {
            let known = known(session)?;
            let mut numbered = known.devices.iter().zip(1..);
            numbered.try_for_each(|(device, number)| {
                session.output.report(&Report::Device(DeviceReport::of(device, number)))
            })
        }
        Device::Add => add(session).await,
        Device::Rename { device, name } => {
            let device = one(session, device)?;
            session.client.rename_device(device, name).await?;
            let (device, name) = (device.to_string(), name.trim().to_owned());
            session.output.report(&Report::DeviceRenamed { device, name })
        }
        Device::Remove { device, sync } => {
            let device = one(session, device)?;
            session.client.remove_device(device).await?;
            session.output.report(&Report::DeviceRemoved {
                device: device.to_string(),
            })?;
            for party in session.client.parties() {
                session.settle_with_others(party.id, sync.limit()).await;
            }
            Ok(())
        }
    }
}

async fn add(session: &mut Session) -> Result<(), Ending> {
    // Before the code is shown: who reads it may send Ctrl-C at once.
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let mut invitation = session.client.add_device().await?;
    let view = invitation.view();
    session.output.report(&Report::DeviceCode {
        invitation: view.id.to_string(),
        code: view.code.to_text().to_string(),
        link: view.code.to_link().to_string(),
        expires_ms: view.expires.as_millis(),
    })?;
    attend(session, &mut invitation, &mut interrupt, Afterwards::Revoked).await?;
    session.settle_devices(SYNC_LIMIT).await;
    Ok(())
}

fn known(session: &Session) -> Result<Arc<DevicesView>, Ending> {
    Ok(session.client.devices().ok_or(Failure::ProfileClosed)?)
}

fn one(session: &Session, typed: &str) -> Result<DeviceId, Ending> {
    Ok(find::device(&known(session)?.devices, typed)?.device)
}

impl Session {
    /// Stays online until another device of this person is here and has what this one has, or until `limit`.
    pub(super) async fn settle_devices(&self, limit: Duration) {
        let mut changes = self.client.subscribe();
        let met = async {
            while !self.has_met() {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        // What is left comes later.
        tokio::time::timeout(limit, met).await.ok();
    }

    fn has_met(&self) -> bool {
        let devices = self.client.devices();
        let was_here = |presence| matches!(presence, Presence::Online | Presence::Offline(Some(_)));
        devices.is_some_and(|known| known.devices.iter().any(|one| was_here(one.presence)))
            && self.client.parties().iter().all(|party| is_in_step(party))
    }
}
