//! Hands contents to members' devices.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iroh::endpoint::{Connection, VarInt};
use iroh_blobs::protocol::{ERR_LIMIT, ERR_PERMISSION, GetRequest, Request};
use iroh_blobs::provider::events::EventSender;
use iroh_blobs::provider::{StreamPair, handle_get};
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Access, Blobs};
use crate::identity::EndpointId;
use crate::party::ContentHash;

/// Connections that one device may have served at a time.
const CONNECTIONS: usize = 4;

/// Closes a connection without a complaint.
const CLEAN: VarInt = VarInt::from_u32(0);

/// How long a device may take from one answer to its next whole request.
const NEXT_REQUEST: Duration = Duration::from_secs(10);

impl Blobs {
    /// Answers the requests on an incoming connection, one after the other, until it is over or not allowed any more.
    ///
    /// Access is looked up for each request, and watched while it is answered: who loses a content, or is no member any more,
    /// is cut off in the middle. What is refused ends the connection: anything but a request for a single file that it may
    /// have, and a fifth connection of one device.
    pub async fn serve(&self, connection: Connection, access: watch::Receiver<Access>) {
        let endpoint = EndpointId::from_bytes(*connection.remote_id().as_bytes());
        let Some(_guest) = self.guests.welcome(endpoint) else {
            return connection.close(ERR_LIMIT, b"");
        };
        let answers = async { while self.answer(&connection, endpoint, &access).await {} };
        tokio::select! {
            () = answers => connection.close(CLEAN, b""),
            () = cut_off(&connection, &access, |access| access.knows(endpoint)) => {}
        }
    }

    /// Answers the next request. Whether the connection is still of use.
    async fn answer(&self, connection: &Connection, endpoint: EndpointId, access: &watch::Receiver<Access>) -> bool {
        let next = async {
            let mut stream = StreamPair::accept(connection, EventSender::DEFAULT).await.ok()?;
            // At most 1 MiB of it is read.
            let request = stream.read_request().await.ok();
            Some((stream, request))
        };
        let Ok(Some((stream, request))) = timeout(NEXT_REQUEST, next).await else {
            return false;
        };
        let Some(request) = request.and_then(single_file) else {
            connection.close(ERR_PERMISSION, b"");
            return false;
        };
        let Ok(store) = self.shelf.on(async |store| Ok(store)).await else {
            return false;
        };
        let hash = ContentHash(*request.hash.as_bytes());
        tokio::select! {
            biased;
            () = cut_off(connection, access, |access| access.allows(endpoint, hash)) => false,
            answered = handle_get(stream, store, request) => {
                if let Err(error) = answered {
                    // The stream has told the other side; if the store broke, it is seen to.
                    tracing::debug!("a file was not sent: {error:#}");
                    self.shelf.check().await;
                }
                true
            }
        }
    }
}

/// Waits until something is not allowed, or not any more, and closes the connection: before the stream is dropped, which
/// would look like an orderly end.
async fn cut_off(connection: &Connection, access: &watch::Receiver<Access>, allowed: impl Fn(&Access) -> bool) {
    // An error means that the engine is gone, which allows nothing.
    drop(access.clone().wait_for(|access| !allowed(access)).await);
    connection.close(ERR_PERMISSION, b"");
}

/// A request for one file or ranges of it, which is all that is answered: what a collection names has no hash that access
/// could be given to, and nobody may put anything here or ask what there is.
fn single_file(request: Request) -> Option<GetRequest> {
    match request {
        Request::Get(request) if request.ranges.is_blob() => Some(request),
        _ => None,
    }
}

/// The devices that are being served.
#[derive(Debug, Default)]
pub(super) struct Guests {
    connections: Mutex<BTreeMap<EndpointId, usize>>,
}

impl Guests {
    /// Lets one more connection of a device in, until what is returned is dropped; or not.
    fn welcome(self: &Arc<Self>, endpoint: EndpointId) -> Option<Guest> {
        let mut connections = self.connections();
        let count = connections.entry(endpoint).or_default();
        if *count >= CONNECTIONS {
            return None;
        }
        *count += 1;
        Some(Guest {
            guests: Arc::clone(self),
            endpoint,
        })
    }

    fn connections(&self) -> MutexGuard<'_, BTreeMap<EndpointId, usize>> {
        // Nothing in here can panic half way, so a poisoned map is whole.
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection that is being served.
#[derive(Debug)]
struct Guest {
    guests: Arc<Guests>,
    endpoint: EndpointId,
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut connections = self.guests.connections();
        if let Some(count) = connections.get_mut(&self.endpoint) {
            *count -= 1;
            if *count == 0 {
                connections.remove(&self.endpoint);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_device_has_four_connections_and_does_not_keep_others_out() {
        let guests = Arc::new(Guests::default());
        let [mallory, bob] = [1, 2].map(|byte| EndpointId::from_bytes([byte; 32]));
        let mut let_in: Vec<_> = std::iter::from_fn(|| guests.welcome(mallory)).collect();
        assert_eq!(let_in.len(), CONNECTIONS);
        assert!(guests.welcome(bob).is_some());
        let_in.pop();
        assert!(guests.welcome(mallory).is_some());
        drop(let_in);
        assert!(guests.connections().is_empty());
    }
}
