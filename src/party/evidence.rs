//! What an invitation's key signs about who comes in by it. No IO.
//!
//! The log holds only the public half of that key, so a member can check evidence and cannot make it; and because the text
//! names the identity and the device certificate, evidence made for one person is worthless for another.

use sha2::{Digest as _, Sha256};

use super::PartyTag;
use crate::identity::{Certificate, lv, verify};

const DOMAIN: &[u8] = b"party-invite/1 evidence";
const ID_DOMAIN: &[u8] = b"party-invite/1 id\0";

/// The text that evidence signs: `lv(domain, party tag, invitation, identity, SHA-256(certificate text))`.
#[must_use]
pub fn evidence_text(party: PartyTag, invitation: &[u8; 16], certificate: &Certificate) -> Vec<u8> {
    let certified = Sha256::digest(certificate.text());
    lv(&[
        DOMAIN,
        party.as_bytes(),
        invitation,
        certificate.identity.as_bytes(),
        &certified,
    ])
}

/// Whether the invitation with this public key let in exactly this identity with this device.
pub(super) fn is_evidence(key: &[u8; 32], party: PartyTag, certificate: &Certificate, evidence: &[u8; 64]) -> bool {
    verify(key, &evidence_text(party, &invitation_id(key), certificate), evidence).is_ok()
}

/// The invitation's id: a hash of its public key.
#[must_use]
pub fn invitation_id(key: &[u8; 32]) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::new()
        .chain_update(ID_DOMAIN)
        .chain_update(key)
        .finalize()
        .into();
    let mut id = [0; 16];
    id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{DeviceKey, EndpointId, IdentityKey};
    use crate::party::fixture::hex;

    #[test]
    fn the_evidence_is_the_one_of_the_specification() {
        let key = hex("77efe9e827cc745f641f2de790fc0fd802ad9d3aed3bf0b12c281cc6298af2fc")
            .try_into()
            .unwrap();
        assert_eq!(invitation_id(&key)[..], hex("daefaf63ec576244211477348af9c98a"));
        let device = DeviceKey::from_seed(&[0x42; 32]).id();
        let certificate = |endpoint| {
            Certificate::issue(
                &IdentityKey::from_seed(&[0x41; 32]),
                device,
                EndpointId::from_bytes([endpoint; 32]),
            )
        };
        let evidence = hex(include_str!("../../tests/vectors/evidence.hex"))
            .try_into()
            .unwrap();
        let party = PartyTag::from_bytes([0x22; 16]);
        assert!(is_evidence(&key, party, &certificate(2), &evidence));
        assert!(!is_evidence(&key, party, &certificate(3), &evidence));
        assert!(!is_evidence(
            &key,
            PartyTag::from_bytes([0x23; 16]),
            &certificate(2),
            &evidence
        ));
        assert!(!is_evidence(&[7; 32], party, &certificate(2), &evidence));
    }
}
