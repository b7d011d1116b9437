//! The invitation service over its own HTTP, on both databases. PostgreSQL is `PARTYLINE_TEST_POSTGRES` (tests/run.sh starts one); without it
//! those tests say `SKIPPED`.

#![cfg(feature = "service")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![expect(clippy::print_stdout, reason = "a test that cannot run here says so")]
#![expect(clippy::disallowed_methods, reason = "what a test starts ends with it")]
#![expect(
    clippy::fn_params_excessive_bools,
    clippy::too_many_lines,
    reason = "tables of cases"
)]

#[path = "service/api_support.rs"]
mod api_support;
#[path = "service/browser.rs"]
mod browser;
#[path = "service/bulk.rs"]
mod bulk;
#[path = "service/changing.rs"]
mod changing;
#[path = "service/chromium.rs"]
mod chromium;
#[path = "service/clock.rs"]
mod clock;
#[path = "service/commands.rs"]
mod commands;
#[path = "service/copying.rs"]
mod copying;
#[path = "service/describing.rs"]
mod describing;
#[path = "service/examples.rs"]
mod examples;
#[path = "service/exim.rs"]
mod exim;
#[path = "service/faults.rs"]
mod faults;
#[path = "service/health.rs"]
mod health;
#[path = "service/hostile_links.rs"]
mod hostile_links;
#[path = "service/idempotency.rs"]
mod idempotency;
#[path = "service/invite.rs"]
mod invite;
#[path = "service/invited.rs"]
mod invited;
#[path = "service/inviter.rs"]
mod inviter;
#[path = "service/junk.rs"]
mod junk;
#[path = "service/letters.rs"]
mod letters;
#[path = "service/life.rs"]
mod life;
#[path = "service/limits.rs"]
mod limits;
#[path = "service/links.rs"]
mod links;
#[path = "service/looking.rs"]
mod looking;
#[path = "service/looks.rs"]
mod looks;
#[path = "service/mail.rs"]
mod mail;
#[path = "service/oauth.rs"]
mod oauth;
#[path = "service/own_postgres.rs"]
mod own_postgres;
#[path = "service/post.rs"]
mod post;
#[path = "service/postgres_tls.rs"]
mod postgres_tls;
#[path = "service/program.rs"]
mod program;
#[path = "service/run.rs"]
mod run;
#[path = "service/sealing.rs"]
mod sealing;
#[path = "service/settings.rs"]
mod settings;
#[path = "service/sink.rs"]
mod sink;
#[path = "service/support.rs"]
mod support;
#[path = "service/sweeper.rs"]
mod sweeper;
#[path = "service/transactions.rs"]
mod transactions;
#[path = "service/webhook.rs"]
mod webhook;
