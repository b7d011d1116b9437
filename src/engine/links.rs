//! What each link is used for, and what of the network goes where.

use std::time::Duration;

use crate::failure::Failure;
use crate::identity::EndpointId;
use crate::invitation::{Closing, ErrorCode, Exporter, InvitationId, Message, SessionId, admitter, inviter};
use crate::net::{CloseReason, LinkId, NetEvent, Origin, Protocol};
use crate::time::Timestamp;

use super::RedemptionId;
use super::open::Open;
use super::peers::Dialled;
use super::timers::Timer;

/// When a device that does not hold a known code is answered, counted from its question: the same for every reason, so that
/// the time tells nothing (PROTOCOL.md, "Error codes").
const REFUSAL_DELAY: Duration = Duration::from_millis(50);

/// What a link is used for.
#[derive(Debug)]
pub(super) enum Link {
    /// A device opened it and has not yet said which invitation it holds.
    Arriving {
        /// Who.
        endpoint: EndpointId,
        /// From where.
        origin: Origin,
    },
    /// A device without a known code: answered when [`REFUSAL_DELAY`] is over.
    Refused {
        /// Whether it is told why, or to slow down.
        code: ErrorCode,
    },
    /// A session of an invitation of ours.
    Inviting {
        /// Which.
        invitation: InvitationId,
        /// From where, for the count of refusals.
        origin: Origin,
        /// When its first frame came.
        since: Timestamp,
    },
    /// A session of a delegated invitation, whoever made it.
    Admitting {
        /// From where, for the count of refusals.
        origin: Origin,
        /// When its first frame came.
        since: Timestamp,
    },
    /// Our own redemption.
    Redeeming(RedemptionId),
    /// Our own redemption of a delegated invitation, at this device.
    Applying(RedemptionId, EndpointId),
    /// Replication with a member's device, or what hopes to become that.
    Syncing(EndpointId),
}

impl Open {
    /// Takes one network event.
    pub(super) async fn net_event(&mut self, event: NetEvent) {
        match event {
            NetEvent::Opened {
                link,
                protocol: Protocol::Invite,
                endpoint,
                incoming: true,
                origin,
            } => {
                self.links.insert(link, Link::Arriving { endpoint, origin });
            }
            NetEvent::Opened {
                link,
                protocol: Protocol::Invite,
                incoming: false,
                ..
            } => match self.links.get(&link) {
                Some(&Link::Applying(redemption, endpoint)) => {
                    self.application_connected(redemption, link, endpoint).await;
                }
                _ => self.redemption_connected(link).await,
            },
            NetEvent::Opened {
                link,
                protocol: Protocol::Sync,
                endpoint,
                incoming,
                ..
            } => {
                let dialled = if incoming { Dialled::ByPeer } else { Dialled::ByUs };
                self.sync_opened(link, endpoint, dialled).await;
            }
            NetEvent::Frame { link, frame } => self.frame(link, frame).await,
            NetEvent::Closed { link, reason } => self.closed(link, reason).await,
            NetEvent::Drained { link } => {
                if let Some(&Link::Syncing(endpoint)) = self.links.get(&link) {
                    self.drained(link, endpoint);
                }
            }
            NetEvent::AddressesChanged => {
                self.addresses_changed().await;
                self.update_announcement();
            }
            NetEvent::NearbyHeard { sightings } => self.nearby_heard(sightings).await,
            NetEvent::Panicked => {
                self.context.events.failed(None, Failure::Internal).await;
            }
        }
    }

    async fn frame(&mut self, link: LinkId, frame: Vec<u8>) {
        match self.links.get(&link) {
            Some(&Link::Arriving { endpoint, origin }) => self.hello(link, endpoint, origin, frame).await,
            Some(&Link::Inviting { invitation, .. }) => {
                let input = inviter::Input::Frame {
                    session: SessionId(link.0),
                    frame,
                };
                self.drive_inviter(invitation, input).await;
            }
            Some(Link::Admitting { .. }) => self.drive_admitter(link, admitter::Input::Frame(frame)).await,
            Some(&Link::Redeeming(redemption)) => self.redemption_frame(redemption, link, frame).await,
            Some(&Link::Applying(redemption, _)) => self.application_frame(redemption, link, frame).await,
            Some(&Link::Syncing(endpoint)) => self.sync_frame(link, endpoint, frame).await,
            Some(Link::Refused { .. }) | None => {}
        }
    }

