//! What can be said about applications that invite. No IO.

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServeClient {
    /// Register an application, and print its secret, this once
    Create(ServeClientCreate),
    /// Change what was said of an application: only what is named here
    Set(ServeClientSet),
    /// All applications
    List,
    /// One application
    Show {
        /// Its id
        client: String,
    },
    /// Make a new secret and print it, this once. The one before it stays good until this is done again, or with --finish
    RotateSecret {
        /// Its id
        client: String,
        /// End the older secret instead of making a new one: every place has the new one now
        #[arg(long)]
        finish: bool,
    },
    /// Turn an application off: it is refused everything until it is enabled again
    Disable {
        /// Its id
        client: String,
    },
    /// Turn an application on again
    Enable {
        /// Its id
        client: String,
    },
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ServeClientCreate {
    /// What it calls itself in requests: 1 to 64 of the characters a-z, 0-9, - and _
    pub(in crate::cli) client: String,
    /// What people read on pages and in mails
    #[arg(long)]
    pub(in crate::cli) name: String,
    /// Where it may be answered; may be given several times
    #[arg(long = "redirect", value_name = "URI")]
    pub(in crate::cli) redirects: Vec<String>,
    /// It runs at people's homes and cannot keep a secret
    #[arg(long)]
    pub(in crate::cli) public: bool,
    #[command(flatten)]
    pub(in crate::cli) settings: ServeClientSettings,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ServeClientSet {
    /// Its id
    pub(in crate::cli) client: String,
    /// What people read on pages and in mails
    #[arg(long)]
    pub(in crate::cli) name: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) settings: ServeClientSettings,
}

/// What may be said of an application when it is registered, and later.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ServeClientSettings {
    /// Where a sign-in begins, if invitations are to begin with one; an empty text for nowhere
    #[arg(long, value_name = "URI")]
    pub(in crate::cli) initiate_login: Option<String>,
    /// What a link leads to that is used up or expired [when registered: page with --public, else redirect]
    #[arg(long, value_enum)]
    pub(in crate::cli) dead_link: Option<DeadLinkName>,
    /// The language of mails whose invitation names none [when registered: en]
    #[arg(long)]
    pub(in crate::cli) locale: Option<String>,
    /// The signature of its tokens [when registered: es256]
    #[arg(long, value_enum)]
    pub(in crate::cli) algorithm: Option<AlgorithmName>,
    /// By which subject it knows people. Another choice counts for who comes from then on: the application takes them for new ones [when registered: public]
    #[arg(long, value_enum)]
    pub(in crate::cli) subjects: Option<SubjectsName>,
    /// You vouch for what it writes into mails [when registered: false]
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(in crate::cli) trusted: Option<bool>,
    /// Everybody who reads mail at an address may sign up, not only who was invited [when registered: false]
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(in crate::cli) open_sign_up: Option<bool>,
    /// Invitations in a minute [when registered: 100]
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
    pub(in crate::cli) per_minute: Option<i64>,
    /// Invitations in a day [when registered: 50]
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
    pub(in crate::cli) per_day: Option<i64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum DeadLinkName {
    /// Back to the application, with an error code
    Redirect,
    /// A page of the service that says so
    Page,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum AlgorithmName {
    /// ECDSA with P-256
    Es256,
    /// RSA, for clients that know nothing newer
    Rs256,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum SubjectsName {
    /// By the one that all applications know them by
    Public,
    /// By one of its own, which no other application can recognise
    Pairwise,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ServeRedirect {
    /// Let an application be answered at an address
    Add {
        /// The application's id
        client: String,
        /// The address, to the letter; only the port of `http://127.0.0.1` and `http://[::1]` is free
        uri: String,
    },
    /// Do not let it be answered there any more
    Remove {
        /// The application's id
        client: String,
        /// The address
        uri: String,
    },
    /// Where it may be answered
    List {
        /// The application's id
        client: String,
    },
}
