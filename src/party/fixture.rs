//! People and short ways to write acts, for tests.

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::{Act, How, ItemId, KnownData, Op, OpId, Party, Place, Role, TaskId};
use crate::identity::{Certificate, DeviceId, DeviceKey, EndpointId, Keys};
use crate::time::Timestamp;

/// A person with keys that grow from one number.
pub(super) fn person(n: u8) -> Keys {
    Keys::from_seeds(&[n; 32], &[n ^ 0x40; 32], &[n ^ 0x80; 32])
}

/// A minute of the test.
pub(super) fn at(minute: u64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + minute * 60_000)
}

/// Alice's party with only Alice in it.
pub(super) fn founded(alice: &Keys) -> Party {
    Party::found(alice, "Alice", "Book club", at(0), &mut StdRng::seed_from_u64(7))
        .unwrap()
        .0
}

/// "They are in", said by the author alone.
pub(crate) fn admits(who: &Keys, role: Role) -> Act {
    admits_by(who, role, ([0; 16], How::Direct, [0; 64]))
}

/// "They are in", by an invitation: its id, how they came in by it, and the evidence.
pub(super) fn admits_by(who: &Keys, role: Role, (invitation, how, evidence): ([u8; 16], How, [u8; 64])) -> Act {
    Act::MemberAdmitted {
        member: who.identity.id(),
        role,
        device: who.device.id(),
        endpoint: who.endpoint.id(),
        certificate: who.certificate.signature,
        invitation,
        how,
        evidence,
    }
}

/// "This is a device of mine, too", signed by the author's own key.
pub(super) fn adds_device(by: &Keys, device: DeviceId, endpoint: EndpointId) -> Act {
    let certificate = Certificate::issue(by.identity.key().unwrap(), device, endpoint).signature;
    Act::DeviceAdded {
        device,
        endpoint,
        signer: *by.identity.id().as_bytes(),
        certificate,
    }
}

pub(super) fn removes(who: &Keys) -> Act {
    Act::MemberRemoved {
        member: who.identity.id(),
        known: KnownData::default(),
    }
}

pub(super) fn makes(who: &Keys, role: Role) -> Act {
    Act::RoleChanged {
        member: who.identity.id(),
        role,
        known: KnownData::default(),
    }
}

pub(super) fn task(n: u8) -> TaskId {
    TaskId::from_bytes([n; 16])
}

pub(super) fn adds(n: u8, title: &str) -> Act {
    Act::TaskAdded {
        task: task(n),
        title: title.to_owned(),
        place: Place::between(None, None),
    }
}

pub(super) fn deletes(item: ItemId) -> Act {
    Act::ItemDeleted { item, deleted: true }
}

pub(super) fn restores(item: ItemId) -> Act {
    Act::ItemDeleted { item, deleted: false }
}

/// The titles of a party's tasks, in order.
pub(super) fn titles(party: &Party) -> Vec<String> {
    party.tasks().iter().map(|task| task.title.clone()).collect()
}

/// Gives `to` all that it lacks of `from`.
pub(super) fn sync(from: &Party, to: &mut Party) {
    for op in from.missing(&to.have(), usize::MAX) {
        to.receive(op).unwrap();
    }
}

/// An op that nobody checks before it is signed.
pub(super) fn forge(
    party: &Party,
    (keys, device): (&Keys, &DeviceKey),
    (seq, deps): (u64, Vec<OpId>),
    time: Timestamp,
    act: Act,
) -> Op {
    let body = super::op::Body {
        version: 1,
        party: *party.id().as_bytes(),
        author: keys.identity.id(),
        device: device.id(),
        seq,
        deps,
        time,
        act,
    };
    Op::sign(body, device).unwrap()
}

/// The bytes of a line of hex.
pub(super) fn hex(text: &str) -> Vec<u8> {
    let pairs = text
        .trim()
        .as_bytes()
        .chunks(2)
        .map(|pair| str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}
