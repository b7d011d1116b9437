//! The sentences about invitation services. No IO.

use super::{MailTrouble, Text, Words};

impl Words for MailTrouble {
    fn problem(&self) -> Text {
        pair(*self).0.into()
    }

    fn remedy(&self) -> Text {
        pair(*self).1.into()
    }
}

/// Problem and remedy side by side.
#[expect(clippy::too_many_lines, reason = "one pair for each trouble")]
const fn pair(trouble: MailTrouble) -> (&'static str, &'static str) {
    match trouble {
        MailTrouble::Unreachable => (
            "The invitation service does not answer.",
            "Check the connection and the service's address, or try again later.",
        ),
        MailTrouble::NotAService => (
            "At this address is no invitation service that lets people into parties.",
            "Check the service's address, or ask whoever runs it.",
        ),
        MailTrouble::Insecure => (
            "This service is not reached over HTTPS, so anybody on the way could read along.",
            "Use an address that begins with https://.",
        ),
        MailTrouble::NoAccount => (
            "You are not signed in at this invitation service.",
            "Sign in there first.",
        ),
        MailTrouble::SignedOut => (
            "The invitation service does not know you any more.",
            "Sign in there again.",
        ),
        MailTrouble::WrongClient => (
            "The invitation service does not know this client id, or its secret is another one.",
            "Check both with whoever runs the service.",
        ),
        MailTrouble::NotAllowed => (
            "The invitation service does not let you send invitations.",
            "Ask whoever runs it, or use another service.",
        ),
        MailTrouble::TooMany => (
            "The invitation service has been asked too often.",
            "Wait a while before you try again. An address gets only a few mails a day.",
        ),
        MailTrouble::Refused => (
            "The invitation service refuses.",
            "Check the address, and leave everything that looks like a link out of your words. Or ask whoever runs the service.",
        ),
        MailTrouble::Over => (
            "This does not work any more, or never did.",
            "Open the link in the mail again for a new code, and check what you type.",
        ),
        MailTrouble::NotAnAddress => (
            "This is not an address that mail can be sent to.",
            "Write one address on each line, like bonny@example.org.",
        ),
        MailTrouble::NotALink => (
            "This is neither the link of an invitation mail nor a code from its page.",
            "Copy the whole link from the mail, or type the code as the page shows it.",
        ),
        MailTrouble::NoDoor => (
            "The browser cannot come back to Partyline on this machine.",
            "Check whether something blocks connections on this machine, or type the code that the page shows.",
        ),
        MailTrouble::TimedOut => (
            "Nobody came back from the browser in time.",
            "Try again, and finish in the browser within a quarter of an hour.",
        ),
        MailTrouble::Declined => (
            "You have not agreed in the browser.",
            "Try again if that was a mistake.",
        ),
        MailTrouble::Stopped => (
            "Partyline does not wait for the browser any more.",
            "Begin again when you like.",
        ),
        MailTrouble::LinkExpired => (
            "The link in this mail has expired.",
            "Ask the inviter for a new invitation.",
        ),
        MailTrouble::LinkUsed => (
            "The link in this mail has been used already.",
            "If you have not come in, open it in your browser: the page can send you a new one. If it was not you, tell the inviter.",
        ),
        MailTrouble::LinkRevoked => (
            "The inviter has taken this invitation back.",
            "Ask the inviter for a new one.",
        ),
        MailTrouble::LinkDeclined => (
            "This invitation was declined.",
            "If that was a mistake, ask the inviter for a new one.",
        ),
        MailTrouble::NoParty => (
            "This invitation leads into no party.",
            "It may be meant for another program. Ask the inviter.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_says_what_happened_and_what_to_do() {
        for trouble in MailTrouble::ALL {
            for text in [trouble.problem(), trouble.remedy()] {
                assert!(text.ends_with('.') && text.len() > 15, "{trouble:?}: {text}");
            }
        }
    }
}