    /// A link is over.
    pub(super) async fn closed(&mut self, link: LinkId, reason: CloseReason) {
        match self.links.remove(&link) {
            Some(Link::Inviting { invitation, .. }) => {
                self.drive_inviter(
                    invitation,
                    inviter::Input::Gone {
                        session: SessionId(link.0),
                    },
                )
                .await;
            }
            Some(Link::Admitting { .. }) => self.drive_admitter(link, admitter::Input::Gone).await,
            Some(Link::Redeeming(redemption)) => self.redemption_gone(redemption, link, reason).await,
            Some(Link::Applying(redemption, endpoint)) => {
                self.application_gone(redemption, (link, endpoint), reason).await;
            }
            Some(Link::Syncing(endpoint)) => self.sync_gone(link, endpoint, reason).await,
            Some(Link::Arriving { .. } | Link::Refused { .. }) | None => {}
        }
    }

    /// The first frame of a device that comes with a code: which invitation, and is it one of ours?
    async fn hello(&mut self, link: LinkId, endpoint: EndpointId, origin: Origin, frame: Vec<u8>) {
        let now = self.context.now();
        if self.refusals.is_exhausted(origin, now) {
            return self.refuse_later(link, ErrorCode::RateLimited);
        }
        let Ok(Message::Hello { invitation: named, .. }) = Message::decode(&frame) else {
            return self.close(link, Closing::at_once(ErrorCode::BadMessage));
        };
        // This device's own comes first: a member who has its code cannot make it another kind.
        let own = self.invitation_named(named);
        let delegating = own.is_none().then(|| self.delegating_party(named)).flatten();
        let known = own.or(delegating.map(|_| named));
        let exporter = self.net.as_ref().and_then(|net| net.exporter(link, named.as_bytes()));
        let (Some(invitation), Some(exporter)) = (known, exporter) else {
            self.refusals.count(origin, now);
            return self.refuse_later(link, ErrorCode::UnknownInvitation);
        };
        let exporter = Exporter::from_bytes(exporter);
        if let Some(party) = delegating {
            return self
                .applicant_arrived(link, (party, invitation), (endpoint, origin), exporter, frame)
                .await;
        }
        self.links.insert(
            link,
            Link::Inviting {
                invitation,
                origin,
                since: now,
            },
        );
        self.invitee_arrived(link, invitation, endpoint, exporter, frame).await;
    }

    /// Refuses a device when the time has come that every refusal takes.
    pub(super) fn refuse_later(&mut self, link: LinkId, code: ErrorCode) {
        self.refuse_at(link, code, self.context.now().plus(REFUSAL_DELAY));
    }

    /// Somebody knows the id of an invitation and not its secret: counted and answered like somebody who knows nothing.
    pub(super) fn refuse_bad_proof(&mut self, link: LinkId) {
        if let Some(&(Link::Inviting { origin, since, .. } | Link::Admitting { origin, since })) = self.links.get(&link)
        {
            self.refusals.count(origin, self.context.now());
            self.refuse_at(link, ErrorCode::UnknownInvitation, since.plus(REFUSAL_DELAY));
        }
    }

    fn refuse_at(&mut self, link: LinkId, code: ErrorCode, at: Timestamp) {
        self.links.insert(link, Link::Refused { code });
        self.timers.set(at, Timer::Refuse(link));
    }

    /// The time has come.
    pub(super) fn refuse_now(&self, link: LinkId) {
        if let Some(Link::Refused { code }) = self.links.get(&link) {
            let code = *code;
            let error = Message::Error {
                code,
                retry_after_s: 0,
                text: String::new(),
            };
            self.send_frame(link, error.encode());
            self.close(link, Closing::after_last_word(code));
        }
    }

    /// Queues a frame. A peer that does not read what it was sent loses its link.
    pub(super) fn send_frame(&self, link: LinkId, frame: Vec<u8>) {
        if let Some(net) = &self.net
            && let Err(error) = net.send(link, frame)
        {
            tracing::debug!(%error, "a frame was not sent");
            net.close(link, ErrorCode::Internal.close_code(), false);
        }
    }

    /// Ends a link after everything sent so far has arrived.
    pub(super) fn close(&self, link: LinkId, closing: Closing) {
        if let Some(net) = &self.net {
            net.close(link, closing.code, closing.wait_for_peer);
        }
    }

    /// Ends every link of one use, such as all of one redemption.
    pub(super) fn close_links(&mut self, is_of_use: impl Fn(&Link) -> bool, closing: Closing) {
        let ended = self.links.extract_if(.., |_, link| is_of_use(link));
        let ended: Vec<LinkId> = ended.map(|(link, _)| link).collect();
        for link in ended {
            self.close(link, closing);
        }
    }
}
