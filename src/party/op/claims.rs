//! What an op claims by signatures inside it: checked once, since no state changes the answer. No IO.

use std::sync::OnceLock;

use super::Op;
use crate::identity::{Certificate, DeviceId};
use crate::party::Act;
use crate::party::evidence::is_evidence;

/// The verdicts so far.
#[derive(Default)]
pub(super) struct Claims {
    certified: OnceLock<bool>,
    /// Under which key evidence was looked at first, and whether it verifies. It is hardly ever another one: the invitation
    /// that an op names is the hash of the key.
    proven: OnceLock<([u8; 32], bool)>,
}

impl Op {
    /// Whether the certificate in it verifies, if there is one.
    pub(in crate::party) fn is_certified(&self) -> bool {
        *self.0.claims.certified.get_or_init(|| verifies(self))
    }

    /// Whether the evidence in it was made with the invitation's key.
    pub(in crate::party) fn is_proven(&self, key: &[u8; 32]) -> bool {
        let (known, verdict) = self.0.claims.proven.get_or_init(|| (*key, proves(self, key)));
        if known == key { *verdict } else { proves(self, key) }
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
