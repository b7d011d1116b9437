//! To a mail server by SMTP, RFC 5321: with TLS or STARTTLS (RFC 3207), and AUTH (RFC 4954) if it asks for it.
//!
//! The connections are kept here and not in lettre's pool. A send that takes too long is given up in the middle, and lettre's pool would take that connection for
//! a good one: the next mail would read the late answers of the one before. Here a connection is out of the pool while it is used, and only comes back after a
//! whole mail. It also tells apart what was refused: our own login or sender, which another try may find mended, or the address.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;

use super::{Handed, Way, one_line, status_code};
use crate::service::config::{Encryption, Smtp};
use crate::service::mail::compose::Letter;
use crate::service::mail::sender::MailSetupError;

/// How long a connection may take to be there.
const CONNECT: Duration = Duration::from_secs(10);

/// A mail server.
pub struct Server {
    smtp: Smtp,
    tls: Option<TlsParameters>,
    hello: ClientId,
    /// Connections that wait for the next mail.
    parked: Mutex<Vec<AsyncSmtpConnection>>,
}

impl Server {
    /// The mail server of the configuration. It is not asked yet.
    ///
    /// # Errors
    ///
    /// [`MailSetupError`].
    pub fn new(smtp: &Smtp) -> Result<Self, MailSetupError> {
        let tls = match smtp.encryption {
            Encryption::Tls | Encryption::StartTls => Some(tls(smtp)?),
            Encryption::None if is_this_machine(&smtp.host) => None,
            Encryption::None => {
                return Err(MailSetupError::Unencrypted {
                    host: smtp.host.clone(),
                });
            }
        };
        Ok(Self {
            smtp: smtp.clone(),
            tls,
            hello: ClientId::default(),
            parked: Mutex::new(Vec::new()),
        })
    }

    /// A connection that is logged in: one that waits and still answers, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Error> {
        loop {
            let parked = self.parked().pop();
            let Some(mut connection) = parked else { break };
            if connection.test_connected().await {
                return Ok(connection);
            }
        }
        let at_once = match self.smtp.encryption {
            Encryption::Tls => self.tls.clone(),
            Encryption::StartTls | Encryption::None => None,
        };
        let server = (self.smtp.host.as_str(), self.smtp.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT), &self.hello, at_once, None).await?;
        if self.smtp.encryption == Encryption::StartTls
            && let Some(tls) = self.tls.clone()
        {
            connection.starttls(tls, &self.hello).await?;
        }
        if let Some((user, password)) = &self.smtp.login {
            let login = Credentials::new(user.clone(), password.clone());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &login).await?;
        }
        Ok(connection)
    }

    /// Connects and logs in as for a mail, and says goodbye without one.
    ///
    /// # Errors
    ///
    /// What the server said, or what went wrong without it.
    pub async fn try_login(&self) -> Result<(), String> {
        let mut connection = self.connection().await.map_err(|error| answer(&error))?;
        connection.abort().await;
        Ok(())
    }

    async fn send(&self, letter: &Letter) -> Handed {
        // Whatever goes wrong up to here is ours or the server's, not the address's.
        let mut connection = match self.connection().await {
            Ok(connection) => connection,
            Err(error) => return later(&error),
        };
        let handed = match transfer(&mut connection, letter).await {
            Ok(answer) => Handed::Taken(answer),
            Err(handed) => handed,
        };
        if matches!(handed, Handed::Taken(_)) && self.parked().len() < self.kept() {
            self.parked().push(connection);
        } else {
            connection.abort().await;
        }
        handed
    }

    fn kept(&self) -> usize {
        usize::try_from(self.smtp.connections).unwrap_or(usize::MAX)
    }

    fn parked(&self) -> std::sync::MutexGuard<'_, Vec<AsyncSmtpConnection>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Way for Server {
    fn hand<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Handed> {
        self.send(letter).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        let parked = std::mem::take(&mut *self.parked());
        let goodbyes = parked
            .into_iter()
            .map(|mut connection| async move { connection.abort().await });
        futures::future::join_all(goodbyes).map(|_all| ()).boxed()
    }
}

/// One mail over a connection: what the server said when it took it, or what became of it.
async fn transfer(connection: &mut AsyncSmtpConnection, letter: &Letter) -> Result<String, Handed> {
    let utf8 = !letter.bytes.is_ascii() || letter.envelope.to().iter().any(|to| !to.to_string().is_ascii());
    let mut parameters = Vec::new();
    if utf8 {
        // RFC 6531; a server without it could not deliver to such an address anyway.
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let why = "the mail server does not take addresses with letters beyond ASCII (SMTPUTF8)";
            return Err(Handed::Impossible(why.to_owned()));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let from = letter.envelope.from().cloned();
    connection
        .command(Mail::new(from, parameters))
        .await
        .map_err(|error| later(&error))?;
    for to in letter.envelope.to() {
        let rcpt = Rcpt::new(to.clone(), Vec::new());
        connection.command(rcpt).await.map_err(|error| refused(&error))?;
    }
    let go_on = connection.command(Data).await.map_err(|error| refused(&error))?;
    if !go_on.has_code(354) {
        return Err(Handed::Later(format!("to DATA the server said {}", said(&go_on))));
    }
    let taken = connection
        .message(&letter.bytes)
        .await
        .map_err(|error| refused(&error))?;
    if taken.code().severity != lettre::transport::smtp::response::Severity::PositiveCompletion {
        return Err(Handed::Later(format!("to the mail the server said {}", said(&taken))));
    }
    Ok(said(&taken))
}

fn said(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    one_line(&format!("{} {}", response.code(), lines.join(" ")))
}

fn later(error: &Error) -> Handed {
    Handed::Later(answer(error))
}

/// An answer 5xx is for good; everything else may be better later.
fn refused(error: &Error) -> Handed {
    if !error.is_permanent() {
        return later(error);
    }
    let text = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    Handed::Refused {
        answer: answer(error),
        status: status_code(&text),
    }
}

/// What the server said with its code in front, or what went wrong without it.
fn answer(error: &Error) -> String {
    match (error.status(), std::error::Error::source(error)) {
        (Some(code), Some(text)) => one_line(&format!("{code} {text}")),
        _ => one_line(&error.to_string()),
    }
}

fn tls(smtp: &Smtp) -> Result<TlsParameters, MailSetupError> {
    let wrong = |error: &Error| MailSetupError::Tls {
        host: smtp.host.clone(),
        reason: error.to_string(),
    };
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(path) = &smtp.extra_root {
        let pem = std::fs::read(path).map_err(|source| MailSetupError::File {
            path: path.clone(),
            source,
        })?;
        let root = Certificate::from_pem(&pem).map_err(|_unread| MailSetupError::Root { path: path.clone() })?;
        builder = builder.add_root_certificate(root);
    }
    builder.build().map_err(|error| wrong(&error))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({:?})", self.smtp)
    }
}
