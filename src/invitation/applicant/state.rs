//! How far a delegated redemption is. Each variant carries exactly what is valid in it. No IO.

use std::collections::{BTreeSet, VecDeque};

use crate::identity::{EndpointId, Fingerprint};
use crate::invitation::pending::Phase;
use crate::invitation::session::SessionId;
use crate::invitation::{Exporter, Mode, RedeemError, RedemptionStage};
use crate::party::Role;
use crate::time::Timestamp;

use super::PATIENT_ROUNDS;

/// The state of a delegated redemption.
pub(super) enum State {
    /// Not started.
    Idle,
    /// The mail service is asked for a proof that is good for a while.
    Proving(Journey),
    /// Devices are asked.
    Seeking(Journey, Round),
    /// A pause between two rounds; [`Journey::next`] says until when.
    Resting(Journey),
    /// The engine checks and stores the party: nothing stops it any more.
    AwaitStored(Journey, Round, AwaitStored),
    /// Over, with the last stage.
    Ended(RedemptionStage),
}

/// The way over all rounds.
#[derive(Clone, Copy)]
pub(super) struct Journey {
    /// Rounds, one after the other, in which nobody could be reached.
    pub(super) failed: u32,
    /// How often a member has said that the request waits.
    pub(super) polls: usize,
    /// How many rounds there have been: each begins with another device.
    pub(super) rounds: usize,
    /// When the next round begins, or this one began.
    pub(super) next: Timestamp,
    /// The request is made again with a proof that is good, although a member has taken it: others have not heard of it.
    pub(super) asks_anew: bool,
}

/// One round.
pub(super) struct Round {
    /// Devices that are still to be asked.
    pub(super) untried: VecDeque<EndpointId>,
    /// Devices to which a link is being opened.
    pub(super) dialling: BTreeSet<EndpointId>,
    /// When the next one is dialled.
    pub(super) next_dial: Timestamp,
    /// The conversation.
    pub(super) talk: Option<Talk>,
    /// A "no" that somebody has said: it counts if nobody says anything better.
    pub(super) no: Option<RedeemError>,
    /// Whether somebody has not heard of the request.
    pub(super) request: Heard,
}

impl Round {
    /// One that asks these devices from now on.
    pub(super) const fn of(untried: VecDeque<EndpointId>, now: Timestamp) -> Self {
        Self {
            untried,
            dialling: BTreeSet::new(),
            next_dial: now,
            talk: None,
            no: None,
            request: Heard::Unknown,
        }
    }
}

/// What members have heard of the request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nobody was asked.
    Unknown,
    /// Somebody was, and has not.
    NotEverywhere,
}

/// A link to a member.
pub(super) struct Talk {
    pub(super) session: SessionId,
    pub(super) endpoint: EndpointId,
    pub(super) exporter: Exporter,
    pub(super) until: Timestamp,
    pub(super) expect: Expect,
}

/// What is expected next in the conversation.
pub(super) enum Expect {
    /// The member decides on our `Hello`.
    HelloAck(Mode),
    /// The member knows who we are.
    Verdict,
    /// The party's log comes.
    Admission {
        welcome: Welcome,
        ops: Vec<Vec<u8>>,
        /// How many bytes they are.
        length: usize,
    },
}

pub(super) struct AwaitStored {
    /// The link, as long as it is there.
    pub(super) session: Option<SessionId>,
    pub(super) welcome: Welcome,
}

/// What is being joined.
pub(super) struct Welcome {
    pub(super) party: String,
    pub(super) inviter: String,
    pub(super) role: Role,
}

impl Welcome {
    fn stage(&self) -> RedemptionStage {
        RedemptionStage::Joining {
            party: self.party.clone(),
            inviter: self.inviter.clone(),
            role: self.role,
        }
    }
}

impl State {
    /// The link on which is talked, if there is one.
    pub(super) fn session(&self) -> Option<SessionId> {
        match self {
            Self::Seeking(_, round) => round.talk.as_ref().map(|talk| talk.session),
            Self::AwaitStored(_, _, storing) => storing.session,
            Self::Idle | Self::Proving(_) | Self::Resting(_) | Self::Ended(_) => None,
        }
    }

    /// When time alone changes it.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Resting(journey) => Some(journey.next),
            Self::Seeking(_, round) => match &round.talk {
                Some(talk) => Some(talk.until),
                None => (!round.untried.is_empty()).then_some(round.next_dial),
            },
            Self::Idle | Self::Proving(_) | Self::AwaitStored(..) | Self::Ended(_) => None,
        }
    }

    /// The dialog's stage.
    pub(super) fn stage(&self, phase: Phase, fingerprint: Fingerprint) -> RedemptionStage {
        match self {
            Self::Idle => RedemptionStage::Connecting { failed_tries: 0 },
            Self::Ended(stage) => stage.clone(),
            Self::AwaitStored(_, _, storing) => storing.welcome.stage(),
            Self::Seeking(
                _,
                Round {
                    talk:
                        Some(Talk {
                            expect: Expect::Admission { welcome, .. },
                            ..
                        }),
                    ..
                },
            ) => welcome.stage(),
            Self::Proving(journey) | Self::Seeking(journey, _) | Self::Resting(journey) => match phase {
                Phase::Proven => RedemptionStage::WaitsForApproval {
                    fingerprint,
                    next_poll: journey.next,
                },
                Phase::Redeeming if journey.failed < PATIENT_ROUNDS => RedemptionStage::Connecting {
                    failed_tries: journey.failed,
                },
                Phase::Redeeming => RedemptionStage::MembersOffline { next_try: journey.next },
            },
        }
    }
}
