//! One person with several devices: real clients of one process over loopback.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::time::Duration;

use partyline::client::{Client, ClientError, Config, InvitationOptions, KeyView, NetworkMode, Presence, Protection};
use partyline::failure::Failure;
use partyline::identity::{PHRASE_WORDS, RecoveryPhrase};
use partyline::invitation::{InviteCode, Pin, RedeemError};
use partyline::party::{PartyId, Role};
use tempfile::TempDir;

/// Only a failing test waits for it.
const DEADLINE: Duration = Duration::from_secs(60);

/// A device with a client on it.
struct Device {
    client: Client,
    folder: TempDir,
}

impl Device {
    /// A new profile, of a person or of nobody yet.
    async fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let device = Self {
            client: open(&folder).await,
            folder,
        };
        device
            .client
            .create_profile(name, Protection::Unprotected)
            .await
            .unwrap();
        device
    }

    async fn off(self) -> TempDir {
        self.client.close().await;
        self.folder
    }

    async fn on(folder: TempDir) -> Self {
        let client = open(&folder).await;
        Self { client, folder }
    }

    /// Waits until the client shows this.
    async fn sees(&self, what: &str, mut shown: impl FnMut(&Client) -> bool) {
        let mut changes = self.client.subscribe();
        let seen = async {
            while !shown(&self.client) {
                changes.changed().await.unwrap();
            }
        };
        tokio::time::timeout(DEADLINE, seen)
            .await
            .unwrap_or_else(|_late| unreachable(what));
    }

    async fn sees_task(&self, party: PartyId, title: &str) {
        self.sees(title, |client| {
            let party = client.party(party);
            party.is_some_and(|party| party.tasks.iter().any(|task| task.title == title))
        })
        .await;
    }

    async fn sees_message(&self, party: PartyId, text: &str) {
        self.sees(text, |client| {
            let party = client.party(party);
            party.is_some_and(|party| party.messages.iter().any(|message| message.text == text))
        })
        .await;
    }

    async fn sees_party(&self, name: &str) -> PartyId {
        self.sees(name, |client| client.parties().iter().any(|party| party.name == name))
            .await;
        let parties = self.client.parties();
        parties.iter().find(|party| party.name == name).unwrap().id
    }

    async fn is_out_of(&self, party: PartyId) {
        let is_out = |client: &Client| client.party(party).is_some_and(|party| party.role.is_none());
        self.sees("that it is out", is_out).await;
    }

    async fn sees_devices(&self, count: usize) {
        let shown = |client: &Client| client.devices().is_some_and(|known| known.devices.len() == count);
        self.sees("its devices", shown).await;
    }

    async fn add_task(&self, party: PartyId, title: &str) {
        self.client.add_task(party, title).await.unwrap();
    }

    /// The id of a device by its place in the list.
    fn device(&self, place: usize) -> partyline::identity::DeviceId {
        self.client.devices().unwrap().devices[place].device
    }
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn unreachable(what: &str) {
    panic!("waited too long for {what}");
}

async fn open(folder: &TempDir) -> Client {
    let data_dir = folder.path().join("profile");
    let network = NetworkMode::Loopback;
    Client::open(Config { data_dir, network }).await.unwrap()
}

/// Adds a device with code and PIN.
async fn add(old: &Device, new: &Device) {
    let invitation = old.client.add_device().await.unwrap();
    let code = InviteCode::parse(&invitation.code().to_text()).unwrap();
    let mut redemption = new.client.redeem(code).await.unwrap();
    redemption.pin_requested().await.unwrap();
    redemption
        .set_pin(heard(&invitation.pin().await.unwrap()))
        .await
        .unwrap();
    redemption.done().await.unwrap();
    invitation.done().await.unwrap();
}

/// Lets somebody into a party with code and PIN.
async fn invite(inviter: &Device, party: PartyId, invitee: &Device, role: Role) {
    let options = InvitationOptions {
        role,
        ..InvitationOptions::default()
    };
    let invitation = inviter.client.invite(party, options).await.unwrap();
    let code = InviteCode::parse(&invitation.code().to_text()).unwrap();
    let mut redemption = invitee.client.redeem(code).await.unwrap();
    redemption.pin_requested().await.unwrap();
    redemption
        .set_pin(heard(&invitation.pin().await.unwrap()))
        .await
        .unwrap();
    assert_eq!(redemption.done().await.unwrap(), party);
}

fn heard(pin: &Pin) -> Pin {
    Pin::parse(pin.digits(), 6).unwrap()
}

