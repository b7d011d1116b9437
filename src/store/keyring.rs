//! The operating system's keyring: keeps the master key, and is never waited for longer than it deserves.
//!
//! A keyring may ask the person to unlock it, or not answer at all. So every question runs on a thread of its own and has a
//! limit. When the limit has passed, the answer is "unavailable", and whatever the thread still does cannot harm: each
//! profile that is created has an entry of its own, which is written once and never replaced; one that is written too late
//! is deleted again.
//!
//! The key is kept as 64 hexadecimal digits, because some keyrings (KDE's wallet) keep only text.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use super::StoreError;
use super::seal::MasterKey;

/// The service under which all entries of this program are.
const SERVICE: &str = "partyline";
/// How long the keyring may take: long enough for a person to type the keyring's own password.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a keyring may take to say that it is there. No person is asked anything for that.
const PROBE_PATIENCE: Duration = Duration::from_secs(3);

/// Where a keyring is reached. Cheap to clone; connects at each question.
#[derive(Clone)]
pub struct Keyring {
    connect: Arc<dyn Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync>,
    patience: Duration,
}

impl Keyring {
    /// The one of this operating system and user.
    #[must_use]
    pub fn system() -> Self {
        Self {
            connect: Arc::new(connect_to_system),
            patience: PATIENCE,
        }
    }

    /// Another one, with another limit for each question. For tests.
    #[must_use]
    pub fn custom(
        connect: impl Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync + 'static,
        patience: Duration,
    ) -> Self {
        Self {
            connect: Arc::new(connect),
            patience,
        }
    }

    /// Whether it answers at all. Takes milliseconds as a rule, three seconds at most; asks the person nothing.
    #[must_use]
    pub fn available(&self) -> bool {
        let limit = self.patience.min(PROBE_PATIENCE);
        let answer = self.ask(limit, |keyring| {
            match keyring.build(SERVICE, "probe", None)?.get_password() {
                Ok(_) | Err(Error::NoEntry) => Ok(()),
                Err(error) => Err(error),
            }
        });
        answer.is_ok()
    }

    /// Keeps the master key of a new profile. The keyring has shown that it gives the key back when this returns.
    pub(super) fn keep(&self, profile: &[u8; 16], key: &MasterKey) -> Result<(), StoreError> {
        let user = user(profile);
        let text = to_hex(key.as_bytes());
        self.ask_or_undo(
            self.patience,
            {
                let user = user.clone();
                move |keyring| {
                    let entry = keyring.build(SERVICE, &user, None)?;
                    entry.set_password(&text)?;
                    let kept = Zeroizing::new(entry.get_password()?);
                    if *kept == *text {
                        Ok(())
                    } else {
                        Err(Error::BadStoreFormat("gives back something else".to_owned()))
                    }
                }
            },
            move |keyring| forget(keyring, &user),
        )
    }

    /// The master key of a profile. No entry is [`StoreError::KeyMissing`]: whoever asks has rows sealed with it.
    pub(super) fn fetch(&self, profile: &[u8; 16]) -> Result<MasterKey, StoreError> {
        let user = user(profile);
        let text = self.ask(self.patience, move |keyring| {
            match keyring.build(SERVICE, &user, None)?.get_password() {
                Ok(text) => Ok(Some(Zeroizing::new(text))),
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(error),
            }
        })?;
        text.and_then(|text| from_hex(&text))
            .map(MasterKey::from_bytes)
            .ok_or(StoreError::KeyMissing)
    }

    fn ask<T: Send + 'static>(
        &self,
        limit: Duration,
        question: impl FnOnce(&CredentialStore) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.ask_or_undo(limit, question, |_| {})
    }

    /// Asks on a named thread. `undo` runs there if the answer comes after the limit.
    fn ask_or_undo<T: Send + 'static>(
        &self,
        limit: Duration,
        question: impl FnOnce(&CredentialStore) -> keyring_core::Result<T> + Send + 'static,
        undo: impl FnOnce(&CredentialStore) + Send + 'static,
    ) -> Result<T, StoreError> {
        let connect = Arc::clone(&self.connect);
        // No capacity: the answer is either taken or the thread knows that it was not.
        let (answer, answers) = mpsc::sync_channel(0);
        thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || match connect() {
                Ok(keyring) => {
                    if answer.send(question(&*keyring)).is_err() {
                        undo(&*keyring);
                    }
                }
                Err(error) => {
                    if answer.send(Err(error)).is_err() {
                        tracing::debug!("the keyring failed after nobody waited for it any more");
                    }
                }
            })?;
        match answers.recv_timeout(limit) {
            Ok(Ok(value)) => Ok(value),
            // Display, not Debug: it has no content of an entry.
            Ok(Err(error)) => Err(StoreError::KeyringUnavailable(error.to_string())),
            Err(RecvTimeoutError::Timeout) => Err(StoreError::KeyringUnavailable("no answer".to_owned())),
            Err(RecvTimeoutError::Disconnected) => {
                Err(StoreError::KeyringUnavailable("the question panicked".to_owned()))
            }
        }
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// Whether this system's keyring answers; see [`Keyring::available`]. Asked at the first start, to offer the right choices.
#[must_use]
pub fn keyring_available() -> bool {
    Keyring::system().available()
}

/// Deletes an entry. It holds the key of a profile that does not exist, so a failure costs nobody anything.
fn forget(keyring: &CredentialStore, user: &str) {
    match keyring
        .build(SERVICE, user, None)
        .and_then(|entry: Entry| entry.delete_credential())
    {
        Ok(()) | Err(Error::NoEntry) => {}
        Err(error) => tracing::warn!(%error, "an unused entry stays in the keyring"),
    }
}

