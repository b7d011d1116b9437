//! What can be said about inviting and redeeming. No IO.

use std::time::Duration;

use clap::{Subcommand, ValueEnum};

use super::service::{Mailing, issuer};
use crate::email::Issuer;
use crate::identity::IdentityId;
use crate::invitation::{DelegationMethod, InvitationKind};
use crate::party::Role;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
While it waits, lines on standard input are commands:
  new      void the PIN and show a new one
  next     not who you expected: give the place to the next device
  show     show it in the local network for 15 minutes
  hide     show it there no more, and send away who came that way
  cancel   revoke the code and end

Ctrl-C revokes the code too, unless --keep is given. After the admission the command stays until the new member has
the party's data, at most 30 seconds.")]
pub(in crate::cli) struct Invite {
    /// The party's name or its beginning, or the first 6 or more characters of its id
    pub(in crate::cli) party: String,
    /// What the person may do
    #[arg(long, value_enum, default_value = "editor")]
    role: RoleName,
    /// How many people may come in, each with a PIN of their own; the command goes on until all are in
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(in crate::cli) uses: u32,
    /// How long the code works: 30m, 24h, 7d [default: 24h; 72h unless by pin]
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    expires: Option<Duration>,
    /// Who lets the person in
    #[arg(long, value_enum, default_value = "pin")]
    by: By,
    /// Let in only the person with this key, which `partyline key` shows them; any member's device does it
    #[arg(long, value_name = "KEY", value_parser = identity, conflicts_with = "by")]
    for_key: Option<IdentityId>,
    /// A private note for whom it is; never sent
    #[arg(long, value_name = "TEXT", default_value = "", value_parser = label)]
    pub(in crate::cli) label: String,
    /// Leave the code open when the command ends before anybody is in
    #[arg(long)]
    pub(in crate::cli) keep: bool,
    #[command(flatten)]
    pub(in crate::cli) mailing: Mailing,
    #[command(flatten)]
    resume: Resume,
    #[command(flatten)]
    showing: Showing,
}

#[derive(Debug, clap::Args)]
struct Showing {
    /// Also show it in the local network, for 15 minutes: whoever is there may come without the code, and needs the PIN
    #[arg(long, conflicts_with_all = ["by", "for_key"])]
    nearby: bool,
}

#[derive(Debug, clap::Args)]
struct Resume {
    /// Go on with the party's newest code that still works (with --label: the newest of that label)
    #[arg(long)]
    resume: bool,
}

impl Invite {
    pub(in crate::cli) const fn resume(&self) -> bool {
        self.resume.resume
    }

    pub(in crate::cli) fn expires(&self) -> Duration {
        let hours = match self.kind() {
            InvitationKind::Interactive => 24,
            InvitationKind::Delegated(_) => 72,
        };
        self.expires.unwrap_or(Duration::from_secs(hours * HOUR))
    }

    pub(in crate::cli) fn kind(&self) -> InvitationKind {
        if let Some(identity) = self.for_key {
            return InvitationKind::Delegated(DelegationMethod::KnownKey(identity));
        }
        match self.by {
            By::Pin => InvitationKind::Interactive,
            By::Approval => InvitationKind::Delegated(DelegationMethod::Approval),
            By::Link => InvitationKind::Delegated(DelegationMethod::Link),
            // What is pinned is known once the service has answered.
            By::Email => InvitationKind::Delegated(DelegationMethod::Mailbox([0; 32])),
        }
    }

    pub(in crate::cli) const fn is_by_email(&self) -> bool {
        matches!(self.by, By::Email)
    }

