use minicbor::Encoder;
use proptest::prelude::*;

use super::*;

/// Something like an op: an array of names, numbers and texts, and 64 bytes behind it.
#[derive(Clone, Debug)]
enum Item {
    Name(u8, usize),
    Number(u64),
    Text(String),
    Bytes(Vec<u8>),
    Bool(bool),
    Array(Vec<Self>),
}

fn write(item: &Item, to: &mut Encoder<Vec<u8>>) {
    match item {
        Item::Name(byte, length) => drop(to.bytes(&vec![*byte; *length]).unwrap()),
        Item::Number(number) => drop(to.u64(*number).unwrap()),
        Item::Text(text) => drop(to.str(text).unwrap()),
        Item::Bytes(bytes) => drop(to.bytes(bytes).unwrap()),
        Item::Bool(is) => drop(to.bool(*is).unwrap()),
        Item::Array(items) => {
            to.array(items.len() as u64).unwrap();
            items.iter().for_each(|item| write(item, to));
        }
    }
}

fn item() -> impl Strategy<Value = Item> {
    let leaf = prop_oneof![
        (0..6_u8, prop_oneof![Just(16), Just(32)]).prop_map(|(byte, length)| Item::Name(byte, length)),
        any::<u64>().prop_map(Item::Number),
        (0..100_000_u64).prop_map(|millis| Item::Number(1_800_000_000_000 + millis)),
        ".{0,40}".prop_map(Item::Text),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Item::Bytes),
        any::<bool>().prop_map(Item::Bool),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        proptest::collection::vec(inner, 0..6).prop_map(Item::Array)
    })
}

fn op() -> impl Strategy<Value = Vec<u8>> {
    let like_one = (item(), any::<u8>()).prop_map(|(item, signature)| {
        let mut to = Encoder::new(Vec::new());
        write(&item, &mut to);
        [to.into_writer(), vec![signature; 64]].concat()
    });
    prop_oneof![9 => like_one, 1 => proptest::collection::vec(any::<u8>(), 0..300)]
}

proptest! {
    #[test]
    fn what_is_packed_comes_back(ops in proptest::collection::vec(op(), 0..20)) {
        let (mut writer, mut reader, mut unpacked) = (Packer::default(), Block::default(), Vec::new());
        for (place, op) in (7_i64..).step_by(3).zip(&ops) {
            let id = [u8::try_from(place % 8).unwrap(); 32];
            let Some((packed, news)) = writer.pack(place, op) else { continue };
            prop_assert!(packed.len() <= op.len());
            writer.learn(place, id, news);
            let news = reader.unpack(place, &packed, &mut unpacked).unwrap();
            prop_assert_eq!(&unpacked, op);
            reader.learn(place, id, news);
        }
    }

    #[test]
    fn whatever_a_foreign_hand_wrote_is_refused_or_short(
        known in op(),
        packed in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0xc0), Just(0xc1), Just(0x9a), Just(0xfa)], 0..600),
    ) {
        let (mut block, mut op) = (Block::default(), Vec::new());
        if let Some((_, news)) = Packer::default().pack(1, &known) {
            block.learn(1, [1; 32], news);
        }
        if block.unpack(2, &packed, &mut op).is_some() {
            prop_assert!(op.len() <= MAX_OP);
        }
    }
}

#[test]
fn names_that_come_again_cost_a_byte() {
    let mut to = Encoder::new(Vec::new());
    let (person, op) = ([1; 32], [2; 32]);
    to.array(3)
        .unwrap()
        .bytes(&person)
        .unwrap()
        .bytes(&op)
        .unwrap()
        .u64(1_800_000_000_000)
        .unwrap();
    let bytes = to.into_writer();
    let mut block = Packer::default();
    let (first, news) = block.pack(1, &bytes).unwrap();
    assert_eq!(first, bytes);
    block.learn(1, op, news);
    let (second, _) = block.pack(2, &bytes).unwrap();
    assert_eq!(second, [0x83, 0xc0, 0xc3, 0xfa, 0, 0, 0, 0]);
}
