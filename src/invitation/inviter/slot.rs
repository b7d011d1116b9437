//! The slot: which device holds the invitation right now, and how far it is. Each variant carries exactly what is valid in it.
//! No IO.

use std::sync::Arc;

use crate::identity::EndpointId;
use crate::invitation::record::Record;
use crate::invitation::session::SessionId;
use crate::invitation::{
    Binding, Exporter, InvitationStage, InviterRun, MAX_WRONG_PER_PIN, MAX_WRONG_PINS, Pin, PinVoid,
};
use crate::time::Timestamp;

use super::way::Way;
use super::{Candidate, PartyFacts, SESSION_LIFE};

/// One device's turn.
pub(super) enum Slot {
    /// Nobody's. Also after the invitation's end.
    Free(Vacancy),
    /// The holder's link is lost; the slot is kept for its endpoint.
    ExpectReturn(ExpectReturn),
    /// A PIN is shown; the peer's person is typing.
    ExpectShare(ExpectShare),
    /// The PIN is void; our person decides on a new one.
    AwaitNewPin(AwaitNewPin),
    /// A run of the PIN proof is open; the peer has to prove first.
    ExpectProof(ExpectProof),
    /// The PIN was right; the peer says who it is.
    ExpectJoin(ExpectJoin),
    /// The engine is writing the admission: nothing stops it any more.
    AwaitAdmission(AwaitAdmission),
}

/// Why the slot is free.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Vacancy {
    /// Nobody has come yet, or whoever came last was admitted.
    Fresh,
    /// A device has come and gone.
    DeviceLeft,
}

/// What the holder finds when it comes back.
pub(super) enum Held {
    /// Its PIN.
    Shown(ShownPin),
    /// A void PIN.
    Void(PinVoid),
    /// Its PIN was right and is wiped: a new one.
    Spent,
}

pub(super) struct ExpectReturn {
    pub(super) endpoint: EndpointId,
    pub(super) way: Way,
    pub(super) held: Held,
    pub(super) new_pins: u8,
    pub(super) until: Timestamp,
}

pub(super) struct ExpectShare {
    pub(super) link: Link,
    pub(super) pin: ShownPin,
    /// The `PinReady` frame as sent on this link.
    pub(super) ready: Vec<u8>,
}

pub(super) struct AwaitNewPin {
    pub(super) link: Link,
    pub(super) reason: PinVoid,
}

pub(super) struct ExpectProof {
    pub(super) link: Link,
    pub(super) pin: ShownPin,
    pub(super) ready: Vec<u8>,
    pub(super) run: InviterRun,
    pub(super) until: Timestamp,
}

pub(super) struct ExpectJoin {
    pub(super) link: Link,
    pub(super) commitment: [u8; 32],
    pub(super) until: Timestamp,
}

pub(super) struct AwaitAdmission {
    /// The link for which the engine was asked.
    pub(super) session: SessionId,
    /// Whether that link is still there.
    pub(super) peer: Peer,
    pub(super) candidate: Candidate,
}

/// The other end of a link while the engine is busy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    Here,
    Left,
}

/// A PIN that is shown. Its generation is the record's.
pub(super) struct ShownPin {
    pub(super) pin: Arc<Pin>,
    pub(super) expires: Timestamp,
}

/// A device that has proved to hold the code, or to have heard the announcement.
pub(super) struct Arrival {
    pub(super) session: SessionId,
    pub(super) endpoint: EndpointId,
    pub(super) way: Way,
    pub(super) exporter: Exporter,
    pub(super) facts: PartyFacts,
    pub(super) hello: Vec<u8>,
    pub(super) nonce: [u8; 32],
    pub(super) since: Timestamp,
}

/// The link to the holder of the slot.
pub(super) struct Link {
    pub(super) arrival: Arrival,
    pub(super) hello_ack: Vec<u8>,
    pub(super) own_nonce: [u8; 32],
    /// When it got the slot.
    pub(super) seated: Timestamp,
    /// The last attempt number that the peer used; they ascend.
    pub(super) attempt: u8,
    /// Runs that a new PIN cut off after our share was sent: the proofs for them are still to come, and mean nothing.
    pub(super) cut_runs: u8,
    /// How many new PINs the person has asked for.
    pub(super) new_pins: u8,
    /// Bytes received before the PIN was proved.
    pub(super) received: usize,
}

impl Link {
    pub(super) const fn session(&self) -> SessionId {
        self.arrival.session
    }

    pub(super) fn over(&self) -> Timestamp {
        self.seated.plus(SESSION_LIFE)
    }

