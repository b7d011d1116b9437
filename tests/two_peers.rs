//! Two real programs in one process: two workers, two profiles, real endpoints on loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod peer;

use std::sync::Arc;

use partyline::failure::Failure;
use partyline::invitation::{InvitationStage, InviteCode, PinNotice, RedeemError, RedemptionStage};
use partyline::party::{PartyId, Role};
use partyline::worker::{
    Command, Config, Event, InvitationOptions, InvitationView, MemberView, NetworkMode, PartyHealth, PartyView,
    Presence, WorkerHandle,
};
use peer::Peer;

#[tokio::test]
async fn an_invitee_with_code_and_pin_becomes_a_member_and_tasks_travel_both_ways() {
    let mut alice = Peer::start("Alice").await;
    let mut bob = Peer::start("Bob").await;
    let party = alice.create_party("Hiking crew").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;

    let pin = alice.pin(invitation.id).await;
    bob.enter_pin(redemption, &pin).await;

    assert_eq!(bob.joined(redemption).await, party);
    assert_eq!(alice.admitted(invitation.id).await, "Bob");
    alice.sees_members(party, &["Alice", "Bob"]).await;
    bob.sees_members(party, &["Alice", "Bob"]).await;

    alice.add_task(party, "Book the hut").await;
    bob.sees_task(party, "Book the hut").await;
    bob.add_task(party, "Bring the big tent").await;
    alice.sees_task(party, "Bring the big tent").await;
}

#[tokio::test]
async fn whoever_comes_after_years_gets_a_long_record_of_them() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Hiking crew").await;
    // Some 280 bytes each: more than waits on a link of members.
    let years = 6000;
    for number in 0..years {
        let name = format!("{number:064}");
        let renamed = alice.send(Command::RenameParty { party, name });
        if number % 200 == 199 {
            let is_done = |event: &Event| matches!(event, Event::Done { request } if *request == renamed);
            alice.wait("the new name", |event| is_done(event).then_some(())).await;
        }
    }
    alice.lets_in(&mut bob, party).await;
    alice.sees_members(party, &["Alice", "Bob"]).await;
    let name = format!("{:064}", years - 1);
    bob.sees(party, "the last name", |view| view.name == name).await;
}

#[tokio::test]
async fn a_wrong_pin_is_seen_by_both_and_the_right_one_still_works() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Flat 4B").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    let pin = alice.pin(invitation.id).await;

    bob.enter_wrong_pin(redemption, &pin).await;
    assert_eq!(bob.notice(redemption, PinNotice::Wrong).await, 2, "tries left");
    alice
        .stage_of_invitation(invitation.id, "the wrong entry", |stage| {
            matches!(stage, InvitationStage::Pin { wrong: 1, .. }).then_some(())
        })
        .await;

    bob.type_pin(redemption, &pin);
    assert_eq!(bob.joined(redemption).await, party);
    assert_eq!(alice.admitted(invitation.id).await, "Bob");
}

#[tokio::test]
async fn three_wrong_entries_void_the_pin_and_a_new_one_admits() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    let old = alice.pin(invitation.id).await;
    bob.enter_wrong_pin(redemption, &old).await;
    bob.notice(redemption, PinNotice::Wrong).await;
    bob.type_wrong_pin(redemption, &old);
    bob.notice(redemption, PinNotice::Wrong).await;
    bob.type_wrong_pin(redemption, &old);
    bob.notice(redemption, PinNotice::Void).await;
    alice
        .stage_of_invitation(invitation.id, "the void PIN", |stage| {
            matches!(stage, InvitationStage::PinVoid { .. }).then_some(())
        })
        .await;

    alice.send(Command::ShowNewPin {
        invitation: invitation.id,
    });
    let new = alice.pin_other_than(invitation.id, &old).await;
    bob.notice(redemption, PinNotice::Changed).await;
    bob.type_pin(redemption, &new);
    assert_eq!(bob.joined(redemption).await, party);
}