#[tokio::test]
async fn a_further_device_has_everything_and_both_stay_in_step() {
    let (laptop, bob) = (Device::new("Alice").await, Device::new("Bob").await);
    let home = laptop.client.create_party("Home").await.unwrap();
    laptop.add_task(home, "Water the plants").await;
    invite(&laptop, home, &bob, Role::Editor).await;
    bob.client.send_message(home, "Who has the key?").await.unwrap();
    laptop.sees_message(home, "Who has the key?").await;

    let phone = Device::new("Nobody").await;
    add(&laptop, &phone).await;
    assert_eq!(phone.client.identity(), laptop.client.identity());
    phone.sees_task(home, "Water the plants").await;
    let party = phone.client.party(home).unwrap();
    assert_eq!((party.role, party.members.len()), (Some(Role::Owner), 2));
    phone.sees_message(home, "Who has the key?").await;
    assert_eq!(
        phone.client.party(home).unwrap().unread.messages,
        0,
        "older than the device"
    );
    bob.client.send_message(home, "I have it.").await.unwrap();
    phone.sees_message(home, "I have it.").await;
    assert_eq!(phone.client.party(home).unwrap().unread.messages, 1);
    phone.add_task(home, "From the phone").await;
    laptop.sees_task(home, "From the phone").await;
    bob.sees_task(home, "From the phone").await;
    let author = bob.client.party(home).unwrap().tasks[1].author;
    assert_eq!(
        Some(author),
        laptop.client.identity(),
        "for others it is the same person"
    );

    laptop.client.rename_self("Alice L.").await.unwrap();
    phone
        .sees("the new name", |client| {
            let party = client.party(home).unwrap();
            party.members[0].name.as_deref() == Some("Alice L.")
        })
        .await;

    // What it is survives the program.
    let identity = laptop.client.identity();
    let phone = Device::on(phone.off().await).await;
    assert_eq!(phone.client.identity(), identity);
    assert_eq!(
        phone.client.parties().len(),
        1,
        "where the devices meet is not shown as a party"
    );
    laptop.add_task(home, "After the restart").await;
    phone.sees_task(home, "After the restart").await;
}

#[tokio::test]
async fn what_one_device_comes_into_later_reaches_the_others() {
    let (laptop, bob) = (Device::new("Alice").await, Device::new("Bob").await);
    let phone = Device::new("Nobody").await;
    add(&laptop, &phone).await;
    assert!(phone.client.parties().is_empty());

    let founded = laptop.client.create_party("Founded on the laptop").await.unwrap();
    assert_eq!(phone.sees_party("Founded on the laptop").await, founded);
    let founded = phone.client.create_party("Founded on the phone").await.unwrap();
    assert_eq!(laptop.sees_party("Founded on the phone").await, founded);

    let club = bob.client.create_party("Club").await.unwrap();
    bob.add_task(club, "Read chapter 3").await;
    invite(&bob, club, &phone, Role::Editor).await;
    assert_eq!(laptop.sees_party("Club").await, club);
    laptop.sees_task(club, "Read chapter 3").await;
    laptop.add_task(club, "Chapter 4").await;
    bob.sees_task(club, "Chapter 4").await;
    let members = bob.client.party(club).unwrap().members.clone();
    assert_eq!((members.len(), members[1].devices.len()), (2, 2));
}

#[tokio::test]
async fn a_device_that_was_away_learns_of_the_others() {
    let laptop = Device::new("Alice").await;
    let home = laptop.client.create_party("Home").await.unwrap();
    let phone = Device::new("Nobody").await;
    add(&laptop, &phone).await;
    let phone = phone.off().await;
    let tablet = Device::new("Nobody").await;
    add(&laptop, &tablet).await;
    tablet.sees_devices(3).await;
    tablet.add_task(home, "From the tablet").await;
    laptop.sees_task(home, "From the tablet").await;
    let laptop = laptop.off().await;

    // The tablet knows the phone from the log; the phone does not know the tablet yet.
    let phone = Device::on(phone).await;
    assert_eq!(phone.client.devices().unwrap().devices.len(), 2);
    let laptop = Device::on(laptop).await;
    phone.sees_task(home, "From the tablet").await;
    phone.sees_devices(3).await;
    drop(laptop);
}

