//! Every sentence of the window. What goes wrong has its words in [`crate::failure::words`], which all faces share.

mod connection;
mod content;
mod desktop;
mod devices;
mod invitations;
mod mail;
mod time;

use std::time::Duration;

pub(crate) use self::connection::*;
pub(crate) use self::content::*;
pub(crate) use self::desktop::*;
pub(crate) use self::devices::*;
pub(crate) use self::invitations::*;
pub(crate) use self::mail::*;
pub(crate) use self::time::*;
use crate::failure::Remedy;
use crate::failure::words::{self, Words};
use crate::invitation::{InvitationStage, PinVoid};
use crate::party::Role;
use crate::worker::NetworkMode;

// Buttons that mean the same everywhere.
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const CLOSE: &str = "Close";
pub(crate) const CLOSE_DIALOG: &str = "Not now";
pub(crate) const DONE: &str = "Done";
pub(crate) const REMOVE: &str = "Remove";
pub(crate) const SAVE: &str = "Save";
pub(crate) const TRY_AGAIN: &str = "Try again";
pub(crate) const CONTINUE: &str = "Continue";
pub(crate) const DISMISS: &str = "Dismiss";

/// Problem and remedy in one text.
pub(crate) fn both(failure: &impl Words) -> String {
    format!("{} {}", words::problem(failure), words::remedy(failure))
}

/// What concerns another party than the one that is shown.
pub(crate) fn told_of(party: &str, sentence: &str) -> String {
    format!("{party}: {sentence}")
}

/// What the button of a remedy says.
pub(crate) const fn button(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::TryAgain => TRY_AGAIN,
        Remedy::ShowNewPin => SHOW_NEW_PIN,
        Remedy::NewCode => NEW_CODE,
        Remedy::OtherCode => OTHER_CODE,
        Remedy::AllowRelay => JOIN_THROUGH_IT,
        Remedy::UseRelays => USE_RELAYS,
        Remedy::OpenParty => OPEN_PARTY,
        Remedy::CopyOwnKey => COPY_YOUR_KEY,
    }
}

// Roles.
pub(crate) const fn role(role: Role) -> &'static str {
    match role {
        Role::Reader => "Reader",
        Role::Editor => "Editor",
        Role::Admin => "Admin",
        Role::Owner => "Owner",
    }
}

pub(crate) const fn role_means(role: Role) -> &'static str {
    match role {
        Role::Reader => "Sees everything in the party, changes nothing.",
        Role::Editor => "Sees and changes everything in the party.",
        Role::Admin => "Like an editor, and may invite and remove people.",
        Role::Owner => "May do everything.",
    }
}

const fn as_role(role: Role) -> &'static str {
    match role {
        Role::Reader => "as a reader",
        Role::Editor => "as an editor",
        Role::Admin => "as an admin",
        Role::Owner => "as an owner",
    }
}

// The Invite dialog: options and code.
pub(crate) const SHOW_NEARBY: &str = "Show nearby";
pub(crate) const SHOW_NEARBY_LABEL: &str = "Show this invitation nearby";
pub(crate) const NEARBY_MEANS: &str = "Lets somebody in this network find the invitation without the code, for 15 minutes. They still \
     need the PIN, and see neither your name nor the party\u{2019}s.";
pub(crate) const SHOWN_NEARBY_MEANS: &str = "Read these two words to the person you invite. Everybody in this network sees them; only who \
     also gets the PIN comes in.";

/// The words that others see.
pub(crate) fn shown_as(words: &str) -> String {
    format!("as {words}")
}

pub(crate) const FOR_WHOM: &str = "For whom";
pub(crate) const FOR_WHOM_HINT: &str = "A note for yourself, such as Bob (never sent)";
pub(crate) const THEY_JOIN_AS: &str = "They join as";
pub(crate) const CODE_WORKS_FOR: &str = "Code works for";
pub(crate) const TEN_MINUTES: &str = "10 minutes";
pub(crate) const ONE_HOUR: &str = "1 hour";
pub(crate) const ONE_DAY: &str = "24 hours";
pub(crate) const ONE_WEEK: &str = "7 days";
pub(crate) const CREATE_CODE: &str = "Create code";
pub(crate) const CREATING_CODE: &str = "Creating code";
pub(crate) const QR_LABEL: &str = "QR code of the invite code";
pub(crate) const INVITE_CODE: &str = "Invite code";
pub(crate) const COPY_CODE: &str = "Copy code";
pub(crate) const COPY_LINK: &str = "Copy link";
pub(crate) const COPIED: &str = "Copied";
pub(crate) const REVOKE_CODE: &str = "Revoke code";
pub(crate) const KEEP_IN_BACKGROUND: &str = "Keep in background";
pub(crate) const EXPIRES_IN: &str = "Expires in";
pub(crate) const HAS_EXPIRED: &str = "Has expired";

