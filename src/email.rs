//! Invitations by e-mail: the only room that speaks to an invitation service.
//!
//! ```text
//! engine --Job--> [Post] --HTTPS--> service            person's browser --GET /callback--> [callback]
//! engine <-Report- [Post]
//! ```
//!
//! Everything that a service answers is bounded, checked and of no more weight than it has to be: it can say that a mail was
//! sent and that somebody reads a mailbox, and nothing about a party. Every token is bound to this machine's key on the network
//! (RFC 9449), so what is stolen from a disk or a log is of no use elsewhere.

mod account;
mod callback;
mod http;
mod invitations;
mod issuer;
mod link;
mod post;
mod proof;
mod service;
mod sign_in;
mod tokens;

pub use account::{Account, Credential};
pub use invitations::{Handed, Order};
pub use issuer::Issuer;
pub use link::{MailCode, MailLink};
pub use post::{Clock, Key, Post};
pub use service::Service;
pub use sign_in::SignIn;
pub use tokens::{Admission, Tokens};

/// How the desktop app is known at every service: a public client, without a secret.
const CLIENT_ID: &str = "partyline-desktop";
