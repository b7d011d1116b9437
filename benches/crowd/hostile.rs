//! Somebody who means harm: opens connections from an address of its own as fast as it can, and does not keep to the rules.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use iroh::endpoint::{PortmapperConfig, presets};
use iroh::{Endpoint, EndpointAddr, PublicKey, RelayMode, SecretKey, TransportAddr};
use partyline::invitation::InviteCode;
use partyline::net::Protocol;
use tokio::runtime::Runtime;
use tokio::task::{JoinHandle, JoinSet};

/// Another machine, as far as the inviter can tell.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// How many connections are being opened at a time.
const AT_ONCE: usize = 64;

/// What it does with a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// Opens it and says nothing.
    Silent,
    /// Says what is no frame, and opens the next one.
    Garbage,
}

impl Manner {
    pub(crate) const ALL: [Self; 2] = [Self::Silent, Self::Garbage];

    pub(crate) const fn told(self) -> &'static str {
        match self {
            Self::Silent => "opens 10,000 connections and says nothing",
            Self::Garbage => "opens 10,000 connections and sends garbage",
        }
    }
}

/// All that it opens. It has threads of its own, as a program of somebody else has: an honest one does not wait behind its tasks.
pub(crate) struct Crowd {
    runtime: Runtime,
    task: JoinHandle<()>,
    opened: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
}

impl Crowd {
    /// Begins, and goes on until there were so many.
    pub(crate) fn start(code: Arc<InviteCode>, manner: Manner, wanted: usize) -> Self {
        let (opened, refused) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let counts = (Arc::clone(&opened), Arc::clone(&refused));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let task = runtime.spawn(async move {
            let endpoint = endpoint().await;
            let mut open = JoinSet::new();
            for _ in 0..wanted {
                if open.len() == AT_ONCE {
                    open.join_next().await;
                }
                open.spawn(one(endpoint.clone(), Arc::clone(&code), manner, counts.clone()));
            }
            while open.join_next().await.is_some() {}
        });
        Self {
            runtime,
            task,
            opened,
            refused,
        }
    }

    /// Stops it; how far it came.
    pub(crate) async fn end(self) -> String {
        let over = self.task.is_finished();
        self.task.abort();
        drop(self.task.await);
        self.runtime.shutdown_background();
        let (opened, refused) = (
            self.opened.load(Ordering::Relaxed),
            self.refused.load(Ordering::Relaxed),
        );
        let when = if over { "all of them" } else { "until then" };
        format!("(the hostile one was let in {opened} times and refused {refused} times, {when})")
    }
}

async fn endpoint() -> Endpoint {
    Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(&[66; 32]))
        .relay_mode(RelayMode::Disabled)
        .portmapper_config(PortmapperConfig::Disabled)
        .clear_ip_transports()
        .bind_addr((ADDRESS, 0))
        .unwrap()
        .bind()
        .await
        .unwrap()
}

type Counts = (Arc<AtomicUsize>, Arc<AtomicUsize>);

async fn one(endpoint: Endpoint, code: Arc<InviteCode>, manner: Manner, (opened, refused): Counts) {
    let id = PublicKey::from_bytes(code.endpoint().as_bytes()).unwrap();
    let addresses = code.address_hints().map(TransportAddr::Ip);
    let address = EndpointAddr::from_parts(id, addresses);
    let Ok(connection) = endpoint.connect(address, Protocol::Invite.alpn()).await else {
        refused.fetch_add(1, Ordering::Relaxed);
        return;
    };
    opened.fetch_add(1, Ordering::Relaxed);
    match manner {
        Manner::Silent => drop(connection.closed().await),
        Manner::Garbage => {
            if let Ok((mut send, _)) = connection.open_bi().await {
                drop(send.write_all(&[0, 0, 0, 4, 1, 2, 3, 4]).await);
            }
            connection.closed().await;
        }
    }
}
