//! A window whose worker is the test: what the app sends is looked at, what the worker would tell is told.

use std::sync::Arc;
use std::time::Duration;

use egui_kittest::{Harness, HarnessBuilder};
use partyline::desktop::{About, Arrival, Arrivals};
use partyline::engine::{
    AdmittedView, Command, ContentView, DelegatedView, DeviceView, DevicesView, Event, FileView, HereView,
    InvitationView, KeyView, MemberView, NoteText, PartyHealth, PartyView, Presence, ProfileView, ReachedView,
    RedemptionId, RedemptionView, RequestId, RequestView, SyncView, ThereView, TransferStage, TransferView, TriedView,
    UnreadView,
};
use partyline::identity::{DeviceId, EndpointId, IdentityId};
use partyline::invitation::{
    CodeKind, DelegationMethod, Flags, Handle, Hint, InvitationId, InvitationKind, InvitationStage, InviteCode,
    NearbyInvitation, Pin, PinNotice, RedemptionStage, Secret,
};
use partyline::party::{
    Change, ContentHash, DelegatedTo, Deleted, Device, File, FileId, Found, How, ItemId, JoinRequestId, Message,
    MessageId, Note, NoteId, PartyId, PartyTag, Place, Role, Standing, Task, TaskId, What,
};
use partyline::time::{Day, Timestamp};
use partyline::ui::{App, Clipboard, install};
use partyline::worker::{CloseReason, NetworkMode, WorkerHandle};
use tokio::sync::mpsc::{Receiver, Sender};

/// Noon of a day in 2026.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_781_092_800_000);
pub(crate) const ALICE: IdentityId = IdentityId::from_bytes([1; 32]);
pub(crate) const BOB: IdentityId = IdentityId::from_bytes([2; 32]);
pub(crate) const CLARA: IdentityId = IdentityId::from_bytes([4; 32]);
/// The day of [`NOW`].
pub(crate) const TODAY: Day = Day(20_614);
pub(crate) const CREW: PartyId = PartyId::from_bytes([7; 32]);
pub(crate) const PHONE: DeviceId = DeviceId::from_bytes([0x22; 32]);
pub(crate) const REDEMPTION: RedemptionId = RedemptionId(1);

/// The app, the test's ends of its channels, and the time.
pub(crate) struct Window {
    pub(crate) app: App,
    pub(crate) now: Timestamp,
    commands: Receiver<(RequestId, Command)>,
    events: Sender<Event>,
    arrivals: Arrivals,
}

pub(crate) type Screen = Harness<'static, Window>;

/// The size of a window in points, unless a test is about another.
pub(crate) const WINDOW: [f32; 2] = [1120.0, 720.0];

/// How every test's window is set up.
pub(crate) fn builder(theme: egui::Theme) -> HarnessBuilder<Window> {
    Harness::builder()
        .with_size(WINDOW)
        .with_theme(theme)
        .with_max_steps(8)
        .with_render_cursor(false)
        .with_context_setup(install)
}

/// A window before the worker has told anything.
pub(crate) fn window(builder: HarnessBuilder<Window>) -> Screen {
    let (worker, commands, events) = WorkerHandle::pair(64);
    let (arrivals, inbox) = Arrivals::new(|| {});
    let app = App::new(worker, NetworkMode::Loopback, "test", Clipboard::of_egui())
        .with_arrivals(inbox)
        .in_zone(jiff::tz::TimeZone::UTC)
        .choosing_with(|_| vec!["/home/alice/hut.jpg".into()]);
    let draw = |ui: &mut egui::Ui, window: &mut Window| {
        window.app.logic(ui.ctx());
        // The harness insets its Ui; eframe gives the whole window.
        let whole = egui::UiBuilder::new().max_rect(ui.ctx().content_rect());
        let mut root = egui::Ui::new(ui.ctx().clone(), egui::Id::unique("root"), whole);
        window.app.ui(&mut root, window.now);
    };
    builder.build_ui_state(
        draw,
        Window {
            app,
            now: NOW,
            commands,
            events,
            arrivals,
        },
    )
}

