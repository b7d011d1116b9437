//! What can be said about templates, invitations and addresses. No IO.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServeTemplate {
    /// Keep a new version of a template
    Put {
        /// The application's id
        client: String,
        /// The template's name; `invite` is used where an invitation names none
        alias: String,
        /// Its language
        #[arg(long, default_value = "en")]
        locale: String,
        /// The subject of the mail
        #[arg(long)]
        subject: String,
        /// The file of the plain text
        #[arg(long, value_name = "FILE")]
        text: PathBuf,
        /// The file of the HTML
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// All templates of an application
    List {
        /// The application's id
        client: String,
    },
    /// The newest version of a template
    Show {
        /// The application's id
        client: String,
        /// The template's name
        alias: String,
        /// Its language
        #[arg(long, default_value = "en")]
        locale: String,
    },
    /// The mail that a template makes
    Preview {
        /// The application's id
        client: String,
        /// The template's name
        alias: String,
        /// Its language
        #[arg(long, default_value = "en")]
        locale: String,
        /// What the template may use: NAME=VALUE; may be given several times
        #[arg(long = "data", value_name = "NAME=VALUE")]
        data: Vec<String>,
    },
    /// Take a template away, in one language or in all
    Remove {
        /// The application's id
        client: String,
        /// The template's name
        alias: String,
        /// Only in this language
        #[arg(long)]
        locale: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServeInvite {
    /// Invite somebody
    Send {
        /// The application's id
        client: String,
        /// Who is invited
        address: String,
        #[command(flatten)]
        how: ServeInviteHow,
        /// Send no mail, print the link instead: it is a secret, whoever has it is let in
        #[arg(long)]
        no_mail: bool,
    },
    /// Invitations of an application, the newest first
    List {
        /// The application's id
        client: String,
        /// Only those in this state, such as sent, opened or bounced
        #[arg(long)]
        status: Option<String>,
        /// Only those of this address
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
    },
    /// One invitation and what happened to it
    Show {
        /// Its id
        invitation: String,
    },
    /// Send its mail again, good for its whole time anew
    Resend {
        /// Its id
        invitation: String,
        /// With a new link; the older one ends
        #[arg(long)]
        rotate: bool,
    },
    /// Take it back: its link, its codes and its mail end
    Revoke {
        /// Its id
        invitation: String,
    },
    /// Invite everybody in a file: a column `email`, and columns whose names a template may use
    Import {
        /// The application's id
        client: String,
        /// The file, comma separated with a first line of names
        file: PathBuf,
        #[command(flatten)]
        how: ServeInviteHow,
    },
    /// Forget a person: wipe their address everywhere, end their invitations and their tokens
    Forget {
        /// Their address
        address: String,
    },
}

/// How somebody is invited.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct ServeInviteHow {
    /// Where the answer goes, if the application has several addresses
    #[arg(long, value_name = "URI")]
    pub(in crate::cli) redirect: Option<String>,
    /// The name of the template
    #[arg(long, default_value = "invite", value_name = "ALIAS")]
    pub(in crate::cli) template: String,
    /// The language [default: the application's]
    #[arg(long)]
    pub(in crate::cli) locale: Option<String>,
    /// What the template may use: NAME=VALUE; may be given several times
    #[arg(long = "data", value_name = "NAME=VALUE")]
    pub(in crate::cli) data: Vec<String>,
    /// How many days it is good for
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=30))]
    pub(in crate::cli) days: u8,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServeSuppress {
    /// Addresses that get no mail, and why
    List,
    /// Send no mail to an address any more
    Add {
        /// The address
        address: String,
        /// Why, for whoever looks at the list
        #[arg(long, default_value = "operator")]
        reason: String,
    },
    /// Let an address get mail again
    Remove {
        /// The address
        address: String,
    },
}
