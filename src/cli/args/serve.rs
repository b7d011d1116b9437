//! What can be said about the invitation service: `serve` and the commands that look after it. No IO.

mod clients;
mod inviting;

use std::path::PathBuf;

use clap::Subcommand;

pub(in crate::cli) use self::clients::{
    AlgorithmName, DeadLinkName, ServeClient, ServeClientCreate, ServeClientSet, ServeClientSettings, ServeRedirect,
    SubjectsName,
};
pub(in crate::cli) use self::inviting::{ServeInvite, ServeInviteHow, ServeSuppress, ServeTemplate};

const EXAMPLES: &str = "\
Examples:
  partyline serve --dev                         try it out: no configuration, mails go to this terminal
  partyline serve --config /etc/partyline/serve.toml
  partyline serve check                         is everything that it needs there?
  partyline serve client create choir --name Choir --redirect https://choir.example/welcome
  partyline serve client set choir --per-day 500
  partyline serve invite send choir bonny@example.org
  partyline serve invite list choir --status sent --json

The commands work beside a running service, on the same tables. A secret is never an argument: passwords are in files that the
configuration names, and a client's secret is printed once, when it is made.";

/// Where the service of a command is.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct ServePlace {
    /// Try it out with no configuration: mails go to this terminal and into files, and a client is ready
    #[arg(long, global = true, help_heading = WHERE)]
    pub(in crate::cli) dev: bool,
    /// The configuration file [default: what PARTYLINE_SERVE_CONFIG names, else /etc/partyline/serve.toml]
    #[arg(long, global = true, help_heading = WHERE, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// With --dev: where keys, tables and mails are kept [default: this system's place for application data]
    #[arg(long, global = true, help_heading = WHERE, value_name = "DIR")]
    pub(in crate::cli) folder: Option<PathBuf>,
    /// With --dev: the port to listen on [default: 8080]
    #[arg(long, global = true, help_heading = WHERE, value_name = "PORT")]
    pub(in crate::cli) port: Option<u16>,
}

const WHERE: &str = "Which service";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Serve {
    #[command(flatten)]
    pub(in crate::cli) place: ServePlace,
    #[command(subcommand)]
    pub(in crate::cli) command: Option<ServeCommand>,
}

/// What to do; without one the service runs until Ctrl-C or SIGTERM.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServeCommand {
    /// Look whether everything is there that the service needs: tables, mail server, signature of mails, clock, public address
    Check,
    /// Applications that invite
    #[command(subcommand)]
    Client(ServeClient),
    /// Where an application may be answered
    #[command(subcommand)]
    Redirect(ServeRedirect),
    /// What mails of an application say
    #[command(subcommand)]
    Template(ServeTemplate),
    /// Invitations: send, look at, take back
    #[command(subcommand)]
    Invite(ServeInvite),
    /// Addresses that get no mail
    #[command(subcommand)]
    Suppress(ServeSuppress),
    /// What happened: export it, and check that nothing of it was changed
    #[command(subcommand)]
    Audit(ServeAudit),
    /// The service's keys
    #[command(subcommand)]
    Keys(ServeKeys),
    /// What waits to be sent, and reports of mail servers
    #[command(subcommand)]
    Mail(ServeMail),
    /// The tables
    #[command(subcommand)]
    Db(ServeDb),
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServeAudit {
    /// Print what happened, an event a line, each with its number and its hash
    Export {
        /// Only what concerns this application
        #[arg(long)]
        client: Option<String>,
        /// Only what has a higher number
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
        after: i64,
    },
    /// Check the chain of hashes: that no event was changed, added or taken away
    Verify {
        /// An exported file of all applications instead of the tables
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServeKeys {
    /// The public halves, as applications read them (a JWK set)
    Show,
    /// Make a new key of each kind; the service uses them from its next start on, and still knows the older ones
    Rotate,
    /// Make a key that signs mails, and print the record for the name service
    Dkim {
        /// The domain that signs
        #[arg(long)]
        domain: String,
        /// The name of the record
        #[arg(long, default_value = "partyline")]
        selector: String,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServeMail {
    /// What waits to be sent
    Queue,
    /// Try it now instead of later
    Retry {
        /// Only this row
        id: Option<String>,
    },
    /// Read a report of a mail server that a mail was not delivered (RFC 3464), from files or from standard input
    IngestDsn {
        /// The files
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServeDb {
    /// Bring the tables up to date (which the service also does when it starts)
    Migrate,
    /// Copy all tables from one database to another, empty one; stop the service first
    Copy {
        /// The file of a SQLite database, or `postgres://USER@HOST/NAME` (its password is in PGPASSWORD)
        #[arg(long, value_name = "DATABASE")]
        from: String,
        /// The same
        #[arg(long, value_name = "DATABASE")]
        to: String,
    },
}
