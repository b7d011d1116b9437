//! Mails as they leave, and their signature checked by hand after RFC 6376.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use mail_parser::MessageParser;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rsa::RsaPrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _, LineEnding};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::service::client::{ClientKind, DeadLink, SignUp, SigningAlgorithm, SubjectType};
use crate::service::config::{Config, Dkim, Limits, Mail, MailWay, Tables};
use crate::service::invitation::{Delivery, ResponseMode, Sends};
use crate::service::status::Status;
use crate::service::token::{base64url, read_link};

fn key() -> RsaPrivateKey {
    RsaPrivateKey::from_pkcs8_der(include_bytes!("../../../../tests/service/rs256.p8")).unwrap()
}

fn sender(folder: &Path, dkim: Option<&str>) -> Sender {
    let dkim = dkim.map(|pem| {
        let path = folder.join("dkim.pem");
        std::fs::write(&path, pem).unwrap();
        Dkim {
            domain: "example.org".to_owned(),
            selector: "s1".to_owned(),
            key: path,
        }
    });
    Sender::of(&Config {
        issuer: "https://invite.example.org".to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        metrics: None,
        folder: folder.to_owned(),
        tables: Tables::Sqlite,
        mail: Mail {
            from: "Partyline <invites@example.org>".to_owned(),
            contact: Some("Example, 1 Road, Town".to_owned()),
            way: MailWay::Folder(folder.join("mail")),
            dkim,
        },
        behind_proxy: false,
        limits: Limits::default(),
        code_life: Duration::from_secs(60),
        private_webhooks: false,
    })
    .unwrap()
}

fn keys(folder: &Path) -> Keys {
    let folder = folder.join("keys");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("sign-RS256-0000.p8");
    std::fs::write(&path, include_bytes!("../../../../tests/service/rs256.p8")).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    Keys::open(&folder, &mut rand::rng()).unwrap()
}

fn client(name: &str) -> OAuthClient {
    OAuthClient {
        id: "choir".to_owned(),
        name: name.to_owned(),
        kind: ClientKind::Confidential,
        redirect_uris: Vec::new(),
        initiate_login_uri: None,
        dead_link: DeadLink::Redirect,
        locale: "en".to_owned(),
        algorithm: SigningAlgorithm::Es256,
        subject_type: SubjectType::Public,
        is_trusted: false,
        sign_up: SignUp::InviteOnly,
        invites_per_minute: 1,
        invites_per_day: 1,
        webhook_url: None,
        is_disabled: false,
    }
}

fn an_invitation(email: &str, data: &str) -> Invitation {
    Invitation {
        id: base64url([7; 16]),
        client_id: "choir".to_owned(),
        inviter_sub: None,
        email: Some(EmailAddress::parse(email).unwrap()),
        redirect_uri: "https://choir.test/welcome".to_owned(),
        response_mode: ResponseMode::Query,
        state: None,
        delivery: Delivery::Direct,
        sends: Sends::Email,
        template_alias: "invite".to_owned(),
        locale: "de".to_owned(),
        template_data: data.to_owned(),
        app_data: None,
        party: None,
        scope: "openid".to_owned(),
        nonce: None,
        code_challenge: None,
        status: Status::Queued,
        generation: 3,
        send_count: 1,
        ttl: Duration::from_secs(3600),
        created_at: Timestamp::from_millis(1_767_225_600_000),
        expires_at: Timestamp::from_millis(1_767_229_200_000),
        first_sent_at: None,
        opened_at: None,
        accepted_at: None,
        ended_at: None,
        last_smtp: None,
    }
}

/// The letter of this invitation, from a client with this name.
fn letter(folder: &Path, dkim: Option<&str>, name: &str, invitation: &Invitation, inviter: Option<&str>) -> Letter {
    let template = built_in(BuiltIn::Invite, Language::De);
    let mail = InvitationMail {
        outbox_id: "0123456789abcdefghij-_",
        invitation,
        client: &client(name),
        template: &template,
        inviter_email: inviter,
    };
    super::invitation(&sender(folder, dkim), &keys(folder), &mail, invitation.created_at).unwrap()
}

