//! Frames: there and back, and nothing but the canonical form.

use proptest::prelude::*;

use crate::identity::{DeviceId, EndpointId, IdentityId};
use crate::invitation::Exporter;

use super::*;

fn join() -> Join {
    Join {
        blind: [1; 32],
        identity: IdentityId::from_bytes([2; 32]),
        device: DeviceId::from_bytes([3; 32]),
        endpoint: EndpointId::from_bytes([4; 32]),
        certificate: [5; 64],
        name: "Bob".to_owned(),
        evidence: [6; 64],
        possession: [7; 64],
        attestation: vec![],
    }
}

/// One of each frame, in the order of their type bytes.
fn one_of_each() -> Vec<Message> {
    vec![
        Message::Hello {
            versions: vec![1],
            mode: Mode::New,
            invitation: InvitationId::from_bytes([1; 16]),
            nonce: [2; 32],
            proof: [3; 64],
        },
        Message::HelloAck {
            version: 1,
            method: Method::Pin,
            party_tag: PartyTag::from_bytes([4; 16]),
            nonce: [5; 32],
            seconds_left: 86_400,
        },
        Message::PinReady {
            generation: 1,
            digits: 6,
            seconds: 300,
            tries_left: 3,
        },
        Message::PakeA {
            generation: 1,
            attempt: 1,
            share: [6; 32],
        },
        Message::PakeB { share: [7; 32] },
        Message::ConfirmJ {
            commitment: [8; 32],
            tag: [9; 32],
        },
        Message::ConfirmI { tag: [10; 32] },
        Message::WrongPin {
            generation: 1,
            tries_left: 2,
            left_total: 8,
        },
        Message::Welcome {
            party_name: "Book club".to_owned(),
            inviter_name: "Alice".to_owned(),
            role: 2,
            members: 3,
        },
        Message::Join(Box::new(join())),
        Message::Admit {
            last: true,
            ops: vec![vec![1, 2, 3], vec![4; 300]],
        },
        Message::Ack { op: [11; 32] },
        Message::Pending {
            request: [12; 16],
            poll_after_s: 30,
        },
        Message::Busy {
            retry_after_s: 20,
            position: 2,
        },
        Message::Error {
            code: ErrorCode::Locked,
            retry_after_s: 0,
            text: "why".to_owned(),
        },
        Message::Cancel {
            reason: CancelReason::SlotGivenAway,
        },
    ]
}

#[test]
fn every_frame_comes_back() {
    for (index, message) in one_of_each().into_iter().enumerate() {
        let frame = message.encode();
        assert_eq!(usize::from(frame[0]), index + 1);
        assert_eq!(frame[0], message.kind());
        assert!(frame.len() <= max_len(frame[0]).unwrap(), "{message:?}");
        assert_eq!(Message::decode(&frame).as_ref(), Ok(&message));
    }
    for kind in [0, 0x11, 0xff] {
        assert_eq!(max_len(kind), None);
        assert_eq!(Message::decode(&[kind, 0x80]), Err(MessageError::UnknownType(kind)));
    }
    assert_eq!(Message::decode(&[]), Err(MessageError::Empty));
}

#[test]
fn the_largest_frames_fit_their_limits() {
    let name = "n".repeat(MAX_NAME);
    let largest = [
        Message::Hello {
            versions: (0..16).collect(),
            mode: Mode::Poll,
            invitation: InvitationId::from_bytes([0xff; 16]),
            nonce: [0xff; 32],
            proof: [0xff; 64],
        },
        Message::HelloAck {
            version: 255,
            method: Method::Approval,
            party_tag: PartyTag::from_bytes([0xff; 16]),
            nonce: [0xff; 32],
            seconds_left: u32::MAX,
        },
        Message::PinReady {
            generation: 255,
            digits: 12,
            seconds: u16::MAX,
            tries_left: 255,
        },
        Message::PakeA {
            generation: 255,
            attempt: 255,
            share: [0xff; 32],
        },
        Message::WrongPin {
            generation: 255,
            tries_left: 255,
            left_total: 255,
        },
        Message::Welcome {
            party_name: name.clone(),
            inviter_name: name.clone(),
            role: 255,
            members: u32::MAX,
        },
        Message::Join(Box::new(Join {
            name,
            attestation: vec![0xff; 4096],
            ..join()
        })),
        Message::Pending {
            request: [0xff; 16],
            poll_after_s: u32::MAX,
        },
        Message::Busy {
            retry_after_s: u16::MAX,
            position: 255,
        },
        Message::Error {
            code: ErrorCode::UseElsewhere,
            retry_after_s: u16::MAX,
            text: "e".repeat(120),
        },
    ];
    for message in largest {
        let frame = message.encode();
        assert!(
            frame.len() <= max_len(frame[0]).unwrap(),
            "{message:?} takes {}",
            frame.len()
        );
        assert_eq!(Message::decode(&frame), Ok(message));
    }
}

