//! The inviter's machine: one invitation, from its first redeemer to its last admission. No IO.
//!
//! What survives the program is the [`Record`]; everything else is the *slot*, which one device at a time holds, and what
//! goes on aside of it: up to four devices that wait, and admitted devices that fetch their admission.
//!
//! ```text
//! Free -> ExpectShare <-> ExpectProof -> ExpectJoin -> AwaitAdmission -> Free, or the end of the invitation
//!            |   ^ void PIN, new PIN
//!            v   |
//!         AwaitNewPin                    a holder whose link is lost: ExpectReturn for a minute, then Free
//! ```
//!
//! `Expect…` waits for the peer, `Await…` for us. A message that the state does not expect ends the session; an input of ours
//! that does not fit any more (a second click) is ignored.

mod admission;
mod arrival;
mod desk;
mod ending;
mod pin;
mod proof;
mod slot;
mod way;

use std::fmt;
use std::time::Duration;

use rand::CryptoRng;

use crate::identity::{EndpointId, IdentityId};
use crate::party::{OpId, PartyTag};
use crate::time::Timestamp;

use super::session::{Closing, Env, SessionId, Step};
use super::{Exporter, InvitationStage, Join};

pub use super::record::{Admitted, EXPIRY_TOLERANCE, MAX_USES, RESUME_PERIOD, Record, RecordError, Status};

use desk::{Aside, Desk};
use slot::{Slot, Vacancy};

/// How many digits a PIN has.
const DIGITS: u8 = 6;
/// How long a PIN is good for.
pub const PIN_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long one link may hold the slot, or wait for it.
const SESSION_LIFE: Duration = Duration::from_secs(15 * 60);
/// How long the slot is kept for a holder whose link is lost.
pub const SLOT_KEPT: Duration = Duration::from_secs(60);
/// How long the peer may take for an answer that no person is needed for.
const ANSWER_TIME: Duration = Duration::from_secs(20);
/// How long an admitted device may take to store its admission and say so.
const FAREWELL_TIME: Duration = Duration::from_secs(120);
/// How long an invitation is shown nearby before its person has to ask for it again.
pub const SHOWN_NEARBY: Duration = Duration::from_secs(15 * 60);
/// How many devices may wait for the slot.
pub const MAX_WAITING: usize = 4;
/// When a waiting device that loses its link, or found no place, should come back, in seconds.
const WAIT_RETRY_S: u16 = 20;
/// How many new PINs the person may ask for while one device holds the slot.
pub const MAX_NEW_PINS: u8 = 20;
/// How many shares without a proof are answered within a minute.
pub const MAX_OPEN_SHARES: usize = 10;
/// That minute.
const SHARE_WINDOW: Duration = Duration::from_secs(60);
/// How long who sends too many shares is told to stay away, in seconds.
const SHARE_RETRY_S: u16 = 60;
/// How many wrong PINs a day this device takes, over all its invitations.
pub const MAX_WRONG_PER_DAY: u32 = 30;
/// How long invitees are told to stay away after that, in seconds.
const DAY_RETRY_S: u16 = 3600;

/// What the engine knows of the party when a device says hello; of the person, if the device is to be a further one of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyFacts {
    /// The party's tag, as in the code; [`PartyTag::NONE`] to pair a device.
    pub tag: PartyTag,
    /// The party's name, or the person's.
    pub name: String,
    /// The inviter's own name, or this device's.
    pub inviter_name: String,
    /// How many members there are, or how many parties.
    pub members: u32,
    /// This device's key on the network.
    pub inviter_endpoint: EndpointId,
}

impl PartyFacts {
    /// Whether who comes is to be a further device of this person.
    #[must_use]
    pub fn is_pairing(&self) -> bool {
        self.tag == PartyTag::NONE
    }
}

