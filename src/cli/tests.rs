//! Freezes the lines of `--json`, and holds `partyline help json` to them.

mod content;
mod delegated;
mod narration;

use std::sync::Arc;

use super::help;
use super::human::{self, Reader};
use super::json::{
    DeviceReport, InvitationReport, MemberReport, NearbyReport, PartyReport, Problem, Report, TaskReport,
};
use super::times::Wall;
use crate::identity::IdentityId;
use crate::party::{PartyId, Place, Role, Task, TaskId};
use crate::time::{Day, Timestamp};
use crate::worker::{PartyHealth, PartyView, SyncView, UnreadView};

/// A party with so many tasks: the ids are the numbers.
pub(super) fn party_of(id: u8, name: &str, titles: &[&str]) -> PartyView {
    let tasks = titles.iter().zip(1..).map(|(title, number)| {
        Arc::new(Task {
            id: TaskId::from_bytes([number; 16]),
            title: (*title).to_owned(),
            done: false,
            assignee: Some(IdentityId::from_bytes([1; 32])),
            due: Some(Day(20_811)),
            place: Place::default(),
            author: IdentityId::from_bytes([1; 32]),
            created: Timestamp::default(),
        })
    });
    PartyView {
        id: PartyId::from_bytes([id; 32]),
        name: name.to_owned(),
        role: Some(Role::Owner),
        members: vec![],
        tasks: tasks.collect(),
        notes: Arc::new([]),
        messages: Arc::new([]),
        files: Arc::new([]),
        deleted: Arc::new([]),
        requests: Arc::default(),
        delegated: Arc::default(),
        unread: UnreadView::default(),
        health: PartyHealth::Whole,
        sync: SyncView::default(),
    }
}

fn member() -> MemberReport {
    MemberReport {
        identity: "aa".into(),
        name: Some("Alice".into()),
        role: "owner",
        presence: "me",
        last_seen_ms: None,
        admitted_by: None,
        since_ms: 1,
        how: Some("pin"),
        invitation: None,
        devices: 1,
    }
}

fn task() -> TaskReport {
    TaskReport {
        number: 1,
        task: "77".into(),
        title: "Water".into(),
        done: true,
        assignee: Some("aa".into()),
        assignee_name: Some("Alice".into()),
        due: Some("2026-12-24".into()),
        author: "aa".into(),
        created_ms: 2,
    }
}

fn party() -> PartyReport {
    PartyReport {
        party: "cc".into(),
        name: "Home".into(),
        role: Some("owner"),
        members: vec![member()],
        tasks: vec![task()],
        notes: 1,
        messages: 2,
        unread: 1,
        files: 0,
        whole: true,
    }
}

fn invitation_report() -> InvitationReport {
    InvitationReport {
        invitation: "ii".into(),
        party: "cc".into(),
        party_name: "Home".into(),
        label: "Bob".into(),
        role: "editor",
        by: "pin",
        code: "party1x".into(),
        link: "partyline:x".into(),
        expires_ms: 3,
        wrong_in_all: 0,
        max_uses: 1,
        uses: 0,
        mail: None,
    }
}

fn problem(at: Option<usize>) -> Problem {
    Problem {
        code: "c",
        sentence: "S.".into(),
        next: "N.".into(),
        at,
    }
}

const MEMBER: &str = r#""identity":"aa","name":"Alice","role":"owner","presence":"me","last_seen_ms":null,"admitted_by":null,"since_ms":1,"how":"pin","invitation":null,"devices":1"#;
const TASK: &str = r#""number":1,"task":"77","title":"Water","done":true,"assignee":"aa","assignee_name":"Alice","due":"2026-12-24","author":"aa","created_ms":2"#;
const INVITATION: &str = r#""invitation":"ii","party":"cc","party_name":"Home","label":"Bob","role":"editor","by":"pin","code":"party1x","link":"partyline:x","expires_ms":3,"wrong_in_all":0,"max_uses":1,"uses":0"#;

fn wall() -> Wall {
    Wall {
        now: Timestamp::default(),
        zone: jiff::tz::TimeZone::UTC,
    }
}

fn party_line() -> String {
    format!(
        r#""party":"cc","name":"Home","role":"owner","members":[{{{MEMBER}}}],"tasks":[{{{TASK}}}],"notes":1,"messages":2,"unread":1,"files":0,"whole":true"#
    )
}

