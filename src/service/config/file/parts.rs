//! From what was given to a [`Config`]: each part checked on its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Mailbox;
use url::{Host, Url};

use super::ConfigError;
use super::given::Given;
use crate::service::config::{Config, Dkim, Encryption, Limits, Mail, MailWay, Smtp, Tables};

/// More than any limit makes sense for.
const MANY: i64 = 1_000_000_000;

pub(super) fn config(given: &Given, base: &Path) -> Result<Config, ConfigError> {
    let default_listen = SocketAddr::from(([127, 0, 0, 1], 8080));
    let life = given.number("code_life_seconds", 30, 600)?.unwrap_or(60);
    Ok(Config {
        issuer: issuer(given)?,
        listen: address(given, "listen")?.unwrap_or(default_listen),
        metrics: address(given, "metrics")?,
        folder: base.join(given.needed("folder")?),
        tables: tables(given, base)?,
        mail: mail(given, base)?,
        behind_proxy: given.switch("behind_proxy")?,
        limits: limits(given)?,
        code_life: Duration::from_secs(life.unsigned_abs()),
        private_webhooks: given.switch("private_webhooks")?,
    })
}

/// The service's own address, without a slash at its end.
fn issuer(given: &Given) -> Result<String, ConfigError> {
    let text = given.needed("issuer")?;
    let wrong = || {
        given.wrong(
            "issuer",
            "is not an https address, or http with 127.0.0.1 or [::1], without a path",
        )
    };
    let url = Url::parse(text).map_err(|_unread| wrong())?;
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    let secure = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    let origin = url.origin().ascii_serialization();
    let bare = text.trim_end_matches('/') == origin;
    if secure && bare { Ok(origin) } else { Err(wrong()) }
}

fn address(given: &Given, key: &str) -> Result<Option<SocketAddr>, ConfigError> {
    let read = |text: &str| {
        text.parse()
            .map_err(|_unread| given.wrong(key, "is not an address with a port"))
    };
    given.text(key)?.map(read).transpose()
}

fn tables(given: &Given, base: &Path) -> Result<Tables, ConfigError> {
    let key = "database.url";
    let Some(text) = given.text(key)? else {
        return Ok(Tables::Sqlite);
    };
    let not_postgres = || given.wrong(key, "is not the address of a PostgreSQL database");
    let mut url = Url::parse(text).map_err(|_unread| not_postgres())?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(not_postgres());
    }
    if url.password().is_some() && given.is_in_file(key) {
        return Err(given.wrong(
            key,
            "has a password in it, which belongs into a file of its own (database.password_file)",
        ));
    }
    if let Some(password) = secret(given, "database.password_file", base)? {
        url.set_password(Some(&password)).map_err(|()| not_postgres())?;
    }
    Ok(Tables::Postgres(url.to_string()))
}

fn mail(given: &Given, base: &Path) -> Result<Mail, ConfigError> {
    let from = given.needed("mail.from")?;
    if from.parse::<Mailbox>().is_err() {
        return Err(given.wrong("mail.from", "is not a name and an address"));
    }
    let way = match (given.text("mail.smtp.host")?, given.text("mail.folder")?) {
        (Some(host), None) => MailWay::Smtp(smtp(given, host, base)?),
        (None, Some(folder)) => MailWay::Folder(base.join(folder)),
        // The variable counts more than the file.
        (Some(host), Some(_)) if !given.is_in_file("mail.smtp.host") && given.is_in_file("mail.folder") => {
            MailWay::Smtp(smtp(given, host, base)?)
        }
        (Some(_), Some(folder)) if !given.is_in_file("mail.folder") && given.is_in_file("mail.smtp.host") => {
            MailWay::Folder(base.join(folder))
        }
        (Some(_), Some(_)) => {
            return Err(given.wrong("mail.folder", "and mail.smtp.host are two ways, and mail leaves by one"));
        }
        (None, None) => return Err(given.missing("mail.smtp.host")),
    };
    Ok(Mail {
        from: from.to_owned(),
        contact: given.text("mail.contact")?.map(str::to_owned),
        way,
        dkim: dkim(given, base)?,
    })
}