#[tokio::test]
async fn a_lost_device_is_out_of_everything() {
    let (laptop, bob) = (Device::new("Alice").await, Device::new("Bob").await);
    let home = laptop.client.create_party("Home").await.unwrap();
    invite(&laptop, home, &bob, Role::Editor).await;
    let phone = Device::new("Nobody").await;
    add(&laptop, &phone).await;
    let work = phone.client.create_party("Work").await.unwrap();
    laptop.sees_party("Work").await;
    bob.sees("both devices", |client| {
        client
            .party(home)
            .is_some_and(|party| party.members[0].devices.len() == 2)
    })
    .await;
    let (own, lost) = (laptop.device(0), laptop.device(1));
    assert!(matches!(
        laptop.client.remove_device(own).await,
        Err(ClientError::Failed(Failure::ThisDevice))
    ));
    let lost_phone = phone.off().await;
    laptop.client.remove_device(lost).await.unwrap();
    assert!(matches!(
        laptop.client.remove_device(lost).await,
        Err(ClientError::Failed(Failure::DeviceUnknown))
    ));
    assert_eq!(laptop.client.devices().unwrap().devices.len(), 1);
    laptop.add_task(home, "Buy a new phone").await;
    bob.sees_task(home, "Buy a new phone").await;

    let thief = Device::on(lost_phone).await;
    thief.is_out_of(home).await;
    thief.is_out_of(work).await;
    assert!(thief.client.add_task(home, "Hello").await.is_err());
    assert!(
        thief.client.party(home).unwrap().tasks.is_empty(),
        "it is told that it is out, and nothing else"
    );
    let later = laptop.client.create_party("Later").await.unwrap();
    laptop.add_task(later, "Secret").await;
    assert_eq!(laptop.client.party(later).unwrap().members[0].devices.len(), 1);
    assert!(thief.client.add_device().await.is_err(), "the key is not on it");
}

#[tokio::test]
async fn only_a_profile_without_parties_becomes_a_device() {
    let (laptop, other) = (Device::new("Alice").await, Device::new("Bob").await);
    other.client.create_party("Mine").await.unwrap();
    let invitation = laptop.client.add_device().await.unwrap();
    let code = InviteCode::parse(&invitation.code().to_text()).unwrap();
    let refused = other.client.redeem(code).await.err();
    assert!(matches!(
        refused,
        Some(ClientError::Failed(Failure::Redeem(RedeemError::HasParties)))
    ));
}

#[tokio::test]
async fn a_profile_that_waits_for_a_party_does_not_become_a_device() {
    let (laptop, bob) = (Device::new("Alice").await, Device::new("Bob").await);
    let new = Device::new("Nobody").await;
    let party = bob.client.create_party("Bob's").await.unwrap();
    let invitation = bob.client.invite(party, InvitationOptions::default()).await.unwrap();
    let code = InviteCode::parse(&invitation.code().to_text()).unwrap();
    let waiting = new.client.redeem(code).await.unwrap();

    let device = laptop.client.add_device().await.unwrap();
    let code = || InviteCode::parse(&device.code().to_text()).unwrap();
    let refused = new.client.redeem(code()).await.err();
    assert!(matches!(
        refused,
        Some(ClientError::Failed(Failure::Redeem(RedeemError::OthersUnderWay)))
    ));
    waiting.cancel().await.unwrap();
    new.client.redeem(code()).await.unwrap();
}

#[tokio::test]
async fn the_list_shows_names_and_who_is_there() {
    let laptop = Device::new("Alice").await;
    assert_eq!(laptop.client.devices().unwrap().devices.len(), 1);
    let phone = Device::new("Nobody").await;
    add(&laptop, &phone).await;
    // Each gives itself the name of its machine.
    let is_named = |client: &Client| client.devices().unwrap().devices.iter().all(|one| one.name.is_some());
    laptop.sees("a name for each", is_named).await;
    laptop.client.rename_device(laptop.device(1), "Phone").await.unwrap();
    phone.client.rename_device(phone.device(0), "Laptop").await.unwrap();
    let is_told = |client: &Client| {
        let known = client.devices().unwrap();
        let names: Vec<_> = known.devices.iter().map(|one| one.name.as_deref()).collect();
        names == [Some("Laptop"), Some("Phone")]
            && known
                .devices
                .iter()
                .filter(|one| one.presence == Presence::Online)
                .count()
                == 1
    };
    laptop.sees("the names", is_told).await;
    phone.sees("the names", is_told).await;
    let _phone = phone.off().await;
    let is_away = |client: &Client| {
        let known = client.devices().unwrap();
        matches!(known.devices[1].presence, Presence::Offline(_))
    };
    laptop.sees("that the phone is away", is_away).await;
}

