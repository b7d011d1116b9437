//! Looks whether everything is there that the service needs (`serve check`).
//!
//! It sends no mail, and changes nothing of what is there: as every
//! command it makes the folder, the keys and the empty tables if they are missing.

mod dns;
mod public;
mod smtp;

use super::config::{Config, MailWay, Tables};
use super::database::{outbox, server};
use super::keys::dkim_record;
use super::state::Service;

/// How something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it has to be.
    Fine,
    /// It works, and somebody should look at it.
    Doubtful,
    /// The service cannot do its work with it.
    Wrong,
}

impl Verdict {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Doubtful => "doubtful",
            Self::Wrong => "wrong",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: &'static str,
    /// How it was found.
    pub verdict: Verdict,
    /// What was found, and what to do if it is not fine.
    pub text: String,
}

impl Finding {
    fn fine(what: &'static str, text: impl Into<String>) -> Self {
        Self {
            what,
            verdict: Verdict::Fine,
            text: text.into(),
        }
    }

    fn doubtful(what: &'static str, text: impl Into<String>) -> Self {
        Self {
            what,
            verdict: Verdict::Doubtful,
            text: text.into(),
        }
    }

    fn wrong(what: &'static str, text: impl Into<String>) -> Self {
        Self {
            what,
            verdict: Verdict::Wrong,
            text: text.into(),
        }
    }
}

/// Looks at everything.
pub async fn check(service: &Service) -> Vec<Finding> {
    let config = &service.config;
    let mut found = vec![database(service).await, listener(config)];
    found.push(match &config.mail.way {
        MailWay::Smtp(server) => smtp::check(server).await,
        MailWay::Folder(folder) => Finding::doubtful(
            "mail",
            format!(
                "Mails are only written into {}. Name a mail server in [mail.smtp].",
                folder.display()
            ),
        ),
    });
    found.push(signature(config).await);
    found.extend(public::check(service).await);
    found
}

async fn database(service: &Service) -> Finding {
    let what = "database";
    let asked = service.database.read(|connection| {
        Box::pin(async move { Ok((outbox::depth(connection).await?, server::clock(connection).await?)) })
    });
    let name = match service.config.tables {
        Tables::Sqlite => "SQLite",
        Tables::Postgres(_) => "PostgreSQL",
    };
    match asked.await {
        Err(error) => Finding::wrong(what, format!("{error}. Check that it runs and lets this user in.")),
        Ok((depth, clock)) => {
            let apart = (crate::service::clock::millis(service.clock.now()) - clock).abs() / 1000;
            if apart > 5 {
                Finding::doubtful(
                    what,
                    format!(
                        "{name} answers, and its clock is {apart} seconds apart from this machine's. Let both follow a time server."
                    ),
                )
            } else {
                Finding::fine(what, format!("{name} answers; {} wait to be sent.", depth.rows))
            }
        }
    }
}

/// Whose address counts as whose, when a proxy stands in front.
fn listener(config: &Config) -> Finding {
    let what = "proxy";
    let (secure, local) = (config.issuer.starts_with("https:"), config.listen.ip().is_loopback());
    match (config.behind_proxy, secure, local) {
        (true, _, false) => Finding::doubtful(
            what,
            "behind_proxy is true and others can reach the listener directly, so they can name any address as theirs. Listen on 127.0.0.1, or let a firewall keep them out.",
        ),
        (false, true, _) => Finding::doubtful(
            what,
            "The issuer is https, so a proxy has to stand in front, and behind_proxy is false: all requests count as the proxy's own. Set behind_proxy = true if it sets X-Forwarded-For.",
        ),
        (false, false, false) => Finding::doubtful(
            what,
            "The listener is open to others without TLS. Put a proxy with TLS in front of it.",
        ),
        (true, _, true) | (false, false, true) => Finding::fine(what, format!("It listens on {}.", config.listen)),
    }
}

/// The key that signs mails, and whether the name service has its other half.
async fn signature(config: &Config) -> Finding {
    let what = "dkim";
    let Some(dkim) = &config.mail.dkim else {
        return match config.mail.way {
            MailWay::Smtp(_) => Finding::doubtful(
                what,
                "Mails are not signed here. If the mail server does not sign them: partyline serve keys dkim --domain YOUR-DOMAIN",
            ),
            MailWay::Folder(_) => Finding::fine(what, "Mails are not signed, and go nowhere."),
        };
    };
    let record = match dkim_record(&dkim.key) {
        Ok(record) => record,
        Err(error) => return Finding::wrong(what, format!("{error}.")),
    };
    let name = format!("{}._domainkey.{}", dkim.selector, dkim.domain);
    let key = |text: &str| {
        let spaceless = text.replace(' ', "");
        spaceless
            .split(';')
            .find_map(|part| part.strip_prefix("p=").map(str::to_owned))
    };
    match dns::txt(&name).await {
        Err(error) => Finding::doubtful(
            what,
            format!("The record {name} could not be asked for: {error}. Check it by hand."),
        ),
        Ok(texts) if texts.iter().any(|text| key(text) == key(&record)) => {
            Finding::fine(what, format!("The key signs, and {name} has its other half."))
        }
        Ok(texts) if texts.is_empty() => Finding::wrong(
            what,
            format!("There is no record {name}, so no mail server can check the signature. Make it say: {record}"),
        ),
        Ok(_) => Finding::wrong(
            what,
            format!("The record {name} is of another key. Make it say: {record}"),
        ),
    }
}

#[cfg(test)]
mod tests;
