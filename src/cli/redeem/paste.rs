//! The code as people paste it: over several lines, with other text around it.

use zeroize::Zeroizing;

use crate::cli::input::Input;
use crate::cli::output::Output;
use crate::cli::problem::{Ending, Slip};
use crate::email::MailLink;
use crate::failure::Failure;
use crate::invitation::{CodeError, InviteCode};

/// What was pasted.
#[derive(Debug)]
pub(super) enum Pasted {
    /// An invite code.
    Code(InviteCode),
    /// The link of an invitation mail.
    Link(MailLink),
}

/// Reads the code, and no line more than it needs; or the link of a mail, which is one line.
pub(super) async fn read_pasted(input: &mut Input, output: &Output) -> Result<Pasted, Ending> {
    let mut lines = Lines::new();
    output.prompt("Invite code (paste the code, then press Enter): ");
    while let Some(line) = input.line().await {
        if lines.is_blank() && MailLink::is_meant_by(&line) {
            return Ok(Pasted::Link(MailLink::parse(&line).map_err(Failure::Mail)?));
        }
        if let Some(code) = lines.add(&line) {
            return Ok(Pasted::Code(code.map_err(Failure::Code)?));
        }
        output.prompt("The rest of the code, or Enter if that was all: ");
    }
    if lines.is_blank() {
        return Err(Slip::NoCode.into());
    }
    Ok(Pasted::Code(lines.read().map_err(Failure::Code)?))
}

/// The lines pasted so far. A chat may have broken the code into several, and there may be other text around it. No IO.
struct Lines(Zeroizing<String>);

impl Lines {
    /// More than any code with a message around it.
    const LONGEST: usize = 4096;

    fn new() -> Self {
        // Never moved to a larger place: that would leave a copy of the secret behind.
        Self(Zeroizing::new(String::with_capacity(Self::LONGEST)))
    }

    /// Takes one more line. Gives what there is to say, or none while the code may go on in the next line.
    fn add(&mut self, line: &str) -> Option<Result<InviteCode, CodeError>> {
        if self.0.len() + line.len() + 1 > Self::LONGEST {
            return Some(Err(CodeError::TooLong));
        }
        if line.trim().is_empty() && !self.is_blank() {
            return Some(self.read());
        }
        // Blank lines are kept too: an error names a place in what was pasted.
        self.0.push_str(line);
        self.0.push('\n');
        match self.read() {
            Ok(code) => Some(Ok(code)),
            Err(error) if is_about_a_whole_code(&error) => Some(Err(error)),
            Err(_unfinished) => None,
        }
    }

    fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }

    fn read(&self) -> Result<InviteCode, CodeError> {
        InviteCode::parse(&self.0)
    }
}

/// Whether more lines cannot help: the checksum says where the code ends.
const fn is_about_a_whole_code(error: &CodeError) -> bool {
    match error {
        CodeError::Checksum { at: Some(_) }
        | CodeError::Version(_)
        | CodeError::Kind(_)
        | CodeError::NeedsNewer(_)
        | CodeError::Hint(_)
        | CodeError::PartyTag => true,
        CodeError::Checksum { at: None }
        | CodeError::Empty
        | CodeError::NotACode
        | CodeError::MixedCase
        | CodeError::Character { .. }
        | CodeError::Truncated
        | CodeError::TooLong => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vector 1 of PROTOCOL.md section 3.5.
    const CODE: &str = "party1zyqpzyg3zyg3zyg3zyg3zyg3zyg3zg3zyg3zyg3zyg3zyg3zyg3zygsqqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5z5tpwxqergd3c8g7ruyq4sqepklx0";

    /// Adds lines until something is said; gives how many it took.
    fn paste(lines: &[&str]) -> Option<(usize, Result<InviteCode, CodeError>)> {
        let mut pasted = Lines::new();
        lines
            .iter()
            .enumerate()
            .find_map(|(index, line)| Some((index + 1, pasted.add(line)?)))
    }

    #[test]
    fn a_code_starts_with_its_last_line_however_it_was_pasted() {
        let (first, rest) = CODE.split_at(60);
        let (second, third) = rest.split_at(40);
        let quoted = |part: &str| format!("> {part}");
        for (lines, taken) in [
            (vec![CODE.to_owned(), "042317".to_owned()], 1),
            (vec![String::new(), CODE.to_owned()], 2),
            (vec!["Come to our party!".to_owned(), format!("Here: \"{CODE}\".")], 2),
            (vec![first.to_owned(), second.to_owned(), third.to_owned()], 3),
            (vec!["Alice wrote:".to_owned(), quoted(first), quoted(rest)], 3),
        ] {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let (took, code) = paste(&lines).unwrap();
            assert_eq!(
                (took, &*code.unwrap().to_text()),
                (taken, &CODE.to_owned()),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn an_empty_line_after_text_ends_the_paste() {
        assert!(paste(&["", " ", "hello"]).is_none());
        let (took, code) = paste(&["", "hello", ""]).unwrap();
        assert_eq!((took, code.unwrap_err()), (3, CodeError::NotACode));
        let (took, code) = paste(&[CODE.split_at(80).0, ""]).unwrap();
        assert_eq!((took, code.unwrap_err()), (2, CodeError::Truncated));
    }

    #[test]
    fn a_whole_code_with_a_wrong_character_is_refused_at_once_with_its_place() {
        let damaged = CODE.replacen("qqypqx", "qqypqq", 1);
        let at = CODE.find("qqypqx").unwrap() + 5;
        let (took, code) = paste(&["Join:", &damaged]).unwrap();
        assert_eq!((took, code.unwrap_err()), (2, CodeError::Checksum { at: Some(6 + at) }));
    }

    #[test]
    fn what_is_pasted_has_a_limit() {
        let line = "a".repeat(1000);
        let (took, code) = paste(&[line.as_str(); 9]).unwrap();
        assert_eq!((took, code.unwrap_err()), (5, CodeError::TooLong));
    }
}