pub(crate) fn invite_title(party: &str) -> String {
    format!("Invite to {party}")
}

pub(crate) fn code_label(code: &str) -> String {
    format!("Invite code {code}")
}

pub(crate) fn code_status(stage: &InvitationStage, wrong_pins: u8) -> String {
    match (matches!(stage, InvitationStage::Code { device_left: true }), wrong_pins) {
        (false, 0) => "Waiting for the code to be used".to_owned(),
        (true, 0) => "A device used the code and left. It still works.".to_owned(),
        (false, 1) => "Waiting. One wrong PIN so far.".to_owned(),
        (false, wrong) => format!("Waiting. {wrong} wrong PINs so far."),
        (true, 1) => "A device left. One wrong PIN so far.".to_owned(),
        (true, wrong) => format!("A device left. {wrong} wrong PINs so far."),
    }
}

// The Invite dialog: PIN.
pub(crate) const PIN_SUBTITLE: &str = "Make sure that it is the person you sent it to.";
pub(crate) const A_DEVICE: &str = "A device";
pub(crate) const MAY_BE_NEARBY: &str = "has your code or saw it nearby, and waits for the PIN";
pub(crate) const ONLY_WHEN_ASKED: &str = "Read it only when their screen asks for a PIN, so that nobody else hears it.";
pub(crate) const HAS_THE_CODE: &str = "has your code and waits for the PIN";
pub(crate) const PIN_WORKS_FOR: &str = "PIN works for";
pub(crate) const READ_THE_PIN: &str = "Read these six digits to the person you invited";
pub(crate) const BY_VOICE: &str =
    "Do it by voice: on the phone or face to face. Do not send the PIN in the chat you used for the code.";
pub(crate) const WAITING_FOR_PIN: &str = "Waiting for the PIN to be typed";
pub(crate) const NOT_EXPECTED: &str = "Not who I expected";
pub(crate) const SHOW_NEW_PIN: &str = "Show a new PIN";
pub(crate) const NEXT: &str = "Next";
pub(crate) const NEXT_LABEL: &str = "Next: send this device away and take the other one";

/// Whose code is used: by the inviter's own note, since nothing about the device is proved.
pub(crate) fn pin_title(label: &str) -> String {
    if label.is_empty() {
        "Someone is using your code".to_owned()
    } else {
        format!("Someone is using the code for {label}")
    }
}

pub(crate) fn wrong_pins(wrong: u8, of: u8) -> String {
    match wrong {
        1 => format!("One wrong PIN was entered (1 of {of})"),
        2 => format!("Two wrong PINs were entered (2 of {of})"),
        more => format!("{more} wrong PINs were entered ({more} of {of})"),
    }
}

pub(crate) fn others_wait(waiting: u8) -> String {
    match waiting {
        1 => "Another device has the same code. It may have leaked.".to_owned(),
        more => format!("{more} other devices have the same code. It has leaked."),
    }
}

/// Title and sentence of an end.
pub(crate) type Outcome = (&'static str, &'static str);

pub(crate) const fn pin_void(reason: PinVoid) -> Outcome {
    match reason {
        PinVoid::TooManyWrong => (
            "Three wrong PINs were entered",
            "That PIN works no more. If it was only mistyped, show a new one.",
        ),
        PinVoid::Expired => (
            "The PIN has expired",
            "A PIN works for five minutes. Show a new one when the person you invited is on the line.",
        ),
    }
}

// The Invite dialog: ends.
pub(crate) const ADMITTING: &str = "The PIN was right. Letting them in.";
pub(crate) const JOINED_MEANS: &str = "Their device now syncs with yours, end to end encrypted.";
pub(crate) const INVITE_ANOTHER: &str = "Invite another";
pub(crate) const NOT_THEM: &str = "Not who you meant?";
pub(crate) const KEEP: &str = "Keep";
pub(crate) const REMOVE_MEANS: &str = "They get nothing new from then on. They keep what they have already received.";
pub(crate) const REMOVED_MEANS: &str = "They get nothing new from now on. You can invite them again.";
pub(crate) const NEW_CODE: &str = "Create a new code";
pub(crate) const NO_CODE: &str = "There is no code yet";
pub(crate) const INVITE_LOCKED: Outcome = (
    "This code is locked",
    "Nine wrong PINs were entered, so it never works again. Send a new code, perhaps in another chat.",
);
pub(crate) const INVITE_REVOKED: Outcome = ("The code is revoked", "Nobody can join with it any more.");
pub(crate) const INVITE_EXPIRED: Outcome = (
    "The code has expired",
    "Nobody joined with it. A new one is a click away.",
);

