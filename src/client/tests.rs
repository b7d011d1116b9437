//! The library against a worker that the test plays.

#![expect(clippy::disallowed_methods, reason = "a test awaits every task that it spawns")]
#![expect(clippy::string_slice, reason = "a test fails by panicking")]

mod content;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::{Client, ClientError, Member, SecretGenerator, secret_provider};
use crate::failure::Failure;
use crate::identity::{EndpointId, IdentityId};
use crate::invitation::{
    CodeKind, InvitationId, InvitationKind, InvitationStage, InviteCode, Pin, PinNotice, RedeemError, RedemptionStage,
};
use crate::party::{PartyId, Role};
use crate::time::Timestamp;
use crate::worker::{
    Command, Event, InvitationOptions, InvitationView, PartyHealth, PartyView, ProfileView, RedemptionId,
    RedemptionView, RequestId, SyncView, UnreadView, WorkerHandle,
};

/// Vector 1 of PROTOCOL.md, "The invite code".
const CODE: &str = "party1zyqpzyg3zyg3zyg3zyg3zyg3zyg3zg3zyg3zyg3zyg3zyg3zyg3zygsqqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5z5tpwxqergd3c8g7ruyq4sqepklx0";
const PARTY: PartyId = PartyId::from_bytes([1; 32]);
const ALICE: IdentityId = IdentityId::from_bytes([2; 32]);
const BOB: IdentityId = IdentityId::from_bytes([3; 32]);
const INVITATION: InvitationId = InvitationId::from_bytes([4; 16]);
const REDEMPTION: RedemptionId = RedemptionId(7);

/// The engine's side of the door.
struct Engine {
    commands: mpsc::Receiver<(RequestId, Command)>,
    events: mpsc::Sender<Event>,
}

impl Engine {
    async fn tell(&self, event: Event) {
        self.events.send(event).await.unwrap();
    }

    async fn asked(&mut self) -> (RequestId, Command) {
        self.commands.recv().await.unwrap()
    }

    async fn tell_invitation(&self, stage: InvitationStage) {
        self.tell(Event::InvitationChanged {
            invitation: invitation(stage),
        })
        .await;
    }

    async fn tell_redemption(&self, stage: RedemptionStage) {
        self.tell(Event::RedemptionChanged {
            redemption: redemption(stage),
        })
        .await;
    }

    async fn done(&self, request: RequestId) {
        self.tell(Event::Done { request }).await;
    }
}

fn code() -> Arc<InviteCode> {
    Arc::new(InviteCode::parse(CODE).unwrap())
}

fn pin(digits: &str) -> Arc<Pin> {
    Arc::new(Pin::parse(digits, 6).unwrap())
}

fn invitation(stage: InvitationStage) -> Arc<InvitationView> {
    Arc::new(InvitationView {
        id: INVITATION,
        party: PARTY,
        label: String::new(),
        role: Role::Editor,
        kind: InvitationKind::Interactive,
        code: code(),
        created: Timestamp::default(),
        expires: Timestamp::from_millis(1000),
        max_uses: 1,
        wrong_pins: 0,
        admitted: Vec::new(),
        stage,
        nearby: None,
        mail: None,
    })
}

fn redemption(stage: RedemptionStage) -> Arc<RedemptionView> {
    Arc::new(RedemptionView {
        id: REDEMPTION,
        invitation: INVITATION,
        kind: CodeKind::Interactive,
        stage,
        relay_left_out: None,
    })
}

fn party(name: &str) -> Arc<PartyView> {
    Arc::new(PartyView {
        id: PARTY,
        name: name.to_owned(),
        role: Some(Role::Owner),
        members: vec![],
        tasks: Arc::new([]),
        notes: Arc::new([]),
        messages: Arc::new([]),
        files: Arc::new([]),
        deleted: Arc::new([]),
        requests: Arc::default(),
        delegated: Arc::default(),
        unread: UnreadView::default(),
        health: PartyHealth::Whole,
        sync: SyncView::default(),
    })
}

fn showing(digits: &str) -> InvitationStage {
    InvitationStage::Pin {
        pin: pin(digits),
        expires: Timestamp::from_millis(500),
        wrong: 0,
        waiting: 0,
    }
}

