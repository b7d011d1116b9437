//! Sentences about invitations for several people, and about the page that lists a party's invitations.

use super::{as_role, invitation_for};
use crate::invitation::{DelegationMethod, InvitationKind};
use crate::party::{DelegatedTo, Role};

// The Invite dialog: several people.
pub(crate) const HOW_MANY: &str = "How many people";
pub(crate) const FEWER: &str = "One person fewer";
pub(crate) const MORE: &str = "One person more";
pub(crate) const BACK_TO_CODE: &str = "Back to the code";

pub(crate) const INVITE_AWAY: &str = "Create a code that works while you are away.";

/// A link of an invitation mail, by the service that it leads to.
pub(crate) fn mail_link(host: &str) -> String {
    format!("An invitation by e-mail, from {host}. Continue opens your browser.")
}

pub(crate) fn invite_options(people: u32) -> String {
    match people {
        1 => "Create a code for one person. You let them in with a PIN.".to_owned(),
        more => format!("Create one code for {more} people. You let each of them in with a PIN."),
    }
}

pub(crate) fn invite_send(people: u32) -> String {
    match people {
        1 => "Send this code to one person, in any chat you like.".to_owned(),
        more => format!("Send this code to up to {more} people, in any chat you like."),
    }
}

pub(crate) fn invite_explained(people: u32) -> String {
    match people {
        1 => {
            "The code works once. When it is used, you see a six-digit PIN here to read out to the person you invited."
                .to_owned()
        }
        more => format!(
            "The code works {more} times. Each time it is used, you see a fresh six-digit PIN here. Who comes meanwhile waits in line."
        ),
    }
}

/// How many are in of how many that can be.
pub(crate) fn came_in(joined: usize, of: u32) -> String {
    match joined {
        0 => format!("Nobody has joined yet, of {of}"),
        some => format!("{some} of {of} joined"),
    }
}

pub(crate) fn all_joined(count: usize, party: &str) -> String {
    format!("All {count} people joined {party}")
}

/// Names, the last that came in first; those that do not fit are counted.
pub(crate) fn names<'a>(names: impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator) -> String {
    const SHOWN: usize = 8;
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<&str> = names.rev().take(SHOWN).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

pub(crate) fn in_line(waiting: u8) -> String {
    match waiting {
        1 => "One more person waits in line.".to_owned(),
        more => format!("{more} more people wait in line."),
    }
}

pub(crate) fn expired_after(joined: usize, of: u32) -> (&'static str, String) {
    (
        "The code has expired",
        format!("{joined} of {of} people joined with it. A new one is a click away."),
    )
}

// The Invite dialog: refusals.
pub(crate) const OTHER_OPTIONS: &str = "Change options";

// The Invite dialog: how somebody comes in.
pub(crate) const THEY_COME_IN: &str = "They come in";
pub(crate) const WITH_PIN: &str = "With a PIN";
pub(crate) const WHILE_AWAY: &str = "While you are away";
pub(crate) const WHO_MAY: &str = "Who may";
pub(crate) const APPROVED: &str = "Whom an admin approves";
pub(crate) const KNOWN_PERSON: &str = "One person you know";
pub(crate) const WHOEVER_IS_FIRST: &str = "Whoever is first";
pub(crate) const THEIR_KEY: &str = "Their key";
pub(crate) const THEIR_KEY_HINT: &str = "64 digits and letters";
pub(crate) const KEY_HELP: &str = "They find it in their settings and send it to you.";
pub(crate) const NO_KEY: &str = "This is not a whole key.";
pub(crate) const PEOPLE_YOU_KNOW: &str = "People you know";
pub(crate) const THREE_DAYS: &str = "3 days";
pub(crate) const ONE_MONTH: &str = "30 days";
pub(crate) const APPROVAL_EXPLAINED: &str =
    "Who uses the code asks to come in. Any admin of the party who is online sees that, and approves or declines.";
pub(crate) const KNOWN_KEY_EXPLAINED: &str =
    "No PIN: any admin's device that is online lets in this person, and nobody else.";
