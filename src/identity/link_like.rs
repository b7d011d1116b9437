//! Names and words that a program which shows mail could make a link of. No IO.

/// Whether some word of a text reads like an address in the web or of a mailbox: with `://`, `www.`, `mailto:` and the like in it, or a name
/// with a point and two letters behind it.
#[must_use]
pub fn reads_like_an_address(text: &str) -> bool {
    let text = with_points(&text.to_lowercase());
    if ["://", "www.", "mailto:", "tel:", "javascript:"]
        .iter()
        .any(|start| text.contains(start))
    {
        return true;
    }
    text.split(|c: char| !c.is_alphanumeric() && !"-.@".contains(c))
        .any(is_domain)
}

/// Full stops of other scripts stand for a point in a domain (UTS #46, 4). The ideographic one ends a sentence, unless there are Latin letters
/// before or behind it; whoever shows it all the same keeps it from becoming a link.
fn with_points(text: &str) -> String {
    let mut pointed = String::with_capacity(text.len());
    let (mut before, mut rest) = (None, text.chars().peekable());
    while let Some(c) = rest.next() {
        let is_point = match c {
            '．' | '․' => true,
            '。' | '｡' => [before, rest.peek().copied()]
                .into_iter()
                .flatten()
                .any(|near| near.is_ascii_alphanumeric()),
            _ => false,
        };
        pointed.push(if is_point { '.' } else { c });
        before = Some(c);
    }
    pointed
}

/// `name.tld` or `name@name.tld`, with a top level of letters: numbers like 2.5 and initials like J.S. are none.
fn is_domain(word: &str) -> bool {
    let word = word.trim_matches('.');
    let Some((name, top)) = word.rsplit_once('.') else {
        return false;
    };
    let is_top = top.chars().count() >= 2 && (top.starts_with("xn--") || top.chars().all(char::is_alphabetic));
    is_top && name.chars().next_back().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_seen_however_they_are_written() {
        for address in [
            "https://evil.test",
            "HTTP://x",
            "WWW.evil",
            "go to evil.com/login",
            "(evil.co)",
            "ann@evil.org",
            "evil。com",
            "evil．com.",
            "evil。中国",
            "münchen.de",
            "evil.xn--p1ai",
            "пример.рф",
            "mailto:x",
            "a\"b.zip",
            "See you on Saturday.Bring tea",
        ] {
            assert!(reads_like_an_address(address), "{address}");
        }
        for plain in [
            "Ann",
            "J.S. Bach",
            "v2.5",
            "1.2.3.4",
            "Dr. Ann Smith",
            "Choir…",
            "a. b",
            "e.g. this",
            "",
            "...",
            "Ann & Bob: 10:30",
            "来てね。楽しみ",
        ] {
            assert!(!reads_like_an_address(plain), "{plain}");
        }
    }
}
