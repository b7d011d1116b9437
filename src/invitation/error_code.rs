//! Why a session ended, as two peers tell each other: a number with one meaning (PROTOCOL.md, "Error codes"). No IO.

/// What a QUIC connection is closed with is this plus the error code, so that codes of other protocols stay apart.
const CLOSE_CODE_BASE: u32 = 0x5000;

/// Why a session ended. Travels in an `Error` frame and as the close code of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum ErrorCode {
    /// The peer broke the protocol.
    BadMessage = 1,
    /// No version in common.
    Version = 2,
    /// No such invitation. Also the answer to a bad proof, after the same time.
    UnknownInvitation = 3,
    /// The invitation has expired, by the admitter's clock.
    Expired = 4,
    /// The invitation has admitted as many as it was made for.
    AlreadyUsed = 5,
    /// The invitation was revoked.
    Revoked = 6,
    /// Too many wrong PINs: the invitation is locked for good.
    Locked = 7,
    /// Another device uses the invitation now.
    Busy = 8,
    /// The PIN was reset meanwhile. The attempt does not count.
    PinStale = 9,
    /// The last attempt was wrong.
    WrongPin = 10,
    /// The person at the inviter's machine cancelled.
    CancelledByInviter = 11,
    /// The person at the invitee's machine cancelled.
    CancelledByInvitee = 12,
    /// The peer did not answer in time.
    Timeout = 13,
    /// The inviter's role does not allow this admission.
    NotAllowed = 14,
    /// Certificate, proof of possession or commitment is wrong.
    BadIdentity = 15,
    /// The identity is a member already. The invitation is not used up.
    AlreadyMember = 16,
    /// What was handed over does not prove the membership.
    BadLog = 17,
    /// The party is not the one that the code promised. Sent by invitees only.
    WrongParty = 18,
    /// Too many connections or attempts.
    RateLimited = 19,
    /// Something failed inside the sender's program.
    Internal = 20,
    /// An administrator refused the request to join.
    ApprovalDenied = 21,
    /// This member may not admit; another one may.
    UseElsewhere = 22,
    /// What a mail service says of the invitee is missing, too old, or not about this invitation and device.
    MailboxUnproved = 23,
}

impl ErrorCode {
    /// Every code, in the order of its number, from 1.
    pub const ALL: [Self; 23] = [
        Self::BadMessage,
        Self::Version,
        Self::UnknownInvitation,
        Self::Expired,
        Self::AlreadyUsed,
        Self::Revoked,
        Self::Locked,
        Self::Busy,
        Self::PinStale,
        Self::WrongPin,
        Self::CancelledByInviter,
        Self::CancelledByInvitee,
        Self::Timeout,
        Self::NotAllowed,
        Self::BadIdentity,
        Self::AlreadyMember,
        Self::BadLog,
        Self::WrongParty,
        Self::RateLimited,
        Self::Internal,
        Self::ApprovalDenied,
        Self::UseElsewhere,
        Self::MailboxUnproved,
    ];

    /// Its number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The code of this number, if there is one.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// What the connection is closed with: 0x5000 plus the number.
    #[must_use]
    pub fn close_code(self) -> u32 {
        CLOSE_CODE_BASE + u32::from(self.number())
    }

    /// The code that a connection was closed with, if it is one of ours. Zero is an orderly end and is none.
    #[must_use]
    pub fn from_close_code(code: u32) -> Option<Self> {
        Self::from_number(u16::try_from(code.checked_sub(CLOSE_CODE_BASE)?).ok()?)
    }

    /// Whether it may be told to a peer that has not proved that it holds the code.
    ///
    /// Everything else would tell a stranger whether an invitation exists and how it is.
    #[must_use]
    pub const fn may_tell_strangers(self) -> bool {
        matches!(
            self,
            Self::BadMessage | Self::Version | Self::UnknownInvitation | Self::Busy | Self::RateLimited
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_close_codes_lead_back() {
        for (index, code) in ErrorCode::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(code.number()), index + 1);
            assert_eq!(ErrorCode::from_number(code.number()), Some(code));
            assert_eq!(code.close_code(), 0x5000 + u32::from(code.number()));
            assert_eq!(ErrorCode::from_close_code(code.close_code()), Some(code));
        }
        for number in [0, 24, u16::MAX] {
            assert_eq!(ErrorCode::from_number(number), None);
        }
        for close in [0, 0x4fff, 0x5000, 0x5018, u32::MAX] {
            assert_eq!(ErrorCode::from_close_code(close), None);
        }
    }

    #[test]
    fn strangers_learn_five_codes_only() {
        let told: Vec<u16> = ErrorCode::ALL
            .into_iter()
            .filter(|c| c.may_tell_strangers())
            .map(ErrorCode::number)
            .collect();
        assert_eq!(told, [1, 2, 3, 8, 19]);
    }
}
