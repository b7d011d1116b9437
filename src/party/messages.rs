//! Messages: what the data ops add up to, in any order. No IO.

use super::MessageId;
use crate::identity::IdentityId;
use crate::time::Timestamp;

/// A message.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// What it says: 1 to 3000 bytes.
    pub text: String,
    /// Who sent it.
    pub author: IdentityId,
    /// When it was sent, by the author's clock.
    pub sent: Timestamp,
    /// The message that it answers. That one may be deleted or not have come yet.
    pub reply_to: Option<MessageId>,
}

/// The id: a text is not for logs.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}
