//! What an inviter's device remembers of a delegated invitation: its secret, to show the code again, and who is known to have
//! it. All else is in the party's log. No IO.
//!
//! The bytes are deterministic CBOR (RFC 8949, section 4.2). They hold the code's secret, so the store seals them.

use std::convert::Infallible;
use std::sync::Arc;

use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use crate::identity::{EndpointId, IdentityId};
use crate::party::{Act, DelegatedTo, PartyId, Role};
use crate::time::Timestamp;

use super::mailbox::MailOrder;
use super::record::{EXPIRY_TOLERANCE, RESUME_PERIOD, RecordError, fixed};
use super::{DelegationMethod, InvitationId, Secret};

/// The version of the bytes; [`super::inviter::Record`] has another one.
const VERSION: u8 = 2;
/// The version of the bytes of one that is sent by mail.
const MAILED_VERSION: u8 = 3;

/// How many devices are remembered to have the invitation: more make it no readier.
const MAX_HOLDERS: usize = 16;

/// One delegated invitation of this device, as it is on disk.
#[derive(Clone, Debug)]
pub struct Delegation {
    /// The secret inside the code. The invitation's id derives from it.
    pub secret: Arc<Secret>,
    /// To which party.
    pub party: PartyId,
    /// The role that it gives, exactly.
    pub role: Role,
    /// The inviter's private note. Never sent.
    pub label: String,
    /// When it was made, by this device's clock.
    pub created: Timestamp,
    /// When the code stops working.
    pub expires: Timestamp,
    /// How many it may admit.
    pub max_uses: u32,
    /// Who may come in by it.
    pub method: DelegationMethod,
    /// Other devices that are known to have it.
    pub held_by: Vec<EndpointId>,
    /// The mail that carries the code: exactly for the methods of a mailbox.
    pub mail: Option<MailOrder>,
}

