//! Seals rows: XChaCha20-Poly1305 with a key for each table and the row's id as associated data. No IO.
//!
//! A sealed row is a random 24-byte nonce, then the ciphertext with its 16-byte tag. The table's key is
//! HKDF-SHA256(master key, info = table name). So a row can be neither read nor changed without the master key, nor moved to
//! another row or table. It can be replaced by an older version of the same row by somebody who can write the file: that
//! much the disk is trusted.

use std::fmt;

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use rand::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::StoreError;

/// Length of the nonce in front of each sealed row.
const NONCE: usize = 24;
/// Length of the tag at its end.
const TAG: usize = 16;

/// The tables with rows that need a key. The name goes into the table's key: it never changes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Table {
    /// The profile's own row: proves that a master key is the right one.
    Profile,
    /// Seeds of the identity, device and endpoint keys.
    Keys,
    /// Invitation records.
    Invitations,
    /// Pending redemptions.
    Pending,
    /// Accounts at invitation services.
    Accounts,
    /// Ops: not sealed, but known again.
    Ops,
}

impl Table {
    const fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Keys => "keys",
            Self::Invitations => "invitations",
            Self::Pending => "pending",
            Self::Accounts => "accounts",
            Self::Ops => "ops",
        }
    }
}

/// The 32-byte key from which every table's key is derived. Random; one for each profile, for its whole life.
pub(super) struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// A new one.
    pub(super) fn generate(rng: &mut dyn CryptoRng) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *key);
        Self(key)
    }

    /// One that was kept somewhere.
    pub(super) const fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The bytes, to keep them somewhere.
    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals the content of one row.
    pub(super) fn seal(
        &self,
        table: Table,
        row: &[u8],
        content: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, StoreError> {
        seal(&*self.table_key(table)?, row, content, rng)
    }

    /// Opens what [`Self::seal`] made for the same row of the same table; anything else is damage.
    pub(super) fn open(&self, table: Table, row: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        open(&*self.table_key(table)?, row, sealed).ok_or(StoreError::Damaged("a sealed row"))
    }

    /// The key of one table.
    pub(super) fn table_key(&self, table: Table) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        let mut key = Zeroizing::new([0; 32]);
        match Hkdf::<Sha256>::new(None, &*self.0).expand(table.name().as_bytes(), &mut *key) {
            Ok(()) => Ok(key),
            // Only for more than 8160 bytes of output.
            Err(hkdf::InvalidLength) => Err(StoreError::Damaged("the length of a key")),
        }
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(<redacted>)")
    }
}

/// Seals with a key of one's own; the passphrase does.
pub(super) fn seal(key: &[u8; 32], row: &[u8], content: &[u8], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, StoreError> {
    let mut nonce = [0; NONCE];
    rng.fill_bytes(&mut nonce);
    // With room for the tag, so that the plaintext is never copied to a larger buffer and left behind in the old one.
    let mut buffer = Zeroizing::new(Vec::with_capacity(content.len() + TAG));
    buffer.extend_from_slice(content);
    match XChaCha20Poly1305::new(key.into()).encrypt_in_place(&XNonce::from(nonce), row, &mut *buffer) {
        Ok(()) => Ok([&nonce, buffer.as_slice()].concat()),
        // Only for more than 256 GiB.
        Err(chacha20poly1305::Error) => Err(StoreError::Full),
    }
}

/// Opens what [`seal`] made with the same key and row; none if it is anything else.
pub(super) fn open(key: &[u8; 32], row: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>()?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    XChaCha20Poly1305::new(key.into())
        .decrypt_in_place(&XNonce::from(*nonce), row, &mut *buffer)
        .ok()?;
    Some(buffer)
}

/// A key or a seed from what was opened.
pub(super) fn to_key(opened: &[u8]) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    match <&[u8; 32]>::try_from(opened) {
        Ok(bytes) => Ok(Zeroizing::new(*bytes)),
        Err(_) => Err(StoreError::Damaged("the length of a key")),
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    fn master_key() -> (MasterKey, StdRng) {
        let mut rng = StdRng::seed_from_u64(1);
        (MasterKey::generate(&mut rng), rng)
    }

    #[test]
    fn sealed_row_opens_only_in_its_own_place() {
        let (key, mut rng) = master_key();
        for content in [&b""[..], b"x", &[7; 5000]] {
            let sealed = key.seal(Table::Pending, b"row", content, &mut rng).unwrap();
            assert_eq!(sealed.len(), NONCE + content.len() + TAG);
            assert_eq!(**key.open(Table::Pending, b"row", &sealed).unwrap(), *content);
            assert!(key.open(Table::Pending, b"raw", &sealed).is_err());
            assert!(key.open(Table::Invitations, b"row", &sealed).is_err());
            let other = MasterKey::generate(&mut rng);
            assert!(other.open(Table::Pending, b"row", &sealed).is_err());
        }
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_noticed() {
        let (key, mut rng) = master_key();
        let sealed = key.seal(Table::Keys, b"identity", &[9; 32], &mut rng).unwrap();
        for at in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert!(matches!(
                key.open(Table::Keys, b"identity", &changed),
                Err(StoreError::Damaged(_))
            ));
        }
        for length in 0..sealed.len() {
            assert!(key.open(Table::Keys, b"identity", &sealed[..length]).is_err());
        }
    }

    #[test]
    fn same_content_is_never_sealed_to_the_same_bytes() {
        let (key, mut rng) = master_key();
        let one = key.seal(Table::Keys, b"device", &[9; 32], &mut rng).unwrap();
        let two = key.seal(Table::Keys, b"device", &[9; 32], &mut rng).unwrap();
        assert_ne!(one[..NONCE], two[..NONCE]);
        assert_ne!(one[NONCE..], two[NONCE..]);
    }

    #[test]
    fn debug_of_the_master_key_shows_nothing() {
        let key = MasterKey::from_bytes(Zeroizing::new([0xab; 32]));
        assert_eq!(
            format!("{key:?} {key:#?}"),
            "MasterKey(<redacted>) MasterKey(<redacted>)"
        );
    }
}
