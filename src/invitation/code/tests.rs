//! Codes that are made, and codes that people paste.
#![expect(clippy::string_slice, reason = "codes are ASCII")]

use proptest::prelude::*;

use super::*;

const PLAIN: &str = "party1zyqpzyg3zyg3zyg3zyg3zyg3zyg3zg3zyg3zyg3zyg3zyg3zyg3zygsqqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5z5tpwxqergd3c8g7ruyq4sqepklx0";
const WITH_HINTS: &str = "party1zyqpzyg3zyg3zyg3zyg3zyg3zyg3zg3zyg3zyg3zyg3zyg3zyg3zygsqqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5z5tpwxqergd3c8g7ruyq4sqpqyqsxpktqpcs0jnvc64kp0";

fn parse(text: &str) -> Result<InviteCode, CodeError> {
    InviteCode::parse(text)
}

fn endpoint() -> EndpointId {
    EndpointId::from_bytes(std::array::from_fn(|i| u8::try_from(i).unwrap()))
}

fn make(kind: CodeKind, hints: Vec<Hint>) -> Result<InviteCode, CodeError> {
    let expires = Timestamp::from_millis((1_767_225_600 + 527_040 * 60) * 1000);
    let secret = Secret::from_bytes([0x11; 16]);
    let tag = if kind.names_no_party() {
        PartyTag::NONE
    } else {
        PartyTag::from_bytes([0x22; 16])
    };
    InviteCode::new(kind, Flags::default(), secret, tag, endpoint(), Some(expires), hints)
}

fn hints() -> Vec<Hint> {
    vec![
        Hint::RelayPreset(1),
        Hint::Address("203.0.113.7:51820".parse().unwrap()),
    ]
}

#[test]
fn a_code_has_one_text_and_the_text_one_code() {
    assert_eq!(*make(CodeKind::Interactive, vec![]).unwrap().to_text(), PLAIN);
    assert_eq!(*make(CodeKind::Interactive, hints()).unwrap().to_text(), WITH_HINTS);
    let code = parse(WITH_HINTS).unwrap();
    assert_eq!(code, make(CodeKind::Interactive, hints()).unwrap());
    assert_eq!(code.hints(), hints());
    assert_eq!(code.endpoint(), endpoint());
    assert_eq!(code.party_tag(), PartyTag::from_bytes([0x22; 16]));
    assert_eq!(code.secret().as_bytes(), &[0x11; 16]);
    assert_eq!(
        code.address_hints().collect::<Vec<_>>(),
        ["203.0.113.7:51820".parse().unwrap()]
    );
}

#[test]
fn every_kind_flag_and_hint_comes_back() {
    let all = [
        Hint::RelayPreset(3),
        Hint::RelayHost("relay.example.org".to_owned()),
        Hint::Address("203.0.113.7:1".parse().unwrap()),
        Hint::Address("198.51.100.1:65535".parse().unwrap()),
        Hint::Address("[2001:db8::1]:4000".parse().unwrap()),
        Hint::Endpoint(EndpointId::from_bytes([7; 32])),
        Hint::Role(2),
        Hint::Unknown {
            tag: 0x7f,
            value: vec![1, 2, 3],
        },
    ];
    for kind in [
        CodeKind::Interactive,
        CodeKind::Delegated,
        CodeKind::DevicePairing,
        CodeKind::Email,
    ] {
        // In any order: they are put in the order of their tags.
        let made = make(kind, all.iter().rev().cloned().collect()).unwrap();
        let read = parse(&made.to_text()).unwrap();
        assert_eq!(read, made);
        assert_eq!(read.kind(), kind);
        assert_eq!(read.hints().len(), all.len());
        assert!(all.iter().all(|hint| read.hints().contains(hint)));
    }
    let flags = Flags::MULTI_USE.with(Flags::APPROVAL);
    let tag = PartyTag::from_bytes([1; 16]);
    let code = InviteCode::new(
        CodeKind::Delegated,
        flags,
        Secret::from_bytes([1; 16]),
        tag,
        endpoint(),
        None,
        vec![],
    );
    let read = parse(&code.unwrap().to_text()).unwrap();
    assert!(read.flags().contains(Flags::MULTI_USE) && !read.flags().contains(Flags::PIN));
    assert_eq!(read.expires(), None);
}

