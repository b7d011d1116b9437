//! `serve check`: is everything there that the service needs?

use serde_json::json;

use super::words;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::check::{self, Verdict};
use crate::service::state::Service;

/// Tells what was found; it fails if something is wrong, so that a script can tell.
pub(super) async fn check(service: &Service, output: &Output) -> Result<(), Ending> {
    let found = check::check(service).await;
    for finding in &found {
        let event = json!({
            "event": "checked",
            "what": finding.what,
            "verdict": finding.verdict.word(),
            "text": finding.text,
        });
        let mark = match finding.verdict {
            Verdict::Fine => "ok  ",
            Verdict::Doubtful => "look",
            Verdict::Wrong => "BAD ",
        };
        output.told(&event, &format!("{mark}  {}: {}", finding.what, finding.text))?;
    }
    match found.iter().filter(|finding| finding.verdict == Verdict::Wrong).count() {
        0 => Ok(()),
        wrong => Err(words::check_failed(wrong)),
    }
}
