//! What an invitee's device remembers of a redemption: the durable half of the machine. No IO.
//!
//! It is written before the first connection, so that an admission never goes to a device that has forgotten it. The bytes
//! are deterministic CBOR (RFC 8949, section 4.2). They hold the code, so the store seals them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use crate::time::Timestamp;

use super::mailbox::MailProof;
use super::{CodeKind, InvitationId, InviteCode};

/// How long a redemption whose PIN was right goes on asking for its admission, and how long the count of wrong PINs for a
/// code without an end is kept.
pub const PROVEN_PERIOD: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long after the end of its code a redemption without a right PIN is kept, for its count of wrong ones.
pub const COUNT_KEPT: Duration = Duration::from_secs(24 * 3600);

/// The version of the bytes.
const VERSION: u8 = 1;
/// The version of the bytes of one that came by mail.
const MAILED_VERSION: u8 = 2;

/// How far a redemption has come, as far as that outlives the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The PIN is still to be proved. Delegated: nobody has taken the request yet.
    Redeeming,
    /// The PIN was right: the inviter may have admitted this device, so the redemption has to be brought to an end. Delegated:
    /// the request is in the party's log.
    Proven,
}

/// One redemption, as it is on disk.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The code. It names the inviter's endpoint.
    pub code: Arc<InviteCode>,
    /// Whether the person allowed a relay host of the code that is not a known one.
    pub allow_relay: bool,
    /// How far it is.
    pub phase: Phase,
    /// Wrong PINs that were typed here for this code.
    pub wrong_total: u8,
    /// Until when the code is blocked on this device, if it is.
    pub blocked_until: Option<Timestamp>,
    /// When it began, or, nearby, when a PIN was last proved, by this device's clock.
    pub created: Timestamp,
    /// By e-mail: what the mail service says of this person.
    pub mail: Option<MailProof>,
}

/// The code is of another invitation, or says that this one is to be found elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the code is not one of this invitation")]
pub struct OtherCode;

/// Why bytes are not a pending redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PendingError {
    /// A newer program wrote it.
    #[error("the pending redemption is of version {0}")]
    Version(u8),
    /// The bytes are damaged.
    #[error("the pending redemption is damaged")]
    Damaged,
}

