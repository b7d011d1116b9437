//! Ids that show which device chose them. No IO.
//!
//! Two things with one id are one thing, and the first counts; but what is first, an op's author can bend. So an id says whose
//! it is: its first half is a hash of the device and the second half. Of two additions of one id the one by that device counts,
//! and nobody can put another thing in the place of somebody else's.

use sha2::{Digest as _, Sha256};

use crate::identity::DeviceId;

/// How many bytes of an id are chosen; the others follow from them.
const SALT: usize = 8;

/// An id of this device's, from random bytes.
#[must_use]
pub fn own_id(device: DeviceId, salt: [u8; SALT]) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::new()
        .chain_update(b"party-log/1 item\0")
        .chain_update(device.as_bytes())
        .chain_update(salt)
        .finalize()
        .into();
    let mut id = [0; 16];
    id.iter_mut()
        .zip(hash.iter().take(SALT).chain(&salt))
        .for_each(|(to, from)| *to = *from);
    id
}

/// Whether this device has chosen an id.
pub(super) fn is_own(id: &[u8; 16], device: DeviceId) -> bool {
    id.last_chunk().is_some_and(|salt| own_id(device, *salt) == *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_devices_and_nobody_elses() {
        let (alice, mallory) = (DeviceId::from_bytes([1; 32]), DeviceId::from_bytes([2; 32]));
        let id = own_id(alice, [7; 8]);
        assert!(is_own(&id, alice) && !is_own(&id, mallory));
        assert!(!is_own(&[7; 16], alice));
    }
}
