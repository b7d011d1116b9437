//! How an invitee knows that what it received is the party it was promised. No IO.

use super::{AdmissionError, Op, Party, PartyTag, Role};
use crate::identity::{DeviceId, EndpointId, IdentityId};

/// What an invitee was promised, to compare an admission with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionExpectation {
    /// The party of the code, if it named one.
    pub tag: Option<PartyTag>,
    /// The endpoint that sent the admission, as the transport authenticated it.
    pub admitter: EndpointId,
    /// The invitee.
    pub identity: IdentityId,
    /// The invitee's device.
    pub device: DeviceId,
    /// The role that the welcome showed.
    pub role: Role,
}

impl Party {
    /// The party that an invitee was admitted to, and its ops to be stored; nothing is believed that the ops do not show.
    ///
    /// A log can still be stale or cut: that shows at the first contact with another member.
    ///
    /// # Errors
    /// [`AdmissionError`] names the first check that failed.
    pub fn from_admission(ops: &[Vec<u8>], expect: &AdmissionExpectation) -> Result<(Self, Vec<Op>), AdmissionError> {
        let ops = ops
            .iter()
            .map(|bytes| Op::open(bytes))
            .collect::<Result<Vec<Op>, _>>()?;
        let founded = ops.iter().find(|op| op.is_genesis());
        if let (Some(genesis), Some(tag)) = (founded, expect.tag)
            && genesis.party().tag() != tag
        {
            return Err(AdmissionError::WrongParty);
        }
        let party = Self::load(ops)?;
        if party.home_of().is_some() {
            return Err(AdmissionError::PlaceOfDevices);
        }
        let members = party.membership();
        let me = members.member(expect.identity).ok_or(AdmissionError::NotAdmitted)?;
        if !me.devices.iter().any(|known| known.device == expect.device) {
            return Err(AdmissionError::NotAdmitted);
        }
        // Who was in before comes with a further device: the role is the one from then, and an own device may have let it in.
        let brought = party.brought(expect.device).ok_or(AdmissionError::NotAdmitted)?.id();
        let was_in = brought != me.admission;
        let admitter = members
            .by_endpoint(expect.admitter)
            .filter(|member| was_in || member.identity != expect.identity);
        // By a delegated invitation an Editor may witness; the resolver has checked who may admit by which.
        let is_delegated = party.is_delegated(me.admission);
        let least = if is_delegated { Role::Editor } else { Role::Admin };
        if admitter.is_none_or(|admitter| admitter.role < least) {
            return Err(AdmissionError::AdmitterNotAllowed);
        }
        if !was_in && me.role != expect.role {
            return Err(AdmissionError::WrongRole);
        }
        let ops = party.ops().cloned().collect();
        Ok((party, ops))
    }
}
