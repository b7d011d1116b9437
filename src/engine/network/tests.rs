//! The tests are the engine's loop: they take each step of a change when they want to.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tempfile::TempDir;

use super::*;
use crate::engine::{Context, Events, Protection, run};
use crate::identity::Keys;
use crate::store::{Store, StoreThread};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A mode that cannot be had.
fn nowhere() -> NetworkMode {
    NetworkMode::OwnRelay {
        url: "ftp://nowhere".to_owned(),
        token: None,
    }
}

struct Alice {
    open: Open,
    events: mpsc::Receiver<Event>,
    _folder: TempDir,
}

impl Alice {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("profile");
        let within = path.clone();
        let store = StoreThread::spawn(move || Store::open(&within)).await.unwrap();
        let keys = Keys::generate(&mut StdRng::seed_from_u64(1));
        let created = store.run(move |store| store.create(store::Protection::Unprotected, &keys, "Alice"));
        created.await.unwrap().unwrap();
        let (sender, events) = mpsc::channel(1024);
        let context = Context {
            now: Arc::new(|| NOW),
            events: Events::new(sender, Arc::new(|| ())),
            store,
            folder: path,
        };
        let reports = mpsc::channel(1).0;
        let open = Open::start(Arc::new(context), &NetworkMode::Loopback, reports, None);
        Self {
            open: open.await.unwrap(),
            events,
            _folder: folder,
        }
    }

    async fn asks_for(&mut self, request: u64, mode: NetworkMode) {
        self.open.set_network(RequestId(request), mode).await;
    }

    /// Takes one step.
    async fn step(&mut self) -> Vec<(RequestId, Command)> {
        let step = self.open.change.next().await.expect("a change is under way");
        self.open.network_step(step).await
    }

    /// Takes all steps. The commands that waited.
    async fn settle(&mut self) -> Vec<(RequestId, Command)> {
        let mut waited = Vec::new();
        while self.open.change.is_under_way() {
            waited.extend(self.step().await);
        }
        waited
    }

    /// What has been answered since the last call: to which command, and why not.
    fn answers(&mut self) -> Vec<(u64, Option<Failure>)> {
        let told = std::iter::from_fn(|| self.events.try_recv().ok());
        let answers = told.filter_map(|event| match event {
            Event::Done { request } => Some((request.0, None)),
            Event::Failed { request, failure } => Some((request?.0, Some(failure))),
            _ => None,
        });
        answers.collect()
    }

    /// What was told last of the network.
    fn network(&mut self) -> NetworkView {
        let told = std::iter::from_fn(|| self.events.try_recv().ok());
        let networks = told.filter_map(|event| match event {
            Event::NetworkChanged { network } => Some(network),
            _ => None,
        });
        networks.last().expect("the network was told")
    }

    fn port(&self) -> Option<u16> {
        self.open.net.as_ref().map(crate::net::Net::port)
    }
}

fn create_party() -> Command {
    let name = "Choir".to_owned();
    Command::CreateParty { name }
}

#[test]
fn a_setting_narrows_a_start_and_never_widens_it() {
    let public = NetworkMode::PublicRelays;
    assert_eq!(narrower(&public, None), public);
    assert_eq!(narrower(&public, Some("")), public);
    assert_eq!(narrower(&public, Some(LOCAL)), NetworkMode::LocalNetwork);
    for narrow in [NetworkMode::LocalNetwork, NetworkMode::Loopback] {
        assert_eq!(narrower(&narrow, None), narrow);
        assert_eq!(narrower(&narrow, Some("")), narrow);
    }
}

#[tokio::test]
async fn the_engine_goes_on_without_an_endpoint_until_another_one_has_the_port() {
    let mut alice = Alice::start().await;
    let port = alice.port();
    assert!(port.is_some());
    alice.asks_for(1, NetworkMode::Loopback).await;
    assert_eq!(alice.port(), None);
    assert_eq!(alice.network().next, Some(NetworkMode::Loopback));
    let made = alice.open.execute(RequestId(2), create_party()).await;
    assert!(matches!(made, Ok(Some(Event::PartyCreated { .. }))));
    assert_eq!(alice.answers(), []);
    alice.settle().await;
    assert_eq!(alice.port(), port);
    assert_eq!(alice.answers(), [(1, None)]);
}

#[tokio::test]
async fn commands_that_need_an_endpoint_wait_for_it() {
    let mut alice = Alice::start().await;
    let explain = || Command::ExplainConnection { redemption: None };
    assert!(!alice.open.puts_off(&explain()));
    alice.asks_for(1, NetworkMode::Loopback).await;
    assert!(alice.open.puts_off(&explain()) && !alice.open.puts_off(&create_party()));
    alice.open.put_off(RequestId(2), explain());
    assert!(alice.step().await.is_empty(), "it is only closed");
    let waited = alice.settle().await;
    assert!(matches!(
        waited[..],
        [(RequestId(2), Command::ExplainConnection { .. })]
    ));
    assert!(!alice.open.puts_off(&explain()));
}

