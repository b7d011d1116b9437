//! What runs inside a namespace: one endpoint that answers every frame, or a relay. Orders come on stdin, what happens
//! goes to stdout.

use std::collections::BTreeSet;
use std::io::BufRead as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use iroh_relay::server::{Access, AccessControl, ClientRequest, RelayConfig, Server, ServerConfig};
use partyline::identity::{EndpointId, EndpointKey};
use partyline::net::{Limits, LinkId, Net, NetConfig, NetEvent, NetworkMode, Origin, Protocol, Relay};
use tokio::sync::mpsc;

/// Runs the role that the environment names, if it names one.
pub(super) fn run_if_asked() {
    let Ok(role) = std::env::var("PARTYLINE_ACTOR") else {
        return;
    };
    let (sender, orders) = mpsc::channel(16);
    std::thread::Builder::new()
        .name("orders".to_owned())
        .spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if sender.blocking_send(line).is_err() {
                    break;
                }
            }
        })
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let words: Vec<&str> = role.split_whitespace().collect();
    runtime.block_on(async {
        match words[..] {
            ["server", address, token] => serve(address, token, orders).await,
            ["relay", url, token] => {
                let mode = NetworkMode::OwnRelay {
                    url: url.to_owned(),
                    token: Some(token.to_owned()),
                };
                Peer::start(NetConfig::new(mode)).await.run(orders).await;
            }
            ["local"] => Peer::start(local()).await.run(orders).await,
            ["local", "quiet"] => {
                let config = NetConfig {
                    advertise: false,
                    ..local()
                };
                Peer::start(config).await.run(orders).await;
            }
            _ => panic!("no such role: {role}"),
        }
    });
}

fn say(what: &str) {
    println!("@{what}");
}

fn local() -> NetConfig {
    NetConfig::new(NetworkMode::LocalNetwork)
}

struct Peer {
    net: Net,
    events: mpsc::Receiver<NetEvent>,
    dialled: BTreeSet<LinkId>,
    relay: Option<Relay>,
}

impl Peer {
    async fn start(config: NetConfig) -> Self {
        let (sender, events) = mpsc::channel(64);
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&std::process::id().to_be_bytes());
        let limits = Limits {
            connect: Duration::from_secs(6),
            ..Limits::default()
        };
        let config = NetConfig { limits, ..config };
        let net = Net::start(config, &EndpointKey::from_seed(&seed), sender, None)
            .await
            .unwrap();
        let id: String = net
            .endpoint()
            .as_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        say(&format!("ready {id} {}", net.port()));
        Self {
            net,
            events,
            dialled: BTreeSet::new(),
            relay: None,
        }
    }

    async fn run(mut self, mut orders: mpsc::Receiver<String>) {
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(&order),
                    None => break,
                },
                event = self.events.recv() => self.heard(event.unwrap()),
            }
        }
        self.net.shutdown().await;
    }

    fn obey(&mut self, order: &str) {
        match order.split_whitespace().collect::<Vec<_>>()[..] {
            ["advertise", how] => {
                self.net.advertise(how == "on");
                say("advertising");
            }
            ["connect", id, address, relay] => {
                let digits = |at: usize| id.get(2 * at..2 * at + 2).unwrap();
                let id = std::array::from_fn(|at| u8::from_str_radix(digits(at), 16).unwrap());
                let id = EndpointId::from_bytes(id);
                let addresses: Vec<SocketAddr> = address.parse().into_iter().collect();
                let relay = (relay != "-").then(|| Relay::Host(relay.to_owned()));
                self.dialled
                    .insert(self.net.connect(Protocol::Sync, id, addresses, relay).unwrap());
            }
            _ => panic!("no such order: {order}"),
        }
    }

    fn heard(&mut self, event: NetEvent) {
        match event {
            NetEvent::Opened { link, origin, .. } => {
                say(if origin == Origin::Relayed {
                    "opened relayed"
                } else {
                    "opened direct"
                });
                if self.dialled.contains(&link) {
                    self.net.send(link, vec![1; 3000]).unwrap();
                }
            }
            NetEvent::Frame { link, frame } if self.dialled.contains(&link) => {
                assert_eq!(frame, [1; 3000]);
                say("echo");
                self.net.close(link, 0, false);
            }
            NetEvent::Frame { link, frame } => self.net.send(link, frame).unwrap(),
            NetEvent::Drained { .. } => {}
            NetEvent::Closed { reason, .. } => say(&format!("closed {reason:?}")),
            NetEvent::AddressesChanged => {
                let relay = self.net.reach().relay;
                if relay != self.relay {
                    self.relay = relay;
                    if let Some(host) = self.relay.as_ref().and_then(Relay::host) {
                        say(&format!("relay {host}"));
                    }
                }
            }
            // Nobody here listens for it.
            NetEvent::NearbyHeard { .. } => {}
            NetEvent::Panicked => panic!("a task panicked"),
        }
    }
}

/// A relay that lets in who knows the token.
async fn serve(address: &str, token: &str, mut orders: mpsc::Receiver<String>) {
    let mut config = ServerConfig::default();
    let mut relay = RelayConfig::new(address.parse::<SocketAddr>().unwrap());
    relay.access = Arc::new(Token(format!("Bearer {token}")));
    config.relay = Some(relay);
    let server = Server::spawn(config).await.unwrap();
    say(&format!("ready relay {}", server.http_addr().unwrap().port()));
    while orders.recv().await.is_some() {}
    server.shutdown().await.unwrap();
}

#[derive(Debug)]
struct Token(String);

impl AccessControl for Token {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        let sent = request
            .headers()
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        if sent == Some(&self.0) {
            Access::Allow
        } else {
            Access::Deny { reason: None }
        }
    }
}