/// Reads what only a version with mail has.
type ReadMail = fn(&mut Decoder<'_>) -> Option<Option<MailProof>>;

impl Pending {
    /// A redemption that begins now. Set `allow_relay` if the person did.
    #[must_use]
    pub const fn new(code: Arc<InviteCode>, created: Timestamp) -> Self {
        Self {
            code,
            allow_relay: false,
            phase: Phase::Redeeming,
            wrong_total: 0,
            blocked_until: None,
            created,
            mail: None,
        }
    }

    /// Which invitation.
    #[must_use]
    pub fn id(&self) -> InvitationId {
        self.code.invitation_id()
    }

    /// The same redemption with the code as its inviter copied it again: other hints, the same invitation.
    ///
    /// # Errors
    /// [`OtherCode`] if the invitation, the kind, the inviter's endpoint or the party is another one.
    pub fn with_code(mut self, code: Arc<InviteCode>) -> Result<Self, OtherCode> {
        self.use_code(code)?;
        Ok(self)
    }

    pub(super) fn use_code(&mut self, code: Arc<InviteCode>) -> Result<(), OtherCode> {
        let names = |code: &InviteCode| (code.invitation_id(), code.kind(), code.endpoint(), code.party_tag());
        if names(&code) != names(&self.code) {
            return Err(OtherCode);
        }
        self.code = code;
        Ok(())
    }

    /// Whether the app goes on with it by itself when it starts. One whose PIN is still to be proved, or that is blocked, waits
    /// for its person to paste the code again: it would take the inviter's slot with nobody there to type. A delegated one needs
    /// nobody.
    #[must_use]
    pub fn resumes_at_start(&self) -> bool {
        self.code.kind().is_delegated() || self.phase == Phase::Proven && self.blocked_until.is_none()
    }

    /// Whether nothing in it matters any more: nobody will answer, and the code is no use for guessing.
    #[must_use]
    pub fn forgettable(&self, now: Timestamp) -> bool {
        let kept_until = match (self.phase, self.code.expires()) {
            // A code that had ended before it was pasted is counted for as long as any other.
            (Phase::Redeeming, Some(end)) => end.max(self.created).plus(COUNT_KEPT),
            (Phase::Redeeming, None) | (Phase::Proven, _) => self.created.plus(PROVEN_PERIOD),
        };
        kept_until.max(self.blocked_until.unwrap_or(kept_until)) < now
    }

    /// Whether its wrong PINs outlive a block: those of the last 24 hours nearby count for all look-alikes.
    #[must_use]
    pub fn still_counts(&self, now: Timestamp) -> bool {
        self.code.kind() == CodeKind::Nearby && now < self.created.plus(COUNT_KEPT)
    }

    /// The bytes to store, sealed.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let code = self.code.to_text();
        // Room for everything, so that no half-written copy of the code is left behind by a growing vector.
        let mail = self.mail.as_ref().map_or(0, MailProof::room);
        let mut encoder = Encoder::new(Vec::with_capacity(64 + code.len() + mail));
        #[expect(
            clippy::expect_used,
            reason = "a Vec takes every byte, and no field has an encoder of its own that could refuse"
        )]
        self.write(&code, &mut encoder).expect("writing to memory");
        Zeroizing::new(encoder.into_writer())
    }

    fn write(&self, code: &str, e: &mut Encoder<Vec<u8>>) -> Result<(), minicbor::encode::Error<Infallible>> {
        match &self.mail {
            None => e.array(7)?.u8(VERSION)?,
            Some(_) => e.array(8)?.u8(MAILED_VERSION)?,
        };
        e.str(code)?.bool(self.allow_relay)?;
        e.bool(self.phase == Phase::Proven)?.u8(self.wrong_total)?;
        match self.blocked_until {
            Some(until) => e.u64(until.as_millis())?,
            None => e.null()?,
        };
        e.u64(self.created.as_millis())?;
        self.mail.as_ref().map_or(Ok(()), |mail| mail.write(e))
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// [`PendingError`] for bytes that [`Self::encode`] did not make.
    pub fn decode(bytes: &[u8]) -> Result<Self, PendingError> {
        let mut decoder = Decoder::new(bytes);
        let arity = decoder.array().or(Err(PendingError::Damaged))?;
        let version = decoder.u8().or(Err(PendingError::Damaged))?;
        let (fields, read_mail): (u64, ReadMail) = match version {
            VERSION => (7, |_| Some(None)),
            MAILED_VERSION => (8, |d| MailProof::read(d).map(Some)),
            other => return Err(PendingError::Version(other)),
        };
        let pending = Self::read(&mut decoder)
            .and_then(|pending| {
                let mail = read_mail(&mut decoder)?;
                Some(Self { mail, ..pending })
            })
            .filter(|_| arity == Some(fields))
            .ok_or(PendingError::Damaged)?;
        if *pending.encode() == bytes {
            Ok(pending)
        } else {
            Err(PendingError::Damaged)
        }
    }

    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        Some(Self {
            code: Arc::new(InviteCode::parse(d.str().ok()?).ok()?),
            allow_relay: d.bool().ok()?,
            phase: if d.bool().ok()? {
                Phase::Proven
            } else {
                Phase::Redeeming
            },
            wrong_total: d.u8().ok()?,
            blocked_until: d.decode::<Option<u64>>().ok()?.map(Timestamp::from_millis),
            created: Timestamp::from_millis(d.u64().ok()?),
            mail: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::EndpointId;
    use crate::invitation::mailbox::{Attestation, ServiceKey};
    use crate::invitation::{Flags, Hint, Secret};
    use crate::party::PartyTag;

    /// The first example of the specification.
    const CODE: &str = "party1zyqpzyg3zyg3zyg3zyg3zyg3zyg3zg3zyg3zyg3zyg3zyg3zyg3zygsqqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5z5tpwxqergd3c8g7ruyq4sqepklx0";

    const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    /// A code of one invitation, as it is copied at one time or another.
    fn code(secret: u8, endpoint: u8, expires: Option<Timestamp>, hints: Vec<Hint>) -> Arc<InviteCode> {
        let secret = Secret::from_bytes([secret; 16]);
        let tag = PartyTag::from_bytes([3; 16]);
        let endpoint = EndpointId::from_bytes([endpoint; 32]);
        Arc::new(
            InviteCode::new(CodeKind::Interactive, Flags::PIN, secret, tag, endpoint, expires, hints).expect("a code"),
        )
    }

    fn pending() -> Pending {
        let code = Arc::new(InviteCode::parse(CODE).expect("a code"));
        Pending::new(code, START)
    }

    #[test]
    fn stored_bytes_lead_back() {
        for phase in [Phase::Redeeming, Phase::Proven] {
            for blocked_until in [None, Some(Timestamp::from_millis(1_800_000_600_000))] {
                let one = Pending {
                    phase,
                    blocked_until,
                    wrong_total: 7,
                    allow_relay: true,
                    ..pending()
                };
                let again = Pending::decode(&one.encode()).expect("decodes");
                assert_eq!(*again.encode(), *one.encode());
                assert_eq!(
                    (again.phase, again.blocked_until, again.wrong_total),
                    (phase, blocked_until, 7)
                );
                assert_eq!(again.id(), one.id());
            }
        }
    }

    #[test]
    fn the_proof_of_a_mailbox_is_stored_with_it() {
        let secret = Secret::from_bytes([1; 16]);
        let attestation = Attestation {
            key: secret.mail_key(),
            issuer: "https://invite.example".to_owned(),
            service: ServiceKey::from_bytes([7; 32]),
            token: "a.b.c".to_owned(),
        };
        for renewal in [None, Some(Zeroizing::new("plr_1.2".to_owned()))] {
            let mail = MailProof {
                attestation: attestation.clone(),
                expires: START,
                renewal,
            };
            let one = Pending {
                mail: Some(mail.clone()),
                ..pending()
            };
            let bytes = one.encode();
            assert_eq!(Pending::decode(&bytes).expect("decodes").mail, Some(mail));
            for end in 0..bytes.len() {
                assert!(Pending::decode(&bytes[..end]).is_err());
            }
        }
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = pending().encode();
        for end in 0..bytes.len() {
            assert!(Pending::decode(&bytes[..end]).is_err());
        }
        let mut newer = bytes.to_vec();
        newer[1] = 3;
        assert_eq!(Pending::decode(&newer).err(), Some(PendingError::Version(3)));
    }

    #[test]
    fn a_code_that_was_copied_again_changes_the_hints_and_nothing_else() {
        let one = Pending {
            phase: Phase::Proven,
            wrong_total: 4,
            ..Pending::new(code(1, 2, None, vec![]), START)
        };
        let newer = code(1, 2, None, vec![Hint::RelayPreset(1)]);
        let again = one.clone().with_code(Arc::clone(&newer)).expect("the same invitation");
        assert_eq!(again.code.hints(), newer.hints());
        assert_eq!(
            (again.phase, again.wrong_total, again.created),
            (Phase::Proven, 4, START)
        );
        for other in [code(9, 2, None, vec![]), code(1, 9, None, vec![])] {
            assert_eq!(one.clone().with_code(other).err(), Some(OtherCode));
        }
    }

    #[test]
    fn only_a_proven_redemption_resumes_by_itself() {
        for (phase, blocked_until, resumes) in [
            (Phase::Redeeming, None, false),
            (Phase::Redeeming, Some(START), false),
            (Phase::Proven, None, true),
            (Phase::Proven, Some(START), false),
        ] {
            let one = Pending {
                phase,
                blocked_until,
                ..pending()
            };
            assert_eq!(one.resumes_at_start(), resumes);
        }
    }

    #[test]
    fn it_is_kept_as_long_as_it_matters() {
        let day = Duration::from_secs(24 * 3600);
        let end = START.plus(day);
        for (phase, expires, kept_until) in [
            (Phase::Redeeming, Some(end), end.plus(COUNT_KEPT)),
            (
                Phase::Redeeming,
                Some(Timestamp::from_millis(START.as_millis() - 7 * 86_400_000)),
                START.plus(COUNT_KEPT),
            ),
            (Phase::Redeeming, None, START.plus(PROVEN_PERIOD)),
            (Phase::Proven, Some(end), START.plus(PROVEN_PERIOD)),
            (Phase::Proven, None, START.plus(PROVEN_PERIOD)),
        ] {
            let mut one = Pending {
                phase,
                ..Pending::new(code(1, 2, expires, vec![]), START)
            };
            let after = kept_until.plus(Duration::from_millis(1));
            assert_eq!((one.forgettable(kept_until), one.forgettable(after)), (false, true));
            one.blocked_until = Some(after);
            assert!(!one.forgettable(after), "a block is kept to its end");
        }
    }

    #[test]
    fn debug_does_not_print_the_code() {
        assert!(!format!("{:?}", pending()).contains("zyg3"));
    }
}
