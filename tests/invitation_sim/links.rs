//! Links of the little world: they deliver in order and at once, or lose, double, swap and delay frames, and break.

use std::collections::BTreeSet;
use std::time::Duration;

use partyline::invitation::invitee::{self, Gone};
use partyline::invitation::inviter::{self, PartyFacts};
use partyline::invitation::{Closing, Exporter, SessionId};
use partyline::party::PartyTag;
use partyline::time::Timestamp;
use rand::Rng as _;

use crate::world::{Ending, Happening, PARTY_TAG, Side, World, contains};

/// The type byte of the frame that says that the PIN was right.
const CONFIRM_I: u8 = 0x07;

/// A link between the inviter and an invitee.
pub(crate) struct Link {
    pub(crate) invitee: usize,
    pub(crate) exporter: [u8; 32],
    /// The ends that still listen.
    pub(crate) listening: BTreeSet<Side>,
    pub(crate) hello_seen: bool,
    /// When the last frame arrives, for each direction: frames keep their order unless a fault swaps them.
    pub(crate) last: [Timestamp; 2],
}

impl Link {
    pub(crate) fn other(&self, side: Side) -> Side {
        match side {
            Side::Inviter => Side::Invitee(self.invitee),
            Side::Invitee(_) => Side::Inviter,
        }
    }
}

impl World {
    pub(crate) fn connect(&mut self, invitee: usize) {
        self.count += 1;
        let id = self.count;
        let mut exporter = [0; 32];
        self.rng.fill_bytes(&mut exporter);
        let link = Link {
            invitee,
            exporter,
            listening: BTreeSet::from([Side::Inviter, Side::Invitee(invitee)]),
            hello_seen: false,
            last: [self.now; 2],
        };
        self.links.insert(id, link);
        let later = self.millis(1..300);
        if self.inviter.machine.is_none() || self.chance(self.faults.unreachable) {
            let reason = Ending::Unreachable;
            self.plan(
                later,
                Happening::Ends {
                    link: id,
                    to: Side::Invitee(invitee),
                    reason,
                },
            );
        } else {
            self.plan(later, Happening::Opens { link: id });
        }
    }

    pub(crate) fn opened(&mut self, id: u64) {
        let Some(link) = self
            .links
            .get(&id)
            .filter(|link| link.listening.contains(&Side::Invitee(link.invitee)))
        else {
            return;
        };
        let (invitee, exporter) = (link.invitee, Exporter::from_bytes(link.exporter));
        self.tell_invitee(
            invitee,
            invitee::Input::Connected {
                session: SessionId(id),
                exporter,
            },
        );
    }

    /// Both ends lose it.
    pub(crate) fn cut(&mut self, id: u64) {
        let Some(link) = self.links.get(&id) else { return };
        let invitee = Side::Invitee(link.invitee);
        for to in [Side::Inviter, invitee] {
            let later = self.millis(0..2_000);
            self.plan(
                later,
                Happening::Ends {
                    link: id,
                    to,
                    reason: Ending::Lost,
                },
            );
        }
    }

    pub(crate) fn ended(&mut self, id: u64, to: Side, reason: Ending) {
        let Some(link) = self.links.get_mut(&id) else { return };
        if !link.listening.remove(&to) {
            return;
        }
        let session = SessionId(id);
        match to {
            Side::Inviter => self.tell_inviter(inviter::Input::Gone { session }),
            Side::Invitee(index) => {
                let reason = match reason {
                    Ending::Unreachable => Gone::Unreachable,
                    Ending::Lost => Gone::Lost,
                    Ending::Closed(code) => Gone::Closed(code),
                };
                self.tell_invitee(index, invitee::Input::Gone { session, reason });
            }
        }
    }

    pub(crate) fn send(&mut self, from: Side, id: u64, frame: Vec<u8>) {
        for pin in &self.inviter.pins {
            assert!(!contains(&frame, pin.as_bytes()), "a PIN travels");
        }
        let Some(link) = self.links.get_mut(&id) else { return };
        if !link.listening.contains(&from) {
            return;
        }
        let to = link.other(from);
        let confirms = from == Side::Inviter && frame.first() == Some(&CONFIRM_I);
        assert!(
            !confirms || self.invitees[link.invitee].knows_pin,
            "a wrong PIN was taken for right"
        );
        let direction = usize::from(from == Side::Inviter);
        let in_order = link.last[direction];
        let mut at = self.now.plus(self.millis(1..120));
        if self.chance(self.faults.delay) {
            at = at.plus(self.millis(0..25_000));
        }
        if !self.chance(self.faults.swap) {
            at = at.max(in_order);
        }
        if let Some(link) = self.links.get_mut(&id) {
            link.last[direction] = at.max(in_order);
        }
        if self.chance(self.faults.drop) {
            return;
        }
        if self.chance(self.faults.duplicate) {
            self.plan_at(
                at,
                Happening::Arrives {
                    link: id,
                    to,
                    frame: frame.clone(),
                },
            );
        }
        self.plan_at(at, Happening::Arrives { link: id, to, frame });
        if self.chance(self.faults.cut) {
            self.cut(id);
        }
    }

    pub(crate) fn arrive(&mut self, id: u64, to: Side, frame: Vec<u8>) {
        let Some(link) = self.links.get_mut(&id) else { return };
        if !link.listening.contains(&to) {
            return;
        }
        let session = SessionId(id);
        match to {
            Side::Invitee(index) => self.tell_invitee(index, invitee::Input::Frame { session, frame }),
            Side::Inviter if std::mem::replace(&mut link.hello_seen, true) => {
                self.tell_inviter(inviter::Input::Frame { session, frame });
            }
            Side::Inviter => {
                let exporter = Exporter::from_bytes(link.exporter);
                let endpoint = self.invitees[link.invitee].keys.certificate.endpoint;
                let facts = PartyFacts {
                    tag: PartyTag::from_bytes(PARTY_TAG),
                    name: "Book club".to_owned(),
                    inviter_name: "Alice".to_owned(),
                    members: 1,
                    inviter_endpoint: self.code.endpoint(),
                };
                self.tell_inviter(inviter::Input::Hello {
                    session,
                    endpoint,
                    exporter,
                    facts,
                    frame,
                });
            }
        }
    }

    pub(crate) fn close(&mut self, from: Side, id: u64, closing: Closing) {
        let Some(link) = self.links.get_mut(&id) else { return };
        link.listening.remove(&from);
        let to = link.other(from);
        // At once: frames under way are lost with some luck. Waiting: the peer reads them all.
        let after_frames = link.last[usize::from(from == Side::Inviter)];
        let at = if closing.wait_for_peer {
            after_frames.plus(Duration::from_secs(5))
        } else {
            self.now.plus(self.millis(1..120))
        };
        self.plan_at(
            at,
            Happening::Ends {
                link: id,
                to,
                reason: Ending::Closed(closing.code),
            },
        );
    }
}