/// What happened.
pub enum Input {
    /// A peer's first frame on a new link, a `Hello` for this invitation or for its handle.
    Hello {
        /// The link.
        session: SessionId,
        /// The peer, as TLS authenticated it.
        endpoint: EndpointId,
        /// The connection's exporter, for the id in the frame.
        exporter: Exporter,
        /// What the peer may be told once it has proved itself.
        facts: PartyFacts,
        /// The frame.
        frame: Vec<u8>,
    },
    /// A further frame of that peer.
    Frame {
        /// The link.
        session: SessionId,
        /// The frame.
        frame: Vec<u8>,
    },
    /// The link is gone, whoever closed it.
    Gone {
        /// The link.
        session: SessionId,
    },
    /// The person wants a new PIN.
    ShowNewPin,
    /// The person gives the slot to the next device, or frees it.
    Next,
    /// The person takes the invitation back.
    Revoke,
    /// The person shows the invitation in the local network, for [`SHOWN_NEARBY`].
    ShowNearby,
    /// The person does not show it there any more: whoever came that way and has not proved the PIN is sent away.
    HideNearby,
    /// The engine's answer to [`Output::Admit`] and [`Output::FetchAdmission`].
    Admission {
        /// The link for which it was asked. The answer counts even if the link has gone.
        session: SessionId,
        /// What has been stored, or why nothing was.
        result: Result<Admission, Refusal>,
    },
    /// The time of [`Output::WakeAt`] has come. Harmless at any time. The engine also feeds it once after [`Inviter::new`].
    Wake,
}

/// An admission that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The admission in the party's log.
    pub op: OpId,
    /// The party's membership ops with the admission, in causal order.
    pub ops: Vec<Vec<u8>>,
}

/// Why the engine has not admitted somebody. Nothing was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The identity is a member.
    AlreadyMember,
    /// The inviter's own role does not allow it (any more).
    NotAllowed,
    /// The store failed.
    Storage,
}

/// What to do. In order; each durable one is awaited.
///
/// If a durable one but [`Self::Admit`] fails, the rest of the step is dropped, and so is the machine: the engine closes its
/// links with [`super::ErrorCode::Internal`] and makes a new one from the record that is on disk. That is what a crash would do,
/// and nothing has been sent that the disk does not know.
pub enum Output {
    /// Durable: store this record.
    Save(Box<Record>),
    /// Durable, in one transaction: store this record, and count one wrong PIN for this device.
    SaveWrongPin(Box<Record>),
    /// Send a frame.
    Send {
        /// The link.
        session: SessionId,
        /// Type byte and body.
        frame: Vec<u8>,
    },
    /// Close a link. Nothing of that session is fed to the machine after it.
    Close {
        /// The link.
        session: SessionId,
        /// How.
        closing: Closing,
    },
    /// Durable, in one transaction: append the admission, and store [`AdmissionRequest::record_after`]. Answered by
    /// [`Input::Admission`].
    Admit(Box<AdmissionRequest>),
    /// Look up an admission that was stored earlier, with the membership as it is now. Answered by [`Input::Admission`].
    FetchAdmission {
        /// The link.
        session: SessionId,
        /// Which.
        op: OpId,
    },
    /// [`Input::Revoke`] came too late: somebody is being, or has been, admitted.
    AlreadyAdmitted,
    /// [`Input::ShowNewPin`] once too often: this device has had [`MAX_NEW_PINS`] new ones.
    NoMorePins,
    /// [`Inviter::stage`] or [`Inviter::shown_nearby`] is another one.
    StageChanged,
    /// Feed [`Input::Wake`] at this time. Replaces the time said before.
    WakeAt(Timestamp),
}

/// Whom to admit: everything in it has been checked against the PIN proof.
#[derive(Clone, Debug)]
pub struct AdmissionRequest {
    /// The link.
    pub session: SessionId,
    /// Who, with certificate and evidence.
    pub join: Box<Join>,
    record: Record,
}

impl AdmissionRequest {
    /// The record to store together with this admission.
    #[must_use]
    pub fn record_after(&self, op: OpId) -> Record {
        self.record
            .clone()
            .with_admitted(Candidate::of(&self.join).admitted(op))
    }
}

/// Somebody who is being admitted.
struct Candidate {
    endpoint: EndpointId,
    identity: IdentityId,
    name: String,
}

impl Candidate {
    fn of(join: &Join) -> Self {
        Self {
            endpoint: join.endpoint,
            identity: join.identity,
            name: join.name.clone(),
        }
    }

