//! Finding a code in what a person pastes, and saying where it is wrong. No IO.
//!
//! Two readings are tried: each word that begins like a code, as it stands; then everything from the last such beginning on,
//! with blanks, hyphens and quotes taken out, as far as the checksum says that a code reaches.

use std::ops::Range;

use zeroize::Zeroizing;

use super::checksum::{self, MAX_TEXT, MIN_TEXT, PREFIX, Residue};
use super::{CodeError, InviteCode};

/// The longest text that is looked at, in bytes.
const MAX_PASTE: usize = 4096;

/// A run of this many letters and digits is a code or was meant to be one.
const LOOKS_LIKE_A_CODE: usize = 100;

/// Half a code: as many of its characters are not there by chance.
const HALF_A_CODE: usize = 60;

/// Reads the first whole code in the text.
pub(super) fn read(text: &str) -> Result<InviteCode, CodeError> {
    if text.len() > MAX_PASTE {
        return Err(CodeError::TooLong);
    }
    let mut letters = Zeroizing::new(Vec::with_capacity(text.len()));
    letters.extend(text.chars());
    if letters.iter().copied().all(is_separator) {
        return Err(CodeError::Empty);
    }

    let mut blame = None;
    for word in words(&letters) {
        match Candidate::new(&letters, word.clone()).read() {
            Ok(code) => return Ok(code),
            Err(error) => blame = blame.or_else(|| blame_for(&letters, &word, error)),
        }
    }
    let grouped = grouped(&letters);
    if let Some(code) = grouped.as_ref().and_then(|places| read_front(&letters, places)) {
        return code;
    }
    if let Some(error) = blame {
        return Err(error);
    }
    grouped.map_or_else(
        || Err(near_miss(&letters)),
        |places| Candidate::new(&letters, places).read(),
    )
}

/// What is left out between the characters of a code: blanks, line breaks, invisible characters, hyphens, quotes.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '"' | '\'' | '`' | '<' | '>' | '.' | ',')
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
        || matches!(c, '‘' | '’' | '‚' | '“' | '”' | '„' | '«' | '»' | '‹' | '›')
}

fn is_prefix(letters: &[char]) -> bool {
    letters.len() == PREFIX.len() && mismatches(letters) == 0
}

/// How many of these characters differ from those of the prefix.
fn mismatches(letters: &[char]) -> usize {
    letters
        .iter()
        .zip(PREFIX.chars())
        .filter(|(c, wanted)| !c.eq_ignore_ascii_case(wanted))
        .count()
}

/// The runs of letters and digits that begin with the prefix.
fn words(letters: &[char]) -> impl Iterator<Item = Range<usize>> {
    letters
        .windows(PREFIX.len())
        .enumerate()
        .filter(|(_, window)| is_prefix(window))
        .map(|(start, _)| {
            let len = letters
                .iter()
                .skip(start)
                .take_while(|c| c.is_ascii_alphanumeric())
                .count();
            start..start + len
        })
}

/// The places of the letters and digits from the last prefix on, without the separators between them.
fn grouped(letters: &[char]) -> Option<Vec<usize>> {
    let kept: Vec<usize> = letters
        .iter()
        .enumerate()
        .filter(|(_, c)| !is_separator(**c))
        .map(|(place, _)| place)
        .collect();
    let characters = Candidate::new(letters, kept.iter().copied()).characters;
    let start = characters.windows(PREFIX.len()).rposition(is_prefix)?;
    let len = characters
        .iter()
        .skip(start)
        .take_while(|c| c.is_ascii_alphanumeric())
        .count();
    Some(kept.into_iter().skip(start).take(len).collect())
}

/// Reads the code that the grouped characters begin with, if the checksum is right at the end of a group.
fn read_front(letters: &[char], places: &[usize]) -> Option<Result<InviteCode, CodeError>> {
    let characters = Candidate::new(letters, places.iter().copied()).characters;
    let mut residue = Residue::after_prefix();
    for (index, c) in characters.iter().enumerate().skip(PREFIX.len()) {
        residue = residue.then(checksum::symbol(*c)?);
        let place = places.get(index)?;
        let ends_group = places.get(index + 1).is_none_or(|next| *next != place + 1);
        if ends_group && residue.is_right() && (MIN_TEXT..=MAX_TEXT).contains(&(index + 1)) {
            return Some(Candidate::new(letters, places.iter().copied().take(index + 1)).read());
        }
    }
    None
}

