//! Messages: what is said in a party.

use super::Client;
use super::error::ClientError;
use super::pump::Answer;
use crate::party::{MessageId, PartyId};
use crate::worker::Command;

#[cfg(doc)]
use crate::failure::Failure;

impl Client {
    /// Sends a message: 1 to 3000 bytes.
    ///
    /// # Errors
    /// [`Failure::MessageInvalid`], [`Failure::NotAllowed`], [`Failure::PartyUnknown`].
    pub async fn send_message(&self, party: PartyId, text: &str) -> Result<MessageId, ClientError> {
        self.say(party, text, None).await
    }

    /// Sends a message that answers another.
    ///
    /// # Errors
    /// As [`Self::send_message`], and [`Failure::ItemUnknown`].
    pub async fn reply(&self, party: PartyId, to: MessageId, text: &str) -> Result<MessageId, ClientError> {
        self.say(party, text, Some(to)).await
    }

    async fn say(&self, party: PartyId, text: &str, reply_to: Option<MessageId>) -> Result<MessageId, ClientError> {
        let text = text.to_owned();
        match self.link.ask(Command::SendMessage { party, text, reply_to }).await? {
            Answer::Message(message) => Ok(message),
            other => Err(other.unexpected()),
        }
    }

    /// Everything of a party has been seen: it counts as read, on this device.
    ///
    /// # Errors
    /// [`Failure::PartyUnknown`].
    pub async fn mark_read(&self, party: PartyId) -> Result<(), ClientError> {
        self.link.order(Command::MarkRead { party }).await
    }
}
