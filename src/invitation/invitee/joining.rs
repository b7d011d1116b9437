//! The PIN was right: what is being joined, who joins, the party's log, and the last word. No IO.

use rand::CryptoRng;

use crate::invitation::session::{Closing, SessionId};
use crate::invitation::{CodeKind, ErrorCode, MAX_ADMISSION, Message, RedeemError, RedemptionStage};
use crate::party::Role;

use super::desk::{Desk, failed};
use super::state::{AwaitStored, ExpectAdmission, ExpectWelcome, Journey, Link, State, Welcome};
use super::{ADMISSION_TIME, Output, Promise, StoreRefusal, Stored};

impl<R: CryptoRng + ?Sized> Desk<'_, '_, R> {
    /// Now that we know what we join, says who we are.
    pub(super) fn welcomed(&mut self, state: ExpectWelcome, message: Message) -> State {
        let session = state.session;
        let Some(welcome) = self.welcome_in(message) else {
            return self.misbehaved(session);
        };
        self.send(session, &Message::Join(state.join));
        self.expect_admission(Journey::begin(None), session, welcome)
    }

    /// The inviter knows that we are admitted.
    pub(super) fn remembered(&mut self, journey: Journey, link: &Link, message: Message) -> State {
        match self.welcome_in(message) {
            Some(welcome) => self.expect_admission(journey, link.session, welcome),
            None => self.misbehaved(link.session),
        }
    }

    fn expect_admission(&self, journey: Journey, session: SessionId, welcome: Welcome) -> State {
        let until = self.in_time(ADMISSION_TIME);
        State::ExpectAdmission(ExpectAdmission {
            journey,
            session,
            welcome,
            ops: Vec::new(),
            length: 0,
            until,
        })
    }

    /// A part of the log.
    pub(super) fn admitted(&mut self, state: ExpectAdmission, message: Message) -> State {
        let ExpectAdmission {
            journey,
            session,
            welcome,
            mut ops,
            length,
            until,
        } = state;
        let Message::Admit { last, ops: part } = message else {
            return self.misbehaved(session);
        };
        // A part brings something, or is the last: so the number of parts is bounded like their bytes.
        if part.is_empty() && !last {
            return self.misbehaved(session);
        }
        let length = part.iter().map(Vec::len).fold(length, usize::saturating_add);
        if length > MAX_ADMISSION {
            return self.misbehaved(session);
        }
        ops.extend(part);
        if !last {
            return State::ExpectAdmission(ExpectAdmission {
                journey,
                session,
                welcome,
                ops,
                length,
                until,
            });
        }
        let promise = Promise {
            tag: (self.pending.code.kind() != CodeKind::Nearby).then(|| self.pending.code.party_tag()),
            admitter: self.pending.code.endpoint(),
            role: welcome.role,
        };
        self.out.push(Output::StoreAdmission { ops, promise });
        State::AwaitStored(AwaitStored {
            session: Some(session),
            welcome,
        })
    }

    /// The engine has checked and stored the party, or not. If not, the redemption stays on disk: the inviter counts us in, and
    /// the next start asks again.
    pub(super) fn stored(&mut self, state: State, result: Result<Stored, StoreRefusal>) -> State {
        let State::AwaitStored(AwaitStored { session, .. }) = state else {
            return state;
        };
        let (code, error) = match result {
            Ok(Stored { party, op }) => {
                let stage = match self.pending.code.kind() {
                    CodeKind::DevicePairing => RedemptionStage::Paired { home: party },
                    _ => RedemptionStage::Joined { party },
                };
                if let Some(session) = session {
                    self.send(session, &Message::Ack { op: *op.as_bytes() });
                    self.close(
                        session,
                        Closing {
                            wait_for_peer: true,
                            ..Closing::ORDERLY
                        },
                    );
                }
                return State::Ended(stage);
            }
            Err(StoreRefusal::BadLog) => (ErrorCode::BadLog, RedeemError::BadAdmission),
            Err(StoreRefusal::WrongParty) => (ErrorCode::WrongParty, RedeemError::WrongParty),
            Err(StoreRefusal::HasParties) => (ErrorCode::Internal, RedeemError::HasParties),
            Err(StoreRefusal::OthersUnderWay) => (ErrorCode::Internal, RedeemError::OthersUnderWay),
            Err(StoreRefusal::Storage) => (ErrorCode::Internal, RedeemError::Internal),
        };
        if let Some(session) = session {
            self.refuse(session, code);
        }
        failed(error)
    }

    /// What we join, or whose device we become.
    fn welcome_in(&self, message: Message) -> Option<Welcome> {
        let Message::Welcome {
            party_name,
            inviter_name,
            role,
            ..
        } = message
        else {
            return None;
        };
        Some(Welcome {
            kind: self.pending.code.kind(),
            party: party_name,
            inviter: inviter_name,
            role: Role::try_from(role).ok()?,
        })
    }
}
