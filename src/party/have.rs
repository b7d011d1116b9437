//! What a peer holds, short enough to be the first message of a sync. No IO.

use std::collections::BTreeMap;

use minicbor::{Decoder, Encoder, decode};
use sha2::{Digest as _, Sha256};

use super::OpId;
use super::cbor::{self, Field as _, Written};
use crate::identity::DeviceId;

/// Most chains that a [`Have`] lists: it fits a frame of 256 KiB.
const MAX_CHAINS: usize = 4096;

/// Which of a device's two chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Chain {
    /// Who is in.
    Membership = 0,
    /// What is in it.
    Data = 1,
}

/// The ops of each chain of each device, counted.
///
/// A chain has no gaps, so a number says which ops are held, unless its device signed two ops for one place. The digest over
/// the counted ops finds that out: such a chain is sent whole by who holds more of it, and in the next exchange the other way.
/// So two peers are in step when their `Have`s are equal, and exchange until then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Have(BTreeMap<(DeviceId, Chain), Held>);

/// One chain, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) count: u64,
    pub(super) digest: Digest,
}

/// A running hash over the ids of a chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digest([u8; 8]);

impl Digest {
    /// The digest with one more op.
    pub(super) fn then(self, op: OpId) -> Self {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(self.0)
            .chain_update(op.as_bytes())
            .finalize()
            .into();
        Self(hash.first_chunk().copied().unwrap_or_default())
    }
}

/// Bytes that are no [`Have`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the list of held ops cannot be read")]
pub struct HaveError;

impl Have {
    /// Puts it together. Of more chains than it can list those of members' devices come first: there are so many only if
    /// somebody has let a crowd in that was put out again.
    pub(super) fn new(
        chains: impl Iterator<Item = ((DeviceId, Chain), Held)>,
        is_members: impl Fn(DeviceId) -> bool,
    ) -> Self {
        let mut chains: Vec<_> = chains.collect();
        if chains.len() > MAX_CHAINS {
            chains.sort_by_key(|((device, _), _)| !is_members(*device));
            chains.truncate(MAX_CHAINS);
        }
        Self(chains.into_iter().collect())
    }

    /// Whether it had no room for a chain that may be held all the same.
    pub(super) fn leaves_out(&self, chain: (DeviceId, Chain)) -> bool {
        self.0.len() == MAX_CHAINS && !self.0.contains_key(&chain)
    }

    /// What it says of one chain: nothing held, if nothing.
    pub(super) fn of(&self, chain: (DeviceId, Chain)) -> Held {
        self.0.get(&chain).copied().unwrap_or(Held {
            count: 0,
            digest: Digest::default(),
        })
    }

    /// How many ops it counts.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().fold(0, |sum, held| sum.saturating_add(held.count))
    }

    /// The first eight bytes of SHA-256 over its encoding: who says the same holds the same.
    #[must_use]
    pub fn digest(&self) -> [u8; 8] {
        let hash: [u8; 32] = Sha256::digest(self.encode()).into();
        hash.first_chunk().copied().unwrap_or_default()
    }

    /// Deterministic CBOR: an array of `[device, chain, count, digest]`, ascending.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        cbor::encoded(|to| self.write(to))
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`HaveError`] if it is not in its one form, or lists more chains than any party has.
    pub fn decode(bytes: &[u8]) -> Result<Self, HaveError> {
        let have = Self::read(&mut Decoder::new(bytes)).or(Err(HaveError))?;
        if have.encode() == bytes {
            Ok(have)
        } else {
            Err(HaveError)
        }
    }

    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.array(self.0.len() as u64)?;
        for ((device, chain), held) in &self.0 {
            to.array(4)?;
            device.write(to)?;
            (*chain as u8).write(to)?;
            held.count.write(to)?;
            held.digest.0.write(to)?;
        }
        Ok(())
    }

    fn read(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        let chains = from.array()?.filter(|chains| *chains <= MAX_CHAINS as u64);
        let chains = chains.ok_or_else(|| decode::Error::message("too many chains"))?;
        let mut have = BTreeMap::new();
        for _ in 0..chains {
            cbor::array_of(from, 4)?;
            let device = DeviceId::read(from)?;
            let chain = match u8::read(from)? {
                0 => Chain::Membership,
                1 => Chain::Data,
                _ => return Err(decode::Error::message("no such chain")),
            };
            let held = Held {
                count: u64::read(from)?,
                digest: Digest(<[u8; 8]>::read(from)?),
            };
            have.insert((device, chain), held);
        }
        Ok(Self(have))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn have() -> Have {
        let digest = Digest::default().then(OpId::from_bytes([7; 32]));
        let chain = |n, chain, count| ((DeviceId::from_bytes([n; 32]), chain), Held { count, digest });
        Have::new(
            [
                chain(2, Chain::Data, 70_000),
                chain(1, Chain::Membership, 1),
                chain(2, Chain::Membership, 3),
            ]
            .into_iter(),
            |_| true,
        )
    }

    #[test]
    fn of_a_crowd_the_members_are_listed_and_it_fits_a_frame() {
        let device = |n: u16| {
            let mut id = [0xff; 32];
            id[..2].copy_from_slice(&n.to_be_bytes());
            DeviceId::from_bytes(id)
        };
        let held = Held {
            count: u64::MAX,
            digest: Digest::default(),
        };
        let chains = (0..5000).map(|n| ((device(n), Chain::Membership), held));
        let have = Have::new(chains, |known| known == device(4999));
        let lists = |n| !have.leaves_out((device(n), Chain::Membership));
        assert!(lists(4999) && lists(0) && !lists(4998));
        assert!(have.encode().len() < 256 * 1024 - 64);
        assert_eq!(Have::decode(&have.encode()), Ok(have));
    }

    #[test]
    fn it_comes_back_as_it_was() {
        assert_eq!(Have::decode(&have().encode()), Ok(have()));
        assert_eq!(Have::decode(&Have::default().encode()), Ok(Have::default()));
        assert_eq!(have().count(), 70_004);
    }

    #[test]
    fn cut_off_longer_or_unsorted_is_refused() {
        let bytes = have().encode();
        for length in 0..bytes.len() {
            assert_eq!(Have::decode(&bytes[..length]), Err(HaveError));
        }
        assert_eq!(Have::decode(&[&bytes[..], &[0]].concat()), Err(HaveError));
        let one = (bytes.len() - 1 - 2) / 3;
        let swapped = [
            &bytes[..1],
            &bytes[1 + one..1 + 2 * one],
            &bytes[1..1 + one],
            &bytes[1 + 2 * one..],
        ]
        .concat();
        assert_eq!(Have::decode(&swapped), Err(HaveError));
        assert_eq!(Have::decode(&[0x9a, 0xff, 0xff, 0xff, 0xff]), Err(HaveError));
    }

    #[test]
    fn a_digest_depends_on_the_order() {
        let (a, b) = (OpId::from_bytes([1; 32]), OpId::from_bytes([2; 32]));
        assert_ne!(Digest::default().then(a).then(b), Digest::default().then(b).then(a));
    }
}
