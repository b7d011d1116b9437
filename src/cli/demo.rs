//! `demo --headless`: Alice and Bob, two workers and two temporary profiles in one process, from the first code to a task
//! each way. What the window's demo shows, told step by step; a quick check that everything works on this machine.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::json::Report;
use super::output::Output;
use super::problem::{Ending, Slip};
use super::temporary::TemporaryFolder;
use crate::client::{Client, ClientError, Config, InvitationOptions, NetworkMode, Protection};
use crate::invitation::InviteCode;
use crate::party::PartyId;
use crate::worker::PartyView;

/// For the whole run. It takes a second or two.
const LIMIT: Duration = Duration::from_secs(30);
const PARTY: &str = "Garden party";

/// Plays the demo.
///
/// # Errors
/// [`Slip::DemoFailed`] with the step; [`Ending::OutputClosed`].
pub(super) async fn headless(output: Output) -> Result<(), Ending> {
    let folder = TemporaryFolder::new("demo").map_err(|_refused| Slip::DemoFolder)?;
    let mut play = Play {
        output,
        step: "starting",
    };
    let played = tokio::time::timeout(LIMIT, play.all(folder.path())).await;
    let failed = |reason: String| {
        Slip::DemoFailed {
            step: play.step.to_owned(),
            reason,
        }
        .into()
    };
    match played {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Ending::OutputClosed)) => Err(Ending::OutputClosed),
        Ok(Err(ending)) => Err(failed(
            ending
                .problem()
                .map_or_else(|| "it was cancelled.".to_owned(), |problem| problem.sentence),
        )),
        Err(_elapsed) => Err(failed(format!("{} seconds have passed.", LIMIT.as_secs()))),
    }
}

/// One run, and which step it is at.
struct Play {
    output: Output,
    step: &'static str,
}

impl Play {
    async fn all(&mut self, folder: &Path) -> Result<(), Ending> {
        let alice = self.profile(folder, "Alice").await?;
        let bob = self.profile(folder, "Bob").await?;

        self.step = "Alice creates a party";
        let party = alice.create_party(PARTY).await?;
        self.tell("Alice", format!("creates a party: {PARTY}"))?;

        self.pair(&alice, &bob, party).await?;

        self.step = "a task travels from Alice to Bob";
        self.carry(("Alice", &alice), ("Bob", &bob), party, "Bring lemonade")
            .await?;
        self.step = "a task travels from Bob to Alice";
        self.carry(("Bob", &bob), ("Alice", &alice), party, "Hang up the lanterns")
            .await?;

        self.step = "closing";
        tokio::join!(alice.close(), bob.close());
        self.tell("Demo", "all went well".to_owned())
    }

    async fn profile(&mut self, folder: &Path, name: &'static str) -> Result<Client, Ending> {
        self.step = "opening the profiles";
        let config = Config {
            data_dir: folder.join(name),
            network: NetworkMode::Loopback,
        };
        let client = Client::open(config).await?;
        client.create_profile(name, Protection::Unprotected).await?;
        self.tell(name, "is here, with a profile that ends with the demo".to_owned())?;
        Ok(client)
    }

    async fn pair(&mut self, alice: &Client, bob: &Client, party: PartyId) -> Result<(), Ending> {
        self.step = "Alice invites";
        let invitation = alice.invite(party, InvitationOptions::default()).await?;
        // As it goes through a chat: text.
        let sent = invitation.code().to_text();
        self.tell("Alice", format!("invites, and sends the code: {}", *sent))?;

        self.step = "Bob redeems the code";
        let received = InviteCode::parse(&sent).map_err(ClientError::from)?;
        let mut redemption = bob.redeem(received).await?;
        self.tell("Bob", "redeems it".to_owned())?;

        self.step = "Alice sees a PIN";
        let pin = invitation.pin().await?;
        self.tell(
            "Alice",
            format!("sees a device and a PIN, and says it aloud: {}", pin.digits()),
        )?;

        self.step = "Bob enters the PIN";
        redemption.pin_requested().await?;
        redemption.set_pin(pin).await?;
        self.tell("Bob", "types the PIN".to_owned())?;

        self.step = "both become members";
        let member = invitation.done().await?;
        let joined = redemption.done().await?;
        if joined != party {
            return Err(crate::failure::Failure::Internal.into());
        }
        let both = |view: &PartyView| {
            view.members
                .iter()
                .filter_map(|member| member.name.as_deref())
                .eq(["Alice", "Bob"])
        };
        until(alice, party, both).await?;
        until(bob, party, both).await?;
        self.tell("Alice", format!("has let {} in", member.name))?;
        self.tell("Bob", format!("is in {PARTY}, with Alice"))
    }

    async fn carry(
        &self,
        (writer, from): (&'static str, &Client),
        (reader, to): (&'static str, &Client),
        party: PartyId,
        title: &str,
    ) -> Result<(), Ending> {
        let task = from.add_task(party, title).await?;
        self.tell(writer, format!("adds a task: {title}"))?;
        until(to, party, |view| {
            view.tasks.iter().any(|seen| seen.id == task && seen.title == title)
        })
        .await?;
        self.tell(reader, "sees it".to_owned())
    }

    fn tell(&self, who: &'static str, step: String) -> Result<(), Ending> {
        self.output.report(&Report::DemoStep { who, step })
    }
}

/// Waits until the party looks as it should.
async fn until(client: &Client, party: PartyId, fits: impl Fn(&PartyView) -> bool) -> Result<(), Ending> {
    let mut changes = client.subscribe();
    let now = |client: &Client| client.party(party).as_ref().map(Arc::clone);
    while !now(client).is_some_and(|view| fits(&view)) {
        changes.changed().await?;
    }
    Ok(())
}
