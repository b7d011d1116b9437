//! `message`: what is said in a party.

use std::sync::Arc;

use super::args::{Kind, Message};
use super::find;
use super::items::{changed, delete, restore};
use super::json::Report;
use super::list::list;
use super::problem::Ending;
use super::session::Session;
use crate::party;

pub(super) async fn message(session: &Session, args: &Message) -> Result<(), Ending> {
    match args {
        Message::Send {
            party,
            text,
            reply,
            sync,
        } => {
            let party = session.party(party)?;
            let reply = reply.as_deref().map(|typed| find::message(&party, typed)).transpose()?;
            let text = if text == "-" {
                &session.input.text().await?
            } else {
                text
            };
            let message = match reply {
                Some(to) => session.client.reply(party.id, to.id, text).await?,
                None => session.client.send_message(party.id, text).await?,
            };
            let report = Report::MessageSent {
                party: party.id.to_string(),
                message: message.to_string(),
            };
            changed(session, party.id, &report, *sync).await
        }
        Message::List { listing, last } => list::<Arc<party::Message>>(session, listing, *last).await,
        Message::Read { party } => {
            let party = session.party(party)?.id;
            session.client.mark_read(party).await?;
            session.output.report(&Report::MessagesRead {
                party: party.to_string(),
            })
        }
        Message::Delete(change) => delete(session, change, Kind::Message).await,
        Message::Restore(change) => restore(session, change, Kind::Message).await,
    }
}
