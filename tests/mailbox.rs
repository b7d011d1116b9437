//! Invitations by e-mail between real programs on loopback, with an invitation service of the test's own: the inviter goes, and
//! whoever reads the mailbox comes in.

#![cfg(feature = "service")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "mailbox/office.rs"]
mod office;
#[expect(dead_code, reason = "other tests use more of it")]
mod peer;

use std::time::Duration;

use office::Office;
use partyline::email::{Issuer, MailCode, MailLink};
use partyline::failure::{Failure, MailTrouble};
use partyline::invitation::mailbox::{MailStage, Told};
use partyline::invitation::{InvitationId, InvitationStage, RedemptionStage};
use partyline::party::{How, PartyId, Role};
use partyline::worker::{Command, Event, MailAdmission, MailOptions, MailWay, Passphrase, RedemptionId, RequestId};
use peer::Peer;
use zeroize::Zeroizing;

/// Alice, who founded the party and is signed in at the service, and Bob, an editor, linked.
async fn alice_and_bob(office: &Office) -> (Peer, Peer, PartyId) {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    alice.lets_in(&mut bob, party).await;
    alice.sees_online(party, "Bob").await;
    let issuer = issuer(office);
    let request = alice.send(Command::SignIn { issuer });
    browse(&mut alice, request).await;
    assert_eq!(answer(&mut alice, request).await, Ok(()));
    (alice, bob, party)
}

fn issuer(office: &Office) -> Issuer {
    Issuer::parse(office.issuer()).unwrap()
}

