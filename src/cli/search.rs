//! `search`: finds things by their words.

use super::args::Search;
use super::json::{FoundReport, Report};
use super::problem::Ending;
use super::session::Session;

pub(super) async fn search(session: &Session, args: &Search) -> Result<(), Ending> {
    let party = args.party.as_deref().map(|typed| session.party(typed)).transpose()?;
    let only = party.map(|party| party.id);
    for (party, found) in session.client.search(only, &args.words.join(" ")).await? {
        // One that was left meanwhile is of no use any more.
        if let Some(party) = session.client.party(party) {
            session.output.report(&Report::Found(FoundReport::of(&found, &party)))?;
        }
    }
    Ok(())
}
