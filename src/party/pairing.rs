//! How a new device knows that it is a person's, and what it is handed with that. No IO.

use std::collections::BTreeMap;

use super::{AdmissionError, Op, OpId, Party, PartyId};
use crate::identity::{Certificate, DeviceId, EndpointId, IdentityId};

/// What a new device was promised, to compare with what it is handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairingExpectation {
    /// The endpoint that sent it, as the transport authenticated it.
    pub adder: EndpointId,
    /// The new device.
    pub device: DeviceId,
    /// Where it is on the network.
    pub endpoint: EndpointId,
}

/// What a new device has become.
#[derive(Debug)]
pub struct Paired {
    /// What the person's key has signed for it. It names the person.
    pub certificate: Certificate,
    /// The op that made it one of the person's devices.
    pub op: OpId,
    /// The party in which the person's devices meet.
    pub home: Party,
    /// The person's other parties, as far as they were handed over.
    pub parties: Vec<Party>,
}

impl Paired {
    /// What the person is called.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let member = self.home.membership().member(self.certificate.identity)?;
        member.name.as_deref()
    }

    /// Reads what a device of the person hands over: the log of the party in which their devices meet, and of further ones.
    /// Nothing is believed that the ops do not show.
    ///
    /// # Errors
    /// [`AdmissionError`] names the first check that failed.
    pub fn read(ops: &[Vec<u8>], expect: &PairingExpectation) -> Result<Self, AdmissionError> {
        let parties = Party::several(ops)?;
        let (mut homes, others): (Vec<Party>, Vec<Party>) =
            parties.into_iter().partition(|party| party.home_of().is_some());
        let home = homes
            .pop()
            .filter(|_| homes.is_empty())
            .ok_or(AdmissionError::NotAdmitted)?;
        let identity = home.home_of().ok_or(AdmissionError::NotAdmitted)?;
        let is_adder = |device: &super::Device| device.endpoint == expect.adder;
        let members = home.membership();
        let adder = members
            .by_endpoint(expect.adder)
            .filter(|member| member.identity == identity);
        if !adder.is_some_and(|member| member.devices.iter().any(is_adder)) {
            return Err(AdmissionError::AdmitterNotAllowed);
        }
        let is_own = |party: &Party| has(party, identity, expect);
        if !is_own(&home) || !others.iter().all(is_own) {
            return Err(AdmissionError::NotAdmitted);
        }
        let own = home
            .devices_of(identity)
            .into_iter()
            .find(|own| own.device == expect.device);
        let certificate = own.and_then(|own| own.certificate).ok_or(AdmissionError::NotAdmitted)?;
        let op = home.brought(expect.device).ok_or(AdmissionError::NotAdmitted)?.id();
        Ok(Self {
            certificate,
            op,
            home,
            parties: others,
        })
    }
}

impl Party {
    /// The parties that these ops make, in the order of their ids. Each has to be whole.
    ///
    /// # Errors
    /// [`AdmissionError`] if an op is none, or a party is not whole.
    pub fn several(ops: &[Vec<u8>]) -> Result<Vec<Self>, AdmissionError> {
        let mut logs: BTreeMap<PartyId, Vec<Op>> = BTreeMap::new();
        for bytes in ops {
            let op = Op::open(bytes)?;
            logs.entry(op.party()).or_default().push(op);
        }
        let parties = logs.into_values().map(Self::load);
        Ok(parties.collect::<Result<_, _>>()?)
    }
}

/// Whether this very device is one of the person's in a party.
fn has(party: &Party, identity: IdentityId, expect: &PairingExpectation) -> bool {
    let member = party.membership().by_endpoint(expect.endpoint);
    let member = member.filter(|member| member.identity == identity);
    member.is_some_and(|member| member.devices.iter().any(|known| known.device == expect.device))
}
