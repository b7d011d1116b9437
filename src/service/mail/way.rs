//! The ways out: what became of a mail that was handed over.

pub mod folder;
pub mod shown;
pub mod smtp;

use std::sync::Arc;

use futures::future::BoxFuture;

use self::folder::Folder;
use self::smtp::Server;
use super::compose::Letter;
use super::sender::MailSetupError;
use crate::service::config::{Mail, MailWay};

/// The most that is kept of what a server said, in characters.
const MAX_ANSWER: usize = 300;

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handed {
    /// It was taken; what the server said.
    Taken(String),
    /// Not now: no connection, no answer, or an answer 4xx. Trying again may help.
    Later(String),
    /// The address or the mail was refused for good; what the server said, and its status code (RFC 3463) if it gave one.
    Refused {
        /// What the server said.
        answer: String,
        /// Like `5.1.1`.
        status: Option<String>,
    },
    /// It cannot be sent this way at all; why.
    Impossible(String),
}

/// A way out.
pub trait Way: Send + Sync {
    /// Hands a mail over. It may be dropped at any time, and then leaves nothing behind that a later mail could run into.
    fn hand<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Handed>;

    /// Says goodbye to whoever is still connected.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The way that the configuration names.
///
/// # Errors
///
/// [`MailSetupError`].
pub fn open(mail: &Mail) -> Result<Arc<dyn Way>, MailSetupError> {
    Ok(match &mail.way {
        MailWay::Folder(path) => Arc::new(Folder::new(path)?),
        MailWay::Smtp(smtp) => Arc::new(Server::new(smtp)?),
    })
}

/// What a server said, as one short line that nothing in it can break out of.
pub(in crate::service) fn one_line(answer: &str) -> String {
    let visible = answer.chars().map(|c| if c.is_control() { ' ' } else { c });
    let words: Vec<String> = visible
        .collect::<String>()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    words.join(" ").chars().take(MAX_ANSWER).collect()
}

/// Of what a server said only its numbers, like `451 4.7.1`, for the log: many servers repeat the address in their words.
pub(in crate::service) fn numbers(answer: &str) -> String {
    let is_number = |word: &&str| {
        word.split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    let words: Vec<&str> = answer.split_whitespace().take(2).take_while(is_number).collect();
    words.join(" ")
}

/// The status code (RFC 3463) that an answer begins with, like `5.1.1`.
pub(in crate::service) fn status_code(answer: &str) -> Option<String> {
    let word = answer.split_whitespace().next()?;
    let numbers: Vec<&str> = word.split('.').collect();
    let fits = numbers.len() == 3
        && numbers
            .iter()
            .all(|number| (1..=3).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit()));
    fits.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_line_with_a_code() {
        assert_eq!(one_line("5.1.1 no\r\nsuch\u{0}user  here"), "5.1.1 no such user here");
        assert_eq!(one_line(&"é".repeat(900)).chars().count(), MAX_ANSWER);
        assert_eq!(numbers("451 4.7.1 <bonny@example.org>: come back later"), "451 4.7.1");
        assert_eq!(numbers("550 <bonny@example.org> 1.2.3 unknown"), "550");
        assert_eq!(numbers("bonny@example.org is not known"), "");
        assert_eq!(status_code("5.1.1 no such user").as_deref(), Some("5.1.1"));
        for none in [
            "",
            "no such user",
            "5.1 x",
            "5.1.1.1 x",
            "5.1.a x",
            "5.1.1111 x",
            "5..1 x",
        ] {
            assert_eq!(status_code(none), None, "{none}");
        }
    }
}
