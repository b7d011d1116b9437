//! The bytes of a code: a head of fixed places, then hints as tag, length, value. No IO.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::identity::EndpointId;
use crate::invitation::Secret;
use crate::party::PartyTag;
use crate::time::Timestamp;

use super::{CodeError, CodeKind, Flags, Hint, InviteCode};

/// The longest code, in bytes.
pub(super) const MAX_BYTES: usize = 256;

/// The head, in bytes: a code without hints.
pub(super) const HEAD: usize = 69;

/// The longest value of a hint, in bytes.
pub(super) const MAX_HINT: usize = 255;

const VERSION: u8 = 1;

/// Flags that a reader must understand.
const CRITICAL_FLAGS: u8 = 0xf0;

/// Hint tags from here on must be understood.
const CRITICAL_HINT: u8 = 0x80;

/// The longest relay host, in bytes.
const MAX_HOST: usize = 60;

/// How many further endpoints a code may list.
const MAX_ENDPOINTS: usize = 3;

/// "Never", where the expiry stands.
const NEVER: u32 = 0x00ff_ffff;

/// Whole minutes since 2026-01-01T00:00Z, in three bytes: to 2057.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Minutes(u32);

impl Minutes {
    /// 2026-01-01T00:00Z.
    const EPOCH: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    /// The first full minute not before this moment, as far as three bytes reach.
    pub(super) fn round_up(moment: Timestamp) -> Self {
        let minutes = Self::EPOCH.until(moment).as_millis().div_ceil(60_000);
        Self(u32::try_from(minutes).map_or(NEVER - 1, |minutes| minutes.min(NEVER - 1)))
    }

    pub(super) fn timestamp(self) -> Timestamp {
        Self::EPOCH.plus(Duration::from_secs(u64::from(self.0) * 60))
    }
}

impl InviteCode {
    /// Head and hints. Each hint's value is at most [`MAX_HINT`] bytes: `new` and `from_bytes` see to it.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let hints = self.hints.iter().map(|hint| hint.value().len() + 2).sum::<usize>();
        let mut out = Zeroizing::new(Vec::with_capacity(HEAD + hints));
        out.extend([VERSION << 4 | self.kind as u8, self.flags.0]);
        out.extend(self.secret.as_bytes());
        out.extend(self.party_tag.as_bytes());
        out.extend(self.endpoint.as_bytes());
        let [_, expiry @ ..] = self.expiry.map_or(NEVER, |minutes| minutes.0).to_be_bytes();
        out.extend(expiry);
        for hint in &self.hints {
            let value = hint.value();
            out.extend([hint.tag(), value.len() as u8]);
            out.extend(value);
        }
        out
    }

    /// Reads head and hints, and refuses what this version cannot honour.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CodeError> {
        if bytes.len() > MAX_BYTES {
            return Err(CodeError::TooLong);
        }
        let mut rest = bytes;
        let [first] = take(&mut rest).ok_or(CodeError::Truncated)?;
        if first >> 4 != VERSION {
            return Err(CodeError::Version(first >> 4));
        }
        let kind = match first & 0x0f {
            1 => CodeKind::Interactive,
            2 => CodeKind::Delegated,
            3 => CodeKind::DevicePairing,
            4 => CodeKind::Email,
            5 => CodeKind::Nearby,
            other => return Err(CodeError::Kind(other)),
        };
        let [flags] = take(&mut rest).ok_or(CodeError::Truncated)?;
        if flags & CRITICAL_FLAGS != 0 {
            return Err(CodeError::NeedsNewer(flags));
        }
        let secret = Secret::from_bytes(take(&mut rest).ok_or(CodeError::Truncated)?);
        let party_tag = PartyTag::from_bytes(take(&mut rest).ok_or(CodeError::Truncated)?);
        if (party_tag == PartyTag::NONE) != kind.names_no_party() {
            return Err(CodeError::PartyTag);
        }
        let endpoint = EndpointId::from_bytes(take(&mut rest).ok_or(CodeError::Truncated)?);
        let [high, middle, low] = take(&mut rest).ok_or(CodeError::Truncated)?;
        let minutes = u32::from_be_bytes([0, high, middle, low]);
        let expiry = (minutes != NEVER).then_some(Minutes(minutes));
        let hints = read_hints(rest)?;
        Ok(Self {
            kind,
            flags: Flags(flags),
            secret,
            party_tag,
            endpoint,
            expiry,
            hints,
        })
    }
}

/// Whether the hints of a code end later than its bytes: `end` is where they should end, `bytes` may go on a little.
pub(super) fn is_cut_off(bytes: &[u8], end: usize) -> bool {
    let mut offset = HEAD;
    while offset < end {
        let Some(len) = bytes.get(offset + 1) else { return true };
        offset += 2 + usize::from(*len);
    }
    offset > end
}

