//! This person's devices: which they are, and that each is in all their parties.
//!
//! What the logs say is all there is: a device is this person's if any of their parties has it and this person has removed it
//! from none. So nothing has to be remembered, and devices that were apart come to the same.

mod adding;
mod becoming;
mod handing;
mod phrase;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::identity::DeviceId;
use crate::party::{Act, KnownData, OwnDevice, Party, PartyId, check_name};
use crate::store::Change;

use super::Event;
use super::open::Open;
use super::view::{DeviceView, DevicesView, Presence};

pub(super) use handing::Handing;
pub(super) use phrase::{is_written, written};

/// What a machine is called that says nothing of use about itself.
const NAMELESS: &str = "My device";

/// What this machine is called, as the name of a device.
pub(super) fn machine_name() -> String {
    let name = gethostname::gethostname();
    let name = name.to_string_lossy();
    let host = name.split('.').next().unwrap_or_default();
    check_name(host).unwrap_or(NAMELESS).to_owned()
}

impl Open {
    /// Whether a party is the one where this person's devices meet.
    pub(super) fn is_home(&self, party: PartyId) -> bool {
        let party = self.parties.get(&party);
        party.is_some_and(|party| party.home_of() == Some(self.keys.identity.id()))
    }

    /// Where this person's devices meet: with this device, if it has met others.
    fn homes(&self) -> impl Iterator<Item = &Party> {
        let me = self.keys.identity.id();
        self.taking_part().filter(move |party| party.home_of() == Some(me))
    }

    /// The parties that this person is in with this very device.
    fn taking_part(&self) -> impl Iterator<Item = &Party> {
        let (me, here) = (self.keys.identity.id(), self.keys.endpoint.id());
        self.parties.values().filter(move |party| {
            let member = party.membership().by_endpoint(here);
            member.is_some_and(|member| member.identity == me)
        })
    }

    /// The devices that this person has removed from any party.
    fn retired(&self) -> BTreeSet<DeviceId> {
        let me = self.keys.identity.id();
        self.parties.values().flat_map(|party| party.retired_by(me)).collect()
    }

    /// This person's devices, with the first that the logs know of each.
    pub(super) fn own_devices(&self) -> BTreeMap<DeviceId, OwnDevice> {
        let (me, retired) = (self.keys.identity.id(), self.retired());
        let mut own: BTreeMap<DeviceId, OwnDevice> = BTreeMap::new();
        let logs = self.homes().chain(self.taking_part());
        for device in logs.flat_map(|party| party.devices_of(me)) {
            let known = own.entry(device.device).or_insert_with(|| device.clone());
            known.name = known.name.take().or(device.name);
            known.certificate = known.certificate.or(device.certificate);
            known.since = known.since.min(device.since);
        }
        own.retain(|device, _| !retired.contains(device));
        own
    }

    /// Sees that every device of this person is in all parties that this one is in, and that the removed ones are in none; then
    /// shows them, if they are others than before.
    pub(super) async fn settle_devices(&mut self) {
        // What is amiss is told by the party that it is about.
        self.meet().await.unwrap_or_default();
        let missing = self.missing_acts();
        for (party, act) in missing {
            if let Err(failure) = self.write_later(party, act) {
                tracing::warn!(?failure, party = %party.short(), "a device was not added or removed");
            }
        }
        if self.flush().await.is_err() {
            tracing::warn!("the devices of this person could not be stored");
        }
        self.take_over_name().await;
        self.publish_devices().await;
    }

    /// The acts that make the devices the same in all parties.
    fn missing_acts(&self) -> Vec<(PartyId, Act)> {
        let (me, here) = (self.keys.identity.id(), self.keys.device.id());
        let (own, retired) = (self.own_devices(), self.retired());
        let mut acts = Vec::new();
        for party in self.taking_part().filter(|party| !party.is_incomplete()) {
            let Some(member) = party.membership().member(me) else {
                continue;
            };
            let is_in = |device: &DeviceId| member.devices.iter().any(|known| known.device == *device);
            let lacking = own
                .values()
                .filter(|own| !is_in(&own.device) && !party.has_removed(own.device));
            acts.extend(lacking.filter_map(|own| Some((party.id(), added(own)?))));
            let lost = retired.iter().filter(|device| is_in(device) && **device != here);
            acts.extend(lost.map(|device| {
                let (device, known) = (*device, KnownData::default());
                (party.id(), Act::DeviceRemoved { device, known })
            }));
        }
        acts
    }

    /// Another device has changed this person's name.
    async fn take_over_name(&mut self) {
        let me = self.keys.identity.id();
        let named = self
            .homes()
            .next()
            .and_then(|home| home.membership().member(me)?.name.clone());
        let Some(name) = named.filter(|name| *name != self.name) else {
            return;
        };
        if self.store_or_tell(vec![Change::SetName(name.clone())]).await.is_ok() {
            self.name = name;
            self.tell_who_this_is(None).await;
        }
    }

    /// Shows this person's devices, if they are others than before or look different.
    pub(super) async fn publish_devices(&mut self) {
        let devices = self.devices_view();
        if self.shown_devices.as_deref() == Some(&devices) {
            return;
        }
        let devices = Arc::new(devices);
        self.shown_devices = Some(Arc::clone(&devices));
        self.context.events.send(Event::DevicesChanged { devices }).await;
    }

    fn devices_view(&self) -> DevicesView {
        let here = self.keys.device.id();
        let mut own: Vec<OwnDevice> = self.own_devices().into_values().collect();
        own.sort_by_key(|own| (own.since, own.device));
        let mut devices: Vec<DeviceView> = own.into_iter().map(|own| self.device_view(own)).collect();
        if !devices.iter().any(|device| device.device == here) {
            devices.push(DeviceView {
                device: here,
                name: None,
                since: None,
                presence: Presence::Me,
            });
        }
        for device in devices.iter_mut().filter(|device| device.device == here) {
            device.name.get_or_insert_with(machine_name);
        }
        DevicesView {
            devices,
            key: self.key_view(),
        }
    }

    fn device_view(&self, own: OwnDevice) -> DeviceView {
        let presence = if own.device == self.keys.device.id() {
            Presence::Me
        } else if self.peers.linked.contains_key(&own.endpoint) {
            Presence::Online
        } else {
            Presence::Offline(self.peers.left.get(&own.endpoint).map(|left| left.at))
        };
        DeviceView {
            device: own.device,
            name: own.name,
            since: Some(own.since),
            presence,
        }
    }
}

/// The act that brings a device into a further party; none if only another device has vouched for it.
fn added(own: &OwnDevice) -> Option<Act> {
    let certificate = own.certificate?;
    Some(Act::DeviceAdded {
        device: own.device,
        endpoint: own.endpoint,
        signer: *certificate.identity.as_bytes(),
        certificate: certificate.signature,
    })
}
