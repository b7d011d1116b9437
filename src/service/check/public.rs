//! Looks at the service from outside: whether its public address leads here, and what time it is there.

use std::time::Duration;

use serde_json::Value;

use super::Finding;
use crate::service::state::Service;
use crate::service::tls;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a service says who it is (OpenID Connect Discovery, 4).
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Seconds that two clocks may be apart before somebody's tokens seem to come from the future.
const APART: i64 = 30;

pub(super) async fn check(service: &Service) -> Vec<Finding> {
    let issuer = &service.config.issuer;
    let what = "issuer";
    let answer = match ask(issuer).await {
        Ok(answer) => answer,
        Err(error) => {
            let text =
                format!("{issuer} does not answer ({error}). Start the service, and check the proxy and the name.");
            return vec![Finding::doubtful(what, text)];
        }
    };
    let mut found = Vec::new();
    if let Some(finding) = clock(service, &answer) {
        found.push(finding);
    }
    let status = answer.status();
    let says = answer.json::<Value>().await.ok();
    let named = says
        .as_ref()
        .and_then(|says| says.get("issuer"))
        .and_then(Value::as_str);
    found.push(match named {
        Some(named) if named == issuer => Finding::fine(what, format!("{issuer} leads here.")),
        Some(named) => Finding::wrong(
            what,
            format!("{issuer} leads to a service that calls itself {named}. Make both the same."),
        ),
        None => Finding::wrong(
            what,
            format!("{issuer}{DISCOVERY} answers {status} and not with this service. Check where the proxy leads to."),
        ),
    });
    found
}

async fn ask(issuer: &str) -> reqwest::Result<reqwest::Response> {
    tls::provide();
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE);
    builder.build()?.get(format!("{issuer}{DISCOVERY}")).send().await
}

/// The time of the answer, compared with ours. It says nothing if it came from this machine.
fn clock(service: &Service, answer: &reqwest::Response) -> Option<Finding> {
    let date = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    let there = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second();
    let here = i64::try_from(service.clock.now().as_secs()).ok()?;
    let apart = (there - here).abs();
    Some(if apart > APART {
        Finding::doubtful(
            "clock",
            format!(
                "This machine's clock is {apart} seconds apart from that of what answers in front. Let both follow a time server."
            ),
        )
    } else {
        Finding::fine("clock", "It agrees with what answers in front.")
    })
}
