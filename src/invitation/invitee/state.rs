//! How far a redemption is. Each variant carries exactly what is valid in it. No IO.

use crate::invitation::session::SessionId;
use crate::invitation::{CodeKind, Exporter, InviteeProof, InviteeRun, Join, PinNotice, RedemptionStage};
use crate::party::Role;
use crate::time::Timestamp;

use super::SESSION_LIFE;

/// The state of a redemption.
pub(super) enum State {
    /// Not started.
    Idle,
    /// A link is being opened.
    ExpectLink(Journey),
    /// A pause between two tries to open one.
    AwaitRetry(AwaitRetry),
    /// The inviter decides on our `Hello`.
    ExpectHelloAck(ExpectHelloAck),
    /// Another device holds the slot.
    ExpectTurn(ExpectTurn),
    /// The slot is ours; the inviter shows a PIN, or remembers us.
    ExpectPin(ExpectPin),
    /// The person is typing.
    AwaitPin(AwaitPin),
    /// Our share is sent.
    ExpectShare(ExpectShare),
    /// Our proof is sent.
    ExpectProof(ExpectProof),
    /// The PIN was right, which is on disk; we send our `Join` when we know what we join.
    ExpectWelcome(ExpectWelcome),
    /// The inviter admits us.
    ExpectAdmission(ExpectAdmission),
    /// The engine checks and stores the party: nothing stops it any more.
    AwaitStored(AwaitStored),
    /// Over, with the last stage.
    Ended(RedemptionStage),
}

/// The way to the slot, over all tries. It begins anew when a person has typed a PIN: an inviter that lets us in and drops us
/// is no better than one that does not answer.
#[derive(Clone, Copy)]
pub(super) struct Journey {
    pub(super) patience: Patience,
    /// What to tell the person when the PIN is asked for again.
    pub(super) notice: Option<PinNotice>,
}

/// How the tries are spaced.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    /// Nothing has failed yet.
    Fresh,
    /// Ever wider.
    Trying {
        /// How many have failed.
        failed: u32,
        /// When the first of them did.
        since: Timestamp,
    },
    /// Once a minute.
    Offline,
}

pub(super) struct AwaitRetry {
    pub(super) journey: Journey,
    pub(super) at: Timestamp,
}

pub(super) struct ExpectHelloAck {
    pub(super) journey: Journey,
    pub(super) link: Link,
    pub(super) until: Timestamp,
}

pub(super) struct ExpectTurn {
    pub(super) notice: Option<PinNotice>,
    pub(super) place: Place,
    pub(super) position: u8,
}

/// How this device waits for its turn.
pub(super) enum Place {
    /// In the inviter's queue. If the link is lost, it comes back not before `retry`.
    Linked { link: Link, retry: Timestamp },
    /// Without a link, until it tries again.
    Away { retry: Timestamp },
}

pub(super) struct ExpectPin {
    pub(super) journey: Journey,
    pub(super) talk: Talk,
    pub(super) until: Timestamp,
}

pub(super) struct AwaitPin {
    pub(super) talk: Talk,
    pub(super) prompt: Prompt,
}

pub(super) struct ExpectShare {
    pub(super) talk: Talk,
    pub(super) prompt: Prompt,
    pub(super) run: InviteeRun,
    pub(super) until: Timestamp,
}

pub(super) struct ExpectProof {
    pub(super) talk: Talk,
    pub(super) prompt: Prompt,
    pub(super) proof: InviteeProof,
    pub(super) join: Box<Join>,
    pub(super) until: Timestamp,
}

pub(super) struct ExpectWelcome {
    pub(super) session: SessionId,
    pub(super) join: Box<Join>,
    pub(super) until: Timestamp,
}

pub(super) struct ExpectAdmission {
    pub(super) journey: Journey,
    pub(super) session: SessionId,
    pub(super) welcome: Welcome,
    pub(super) ops: Vec<Vec<u8>>,
    /// How many bytes they are.
    pub(super) length: usize,
    pub(super) until: Timestamp,
}

pub(super) struct AwaitStored {
    /// The link, as long as it is there.
    pub(super) session: Option<SessionId>,
    pub(super) welcome: Welcome,
}

/// A link to the inviter on which we have said hello.
pub(super) struct Link {
    pub(super) session: SessionId,
    pub(super) exporter: Exporter,
    pub(super) hello: Vec<u8>,
    pub(super) nonce: [u8; 32],
    /// When it was opened; from the moment when the slot is ours, that moment.
    pub(super) since: Timestamp,
    /// Bytes received before the PIN was proved.
    pub(super) received: usize,
}

impl Link {
    pub(super) fn over(&self) -> Timestamp {
        self.since.plus(SESSION_LIFE)
    }
}

/// A link on which the slot is ours.
pub(super) struct Talk {
    pub(super) link: Link,
    pub(super) hello_ack: Vec<u8>,
    pub(super) peer_nonce: [u8; 32],
    /// The attempts made on this link.
    pub(super) attempt: u8,
    /// How many of them a new or void PIN has overtaken on the wire: so many refusals are still to come, and mean nothing.
    pub(super) overtaken: u8,
}