pub(crate) const ONLY_HERE_MEANS: &str = "Works only while you are online: no other member's device has it yet";

pub(crate) fn link_explained(people: u32) -> String {
    let first = match people {
        1 => "Whoever uses the code first is in".to_owned(),
        more => format!("The first {more} who use the code are in"),
    };
    format!("{first}, without a PIN or a question. If it gets to the wrong person, so does the party.")
}

/// Whose key it is, if that is known, and the words to compare.
pub(crate) fn key_is_of(name: Option<&str>, fingerprint: &str) -> String {
    name.map_or_else(
        || format!("In words: {fingerprint}"),
        |name| format!("{name}: {fingerprint}"),
    )
}

// The Redeem dialog: in line for a code that several people use.
pub(crate) const IN_LINE: &str =
    "Others are joining with this code, too. You get a PIN of your own when it is your turn.";

// The page of a party's invitations.
pub(crate) const INVITATIONS: &str = "Invitations";
pub(crate) const WAIT_FOR_APPROVAL: &str = "Waiting for approval";
pub(crate) const YOUR_CODES: &str = "Your codes";
pub(crate) const OTHERS_CODES: &str = "Left with the party";
pub(crate) const NO_INVITATIONS: &str = "No open invitations";
pub(crate) const NO_INVITATIONS_MEANS: &str =
    "Codes that still work, and people who wait to be let in, are listed here.";
pub(crate) const INVITE_SOMEBODY: &str = "Invite somebody";
pub(crate) const ANY_ADMIN_LETS_IN: &str = "Works while its maker is away";
pub(crate) const ADMINS_DECIDE: &str = "An admin decides";
pub(crate) const APPROVE: &str = "Approve";
pub(crate) const DECLINE: &str = "Decline";
pub(crate) const ONLY_HERE: &str = "Works only while this device is online";

pub(crate) const fn kind_of_invitation(kind: InvitationKind) -> &'static str {
    match kind {
        InvitationKind::Interactive => "With a PIN",
        InvitationKind::Delegated(DelegationMethod::Approval) => "With approval",
        InvitationKind::Delegated(DelegationMethod::KnownKey(_)) => "For one known person",
        InvitationKind::Delegated(DelegationMethod::Link) => "For whoever is first",
        InvitationKind::Delegated(DelegationMethod::Mailbox(_)) => "By e-mail",
        InvitationKind::Delegated(DelegationMethod::ApprovedMailbox(_)) => "By e-mail, with approval",
    }
}

/// The same of an invitation as the party's log has it.
pub(crate) const fn who_may_come_in(to: DelegatedTo) -> &'static str {
    match to {
        DelegatedTo::Approved => kind_of_invitation(InvitationKind::Delegated(DelegationMethod::Approval)),
        DelegatedTo::KeyHash(_) => "For one known person",
        DelegatedTo::Mailbox(_) => "By e-mail",
        DelegatedTo::ApprovedMailbox(_) => "By e-mail, with approval",
        DelegatedTo::Anybody => kind_of_invitation(InvitationKind::Delegated(DelegationMethod::Link)),
    }
}

pub(crate) fn attempts(wrong: u8, of: u8) -> String {
    match wrong {
        0 => "no wrong PINs".to_owned(),
        some => format!("{some} of {of} wrong PINs"),
    }
}

pub(crate) fn made_by(when: &str) -> String {
    format!("Created by you, {when}")
}

/// `by` is nobody for the person at this machine.
pub(crate) fn invitation_of(by: Option<&str>) -> String {
    by.map_or_else(
        || "Your invitation, from another device".to_owned(),
        |by| format!("Invitation by {by}"),
    )
}

pub(crate) fn copy_invitation(label: &str) -> String {
    format!("Copy code: {}", invitation_for(label))
}

pub(crate) fn ready_on(devices: usize) -> String {
    match devices {
        1 => "Ready, on one other device".to_owned(),
        more => format!("Ready, on {more} other devices"),
    }
}

