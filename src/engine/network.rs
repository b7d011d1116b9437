//! Which machines besides the peers may be contacted: as the program was started, narrowed by the person's setting, and changed
//! while it runs.

use std::time::Duration;

use crate::failure::Failure;
use crate::invitation::{InviteCode, applicant, invitee};
use crate::net::{CloseReason, LinkId, Net, NetConfig, NetworkMode};
use crate::store::Change;

use super::open::Open;
use super::redeeming::relay_of;
use super::timers::Timer;
use super::view::NetworkView;
use super::{Event, RedemptionId};

/// The setting that remembers the UDP port, so that codes and addresses stay good over a restart.
pub(super) const PORT: &str = "port";

/// The setting that says that this person wants no relays.
pub(super) const NETWORK: &str = "network";

/// How long a network that cannot be had is left alone before it is tried again.
const RETRY: Duration = Duration::from_secs(15);

/// Its value. Without one it is as the program was started.
const LOCAL: &str = "local";

/// What of the network is used at a start: the narrower of what the start asks for and what the person has set. A setting never
/// widens what `--offline` promises.
pub(super) fn narrower(asked: &NetworkMode, setting: Option<&str>) -> NetworkMode {
    match (asked, setting) {
        (NetworkMode::PublicRelays, Some(LOCAL)) => NetworkMode::LocalNetwork,
        (asked, _) => asked.clone(),
    }
}

impl Open {
    /// The relay that a code names and that this device does not use, because the network mode forbids it.
    pub(super) fn relay_left_out(&self, code: &InviteCode) -> Option<String> {
        let relay = relay_of(code)?;
        let used = self.net.as_ref().is_none_or(|net| net.may_use(&relay));
        relay.host().filter(|_| !used).map(str::to_owned)
    }

    /// Opens the endpoint of a start; without one the parties can be read and written all the same.
    pub(super) async fn start_network(&mut self) {
        match self.try_network(&self.network).await {
            Ok(net) => self.opened(net).await,
            Err(failure) => {
                self.retry_network_later();
                self.context.events.failed(None, failure).await;
            }
        }
        self.tell_network().await;
    }

    /// Tries again where there is no network. That there is none has been told.
    pub(super) async fn retry_network(&mut self) {
        if self.net.is_some() {
            return;
        }
        match self.try_network(&self.network).await {
            Ok(net) => {
                self.opened(net).await;
                self.go_on_in_network().await;
            }
            Err(_told) => self.retry_network_later(),
        }
    }

    fn retry_network_later(&mut self) {
        self.timers.set_once(self.now().plus(RETRY), Timer::OpenNetwork);
    }

    /// Remembers the port for the next start.
    async fn opened(&mut self, net: Net) {
        let port = net.port();
        self.net = Some(net);
        if self.port == Some(port) {
            return;
        }
        self.port = Some(port);
        let (key, value) = (PORT.to_owned(), port.to_string());
        if let Err(failure) = self.store(vec![Change::SetSetting { key, value }]).await {
            tracing::warn!(?failure, "the port was not remembered");
        }
    }

    /// Tells how this machine is connected.
    pub(super) async fn tell_network(&self) {
        let network = NetworkView {
            peers: self.peers.linked.len(),
            mode: self.network.clone(),
        };
        self.context.events.send(Event::NetworkChanged { network }).await;
    }

    /// Closes the endpoint, so that another one can be opened in its place. Every link is over then; what was on its way on
    /// them is asked for again.
    pub(super) async fn close_network(&mut self) {
        if let Some(net) = self.net.take() {
            net.shutdown().await;
        }
        // While there is no endpoint: a new one numbers its links from the start.
        let links: Vec<LinkId> = self.links.keys().copied().collect();
        for link in links {
            self.closed(link, CloseReason::Lost).await;
        }
    }

    /// Opens the endpoint in another mode, remembers the choice, and tries again what waits for a peer. Where the mode cannot be
    /// had, it is the one from before.
    pub(super) async fn open_network(&mut self, mode: NetworkMode) -> Result<(), Failure> {
        let opened = match self.try_network(&mode).await {
            Ok(net) => {
                self.network = mode;
                self.opened(net).await;
                self.remember_network().await;
                Ok(())
            }
            Err(failure) => {
                match self.try_network(&self.network).await {
                    Ok(net) => self.opened(net).await,
                    Err(_told) => self.retry_network_later(),
                }
                Err(failure)
            }
        };
        self.go_on_in_network().await;
        opened
    }

    async fn try_network(&self, mode: &NetworkMode) -> Result<Net, Failure> {
        let config = NetConfig {
            port: self.port,
            ..NetConfig::new(mode.clone())
        };
        let started = Net::start(
            config,
            &self.keys.endpoint,
            self.net_sender.clone(),
            self.files.server(),
        )
        .await;
        started.map_err(|error| {
            tracing::warn!(%error, "no network in this mode");
            Failure::NetworkUnavailable
        })
    }

    /// Only "no relays" outlives the program: anything wider is asked for by how it is started.
    async fn remember_network(&self) {
        let value = match self.network {
            NetworkMode::LocalNetwork => LOCAL,
            NetworkMode::PublicRelays | NetworkMode::OwnRelay { .. } | NetworkMode::Loopback => "",
        };
        let (key, value) = (NETWORK.to_owned(), value.to_owned());
        // If not, that is told, and it is used all the same.
        let change = Change::SetSetting { key, value };
        self.store_or_tell(vec![change]).await.unwrap_or_default();
    }

    /// Takes up again what a new endpoint makes possible.
    async fn go_on_in_network(&mut self) {
        self.tell_network().await;
        self.addresses_changed().await;
        self.announce_anew().await;
        self.update_advertising();
        self.go_on_with_mail();
        let away: Vec<_> = self.peers.dialling.keys().copied().collect();
        away.into_iter().for_each(|endpoint| self.dial(endpoint));
        let redemptions: Vec<RedemptionId> = self.redemptions.keys().copied().collect();
        for id in redemptions {
            self.publish_redemption(id).await;
            self.drive_invitee(id, invitee::Input::Retry).await;
        }
        let applications: Vec<RedemptionId> = self.applications.keys().copied().collect();
        for id in applications {
            self.publish_application(id).await;
            self.drive_applicant(id, applicant::Input::Retry).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
