//! Why two devices do not find each other: what is remembered of a redemption's links, and what is told of it.

use std::sync::Arc;

use crate::failure::Failure;
use crate::invitation::{CodeKind, Hint, InviteCode, Message};
use crate::net::{CloseReason, LinkId, Relay};
use crate::time::Timestamp;

use super::open::Open;
use super::redeeming::relay_of;
use super::view::{ConnectionView, HereView, ReachedView, ThereView, TriedView};
use super::{Event, RedemptionId, RequestId};

/// What is remembered of the links of one redemption: the last of each, however many there were.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    /// The link that is open.
    open: Option<LinkId>,
    /// How the last one ended.
    ended: Option<CloseReason>,
    /// Whether the other device has answered once.
    met: Met,
    /// By how many seconds the other clock is ahead.
    clock_ahead: Option<i64>,
    /// The version of the protocol that the other app has chosen.
    version: Option<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Met {
    #[default]
    Never,
    Once,
}

impl Trail {
    pub(super) const fn opened(&mut self, link: LinkId) {
        self.open = Some(link);
        self.met = Met::Once;
    }

    /// A link is over; of several at once another one may be open.
    pub(super) fn closed(&mut self, link: LinkId, reason: CloseReason) {
        self.open = self.open.filter(|open| *open != link);
        self.ended = Some(reason);
    }

    /// The first frame of an inviter says which version it speaks, and how long the code is still good: with its end in the code,
    /// that is the other clock.
    pub(super) fn heard(&mut self, frame: &[u8], code: &InviteCode, now: Timestamp) {
        if self.version.is_some() {
            return;
        }
        let Ok(Message::HelloAck {
            seconds_left, version, ..
        }) = Message::decode(frame)
        else {
            return;
        };
        self.version = Some(version);
        if let Some(end) = code.expires() {
            let there = end.as_secs().saturating_sub(u64::from(seconds_left));
            let seconds = |moment: u64| i64::try_from(moment).unwrap_or(i64::MAX);
            self.clock_ahead = Some(seconds(there) - seconds(now.as_secs()));
        }
    }
}

impl Open {
    /// Tells what is known about the connection of a redemption, or of this device alone.
    pub(super) fn explain_connection(
        &self,
        request: RequestId,
        redemption: Option<RedemptionId>,
    ) -> Result<Event, Failure> {
        let there = match redemption {
            Some(id) => Some(self.there(id).ok_or(Failure::RedemptionUnknown)?),
            None => None,
        };
        let here = self.here();
        let connection = Arc::new(ConnectionView { here, there });
        Ok(Event::ConnectionExplained { request, connection })
    }

    fn here(&self) -> HereView {
        let Some(net) = &self.net else {
            return HereView {
                mode: self.network.clone(),
                ..HereView::default()
            };
        };
        let reach = net.reach();
        HereView {
            port: Some(net.port()),
            addresses: reach.addresses,
            relay: reach.relay.as_ref().and_then(Relay::host).map(str::to_owned),
            mode: self.network.clone(),
        }
    }

    fn there(&self, id: RedemptionId) -> Option<ThereView> {
        let (code, trail) = match (self.redemptions.get(&id), self.applications.get(&id)) {
            (Some(redemption), _) => (redemption.code(), redemption.trail()),
            (None, application) => application.map(|application| (application.code(), application.trail()))?,
        };
        let tried = |used| if used { TriedView::Tried } else { TriedView::LeftOut };
        let addresses = code.admitters().into_iter().flat_map(|(_, hints)| {
            let usable = match code.kind() {
                CodeKind::Nearby => self.ways_to(code),
                _ => self.usable_hints(&hints),
            };
            hints.into_iter().filter_map(move |hint| match hint {
                Hint::Address(address) => Some((address, tried(usable.contains(&address)))),
                _ => None,
            })
        });
        let relay = relay_of(code).and_then(|relay| {
            let used = self.net.as_ref().is_some_and(|net| net.may_use(&relay));
            Some((relay.host()?.to_owned(), tried(used)))
        });
        let way = trail.open.and_then(|link| self.net.as_ref()?.way(link));
        let reached = match (way, trail.met, trail.ended) {
            (Some(way), _, _) => ReachedView::Now(way),
            (None, _, None) => ReachedView::NotYet,
            (None, Met::Once, Some(reason)) => ReachedView::Before(reason),
            (None, Met::Never, Some(reason)) => ReachedView::Never(reason),
        };
        Some(ThereView {
            reached,
            addresses: addresses.collect(),
            relay,
            clock_ahead: trail.clock_ahead,
            version: trail.version,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::EndpointId;
    use crate::invitation::{Flags, Method, Secret};
    use crate::party::PartyTag;

    #[test]
    fn the_other_clock_is_what_its_first_frame_says() {
        let end = Timestamp::from_millis(1_800_000_000_000);
        let (tag, endpoint) = (PartyTag::from_bytes([2; 16]), EndpointId::from_bytes([3; 32]));
        let secret = Secret::from_bytes([1; 16]);
        let code = InviteCode::new(
            CodeKind::Interactive,
            Flags::PIN,
            secret,
            tag,
            endpoint,
            Some(end),
            Vec::new(),
        )
        .expect("a code");
        let hello = Message::HelloAck {
            version: 1,
            method: Method::Pin,
            party_tag: tag,
            nonce: [0; 32],
            seconds_left: 3600,
        };
        // By our clock the code has half an hour left, by theirs an hour: theirs is behind.
        let now = Timestamp::from_millis(end.as_millis() - 1_800_000);
        let mut trail = Trail::default();
        trail.heard(b"no frame", &code, now);
        assert_eq!(trail.clock_ahead, None);
        trail.heard(&hello.encode(), &code, now);
        assert_eq!((trail.clock_ahead, trail.version), (Some(-1800), Some(1)));
    }
}
