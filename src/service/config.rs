//! What an operator decides.

pub mod file;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The configuration of a service.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own that somebody gave, no state"
)]
#[derive(Clone, Debug)]
pub struct Config {
    /// The service's own public address, without a slash at its end: `https://invite.example.org`. It is the issuer of its tokens.
    pub issuer: String,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where `/metrics` is answered, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// The folder of its keys, and of its tables if they are in SQLite.
    pub folder: PathBuf,
    /// Where its tables are.
    pub tables: Tables,
    /// How its mail leaves.
    pub mail: Mail,
    /// Who asks, when a proxy stands in front: the header `X-Forwarded-For` counts only then.
    pub behind_proxy: bool,
    /// How much it takes from whom.
    pub limits: Limits,
    /// How long a code is good for: 30 to 600 seconds.
    pub code_life: Duration,
    /// Whether webhooks may go to private networks and to this machine, also unencrypted.
    pub private_webhooks: bool,
}

/// Where the tables are.
#[derive(Clone, PartialEq, Eq)]
pub enum Tables {
    /// The file `service.sqlite` in the folder.
    Sqlite,
    /// A PostgreSQL database at this URL, which may hold a password.
    Postgres(String),
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "Sqlite",
            Self::Postgres(_) => "Postgres(<redacted>)",
        })
    }
}

/// How mail leaves.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Who it is from, like `Partyline <invites@example.org>`.
    pub from: String,
    /// Who answers for it: a line at the end of each mail.
    pub contact: Option<String>,
    /// Which way it goes.
    pub way: MailWay,
    /// Its signature, if the service signs itself.
    pub dkim: Option<Dkim>,
}

/// Which way mail goes.
#[derive(Clone, Debug)]
pub enum MailWay {
    /// Into files `*.eml` of this folder, and to the terminal: for trying it out.
    Folder(PathBuf),
    /// To a mail server.
    Smtp(Smtp),
}

/// A mail server that takes the mail.
#[derive(Clone)]
pub struct Smtp {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// A certificate to trust beside the system's, in PEM.
    pub extra_root: Option<PathBuf>,
    /// User and password, if it asks for them.
    pub login: Option<(String, String)>,
    /// Connections at once.
    pub connections: u32,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte, port 465.
    Tls,
    /// STARTTLS, and nothing is sent without it.
    StartTls,
    /// None: only for a server on this machine.
    None,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Smtp({}:{}, {:?}, <redacted>)",
            self.host, self.port, self.encryption
        )
    }
}

/// How mails are signed (RFC 6376).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dkim {
    /// The domain that signs.
    pub domain: String,
    /// The selector of the key's record.
    pub selector: String,
    /// The private key, RSA in PEM.
    pub key: PathBuf,
}

/// How much is taken from whom. Counted in the tables, so that it holds over restarts and over several processes, unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Mails to one address in a minute, from all clients.
    pub address_per_minute: i64,
    /// Mails to one address in a day, from all clients.
    pub address_per_day: i64,
    /// Mails to one domain in an hour, from all clients.
    pub domain_per_hour: i64,
    /// Invitations of one signed-in person in an hour.
    pub inviter_per_hour: i64,
    /// Invitations of one signed-in person in a day.
    pub inviter_per_day: i64,
    /// Invitations of one signed-in person that nobody has accepted.
    pub inviter_open: i64,
    /// Pages for one network address in a minute, counted in memory.
    pub pages_per_minute: u32,
    /// Failed token requests from one network address in a minute, counted in memory.
    pub failures_per_minute: u32,
    /// Mails to sign in that one network address asks for in an hour, counted in memory.
    pub sign_ins_per_hour: u32,
    /// Requests of one signed-in person in a minute, counted in memory. Each item of a bulk is one.
    pub requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            address_per_minute: 1,
            address_per_day: 3,
            domain_per_hour: 500,
            inviter_per_hour: 20,
            inviter_per_day: 100,
            inviter_open: 100,
            pages_per_minute: 60,
            failures_per_minute: 20,
            sign_ins_per_hour: 20,
            requests_per_minute: 300,
        }
    }
}
