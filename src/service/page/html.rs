//! Writes a sheet as HTML. Everything passes [`escape`], which is the only way in for what came from outside.

use super::sheet::{AddressField, Button, Mark, Part, Piece, Rank, Sheet, Text};
use crate::service::locales::Language;

/// The style of all pages.
const STYLE: &str = include_str!("../../../assets/service/pages/style.css");

/// Posts the first form of a page.
const POST: &str = "document.forms[0].submit()";

/// A whole document. `nonce` is what its style and its script are known by, `host` where this service is.
pub(super) fn document(language: Language, sheet: &Sheet, nonce: &str, host: &str) -> String {
    let mut page = Writer(String::with_capacity(STYLE.len() + 4096));
    page.raw("<!doctype html>\n<html dir=\"ltr\" lang=\"")
        .raw(language.tag())
        .raw("\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"format-detection\" content=\"telephone=no\">\n");
    page.raw("<link rel=\"icon\" type=\"image/svg+xml\" href=\"/icon.svg\">\n<title>");
    for piece in sheet.title.pieces() {
        match piece {
            Piece::Words(words) => page.text(words),
            Piece::Value(value) => page.text(value),
        };
    }
    page.raw("</title>\n<style nonce=\"")
        .raw(nonce)
        .raw("\">")
        .raw(STYLE)
        .raw("</style>\n</head>\n<body>\n");
    page.raw("<header>").raw(BRAND).raw("Partyline</header>\n<main>\n");
    page.mark(&sheet.mark);
    page.raw("<h1>").sentence(&sheet.title).raw("</h1>\n");
    for part in &sheet.parts {
        page.part(part, nonce);
    }
    page.raw("</main>\n<footer>")
        .text(host)
        .raw("</footer>\n</body>\n</html>\n");
    page.0
}

/// HTML that grows.
struct Writer(String);

