//! People who come with what a mail service says of them, and members who compare it with the log.

use ed25519_dalek::SigningKey;

use super::*;
use crate::identity::{EmailAddress, EndpointKey};
use crate::invitation::mailbox::{Attestation, ServiceKey, Thumbprint, party_reference};
use crate::party::How;

const ISSUER: &str = "https://invite.example";
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn service() -> ServiceKey {
    ServiceKey::from_bytes(SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes())
}

/// Bonny's mailbox, as the log pins it.
fn mailbox() -> [u8; 32] {
    let address = EmailAddress::parse("bonny@example.org").expect("an address");
    let key = Secret::from_bytes([9; 16]).mail_key();
    key.bind(ISSUER, &service(), &address)
}

/// An invitation for Bonny's mailbox.
fn crowd() -> Crowd {
    Crowd::new(DelegationMethod::Mailbox(mailbox()), 1)
}

/// What the service gives to the holder of these keys who reads this mailbox.
fn proof(crowd: &Crowd, guest: u8, address: &str, jti: &str) -> MailProof {
    let now = crowd.now.as_secs();
    let claims = format!(
        r#"{{"iss":"{ISSUER}","aud":"partyline:{}","sub":"s","email":"{address}","email_verified":true,"invitation":"i","cnf":{{"jkt":"{}"}},"iat":{now},"exp":{},"jti":"{jti}"}}"#,
        party_reference(crowd.hosts[0].party.id()),
        Thumbprint::of_endpoint(keys(guest).endpoint.id()).text(),
        now + 600,
    );
    let header = r#"{"alg":"EdDSA","typ":"partyline-admission+jwt"}"#;
    MailProof {
        attestation: Attestation {
            key: crowd.secret.mail_key(),
            issuer: ISSUER.to_owned(),
            service: service(),
            token: EndpointKey::from_seed(&[7; 32]).sign_jws(header, &claims),
        },
        expires: crowd.now.plus(MINUTE * 10),
        renewal: None,
    }
}

#[test]
fn who_reads_the_mailbox_comes_in_while_the_inviter_is_away() {
    let mut crowd = crowd();
    crowd.online(&[1]);
    let proof = proof(&crowd, 4, "Bonny@example.org", "1");
    let bonny = crowd.comes_with(4, Some(proof));
    crowd.wait(SECOND);
    assert!(crowd.has_joined(bonny), "{:?}", crowd.stage(bonny));
    let member = crowd.hosts[1].party.membership().member(keys(4).identity.id()).cloned();
    assert_eq!(member.and_then(|member| member.how), Some(How::Email));
    crowd.all_meet();
    assert!(crowd.is_in(0, bonny) && crowd.is_in(2, bonny));
}

#[test]
fn who_has_the_code_and_not_the_mailbox_stays_out() {
    let mut crowd = crowd();
    let of_another = proof(&crowd, 4, "bonny@example.org", "1");
    for (guest, mail) in [
        (5, None),
        (5, Some(proof(&crowd, 5, "mallory@example.org", "2"))),
        (5, Some(of_another)),
    ] {
        let guest = crowd.comes_with(guest, mail);
        crowd.wait(SECOND);
        assert_eq!(crowd.failed(guest), Some(&RedeemError::MailboxUnproved));
        assert!(!crowd.is_in(0, guest) && crowd.guests[guest].stored.is_none());
    }
}

#[test]
fn who_reads_the_mailbox_waits_for_an_administrator_where_the_service_is_not_trusted_alone() {
    let mut crowd = Crowd::new(DelegationMethod::ApprovedMailbox(mailbox()), 1);
    let mallory = crowd.comes(5);
    crowd.wait(SECOND);
    assert_eq!(crowd.failed(mallory), Some(&RedeemError::MailboxUnproved));
    crowd.online(&[1]);
    let proof = proof(&crowd, 4, "bonny@example.org", "1");
    let bonny = crowd.comes_with(4, Some(proof));
    crowd.wait(SECOND);
    assert!(crowd.waits(bonny) && !crowd.is_in(1, bonny), "{:?}", crowd.stage(bonny));
    // The request is there: the service is not asked again, however long it takes.
    crowd.proofs.push_back(applicant::Proof::Refused);
    crowd.wait(MINUTE * 90);
    assert!(
        crowd.waits(bonny) && crowd.proofs.len() == 1,
        "{:?}",
        crowd.stage(bonny)
    );
    crowd.all_meet();
    assert!(!crowd.is_in(0, bonny) && !crowd.is_in(1, bonny));
    crowd.approve(2, bonny);
    crowd.online(&[2]);
    crowd.wait(MINUTE * 61);
    assert!(crowd.has_joined(bonny), "{:?}", crowd.stage(bonny));
    let member = crowd.hosts[2].party.membership().member(keys(4).identity.id()).cloned();
    assert_eq!(member.and_then(|member| member.how), Some(How::Approved));
}

