//! Sentences about invitations by e-mail.

use crate::failure::words;
use crate::failure::{Failure, MailTrouble};
use crate::invitation::mailbox::MailStage;
use crate::invitation::{InvitationKind, InvitationStage};
use crate::worker::{InvitationView, MailAdmission};

// The Invite dialog: whom, through which service.
pub(crate) const INVITE_BY_MAIL: &str = "A service mails each of them a link; it sees nothing in the party.";
pub(crate) const ADDRESSES: &str = "E-mail addresses";
pub(crate) const ADDRESSES_HINT: &str = "bonny@example.org";
pub(crate) const ADDRESSES_HELP: &str = "One or several, with commas, semicolons or on lines of their own.";
pub(crate) const SERVICE: &str = "Invitation service";
pub(crate) const SERVICE_HINT: &str = "invite.example.org";
pub(crate) const OTHER_SERVICE: &str = "Another service";
pub(crate) const CHANGE_SERVICE: &str = "Change";
pub(crate) const CHANGE_SERVICE_LABEL: &str = "Change the invitation service";
pub(crate) const SIGN_OUT: &str = "Sign out here";
pub(crate) const SIGN_OUT_YES: &str = "Sign out";
pub(crate) const SIGN_OUT_MEANS: &str = "Invitations that were mailed stay valid, and their links work. Until you sign in \
     again, mails that still wait are not sent, and you see nothing new of the others.";
pub(crate) const SIGN_IN: &str = "Sign in";
pub(crate) const SIGN_IN_HELP: &str = "You sign in once, in your browser.";
pub(crate) const OWN_CLIENT: &str = "Use a client id instead";
pub(crate) const SIGN_IN_INSTEAD: &str = "Sign in instead";
pub(crate) const OWN_CLIENT_HELP: &str = "Whoever runs the service gives you these.";
pub(crate) const CLIENT_ID: &str = "Client id";
pub(crate) const CLIENT_SECRET: &str = "Client secret";
pub(crate) const USE_CLIENT: &str = "Use it";
pub(crate) const MAIL_WORDS: &str = "A few words of yours";
pub(crate) const MAIL_WORDS_HINT: &str = "Optional; the service learns them with the mail";
pub(crate) const TELL_NAMES: &str = "Say your name and the party’s in the mail; the service learns them, too";
pub(crate) const LINK_WORKS_FOR: &str = "Link works for";
pub(crate) const APPROVE_MAILED: &str = "An admin compares four words with them before they come in";
pub(crate) const NO_LINKS: &str =
    "Services take no links in these words: leave web addresses out, and put a space behind each full stop.";

/// One line, so that it is seen in a low window, too.
pub(crate) const fn by_mail_explained(admission: MailAdmission) -> &'static str {
    match admission {
        MailAdmission::AtOnce => "Whoever reads the mailbox comes in without a PIN: you trust the service.",
        MailAdmission::Approved => "Whoever reads the mailbox may only ask: the service alone lets nobody in.",
    }
}

pub(crate) fn send_invitations(count: usize) -> String {
    match count {
        0 | 1 => "Send invitation".to_owned(),
        more => format!("Send {more} invitations"),
    }
}

/// How many addresses there are, and what was left out.
pub(crate) fn addresses_read(good: usize, repeated: usize, known: &[String]) -> String {
    let mut parts = vec![match good {
        0 => "Nobody to invite".to_owned(),
        1 => "1 address".to_owned(),
        more => format!("{more} addresses"),
    }];
    match repeated {
        0 => {}
        1 => parts.push("1 stands there twice".to_owned()),
        more => parts.push(format!("{more} stand there twice")),
    }
    match known {
        [] => {}
        [one] => parts.push(format!("{one} is invited already")),
        more => parts.push(format!("{} are invited already", more.len())),
    }
    parts.join(" · ")
}

/// What is none of the addresses.
pub(crate) fn no_addresses(wrong: &[&str]) -> String {
    let no_address = Failure::Mail(MailTrouble::NotAnAddress);
    let remedy = words::remedy(&no_address);
    match wrong {
        [one] => format!(
            "“{}” is not an address that mail can be sent to. {remedy}",
            shortened(one)
        ),
        more => format!(
            "{} entries are not addresses that mail can be sent to. {remedy}",
            more.len()
        ),
    }
}

