//! The invitation service over its own HTTP, on both databases. PostgreSQL is `PARTYLINE_TEST_POSTGRES` (tests/run.sh starts one); without it
//! those tests say `SKIPPED`.

#![cfg(feature = "service")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "service/api_support.rs"]
mod api_support;
#[path = "service/exim.rs"]
mod exim;
#[path = "service/letters.rs"]
mod letters;
#[path = "service/own_postgres.rs"]
mod own_postgres;
#[path = "service/program.rs"]
mod program;
#[path = "service/support.rs"]
mod support;

#[path = "service/bulk.rs"]
mod bulk;
#[path = "service/changing.rs"]
mod changing;
#[path = "service/commands.rs"]
mod commands;
#[path = "service/copying.rs"]
mod copying;
#[path = "service/describing.rs"]
mod describing;
#[path = "service/examples.rs"]
mod examples;
#[path = "service/faults.rs"]
mod faults;
#[path = "service/health.rs"]
mod health;
#[path = "service/idempotency.rs"]
mod idempotency;
#[path = "service/invite.rs"]
mod invite;
#[path = "service/junk.rs"]
mod junk;
#[path = "service/life.rs"]
mod life;
#[path = "service/limits.rs"]
mod limits;
#[path = "service/looking.rs"]
mod looking;
#[path = "service/mail.rs"]
mod mail;
#[path = "service/oauth.rs"]
mod oauth;
#[path = "service/run.rs"]
mod run;
#[path = "service/sealing.rs"]
mod sealing;
#[path = "service/settings.rs"]
mod settings;
#[path = "service/sweeper.rs"]
mod sweeper;
#[path = "service/webhook.rs"]
mod webhook;
