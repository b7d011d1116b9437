//! The invitation service over its own HTTP, on both databases. PostgreSQL is `PARTYLINE_TEST_POSTGRES` (tests/run.sh starts one); without it
//! those tests say `SKIPPED`.

#![cfg(feature = "service")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "service/support.rs"]
mod support;

#[path = "service/program.rs"]
mod program;

#[path = "service/copying.rs"]
mod copying;
#[path = "service/health.rs"]
mod health;
#[path = "service/run.rs"]
mod run;
#[path = "service/sealing.rs"]
mod sealing;
#[path = "service/sweeper.rs"]
mod sweeper;

#[path = "service/oauth.rs"]
mod oauth;
