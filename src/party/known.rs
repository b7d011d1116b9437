//! What a removal knew of the data that it is about. No IO.

use minicbor::{Decoder, Encoder, decode};

use super::cbor::{self, Field, Written};
use crate::identity::DeviceId;

/// Most devices that are listed: what one op has room for. Of others nothing counts as known.
const MAX_DEVICES: usize = 64;

/// How many data ops of each device the author of a removal held: by device, ascending; none that is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownData(Vec<(DeviceId, u64)>);

impl KnownData {
    /// Puts it together. The devices are ascending; of more than 64 those with the fewest ops are left out.
    pub(super) fn new(chains: impl Iterator<Item = (DeviceId, u64)>) -> Self {
        let mut all: Vec<_> = chains.filter(|(_, count)| *count > 0).collect();
        all.sort_unstable_by_key(|(_, count)| std::cmp::Reverse(*count));
        all.truncate(MAX_DEVICES);
        all.sort_unstable_by_key(|(device, _)| *device);
        Self(all)
    }

    /// How many data ops of this device were known.
    pub(super) fn of(&self, device: DeviceId) -> u64 {
        let at = self.0.binary_search_by_key(&device, |(known, _)| *known);
        at.ok().and_then(|at| self.0.get(at)).map_or(0, |(_, count)| *count)
    }
}

/// An array of `[device, count]`.
impl Field for KnownData {
    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.array(self.0.len() as u64)?;
        for (device, count) in &self.0 {
            to.array(2)?;
            device.write(to)?;
            count.write(to)?;
        }
        Ok(())
    }

    fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        let length = from.array()?.filter(|length| *length <= MAX_DEVICES as u64);
        let length = length.ok_or_else(|| decode::Error::message("too many devices"))?;
        let mut all: Vec<(DeviceId, u64)> = Vec::new();
        for _ in 0..length {
            cbor::array_of(from, 2)?;
            let (device, count) = (DeviceId::read(from)?, u64::read(from)?);
            if count == 0 || all.last().is_some_and(|(last, _)| *last >= device) {
                return Err(decode::Error::message("devices not in their order"));
            }
            all.push((device, count));
        }
        Ok(Self(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(n: u8) -> DeviceId {
        DeviceId::from_bytes([n; 32])
    }

    fn read(bytes: &[u8]) -> Option<KnownData> {
        KnownData::read(&mut Decoder::new(bytes)).ok()
    }

    #[test]
    fn it_comes_back_as_it_was() {
        let known = KnownData::new([(device(3), 70_000), (device(1), 2), (device(2), 0)].into_iter());
        assert_eq!(read(&cbor::encoded(|to| known.write(to))), Some(known.clone()));
        assert_eq!((known.of(device(3)), known.of(device(1))), (70_000, 2));
        assert_eq!((known.of(device(2)), known.of(device(9))), (0, 0));
        assert_eq!(read(&[0x80]), Some(KnownData::default()));
    }

    #[test]
    fn unsorted_repeated_or_empty_chains_are_refused() {
        let bytes = |chains: Vec<(DeviceId, u64)>| cbor::encoded(|to| KnownData(chains).write(to));
        assert!(read(&bytes(vec![(device(1), 1), (device(2), 1)])).is_some());
        for chains in [
            vec![(device(2), 1), (device(1), 1)],
            vec![(device(1), 1), (device(1), 1)],
            vec![(device(1), 0)],
            (0..65).map(|n| (device(n), 1)).collect(),
        ] {
            assert_eq!(read(&bytes(chains)), None);
        }
        assert_eq!(read(&[0x9a, 0xff, 0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn the_most_fits_into_an_op() {
        let known = KnownData::new((0..100).map(|n| (device(n), u64::MAX - u64::from(n))));
        let length = cbor::encoded(|to| known.write(to)).len();
        assert!(length < 3072, "{length}");
        assert_eq!((known.of(device(63)), known.of(device(64))), (u64::MAX - 63, 0));
    }
}