#[cfg(target_os = "linux")]
fn connect_to_system() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn connect_to_system() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn connect_to_system() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn connect_to_system() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Error::NoDefaultStore)
}

/// The name of a profile's entry.
fn user(profile: &[u8; 16]) -> String {
    format!("dmk:{}", *to_hex(profile))
}

fn to_hex(bytes: &[u8]) -> Zeroizing<String> {
    // With room for all of it: a buffer that grows would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16);
    text.extend(
        bytes
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
            .flatten(),
    );
    text
}

fn from_hex(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    if text.len() != 64 {
        return None;
    }
    let mut key = Zeroizing::new([0; 32]);
    let mut digits = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    for byte in key.iter_mut() {
        *byte = (digits.next()?? << 4) | digits.next()??;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::Receiver;

    use keyring_core::mock;

    use super::*;

    const PROFILE: [u8; 16] = [3; 16];

    fn mock_keyring() -> (Keyring, Arc<mock::Store>) {
        let store = mock::Store::new().unwrap();
        let shared = Arc::clone(&store);
        (
            Keyring::custom(move || Ok(Arc::clone(&shared) as Arc<CredentialStore>), PATIENCE),
            store,
        )
    }

    fn key() -> MasterKey {
        MasterKey::from_bytes(Zeroizing::new([0xab; 32]))
    }

    fn entry(store: &Arc<mock::Store>) -> Entry {
        (Arc::clone(store) as Arc<CredentialStore>)
            .build(SERVICE, "dmk:03030303030303030303030303030303", None)
            .unwrap()
    }

    #[test]
    fn key_comes_back_and_is_missed_when_it_is_gone() {
        let (keyring, store) = mock_keyring();
        assert!(keyring.available());
        assert!(matches!(keyring.fetch(&PROFILE), Err(StoreError::KeyMissing)));
        keyring.keep(&PROFILE, &key()).unwrap();
        assert_eq!(entry(&store).get_password().unwrap(), "ab".repeat(32));
        assert_eq!(keyring.fetch(&PROFILE).unwrap().as_bytes(), key().as_bytes());
        entry(&store).delete_credential().unwrap();
        assert!(matches!(keyring.fetch(&PROFILE), Err(StoreError::KeyMissing)));
    }

    #[test]
    fn entry_that_is_no_key_is_a_missing_key() {
        let (keyring, store) = mock_keyring();
        for text in ["", "ab", &"ab".repeat(33), &"zz".repeat(32), &"é".repeat(32)] {
            entry(&store).set_password(text).unwrap();
            assert!(matches!(keyring.fetch(&PROFILE), Err(StoreError::KeyMissing)), "{text}");
        }
    }

    #[test]
    fn failing_keyring_is_unavailable_and_not_an_empty_one() {
        let (keyring, store) = mock_keyring();
        let fail = || {
            let entry = entry(&store);
            let cred: &mock::Cred = entry.as_any().downcast_ref().unwrap();
            cred.set_error(Error::NoStorageAccess("locked".into()));
        };
        fail();
        assert!(matches!(
            keyring.fetch(&PROFILE),
            Err(StoreError::KeyringUnavailable(_))
        ));
        fail();
        assert!(matches!(
            keyring.keep(&PROFILE, &key()),
            Err(StoreError::KeyringUnavailable(_))
        ));

        let absent = Keyring::custom(|| Err(Error::NoDefaultStore), PATIENCE);
        assert!(!absent.available());
        assert!(matches!(absent.fetch(&PROFILE), Err(StoreError::KeyringUnavailable(_))));
        let broken = Keyring::custom(|| panic!("a bug in the keyring's crate"), PATIENCE);
        assert!(matches!(broken.fetch(&PROFILE), Err(StoreError::KeyringUnavailable(_))));
    }

    #[test]
    fn silent_keyring_is_given_up_and_what_it_does_too_late_is_undone() {
        let (prompt_answered, wait): (_, Receiver<()>) = mpsc::channel();
        let wait = Mutex::new(wait);
        let store = mock::Store::new().unwrap();
        let shared = Arc::clone(&store);
        let connect = move || {
            wait.lock().unwrap().recv().unwrap();
            Ok(Arc::clone(&shared) as Arc<CredentialStore>)
        };
        let keyring = Keyring::custom(connect, Duration::from_millis(1));
        assert!(!keyring.available());
        let (done, is_done) = mpsc::channel();
        let undone = keyring.ask_or_undo(
            keyring.patience,
            |keyring| {
                keyring
                    .build(SERVICE, "dmk:03030303030303030303030303030303", None)?
                    .set_password("late")
            },
            move |keyring| {
                forget(keyring, "dmk:03030303030303030303030303030303");
                done.send(()).unwrap();
            },
        );
        assert!(matches!(undone, Err(StoreError::KeyringUnavailable(_))));
        prompt_answered.send(()).unwrap();
        prompt_answered.send(()).unwrap();
        is_done.recv().unwrap();
        assert!(matches!(entry(&store).get_password(), Err(Error::NoEntry)));
    }

    #[test]
    fn debug_of_a_keyring_shows_no_entry() {
        let (keyring, _) = mock_keyring();
        keyring.keep(&PROFILE, &key()).unwrap();
        assert!(!format!("{keyring:?}").contains("ab"));
    }
}