#[tokio::test]
async fn nine_wrong_entries_lock_the_code_for_good() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    let mut pin = alice.pin(invitation.id).await;
    bob.field(redemption).await;
    for round in 0..3 {
        for attempt in 0..3 {
            bob.type_wrong_pin(redemption, &pin);
            match (round, attempt) {
                (2, 2) => {}
                (_, 2) => drop(bob.notice(redemption, PinNotice::Void).await),
                _ => drop(bob.notice(redemption, PinNotice::Wrong).await),
            }
        }
        if round < 2 {
            alice.send(Command::ShowNewPin {
                invitation: invitation.id,
            });
            pin = alice.pin_other_than(invitation.id, &pin).await;
            bob.notice(redemption, PinNotice::Changed).await;
        }
    }
    alice
        .stage_of_invitation(invitation.id, "the lock", |stage| {
            matches!(stage, InvitationStage::Locked).then_some(())
        })
        .await;
    assert_eq!(bob.failed(redemption).await, RedeemError::Locked);

    // Bob's device has counted the ninth proof too, when it sent it, and asks nobody again: the next try is blocked at once.
    let again = bob.redeem(&invitation.code.to_text()).await;
    let error = bob.failed(again).await;
    assert!(matches!(error, RedeemError::BlockedHere { .. }), "{error:?}");

    let mut carol = Peer::start("Carol").await;
    let redemption = carol.redeem(&invitation.code.to_text()).await;
    assert_eq!(carol.failed(redemption).await, RedeemError::Locked);
}

#[tokio::test]
async fn a_code_admits_one_person_and_tells_the_next_that_it_was_used() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let invitation = pair(&mut alice, &mut bob, party).await;
    let mut carol = Peer::start("Carol").await;
    let redemption = carol.redeem(&invitation.code.to_text()).await;
    assert_eq!(carol.failed(redemption).await, RedeemError::AlreadyUsed);
}

#[tokio::test]
async fn a_second_device_with_the_same_code_is_queued_and_the_inviter_is_warned() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let mut mallory = Peer::start("Mallory").await;
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let first = mallory.redeem(&invitation.code.to_text()).await;
    let seen_by_mallory = alice.pin(invitation.id).await;
    mallory.field(first).await;
    let second = bob.redeem(&invitation.code.to_text()).await;
    bob.stage(second, "a place in the queue", |stage| {
        matches!(stage, RedemptionStage::Queued { position: 1 }).then_some(())
    })
    .await;
    alice
        .stage_of_invitation(invitation.id, "the warning", |stage| {
            matches!(stage, InvitationStage::Pin { waiting: 1, .. }).then_some(())
        })
        .await;

    alice.send(Command::NextInvitee {
        invitation: invitation.id,
    });
    assert_eq!(mallory.failed(first).await, RedeemError::CancelledByInviter);
    let pin = alice.pin_other_than(invitation.id, &seen_by_mallory).await;
    bob.send(Command::RetryRedemption { redemption: second });
    bob.enter_pin(second, &pin).await;
    assert_eq!(bob.joined(second).await, party);
    assert_eq!(alice.admitted(invitation.id).await, "Bob");
}

#[tokio::test]
async fn revoking_at_the_code_and_at_the_pin_tells_the_invitee_so() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let at_the_pin = alice.invite(party).await;
    let redemption = bob.redeem(&at_the_pin.code.to_text()).await;
    bob.field(redemption).await;
    alice.send(Command::RevokeInvitation {
        invitation: at_the_pin.id,
    });
    assert_eq!(bob.failed(redemption).await, RedeemError::CancelledByInviter);

    let at_the_code = alice.invite(party).await;
    alice.send(Command::RevokeInvitation {
        invitation: at_the_code.id,
    });
    alice
        .stage_of_invitation(at_the_code.id, "the end", |stage| {
            matches!(stage, InvitationStage::Revoked).then_some(())
        })
        .await;
    let redemption = bob.redeem(&at_the_code.code.to_text()).await;
    assert_eq!(bob.failed(redemption).await, RedeemError::Revoked);
}

#[tokio::test]
async fn a_cancelled_redemption_leaves_the_code_good() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    bob.field(redemption).await;
    bob.send(Command::CancelRedemption { redemption });
    bob.send(Command::CancelRedemption { redemption });
    alice
        .stage_of_invitation(invitation.id, "the code again", |stage| {
            matches!(stage, InvitationStage::Code { device_left: true }).then_some(())
        })
        .await;
    let again = bob.redeem(&invitation.code.to_text()).await;
    bob.field(again).await;
}

