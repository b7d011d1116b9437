//! Links between two real endpoints on 127.0.0.1, and between one and a hostile one that speaks QUIC by hand.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use iroh::endpoint::{Connection, ConnectionError, PortmapperConfig, presets};
use iroh::{Endpoint, EndpointAddr, PublicKey, SecretKey, TransportAddr};
use partyline::identity::{EndpointId, EndpointKey};
use partyline::net::{
    CloseReason, Gate, Limits, LinkId, Misbehaviour, Net, NetConfig, NetEvent, NetworkMode, Origin, Protocol, SendError,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// One endpoint with its events.
struct Peer {
    net: Net,
    events: mpsc::Receiver<NetEvent>,
}

/// Long enough for a busy machine, short enough to fail a test.
const PATIENCE: Duration = Duration::from_secs(20);

async fn peer(number: u8) -> Peer {
    peer_with(number, Limits::default(), 256).await
}

async fn peer_with(number: u8, limits: Limits, capacity: usize) -> Peer {
    start(
        number,
        NetConfig {
            limits,
            ..NetConfig::new(NetworkMode::Loopback)
        },
        capacity,
    )
    .await
}

async fn start(number: u8, config: NetConfig, capacity: usize) -> Peer {
    let (sender, events) = mpsc::channel(capacity);
    let net = Net::start(config, &EndpointKey::from_seed(&[number; 32]), sender, None)
        .await
        .unwrap();
    Peer { net, events }
}

impl Peer {
    fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.net.port()))
    }

    fn dial(&self, other: &Self, protocol: Protocol) -> LinkId {
        self.net
            .connect(protocol, other.net.endpoint(), vec![other.address()], None)
            .unwrap()
    }

    /// The next event that is about a link.
    async fn next(&mut self) -> NetEvent {
        loop {
            let event = tokio::time::timeout(PATIENCE, self.events.recv())
                .await
                .expect("an event in time")
                .unwrap();
            if event != NetEvent::AddressesChanged {
                return event;
            }
        }
    }

    async fn opened(&mut self) -> LinkId {
        match self.next().await {
            NetEvent::Opened { link, .. } => link,
            other => panic!("expected a link, not {other:?}"),
        }
    }

    async fn frame(&mut self) -> Vec<u8> {
        match self.next().await {
            NetEvent::Frame { frame, .. } => frame,
            other => panic!("expected a frame, not {other:?}"),
        }
    }

    async fn closed(&mut self) -> CloseReason {
        match self.next().await {
            NetEvent::Closed { reason, .. } => reason,
            other => panic!("expected the end of a link, not {other:?}"),
        }
    }
}

/// Alice listens, Bob has dialled; both ends of the link.
async fn linked(alice: &mut Peer, bob: &mut Peer, protocol: Protocol) -> (LinkId, LinkId) {
    let dialled = bob.dial(alice, protocol);
    assert_eq!(bob.opened().await, dialled);
    (alice.opened().await, dialled)
}

