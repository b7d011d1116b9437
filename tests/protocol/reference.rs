//! `CPace-Ristretto255-SHA512` written from draft-irtf-cfrg-cpace-21, on curve25519-dalek alone: what the crate that the
//! program uses is compared with. Not constant in time, not wiped: for tests only.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity as _;
use sha2::{Digest as _, Sha512};

const DSI: &[u8] = b"CPaceRistretto255";

/// `lv_cat` of the draft.
pub(crate) fn lv(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        let mut rest = part.len();
        loop {
            let low = u8::try_from(rest % 128).unwrap();
            rest /= 128;
            out.push(if rest > 0 { low + 128 } else { low });
            if rest == 0 {
                break;
            }
        }
        out.extend(*part);
    }
    out
}

/// `calculate_generator` of the draft: the padding fills the first block of SHA-512.
pub(crate) fn generator(prs: &[u8], ci: &[u8], sid: &[u8]) -> RistrettoPoint {
    let zeros = vec![0; 127_usize.saturating_sub(lv(&[prs]).len() + lv(&[DSI]).len())];
    let hash: [u8; 64] = Sha512::digest(lv(&[DSI, prs, &zeros, ci, sid])).into();
    RistrettoPoint::from_uniform_bytes(&hash)
}

/// `G.scalar_mult`.
pub(crate) fn multiply(scalar: &Scalar, point: &RistrettoPoint) -> [u8; 32] {
    (point * scalar).compress().0
}

/// `G.scalar_mult_vfy`: nothing for a bad encoding or the identity.
pub(crate) fn multiply_checked(scalar: &Scalar, share: [u8; 32]) -> Option<[u8; 32]> {
    let product = CompressedRistretto(share).decompress()? * scalar;
    (!product.is_identity()).then(|| product.compress().0)
}

/// The intermediate session key of the initiator-responder mode; a pair is a share with its associated data.
pub(crate) fn session_key(sid: &[u8], k: &[u8; 32], initiator: (&[u8], &[u8]), responder: (&[u8], &[u8])) -> [u8; 64] {
    let head = lv(&[b"CPaceRistretto255_ISK", sid, k]);
    let transcript = [lv(&[initiator.0, initiator.1]), lv(&[responder.0, responder.1])].concat();
    Sha512::digest([head, transcript].concat()).into()
}
