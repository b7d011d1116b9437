//! Alice's party as the engine tells of it: its members and what they have made, devices, requests, files on their way.

use std::sync::Arc;
use std::time::Duration;

use partyline::engine::{
    ContentView, DelegatedView, DeviceView, DevicesView, Event, FileView, KeyView, MemberView, PartyHealth, PartyView,
    Presence, RequestId, RequestView, SyncView, TransferStage, TransferView, UnreadView,
};
use partyline::identity::{DeviceId, EndpointId, IdentityId};
use partyline::invitation::InvitationId;
use partyline::party::{
    Change, ContentHash, DelegatedTo, Deleted, Device, File, FileId, Found, How, ItemId, JoinRequestId, Message,
    MessageId, Note, NoteId, Place, Role, Standing, Task, TaskId, What,
};
use partyline::time::Day;

use super::{ALICE, BOB, CLARA, CREW, NOW, PHONE, TODAY};

pub(crate) fn member(identity: IdentityId, name: &str, role: Role, presence: Presence) -> MemberView {
    MemberView {
        identity,
        name: Some(name.to_owned()),
        role,
        admitted_by: (identity != ALICE).then_some(ALICE),
        since: NOW.minus(Duration::from_secs(9 * 24 * 3600)),
        how: (identity != ALICE).then_some(How::Pin),
        invitation: None,
        devices: vec![Device {
            device: DeviceId::from_bytes([3; 32]),
            endpoint: EndpointId::from_bytes([9; 32]),
        }],
        presence,
    }
}

pub(crate) fn task(byte: u8, title: &str, author: IdentityId) -> Task {
    Task {
        id: TaskId::from_bytes([byte; 16]),
        title: title.to_owned(),
        done: false,
        assignee: None,
        due: None,
        place: Place::default(),
        author,
        created: NOW,
    }
}

/// A message that was sent so many minutes ago.
pub(crate) fn message(byte: u8, text: &str, author: IdentityId, minutes: u64) -> Message {
    Message {
        id: MessageId::from_bytes([byte; 16]),
        text: text.to_owned(),
        author,
        sent: NOW.minus(Duration::from_secs(60 * minutes)),
        reply_to: None,
    }
}

/// So many messages of different lengths, one every ten minutes.
pub(crate) fn many_messages(count: u32) -> Arc<[Arc<Message>]> {
    let one = |number: u32| {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        let words = "and more of it ".repeat(number as usize * 7 % 23);
        let author = if number % 5 < 3 { BOB } else { CLARA };
        let minutes = u64::from(count - number) * 10;
        Message {
            id: MessageId::from_bytes(id),
            ..message(0, &format!("Message {number}, {words}"), author, minutes)
        }
    };
    shared((0..count).map(one).collect())
}

/// A note that was changed so many hours ago.
pub(crate) fn note(byte: u8, title: &str, excerpt: &str, author: IdentityId, hours: u64) -> Note {
    Note {
        id: NoteId::from_bytes([byte; 16]),
        title: title.to_owned(),
        excerpt: excerpt.to_owned(),
        author,
        created: NOW,
        changed_by: author,
        changed: NOW.minus(Duration::from_secs(3600 * hours)),
    }
}

/// A file that was added so many hours ago.
pub(crate) fn file(
    byte: u8,
    name: &str,
    length: u64,
    author: IdentityId,
    hours: u64,
    content: ContentView,
) -> FileView {
    let file = File {
        id: FileId::from_bytes([byte; 16]),
        name: name.to_owned(),
        length,
        content: ContentHash([byte; 32]),
        author,
        added: NOW.minus(Duration::from_secs(3600 * hours)),
    };
    FileView {
        file: Arc::new(file),
        content,
    }
}

fn shared<T>(list: Vec<T>) -> Arc<[Arc<T>]> {
    list.into_iter().map(Arc::new).collect()
}

