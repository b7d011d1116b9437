//! Sentences about invitations for several people, and about the page that lists a party's invitations.

// The Invite dialog: several people.
pub(crate) const HOW_MANY: &str = "How many people";
pub(crate) const FEWER: &str = "One person fewer";
pub(crate) const MORE: &str = "One person more";
pub(crate) const BACK_TO_CODE: &str = "Back to the code";

pub(crate) fn invite_options(people: u32) -> String {
    match people {
        1 => "Create a code for one person. You let them in with a PIN.".to_owned(),
        more => format!("Create one code for {more} people. You let each of them in with a PIN."),
    }
}

pub(crate) fn invite_send(people: u32) -> String {
    match people {
        1 => "Send this code to one person, in any chat you like.".to_owned(),
        more => format!("Send this code to up to {more} people, in any chat you like."),
    }
}

pub(crate) fn invite_explained(people: u32) -> String {
    match people {
        1 => {
            "The code works once. When it is used, you see a six-digit PIN here to read out to the person you invited."
                .to_owned()
        }
        more => format!(
            "The code works {more} times. Each time it is used, you see a fresh six-digit PIN here. Who comes meanwhile waits in line."
        ),
    }
}

/// How many are in of how many that can be.
pub(crate) fn came_in(joined: usize, of: u32) -> String {
    match joined {
        0 => format!("Nobody has joined yet, of {of}"),
        some => format!("{some} of {of} joined"),
    }
}

pub(crate) fn all_joined(count: usize, party: &str) -> String {
    format!("All {count} people joined {party}")
}

/// Names, the last that came in first; those that do not fit are counted.
pub(crate) fn names<'a>(names: impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator) -> String {
    const SHOWN: usize = 8;
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<&str> = names.rev().take(SHOWN).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

pub(crate) fn in_line(waiting: u8) -> String {
    match waiting {
        1 => "One more person waits in line.".to_owned(),
        more => format!("{more} more people wait in line."),
    }
}

pub(crate) fn expired_after(joined: usize, of: u32) -> (&'static str, String) {
    (
        "The code has expired",
        format!("{joined} of {of} people joined with it. A new one is a click away."),
    )
}

// The Redeem dialog: in line for a code that several people use.
pub(crate) const IN_LINE: &str =
    "Others are joining with this code, too. You get a PIN of your own when it is your turn.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_the_last_ones_are_told() {
        let all: Vec<String> = (1..=10).map(|number| number.to_string()).collect();
        assert_eq!(
            names(all.iter().map(String::as_str)),
            "10, 9, 8, 7, 6, 5, 4, 3 and 2 more"
        );
        assert_eq!(names(["Bob", "Clara"].into_iter()), "Clara, Bob");
    }
}
