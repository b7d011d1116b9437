//! What is counted for operators, in the text form of Prometheus, on a listener of its own.
//!
//! | name | labels | what |
//! |---|---|---|
//! | `partyline_http_requests_total` | `method`, `route`, `status` | requests |
//! | `partyline_http_seconds` | `route` | how long they took |
//! | `partyline_invites_total` | `client`, `result` | invitations asked for: `accepted` or the error's code |
//! | `partyline_token_total` | `grant`, `error` | token requests; no error is `none` |
//! | `partyline_mail_results_total` | `class` | mails: `sent`, `later`, `refused`, `impossible` |
//! | `partyline_mail_send_seconds` | | how long the mail server took for one |
//! | `partyline_webhook_results_total` | `class` | webhooks: `told`, `later`, `not_wanted` |
//! | `partyline_events_total` | `kind` | what happened to invitations, counted when it is sealed |
//! | `partyline_invite_to_sent_seconds`, `partyline_sent_to_accepted_seconds` | | how long it took |
//! | `partyline_db_write_batch_size`, `partyline_db_write_seconds` | | writes that went into one transaction of `SQLite`, and its time |
//! | `partyline_outbox_depth`, `partyline_outbox_oldest_seconds` | | what waits to be sent, and for how long |
//!
//! No label holds an address, a token or anything else that somebody else wrote.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use super::database::outbox;
use super::state::Service;
use super::stop::Stop;

/// Seconds that requests, mails and writes are sorted by.
const SHORT: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Seconds that the life of an invitation is sorted by: a second to a month.
const LONG: &[f64] = &[
    1.0,
    10.0,
    60.0,
    600.0,
    3600.0,
    21_600.0,
    86_400.0,
    259_200.0,
    604_800.0,
    2_592_000.0,
];

/// Writes of one transaction.
const GROUPS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// How long a request that has begun may take when the service is to end.
const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// How many may ask for figures at once.
const ASKING: usize = 16;

/// Answers `/metrics` until it is told to end.
pub async fn serve(listener: TcpListener, service: Service, stop: Stop) {
    let routes = Router::new().route("/metrics", get(told)).with_state(service);
    let (mut told, mut cut_off) = (stop.clone(), stop);
    let served = super::http::serve(listener, routes, ASKING, async move { told.asked().await });
    let patience = async {
        cut_off.asked().await;
        tokio::time::sleep(LAST_REQUESTS).await;
    };
    tokio::select! {
        () = served => {}
        () = patience => {}
    }
}

async fn told(State(service): State<Service>) -> Response {
    let waiting = service
        .database
        .read_aside(|connection| Box::pin(async move { outbox::depth(connection).await }))
        .await;
    if let Ok(depth) = waiting {
        let waited = depth
            .oldest
            .map_or(Duration::ZERO, |oldest| service.clock.now().since(oldest));
        gauge!("partyline_outbox_depth").set(approximately(depth.rows));
        gauge!("partyline_outbox_oldest_seconds").set(waited.as_secs_f64());
    }
    let text = recorder().map(PrometheusHandle::render).unwrap_or_default();
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response()
}

/// Counts from now on. There is one count for the whole process; nothing is counted without it.
pub fn begin() {
    if recorder().is_none() {
        tracing::warn!("nothing is counted: something else in this process counts already");
    }
}

fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let long = |name: &str| Matcher::Full(name.to_owned());
        PrometheusBuilder::new()
            .set_buckets(SHORT)
            .and_then(|builder| builder.set_buckets_for_metric(long("partyline_invite_to_sent_seconds"), LONG))
            .and_then(|builder| builder.set_buckets_for_metric(long("partyline_sent_to_accepted_seconds"), LONG))
            .and_then(|builder| builder.set_buckets_for_metric(long("partyline_db_write_batch_size"), GROUPS))
            .and_then(PrometheusBuilder::install_recorder)
            .ok()
    };
    RECORDER.get_or_init(install).as_ref()
}

/// A request was answered. The route is its pattern, never the path: that may hold a token.
pub fn request(method: &'static str, route: &str, status: u16, took: Duration) {
    let route = route.to_owned();
    counter!("partyline_http_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    histogram!("partyline_http_seconds", "route" => route).record(took.as_secs_f64());
}

/// An invitation was asked for; `result` is `accepted` or the code of the error.
pub fn invited(client: &str, result: &'static str) {
    counter!("partyline_invites_total", "client" => client.to_owned(), "result" => result).increment(1);
}

/// A token request was answered; `error` is the code of the error or `none`.
pub fn token(grant: &'static str, error: &'static str) {
    counter!("partyline_token_total", "grant" => grant, "error" => error).increment(1);
}

/// A webhook was called: `told`, `later` or `not_wanted`.
pub fn told_webhook(class: &'static str) {
    counter!("partyline_webhook_results_total", "class" => class).increment(1);
}

/// A mail was tried: `sent`, `later`, `refused` or `impossible`.
pub fn mailed(class: &'static str, took: Duration) {
    counter!("partyline_mail_results_total", "class" => class).increment(1);
    histogram!("partyline_mail_send_seconds").record(took.as_secs_f64());
}

/// Something happened to an invitation.
pub fn happened(kind: &str) {
    counter!("partyline_events_total", "kind" => kind.to_owned()).increment(1);
}

/// A mail was taken by a server so long after its invitation was asked for.
pub fn invite_to_sent(took: Duration) {
    histogram!("partyline_invite_to_sent_seconds").record(took.as_secs_f64());
}

/// A code was exchanged so long after its mail was taken by a server.
pub fn sent_to_accepted(took: Duration) {
    histogram!("partyline_sent_to_accepted_seconds").record(took.as_secs_f64());
}

/// A transaction of `SQLite` with so many writes took so long.
pub fn written(writes: usize, took: Duration) {
    histogram!("partyline_db_write_batch_size").record(approximately(i64::try_from(writes).unwrap_or(i64::MAX)));
    histogram!("partyline_db_write_seconds").record(took.as_secs_f64());
}

/// A count as Prometheus has it. Exact far beyond what is counted here.
fn approximately(number: i64) -> f64 {
    i32::try_from(number).map_or(f64::from(i32::MAX), f64::from)
}