/// The person's browser: opens what it is told to, and follows where it is sent.
async fn browse(peer: &mut Peer, request: RequestId) -> String {
    let url = peer
        .wait("something for the browser", |event| match event {
            Event::BrowserNeeded { request: of, url } if *of == request => Some(url.to_string()),
            _ => None,
        })
        .await;
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

async fn answer(peer: &mut Peer, request: RequestId) -> Result<(), Failure> {
    peer.wait("the answer", |event| match event {
        Event::Done { request: of } if *of == request => Some(Ok(())),
        Event::Failed {
            request: Some(of),
            failure,
        } if *of == request => Some(Err(failure.clone())),
        _ => None,
    })
    .await
}

fn options(office: &Office, party: PartyId, address: &str) -> MailOptions {
    MailOptions {
        party,
        issuer: issuer(office),
        address: address.to_owned(),
        role: Role::Editor,
        lifetime: Duration::from_secs(3600),
        label: String::new(),
        told: Told {
            inviter: "Alice".to_owned(),
            ..Told::default()
        },
        admission: MailAdmission::AtOnce,
    }
}

/// An invitation that the service and another device have.
async fn invited(alice: &mut Peer, office: &Office, party: PartyId) -> InvitationId {
    invited_with(alice, options(office, party, "bonny@example.org")).await
}

async fn invited_with(alice: &mut Peer, options: MailOptions) -> InvitationId {
    let request = alice.send(Command::InviteByMail {
        options: Box::new(options),
    });
    let id = alice
        .wait("the invitation", |event| match event {
            Event::InvitationCreated {
                request: of,
                invitation,
            } if *of == request => Some(invitation.id),
            _ => None,
        })
        .await;
    mail_is(alice, id, MailStage::Queued).await;
    alice
        .stage_of_invitation(id, "another device to have it", |stage| {
            matches!(stage, InvitationStage::OfflineReady { devices: 1 }).then_some(())
        })
        .await;
    id
}

async fn mail_is(peer: &mut Peer, id: InvitationId, stage: MailStage) {
    peer.wait(&format!("the mail to be {stage:?}"), |event| match event {
        Event::InvitationChanged { invitation } if invitation.id == id => {
            (invitation.mail.as_ref()?.stage == stage).then_some(())
        }
        _ => None,
    })
    .await;
}

async fn trouble_is(peer: &mut Peer, id: InvitationId, trouble: Option<MailTrouble>) {
    peer.wait(&format!("{trouble:?} to be told"), |event| match event {
        Event::InvitationChanged { invitation } if invitation.id == id => {
            (invitation.mail.as_ref()?.trouble == trouble).then_some(())
        }
        _ => None,
    })
    .await;
}

/// Opens the link of a mail: the redemption, or why there is none.
async fn accept(peer: &mut Peer, link: &str) -> Result<RedemptionId, Failure> {
    let way = MailWay::Link(MailLink::parse(link).unwrap());
    let request = peer.send(Command::RedeemMail { way: Box::new(way) });
    browse(peer, request).await;
    started(peer, request).await
}

async fn started(peer: &mut Peer, request: RequestId) -> Result<RedemptionId, Failure> {
    peer.wait("the redemption", |event| match event {
        Event::RedemptionStarted {
            request: of,
            redemption,
        } if *of == request => Some(Ok(redemption.id)),
        Event::Failed {
            request: Some(of),
            failure,
        } if *of == request => Some(Err(failure.clone())),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn who_reads_the_mailbox_comes_in_while_the_inviter_is_away() {
    let office = Office::open().await;
    let (mut alice, mut bob, party) = alice_and_bob(&office).await;
    let id = invited(&mut alice, &office, party).await;
    let [sent] = &office.sent()[..] else {
        panic!("one invitation")
    };
    assert_eq!(sent.body["email_address"], "bonny@example.org");
    assert_eq!(
        sent.body["template_data"],
        serde_json::json!({ "inviter_name": "Alice" })
    );
    let away = alice.stop().await;

    let mut bonny = Peer::start("Bonny").await;
    let redemption = accept(&mut bonny, &office.link(0)).await.unwrap();
    assert_eq!(bonny.joined(redemption).await, party);
    bob.sees_members(party, &["Alice", "Bob", "Bonny"]).await;
    let how = bob
        .wait("how Bonny came in", |event| match event {
            Event::PartyChanged { party: view } => view
                .members
                .iter()
                .find(|member| member.name.as_deref() == Some("Bonny"))
                .and_then(|member| member.how),
            _ => None,
        })
        .await;
    assert_eq!(how, How::Email);

    let mut alice = away.start_again().await;
    mail_is(&mut alice, id, MailStage::Accepted).await;
    // The link has done what it was for.
    let mut late = Peer::start("Late").await;
    let refused = accept(&mut late, &office.link(0)).await;
    assert_eq!(refused, Err(Failure::Mail(MailTrouble::LinkUsed)));
}

#[tokio::test]
async fn the_word_of_the_service_is_not_enough_where_an_administrator_is_to_approve() {
    let office = Office::open().await;
    let (mut alice, mut bob, party) = alice_and_bob(&office).await;
    let options = MailOptions {
        admission: MailAdmission::Approved,
        ..options(&office, party, "bonny@example.org")
    };
    let id = invited_with(&mut alice, options).await;
    let away = alice.stop().await;

    let mut bonny = Peer::start("Bonny").await;
    let redemption = accept(&mut bonny, &office.link(0)).await.unwrap();
    let words = bonny
        .stage(redemption, "the words", |stage| match stage {
            RedemptionStage::WaitsForApproval { fingerprint, .. } => Some(*fingerprint),
            _ => None,
        })
        .await;
    bob.sees_members(party, &["Alice", "Bob"]).await;

    let mut alice = away.start_again().await;
    let (request, seen) = alice
        .wait("who asks", |event| match event {
            Event::PartyChanged { party: view } if view.id == party => {
                let request = view.requests.iter().find(|request| request.invitation == id)?;
                Some((request.id, request.fingerprint))
            }
            _ => None,
        })
        .await;
    assert_eq!(seen, words);
    let request = alice.send(Command::ApproveRequest { party, request });
    assert_eq!(answer(&mut alice, request).await, Ok(()));
    bonny.send(Command::RetryRedemption { redemption });
    assert_eq!(bonny.joined(redemption).await, party);
    alice.sees_members(party, &["Alice", "Bob", "Bonny"]).await;
}

#[tokio::test]
async fn a_link_that_does_not_work_says_why() {
    let office = Office::open().await;
    let (mut alice, _bob, party) = alice_and_bob(&office).await;
    let id = invited(&mut alice, &office, party).await;
    let mut bonny = Peer::start("Bonny").await;
    office.set_status(0, "expired");
    let refused = accept(&mut bonny, &office.link(0)).await;
    assert_eq!(refused, Err(Failure::Mail(MailTrouble::LinkExpired)));
    office.set_status(0, "sent");
    let request = alice.send(Command::RevokeInvitation { invitation: id });
    assert_eq!(answer(&mut alice, request).await, Ok(()));
    mail_is(&mut alice, id, MailStage::Revoked).await;
    let refused = accept(&mut bonny, &office.link(0)).await;
    assert_eq!(refused, Err(Failure::Mail(MailTrouble::LinkRevoked)));
}

#[tokio::test]
async fn an_invitation_that_was_used_and_let_nobody_in_is_taken_back_at_the_service_too() {
    let office = Office::open().await;
    let (mut alice, bob, party) = alice_and_bob(&office).await;
    let id = invited(&mut alice, &office, party).await;
    office.set_status(0, "accepted");
    let mut alice = alice.restart().await;
    mail_is(&mut alice, id, MailStage::Accepted).await;
    let request = alice.send(Command::RevokeInvitation { invitation: id });
    mail_is(&mut alice, id, MailStage::Revoked).await;
    assert_eq!(office.sent()[0].status, "revoked");
    assert_eq!(answer(&mut alice, request).await, Ok(()));
    drop(bob);
}

#[tokio::test]
async fn the_code_of_the_page_works_on_another_device() {
    let office = Office::open().await;
    let (mut alice, _bob, party) = alice_and_bob(&office).await;
    invited(&mut alice, &office, party).await;
    let mut bonny = Peer::start("Bonny").await;
    let way = |code: &str| MailWay::Code {
        issuer: issuer(&office),
        code: MailCode::parse(code).unwrap(),
    };
    let request = bonny.send(Command::RedeemMail {
        way: Box::new(way("9999-9999")),
    });
    assert_eq!(
        started(&mut bonny, request).await,
        Err(Failure::Mail(MailTrouble::Over))
    );
    let request = bonny.send(Command::RedeemMail {
        way: Box::new(way("O1ab-cdef")),
    });
    let redemption = started(&mut bonny, request).await.unwrap();
    assert_eq!(bonny.joined(redemption).await, party);
}

#[tokio::test]
async fn a_service_that_is_down_says_so_and_loses_nothing() {
    let mut office = Office::open().await;
    let (mut alice, _bob, party) = alice_and_bob(&office).await;
    let id = invited(&mut alice, &office, party).await;
    office.close().await;
    let request = alice.send(Command::InviteByMail {
        options: Box::new(options(&office, party, "carl@example.org")),
    });
    assert_eq!(
        answer(&mut alice, request).await,
        Err(Failure::Mail(MailTrouble::Unreachable))
    );
    let request = alice.send(Command::SendAgain { invitation: id });
    trouble_is(&mut alice, id, Some(MailTrouble::Unreachable)).await;
    assert_eq!(
        answer(&mut alice, request).await,
        Err(Failure::Mail(MailTrouble::Unreachable))
    );
    office.reopen().await;
    let request = alice.send(Command::SendAgain { invitation: id });
    trouble_is(&mut alice, id, None).await;
    assert_eq!(answer(&mut alice, request).await, Ok(()));
    assert_eq!(office.sent()[0].mails, 2);
}

#[tokio::test]
async fn what_is_told_of_a_service_goes_when_it_answers_again_also_for_a_mail_that_came_back() {
    let mut office = Office::open().await;
    let (mut alice, _bob, party) = alice_and_bob(&office).await;
    let id = invited(&mut alice, &office, party).await;
    office.set_status(0, "bounced");
    let mut alice = alice.restart().await;
    mail_is(&mut alice, id, MailStage::Bounced).await;
    office.close().await;
    let request = alice.send(Command::SendAgain { invitation: id });
    assert_eq!(
        answer(&mut alice, request).await,
        Err(Failure::Mail(MailTrouble::Unreachable))
    );
    office.reopen().await;
    let issuer = issuer(&office);
    let request = alice.send(Command::SignIn { issuer });
    browse(&mut alice, request).await;
    let mut was_told = false;
    let goes = |event: &Event| match event {
        Event::InvitationChanged { invitation } if invitation.id == id => {
            let trouble = invitation.mail.as_ref()?.trouble;
            was_told |= trouble == Some(MailTrouble::Unreachable);
            (was_told && trouble.is_none()).then_some(())
        }
        _ => None,
    };
    alice.wait("the trouble to go", goes).await;
    assert_eq!(office.sent()[0].mails, 1, "that is for the person to ask once more");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_again_although_the_code_has_changed() {
    let office = Office::open().await;
    let (mut alice, _bob, party) = alice_and_bob(&office).await;
    office.lose_an_answer();
    let options = Box::new(options(&office, party, "bonny@example.org"));
    let request = alice.send(Command::InviteByMail { options });
    let created = |event: &Event| match event {
        Event::InvitationCreated {
            request: of,
            invitation,
        } if *of == request => Some(invitation.id),
        _ => None,
    };
    let id = alice.wait("the invitation", created).await;
    trouble_is(&mut alice, id, Some(MailTrouble::Unreachable)).await;
    let request = alice.send(Command::SendAgain { invitation: id });
    mail_is(&mut alice, id, MailStage::Queued).await;
    assert_eq!(answer(&mut alice, request).await, Ok(()));
    assert_eq!((office.sent().len(), office.sent()[0].mails), (1, 1));
}

#[tokio::test]
async fn many_are_invited_at_once_and_each_gets_a_mail() {
    let office = Office::open().await;
    let (mut alice, _bob, party) = alice_and_bob(&office).await;
    let addresses: Vec<String> = (0..20).map(|number| format!("singer{number}@example.org")).collect();
    for address in &addresses {
        let options = Box::new(options(&office, party, address));
        alice.send(Command::InviteByMail { options });
    }
    let mut queued = std::collections::BTreeSet::new();
    while queued.len() < addresses.len() {
        let address = alice
            .wait("a mail to be queued", |event| match event {
                Event::InvitationChanged { invitation } => {
                    let mail = invitation.mail.as_ref()?;
                    (mail.stage == MailStage::Queued).then(|| mail.address.clone())
                }
                _ => None,
            })
            .await;
        queued.insert(address);
    }
    assert_eq!(office.sent().len(), addresses.len());
}

#[tokio::test]
async fn a_sign_in_outlives_the_program_and_can_be_stopped_and_forgotten() {
    let office = Office::open().await;
    let (alice, _bob, party) = alice_and_bob(&office).await;
    let mut alice = alice.restart().await;
    let services = |event: &Event| match event {
        Event::ServicesChanged { services } => Some(services.len()),
        _ => None,
    };
    assert_eq!(alice.wait("the services", services).await, 1);
    let id = invited(&mut alice, &office, party).await;
    let request = alice.send(Command::SignOut {
        issuer: issuer(&office),
    });
    trouble_is(&mut alice, id, Some(MailTrouble::NoAccount)).await;
    assert_eq!(answer(&mut alice, request).await, Ok(()));
    let request = alice.send(Command::InviteByMail {
        options: Box::new(options(&office, party, "carl@example.org")),
    });
    assert_eq!(
        answer(&mut alice, request).await,
        Err(Failure::Mail(MailTrouble::NoAccount))
    );

    let waiting = alice.send(Command::SignIn {
        issuer: issuer(&office),
    });
    let url = |event: &Event| matches!(event, Event::BrowserNeeded { .. }).then_some(());
    alice.wait("something for the browser", url).await;
    let request = alice.send(Command::StopBrowser);
    assert_eq!(
        answer(&mut alice, waiting).await,
        Err(Failure::Mail(MailTrouble::Stopped))
    );
    assert_eq!(answer(&mut alice, request).await, Ok(()));
}

#[tokio::test]
async fn who_signs_out_ends_no_invitation_and_hears_of_it_once_signed_in_again() {
    let office = Office::open().await;
    let (mut alice, mut bob, party) = alice_and_bob(&office).await;
    let id = invited(&mut alice, &office, party).await;
    let request = alice.send(Command::SignOut {
        issuer: issuer(&office),
    });
    assert_eq!(answer(&mut alice, request).await, Ok(()));
    let mut bonny = Peer::start("Bonny").await;
    let redemption = accept(&mut bonny, &office.link(0)).await.unwrap();
    assert_eq!(bonny.joined(redemption).await, party);
    bob.sees_members(party, &["Alice", "Bob", "Bonny"]).await;
    let request = alice.send(Command::SignIn {
        issuer: issuer(&office),
    });
    browse(&mut alice, request).await;
    assert_eq!(answer(&mut alice, request).await, Ok(()));
    mail_is(&mut alice, id, MailStage::Accepted).await;
}

#[tokio::test]
async fn a_client_of_ones_own_is_kept_only_if_the_service_knows_it() {
    let office = Office::open().await;
    let mut alice = Peer::start("Alice").await;
    for (secret, known) in [
        ("pls_bad", Err(Failure::Mail(MailTrouble::WrongClient))),
        ("pls_good", Ok(())),
    ] {
        let request = alice.send(Command::UseClient {
            issuer: issuer(&office),
            id: "choir".to_owned(),
            secret: Passphrase::new(Zeroizing::new(secret.to_owned())),
        });
        assert_eq!(answer(&mut alice, request).await, known);
    }
}
