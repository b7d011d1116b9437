//! Finding things in a party by their words. No IO.

use std::cmp::Reverse;
use std::sync::Arc;

use super::{ItemId, Party, Task};

/// Most things that one search finds.
pub const MAX_FOUND: usize = 200;

/// A thing that a search found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub item: ItemId,
    /// Its title, or a message's text, or a file's name.
    pub title: String,
    /// Where the words stand in a note's text, in one line; empty if they stand in the title.
    pub excerpt: String,
}

/// Which thing: what was found is not for logs.
impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Found")
            .field("item", &self.item)
            .finish_non_exhaustive()
    }
}

/// How many characters an excerpt shows before and after what was found.
const AROUND: usize = 40;

impl Party {
    /// The things in which all these words occur, in any case: those with the words in their titles first, the newest of each
    /// kind first, at most [`MAX_FOUND`]. Goes over everything that is shown.
    #[must_use]
    pub fn search(&self, words: &str) -> Vec<Found> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let by_title = |item, title: &str| {
            holds(&title.to_lowercase(), &words).then(|| Found {
                item,
                title: title.to_owned(),
                excerpt: String::new(),
            })
        };
        let (tasks, notes, messages, files) = (self.tasks(), self.notes(), self.messages(), self.files());
        let mut newest: Vec<&Arc<Task>> = tasks.iter().collect();
        newest.sort_by_key(|task| Reverse(task.created));
        let tasks = newest
            .into_iter()
            .filter_map(|task| by_title(ItemId::Task(task.id), &task.title));
        let titled = notes
            .iter()
            .filter_map(|note| by_title(ItemId::Note(note.id), &note.title));
        let files = files
            .iter()
            .filter_map(|file| by_title(ItemId::File(file.id), &file.name));
        let messages = messages.iter().rev();
        let messages = messages.filter_map(|message| by_title(ItemId::Message(message.id), &message.text));
        let texts = notes.iter().filter_map(|note| {
            let text = self.text(note.id)?.as_string();
            let whole = format!("{} {text}", note.title).to_lowercase();
            let in_title = holds(&note.title.to_lowercase(), &words);
            (!in_title && holds(&whole, &words)).then(|| Found {
                item: ItemId::Note(note.id),
                title: note.title.clone(),
                excerpt: excerpt(&text, &words),
            })
        });
        let found = tasks.chain(titled).chain(files).chain(texts).chain(messages);
        found.take(MAX_FOUND).collect()
    }
}

/// Whether all words occur in a text of small letters.
fn holds(text: &str, words: &[String]) -> bool {
    words.iter().all(|word| text.contains(word.as_str()))
}

/// What stands around the first of the words that occurs, in one line.
fn excerpt(text: &str, words: &[String]) -> String {
    // Small letters may be longer than large ones, so the place is counted in characters of the small text; a little off
    // only moves the excerpt.
    let small = text.to_lowercase();
    let first = words.iter().filter_map(|word| small.find(word.as_str())).min();
    let at = first
        .and_then(|at| small.get(..at))
        .map_or(0, |before| before.chars().count());
    let from = at.saturating_sub(AROUND);
    let part: String = text.chars().skip(from).take(2 * AROUND).collect();
    let line = part.split_whitespace().collect::<Vec<_>>().join(" ");
    let has_more = text.chars().nth(from + 2 * AROUND).is_some();
    let (start, end) = (if from > 0 { "…" } else { "" }, if has_more { "…" } else { "" });
    format!("{start}{line}{end}")
}

#[cfg(test)]
mod tests {
    use operational_transform::OperationSeq;

    use super::*;
    use crate::party::fixture::*;
    use crate::party::{Act, FileId, MessageId, NoteId};

    /// A party with a thing of each kind that has "milk" in it.
    fn shopping() -> Party {
        let alice = person(1);
        let mut party = founded(&alice);
        let (note, message) = (NoteId::from_bytes([1; 16]), MessageId::from_bytes([2; 16]));
        let file = FileId::from_bytes([3; 16]);
        let mut write = |act, minute| party.write(&alice, act, at(minute)).map(drop).unwrap();
        write(adds(1, "Buy milk"), 1);
        write(adds(2, "Boil MILK and honey"), 2);
        write(adds(3, "Sleep"), 3);
        let title = "A list".to_owned();
        write(Act::NoteAdded { note, title }, 4);
        let (text, reply_to) = ("No milk today".to_owned(), MessageId::from_bytes([0; 16]));
        write(
            Act::MessageSent {
                message,
                text,
                reply_to,
            },
            5,
        );
        let (name, length, content) = ("Milk.png".to_owned(), 9, [4; 32]);
        write(
            Act::FileAdded {
                file,
                name,
                length,
                content,
            },
            6,
        );
        let mut text = OperationSeq::default();
        text.insert(&format!(
            "{}Éclairs,\n\nmilk\tand {}",
            "first ".repeat(20),
            "more ".repeat(30)
        ));
        let act = party.edit_note(note, &text).unwrap();
        party.write(&alice, act, at(7)).unwrap();
        party
    }

    fn items(party: &Party, words: &str) -> Vec<String> {
        party.search(words).into_iter().map(|found| found.title).collect()
    }

    #[test]
    fn all_words_are_found_in_any_case_everywhere() {
        let party = shopping();
        let all = ["Boil MILK and honey", "Buy milk", "Milk.png", "A list", "No milk today"];
        assert_eq!(items(&party, "milk"), all);
        assert_eq!(items(&party, " HONEY  Mil "), ["Boil MILK and honey"]);
        assert_eq!(items(&party, "éclairs LIST"), ["A list"], "in title and text together");
        assert_eq!(items(&party, "milk sleep"), [""; 0]);
        assert_eq!(items(&party, " \n"), [""; 0]);
    }

    #[test]
    fn an_excerpt_shows_one_line_around_the_words() {
        let found = shopping().search("éclairs");
        let [note] = &found[..] else { panic!() };
        assert!(note.excerpt.starts_with('…') && note.excerpt.ends_with('…'));
        assert!(note.excerpt.contains("Éclairs, milk and more"), "{}", note.excerpt);
        assert!(note.excerpt.chars().count() <= 2 * AROUND + 2);
    }

    #[test]
    fn what_is_deleted_is_not_found() {
        let (alice, mut party) = (person(1), shopping());
        for item in [
            ItemId::Task(task(1)),
            ItemId::Note(NoteId::from_bytes([1; 16])),
            ItemId::Message(MessageId::from_bytes([2; 16])),
            ItemId::File(FileId::from_bytes([3; 16])),
        ] {
            party.write(&alice, deletes(item), at(8)).unwrap();
        }
        assert_eq!(items(&party, "milk"), ["Boil MILK and honey"]);
    }

    #[test]
    fn one_search_finds_only_so_many() {
        let (alice, mut party) = (person(1), shopping());
        for n in 0..=MAX_FOUND {
            let mut id = [9; 16];
            id[..8].copy_from_slice(&n.to_be_bytes());
            let (message, text) = (MessageId::from_bytes(id), "milk".to_owned());
            let reply_to = MessageId::from_bytes([0; 16]);
            let act = Act::MessageSent {
                message,
                text,
                reply_to,
            };
            party.write(&alice, act, at(9)).unwrap();
        }
        assert_eq!(party.search("milk").len(), MAX_FOUND);
        assert!(!format!("{:?}", party.search("milk")).contains("Milk"));
    }
}
