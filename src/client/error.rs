//! What can go wrong for a caller of the library. No IO.

use std::io;

use crate::failure::{Failure, words};
use crate::invitation::{CodeError, InvitationStage};

/// Why a call of [`super::Client`] did not give what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// What was asked for cannot be had; [`words`] has what happened and what to do.
    #[error("{}", words::problem(.0))]
    Failed(Failure),
    /// The invitation ended without a member. The stage is `Locked`, `Revoked` or `Expired`.
    #[error("the invitation ended without a member")]
    InvitationEnded(InvitationStage),
    /// The redemption or the transfer was cancelled on this side.
    #[error("it was cancelled on this side")]
    Cancelled,
    /// A PIN is asked for, and the [`super::SecretResolver`] that was to hand it in has been dropped.
    #[error("nobody is left who could hand in the PIN")]
    ResolverDropped,
    /// A change of a note's text was made to a text of another length than the note's.
    #[error("the change was made to another text")]
    ChangeMismatch,
    /// The worker's thread could not be started.
    #[error("the worker could not be started")]
    Start(#[source] io::Error),
    /// The call was made outside a tokio runtime.
    #[error("the client needs a tokio runtime")]
    NoRuntime,
    /// The worker has stopped, because the client was closed or because of a bug here.
    #[error("the worker has stopped")]
    Stopped,
}

impl From<Failure> for ClientError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<CodeError> for ClientError {
    fn from(error: CodeError) -> Self {
        Self::Failed(Failure::Code(error))
    }
}