pub(crate) fn crew() -> PartyView {
    let seen = NOW.minus(Duration::from_secs(12 * 60));
    let with = |byte, title: &str, assignee, due| Task {
        assignee,
        due,
        ..task(byte, title, ALICE)
    };
    let done = |byte, title: &str, assignee| Task {
        done: true,
        ..with(byte, title, assignee, None)
    };
    let day = |days: u32| Some(Day(TODAY.0 + days));
    PartyView {
        id: CREW,
        name: "Hiking crew".to_owned(),
        role: Some(Role::Owner),
        members: vec![
            member(ALICE, "Alice Meier", Role::Owner, Presence::Me),
            member(BOB, "Bob Tanaka", Role::Editor, Presence::Online),
            member(CLARA, "Clara Novak", Role::Admin, Presence::Offline(Some(seen))),
        ],
        tasks: shared(vec![
            with(1, "Book the hut for Saturday night", Some(BOB), day(0)),
            with(2, "Check the weather and the avalanche report", Some(ALICE), day(2)),
            with(3, "Plan the train there and back", Some(CLARA), Some(Day(TODAY.0 - 1))),
            with(4, "Buy gas cartridges", None, None),
            done(5, "Share the GPX track", Some(BOB)),
            done(6, "Collect everyone's emergency contacts", Some(ALICE)),
        ]),
        notes: shared(vec![
            note(
                1,
                "Packing list",
                "Sleeping bag, head torch, stove, two litres of water",
                BOB,
                1,
            ),
            note(2, "Huts we liked", "Höllentalanger: book early, cash only", CLARA, 50),
        ]),
        messages: shared(vec![
            message(
                1,
                "Forecast looks good until Sunday noon, then wind from the west.",
                CLARA,
                27 * 60,
            ),
            message(2, "I can take the 7:05 train. Who else?", BOB, 150),
            message(3, "Me. I booked two seats, yours is 42.", ALICE, 149),
            message(4, "Do we need the big tent, or is the hut confirmed?", ALICE, 148),
            Message {
                reply_to: Some(MessageId::from_bytes([4; 16])),
                ..message(
                    5,
                    "The hut is confirmed for Saturday night. For Friday we need the tent, so please bring it, and the long pegs, too: the ground up there is soft after the rain.",
                    BOB,
                    140,
                )
            },
            message(6, "Bring the tent?", BOB, 20),
        ]),
        files: vec![
            file(1, "minutes.pdf", 182_000, CLARA, 50, ContentView::Here),
            file(2, "hut-north-face.jpg", 3_449_000, BOB, 25, ContentView::Elsewhere),
            file(3, "route-saturday.gpx", 96_000, BOB, 3, ContentView::Here),
            file(4, "emergency-contacts.ods", 14_000, ALICE, 2, ContentView::Here),
        ]
        .into(),
        deleted: Arc::default(),
        requests: Arc::default(),
        delegated: Arc::default(),
        unread: UnreadView::default(),
        health: PartyHealth::Whole,
        sync: SyncView::default(),
    }
}

/// The text of the first note.
pub(crate) const NOTE: &str = "# What to bring

For **Saturday and Sunday**, _everyone_:

- sleeping bag
- head torch, with `spare batteries`
- two litres of water

## What we share

1. Stove and gas: Alice
2. First aid: Clara

> The hut has blankets, but not enough for all of us.

The code for the key box is in `Messages`.
";

/// Alice's laptop, which is this machine, and her phone, which is away.
pub(crate) fn devices(key: KeyView) -> Event {
    let device = |device, name: &str, days: u64, presence| DeviceView {
        device,
        name: Some(name.to_owned()),
        since: Some(NOW.minus(Duration::from_secs(days * 24 * 3600))),
        presence,
    };
    let devices = vec![
        device(DeviceId::from_bytes([0x21; 32]), "Laptop", 40, Presence::Me),
        device(PHONE, "Phone", 3, Presence::Offline(None)),
    ];
    Event::DevicesChanged {
        devices: Arc::new(DevicesView { devices, key }),
    }
}

