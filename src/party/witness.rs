//! Who built on whose data: what keeps the effect of ops that the author of a removal had not seen. No IO.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::past::Past;
use crate::identity::{DeviceId, IdentityId};

/// A data op that has the data of another person's device in its past.
#[derive(Clone)]
pub(super) struct Witness {
    /// Up to which place of the device's chain.
    seq: u64,
    pub(super) author: IdentityId,
    pub(super) device: DeviceId,
    /// The membership ops in its past.
    pub(super) view: Arc<Past>,
}

/// The witnesses of each device's data chain, in the order in which they came.
#[derive(Clone, Default)]
pub(super) struct Witnesses {
    by_device: BTreeMap<DeviceId, Vec<Witness>>,
    /// Whose data has a new one since somebody asked.
    new: Vec<(DeviceId, Witness)>,
}

impl Witness {
    pub(super) fn new(seq: u64, (author, device): (IdentityId, DeviceId), view: &Arc<Past>) -> Self {
        let view = Arc::clone(view);
        Self {
            seq,
            author,
            device,
            view,
        }
    }

    /// Whether this one says nothing that the other does not say.
    fn adds_nothing_to(&self, other: &Self) -> bool {
        self.device == other.device && self.seq <= other.seq && Arc::ptr_eq(&self.view, &other.view)
    }
}

impl Witnesses {
    /// Notes that somebody has built on this device's data.
    pub(super) fn add(&mut self, device: DeviceId, witness: Witness) {
        let all = self.by_device.entry(device).or_default();
        let mut last = all.iter_mut().rev();
        match last.find(|known| known.device == witness.device) {
            Some(known) if witness.adds_nothing_to(known) => return,
            // The same writer under the same membership: a later place says more.
            Some(known) if Arc::ptr_eq(&known.view, &witness.view) => known.seq = witness.seq,
            _ => all.push(witness.clone()),
        }
        self.new.push((device, witness));
    }

    /// Who has built on the device's op at this place.
    pub(super) fn of(&self, device: DeviceId, seq: u64) -> impl Iterator<Item = &Witness> {
        let all = self.by_device.get(&device).into_iter().flatten();
        all.filter(move |witness| witness.seq >= seq)
    }

    /// What has come since the last call.
    pub(super) fn take_new(&mut self) -> Vec<(DeviceId, Witness)> {
        std::mem::take(&mut self.new)
    }
}
