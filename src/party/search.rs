//! Finding things in a party by their words. No IO.

use super::{ItemId, Party};

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
        let tasks = tasks
            .iter()
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
