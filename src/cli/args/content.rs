//! What can be said about tasks, notes, messages, files and members. No IO.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Subcommand, ValueEnum};

use super::{AnyRole, Sync};
use crate::cli::times::DueDay;

/// A list that a command shows.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Listing {
    /// The party's name or its beginning, or the first 6 or more characters of its id
    pub(in crate::cli) party: String,
    /// Stay online and show what is new or different, until Ctrl-C
    #[arg(long)]
    pub(in crate::cli) follow: bool,
}

/// One thing in a party.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct One {
    /// The party's name or its beginning, or the first 6 or more characters of its id
    pub(in crate::cli) party: String,
    /// Its number in the list, its title or the beginning of it, or the first 6 or more characters of its id
    pub(in crate::cli) item: String,
}

/// One thing in a party that is changed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Change {
    #[command(flatten)]
    pub(in crate::cli) one: One,
    #[command(flatten)]
    pub(in crate::cli) sync: Sync,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Task {
    /// Add a task
    Add {
        /// The party's name or its beginning, or the first 6 or more characters of its id
        party: String,
        /// What is to be done
        title: String,
        /// Whose it is: a member's name, `me` or `nobody`
        #[arg(long, value_name = "MEMBER")]
        assign: Option<Assignee>,
        /// When it is due: 2026-12-24, today, tomorrow, fri or none
        #[arg(long, value_name = "DAY")]
        due: Option<DueDay>,
        #[command(flatten)]
        sync: Sync,
    },
    /// All tasks
    List(Listing),
    /// Check a task
    Done(Change),
    /// Uncheck a task
    Undo(Change),
    /// Change a task's title
    Edit {
        #[command(flatten)]
        change: Change,
        /// The new title
        title: String,
    },
    /// Give a task to a member
    Assign {
        #[command(flatten)]
        change: Change,
        /// A member's name, `me` or `nobody`
        member: Assignee,
    },
    /// Set the day that a task is due
    Due {
        #[command(flatten)]
        change: Change,
        /// 2026-12-24, today, tomorrow, fri (the next Friday) or none
        day: DueDay,
    },
    /// Put a task elsewhere in the order
    Move {
        #[command(flatten)]
        change: Change,
        /// The task that it comes after; without this it comes first
        #[arg(long, value_name = "TASK")]
        after: Option<String>,
    },
    /// Delete a task; it can be restored
    Delete(Change),
    /// Restore a deleted task
    Restore(Change),
}

/// Whose a task is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Assignee {
    Me,
    Nobody,
    Named(String),
}

impl FromStr for Assignee {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "me" => Self::Me,
            "nobody" => Self::Nobody,
            name => Self::Named(name.to_owned()),
        })
    }
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Note {
    /// Add a note, with a text if one is given
    Add {
        /// The party's name or its beginning, or the first 6 or more characters of its id
        party: String,
        /// Its title
        title: String,
        /// The file that holds the text; - for standard input
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        #[command(flatten)]
        sync: Sync,
    },
    /// All notes, the last changed first
    List(Listing),
    /// The text of a note
    Show(NoteShow),
    /// Change the text of a note, in the editor that $VISUAL or $EDITOR names
    ///
    /// What others write meanwhile stays: only what is different is changed.
    Edit {
        #[command(flatten)]
        change: Change,
        /// Take the new text from this file instead; - for standard input
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
    /// Write a line at the end of a note
    Append {
        #[command(flatten)]
        change: Change,
        /// What it says; - for standard input
        text: String,
    },
    /// Change the title of a note
    Rename {
        #[command(flatten)]
        change: Change,
        /// The new title
        title: String,
    },
    /// Delete a note; it can be restored
    Delete(Change),
    /// Restore a deleted note
    Restore(Change),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NoteShow {
    #[command(flatten)]
    pub(in crate::cli) one: One,
    /// Stay online and show the text whenever it changes, until Ctrl-C
    #[arg(long)]
    pub(in crate::cli) follow: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Message {
    /// Send a message
    Send {
        /// The party's name or its beginning, or the first 6 or more characters of its id
        party: String,
        /// What it says; - for standard input
        text: String,
        /// The message that it answers: its number, the beginning of its text or of its id
        #[arg(long, value_name = "MESSAGE")]
        reply: Option<String>,
        #[command(flatten)]
        sync: Sync,
    },
    /// All messages, oldest first
    List {
        #[command(flatten)]
        listing: Listing,
        /// Only this many of the newest
        #[arg(long, value_name = "N")]
        last: Option<usize>,
    },
    /// Everything of a party counts as read from now on
    Read {
        /// The party's name or its beginning, or the first 6 or more characters of its id
        party: String,
    },
    /// Delete a message; it can be restored
    Delete(Change),
    /// Restore a deleted message
    Restore(Change),
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum File {
    /// Add a file from this computer
    ///
    /// Others get its content while this profile is online: file list PARTY --follow stays online.
    Add {
        /// The party's name or its beginning, or the first 6 or more characters of its id
        party: String,
        /// Where it lies
        path: PathBuf,
        #[command(flatten)]
        sync: Sync,
    },
    /// All files, the last added first
    List(Listing),
    /// Get the content of a file from members who have it; waits until one of them is online
    Get(One),
    /// Write a file to the disk; gets its content first if need be
    Save {
        #[command(flatten)]
        one: One,
        /// Where to: a path, or a folder to keep its name in
        #[arg(long, value_name = "PATH", default_value = ".")]
        to: PathBuf,
    },
    /// Rename a file
    Rename {
        #[command(flatten)]
        change: Change,
        /// The new name
        name: String,
    },
    /// Delete a file; it can be restored
    Delete(Change),
    /// Restore a deleted file
    Restore(Change),
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Member {
    /// All members
    List(Listing),
    /// One member: role, devices, and who let them in
    Show(OneMember),
    /// Change a member's role
    Role {
        #[command(flatten)]
        who: OneMember,
        /// The new role
        #[arg(value_enum)]
        role: AnyRole,
        #[command(flatten)]
        sync: Sync,
    },
    /// Remove a member
    Remove {
        #[command(flatten)]
        who: OneMember,
        #[command(flatten)]
        sync: Sync,
    },
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct OneMember {
    /// The party's name or its beginning, or the first 6 or more characters of its id
    pub(in crate::cli) party: String,
    /// The member's name or its beginning, or the first 6 or more characters of the identity
    pub(in crate::cli) member: String,
}

/// What a thing in a party is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Kind {
    Task,
    Note,
    Message,
    File,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Search {
    /// What to look for: all words must occur, in any case
    #[arg(required = true)]
    pub(in crate::cli) words: Vec<String>,
    /// Only in this party
    #[arg(long)]
    pub(in crate::cli) party: Option<String>,
}