/// The headers of a mail with their folded lines, and its body.
fn split(bytes: &[u8]) -> (Vec<(String, String)>, Vec<u8>) {
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&bytes[..at + 2]).unwrap();
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.split_inclusive("\r\n") {
        if line.starts_with([' ', '\t']) {
            headers.last_mut().unwrap().1.push_str(line);
        } else {
            let (name, value) = line.split_once(':').unwrap();
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    (headers, bytes[at + 4..].to_vec())
}

/// RFC 6376, 3.4.2.
fn relaxed_header(name: &str, value: &str) -> String {
    let unfolded = value.replace("\r\n", "");
    let words: Vec<&str> = unfolded.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
    format!("{}:{}\r\n", name.trim_end().to_lowercase(), words.join(" "))
}

/// RFC 6376, 3.4.4.
fn relaxed_body(body: &[u8]) -> String {
    let text = std::str::from_utf8(body).unwrap();
    let lines = text.split("\r\n").map(|line| {
        let mut out = String::new();
        for c in line.chars() {
            let blank = c == ' ' || c == '\t';
            if !(blank && out.ends_with(' ')) {
                out.push(if blank { ' ' } else { c });
            }
        }
        out.trim_end_matches(' ').to_owned()
    });
    let lines: Vec<String> = lines.collect();
    let text = lines.join("\r\n");
    let text = text.trim_end_matches("\r\n");
    if text.is_empty() {
        String::new()
    } else {
        format!("{text}\r\n")
    }
}

/// Whether the signature of a mail holds (RFC 6376, 3.7 and 5.4.2: of several headers with one name the last counts first).
fn verifies(bytes: &[u8], key: &RsaPrivateKey) -> bool {
    let (headers, body) = split(bytes);
    let (name, value) = headers.iter().find(|(name, _)| name == "DKIM-Signature").unwrap();
    let tags: Vec<(String, String)> = value
        .split(';')
        .filter_map(|tag| tag.split_once('='))
        .map(|(tag, value)| (tag.trim().to_owned(), value.split_whitespace().collect()))
        .collect();
    let tag = |name: &str| tags.iter().find(|(tag, _)| tag == name).unwrap().1.clone();
    assert_eq!(
        (tag("v"), tag("a"), tag("c")),
        ("1".into(), "rsa-sha256".into(), "relaxed/relaxed".into())
    );
    assert_eq!((tag("d"), tag("s")), ("example.org".into(), "s1".into()));
    if BASE64_STANDARD.encode(Sha256::digest(relaxed_body(&body))) != tag("bh") {
        return false;
    }
    let mut left: Vec<&(String, String)> = headers.iter().collect();
    let mut signed = String::new();
    for name in tag("h").split(':') {
        if let Some(at) = left.iter().rposition(|(known, _)| known.eq_ignore_ascii_case(name)) {
            let (name, value) = left.remove(at);
            signed.push_str(&relaxed_header(name, value));
        }
    }
    // `b=` is the last tag that lettre writes.
    let (before, _signature) = value.split_once(" b=").unwrap();
    signed.push_str(relaxed_header(name, &format!("{before} b=")).trim_end());
    let public = key.to_public_key().to_pkcs1_der().unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.as_bytes())
        .verify(signed.as_bytes(), &BASE64_STANDARD.decode(tag("b")).unwrap())
        .is_ok()
}

