//! What a member takes a mail service's word for, and what it refuses.

use ed25519_dalek::{Signer as _, SigningKey};

use super::*;
use crate::invitation::Secret;

const ISSUER: &str = "https://invite.example";
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HEADER: &str = r#"{"alg":"EdDSA","typ":"partyline-admission+jwt","kid":"k1"}"#;

fn party() -> PartyId {
    PartyId::from_bytes([2; 32])
}

fn endpoint() -> EndpointId {
    EndpointId::from_bytes([4; 32])
}

fn service() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn service_key() -> ServiceKey {
    ServiceKey::from_bytes(service().verifying_key().to_bytes())
}

fn claims(change: (&str, &str)) -> String {
    let good = format!(
        r#"{{"iss":"{ISSUER}","aud":"partyline:{}","sub":"s1","email":"Bonny@Example.org","email_verified":true,"invitation":"i1","cnf":{{"jkt":"{}"}},"iat":1800000000,"exp":1800000600,"jti":"j1"}}"#,
        party_reference(party()),
        Thumbprint::of_endpoint(endpoint()).text(),
    );
    assert!(good.contains(change.0), "{change:?}");
    good.replacen(change.0, change.1, 1)
}

fn sign(header: &str, claims: &str, key: &SigningKey) -> String {
    let signed = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(claims));
    let signature = key.sign(signed.as_bytes()).to_bytes();
    format!("{signed}.{}", BASE64URL.encode(signature))
}

fn attestation(token: String) -> Attestation {
    Attestation {
        key: Secret::from_bytes([9; 16]).mail_key(),
        issuer: ISSUER.to_owned(),
        service: service_key(),
        token,
    }
}

/// What the log pins: the mailbox of Bonny at this service.
fn bind() -> [u8; 32] {
    let address = EmailAddress::parse("bonny@example.org").expect("an address");
    Secret::from_bytes([9; 16])
        .mail_key()
        .bind(ISSUER, &service_key(), &address)
}

fn check(token: String) -> Result<TokenId, TokenError> {
    attestation(token).check(&bind(), party(), endpoint(), NOW)
}

fn good() -> String {
    sign(HEADER, &claims(("", "")), &service())
}

#[test]
fn a_good_token_is_taken_whatever_case_the_address_has() {
    assert!(check(good()).is_ok());
}

#[test]
fn a_token_for_somebody_or_something_else_is_refused() {
    for (change, error) in [
        (("Bonny@", "mallory@"), TokenError::Mailbox),
        (("https://invite", "https://evil"), TokenError::Issuer),
        (("partyline:", "partylime:"), TokenError::Audience),
        (("\"jkt\":\"", "\"jkt\":\"A"), TokenError::Device),
        (("verified\":true", "verified\":false"), TokenError::Unverified),
        (("Bonny@Example.org", "Bonny"), TokenError::Form),
        (("\"cnf\"", "\"cnff\""), TokenError::Form),
        (("\"jti\":\"j1\"", "\"jti\":1"), TokenError::Form),
    ] {
        let token = sign(HEADER, &claims(change), &service());
        assert_eq!(check(token), Err(error), "{change:?}");
    }
    let other = attestation(good());
    assert_eq!(
        other.check(&[0; 32], party(), endpoint(), NOW),
        Err(TokenError::Mailbox)
    );
    let other_party = PartyId::from_bytes([3; 32]);
    assert_eq!(
        other.check(&bind(), other_party, endpoint(), NOW),
        Err(TokenError::Audience)
    );
    let other_device = EndpointId::from_bytes([5; 32]);
    assert_eq!(
        other.check(&bind(), party(), other_device, NOW),
        Err(TokenError::Device)
    );
}

#[test]
fn the_key_of_another_code_opens_no_address() {
    let other = Attestation {
        key: Secret::from_bytes([8; 16]).mail_key(),
        ..attestation(good())
    };
    assert_eq!(other.check(&bind(), party(), endpoint(), NOW), Err(TokenError::Mailbox));
}

#[test]
fn a_token_is_good_for_ten_minutes_and_two_for_clocks() {
    let at = |seconds: i64| Timestamp::from_millis(NOW.as_millis().saturating_add_signed(seconds * 1000));
    for (seconds, expected) in [
        (-121, Err(TokenError::Time)),
        (-120, Ok(())),
        (0, Ok(())),
        (600, Ok(())),
        (720, Ok(())),
        (721, Err(TokenError::Time)),
    ] {
        let result = attestation(good()).check(&bind(), party(), endpoint(), at(seconds));
        assert_eq!(result.map(drop), expected, "{seconds}");
    }
    for change in [
        ("1800000600", "1800000601"),
        ("1800000600", "1800000000"),
        ("1800000600", "18446744073709551615"),
    ] {
        let token = sign(HEADER, &claims(change), &service());
        assert_eq!(check(token), Err(TokenError::Time), "{change:?}");
    }
}