/// What to say of a word that cannot be read, if it was meant to be a code.
fn blame_for(letters: &[char], word: &Range<usize>, error: CodeError) -> Option<CodeError> {
    // A character that is neither a separator nor a letter, with more behind it, stands where one of the code's should.
    let broken = letters.get(word.end).is_some_and(|c| !is_separator(*c));
    let behind = letters
        .iter()
        .skip(word.end + 1)
        .take_while(|c| broken && c.is_ascii_alphanumeric())
        .count();
    let placed = matches!(
        error,
        CodeError::Character { .. } | CodeError::Checksum { at: Some(_) } | CodeError::MixedCase
    );
    if word.len() + behind < LOOKS_LIKE_A_CODE {
        None
    } else if behind > 0 && !placed {
        Some(CodeError::Character { at: word.end })
    } else {
        Some(error)
    }
}

/// What to say of a text without the prefix: perhaps one character of the prefix is wrong.
fn near_miss(letters: &[char]) -> CodeError {
    letters
        .windows(PREFIX.len())
        .enumerate()
        .filter(|(start, window)| {
            let begins = start
                .checked_sub(1)
                .and_then(|before| letters.get(before))
                .is_none_or(|c| !c.is_ascii_alphanumeric());
            begins && mismatches(window) == 1
        })
        .find_map(|(start, window)| {
            let behind = letters
                .iter()
                .skip(start + PREFIX.len())
                .take_while(|c| c.is_ascii_alphanumeric())
                .count();
            let wrong = window
                .iter()
                .zip(PREFIX.chars())
                .position(|(c, wanted)| !c.eq_ignore_ascii_case(&wanted))?;
            (behind >= LOOKS_LIKE_A_CODE).then_some(CodeError::Checksum {
                at: Some(start + wrong),
            })
        })
        .unwrap_or(CodeError::NotACode)
}

/// Characters that may be a code, and where each of them stands in the pasted text.
struct Candidate {
    characters: Zeroizing<Vec<char>>,
    places: Vec<usize>,
}

impl Candidate {
    fn new(letters: &[char], places: impl IntoIterator<Item = usize>) -> Self {
        let places: Vec<usize> = places.into_iter().collect();
        let mut characters = Zeroizing::new(Vec::with_capacity(places.len()));
        characters.extend(places.iter().filter_map(|place| letters.get(*place)));
        Self { characters, places }
    }

    /// Reads all of it as one code.
    fn read(&self) -> Result<InviteCode, CodeError> {
        if self.characters.len() > MAX_TEXT {
            return Err(CodeError::TooLong);
        }
        let has = |test: fn(&char) -> bool| self.characters.iter().any(test);
        let mixed = has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
        let mut symbols = Zeroizing::new(Vec::with_capacity(self.characters.len()));
        for (index, c) in self.characters.iter().enumerate().skip(PREFIX.len()) {
            match checksum::symbol(*c) {
                Some(symbol) => symbols.push(symbol),
                // A short word with other letters was no code to begin with.
                None if self.characters.len() < HALF_A_CODE => return Err(CodeError::NotACode),
                None if mixed => return Err(CodeError::MixedCase),
                None => return Err(CodeError::Character { at: self.place(index) }),
            }
        }
        if mixed {
            return Err(CodeError::MixedCase);
        }
        let mut text = Zeroizing::new(String::with_capacity(self.characters.len()));
        text.extend(self.characters.iter().map(char::to_ascii_lowercase));
        match checksum::bytes(&text) {
            Some(bytes) => InviteCode::from_bytes(&bytes),
            None => Err(self.wrong_checksum(&symbols)),
        }
    }

    fn wrong_checksum(&self, symbols: &[u8]) -> CodeError {
        if self.characters.len() < MIN_TEXT {
            return CodeError::Truncated;
        }
        match checksum::locate(symbols) {
            Some(index) => CodeError::Checksum {
                at: Some(self.place(PREFIX.len() + index)),
            },
            None if checksum::is_cut_off(symbols) => CodeError::Truncated,
            None => CodeError::Checksum { at: None },
        }
    }

    fn place(&self, index: usize) -> usize {
        self.places.get(index).copied().unwrap_or_default()
    }
}