#[tokio::test]
async fn of_two_modes_the_last_one_counts_and_answers_both() {
    let mut alice = Alice::start().await;
    alice.asks_for(1, nowhere()).await;
    alice.asks_for(2, NetworkMode::Loopback).await;
    alice.settle().await;
    assert_eq!(alice.answers(), [(1, None), (2, None)]);
    alice.asks_for(3, NetworkMode::Loopback).await;
    alice.asks_for(4, nowhere()).await;
    alice.settle().await;
    let refused = Some(Failure::NetworkUnavailable);
    assert_eq!(alice.answers(), [(3, refused.clone()), (4, refused)]);
    assert_eq!(alice.open.network, NetworkMode::Loopback);
}

#[tokio::test]
async fn a_mode_that_is_asked_for_while_another_one_is_opened_counts() {
    let mut alice = Alice::start().await;
    let port = alice.port();
    // The first one is to be had, and closed again.
    alice.asks_for(1, NetworkMode::Loopback).await;
    alice.step().await;
    alice.asks_for(2, nowhere()).await;
    alice.settle().await;
    let refused = Some(Failure::NetworkUnavailable);
    assert_eq!(alice.answers(), [(1, refused.clone()), (2, refused)]);
    // The first one is not.
    alice.asks_for(3, nowhere()).await;
    alice.step().await;
    alice.asks_for(4, NetworkMode::Loopback).await;
    alice.settle().await;
    assert_eq!(alice.answers(), [(3, None), (4, None)]);
    assert_eq!(alice.port(), port);
}

#[tokio::test]
async fn who_asks_again_after_a_no_gets_that_and_the_first_one_the_no() {
    let mut alice = Alice::start().await;
    alice.asks_for(1, nowhere()).await;
    alice.step().await;
    alice.step().await;
    assert!(alice.open.change.is_under_way(), "it is opened as it was before");
    alice.asks_for(2, NetworkMode::Loopback).await;
    alice.settle().await;
    assert_eq!(alice.answers(), [(2, None), (1, Some(Failure::NetworkUnavailable))]);
}

#[tokio::test]
async fn what_cannot_be_had_at_all_is_tried_again_later() {
    let mut alice = Alice::start().await;
    alice.open.network = nowhere();
    alice.asks_for(1, nowhere()).await;
    alice.settle().await;
    assert_eq!((alice.port(), alice.open.next_timer()), (None, Some(RETRY)));
    assert_eq!(alice.answers(), [(1, Some(Failure::NetworkUnavailable))]);
    // It can be had by then.
    alice.open.network = NetworkMode::Loopback;
    alice.open.retry_network();
    alice.settle().await;
    assert!(alice.port().is_some());
    assert_eq!(alice.answers(), [], "nobody asked");
}

#[tokio::test]
async fn whoever_waits_for_a_step_that_panics_is_told() {
    let mut alice = Alice::start().await;
    alice.asks_for(1, NetworkMode::Loopback).await;
    alice.open.change.next().await;
    alice.open.network_step(Step::Lost).await;
    assert_eq!(alice.answers(), [(1, Some(Failure::Internal))]);
    assert_eq!(alice.open.next_timer(), Some(RETRY));
}

#[tokio::test]
async fn who_quits_in_the_middle_leaves_no_endpoint_behind() {
    for steps in [0, 1] {
        let mut alice = Alice::start().await;
        let (port, keys) = (alice.port(), Arc::clone(&alice.open.keys));
        alice.asks_for(1, NetworkMode::Loopback).await;
        for _ in 0..steps {
            alice.step().await;
        }
        alice.open.shut_down().await;
        let files = None;
        let again = Opener { keys, port, files }.open(&NetworkMode::Loopback).await;
        assert_eq!(again.ok().map(|online| online.net.port()), port, "after {steps} steps");
    }
}

#[tokio::test]
async fn what_comes_after_a_change_is_answered_before_it_unless_it_needs_the_network() {
    let folder = TempDir::new().unwrap();
    let (commands, mut receiver) = mpsc::channel(8);
    let mode = NetworkMode::Loopback;
    let asked = [
        Command::CreateProfile {
            name: "Alice".to_owned(),
            protection: Protection::Unprotected,
        },
        Command::SetNetworkMode { mode: mode.clone() },
        Command::ExplainConnection { redemption: None },
        create_party(),
    ];
    for (number, command) in (1..).zip(asked) {
        commands.try_send((RequestId(number), command)).unwrap();
    }
    let (sender, mut events) = mpsc::channel(1024);
    let events_out = Events::new(sender, Arc::new(|| ()));
    let path = folder.path().join("profile");
    let engine = run(&path, &mode, || NOW, &mut receiver, &events_out);
    let hearing = async {
        let mut order = Vec::new();
        while let Some(event) = events.recv().await {
            match event {
                Event::PartyCreated { request, .. } | Event::Done { request } => order.push(request.0),
                Event::ConnectionExplained { request, connection } => {
                    assert!(connection.here.port.is_some());
                    order.push(request.0);
                    break;
                }
                _ => {}
            }
        }
        drop(commands);
        order
    };
    let ((), order) = tokio::join!(Box::pin(engine), hearing);
    assert_eq!(order, [4, 2, 3]);
}
