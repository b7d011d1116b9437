//! Which machines besides the peers may be contacted: as the program was started, narrowed by the person's setting, and changed
//! while it runs.

mod change;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::failure::Failure;
use crate::invitation::{InviteCode, applicant, invitee};
use crate::net::{CloseReason, LinkId, NetEvent, NetworkMode};
use crate::store;

use super::open::Open;
use super::redeeming::relay_of;
use super::timers::Timer;
use super::view::NetworkView;
use super::{Command, Event, RedemptionId, RequestId};
use change::{Online, Opener, Settled};

pub(super) use change::{Change, Step};

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

/// What is heard without an endpoint.
pub(super) fn silence() -> mpsc::Receiver<NetEvent> {
    mpsc::channel(1).1
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
        match Box::pin(self.opener().open(&self.network)).await {
            Ok(online) => self.opened(online).await,
            Err(failure) => {
                self.retry_network_later();
                self.context.events.failed(None, failure).await;
            }
        }
        self.tell_network().await;
    }

    /// Goes over to another mode. Answered when there is an endpoint again; of several that are asked for meanwhile the last one
    /// counts.
    pub(super) async fn set_network(&mut self, request: RequestId, mode: NetworkMode) {
        // Nothing else finds memory ahead of the disk.
        self.flush().await.unwrap_or_default();
        self.change.want(request, mode);
        if !self.change.is_under_way() {
            self.leave_network().await;
        }
        self.tell_network().await;
    }

    /// Takes the next step of a change. The commands that need not wait for it any longer.
    pub(super) async fn network_step(&mut self, step: Step) -> Vec<(RequestId, Command)> {
        match step {
            Step::Closed => self.open_network(),
            // Something else has been asked for meanwhile.
            Step::Opened(mode, Ok(online)) if mode != *self.network_to_be() => self.change.close(online.net),
            Step::Opened(mode, Ok(online)) => {
                self.network = mode;
                self.opened(*online).await;
                if self.change.wanted().is_some() {
                    self.remember_network().await;
                }
                self.settle_network().await;
            }
            Step::Opened(mode, Err(failure)) => {
                if self.change.refuse(&mode, &failure) || self.change.wanted().is_some() {
                    self.open_network();
                } else {
                    self.retry_network_later();
                    self.settle_network().await;
                }
            }
            Step::Lost => {
                let mode = self.network_to_be().clone();
                self.change.refuse(&mode, &Failure::Internal);
                self.retry_network_later();
                self.settle_network().await;
            }
        }
        if self.change.is_under_way() {
            return Vec::new();
        }
        self.change.take_put_off()
    }

    /// Whether a command waits until there is an endpoint again: it speaks of where this device is, or reaches out from there.
    pub(super) fn puts_off(&self, command: &Command) -> bool {
        let needs_network = matches!(
            command,
            Command::CreateInvitation { .. }
                | Command::InviteByMail { .. }
                | Command::AddDevice
                | Command::Redeem { .. }
                | Command::RetryRedemption { .. }
                | Command::RedeemNearby { .. }
                | Command::ShowNearby { .. }
                | Command::HideNearby { .. }
                | Command::ListenNearby
                | Command::StopListening
                | Command::ExplainConnection { .. }
        );
        needs_network && self.change.is_under_way()
    }

    /// Carries a command out, and answers it, when there is an endpoint again.
    pub(super) fn put_off(&mut self, request: RequestId, command: Command) {
        self.change.put_off(request, command);
    }

    /// Tries again where there is no network. That there is none has been told.
    pub(super) fn retry_network(&mut self) {
        if self.net.is_none() && !self.change.is_under_way() {
            self.open_network();
        }
    }

    fn retry_network_later(&mut self) {
        self.timers.set_once(self.now().plus(RETRY), Timer::OpenNetwork);
    }

    /// Tells how this machine is connected.
    pub(super) async fn tell_network(&self) {
        let network = NetworkView {
            peers: self.peers.linked.len(),
            mode: self.network.clone(),
            next: self.change.wanted().cloned(),
        };
        self.context.events.send(Event::NetworkChanged { network }).await;
    }

    /// What of the network is used once a change that is under way is over. What nobody has clicked for goes by this.
    pub(super) fn network_to_be(&self) -> &NetworkMode {
        self.change.wanted().unwrap_or(&self.network)
    }

    /// Closes the endpoint, so that another one can be opened in its place. Every link is over then; what was on its way on
    /// them is asked for again.
    async fn leave_network(&mut self) {
        self.net_events = silence();
        match self.net.take() {
            Some(net) => self.change.close(net),
            None => self.open_network(),
        }
        let links: Vec<LinkId> = self.links.keys().copied().collect();
        for link in links {
            self.closed(link, CloseReason::Lost).await;
        }
    }

    fn open_network(&mut self) {
        let (opener, mode) = (self.opener(), self.network_to_be().clone());
        self.change.open(opener, mode);
    }

    fn opener(&self) -> Opener {
        Opener {
            keys: Arc::clone(&self.keys),
            port: self.port,
            files: self.files.server(),
        }
    }

    /// There is an endpoint. Its port is remembered for the next start.
    async fn opened(&mut self, online: Online) {
        let port = online.net.port();
        self.net = Some(online.net);
        self.net_events = online.events;
        if self.port == Some(port) {
            return;
        }
        self.port = Some(port);
        let (key, value) = (PORT.to_owned(), port.to_string());
        if let Err(failure) = self.store(vec![store::Change::SetSetting { key, value }]).await {
            tracing::warn!(?failure, "the port was not remembered");
        }
    }

    /// A change is over: goes on with what it held up, and answers whoever asked for it.
    async fn settle_network(&mut self) {
        let Settled { done, refused } = self.change.settle();
        if self.net.is_some() || !refused.is_empty() {
            self.go_on_in_network().await;
        }
        for request in done {
            self.context.events.send(Event::Done { request }).await;
        }
        for (request, failure) in refused {
            self.context.events.failed(Some(request), failure).await;
        }
    }

    /// Only "no relays" outlives the program: anything wider is asked for by how it is started.
    async fn remember_network(&self) {
        let value = match self.network {
            NetworkMode::LocalNetwork => LOCAL,
            NetworkMode::PublicRelays | NetworkMode::OwnRelay { .. } | NetworkMode::Loopback => "",
        };
        let (key, value) = (NETWORK.to_owned(), value.to_owned());
        // If not, that is told, and it is used all the same.
        let change = store::Change::SetSetting { key, value };
        self.store_or_tell(vec![change]).await.unwrap_or_default();
    }

    /// Takes up again what a new endpoint makes possible.
    async fn go_on_in_network(&mut self) {
        self.tell_network().await;
        self.addresses_changed().await;
        self.announce_anew().await;
        self.update_advertising();
        self.go_on_with_mail();
        self.dial_all_again();
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
