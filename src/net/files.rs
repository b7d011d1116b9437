//! Connections that carry the contents of files: a protocol of their own, with wide windows and without frames.
//!
//! This room opens and accepts them and knows nothing of what they say: an incoming one is handed to the [`FileServer`] that
//! the engine brings, an outgoing one to whoever asked for it. Neither has a [`LinkId`](super::LinkId) or events.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use iroh::Endpoint;
use iroh::endpoint::{ConnectOptions, Connection, ServerConfig};
use tokio::time::timeout;

use super::accept::{dialable, failed};
use super::config::NetworkMode;
use super::endpoint::files_transport;
use super::event::CloseReason;
use super::hints::Relay;
use crate::identity::EndpointId;

/// The protocol's name in the handshake: version 4 of `iroh-blobs`.
pub const FILES_ALPN: &[u8] = b"/iroh-bytes/4";

/// Answers the requests on an incoming connection for files until it is over. Closing it is up to this; when the network
/// shuts down, it is dropped.
pub type FileServer = Arc<dyn Fn(Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Opens connections for files. Cheap to clone; usable until the network shuts down.
#[derive(Clone)]
pub struct FileDialer {
    pub(super) endpoint: Endpoint,
    pub(super) mode: NetworkMode,
    pub(super) limit: Duration,
}

impl FileDialer {
    /// Connects to a device, as [`Net::connect`](super::Net::connect) does for links.
    ///
    /// # Errors
    /// Why it did not work: never [`CloseReason::Code`] or [`CloseReason::Misbehaved`].
    pub async fn connect(
        &self,
        endpoint: EndpointId,
        addresses: &[SocketAddr],
        relay: Option<&Relay>,
    ) -> Result<Connection, CloseReason> {
        let peer = dialable(&self.mode, endpoint, addresses, relay).ok_or(CloseReason::Unreachable)?;
        let options = ConnectOptions::new().with_transport_config(files_transport());
        let connecting = async {
            let connecting = self
                .endpoint
                .connect_with_opts(peer, FILES_ALPN, options)
                .await
                .map_err(|error| failed(&error.into()))?;
            connecting.await.map_err(|error| failed(&error.into()))
        };
        timeout(self.limit, connecting)
            .await
            .unwrap_or(Err(CloseReason::Unreachable))
    }
}

impl fmt::Debug for FileDialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileDialer").finish_non_exhaustive()
    }
}

/// What serves files, if this endpoint does.
#[derive(Clone)]
pub(super) struct Service {
    server: FileServer,
    config: Arc<ServerConfig>,
}

impl Service {
    pub(super) fn new(endpoint: &Endpoint, server: FileServer) -> Self {
        let config = endpoint
            .create_server_config_builder(vec![FILES_ALPN.to_vec()])
            .set_transport_config(files_transport())
            .build();
        Self {
            server,
            config: Arc::new(config),
        }
    }

    /// The handshake of an incoming connection for files: no other protocol gets its windows.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// Answers requests until the connection is over.
    pub(super) async fn serve(&self, connection: Connection) {
        (self.server)(connection).await;
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}
