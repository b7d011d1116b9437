//! The token of a link in a mail. It is derived, never stored: the outbox can make the same link again, and a copy of the database opens nothing.

use super::base64url;
use crate::service::keys::MacKeys;

/// The length of a link's token, in characters: 22 of the invitation's id, a point, 33 of the key's number and the code that proves it.
pub const LINK_LENGTH: usize = 22 + 1 + 34;

/// What a token in an address is good for. One kind never stands for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Opens an invitation of this generation: a resend that rotates makes the next one.
    Invitation(i64),
    /// Takes an address off the list.
    Unsubscribe,
}

/// The token for the invitation with this id: `id.` and, in base64url, the number of the key (1 byte) and the first 24 bytes of
/// HMAC-SHA256 over the purpose and the id.
#[must_use]
pub fn make_link(keys: &MacKeys, purpose: Purpose, id: &str) -> String {
    let (number, code) = keys.code(&text(purpose, id));
    format!("{id}.{}", proof(number, &code))
}

/// The id that a token names, if its form is right. It proves nothing before [`LinkToken::proves`].
#[must_use]
pub fn read_link(token: &str) -> Option<LinkToken<'_>> {
    let (id, proof) = token.split_once('.')?;
    let fits = token.len() == LINK_LENGTH && super::is_base64url(id) && super::is_base64url(proof);
    fits.then_some(LinkToken { id, proof })
}

/// A token as it came, with the id that it names.
#[derive(Clone, Copy)]
pub struct LinkToken<'a> {
    id: &'a str,
    proof: &'a str,
}

impl<'a> LinkToken<'a> {
    /// The invitation it names.
    #[must_use]
    pub const fn id(self) -> &'a str {
        self.id
    }

    /// Whether it was made here for this purpose. Takes the same time whatever is wrong.
    #[must_use]
    pub fn proves(self, keys: &MacKeys, purpose: Purpose) -> bool {
        let Some(bytes) = super::from_base64url(self.proof) else {
            return false;
        };
        let Some((number, code)) = bytes.split_first() else {
            return false;
        };
        keys.proves(*number, &text(purpose, self.id), code)
    }
}

impl std::fmt::Debug for LinkToken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkToken(<redacted>)")
    }
}

fn proof(number: u8, code: &[u8; 24]) -> String {
    let mut bytes = vec![number];
    bytes.extend_from_slice(code);
    base64url(bytes)
}

fn text(purpose: Purpose, id: &str) -> Vec<u8> {
    match purpose {
        Purpose::Invitation(generation) => format!("link/1\0{id}\0{generation}").into_bytes(),
        Purpose::Unsubscribe => format!("unsubscribe/1\0{id}").into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_one_invitation_for_one_purpose() {
        let keys = MacKeys::of(&[[1; 32]]);
        let id = base64url([7; 16]);
        let token = make_link(&keys, Purpose::Invitation(2), &id);
        let read = read_link(&token).unwrap();
        assert_eq!((token.len(), read.id()), (LINK_LENGTH, id.as_str()));
        assert!(read.proves(&keys, Purpose::Invitation(2)));
        assert!(!read.proves(&keys, Purpose::Invitation(1)));
        assert!(!read.proves(&keys, Purpose::Unsubscribe));
        assert!(!read.proves(&MacKeys::of(&[[2; 32]]), Purpose::Invitation(2)));
    }

    #[test]
    fn an_older_key_still_opens_its_links() {
        let id = base64url([7; 16]);
        let token = make_link(&MacKeys::of(&[[1; 32]]), Purpose::Unsubscribe, &id);
        let rotated = MacKeys::of(&[[1; 32], [2; 32]]);
        assert!(read_link(&token).unwrap().proves(&rotated, Purpose::Unsubscribe));
        assert_ne!(make_link(&rotated, Purpose::Unsubscribe, &id), token);
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let keys = MacKeys::of(&[[1; 32]]);
        let token = make_link(&keys, Purpose::Unsubscribe, &base64url([7; 16]));
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(
                !read_link(&changed).is_some_and(|read| read.proves(&keys, Purpose::Unsubscribe)),
                "{at}"
            );
        }
        for wrong in ["", ".", "a.b", &"é".repeat(28)] {
            assert!(read_link(wrong).is_none());
        }
    }
}