#[test]
fn hints_outside_their_limits_make_no_code() {
    let address = Hint::Address("[2001:db8::1]:4000".parse().unwrap());
    let cases = [
        (vec![Hint::RelayHost(String::new())], CodeError::Hint(2)),
        (vec![Hint::RelayHost("a".repeat(61))], CodeError::Hint(2)),
        (vec![Hint::RelayHost("a".repeat(300))], CodeError::Hint(2)),
        (vec![Hint::RelayHost("relay example".to_owned())], CodeError::Hint(2)),
        (vec![Hint::Endpoint(endpoint()); 4], CodeError::Hint(5)),
        (vec![Hint::Unknown { tag: 0, value: vec![] }], CodeError::Hint(0)),
        (
            vec![Hint::Unknown {
                tag: 0x80,
                value: vec![],
            }],
            CodeError::NeedsNewer(0x80),
        ),
        (
            vec![Hint::Unknown {
                tag: 7,
                value: vec![0; 256],
            }],
            CodeError::Hint(7),
        ),
        (vec![address; 10], CodeError::TooLong),
    ];
    for (hints, error) in cases {
        assert_eq!(make(CodeKind::Interactive, hints), Err(error));
    }
}

#[test]
fn expiry_is_rounded_up_and_stays_in_its_range() {
    let code = |millis| {
        let (secret, tag) = (Secret::from_bytes([1; 16]), PartyTag::from_bytes([1; 16]));
        let expires = Some(Timestamp::from_millis(millis));
        let code = InviteCode::new(
            CodeKind::Interactive,
            Flags::PIN,
            secret,
            tag,
            endpoint(),
            expires,
            vec![],
        );
        code.unwrap().expires().unwrap().as_millis()
    };
    const EPOCH: u64 = 1_767_225_600_000;
    assert_eq!(code(EPOCH + 60_000), EPOCH + 60_000);
    assert_eq!(code(EPOCH + 60_001), EPOCH + 120_000);
    assert_eq!(code(0), EPOCH);
    assert_eq!(code(u64::MAX), EPOCH + 0x00ff_fffe * 60_000);
}

#[test]
fn people_paste_codes_in_many_ways() {
    let code = parse(WITH_HINTS).unwrap();
    let groups = |separator: &str| {
        let characters: Vec<char> = WITH_HINTS.chars().collect();
        characters
            .chunks(4)
            .map(String::from_iter)
            .collect::<Vec<_>>()
            .join(separator)
    };
    let (front, back) = WITH_HINTS.split_at(70);
    let pasted = [
        WITH_HINTS.to_owned(),
        format!("  {WITH_HINTS}\r\n"),
        WITH_HINTS.to_ascii_uppercase(),
        format!("partyline://join#{WITH_HINTS}"),
        format!("https://example.org/i#{WITH_HINTS}"),
        format!("https://example.org/i#{WITH_HINTS}&from=mail"),
        format!("Hi Bob, here is party1 for you: {WITH_HINTS}. See you there!"),
        format!("“{WITH_HINTS}”"),
        format!("`{WITH_HINTS}`"),
        format!("<{WITH_HINTS}>!"),
        format!("> {front}\n> {back}\n"),
        format!("{front}\r\n{back}"),
        format!("{front}\u{200b}{back}"),
        format!("{front}\u{ad}{back}"),
        format!("{front}-{back}"),
        groups(" "),
        groups("-"),
        groups("\n").to_ascii_uppercase(),
        format!("Here it is:\n{}\nSee you there", groups(" ")),
        format!("{PLAIN}x and {WITH_HINTS}"),
    ];
    for pasted in pasted {
        assert_eq!(parse(&pasted).as_ref(), Ok(&code), "{pasted:?}");
    }
}

#[test]
fn the_link_and_the_qr_text_lead_back() {
    let code = parse(WITH_HINTS).unwrap();
    assert_eq!(*code.to_link(), format!("partyline://join#{WITH_HINTS}"));
    assert_eq!(parse(&code.to_link()).as_ref(), Ok(&code));
    let qr = code.to_qr_text();
    assert!(
        qr.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    );
    assert_eq!(parse(&qr).as_ref(), Ok(&code));
}