/// The beginning of what may be very long.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

pub(crate) fn too_many_addresses(most: usize) -> String {
    format!("At most {most} people are invited at once. Send to these first, then to the others.")
}

/// Who the person is at a service.
pub(crate) fn signed_in_as(name: &str) -> String {
    match name {
        "" => "You are signed in".to_owned(),
        name => format!("as {name}"),
    }
}

pub(crate) fn sign_out_question(host: &str) -> String {
    format!("Sign out at {host}?")
}

pub(crate) fn sign_in_at(host: &str) -> String {
    format!("Sign in at {host}")
}

pub(crate) fn signing_in(host: &str) -> String {
    format!("Your browser opens the page of {host}. Sign in there, and you come back here by yourself.")
}

pub(crate) const SIGNING_IN_SUBTITLE: &str = "What you have typed for the invitations stays.";

// The Invite dialog: what has become of the mails.
pub(crate) const MAILED: &str = "Invitations by e-mail";
pub(crate) const INVITE_MORE: &str = "Invite more";
pub(crate) const SEND_AGAIN: &str = "Send again";
pub(crate) const INVITING: &str = "Inviting";
pub(crate) const DO_NOT_INVITE: &str = "Do not invite";
pub(crate) const NONE_MAILED: &str = "Nobody is invited by e-mail now.";

pub(crate) fn mailed_subtitle(party: &str, joined: usize, of: usize) -> String {
    match (joined, of) {
        (_, 0) => format!("To {party}."),
        (0, _) => format!("To {party}. Nobody has joined yet, of {of}."),
        (some, _) => format!("To {party}. {some} of {of} joined."),
    }
}

/// The way from the options to those who are invited already.
pub(crate) fn mailed_so_far(count: usize) -> String {
    format!("Invited so far ({count})")
}

pub(crate) fn send_again_to(address: &str) -> String {
    format!("{SEND_AGAIN}: {address}")
}

pub(crate) fn revoke_mail_to(address: &str) -> String {
    format!("{}: {address}", super::REVOKE)
}

pub(crate) fn not_mailed(address: &str, failure: &Failure) -> String {
    format!("No mail went to {address}. {}", super::both(failure))
}

/// Whom a hitch concerns, the first few by their address.
pub(crate) fn not_invited(addresses: &[String]) -> String {
    format!("Not invited: {}", some_of(addresses))
}

pub(crate) fn held_back(addresses: &[String]) -> String {
    format!("This concerns {}", some_of(addresses))
}

fn some_of(addresses: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<&str> = addresses.iter().take(SHOWN).map(String::as_str).collect();
    match addresses.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How far an invitation by e-mail is: in a word or two, and what that means or what to do. The latter may be empty.
pub(crate) fn mail_status(invitation: &InvitationView) -> (String, String) {
    let (word, meaning) = match &invitation.stage {
        InvitationStage::Admitted { name, .. } => return (format!("Joined as {name}"), String::new()),
        InvitationStage::Revoked | InvitationStage::Locked => ("Revoked", "Nobody can join with this link."),
        InvitationStage::Expired => ("Expired", "Nobody came in time. You can invite them again."),
        InvitationStage::Code { .. }
        | InvitationStage::OnlyHere
        | InvitationStage::OfflineReady { .. }
        | InvitationStage::Pin { .. }
        | InvitationStage::PinVoid { .. }
        | InvitationStage::Admitting => return status_while_open(invitation).unwrap_or_default(),
    };
    (word.to_owned(), meaning.to_owned())
}

/// The same of one by which somebody may still come in.
fn status_while_open(invitation: &InvitationView) -> Option<(String, String)> {
    let stage = invitation.mail.as_ref()?.stage;
    let (word, meaning) = stage_of_mail(stage);
    let meaning = match way_in(invitation, stage) {
        Some(way_in) => format!("{meaning} {way_in}"),
        None => meaning.to_owned(),
    };
    Some((word.to_owned(), meaning))
}

/// What it still takes for whoever has the mail to come in.
const fn way_in(invitation: &InvitationView, stage: MailStage) -> Option<&'static str> {
    let needs_approval = match &invitation.kind {
        InvitationKind::Interactive => false,
        InvitationKind::Delegated(method) => method.needs_approval(),
    };
    match (stage, &invitation.stage, needs_approval) {
        // No other member's device that the code names knows of the invitation yet.
        (MailStage::Sent | MailStage::Opened | MailStage::Accepted, InvitationStage::OnlyHere, false) => {
            Some("Only this device can let them in: keep Partyline open.")
        }
        (MailStage::Sent | MailStage::Opened | MailStage::Accepted, InvitationStage::OnlyHere, true) => {
            Some("Keep Partyline open: they can ask only this device, and an admin approves.")
        }
        (MailStage::Accepted, _, false) => Some("They are in as soon as they reach a member."),
        (MailStage::Accepted, _, true) => Some("An admin lets them in once they have asked."),
        _ => None,
    }
}

