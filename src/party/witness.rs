//! Who built on whose data: what keeps the effect of ops that the author of a removal had not seen. No IO.

use std::collections::BTreeMap;

use crate::identity::DeviceId;

/// A data op that builds on the data of another person's device.
#[derive(Clone, Copy)]
pub(super) struct Witness {
    /// Up to which place of the device's chain.
    pub(super) seq: u64,
    /// Its place in the log.
    pub(super) at: usize,
}

/// The witnesses of each device's data chain, by the place up to which they say something.
#[derive(Clone, Default)]
pub(super) struct Witnesses {
    by_device: BTreeMap<DeviceId, Vec<Witness>>,
    /// Whose data has a new one since somebody asked.
    new: Vec<(DeviceId, Witness)>,
}

impl Witnesses {
    /// Notes that somebody has built on this device's data.
    pub(super) fn add(&mut self, device: DeviceId, witness: Witness) {
        let all = self.by_device.entry(device).or_default();
        let place = all.partition_point(|known| known.seq <= witness.seq);
        all.insert(place, witness);
        self.new.push((device, witness));
    }

    /// Who has built on the device's op at this place, or a later one; the latest places first.
    pub(super) fn of(&self, device: DeviceId, seq: u64) -> impl Iterator<Item = Witness> {
        let all = self.by_device.get(&device).map(Vec::as_slice).unwrap_or_default();
        let from = all.partition_point(|witness| witness.seq < seq);
        all.get(from..).unwrap_or_default().iter().rev().copied()
    }

    /// What has come since the last call.
    pub(super) fn take_new(&mut self) -> Vec<(DeviceId, Witness)> {
        std::mem::take(&mut self.new)
    }
}
