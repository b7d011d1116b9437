//! Length-prefixed concatenation of what is hashed or signed. No IO.

/// `lv(a, b, …)`: for each part its length as unsigned LEB128, then its bytes (`lv_cat` of draft-irtf-cfrg-cpace).
///
/// The result determines the parts: no two different lists give the same bytes.
pub(crate) fn lv(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|part| part.len().saturating_add(2)).sum());
    for part in parts {
        let mut rest = part.len();
        loop {
            let low = u8::try_from(rest & 0x7f).unwrap_or(0x7f);
            rest >>= 7;
            if rest == 0 {
                out.push(low);
                break;
            }
            out.push(low | 0x80);
        }
        out.extend_from_slice(part);
    }
    out
}

/// The parts of `lv(…)`, of which there are exactly so many. None for anything that [`lv`] does not make of so many parts.
pub(crate) fn parts<const N: usize>(mut bytes: &[u8]) -> Option<[&[u8]; N]> {
    let whole = bytes;
    let mut parts: [&[u8]; N] = [&[]; N];
    for part in &mut parts {
        let (mut length, mut shift) = (0_usize, 0_u32);
        loop {
            let (byte, rest) = bytes.split_first()?;
            bytes = rest;
            length |= usize::from(byte & 0x7f).checked_shl(shift).filter(|_| shift < 28)?;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        (*part, bytes) = bytes.split_at_checked(length)?;
    }
    // Only the shortest form of each length, and nothing after the last part.
    (lv(&parts) == whole).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_preceded_by_its_length() {
        assert_eq!(lv(&[b"1234", b"5", b"", b"678"]), b"\x041234\x015\x00\x03678");
    }

    #[test]
    fn lengths_from_128_take_two_bytes() {
        let long = [7; 300];
        let text = lv(&[&long]);
        assert_eq!(text[..2], [0xac, 0x02]);
        assert_eq!(text.len(), 302);
        assert_eq!(lv(&[&[0; 127]])[0], 0x7f);
        assert_eq!(lv(&[&[0; 128]])[..2], [0x80, 0x01]);
    }

    #[test]
    fn nothing_is_nothing() {
        assert!(lv(&[]).is_empty());
    }

    #[test]
    fn the_parts_are_read_back_and_nothing_else_is() {
        let long = [7; 300];
        let text = lv(&[b"one", b"", &long]);
        assert_eq!(parts::<3>(&text), Some([b"one".as_slice(), b"", &long]));
        assert_eq!(parts::<2>(&text), None);
        assert_eq!(parts::<4>(&text), None);
        for end in 0..text.len() {
            assert_eq!(parts::<3>(&text[..end]), None);
        }
        assert_eq!(parts::<1>(b"\x81\x00a"), None, "a length that could be shorter");
        assert_eq!(parts::<1>(&[0xff; 40]), None, "a length without an end");
    }
}