    /// What clap cannot know: what goes with `--by email` and with nothing else.
    ///
    /// # Errors
    ///
    /// A sentence about what does not go together.
    pub(in crate::cli) fn goes_together(&self) -> Result<(), &'static str> {
        let only_code = self.uses != 1 || self.keep || self.resume();
        match (self.is_by_email(), self.mailing.says_anything(), only_code) {
            (false, true, _) => Err(
                "addresses, --service, --message, --tell-names and --approve are about a mail: they go with --by email and \
                 with nothing else",
            ),
            (true, _, true) => Err(
                "--uses, --keep and --resume do not go with --by email: each address gets an invitation of its own, for one \
                 person",
            ),
            (true, _, false) | (false, false, _) => Ok(()),
        }
    }

    pub(in crate::cli) const fn is_nearby(&self) -> bool {
        self.showing.nearby
    }

    pub(in crate::cli) const fn role(&self) -> Role {
        match self.role {
            RoleName::Reader => Role::Reader,
            RoleName::Editor => Role::Editor,
            RoleName::Admin => Role::Admin,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// You, with a PIN that you tell by voice: this command waits for them
    Pin,
    /// Any admin, later: members' devices take the request while you are away
    Approval,
    /// Any member's device, without asking: whoever comes first with the code is in, as editor at most
    Link,
    /// Whoever reads a mailbox: an invitation service mails a link, and any member's device lets them in
    Email,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    /// Sees everything, changes nothing
    Reader,
    /// Works on everything
    Editor,
    /// Also invites and removes members
    Admin,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Standard input is the code, or the link of an invitation mail. A code may stand in other text and be broken
into several lines: it is read up to its end, or up to an empty line. A link leads through the browser: the command says
what to open, unless it is run where it can open it itself. Whenever a PIN is asked for, the next line is the PIN. Ctrl-C cancels, and the code stays good.
With --nearby the first line is the two words that the inviter reads out.

A code that works while its inviter is away asks for no PIN. If an admin has to approve, the command waits, or ends with
exit code 6 with --no-wait; Partyline asks again whenever it runs with this profile.

With --device the code is one that `partyline device add` shows. It makes this device one of that person's devices: they are who
you are here from then on, and the identity that this profile had is forgotten.")]
pub(in crate::cli) struct Redeem {
    /// Also use a relay that the code names and that is not a known one
    #[arg(long)]
    pub(in crate::cli) allow_relay: bool,
    /// Take the code that this invitation service's page shows, for another device than the browser's
    #[arg(long, value_name = "URL", value_parser = issuer, conflicts_with = "nearby")]
    pub(in crate::cli) service: Option<Issuer>,
    #[command(flatten)]
    becoming: Becoming,
    #[command(flatten)]
    hearing: Hearing,
    #[command(flatten)]
    waiting: Waiting,
}

#[derive(Debug, clap::Args)]
struct Becoming {
    /// Take a code that makes this device one of somebody's devices
    #[arg(long, conflicts_with = "nearby")]
    device: bool,
}

#[derive(Debug, clap::Args)]
struct Hearing {
    /// Without a code: choose among the invitations that are shown in the local network
    #[arg(long, conflicts_with = "allow_relay")]
    nearby: bool,
}

#[derive(Debug, clap::Args)]
struct Waiting {
    /// End as soon as the request waits for approval
    #[arg(long)]
    no_wait: bool,
}

impl Redeem {
    pub(in crate::cli) const fn is_nearby(&self) -> bool {
        self.hearing.nearby
    }

    pub(in crate::cli) const fn becomes_device(&self) -> bool {
        self.becoming.device
    }

    pub(in crate::cli) const fn waits(&self) -> bool {
        !self.waiting.no_wait
    }
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Invitation {
    /// Codes that still work, and how far the mails of those by e-mail are
    List {
        /// Only of this party
        party: Option<String>,
    },
    /// Have the mail of an invitation by e-mail sent again, with the same link unless that was used
    SendAgain {
        /// The first 6 or more characters of the invitation's id, its label, or the address that it was mailed to
        invitation: String,
    },
    /// Revoke a code for good
    Revoke {
        /// The first 6 or more characters of the invitation's id, its label, or the address that it was mailed to
        invitation: String,
    },
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Reads `30m`, `24h` or `7d`: a minute at least, 30 days at most.
fn lifetime(text: &str) -> Result<Duration, String> {
    let wrong = || "a time looks like 30m, 24h or 7d: from one minute to 30 days".to_owned();
    let mut digits = text.chars();
    let unit = match digits.next_back() {
        Some('m') => MINUTE,
        Some('h') => HOUR,
        Some('d') => DAY,
        _ => return Err(wrong()),
    };
    let count: u32 = digits.as_str().parse().map_err(|_not_a_number| wrong())?;
    let seconds = u64::from(count).saturating_mul(unit);
    if (MINUTE..=30 * DAY).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(wrong())
    }
}

/// An identity key is 64 hex digits.
fn identity(text: &str) -> Result<IdentityId, String> {
    let wrong = || "a key has 64 digits and letters from a to f: `partyline key` shows it".to_owned();
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        let pair = text
            .get(at..at + 2)
            .filter(|pair| pair.chars().all(|c| c.is_ascii_hexdigit()));
        *byte = pair
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            .ok_or_else(wrong)?;
    }
    Ok(IdentityId::from_bytes(bytes))
}

/// A label is at most 64 bytes on one line.
fn label(text: &str) -> Result<String, String> {
    if text.len() <= 64 && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("a label has at most 64 bytes, on one line".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_shown() {
        let key = IdentityId::from_bytes([0xa7; 32]);
        assert_eq!(identity(&format!(" {key} ")), Ok(key));
        for wrong in [String::new(), "a7".repeat(31), "+7".repeat(32), "é".repeat(32)] {
            assert!(identity(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_code_with_a_pin_is_shown_nearby() {
        #[derive(Debug, clap::Parser)]
        struct Line {
            #[command(flatten)]
            invite: Invite,
        }
        let nearby = |more: &[&str]| Line::try_parse_from([&["invite", "Home", "--nearby"], more].concat());
        assert!(nearby(&[]).expect("a command").invite.is_nearby());
        let key = IdentityId::from_bytes([0xa7; 32]).to_string();
        for more in [["--by", "approval"], ["--by", "link"], ["--for-key", &key]] {
            assert!(nearby(&more).is_err(), "{more:?}");
        }
    }

    #[test]
    fn what_a_mail_needs_goes_with_mails_only() {
        #[derive(Debug, clap::Parser)]
        struct Line {
            #[command(flatten)]
            invite: Invite,
        }
        let together = |more: &[&str]| {
            let line = Line::try_parse_from([&["invite", "Home"], more].concat()).expect("a command");
            line.invite.goes_together()
        };
        for more in [
            &[][..],
            &["--uses", "5"],
            &["--by", "email"],
            &["--by", "email", "bonny@example.org", "--service", "invite.example.org"],
        ] {
            assert_eq!(together(more), Ok(()), "{more:?}");
        }
        for more in [
            &["bonny@example.org"][..],
            &["--by", "approval", "bonny@example.org"],
            &["--by", "link", "--service", "invite.example.org"],
            &["--message", "Come!"],
            &["--tell-names"],
            &["--by", "approval", "--approve"],
            &["--by", "email", "--uses", "2", "bonny@example.org"],
            &["--by", "email", "--resume"],
        ] {
            assert!(together(more).is_err(), "{more:?}");
        }
    }

    #[test]
    fn a_lifetime_has_a_unit_and_limits() {
        assert_eq!(lifetime("30m"), Ok(Duration::from_secs(1800)));
        assert_eq!(lifetime("24h"), Ok(Duration::from_secs(86_400)));
        assert_eq!(lifetime("30d"), Ok(Duration::from_secs(30 * 86_400)));
        for wrong in [
            "",
            "h",
            "24",
            "0m",
            "31d",
            "-1h",
            "1w",
            "99999999999d",
            "4294967295d",
            "٣h",
        ] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
    }
}
