//! `help`: on a command, on the lines of `--json`, on exit codes. No IO.

use clap::CommandFactory as _;

use super::args::Args;

const EXIT_CODES: &str = "\
Exit codes:
  0  it worked; for redeem: you are a member, or this device is yours
  1  it failed; the reason is on standard error, with --json in the last line of standard output
  2  the command line was not understood
  3  another running Partyline has this profile open
  4  cancelled on this side: Ctrl-C, or `cancel` on standard input of invite
  5  no network endpoint could be opened
  6  redeem --no-wait: an admin has to approve; Partyline asks again whenever it runs with this profile";

/// The schema of `--json`. A test compares it with what is written.
pub(super) const JSON: &str = "\
With --json every line of standard output is one JSON object. Its `event` says what it is; a script ignores events and
fields that it does not know. Ids are lower-case hex, `…_ms` are milliseconds since 1970. `?` marks what may be null.

profile, profile_created   name identity endpoint
key                        identity fingerprint: the same in words
storage_compacted          before_bytes after_bytes
links_registered, links_removed
party, party_changed       party name role? members[as member] tasks[as task] notes messages unread files (how many)
                           whole: whether all of it could be read from this disk
party_created              party name
party_renamed              party name
party_left                 party
request                    number party request invitation invited_by invited_by_name? member name fingerprint role at_ms
request_approved, request_denied          party request name
party_exported             party folder missing_files: files whose content is not here
member                     identity name? role presence last_seen_ms? admitted_by? since_ms how? invitation? devices
member_role                party member role
member_removed             party member

task                       number task title done assignee? assignee_name? due? author created_ms
task_added, task_retitled  party task title
task_changed               party task done
task_assigned              party task assignee? assignee_name?
task_due                   party task due? (2026-12-24)
task_moved                 party task after?: none if it comes first
note                       number note title excerpt author created_ms changed_by changed_by_name? changed_ms
note_added, note_retitled  party note title
note_text                  party note title text
note_edited                party note characters: how long the text is now
message                    number message text author author_name? sent_ms reply_to?
message_sent               party message
messages_read              party
file                       number file name bytes here author author_name? added_ms
file_added, file_renamed   party file name
transfer                   party file name stage done_bytes bytes bytes_per_second? seconds_left?
file_here                  party file name
file_saved                 party file path
task_deleted, task_restored, note_deleted, note_restored, message_deleted, message_restored, file_deleted, file_restored
                           party, and task, note, message or file
deleted                    number kind item title deleted_by deleted_by_name? deleted_ms
change                     what value? inserted? removed? by by_name? at_ms standing: one line of party history
found                      party party_name kind item title excerpt

--follow (after the list, until Ctrl-C, which ends with exit code 0)
party_changed              the party, whenever it is different
task, note, message, file, member         what is new or different
gone                       kind item: it is not in the list any more
note_changed               party note text: the whole text as it is now

invite
invitation_created         invitation party party_name label role by code link expires_ms wrong_in_all max_uses uses
invitation_resumed, invitation            the same; of one by e-mail also address service stage trouble?, as in mail_changed
invitation_of_another      invitation party party_name inviter inviter_name? role by expires_ms max_uses uses: its code is not here
invitation_revoked         invitation
invitation_kept            invitation expires_ms
peer_connected             invitation
peer_left                  invitation
pin                        invitation pin expires_ms tries_left
wrong_pin                  invitation tries_left wrong_in_all
pin_void                   invitation reason (too_many_wrong, expired): write `new` to show another PIN
others_waiting             invitation count leaked: leaked if more people have the code than it was made for, and it is not shown nearby
shown_nearby               invitation label: the words to read out
hidden_nearby              invitation
pin_accepted               invitation
admitted                   invitation party member name uses uses_left
mail_invitation, mail_changed             invitation party by address service stage trouble? (code sentence next: why it comes no
                           further): with --by email, and of such an invitation when it is revoked or sent again. With by
                           email_approval an admin has to approve whoever accepts it. stage: waiting, queued, sent, opened,
                           accepted, declined, bounced, failed, suppressed, expired, revoked, refused