const fn enter_pin(tries_left: u8, notice: Option<PinNotice>) -> RedemptionStage {
    RedemptionStage::EnterPin {
        digits: 6,
        expires: Timestamp::from_millis(500),
        tries_left,
        notice,
    }
}

fn open() -> ProfileView {
    ProfileView::Open {
        name: "Alice".into(),
        identity: ALICE,
        endpoint: EndpointId::from_bytes([9; 32]),
    }
}

/// A client on an open profile with one party.
async fn opened() -> (Client, Engine) {
    let (handle, commands, events) = WorkerHandle::pair(16);
    let mut engine = Engine { commands, events };
    let opening = tokio::spawn(Client::attach(handle));
    engine
        .tell(Event::ProfileChanged {
            request: None,
            profile: open(),
        })
        .await;
    engine.tell(Event::PartyChanged { party: party("Home") }).await;
    let (request, command) = engine.asked().await;
    assert!(matches!(command, Command::CancelRedemption { .. }));
    engine.done(request).await;
    (opening.await.unwrap().unwrap(), engine)
}

async fn invited() -> (super::Invitation, Client, Engine) {
    let (client, mut engine) = opened().await;
    let inviting = tokio::spawn({
        let client = client.clone();
        async move { client.invite(PARTY, InvitationOptions::default()).await }
    });
    let (request, _) = engine.asked().await;
    let invitation = invitation(InvitationStage::Code { device_left: false });
    engine.tell(Event::InvitationCreated { request, invitation }).await;
    (inviting.await.unwrap().unwrap(), client, engine)
}

async fn redeeming(provider: Option<super::SecretProvider>) -> (super::Redemption, Client, Engine) {
    let (client, mut engine) = opened().await;
    let starting = tokio::spawn({
        let client = client.clone();
        async move {
            match provider {
                Some(provider) => client.redeem_with(code(), provider).await,
                None => client.redeem(code()).await,
            }
        }
    });
    let (request, command) = engine.asked().await;
    assert!(matches!(command, Command::Redeem { allow_relay: false, .. }));
    let redemption = redemption(RedemptionStage::Connecting { failed_tries: 0 });
    engine.tell(Event::RedemptionStarted { request, redemption }).await;
    (starting.await.unwrap().unwrap(), client, engine)
}

#[tokio::test]
async fn an_opened_client_knows_its_parties() {
    let (client, _engine) = opened().await;
    assert_eq!(client.identity(), Some(ALICE));
    assert_eq!(client.parties(), [party("Home")]);
}

#[tokio::test]
async fn a_profile_in_use_is_told_at_once() {
    let (handle, _commands, events) = WorkerHandle::pair(4);
    events
        .send(Event::Failed {
            request: None,
            failure: Failure::ProfileInUse,
        })
        .await
        .unwrap();
    let refused = Client::attach(handle).await;
    assert!(matches!(refused, Err(ClientError::Failed(Failure::ProfileInUse))));
}

#[tokio::test]
async fn an_answer_goes_to_who_asked() {
    let (client, mut engine) = opened().await;
    let ask = |name: &'static str| {
        let client = client.clone();
        tokio::spawn(async move { client.create_party(name).await })
    };
    let first = ask("one");
    let (first_request, _) = engine.asked().await;
    let second = ask("two");
    let (second_request, _) = engine.asked().await;
    engine
        .tell(Event::PartyCreated {
            request: second_request,
            party: PartyId::from_bytes([22; 32]),
        })
        .await;
    engine
        .tell(Event::Failed {
            request: Some(first_request),
            failure: Failure::NameInvalid,
        })
        .await;
    assert_eq!(second.await.unwrap().unwrap(), PartyId::from_bytes([22; 32]));
    assert!(matches!(
        first.await.unwrap(),
        Err(ClientError::Failed(Failure::NameInvalid))
    ));
}

#[tokio::test]
async fn the_pin_comes_when_a_device_connects_and_the_member_when_it_was_right() {
    let (invitation, _client, engine) = invited().await;
    assert_eq!(*invitation.code(), *code());
    engine.tell_invitation(showing("004217")).await;
    assert_eq!(invitation.pin().await.unwrap().digits(), "004217");
    assert_eq!(invitation.secret().pin().await.unwrap().digits(), "004217");
    engine.tell_invitation(InvitationStage::Admitting).await;
    engine
        .tell_invitation(InvitationStage::Admitted {
            member: BOB,
            name: "Bob".into(),
        })
        .await;
    assert_eq!(
        invitation.done().await.unwrap(),
        Member {
            identity: BOB,
            name: "Bob".into()
        }
    );
}

