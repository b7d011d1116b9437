//! What an inviter's device remembers of an invitation: the durable half of the machine. No IO.
//!
//! The bytes are deterministic CBOR (RFC 8949, section 4.2). They hold the code's secret, so the store seals them. The PIN is
//! never among them: it lives in memory for five minutes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use minicbor::{Decoder, Encoder};
use zeroize::Zeroizing;

use crate::identity::{EndpointId, IdentityId};
use crate::party::{OpId, PartyId, Role};
use crate::time::Timestamp;

use super::{InvitationId, MAX_WRONG_PER_DEVICE, MAX_WRONG_PINS, Secret};

/// How long after [`Record::expires`] the invitation really ends. The code tells the time in whole minutes and people's
/// clocks differ by a few; who comes in time by the own clock is not turned away.
pub const EXPIRY_TOLERANCE: Duration = Duration::from_secs(10 * 60);

/// How long after [`Record::expires`] an admitted device that missed its admission may still fetch it.
pub const RESUME_PERIOD: Duration = Duration::from_secs(30 * 24 * 3600);

/// How many people one invitation admits at most.
pub const MAX_USES: u32 = 1000;

/// The version of the bytes.
const VERSION: u8 = 1;

/// The version of the bytes that also say which devices have taken tries: as long as none has, they are those of [`VERSION`].
const WITH_TRIES: u8 = 2;

/// Whether an invitation still works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Open,
    /// It has admitted as many as it was made for.
    Used,
    /// Too many wrong PINs, for good.
    Locked,
    /// Revoked by the inviter.
    Revoked,
    /// Its time is over.
    Expired,
}

/// Somebody whom the invitation has admitted. The endpoint may fetch its admission again, without a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The device's key on the network.
    pub endpoint: EndpointId,
    /// Who.
    pub identity: IdentityId,
    /// The admission in the party's log.
    pub op: OpId,
    /// The name that the member gave.
    pub name: String,
}

/// One invitation, as it is on disk.
#[derive(Clone, Debug)]
pub struct Record {
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
    /// When the code stops working, by this device's clock and with [`EXPIRY_TOLERANCE`].
    pub expires: Timestamp,
    /// How many it may admit.
    pub max_uses: u32,
    /// How many it has admitted.
    pub uses: u32,
    /// Whether it still works.
    pub status: Status,
    /// How many of its [`MAX_WRONG_PINS`] tries are gone. A try is taken before its answer, and given back by an admission.
    pub wrong_total: u8,
    /// Counts the PINs shown, from 1; zero before the first. After 255 comes 1.
    pub pin_generation: u8,
    /// How many of [`super::MAX_WRONG_PER_PIN`] tries the newest PIN has lost.
    pub wrong_this_pin: u8,
    /// Whom it has admitted, in that order.
    pub admitted: Vec<Admitted>,
    /// Which devices that are not in have taken how many of the tries, in that order. At most [`MAX_WRONG_PINS`], as many as
    /// there are tries.
    pub tried: Vec<(EndpointId, u8)>,
}

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A newer program wrote it.
    #[error("the record is of version {0}")]
    Version(u8),
    /// The bytes are damaged.
    #[error("the record is damaged")]
    Damaged,
}

impl Record {
    /// A new, open invitation for `max_uses` people: at least one, at most [`MAX_USES`].
    #[must_use]
    pub fn new(
        secret: Arc<Secret>,
        party: PartyId,
        role: Role,
        label: String,
        created: Timestamp,
        expires: Timestamp,
        max_uses: u32,
    ) -> Self {
        Self {
            secret,
            party,
            role,
            label,
            created,
            expires,
            max_uses: max_uses.clamp(1, MAX_USES),
            uses: 0,
            status: Status::Open,
            wrong_total: 0,
            pin_generation: 0,
            wrong_this_pin: 0,
            admitted: Vec::new(),
            tried: Vec::new(),
        }
    }

    /// The invitation's id.
    #[must_use]
    pub fn id(&self) -> InvitationId {
        self.secret.invitation_id()
    }

    /// How this endpoint was admitted, if it was.
    #[must_use]
    pub fn admission_of(&self, endpoint: EndpointId) -> Option<&Admitted> {
        self.admitted.iter().find(|admitted| admitted.endpoint == endpoint)
    }

    /// When nobody can be admitted any more.
    #[must_use]
    pub fn closes(&self) -> Timestamp {
        self.expires.plus(EXPIRY_TOLERANCE)
    }

    /// When even an admitted device has nothing to fetch any more: the record may be forgotten.
    #[must_use]
    pub fn forgettable(&self) -> Timestamp {
        self.expires.plus(RESUME_PERIOD)
    }

    /// Whether no try is left.
    pub(super) const fn out_of_tries(&self) -> bool {
        self.wrong_total >= MAX_WRONG_PINS
    }