/// An endpoint without any of our manners.
async fn mallory(alpns: &[&[u8]]) -> Endpoint {
    Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(&[66; 32]))
        .portmapper_config(PortmapperConfig::Disabled)
        .alpns(alpns.iter().map(|alpn| alpn.to_vec()).collect())
        .clear_ip_transports()
        .bind_addr((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .bind()
        .await
        .unwrap()
}

async fn attack(mallory: &Endpoint, alice: &Peer, protocol: Protocol) -> Connection {
    let id = PublicKey::from_bytes(alice.net.endpoint().as_bytes()).unwrap();
    let address = EndpointAddr::from_parts(id, [TransportAddr::Ip(alice.address())]);
    mallory.connect(address, protocol.alpn()).await.unwrap()
}

async fn close_code(connection: &Connection) -> u64 {
    match tokio::time::timeout(PATIENCE, connection.closed())
        .await
        .expect("closed in time")
    {
        ConnectionError::ApplicationClosed(close) => close.error_code.into_inner(),
        other => panic!("expected a close code, not {other:?}"),
    }
}

#[tokio::test]
async fn frames_travel_both_ways_in_order() {
    let (mut alice, mut bob) = (peer(1).await, peer(2).await);
    let link = bob.dial(&alice, Protocol::Invite);
    let origin = Origin::V4([127, 0, 0, 1]);
    let (protocol, alice_id, bob_id) = (Protocol::Invite, alice.net.endpoint(), bob.net.endpoint());
    assert_eq!(
        bob.next().await,
        NetEvent::Opened {
            link,
            protocol,
            endpoint: alice_id,
            incoming: false,
            origin
        }
    );
    bob.net.send(link, b"\x01one".to_vec()).unwrap();
    bob.net.send(link, b"\x02two".to_vec()).unwrap();
    let NetEvent::Opened {
        link: other,
        endpoint,
        incoming: true,
        origin: from,
        ..
    } = alice.next().await
    else {
        panic!("not opened")
    };
    assert_eq!((endpoint, from), (bob_id, origin));
    assert_eq!(alice.frame().await, b"\x01one");
    alice.net.send(other, b"\x03three".to_vec()).unwrap();
    assert_eq!(alice.frame().await, b"\x02two");
    assert_eq!(bob.frame().await, b"\x03three");
}

#[tokio::test]
async fn both_ends_export_the_same_secret_for_one_context_and_another_for_any_other() {
    let (mut alice, mut bob) = (peer(1).await, peer(2).await);
    let (a1, b1) = linked(&mut alice, &mut bob, Protocol::Invite).await;
    let (a2, b2) = linked(&mut alice, &mut bob, Protocol::Invite).await;
    let all = [
        alice.net.exporter(a1, b"one").unwrap(),
        alice.net.exporter(a1, b"two").unwrap(),
        alice.net.exporter(a1, b"").unwrap(),
        alice.net.exporter(a2, b"one").unwrap(),
    ];
    assert_eq!(bob.net.exporter(b1, b"one"), Some(all[0]));
    assert_eq!(bob.net.exporter(b1, b"two"), Some(all[1]));
    assert_eq!(bob.net.exporter(b2, b"one"), Some(all[3]));
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    assert_eq!(bob.net.exporter(LinkId(999), b"one"), None);
}

#[tokio::test]
async fn a_frame_that_breaks_the_rules_ends_the_link_and_nothing_else() {
    let mut alice = peer(1).await;
    let mallory = mallory(&[]).await;
    for (bytes, how) in [
        (&[0, 0, 0, 0][..], Misbehaviour::EmptyFrame),
        (&[0, 0, 0x02, 1, 1], Misbehaviour::FrameTooLong),
        (&[0xff, 0xff, 0xff, 0xff, 0x0b], Misbehaviour::FrameTooLong),
        (&[0, 0, 0, 2, 0x77], Misbehaviour::FrameTooLong),
        (&[0, 0, 0, 9, 1, 2], Misbehaviour::Truncated),
    ] {
        let connection = attack(&mallory, &alice, Protocol::Invite).await;
        let (mut send, _recv) = connection.open_bi().await.unwrap();
        send.write_all(bytes).await.unwrap();
        send.finish().unwrap();
        alice.opened().await;
        assert_eq!(alice.closed().await, CloseReason::Misbehaved(how));
        assert_eq!(close_code(&connection).await, 0x5001);
    }
    let mut bob = peer(2).await;
    linked(&mut alice, &mut bob, Protocol::Invite).await;
}

#[tokio::test]
async fn a_peer_that_says_nothing_or_never_finishes_is_cut_off() {
    let limits = Limits {
        first_frame: Duration::from_millis(300),
        frame: Duration::from_millis(100),
        ..Limits::default()
    };
    let mut alice = peer_with(1, limits, 64).await;
    let mallory = mallory(&[]).await;

    let silent = attack(&mallory, &alice, Protocol::Invite).await;
    alice.opened().await;
    assert_eq!(alice.closed().await, CloseReason::Misbehaved(Misbehaviour::TooSlow));
    assert_eq!(close_code(&silent).await, 0x5001);

    let slow = attack(&mallory, &alice, Protocol::Invite).await;
    let (mut send, _recv) = slow.open_bi().await.unwrap();
    send.write_all(&[0, 0, 0, 2, 1, 1]).await.unwrap();
    alice.opened().await;
    assert_eq!(alice.frame().await, [1, 1]);
    send.write_all(&[0, 0, 0, 2, 1]).await.unwrap();
    assert_eq!(alice.closed().await, CloseReason::Misbehaved(Misbehaviour::TooSlow));
    assert_eq!(close_code(&slow).await, 0x5001);
}

#[tokio::test]
async fn codes_arrive_from_either_end() {
    let (mut alice, mut bob) = (peer(1).await, peer(2).await);
    for code in [0, 3, 20] {
        let (_, link) = linked(&mut alice, &mut bob, Protocol::Invite).await;
        bob.net.close(link, code, false);
        assert_eq!(bob.closed().await, CloseReason::Local);
        assert_eq!(alice.closed().await, CloseReason::Code(code));

        let (link, _) = linked(&mut alice, &mut bob, Protocol::Sync).await;
        alice.net.close(link, code, false);
        assert_eq!(alice.closed().await, CloseReason::Local);
        assert_eq!(bob.closed().await, CloseReason::Code(code));
        assert_eq!(alice.net.send(link, vec![1]), Err(SendError::Gone));
        assert_eq!(alice.net.exporter(link, b""), None);
    }
}

#[tokio::test]
async fn a_code_of_another_protocol_arrives_as_it_is() {
    let mut alice = peer(1).await;
    let mallory = mallory(&[]).await;
    attack(&mallory, &alice, Protocol::Invite)
        .await
        .close(403_u32.into(), b"who are you");
    alice.opened().await;
    assert_eq!(alice.closed().await, CloseReason::Code(403));
}

#[tokio::test]
async fn the_last_frame_is_read_before_the_end_even_by_a_busy_engine() {
    for wait_for_peer in [true, false] {
        let (mut alice, mut bob) = (peer_with(1, Limits::default(), 1).await, peer(2).await);
        let (alices, link) = linked(&mut alice, &mut bob, Protocol::Sync).await;
        let frames: Vec<Vec<u8>> = (0..60).map(|number| vec![number; 8000]).collect();
        for frame in &frames {
            bob.net.send(link, frame.clone()).unwrap();
        }
        bob.net.close(link, 7, wait_for_peer);
        if !wait_for_peer {
            assert_eq!(bob.closed().await, CloseReason::Local, "all of it fits into the window");
        }
        for frame in &frames {
            assert_eq!(&alice.frame().await, frame);
        }
        if wait_for_peer {
            // Who reads the last frame closes.
            alice.net.close(alices, 0, false);
            assert_eq!(alice.closed().await, CloseReason::Local);
            assert_eq!(bob.closed().await, CloseReason::Code(0));
        } else {
            assert_eq!(alice.closed().await, CloseReason::Code(7));
        }
    }
}

#[tokio::test]
async fn a_peer_that_does_not_close_is_waited_for_only_so_long() {
    let limits = Limits {
        farewell: Duration::from_millis(200),
        ..Limits::default()
    };
    let (mut alice, mut bob) = (peer(1).await, peer_with(2, limits, 64).await);
    let (_, link) = linked(&mut alice, &mut bob, Protocol::Invite).await;
    bob.net.send(link, vec![1, 2, 3]).unwrap();
    let start = Instant::now();
    bob.net.close(link, 5, true);
    assert_eq!(bob.closed().await, CloseReason::Local);
    assert!(start.elapsed() >= limits.farewell);
    assert_eq!(alice.frame().await, [1, 2, 3]);
    assert_eq!(alice.closed().await, CloseReason::Code(5));
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_too_slow_and_costs_a_bounded_amount_of_memory() {
    let (mut alice, mut bob) = (peer_with(1, Limits::default(), 1).await, peer(2).await);
    let dialled = bob.dial(&alice, Protocol::Sync);
    bob.opened().await;
    let mut taken = 0;
    let refused = loop {
        match bob.net.send(dialled, vec![1; 100_000]) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
        tokio::task::yield_now().await;
        assert!(taken < 1000, "nothing holds this back");
    };
    assert_eq!(refused, SendError::TooSlow);
    alice.opened().await;
    for _ in 0..taken {
        assert_eq!(alice.frame().await.len(), 100_000);
    }
}

#[tokio::test]
async fn who_found_no_room_is_told_when_a_slow_peer_has_read() {
    let (mut alice, mut bob) = (peer_with(1, Limits::default(), 1).await, peer(2).await);
    let link = bob.dial(&alice, Protocol::Sync);
    bob.opened().await;
    let mut sent = 0;
    while bob.net.has_room(link) {
        bob.net.send(link, vec![1; 100_000]).unwrap();
        sent += 1;
        tokio::task::yield_now().await;
        assert!(sent < 1000, "nothing holds this back");
    }
    alice.opened().await;
    for _ in 0..sent {
        assert_eq!(alice.frame().await.len(), 100_000);
    }
    assert_eq!(bob.next().await, NetEvent::Drained { link });
    assert!(bob.net.has_room(link));
    assert!(!bob.net.has_room(LinkId(77)));
}

#[tokio::test]
async fn what_is_not_a_frame_is_not_sent() {
    let (mut alice, mut bob) = (peer(1).await, peer(2).await);
    let (_, link) = linked(&mut alice, &mut bob, Protocol::Invite).await;
    assert_eq!(bob.net.send(link, vec![]), Err(SendError::NotAFrame));
    assert_eq!(bob.net.send(link, vec![1; 513]), Err(SendError::NotAFrame));
    assert_eq!(bob.net.send(LinkId(77), vec![1]), Err(SendError::Gone));
}

#[tokio::test]
async fn a_peer_of_another_version_has_no_protocol_in_common() {
    let mut bob = peer(2).await;
    let other = mallory(&[b"party-invite/2"]).await;
    let id = EndpointId::from_bytes(*other.id().as_bytes());
    let link = bob
        .net
        .connect(Protocol::Invite, id, other.bound_sockets(), None)
        .unwrap();
    let answering = async { other.accept().await.unwrap().await.is_err() };
    let (failed_there_too, event) = tokio::join!(answering, bob.next());
    assert_eq!(
        event,
        NetEvent::Closed {
            link,
            reason: CloseReason::NoCommonProtocol
        }
    );
    assert!(failed_there_too);
}

#[tokio::test]
async fn nobody_at_the_address_and_somebody_else_there_are_both_unreachable() {
    let limits = Limits {
        connect: Duration::from_millis(300),
        ..Limits::default()
    };
    let (alice, mut bob) = (peer(1).await, peer_with(2, limits, 64).await);
    let nobody = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let stranger = EndpointKey::from_seed(&[9; 32]).id();
    for address in [nobody.local_addr().unwrap(), alice.address()] {
        bob.net
            .connect(Protocol::Invite, stranger, vec![address], None)
            .unwrap();
        assert_eq!(bob.closed().await, CloseReason::Unreachable);
    }
    bob.net.connect(Protocol::Invite, stranger, vec![], None).unwrap();
    assert_eq!(bob.closed().await, CloseReason::Unreachable);
    bob.net
        .connect(Protocol::Invite, EndpointId::from_bytes([0xee; 32]), vec![], None)
        .unwrap();
    assert_eq!(bob.closed().await, CloseReason::Unreachable, "an id that is no key");
    bob.net
        .connect(Protocol::Invite, bob.net.endpoint(), vec![bob.address()], None)
        .unwrap();
    assert_eq!(bob.closed().await, CloseReason::Unreachable, "oneself");
}

#[tokio::test]
async fn a_link_can_be_given_up_before_it_is_open() {
    let mut bob = peer(2).await;
    let nobody = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let stranger = EndpointKey::from_seed(&[9; 32]).id();
    let link = bob
        .net
        .connect(Protocol::Invite, stranger, vec![nobody.local_addr().unwrap()], None)
        .unwrap();
    bob.net.close(link, 12, true);
    assert_eq!(
        bob.next().await,
        NetEvent::Closed {
            link,
            reason: CloseReason::Local
        }
    );
}

#[tokio::test]
async fn who_comes_when_all_places_are_taken_is_refused_and_may_come_again() {
    let limits = Limits {
        invite: Gate {
            // One address gets less than half of them.
            open: 6,
            per_second: 1000,
            burst: 1000,
        },
        ..Limits::default()
    };
    let (mut alice, mut bob) = (peer_with(1, limits, 64).await, peer(2).await);
    let (_, first) = linked(&mut alice, &mut bob, Protocol::Invite).await;
    linked(&mut alice, &mut bob, Protocol::Invite).await;
    bob.dial(&alice, Protocol::Invite);
    assert_eq!(bob.closed().await, CloseReason::Refused);
    linked(&mut alice, &mut bob, Protocol::Sync).await;
    bob.net.close(first, 0, false);
    assert_eq!(bob.closed().await, CloseReason::Local);
    assert_eq!(alice.closed().await, CloseReason::Code(0));
    linked(&mut alice, &mut bob, Protocol::Invite).await;
}

#[tokio::test]
async fn a_shutdown_delivers_what_was_sent_and_says_goodbye() {
    let (mut alice, mut bob) = (peer(1).await, peer(2).await);
    let (_, link) = linked(&mut alice, &mut bob, Protocol::Sync).await;
    bob.net.send(link, vec![1, 2, 3]).unwrap();
    bob.net.shutdown().await;
    assert_eq!(alice.frame().await, [1, 2, 3]);
    assert_eq!(alice.closed().await, CloseReason::Code(0));
    assert_eq!(bob.events.recv().await, None, "no events after a shutdown");
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_an_engine_that_no_longer_listens() {
    let (mut alice, mut bob) = (peer_with(1, Limits::default(), 1).await, peer(2).await);
    let (_, link) = linked(&mut alice, &mut bob, Protocol::Sync).await;
    for _ in 0..32 {
        bob.net.send(link, vec![1; 1000]).unwrap();
    }
    let start = Instant::now();
    alice.net.shutdown().await;
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(bob.closed().await, CloseReason::Code(0));
}

#[tokio::test]
async fn the_remembered_port_is_used_again_unless_it_is_taken() {
    let alice = peer(1).await;
    let port = alice.net.port();
    let config = || NetConfig {
        port: Some(port),
        ..NetConfig::new(NetworkMode::Loopback)
    };
    let bob = start(2, config(), 64).await;
    assert_ne!(bob.net.port(), port);
    alice.net.shutdown().await;
    let alice = start(1, config(), 64).await;
    assert_eq!(alice.net.port(), port);
}

#[tokio::test]
async fn on_loopback_an_endpoint_names_only_loopback_addresses_and_no_relay() {
    let alice = peer(1).await;
    let reach = alice.net.reach();
    assert_eq!(reach.relay, None);
    assert!(
        reach.addresses.iter().all(|address| *address == alice.address()),
        "{reach:?}"
    );
    assert!(alice.net.local_addresses().iter().all(std::net::IpAddr::is_loopback));
}
