//! What may be a name or a title. No IO.
//!
//! Names of people and parties are shown beside what a person decides on ("Alice invites you"), so they may not contain
//! characters that break a line or turn the reading direction of what stands around them.

/// Longest name of a person or a party, in bytes of UTF-8.
pub const MAX_NAME: usize = 64;
/// Longest title of a task, in bytes of UTF-8.
pub const MAX_TITLE: usize = 1024;

/// A text that cannot be a name or a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing is left after trimming.
    #[error("it is empty")]
    Empty,
    /// It has more bytes than fit.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// It has a control character, or one that changes the reading direction.
    #[error("it has characters that cannot be shown")]
    Character,
}

/// Reads a name: 1 to 64 bytes after trimming, no control and no direction-changing character.
///
/// # Errors
/// [`NameError`] says which rule is broken.
pub fn check_name(text: &str) -> Result<&str, NameError> {
    check(text, MAX_NAME)
}

/// Reads a task's title: the same with up to 1024 bytes.
///
/// # Errors
/// [`NameError`] says which rule is broken.
pub fn check_title(text: &str) -> Result<&str, NameError> {
    check(text, MAX_TITLE)
}

/// Longest message, in bytes of UTF-8.
pub const MAX_MESSAGE: usize = 3000;
/// Longest name of a file, in bytes of UTF-8.
pub const MAX_FILE_NAME: usize = 255;

/// Reads a message: 1 to 3000 bytes without white space at its ends. Lines and tabs are fine, other control and
/// direction-changing characters are not.
///
/// # Errors
/// [`NameError`] says which rule is broken.
pub fn check_message(text: &str) -> Result<&str, NameError> {
    let text = text.trim();
    if text.is_empty() {
        Err(NameError::Empty)
    } else if text.len() > MAX_MESSAGE {
        Err(NameError::TooLong(MAX_MESSAGE))
    } else if text.chars().any(|c| is_odd_control(c) || turns_or_breaks(c)) {
        Err(NameError::Character)
    } else {
        Ok(text)
    }
}

/// Reads the name of a file: a name of up to 255 bytes that stays in its folder on every system.
///
/// # Errors
/// [`NameError`] says which rule is broken.
pub fn check_file_name(text: &str) -> Result<&str, NameError> {
    let name = check(text, MAX_FILE_NAME)?;
    if name == "." || name == ".." || name.chars().any(is_refused_in_file_name) {
        Err(NameError::Character)
    } else {
        Ok(name)
    }
}

/// Whether no name of a file may have this character: some system does not take it, or it cannot be shown.
#[must_use]
pub fn is_refused_in_file_name(c: char) -> bool {
    "/\\:*?\"<>|".contains(c) || c.is_control() || turns_or_breaks(c)
}

/// Whether an op's message is one that [`check_message`] returns unchanged.
pub(super) fn is_message(text: &str) -> bool {
    check_message(text) == Ok(text)
}

/// Whether an op's file name is one that [`check_file_name`] returns unchanged.
pub(super) fn is_file_name(text: &str) -> bool {
    check_file_name(text) == Ok(text)
}

/// Whether this may stand in a note: anything but control characters other than line feeds and tabs.
pub(super) fn is_note_text(text: &str) -> bool {
    !text.chars().any(is_odd_control)
}

fn is_odd_control(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
}

/// Whether an op's name is one that [`check_name`] returns unchanged.
pub(super) fn is_name(text: &str) -> bool {
    check_name(text) == Ok(text)
}

/// Whether an op's title is one that [`check_title`] returns unchanged.
pub(super) fn is_title(text: &str) -> bool {
    check_title(text) == Ok(text)
}

fn check(text: &str, max: usize) -> Result<&str, NameError> {
    let text = text.trim();
    if text.is_empty() {
        Err(NameError::Empty)
    } else if text.len() > max {
        Err(NameError::TooLong(max))
    } else if text.chars().any(|c| c.is_control() || turns_or_breaks(c)) {
        Err(NameError::Character)
    } else {
        Ok(text)
    }
}

/// Unicode's explicit direction marks, embeddings, overrides and isolates (UAX #9), and the line and paragraph separators.
fn turns_or_breaks(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed() {
        assert_eq!(check_name("  Alice \n"), Ok("Alice"));
        assert!(is_name("Alice") && !is_name(" Alice"));
    }

    #[test]
    fn a_name_counts_bytes_not_letters() {
        assert_eq!(check_name(&"é".repeat(32)).map(str::len), Ok(64));
        assert_eq!(check_name(&"é".repeat(33)), Err(NameError::TooLong(64)));
        assert_eq!(check_title(&"x".repeat(1024)).map(str::len), Ok(1024));
        assert_eq!(check_title(&"x".repeat(1025)), Err(NameError::TooLong(1024)));
    }

    #[test]
    fn the_name_of_a_file_is_one_on_every_system() {
        for c in ['/', '\\', ':', '*', '?', '"', '<', '>', '|', '\n', '\u{202e}'] {
            assert!(is_refused_in_file_name(c), "{c:?}");
            assert_eq!(check_file_name(&format!("a{c}b")), Err(NameError::Character), "{c:?}");
        }
        for name in ["100% #1.txt", "it's (2) [x] & ü", "a.tar.gz"] {
            assert_eq!(check_file_name(name), Ok(name));
        }
    }

    #[test]
    fn nothing_is_not_a_name() {
        for text in ["", " ", "\u{3000}\t"] {
            assert_eq!(check_name(text), Err(NameError::Empty));
        }
    }

    #[test]
    fn a_name_cannot_turn_what_stands_around_it() {
        for c in [
            '\u{202e}', '\u{2066}', '\u{200f}', '\u{061c}', '\u{2028}', '\u{0}', '\u{7f}', '\u{85}', '\n',
        ] {
            assert_eq!(check_name(&format!("Al{c}ice")), Err(NameError::Character), "{c:?}");
        }
        assert_eq!(check_name("أليس 🦊"), Ok("أليس 🦊"));
    }
}