#[tokio::test]
async fn an_invitation_survives_the_inviters_restart_with_its_attempts() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    let pin = alice.pin(invitation.id).await;
    bob.enter_wrong_pin(redemption, &pin).await;
    bob.notice(redemption, PinNotice::Wrong).await;

    let mut alice = alice.restart().await;
    let restored = alice
        .wait("the open invitation", |event| match event {
            Event::InvitationChanged { invitation: view } if view.id == invitation.id => Some(view.clone()),
            _ => None,
        })
        .await;
    assert_eq!(restored.code.to_text(), invitation.code.to_text());
    assert_eq!(restored.wrong_pins, 1);
    bob.send(Command::RetryRedemption { redemption });
    let pin = alice.pin(invitation.id).await;
    bob.enter_pin(redemption, &pin).await;
    assert_eq!(bob.joined(redemption).await, party);
}

#[tokio::test]
async fn members_and_tasks_are_there_after_both_restart() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    pair(&mut alice, &mut bob, party).await;
    alice.add_task(party, "Print the scores").await;
    bob.sees_task(party, "Print the scores").await;

    let (mut alice, mut bob) = (alice.restart().await, bob.restart().await);
    alice.sees_task(party, "Print the scores").await;
    bob.sees_task(party, "Print the scores").await;
    alice.sees_online(party, "Bob").await;
    bob.add_task(party, "Book the room").await;
    alice.sees_task(party, "Book the room").await;
}

#[tokio::test]
async fn both_know_when_they_have_the_same() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    pair(&mut alice, &mut bob, party).await;
    for title in ["Print the scores", "Book the room"] {
        alice.add_task(party, title).await;
        for peer in [&mut alice, &mut bob] {
            peer.sees(party, "that both have the task", |view| {
                view.tasks.iter().any(|task| task.title == title) && (view.sync.in_step, view.sync.behind) == (1, 0)
            })
            .await;
        }
    }
}

#[tokio::test]
async fn when_a_member_was_last_there_is_known_after_a_restart() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    pair(&mut alice, &mut bob, party).await;
    alice.sees_online(party, "Bob").await;
    // Alice's program ends while Bob is there.
    let alice = alice.stop().await;
    drop(bob.stop().await);
    let mut alice = alice.start_again().await;
    alice
        .sees(party, "when Bob was there", |view| {
            let away = |member: &MemberView| matches!(member.presence, Presence::Offline(Some(_)));
            view.members.iter().any(away)
        })
        .await;
}

#[tokio::test]
async fn tasks_written_apart_meet_when_both_are_back() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    pair(&mut alice, &mut bob, party).await;
    alice.sees_members(party, &["Alice", "Bob"]).await;
    let bob_away = bob.stop().await;
    alice.add_task(party, "Written while Bob was away").await;
    let alice_away = alice.stop().await;
    let mut bob = bob_away.start_again().await;
    bob.add_task(party, "Written while Alice was away").await;
    let mut alice = alice_away.start_again().await;
    alice.sees_task(party, "Written while Alice was away").await;
    bob.sees_task(party, "Written while Bob was away").await;
}

#[tokio::test]
async fn what_a_disk_has_lost_of_a_party_comes_back_from_a_member_and_nothing_is_written_before() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    pair(&mut alice, &mut bob, party).await;
    for title in ["Print the scores", "Book the room", "Tune the piano"] {
        alice.add_task(party, title).await;
        bob.sees_task(party, title).await;
    }
    let (alice_away, bob_away) = (alice.stop().await, bob.stop().await);
    let database = alice_away.folder.path().join("profile").join("partyline.db");
    let database = rusqlite::Connection::open(database).unwrap();
    database
        .execute("delete from ops where place > (select max(place) - 2 from ops)", [])
        .unwrap();
    drop(database);

    let mut alice = alice_away.start_again().await;
    alice
        .sees(party, "that part of it is lost", |view| {
            view.health == PartyHealth::Incomplete && view.tasks.len() < 3
        })
        .await;
    let title = "Too early".to_owned();
    let request = alice.send(Command::AddTask { party, title });
    assert_eq!(alice.failure(request).await, Failure::PartyIncomplete);

    let mut bob = bob_away.start_again().await;
    alice
        .sees(party, "all of it again", |view| {
            view.health == PartyHealth::Whole && view.tasks.len() == 3
        })
        .await;
    alice.add_task(party, "Now").await;
    bob.sees_task(party, "Now").await;
    let mut alice = alice.restart().await;
    alice
        .sees(party, "that it stays whole", |view| {
            view.health == PartyHealth::Whole && view.tasks.len() == 4
        })
        .await;
}

