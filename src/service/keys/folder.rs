//! The folder of the key files. Each file is written whole and synced before it counts.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::CryptoRng;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use rsa::pkcs8::EncodePrivateKey as _;
use zeroize::Zeroizing;

use super::signing::{SigningKey, SigningKeys};
use super::{Keys, MacKeys};
use crate::service::client::SigningAlgorithm;
use crate::service::private;

/// Bits of an RSA key: the least that RFC 7518 (3.3) allows, as its signatures are the slowest.
const RSA_BITS: usize = 2048;

const SIGNING: [SigningAlgorithm; 3] = [
    SigningAlgorithm::Es256,
    SigningAlgorithm::Rs256,
    SigningAlgorithm::EdDsa,
];

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file or the folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds no key of its kind.
    #[error("{} holds no such key; put back a copy of it, or take it away and a new one is made (what the old one made is lost)", path.display())]
    NotAKey {
        /// Which.
        path: PathBuf,
    },
    /// Others on this machine may read a file.
    #[error("others may read {}; as its owner: chmod 600", path.display())]
    ReadableByOthers {
        /// Which.
        path: PathBuf,
    },
    /// A key could not be made.
    #[error("a key could not be made: this machine gives no randomness")]
    NotMade,
}

/// Reads the keys, and makes those that are missing.
pub(super) fn open(folder: &Path, random: &mut impl CryptoRng) -> Result<Keys, KeysError> {
    create(folder)?;
    Ok(Keys {
        links: Arc::new(mac_keys(folder, "link", random)?),
        pepper: Arc::new(mac_keys(folder, "pepper", random)?),
        signing: Arc::new(signing_keys(folder)?),
    })
}

/// Adds a key of each kind.
pub(super) fn rotate(folder: &Path, random: &mut impl CryptoRng) -> Result<(), KeysError> {
    create(folder)?;
    for kind in ["link", "pepper"] {
        let next = numbered(folder, kind).len();
        write(&mac_file(folder, kind, next), new_mac(random).as_slice())?;
    }
    for algorithm in SIGNING {
        let next = next_number(&signing_files(folder, algorithm)?);
        write(&signing_file(folder, algorithm, next), &new_signing(algorithm)?)?;
    }
    Ok(())
}

/// The number behind the highest one, however many files below it were taken away since.
fn next_number(files: &[PathBuf]) -> usize {
    let number = |file: &PathBuf| file.file_stem()?.to_str()?.rsplit('-').next()?.parse::<usize>().ok();
    files.iter().filter_map(number).max().map_or(0, |highest| highest + 1)
}

fn mac_keys(folder: &Path, kind: &str, random: &mut impl CryptoRng) -> Result<MacKeys, KeysError> {
    if numbered(folder, kind).is_empty() {
        write_first(&mac_file(folder, kind, 0), new_mac(random).as_slice())?;
    }
    let mut keys = Vec::new();
    for path in numbered(folder, kind) {
        let bytes = read(&path)?;
        let key: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_length| KeysError::NotAKey { path })?;
        keys.push(key);
    }
    Ok(MacKeys::of(&keys))
}

/// The files of a kind from number 0 on, without a gap: a number is part of what was made with its key.
fn numbered(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let files = (0..=usize::from(u8::MAX)).map(|number| mac_file(folder, kind, number));
    files.take_while(|path| path.exists()).collect()
}

fn signing_keys(folder: &Path) -> Result<SigningKeys, KeysError> {
    let mut keys = Vec::new();
    for algorithm in SIGNING {
        if signing_files(folder, algorithm)?.is_empty() {
            write_first(&signing_file(folder, algorithm, 0), &new_signing(algorithm)?)?;
        }
        for path in signing_files(folder, algorithm)? {
            let bytes = read(&path)?;
            keys.push(SigningKey::read(algorithm, &bytes).ok_or(KeysError::NotAKey { path })?);
        }
    }
    Ok(SigningKeys::of(keys))
}