pub(crate) fn joined(name: &str, party: &str) -> String {
    format!("{name} joined {party}")
}

pub(crate) fn remove_member(name: &str) -> String {
    format!("Remove {name}")
}

pub(crate) fn remove_question(name: &str, party: &str) -> String {
    format!("Remove {name} from {party}?")
}

pub(crate) fn removed(name: &str, party: &str) -> String {
    format!("{name} is no longer in {party}")
}

// The Redeem dialog: code.
pub(crate) const JOIN_TITLE: &str = "Join a party";
pub(crate) const JOIN_SUBTITLE: &str = "Paste or type the invite code or link you received.";
pub(crate) const STEP_CODE: &str = "Code";
pub(crate) const STEP_PIN: &str = "PIN";
pub(crate) const CODE_OR_LINK: &str = "Invite code or link";
pub(crate) const CODE_HINT: &str = "party1…";
pub(crate) const NEARBY: &str = "Nearby";
pub(crate) const NEARBY_HELP: &str =
    "Invitations that are shown in your network. Pick the two words that the inviter reads to you.";
pub(crate) const NOBODY_NEARBY: &str = "None is shown right now.";
pub(crate) const NEARBY_TWINS: &str = "Two devices show the same words. Ask the inviter for the code.";

/// What a button does that picks one.
pub(crate) fn pick_nearby(words: &str) -> String {
    format!("Join {words}")
}

/// More are heard than anybody could compare.
pub(crate) fn nearby_left_out(more: usize) -> String {
    format!("{more} more are shown. Ask the inviter for the code.")
}

pub(crate) const CODE_HELP: &str = "Codes begin with party1. A whole message, a picture of the QR code, the link of an invitation mail \
     or the short code of its page is fine, too.";
pub(crate) const CODE_COMPLETE: &str = "The code is complete";
pub(crate) const IN_BROWSER: &str =
    "Your browser opens the invitation. Continue there, and you come back here by yourself.";
pub(crate) const IN_BROWSER_LIMIT: &str = "Partyline waits for a quarter of an hour.";
pub(crate) const BROWSER_ASKS: &str = "The invitation service asks you in your browser.";
pub(crate) const OPEN_AGAIN: &str = "Open again";
pub(crate) const CODE_LOOKS_EXPIRED: &str = "By this computer's clock the code has expired. You can still try.";
pub(crate) const CODE_EXPIRES_SOON: &str = "This code expires in less than two minutes";
pub(crate) const TRY_ANYWAY: &str = "Try anyway";
pub(crate) const PASTE: &str = "Paste";
pub(crate) const CONNECTING: &str = "Connecting";

// The Redeem dialog: waiting.
pub(crate) const CONNECTING_SUBTITLE: &str = "The code is good. Now the two devices find each other.";
pub(crate) const INVITER_MUST_BE_OPEN: &str = "The inviter's Partyline must be open and online for this.";
pub(crate) const INVITER_OFFLINE: &str =
    "The inviter's device cannot be reached. The inviter must be online: ask them to open Partyline.";
pub(crate) const MEMBERS_OFFLINE: &str = "No member who could let you in is online. Ask one of them to open Partyline.";
pub(crate) const KEEPS_TRYING: &str = "Partyline keeps trying while this window is open";
pub(crate) const TRY_NOW: &str = "Try now";
pub(crate) const ANOTHER_USES_CODE: &str = "Another device is using this code. If it is not yours, tell the inviter.";
pub(crate) const QUEUED_MEANS: &str = "You are next as soon as that device is done or sent away.";

pub(crate) fn connecting(failed_tries: u32) -> String {
    match failed_tries {
        0 => "Connecting to the inviter's device".to_owned(),
        1 => "Not reached yet. Trying again.".to_owned(),
        more => format!("Not reached yet. {more} tries so far."),
    }
}

pub(crate) fn queued(position: u8) -> String {
    format!("Waiting in line, place {position}")
}