#[tokio::test]
async fn a_removed_member_is_told_and_hears_no_more() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    pair(&mut alice, &mut bob, party).await;
    let member = alice.member(party, "Bob").await;
    alice.send(Command::RemoveMember { party, member });
    bob.sees(party, "the removal", |view| view.role.is_none()).await;
    alice.sees_members(party, &["Alice"]).await;
}

#[tokio::test]
async fn a_removed_member_who_is_invited_again_keeps_the_past_and_writes_on() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    pair(&mut alice, &mut bob, party).await;
    let member = alice.member(party, "Bob").await;
    bob.add_task(party, "Before").await;
    alice.sees_task(party, "Before").await;
    alice.send(Command::RemoveMember { party, member });
    bob.sees(party, "the removal", |view| view.role.is_none()).await;

    pair(&mut alice, &mut bob, party).await;
    bob.add_task(party, "After").await;
    alice.sees_task(party, "After").await;
    alice.sees_task(party, "Before").await;
    bob.sees_task(party, "Before").await;
}

#[tokio::test]
async fn who_leaves_is_gone_for_the_others_and_the_party_stays_gone_after_a_restart() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    pair(&mut alice, &mut bob, party).await;
    // Once a task has come, Alice's device knows where Bob's is.
    bob.add_task(party, "The last one").await;
    alice.sees_task(party, "The last one").await;
    let alice_away = alice.stop().await;
    bob.send(Command::LeaveParty { party });
    bob.wait("the farewell", |event| {
        matches!(event, Event::PartyLeft { .. }).then_some(())
    })
    .await;
    let mut bob = bob.restart().await;

    // Alice dials, and is told that there is nobody any more.
    let mut alice = alice_away.start_again().await;
    alice.sees_members(party, &["Alice"]).await;
    let other = bob.create_party("Another").await;
    let shown = bob
        .wait("a party", |event| match event {
            Event::PartyChanged { party: view } => Some(view.id),
            _ => None,
        })
        .await;
    assert_eq!(shown, other, "the left party was shown again");
}

#[tokio::test]
async fn codes_of_somebody_who_may_not_invite_any_more_are_withdrawn() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let options = InvitationOptions {
        role: Role::Admin,
        ..InvitationOptions::default()
    };
    let admin = alice.invite_with(party, options).await;
    let redemption = bob.redeem(&admin.code.to_text()).await;
    let pin = alice.pin(admin.id).await;
    bob.enter_pin(redemption, &pin).await;
    bob.joined(redemption).await;
    let his = bob.invite(party).await;
    let member = alice.member(party, "Bob").await;
    alice.send(Command::RemoveMember { party, member });
    bob.stage_of_invitation(his.id, "the end", |stage| {
        matches!(stage, InvitationStage::Revoked).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_is_a_member_already_is_told_before_any_pin() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    pair(&mut alice, &mut bob, party).await;
    let second = alice.invite(party).await;
    let code = Arc::new(InviteCode::parse(&second.code.to_text()).unwrap());
    let request = bob.send(Command::Redeem {
        code,
        allow_relay: false,
    });
    let failure = bob.failure(request).await;
    assert_eq!(failure, Failure::Redeem(RedeemError::AlreadyMember));
}

#[tokio::test]
async fn an_editor_cannot_invite_and_learns_it_before_a_code_exists() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    pair(&mut alice, &mut bob, party).await;
    let request = bob.send(Command::CreateInvitation {
        party,
        options: InvitationOptions::default(),
    });
    assert_eq!(bob.failure(request).await, Failure::NotAllowed);
}