    /// A device takes a try: counted before it is known whether it was right.
    pub(super) fn take_try(&mut self, endpoint: EndpointId) {
        self.wrong_total = self.wrong_total.saturating_add(1);
        self.wrong_this_pin = self.wrong_this_pin.saturating_add(1);
        match self.tried.iter_mut().find(|(device, _)| *device == endpoint) {
            Some((_, tries)) => *tries = tries.saturating_add(1),
            None => self.tried.push((endpoint, 1)),
        }
    }

    /// How many tries a device has taken.
    fn tries_of(&self, endpoint: EndpointId) -> u8 {
        let tried = self.tried.iter().find(|(device, _)| *device == endpoint);
        tried.map_or(0, |(_, tries)| *tries)
    }

    /// How many tries a device has left, within what the invitation has left. Where only one person is invited there is nobody
    /// whose tries it could use up.
    pub(super) fn tries_left_for(&self, endpoint: EndpointId) -> u8 {
        let left = MAX_WRONG_PINS.saturating_sub(self.wrong_total);
        if self.max_uses == 1 {
            return left;
        }
        MAX_WRONG_PER_DEVICE.saturating_sub(self.tries_of(endpoint)).min(left)
    }

    /// The record after somebody was admitted: one more use, and the tries of that device given back. They were at PINs that its
    /// person was told: whoever guesses is not admitted, or has guessed right.
    pub(super) fn with_admitted(mut self, admitted: Admitted) -> Self {
        let back = self.tries_of(admitted.endpoint).max(1);
        self.tried.retain(|(device, _)| *device != admitted.endpoint);
        self.admitted.push(admitted);
        self.uses = self.uses.saturating_add(1);
        self.wrong_total = self.wrong_total.saturating_sub(back);
        self.wrong_this_pin = self.wrong_this_pin.saturating_sub(1);
        if self.uses >= self.max_uses {
            self.status = Status::Used;
        }
        self
    }

    /// The bytes to store, sealed.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Room for everything, so that no half-written copy of the secret is left behind by a growing vector.
        let room = 256
            + 40 * self.tried.len()
            + self.label.len()
            + self.admitted.iter().map(|one| 128 + one.name.len()).sum::<usize>();
        let mut encoder = Encoder::new(Vec::with_capacity(room));
        #[expect(
            clippy::expect_used,
            reason = "a Vec takes every byte, and no field has an encoder of its own that could refuse"
        )]
        self.write(&mut encoder).expect("writing to memory");
        Zeroizing::new(encoder.into_writer())
    }

    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Result<(), minicbor::encode::Error<Infallible>> {
        if self.tried.is_empty() {
            e.array(14)?.u8(VERSION)?;
        } else {
            e.array(15)?.u8(WITH_TRIES)?;
        }
        e.bytes(self.secret.as_bytes())?
            .bytes(self.party.as_bytes())?
            .u8(self.role.into())?
            .str(&self.label)?;
        e.u64(self.created.as_millis())?
            .u64(self.expires.as_millis())?
            .u32(self.max_uses)?
            .u32(self.uses)?;
        e.u8(self.status.number())?
            .u8(self.wrong_total)?
            .u8(self.pin_generation)?
            .u8(self.wrong_this_pin)?;
        e.array(self.admitted.len() as u64)?;
        for one in &self.admitted {
            e.array(4)?
                .bytes(one.endpoint.as_bytes())?
                .bytes(one.identity.as_bytes())?;
            e.bytes(one.op.as_bytes())?.str(&one.name)?;
        }
        if !self.tried.is_empty() {
            e.array(self.tried.len() as u64)?;
        }
        for (device, tries) in &self.tried {
            e.array(2)?.bytes(device.as_bytes())?.u8(*tries)?;
        }
        Ok(())
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// [`RecordError`] for bytes that [`Self::encode`] did not make.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut decoder = Decoder::new(bytes);
        let arity = decoder.array().or(Err(RecordError::Damaged))?;
        let version = decoder.u8().or(Err(RecordError::Damaged))?;
        let fields = match version {
            VERSION => 14,
            WITH_TRIES => 15,
            newer => return Err(RecordError::Version(newer)),
        };
        let record = Self::read(&mut decoder, version)
            .filter(|_| arity == Some(fields))
            .ok_or(RecordError::Damaged)?;
        if *record.encode() == bytes {
            Ok(record)
        } else {
            Err(RecordError::Damaged)
        }
    }

    fn read(d: &mut Decoder<'_>, version: u8) -> Option<Self> {
        Some(Self {
            secret: Arc::new(Secret::from_bytes(fixed(d)?)),
            party: PartyId::from_bytes(fixed(d)?),
            role: Role::try_from(d.u8().ok()?).ok()?,
            label: d.str().ok()?.to_owned(),
            created: Timestamp::from_millis(d.u64().ok()?),
            expires: Timestamp::from_millis(d.u64().ok()?),
            max_uses: d.u32().ok()?,
            uses: d.u32().ok()?,
            status: Status::from_number(d.u8().ok()?)?,
            wrong_total: d.u8().ok()?,
            pin_generation: d.u8().ok()?,
            wrong_this_pin: d.u8().ok()?,
            admitted: read_admitted(d)?,
            tried: if version == WITH_TRIES {
                read_tried(d)?
            } else {
                Vec::new()
            },
        })
    }
}