pub(crate) fn joining(party: Option<&str>) -> String {
    party.map_or_else(
        || "The PIN was right. Joining.".to_owned(),
        |party| format!("The PIN was right. Joining {party}."),
    )
}

pub(crate) fn pairing(person: &str) -> String {
    format!("The PIN was right. This becomes a device of {person}.")
}

pub(crate) fn paired_by(device: &str) -> String {
    format!("{device} hands over your parties.")
}

pub(crate) fn let_in_by(inviter: &str, role: Role) -> String {
    format!("{inviter} lets you in {}.", as_role(role))
}

// The Redeem dialog: PIN.
pub(crate) const ENTER_PIN: &str = "Enter the PIN";
pub(crate) const ASK_FOR_PIN: &str = "The inviter sees a six-digit PIN now. Ask for it on the phone or face to face.";
pub(crate) const PIN_LABEL: &str = "Six-digit PIN";
pub(crate) const PIN_BY_VOICE: &str = "Only take the PIN from a voice that you know.";
pub(crate) const WRONG_PIN_SEEN: &str = "If the inviter sees no wrong PIN, stop: someone may be in between.";
pub(crate) const PIN_CHANGED: &str = "The inviter shows a new PIN.";
pub(crate) const PIN_CHANGED_MEANS: &str = "The old one works no more. Ask for the new one.";
pub(crate) const PIN_VOID: &str = "That PIN works no more.";
pub(crate) const PIN_VOID_MEANS: &str = "Ask the inviter to show a new PIN, and to read it to you.";
pub(crate) const CHECKING_PIN: &str = "Checking the PIN with the inviter's device";
pub(crate) const CHECKING: &str = "Checking";
pub(crate) const JOIN_PARTY: &str = "Join party";

pub(crate) fn wrong_pin(tries_left: u8) -> String {
    match tries_left {
        0 => "That PIN is wrong. No tries left.".to_owned(),
        1 => "That PIN is wrong. 1 try left.".to_owned(),
        more => format!("That PIN is wrong. {more} tries left."),
    }
}

// The Redeem dialog: ends.
pub(crate) const OPEN_PARTY: &str = "Open party";
pub(crate) const YOU_JOINED_MEANS: &str = "Your device now syncs with the other members'.";
pub(crate) const ALREADY_MEMBER_MEANS: &str = "You need no code to open it.";
pub(crate) const NOT_JOINED: &str = "You have not joined";
pub(crate) const OTHER_CODE: &str = "Use another code";
pub(crate) const CANCELLED: &str = "Cancelled";
pub(crate) const CANCELLED_MEANS: &str = "The code is still good; you can use it again.";
pub(crate) const UNKNOWN_RELAY: &str = "An unknown relay";
pub(crate) const JOIN_THROUGH_IT: &str = "Join through it";
pub(crate) const USE_RELAYS: &str = "Use public relays";

pub(crate) const PAIRED: &str = "This is your device now";
pub(crate) const PAIRED_MEANS: &str = "It has your name and your parties, and stays in step with your other devices.";

pub(crate) fn you_joined(party: Option<&str>) -> String {
    party.map_or_else(
        || "You joined the party".to_owned(),
        |party| format!("You joined {party}"),
    )
}

pub(crate) fn connected_with(inviter: &str, role: Role) -> String {
    format!("You and {inviter} are connected. You are in {}.", as_role(role))
}

pub(crate) fn blocked_for(left: Duration) -> String {
    format!("Try again in {}, or ask the inviter for a new code.", time_left(left))
}

// The main window.
pub(crate) const APP: &str = "Partyline";
pub(crate) const PARTIES: &str = "Parties";
pub(crate) const MEMBERS: &str = "Members";
pub(crate) const TASKS: &str = "Tasks";
pub(crate) const NEW_PARTY: &str = "New party";
pub(crate) const CREATE_PARTY: &str = "Create a party";
pub(crate) const JOIN_WITH_CODE: &str = "Join with a code";
pub(crate) const INVITE: &str = "Invite";
pub(crate) const MAY_NOT_INVITE: &str = "Only admins and owners may invite";
pub(crate) const TOGGLE_MEMBERS: &str = "Show or hide members";
pub(crate) const PARTY_MENU: &str = "More about this party";
pub(crate) const RENAME_PARTY: &str = "Rename party";
pub(crate) const LEAVE_PARTY: &str = "Leave party";
pub(crate) const ENCRYPTED: &str = "End to end encrypted";
pub(crate) const NO_PARTIES: &str = "No parties yet";
pub(crate) const NO_PARTIES_MEANS: &str =
    "A party is a space that only its members can see. Create one, or join with a code.";
