//! What an op claims by signatures inside it: checked once, since no state changes the answer. No IO.

use std::sync::OnceLock;

use super::Op;
use crate::identity::{Certificate, DeviceId};
use crate::party::Act;
use crate::party::evidence::{invitation_id, is_evidence};

/// The verdicts so far.
#[derive(Default)]
pub(super) struct Claims {
    certified: OnceLock<bool>,
    /// Under the key whose hash is the invitation that the op names: there is no other.
    proven: OnceLock<bool>,
}

/// Bits of [`Op::verdicts`].
const CERTIFIED: u8 = 1;
const PROVEN: u8 = 2;

impl Claims {
    /// What was found out about the same op before.
    pub(super) fn known(verdicts: u8) -> Self {
        let known = |bit: u8| match verdicts & bit {
            0 => OnceLock::new(),
            _ => OnceLock::from(true),
        };
        Self {
            certified: known(CERTIFIED),
            proven: known(PROVEN),
        }
    }
}

impl Op {
    /// Whether the certificate in it verifies, if there is one.
    pub(in crate::party) fn is_certified(&self) -> bool {
        *self.0.claims.certified.get_or_init(|| verifies(self))
    }

    /// Whether the evidence in it was made with the invitation's key.
    pub(in crate::party) fn is_proven(&self, key: &[u8; 32]) -> bool {
        let (Act::MemberAdmitted { invitation, .. } | Act::JoinRequested { invitation, .. }) = self.act() else {
            return false;
        };
        invitation_id(key) == *invitation && *self.0.claims.proven.get_or_init(|| proves(self, key))
    }

    /// The good verdicts so far, for [`Op::reopen`].
    pub(crate) fn verdicts(&self) -> u8 {
        let found = |verdict: &OnceLock<bool>, bit| if verdict.get() == Some(&true) { bit } else { 0 };
        found(&self.0.claims.certified, CERTIFIED) | found(&self.0.claims.proven, PROVEN)
    }

    /// The certificate of who comes in, or asks to.
    pub(in crate::party) fn newcomer(&self) -> Option<Certificate> {
        match self.act() {
            Act::MemberAdmitted {
                member,
                device,
                endpoint,
                certificate,
                ..
            }
            | Act::JoinRequested {
                member,
                device,
                endpoint,
                certificate,
                ..
            } => Some(Certificate {
                identity: *member,
                device: *device,
                endpoint: *endpoint,
                signature: *certificate,
            }),
            _ => None,
        }
    }
}

fn verifies(op: &Op) -> bool {
    match op.act() {
        Act::Genesis {
            endpoint, certificate, ..
        } => {
            let (identity, device) = (op.author(), op.device());
            Certificate {
                identity,
                device,
                endpoint: *endpoint,
                signature: *certificate,
            }
            .verify()
            .is_ok()
        }
        Act::DeviceAdded {
            device,
            endpoint,
            signer,
            certificate,
        } => {
            let certificate = Certificate {
                identity: op.author(),
                device: *device,
                endpoint: *endpoint,
                signature: *certificate,
            };
            certificate.verify_by_device(DeviceId::from_bytes(*signer)).is_ok()
        }
        _ => op.newcomer().is_none_or(|certificate| certificate.verify().is_ok()),
    }
}

fn proves(op: &Op, key: &[u8; 32]) -> bool {
    let (Act::MemberAdmitted { evidence, .. } | Act::JoinRequested { evidence, .. }) = op.act() else {
        return false;
    };
    op.newcomer()
        .is_some_and(|certificate| is_evidence(key, op.party().tag(), &certificate, evidence))
}