fn read_admitted(d: &mut Decoder<'_>) -> Option<Vec<Admitted>> {
    let mut all = Vec::new();
    for _ in 0..d.array().ok()?? {
        if d.array().ok()? != Some(4) {
            return None;
        }
        all.push(Admitted {
            endpoint: EndpointId::from_bytes(fixed(d)?),
            identity: IdentityId::from_bytes(fixed(d)?),
            op: OpId::from_bytes(fixed(d)?),
            name: d.str().ok()?.to_owned(),
        });
    }
    Some(all)
}

fn read_tried(d: &mut Decoder<'_>) -> Option<Vec<(EndpointId, u8)>> {
    let mut all = Vec::new();
    for _ in 0..d.array().ok()?? {
        if d.array().ok()? != Some(2) {
            return None;
        }
        all.push((EndpointId::from_bytes(fixed(d)?), d.u8().ok()?));
    }
    Some(all)
}

/// A byte string of exactly `N` bytes.
pub(super) fn fixed<const N: usize>(d: &mut Decoder<'_>) -> Option<[u8; N]> {
    d.bytes().ok()?.try_into().ok()
}

impl Status {
    const ALL: [Self; 5] = [Self::Open, Self::Used, Self::Locked, Self::Revoked, Self::Expired];

    const fn number(self) -> u8 {
        self as u8
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let secret = Arc::new(Secret::from_bytes([0x5e; 16]));
        let party = PartyId::from_bytes([2; 32]);
        let (created, expires) = (
            Timestamp::from_millis(1_800_000_000_000),
            Timestamp::from_millis(1_800_086_400_000),
        );
        Record::new(secret, party, Role::Editor, "for Bob".to_owned(), created, expires, 2)
    }

    fn admitted(number: u8) -> Admitted {
        Admitted {
            endpoint: EndpointId::from_bytes([number; 32]),
            identity: IdentityId::from_bytes([number; 32]),
            op: OpId::from_bytes([number; 32]),
            name: format!("member {number}"),
        }
    }

    #[test]
    fn stored_bytes_lead_back() {
        for status in Status::ALL {
            let mut record = record().with_admitted(admitted(7)).with_admitted(admitted(8));
            record.status = status;
            record.wrong_total = 5;
            record.pin_generation = 200;
            let bytes = record.encode();
            let again = Record::decode(&bytes).expect("decodes");
            assert_eq!(*again.encode(), *bytes);
            assert_eq!(
                (again.id(), again.status, again.admitted.len()),
                (record.id(), status, 2)
            );
        }
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = record().encode();
        for end in 0..bytes.len() {
            assert!(Record::decode(&bytes[..end]).is_err());
        }
        let mut longer = bytes.to_vec();
        longer.push(0);
        assert_eq!(Record::decode(&longer).err(), Some(RecordError::Damaged));
        let mut newer = bytes.to_vec();
        newer[1] = 3;
        assert_eq!(Record::decode(&newer).err(), Some(RecordError::Version(3)));
    }

    #[test]
    fn the_last_use_closes_it_and_gives_the_try_back() {
        let mut record = record();
        (record.wrong_total, record.wrong_this_pin) = (4, 1);
        let record = record.with_admitted(admitted(1));
        assert_eq!(
            (record.status, record.wrong_total, record.wrong_this_pin),
            (Status::Open, 3, 0)
        );
        assert_eq!(record.with_admitted(admitted(2)).status, Status::Used);
    }

    #[test]
    fn whoever_comes_in_gives_back_the_tries_of_that_device_and_no_others() {
        let (typist, guesser) = (EndpointId::from_bytes([1; 32]), EndpointId::from_bytes([9; 32]));
        let mut record = record();
        for device in [typist, guesser, typist, guesser, guesser, typist] {
            record.take_try(device);
        }
        assert_eq!((record.tries_left_for(typist), record.tries_left_for(guesser)), (0, 0));
        let again = Record::decode(&record.encode()).expect("decodes");
        assert_eq!(again.tried, record.tried);
        let record = again.with_admitted(admitted(1));
        assert_eq!((record.wrong_total, &record.tried[..]), (3, &[(guesser, 3)][..]));
        let new = EndpointId::from_bytes([5; 32]);
        assert_eq!((record.tries_left_for(new), record.tries_left_for(guesser)), (3, 0));
    }

    #[test]
    fn debug_does_not_print_the_secret() {
        let text = format!("{:?}", record());
        assert!(!text.contains("5e5e") && !text.contains("94, 94"), "{text}");
    }
}