#[test]
#[expect(clippy::string_slice, reason = "what is cut is ASCII")]
fn a_mail_has_what_receivers_look_for() {
    let folder = tempfile::tempdir().unwrap();
    let invitation = an_invitation("Bonny@example.com", r#"{"inviter_name":"Ann"}"#);
    let letter = letter(folder.path(), None, "Chor Süd", &invitation, Some("ann@example.net"));
    let parsed = MessageParser::default().parse(&letter.bytes).unwrap();
    let header = |name: &str| parsed.header_raw(name.to_owned()).unwrap_or_default().trim().to_owned();
    assert_eq!(header("From"), "Partyline <invites@example.org>");
    assert_eq!(header("To"), "Bonny@example.com");
    assert_eq!(header("Reply-To"), "ann@example.net");
    assert_eq!(parsed.subject(), Some("Deine Einladung zu Chor Süd"));
    assert_eq!(header("Date"), "Thu, 01 Jan 2026 00:00:00 +0000");
    assert_eq!(header("Message-ID"), "<0123456789abcdefghij-_.3@example.org>");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert_eq!(header("X-Auto-Response-Suppress"), "All");
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(header("Feedback-ID"), "invite:choir:example.org");
    let list: String = header("List-Unsubscribe").split_whitespace().collect();
    let token = list
        .strip_prefix("<https://invite.example.org/u/")
        .and_then(|rest| rest.strip_suffix('>'));
    let keys = keys(folder.path());
    assert!(
        read_link(token.unwrap())
            .unwrap()
            .proves(&keys.links, Purpose::Unsubscribe)
    );

    let from = letter.envelope.from().unwrap().to_string();
    assert_eq!(verp::read(&keys.links, &from), Some(invitation.id.clone()));
    assert_eq!(letter.envelope.to()[0].to_string(), "Bonny@example.com");

    // Text first, then HTML, each with the link.
    let text = parsed.body_text(0).unwrap();
    let html = parsed.body_html(0).unwrap();
    let first = parsed.root_part().sub_parts().unwrap()[0];
    assert!(parsed.part(first).unwrap().is_text());
    for part in [&text, &html] {
        let at = part.find("https://invite.example.org/i/").unwrap() + "https://invite.example.org/i/".len();
        let link = read_link(&part[at..at + crate::service::token::LINK_LENGTH]).unwrap();
        assert!(link.proves(&keys.links, Purpose::Invitation(3)) && link.id() == invitation.id);
        assert!(part.contains("Example, 1 Road, Town"));
    }
    assert!(letter.bytes.is_ascii());
    let long = letter.bytes.split(|byte| *byte == b'\n').map(<[u8]>::len).max();
    assert!(long < Some(998), "{long:?}");
}

#[test]
fn the_signature_holds_and_covers_what_matters() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    let (new, traditional) = (
        key.to_pkcs8_pem(LineEnding::LF).unwrap(),
        key.to_pkcs1_pem(LineEnding::LF).unwrap(),
    );
    // Long and foreign names are folded and encoded on their way into headers.
    for (pem, name) in [(&new, "Choir"), (&traditional, "合唱団 ".repeat(20).as_str())] {
        for inviter in [None, Some("ann@example.net")] {
            let invitation = an_invitation("bonny@example.com", r#"{"message":"  two   spaces "}"#);
            let letter = letter(folder.path(), Some(pem), name, &invitation, inviter);
            assert!(verifies(&letter.bytes, &key));
            let text = String::from_utf8(letter.bytes.clone()).unwrap();
            let changed = |from: &str, to: &str| text.replacen(from, to, 1).into_bytes();
            assert!(!verifies(&changed("Partyline <invites@", "Partyline <invitez@"), &key));
            assert!(!verifies(&changed("/u/", "/v/"), &key));
            assert!(!verifies(&changed("Einladung", "Ausladung"), &key));
            for added in [
                "From: evil@example.org",
                "Subject: Hi",
                "Reply-To: evil@example.org",
                "To: evil@example.org",
            ] {
                assert!(!verifies(&format!("{added}\r\n{text}").into_bytes(), &key), "{added}");
            }
        }
    }
}

#[test]
fn nothing_that_somebody_fills_in_becomes_a_header() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "X\\r\\nBcc: all@example.org\\r\\n\\r\\n<script>alert(1)</script>";
    let data = format!("{{\"inviter_name\":\"{evil}\",\"message\":\"{evil}\",\"a\\r\\nb\":\"c\"}}");
    let invitation = an_invitation("bonny@example.com", &data);
    let name = "Choir\r\nBcc: all@example.org\r\n\r\n<b>";
    let letter = letter(folder.path(), None, name, &invitation, None);
    let (headers, _body) = split(&letter.bytes);
    let mut names: Vec<String> = headers.iter().map(|(name, _)| name.to_lowercase()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "auto-submitted",
            "content-type",
            "date",
            "feedback-id",
            "from",
            "list-unsubscribe",
            "list-unsubscribe-post",
            "message-id",
            "mime-version",
            "subject",
            "to",
            "x-auto-response-suppress",
        ]
    );
    let parsed = MessageParser::default().parse(&letter.bytes).unwrap();
    let html = parsed.body_html(0).unwrap();
    assert!(!html.contains("<script>") && !html.contains("<b>"));
}