/// Reads what only a version with mail has.
type ReadMail = fn(&mut Decoder<'_>) -> Option<Option<MailOrder>>;

impl Delegation {
    /// The invitation's id.
    #[must_use]
    pub fn id(&self) -> InvitationId {
        self.secret.invitation_id()
    }

    /// The act that tells the party of it. Every editor's device may finish it.
    #[must_use]
    pub fn act(&self) -> Act {
        let to = match self.method {
            DelegationMethod::Approval => DelegatedTo::Approved,
            DelegationMethod::KnownKey(identity) => DelegatedTo::person(identity),
            DelegationMethod::Link => DelegatedTo::Anybody,
            DelegationMethod::Mailbox(bind) => DelegatedTo::Mailbox(bind),
            DelegationMethod::ApprovedMailbox(bind) => DelegatedTo::ApprovedMailbox(bind),
        };
        let (method, bind) = to.numbers();
        Act::InvitationDelegated {
            key: *self.secret.key().as_bytes(),
            role: self.role,
            max_uses: self.max_uses,
            not_after: self.expires.as_millis(),
            method,
            bind,
            min_admitter_role: Role::Editor,
        }
    }

    /// When nobody can be admitted any more.
    #[must_use]
    pub fn closes(&self) -> Timestamp {
        self.expires.plus(EXPIRY_TOLERANCE)
    }

    /// When the record may be forgotten.
    #[must_use]
    pub fn forgettable(&self) -> Timestamp {
        self.expires.plus(RESUME_PERIOD)
    }

    /// Notes that a device has it. Whether that is new.
    pub fn note_holder(&mut self, endpoint: EndpointId) -> bool {
        let is_new = !self.held_by.contains(&endpoint) && self.held_by.len() < MAX_HOLDERS;
        if is_new {
            self.held_by.push(endpoint);
        }
        is_new
    }

    /// The bytes to store, sealed.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Room for everything, so that no half-written copy of the secret is left behind by a growing vector.
        let mail = self.mail.as_ref().map_or(0, MailOrder::room);
        let room = 256 + self.label.len() + 40 * self.held_by.len() + mail;
        let mut encoder = Encoder::new(Vec::with_capacity(room));
        #[expect(
            clippy::expect_used,
            reason = "a Vec takes every byte, and no field has an encoder of its own that could refuse"
        )]
        self.write(&mut encoder).expect("writing to memory");
        Zeroizing::new(encoder.into_writer())
    }

    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Result<(), minicbor::encode::Error<Infallible>> {
        match &self.mail {
            None => e.array(11)?.u8(VERSION)?,
            Some(_) => e.array(12)?.u8(MAILED_VERSION)?,
        };
        e.bytes(self.secret.as_bytes())?
            .bytes(self.party.as_bytes())?
            .u8(self.role.into())?
            .str(&self.label)?;
        e.u64(self.created.as_millis())?
            .u64(self.expires.as_millis())?
            .u32(self.max_uses)?;
        match self.method {
            DelegationMethod::Link => e.u8(0)?.bytes(&[])?,
            DelegationMethod::KnownKey(identity) => e.u8(1)?.bytes(identity.as_bytes())?,
            DelegationMethod::Mailbox(bind) => e.u8(2)?.bytes(&bind)?,
            DelegationMethod::Approval => e.u8(3)?.bytes(&[])?,
            DelegationMethod::ApprovedMailbox(bind) => e.u8(4)?.bytes(&bind)?,
        };
        e.array(self.held_by.len() as u64)?;
        for endpoint in &self.held_by {
            e.bytes(endpoint.as_bytes())?;
        }
        self.mail.as_ref().map_or(Ok(()), |mail| mail.write(e))
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// [`RecordError`] for bytes that [`Self::encode`] did not make: those of an interactive invitation are of version 1.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut decoder = Decoder::new(bytes);
        let arity = decoder.array().or(Err(RecordError::Damaged))?;
        let version = decoder.u8().or(Err(RecordError::Damaged))?;
        let (fields, read_mail): (u64, ReadMail) = match version {
            VERSION => (11, |_| Some(None)),
            MAILED_VERSION => (12, |d| MailOrder::read(d).map(Some)),
            other => return Err(RecordError::Version(other)),
        };
        Self::read(&mut decoder)
            .and_then(|record| {
                let mail = read_mail(&mut decoder)?;
                Some(Self { mail, ..record })
            })
            .filter(|record| arity == Some(fields) && *record.encode() == bytes)
            .ok_or(RecordError::Damaged)
    }

    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        Some(Self {
            mail: None,
            secret: Arc::new(Secret::from_bytes(fixed(d)?)),
            party: PartyId::from_bytes(fixed(d)?),
            role: Role::try_from(d.u8().ok()?).ok()?,
            label: d.str().ok()?.to_owned(),
            created: Timestamp::from_millis(d.u64().ok()?),
            expires: Timestamp::from_millis(d.u64().ok()?),
            max_uses: d.u32().ok()?,
            method: match d.u8().ok()? {
                0 => {
                    fixed::<0>(d)?;
                    DelegationMethod::Link
                }
                1 => DelegationMethod::KnownKey(IdentityId::from_bytes(fixed(d)?)),
                2 => DelegationMethod::Mailbox(fixed(d)?),
                3 => {
                    fixed::<0>(d)?;
                    DelegationMethod::Approval
                }
                4 => DelegationMethod::ApprovedMailbox(fixed(d)?),
                _ => return None,
            },
            held_by: {
                let mut held_by = Vec::new();
                for _ in 0..d.array().ok()?? {
                    held_by.push(EndpointId::from_bytes(fixed(d)?));
                }
                held_by
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::EmailAddress;
    use crate::invitation::mailbox::{MailStage, Told};

    fn delegation(method: DelegationMethod) -> Delegation {
        let mail = MailOrder {
            issuer: "https://invite.example".to_owned(),
            address: EmailAddress::parse("bonny@example.org").expect("an address"),
            told: Told {
                inviter: "Alice".to_owned(),
                ..Told::default()
            },
            stage: MailStage::Sent,
            service_id: Some("inv_1".to_owned()),
        };
        Delegation {
            mail: method.mailbox().map(|_bind| mail),
            secret: Arc::new(Secret::from_bytes([0x5e; 16])),
            party: PartyId::from_bytes([2; 32]),
            role: Role::Editor,
            label: "for Bob".to_owned(),
            created: Timestamp::from_millis(1_800_000_000_000),
            expires: Timestamp::from_millis(1_800_086_400_000),
            max_uses: 1,
            method,
            held_by: vec![EndpointId::from_bytes([7; 32])],
        }
    }

    #[test]
    fn stored_bytes_lead_back_and_damaged_ones_are_refused() {
        let known = DelegationMethod::KnownKey(IdentityId::from_bytes([9; 32]));
        let mailed = DelegationMethod::Mailbox([8; 32]);
        let approved = DelegationMethod::ApprovedMailbox([8; 32]);
        for method in [
            DelegationMethod::Approval,
            DelegationMethod::Link,
            known,
            mailed,
            approved,
        ] {
            let bytes = delegation(method).encode();
            let again = Delegation::decode(&bytes).expect("decodes");
            assert_eq!((again.method, again.id()), (method, delegation(method).id()));
            assert_eq!(again.mail, delegation(method).mail);
            assert_eq!(*again.encode(), *bytes);
            for end in 0..bytes.len() {
                assert!(Delegation::decode(&bytes[..end]).is_err());
            }
        }
        let mut other = delegation(DelegationMethod::Link).encode().to_vec();
        other[1] = 1;
        assert_eq!(Delegation::decode(&other).err(), Some(RecordError::Version(1)));
    }

    #[test]
    fn a_device_counts_once_and_not_without_end() {
        let mut one = delegation(DelegationMethod::Link);
        assert!(!one.note_holder(EndpointId::from_bytes([7; 32])));
        let new = (0..100)
            .filter(|n| one.note_holder(EndpointId::from_bytes([*n; 32])))
            .count();
        assert_eq!(new, MAX_HOLDERS - 1);
    }

    #[test]
    fn debug_does_not_print_the_secret() {
        let text = format!("{:?}", delegation(DelegationMethod::Link));
        assert!(!text.contains("5e5e") && !text.contains("94, 94"), "{text}");
    }
}
