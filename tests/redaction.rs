//! No log line holds a PIN, a code or a key, at the most talkative level, of this program or of any library that it uses.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use partyline::failure::Failure;
use partyline::invitation::PinNotice;
use partyline::store::{Protection, Store};
use tracing::level_filters::LevelFilter;

#[expect(dead_code, reason = "other tests use more of it")]
mod peer;

use peer::{Away, Peer};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Logs everything of this process from now on.
    fn of_everything() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

#[tokio::test]
async fn no_log_line_holds_a_pin_a_code_or_a_key() {
    let log = Log::of_everything();
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    let pin = alice.pin(invitation.id).await;
    bob.enter_wrong_pin(redemption, &pin).await;
    bob.notice(redemption, PinNotice::Wrong).await;
    bob.type_pin(redemption, &pin);
    assert_eq!(bob.joined(redemption).await, party);
    alice.add_task(party, "Print the scores").await;
    bob.sees_task(party, "Print the scores").await;
    // Failures tell much; they tell none of this either.
    let again = bob.send(partyline::worker::Command::Redeem {
        code: Arc::new(partyline::invitation::InviteCode::parse(&invitation.code.to_text()).unwrap()),
        allow_relay: false,
    });
    assert!(matches!(bob.failure(again).await, Failure::Redeem(_)));

    let mut secrets = vec![("the invitation's secret", invitation.code.secret().as_bytes().to_vec())];
    for away in [alice.stop().await, bob.stop().await] {
        secrets.extend(keys(&away));
    }
    let text = log.text();
    assert!(
        text.contains("partyline") && text.contains("iroh"),
        "something was logged"
    );
    let code = invitation.code.to_text();
    assert!(
        !text.contains(&code[20..60]) && !text.contains(&code.to_uppercase()[20..60]),
        "the code was logged"
    );
    for wrong_or_right in [pin.digits(), "123456", "654321"] {
        // On its own: the same digits within an id or a time mean nothing.
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        assert!(words.all(|word| word != wrong_or_right), "a PIN was logged");
    }
    for (what, bytes) in &secrets {
        for form in forms(&bytes[..8]) {
            assert!(!text.contains(&form), "{what} was logged");
        }
    }
}

/// The seeds of somebody's keys.
fn keys(away: &Away) -> Vec<(&'static str, Vec<u8>)> {
    let mut store = Store::open(&away.folder.path().join("profile")).unwrap();
    store.unlock(Protection::Unprotected).unwrap();
    let keys = store.keys().unwrap();
    vec![
        ("an identity's key", keys.identity.key().unwrap().seed().to_vec()),
        ("a device's key", keys.device.seed().to_vec()),
        ("an endpoint's key", keys.endpoint.seed().to_vec()),
    ]
}

/// How bytes are usually printed.
fn forms(bytes: &[u8]) -> Vec<String> {
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let list = format!("{bytes:?}");
    let list = list.trim_matches(['[', ']']).to_owned();
    vec![hex.to_uppercase(), hex, list, bytes.escape_ascii().to_string()]
}
