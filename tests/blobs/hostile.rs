//! A provider that lies, and how to tell that one was refused.

use iroh::endpoint::{Connection, ConnectionError};
use tokio::task::JoinSet;

use super::*;

/// Answers every request with the right length and the wrong bytes.
pub(crate) struct Liar {
    endpoint: Endpoint,
    /// Ends with it.
    _answers: JoinSet<()>,
}

impl Liar {
    pub(crate) async fn start(length: u64) -> Self {
        let endpoint = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(&[66; 32]))
            .relay_mode(RelayMode::Disabled)
            .portmapper_config(PortmapperConfig::Disabled)
            .alpns(vec![FILES_ALPN.to_vec()])
            .clear_ip_transports()
            .bind_addr(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .unwrap()
            .bind()
            .await
            .unwrap();
        let accepting = endpoint.clone();
        let mut answers = JoinSet::new();
        answers.spawn(async move {
            let connection = accepting.accept().await.unwrap().await.unwrap();
            while let Ok((mut send, mut recv)) = connection.accept_bi().await {
                recv.read_to_end(MIB).await.unwrap();
                // The reader has had enough long before the end.
                drop(send.write_all(&length.to_le_bytes()).await);
                drop(send.write_all(&content(2 * MIB, 99)).await);
                drop(send.finish());
            }
        });
        Self {
            endpoint,
            _answers: answers,
        }
    }

    pub(crate) fn id(&self) -> EndpointId {
        EndpointId::from_bytes(*self.endpoint.id().as_bytes())
    }

    pub(crate) fn port(&self) -> u16 {
        self.endpoint.bound_sockets().first().unwrap().port()
    }
}

/// The other side has closed the connection with the code for what is not allowed.
pub(crate) async fn is_refused(connection: &Connection) {
    let end = timeout(PATIENCE, connection.closed()).await.unwrap();
    assert!(
        matches!(&end, ConnectionError::ApplicationClosed(close) if close.error_code == iroh_blobs::protocol::ERR_PERMISSION),
        "{end:?}"
    );
}
