//! What can be said about invitation services. No IO.

use clap::Subcommand;

use crate::email::Issuer;
use crate::failure::words;
use crate::worker::MailAdmission;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Service {
    /// Sign in at an invitation service, to invite by e-mail: opens the browser, or says what to open
    Login {
        /// The service's address, like invite.example.org
        #[arg(value_parser = issuer)]
        service: Issuer,
        /// Use a client that whoever runs the service has made for you; its secret is asked for
        #[arg(long, value_name = "ID")]
        client: Option<String>,
    },
    /// Forget the account at a service
    Logout {
        /// The service's address
        #[arg(value_parser = issuer)]
        service: Issuer,
    },
    /// Where you are signed in
    List,
}

/// Whom a mail goes to, and what it says.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Mailing {
    /// Addresses, with --by email; without any they are read from standard input, one a line
    #[arg(value_name = "ADDRESS")]
    pub(in crate::cli) addresses: Vec<String>,
    /// The invitation service that sends the mail [default: the one where you are signed in]
    #[arg(long, value_name = "URL", value_parser = issuer)]
    pub(in crate::cli) service: Option<Issuer>,
    /// A few words of yours in the mail
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(in crate::cli) message: String,
    /// Say your name and the party's in the mail; the service learns them with it
    #[arg(long)]
    pub(in crate::cli) tell_names: bool,
    #[command(flatten)]
    approving: Approving,
}

#[derive(Debug, clap::Args)]
struct Approving {
    /// Let them only ask to come in: an admin compares four words with them and approves
    #[arg(long)]
    approve: bool,
}

impl Mailing {
    /// Whether any of it was given.
    pub(super) const fn says_anything(&self) -> bool {
        let about_mail = self.tell_names || self.approving.approve || self.service.is_some();
        about_mail || !self.addresses.is_empty() || !self.message.is_empty()
    }

    pub(in crate::cli) const fn admission(&self) -> MailAdmission {
        if self.approving.approve {
            MailAdmission::Approved
        } else {
            MailAdmission::AtOnce
        }
    }
}

/// Reads a service's address.
pub(super) fn issuer(text: &str) -> Result<Issuer, String> {
    Issuer::parse(text).map_err(|trouble| words::problem(&trouble).into_owned())
}
