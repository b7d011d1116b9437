//! Mail: what it says, how it is written, which way it leaves, and what comes back.
//!
//! | part | what |
//! |---|---|
//! | [`values`] | what somebody else filled in, made harmless |
//! | [`template`], [`tag`] | templates of clients in any language, and our own in ten |
//! | [`compose`] | one mail, with its headers and signature |
//! | [`sender`] | who our mail is from |
//! | [`verp`] | envelope senders that say what bounced |
//! | [`way`] | into a folder, or to a mail server |
//! | [`bounce`] | reports of mail servers, RFC 3464 |
//! | [`sign_in`] | what a mail of a sign-in says |
//!
//! What waits in the outbox is taken out and handed over by [`post`](super::post).

pub mod bounce;
pub mod compose;
pub mod sender;
pub mod sign_in;
pub mod tag;
pub mod template;
pub mod values;
pub mod verp;
pub mod way;
