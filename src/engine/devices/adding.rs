//! A further device is added, named or removed, from one that is this person's.

use std::sync::Arc;
use std::time::Duration;

use crate::failure::Failure;
use crate::identity::{Certificate, DeviceId, EndpointId};
use crate::invitation::inviter::{PartyFacts, Record, Refusal};
use crate::invitation::{Join, MAX_ADMISSION, Secret};
use crate::party::{Act, KnownData, Op, OpId, Party, PartyId, PartyTag, Role, WriteError};
use crate::store::Change;

use super::super::open::Open;
use super::super::{Event, RequestId};
use super::machine_name;

/// How long a code for a device lasts: both are in one person's hands.
const LIFETIME: Duration = Duration::from_secs(3600);

/// How long one has to last for being shown again.
const WORTH_SHOWING: Duration = Duration::from_secs(20 * 60);

impl Open {
    /// Creates a code that makes a new device one of this person's. One that is there already is shown again: a device that has
    /// begun with it goes on with it.
    pub(in crate::engine) async fn add_device(&mut self, request: RequestId) -> Result<Event, Failure> {
        if self.keys.identity.key().is_none() {
            return Err(Failure::IdentityElsewhere);
        }
        let home = self.home().await?;
        let now = self.now();
        if let Some(invitation) = self.open_invitation_to(home, now.plus(WORTH_SHOWING)) {
            return Ok(Event::InvitationCreated { request, invitation });
        }
        let secret = Arc::new(Secret::generate(&mut rand::rng()));
        let record = Record::new(secret, home, Role::Owner, String::new(), now, now.plus(LIFETIME), 1);
        self.open_invitation(request, record).await
    }

    /// Where this person's devices meet; founded if they have not met anywhere yet.
    async fn home(&mut self) -> Result<PartyId, Failure> {
        let known = self.homes().next().map(Party::id);
        match known {
            Some(home) => Ok(home),
            None => self.found_home().await,
        }
    }

    async fn found_home(&mut self) -> Result<PartyId, Failure> {
        let (home, ops) = Party::found_home(&self.keys, &self.name, &machine_name(), self.now())?;
        let id = home.id();
        self.store(vec![Change::AppendOps { party: id, ops }]).await?;
        self.parties.insert(id, home);
        Ok(id)
    }

    /// This person has several devices that have nowhere to meet: the first of them founds the place.
    pub(super) async fn meet(&mut self) -> Result<(), Failure> {
        let own = self.own_devices();
        let first = own.values().min_by_key(|own| (own.since, own.device));
        let is_first = first.is_some_and(|own| own.device == self.keys.device.id());
        if own.len() > 1 && is_first && self.homes().next().is_none() {
            self.found_home().await?;
        }
        Ok(())
    }

    /// What a device that comes with such a code is told once it has proved the PIN.
    pub(in crate::engine) fn pairing_facts(&self) -> PartyFacts {
        let own = self.own_devices().remove(&self.keys.device.id());
        PartyFacts {
            tag: PartyTag::NONE,
            name: self.name.clone(),
            inviter_name: own.and_then(|own| own.name).unwrap_or_else(machine_name),
            members: u32::try_from(self.shown_parties().count()).unwrap_or(u32::MAX),
            inviter_endpoint: self.keys.endpoint.id(),
        }
    }

    /// The ops that bring a device into all parties of this person, judged and not yet applied, and which of them is that of the
    /// place where the devices meet.
    pub(in crate::engine) fn prepare_pairing(
        &self,
        home: PartyId,
        join: &Join,
    ) -> Result<(OpId, Vec<(PartyId, Op)>), Refusal> {
        let identity = self.keys.identity.key().ok_or(Refusal::NotAllowed)?;
        let certificate = Certificate::issue(identity, join.device, join.endpoint);
        let act = Act::DeviceAdded {
            device: join.device,
            endpoint: join.endpoint,
            signer: *certificate.identity.as_bytes(),
            certificate: certificate.signature,
        };
        let (mut ops, mut added) = (Vec::new(), None);
        for party in self.taking_part().filter(|party| !party.is_incomplete()) {
            match party.prepare(&self.keys, act.clone(), self.now()) {
                Ok(op) => {
                    if party.id() == home {
                        added = Some(op.id());
                    }
                    ops.push((party.id(), op));
                }
                Err(WriteError::AlreadyMember) if party.id() == home => return Err(Refusal::AlreadyMember),
                // It is settled later, or cannot be.
                Err(error) => tracing::warn!(%error, party = %party.id().short(), "a device was not added"),
            }
        }
        Ok((added.ok_or(Refusal::NotAllowed)?, ops))
    }

    /// The other parties that a new device is in, as many as an admission has room for. The rest is handed over later.
    pub(in crate::engine) fn parties_for_device(&self, home: &Party, op: OpId) -> Vec<&Party> {
        let Some(endpoint) = added_by(home, op) else {
            return Vec::new();
        };
        let mut room = MAX_ADMISSION.saturating_sub(home.admission_length());
        let shared = self.taking_part().filter(|party| party.home_of().is_none());
        let shared = shared.filter(|party| party.membership().by_endpoint(endpoint).is_some());
        let fits = |party: &&Party| match room.checked_sub(party.admission_length()) {
            Some(left) => {
                room = left;
                true
            }
            None => false,
        };
        shared.filter(fits).collect()
    }

    /// Removes a device of this person from all parties, in one transaction.
    pub(in crate::engine) async fn remove_device(&mut self, device: DeviceId) -> Result<(), Failure> {
        if device == self.keys.device.id() {
            return Err(Failure::ThisDevice);
        }
        if !self.own_devices().contains_key(&device) {
            return Err(Failure::DeviceUnknown);
        }
        let me = self.keys.identity.id();
        let has = |party: &&Party| {
            let member = party.membership().member(me);
            member.is_some_and(|member| member.devices.iter().any(|known| known.device == device))
        };
        // What waits for the disk is part of what an op names.
        self.flush().await?;
        // One whose ops are not all there follows when they are.
        let parties = self.taking_part().filter(|party| !party.is_incomplete()).filter(has);
        let known = KnownData::default();
        let removal = Act::DeviceRemoved { device, known };
        let prepared = parties.map(|party| Ok((party.id(), party.prepare(&self.keys, removal.clone(), self.now())?)));
        let ops = prepared.collect::<Result<Vec<(PartyId, Op)>, Failure>>()?;
        if ops.is_empty() {
            return Err(Failure::PartyIncomplete);
        }
        let stored = ops.iter().cloned().map(|(party, op)| {
            let ops = vec![op];
            Change::AppendOps { party, ops }
        });
        self.store(stored.collect()).await?;
        for (party, op) in ops {
            self.apply(party, op).await;
        }
        self.publish_devices().await;
        Ok(())
    }

    /// Changes what a device of this person is called.
    pub(in crate::engine) async fn rename_device(&mut self, device: DeviceId, name: &str) -> Result<(), Failure> {
        let is_own = self.own_devices().contains_key(&device) || device == self.keys.device.id();
        if !is_own {
            return Err(Failure::DeviceUnknown);
        }
        let home = self.home().await?;
        let name = name.to_owned();
        self.write(home, Act::DeviceNamed { device, name }).await?;
        self.publish_devices().await;
        Ok(())
    }
}

/// Where the device is on the network that an op has added.
fn added_by(home: &Party, op: OpId) -> Option<EndpointId> {
    let closure = home.membership_closure();
    let added = closure.iter().find(|known| known.id() == op)?;
    match added.act() {
        Act::DeviceAdded { endpoint, .. } => Some(*endpoint),
        _ => None,
    }
}