/// A window without a renderer.
pub(crate) fn screen() -> Screen {
    window(builder(egui::Theme::Light))
}

impl Window {
    /// The person clicks on a notification about this.
    pub(crate) fn notification_clicked(&self, about: About) {
        assert!(self.arrivals.deliver(Arrival::Clicked(about)));
    }

    /// Tells the window something that it takes in with the next frame.
    pub(crate) fn tell_only(&self, event: Event) {
        self.events.try_send(event).expect("the window takes events");
    }

    /// Everything that the app has sent since it was asked last.
    pub(crate) fn all_sent(&mut self) -> Vec<(RequestId, Command)> {
        std::iter::from_fn(|| self.commands.try_recv().ok()).collect()
    }

    /// What the app has sent last, if anything. Whether it listens to the local network is not asked for by a click.
    pub(crate) fn sent(&mut self) -> Option<(RequestId, Command)> {
        let listening = |command: &Command| matches!(command, Command::ListenNearby | Command::StopListening);
        let sent = std::iter::from_fn(|| self.commands.try_recv().ok());
        sent.filter(|(_, command)| !listening(command)).last()
    }
}

/// Tells the window something, and draws it.
pub(crate) fn tell(screen: &mut Screen, event: Event) {
    screen.state().tell_only(event);
    settle(screen);
}

/// Draws until clicks have gone through and layouts stand still. Countdowns and spinners never do, hence no `run`.
pub(crate) fn settle(screen: &mut Screen) {
    screen.run_steps(4);
}

/// Alice, with one party of three.
pub(crate) fn alice(screen: &mut Screen) {
    tell(screen, open("Alice", ALICE));
    tell(
        screen,
        Event::PartyChanged {
            party: Arc::new(crew()),
        },
    );
}

pub(crate) fn open(name: &str, identity: IdentityId) -> Event {
    let endpoint = EndpointId::from_bytes([9; 32]);
    Event::ProfileChanged {
        request: None,
        profile: ProfileView::Open {
            name: name.to_owned(),
            identity,
            endpoint,
        },
    }
}

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

/// Opens the first note, as the engine would.
pub(crate) fn note_opened(screen: &mut Screen) {
    let (request, command) = screen.state_mut().sent().expect("a command");
    let opened = match command {
        Command::OpenNote { party, note } => Some((party, note)),
        _ => None,
    };
    let (party, note) = opened.expect("a note is opened");
    let text = Arc::new(NoteText {
        party,
        note,
        revision: 7,
        text: NOTE.to_owned(),
    });
    tell(screen, Event::NoteOpened { request, text });
}

/// The code of the tests; made like a real one.
pub(crate) fn code() -> Arc<InviteCode> {
    code_with(Flags::PIN)
}

/// A code that works while its maker is away.
pub(crate) fn delegated_code() -> Arc<InviteCode> {
    code_of(CodeKind::Delegated, Flags::APPROVAL)
}

/// The same with other flags.
pub(crate) fn code_with(flags: Flags) -> Arc<InviteCode> {
    code_of(CodeKind::Interactive, flags)
}

fn code_of(kind: CodeKind, flags: Flags) -> Arc<InviteCode> {
    let tag = CREW.tag();
    let expires = Some(NOW.plus(Duration::from_secs(24 * 3600)));
    let hint = Hint::Address("192.0.2.7:40000".parse().expect("an address"));
    let secret = Secret::from_bytes([0x5a; 16]);
    let endpoint = EndpointId::from_bytes([9; 32]);
    Arc::new(InviteCode::new(kind, flags, secret, tag, endpoint, expires, vec![hint]).expect("a code"))
}

/// The code of Alice's laptop for her new phone.
pub(crate) fn device_code() -> Arc<InviteCode> {
    let (kind, flags, tag) = (CodeKind::DevicePairing, Flags::PIN, PartyTag::NONE);
    let (secret, endpoint) = (Secret::from_bytes([0x5b; 16]), EndpointId::from_bytes([9; 32]));
    Arc::new(InviteCode::new(kind, flags, secret, tag, endpoint, None, vec![]).expect("a code"))
}

