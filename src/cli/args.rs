//! What can be said on the command line. No IO.

mod content;
mod inviting;
mod join;
#[cfg(feature = "service")]
mod serve;
mod service;

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory as _, Parser, Subcommand, ValueEnum};

use super::output::Format;
use crate::party::Role;
use crate::worker::{Config, NetworkMode};

pub(super) use self::content::{
    Assignee, Change, File, Kind, Listing, Member, Message, Note, NoteShow, One, OneMember, Search, Task,
};
pub(super) use self::inviting::{Invitation, Invite, Redeem};
pub(super) use self::join::Join;
#[cfg(feature = "desktop")]
pub(super) use self::join::Links;
#[cfg(feature = "service")]
pub(super) use self::serve::{
    AlgorithmName, DeadLinkName, Serve, ServeAudit, ServeClient, ServeClientCreate, ServeClientSet,
    ServeClientSettings, ServeCommand, ServeDb, ServeInvite, ServeInviteHow, ServeKeys, ServeMail, ServePlace,
    ServeRedirect, ServeSuppress, ServeTemplate, SubjectsName,
};
pub(super) use self::service::Service;

const EXAMPLES: &str = "\
Examples:
  partyline                                    open the window
  partyline demo                               two windows, Alice and Bob: invite and redeem in a minute
  partyline profile create --name Alice
  partyline party create Home
  partyline invite Home                        shows the code, then the PIN
  partyline redeem                             asks for the code, then for the PIN
  partyline task add Home \"Water the plants\" --assign me --due fri
  partyline message list Home --last 20 --follow

A code, a PIN or a passphrase is never an argument: it is asked for, or read from standard input. (The system itself starts
`partyline join LINK` when a link is clicked.)
A relay's token is read from the environment variable PARTYLINE_RELAY_TOKEN.
`partyline help json` lists the lines of --json, `partyline help exit-codes` what a script can rely on.";

const DEFAULT_PROFILE: &str = "default";

/// The heading of what every command takes.
const EVERYWHERE: &str = "With every command";

/// Bring a person into a shared private space: an invite code, a PIN told by voice, and they are in.
#[derive(Debug, Parser)]
#[command(name = "partyline", version, about, after_help = EXAMPLES)]
#[command(disable_help_subcommand = true, disable_help_flag = true)]
pub struct Args {
    #[command(flatten)]
    pub(super) globals: Globals,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// What holds for every command.
#[derive(Debug, clap::Args)]
pub(super) struct Globals {
    /// Which profile: keeps two people on one machine apart
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "NAME", default_value = DEFAULT_PROFILE)]
    pub(super) profile: ProfileName,
    /// Where profiles are kept, a folder each [default: this system's place for application data]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    /// One JSON object a line for everything that happens
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(super) json: bool,
    /// Read the profile's passphrase from this file descriptor instead of asking; 0 is standard input, its first line
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "N")]
    pub(super) passphrase_fd: Option<u32>,
    /// Print help
    #[arg(short, long, global = true, help_heading = EVERYWHERE, action = ArgAction::HelpShort)]
    help: Option<bool>,
    #[command(flatten)]
    network: NetworkArgs,
}

/// What may be contacted.
#[derive(Debug, clap::Args)]
struct NetworkArgs {
    /// What may be contacted
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, default_value = "public", value_name = "MODE")]
    network: NetworkName,
    /// Use this relay of your own and no other; its token, if it asks for one, is in the environment
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "URL", conflicts_with = "offline")]
    relay: Option<String>,
    /// Local network only, the same as --network local
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    offline: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum NetworkName {
    /// Peers anywhere, with the help of public relays
    Public,
    /// Peers on the same local network, nothing else
    Local,
    /// This machine only
    Loopback,
}

/// The name of a profile, which is also the name of its folder.
#[derive(Clone, Debug)]
pub(super) struct ProfileName(String);

impl FromStr for ProfileName {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if (1..=32).contains(&name.len()) && name.chars().all(fine) {
            Ok(Self(name.to_owned()))
        } else {
            Err("a profile's name has 1 to 32 of the characters a-z, 0-9, - and _")
        }
    }
}

impl Args {
    /// Reads a command line, its program's name first. A link alone means `join`.
    ///
    /// # Errors
    ///
    /// The text of `--help` or of a mistake, which [`clap::Error::print`] writes.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let args = Self::try_parse_from(join::with_join(arguments))?;
        if let Some(Command::Invite(invite)) = &args.command {
            invite
                .goes_together()
                .map_err(|why| Self::command().error(ErrorKind::ArgumentConflict, why))?;
        }
        Ok(args)
    }
}

impl Globals {
    pub(super) const fn format(&self) -> Format {
        if self.json { Format::Json } else { Format::Sentences }
    }

