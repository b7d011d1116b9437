//! OAuth and OpenID Connect over HTTP.

#[path = "oauth/admission.rs"]
mod admission;
#[path = "oauth/browser.rs"]
mod browser;
#[path = "oauth/foreign.rs"]
mod foreign;
#[path = "oauth/junk.rs"]
mod junk;
#[path = "oauth/later_invite.rs"]
mod later_invite;
#[path = "oauth/modules.rs"]
mod modules;
#[path = "oauth/modules_requests.rs"]
mod modules_requests;
#[path = "oauth/modules_sessions.rs"]
mod modules_sessions;
#[path = "oauth/op.rs"]
mod op;
#[path = "oauth/pairwise.rs"]
mod pairwise;
#[path = "oauth/person.rs"]
pub(crate) mod person;
#[path = "oauth/proofs.rs"]
mod proofs;
#[path = "oauth/refresh.rs"]
mod refresh;
#[path = "oauth/sign_in.rs"]
mod sign_in;
#[path = "oauth/token.rs"]
mod token;
#[path = "oauth/typed.rs"]
mod typed;

/// Where the tests' client is answered.
pub(crate) const REDIRECT: &str = "https://choir.test/callback";
