//! What is told, as sentences for a person. No IO.

mod content;

use std::time::Duration;

use super::json::{
    DelegatedReport, InvitationReport, MailReport, MailStanding, NearbyReport, PartyReport, Problem, Report,
};
use super::times::Wall;
use crate::time::Timestamp;

pub(super) use self::content::transfer;

/// What the sentences depend on besides what they tell.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) wall: Wall,
    /// How to call this program for the same profile again.
    pub(super) called: &'a str,
}

/// A text from others without what a terminal would obey.
pub(super) fn harmless(text: &str) -> String {
    let obeyed = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.replace(obeyed, "\u{fffd}")
}

/// What a person reads, or none where the next report says it better.
pub(super) fn text(report: &Report, reader: &Reader<'_>) -> Option<String> {
    let now = reader.wall.now;
    Some(match report {
        Report::Profile {
            name,
            identity,
            endpoint,
        } => {
            format!("{name}\n  identity  {identity}\n  endpoint  {endpoint}")
        }
        Report::ProfileCreated { name, .. } => format!("Welcome, {name}. Your profile is ready."),
        Report::Party(party) | Report::PartyChanged(party) => party_text(party, &reader.wall),
        Report::PartyCreated { party, name } => format!("{name} is there. Its id is {}.", short(party)),
        Report::PartyRenamed { name, .. } => format!("The party is called {name} now."),
        Report::Key { identity, fingerprint } => {
            format!("{identity}\n  in words  {fingerprint}\nSend the first line to who invites you.")
        }
        Report::RequestApproved { name, .. } => format!("{name} is a member now, and hears of it when they ask again."),
        Report::RequestDenied { name, .. } => format!("{name} does not come in with this code."),
        Report::Request(request) => format!(
            "{}  “{}” asks to come in as {}, with a code of {}\n   in words  {}",
            request.number,
            request.name,
            request.role,
            request.invited_by_name.as_deref().unwrap_or("a former member"),
            request.fingerprint
        ),
        Report::NodeStatus(status) => format!(
            "{}, {} connected, {} open, {} for approval",
            if status.parties == 1 {
                "1 party".to_owned()
            } else {
                format!("{} parties", status.parties)
            },
            count(status.peers, "device"),
            count(status.invitations, "offline invitation"),
            count(status.requests, "request"),
        ),
        Report::RedemptionFailed {
            invitation,
            problem: why,
        } => format!(
            "The code with the id {} leads nowhere. {}",
            short(invitation),
            problem(why)
        ),
        Report::PartyLeft { .. } => "You have left the party.".to_owned(),
        Report::Trouble(trouble) => problem(trouble),
        Report::DemoStep { who, step } => format!("{who:<6}{step}"),
        Report::Failed(failed) => problem(failed),
        Report::Cancelled => "Cancelled.".to_owned(),
        Report::InvitationKept { expires_ms, .. } => {
            format!(
                "The code still works for {}. Go on with: {} invite PARTY --resume",
                left(now, *expires_ms),
                reader.called
            )
        }
        other => {
            return content::text(other, &reader.wall)
                .or_else(|| devices_text(other, now))
                .or_else(|| inviting_text(other, now))
                .or_else(|| redeeming_text(other, now));
        }
    })
}