#[test]
fn every_truncation_and_every_appended_byte_is_refused() {
    for message in one_of_each() {
        let mut frame = message.encode();
        for len in 1..frame.len() {
            assert!(Message::decode(&frame[..len]).is_err(), "{message:?} cut to {len}");
        }
        frame.push(0);
        assert_eq!(
            Message::decode(&frame),
            Err(MessageError::NotCanonical { kind: message.name() })
        );
    }
}

#[test]
fn another_form_of_the_same_message_is_refused() {
    // Ack: array of one, byte string of 32.
    let ack = Message::Ack { op: [7; 32] }.encode();
    assert_eq!(ack[..4], [0x0c, 0x81, 0x58, 0x20]);
    let not_canonical = Err(MessageError::NotCanonical { kind: "Ack" });
    let malformed = Err(MessageError::Malformed { kind: "Ack" });
    let with_head = |head: &[u8]| Message::decode(&[&[0x0c], head, &[7; 32]].concat());
    assert!(with_head(&[0x81, 0x58, 0x20]).is_ok());
    assert_eq!(
        with_head(&[0x98, 1, 0x58, 0x20]),
        not_canonical,
        "a long count of fields"
    );
    assert_eq!(with_head(&[0x81, 0x59, 0, 0x20]), not_canonical, "a long length");
    assert_eq!(with_head(&[0x9f, 0x58, 0x20]), malformed, "an indefinite array");
    assert_eq!(with_head(&[0x82, 0x58, 0x20]), malformed, "another number of fields");
    assert_eq!(with_head(&[0x81, 0x78, 0x20]), malformed, "a text instead of bytes");
    assert_eq!(with_head(&[0x81, 0xc2, 0x58, 0x20]), malformed, "a tag");
    assert_eq!(with_head(&[0xa1, 0x58, 0x20]), malformed, "a map");
    // Busy{20, 2}: the shortest form of 20 is one byte.
    assert!(Message::decode(&[0x0e, 0x82, 0x14, 2]).is_ok());
    assert_eq!(
        Message::decode(&[0x0e, 0x82, 0x18, 0x14, 2]),
        Err(MessageError::NotCanonical { kind: "Busy" })
    );
    assert_eq!(
        Message::decode(&[0x0e, 0x82, 0xf6, 2]),
        Err(MessageError::Malformed { kind: "Busy" }),
        "null"
    );
    assert_eq!(
        Message::decode(&[0x0e, 0x82, 0x33, 2]),
        Err(MessageError::Malformed { kind: "Busy" }),
        "negative"
    );
}

#[test]
fn fields_outside_their_range_are_refused() {
    let malformed = |frame: &[u8]| {
        assert!(
            matches!(Message::decode(frame), Err(MessageError::Malformed { .. })),
            "{frame:02x?}"
        );
    };
    malformed(&[0x10, 0x81, 0]); // no such reason
    malformed(&[0x10, 0x81, 3]);
    malformed(&[0x0f, 0x83, 0, 0, 0x60]); // no such error code
    malformed(&[0x0f, 0x83, 0x18, 24, 0, 0x60]);
    malformed(&[0x03, 0x84, 1, 3, 0, 0]); // digits
    malformed(&[0x03, 0x84, 1, 13, 0, 0]);
    malformed(&[0x08, 0x83, 1, 1, 0x19, 1, 0]); // 256 in a byte
    malformed(&[0x0b, 0x82, 0xf5, 0x81, 0x40]); // an empty op
    malformed(&[0x0b, 0x82, 1, 0x80]); // a number for the flag
    let refused = |message: Message| malformed(&message.encode());
    let welcome = |party_name: &str| Message::Welcome {
        party_name: party_name.to_owned(),
        inviter_name: "Alice".to_owned(),
        role: 2,
        members: 1,
    };
    refused(welcome(""));
    refused(welcome(&"n".repeat(65)));
    refused(welcome("Book\nclub"));
    refused(Message::Join(Box::new(Join {
        name: String::new(),
        ..join()
    })));
    refused(Message::Join(Box::new(Join {
        attestation: vec![0; 4097],
        ..join()
    })));
    refused(Message::Admit {
        last: true,
        ops: vec![vec![0; 4097]],
    });
    for versions in [vec![], vec![1, 1], vec![2, 1], (0..17).collect()] {
        let Message::Hello {
            mode,
            invitation,
            nonce,
            proof,
            ..
        } = one_of_each().swap_remove(0)
        else {
            panic!()
        };
        refused(Message::Hello {
            versions,
            mode,
            invitation,
            nonce,
            proof,
        });
    }
    // Text that is not UTF-8.
    malformed(&[0x0f, 0x83, 1, 0, 0x61, 0xff]);
}