#[tokio::test]
async fn three_invitations_run_at_once_each_with_its_own_person() {
    let mut alice = Peer::start("Alice").await;
    let party = alice.create_party("Choir").await;
    let other_party = alice.create_party("Flat").await;
    let mut rooms = Vec::new();
    for (name, party) in [("Bob", party), ("Carol", party), ("Dave", other_party)] {
        let mut invitee = Peer::start(name).await;
        let invitation = alice.invite(party).await;
        let redemption = invitee.redeem(&invitation.code.to_text()).await;
        rooms.push((invitee, invitation, redemption, party));
    }
    for (invitee, invitation, redemption, party) in rooms.iter_mut().rev() {
        let pin = alice.pin(invitation.id).await;
        invitee.enter_pin(*redemption, &pin).await;
        assert_eq!(invitee.joined(*redemption).await, *party);
        assert_eq!(alice.admitted(invitation.id).await, invitee.name);
    }
    alice.sees_members(party, &["Alice", "Bob", "Carol"]).await;
    rooms[0].0.sees_members(party, &["Alice", "Bob", "Carol"]).await;
}

#[tokio::test]
async fn a_profile_that_is_in_use_is_refused() {
    let alice = Peer::start("Alice").await;
    let config = Config {
        data_dir: alice.folder.path().join("profile"),
        network: NetworkMode::Loopback,
    };
    let mut second = WorkerHandle::spawn(config, || ()).unwrap();
    let first_event = second.next().await;
    assert!(matches!(
        first_event,
        Some(Event::Failed {
            request: None,
            failure: Failure::ProfileInUse
        })
    ));
    assert!(matches!(second.next().await, Some(Event::Stopped)));
}

#[tokio::test]
async fn six_inviters_and_six_invitees_at_once_all_succeed() {
    let pairing = |(inviter, invitee)| async move {
        let (mut alice, mut bob) = (Peer::start(inviter).await, Peer::start(invitee).await);
        let party = alice.create_party("Choir").await;
        pair(&mut alice, &mut bob, party).await;
        let mut names = [inviter, invitee];
        names.sort_unstable();
        alice.sees_members(party, &names).await;
        bob.sees_members(party, &names).await;
    };
    let pairs = [
        ("Alice", "Bob"),
        ("Carol", "Dave"),
        ("Erin", "Frank"),
        ("Grace", "Heidi"),
        ("Ivan", "Judy"),
        ("Mike", "Niaj"),
    ];
    let mut all: tokio::task::JoinSet<()> = pairs.into_iter().map(pairing).collect();
    while let Some(ended) = all.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test]
async fn of_five_invitees_with_one_code_one_is_let_in_and_the_others_are_told() {
    let mut alice = Peer::start("Alice").await;
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let mut first = Peer::start("Bob").await;
    let seat = first.redeem(&invitation.code.to_text()).await;
    let pin = alice.pin(invitation.id).await;
    let mut others = Vec::new();
    for name in ["Carol", "Dave", "Erin", "Frank"] {
        let mut other = Peer::start(name).await;
        let redemption = other.redeem(&invitation.code.to_text()).await;
        others.push((other, redemption));
    }
    for (other, redemption) in &mut others {
        other
            .stage(*redemption, "a place in the queue", |stage| {
                matches!(stage, RedemptionStage::Queued { .. }).then_some(())
            })
            .await;
    }
    first.enter_pin(seat, &pin).await;
    assert_eq!(first.joined(seat).await, party);
    for (other, redemption) in &mut others {
        assert_eq!(other.failed(*redemption).await, RedeemError::AlreadyUsed);
    }
    alice.sees_members(party, &["Alice", "Bob"]).await;
}

/// Bob comes into Alice's party.
async fn pair(alice: &mut Peer, bob: &mut Peer, party: PartyId) -> Arc<InvitationView> {
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    let pin = alice.pin(invitation.id).await;
    bob.enter_pin(redemption, &pin).await;
    assert_eq!(bob.joined(redemption).await, party);
    assert_eq!(alice.admitted(invitation.id).await, bob.name);
    invitation
}

#[tokio::test]
async fn who_left_with_everything_is_known_to_have_it() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    let pin = alice.pin(invitation.id).await;
    bob.enter_pin(redemption, &pin).await;
    bob.joined(redemption).await;
    alice.add_task(party, "Book the hut").await;
    bob.sees_task(party, "Book the hut").await;
    bob.stop().await;
    let left = |view: &PartyView| (view.sync.in_step, view.sync.behind, view.sync.left_in_step) == (0, 0, 1);
    alice.sees(party, "that Bob left with everything", left).await;
    // What is new since then he does not have.
    alice.add_task(party, "Bring the tent").await;
    let behind = |view: &PartyView| view.sync.left_in_step == 0;
    alice.sees(party, "that Bob lacks something", behind).await;
}