/// The words that somebody has on paper.
async fn paper(device: &Device) -> RecoveryPhrase {
    let phrase = device.client.phrase().await.unwrap();
    let words: Vec<&str> = phrase.words().collect();
    assert_eq!(words.len(), PHRASE_WORDS);
    device.client.confirm_phrase().await.unwrap();
    RecoveryPhrase::read(&words.join(" ")).unwrap()
}

async fn recovered(name: &str, phrase: RecoveryPhrase) -> Device {
    let folder = tempfile::tempdir().unwrap();
    let client = open(&folder).await;
    let protection = Protection::Unprotected;
    client.recover_profile(name, protection, phrase).await.unwrap();
    Device { client, folder }
}

#[tokio::test]
async fn a_phrase_is_shown_until_it_is_written_down() {
    let laptop = Device::new("Alice").await;
    assert_eq!(laptop.client.devices().unwrap().key, KeyView::Unwritten);
    laptop.client.phrase().await.unwrap();
    paper(&laptop).await;
    assert_eq!(laptop.client.devices().unwrap().key, KeyView::Written);
    let laptop = Device::on(laptop.off().await).await;
    let again = laptop.client.phrase().await.err();
    assert!(matches!(again, Some(ClientError::Failed(Failure::PhraseWritten))));
}

#[tokio::test]
async fn a_member_lets_somebody_back_in_who_has_only_a_phrase() {
    let (laptop, bob) = (Device::new("Alice").await, Device::new("Bob").await);
    let club = laptop.client.create_party("Club").await.unwrap();
    laptop.add_task(club, "Read chapter 3").await;
    invite(&laptop, club, &bob, Role::Admin).await;
    bob.sees_task(club, "Read chapter 3").await;
    let (phrase, identity) = (paper(&laptop).await, laptop.client.identity());
    let lost = laptop.device(0);
    drop(laptop.off().await);

    let new = recovered("Alice", phrase).await;
    assert_eq!(new.client.identity(), identity);
    assert!(new.client.parties().is_empty(), "no server keeps a party");
    invite(&bob, club, &new, Role::Editor).await;
    new.sees_task(club, "Read chapter 3").await;
    assert_eq!(
        new.client.party(club).unwrap().role,
        Some(Role::Owner),
        "the role from before"
    );
    new.add_task(club, "Back again").await;
    bob.sees_task(club, "Back again").await;
    let members = bob.client.party(club).unwrap().members.clone();
    assert_eq!((members.len(), members[0].devices.len()), (2, 2));

    new.client.remove_device(lost).await.unwrap();
    bob.sees("that the lost laptop is out", |client| {
        client
            .party(club)
            .is_some_and(|party| party.members[0].devices.len() == 1)
    })
    .await;
}

#[tokio::test]
async fn another_device_of_the_person_brings_the_other_parties_back() {
    let laptop = Device::new("Alice").await;
    let club = laptop.client.create_party("Club").await.unwrap();
    let phone = Device::new("Nobody").await;
    add(&laptop, &phone).await;
    let diary = laptop.client.create_party("Diary").await.unwrap();
    phone.sees_party("Diary").await;
    laptop.add_task(diary, "Dear diary").await;
    phone.sees_task(diary, "Dear diary").await;
    let phrase = paper(&laptop).await;
    drop(laptop.off().await);

    let new = recovered("Alice", phrase).await;
    // The phone has no key to add it with, but it may invite into any party that it is in.
    invite(&phone, club, &new, Role::Reader).await;
    assert_eq!(new.sees_party("Diary").await, diary);
    new.sees_task(diary, "Dear diary").await;
    new.sees_devices(3).await;
}

#[tokio::test]
async fn the_phrase_lets_a_further_device_add_devices() {
    let laptop = Device::new("Alice").await;
    let phone = Device::new("Nobody").await;
    add(&laptop, &phone).await;
    assert_eq!(phone.client.devices().unwrap().key, KeyView::Elsewhere);
    let refused = phone.client.add_device().await.err();
    assert!(matches!(refused, Some(ClientError::Failed(Failure::IdentityElsewhere))));

    let (phrase, stranger) = (paper(&laptop).await, Device::new("Mallory").await);
    let wrong = phone.client.hold_identity(paper(&stranger).await).await.err();
    assert!(matches!(wrong, Some(ClientError::Failed(Failure::PhraseOfAnother))));
    phone.client.hold_identity(phrase).await.unwrap();
    let phone = Device::on(phone.off().await).await;
    assert_eq!(phone.client.devices().unwrap().key, KeyView::Written);
    let tablet = Device::new("Nobody").await;
    add(&phone, &tablet).await;
    laptop.sees_devices(3).await;
}
