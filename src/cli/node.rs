//! `node`: a member that stays online. It finishes offline invitations within its role and keeps the parties' data, which the
//! engine does by itself; this command waits, and says in a file of the profile how it is.

mod redemptions;
mod status;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::Globals;
use super::interrupt::Interrupt;
use super::json::Report;
use super::output::Output;
use super::problem::{self, Ending, Slip};
use super::session::{Session, ends_pairing};
use crate::failure::Failure;
use crate::time::Timestamp;
use redemptions::Redemptions;
pub(super) use status::Status;

/// How often a node says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Stays online until Ctrl-C or SIGTERM, which is how this ends well.
pub(super) async fn run(session: &Session, globals: &Globals) -> Result<(), Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let file = StatusFile(place(globals)?);
    let mut troubles = session.client.troubles();
    let mut changes = session.client.subscribe();
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    let started = session.output.wall().now;
    let (mut told, mut redemptions) = (None, Redemptions::default());
    let mut is_due = true;
    loop {
        redemptions.tell(&session.client, &session.output)?;
        let status = look(session, started);
        let has_changed = told.as_ref().is_none_or(|before: &Status| before.differs_from(&status));
        if (has_changed || is_due)
            && let Err(error) = status.write(&file.0)
        {
            tracing::warn!(%error, "how this node is could not be written");
        }
        if has_changed {
            session.output.report(&Report::NodeStatus(status.clone()))?;
            told = Some(status);
        }
        is_due = false;
        tokio::select! {
            changed = changes.changed() => drop(changed?),
            _ = heartbeat.tick() => is_due = true,
            () = interrupt.next() => return Ok(()),
            trouble = troubles.next() => {
                let trouble = trouble?;
                if ends_pairing(&trouble) {
                    return Err(trouble.into());
                }
                session.output.trouble(problem::of_failure(&trouble))?;
            }
        }
    }
}

/// Tells how the node of this profile is; it fails if there is none, so that a script can tell by the exit code.
pub(super) fn status(globals: &Globals, output: &Output) -> Result<(), Ending> {
    let status = Status::read(&place(globals)?).ok_or(Slip::NodeNotRunning)?;
    let silent = output.wall().now.since(Timestamp::from_millis(status.updated_ms));
    output.report(&Report::NodeStatus(status))?;
    if silent > HEARTBEAT * 3 {
        return Err(Slip::NodeSilent.into());
    }
    Ok(())
}

fn look(session: &Session, started: Timestamp) -> Status {
    let parties = session.client.parties();
    Status {
        started_ms: started.as_millis(),
        updated_ms: session.output.wall().now.as_millis(),
        parties: parties.len(),
        peers: session.client.network().peers,
        invitations: parties.iter().map(|party| party.delegated.len()).sum(),
        requests: parties.iter().map(|party| party.requests.len()).sum(),
        behind: parties.iter().map(|party| party.sync.behind).sum(),
    }
}

fn place(globals: &Globals) -> Result<PathBuf, Ending> {
    let config = globals.config(None).ok_or(Slip::NoDataFolder)?;
    Ok(config.data_dir.join(status::FILE))
}

/// The file, which goes when the node does.
#[derive(Debug)]
struct StatusFile(PathBuf);

impl Drop for StatusFile {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        tracing::debug!(%error, "the status of a node was not removed");
    }
}
