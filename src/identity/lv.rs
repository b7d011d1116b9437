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
}
