//! Which way a device came: by the code, or by what is announced in the local network (PROTOCOL.md, "Nearby"). No IO.

use std::sync::Arc;

use rand::CryptoRng;

use crate::identity::EndpointId;
use crate::invitation::record::{Record, Status};
use crate::invitation::{ErrorCode, Evidence, InvitationId, Join, MAX_WRONG_NEARBY, Mode, Secret};
use crate::party::PartyTag;
use crate::time::Timestamp;

use super::SHOWN_NEARBY;
use super::desk::Desk;
use super::slot::{Slot, Vacancy};

/// How a device knows of the invitation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It has the code.
    Code,
    /// It has heard an announcement.
    Nearby,
}

impl Way {
    /// The way that a `Hello` names, if it names this invitation at all.
    pub(super) fn named(record: &Record, invitation: InvitationId) -> Option<Self> {
        [Self::Code, Self::Nearby]
            .into_iter()
            .find(|way| way.invitation(record) == invitation)
    }

    /// The name of the invitation in sessions of this way.
    pub(super) fn invitation(self, record: &Record) -> InvitationId {
        match self {
            Self::Code => record.id(),
            Self::Nearby => record.secret.handle().invitation_id(),
        }
    }

    /// What both ends know of the invitation before the PIN.
    pub(super) fn secret(self, record: &Record) -> Arc<Secret> {
        match self {
            Self::Code => Arc::clone(&record.secret),
            Self::Nearby => Arc::new(record.secret.handle().stand_in()),
        }
    }

    /// What both ends know of the party before the PIN.
    pub(super) const fn tag(self, tag: PartyTag) -> PartyTag {
        match self {
            Self::Code => tag,
            Self::Nearby => PartyTag::NONE,
        }
    }
}

/// How long the invitation is shown nearby, and what that has cost. In memory only: a program that starts shows nothing.
#[derive(Default)]
pub(super) struct Showing {
    /// Until when; none if it is not shown.
    pub(super) until: Option<Timestamp>,
    /// Wrong PINs of devices that came nearby, since it was last shown.
    wrong: u8,
}

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    /// The person shows the invitation nearby, or goes on doing so.
    pub(super) fn show_nearby(&mut self, slot: Slot) -> Slot {
        if self.record.status == Status::Open {
            let until = self.in_time(SHOWN_NEARBY);
            self.aside.showing = Showing {
                until: Some(until),
                wrong: 0,
            };
        }
        slot
    }

    /// The person has had enough of neighbours, or they have used up their tries. Whoever came that way is sent away, unless
    /// the PIN was right.
    pub(super) fn hide_nearby(&mut self, slot: Slot) -> Slot {
        self.aside.showing.until = None;
        let came_nearby = |way| way == Way::Nearby;
        let waiting = std::mem::take(&mut self.aside.queue);
        let (neighbours, others) = waiting.into_iter().partition(|waiting| came_nearby(waiting.way));
        self.aside.queue = others;
        for waiting in neighbours {
            self.refuse(waiting.session, ErrorCode::CancelledByInviter);
        }
        self.tell_places(0);
        if slot.unproven_way().is_some_and(came_nearby) {
            if let Some(session) = slot.session() {
                self.refuse(session, ErrorCode::CancelledByInviter);
            }
            return self.vacate(Vacancy::DeviceLeft);
        }
        slot
    }

    /// Whether a device may come this way now. One that is in already, or holds the slot, may always come back.
    pub(super) fn is_open(&self, way: Way, slot: &Slot, mode: Mode, endpoint: EndpointId) -> bool {
        way == Way::Code
            || self.aside.showing.until.is_some()
            || slot.holder() == Some(endpoint)
            || (mode == Mode::Resume && self.record.admission_of(endpoint).is_some())
    }

    /// A wrong PIN that came this way is written. Whether the tries of neighbours are used up.
    pub(super) fn count_nearby(&mut self, way: Way) -> bool {
        if way == Way::Code {
            return false;
        }
        self.aside.showing.wrong = self.aside.showing.wrong.saturating_add(1);
        self.aside.showing.wrong >= MAX_WRONG_NEARBY
    }

    /// What the log keeps of who came in. Nearby the invitee has no secret to sign with, so the inviter does it.
    pub(super) fn for_the_log(&self, way: Way, tag: PartyTag, mut join: Box<Join>) -> Box<Join> {
        if way == Way::Nearby {
            join.evidence = self.record.secret.sign_evidence(&evidence(tag, &join));
        }
        join
    }
}

/// What evidence for this `Join` says.
pub(super) fn evidence(party_tag: PartyTag, join: &Join) -> Evidence {
    Evidence {
        party_tag,
        identity: join.identity,
        device: join.device,
        endpoint: join.endpoint,
    }
}
