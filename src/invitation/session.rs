//! What the machines have in common: the name of a link, what a step is given, what a step gives back. No IO.

use crate::time::Timestamp;

use super::ErrorCode;

/// What a link is closed with when nothing went wrong.
pub const ORDERLY_CLOSE: u32 = 0;

/// Names one link between two peers. The engine chooses it, unique while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// What a machine may not take for itself: the time, randomness, and what this device remembers beyond one invitation.
#[derive(Debug)]
pub struct Env<'a, R: ?Sized> {
    /// Now. Never earlier than at the step before.
    pub now: Timestamp,
    /// Where PINs, nonces and shares come from.
    pub rng: &'a mut R,
    /// Guesses within the last 24 hours, at all invitations together: for an inviter, wrong PINs that were entered at this
    /// device's; for an invitee nearby, PINs that were proved nearby and not proved back.
    pub wrong_pins_today: u32,
}

/// What a machine makes of an input: itself in its next state, and what is to be done now.
///
/// The engine does the outputs in their order and waits for each durable one. "Write before send" is that order.
#[derive(Debug)]
pub struct Step<M, O> {
    /// The machine.
    pub next: M,
    /// What to do, in this order.
    pub outputs: Vec<O>,
}

/// How a link is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The code for the peer: [`ORDERLY_CLOSE`], or an [`ErrorCode`]'s.
    pub code: u32,
    /// Whether this side has sent the last frame: then the link stays open until the peer has read it and closes, at most 5
    /// seconds. Closing at once would lose that frame.
    pub wait_for_peer: bool,
}

impl Closing {
    /// The peer has said its last word, and it was a good one.
    pub const ORDERLY: Self = Self {
        code: ORDERLY_CLOSE,
        wait_for_peer: false,
    };

    /// At once, with the reason as the only answer.
    #[must_use]
    pub fn at_once(code: ErrorCode) -> Self {
        Self {
            code: code.close_code(),
            wait_for_peer: false,
        }
    }

    /// After the peer has read the last frame.
    #[must_use]
    pub fn after_last_word(code: ErrorCode) -> Self {
        Self {
            code: code.close_code(),
            wait_for_peer: true,
        }
    }
}