/// Each report beside its line without the braces.
#[expect(clippy::too_many_lines, reason = "a table")]
fn golden() -> Vec<(Report, String)> {
    let (invitation, party_id) = (|| "ii".to_owned(), || "cc".to_owned());
    let line = |text: &str| text.to_owned();
    vec![
        (
            Report::Profile {
                name: "Alice".into(),
                identity: "aa".into(),
                endpoint: "ee".into(),
            },
            line(r#""event":"profile","name":"Alice","identity":"aa","endpoint":"ee""#),
        ),
        (
            Report::ProfileCreated {
                name: "Alice".into(),
                identity: "aa".into(),
                endpoint: "ee".into(),
            },
            line(r#""event":"profile_created","name":"Alice","identity":"aa","endpoint":"ee""#),
        ),
        (Report::Party(party()), format!(r#""event":"party",{}"#, party_line())),
        (
            Report::PartyChanged(party()),
            format!(r#""event":"party_changed",{}"#, party_line()),
        ),
        (
            Report::PartyCreated {
                party: party_id(),
                name: "Home".into(),
            },
            line(r#""event":"party_created","party":"cc","name":"Home""#),
        ),
        (
            Report::PartyRenamed {
                party: party_id(),
                name: "Home".into(),
            },
            line(r#""event":"party_renamed","party":"cc","name":"Home""#),
        ),
        (
            Report::PartyLeft { party: party_id() },
            line(r#""event":"party_left","party":"cc""#),
        ),
        (
            Report::Invitation(invitation_report()),
            format!(r#""event":"invitation",{INVITATION}"#),
        ),
        (
            Report::InvitationCreated(invitation_report()),
            format!(r#""event":"invitation_created",{INVITATION}"#),
        ),
        (
            Report::InvitationResumed(invitation_report()),
            format!(r#""event":"invitation_resumed",{INVITATION}"#),
        ),
        (
            Report::ShownNearby {
                invitation: invitation(),
                label: "amber otter".into(),
            },
            line(r#""event":"shown_nearby","invitation":"ii","label":"amber otter""#),
        ),
        (
            Report::HiddenNearby {
                invitation: invitation(),
            },
            line(r#""event":"hidden_nearby","invitation":"ii""#),
        ),
        (
            Report::Nearby {
                heard: vec![NearbyReport {
                    label: "amber otter".into(),
                    ambiguous: false,
                }],
                left_out: 2,
            },
            line(r#""event":"nearby","heard":[{"label":"amber otter","ambiguous":false}],"left_out":2"#),
        ),
        (
            Report::NearbyInvalid {
                sentence: "S".into(),
                next: "N".into(),
            },
            line(r#""event":"nearby_invalid","sentence":"S","next":"N""#),
        ),
        (
            Report::InvitationRevoked {
                invitation: invitation(),
            },
            line(r#""event":"invitation_revoked","invitation":"ii""#),
        ),
        (
            Report::InvitationKept {
                invitation: invitation(),
                expires_ms: 3,
            },
            line(r#""event":"invitation_kept","invitation":"ii","expires_ms":3"#),
        ),
        (
            Report::PeerConnected {
                invitation: invitation(),
            },
            line(r#""event":"peer_connected","invitation":"ii""#),
        ),
        (
            Report::PeerLeft {
                invitation: invitation(),
            },
            line(r#""event":"peer_left","invitation":"ii""#),
        ),
        (
            Report::Pin {
                invitation: invitation(),
                pin: "004217".into(),
                expires_ms: 4,
                tries_left: 3,
            },
            line(r#""event":"pin","invitation":"ii","pin":"004217","expires_ms":4,"tries_left":3"#),
        ),
        (
            Report::WrongPin {
                invitation: invitation(),
                tries_left: 2,
                wrong_in_all: Some(1),
            },
            line(r#""event":"wrong_pin","invitation":"ii","tries_left":2,"wrong_in_all":1"#),
        ),
        (
            Report::WrongPin {
                invitation: invitation(),
                tries_left: 2,
                wrong_in_all: None,
            },
            line(r#""event":"wrong_pin","invitation":"ii","tries_left":2"#),
        ),
        (
            Report::PinVoid {
                invitation: invitation(),
                reason: Some("expired"),
            },
            line(r#""event":"pin_void","invitation":"ii","reason":"expired""#),
        ),
        (
            Report::PinVoid {
                invitation: invitation(),
                reason: None,
            },
            line(r#""event":"pin_void","invitation":"ii""#),
        ),
        (
            Report::OthersWaiting {
                invitation: invitation(),
                count: 1,
                leaked: true,
            },
            line(r#""event":"others_waiting","invitation":"ii","count":1,"leaked":true"#),
        ),
        (
            Report::PinAccepted {
                invitation: invitation(),
            },
            line(r#""event":"pin_accepted","invitation":"ii""#),
        ),
        (
            Report::Admitted {
                invitation: invitation(),
                party: party_id(),
                member: "bb".into(),
                name: "Bob".into(),
                uses: 1,
                uses_left: 0,
            },
            line(
                r#""event":"admitted","invitation":"ii","party":"cc","member":"bb","name":"Bob","uses":1,"uses_left":0"#,
            ),
        ),
        (
            Report::RedemptionStarted {
                invitation: invitation(),
            },
            line(r#""event":"redemption_started","invitation":"ii""#),
        ),
        (
            Report::Connecting {
                invitation: invitation(),
                failed_tries: 0,
            },
            line(r#""event":"connecting","invitation":"ii","failed_tries":0"#),
        ),
        (
            Report::InviterOffline {
                invitation: invitation(),
            },
            line(r#""event":"inviter_offline","invitation":"ii""#),
        ),
        (
            Report::Queued {
                invitation: invitation(),
                position: 1,
            },
            line(r#""event":"queued","invitation":"ii","position":1"#),
        ),
        (
            Report::PinRequested {
                invitation: invitation(),
                digits: 6,
                expires_ms: 4,
                tries_left: 3,
                notice: Some("wrong"),
            },
            line(
                r#""event":"pin_requested","invitation":"ii","digits":6,"expires_ms":4,"tries_left":3,"notice":"wrong""#,
            ),
        ),
        (
            Report::PinInvalid {
                sentence: "S.".into(),
                next: "N.".into(),
            },
            line(r#""event":"pin_invalid","sentence":"S.","next":"N.""#),
        ),
        (
            Report::Checking {
                invitation: invitation(),
            },
            line(r#""event":"checking","invitation":"ii""#),
        ),
        (
            Report::Joining {
                invitation: invitation(),
                party_name: "Home".into(),
                inviter: "Alice".into(),
                role: "editor",
            },
            line(r#""event":"joining","invitation":"ii","party_name":"Home","inviter":"Alice","role":"editor""#),
        ),
        (
            Report::Joined {
                party: party_id(),
                name: "Home".into(),
                role: Some("editor"),
            },
            line(r#""event":"joined","party":"cc","name":"Home","role":"editor""#),
        ),
        (
            Report::Pairing {
                invitation: invitation(),
                person: "Alice".into(),
                device: "laptop".into(),
            },
            line(r#""event":"pairing","invitation":"ii","person":"Alice","device":"laptop""#),
        ),
        (
            Report::Paired {
                identity: "aa".into(),
                name: "Alice".into(),
            },
            line(r#""event":"paired","identity":"aa","name":"Alice""#),
        ),
        (
            Report::Phrase {
                words: vec!["legal", "winner"],
            },
            line(r#""event":"phrase","words":["legal","winner"]"#),
        ),
        (
            Report::PhraseWordRequested { number: 7 },
            line(r#""event":"phrase_word_requested","number":7"#),
        ),
        (Report::PhraseWritten, line(r#""event":"phrase_written""#)),
        (Report::IdentityHeld, line(r#""event":"identity_held""#)),
        (
            Report::Device(DeviceReport {
                number: 2,
                device: "dd".into(),
                name: Some("phone".into()),
                presence: "online",
                since_ms: Some(4),
            }),
            line(r#""event":"device","number":2,"device":"dd","name":"phone","presence":"online","since_ms":4"#),
        ),
        (
            Report::DeviceCode {
                invitation: invitation(),
                code: "party1c".into(),
                link: "partyline://join#party1c".into(),
                expires_ms: 4,
            },
            line(
                r#""event":"device_code","invitation":"ii","code":"party1c","link":"partyline://join#party1c","expires_ms":4"#,
            ),
        ),
        (
            Report::DeviceAdded {
                invitation: invitation(),
                name: "phone".into(),
            },
            line(r#""event":"device_added","invitation":"ii","name":"phone""#),
        ),
        (
            Report::DeviceRemoved { device: "dd".into() },
            line(r#""event":"device_removed","device":"dd""#),
        ),
        (
            Report::DeviceRenamed {
                device: "dd".into(),
                name: "phone".into(),
            },
            line(r#""event":"device_renamed","device":"dd","name":"phone""#),
        ),
        (
            Report::RedemptionFailed {
                invitation: "ii".into(),
                problem: problem(None),
            },
            line(r#""event":"redemption_failed","invitation":"ii","code":"c","sentence":"S.","next":"N.""#),
        ),
        (
            Report::DemoStep {
                who: "Bob",
                step: "sees it".into(),
            },
            line(r#""event":"demo_step","who":"Bob","step":"sees it""#),
        ),
        (
            Report::Trouble(problem(None)),
            line(r#""event":"trouble","code":"c","sentence":"S.","next":"N.""#),
        ),
        (Report::Cancelled, line(r#""event":"cancelled""#)),
        (
            Report::Failed(problem(Some(7))),
            line(r#""event":"failed","code":"c","sentence":"S.","next":"N.","at":7"#),
        ),
    ]
}

fn everything() -> impl Iterator<Item = (Report, String)> {
    golden().into_iter().chain(content::golden()).chain(delegated::golden())
}

#[test]
fn the_lines_of_json_stay_as_they_are() {
    for (report, expected) in everything() {
        assert_eq!(serde_json::to_string(&report).unwrap(), format!("{{{expected}}}"));
    }
}

#[test]
fn help_json_names_every_event_and_every_field() {
    let words: Vec<&str> = help::JSON
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    for (report, _) in everything() {
        let json = serde_json::to_value(&report).unwrap();
        assert!(words.contains(&json["event"].as_str().unwrap()), "{json}");
        for field in json.as_object().unwrap().keys() {
            assert!(words.contains(&field.as_str()), "{field} of {json}");
        }
    }
}

#[test]
fn a_person_reads_something_for_everything_that_matters() {
    for (report, line) in everything() {
        let silent = matches!(report, Report::RedemptionStarted { .. })
            || matches!(
                report,
                Report::PinRequested {
                    notice: Some("wrong"),
                    ..
                }
            );
        let reader = Reader {
            wall: wall(),
            called: "partyline",
        };
        assert_eq!(human::text(&report, &reader).is_none(), silent, "{line}");
    }
}