    /// Everything that the PIN proof is tied to.
    pub(super) fn binding<'a>(&'a self, record: &Record, attempt: u8, pin_ready: &'a [u8]) -> Binding<'a> {
        Binding {
            exporter: &self.arrival.exporter,
            invitee: self.arrival.endpoint,
            inviter: self.arrival.facts.inviter_endpoint,
            invitation: self.arrival.way.invitation(record),
            party_tag: self.arrival.way.tag(self.arrival.facts.tag),
            generation: record.pin_generation,
            attempt,
            hello: &self.arrival.hello,
            hello_ack: &self.hello_ack,
            pin_ready,
            invitee_nonce: self.arrival.nonce,
            inviter_nonce: self.own_nonce,
        }
    }
}

impl Slot {
    /// The link of the holder, if it has one.
    pub(super) const fn session(&self) -> Option<SessionId> {
        match self {
            Self::Free(_) | Self::ExpectReturn(_) | Self::AwaitAdmission(AwaitAdmission { peer: Peer::Left, .. }) => {
                None
            }
            Self::ExpectShare(state) => Some(state.link.session()),
            Self::AwaitNewPin(state) => Some(state.link.session()),
            Self::ExpectProof(state) => Some(state.link.session()),
            Self::ExpectJoin(state) => Some(state.link.session()),
            Self::AwaitAdmission(state) => Some(state.session),
        }
    }

    /// The device that holds it.
    pub(super) const fn holder(&self) -> Option<EndpointId> {
        match self {
            Self::Free(_) => None,
            Self::ExpectReturn(state) => Some(state.endpoint),
            Self::ExpectShare(state) => Some(state.link.arrival.endpoint),
            Self::AwaitNewPin(state) => Some(state.link.arrival.endpoint),
            Self::ExpectProof(state) => Some(state.link.arrival.endpoint),
            Self::ExpectJoin(state) => Some(state.link.arrival.endpoint),
            Self::AwaitAdmission(state) => Some(state.candidate.endpoint),
        }
    }

    /// Which way its holder came, as long as the PIN is not proved.
    pub(super) const fn unproven_way(&self) -> Option<Way> {
        match self {
            Self::Free(_) | Self::ExpectJoin(_) | Self::AwaitAdmission(_) => None,
            Self::ExpectReturn(state) => Some(state.way),
            Self::ExpectShare(state) => Some(state.link.arrival.way),
            Self::AwaitNewPin(state) => Some(state.link.arrival.way),
            Self::ExpectProof(state) => Some(state.link.arrival.way),
        }
    }

    /// When time alone changes it.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Free(_) | Self::AwaitAdmission(_) => None,
            Self::ExpectReturn(state) => Some(state.until),
            Self::ExpectShare(state) => Some(state.pin.expires.min(state.link.over())),
            Self::AwaitNewPin(state) => Some(state.link.over()),
            Self::ExpectProof(state) => Some(state.until),
            Self::ExpectJoin(state) => Some(state.until),
        }
    }

    /// The dialog's stage while the invitation is open.
    pub(super) fn stage(&self, record: &Record, waiting: u8) -> InvitationStage {
        match self {
            Self::Free(Vacancy::Fresh) => InvitationStage::Code { device_left: false },
            Self::Free(Vacancy::DeviceLeft) | Self::ExpectReturn(_) => InvitationStage::Code { device_left: true },
            Self::ExpectShare(ExpectShare { pin, .. }) | Self::ExpectProof(ExpectProof { pin, .. }) => {
                InvitationStage::Pin {
                    pin: Arc::clone(&pin.pin),
                    expires: pin.expires,
                    wrong: record.wrong_this_pin,
                    waiting,
                }
            }
            Self::AwaitNewPin(state) => InvitationStage::PinVoid {
                reason: state.reason,
                waiting,
            },
            Self::ExpectJoin(_) | Self::AwaitAdmission(_) => InvitationStage::Admitting,
        }
    }
}

/// The stage after the last admission.
pub(super) fn admitted_stage(record: &Record) -> InvitationStage {
    match record.admitted.last() {
        Some(last) => InvitationStage::Admitted {
            member: last.identity,
            name: last.name.clone(),
        },
        None => InvitationStage::Code { device_left: false },
    }
}

/// How many tries the newest PIN has left, within what its device has left.
pub(super) fn tries_left(record: &Record, endpoint: EndpointId) -> u8 {
    MAX_WRONG_PER_PIN
        .saturating_sub(record.wrong_this_pin)
        .min(record.tries_left_for(endpoint))
}

/// How many tries the invitation has left.
pub(super) fn left_total(record: &Record) -> u8 {
    MAX_WRONG_PINS.saturating_sub(record.wrong_total)
}
