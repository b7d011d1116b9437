//! The library as another program uses it: two real clients of one process pair over loopback.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::string_slice,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::time::Duration;

use partyline::client::{
    Client, ClientError, Config, Invitation, InvitationOptions, NetworkMode, PartyView, Protection, Redemption,
    SecretGenerator, secret_provider,
};
use partyline::failure::Failure;
use partyline::invitation::{InvitationStage, InviteCode, Pin, PinNotice, RedeemError};
use partyline::party::{PartyId, TaskId};
use tempfile::TempDir;

#[path = "library/content.rs"]
mod content;
#[path = "library/nearby.rs"]
mod nearby;

/// Only a failing test waits for it.
const DEADLINE: Duration = Duration::from_secs(60);

struct Pair {
    alice: Client,
    bob: Client,
    party: PartyId,
    folder: TempDir,
}

async fn open(folder: &TempDir, name: &str) -> Client {
    let config = Config {
        data_dir: folder.path().join(name),
        network: NetworkMode::Loopback,
    };
    Client::open(config).await.unwrap()
}

async fn pair() -> Pair {
    let folder = tempfile::tempdir().unwrap();
    let alice = open(&folder, "Alice").await;
    alice.create_profile("Alice", Protection::Unprotected).await.unwrap();
    let bob = open(&folder, "Bob").await;
    bob.create_profile("Bob", Protection::Unprotected).await.unwrap();
    let party = alice.create_party("Home").await.unwrap();
    Pair {
        alice,
        bob,
        party,
        folder,
    }
}

impl Pair {
    async fn invite(&self) -> (Invitation, InviteCode) {
        let invitation = self
            .alice
            .invite(self.party, InvitationOptions::default())
            .await
            .unwrap();
        let code = InviteCode::parse(&invitation.code().to_text()).unwrap();
        (invitation, code)
    }

    async fn at_the_pin(&self) -> (Invitation, Redemption) {
        let (invitation, code) = self.invite().await;
        let redemption = self.bob.redeem(code).await.unwrap();
        redemption.pin_requested().await.unwrap();
        (invitation, redemption)
    }

    async fn admit_bob(&self) {
        let (invitation, mut redemption) = self.at_the_pin().await;
        redemption
            .set_pin(heard(&invitation.pin().await.unwrap()))
            .await
            .unwrap();
        assert_eq!(redemption.done().await.unwrap(), self.party);
        assert_eq!(invitation.done().await.unwrap().identity, self.bob.identity().unwrap());
    }

    async fn close(&self) {
        tokio::join!(self.alice.close(), self.bob.close());
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, work).await.expect("in time")
}

/// Waits until the party looks as it should.
async fn until(client: &Client, party: PartyId, fits: impl Fn(&PartyView) -> bool) {
    let mut changes = client.subscribe();
    while !client.party(party).is_some_and(|view| fits(&view)) {
        changes.changed().await.unwrap();
    }
}

fn has(task: TaskId) -> impl Fn(&PartyView) -> bool {
    move |party| party.tasks.iter().any(|seen| seen.id == task)
}

/// The same PIN as it is heard and typed.
fn heard(pin: &Pin) -> Pin {
    Pin::parse(pin.digits(), 6).unwrap()
}

/// A PIN that is not this one.
fn another(pin: &Pin) -> Pin {
    let first = if pin.digits().starts_with('1') { '2' } else { '1' };
    Pin::parse(&format!("{first}{}", &pin.digits()[1..]), 6).unwrap()
}

