//! Templates of mails: checked when they are uploaded, tried out, rendered when a mail is written.
//!
//! What a template may say is small ([`grammar`]): values, conditions, a few filters. No loops, no assignments, nothing that switches off the escaping in
//! HTML. So a client's template is never more work than its length, and what somebody fills in stays text.

mod built_in;
mod grammar;
mod look;

use std::fmt;
use std::sync::LazyLock;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context, filters};
use serde_json::Map;

pub use self::built_in::{BuiltIn, built_in};
use super::tag::{direction, plain_moment};
use super::values;
use crate::service::locales::Language;
use crate::time::Timestamp;

/// The longest subject of a template, in bytes.
pub const MAX_SUBJECT: usize = 300;

/// The longest part of a template and the longest HTML that a check lets pass, in bytes: some mail programs cut off what is much longer.
pub const MAX_PART: usize = 30 * 1024;

/// Steps that rendering one part may take.
const FUEL: u64 = 50_000;

/// A mail as a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML, if there is any.
    pub html: Option<String>,
}

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The subject.
    Subject,
    /// The text.
    Text,
    /// The HTML.
    Html,
}

/// Why a template is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A part is empty or too long.
    #[error("the {part} has between 1 and {most} bytes")]
    Length {
        /// Which.
        part: Part,
        /// The most it may have.
        most: usize,
    },
    /// The subject has several lines.
    #[error("the subject is one line")]
    SubjectLines,
    /// A part says something that templates do not have.
    #[error("line {line} of the {part}: a template has values like {{{{ app_name }}}}, conditions like {{% if inviter_name %}} and the filters {}", grammar::FILTERS.join(", "))]
    NotAllowed {
        /// Which.
        part: Part,
        /// Where, from 1 on.
        line: usize,
    },
    /// A part cannot be read or rendered.
    #[error("line {line} of the {part} cannot be read")]
    Unreadable {
        /// Which.
        part: Part,
        /// Where, from 1 on; 0 if that is not known.
        line: usize,
    },
    /// A part is too much work.
    #[error("the {part} is too much work")]
    Work {
        /// Which.
        part: Part,
    },
    /// A part does not show the link.
    #[error("the {part} does not show {{{{ action_url }}}}, so nobody could follow the invitation")]
    NoLink {
        /// Which.
        part: Part,
    },
}

/// What is strange about a template that is taken all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A value that no mail has: it is empty.
    UnknownVariable(String),
    /// The subject shows what a request brings: it is empty there unless the operator trusts the client.
    SubjectShowsData,
    /// There is no HTML; mail programs show the text.
    NoHtml,
    /// Something that mail programs leave out or mark as dangerous, like `<script`.
    Risky(String),
    /// A link or a picture of another host, which the reader's mail program may hold against the mail.
    OtherHost(String),
}

/// A mail as it reads.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML.
    pub html: Option<String>,
}

/// What a mail tells of.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own that somebody gave, no state"
)]
#[derive(Clone)]
pub struct Variables<'a> {
    /// The link.
    pub action_url: String,
    /// Where the reader can ask for no more mails, if they can.
    pub unsubscribe_url: Option<String>,
    /// Who it is for.
    pub email: String,
    /// What the client calls itself.
    pub app_name: &'a str,
    /// The address of who invites, if that person proved it here.
    pub inviter_email: Option<String>,
    /// When the link ends.
    pub expires_at: Timestamp,
    /// The language, BCP 47.
    pub locale: &'a str,
    /// The host of the service.
    pub service: &'a str,
    /// Who answers for the service.
    pub contact: Option<&'a str>,
    /// Whether it leads into a party of Partyline.
    pub is_party: bool,
    /// What the request brought, a JSON object.
    pub data: &'a str,
    /// Whether the operator vouches for what the client writes.
    pub is_trusted: bool,
}

/// Values that every mail has.
const NAMES: [&str; 14] = [
    "action_url",
    "app_name",
    "contact",
    "data",
    "dir",
    "email",
    "expires_at",
    "inviter",
    "inviter_name",
    "is_party",
    "locale",
    "service",
    "sign_in_url",
    "sign_up_url",
];

