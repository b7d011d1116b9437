//! The network: links between endpoints that are named by their keys. The only room that names iroh, but for `blobs`, which
//! speaks over the connections for files that this room opens and accepts.
//!
//! The engine owns a [`Net`] and talks to it by calls that never block; everything that happens comes back as a
//! [`NetEvent`] over one bounded channel. A *link* is one QUIC connection (TLS 1.3, both ends authenticated by their
//! Ed25519 endpoint keys) with one bidirectional stream of length-prefixed frames. What the frames mean is none of this
//! room's business.
//!
//! # Privacy
//!
//! [`NetworkMode`] says who may be contacted. Where mDNS is on, [`Net::advertise`] decides whether this endpoint
//! announces itself on the local network: everybody there then learns its endpoint id, port and local addresses, under
//! a service name of our own. The endpoint id is the same on every network, so whoever listens on two of them can tell
//! that the same machine was there. Without announcing, it still asks the local network who is there, about once a second:
//! that tells that somebody at this address runs Partyline, not who.
//!
//! Invitations that a person shows nearby are announced under a second service name ([`Net::announce_nearby`]), and looked for
//! while a person asks for that ([`Net::listen_nearby`]).

mod accept;
mod config;
mod endpoint;
mod event;
mod files;
mod frame;
mod hints;
mod limits;
mod link;
mod links;
mod nearby;
mod queue;
mod way;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use iroh::{Endpoint, SecretKey};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::identity::{EndpointId, EndpointKey};
use accept::{Attendant, Dial, Shared};
use files::Service;
use limits::Doors;
use links::{Events, Farewell, Links};
use nearby::Nearby;

pub use config::{Gate, Limits, NetConfig, NetworkMode};
pub use event::{CloseReason, LinkId, Misbehaviour, NetEvent, Origin, Protocol};
pub use files::{FILES_ALPN, FileDialer, FileServer};
pub use frame::max_frame;
pub use hints::{Reach, Relay};
pub use queue::MAX_QUEUED;
pub use way::Way;

/// Calls to open links that may wait for the room's task.
const DIALS: usize = 256;

/// The close code for a peer that breaks the rules of a link: `BadMessage` of both protocols (PROTOCOL.md, "Error
/// codes").
pub const BAD_MESSAGE: u32 = 0x5001;

/// What to put before the person's own directives in the program's log filter (`tracing_subscriber::EnvFilter`).
///
/// The transport reports as errors or warnings, some of them every second, what is none of a person's trouble: that a
/// relay's channel closes at every shutdown, and that there is no network just now.
pub const QUIET_LOGS: &str =
    "iroh::socket::transports::relay=off,iroh::address_lookup::pkarr=error,swarm_discovery=error";

/// Why the network cannot be started or a call cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// No UDP socket could be opened.
    #[error("no network endpoint could be opened")]
    Unavailable,
    /// The relay's URL is not one, or not https.
    #[error("the relay's address is not usable")]
    BadRelay,
    /// Too many calls wait already.
    #[error("the network is too busy")]
    Busy,
    /// The network has stopped.
    #[error("the network has stopped")]
    Stopped,
    /// Nothing can be shown or heard in the local network: the mode does not use it, or multicast DNS cannot be had.
    #[error("the local network is not used")]
    NoMulticast,
}

/// Why a frame was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// [`MAX_QUEUED`] bytes wait already, 5 MiB on a link of the invitation protocol: the peer does not read.
    #[error("the peer is too slow")]
    TooSlow,
    /// The link is over, is being closed or has never been.
    #[error("the link is gone")]
    Gone,
    /// Empty, or longer than [`max_frame`] allows: a bug of the caller.
    #[error("not a frame")]
    NotAFrame,
}

/// The running network of one profile. Dropping it cuts all links without a word; [`Net::shutdown`] says goodbye.
#[derive(Debug)]
pub struct Net {
    id: EndpointId,
    port: u16,
    endpoint: Endpoint,
    links: Arc<Links>,
    dials: mpsc::Sender<Dial>,
    advertise: watch::Sender<bool>,
    stopping: watch::Sender<bool>,
    attendant: JoinSet<()>,
    mode: NetworkMode,
    /// How long opening a connection may take.
    patience: Duration,
    events: mpsc::Sender<NetEvent>,
    nearby: Nearby,
}

impl Net {
    /// Opens the endpoint. Must be called inside the runtime. Events go to `events`; while that channel is full, peers
    /// wait. Connections for files go to `files`; without it none are accepted.
    ///
    /// # Errors
    /// [`NetError::Unavailable`] and [`NetError::BadRelay`].
    pub async fn start(
        config: NetConfig,
        key: &EndpointKey,
        events: mpsc::Sender<NetEvent>,
        files: Option<FileServer>,
    ) -> Result<Self, NetError> {
        let endpoint = endpoint::open(&config, &SecretKey::from_bytes(&key.seed())).await?;
        endpoint::set_lookups(&endpoint, &config.mode, config.advertise);
        let (dials, dials_receiver) = mpsc::channel(DIALS);
        let (advertise, advertise_receiver) = watch::channel(config.advertise);
        let (stopping, stopping_receiver) = watch::channel(false);
        let links = Arc::new(Links::default());
        let (mode, patience) = (config.mode.clone(), config.limits.connect);
        let heard = events.clone();
        let standing = Attendant {
            shared: Shared {
                endpoint: endpoint.clone(),
                links: Arc::clone(&links),
                mode: config.mode,
                limits: config.limits,
                files: files.map(|server| Service::new(&endpoint, server)),
                events: Events {
                    sender: events,
                    stopping: stopping_receiver,
                },
            },
            dials: dials_receiver,
            advertise: advertise_receiver,
            doors: Doors::new(&config.limits),
            tasks: JoinSet::new(),
            serving: HashMap::new(),
        };
        let mut attendant = JoinSet::new();
        attendant.spawn(standing.run());
        Ok(Self {
            id: EndpointId::from_bytes(*endpoint.id().as_bytes()),
            port: endpoint
                .bound_sockets()
                .iter()
                .find(|socket| socket.is_ipv4())
                .map_or(0, SocketAddr::port),
            endpoint,
            links,
            dials,
            advertise,
            stopping,
            attendant,
            mode,
            patience,
            events: heard,
            nearby: Nearby::default(),
        })
    }