/// What the inviter reads.
fn inviting_text(report: &Report, now: Timestamp) -> Option<String> {
    Some(match report {
        Report::Invitation(invitation) => invitation_line(invitation, now),
        Report::InvitationOfAnother(delegated) => delegated_line(delegated, now),
        Report::InvitationCreated(invitation) | Report::InvitationResumed(invitation) if invitation.by != "pin" => {
            delegated_text(invitation, now)
        }
        Report::InvitationCreated(invitation) | Report::InvitationResumed(invitation) => {
            interactive_text(invitation, now)
        }
        Report::Service { service, name } => format!("{service}  {name}"),
        Report::ServiceAdded { service, name } if name.is_empty() => format!("You are signed in at {service}."),
        Report::ServiceAdded { service, name } => format!("You are signed in at {service} as {name}."),
        Report::ServiceRemoved { service } => format!("You are signed out of {service}."),
        Report::BrowserNeeded { url } => format!("Open this in your browser, within a quarter of an hour:\n\n{url}\n"),
        Report::MailInvitation(mail) => mail_text(mail),
        Report::MailChanged(mail) => mail_line(&mail.mail, mail.by),
        Report::InvitationRevoked { .. } => "The code is revoked: nobody can join with it.".to_owned(),
        Report::OfflineReady { devices, .. } => format!(
            "{devices} other {} the invitation: you can go offline, and the code works all the same.",
            if *devices == 1 { "device has" } else { "devices have" }
        ),
        Report::PeerConnected { .. } => "A device has redeemed the code.".to_owned(),
        Report::PeerLeft { .. } => "The device has gone. The code still works.".to_owned(),
        Report::Pin { pin, expires_ms, .. } => format!(
            "\n    PIN  {}\n\nRead it to the person by voice. It works for {}.",
            spaced(pin),
            left(now, *expires_ms)
        ),
        Report::WrongPin {
            tries_left,
            wrong_in_all: Some(in_all),
            ..
        } => {
            format!(
                "A wrong PIN was entered ({in_all} in all). {} left for this PIN.",
                tries(*tries_left)
            )
        }
        Report::PinVoid {
            reason: Some(reason), ..
        } => {
            let why = if *reason == "expired" {
                "has expired"
            } else {
                "was entered wrongly three times"
            };
            format!("This PIN {why} and works no more. Type new to show another.")
        }
        Report::OthersWaiting { count: 0, .. } => "No other device waits any more.".to_owned(),
        Report::OthersWaiting {
            count, leaked: false, ..
        } => format!(
            "{} in line for a PIN. Type next to send this device away and take the next one.",
            if *count == 1 {
                "One more device waits".to_owned()
            } else {
                format!("{count} more devices wait")
            }
        ),
        Report::OthersWaiting { count, .. } => format!(
            "{count} other {} this code too: somebody else has seen it. Type next for the next device, or cancel.",
            if *count == 1 { "device tried" } else { "devices tried" }
        ),
        Report::ShownNearby { label, .. } => format!(
            "Shown in the local network for 15 minutes as: {label}\nRead these words out. Everybody in this network sees \
             them, and neither your name nor the party's; who comes still needs the PIN. Read the PIN only to a person \
             whose screen asks for it. Type hide to end it."
        ),
        Report::HiddenNearby { .. } => "Not shown in the local network any more. The code still works.".to_owned(),
        _ => return newcomer_text(report),
    })
}

/// What the inviter reads of who comes in.
fn newcomer_text(report: &Report) -> Option<String> {
    Some(match report {
        Report::PinAccepted { .. } => "The PIN was right. Adding the new member.".to_owned(),
        Report::Admitted {
            name,
            uses_left: 0,
            uses,
            ..
        } if *uses > 1 => format!("{name} is in. All {uses} are."),
        Report::Admitted { name, uses_left: 0, .. } => format!("{name} is in."),
        Report::Admitted { name, uses_left, .. } => {
            format!("{name} is in. The code still works for {}.", people(*uses_left))
        }
        _ => return None,
    })
}

/// Words in four columns.
fn numbered(words: &[&str]) -> String {
    let cell = |(word, number): (&&str, usize)| format!("{number:>2} {word:<10}");
    let cells: Vec<String> = words.iter().zip(1..).map(cell).collect();
    let rows: Vec<String> = cells.chunks(4).map(|row| row.concat().trim_end().to_owned()).collect();
    rows.join("\n")
}

