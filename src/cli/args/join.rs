//! What can be said about links. No IO.

use std::ffi::OsString;
use std::fmt;
use std::str::FromStr;

#[cfg(feature = "desktop")]
use clap::Subcommand;
use zeroize::Zeroizing;

use crate::invitation;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
This is for the system, which starts the program with the link that was clicked. The link fills the field of the window that
asks for a code, and starts nothing. Somebody who types uses `partyline redeem`.")]
pub(in crate::cli) struct Join {
    /// The link
    pub(in crate::cli) link: JoinLink,
}

/// A link that opens the program.
#[derive(Clone)]
pub(in crate::cli) struct JoinLink(pub(in crate::cli) Zeroizing<String>);

impl fmt::Debug for JoinLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinLink(<redacted>)")
    }
}

impl FromStr for JoinLink {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if invitation::is_link(text) {
            Ok(Self(Zeroizing::new(text.to_owned())))
        } else {
            Err("a link begins with partyline://join#; for a code there is `partyline redeem`")
        }
    }
}

#[cfg(feature = "desktop")]
#[derive(Clone, Copy, Debug, Subcommand)]
pub(in crate::cli) enum Links {
    /// Open links that begin with partyline: with this program, for your user
    Register,
    /// Open them with it no longer
    Remove,
}

/// The arguments, with the `join` that a system leaves out when it starts the program with nothing but a link. Nothing after the
/// link is an option: who made it may have tried to add one.
pub(in crate::cli) fn with_join(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let is_link = |argument: &OsString| argument.to_str().is_some_and(invitation::is_link);
    if arguments.get(1).is_some_and(is_link) {
        arguments.splice(1..1, ["join".into(), "--".into()]);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::super::super::{Args, Face};

    const LINK: &str = "partyline://join#party1qqq";

    fn read(words: &[&str]) -> Result<Args, clap::Error> {
        Args::read(["partyline"].iter().chain(words).map(Into::into))
    }

    #[test]
    fn a_link_opens_the_window_with_or_without_its_command() {
        for words in [
            &["join", LINK][..],
            &["join", "--", LINK],
            &["--profile", "bob", "join", LINK],
            &[LINK],
            &["PARTYLINE://JOIN#PARTY1QQQ"],
        ] {
            let args = read(words).unwrap();
            assert_eq!(args.face(), Face::Window, "{words:?}");
            assert!(
                args.link().is_some_and(|link| link.eq_ignore_ascii_case(LINK)),
                "{words:?}"
            );
            assert!(!format!("{args:?}").contains("qqq"), "{words:?}");
        }
        let of_service = "org.partyline.app:/accept?iss=https%3A%2F%2Finvite.example&invitation=t";
        assert_eq!(read(&[of_service]).unwrap().face(), Face::Window);
        assert!(read(&[]).unwrap().link().is_none());
    }

    #[test]
    fn what_is_no_link_is_not_understood_and_a_link_elsewhere_is_no_command() {
        let long = format!("{LINK}{}", "q".repeat(4096));
        for words in [
            &["join"][..],
            &["join", "party1qqq"],
            &["join", "https://example.org"],
            &[&long],
            &[LINK, "--profile", "bob"],
            &["join", "--", LINK, "--profile", "bob"],
            &["a\nb"],
        ] {
            assert!(read(words).is_err(), "{words:?}");
        }
        assert_eq!(
            read(&["message", "send", "Home", LINK]).unwrap().face(),
            Face::CommandLine
        );
    }
}