    /// This endpoint's id.
    #[must_use]
    pub const fn endpoint(&self) -> EndpointId {
        self.id
    }

    /// The UDP port in use: to be remembered, so that codes stay good over a restart.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Where this endpoint can be reached now: for a new invite code. Grows in the first seconds:
    /// [`NetEvent::AddressesChanged`].
    #[must_use]
    pub fn reach(&self) -> Reach {
        let address = self.endpoint.addr();
        Reach::new(address.ip_addrs().copied(), address.relay_urls().next())
    }

    /// This machine's own addresses, for the rule which private addresses in a code may be tried (PROTOCOL.md, "Rules
    /// for using a code").
    #[must_use]
    pub fn local_addresses(&self) -> Vec<IpAddr> {
        endpoint::local_addresses(&self.endpoint)
    }

    /// Starts to open a link and returns its id at once; [`NetEvent::Opened`] or [`NetEvent::Closed`] follows.
    ///
    /// The addresses are tried together with what mDNS, the name service and the relay know, as far as the mode allows.
    /// Whether a relay out of a code may be used at all is the engine's decision, before.
    ///
    /// # Errors
    /// [`NetError::Busy`] and [`NetError::Stopped`].
    pub fn connect(
        &self,
        protocol: Protocol,
        endpoint: EndpointId,
        addresses: Vec<SocketAddr>,
        relay: Option<Relay>,
    ) -> Result<LinkId, NetError> {
        let permit = self.dials.try_reserve().map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(()) => NetError::Busy,
            mpsc::error::TrySendError::Closed(()) => NetError::Stopped,
        })?;
        let (link, farewell) = self.links.begin();
        permit.send(Dial {
            link,
            protocol,
            endpoint,
            addresses,
            relay,
            farewell,
        });
        Ok(link)
    }

    /// Opens connections for files.
    #[must_use]
    pub fn file_dialer(&self) -> FileDialer {
        FileDialer {
            endpoint: self.endpoint.clone(),
            mode: self.mode.clone(),
            limit: self.patience,
        }
    }

    /// 32 bytes that only the two ends of this link know and that no other link has (RFC 5705, label
    /// `EXPORTER-party-invite-1`). The same on both ends for the same context. None if the link is not open. A secret.
    #[must_use]
    pub fn exporter(&self, link: LinkId, context: &[u8]) -> Option<[u8; 32]> {
        self.links.exporter(link, context)
    }

    /// How an open link goes just now.
    #[must_use]
    pub fn way(&self, link: LinkId) -> Option<Way> {
        self.links.way(link)
    }

    /// Whether this relay may be used at all in the mode of this endpoint.
    #[must_use]
    pub fn may_use(&self, relay: &Relay) -> bool {
        relay.dialable(&self.mode).is_some()
    }

    /// Queues a frame: type byte and body, without the length.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn send(&self, link: LinkId, frame: Vec<u8>) -> Result<(), SendError> {
        self.links.send(link, frame)
    }

    /// Whether the longest frame has room among those that wait on a link. If not, [`NetEvent::Drained`] follows once they are
    /// written: what can wait waits until then. False if the link is gone.
    #[must_use]
    pub fn has_room(&self, link: LinkId) -> bool {
        self.links.has_room(link)
    }

    /// Ends a link after everything sent so far has arrived, or after 5 s. [`NetEvent::Closed`] follows with
    /// [`CloseReason::Local`], or with the peer's code if the peer closed first.
    ///
    /// Who sends the last frame sets `wait_for_peer`: the peer closes when it has read it, at most 5 s later. Who reads
    /// the last frame closes without waiting. `code` 0 is a clean end, others are the protocol's error codes. A link
    /// that has ended meanwhile is ignored.
    #[expect(
        clippy::fn_params_excessive_bools,
        reason = "the protocol's own words: a code, and whether to wait"
    )]
    pub fn close(&self, link: LinkId, code: u32, wait_for_peer: bool) {
        self.links.close(link, Farewell { code, wait_for_peer });
    }

    /// Whether to announce this endpoint on the local network (mDNS), in the modes that have it: `PublicRelays` and
    /// `LocalNetwork`.
    ///
    /// On while an invitation is open or members are looked for. See the privacy note at the top of this module.
    #[expect(clippy::fn_params_excessive_bools, reason = "a switch")]
    pub fn advertise(&self, on: bool) {
        self.advertise.send_if_modified(|now| std::mem::replace(now, on) != on);
    }

    /// Closes all links with code 0 and then the endpoint; what was sent arrives. No events follow. The UDP port is free then, or a
    /// moment later. Takes at most about
    /// 6 s, usually less than one.
    pub async fn shutdown(mut self) {
        self.stopping.send_replace(true);
        while let Some(ended) = self.attendant.join_next().await {
            if let Err(error) = ended {
                tracing::error!("the network's task ended early: {error}");
            }
        }
    }
}