/// What a person reads about their devices and their identity.
fn devices_text(report: &Report, now: Timestamp) -> Option<String> {
    Some(match report {
        Report::Device(device) => {
            let name = device.name.as_deref().unwrap_or("no name yet");
            format!(
                "{:>3}  {name}  {}  {}",
                device.number,
                device.presence,
                short(&device.device)
            )
        }
        Report::DeviceCode { code, expires_ms, .. } => format!(
            "Code for your new device (works for {}):\n\n{code}\n\nUse it there only: whoever has it and the PIN becomes you. \
             The PIN appears here when the device connects.\nType new, next or cancel and Enter; Ctrl-C ends it.",
            left(now, *expires_ms),
        ),
        Report::DeviceAdded { name, .. } => format!("{name} is your device now, in all your parties."),
        Report::DeviceRemoved { .. } => {
            "The device is removed from all your parties. It does not come back.".to_owned()
        }
        Report::Phrase { words } => format!(
            "These 24 words bring you back if all your devices are lost. Whoever has them is you.\n\n{}\n\nWrite them on \
             paper, in this order, and keep it safe. They are not shown again.",
            numbered(words),
        ),
        Report::PhraseWordRequested { number } => format!("Type word {number}:"),
        Report::PhraseWritten => "Your recovery phrase is written down. Clear this screen now.".to_owned(),
        Report::IdentityHeld => {
            "The key of your identity is on this device now. It can add further devices.".to_owned()
        }
        Report::DeviceRenamed { name, .. } => format!("The device is called {name} now."),
        _ => return None,
    })
}

/// What is heard in the local network.
fn nearby_list(heard: &[NearbyReport], left_out: usize) -> String {
    if heard.is_empty() {
        return "Nobody shows an invitation nearby.".to_owned();
    }
    let mut text = "Shown nearby:".to_owned();
    for one in heard {
        text += "\n  ";
        text += &one.label;
        if one.ambiguous {
            text += " (shown by two devices: ask the inviter for the code)";
        }
    }
    if left_out > 0 {
        text += &format!("\n  and {left_out} more: ask the inviter for the code");
    }
    text
}

/// What the inviter reads of a code with a PIN.
fn interactive_text(invitation: &InvitationReport, now: Timestamp) -> String {
    format!(
        "Invite code for {} ({}, works for {}):\n\n{}\n\nSend it in any chat, to {}\nType new, next or cancel and Enter; \
         Ctrl-C ends it.",
        invitation.party_name,
        invitation.role,
        left(now, invitation.expires_ms),
        invitation.code,
        whom(invitation),
    )
}

/// What the inviter reads of a code that works while they are away.
fn delegated_text(invitation: &InvitationReport, now: Timestamp) -> String {
    let who = match invitation.by {
        "approval" => "an admin has to approve whoever comes with it",
        "known_key" => "only the person with that key comes in",
        _ => "whoever comes first with it comes in",
    };
    format!(
        "Invite code for {} ({}, works for {}; {who}):\n\n{}\n\nSend it in any chat. Stay online until another member's device \
         has the invitation too.",
        invitation.party_name,
        invitation.role,
        left(now, invitation.expires_ms),
        invitation.code,
    )
}

/// What the invitee reads.
fn redeeming_text(report: &Report, now: Timestamp) -> Option<String> {
    Some(match report {
        Report::Nearby { heard, left_out } => nearby_list(heard, *left_out),
        Report::NearbyInvalid { sentence, next } => format!("{sentence} {next}"),
        Report::Connecting { failed_tries: 0, .. } => "Reaching the inviter's device.".to_owned(),
        Report::Connecting { failed_tries: 3, .. } => {
            "Still trying. The inviter has to keep Partyline open meanwhile.".to_owned()
        }
        Report::InviterOffline { .. } => {
            "The inviter's device is not online. Ask them to open Partyline; this goes on trying until Ctrl-C."
                .to_owned()
        }
        Report::MembersOffline { next_try_ms, .. } => format!(
            "No member who could let you in is online. This tries again in {}.",
            left(now, *next_try_ms)
        ),
        Report::WaitsForApproval {
            fingerprint,
            next_poll_ms,
            ..
        } => format!(
            "Your request has arrived. An admin has to approve it; you are known to them as {fingerprint}.\nThis asks again in {}.",
            left(now, *next_poll_ms)
        ),
        Report::Queued { position, .. } => format!(
            "Another device is using this code (you are number {position} in line). If that is not yours, tell the inviter."
        ),
        Report::PinRequested {
            digits,
            expires_ms,
            notice,
            ..
        } => {
            let ask = format!(
                "Ask the inviter for the PIN, {digits} digits. It works for {}.",
                left(now, *expires_ms)
            );
            match notice {
                Some("changed") => format!("The inviter shows a new PIN. {ask}"),
                Some("wrong") => return None,
                _ => ask,
            }
        }
        Report::WrongPin {
            tries_left,
            wrong_in_all: None,
            ..
        } => format!(
            "That PIN is wrong. {} left.\nIf the inviter does not see a wrong PIN too, stop: somebody may be in between.",
            tries(*tries_left)
        ),
        Report::PinVoid { reason: None, .. } => "This PIN works no more. Ask the inviter to show a new one.".to_owned(),
        Report::PinInvalid { sentence, next } => format!("{sentence} {next}"),
        Report::Checking { .. } => "Checking the PIN.".to_owned(),
        Report::Joining {
            party_name,
            inviter,
            role,
            ..
        } => {
            format!("The PIN was right. {inviter} lets you into {party_name}, as {role}.")
        }
        Report::Joined { name, .. } => format!("You are in: {name}."),
        Report::Pairing { person, device, .. } => {
            format!("The PIN was right. {device} makes this a device of {person}.")
        }
        Report::Paired { name, .. } => format!("This is a device of {name} now, with all parties."),
        _ => return None,
    })
}