#[test]
fn a_request_that_one_member_has_taken_waits_also_when_the_service_knows_its_person_no_more() {
    let mut crowd = Crowd::new(DelegationMethod::ApprovedMailbox(mailbox()), 1);
    crowd.online(&[1]);
    let first = proof(&crowd, 4, "bonny@example.org", "1");
    let bonny = crowd.comes_with(4, Some(first));
    crowd.wait(SECOND);
    assert!(crowd.waits(bonny));
    // Much later only somebody answers who has not heard of it.
    crowd.online(&[]);
    crowd.wait(MINUTE * 90);
    crowd.online(&[2]);
    crowd.proofs.push_back(applicant::Proof::Refused);
    crowd.wait(MINUTE * 90);
    assert!(
        crowd.waits(bonny) && crowd.proofs.is_empty(),
        "{:?}",
        crowd.stage(bonny)
    );
    assert!(crowd.guests[bonny].stored.is_some());
    // So it is if there was a proof, and nobody to show it to.
    crowd.proofs.push_back(applicant::Proof::Renewed(Box::new(proof(
        &crowd,
        4,
        "bonny@example.org",
        "3",
    ))));
    crowd.wait(MINUTE * 61);
    crowd.online(&[]);
    crowd.proofs.push_back(applicant::Proof::Refused);
    crowd.wait(MINUTE * 90);
    assert!(crowd.waits(bonny), "{:?}", crowd.stage(bonny));
    crowd.proofs.clear();
    crowd.online(&[2]);
    // With another proof the request is made again; twice the same is one.
    let renewed = proof(&crowd, 4, "bonny@example.org", "2");
    let renewed = MailProof {
        expires: crowd.now.plus(MINUTE * 180),
        ..renewed
    };
    crowd.proofs.push_back(applicant::Proof::Renewed(Box::new(renewed)));
    crowd.wait(MINUTE * 120);
    assert!(crowd.waits(bonny) && crowd.hosts[2].party.request(crowd.request(bonny)).is_some());
    crowd.approve(2, bonny);
    crowd.wait(MINUTE * 61);
    assert!(crowd.has_joined(bonny), "{:?}", crowd.stage(bonny));
}

#[test]
fn a_token_lets_in_once_at_each_member() {
    let mut crowd = crowd();
    let shown = proof(&crowd, 4, "bonny@example.org", "1");
    let bonny = crowd.comes_with(4, Some(shown.clone()));
    assert!(crowd.has_joined(bonny));
    let token = shown.attestation.token.clone();
    // Another invitation of the same party for the same mailbox, and the token of the first one.
    let (_, bind) = crowd.hosts[0]
        .party
        .delegated(crowd.id().as_bytes())
        .expect("known")
        .to
        .numbers();
    let endpoint = keys(4).endpoint.id();
    let again = Attestation {
        token,
        ..shown.attestation
    };
    let id = again
        .check(&bind, crowd.hosts[0].party.id(), endpoint, crowd.now)
        .expect("still good");
    assert!(crowd.hosts[0].used.contains(id) && !crowd.hosts[1].used.contains(id));
}

#[test]
fn who_waited_too_long_for_a_member_asks_the_service_again() {
    let mut crowd = crowd();
    crowd.online(&[]);
    let first = proof(&crowd, 4, "bonny@example.org", "1");
    let bonny = crowd.comes_with(4, Some(first));
    crowd.wait(MINUTE * 30);
    assert!(matches!(crowd.stage(bonny), RedemptionStage::MembersOffline { .. }));
    // The service is away, too; then it answers.
    crowd.online(&[1]);
    crowd.wait(MINUTE * 30);
    assert!(!crowd.has_joined(bonny), "with a proof that is too old");
    let renewed = proof(&crowd, 4, "bonny@example.org", "2");
    let renewed = MailProof {
        expires: crowd.now.plus(MINUTE * 30),
        ..renewed
    };
    crowd.proofs.push_back(applicant::Proof::Renewed(Box::new(renewed)));
    crowd.feed(bonny, applicant::Input::Retry);
    assert!(crowd.has_joined(bonny), "{:?}", crowd.stage(bonny));
}

#[test]
fn when_the_service_makes_no_other_proof_it_is_over() {
    let mut crowd = crowd();
    crowd.online(&[]);
    let first = proof(&crowd, 4, "bonny@example.org", "1");
    let bonny = crowd.comes_with(4, Some(first));
    crowd.proofs.push_back(applicant::Proof::Refused);
    crowd.wait(MINUTE * 30);
    assert_eq!(crowd.failed(bonny), Some(&RedeemError::MailboxUnproved));
    assert!(crowd.guests[bonny].stored.is_none());
}

#[test]
fn a_restart_goes_on_with_the_proof_that_is_stored() {
    let mut crowd = crowd();
    crowd.online(&[]);
    let shown = proof(&crowd, 4, "bonny@example.org", "1");
    let bonny = crowd.comes_with(4, Some(shown));
    crowd.guests[bonny].machine = None;
    crowd.online(&[2]);
    crowd.starts(bonny);
    assert!(crowd.has_joined(bonny) && crowd.is_in(2, bonny));
}
