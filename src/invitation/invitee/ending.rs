//! How a redemption ends without a membership: what the inviter says, what we find, and what stays on disk. No IO.

use rand::CryptoRng;

use crate::invitation::pending::Phase;
use crate::invitation::session::{Closing, SessionId};
use crate::invitation::{ErrorCode, RedeemError};

use super::Output;
use super::desk::{Desk, failed};
use super::state::State;

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    /// The inviter ends the session and says why.
    pub(super) fn told(&mut self, state: State, session: SessionId, code: ErrorCode, retry_after_s: u16) -> State {
        self.close(session, Closing::ORDERLY);
        // A network that stalled for a while is not the end, unless it is a person who did.
        if code == ErrorCode::Timeout && !matches!(state, State::AwaitPin(_)) {
            return self.lost(state);
        }
        self.sentenced(code, retry_after_s)
    }

    /// Ends with what this code means.
    pub(super) fn sentenced(&mut self, code: ErrorCode, retry_after_s: u16) -> State {
        if is_final(code) || self.pending.phase == Phase::Redeeming {
            self.forget();
        }
        failed(meaning(code, retry_after_s))
    }

    /// The inviter broke the protocol.
    pub(super) fn misbehaved(&mut self, session: SessionId) -> State {
        self.refuse(session, ErrorCode::BadMessage);
        self.fail(RedeemError::PeerMisbehaved)
    }

    /// Ends for a reason of ours. After a right PIN the redemption stays on disk: the inviter may have admitted this device,
    /// and the next start finds out.
    pub(super) fn fail(&mut self, error: RedeemError) -> State {
        if self.pending.phase == Phase::Redeeming {
            self.forget();
        }
        failed(error)
    }

    /// Nothing is left of it but the count of wrong PINs: whoever made a false code must not get fresh guesses by ending a
    /// redemption.
    pub(super) fn forget(&mut self) {
        if self.pending.wrong_total == 0 {
            self.out.push(Output::Delete);
            return;
        }
        self.pending.phase = Phase::Redeeming;
        self.save();
    }

    /// Our own disk fails: nothing that it should hold may be relied on.
    pub(super) fn save_failed(&mut self, state: State) -> State {
        if matches!(state, State::Ended(_)) {
            return state;
        }
        if let Some(session) = state.session() {
            self.close(session, Closing::at_once(ErrorCode::Internal));
        }
        failed(RedeemError::Internal)
    }
}

/// Whether this answer stays the same however often one asks, so that even a redemption whose PIN was right is over: an
/// inviter that has admitted this device would not give it.
const fn is_final(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Expired
            | ErrorCode::AlreadyUsed
            | ErrorCode::Revoked
            | ErrorCode::Locked
            | ErrorCode::CancelledByInviter
            | ErrorCode::NotAllowed
            | ErrorCode::BadIdentity
            | ErrorCode::AlreadyMember
    )
}

/// What a person is told.
fn meaning(code: ErrorCode, retry_after_s: u16) -> RedeemError {
    match code {
        ErrorCode::Version => RedeemError::VersionMismatch,
        ErrorCode::UnknownInvitation => RedeemError::UnknownInvitation,
        ErrorCode::Expired => RedeemError::Expired,
        ErrorCode::AlreadyUsed => RedeemError::AlreadyUsed,
        ErrorCode::Revoked => RedeemError::Revoked,
        ErrorCode::Locked => RedeemError::Locked,
        ErrorCode::WrongPin => RedeemError::OutOfTries,
        ErrorCode::CancelledByInviter => RedeemError::CancelledByInviter,
        ErrorCode::Timeout => RedeemError::TimedOut,
        ErrorCode::BadIdentity => RedeemError::BadIdentity,
        ErrorCode::AlreadyMember => RedeemError::AlreadyMember,
        ErrorCode::Internal => RedeemError::PeerFailed,
        ErrorCode::Busy | ErrorCode::RateLimited => RedeemError::RateLimited {
            seconds: u32::from(retry_after_s),
        },
        // The last two belong to offline invitations: whoever decides has decided.
        ErrorCode::NotAllowed | ErrorCode::ApprovalDenied | ErrorCode::UseElsewhere => RedeemError::NotAllowed,
        // The inviter complains about us, or sends what only an invitee may say.
        ErrorCode::BadMessage
        | ErrorCode::PinStale
        | ErrorCode::CancelledByInvitee
        | ErrorCode::BadLog
        | ErrorCode::WrongParty
        // Only by e-mail, and no PIN is asked for there.
        | ErrorCode::MailboxUnproved => RedeemError::PeerMisbehaved,
    }
}
