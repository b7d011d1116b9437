//! Parties that one device of a person hands over to another: also large ones; and nobody else can.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::time::Duration;

use partyline::client::{Client, Config, InvitationOptions, NetworkMode, Protection};
use partyline::identity::{EndpointId, IdentityId, Keys};
use partyline::invitation::{InviteCode, Pin};
use partyline::net::{BAD_MESSAGE, CloseReason, Net, NetConfig, NetEvent, Protocol};
use partyline::party::sync::{Sync, SyncOutput};
use partyline::party::{Act, How, Op, Party, PartyId, Role};
use partyline::store::{Change, Protection as Unlock, Store};
use partyline::time::Timestamp;
use tempfile::TempDir;
use tokio::sync::mpsc;

/// Only a failing test waits for it.
const DEADLINE: Duration = Duration::from_secs(20);

async fn person(folder: &TempDir, name: &str) -> Client {
    let (data_dir, network) = (folder.path().join("profile"), NetworkMode::Loopback);
    let client = Client::open(Config { data_dir, network }).await.unwrap();
    client.create_profile(name, Protection::Unprotected).await.unwrap();
    client
}

/// The store of a profile whose program does not run.
fn store(folder: &TempDir) -> Store {
    let mut store = Store::open(&folder.path().join("profile")).unwrap();
    store.unlock(Unlock::Unprotected).unwrap();
    store
}

/// What is in it: the person's keys, and the ops of their parties.
fn stored(folder: &TempDir) -> (Keys, Vec<Op>) {
    let mut store = store(folder);
    let parties = store.load_ops().unwrap();
    let ops = parties.into_values().flat_map(|party| party.ops).collect();
    (store.keys().unwrap(), ops)
}

/// A party of the stranger's, into which they have put somebody who does not know of it.
fn den(keys: &Keys, somebody: IdentityId, known: &[Op]) -> Party {
    let mut rng = rand::rng();
    let (mut den, _) = Party::found(keys, "Bob", "Den", Timestamp::default(), &mut rng).unwrap();
    let founds = known.iter().find_map(|op| match op.act() {
        Act::Genesis {
            endpoint, certificate, ..
        } if op.author() == somebody => Some((op.device(), *endpoint, *certificate)),
        _ => None,
    });
    let (device, endpoint, certificate) = founds.unwrap();
    let admitted = Act::MemberAdmitted {
        member: somebody,
        role: Role::Editor,
        device,
        endpoint,
        certificate,
        invitation: [0; 16],
        how: How::Direct,
        evidence: [0; 64],
    };
    den.write(keys, admitted, Timestamp::default()).unwrap();
    den
}

/// Dials a device as the owner of these keys, sends it all this, and waits for how it ends.
async fn send(keys: &Keys, port: u16, to: EndpointId, outputs: Vec<SyncOutput>) -> CloseReason {
    let (sender, mut events) = mpsc::channel(64);
    let config = NetConfig::new(NetworkMode::Loopback);
    let net = Net::start(config, &keys.endpoint, sender, None).await.unwrap();
    let address = (std::net::Ipv4Addr::LOCALHOST, port).into();
    let link = net.connect(Protocol::Sync, to, vec![address], None).unwrap();
    let ends = async {
        let mut outputs = Some(outputs);
        loop {
            match events.recv().await.unwrap() {
                NetEvent::Opened { .. } => {
                    for output in outputs.take().unwrap_or_default() {
                        if let SyncOutput::Send(frame) = output {
                            net.send(link, frame).unwrap();
                        }
                    }
                }
                NetEvent::Closed { reason, .. } => return reason,
                _ => {}
            }
        }
    };
    tokio::time::timeout(DEADLINE, ends).await.unwrap()
}

#[tokio::test]
async fn a_member_who_is_somebody_else_hands_over_nothing() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (alice, bob) = (person(&here, "Alice").await, person(&there, "Bob").await);
    let home = alice.create_party("Home").await.unwrap();
    let invitation = alice.invite(home, InvitationOptions::default()).await.unwrap();
    let code = invitation.code();
    let mut redemption = bob.redeem(InviteCode::parse(&code.to_text()).unwrap()).await.unwrap();
    redemption.pin_requested().await.unwrap();
    let pin = Pin::parse(invitation.pin().await.unwrap().digits(), 6).unwrap();
    redemption.set_pin(pin).await.unwrap();
    redemption.done().await.unwrap();
    bob.close().await;

    let (keys, ops) = stored(&there);
    let den = den(&keys, alice.identity().unwrap(), &ops);
    let port = code.address_hints().next().unwrap().port();
    let handed = Sync::hand_over(&den).unwrap();
    let ended = send(&keys, port, code.endpoint(), handed).await;
    assert_eq!(ended, CloseReason::Code(BAD_MESSAGE));
    let known: Vec<_> = alice.parties().iter().map(|party| party.id).collect();
    assert_eq!(known, [home], "nothing has come of it");
}

/// Gives a party more names than an admission could carry.
fn rename_often(folder: &TempDir, party: PartyId) {
    let mut store = store(folder);
    let keys = store.keys().unwrap();
    let ops = store.load_ops().unwrap().remove(&party).unwrap().ops;
    let mut renamed = Party::load(ops).unwrap();
    let name = |number: usize| format!("{number:0>64}");
    let rename = |number| {
        let name = name(number);
        renamed
            .write(&keys, Act::Renamed { name }, Timestamp::default())
            .unwrap()
    };
    let ops = (1..=4_000).map(rename).collect();
    store.write(&[Change::AppendOps { party, ops }]).unwrap();
}

#[tokio::test]
async fn a_party_that_no_admission_could_carry_reaches_a_further_device() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let laptop = person(&here, "Alice").await;
    let large = laptop.create_party("Large").await.unwrap();
    laptop.close().await;
    rename_often(&here, large);
    let (data_dir, network) = (here.path().join("profile"), NetworkMode::Loopback);
    let laptop = Client::open(Config { data_dir, network }).await.unwrap();
    let phone = person(&there, "Nobody").await;
    let invitation = laptop.add_device().await.unwrap();
    let code = InviteCode::parse(&invitation.code().to_text()).unwrap();
    let mut redemption = phone.redeem(code).await.unwrap();
    redemption.pin_requested().await.unwrap();
    let pin = Pin::parse(invitation.pin().await.unwrap().digits(), 6).unwrap();
    redemption.set_pin(pin).await.unwrap();
    redemption.done().await.unwrap();
    let mut changes = phone.subscribe();
    let arrives = async {
        while phone.party(large).is_none() {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(DEADLINE, arrives).await.unwrap();
    assert_eq!(phone.party(large).unwrap().name, format!("{:0>64}", 4_000));
}
