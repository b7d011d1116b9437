//! Texts from files, and from the editor that a person has chosen.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::problem::{Ending, Slip};
use super::temporary::TemporaryFolder;

/// Longer than anybody writes; a text of another kind, such as a picture, is most likely longer.
const MAX_TEXT: u64 = 4 << 20;

/// Lets a person edit a text, and gives what they made of it.
pub(super) async fn edit(text: &str) -> Result<String, Ending> {
    let editor = std::env::var("VISUAL").or_else(|_unset| std::env::var("EDITOR"));
    let editor = editor.map_err(|_unset| Slip::NoEditor)?;
    let text = text.to_owned();
    apart(move || edit_with(&editor, &text)).await
}

/// Reads a text from a file.
pub(super) async fn read(path: &Path) -> Result<String, Ending> {
    let path = PathBuf::from(path);
    apart(move || read_text(File::open(path).map_err(|_refused| Slip::TextUnreadable)?)).await
}

/// Reads a text to its end.
pub(super) fn read_text(from: impl Read) -> Result<String, Slip> {
    let mut text = String::new();
    let read = from.take(MAX_TEXT + 1).read_to_string(&mut text);
    match read {
        // Lines end as they do in a note, also those of a file from Windows.
        Ok(length) if length as u64 <= MAX_TEXT => Ok(text.replace("\r\n", "\n")),
        _ => Err(Slip::TextUnreadable),
    }
}

/// Runs what blocks on a thread of its own.
pub(super) async fn apart(work: impl FnOnce() -> Result<String, Slip> + Send + 'static) -> Result<String, Ending> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.unwrap_or(Err(Slip::TextUnreadable))?)
}

fn edit_with(editor: &str, text: &str) -> Result<String, Slip> {
    let edited = run(editor, text).map_err(|_refused| Slip::EditorFailed)??;
    // Editors end the last line; the text keeps its own end.
    match edited.strip_suffix('\n') {
        Some(unended) if !text.ends_with('\n') => Ok(unended.to_owned()),
        _ => Ok(edited),
    }
}

fn run(editor: &str, text: &str) -> io::Result<Result<String, Slip>> {
    let folder = TemporaryFolder::new("note")?;
    let path = folder.path().join("note.md");
    fs::write(&path, text)?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let ended = Command::new(program).args(words).arg(&path).status()?;
    if !ended.success() {
        return Ok(Err(Slip::EditorFailed));
    }
    Ok(read_text(File::open(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_utf_8_and_not_endless() {
        assert_eq!(read_text("Grüße\n".as_bytes()), Ok("Grüße\n".to_owned()));
        assert_eq!(read_text(&b"\xff"[..]), Err(Slip::TextUnreadable));
        assert_eq!(read_text(io::repeat(b'a')), Err(Slip::TextUnreadable));
    }

    #[cfg(unix)]
    #[test]
    fn the_editor_gets_the_text_and_its_last_line_stays_as_it_was() {
        assert_eq!(
            edit_with("sed -i s/plants/roses/", "water the plants").unwrap(),
            "water the roses"
        );
        assert_eq!(edit_with("sed -i $aMore", "one line").unwrap(), "one line\nMore");
        assert_eq!(edit_with("false", "text"), Err(Slip::EditorFailed));
        assert_eq!(edit_with("", "text"), Err(Slip::EditorFailed));
    }
}
