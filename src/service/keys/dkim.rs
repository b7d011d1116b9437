//! The key that signs mails (DKIM, RFC 6376), and its record for the name service.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _, LineEnding};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use rsa::{RsaPrivateKey, RsaPublicKey};
use zeroize::Zeroizing;

use super::KeysError;
use super::folder;

/// Bits of the key: what every mail server reads, and the record fits (RFC 8301, 3.2).
const BITS: usize = 2048;

/// The longest text of one string in a TXT record (RFC 1035, 3.3).
const STRING: usize = 255;

/// A key that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimKey {
    /// Its file.
    pub file: PathBuf,
    /// What the record has to say.
    pub record: String,
}

/// Makes a key in the folder of keys, or reads the one that is there for this selector.
///
/// # Errors
///
/// [`KeysError`].
pub fn dkim_key(folder: &Path, selector: &str) -> Result<DkimKey, KeysError> {
    folder::create(folder)?;
    let file = folder.join(format!("dkim-{selector}.pem"));
    if !file.exists() {
        let made = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, BITS).map_err(|_refused| KeysError::NotMade)?;
        // The older form: what signs the mails reads no other.
        let pem = made
            .to_pkcs1_pem(LineEnding::LF)
            .map_err(|_refused| KeysError::NotMade)?;
        folder::write(&file, pem.as_bytes())?;
    }
    let record = dkim_record(&file)?;
    Ok(DkimKey { file, record })
}

/// What the record of a key has to say.
///
/// # Errors
///
/// [`KeysError`], which names the file.
pub fn dkim_record(file: &Path) -> Result<String, KeysError> {
    let no_key = || KeysError::NotAKey { path: file.to_owned() };
    let bytes = folder::read(file)?;
    let pem = Zeroizing::new(String::from_utf8(bytes.to_vec()).map_err(|_not_text| no_key())?);
    let key = RsaPrivateKey::from_pkcs1_pem(&pem)
        .ok()
        .or_else(|| RsaPrivateKey::from_pkcs8_pem(&pem).ok())
        .ok_or_else(no_key)?;
    let public = RsaPublicKey::from(&key)
        .to_public_key_der()
        .map_err(|_refused| no_key())?;
    Ok(format!(
        "v=DKIM1; k=rsa; p={}",
        BASE64_STANDARD.encode(public.as_bytes())
    ))
}

/// A record as a line of a zone file: in strings of at most 255 characters.
#[must_use]
pub fn zone_line(selector: &str, domain: &str, record: &str) -> String {
    let characters: Vec<char> = record.chars().collect();
    let strings: Vec<String> = characters
        .chunks(STRING)
        .map(|string| format!("\"{}\"", string.iter().collect::<String>()))
        .collect();
    format!("{selector}._domainkey.{domain}. IN TXT ( {} )", strings.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_record_is_cut_into_strings() {
        let line = zone_line("s", "example.org", &"x".repeat(300));
        assert_eq!(
            line,
            format!(
                "s._domainkey.example.org. IN TXT ( \"{}\" \"{}\" )",
                "x".repeat(255),
                "x".repeat(45)
            )
        );
    }
}
