//! The invitee's machine: one redemption of one code, until this device is a member or knows why not. No IO.
//!
//! What survives the program is the [`Pending`] redemption; everything else is one state.
//!
//! ```text
//! Idle -> ExpectLink -> ExpectHelloAck -> ExpectPin -> AwaitPin <-> ExpectShare -> ExpectProof -> ExpectWelcome
//!            ^  |            |  ^                                                                     |
//!            |  v            v  |                                                                     v
//!         AwaitRetry     ExpectTurn                  Ended <- AwaitStored <------------------- ExpectAdmission
//! ```
//!
//! A lost link leads back to `AwaitRetry` from everywhere; a redemption whose PIN was right skips from `ExpectPin` to
//! `ExpectAdmission` if the inviter has admitted it. `Expect…` waits for the peer, `Await…` for us. A message that the state
//! does not expect ends the redemption; an input of ours that does not fit any more is ignored.

mod desk;
mod ending;
mod joining;
mod pin;
mod state;
mod travel;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rand::CryptoRng;

use crate::identity::{EndpointId, Keys};
use crate::party::{OpId, PartyId, PartyTag, Role};
use crate::time::Timestamp;

use super::session::{Closing, Env, SessionId, Step};
use super::{Exporter, InviteCode, Pin, RedemptionStage};

pub use super::pending::{COUNT_KEPT, OtherCode, PROVEN_PERIOD, Pending, PendingError, Phase};

use desk::Desk;
use state::State;

/// How long the inviter may take to answer a `Hello`.
const HELLO_TIME: Duration = Duration::from_secs(10);
/// How long the inviter may take for an answer that no person is needed for.
const ANSWER_TIME: Duration = Duration::from_secs(20);
/// How long the inviter may take to write the admission and send the log.
const ADMISSION_TIME: Duration = Duration::from_secs(120);
/// How long one link may last.
const SESSION_LIFE: Duration = Duration::from_secs(15 * 60);
/// The pause after the first failed try; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// See [`FIRST_PAUSE`].
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// After so long without success the inviter counts as offline.
pub const OFFLINE_AFTER: Duration = Duration::from_secs(2 * 60);
/// The pause between tries while the inviter is offline.
const OFFLINE_PAUSE: Duration = Duration::from_secs(60);
/// An inviter that takes no PINs for no longer than this is waited for.
const LONGEST_BUSY: Duration = Duration::from_secs(5 * 60);
/// How long a code is blocked on this device after too many wrong PINs.
pub const BLOCK_TIME: Duration = Duration::from_secs(10 * 60);

/// Who redeems.
#[derive(Clone, Debug)]
pub struct Joiner {
    /// This device's keys and certificate.
    pub keys: Arc<Keys>,
    /// The name to be called by: 1 to 64 bytes, no control characters.
    pub name: String,
}

/// What happened.
pub enum Input {
    /// The person has started the redemption, or the app goes on with it after its own start.
    Start,
    /// The link that [`Output::Connect`] asked for is open.
    Connected {
        /// The link.
        session: SessionId,
        /// The connection's exporter, for this invitation's id.
        exporter: Exporter,
    },
    /// A frame of the inviter.
    Frame {
        /// The link.
        session: SessionId,
        /// The frame.
        frame: Vec<u8>,
    },
    /// The link is gone, or could not be opened. Not fed for a link that [`Output::Close`] closed.
    Gone {
        /// The link.
        session: SessionId,
        /// Why.
        reason: Gone,
    },
    /// The person has typed a PIN.
    SubmitPin(Arc<Pin>),
    /// The person wants to try again now.
    Retry,
    /// The person has stopped the redemption.
    Cancel,
    /// The engine's answer to [`Output::StoreAdmission`].
    Stored(Result<Stored, StoreRefusal>),
    /// [`Output::Save`] or [`Output::Delete`] failed, and the rest of that step was dropped.
    SaveFailed,
    /// The time of [`Output::WakeAt`] has come. Harmless at any time.
    Wake,
}

/// Why a link is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// No way to the inviter's endpoint.
    Unreachable,
    /// The inviter's app does not speak this protocol.
    NoCommonProtocol,
    /// The inviter closed it with this code.
    Closed(u32),
    /// It broke.
    Lost,
}

/// A membership that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The party.
    pub party: PartyId,
    /// This device's own admission.
    pub op: OpId,
}

/// Why the engine has not stored an admission. Nothing was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreRefusal {
    /// The ops do not prove the membership that was promised.
    BadLog,
    /// They are of another party.
    WrongParty,
    /// This profile has parties of its own: it cannot become another person's device.
    HasParties,
    /// Another code is being redeemed, by the identity that this one replaces.
    OthersUnderWay,
    /// The store failed.
    Storage,
}