pub(crate) fn device_invitation(stage: InvitationStage) -> Arc<InvitationView> {
    let code = device_code();
    Arc::new(InvitationView {
        id: code.invitation_id(),
        label: String::new(),
        role: Role::Owner,
        expires: NOW.plus(Duration::from_secs(3595)),
        code,
        ..InvitationView::clone(&invitation(stage))
    })
}

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

pub(crate) fn invitation(stage: InvitationStage) -> Arc<InvitationView> {
    let code = code();
    let admitted = match &stage {
        InvitationStage::Admitted { member, name } => vec![admitted(*member, name)],
        _ => Vec::new(),
    };
    Arc::new(InvitationView {
        id: code.invitation_id(),
        party: CREW,
        label: "Bob".to_owned(),
        role: Role::Editor,
        kind: match stage {
            InvitationStage::OnlyHere | InvitationStage::OfflineReady { .. } => {
                InvitationKind::Delegated(DelegationMethod::Approval)
            }
            _ => InvitationKind::Interactive,
        },
        code,
        created: NOW,
        expires: NOW.plus(Duration::from_secs(24 * 3600 - 5)),
        max_uses: 1,
        admitted,
        wrong_pins: 0,
        stage,
        nearby: None,
    })
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

/// Somebody who came in.
pub(crate) fn admitted(member: IdentityId, name: &str) -> AdmittedView {
    let name = name.to_owned();
    AdmittedView { member, name }
}

/// The same code for five people, of whom some are in.
pub(crate) fn invitation_for_five(stage: InvitationStage, joined: Vec<AdmittedView>) -> Arc<InvitationView> {
    Arc::new(InvitationView {
        code: code_with(Flags::PIN.with(Flags::MULTI_USE)),
        label: "the hiking club".to_owned(),
        max_uses: 5,
        admitted: joined,
        ..InvitationView::clone(&invitation(stage))
    })
}

/// An invitation as it is heard in the local network.
pub(crate) fn announced(handle: u128) -> NearbyInvitation {
    NearbyInvitation {
        endpoint: EndpointId::from_bytes([1; 32]),
        handle: Handle::from_bytes(handle.to_be_bytes()),
        addresses: vec![],
    }
}

pub(crate) fn pin_stage(wrong: u8, waiting: u8) -> InvitationStage {
    let pin = Arc::new(Pin::parse("482913", 6).expect("a PIN"));
    InvitationStage::Pin {
        pin,
        expires: NOW.plus(Duration::from_secs(292)),
        wrong,
        waiting,
    }
}

pub(crate) fn redemption(stage: RedemptionStage) -> Arc<RedemptionView> {
    Arc::new(RedemptionView {
        id: REDEMPTION,
        invitation: code().invitation_id(),
        stage,
        relay_left_out: None,
    })
}

/// The same, with a code that names a relay which is not used here.
pub(crate) fn left_out(stage: RedemptionStage) -> Arc<RedemptionView> {
    Arc::new(RedemptionView {
        relay_left_out: Some("relay.example".to_owned()),
        ..RedemptionView::clone(&redemption(stage))
    })
}

pub(crate) fn enter_pin(tries_left: u8, notice: Option<PinNotice>) -> RedemptionStage {
    RedemptionStage::EnterPin {
        digits: 6,
        expires: NOW.plus(Duration::from_secs(292)),
        tries_left,
        notice,
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

/// How the tests' own device stands.
pub(crate) fn here() -> HereView {
    HereView {
        port: Some(4433),
        addresses: vec!["192.168.1.5:4433".parse().expect("an address")],
        relay: Some("eu.relay.example".to_owned()),
        mode: NetworkMode::PublicRelays,
    }
}

/// A device that does not answer.
pub(crate) fn unreached() -> ThereView {
    let address = |text: &str| text.parse().expect("an address");
    ThereView {
        reached: ReachedView::Never(CloseReason::Unreachable),
        addresses: vec![
            (address("192.0.2.7:40000"), TriedView::Tried),
            (address("192.168.7.2:40000"), TriedView::LeftOut),
        ],
        relay: Some(("relay.example".to_owned(), TriedView::LeftOut)),
        clock_ahead: Some(-1200),
        version: None,
    }
}
