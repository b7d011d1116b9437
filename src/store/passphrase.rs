//! Wraps the master key under a passphrase: Argon2id (RFC 9106), then XChaCha20-Poly1305. No IO.
//!
//! Salt and cost are stored beside the wrapped key, so that the cost can rise later without locking anybody out. The
//! passphrase is taken byte for byte as it was typed (UTF-8, no normalisation).

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::StoreError;
use super::seal::{self, MasterKey};

/// How much work one guess of the passphrase costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassphraseCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// How often the memory is passed over.
    pub passes: u32,
    /// How many lanes the memory is divided into.
    pub lanes: u32,
}

impl PassphraseCost {
    /// 64 MiB, three passes, one lane: about 0.3 s on a laptop.
    pub const STANDARD: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    };

    /// The most that a profile may ask for, so that a changed file cannot make the program eat the machine's memory.
    const MAX: Self = Self {
        memory_kib: 1024 * 1024,
        passes: 64,
        lanes: 16,
    };

    fn params(self) -> Option<Params> {
        let allowed =
            self.memory_kib <= Self::MAX.memory_kib && self.passes <= Self::MAX.passes && self.lanes <= Self::MAX.lanes;
        if !allowed {
            return None;
        }
        Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok()
    }
}

/// A master key under a passphrase, as it is stored.
pub(super) struct Wrapped {
    /// Random, for this profile alone.
    pub(super) salt: [u8; 16],
    /// What the wrapping key cost.
    pub(super) cost: PassphraseCost,
    /// Nonce, ciphertext and tag.
    pub(super) sealed: Vec<u8>,
}

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wrapped")
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

impl Wrapped {
    /// Wraps the master key of the profile `profile`.
    pub(super) fn new(
        key: &MasterKey,
        passphrase: &str,
        cost: PassphraseCost,
        profile: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, StoreError> {
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let wrapping_key = stretch(passphrase, &salt, cost)?;
        Ok(Self {
            salt,
            cost,
            sealed: seal::seal(&wrapping_key, profile, key.as_bytes(), rng)?,
        })
    }

    /// The master key, if the passphrase is the one it was wrapped under.
    pub(super) fn open(&self, passphrase: &str, profile: &[u8]) -> Result<MasterKey, StoreError> {
        let wrapping_key = stretch(passphrase, &self.salt, self.cost)?;
        let opened = seal::open(&wrapping_key, profile, &self.sealed).ok_or(StoreError::WrongPassphrase)?;
        seal::to_key(&opened).map(MasterKey::from_bytes)
    }
}

fn stretch(passphrase: &str, salt: &[u8; 16], cost: PassphraseCost) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let params = cost.params().ok_or(StoreError::Damaged("the cost of the passphrase"))?;
    let mut key = Zeroizing::new([0; 32]);
    match Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
        passphrase.as_bytes(),
        salt,
        &mut *key,
    ) {
        Ok(()) => Ok(key),
        // The lengths are fixed and the cost is checked: what is left is a passphrase of more than 4 GiB.
        Err(_) => Err(StoreError::WrongPassphrase),
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    const CHEAP: PassphraseCost = PassphraseCost {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };

    #[test]
    fn only_the_right_passphrase_for_the_right_profile_opens() {
        let mut rng = StdRng::seed_from_u64(1);
        let key = MasterKey::generate(&mut rng);
        let mut wrapped = Wrapped::new(&key, "correct horse", CHEAP, b"alice", &mut rng).unwrap();
        assert_eq!(
            wrapped.open("correct horse", b"alice").unwrap().as_bytes(),
            key.as_bytes()
        );
        for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
            assert!(
                matches!(wrapped.open(wrong, b"alice"), Err(StoreError::WrongPassphrase)),
                "{wrong:?}"
            );
        }
        assert!(matches!(
            wrapped.open("correct horse", b"bob"),
            Err(StoreError::WrongPassphrase)
        ));
        wrapped.salt[0] ^= 1;
        assert!(matches!(
            wrapped.open("correct horse", b"alice"),
            Err(StoreError::WrongPassphrase)
        ));
    }

    #[test]
    fn cost_beyond_reason_is_damage_and_not_an_empty_machine() {
        let mut rng = StdRng::seed_from_u64(1);
        let key = MasterKey::generate(&mut rng);
        let mut wrapped = Wrapped::new(&key, "p", CHEAP, b"alice", &mut rng).unwrap();
        for cost in [
            PassphraseCost {
                memory_kib: u32::MAX,
                ..CHEAP
            },
            PassphraseCost {
                passes: u32::MAX,
                ..CHEAP
            },
            PassphraseCost { lanes: 17, ..CHEAP },
            PassphraseCost { memory_kib: 0, ..CHEAP },
        ] {
            wrapped.cost = cost;
            assert!(
                matches!(wrapped.open("p", b"alice"), Err(StoreError::Damaged(_))),
                "{cost:?}"
            );
        }
    }

    #[test]
    fn standard_cost_is_the_documented_one() {
        assert_eq!(
            PassphraseCost::STANDARD,
            PassphraseCost {
                memory_kib: 65536,
                passes: 3,
                lanes: 1
            }
        );
        assert!(PassphraseCost::STANDARD.params().is_some());
    }
}
