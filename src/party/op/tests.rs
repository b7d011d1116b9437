use super::*;
use crate::identity::{Certificate, EndpointId, IdentityKey};
use crate::party::fixture::hex;
use crate::party::{
    Edit, Edits, Element, FileId, How, ItemId, KnownData, MessageId, NoteId, Place, Role, Side, TaskId,
};

const REVOKED: &str = include_str!("../../../tests/vectors/op_revoked.hex");
const DENIED: &str = include_str!("../../../tests/vectors/op_denied.hex");
/// Put together by another program, from the text of LOG.md.
const REMOVED: &str = include_str!("../../../tests/vectors/op_removed.hex");
/// Likewise.
const DEVICE_NAMED: &str = include_str!("../../../tests/vectors/op_device_named.hex");
const DATA: &str = include_str!("../../../tests/vectors/ops_data.json");
const PARTY_ID: &str = include_str!("../../../tests/vectors/party_id.hex");

fn device() -> DeviceKey {
    DeviceKey::from_seed(&[1; 32])
}

fn body(act: Act) -> Body {
    Body {
        version: 1,
        party: [2; 32],
        author: IdentityId::from_bytes([3; 32]),
        device: device().id(),
        seq: 5,
        deps: vec![OpId::from_bytes([4; 32])],
        time: Timestamp::from_millis(1_800_000_000_000),
        act,
    }
}

fn op(act: Act) -> Op {
    Op::sign(body(act), &device()).unwrap()
}

/// A piece of each form.
fn edits() -> Edits {
    let element = Element {
        op: OpId::from_bytes([5; 32]),
        offset: 7,
    };
    Edits(vec![
        Edit::Insert {
            parent: None,
            side: Side::After,
            text: "Hé".to_owned(),
        },
        Edit::Insert {
            parent: Some(element),
            side: Side::Before,
            text: "llo".to_owned(),
        },
        Edit::Delete {
            first: element,
            count: 300,
        },
    ])
}

/// One act of each kind, with the size of its op where the specification gives it.
#[expect(clippy::too_many_lines, reason = "a table")]
fn acts() -> Vec<(Act, usize)> {
    let (member, phone) = (IdentityId::from_bytes([5; 32]), DeviceId::from_bytes([6; 32]));
    let endpoint = EndpointId::from_bytes([6; 32]);
    let (certificate, invitation, evidence) = ([7; 64], [8; 16], [9; 64]);
    let (task, note, file) = (
        TaskId::from_bytes([1; 16]),
        NoteId::from_bytes([2; 16]),
        FileId::from_bytes([4; 16]),
    );
    let place = Place::between(None, None);
    let (role, how, device) = (Role::Editor, How::Pin, phone);
    vec![
        (
            Act::MemberAdmitted {
                member,
                role,
                device,
                endpoint,
                certificate,
                invitation,
                how,
                evidence,
            },
            469,
        ),
        (
            Act::InvitationDelegated {
                key: [1; 32],
                role,
                max_uses: 1,
                not_after: 1_800_000_000_000,
                method: 0,
                bind: [0; 32],
                min_admitter_role: Role::Editor,
            },
            297,
        ),
        (Act::InvitationRevoked { invitation }, 233),
        (
            Act::RoleChanged {
                member,
                role,
                known: KnownData::default(),
            },
            252,
        ),
        (
            Act::MemberRemoved {
                member,
                known: KnownData::default(),
            },
            251,
        ),
        (
            Act::DeviceAdded {
                device,
                endpoint,
                signer: [1; 32],
                certificate,
            },
            384,
        ),
        (
            Act::DeviceRemoved {
                device,
                known: KnownData::default(),
            },
            251,
        ),
        (
            Act::JoinRequested {
                member,
                device,
                endpoint,
                certificate,
                invitation,
                evidence,
                name: "Alice".to_owned(),
            },
            473,
        ),
        (Act::RequestDenied { invitation, member }, 267),
        (
            Act::Renamed {
                name: "My party".to_owned(),
            },
            225,
        ),
        (
            Act::Named {
                name: "My party".to_owned(),
            },
            225,
        ),
        (
            Act::DeviceNamed {
                device,
                name: "My phone".to_owned(),
            },
            259,
        ),
        (
            Act::TaskAdded {
                task,
                title: "Buy milk".to_owned(),
                place: place.clone(),
            },
            248,
        ),
        (
            Act::TaskRetitled {
                task,
                title: "Buy milk".to_owned(),
            },
            242,
        ),
        (Act::TaskDone { task, done: true }, 234),
        (
            Act::ItemDeleted {
                item: ItemId::Task(task),
                deleted: true,
            },
            236,
        ),
        (Act::TaskAssigned { task, member }, 267),
        (Act::TaskDue { task, day: 20_000 }, 236),
        (Act::TaskMoved { task, place }, 239),
        (
            Act::NoteAdded {
                note,
                title: "Buy milk".to_owned(),
            },
            243,
        ),
        (
            Act::NoteRetitled {
                note,
                title: "Buy milk".to_owned(),
            },
            243,
        ),
        (Act::NoteEdited { note, edits: edits() }, 326),
        (
            Act::MessageSent {
                message: MessageId::from_bytes([3; 16]),
                text: "Buy milk".to_owned(),
                reply_to: MessageId::from_bytes([0; 16]),
            },
            260,
        ),
        (
            Act::FileAdded {
                file,
                name: "Buy milk".to_owned(),
                length: 1 << 30,
                content: [1; 32],
            },
            282,
        ),
        (
            Act::FileRenamed {
                file,
                name: "Buy milk".to_owned(),
            },
            243,
        ),
        (
            Act::Unknown {
                kind: 99,
                raw: hex("83f4216161"),
            },
            221,
        ),
    ]
}

