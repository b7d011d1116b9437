//! The life of an invitation: its states and which may follow which.

use crate::time::Timestamp;

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Written down, without a mail: whoever asked for it passes on the link.
    Created,
    /// Its mail waits to be sent.
    Queued,
    /// A mail server has taken its mail.
    Sent,
    /// Somebody pressed the button behind the link.
    Opened,
    /// Its code was exchanged: the person is in, or may come into the party.
    Accepted,
    /// The person said no.
    Declined,
    /// A mail server refused the address for good.
    Bounced,
    /// No mail server took the mail in time.
    Failed,
    /// Whoever sent it took it back.
    Revoked,
    /// Its time is over.
    Expired,
    /// The address wants no mail from here, so none was sent.
    Suppressed,
}

/// What happens to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// A mail server took the mail.
    Sent,
    /// A mail server refused the address for good.
    Bounced,
    /// Sending was given up.
    Failed,
    /// The button behind the link was pressed.
    Opened,
    /// A code was exchanged.
    Accepted,
    /// The person said no.
    Declined,
    /// Whoever sent it takes it back.
    Revoked,
    /// The clock passed its end.
    Expired,
    /// Its mail is to be sent again.
    Queued,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 11] = [
        Self::Created,
        Self::Queued,
        Self::Sent,
        Self::Opened,
        Self::Accepted,
        Self::Declined,
        Self::Bounced,
        Self::Failed,
        Self::Revoked,
        Self::Expired,
        Self::Suppressed,
    ];

    /// Its word in the API and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Opened => "opened",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Bounced => "bounced",
            Self::Failed => "failed",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Suppressed => "suppressed",
        }
    }

    /// The status of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether its link still does something before it expires.
    #[must_use]
    pub fn is_open(self) -> bool {
        Change::Opened.from().contains(&self)
    }

    /// What it is at this moment: an open invitation past its end is expired, also before that is written down.
    #[must_use]
    pub fn at(self, now: Timestamp, expires: Timestamp) -> Self {
        if Change::Expired.from().contains(&self) && now >= expires {
            Self::Expired
        } else {
            self
        }
    }
}

impl Change {
    /// The states in which this may happen. Statements name exactly these, and so does the property test.
    #[must_use]
    pub const fn from(self) -> &'static [Status] {
        use Status::{Accepted, Bounced, Created, Expired, Failed, Opened, Queued, Sent, Suppressed};
        match self {
            Self::Sent => &[Queued],
            // A report of a refusal may come long after the mail was taken, and does not undo that somebody read it.
            Self::Bounced => &[Queued, Sent],
            Self::Failed => &[Queued],
            Self::Opened | Self::Accepted | Self::Declined => {
                &[Created, Queued, Sent, Opened, Bounced, Failed, Suppressed]
            }
            // Also what is over: the person could ask for a new link. Accepted as below.
            Self::Revoked => &[
                Created, Queued, Sent, Opened, Accepted, Bounced, Failed, Expired, Suppressed,
            ],
            Self::Expired => &[Created, Queued, Sent, Opened, Bounced, Failed, Suppressed],
            // Of one that was only created the client passes on the link itself. Accepted, if it leads into a party: see
            // [`crate::service::invitation::Invitation::may_be_sent_again`].
            Self::Queued => &[Queued, Sent, Opened, Accepted, Bounced, Failed, Expired, Suppressed],
        }
    }

    /// The state it leads to.
    #[must_use]
    pub const fn to(self) -> Status {
        match self {
            Self::Sent => Status::Sent,
            Self::Bounced => Status::Bounced,
            Self::Failed => Status::Failed,
            Self::Opened => Status::Opened,
            Self::Accepted => Status::Accepted,
            Self::Declined => Status::Declined,
            Self::Revoked => Status::Revoked,
            Self::Expired => Status::Expired,
            Self::Queued => Status::Queued,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_final_stays_but_for_what_leads_into_a_party() {
        use Change::{Accepted, Bounced, Declined, Expired, Failed, Opened, Queued, Revoked, Sent};
        for change in [
            Sent, Bounced, Failed, Opened, Accepted, Declined, Revoked, Expired, Queued,
        ] {
            for last in [Status::Declined, Status::Revoked] {
                assert!(!change.from().contains(&last), "{change:?} from {last:?}");
            }
            let into_party = [Queued, Revoked].contains(&change);
            assert_eq!(change.from().contains(&Status::Accepted), into_party, "{change:?}");
        }
    }

    #[test]
    fn the_table_of_the_specification_says_the_same() {
        use Change::{Accepted, Bounced, Declined, Expired, Failed, Opened, Queued, Revoked, Sent};
        let text = include_str!("SERVICE.md");
        for (happens, changes) in [
            ("a mail server takes the mail", &[Sent][..]),
            ("a mail server refuses the address", &[Bounced]),
            ("sending is given up", &[Failed]),
            ("the button is pressed", &[Opened, Accepted, Declined]),
            ("the end", &[Expired]),
            ("it is taken back", &[Revoked]),
            ("it is mailed again", &[Queued]),
        ] {
            let mut rows = text.lines().filter(|line| line.starts_with(&format!("| {happens}")));
            let cells: Vec<&str> = rows.next().unwrap().split('|').map(str::trim).collect();
            for change in changes {
                let from: Vec<&str> = change.from().iter().map(|status| status.word()).collect();
                assert_eq!(cells[2], from.join(", "), "{happens}");
                assert!(cells[3].contains(change.to().word()), "{happens}");
            }
        }
    }

    #[test]
    fn an_open_invitation_expires_by_the_clock_alone() {
        let (before, end) = (Timestamp::from_millis(9), Timestamp::from_millis(10));
        assert_eq!(Status::Sent.at(before, end), Status::Sent);
        assert_eq!(Status::Sent.at(end, end), Status::Expired);
        assert_eq!(Status::Accepted.at(end, end), Status::Accepted);
        assert_eq!(
            Status::ALL.map(|status| Status::of_word(status.word())),
            Status::ALL.map(Some)
        );
    }
}