impl Writer {
    /// Words of this program.
    fn raw(&mut self, html: &str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    /// Anything else.
    fn text(&mut self, text: &str) -> &mut Self {
        escape(&mut self.0, text);
        self
    }

    /// A sentence. What fills its blanks is set apart, also from the direction of the writing around it.
    fn sentence(&mut self, text: &Text) -> &mut Self {
        for piece in text.pieces() {
            match piece {
                Piece::Words(words) => self.text(words),
                Piece::Value(value) => self.raw("<bdi>").text(value).raw("</bdi>"),
            };
        }
        self
    }

    fn part(&mut self, part: &Part, nonce: &str) {
        match part {
            Part::Sentence(text) => self.raw("<p>").sentence(text).raw("</p>\n"),
            Part::Note(text) => self.raw("<p class=\"note\">").sentence(text).raw("</p>\n"),
            Part::Facts(facts) => self.facts(facts),
            Part::Code(label, code) => {
                self.raw("<p class=\"code\"><span class=\"hidden\">")
                    .text(label)
                    .raw(": </span><code>");
                self.text(code).raw("</code></p>\n")
            }
            Part::Button(button) => self.button(button),
            Part::Address(field) => self.address(field),
            Part::Link(address, label, rank) => {
                self.raw("<p class=\"action\"><a class=\"")
                    .raw(class(*rank))
                    .raw("\" href=\"")
                    .text(address)
                    .raw("\">");
                self.sentence(label).raw("</a></p>\n")
            }
            Part::Rule => self.raw("<hr>\n"),
            Part::PostsItself => self
                .raw("<script nonce=\"")
                .raw(nonce)
                .raw("\">")
                .raw(POST)
                .raw("</script>\n"),
        };
    }

    fn facts(&mut self, facts: &[(&'static str, String)]) -> &mut Self {
        self.raw("<dl>\n");
        for (name, value) in facts {
            self.raw("<div><dt>")
                .text(name)
                .raw("</dt><dd><bdi>")
                .text(value)
                .raw("</bdi></dd></div>\n");
        }
        self.raw("</dl>\n")
    }

    fn form(&mut self, action: &str, fields: &[(String, String)]) -> &mut Self {
        self.raw("<form method=\"post\" action=\"").text(action).raw("\">\n");
        for (name, value) in fields {
            self.raw("<input type=\"hidden\" name=\"")
                .text(name)
                .raw("\" value=\"")
                .text(value)
                .raw("\">\n");
        }
        self
    }

    fn button(&mut self, button: &Button) -> &mut Self {
        self.form(&button.action, &button.fields);
        self.raw("<button class=\"")
            .raw(class(button.rank))
            .raw("\">")
            .text(button.label)
            .raw("</button>\n</form>\n")
    }

    fn address(&mut self, field: &AddressField) -> &mut Self {
        self.form(&field.action, &field.fields);
        self.raw("<label for=\"email\">").text(field.label).raw("</label>\n");
        self.raw("<input id=\"email\" name=\"email\" type=\"email\" maxlength=\"254\" required autocomplete=\"email\" spellcheck=\"false\" value=\"");
        self.text(&field.value).raw("\"");
        if let Some(problem) = field.problem {
            self.raw(" aria-invalid=\"true\" aria-describedby=\"problem\">\n<p id=\"problem\" role=\"alert\">")
                .text(problem)
                .raw("</p>\n");
        } else {
            self.raw(">\n");
        }
        self.raw("<button class=\"primary\">")
            .text(field.button)
            .raw("</button>\n</form>\n")
    }

    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Tile(name) => {
                let hue = name
                    .bytes()
                    .fold(0_usize, |sum, byte| sum.wrapping_add(usize::from(byte)))
                    % 8;
                self.raw("<div class=\"mark tile hue")
                    .raw(&hue.to_string())
                    .raw("\" aria-hidden=\"true\">");
                self.text(&initials(name)).raw("</div>\n")
            }
            Mark::Done => self.picture("done", "<path d=\"m5 12.5 4.5 4.5L19 7.5\"/>"),
            Mark::Mail => self.picture(
                "mail",
                "<rect x=\"3\" y=\"5\" width=\"18\" height=\"14\" rx=\"2.5\"/><path d=\"m3.5 7.5 8.5 6 8.5-6\"/>",
            ),
            Mark::Clock => self.picture(
                "clock",
                "<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M12 7v5l3.2 2\"/>",
            ),
            Mark::Ended => self.picture("ended", "<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M8 12h8\"/>"),
            Mark::Wrong => self.picture(
                "wrong",
                "<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M12 7.5v5.5M12 16.3v.1\"/>",
            ),
        };
    }

    fn picture(&mut self, class: &str, lines: &str) -> &mut Self {
        self.raw("<div class=\"mark ")
            .raw(class)
            .raw("\"><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">");
        self.raw(lines).raw("</svg></div>\n")
    }
}

const fn class(rank: Rank) -> &'static str {
    match rank {
        Rank::Primary => "primary",
        Rank::Quiet => "quiet",
    }
}

/// The letters on a tile: the first of the first two words.
fn initials(name: &str) -> String {
    let first = |word: &str| word.chars().next().map(|letter| letter.to_uppercase().to_string());
    let words = name
        .split_whitespace()
        .filter(|word| word.starts_with(char::is_alphanumeric));
    let letters: String = words.take(2).filter_map(first).collect();
    if letters.is_empty() { "•".to_owned() } else { letters }
}

/// Writes text so that it is text in an element and in a quoted attribute. A control character that HTML does not know is left out.
fn escape(html: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\t' | '\n' => html.push(letter),
            letter if letter.is_control() => {}
            letter => html.push(letter),
        }
    }
}

/// The mark of the program.
const BRAND: &str = concat!(
    "<svg viewBox=\"0 0 256 256\" aria-hidden=\"true\"><rect width=\"256\" height=\"256\" rx=\"60\" fill=\"#5B5BD6\"/>",
    "<path d=\"M56 92C96 60 118 196 200 156\" fill=\"none\" stroke=\"#fff\" stroke-width=\"18\" stroke-linecap=\"round\"/>",
    "<circle cx=\"62\" cy=\"90\" r=\"30\" fill=\"#fff\"/><circle cx=\"194\" cy=\"158\" r=\"30\" fill=\"#fff\"/>",
    "<circle cx=\"172\" cy=\"72\" r=\"14\" fill=\"#B1A9FF\"/><circle cx=\"88\" cy=\"184\" r=\"14\" fill=\"#B1A9FF\"/></svg>",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let mut html = String::new();
        escape(&mut html, "<b a='1' b=\"2\">&\u{0}\u{1b}é\n");
        assert_eq!(html, "&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;é\n");
    }

    #[test]
    fn a_tile_shows_the_first_letters() {
        for (name, letters) in [
            ("Hiking Crew", "HC"),
            ("choir", "C"),
            ("合唱団", "合"),
            ("« »", "•"),
            ("", "•"),
            ("ßx", "SS"),
        ] {
            assert_eq!(initials(name), letters);
        }
    }
}