/// Signs a body as its device would, whatever its form.
fn signed(text: &[u8]) -> Vec<u8> {
    [text, &device().sign(&signed_text(text))].concat()
}

#[test]
fn the_bytes_are_the_ones_of_the_specification() {
    let op = op(Act::InvitationRevoked { invitation: [1; 16] });
    assert_eq!(op.bytes(), hex(REVOKED));
    let opened = Op::open(&hex(REVOKED)).unwrap();
    assert_eq!(opened.id(), op.id());
    assert_eq!(*opened.act(), Act::InvitationRevoked { invitation: [1; 16] });
    assert_eq!(
        (opened.seq(), opened.deps(), opened.author()),
        (5, &[OpId::from_bytes([4; 32])][..], body_author())
    );
}

fn body_author() -> IdentityId {
    IdentityId::from_bytes([3; 32])
}

#[test]
fn the_id_of_a_party_is_the_one_of_the_specification() {
    let (identity, device) = (IdentityKey::from_seed(&[0x41; 32]), DeviceKey::from_seed(&[0x42; 32]));
    let endpoint = EndpointId::from_bytes([2; 32]);
    let certificate = Certificate::issue(&identity, device.id(), endpoint).signature;
    let body = Body {
        version: 1,
        party: [0; 32],
        author: identity.id(),
        device: device.id(),
        seq: 0,
        deps: Vec::new(),
        time: Timestamp::from_millis(1_800_000_000_000),
        act: Act::Genesis {
            nonce: [9; 16],
            name: "Book club".to_owned(),
            endpoint,
            certificate,
        },
    };
    let genesis = Op::sign(body, &device).unwrap();
    assert_eq!(genesis.party().to_string(), PARTY_ID.trim());
    assert_eq!(genesis.party().as_bytes(), genesis.id().as_bytes());
    assert!(PARTY_ID.starts_with(&genesis.party().tag().to_string()));
    assert_eq!(
        genesis.bytes().len(),
        309,
        "one letter more than the specification's example"
    );
    assert_eq!(Op::open(genesis.bytes()), Ok(genesis));
}

#[test]
fn every_kind_comes_back_as_it_was() {
    for (act, size) in acts() {
        let op = op(act.clone());
        assert_eq!(op.bytes().len(), size, "{act:?}");
        let opened = Op::open(op.bytes()).unwrap();
        assert_eq!((opened.act(), opened.id()), (&act, op.id()));
    }
}

#[test]
fn data_ops_are_the_ones_of_the_specification() {
    let vectors: serde_json::Value = serde_json::from_str(DATA).unwrap();
    let acts = acts().into_iter().map(|(act, _)| act);
    let data: Vec<Act> = acts
        .filter(|act| !act.is_membership() && !matches!(act, Act::Unknown { .. }))
        .collect();
    let vectors = vectors["ops"].as_array().unwrap();
    assert_eq!(vectors.len(), data.len());
    for (vector, act) in vectors.iter().zip(data) {
        let bytes = hex(vector["op"].as_str().unwrap());
        assert_eq!(vector["kind"], act.label());
        assert_eq!(op(act.clone()).bytes(), bytes, "{act:?}");
        assert_eq!(*Op::open(&bytes).unwrap().act(), act);
    }
}

#[test]
fn every_single_bit_flip_is_refused() {
    for (act, _) in acts() {
        let good = op(act);
        for bit in 0..good.bytes().len() * 8 {
            let mut bad = good.bytes().to_vec();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Op::open(&bad).is_err(), "bit {bit} of {good:?}");
        }
    }
}