pub(crate) const NEW_TASK: &str = "New task";
pub(crate) const ADD_TASK: &str = "Add a task, then press Enter";
pub(crate) const TASK_TITLE: &str = "Task title";
pub(crate) const EDIT_TASK: &str = "Edit";
pub(crate) const DELETE_TASK: &str = "Delete";
pub(crate) const NO_TASKS: &str = "Nothing to do yet";
pub(crate) const NO_TASKS_MEANS: &str = "What you add here shows up for everybody in this party.";
pub(crate) const READ_ONLY: &str = "You are a reader here: you see everything and change nothing.";
pub(crate) const NOT_MEMBER: &str =
    "You are no longer a member of this party. You keep what you had; nothing new arrives.";
pub(crate) const UNNAMED: &str = "Unnamed";
pub(crate) const SHOW: &str = "Show";
pub(crate) const SHOW_PIN: &str = "Show PIN";
pub(crate) const REVOKE: &str = "Revoke";
pub(crate) const SETTINGS: &str = "Settings";

pub(crate) fn party_summary(members: usize, online: usize) -> String {
    match members {
        1 => "Only you so far".to_owned(),
        _ => format!("{members} members, {online} online"),
    }
}

pub(crate) fn tasks_left(open: usize) -> String {
    match open {
        0 => "Nothing to do".to_owned(),
        1 => "1 task to do".to_owned(),
        more => format!("{more} tasks to do"),
    }
}

pub(crate) fn peers(count: usize) -> &'static str {
    if count == 0 { "Nobody else online" } else { "Online" }
}

pub(crate) fn task_menu(title: &str) -> String {
    format!("Change task: {title}")
}

pub(crate) fn added_by(name: &str) -> String {
    format!("Added by {name}")
}

pub(crate) fn pin_due(label: &str, party: &str) -> String {
    if label.is_empty() {
        format!("A PIN is due in {party}")
    } else {
        format!("A PIN is due for {label} in {party}")
    }
}

pub(crate) fn pin_needed(label: &str, party: &str) -> String {
    if label.is_empty() {
        format!("A new PIN is needed in {party}")
    } else {
        format!("A new PIN is needed for {label} in {party}")
    }
}

pub(crate) fn show_pin_for(label: &str) -> String {
    if label.is_empty() {
        SHOW_PIN.to_owned()
    } else {
        format!("{SHOW_PIN} for {label}")
    }
}

pub(crate) fn invitation_for(label: &str) -> String {
    if label.is_empty() {
        "Invitation".to_owned()
    } else {
        format!("Invitation for {label}")
    }
}

pub(crate) fn show_invitation(label: &str) -> String {
    format!("{SHOW}: {}", invitation_for(label))
}

pub(crate) fn revoke_invitation(label: &str) -> String {
    format!("{REVOKE}: {}", invitation_for(label))
}

pub(crate) const PIN_SHOWN: &str = "PIN is due";
pub(crate) const PIN_NEEDED: &str = "needs a new PIN";
pub(crate) const LETTING_IN: &str = "letting them in";

pub(crate) fn code_locked(label: &str) -> String {
    format!(
        "{} is locked: nine wrong PINs were entered. Invite again with a new code.",
        invitation_for(label)
    )
}

pub(crate) const REDEMPTION_WAITS: &str = "You have begun to join a party.";
pub(crate) const GO_ON: &str = "Go on";