fn read_hints(mut rest: &[u8]) -> Result<Vec<Hint>, CodeError> {
    let mut hints: Vec<Hint> = Vec::new();
    while let Some((&tag, after)) = rest.split_first() {
        let malformed = CodeError::Hint(tag);
        let (&len, after) = after.split_first().ok_or(malformed.clone())?;
        let (value, after) = after.split_at_checked(usize::from(len)).ok_or(malformed.clone())?;
        rest = after;
        if tag >= CRITICAL_HINT {
            return Err(CodeError::NeedsNewer(tag));
        }
        if hints.last().is_some_and(|last| last.tag() > tag) {
            return Err(malformed);
        }
        hints.push(Hint::read(tag, value).ok_or(malformed)?);
    }
    let endpoints = hints.iter().filter(|hint| matches!(hint, Hint::Endpoint(_)));
    if endpoints.count() > MAX_ENDPOINTS {
        Err(CodeError::Hint(Hint::ENDPOINT))
    } else {
        Ok(hints)
    }
}

impl Hint {
    const RELAY_PRESET: u8 = 0x01;
    const RELAY_HOST: u8 = 0x02;
    const IPV4: u8 = 0x03;
    const IPV6: u8 = 0x04;
    const ENDPOINT: u8 = 0x05;
    const ROLE: u8 = 0x06;
    const IPV4_OF: u8 = 0x07;
    const IPV6_OF: u8 = 0x08;

    pub(super) const fn tag(&self) -> u8 {
        match self {
            Self::RelayPreset(_) => Self::RELAY_PRESET,
            Self::RelayHost(_) => Self::RELAY_HOST,
            Self::Address(SocketAddr::V4(_)) => Self::IPV4,
            Self::Address(SocketAddr::V6(_)) => Self::IPV6,
            Self::Endpoint(_) => Self::ENDPOINT,
            Self::Role(_) => Self::ROLE,
            Self::AddressOf {
                address: SocketAddr::V4(_),
                ..
            } => Self::IPV4_OF,
            Self::AddressOf {
                address: SocketAddr::V6(_),
                ..
            } => Self::IPV6_OF,
            Self::Unknown { tag, .. } => *tag,
        }
    }

    pub(super) fn value(&self) -> Vec<u8> {
        match self {
            Self::RelayPreset(number) | Self::Role(number) => vec![*number],
            Self::RelayHost(host) => host.as_bytes().to_vec(),
            Self::Address(address) => address_bytes(*address).collect(),
            Self::AddressOf { place, address } => std::iter::once(*place).chain(address_bytes(*address)).collect(),
            Self::Endpoint(endpoint) => endpoint.as_bytes().to_vec(),
            Self::Unknown { value, .. } => value.clone(),
        }
    }

    fn read(tag: u8, value: &[u8]) -> Option<Self> {
        let mut rest = value;
        let hint = match tag {
            Self::RELAY_PRESET => Self::RelayPreset(u8::from_be_bytes(take(&mut rest)?)),
            Self::RELAY_HOST => {
                let host = std::str::from_utf8(std::mem::take(&mut rest)).ok()?;
                let fits = (1..=MAX_HOST).contains(&host.len()) && host.bytes().all(|byte| byte.is_ascii_graphic());
                Self::RelayHost(fits.then(|| host.to_owned())?)
            }
            Self::IPV4 => Self::Address(socket(Ipv4Addr::from(take::<4>(&mut rest)?), &mut rest)?),
            Self::IPV6 => Self::Address(socket(Ipv6Addr::from(take::<16>(&mut rest)?), &mut rest)?),
            Self::ENDPOINT => Self::Endpoint(EndpointId::from_bytes(take(&mut rest)?)),
            Self::ROLE => Self::Role(u8::from_be_bytes(take(&mut rest)?)),
            Self::IPV4_OF | Self::IPV6_OF => {
                let [place] = take(&mut rest)?;
                let address = if tag == Self::IPV4_OF {
                    socket(Ipv4Addr::from(take::<4>(&mut rest)?), &mut rest)?
                } else {
                    socket(Ipv6Addr::from(take::<16>(&mut rest)?), &mut rest)?
                };
                let fits = (1..=MAX_ENDPOINTS).contains(&usize::from(place));
                fits.then_some(Self::AddressOf { place, address })?
            }
            0 => return None,
            _ => Self::Unknown {
                tag,
                value: std::mem::take(&mut rest).to_vec(),
            },
        };
        rest.is_empty().then_some(hint)
    }
}

/// An address as a hint has it.
fn address_bytes(address: SocketAddr) -> impl Iterator<Item = u8> {
    let ip = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    ip.into_iter().chain(address.port().to_be_bytes())
}

/// The same read.
fn socket(ip: impl Into<IpAddr>, rest: &mut &[u8]) -> Option<SocketAddr> {
    Some(SocketAddr::new(ip.into(), u16::from_be_bytes(take(rest)?)))
}

/// The next `N` bytes, which are taken off the front.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (front, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*front)
}