#[test]
fn every_truncation_and_every_longer_form_is_refused() {
    let good = op(Act::Named {
        name: "Alice".to_owned(),
    });
    for length in 0..good.bytes().len() {
        assert!(Op::open(&good.bytes()[..length]).is_err(), "{length} bytes");
    }
    assert_eq!(Op::open(&[]), Err(OpError::TooShort));
    assert_eq!(Op::open(&[good.bytes(), &[0]].concat()), Err(OpError::NotCanonical));
    assert_eq!(Op::open(&vec![0x88; MAX_OP + 1]), Err(OpError::TooLong));
}

#[test]
fn correctly_signed_forms_that_are_not_canonical_are_refused() {
    let text = body(Act::InvitationRevoked { invitation: [1; 16] }).encode();
    let seq = text.windows(2).position(|pair| pair == [0x05, 0x81]).unwrap();
    let form = |at: usize, length: usize, with: &[u8]| {
        let mut bad = text.clone();
        bad.splice(at..at + length, with.iter().copied());
        signed(&bad)
    };
    let (deps_end, act) = (seq + 2 + 34, text.len() - 20);
    assert_eq!(text[act..act + 4], [0x82, 0x03, 0x81, 0x50]);
    let mut indefinite = text.clone();
    indefinite.insert(deps_end, 0xff);
    indefinite[seq + 1] = 0x9f;
    let mut indefinite_fields = text.clone();
    indefinite_fields[act + 2] = 0x9f;
    indefinite_fields.push(0xff);
    for (what, bad) in [
        ("two-byte seq", form(seq, 1, &[0x18, 0x05])),
        ("three-byte seq", form(seq, 1, &[0x19, 0x00, 0x05])),
        ("nine-byte seq", form(seq, 1, &[0x1b, 0, 0, 0, 0, 0, 0, 0, 5])),
        ("long head of the body", form(0, 1, &[0x98, 0x08])),
        ("long head of the version", form(1, 1, &[0x18, 0x01])),
        ("long byte string head", form(2, 2, &[0x59, 0x00, 0x20])),
        ("long kind", form(act + 1, 1, &[0x18, 0x03])),
        ("long head of the fields", form(act + 2, 1, &[0x98, 0x01])),
        ("a byte after the body", form(text.len(), 0, &[0x00])),
        ("a null after the body", form(text.len(), 0, &[0xf6])),
    ] {
        assert_eq!(Op::open(&bad), Err(OpError::NotCanonical), "{what}");
    }
    for (what, bad) in [
        ("indefinite deps", signed(&indefinite)),
        ("indefinite fields", signed(&indefinite_fields)),
        (
            "indefinite byte string",
            form(2, 34, &[&[0x5f, 0x58, 0x20][..], &[2; 32], &[0xff]].concat()),
        ),
        ("a tag before the time", form(deps_end, 0, &[0xc1])),
        (
            "a float for the time",
            form(deps_end, 9, &[0xfb, 0x42, 0x7a, 0x31, 0x85, 0xc5, 0, 0, 0]),
        ),
        ("a negative seq", form(seq, 1, &[0x20])),
        ("null for the fields", form(act + 2, 18, &[0xf6])),
        (
            "a field too many",
            form(act + 2, 18, &[&[0x82, 0x50][..], &[1; 16], &[0xf6]].concat()),
        ),
        ("a field too few", form(act + 2, 18, &[0x80])),
        ("a text for the invitation", form(act + 3, 1, &[0x70])),
        ("a map for the body", form(0, 1, &[0xa4])),
    ] {
        assert!(Op::open(&bad).is_err(), "{what}");
    }
}

#[test]
fn an_unknown_kind_is_kept_only_in_its_canonical_form() {
    let good = op(Act::Unknown {
        kind: 99,
        raw: hex("840582f5f40a3863"),
    });
    assert!(Op::open(good.bytes()).is_ok());
    // A long integer, an indefinite array, a map, a float, null, a tag, another major type, nesting without end.
    for raw in [
        "811805",
        "9f05ff",
        "81a0",
        "81f93c00",
        "81f6",
        "81c105",
        "05",
        "818181818181818181818180",
        "82",
        "8161ff",
    ] {
        let text = body(Act::Unknown {
            kind: 99,
            raw: hex(raw),
        })
        .encode();
        assert!(Op::open(&signed(&text)).is_err(), "{raw}");
    }
}

#[test]
fn an_op_of_another_version_is_kept_as_unknown() {
    let newer = Body {
        version: 2,
        ..body(Act::MemberRemoved {
            member: IdentityId::from_bytes([5; 32]),
            known: KnownData::default(),
        })
    };
    let opened = Op::open(Op::sign(newer, &device()).unwrap().bytes()).unwrap();
    assert!(matches!(opened.act(), Act::Unknown { kind: 5, .. }), "{opened:?}");
    assert!(opened.act().is_membership());
}

