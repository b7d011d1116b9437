//! Envelope senders that name the invitation (VERP): a report of a mail server comes back to `bounce+ID.CODE@domain`,
//! so it is known what it is about whatever it says.
//!
//! The code keeps others from making up reports: who was not sent the mail does not know it.
//!
//! All of it is hexadecimal, as some servers write addresses in lower case. `ID` is the 16 bytes of the invitation's id, `CODE` the number of the key
//! (1 byte) and the first 8 bytes of HMAC-SHA256.

use subtle::ConstantTimeEq as _;

use crate::service::keys::MacKeys;
use crate::service::token::{base64url, from_base64url};

/// Bytes of an id.
const ID: usize = 16;

/// Bytes of the code.
const CODE: usize = 8;

/// The part in front of the `@` for the mail of this invitation.
#[must_use]
pub fn local_part(keys: &MacKeys, id: &str) -> String {
    let (number, code) = keys.code(&text(id));
    let bytes = from_base64url(id).unwrap_or_default();
    let code: Vec<u8> = code.into_iter().take(CODE).collect();
    format!("bounce+{}.{number:02x}{}", hex(&bytes), hex(&code))
}

/// The id of the invitation whose mail had this envelope sender; none if it is not one of ours.
#[must_use]
pub fn read(keys: &MacKeys, address: &str) -> Option<String> {
    let (local, _domain) = address.trim().rsplit_once('@')?;
    let (id, code_read) = local.to_ascii_lowercase().strip_prefix("bounce+").and_then(|rest| {
        let (id, code) = rest.split_once('.')?;
        Some((unhex(id)?, unhex(code)?))
    })?;
    let (number, code_read) = code_read.split_first()?;
    let id = base64url(<[u8; ID]>::try_from(id).ok()?);
    let expected = keys.code_by(*number, &text(&id))?;
    let expected = expected.first_chunk::<CODE>()?;
    bool::from(expected.as_slice().ct_eq(code_read)).then_some(id)
}

fn text(id: &str) -> Vec<u8> {
    format!("bounce/1\0{id}").into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || text.len() > 64 || !text.bytes().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    let bytes = (0..text.len()).step_by(2);
    bytes
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::string_slice, reason = "what is cut is ASCII")]
    fn a_report_finds_its_invitation_and_nobody_makes_one_up() {
        let keys = MacKeys::of(&[[1; 32]]);
        let id = base64url([0xfb; 16]);
        let local = local_part(&keys, &id);
        assert!(local.len() <= 64, "{local}");
        let address = format!("{local}@example.org");
        assert_eq!(read(&keys, &address), Some(id.clone()));
        assert_eq!(read(&keys, &address.to_uppercase()), Some(id.clone()));
        assert_eq!(read(&MacKeys::of(&[[1; 32], [2; 32]]), &address), Some(id));
        assert_eq!(read(&MacKeys::of(&[[2; 32]]), &address), None);
        let other = local_part(&keys, &base64url([0xfa; 16]));
        let (_, code) = local.split_once('.').unwrap();
        let (other_id, _) = other.split_once('.').unwrap();
        for wrong in [
            "",
            "@",
            "bounce@example.org",
            "bounce+@example.org",
            "bounce+zz.zz@example.org",
            "bounce+é.é@example.org",
            &format!("{other_id}.{code}@example.org"),
            &format!("{local}00@example.org"),
            &format!("{}@example.org", &local[..local.len() - 2]),
        ] {
            assert_eq!(read(&keys, wrong), None, "{wrong}");
        }
    }
}
