//! The invitation service over its own HTTP, on both databases. PostgreSQL is `PARTYLINE_TEST_POSTGRES` (tests/run.sh starts one); without it
//! those tests say `SKIPPED`.

#![cfg(feature = "service")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "service/support.rs"]
mod support;

#[path = "service/health.rs"]
mod health;

#[path = "service/oauth.rs"]
mod oauth;