#[test]
fn what_is_no_code_says_so() {
    for text in ["", "   ", "\n\t", "\u{200b}\u{feff}", "\"\""] {
        assert_eq!(parse(text), Err(CodeError::Empty), "{text:?}");
    }
    let word = "q".repeat(120);
    for text in [
        "hello",
        "party",
        "our party1 was good",
        "482913",
        &word,
        "https://example.org/i#",
    ] {
        assert_eq!(parse(text), Err(CodeError::NotACode), "{text:?}");
    }
    assert_eq!(parse(&"a".repeat(4097)), Err(CodeError::TooLong));
    assert_eq!(parse(&format!("party1{}", "q".repeat(440))), Err(CodeError::TooLong));
    let mixed: String = WITH_HINTS
        .char_indices()
        .map(|(i, c)| if i % 9 == 0 { c.to_ascii_uppercase() } else { c })
        .collect();
    assert_eq!(parse(&mixed), Err(CodeError::MixedCase));
    assert_eq!(parse(&WITH_HINTS.replacen('p', "P", 1)), Err(CodeError::MixedCase));
}

#[test]
fn every_single_wrong_character_is_found_at_its_place() {
    let before = "Grüße! ";
    for code in [PLAIN, WITH_HINTS] {
        for at in 0..code.len() {
            // Each place with a fifth of them; `locate` has an exhaustive test of its own.
            for (n, wrong) in "qpzry9x8gf2tvdw0s3jn54khce6mua7lbio1!ß€".chars().enumerate() {
                if n % 5 != at % 5 || code[at..].starts_with(wrong) {
                    continue;
                }
                let text = format!("{before}{}{wrong}{}", &code[..at], &code[at + 1..]);
                let place = before.chars().count() + at;
                let found = match parse(&text) {
                    Err(CodeError::Checksum { at: Some(found) } | CodeError::Character { at: found }) => found,
                    // The last character makes way for the end of a sentence.
                    Err(CodeError::Checksum { at: None } | CodeError::Truncated)
                        if at + 1 == code.len() && !wrong.is_ascii_alphanumeric() =>
                    {
                        place
                    }
                    other => panic!("{other:?} for {text}"),
                };
                assert_eq!(found, place, "{text}");
            }
        }
    }
}