    /// How to call this program for the same profile again.
    pub(super) fn called(&self) -> String {
        let mut called = "partyline".to_owned();
        if self.profile.0 != DEFAULT_PROFILE {
            called += &format!(" --profile {}", self.profile.0);
        }
        if let Some(dir) = &self.data_dir {
            called += &format!(" --data-dir {}", quoted(&dir.display().to_string()));
        }
        called
    }

    /// Where the service for trying it out keeps what it has, or none if this system has no place for an application's data.
    #[cfg(feature = "service")]
    pub(super) fn service_folder(&self) -> Option<PathBuf> {
        match &self.data_dir {
            // No profile has a point in its name.
            Some(dir) => Some(dir.join("service.dev")),
            None => Some(
                directories::ProjectDirs::from("", "", "partyline")?
                    .data_local_dir()
                    .join("service.dev"),
            ),
        }
    }

    /// The worker's configuration, or none if this system has no place for an application's data.
    pub(super) fn config(&self, relay_token: Option<String>) -> Option<Config> {
        let profiles = match &self.data_dir {
            Some(dir) => dir.clone(),
            None => directories::ProjectDirs::from("", "", "partyline")?
                .data_local_dir()
                .join("profiles"),
        };
        Some(Config {
            data_dir: profiles.join(&self.profile.0),
            network: self.network.mode(relay_token),
        })
    }
}

impl NetworkArgs {
    fn mode(&self, token: Option<String>) -> NetworkMode {
        match (&self.relay, self.offline, self.network) {
            (Some(url), _, _) => NetworkMode::OwnRelay {
                url: url.clone(),
                token,
            },
            (None, true, _) | (None, false, NetworkName::Local) => NetworkMode::LocalNetwork,
            (None, false, NetworkName::Public) => NetworkMode::PublicRelays,
            (None, false, NetworkName::Loopback) => NetworkMode::Loopback,
        }
    }
}

/// What to do; without one the window opens.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Play invite and redeem between Alice and Bob on this machine
    Demo {
        /// In this terminal instead of two windows; exits 0 only if all went well
        #[arg(long)]
        headless: bool,
    },
    /// Who you are
    #[command(subcommand)]
    Profile(Profile),
    /// Parties: create, list, show, rename, leave, what was deleted, histories, export and import
    #[command(subcommand)]
    Party(Party),
    /// Invite a person: shows the code, then the PIN, until they are in
    Invite(Invite),
    /// Codes that still work
    #[command(subcommand)]
    Invitation(Invitation),
    /// Join a party, or make this a further device of yours: asks for the code, then for the PIN
    Redeem(Redeem),
    /// Your identity on paper: write down its recovery phrase, or come back with it
    #[command(subcommand)]
    Identity(Identity),
    /// Your devices: list, add, rename, remove
    #[command(subcommand)]
    Device(Device),
    /// Stay online as a member: finish offline invitations, keep the parties' data; until Ctrl-C or SIGTERM
    Node {
        /// Say how the node that runs with this profile is, and end; fails if there is none
        #[arg(long)]
        status: bool,
    },
    /// Your identity key, for a code that lets in only you: send it to the inviter
    Key,
    /// Open the window with an invitation link, as the system does when one is clicked
    Join(Join),
    /// Invitation services, for inviting by e-mail
    #[command(subcommand)]
    Service(Service),
    /// Whether this system opens invitation links with this program
    #[cfg(feature = "desktop")]
    #[command(subcommand)]
    Links(Links),
    /// Tasks of a party
    #[command(subcommand)]
    Task(Task),
    /// Notes of a party, written together
    #[command(subcommand)]
    Note(Note),
    /// Messages in a party
    #[command(subcommand)]
    Message(Message),
    /// Files of a party
    #[command(subcommand)]
    File(File),
    /// Members of a party: list, show, role, remove
    #[command(subcommand)]
    Member(Member),
    /// Find things by their words
    Search(Search),
    /// Invitations by e-mail over HTTP: run the service, or look after it
    #[cfg(feature = "service")]
    Serve(Box<Serve>),
    /// Help on a command, on `json` or on `exit-codes`
    Help {
        /// A command, `json` or `exit-codes`
        topic: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Profile {
    /// Make your identity. Its key goes into this system's keyring, unless you choose otherwise
    Create(ProfileCreate),
    /// Your name and your keys
    Show,
    /// Give back the room on the disk that nothing needs any more
    Compact,
}

#[derive(Debug, clap::Args)]
pub(super) struct ProfileCreate {
    /// The name that other members see
    #[arg(long)]
    pub(super) name: String,
    /// Protect the key by a passphrase, asked for at every start (--passphrase-fd means this too)
    #[arg(long, group = "protection")]
    passphrase: bool,
    #[command(flatten)]
    unprotected: Unprotected,
}

#[derive(Debug, clap::Args)]
struct Unprotected {
    /// Keep the key in a file that only your user can read, without further protection
    #[arg(long, group = "protection")]
    unprotected: bool,
}

/// How the key of a new profile is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyPlace {
    Keyring,
    Passphrase,
    Unprotected,
}

