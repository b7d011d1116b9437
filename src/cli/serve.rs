//! `serve`: the invitation service, and the commands that look after it.
//!
//! The commands work on the tables themselves, beside a running service or without one. What they do with invitations and templates is done by
//! the same functions as what comes over HTTP.

mod audit;
mod check;
mod clients;
mod csv;
mod db;
pub(super) mod help;
mod import;
mod invites;
mod keys;
mod mail;
mod place;
mod redirects;
mod running;
mod suppress;
mod templates;
mod words;

use super::args::{Globals, Serve, ServeAudit, ServeCommand, ServeDb, ServeMail};
use super::output::Output;
use super::problem::{Ending, Slip};
use crate::service::run;
use crate::service::state::Service;

/// Carries out `serve`.
pub(super) fn serve(globals: &Globals, serve: Serve, output: &Output) -> Result<(), Ending> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|_refused| Slip::WorkerNotStarted)?;
    runtime.block_on(async {
        // What needs no service of its own.
        match &serve.command {
            Some(ServeCommand::Db(ServeDb::Copy { from, to })) => return Box::pin(db::copy(from, to, output)).await,
            Some(ServeCommand::Audit(ServeAudit::Verify { file: Some(file) })) => {
                return audit::verify_file(file, output);
            }
            _ => {}
        }
        let place = place::find(globals, &serve.place)?;
        match serve.command {
            None => Box::pin(running::run(place, output)).await,
            Some(ServeCommand::Keys(command)) => keys::keys(place, command, output).await,
            // A report that is handed over while the folder is away would be lost on a service that is made for it.
            Some(ServeCommand::Mail(ServeMail::IngestDsn { .. })) if !run::has_begun(&place.config) => {
                Err(words::no_service(&place.config.folder))
            }
            Some(command) => {
                let ready = run::open(place.config, place::clock()).await?;
                let ended = Box::pin(beside(&ready.service, command, output)).await;
                ready.close().await;
                ended
            }
        }
    })
}

/// What is done on the tables, beside a service that runs.
async fn beside(service: &Service, command: ServeCommand, output: &Output) -> Result<(), Ending> {
    match command {
        ServeCommand::Check => check::check(service, output).await,
        ServeCommand::Client(command) => clients::client(service, command, output).await,
        ServeCommand::Redirect(command) => redirects::redirect(service, command, output).await,
        ServeCommand::Audit(command) => audit::audit(service, command, output).await,
        ServeCommand::Template(command) => templates::template(service, command, output).await,
        ServeCommand::Invite(command) => invites::invite(service, command, output).await,
        ServeCommand::Suppress(command) => suppress::suppress(service, command, output).await,
        ServeCommand::Mail(ServeMail::IngestDsn { files }) => mail::ingest(service, &files, output).await,
        ServeCommand::Mail(ServeMail::Queue) => mail::queue(service, output).await,
        ServeCommand::Mail(ServeMail::Retry { id }) => mail::retry(service, id, output).await,
        ServeCommand::Db(ServeDb::Migrate) => db::migrated(service, output),
        // `serve` has carried these out.
        ServeCommand::Keys(_) | ServeCommand::Db(ServeDb::Copy { .. }) => Ok(()),
    }
}
