//! How long two people wait for their programs: from the click on Redeem to the PIN on the inviter's screen, and from the
//! PIN's last digit to the membership on both screens.
//!
//! Two whole workers each time, with new profiles on disk, over real endpoints. *Near*: both in this process, over
//! loopback. *Far*: with 100 ms to the other and back, see `pairing/far.rs`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on fails by panicking"
)]

#[path = "pairing/far.rs"]
mod far;
#[path = "figure/mod.rs"]
#[expect(
    dead_code,
    reason = "shared with benches that take their samples one after the other"
)]
mod figure;
#[path = "../tests/peer/mod.rs"]
#[expect(dead_code, reason = "shared with tests/two_peers.rs")]
mod peer;

use std::time::Duration;

use figure::{Figure, now, runs, say};
use peer::Peer;

/// How often each pair is measured.
const RUNS: usize = 60;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    if far::is_invitee() {
        return runtime.block_on(far::invitee());
    }
    if figure::is_wanted("near") {
        runtime.block_on(near());
    }
    if figure::is_wanted("far") {
        match far::wall() {
            Ok(wall) => runtime.block_on(far(wall)),
            Err(why) => say(&format!(
                "SKIPPED: no far pair, as there is no network namespace here: {why}"
            )),
        }
    }
}

/// Both over loopback.
async fn near() {
    let aim = Some(Duration::from_millis(10));
    let mut pin_shown = Figure::new("Redeem pressed to PIN shown, loopback", aim);
    let mut member = Figure::new("PIN entered to member on both sides, loopback", aim);
    for _ in 0..runs(RUNS) {
        let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
        let party = alice.create_party("Choir").await;
        let invitation = alice.invite(party).await;
        let code = invitation.code.to_text();

        let pressed = now();
        let redemption = bob.redeem(&code).await;
        let pin = alice.pin(invitation.id).await;
        pin_shown.add(pressed.elapsed());

        bob.field(redemption).await;
        let entered = now();
        bob.type_pin(redemption, &pin);
        tokio::join!(bob.joined(redemption), alice.admitted(invitation.id));
        member.add(entered.elapsed());
        tokio::join!(alice.stop(), bob.stop());
    }
    pin_shown.print(None);
    member.print(None);
}

/// With the delay between them.
async fn far(wall: far::Wall) {
    let trip = far::ROUND_TRIP;
    let mut pin_shown = Figure::new(
        "Redeem pressed to PIN shown, 100 ms away",
        Some(trip * 5 / 2 + Duration::from_millis(10)),
    );
    let mut member = Figure::new(
        "PIN entered to member on both sides, 100 ms away",
        Some(trip * 4 + Duration::from_millis(10)),
    );
    for _ in 0..runs(RUNS) {
        let mut alice = Peer::start("Alice").await;
        let party = alice.create_party("Choir").await;
        let invitation = alice.invite(party).await;
        let mut bob = far::Bob::start(wall, &invitation.code);

        let pressed = now();
        bob.tell(&format!("redeem {}", *bob.code));
        let pin = alice.pin(invitation.id).await;
        pin_shown.add(pressed.elapsed());

        bob.hear("field");
        let entered = now();
        bob.tell(&format!("pin {}", pin.digits()));
        alice.admitted(invitation.id).await;
        bob.hear("joined");
        member.add(entered.elapsed());
        drop(bob);
        alice.stop().await;
    }
    pin_shown.print(Some(trip));
    member.print(Some(trip));
}