#[tokio::test]
async fn a_generator_made_before_the_invitation_shows_and_resets_its_pin() {
    let (client, mut engine) = opened().await;
    let generator = SecretGenerator::new();
    assert!(matches!(
        generator.reset_pin().await,
        Err(ClientError::Failed(Failure::InvitationUnknown))
    ));
    let shown = tokio::spawn({
        let generator = generator.clone();
        async move { generator.pin().await }
    });
    let inviting = tokio::spawn({
        let generator = generator.clone();
        async move { client.invite_with(PARTY, InvitationOptions::default(), generator).await }
    });
    let (request, _) = engine.asked().await;
    engine
        .tell(Event::InvitationCreated {
            request,
            invitation: invitation(showing("123456")),
        })
        .await;
    assert_eq!(shown.await.unwrap().unwrap().digits(), "123456");
    let _invitation = inviting.await.unwrap().unwrap();
    let resetting = tokio::spawn(async move { generator.reset_pin().await });
    let (request, command) = engine.asked().await;
    assert!(matches!(command, Command::ShowNewPin { invitation: INVITATION }));
    engine.done(request).await;
    resetting.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_invitation_that_locks_tells_so_to_everyone_who_waits() {
    let (invitation, _client, engine) = invited().await;
    engine.tell_invitation(InvitationStage::Locked).await;
    let locked = |error| matches!(error, ClientError::InvitationEnded(InvitationStage::Locked));
    assert!(locked(invitation.pin().await.unwrap_err()));
    assert!(locked(invitation.done().await.unwrap_err()));
}

#[tokio::test]
async fn a_pin_is_asked_for_again_after_a_wrong_one_and_not_before() {
    let (mut redemption, _client, mut engine) = redeeming(None).await;
    engine.tell_redemption(enter_pin(3, None)).await;
    assert_eq!(redemption.pin_requested().await.unwrap().tries_left, 3);
    let (answered, request) = tokio::join!(redemption.set_pin(pin("111111")), async {
        let (request, command) = engine.asked().await;
        engine.done(request).await;
        command
    });
    answered.unwrap();
    assert!(matches!(request, Command::SubmitPin { redemption: REDEMPTION, pin } if pin.digits() == "111111"));
    // The old question still stands in the view; it has been answered.
    let early = tokio::time::timeout(Duration::ZERO, redemption.pin_requested()).await;
    assert!(early.is_err());
    engine.tell_redemption(RedemptionStage::Checking).await;
    engine.tell_redemption(enter_pin(2, Some(PinNotice::Wrong))).await;
    let again = redemption.pin_requested().await.unwrap();
    assert_eq!((again.tries_left, again.notice), (2, Some(PinNotice::Wrong)));
}

#[tokio::test]
async fn a_void_pin_is_not_asked_for() {
    let (redemption, _client, engine) = redeeming(None).await;
    engine.tell_redemption(enter_pin(0, Some(PinNotice::Void))).await;
    engine.tell_redemption(enter_pin(3, Some(PinNotice::Changed))).await;
    assert_eq!(
        redemption.pin_requested().await.unwrap().notice,
        Some(PinNotice::Changed)
    );
}

#[tokio::test]
async fn the_resolver_is_asked_for_each_pin_until_the_member_is_in() {
    let (provider, mut resolver) = secret_provider();
    let (mut redemption, _client, mut engine) = redeeming(Some(provider)).await;
    let running = tokio::spawn(async move { redemption.done().await });
    for (tries_left, notice, digits) in [(3, None, "111111"), (2, Some(PinNotice::Wrong), "222222")] {
        engine.tell_redemption(enter_pin(tries_left, notice)).await;
        assert_eq!(resolver.requested().await.unwrap().tries_left, tries_left);
        resolver.resolve(pin(digits));
        let (request, command) = engine.asked().await;
        assert!(matches!(command, Command::SubmitPin { pin, .. } if pin.digits() == digits));
        engine.done(request).await;
        engine.tell_redemption(RedemptionStage::Checking).await;
    }
    engine.tell_redemption(RedemptionStage::Joined { party: PARTY }).await;
    assert_eq!(running.await.unwrap().unwrap(), PARTY);
}

#[tokio::test]
async fn a_dropped_resolver_is_told_when_a_pin_is_needed() {
    let (provider, resolver) = secret_provider();
    let (mut redemption, _client, engine) = redeeming(Some(provider)).await;
    drop(resolver);
    engine.tell_redemption(enter_pin(3, None)).await;
    assert!(matches!(redemption.done().await, Err(ClientError::ResolverDropped)));
}

#[tokio::test]
async fn a_failed_redemption_says_why() {
    let (mut redemption, _client, engine) = redeeming(None).await;
    engine
        .tell_redemption(RedemptionStage::Failed {
            error: RedeemError::Revoked,
        })
        .await;
    let revoked = |error| matches!(error, ClientError::Failed(Failure::Redeem(RedeemError::Revoked)));
    assert!(revoked(redemption.pin_requested().await.unwrap_err()));
    assert!(revoked(redemption.done().await.unwrap_err()));
}

#[tokio::test]
async fn subscribers_see_the_latest_parties() {
    let (client, engine) = opened().await;
    let mut changes = client.subscribe();
    engine
        .tell(Event::PartyChanged {
            party: party("Home and garden"),
        })
        .await;
    assert_eq!(changes.changed().await.unwrap(), [party("Home and garden")]);
    engine.tell(Event::PartyLeft { party: PARTY }).await;
    assert!(changes.changed().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_failure_that_nobody_asked_for_reaches_who_listens() {
    let (client, engine) = opened().await;
    engine
        .tell(Event::Failed {
            request: None,
            failure: Failure::NetworkUnavailable,
        })
        .await;
    assert_eq!(client.troubles().next().await.unwrap(), Failure::NetworkUnavailable);
}

#[tokio::test]
async fn when_the_worker_stops_nobody_waits_for_ever() {
    let (invitation, client, mut engine) = invited().await;
    let asking = tokio::spawn({
        let client = client.clone();
        async move { client.create_party("too late").await }
    });
    engine.asked().await;
    engine.tell(Event::Stopped).await;
    assert!(matches!(asking.await.unwrap(), Err(ClientError::Stopped)));
    assert!(matches!(invitation.done().await, Err(ClientError::Stopped)));
    assert!(matches!(
        client.add_task(PARTY, "too late").await,
        Err(ClientError::Stopped)
    ));
    client.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_asking_when_the_worker_stops_hears_just_that() {
    // The asker runs beside the pump: with the door still open when the question is dropped this fails within a few turns.
    for _ in 0..100 {
        let (client, mut engine) = opened().await;
        let asking = tokio::spawn({
            let client = client.clone();
            async move { client.create_party("too late").await }
        });
        engine.asked().await;
        engine.tell(Event::Stopped).await;
        assert!(matches!(asking.await.unwrap(), Err(ClientError::Stopped)));
    }
}

#[tokio::test]
async fn a_worker_that_takes_no_commands_any_more_has_stopped() {
    let (client, Engine { commands, events }) = opened().await;
    drop(commands);
    let (asked, ()) = tokio::join!(client.create_party("too late"), async {
        tokio::task::yield_now().await;
        drop(events);
    });
    assert!(matches!(asked, Err(ClientError::Stopped)));
}

#[tokio::test]
async fn the_last_handle_ends_the_worker() {
    let (invitation, client, mut engine) = invited().await;
    drop(client);
    engine.tell_invitation(showing("123456")).await;
    assert_eq!(invitation.pin().await.unwrap().digits(), "123456");
    drop(invitation);
    assert!(engine.commands.recv().await.is_none());
}

#[tokio::test]
async fn no_handle_shows_a_secret_in_its_debug_form() {
    let (invitation, client, engine) = invited().await;
    engine.tell_invitation(showing("004217")).await;
    invitation.pin().await.unwrap();
    let (provider, resolver) = secret_provider();
    resolver.resolve(pin("004217"));
    let shown = format!(
        "{client:?} {invitation:?} {provider:?} {resolver:?} {:?}",
        client.invitations()
    );
    assert!(!shown.contains("004217"));
    assert!(!shown.contains(&CODE[6..20]));
}