fn smtp(given: &Given, host: &str, base: &Path) -> Result<Smtp, ConfigError> {
    let encryption = match given.text("mail.smtp.encryption")? {
        None | Some("starttls") => Encryption::StartTls,
        Some("tls") => Encryption::Tls,
        Some("none") if is_this_machine(host) => Encryption::None,
        Some("none") => {
            return Err(given.wrong("mail.smtp.encryption", "may be none only for a server on this machine"));
        }
        Some(_) => return Err(given.wrong("mail.smtp.encryption", "is not one of starttls, tls and none")),
    };
    let usual = match encryption {
        Encryption::Tls => 465,
        Encryption::StartTls => 587,
        Encryption::None => 25,
    };
    let port = given.number("mail.smtp.port", 1, 65_535)?.unwrap_or(usual);
    let login = match (
        given.text("mail.smtp.user")?,
        secret(given, "mail.smtp.password_file", base)?,
    ) {
        (Some(user), Some(password)) => Some((user.to_owned(), password)),
        (None, None) => None,
        (Some(_), None) => return Err(given.missing("mail.smtp.password_file")),
        (None, Some(_)) => return Err(given.missing("mail.smtp.user")),
    };
    let connections = given.number("mail.smtp.connections", 1, 64)?.unwrap_or(8);
    Ok(Smtp {
        host: host.to_owned(),
        port: u16::try_from(port).unwrap_or(u16::MAX),
        encryption,
        extra_root: given.text("mail.smtp.extra_root")?.map(|path| base.join(path)),
        login,
        connections: u32::try_from(connections).unwrap_or(1),
    })
}

/// A password must not cross a network unprotected, nor the links in the mails.
fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn dkim(given: &Given, base: &Path) -> Result<Option<Dkim>, ConfigError> {
    let keys = ["mail.dkim.domain", "mail.dkim.selector", "mail.dkim.key"];
    let mut texts = Vec::new();
    for key in keys {
        texts.push(given.text(key)?);
    }
    match texts.as_slice() {
        [None, None, None] => Ok(None),
        [Some(domain), Some(selector), Some(key)] => Ok(Some(Dkim {
            domain: (*domain).to_owned(),
            selector: (*selector).to_owned(),
            key: base.join(key),
        })),
        _ => {
            let missing = keys.into_iter().zip(&texts).find(|(_, text)| text.is_none());
            Err(given.missing(missing.map_or("mail.dkim.domain", |(key, _)| key)))
        }
    }
}

fn limits(given: &Given) -> Result<Limits, ConfigError> {
    let usual = Limits::default();
    let number = |key: &str, usual: i64| Ok(given.number(key, 0, MANY)?.unwrap_or(usual));
    let in_memory = |key: &str, usual: u32| -> Result<u32, ConfigError> {
        let number = given.number(key, 1, MANY)?.unwrap_or_else(|| usual.into());
        Ok(u32::try_from(number).unwrap_or(u32::MAX))
    };
    Ok(Limits {
        address_per_minute: number("limits.address_per_minute", usual.address_per_minute)?,
        address_per_day: number("limits.address_per_day", usual.address_per_day)?,
        domain_per_hour: number("limits.domain_per_hour", usual.domain_per_hour)?,
        inviter_per_hour: number("limits.inviter_per_hour", usual.inviter_per_hour)?,
        inviter_per_day: number("limits.inviter_per_day", usual.inviter_per_day)?,
        inviter_open: number("limits.inviter_open", usual.inviter_open)?,
        pages_per_minute: in_memory("limits.pages_per_minute", usual.pages_per_minute)?,
        failures_per_minute: in_memory("limits.failures_per_minute", usual.failures_per_minute)?,
        sign_ins_per_hour: in_memory("limits.sign_ins_per_hour", usual.sign_ins_per_hour)?,
        requests_per_minute: in_memory("limits.requests_per_minute", usual.requests_per_minute)?,
    })
}

/// The first line of a file that holds a secret.
fn secret(given: &Given, key: &str, base: &Path) -> Result<Option<String>, ConfigError> {
    let Some(path) = given.text(key)? else {
        return Ok(None);
    };
    let path: PathBuf = base.join(path);
    let text = fs::read_to_string(&path).map_err(|error| {
        given.wrong(
            key,
            &format!("names {}, which cannot be read ({error})", path.display()),
        )
    })?;
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(line) => Ok(Some(line.to_owned())),
        None => Err(given.wrong(key, &format!("names {}, whose first line is empty", path.display()))),
    }
}