#[tokio::test]
async fn two_clients_pair_and_a_task_travels() {
    in_time(async {
        let pair = pair().await;
        pair.admit_bob().await;
        let task = pair.alice.add_task(pair.party, "Bring lemonade").await.unwrap();
        until(&pair.bob, pair.party, has(task)).await;
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_has_left_is_invited_again_and_both_see_what_is_added_at_once() {
    in_time(async {
        let pair = pair().await;
        pair.admit_bob().await;
        let before = pair.alice.add_task(pair.party, "Bring lemonade").await.unwrap();
        until(&pair.bob, pair.party, has(before)).await;

        pair.bob.leave_party(pair.party).await.unwrap();
        until(&pair.alice, pair.party, |party| party.members.len() == 1).await;
        let meanwhile = pair.alice.add_task(pair.party, "Sweep the terrace").await.unwrap();

        pair.admit_bob().await;
        let bobs = pair.bob.add_task(pair.party, "Hang up the lanterns").await.unwrap();
        let alices = pair.alice.add_task(pair.party, "Light the candles").await.unwrap();
        for (client, name) in [(&pair.alice, "Alice"), (&pair.bob, "Bob")] {
            for task in [before, meanwhile, bobs, alices] {
                until(client, pair.party, has(task)).await;
            }
            let party = client.party(pair.party).unwrap();
            assert_eq!(party.members.len(), 2, "as {name} sees it");
        }
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn generator_and_resolver_carry_a_wrong_pin_a_reset_and_the_right_one() {
    in_time(async {
        let pair = pair().await;
        let generator = SecretGenerator::new();
        let invitation = pair
            .alice
            .invite_with(pair.party, InvitationOptions::default(), generator.clone())
            .await
            .unwrap();
        let (provider, mut resolver) = secret_provider();
        let mut redemption = pair.bob.redeem_with(invitation.code(), provider).await.unwrap();
        let talking = async {
            assert_eq!(resolver.requested().await.unwrap().notice, None);
            let first = generator.pin().await.unwrap();
            resolver.resolve(another(&first));
            assert_eq!(resolver.requested().await.unwrap().notice, Some(PinNotice::Wrong));
            generator.reset_pin().await.unwrap();
            assert_eq!(resolver.requested().await.unwrap().notice, Some(PinNotice::Changed));
            let second = generator.pin().await.unwrap();
            resolver.resolve(heard(&second));
        };
        let (joined, admitted, ()) = tokio::join!(redemption.done(), invitation.done(), talking);
        assert_eq!(joined.unwrap(), pair.party);
        assert_eq!(admitted.unwrap().name, "Bob");
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_generators_own_provider_pairs_without_a_person() {
    in_time(async {
        let pair = pair().await;
        let (invitation, code) = pair.invite().await;
        let mut redemption = pair
            .bob
            .redeem_with(code, invitation.secret().provider())
            .await
            .unwrap();
        assert_eq!(redemption.done().await.unwrap(), pair.party);
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn each_side_hears_why_it_ended() {
    in_time(async {
        let pair = pair().await;
        let (invitation, mut redemption) = pair.at_the_pin().await;
        invitation.revoke().await.unwrap();
        let told = redemption.done().await.unwrap_err();
        assert!(
            matches!(
                told,
                ClientError::Failed(Failure::Redeem(RedeemError::Revoked | RedeemError::CancelledByInviter))
            ),
            "{told}"
        );
        let ended = invitation.done().await.unwrap_err();
        assert!(
            matches!(ended, ClientError::InvitationEnded(InvitationStage::Revoked)),
            "{ended}"
        );

        let (_invitation, mut redemption) = pair.at_the_pin().await;
        redemption.cancel().await.unwrap();
        redemption.cancel().await.unwrap();
        assert!(matches!(redemption.done().await, Err(ClientError::Cancelled)));
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_invitation_survives_its_handle_and_a_restart() {
    in_time(async {
        let pair = pair().await;
        let (invitation, code) = pair.invite().await;
        let id = invitation.id();
        drop(invitation);
        pair.alice.close().await;

        let alice = open(&pair.folder, "Alice").await;
        let invitation = alice.invitation(id).expect("the code is still open");
        assert_eq!(*invitation.code().to_text(), *code.to_text());
        let mut redemption = pair
            .bob
            .redeem_with(code, invitation.secret().provider())
            .await
            .unwrap();
        assert_eq!(redemption.done().await.unwrap(), pair.party);
        tokio::join!(alice.close(), pair.bob.close());
    })
    .await;
}

#[tokio::test]
async fn a_profile_opens_once() {
    in_time(async {
        let pair = pair().await;
        let config = Config {
            data_dir: pair.folder.path().join("Alice"),
            network: NetworkMode::Loopback,
        };
        let refused = Client::open(config).await.unwrap_err();
        assert!(
            matches!(refused, ClientError::Failed(Failure::ProfileInUse)),
            "{refused}"
        );
        pair.close().await;
        let again = open(&pair.folder, "Alice").await;
        assert_eq!(again.parties().len(), 1, "known as soon as it is open");
        again.close().await;
    })
    .await;
}