/// A time for the eye: the largest unit only.
pub(crate) fn time_left(left: Duration) -> String {
    let minutes = left.as_secs().div_ceil(60);
    match minutes {
        0 => "no time".to_owned(),
        1 => "a minute".to_owned(),
        2..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}

// Small dialogs.
pub(crate) const CREATE_PARTY_MEANS: &str = "Only people you invite can see what is in it.";
pub(crate) const PARTY_NAME: &str = "Name of the party";
pub(crate) const PARTY_NAME_HINT: &str = "Hiking crew";
pub(crate) const CREATE: &str = "Create";
pub(crate) const RENAME_MEANS: &str = "Every member sees the new name.";
pub(crate) const LEAVE: &str = "Leave";
pub(crate) const LEAVE_MEANS: &str =
    "You get nothing new from then on, and the party disappears here. To come back you must be invited again.";

pub(crate) fn leave_question(party: &str) -> String {
    format!("Leave {party}?")
}

// Settings.
pub(crate) const APPEARANCE: &str = "Appearance";
pub(crate) const LIGHT: &str = "Light";
pub(crate) const DARK: &str = "Dark";
pub(crate) const SYSTEM: &str = "System";
pub(crate) const YOUR_NAME: &str = "Your name";
pub(crate) const YOUR_NAME_HINT: &str = "As the people you know call you";
pub(crate) const NETWORK: &str = "Network";
pub(crate) const WITH_RELAYS: &str = "Anywhere";
pub(crate) const WITHOUT_RELAYS: &str = "This local network";
pub(crate) const ABOUT: &str = "About";
pub(crate) const ABOUT_TEXT: &str = "Shared private spaces, peer to peer and end to end encrypted. Fonts: Inter (OFL 1.1), JetBrains Mono (Apache 2.0), Lucide (ISC).";

pub(crate) fn version() -> String {
    format!("{APP} {}", env!("CARGO_PKG_VERSION"))
}

pub(crate) fn network(mode: &NetworkMode) -> String {
    match mode {
        NetworkMode::PublicRelays => {
            "Direct where possible, else through public relays: they see who talks to whom, never contents.".to_owned()
        }
        NetworkMode::OwnRelay { url, .. } => format!("Direct where possible, else through {url}."),
        NetworkMode::LocalNetwork => {
            "Only who is in the same local network can be reached. Nothing else is contacted.".to_owned()
        }
        NetworkMode::Loopback => "This computer only.".to_owned(),
    }
}

/// While the network is being changed.
pub(crate) const CHANGING_NETWORK: &str =
    "Changing the network. Nobody is reached for a moment; what you write is sent after that.";

// First start, unlocking.
pub(crate) const OPENING: &str = "Opening your profile";
pub(crate) const WELCOME: &str = "Welcome to Partyline";
pub(crate) const WELCOME_MEANS: &str =
    "No account and no server: only a name, so that the people you invite know who you are.";
pub(crate) const PROTECTION: &str = "Protect your data with";
pub(crate) const WITH_PASSPHRASE: &str = "A passphrase";
pub(crate) const WITHOUT: &str = "Nothing";
pub(crate) const NO_KEYRING: &str = "This computer has no keyring that could keep your key.";
pub(crate) const PASSPHRASE: &str = "Passphrase";
pub(crate) const PASSPHRASE_HINT: &str = "At least 8 characters";
pub(crate) const PASSPHRASE_AGAIN: &str = "Passphrase once more";
pub(crate) const PASSPHRASE_SHORT: &str = "Use at least 8 characters. Nobody can recover it for you.";
pub(crate) const PASSPHRASES_DIFFER: &str = "The two are not the same.";
pub(crate) const PASSPHRASE_GOOD: &str = "Asked for at every start. Nobody can recover it for you.";
pub(crate) const UNPROTECTED_MEANS: &str = "Whoever can read your files can then read your parties and act as you.";
pub(crate) const START: &str = "Start";
pub(crate) const STARTING: &str = "Starting";
pub(crate) const WELCOME_BACK: &str = "Welcome back";
pub(crate) const UNLOCK_MEANS: &str = "Your profile is protected by a passphrase.";
pub(crate) const UNLOCK: &str = "Unlock";
pub(crate) const UNLOCKING: &str = "Unlocking";
pub(crate) const KEYRING_SILENT: &str = "Your key is in the keyring";
pub(crate) const CANNOT_OPEN: &str = "Partyline cannot open your profile";
pub(crate) const STOPPED: &str = "Partyline has stopped working";
pub(crate) const STOPPED_MEANS: &str = "Your data is safe. Close the window and start again.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_worded() {
        assert_eq!(wrong_pins(1, 3), "One wrong PIN was entered (1 of 3)");
        assert_eq!(wrong_pins(2, 3), "Two wrong PINs were entered (2 of 3)");
        assert_eq!(wrong_pin(1), "That PIN is wrong. 1 try left.");
        assert_eq!(party_summary(1, 1), "Only you so far");
        assert_eq!(tasks_left(1), "1 task to do");
    }

    #[test]
    fn times_are_worded_by_their_largest_unit() {
        assert_eq!(time_left(Duration::from_secs(59)), "a minute");
        assert_eq!(time_left(Duration::from_secs(599)), "10 minutes");
        assert_eq!(time_left(Duration::from_secs(24 * 3600)), "24 hours");
        assert_eq!(time_left(Duration::from_secs(7 * 24 * 3600)), "7 days");
    }
}