#[test]
fn numbers_that_mean_nothing_are_refused() {
    let text = body(Act::RoleChanged {
        member: IdentityId::from_bytes([5; 32]),
        role: Role::Admin,
        known: KnownData::default(),
    })
    .encode();
    for role in [0, 5, 23] {
        let mut bad = text.clone();
        *bad.last_mut().unwrap() = role;
        assert_eq!(Op::open(&signed(&bad)), Err(OpError::Malformed));
    }
}

#[test]
fn deps_are_a_sorted_set_of_at_most_32() {
    let with = |deps: Vec<u8>| {
        let deps = deps.into_iter().map(|n| OpId::from_bytes([n; 32])).collect();
        signed(
            &Body {
                deps,
                ..body(Act::Named {
                    name: "Alice".to_owned(),
                })
            }
            .encode(),
        )
    };
    assert!(Op::open(&with((0..32).collect())).is_ok());
    assert!(Op::open(&with(Vec::new())).is_ok());
    for bad in [(0..33).collect(), vec![2, 1], vec![1, 1], vec![1, 3, 2]] {
        assert_eq!(Op::open(&with(bad)), Err(OpError::Deps));
    }
}

#[test]
fn a_signature_counts_only_for_an_op() {
    let text = body(Act::Named {
        name: "Alice".to_owned(),
    })
    .encode();
    for domain in [&b""[..], b"party-log/1 op", b"party-log/1 id\0", b"party-log/2 op\0"] {
        let signature = device().sign(&[domain, &text].concat());
        assert_eq!(Op::open(&[&text[..], &signature].concat()), Err(OpError::Signature));
    }
    let other = DeviceKey::from_seed(&[9; 32]).sign(&signed_text(&text));
    assert_eq!(Op::open(&[&text[..], &other].concat()), Err(OpError::Signature));
}

#[test]
fn what_is_too_long_is_not_signed() {
    let act = |length| Act::TaskAdded {
        task: TaskId::from_bytes([1; 16]),
        title: "x".repeat(length),
        place: Place::default(),
    };
    let room = MAX_OP - op(act(300)).bytes().len() + 300;
    assert!(Op::open(op(act(room)).bytes()).is_ok());
    assert_eq!(Op::sign(body(act(room + 1)), &device()), Err(OpError::TooLong));
}

#[test]
fn nothing_that_a_party_holds_is_printed() {
    let op = op(Act::TaskAdded {
        task: TaskId::from_bytes([1; 16]),
        title: "Secret plan".to_owned(),
        place: Place::default(),
    });
    assert!(!format!("{op:?} {:?}", op.act()).contains("Secret"));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        proptest::prop_assert!(Op::open(&bytes).is_err());
        proptest::prop_assert!(Op::open(&signed(&bytes)).is_err());
    }

    #[test]
    fn what_is_read_is_what_was_written(title in ".{0,80}", seq in 0_u64.., millis in 0_u64.., deps in 0_u8..32) {
        let deps = (0..deps).map(|n| OpId::from_bytes([n; 32])).collect();
        let act = Act::TaskRetitled { task: TaskId::from_bytes([1; 16]), title };
        let body = Body { seq, deps, time: Timestamp::from_millis(millis), ..body(act.clone()) };
        let opened = Op::open(Op::sign(body, &device()).unwrap().bytes()).unwrap();
        proptest::prop_assert_eq!((opened.act(), opened.seq(), opened.time().as_millis()), (&act, seq, millis));
    }
}

#[test]
fn a_denial_is_the_one_of_the_specification() {
    let op = op(Act::RequestDenied {
        invitation: [1; 16],
        member: IdentityId::from_bytes([5; 32]),
    });
    assert_eq!(op.bytes(), hex(DENIED));
    assert_eq!(Op::open(op.bytes()).unwrap(), op);
}

#[test]
fn the_name_of_a_device_is_the_one_of_the_specification() {
    let op = op(Act::DeviceNamed {
        device: DeviceId::from_bytes([6; 32]),
        name: "My phone".to_owned(),
    });
    assert_eq!(op.bytes(), hex(DEVICE_NAMED));
    assert_eq!(Op::open(op.bytes()).unwrap(), op);
}

#[test]
fn a_removal_that_knows_data_is_the_one_of_the_specification() {
    let known = [(8, 70_000), (7, 3)].map(|(n, count)| (DeviceId::from_bytes([n; 32]), count));
    let mut known = known.to_vec();
    known.sort_unstable();
    let op = op(Act::MemberRemoved {
        member: IdentityId::from_bytes([5; 32]),
        known: KnownData::new(known.into_iter()),
    });
    assert_eq!(op.bytes(), hex(REMOVED));
    assert_eq!(Op::open(op.bytes()).unwrap(), op);
}