const fn stage_of_mail(stage: MailStage) -> (&'static str, &'static str) {
    match stage {
        MailStage::Waiting => ("Not handed over", "The service gets it as soon as it can be reached."),
        MailStage::Queued => ("Queued", "The service sends it in a moment."),
        MailStage::Sent => ("Sent", "The link has not been opened yet."),
        MailStage::Opened => ("Opened", "The link was opened."),
        MailStage::Accepted => ("Accepted", "The address is proved."),
        MailStage::Bounced => ("Came back", "No such mailbox. Invite the right one."),
        MailStage::Failed => (
            "Not delivered",
            "The service has given up. Send it again, or reach them another way.",
        ),
        MailStage::Declined => ("Declined", "They do not want to come. Revoke it."),
        MailStage::Suppressed => (
            "Not sent",
            "They want no mail from this service. Reach them another way.",
        ),
        MailStage::Revoked => ("Revoked", "The service has taken it back. Revoke it here, too."),
        MailStage::Expired => ("Link expired", "Invite them again."),
        MailStage::Refused => ("Refused", "The service did not take it. Try again, or revoke it."),
    }
}

/// Why a mail comes no further.
pub(crate) fn mail_trouble(trouble: MailTrouble) -> String {
    words::problem(&trouble).into_owned()
}

/// The name of a service, as people say it.
pub(crate) fn host(issuer: &str) -> &str {
    issuer.split_once("://").map_or(issuer, |(_, host)| host)
}

// The page of a party's invitations.
pub(crate) const BY_MAIL: &str = "By e-mail";

pub(crate) fn show_mail_to(address: &str) -> String {
    format!("{}: {address}", super::SHOW)
}

pub(crate) fn mailed_from(host: &str, when: &str) -> String {
    format!("From {host}, {when}")
}

// The Redeem dialog: the code of an invitation page.
pub(crate) const PAGE_CODE_COMPLETE: &str = "A code from an invitation page. Which service’s page is it?";
pub(crate) const PAGE_CODE_BEGUN: &str =
    "Codes begin with party1, and the code of an invitation page has eight letters and digits, like 7KQ2-M4XV.";
pub(crate) const WHICH_SERVICE_HELP: &str = "The name in your browser’s address bar, on the page that shows the code.";
pub(crate) const ASKING_SERVICE: &str = "Asking the service";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_of_a_mail_has_a_word_and_a_sentence() {
        for stage in MailStage::ALL {
            let (word, meaning) = stage_of_mail(stage);
            assert!(!word.is_empty() && meaning.ends_with('.'), "{stage:?}");
        }
    }

    #[test]
    fn of_many_addresses_the_first_are_told() {
        let all: Vec<String> = (1..=5).map(|number| format!("a{number}@example.org")).collect();
        assert_eq!(
            not_invited(&all),
            "Not invited: a1@example.org, a2@example.org, a3@example.org and 2 more"
        );
        assert_eq!(
            addresses_read(2, 1, &all),
            "2 addresses · 1 stands there twice · 5 are invited already"
        );
    }
}