pub(crate) fn offline_ready(devices: usize) -> String {
    match devices {
        1 => "Ready while you are away: one other device has it".to_owned(),
        more => format!("Ready while you are away: {more} other devices have it"),
    }
}

/// Nothing proves a name before its bearer is in.
pub(crate) fn says_to_be(name: &str) -> String {
    format!("Says to be {name}")
}

pub(crate) fn asks_through(inviter: &str, when: &str) -> String {
    format!("through an invitation by {inviter}, {when}")
}

pub(crate) fn approve(name: &str) -> String {
    format!("{APPROVE}: {name}")
}

pub(crate) fn decline(name: &str) -> String {
    format!("{DECLINE}: {name}")
}

pub(crate) fn approve_question(name: &str, party: &str) -> String {
    format!("Let {name} into {party}?")
}

pub(crate) fn approve_means(role: Role) -> String {
    format!(
        "They join {}. A name alone proves nothing: ask them by voice for these words, and compare.",
        as_role(role)
    )
}

pub(crate) fn decline_question(name: &str, party: &str) -> String {
    format!("Keep {name} out of {party}?")
}

pub(crate) const DECLINE_MEANS: &str = "They are told that an admin said no, and cannot ask again with this code.";

pub(crate) fn party_row_waiting(row: &str, requests: usize) -> String {
    match requests {
        0 => row.to_owned(),
        1 => format!("{row}, one person waits for approval"),
        more => format!("{row}, {more} people wait for approval"),
    }
}

pub(crate) fn ask_to_join(count: usize, party: &str) -> String {
    format!("{count} people ask to join {party}")
}

pub(crate) fn asks_to_join(name: &str, party: &str) -> String {
    format!("{name} asks to join {party}")
}

// The Redeem dialog: a code that works while its maker is away.
pub(crate) const REQUEST_ARRIVED: &str =
    "Your request has arrived. An admin of the party sees it and lets you in, or says no.";
pub(crate) const LET_IN_BY_MEMBER: &str = "The code is good. A member of the party lets you in.";
pub(crate) const YOUR_WORDS: &str = "Your words";
pub(crate) const YOUR_WORDS_MEAN: &str = "If the admin asks who you are, read these words to them by voice.";
pub(crate) const WINDOW_MAY_CLOSE: &str = "You need not wait here";
pub(crate) const WINDOW_MAY_CLOSE_MEANS: &str =
    "You may close this window. Partyline goes on by itself, also when it starts the next time, and tells you.";
pub(crate) const ASKS_AGAIN_IN: &str = "Asks again in";
pub(crate) const TRIES_AGAIN_IN: &str = "Tries again in";
pub(crate) const ASK_NOW: &str = "Ask now";
pub(crate) const WAIT_IN_BACKGROUND: &str = "Wait in background";
pub(crate) const WITHDRAW: &str = "Withdraw";
pub(crate) const WITHDRAWN_MAIL_IS_SPENT: &str =
    "The link of an invitation mail works once: who withdraws now can have a new one sent by its page.";
pub(crate) const REQUEST_WAITS: &str = "Your request to join a party waits for approval.";

pub(crate) fn connecting_with_members(failed_tries: u32) -> String {
    match failed_tries {
        0 => "Looking for a member who can let you in".to_owned(),
        _ => "Nobody reached yet. Trying again.".to_owned(),
    }
}

pub(crate) const SEEKS_MEMBERS: &str = "Partyline looks for a member who can let you in.";

// The own key.
pub(crate) const YOUR_KEY: &str = "Your key";
pub(crate) const COPY_YOUR_KEY: &str = "Copy your key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_the_last_ones_are_told() {
        let all: Vec<String> = (1..=10).map(|number| number.to_string()).collect();
        assert_eq!(
            names(all.iter().map(String::as_str)),
            "10, 9, 8, 7, 6, 5, 4, 3 and 2 more"
        );
        assert_eq!(names(["Bob", "Clara"].into_iter()), "Clara, Bob");
    }
}