/// What happened and what to do.
pub(super) fn problem(problem: &Problem) -> String {
    let place = problem
        .at
        .map(|at| format!(" (Character {}.)", at + 1))
        .unwrap_or_default();
    let told = format!("{}{place}", problem.sentence);
    if problem.next.is_empty() {
        told
    } else {
        format!("{told}\n{}", problem.next)
    }
}

fn party_text(party: &PartyReport, wall: &Wall) -> String {
    let role = party
        .role
        .map_or_else(|| "no longer a member".to_owned(), |role| format!("you are {role}"));
    let mut lines = vec![format!("{}  ({role}, id {})", party.name, short(&party.party))];
    lines.extend(
        party
            .members
            .iter()
            .map(|member| format!("  {}", content::member(member, wall))),
    );
    lines.extend(
        party
            .tasks
            .iter()
            .map(|task| format!("  {}", content::task(task, wall))),
    );
    lines.push(format!(
        "  {}, {} ({} unread), {}",
        count(party.notes, "note"),
        count(party.messages, "message"),
        party.unread,
        count(party.files, "file")
    ));
    if !party.whole {
        lines.push("  Part of it could not be read from this disk; it comes from another member.".to_owned());
    }
    lines.join("\n")
}

/// To whom a code is sent, and what happens then.
fn whom(invitation: &InvitationReport) -> String {
    match invitation.max_uses {
        1 => "one person. The PIN appears here when their device connects.".to_owned(),
        many => format!(
            "{} at most. Each gets a PIN of their own, which appears here when their device connects.",
            people(many)
        ),
    }
}

fn people(count: u32) -> String {
    match count {
        1 => "one person".to_owned(),
        more => format!("{more} people"),
    }
}

fn count(count: usize, of: &str) -> String {
    format!("{count} {of}{}", if count == 1 { "" } else { "s" })
}

fn invitation_line(invitation: &InvitationReport, now: Timestamp) -> String {
    let label = if invitation.label.is_empty() {
        String::new()
    } else {
        format!(", “{}”", invitation.label)
    };
    let uses = match invitation.max_uses {
        1 => String::new(),
        many => format!(", {} of {many} in", invitation.uses),
    };
    let left = left(now, invitation.expires_ms);
    let id = short(&invitation.invitation);
    let how = invitation
        .mail
        .as_ref()
        .map_or_else(|| invitation.code.clone(), |mail| mail_line(mail, invitation.by));
    format!(
        "{}  {} as {}{label}{uses}, works for {left}\n  {how}",
        id, invitation.party_name, invitation.role
    )
}

/// Whom a mail invites, and what they may do.
fn mail_text(invited: &MailReport) -> String {
    let MailStanding { address, service, .. } = &invited.mail;
    let may = match invited.by {
        "email_approval" => "may ask to come in, and an admin approves",
        _ => "may come in",
    };
    format!("{address} {may}. {service} is asked to send the mail.")
}