/// Dan waits for approval, through an invitation by Clara.
pub(crate) fn request(byte: u8, name: &str) -> RequestView {
    let member = IdentityId::from_bytes([byte; 32]);
    RequestView {
        id: JoinRequestId::from_bytes([byte; 16]),
        invitation: InvitationId::from_bytes([8; 16]),
        invited_by: CLARA,
        member,
        name: name.to_owned(),
        fingerprint: member.fingerprint(),
        role: Role::Editor,
        at: NOW.minus(Duration::from_secs(600)),
    }
}

/// What Clara has left with the party.
pub(crate) fn delegated(to: DelegatedTo) -> DelegatedView {
    DelegatedView {
        invitation: InvitationId::from_bytes([8; 16]),
        by: CLARA,
        role: Role::Editor,
        to,
        expires: NOW.plus(Duration::from_secs(2 * 24 * 3600)),
        uses: 1,
        max_uses: 10,
    }
}

/// The crew with somebody who waits, and with Clara's invitation.
pub(crate) fn crew_with_requests() -> PartyView {
    PartyView {
        requests: vec![request(11, "Dan Berg"), request(12, "Eve")].into(),
        delegated: vec![delegated(DelegatedTo::Approved)].into(),
        ..crew()
    }
}

pub(crate) fn transfer(byte: u8, name: &str, done: u64, total: u64, stage: TransferStage) -> Event {
    Event::TransferChanged {
        transfer: TransferView {
            party: CREW,
            file: FileId::from_bytes([byte; 16]),
            name: name.to_owned(),
            done,
            total,
            stage,
        },
    }
}

/// What a search for "hut" finds.
pub(crate) fn found(request: RequestId) -> Event {
    let found = |item, title: &str, excerpt: &str| {
        let (title, excerpt) = (title.to_owned(), excerpt.to_owned());
        (CREW, Found { item, title, excerpt })
    };
    let found = vec![
        found(
            ItemId::Message(MessageId::from_bytes([4; 16])),
            "Do we need the big tent, or is the hut confirmed?",
            "",
        ),
        found(
            ItemId::Task(TaskId::from_bytes([1; 16])),
            "Book the hut for Saturday night",
            "",
        ),
        found(
            ItemId::Note(NoteId::from_bytes([1; 16])),
            "Packing list",
            "The hut has blankets, but not enough",
        ),
        found(ItemId::File(FileId::from_bytes([2; 16])), "hut-north-face.jpg", ""),
    ];
    Event::SearchDone { request, found }
}

/// Two things that Bob deleted.
pub(crate) fn deleted() -> Arc<[Deleted]> {
    let deleted = |item, title: &str, hours: u64| Deleted {
        item,
        title: title.to_owned(),
        by: BOB,
        at: NOW.minus(Duration::from_secs(3600 * hours)),
    };
    vec![
        deleted(ItemId::Task(TaskId::from_bytes([21; 16])), "Buy a new rope", 1),
        deleted(ItemId::Note(NoteId::from_bytes([22; 16])), "Old packing list", 49),
    ]
    .into()
}

/// What has become of a task.
pub(crate) fn history() -> Vec<Change> {
    let change = |by, minutes: u64, what, standing| Change {
        by,
        at: NOW.minus(Duration::from_secs(60 * minutes)),
        what,
        standing,
    };
    vec![
        change(ALICE, 3000, What::Added("Book the hut".to_owned()), Standing::Replaced),
        change(CLARA, 2000, What::Assigned(Some(BOB)), Standing::Current),
        change(
            BOB,
            90,
            What::Named("Book the hut for Saturday night".to_owned()),
            Standing::Current,
        ),
        change(BOB, 80, What::Due(Some(TODAY)), Standing::Current),
    ]
}
