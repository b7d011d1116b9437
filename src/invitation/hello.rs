//! The first frame of every link, from the device that holds a code. No IO.

use crate::identity::EndpointId;

use super::pending::Pending;
use super::{Exporter, Message, Mode, Redeem, VERSION};

/// Proves to hold the code on this very link, and tells nothing else yet.
pub(super) fn hello(
    pending: &Pending,
    mode: Mode,
    nonce: [u8; 32],
    exporter: &Exporter,
    (invitee, inviter): (EndpointId, EndpointId),
) -> Message {
    let versions = vec![VERSION];
    let proof = pending.code.secret().sign_redeem(&Redeem {
        exporter,
        inviter,
        invitee,
        nonce,
        versions: &versions,
    });
    Message::Hello {
        versions,
        mode,
        invitation: pending.id(),
        nonce,
        proof,
    }
}
