//! `identity`: the recovery phrase, written down and entered.

use rand::seq::SliceRandom as _;

use super::args::{Globals, ProfileCreate};
use super::json::Report;
use super::problem::{Ending, Slip};
use super::profile;
use super::session::Session;
use crate::failure::Failure;
use crate::identity::{PHRASE_WORDS, RecoveryPhrase};

/// How many words are asked back.
const ASKED: usize = 3;

/// Shows the phrase, and asks for some of its words: what was not written down is not relied on.
pub(super) async fn phrase(session: &mut Session) -> Result<(), Ending> {
    let phrase = session.client.phrase().await?;
    session.output.report(&Report::Phrase {
        words: phrase.words().collect(),
    })?;
    let mut places: Vec<usize> = (1..=PHRASE_WORDS).collect();
    places.shuffle(&mut rand::rng());
    for number in places.into_iter().take(ASKED) {
        session.output.report(&Report::PhraseWordRequested { number })?;
        let word = session.input.line().await.ok_or(Slip::PhraseNotWritten)?;
        if !phrase.is_word(number, &word) {
            return Err(Slip::PhraseNotWritten.into());
        }
    }
    session.client.confirm_phrase().await?;
    session.output.report(&Report::PhraseWritten)
}

/// Brings an identity back into a new profile.
pub(super) async fn recover(session: &mut Session, globals: &Globals, args: &ProfileCreate) -> Result<(), Ending> {
    let protection = profile::protection(session, globals, args).await?;
    let phrase = read(session).await?;
    session.client.recover_profile(&args.name, protection, phrase).await?;
    profile::created(session)
}

/// Brings the identity's key to a device that was added by another one.
pub(super) async fn hold(session: &mut Session) -> Result<(), Ending> {
    let phrase = read(session).await?;
    session.client.hold_identity(phrase).await?;
    session.output.report(&Report::IdentityHeld)
}

async fn read(session: &mut Session) -> Result<RecoveryPhrase, Ending> {
    let typed = session.input.hidden_line("Recovery phrase (24 words): ").await;
    let typed = typed.ok_or(Slip::NoPhrase)?;
    Ok(RecoveryPhrase::read(&typed).map_err(Failure::Phrase)?)
}