#[test]
fn no_other_form_of_a_token_is_taken() {
    let text = claims(("", ""));
    for header in [
        r#"{"alg":"none","typ":"partyline-admission+jwt"}"#,
        r#"{"alg":"ES256","typ":"partyline-admission+jwt"}"#,
        r#"{"alg":"HS256","typ":"partyline-admission+jwt"}"#,
        r#"{"alg":"EdDSA","typ":"JWT"}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt"}"#,
        r#"{"alg":"EdDSA"}"#,
        r#"{"alg":"EdDSA","alg":"EdDSA","typ":"partyline-admission+jwt"}"#,
        r#"{"alg":"EdDSA","typ":"partyline-admission+jwt","crit":["x"]}"#,
        r#"["EdDSA","partyline-admission+jwt",null]"#,
        r#"{"alg":"EdDSA","typ":"partyline-admission+jwt"} "x""#,
        "",
    ] {
        assert_eq!(
            check(sign(header, &text, &service())),
            Err(TokenError::Form),
            "{header}"
        );
    }
    let twice = claims(("\"iat\"", "\"email\":\"mallory@example.org\",\"iat\""));
    assert_eq!(check(sign(HEADER, &twice, &service())), Err(TokenError::Form));
    let twice = claims(("\"jkt\"", "\"jkt\":\"x\",\"jkt\""));
    assert_eq!(check(sign(HEADER, &twice, &service())), Err(TokenError::Form));
    let [header, body] = [HEADER, &text].map(|part| BASE64URL.encode(part));
    for token in [
        String::new(),
        "..".to_owned(),
        format!("{header}.{body}."),
        format!("{header}.{body}"),
        format!("{}.", good()),
        format!("{}.e30", good()),
        format!("{}=", good()),
        good().replace('.', ".="),
        good().replace('.', ". "),
        "a".repeat(MAX_TOKEN + 1),
    ] {
        assert_eq!(check(token.clone()), Err(TokenError::Form), "{token}");
    }
}

#[test]
#[expect(clippy::string_slice, reason = "what is cut is ASCII")]
fn base64_with_bits_left_over_is_refused() {
    let token = good();
    // 64 bytes leave four bits in the last character: they have to be zero.
    let (rest, last) = token.split_at(token.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet.find(last).expect("base64url");
    let other = &alphabet[place + 1..place + 2];
    assert_eq!(check(format!("{rest}{other}")), Err(TokenError::Form));
}

#[test]
fn a_signature_of_another_key_or_another_text_is_refused() {
    let forged = sign(HEADER, &claims(("", "")), &SigningKey::from_bytes(&[8; 32]));
    assert_eq!(check(forged.clone()), Err(TokenError::Signature));
    // Who brings a key of their own has a good signature, and nothing that the log pins.
    let own = Attestation {
        service: ServiceKey::from_bytes(SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes()),
        ..attestation(forged)
    };
    assert_eq!(own.check(&bind(), party(), endpoint(), NOW), Err(TokenError::Mailbox));
    let (signed, signature) = good()
        .rsplit_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("a token");
    let changed = signed.replacen("ey", "ez", 1);
    assert!(check(format!("{changed}.{signature}")).is_err());
    let header = r#"{"typ":"partyline-admission+jwt","alg":"EdDSA"}"#;
    let (_, body) = signed.split_once('.').expect("two parts");
    let moved = format!("{}.{body}.{signature}", BASE64URL.encode(header));
    assert_eq!(check(moved), Err(TokenError::Signature));
    // The neutral point, under which a loose check takes any text.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let weak = Attestation {
        service: ServiceKey::from_bytes(neutral),
        ..attestation(format!(
            "{signed}.{}",
            BASE64URL.encode([&neutral[..], &[0; 32]].concat())
        ))
    };
    assert_eq!(
        weak.check(&bind(), party(), endpoint(), NOW),
        Err(TokenError::Signature)
    );
}

#[test]
fn an_attestation_is_read_back_and_nothing_else_is() {
    let one = attestation(good());
    let bytes = one.encode();
    assert_eq!(Attestation::decode(&bytes), Some(one));
    for end in 0..bytes.len() {
        assert_eq!(Attestation::decode(&bytes[..end]), None);
    }
    assert_eq!(Attestation::decode(&[bytes.clone(), vec![0]].concat()), None);
    let with = |issuer: &str, token: &str| {
        let (key, service) = ([1; 32], [2; 32]);
        Attestation::decode(&lv(&[&key, issuer.as_bytes(), &service, token.as_bytes()]))
    };
    assert!(with(ISSUER, "t").is_some());
    assert!(with(&"i".repeat(MAX_ISSUER + 1), "t").is_none());
    assert!(with(ISSUER, &"t".repeat(MAX_TOKEN + 1)).is_none());
    assert_eq!(Attestation::decode(&lv(&[&[1; 31], b"i", &[2; 32], b"t"])), None);
    assert_eq!(Attestation::decode(&lv(&[&[1; 32], b"\xff", &[2; 32], b"t"])), None);
}

#[test]
fn a_token_has_one_name_wherever_it_is_shown() {
    let again = sign(HEADER, &claims(("\"sub\":\"s1\"", "\"sub\":\"s2\"")), &service());
    assert_eq!(check(good()), check(again));
    let other = sign(HEADER, &claims(("\"j1\"", "\"j2\"")), &service());
    assert_ne!(check(good()), check(other));
}

#[test]
fn nothing_of_it_is_printed() {
    let one = attestation(good());
    let text = format!("{one:?} {:?}", one.key);
    assert_eq!(text, "Attestation(<redacted>) MailKey(<redacted>)");
}