fn signing_files(folder: &Path, algorithm: SigningAlgorithm) -> Result<Vec<PathBuf>, KeysError> {
    let start = format!("sign-{}-", algorithm.word());
    let at = |source| KeysError::File {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(at)? {
        let path = entry.map_err(at)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(&start) && name.ends_with(".p8") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn mac_file(folder: &Path, kind: &str, number: usize) -> PathBuf {
    folder.join(format!("{kind}-{number}.key"))
}

fn signing_file(folder: &Path, algorithm: SigningAlgorithm, number: usize) -> PathBuf {
    folder.join(format!("sign-{}-{number:04}.p8", algorithm.word()))
}

fn new_mac(random: &mut impl CryptoRng) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    random.fill_bytes(&mut *key);
    key
}

fn new_signing(algorithm: SigningAlgorithm) -> Result<Zeroizing<Vec<u8>>, KeysError> {
    let random = SystemRandom::new();
    let bytes = match algorithm {
        SigningAlgorithm::Es256 => {
            let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
            made.map_err(|_refused| KeysError::NotMade)?.as_ref().to_vec()
        }
        SigningAlgorithm::EdDsa => {
            let made = Ed25519KeyPair::generate_pkcs8(&random);
            made.map_err(|_refused| KeysError::NotMade)?.as_ref().to_vec()
        }
        SigningAlgorithm::Rs256 => {
            let made =
                rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS).map_err(|_refused| KeysError::NotMade)?;
            made.to_pkcs8_der()
                .map_err(|_refused| KeysError::NotMade)?
                .as_bytes()
                .to_vec()
        }
    };
    Ok(Zeroizing::new(bytes))
}

pub(super) fn create(folder: &Path) -> Result<(), KeysError> {
    let at = |source| KeysError::File {
        path: folder.to_owned(),
        source,
    };
    private::create(folder).map_err(at)?;
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(at)?;
    Ok(())
}

pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeysError> {
    let at = |source| KeysError::File {
        path: path.to_owned(),
        source,
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(path).map_err(at)?.permissions().mode() & 0o077 != 0 {
            return Err(KeysError::ReadableByOthers { path: path.to_owned() });
        }
    }
    fs::read(path).map(Zeroizing::new).map_err(at)
}

/// Writes the first key of a kind, unless another process that starts at the same time has been quicker: then that one counts.
fn write_first(path: &Path, bytes: &[u8]) -> Result<(), KeysError> {
    match write(path, bytes) {
        Err(KeysError::File { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        written => written,
    }
}

/// Whether keys have been made in this folder.
pub(super) fn has_keys(folder: &Path) -> bool {
    mac_file(folder, "link", 0).exists()
}

/// Writes a file that is not there yet, under another name first: a crash leaves no half of a key that counts, and the next try takes its place. One
/// that is there stays as it is, and that is an error.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), KeysError> {
    let at = |source| KeysError::File {
        path: path.to_owned(),
        source,
    };
    let _alone = lock(path).map_err(at)?;
    let beside = path.with_extension("new");
    let mut file = private_file().truncate(true).open(&beside).map_err(at)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&beside, path));
    // Whatever happened: it may hold a key.
    fs::remove_file(&beside).map_err(at)?;
    linked.map_err(at)?;
    if let Some(folder) = path.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at)?;
    }
    Ok(())
}

/// Keeps other processes from making keys in the same folder, until it is dropped.
fn lock(path: &Path) -> io::Result<File> {
    let file = private_file().truncate(false).open(path.with_file_name("lock"))?;
    match file.lock() {
        // Of two first starts at once on such a disk one may fail, and succeeds when it is begun again.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        locked => locked.map(|()| file),
    }
}