offline_ready              invitation devices: so many other devices have it; the command ends

redeem (standard input is the code, as many lines as it takes; an empty line or the end of the input ends it too, then
each pin_requested reads one more line)
nearby                     heard[label ambiguous] left_out: with --nearby; the next line is the label of one
nearby_invalid             sentence next: it is none of them, the next line is read
redemption_started         invitation
connecting                 invitation failed_tries
inviter_offline            invitation
members_offline            invitation next_try_ms
waits_for_approval         invitation fingerprint next_poll_ms
queued                     invitation position
pin_requested              invitation digits expires_ms tries_left notice? (wrong, changed)
pin_invalid                sentence next: the line cannot be a PIN, no try was used, the next line is read
checking                   invitation
wrong_pin                  invitation tries_left
pin_void                   invitation: the inviter has to show a new PIN
joining                    invitation party_name inviter role
joined                     party name role?
pairing                    invitation person device: with a code that adds a device
paired                     identity name: this device is a further one of that person

identity
phrase                     words (24, a secret: for paper)
phrase_word_requested      number: the next line of standard input is this word, from 1
phrase_written
identity_held              the key of your identity is on this device now

device (add tells what invite does, but for the first and the last line)
device                     number device name? presence (this, online, offline) since_ms?
device_code                invitation code link expires_ms
device_added               invitation name
device_removed             device
device_renamed             device name

service (with `redeem`, too, browser_needed comes before the rest if standard input is the link of a mail)
browser_needed             url: a secret until the person's browser has opened it, within a quarter of an hour
service, service_added     service name?
service_removed            service

node, node --status
node_status                started_ms updated_ms parties peers invitations requests behind: devices that lack something
redemption_failed          invitation code sentence next: a code that this profile has redeemed leads nowhere. Before that, as with `redeem`:
                           members_offline, waits_for_approval, joined

demo --headless
demo_step                  who step

any command
trouble                    code sentence next: the command goes on
cancelled
failed                     code sentence next at: the last line; `at` only for a code with a wrong character, from 0

role is reader, editor, admin or owner; presence is me, online or offline; kind is task, note, message, file or member;
the stage of a mail is waiting, queued, sent, bounced, failed, opened, accepted, declined, suppressed, revoked, expired or refused;
by is pin, approval, known_key, link, email or email_approval; how is direct, pin, link, known_key, email or approved; stage is adding, waiting, coming, done, cancelled or failed;
what is added, named, done, undone, assigned, due, moved, edited, deleted or restored; standing is current, replaced by
another change, or cancelled because its author was removed or made a reader.";

/// The text on a topic; on the whole program without one. None if there is no such topic.
pub(super) fn on(topic: &[String]) -> Option<String> {
    match topic {
        [word] if word == "json" => return Some(json()),
        [word] if word == "exit-codes" => return Some(EXIT_CODES.to_owned()),
        _ => {}
    }
    let mut command = Args::command();
    command.build();
    let mut found = &mut command;
    for word in topic {
        found = found.find_subcommand_mut(word)?;
    }
    Some(found.render_help().to_string())
}

#[cfg(not(feature = "service"))]
fn json() -> String {
    JSON.to_owned()
}

#[cfg(feature = "service")]
fn json() -> String {
    format!("{JSON}\n\n{}", super::serve::help::JSON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_help_on_every_command_and_topic() {
        for topic in [
            &[][..],
            &["json"],
            &["exit-codes"],
            &["invite"],
            &["party", "show"],
            &["note", "edit"],
        ] {
            let topic: Vec<String> = topic.iter().map(|word| (*word).to_owned()).collect();
            assert!(on(&topic).is_some_and(|text| !text.is_empty()), "{topic:?}");
        }
        assert!(on(&["dance".to_owned()]).is_none());
    }
}
