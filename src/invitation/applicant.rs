//! The invitee's machine for a delegated invitation: it looks for a member who lets this person in, until they are in or know
//! why not. No IO.
//!
//! What survives the program is the [`Pending`] redemption, whose phase says whether the request is in the party's log; all
//! else is one state.
//!
//! ```text
//! Idle -> Seeking <-> Resting            Seeking: one round over all devices that the code names, 250 ms apart; the first
//!            |                           that answers is talked to. Resting: until the next round.
//!            +-> AwaitStored -> Ended
//! ```
//!
//! By e-mail a round begins with a proof of the mailbox that is good for a while: where it is not, `Proving` comes before it.
//!
//! A member may be hostile, or may not have heard of everything. So a "no" counts only when all who can be reached have been
//! asked and none said anything better.

mod round;
mod state;
mod talk;

use std::fmt;
use std::time::Duration;

use rand::CryptoRng;

use crate::identity::EndpointId;
use crate::time::Timestamp;

use super::invitee::{Gone, Joiner, Promise, StoreRefusal, Stored};
use super::mailbox::MailProof;
use super::pending::Pending;
use super::session::{Closing, Env, SessionId, Step};
use super::{Exporter, InviteCode, RedemptionStage};

use round::Desk;
use state::State;

pub use super::pending::OtherCode;

/// How long after one device the next one is dialled.
const STAGGER: Duration = Duration::from_millis(250);
/// How long a member may take for an answer.
const ANSWER_TIME: Duration = Duration::from_secs(20);
/// How long a member may take to send the log.
const ADMISSION_TIME: Duration = Duration::from_secs(120);
/// The pause after the first round in which nobody was reached; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// See [`FIRST_PAUSE`].
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);
/// After so many rounds in which nobody was reached the person is told that nobody is online.
const PATIENT_ROUNDS: u32 = 4;
/// The pauses between two questions whether the request was approved; the last one repeats.
pub const POLL_PAUSES: [Duration; 4] = [
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(3600),
];

/// What happened.
pub enum Input {
    /// The person has started the redemption, or the app goes on with it after its own start.
    Start,
    /// A link that [`Output::Connect`] asked for is open.
    Connected {
        /// The link.
        session: SessionId,
        /// To whom, as TLS authenticated it.
        endpoint: EndpointId,
        /// The connection's exporter, for this invitation's id.
        exporter: Exporter,
    },
    /// A link that [`Output::Connect`] asked for could not be opened.
    Unreachable(EndpointId),
    /// A frame of a member.
    Frame {
        /// The link.
        session: SessionId,
        /// The frame.
        frame: Vec<u8>,
    },
    /// An open link is gone. Not fed for a link that [`Output::Close`] closed.
    Gone {
        /// The link.
        session: SessionId,
        /// Why.
        reason: Gone,
    },
    /// The person wants to try again now.
    Retry,
    /// The person has stopped the redemption.
    Cancel,
    /// The engine's answer to [`Output::StoreAdmission`].
    Stored(Result<Stored, StoreRefusal>),
    /// The engine's answer to [`Output::ProveMailbox`].
    Proof(Proof),
    /// [`Output::Save`] or [`Output::Delete`] failed, and the rest of that step was dropped.
    SaveFailed,
    /// The time of [`Output::WakeAt`] has come. Harmless at any time.
    Wake,
}

/// What has become of a proof of the mailbox that had grown old.
#[derive(Debug)]
pub enum Proof {
    /// The mail service has made another one.
    Renewed(Box<MailProof>),
    /// The service cannot be reached, or cannot do it now.
    Unavailable,
    /// The service does not make another one.
    Refused,
}

/// What to do. In order; each durable one is awaited, and if it fails the rest of the step is dropped.
pub enum Output {
    /// Durable: store this redemption.
    Save(Box<Pending>),
    /// Durable: forget this redemption.
    Delete,
    /// Open a link to this device. Answered by [`Input::Connected`] or [`Input::Unreachable`].
    Connect(EndpointId),
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
    /// Ask the mail service for another proof. Answered by [`Input::Proof`].
    ProveMailbox,
    /// [`Applicant::stage`] is another one.
    StageChanged,
    /// Feed [`Input::Wake`] at this time. Replaces the time said before.
    WakeAt(Timestamp),
}

/// The machine of one redemption.
pub struct Applicant {
    joiner: Joiner,
    pending: Pending,
    state: State,
}

impl Applicant {
    /// The machine of a new redemption of a delegated code, or of one from disk.
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

    /// The code was copied again: from now on this one's hints are tried. The engine stores [`Self::pending`].
    ///
    /// # Errors
    /// [`OtherCode`] if it is not a code of this invitation; nothing has changed then.
    pub fn use_code(&mut self, code: std::sync::Arc<InviteCode>) -> Result<(), OtherCode> {
        self.pending.use_code(code)
    }

    /// The mail service was asked again: from now on this proof is shown. The engine stores [`Self::pending`].
    pub fn use_proof(&mut self, proof: MailProof) {
        self.pending.mail = Some(proof);
    }

    /// How far it is, for the dialog.
    #[must_use]
    pub fn stage(&self) -> RedemptionStage {
        let fingerprint = self.joiner.keys.identity.id().fingerprint();
        self.state.stage(self.pending.phase, fingerprint)
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
        let state = desk.settle(state);
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

impl fmt::Debug for Applicant {
    /// The redemption and the stage: links hold frames and nonces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applicant")
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
            Self::Unreachable(endpoint) => write!(f, "Unreachable({endpoint:?})"),
            Self::Frame { session, .. } => write!(f, "Frame({session:?})"),
            Self::Gone { session, reason } => write!(f, "Gone({session:?}, {reason:?})"),
            Self::Retry => f.write_str("Retry"),
            Self::Cancel => f.write_str("Cancel"),
            Self::Stored(result) => write!(f, "Stored({result:?})"),
            Self::Proof(Proof::Renewed(_)) => f.write_str("Proof(Renewed)"),
            Self::Proof(Proof::Unavailable) => f.write_str("Proof(Unavailable)"),
            Self::Proof(Proof::Refused) => f.write_str("Proof(Refused)"),
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
            Self::Connect(endpoint) => write!(f, "Connect({endpoint:?})"),
            Self::Send { session, .. } => write!(f, "Send({session:?})"),
            Self::Close { session, closing } => write!(f, "Close({session:?}, {closing:?})"),
            Self::StoreAdmission { ops, .. } => write!(f, "StoreAdmission({} ops)", ops.len()),
            Self::ProveMailbox => f.write_str("ProveMailbox"),
            Self::StageChanged => f.write_str("StageChanged"),
            Self::WakeAt(at) => write!(f, "WakeAt({at:?})"),
        }
    }
}
