//! Two clients in one process pair over loopback: `cargo run --example pair`.
//!
//! What stands between them in real life is marked: the code goes through a chat, the PIN by voice.

#![expect(clippy::print_stdout, reason = "an example tells what it does")]

use partyline::client::{Client, ClientError, Config, InvitationOptions, NetworkMode, Protection, secret_provider};
use partyline::invitation::{InviteCode, Pin};

/// The PIN as it is heard.
fn by_voice(pin: &Pin) -> Option<Pin> {
    Pin::parse(pin.digits(), 6).ok()
}

async fn person(folder: &std::path::Path, name: &str) -> Result<Client, ClientError> {
    let config = Config {
        data_dir: folder.join(name),
        network: NetworkMode::Loopback,
    };
    let client = Client::open(config).await?;
    client.create_profile(name, Protection::Unprotected).await?;
    Ok(client)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let alice = person(folder.path(), "Alice").await?;
    let bob = person(folder.path(), "Bob").await?;

    let party = alice.create_party("Home").await?;
    let invitation = alice.invite(party, InvitationOptions::default()).await?;
    let chat = invitation.code().to_text();
    println!("Alice sends the code: {}", *chat);

    let (provider, mut resolver) = secret_provider();
    let mut redemption = bob.redeem_with(InviteCode::parse(&chat)?, provider).await?;
    let (joined, admitted, ()) = tokio::join!(redemption.done(), invitation.done(), async {
        // Alice's side shows the PIN, Bob's side asks for it.
        if let (Ok(shown), Some(_request)) = (invitation.pin().await, resolver.requested().await)
            && let Some(heard) = by_voice(&shown)
        {
            println!("Alice reads the PIN aloud: {}", shown.digits());
            resolver.resolve(heard);
        }
    });
    println!("{} is in", admitted?.name);
    let party = bob.party(joined?).ok_or("Bob has the party")?;
    let members: Vec<_> = party
        .members
        .iter()
        .filter_map(|member| member.name.as_deref())
        .collect();
    println!("Bob sees {} with {}", party.name, members.join(" and "));

    tokio::join!(alice.close(), bob.close());
    Ok(())
}