/// The PIN that is asked for.
pub(super) struct Prompt {
    pub(super) generation: u8,
    pub(super) digits: u8,
    pub(super) expires: Timestamp,
    pub(super) tries_left: u8,
    /// Wrong entries for this PIN on this link, by our own count: the inviter's is a claim.
    pub(super) wrong: u8,
    pub(super) notice: Option<PinNotice>,
    /// The `PinReady` frame.
    pub(super) ready: Vec<u8>,
}

impl Prompt {
    pub(super) const fn is_void(&self) -> bool {
        self.tries_left == 0
    }

    fn stage(&self) -> RedemptionStage {
        RedemptionStage::EnterPin {
            digits: self.digits,
            expires: self.expires,
            tries_left: self.tries_left,
            notice: self.notice,
        }
    }
}

/// What is being joined; with a code that pairs a device, whose device this becomes.
pub(super) struct Welcome {
    pub(super) kind: CodeKind,
    /// The party, or the person.
    pub(super) party: String,
    /// The inviter, or the person's device.
    pub(super) inviter: String,
    pub(super) role: Role,
}

impl Welcome {
    fn stage(&self) -> RedemptionStage {
        match self.kind {
            CodeKind::DevicePairing => RedemptionStage::Pairing {
                person: self.party.clone(),
                device: self.inviter.clone(),
            },
            _ => RedemptionStage::Joining {
                party: self.party.clone(),
                inviter: self.inviter.clone(),
                role: self.role,
            },
        }
    }
}

impl Journey {
    /// The first try.
    pub(super) const fn begin(notice: Option<PinNotice>) -> Self {
        Self {
            patience: Patience::Fresh,
            notice,
        }
    }

    const fn stage(&self) -> RedemptionStage {
        match self.patience {
            Patience::Fresh => RedemptionStage::Connecting { failed_tries: 0 },
            Patience::Trying { failed, .. } => RedemptionStage::Connecting { failed_tries: failed },
            Patience::Offline => RedemptionStage::InviterOffline,
        }
    }
}

impl State {
    /// The link, if there is one.
    pub(super) const fn session(&self) -> Option<SessionId> {
        match self {
            Self::Idle | Self::ExpectLink(_) | Self::AwaitRetry(_) | Self::Ended(_) => None,
            Self::ExpectHelloAck(state) => Some(state.link.session),
            Self::ExpectTurn(ExpectTurn {
                place: Place::Linked { link, .. },
                ..
            }) => Some(link.session),
            Self::ExpectTurn(ExpectTurn {
                place: Place::Away { .. },
                ..
            }) => None,
            Self::ExpectPin(state) => Some(state.talk.link.session),
            Self::AwaitPin(state) => Some(state.talk.link.session),
            Self::ExpectShare(state) => Some(state.talk.link.session),
            Self::ExpectProof(state) => Some(state.talk.link.session),
            Self::ExpectWelcome(state) => Some(state.session),
            Self::ExpectAdmission(state) => Some(state.session),
            Self::AwaitStored(state) => state.session,
        }
    }

    /// When time alone changes it.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Idle | Self::ExpectLink(_) | Self::AwaitStored(_) | Self::Ended(_) => None,
            Self::AwaitRetry(state) => Some(state.at),
            Self::ExpectHelloAck(state) => Some(state.until),
            Self::ExpectTurn(ExpectTurn {
                place: Place::Linked { link, .. },
                ..
            }) => Some(link.over()),
            Self::ExpectTurn(ExpectTurn {
                place: Place::Away { retry },
                ..
            }) => Some(*retry),
            Self::ExpectPin(state) => Some(state.until),
            Self::AwaitPin(AwaitPin { talk, prompt }) if prompt.is_void() => Some(talk.link.over()),
            Self::AwaitPin(AwaitPin { talk, prompt }) => Some(prompt.expires.min(talk.link.over())),
            Self::ExpectShare(state) => Some(state.until),
            Self::ExpectProof(state) => Some(state.until),
            Self::ExpectWelcome(state) => Some(state.until),
            Self::ExpectAdmission(state) => Some(state.until),
        }
    }

    /// The dialog's stage.
    pub(super) fn stage(&self) -> RedemptionStage {
        match self {
            Self::Idle => RedemptionStage::Connecting { failed_tries: 0 },
            Self::ExpectLink(journey)
            | Self::AwaitRetry(AwaitRetry { journey, .. })
            | Self::ExpectHelloAck(ExpectHelloAck { journey, .. })
            | Self::ExpectPin(ExpectPin { journey, .. }) => journey.stage(),
            Self::ExpectTurn(state) => RedemptionStage::Queued {
                position: state.position,
            },
            Self::AwaitPin(state) => state.prompt.stage(),
            Self::ExpectShare(_) | Self::ExpectProof(_) | Self::ExpectWelcome(_) => RedemptionStage::Checking,
            Self::ExpectAdmission(ExpectAdmission { welcome, .. }) | Self::AwaitStored(AwaitStored { welcome, .. }) => {
                welcome.stage()
            }
            Self::Ended(stage) => stage.clone(),
        }
    }
}
