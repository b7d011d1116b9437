//! The invitation service over its own HTTP, on both databases. PostgreSQL is `PARTYLINE_TEST_POSTGRES` (tests/run.sh starts one); without it
//! those tests say `SKIPPED`.

#![cfg(feature = "service")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "service/chromium.rs"]
mod chromium;
#[path = "service/exim.rs"]
mod exim;
#[path = "service/invited.rs"]
mod invited;
#[path = "service/letters.rs"]
mod letters;
#[path = "service/support.rs"]
mod support;

#[path = "service/api_support.rs"]
mod api_support;
#[path = "service/bulk.rs"]
mod bulk;
#[path = "service/changing.rs"]
mod changing;
#[path = "service/describing.rs"]
mod describing;
#[path = "service/health.rs"]
mod health;
#[path = "service/mail.rs"]
mod mail;
#[path = "service/post.rs"]
mod post;
#[path = "service/webhook.rs"]
mod webhook;

#[path = "service/browser.rs"]
mod browser;
#[path = "service/hostile_links.rs"]
mod hostile_links;
#[path = "service/idempotency.rs"]
mod idempotency;
#[path = "service/invite.rs"]
mod invite;
#[path = "service/inviter.rs"]
mod inviter;
#[path = "service/junk.rs"]
mod junk;
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
#[path = "service/oauth.rs"]
mod oauth;
#[path = "service/settings.rs"]
mod settings;
