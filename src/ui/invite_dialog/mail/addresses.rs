//! Addresses as people type and paste them. No drawing.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::identity::EmailAddress;

/// How many people are invited at once at most.
pub(super) const MAX_AT_ONCE: usize = 50;

/// What was typed, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// Who is to be invited, each once, in the order in which they were typed.
    pub(super) good: Vec<EmailAddress>,
    /// Where there is something else, in bytes of the text.
    pub(super) wrong: Vec<Range<usize>>,
    /// What is perhaps just half typed: the last entry, if it is wrong and nothing comes after it.
    pub(super) unfinished: Option<Range<usize>>,
    /// How many stand there a second time.
    pub(super) repeated: usize,
    /// Who has an invitation already that works.
    pub(super) known: Vec<EmailAddress>,
}

impl Addresses {
    /// Takes a text apart. Entries are parted by commas, semicolons, tabs or line ends, and blanks part whole addresses; each may
    /// be as mail programs copy it, with a name in front and angle brackets around the address. `invited` are the normalised
    /// addresses of those who have an invitation.
    pub(super) fn read(text: &str, invited: &BTreeSet<String>) -> Self {
        let mut read = Self::default();
        let mut seen = BTreeSet::new();
        for (place, entry) in entries(text) {
            let Ok(address) = EmailAddress::parse(bare(entry)) else {
                if place.end == text.len() {
                    read.unfinished = Some(place);
                } else {
                    read.wrong.push(place);
                }
                continue;
            };
            let normalised = address.normalised();
            if !seen.insert(normalised.clone()) {
                read.repeated += 1;
            } else if invited.contains(&normalised) {
                read.known.push(address);
            } else {
                read.good.push(address);
            }
        }
        read
    }

    /// What is to be marked: what is half typed only once the person has gone elsewhere.
    #[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
    pub(super) fn marks(&self, is_typing: bool) -> Vec<Range<usize>> {
        let unfinished = self.unfinished.iter().filter(|_| !is_typing);
        self.wrong.iter().chain(unfinished).cloned().collect()
    }

    /// Whether everything is an address, and there are some to invite and not too many.
    pub(super) fn are_ready(&self) -> bool {
        self.wrong.is_empty() && self.unfinished.is_none() && (1..=MAX_AT_ONCE).contains(&self.good.len())
    }
}

/// The entries with their places, without what is around them.
fn entries(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut entries = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            // A name may have a comma in it; a quote that is not closed ends with its line.
            '"' => quoted = !quoted,
            '\n' | '\r' => quoted = false,
            _ => {}
        }
        if !quoted && matches!(c, ',' | ';' | '\t' | '\n' | '\r') {
            part(text, start..at, &mut entries);
            start = at + c.len_utf8();
        }
    }
    part(text, start..text.len(), &mut entries);
    entries
}

/// One entry, or several if blanks part whole addresses.
fn part<'a>(text: &'a str, place: Range<usize>, entries: &mut Vec<(Range<usize>, &'a str)>) {
    let Some(entry) = text.get(place.clone()) else { return };
    let mut words = entry.split_whitespace().peekable();
    if words.peek().is_none() {
        return;
    }
    if words.all(|word| word.contains('@')) {
        let mut from = place.start;
        for word in entry.split_whitespace() {
            if let Some(found) = text.get(from..).and_then(|rest| rest.find(word)) {
                let start = from + found;
                from = start + word.len();
                entries.push((start..from, word));
            }
        }
        return;
    }
    let start = place.start + (entry.len() - entry.trim_start().len());
    let entry = entry.trim();
    entries.push((start..start + entry.len(), entry));
}

/// The address without a name in front of it, its brackets and what makes a link of it.
fn bare(entry: &str) -> &str {
    let inside = entry
        .strip_suffix('>')
        .and_then(|entry| entry.rsplit_once('<'))
        .map_or(entry, |(_name, address)| address);
    inside.trim().strip_prefix("mailto:").unwrap_or(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Addresses {
        Addresses::read(text, &BTreeSet::new())
    }

    fn good(text: &str) -> Vec<String> {
        read(text).good.iter().map(EmailAddress::to_string).collect()
    }

    #[test]
    fn addresses_are_taken_as_they_are_pasted() {
        for text in [
            "bonny@example.org, carl@example.org",
            "bonny@example.org;carl@example.org;",
            "bonny@example.org\r\ncarl@example.org\r\n",
            "  bonny@example.org carl@EXAMPLE.org ",
            "\"Smith, Bonny\" <bonny@example.org>, Carl <carl@example.org>",
            "<bonny@example.org>\tmailto:carl@example.org",
            "bonny@example.org,,\n;carl@example.org",
        ] {
            assert_eq!(good(text), ["bonny@example.org", "carl@example.org"], "{text}");
            assert!(read(text).are_ready(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_found_where_it_stands() {
        let text = "bonny@example.org, carl(at)example.org\ndan@example.org";
        let read = read(text);
        assert_eq!(read.good.len(), 2);
        let wrong: Vec<_> = read.wrong.iter().map(|place| text.get(place.clone())).collect();
        assert_eq!(wrong, [Some("carl(at)example.org")]);
        assert!(!read.are_ready());
    }

    #[test]
    fn what_is_being_typed_is_not_wrong_yet() {
        let typing = read("bonny@example.org, carl@");
        assert!(typing.wrong.is_empty() && !typing.are_ready());
        assert!(typing.marks(true).is_empty());
        assert_eq!(typing.marks(false).len(), 1);
        assert_eq!(read("bonny@example.org, carl@\n").marks(true).len(), 1);
    }

    #[test]
    fn nobody_is_invited_twice() {
        let invited = BTreeSet::from(["dan@example.org".to_owned()]);
        let read = Addresses::read("Bonny@example.org bonny@EXAMPLE.org dan@example.org", &invited);
        assert_eq!((read.good.len(), read.repeated, read.known.len()), (1, 1, 1));
        assert!(read.are_ready());
        assert!(!Addresses::read("dan@example.org", &invited).are_ready());
    }

    #[test]
    fn there_is_a_limit_and_nothing_hostile_gets_through() {
        let many = |count: usize| (0..count).map(|n| format!("a{n}@example.org\n")).collect::<String>();
        assert!(read(&many(MAX_AT_ONCE)).are_ready());
        assert!(!read(&many(MAX_AT_ONCE + 1)).are_ready());
        for text in [
            "",
            " , ;\n",
            "\"",
            "<<>>",
            "a@b",
            "@",
            "é,\u{202e}x@example.org",
            "a@example.org\u{0}",
        ] {
            assert!(!read(text).are_ready(), "{text:?}");
        }
    }
}
