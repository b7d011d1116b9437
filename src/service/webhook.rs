//! Webhooks: tells a client's own server of what happens, by Standard Webhooks 1.0.
//!
//! | part | what |
//! |---|---|
//! | [`Secret`] | what both sides share |
//! | [`Message`] | what is told, and its signature |
//! | [`guard`] | which addresses are never called |
//! | [`Messenger`] | calls |
//!
//! When something is told is decided by [`post`](super::post).

pub mod guard;
mod message;
mod messenger;
mod secret;

pub use self::message::Message;
pub use self::messenger::{Messenger, Told};
pub use self::secret::Secret;