#[test]
fn a_frame_above_its_limit_is_refused_before_it_is_read() {
    for kind in 1..=0x10 {
        let frame = [vec![kind], vec![0; max_len(kind).unwrap()]].concat();
        assert!(
            matches!(Message::decode(&frame), Err(MessageError::TooLong { .. })),
            "{kind}"
        );
    }
}

#[test]
fn a_huge_announced_count_allocates_nothing() {
    // Admit with a list of 2^63 ops and none behind it.
    let frame = [0x0b, 0x82, 0xf5, 0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(Message::decode(&frame), Err(MessageError::Malformed { kind: "Admit" }));
}

#[test]
fn an_admission_is_split_into_frames_that_fit() {
    let cases = [
        vec![],
        vec![vec![1; 469]],
        vec![vec![2; MAX_OP]; 200],
        (1..2000).map(|n| vec![3; n % 500 + 1]).collect(),
    ];
    for ops in cases {
        let frames = Message::admission(ops.clone());
        let mut carried = Vec::new();
        for (index, frame) in frames.iter().enumerate() {
            let Ok(Message::Admit { last, ops }) = Message::decode(&frame.encode()) else {
                panic!("frame {index}")
            };
            assert_eq!(last, index + 1 == frames.len());
            assert!(!ops.is_empty() || frames.len() == 1);
            carried.extend(ops);
        }
        assert_eq!(carried, ops);
    }
}

#[test]
fn the_commitment_covers_every_field_of_the_join() {
    let changed = [
        Join {
            blind: [9; 32],
            ..join()
        },
        Join {
            identity: IdentityId::from_bytes([9; 32]),
            ..join()
        },
        Join {
            device: DeviceId::from_bytes([9; 32]),
            ..join()
        },
        Join {
            endpoint: EndpointId::from_bytes([9; 32]),
            ..join()
        },
        Join {
            certificate: [9; 64],
            ..join()
        },
        Join {
            name: "Mallory".to_owned(),
            ..join()
        },
        Join {
            evidence: [9; 64],
            ..join()
        },
        Join {
            possession: [9; 64],
            ..join()
        },
        Join {
            attestation: vec![9],
            ..join()
        },
    ];
    for other in changed {
        assert_ne!(other.commitment(), join().commitment());
    }
}

#[test]
fn possession_is_proved_for_one_connection_and_every_field_before_it() {
    let (exporter, inviter) = (Exporter::from_bytes([1; 32]), EndpointId::from_bytes([8; 32]));
    let text = join().possession_text(&exporter, inviter);
    let changed = [
        join().possession_text(&Exporter::from_bytes([2; 32]), inviter),
        join().possession_text(&exporter, EndpointId::from_bytes([9; 32])),
        Join {
            blind: [9; 32],
            ..join()
        }
        .possession_text(&exporter, inviter),
        Join {
            identity: IdentityId::from_bytes([9; 32]),
            ..join()
        }
        .possession_text(&exporter, inviter),
        Join {
            device: DeviceId::from_bytes([9; 32]),
            ..join()
        }
        .possession_text(&exporter, inviter),
        Join {
            endpoint: EndpointId::from_bytes([9; 32]),
            ..join()
        }
        .possession_text(&exporter, inviter),
        Join {
            certificate: [9; 64],
            ..join()
        }
        .possession_text(&exporter, inviter),
        Join {
            name: "Mallory".to_owned(),
            ..join()
        }
        .possession_text(&exporter, inviter),
        Join {
            evidence: [9; 64],
            ..join()
        }
        .possession_text(&exporter, inviter),
    ];
    for other in changed {
        assert_ne!(other, text);
    }
    assert_eq!(
        Join {
            possession: [9; 64],
            ..join()
        }
        .possession_text(&exporter, inviter),
        text
    );
}

#[test]
fn frames_are_never_printed() {
    for message in one_of_each() {
        assert_eq!(format!("{message:?}"), format!("{}(<redacted>)", message.name()));
    }
    assert_eq!(format!("{:?}", join()), "Join(<redacted>)");
}

proptest! {
    #[test]
    fn any_bytes_are_a_frame_or_refused(kind in 0..0x12_u8, body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let frame = [vec![kind], body].concat();
        if let Ok(message) = Message::decode(&frame) {
            prop_assert_eq!(message.encode(), frame);
        }
    }

    #[test]
    fn any_damage_to_a_frame_gives_another_message_or_none(which in 0..16_usize, at: prop::sample::Index, bit in 0..8_u32) {
        let message = one_of_each().swap_remove(which);
        let mut frame = message.encode();
        let at = at.index(frame.len());
        frame[at] ^= 1 << bit;
        if let Ok(other) = Message::decode(&frame) {
            prop_assert_ne!(&other, &message);
            prop_assert_eq!(other.encode(), frame);
        }
    }
}