#[test]
fn a_wrong_character_is_found_in_groups_and_capitals_too() {
    let wrong = |c: &str| {
        let text = WITH_HINTS
            .replacen("zqg3yyc5", &format!("zqg3yyc{c}"), 1)
            .to_ascii_uppercase();
        let characters: Vec<char> = text.chars().collect();
        characters
            .chunks(4)
            .map(String::from_iter)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let at = WITH_HINTS.find("zqg3yyc5").unwrap() + 7;
    // A line break after every fourth character.
    let at = at + at / 4;
    assert_eq!(parse(&wrong("6")), Err(CodeError::Checksum { at: Some(at) }));
    assert_eq!(parse(&wrong("b")), Err(CodeError::Character { at }));
}

#[test]
fn two_wrong_characters_are_detected_and_not_blamed_on_one() {
    let mut detected = 0;
    for first in (6..WITH_HINTS.len()).step_by(5) {
        for second in (first + 1..WITH_HINTS.len()).step_by(7) {
            let mut bytes = WITH_HINTS.as_bytes().to_vec();
            for at in [first, second] {
                bytes[at] = if bytes[at] == b'q' { b'p' } else { b'q' };
            }
            let error = parse(std::str::from_utf8(&bytes).unwrap()).unwrap_err();
            assert!(
                matches!(error, CodeError::Checksum { at: None } | CodeError::Truncated),
                "{error:?}"
            );
            detected += 1;
        }
    }
    assert!(detected > 200);
}

#[test]
fn losses_doublings_and_swaps_are_detected() {
    for code in [PLAIN, WITH_HINTS] {
        for at in 0..code.len() {
            let lost = format!("{}{}", &code[..at], &code[at + 1..]);
            assert!(parse(&lost).is_err(), "{lost}");
            let doubled = format!("{}{}", &code[..=at], &code[at..]);
            // The first letter doubled: the whole code stands behind it.
            assert_eq!(parse(&doubled).is_ok(), at == 0, "{doubled}");
            if at + 1 < code.len() && code.as_bytes()[at] != code.as_bytes()[at + 1] {
                let (front, pair) = code.split_at(at);
                let (pair, back) = pair.split_at(2);
                let swapped = format!("{front}{}{back}", pair.chars().rev().collect::<String>());
                assert!(parse(&swapped).is_err(), "{swapped}");
            }
        }
    }
}

#[test]
fn a_code_that_is_cut_off_says_so() {
    let mut told = 0;
    for len in 0..WITH_HINTS.len() {
        match parse(&WITH_HINTS[..len]) {
            Err(CodeError::Truncated) => told += 1,
            Err(CodeError::NotACode) if len < 6 => {}
            Err(CodeError::Empty) if len == 0 => {}
            // Cut just where a shorter code could have ended: nothing tells it from a damaged one.
            Err(CodeError::Checksum { at: None }) if len > PLAIN.len() - 1 => {}
            other => panic!("{other:?} at {len}"),
        }
    }
    assert!(told >= WITH_HINTS.len() - 6 - 3, "{told}");
}

#[test]
fn codes_of_the_future_are_told_from_damaged_ones() {
    let future = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = parse(PLAIN).unwrap().to_bytes().to_vec();
        change(&mut bytes);
        parse(&checksum::text(&bytes))
    };
    assert_eq!(future(&|b| b[0] = 0x21), Err(CodeError::Version(2)));
    assert_eq!(future(&|b| b[0] = 0x01), Err(CodeError::Version(0)));
    assert_eq!(future(&|b| b[0] = 0x10), Err(CodeError::Kind(0)));
    assert_eq!(future(&|b| b[0] = 0x1f), Err(CodeError::Kind(15)));
    assert_eq!(future(&|b| b[1] = 0x10), Err(CodeError::NeedsNewer(0x10)));
    assert!(
        future(&|b| b[1] = 0x08).is_ok(),
        "a flag that is not critical is ignored"
    );
    assert_eq!(future(&|b| b.extend([0xf0, 0])), Err(CodeError::NeedsNewer(0xf0)));
    assert_eq!(
        future(&|b| b.extend([6, 1, 1, 1, 1, 1])),
        Err(CodeError::Hint(1)),
        "out of order"
    );
    assert_eq!(
        future(&|b| b.extend([1, 2, 1, 1])),
        Err(CodeError::Hint(1)),
        "wrong length"
    );
    assert_eq!(
        future(&|b| b.extend([3, 6, 1])),
        Err(CodeError::Hint(3)),
        "cut off inside"
    );
    assert_eq!(future(&|b| b.push(1)), Err(CodeError::Hint(1)));
    assert_eq!(future(&|b| b.truncate(68)), Err(CodeError::Truncated));
    assert_eq!(future(&Vec::clear), Err(CodeError::Truncated));
    let unknown = future(&|b| b.extend([0x70, 2, 1, 2])).unwrap();
    assert_eq!(
        unknown.hints(),
        [Hint::Unknown {
            tag: 0x70,
            value: vec![1, 2]
        }]
    );
}

#[test]
fn a_code_names_a_party_exactly_if_its_kind_leads_to_one() {
    let with = |kind: u8, tag: [u8; 16]| {
        let mut bytes = parse(PLAIN).unwrap().to_bytes().to_vec();
        bytes[0] = 0x10 | kind;
        bytes[18..34].copy_from_slice(&tag);
        parse(&checksum::text(&bytes)).map(|code| code.kind() as u8)
    };
    for (kind, is_of_party) in [(1, true), (2, true), (3, false), (4, true), (5, false)] {
        let (fits, other) = if is_of_party {
            ([1; 16], [0; 16])
        } else {
            ([0; 16], [1; 16])
        };
        assert_eq!(with(kind, fits), Ok(kind));
        assert_eq!(with(kind, other), Err(CodeError::PartyTag), "kind {kind}");
    }
}

