//! The room's one standing task: takes incoming connections, starts outgoing ones, and sees how every link's task ends.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{
    Accepting, ConnectError, ConnectWithOptsError, ConnectingError, Connection, ConnectionError, Incoming,
    IncomingAddr, TransportErrorCode,
};
use iroh::{Endpoint, EndpointAddr, PublicKey, TransportAddr, Watcher as _};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, timeout, timeout_at};

use super::config::{Limits, NetworkMode};
use super::endpoint::set_lookups;
use super::event::{CloseReason, LinkId, NetEvent, Origin, Protocol};
use super::files::{FILES_ALPN, Service};
use super::hints::Relay;
use super::limits::{Doors, Full, Place, Purpose, now};
use super::link::Link;
use super::links::{Events, Farewell, Links};
use crate::identity::EndpointId;

/// TLS alert 120, `no_application_protocol` (RFC 7301).
const NO_APPLICATION_PROTOCOL: u8 = 120;

/// An outgoing link that is to be opened.
#[derive(Debug)]
pub(super) struct Dial {
    pub(super) link: LinkId,
    pub(super) protocol: Protocol,
    pub(super) endpoint: EndpointId,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) relay: Option<Relay>,
    pub(super) farewell: oneshot::Receiver<Farewell>,
}

/// What every link's task shares.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) endpoint: Endpoint,
    pub(super) links: Arc<Links>,
    pub(super) mode: NetworkMode,
    pub(super) limits: Limits,
    pub(super) events: Events,
    /// None if this endpoint serves no files.
    pub(super) files: Option<Service>,
}

/// The standing task.
#[derive(Debug)]
pub(super) struct Attendant {
    pub(super) shared: Shared,
    pub(super) dials: mpsc::Receiver<Dial>,
    pub(super) advertise: watch::Receiver<bool>,
    pub(super) doors: Doors,
    pub(super) tasks: JoinSet<()>,
    /// Which link a task serves, so that a panic can be told to the engine.
    pub(super) serving: HashMap<Id, LinkId>,
}

/// How long peers may take to acknowledge that the endpoint is closed, after all links have ended.
const LAST_GOODBYE: Duration = Duration::from_millis(500);

impl Attendant {
    /// Runs until the network is shut down or dropped.
    pub(super) async fn run(mut self) {
        let _alarm = Alarm(self.shared.events.sender.clone());
        let events = self.shared.events.clone();
        let mut addresses = self.shared.endpoint.watch_addr();
        loop {
            tokio::select! {
                () = events.stopped() => break,
                incoming = self.shared.endpoint.accept() => match incoming {
                    Some(incoming) => self.let_in(incoming),
                    None => break,
                },
                Some(dial) = self.dials.recv() => {
                    let (link, shared) = (dial.link, self.shared.clone());
                    self.serve(link, dial.run(shared));
                }
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended).await,
                Ok(_addresses) = addresses.updated() => self.shared.events.send(NetEvent::AddressesChanged).await,
                Ok(()) = self.advertise.changed() => {
                    let advertise = *self.advertise.borrow_and_update();
                    set_lookups(&self.shared.endpoint, &self.shared.mode, advertise);
                }
            }
        }
        self.shared.links.close_all();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(self.shared.limits.farewell, all).await.is_err() {
            tracing::debug!("some links did not end in time");
        }
        self.tasks.shutdown().await;
        // Peers that are gone never acknowledge; the others have long heard it.
        if timeout(LAST_GOODBYE, self.shared.endpoint.close()).await.is_err() {
            tracing::debug!("a peer did not acknowledge the end");
        }
    }

    /// Decides about a connection before anything is computed for it.
    fn let_in(&mut self, incoming: Incoming) {
        let origin = match incoming.remote_addr() {
            IncomingAddr::Ip(address) => Origin::of(address.ip()),
            _ => Origin::Relayed,
        };
        // A sender that may have forged its address must first prove that it gets our answers, unless there is room
        // enough. Through a relay it is known. (The engine hears of nobody before the handshake, which proves it too.)
        let proven = origin == Origin::Relayed || incoming.remote_addr_validated();
        if !proven && !self.doors.are_calm(origin, now()) {
            if let Err(error) = incoming.retry() {
                tracing::debug!("no retry: {error:#}");
            }
            return;
        }
        let purpose = offered(&incoming);
        let place = match self.doors.admit(purpose, origin, now()) {
            Ok(place) => place,
            Err(Full::Refused) => return incoming.refuse(),
            Err(Full::Unanswered) => return incoming.ignore(),
        };
        if purpose == Purpose::Files
            && let Some(service) = &self.shared.files
        {
            let (service, shared) = (service.clone(), self.shared.clone());
            self.tasks.spawn(shared.serve_files(service, incoming, place));
            return;
        }
        let (link, farewell) = self.shared.links.begin();
        let arrival = Arrival {
            link,
            incoming,
            origin,
            place,
            farewell,
        };
        let shared = self.shared.clone();
        self.serve(link, arrival.run(shared));
    }

    fn serve(&mut self, link: LinkId, task: impl Future<Output = ()> + Send + 'static) {
        let handle = self.tasks.spawn(task);
        self.serving.insert(handle.id(), link);
    }

    /// A panic is a bug in this room or below; its link ends like any other.
    async fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let error = match ended {
            Ok((id, ())) => {
                self.serving.remove(&id);
                return;
            }
            Err(error) => error,
        };
        let link = self.serving.remove(&error.id());
        tracing::error!("a task of the network ended early: {error}");
        self.shared.events.send(NetEvent::Panicked).await;
        if let Some(link) = link
            && self.shared.links.end(link)
        {
            self.shared
                .events
                .send(NetEvent::Closed {
                    link,
                    reason: CloseReason::Lost,
                })
                .await;
        }
    }
}

