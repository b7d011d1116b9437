//! The standards that the protocol stands on, with the vectors of the documents that define them, driven the way the program
//! drives the crates.

use bech32::Bech32m;
use bech32::primitives::decode::CheckedHrpstring;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::hex::{bytes, hex, vectors};

#[test]
fn bech32m_is_that_of_bip_350() {
    let v = vectors(include_str!("../vectors/bech32m.json"));
    for text in v["valid"].as_array().unwrap() {
        let text = text.as_str().unwrap();
        let checked = CheckedHrpstring::new::<Bech32m>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let data: Vec<u8> = checked.fe32_iter().map(bech32::Fe32::to_u8).collect();
        // What comes out goes in again.
        let fields = data.iter().map(|symbol| bech32::Fe32::try_from(*symbol).unwrap());
        use bech32::primitives::iter::Fe32IterExt as _;
        let again: String = fields.with_checksum::<Bech32m>(&checked.hrp()).chars().collect();
        assert_eq!(again, text.to_ascii_lowercase());
    }
    for case in v["invalid"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        assert!(
            CheckedHrpstring::new::<Bech32m>(text).is_err(),
            "{text:?}: {}",
            case["why"]
        );
    }
}

#[test]
fn hkdf_sha256_is_that_of_rfc_5869() {
    // (input key, salt, info, pseudorandom key, output), appendix A.1 to A.3.
    let sequence = |from: u8, to: u8| hex((from..=to).collect::<Vec<_>>());
    let cases = [
        (
            "0b".repeat(22),
            sequence(0x00, 0x0c),
            sequence(0xf0, 0xf9),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            sequence(0x00, 0x4f),
            sequence(0x60, 0xaf),
            sequence(0xb0, 0xff),
            "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
             da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
        ),
        (
            "0b".repeat(22),
            String::new(),
            String::new(),
            "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ];
    for (input, salt, info, prk, output) in cases {
        let (extracted, kdf) = Hkdf::<Sha256>::extract(Some(&bytes(&salt)), &bytes(&input));
        assert_eq!(hex(extracted), prk);
        let mut okm = vec![0; output.len() / 2];
        kdf.expand(&bytes(&info), &mut okm).unwrap();
        assert_eq!(hex(okm), output);
    }
}

#[test]
fn hmac_sha256_is_that_of_rfc_4231() {
    // (key, data, tag), sections 4.2 to 4.8 without the truncated one.
    let cases: [(Vec<u8>, Vec<u8>, &str); 6] = [
        (
            vec![0x0b; 20],
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            vec![0xaa; 20],
            vec![0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            (1..=25).collect(),
            vec![0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (
            vec![0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            vec![0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to \
              be hashed before being used by the HMAC algorithm."
                .to_vec(),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ];
    for (key, data, tag) in cases {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(&data);
        assert_eq!(hex(mac.clone().finalize().into_bytes()), tag);
        assert!(mac.clone().verify_slice(&bytes(tag)).is_ok());
        let mut wrong = bytes(tag);
        wrong[31] ^= 1;
        assert!(mac.verify_slice(&wrong).is_err());
    }
}