#[test]
fn padding_that_is_not_zero_is_refused() {
    use bech32::primitives::iter::{ByteIterExt as _, Fe32IterExt as _};
    let bytes = parse(PLAIN).unwrap().to_bytes();
    // 69 bytes leave three bits of padding in the last symbol.
    let mut symbols: Vec<bech32::Fe32> = bytes.iter().copied().bytes_to_fes().collect();
    let last = symbols.pop().unwrap().to_u8();
    for padding in 1..8 {
        let mut symbols = symbols.clone();
        symbols.push(bech32::Fe32::try_from(last | padding).unwrap());
        let hrp = bech32::Hrp::parse("party").unwrap();
        let text: String = symbols
            .into_iter()
            .with_checksum::<bech32::Bech32m>(&hrp)
            .chars()
            .collect();
        assert_eq!(text.len(), PLAIN.len());
        assert_eq!(parse(&text), Err(CodeError::Checksum { at: None }));
    }
}

#[test]
fn codes_are_never_printed() {
    let code = parse(WITH_HINTS).unwrap();
    let text = format!("{code:?} {:?}", parse(WITH_HINTS));
    assert!(
        !text.contains("party1") && !text.contains("17, 17") && !text.contains("1111"),
        "{text}"
    );
    assert!(text.starts_with("InviteCode(daefaf63, <redacted>)"), "{text}");
}

fn any_hint() -> impl Strategy<Value = Hint> {
    prop_oneof![
        any::<u8>().prop_map(Hint::RelayPreset),
        "[!-~]{1,60}".prop_map(Hint::RelayHost),
        any::<([u8; 4], u16)>().prop_map(|(ip, port)| Hint::Address((ip, port).into())),
        any::<([u8; 16], u16)>().prop_map(|(ip, port)| Hint::Address((ip, port).into())),
        any::<[u8; 32]>().prop_map(|bytes| Hint::Endpoint(EndpointId::from_bytes(bytes))),
        any::<u8>().prop_map(Hint::Role),
        (1..4_u8, any::<([u8; 4], u16)>()).prop_map(|(place, (ip, port))| Hint::AddressOf {
            place,
            address: (ip, port).into()
        }),
        (9..0x80_u8, proptest::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(tag, value)| Hint::Unknown { tag, value }),
    ]
}

proptest! {
    #[test]
    fn any_code_comes_back(
        secret: [u8; 16], tag: [u8; 16], endpoint: [u8; 32], minutes in proptest::option::of(0..0x00ff_ffff_u64),
        hints in proptest::collection::vec(any_hint(), 0..4),
    ) {
        let expires = minutes.map(|minutes| Timestamp::from_millis(1_767_225_600_000 + minutes * 60_000));
        let (tag, endpoint) = (PartyTag::from_bytes(tag), EndpointId::from_bytes(endpoint));
        let code = InviteCode::new(CodeKind::Interactive, Flags::PIN, Secret::from_bytes(secret), tag, endpoint, expires, hints);
        if let Ok(code) = code {
            let read = parse(&code.to_text());
            prop_assert_eq!(read.as_ref(), Ok(&code));
            prop_assert_eq!(read.unwrap().expires(), expires);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,300}") {
        let _read = parse(&text);
    }

    #[test]
    fn any_text_with_a_prefix_is_read_or_refused(front in "\\PC{0,9}", text in "[qpzry9x8gf2tvdw0s3jn54khce6mua7lQP \n-]{0,500}") {
        let pasted = format!("{front}party1{text}");
        if let Err(CodeError::Checksum { at: Some(at) } | CodeError::Character { at }) = parse(&pasted) {
            prop_assert!(at < pasted.chars().count());
        }
    }

    #[test]
    fn any_bytes_are_a_code_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(code) = InviteCode::from_bytes(&bytes) {
            prop_assert_eq!(&*code.to_bytes(), &bytes);
        }
    }

    #[test]
    fn any_hints_behind_a_good_head_are_a_code_or_refused(tail in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut bytes = parse(PLAIN).unwrap().to_bytes().to_vec();
        bytes.extend(tail);
        if let Ok(code) = InviteCode::from_bytes(&bytes) {
            prop_assert_eq!(&*code.to_bytes(), &bytes);
        }
    }
}