/// Tells the engine if the standing task itself panics.
struct Alarm(mpsc::Sender<NetEvent>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() && self.0.try_send(NetEvent::Panicked).is_err() {
            tracing::error!("the network's task panicked, and nobody could be told");
        }
    }
}

/// What the first packet asks for. What cannot be read counts as an invitation, whose door is the narrower one.
fn offered(incoming: &Incoming) -> Purpose {
    let hello = incoming.decrypt();
    let mut names = hello.as_ref().and_then(|hello| hello.alpns()).into_iter().flatten();
    match (names.next(), names.next()) {
        (Some(Ok(name)), None) if *name == *FILES_ALPN => Purpose::Files,
        (Some(Ok(name)), None) => Purpose::Link(Protocol::from_alpn(&name).unwrap_or(Protocol::Invite)),
        _ => Purpose::Link(Protocol::Invite),
    }
}

/// A connection that was let in.
struct Arrival {
    link: LinkId,
    incoming: Incoming,
    origin: Origin,
    place: Place,
    farewell: oneshot::Receiver<Farewell>,
}

impl Arrival {
    async fn run(self, shared: Shared) {
        let Self {
            link,
            incoming,
            origin,
            place,
            farewell,
        } = self;
        let first_frame_by = now() + shared.limits.first_frame;
        let connection = handshake(incoming.accept(), first_frame_by).await;
        let protocol = connection
            .as_ref()
            .map(|connection| Protocol::from_alpn(connection.alpn()));
        match protocol.flatten().zip(connection) {
            Some((protocol, connection)) => {
                shared
                    .carry(link, protocol, connection, Some((first_frame_by, origin)), farewell)
                    .await;
            }
            // The engine has never heard of it.
            None => drop(shared.links.end(link)),
        }
        drop(place);
    }
}

/// Finishes the handshake, or gives up.
async fn handshake(accepted: Result<Accepting, ConnectionError>, by: Instant) -> Option<Connection> {
    let accepting = match accepted {
        Ok(accepting) => accepting,
        Err(error) => {
            tracing::debug!("a connection was not accepted: {error:#}");
            return None;
        }
    };
    match timeout_at(by, accepting).await {
        Ok(Ok(connection)) => Some(connection),
        Ok(Err(error)) => {
            tracing::debug!("a handshake failed: {error:#}");
            None
        }
        Err(_elapsed) => None,
    }
}

impl Dial {
    async fn run(self, shared: Shared) {
        let Some(peer) = dialable(&shared.mode, self.endpoint, &self.addresses, self.relay.as_ref()) else {
            return shared.end(self.link, CloseReason::Unreachable).await;
        };
        let Self {
            link,
            protocol,
            mut farewell,
            ..
        } = self;
        let connecting = timeout(shared.limits.connect, shared.endpoint.connect(peer, protocol.alpn()));
        let reason = tokio::select! {
            // Closed before it was open, or the network is gone.
            _farewell = &mut farewell => CloseReason::Local,
            connected = connecting => match connected {
                Ok(Ok(connection)) => return shared.carry(link, protocol, connection, None, farewell).await,
                Ok(Err(error)) => {
                    tracing::debug!("could not connect: {error:#}");
                    failed(&error)
                }
                Err(_elapsed) => CloseReason::Unreachable,
            },
        };
        shared.end(link, reason).await;
    }
}

/// Whom to dial and where, as far as the mode allows; none if the id is no key at all.
pub(super) fn dialable(
    mode: &NetworkMode,
    endpoint: EndpointId,
    addresses: &[SocketAddr],
    relay: Option<&Relay>,
) -> Option<EndpointAddr> {
    let id = PublicKey::from_bytes(endpoint.as_bytes()).ok()?;
    let here_only = *mode == NetworkMode::Loopback;
    let addresses = addresses
        .iter()
        .filter(|address| !here_only || address.ip().is_loopback());
    let relay = relay.and_then(|relay| relay.dialable(mode));
    let ways = addresses
        .copied()
        .map(TransportAddr::Ip)
        .chain(relay.map(TransportAddr::Relay));
    Some(EndpointAddr::from_parts(id, ways))
}