    fn admitted(self, op: OpId) -> Admitted {
        Admitted {
            endpoint: self.endpoint,
            identity: self.identity,
            op,
            name: self.name,
        }
    }
}

/// The machine of one invitation.
pub struct Inviter {
    record: Record,
    slot: Slot,
    aside: Aside,
}

impl Inviter {
    /// The machine of a new invitation, or of one from disk.
    #[must_use]
    pub fn new(record: Record) -> Self {
        Self {
            record,
            slot: Slot::Free(Vacancy::Fresh),
            aside: Aside::default(),
        }
    }

    /// What is on disk once all outputs are done.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// How far it is, for the dialog.
    #[must_use]
    pub fn stage(&self) -> InvitationStage {
        match self.record.status {
            Status::Open => self.slot.stage(&self.record, self.aside.waiting()),
            Status::Used => slot::admitted_stage(&self.record),
            Status::Locked => InvitationStage::Locked,
            Status::Revoked => InvitationStage::Revoked,
            Status::Expired => InvitationStage::Expired,
        }
    }

    /// Until when it is shown in the local network; none if it is not.
    #[must_use]
    pub const fn shown_nearby(&self) -> Option<Timestamp> {
        self.aside.showing.until
    }

    /// Takes one input.
    #[must_use]
    pub fn handle<R: CryptoRng + ?Sized>(self, input: Input, env: &mut Env<'_, R>) -> Step<Self, Output> {
        let before = (self.stage(), self.shown_nearby());
        let Self {
            mut record,
            slot,
            mut aside,
        } = self;
        let mut desk = Desk {
            record: &mut record,
            aside: &mut aside,
            env,
            out: Vec::new(),
        };
        // What time alone has changed comes first: a PIN that is over is over, whatever frame arrives now.
        let slot = desk.settle(slot);
        let slot = desk.take(slot, input);
        let slot = desk.settle(slot);
        let wake = desk.next_wake(&slot);
        let mut outputs = desk.out;
        let next = Self { record, slot, aside };
        if (next.stage(), next.shown_nearby()) != before {
            outputs.push(Output::StageChanged);
        }
        outputs.extend(wake.map(Output::WakeAt));
        Step { next, outputs }
    }
}

impl fmt::Debug for Inviter {
    /// The record and the stage: links hold frames and nonces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inviter")
            .field("record", &self.record)
            .field("stage", &self.stage())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Input {
    /// Names only: frames carry proofs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello { session, .. } => write!(f, "Hello({session:?})"),
            Self::Frame { session, .. } => write!(f, "Frame({session:?})"),
            Self::Gone { session } => write!(f, "Gone({session:?})"),
            Self::ShowNewPin => f.write_str("ShowNewPin"),
            Self::Next => f.write_str("Next"),
            Self::Revoke => f.write_str("Revoke"),
            Self::ShowNearby => f.write_str("ShowNearby"),
            Self::HideNearby => f.write_str("HideNearby"),
            Self::Admission { session, result: Ok(_) } => write!(f, "Admission({session:?})"),
            Self::Admission {
                session,
                result: Err(refusal),
            } => write!(f, "Admission({session:?}, {refusal:?})"),
            Self::Wake => f.write_str("Wake"),
        }
    }
}

impl fmt::Debug for Output {
    /// Names only: frames and records carry secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Save(_) => f.write_str("Save"),
            Self::SaveWrongPin(_) => f.write_str("SaveWrongPin"),
            Self::Send { session, .. } => write!(f, "Send({session:?})"),
            Self::Close { session, closing } => write!(f, "Close({session:?}, {closing:?})"),
            Self::Admit(request) => write!(f, "Admit({:?})", request.session),
            Self::FetchAdmission { session, op } => write!(f, "FetchAdmission({session:?}, {op:?})"),
            Self::AlreadyAdmitted => f.write_str("AlreadyAdmitted"),
            Self::NoMorePins => f.write_str("NoMorePins"),
            Self::StageChanged => f.write_str("StageChanged"),
            Self::WakeAt(at) => write!(f, "WakeAt({at:?})"),
        }
    }
}

#[cfg(test)]
mod tests;