/// Values that a mail may lack.
const MORE_NAMES: [&str; 1] = ["unsubscribe_url"];

/// A link that stands for the real one while a template is checked.
const SAMPLE_URL: &str = "https://invite.example.org/i/sample";

/// Whether a template may be kept.
///
/// # Errors
///
/// [`TemplateError`], for who uploads it.
pub fn check(subject: &str, text: &str, html: Option<&str>) -> Result<Vec<Warning>, TemplateError> {
    let parts = [
        (Part::Subject, Some(subject), MAX_SUBJECT),
        (Part::Text, Some(text), MAX_PART),
        (Part::Html, html, MAX_PART),
    ];
    let mut warnings = Vec::new();
    for (part, source, most) in parts {
        let Some(source) = source else { continue };
        if source.trim().is_empty() || source.len() > most {
            return Err(TemplateError::Length { part, most });
        }
        grammar::check(source).map_err(|line| TemplateError::NotAllowed { part, line })?;
        for name in unknown(part, source)? {
            let warning = Warning::UnknownVariable(name);
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    if subject.trim().contains(['\r', '\n']) {
        return Err(TemplateError::SubjectLines);
    }
    let shown = preview(subject, text, html, "Choir", "en", "{}")?;
    if !shown.text.contains(SAMPLE_URL) {
        return Err(TemplateError::NoLink { part: Part::Text });
    }
    if let Some(html) = &shown.html {
        if !html.contains(SAMPLE_URL) {
            return Err(TemplateError::NoLink { part: Part::Html });
        }
        if html.len() > MAX_PART {
            return Err(TemplateError::Length {
                part: Part::Html,
                most: MAX_PART,
            });
        }
        warnings.extend(look::warnings(html, SAMPLE_URL));
    } else {
        warnings.push(Warning::NoHtml);
    }
    if grammar::names(subject).any(|name| matches!(name, "data" | "inviter" | "inviter_name")) {
        warnings.push(Warning::SubjectShowsData);
    }
    Ok(warnings)
}

/// How a template reads, with made-up values and these ones of a request (a JSON object), as a trusted client's mail.
///
/// # Errors
///
/// [`TemplateError`] if a part cannot be read.
pub fn preview(
    subject: &str,
    text: &str,
    html: Option<&str>,
    app_name: &str,
    locale: &str,
    data: &str,
) -> Result<Rendered, TemplateError> {
    let template = Template {
        subject: subject.to_owned(),
        text: text.to_owned(),
        html: html.map(str::to_owned),
    };
    // 2030-01-08T12:00:00Z.
    let expires_at = Timestamp::from_millis(1_894_104_000_000);
    template.render(&Variables {
        action_url: SAMPLE_URL.to_owned(),
        unsubscribe_url: Some("https://invite.example.org/u/sample".to_owned()),
        email: "bonny@example.org".to_owned(),
        app_name,
        inviter_email: None,
        expires_at,
        locale,
        service: "invite.example.org",
        contact: None,
        is_party: false,
        data,
        is_trusted: true,
    })
}

impl Template {
    /// The mail with these values.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] if a part cannot be read, which a checked template never says.
    pub fn render(&self, variables: &Variables<'_>) -> Result<Rendered, TemplateError> {
        let data = values::lines(variables.data, variables.is_trusted);
        let all = variables.context(data);
        let own = if variables.is_trusted {
            all.clone()
        } else {
            variables.context(Map::new())
        };
        let subject = render(Part::Subject, &self.subject, own)?;
        let html = self.html.as_deref().map(|html| render(Part::Html, html, all.clone()));
        Ok(Rendered {
            subject: values::line(&subject, true),
            text: render(Part::Text, &self.text, all)?,
            html: html.transpose()?,
        })
    }
}

impl Variables<'_> {
    fn context(&self, data: Map<String, serde_json::Value>) -> Value {
        let name = data.get("inviter_name").and_then(serde_json::Value::as_str);
        let name = name.filter(|name| !name.is_empty());
        let inviter = match (name, &self.inviter_email) {
            (Some(name), Some(email)) => format!("{name} ({email})"),
            (Some(name), None) => name.to_owned(),
            (None, Some(email)) => email.clone(),
            (None, None) => String::new(),
        };
        let inviter_name = name.or(self.inviter_email.as_deref()).unwrap_or_default().to_owned();
        let expires_at = Language::of_tag(self.locale).map_or_else(
            || plain_moment(self.expires_at),
            |language| language.moment(self.expires_at),
        );
        // Links are made of letters, digits and `:/.-_` here: they need no escaping, and stay readable without.
        let url = |url: &str| Value::from_safe_string(url.to_owned());
        context! {
            action_url => url(&self.action_url),
            sign_up_url => url(&self.action_url),
            sign_in_url => url(&self.action_url),
            unsubscribe_url => self.unsubscribe_url.as_deref().map(url),
            email => self.email.as_str(),
            app_name => values::line(self.app_name, true),
            inviter,
            inviter_name,
            expires_at,
            locale => self.locale,
            dir => direction(self.locale),
            service => self.service,
            contact => self.contact,
            is_party => self.is_party,
            data => Value::from(Serde(data)),
        }
    }
}

/// Renders parts: those named `*.html` escape every value. It knows the filters of the grammar and nothing else.
static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::empty();
    // An empty value counts as none: what was not harmless is empty.
    engine.add_filter("default", |value: Value, other: String| {
        let is_empty = value.is_undefined() || value.is_none() || value.as_str() == Some("");
        if is_empty { Value::from(other) } else { value }
    });
    engine.add_filter("upper", filters::upper);
    engine.add_filter("lower", filters::lower);
    engine.add_filter("title", filters::title);
    engine.add_filter("capitalize", filters::capitalize);
    engine.add_filter("trim", filters::trim);
    engine.set_fuel(Some(FUEL));
    engine.set_undefined_behavior(UndefinedBehavior::Chainable);
    engine.set_auto_escape_callback(|name| {
        if name == Part::Html.name() {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    engine
});

fn render(part: Part, source: &str, values: Value) -> Result<String, TemplateError> {
    ENGINE
        .render_named_str(part.name(), source, values)
        .map_err(|error| failed(part, &error))
}

fn failed(part: Part, error: &minijinja::Error) -> TemplateError {
    if error.kind() == ErrorKind::OutOfFuel {
        TemplateError::Work { part }
    } else {
        TemplateError::Unreadable {
            part,
            line: error.line().unwrap_or(0),
        }
    }
}

/// Names that no mail has, in the order of the alphabet.
fn unknown(part: Part, source: &str) -> Result<Vec<String>, TemplateError> {
    let template = ENGINE
        .template_from_named_str(part.name(), source)
        .map_err(|error| failed(part, &error))?;
    let names = template.undeclared_variables(false).into_iter();
    let mut unknown: Vec<String> = names
        .filter(|name| !NAMES.contains(&name.as_str()) && !MORE_NAMES.contains(&name.as_str()))
        .collect();
    unknown.sort();
    Ok(unknown)
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subject => "subject",
            Self::Text => "text",
            Self::Html => "HTML",
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVariable(name) => write!(f, "no mail has a value {name}: it is empty"),
            Self::SubjectShowsData => f.write_str(
                "the subject shows what a request brings: that is empty unless the operator trusts this client",
            ),
            Self::NoHtml => f.write_str("there is no HTML: mail programs show the text"),
            Self::Risky(what) => write!(f, "mail programs leave out or mark as dangerous: {what}"),
            Self::OtherHost(host) => write!(
                f,
                "a link or picture of another host, {host}: mail programs may hold that against the mail"
            ),
        }
    }
}

/// Prints nothing: there is a link in it.
impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rendered(<redacted>)")
    }
}

/// As above.
impl fmt::Debug for Variables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Variables(<redacted>)")
    }
}

#[cfg(test)]
mod tests;