/// A file that only its owner may read.
fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::keys::SignedClaims;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use serde_json::{Value, json};

    #[test]
    fn keys_are_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("keys");
        let random = &mut StdRng::seed_from_u64(1);
        let first = Keys::open(&folder, random).unwrap();
        let again = Keys::open(&folder, random).unwrap();
        assert_eq!(first.signing.jwks(), again.signing.jwks());
        let kept = first.pepper.code_of_secret("a secret");
        assert!(again.pepper.is_secret("a secret", &kept));
        for algorithm in SIGNING {
            let token = first
                .signing
                .sign(algorithm, "JWT", &json!({ "sub": "bonny" }))
                .unwrap();
            let read = SignedClaims::read(&token).unwrap();
            let key = again.signing.named(read.header("kid").unwrap()).unwrap();
            assert_eq!(read.verified::<Value>(key), Ok(json!({ "sub": "bonny" })));
        }

        Keys::rotate(&folder, random).unwrap();
        let rotated = Keys::open(&folder, random).unwrap();
        assert!(rotated.pepper.is_secret("a secret", &kept));
        assert_eq!(rotated.signing.jwks()["keys"].as_array().unwrap().len(), 6);
        assert_ne!(
            rotated.signing.public(SigningAlgorithm::Es256),
            first.signing.public(SigningAlgorithm::Es256)
        );
    }

    #[test]
    fn processes_that_start_at_once_in_an_empty_folder_have_the_same_keys() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("keys");
        // Making one takes seconds in a build without optimisation.
        create(&folder).unwrap();
        let rsa = include_bytes!("../../../tests/service/rs256.p8");
        write(&signing_file(&folder, SigningAlgorithm::Rs256, 0), rsa).unwrap();
        let barrier = std::sync::Barrier::new(4);
        let open = |seed| {
            barrier.wait();
            Keys::open(&folder, &mut StdRng::seed_from_u64(seed)).unwrap()
        };
        let opened: Vec<Keys> = std::thread::scope(|scope| {
            let starting = [1, 2, 3, 4].map(|seed| scope.spawn(move || open(seed)));
            starting.map(|one| one.join().unwrap()).into()
        });
        let kept = opened[0].pepper.code_of_secret("a secret");
        for keys in &opened {
            assert!(keys.pepper.is_secret("a secret", &kept));
            assert_eq!(keys.signing.jwks(), opened[0].signing.jwks());
        }
    }

    #[test]
    fn what_a_crash_left_of_a_key_is_gone_when_it_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = mac_file(folder.path(), "link", 0);
        let half = path.with_extension("new");
        fs::write(&half, b"half").unwrap();
        write(&path, &[7; 32]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [7; 32]);
        assert!(!half.exists());
    }

    #[test]
    fn a_new_key_takes_the_place_of_none_also_after_older_ones_were_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let random = &mut StdRng::seed_from_u64(1);
        let file = |number| signing_file(folder.path(), SigningAlgorithm::Es256, number);
        for number in [3, 4] {
            write(&file(number), &new_signing(SigningAlgorithm::Es256).unwrap()).unwrap();
        }
        let in_use = fs::read(file(4)).unwrap();
        // What OPERATE.md says to do a month after a rotation.
        fs::remove_file(file(3)).unwrap();
        Keys::rotate(folder.path(), random).unwrap();
        assert_eq!(fs::read(file(4)).unwrap(), in_use);
        assert!(file(5).exists());
        assert!(matches!(write(&file(4), b"another"), Err(KeysError::File { path, .. }) if path == file(4)));
        assert_eq!(fs::read(file(4)).unwrap(), in_use);
        let left = fs::read_dir(folder.path()).unwrap();
        assert!(
            left.flatten()
                .all(|entry| entry.path().extension().is_none_or(|ending| ending != "new"))
        );
    }

    #[test]
    fn a_broken_or_open_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let random = &mut StdRng::seed_from_u64(1);
        let path = mac_file(folder.path(), "link", 0);
        write(&path, b"short").unwrap();
        assert!(matches!(Keys::open(folder.path(), random), Err(KeysError::NotAKey { path: named }) if named == path));
        #[cfg(unix)]
        {
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
            assert!(
                matches!(Keys::open(folder.path(), random), Err(KeysError::ReadableByOthers { path: named }) if named == path)
            );
        }
    }
}
