//! OAuth and OpenID Connect over HTTP.

#[path = "oauth/person.rs"]
mod person;
#[path = "oauth/proofs.rs"]
mod proofs;
#[path = "oauth/refresh.rs"]
mod refresh;
#[path = "oauth/token.rs"]
mod token;
#[path = "oauth/typed.rs"]
mod typed;

/// Where the tests' client is answered.
pub const REDIRECT: &str = "https://choir.test/callback";
