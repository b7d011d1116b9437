//! Two clients in one process share a note, a message and a file over loopback: `cargo run --example share`.

#![expect(clippy::print_stdout, reason = "an example tells what it does")]

use std::path::Path;

use partyline::client::{Client, ClientError, Config, InvitationOptions, NetworkMode, PartyView, Protection, SaveTo};
use partyline::party::PartyId;

async fn person(folder: &Path, name: &str) -> Result<Client, ClientError> {
    let config = Config {
        data_dir: folder.join(name),
        network: NetworkMode::Loopback,
    };
    let client = Client::open(config).await?;
    client.create_profile(name, Protection::Unprotected).await?;
    Ok(client)
}

/// Alice lets Bob in; the PIN goes from one to the other without a person.
async fn pair(alice: &Client, bob: &Client) -> Result<PartyId, ClientError> {
    let party = alice.create_party("Home").await?;
    let invitation = alice.invite(party, InvitationOptions::default()).await?;
    let provider = invitation.secret().provider();
    let mut redemption = bob.redeem_with(invitation.code(), provider).await?;
    redemption.done().await
}

/// Waits until the party looks as it should.
async fn until(client: &Client, party: PartyId, fits: impl Fn(&PartyView) -> bool) -> Result<(), ClientError> {
    let mut changes = client.subscribe();
    while !client.party(party).is_some_and(|view| fits(&view)) {
        changes.changed().await?;
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let alice = person(folder.path(), "Alice").await?;
    let bob = person(folder.path(), "Bob").await?;
    let party = pair(&alice, &bob).await?;

    let note = alice.add_note(party, "Menu").await?;
    until(&bob, party, |view| view.notes.len() == 1).await?;
    let mut alices = alice.open_note(party, note).await?;
    let mut bobs = bob.open_note(party, note).await?;
    alices.replace_all("Soup\n").await?;
    println!("Bob reads the menu: {:?}", bobs.changed().await?);
    bobs.replace_all("Soup\nCake\n").await?;
    println!("Alice reads the menu: {:?}", alices.changed().await?);

    let message = bob.send_message(party, "Is there coffee?").await?;
    until(&alice, party, |view| view.unread.messages == 1).await?;
    alice.reply(party, message, "Always").await?;
    alice.mark_read(party).await?;

    let recipe = folder.path().join("recipe.txt");
    std::fs::write(&recipe, "Flour, eggs, patience.")?;
    let file = alice.add_file(party, &recipe).await?;
    until(&bob, party, |view| view.files.len() == 1 && view.messages.len() == 2).await?;
    bob.fetch_file(party, file).await?;
    let copy = bob
        .save_file(party, file, SaveTo::Path(folder.path().join("copy.txt")))
        .await?;
    println!("Bob bakes with: {}", std::fs::read_to_string(copy)?);

    tokio::join!(alice.close(), bob.close());
    Ok(())
}