/// To whom a mail goes, how far it is, and why it comes no further.
fn mail_line(mail: &MailStanding, by: &str) -> String {
    let stage = match (mail.stage, by) {
        ("waiting", _) => "not handed over yet",
        ("bounced", _) => "came back: no such mailbox, or it takes no mail",
        ("failed", _) => "not delivered: the service has given up",
        ("accepted", "email_approval") => {
            "accepted: the address is proved, and an admin lets them in once they have asked"
        }
        ("accepted", _) => "accepted: the address is proved",
        ("suppressed", _) => "not sent: they want no mail from this service",
        (other, _) => other,
    };
    let trouble = mail
        .trouble
        .as_ref()
        .map(|trouble| format!("\n    {}", problem(trouble)))
        .unwrap_or_default();
    format!("{}  {stage}{trouble}", mail.address)
}

fn delegated_line(delegated: &DelegatedReport, now: Timestamp) -> String {
    let DelegatedReport { uses, max_uses, .. } = delegated;
    let inviter = delegated
        .inviter_name
        .as_deref()
        .unwrap_or_else(|| short(&delegated.inviter));
    format!(
        "{}  {} as {}, by {inviter}, {uses} of {max_uses} in, works for {}",
        short(&delegated.invitation),
        delegated.party_name,
        delegated.role,
        left(now, delegated.expires_ms)
    )
}

/// Enough of an id to name it by.
fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Three and three digits are easier to say and to hear than six.
fn spaced(pin: &str) -> String {
    match pin.split_at_checked(3) {
        Some((head, tail)) if !tail.is_empty() => format!("{head} {tail}"),
        _ => pin.to_owned(),
    }
}

fn tries(count: u8) -> String {
    if count == 1 {
        "1 try is".to_owned()
    } else {
        format!("{count} tries are")
    }
}

/// How long until then, in the largest unit that says enough.
fn left(now: Timestamp, until_ms: u64) -> String {
    let left = now.until(Timestamp::from_millis(until_ms)) + Duration::from_millis(500);
    let (count, unit) = match left.as_secs() {
        seconds @ 0..90 => (seconds, "second"),
        seconds @ 90..5400 => ((seconds + 30) / 60, "minute"),
        seconds @ 5400..172_800 => ((seconds + 1800) / 3600, "hour"),
        seconds => ((seconds + 43_200) / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn told(report: &Report) -> String {
        let wall = Wall {
            now: NOW,
            zone: jiff::tz::TimeZone::UTC,
        };
        let called = "partyline --profile bob";
        text(report, &Reader { wall, called }).unwrap()
    }

    #[test]
    fn time_left_is_told_in_the_unit_that_says_enough() {
        let told = |seconds: u64| left(NOW, 1_000_000 + seconds * 1000);
        assert_eq!(told(1), "1 second");
        assert_eq!(told(300), "5 minutes");
        assert_eq!(told(86_400), "24 hours");
        assert_eq!(told(7 * 86_400), "7 days");
        assert_eq!(left(NOW, 5), "0 seconds");
    }

    #[test]
    fn a_pin_is_read_in_two_groups() {
        let pin = Report::Pin {
            invitation: String::new(),
            pin: "004217".into(),
            expires_ms: 1_300_000,
            tries_left: 3,
        };
        assert!(told(&pin).contains("004 217"));
        assert_eq!(spaced("123"), "123");
    }

    #[test]
    fn both_sides_are_told_of_a_wrong_pin_in_words_of_their_own() {
        let wrong = |wrong_in_all| Report::WrongPin {
            invitation: String::new(),
            tries_left: 1,
            wrong_in_all,
        };
        assert!(told(&wrong(Some(2))).contains("2 in all"));
        assert!(told(&wrong(None)).contains("somebody may be in between"));
    }

    #[test]
    fn what_to_type_next_is_for_the_same_profile() {
        let kept = Report::InvitationKept {
            invitation: String::new(),
            expires_ms: 0,
        };
        assert!(told(&kept).ends_with("partyline --profile bob invite PARTY --resume"));
    }

    #[test]
    fn a_terminal_obeys_nothing_that_others_wrote() {
        assert_eq!(harmless("a\tb\n\x1b[2Jc\r"), "a\tb\n\u{fffd}[2Jc\u{fffd}");
    }

    #[test]
    fn a_problem_counts_characters_from_one() {
        let told = problem(&Problem {
            code: "c",
            sentence: "Wrong.".into(),
            next: "Look.".into(),
            at: Some(6),
        });
        assert_eq!(told, "Wrong. (Character 7.)\nLook.");
    }
}
