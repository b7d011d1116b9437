//! The service's own keys: a folder of files that only its user may read.
//!
//! | file | what |
//! |---|---|
//! | `link-N.key` | 32 bytes: the code in links of mails; the highest number makes new ones, the others still open theirs |
//! | `pepper-N.key` | 32 bytes: the code that is kept of secrets; as above |
//! | `sign-ES256-NNNN.p8`, `sign-RS256-NNNN.p8`, `sign-EdDSA-NNNN.p8` | PKCS#8: signs tokens; of two of a kind the one with the later file name signs, and both are in the JWK set |

mod dkim;
mod folder;
mod jwt;
mod mac;
mod seal;
mod signing;

use std::path::Path;
use std::sync::Arc;

use rand::CryptoRng;

pub use self::dkim::{DkimKey, dkim_key, dkim_record, zone_line};
pub use self::folder::KeysError;
pub use self::jwt::{JwtError, PublicKey, SignedClaims};
pub use self::mac::{MacKeys, SECRET_CODE_LENGTH};
pub use self::signing::{CannotSign, SigningKeys};

/// All keys of the service.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Makes and recognises links.
    pub links: Arc<MacKeys>,
    /// Makes the codes that are kept of secrets.
    pub pepper: Arc<MacKeys>,
    /// Signs tokens.
    pub signing: Arc<SigningKeys>,
}

impl Keys {
    /// Reads the keys of a folder, and makes those that are missing: on the first start all of them.
    ///
    /// # Errors
    ///
    /// [`KeysError`], which names the file.
    pub fn open(folder: &Path, random: &mut impl CryptoRng) -> Result<Self, KeysError> {
        folder::open(folder, random)
    }

    /// Whether keys were made in a folder.
    #[must_use]
    pub fn are_in(folder: &Path) -> bool {
        folder::has_keys(folder)
    }

    /// Adds a new key of each kind, which is used from the next start on. Older ones still recognise what they made.
    ///
    /// # Errors
    ///
    /// [`KeysError`], which names the file.
    pub fn rotate(folder: &Path, random: &mut impl CryptoRng) -> Result<(), KeysError> {
        folder::rotate(folder, random)
    }
}