impl ProfileCreate {
    pub(super) const fn key_place(&self) -> KeyPlace {
        match (self.passphrase, self.unprotected.unprotected) {
            (true, _) => KeyPlace::Passphrase,
            (false, true) => KeyPlace::Unprotected,
            (false, false) => KeyPlace::Keyring,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Identity {
    /// Show the 24 words that bring you back, and ask for three of them. They are not shown again after that
    Phrase,
    /// Come back with your recovery phrase: asks for the words. Into a new profile, or onto a device that another one has added
    Recover(ProfileCreate),
}

#[derive(Debug, Subcommand)]
pub(super) enum Device {
    /// All your devices
    List,
    /// Add a device: shows the code, then the PIN, until it is yours. There: `partyline profile create`, then `redeem --device`
    Add,
    /// Change what a device is called; only your own devices see it
    Rename {
        /// Its number in the list, its name or the beginning of it, or the first 6 or more characters of its id
        device: String,
        /// Its new name
        name: String,
    },
    /// Remove a lost device from all your parties; it does not come back
    Remove {
        /// Its number in the list, its name or the beginning of it, or the first 6 or more characters of its id
        device: String,
        #[command(flatten)]
        sync: Sync,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Party {
    /// Found a party
    Create {
        /// Its name
        name: String,
    },
    /// All your parties
    List,
    /// Members and tasks of a party
    Show {
        /// Its name or its beginning, or the first 6 or more characters of its id
        party: String,
        /// Stay online and show it again whenever it changes, until Ctrl-C
        #[arg(long)]
        follow: bool,
    },
    /// Rename a party
    Rename {
        /// Its name or its beginning, or the first 6 or more characters of its id
        party: String,
        /// Its new name
        name: String,
        #[command(flatten)]
        sync: Sync,
    },
    /// Leave a party
    Leave {
        /// Its name or its beginning, or the first 6 or more characters of its id
        party: String,
        #[command(flatten)]
        sync: Sync,
    },
    /// Who waits for approval, the longest first
    Requests {
        /// Its name or its beginning, or the first 6 or more characters of its id
        party: String,
        /// Stay online and show who else asks, until Ctrl-C
        #[arg(long)]
        follow: bool,
    },
    /// Let in somebody who waits for approval
    Approve {
        #[command(flatten)]
        one: OneRequest,
        #[command(flatten)]
        sync: Sync,
    },
    /// Refuse somebody who waits for approval: final for this person and this code
    Deny {
        #[command(flatten)]
        one: OneRequest,
        #[command(flatten)]
        sync: Sync,
    },
    /// What was deleted and can be restored, the last deleted first
    Deleted {
        /// Its name or its beginning, or the first 6 or more characters of its id
        party: String,
    },
    /// What has become of one thing: who changed it, when, and what was replaced
    History {
        /// Its name or its beginning, or the first 6 or more characters of its id
        party: String,
        /// What the thing is
        #[arg(value_enum)]
        kind: Kind,
        /// Its number in the list, its title or the beginning of it, or the first 6 or more characters of its id
        item: String,
    },
    /// Write a party with all its files into a folder: JSON, Markdown, files
    Export {
        /// Its name or its beginning, or the first 6 or more characters of its id
        party: String,
        /// The folder, which must be missing or empty
        folder: PathBuf,
    },
    /// Found a party from an exported folder
    Import {
        /// The folder that has party.json in it
        folder: PathBuf,
    },
}

/// Somebody who waits for approval.
#[derive(Debug, clap::Args)]
pub(super) struct OneRequest {
    /// The party's name or its beginning, or the first 6 or more characters of its id
    pub(super) party: String,
    /// Their number in the list, their name or the beginning of it, or the first 6 or more characters of the request's id
    pub(super) who: String,
}

/// How long a command that changed something stays online for others to hear of it.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Sync {
    /// Stay online up to this many seconds, for members who are online to get the change
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    sync: u16,
}

impl Sync {
    pub(super) const fn limit(self) -> Duration {
        Duration::from_secs(self.sync as u64)
    }
}

/// Every role, for who is in already.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum AnyRole {
    /// Sees everything, changes nothing
    Reader,
    /// Works on everything
    Editor,
    /// Also invites and removes members
    Admin,
    /// Cannot be removed by others
    Owner,
}

impl From<AnyRole> for Role {
    fn from(role: AnyRole) -> Self {
        match role {
            AnyRole::Reader => Self::Reader,
            AnyRole::Editor => Self::Editor,
            AnyRole::Admin => Self::Admin,
            AnyRole::Owner => Self::Owner,
        }
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':' | '\\');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests;
