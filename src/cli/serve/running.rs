//! `serve` itself: runs until Ctrl-C or SIGTERM.

use std::sync::Arc;

use serde_json::json;

use super::place::{self, Place};
use crate::cli::interrupt::Interrupt;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::failure::Failure;
use crate::service::config::{Config, MailWay};
use crate::service::dev::{self, DevClient};
use crate::service::mail::way::shown::{Show, ShownMail};
use crate::service::metrics;
use crate::service::run;

pub(super) async fn run(place: Place, output: &Output) -> Result<(), Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let Place { mut config, is_dev } = place;
    // The port first: whoever starts a second one is told so before anything is opened.
    let listener = run::listen(config.listen).await?;
    if let Ok(address) = listener.local_addr() {
        if is_dev && config.listen.port() == 0 {
            config.issuer = format!("http://{address}");
        }
        config.listen = address;
    }
    metrics::begin();
    let mut ready = run::open(config, place::clock()).await?.with_desktop_app().await?;
    if is_dev {
        let client = dev::prepare(&ready.service).await?;
        ready = ready.for_trying_out(mails(output));
        told(&ready.service.config, output)?;
        told_client(&ready.service.config, &client, output)?;
        // Last, as they print what waits.
        ready = ready.with_workers().await?;
    } else {
        ready = ready.with_workers().await?;
        told(&ready.service.config, output)?;
    }
    ready.serve(listener, async move { interrupt.next().await }).await?;
    output.told(
        &json!({ "event": "served" }),
        "Ended: every request was answered, nothing waits half done.",
    )
}

fn told(config: &Config, output: &Output) -> Result<(), Ending> {
    let (way, mail) = match &config.mail.way {
        MailWay::Folder(folder) => ("folder", format!("into {} and to this terminal", folder.display())),
        MailWay::Smtp(smtp) => ("smtp", format!("to {}:{}", smtp.host, smtp.port)),
    };
    let metrics = config.metrics.map(|address| address.to_string());
    let text = format!(
        "Invitations are served at {} (on {}; Ctrl-C ends it).\nKeys and tables: {} ({:?}). Mails go {mail}.",
        config.issuer,
        config.listen,
        config.folder.display(),
        config.tables,
    );
    let event = json!({
        "event": "serving",
        "issuer": config.issuer,
        "listen": config.listen.to_string(),
        "metrics": metrics,
        "folder": config.folder,
        "mail": way,
    });
    output.told(&event, &text)
}

/// Prints each mail that leaves.
fn mails(output: &Output) -> Show {
    let output = output.clone();
    Arc::new(move |mail: ShownMail| {
        let event = json!({ "event": "mail", "to": mail.to, "subject": mail.subject, "text": mail.text });
        let text = format!("\nA mail to {}: {}\n\n{}", mail.to, mail.subject, mail.text);
        // Nobody reads any more: the mail has left all the same.
        output.told(&event, &text).ok();
    })
}

fn told_client(config: &Config, client: &DevClient, output: &Output) -> Result<(), Ending> {
    let (issuer, file) = (&config.issuer, client.secret_file.display());
    let secret = client
        .new_secret
        .as_ref()
        .map_or_else(String::new, |secret| format!(", its secret is {}", secret.as_str()));
    let curl = format!(
        "curl {issuer}/api/invite -u \"{}:$(cat '{file}')\" \\\n    -H 'Content-Type: application/json' -d '{{\"email_address\": \"bonny@example.com\"}}'",
        dev::CLIENT
    );
    let text = format!(
        "\nA client is ready: its id is {}{secret} (kept in {file}).\nInvite somebody, then open the link of the mail that appears here:\n\n  {curl}\n",
        dev::CLIENT
    );
    let event = json!({
        "event": "dev_client",
        "client": dev::CLIENT,
        "secret": client.new_secret.as_ref().map(|secret| secret.as_str()),
        "secret_file": client.secret_file,
        "try": curl,
    });
    output.told(&event, &text)
}
