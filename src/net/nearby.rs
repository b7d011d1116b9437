//! Invitations that are shown in the local network, and those that others show there (PROTOCOL.md, "Nearby"): multicast DNS
//! under a service name of its own, apart from what finds the addresses of known peers.
//!
//! Both run only while somebody asks for them. Everybody in the network hears an announcement, and anybody can make one: what
//! is heard is bounded here and believed nowhere.

use std::net::{Ipv4Addr, SocketAddr};

use swarm_discovery::{Discoverer, DropGuard, IpClass, Peer};
use tokio::runtime::Handle as Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::config::NetworkMode;
use super::event::NetEvent;
use super::{Net, NetError};
use crate::identity::EndpointId;
use crate::invitation::nearby::Sightings;
use crate::invitation::{Handle, NearbyInvitation};

/// `_partyline-near._udp.local`.
const SERVICE: &str = "partyline-near";
/// The attribute that names the endpoint.
const ENDPOINT: &str = "e";
/// What who only listens calls itself. It announces nothing, so nobody hears it.
const LISTENER: &str = "listener";

/// What goes on nearby.
#[derive(Default)]
pub(super) struct Nearby {
    announcer: Option<DropGuard>,
    listener: JoinSet<()>,
}

impl std::fmt::Debug for Nearby {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nearby")
            .field("announces", &self.announcer.is_some())
            .field("listens", &!self.listener.is_empty())
            .finish()
    }
}

impl Net {
    /// Announces an invitation in the local network in place of the one before, or none any more. Must be called inside the
    /// runtime. Everybody there learns this endpoint's id, port and local addresses.
    ///
    /// # Errors
    /// [`NetError::NoMulticast`] in a mode that does not use the local network, without an address, or if there is no socket for it.
    pub fn announce_nearby(&mut self, invitation: Option<&NearbyInvitation>) -> Result<(), NetError> {
        self.nearby.announcer = None;
        let Some(invitation) = invitation else {
            return Ok(());
        };
        if invitation.addresses.is_empty() {
            return Err(NetError::NoMulticast);
        }
        let homeless = discoverer(&self.mode, invitation.instance())?;
        let at = |known: Discoverer, address: &SocketAddr| known.with_addrs(address.port(), [address.ip()]);
        let discoverer = invitation
            .addresses
            .iter()
            .fold(homeless, at)
            .with_txt_attributes([(ENDPOINT.to_owned(), Some(invitation.attribute()))])
            .map_err(|_too_long| NetError::NoMulticast)?;
        self.nearby.announcer = Some(spawn(discoverer)?);
        Ok(())
    }

    /// Listens for invitations that others show in the local network, or does not any more; [`NetEvent::NearbyHeard`] tells
    /// all that are heard whenever they change. Must be called inside the runtime.
    ///
    /// # Errors
    /// [`NetError::NoMulticast`] as for [`Self::announce_nearby`].
    #[expect(clippy::fn_params_excessive_bools, reason = "a switch")]
    pub fn listen_nearby(&mut self, on: bool) -> Result<(), NetError> {
        self.nearby.listener = JoinSet::new();
        if !on {
            return Ok(());
        }
        let (sender, heard) = watch::channel(Sightings::default());
        let own = self.id;
        let discoverer = discoverer(&self.mode, LISTENER.to_owned())?.with_callback(move |instance, peer| {
            let _told = sender.send_if_modified(|known| note(known, own, instance, peer));
        });
        let guard = spawn(discoverer)?;
        self.nearby.listener.spawn(tell(guard, heard, self.events.clone()));
        Ok(())
    }
}

/// Tells what is heard, until it is too much.
async fn tell(guard: DropGuard, mut heard: watch::Receiver<Sightings>, events: mpsc::Sender<NetEvent>) {
    while heard.changed().await.is_ok() {
        let sightings = heard.borrow_and_update().clone();
        let flooded = sightings.is_flooded();
        if events.send(NetEvent::NearbyHeard { sightings }).await.is_err() {
            break;
        }
        if flooded {
            // The transport would remember every one of them.
            tracing::warn!("somebody floods the local network with invitations");
            break;
        }
    }
    drop(guard);
}

/// Takes one announcement. Whether anything is different now.
fn note(known: &mut Sightings, own: EndpointId, instance: &str, peer: &Peer) -> bool {
    if peer.is_expiry() {
        return Handle::read(instance).is_some_and(|handle| known.lost(handle));
    }
    let addresses = peer.addrs().iter().copied().map(Into::into);
    peer.txt_attribute(ENDPOINT)
        .flatten()
        .and_then(|endpoint| NearbyInvitation::read(instance, endpoint, addresses))
        .filter(|heard| heard.endpoint != own)
        .is_some_and(|heard| known.heard(heard))
}

fn discoverer(mode: &NetworkMode, name: String) -> Result<Discoverer, NetError> {
    let discoverer = Discoverer::new_interactive(SERVICE.to_owned(), name);
    match mode {
        NetworkMode::PublicRelays | NetworkMode::LocalNetwork => Ok(discoverer.with_ip_class(IpClass::Auto)),
        // On this machine's own interface only.
        NetworkMode::Loopback => Ok(discoverer
            .with_ip_class(IpClass::V4Only)
            .with_multicast_interfaces_v4(vec![Ipv4Addr::LOCALHOST])),
        NetworkMode::OwnRelay { .. } => Err(NetError::NoMulticast),
    }
}

fn spawn(discoverer: Discoverer) -> Result<DropGuard, NetError> {
    discoverer.spawn(&Runtime::current()).map_err(|error| {
        tracing::warn!(%error, "nothing can be shown or heard nearby");
        NetError::NoMulticast
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_of_ones_own_means_that_nothing_is_said_or_heard_nearby() {
        let own = NetworkMode::OwnRelay {
            url: "https://relay.example".to_owned(),
            token: None,
        };
        assert_eq!(discoverer(&own, "00".to_owned()).err(), Some(NetError::NoMulticast));
        for mode in [
            NetworkMode::PublicRelays,
            NetworkMode::LocalNetwork,
            NetworkMode::Loopback,
        ] {
            assert!(discoverer(&mode, "00".to_owned()).is_ok());
        }
    }
}