/// What the code and the inviter have promised; the log has to keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The party, as in the code. None nearby, where nothing was promised before the PIN.
    pub tag: Option<PartyTag>,
    /// The endpoint that admitted, as TLS authenticated it.
    pub admitter: EndpointId,
    /// The role that was shown.
    pub role: Role,
}

/// What to do. In order; each durable one is awaited, and if it fails the rest of the step is dropped.
pub enum Output {
    /// Durable: store this redemption.
    Save(Box<Pending>),
    /// Durable: forget this redemption.
    Delete,
    /// Open a link to the code's endpoint. Answered by [`Input::Connected`] or [`Input::Gone`].
    Connect,
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
    /// Durable, in one transaction: check and store the party, and forget this redemption. Answered by [`Input::Stored`].
    StoreAdmission {
        /// The party's membership ops, as received.
        ops: Vec<Vec<u8>>,
        /// What they have to prove.
        promise: Promise,
    },
    /// [`Invitee::stage`] is another one.
    StageChanged,
    /// Feed [`Input::Wake`] at this time. Replaces the time said before.
    WakeAt(Timestamp),
}

/// The machine of one redemption.
pub struct Invitee {
    joiner: Joiner,
    pending: Pending,
    state: State,
}

impl Invitee {
    /// The machine of a new redemption, or of one from disk: if there is one for this code, it has to be that one.
    #[must_use]
    pub const fn new(pending: Pending, joiner: Joiner) -> Self {
        Self {
            joiner,
            pending,
            state: State::Idle,
        }
    }

    /// What is on disk once all outputs are done, as long as the redemption has not ended.
    #[must_use]
    pub const fn pending(&self) -> &Pending {
        &self.pending
    }

    /// The inviter has copied the code again: from now on this one's hints are tried. The engine stores [`Self::pending`].
    ///
    /// # Errors
    /// [`OtherCode`] if it is not a code of this invitation; nothing has changed then.
    pub fn use_code(&mut self, code: Arc<InviteCode>) -> Result<(), OtherCode> {
        self.pending.use_code(code)
    }

    /// How far it is, for the dialog.
    #[must_use]
    pub fn stage(&self) -> RedemptionStage {
        self.state.stage()
    }

    /// Whether it has ended. The engine then drops the machine, and any link that is still being opened for it.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    /// Takes one input.
    #[must_use]
    pub fn handle<R: CryptoRng + ?Sized>(self, input: Input, env: &mut Env<'_, R>) -> Step<Self, Output> {
        let stage = self.stage();
        let wake = self.state.deadline();
        let Self {
            joiner,
            mut pending,
            state,
        } = self;
        let mut desk = Desk {
            joiner: &joiner,
            pending: &mut pending,
            env,
            out: Vec::new(),
        };
        let state = desk.settle(state);
        let state = desk.take(state, input);
        let mut outputs = desk.out;
        let next = Self { joiner, pending, state };
        if next.stage() != stage {
            outputs.push(Output::StageChanged);
        }
        let due = next.state.deadline().filter(|due| wake != Some(*due));
        outputs.extend(due.map(Output::WakeAt));
        Step { next, outputs }
    }
}

impl fmt::Debug for Invitee {
    /// The redemption and the stage: links hold frames and nonces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitee")
            .field("pending", &self.pending)
            .field("stage", &self.stage())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Input {
    /// Names only: frames carry proofs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("Start"),
            Self::Connected { session, .. } => write!(f, "Connected({session:?})"),
            Self::Frame { session, .. } => write!(f, "Frame({session:?})"),
            Self::Gone { session, reason } => write!(f, "Gone({session:?}, {reason:?})"),
            Self::SubmitPin(_) => f.write_str("SubmitPin"),
            Self::Retry => f.write_str("Retry"),
            Self::Cancel => f.write_str("Cancel"),
            Self::Stored(result) => write!(f, "Stored({result:?})"),
            Self::SaveFailed => f.write_str("SaveFailed"),
            Self::Wake => f.write_str("Wake"),
        }
    }
}

impl fmt::Debug for Output {
    /// Names only: frames, redemptions and ops carry secrets and names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Save(_) => f.write_str("Save"),
            Self::Delete => f.write_str("Delete"),
            Self::Connect => f.write_str("Connect"),
            Self::Send { session, .. } => write!(f, "Send({session:?})"),
            Self::Close { session, closing } => write!(f, "Close({session:?}, {closing:?})"),
            Self::StoreAdmission { ops, .. } => write!(f, "StoreAdmission({} ops)", ops.len()),
            Self::StageChanged => f.write_str("StageChanged"),
            Self::WakeAt(at) => write!(f, "WakeAt({at:?})"),
        }
    }
}

#[cfg(test)]
mod tests;
