//! `profile`: create, show, compact.

use super::args::{Globals, KeyPlace, ProfileCreate};
use super::json::Report;
use super::problem::{Ending, Slip};
use super::session::Session;
use crate::worker::{KeyringView, Passphrase, ProfileView, Protection};

pub(super) async fn create(session: &mut Session, globals: &Globals, args: &ProfileCreate) -> Result<(), Ending> {
    let protection = protection(session, globals, args).await?;
    session.client.create_profile(&args.name, protection).await?;
    created(session)
}

/// How the key of a new profile is to be kept.
pub(super) async fn protection(
    session: &mut Session,
    globals: &Globals,
    args: &ProfileCreate,
) -> Result<Protection, Ending> {
    let keyring = match session.client.profile() {
        ProfileView::New { keyring } => keyring,
        ProfileView::Locked | ProfileView::KeyringSilent { .. } | ProfileView::Open { .. } => {
            return Err(Slip::ProfileExists.into());
        }
    };
    let place = if globals.passphrase_fd.is_some() {
        KeyPlace::Passphrase
    } else {
        args.key_place()
    };
    Ok(match (place, keyring) {
        (KeyPlace::Passphrase, _) => Protection::Passphrase(Passphrase::new(new_passphrase(session, globals).await?)),
        (KeyPlace::Unprotected, _) => Protection::Unprotected,
        (KeyPlace::Keyring, KeyringView::Available) => Protection::Keyring,
        (KeyPlace::Keyring, KeyringView::Unavailable) => return Err(Slip::KeyringAbsent.into()),
    })
}

/// Tells of the profile that there is now.
pub(super) fn created(session: &Session) -> Result<(), Ending> {
    match session.client.profile() {
        ProfileView::Open {
            name,
            identity,
            endpoint,
        } => session.output.report(&Report::ProfileCreated {
            name,
            identity: identity.to_string(),
            endpoint: endpoint.to_string(),
        }),
        ProfileView::New { .. } | ProfileView::Locked | ProfileView::KeyringSilent { .. } => {
            Err(Slip::ProfileMissing.into())
        }
    }
}

pub(super) fn show(session: &Session) -> Result<(), Ending> {
    match session.client.profile() {
        ProfileView::Open {
            name,
            identity,
            endpoint,
        } => {
            let (identity, endpoint) = (identity.to_string(), endpoint.to_string());
            session.output.report(&Report::Profile {
                name,
                identity,
                endpoint,
            })
        }
        ProfileView::New { .. } | ProfileView::Locked | ProfileView::KeyringSilent { .. } => {
            Err(Slip::ProfileMissing.into())
        }
    }
}

pub(super) fn key(session: &Session) -> Result<(), Ending> {
    let identity = session.client.identity().ok_or(Slip::ProfileMissing)?;
    session.output.report(&Report::Key {
        identity: identity.to_string(),
        fingerprint: identity.fingerprint().to_string(),
    })
}

pub(super) async fn compact(session: &Session) -> Result<(), Ending> {
    let sizes = session.client.compact_storage().await?;
    session.output.report(&Report::StorageCompacted {
        before_bytes: sizes.before,
        after_bytes: sizes.after,
    })
}

/// A passphrase that is typed is typed twice: what nobody can type again opens nothing.
async fn new_passphrase(session: &mut Session, globals: &Globals) -> Result<zeroize::Zeroizing<String>, Ending> {
    let passphrase = session
        .input
        .passphrase(globals.passphrase_fd, "New passphrase: ")
        .await?;
    if globals.passphrase_fd.is_none() {
        let again = session.input.passphrase(None, "Once more: ").await?;
        if again != passphrase {
            return Err(Slip::PassphrasesDiffer.into());
        }
    }
    Ok(passphrase)
}