impl Shared {
    /// The whole life of an incoming connection for files.
    async fn serve_files(self, service: Service, incoming: Incoming, place: Place) {
        let by = now() + self.limits.first_frame;
        if let Some(connection) = handshake(incoming.accept_with(service.config()), by).await {
            let ending = connection.clone();
            tokio::select! {
                () = self.events.stopped() => {}
                () = service.serve(connection) => {}
            }
            ending.close(0_u32.into(), b"");
        }
        drop(place);
    }

    /// The whole life of a link that has its connection.
    async fn carry(
        &self,
        id: LinkId,
        protocol: Protocol,
        connection: Connection,
        incoming: Option<(Instant, Origin)>,
        farewell: oneshot::Receiver<Farewell>,
    ) {
        let Some(outgoing) = self.links.connected(id, protocol, &connection) else {
            connection.close(0_u32.into(), b"");
            return self.end(id, CloseReason::Local).await;
        };
        let endpoint = EndpointId::from_bytes(*connection.remote_id().as_bytes());
        let (first_frame_by, origin) = match incoming {
            Some((by, origin)) => (Some(by), origin),
            None => (None, origin(&connection)),
        };
        let incoming = first_frame_by.is_some();
        self.events
            .send(NetEvent::Opened {
                link: id,
                protocol,
                endpoint,
                incoming,
                origin,
            })
            .await;
        let (limits, events) = (self.limits, self.events.clone());
        let link = Link {
            id,
            protocol,
            connection,
            first_frame_by,
            limits,
            events,
        };
        let reason = link.run(outgoing, farewell).await;
        self.end(id, reason).await;
    }

    async fn end(&self, link: LinkId, reason: CloseReason) {
        self.links.end(link);
        self.events.send(NetEvent::Closed { link, reason }).await;
    }
}

/// Where a peer is that we have dialled.
fn origin(connection: &Connection) -> Origin {
    let paths = connection.paths();
    let selected = paths.iter().find(|path| path.is_selected());
    match selected.as_ref().map(|path| path.remote_addr()) {
        Some(TransportAddr::Ip(address)) => Origin::of(address.ip()),
        _ => Origin::Relayed,
    }
}

/// Why a connection could not be opened, without the transport's words.
pub(super) fn failed(error: &ConnectError) -> CloseReason {
    let connection = match error {
        ConnectError::Connection { source, .. } => source,
        ConnectError::Connecting {
            source: ConnectingError::ConnectionError { source, .. },
            ..
        } => source,
        ConnectError::Connect {
            source: ConnectWithOptsError::EndpointClosed { .. },
            ..
        } => return CloseReason::Local,
        _ => return CloseReason::Unreachable,
    };
    match connection {
        ConnectionError::VersionMismatch => CloseReason::NoCommonProtocol,
        ConnectionError::ConnectionClosed(close)
            if close.error_code == TransportErrorCode::crypto(NO_APPLICATION_PROTOCOL) =>
        {
            CloseReason::NoCommonProtocol
        }
        ConnectionError::ConnectionClosed(close) if close.error_code == TransportErrorCode::CONNECTION_REFUSED => {
            CloseReason::Refused
        }
        ConnectionError::LocallyClosed => CloseReason::Local,
        _ => CloseReason::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{NetConfig, endpoint};
    use iroh::SecretKey;

    #[tokio::test]
    async fn a_panic_in_a_links_task_is_told_and_ends_that_link_only() {
        let config = NetConfig::new(NetworkMode::Loopback);
        let (sender, mut events) = mpsc::channel(8);
        let (stop, stopping) = watch::channel(false);
        let (_dial, dials) = mpsc::channel(1);
        let (_switch, advertise) = watch::channel(false);
        let mut attendant = Attendant {
            shared: Shared {
                endpoint: endpoint::open(&config, &SecretKey::from_bytes(&[1; 32])).await.unwrap(),
                links: Arc::default(),
                mode: config.mode,
                limits: config.limits,
                events: Events { sender, stopping },
                files: None,
            },
            dials,
            advertise,
            doors: Doors::new(&config.limits),
            tasks: JoinSet::new(),
            serving: HashMap::new(),
        };
        let (link, _farewell) = attendant.shared.links.begin();
        attendant.serve(link, async { panic!("on purpose") });
        let watched = async {
            let mut seen = Vec::new();
            while seen.len() < 2 {
                match events.recv().await.unwrap() {
                    NetEvent::AddressesChanged => {}
                    event => seen.push(event),
                }
            }
            stop.send_replace(true);
            seen
        };
        let ((), seen) = tokio::join!(attendant.run(), watched);
        assert_eq!(
            seen,
            [
                NetEvent::Panicked,
                NetEvent::Closed {
                    link,
                    reason: CloseReason::Lost
                }
            ]
        );
    }
}
