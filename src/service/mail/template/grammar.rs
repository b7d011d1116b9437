//! What a template may say:
//!
//! ```text
//! {{ name.member | filter }}    {{ name | default("text") }}    {# a remark #}
//! {% if name %} … {% elif not name.member %} … {% else %} … {% endif %}
//! ```
//!
//! It is less than the engine can do. Loops and assignments could double a text until the memory is full, and `safe` would let markup through.

/// The filters there are.
pub(super) const FILTERS: [&str; 6] = ["default", "upper", "lower", "title", "capitalize", "trim"];

/// A tag of a template: which kind, what is in it, and the line it begins in.
struct Tag<'a> {
    kind: Kind,
    inside: &'a str,
    line: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Value,
    Block,
    Remark,
}

/// Whether the source keeps to the grammar; if not, the line where it does not.
pub(super) fn check(source: &str) -> Result<(), usize> {
    for tag in tags(source) {
        let tag = tag?;
        let fits = match tag.kind {
            Kind::Remark => true,
            Kind::Value => is_value(tag.inside),
            Kind::Block => is_block(tag.inside),
        };
        if !fits {
            return Err(tag.line);
        }
    }
    Ok(())
}

/// The names of the values it shows, as far as it keeps to the grammar.
pub(super) fn names(source: &str) -> impl Iterator<Item = &str> {
    tags(source).filter_map(Result::ok).filter_map(|tag| {
        let path = tag.inside.split('|').next().unwrap_or_default();
        let path = path.split_whitespace().next_back()?;
        (tag.kind != Kind::Remark).then(|| path.split('.').next().unwrap_or_default())
    })
}

/// The tags one after the other, as the engine finds them: whichever begins first. An error is the line of one that does not end.
fn tags(source: &str) -> impl Iterator<Item = Result<Tag<'_>, usize>> {
    let mut rest = source;
    let mut line = 1;
    std::iter::from_fn(move || {
        let kinds = [
            ("{{", "}}", Kind::Value),
            ("{%", "%}", Kind::Block),
            ("{#", "#}", Kind::Remark),
        ];
        let first = kinds
            .iter()
            .filter_map(|(begin, end, kind)| Some((rest.find(begin)?, end, kind)));
        let (at, end, kind) = first.min_by_key(|(at, _end, _kind)| *at)?;
        let (before, tag) = rest.split_at_checked(at)?;
        line += before.matches('\n').count();
        let begun = line;
        let Some((inside, after)) = tag.get(2..).and_then(|tag| tag.split_once(end)) else {
            rest = "";
            return Some(Err(begun));
        };
        line += inside.matches('\n').count();
        rest = after;
        let inside = inside.strip_prefix(['-', '+']).unwrap_or(inside);
        let inside = inside.strip_suffix(['-', '+']).unwrap_or(inside);
        Some(Ok(Tag {
            kind: *kind,
            inside,
            line: begun,
        }))
    })
}

fn is_value(inside: &str) -> bool {
    let mut parts = inside.split('|');
    parts.next().is_some_and(|path| is_path(path.trim())) && parts.all(|filter| is_filter(filter.trim()))
}

fn is_block(inside: &str) -> bool {
    let words: Vec<&str> = inside.split_whitespace().collect();
    match words.as_slice() {
        ["else" | "endif"] => true,
        ["if" | "elif", path] | ["if" | "elif", "not", path] => is_path(path),
        _ => false,
    }
}

fn is_path(path: &str) -> bool {
    path.split('.').all(is_name) && !matches!(path, "self" | "not" | "loop")
}

fn is_name(name: &str) -> bool {
    let mut letters = name.bytes();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}

fn is_filter(filter: &str) -> bool {
    let Some((name, argument)) = filter.split_once('(') else {
        return FILTERS.contains(&filter);
    };
    let text = |quote: char| {
        let inside = argument.trim().strip_suffix(')')?.trim();
        inside.strip_prefix(quote)?.strip_suffix(quote)
    };
    name.trim() == "default"
        && text('"')
            .or_else(|| text('\''))
            .is_some_and(|text| !text.contains(['"', '\'', '\\', '{', '}', '%', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_conditions_and_remarks_are_all_there_is() {
        for fine in [
            "",
            "plain { text } 100% #1",
            "{{ app_name }}",
            "{{app_name}}{{- data.custom_value -}}",
            "{{ data.name | default(\"friend\") | upper }}",
            "{{ data.name|default('friend')}}",
            "{# {{ anything }} #}",
            "{% if a %}x{% elif not b.c %}y{% else %}z{%- endif -%}",
            "{% if a\n %}{% endif %}",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_line() {
        for wrong in [
            "{{ a ~ a }}",
            "{{ a * 9999999 }}",
            "{{ a | safe }}",
            "{{ a | replace('a', 'b') }}",
            "{{ a['b'] }}",
            "{{ a() }}",
            "{{ range(9) }}",
            "{{ 'x' }}",
            "{{ self.x }}{{ self }}",
            "{{ a | default(\"}}{{ a | safe }}\") }}",
            "{{ a | default(\"\\x7b\") }}",
            "{{ a | default(b) }}",
            "{{ {{ a }} }}",
            "{{{ a }}}",
            "{{ a",
            "{% set a = 1 %}",
            "{% for a in b %}{% endfor %}",
            "{% include 'x' %}",
            "{% raw %}{% endraw %}",
            "{% macro x() %}{% endmacro %}",
            "{% if a == b %}{% endif %}",
            "{% autoescape false %}{% endautoescape %}",
            "{%",
            "{#",
        ] {
            assert_eq!(check(&format!("one\n{wrong}")), Err(2), "{wrong}");
        }
    }

    #[test]
    fn the_names_it_shows_are_known() {
        let source = "{{ app_name }}{% if not data.x %}{{ inviter_name | upper }}{% else %}{% endif %}{# email #}";
        assert_eq!(
            names(source).collect::<Vec<&str>>(),
            ["app_name", "data", "inviter_name", "else", "endif"]
        );
    }
}
