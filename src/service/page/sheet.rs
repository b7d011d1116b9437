//! What pages are made of: a few elements, the same on all of them.

/// A page, ready to be written.
pub(super) struct Sheet {
    /// The picture on top.
    pub(super) mark: Mark,
    /// The heading.
    pub(super) title: Text,
    /// What follows, from top to bottom.
    pub(super) parts: Vec<Part>,
}

/// The picture on top of a page. It says nothing that the heading does not say.
pub(super) enum Mark {
    /// The tile of an application: its initials on a colour of its own.
    Tile(String),
    /// It is done.
    Done,
    /// Look at the mail.
    Mail,
    /// The time is over, or too short.
    Clock,
    /// It has ended.
    Ended,
    /// Something is wrong.
    Wrong,
}

/// A sentence with blanks, and what goes into them.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) pattern: &'static str,
    pub(super) values: Vec<(&'static str, String)>,
}

/// An element of a page.
pub(super) enum Part {
    /// A sentence under the heading.
    Sentence(Text),
    /// A sentence that is less important.
    Note(Text),
    /// Names and values.
    Facts(Vec<(&'static str, String)>),
    /// A code that somebody types elsewhere.
    Code(&'static str, String),
    /// A button that posts a form.
    Button(Button),
    /// A field for an address, and its button.
    Address(AddressField),
    /// A link that looks like a button.
    Link(String, Text, Rank),
    /// A line between two things.
    Rule,
    /// Posts the page's first form as soon as a script may run.
    PostsItself,
}

/// A button that posts a form.
pub(super) struct Button {
    pub(super) action: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) label: &'static str,
    pub(super) rank: Rank,
}

/// A field for an e-mail address, in a form.
pub(super) struct AddressField {
    pub(super) action: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) label: &'static str,
    pub(super) value: String,
    /// What was wrong with the last try.
    pub(super) problem: Option<&'static str>,
    pub(super) button: &'static str,
}

/// How much a button stands out. A page has one that does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    Primary,
    Quiet,
}

impl Text {
    /// A sentence without blanks.
    pub(super) const fn plain(pattern: &'static str) -> Self {
        Self {
            pattern,
            values: Vec::new(),
        }
    }

    /// A sentence with this in one of its blanks.
    pub(super) fn of(pattern: &'static str, name: &'static str, value: &str) -> Self {
        Self::plain(pattern).and(name, value)
    }

    /// The same with another blank filled in.
    pub(super) fn and(mut self, name: &'static str, value: &str) -> Self {
        self.values.push((name, value.to_owned()));
        self
    }

    /// Its pieces in order: what the language says, and what goes between.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let mut rest = self.pattern;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let blank = rest.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            if let Some((name, after)) = blank {
                rest = after;
                let value = self.values.iter().find(|(blank, _)| *blank == name);
                return Some(Piece::Value(value.map_or("", |(_, value)| value)));
            }
            let end = rest.find('{').filter(|end| *end > 0).unwrap_or(rest.len());
            let (words, after) = rest.split_at_checked(end)?;
            rest = after;
            Some(Piece::Words(words))
        })
    }
}

/// A piece of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// What the language says.
    Words(&'static str),
    /// What came from outside.
    Value(&'a str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_filled_in_once() {
        let text = Text::of("{inviter} invites you to {app}.", "inviter", "{app}").and("app", "Choir");
        let pieces: Vec<Piece<'_>> = text.pieces().collect();
        assert_eq!(
            pieces,
            [
                Piece::Value("{app}"),
                Piece::Words(" invites you to "),
                Piece::Value("Choir"),
                Piece::Words(".")
            ]
        );
        assert_eq!(Text::plain("{").pieces().count(), 1);
        assert_eq!(Text::plain("").pieces().count(), 0);
    }
}
