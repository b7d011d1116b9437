//! The pages that people see: what each one says and what its buttons do. The only place that makes HTML.
//!
//! A [`Page`] is what happened; `describe` turns it into a sheet of few elements in the reader's language; `html` writes that.
//!
//! - **Invariant:** everything that came from outside is escaped in one place, `html`.
//! - **Invariant:** no page needs a script, and nothing on it comes from another host.
//! - **Invariant:** every page carries the headers of `headers`.

mod carry;
mod describe;
mod headers;
mod html;
mod sheet;

use std::fmt;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::config::Config;
use super::locales::Language;
use crate::time::Timestamp;

pub use self::carry::carry;

/// A page.
#[derive(Clone)]
pub enum Page {
    /// An invitation that waits for its answer: a button accepts it, a link leads to saying no.
    Invitation {
        /// The link's token.
        token: String,
        /// Who invites, as the client says.
        inviter: Option<String>,
        /// What the client calls itself.
        app: String,
        /// Who is invited.
        address: String,
        /// Where accepting leads.
        leads_to: Destination,
        /// When it ends.
        ends: Timestamp,
    },
    /// Asks whether they mean no.
    Decline {
        /// The link's token.
        token: String,
        /// What the client calls itself.
        app: String,
    },
    /// After the button, for who goes on in the desktop app.
    OpenApp {
        /// What the app is opened with.
        link: String,
        /// The typed code, as it is shown.
        code: String,
    },
    /// An invitation that can no longer be accepted.
    Ended {
        /// What the client calls itself.
        app: String,
        /// Why.
        why: Ended,
        /// If a new link can be had: the link's token, and the address it is mailed to.
        renewal: Option<(String, String)>,
    },
    /// A new link was mailed to this address.
    Renewed {
        /// The address.
        address: String,
    },
    /// The person said no just now.
    Declined {
        /// What the client calls itself.
        app: String,
    },
    /// Asks whether an address is to get no more mail of a client.
    Unsubscribe {
        /// The link's token.
        token: String,
        /// What the client calls itself.
        app: String,
        /// The address.
        address: String,
    },
    /// An address gets no more mail of a client.
    Unsubscribed {
        /// What the client calls itself.
        app: String,
        /// The address.
        address: String,
    },
    /// No such link.
    NotFound,
    /// Hands an answer to the client as a form that the browser posts at once. The button is for browsers without scripts.
    FormPost {
        /// What the client calls itself.
        app: String,
        /// The client's address and the answer.
        form: Form,
    },
    /// Asks for an address, to sign in. The form's field is called `email`.
    SignIn {
        /// What the client calls itself.
        app: String,
        /// What the person wants there.
        purpose: Purpose,
        /// Where the address is posted.
        form: Form,
        /// What is in the field already.
        email: String,
        /// What was wrong with the last try.
        problem: Option<SignInProblem>,
    },
    /// Asks whether to go on to the client with this address. Posts `answer` = `continue` or `cancel`.
    Confirm {
        /// What the client calls itself.
        app: String,
        /// Under which address.
        address: String,
        /// Where the answer is posted.
        form: Form,
    },
    /// A link to sign in was mailed, if the address may sign in.
    CheckMail {
        /// What the client calls itself.
        app: String,
        /// The address.
        address: String,
    },
    /// Asks whether to sign out.
    SignOut {
        /// Where the answer is posted.
        form: Form,
    },
    /// Signed out.
    SignedOut {
        /// The client's name and address, if there is a way back.
        back: Option<(String, String)>,
    },
    /// A client's request that cannot be answered to the client itself (RFC 6749, 4.1.2.1).
    Refused {
        /// The error code.
        error: &'static str,
        /// What is wrong, for the client's developer.
        description: String,
    },
    /// What an error code means: where `error_uri` leads.
    Explained {
        /// The error code.
        error: &'static str,
        /// What it means, for the client's developer, in English.
        meaning: &'static str,
    },
    /// Too much at once from one network address.
    TooMany {
        /// Seconds until it is worth another try.
        wait: u64,
    },
    /// The button was pressed on another website.
    Elsewhere,
    /// The service cannot do it now.
    Unavailable,
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Page(<redacted>)")
    }
}

/// Where accepting leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To the desktop app, by a page that opens it.
    App,
    /// To a client's website: the address that is asked first, and all those that may follow.
    Site(Vec<String>),
}

/// Why an invitation can no longer be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its time was over at this moment.
    Expired(Timestamp),
    /// Its code was exchanged.
    Used,
    /// Whoever sent it took it back.
    Revoked,
    /// The person said no.
    Declined,
    /// A newer link took its place.
    Replaced,
    /// The operator has turned the client off, or its address away.
    Closed,
}

/// What a page's button posts, and where.
#[derive(Clone, Default)]
pub struct Form {
    /// The address, absolute or of this service.
    pub action: String,
    /// Fields that nobody sees.
    pub hidden: Vec<(String, String)>,
    /// Addresses of clients that the answer may lead to: browsers refuse to follow a form's redirect that the page has not named.
    pub leads_to: Vec<String>,
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Form(<redacted>)")
    }
}

/// What somebody who gives an address wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To sign up (`prompt=create`).
    SignUp,
}

/// Why no mail was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInProblem {
    /// That is no address.
    NoAddress,
    /// There was one just now.
    TooOften,
}

impl Page {
    /// Its status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Invitation { .. }
            | Self::OpenApp { .. }
            | Self::Renewed { .. }
            | Self::Decline { .. }
            | Self::Declined { .. }
            | Self::Unsubscribe { .. }
            | Self::Unsubscribed { .. }
            | Self::FormPost { .. }
            | Self::SignIn { problem: None, .. }
            | Self::Confirm { .. }
            | Self::CheckMail { .. }
            | Self::SignOut { .. }
            | Self::SignedOut { .. }
            | Self::Explained { .. } => StatusCode::OK,
            Self::SignIn {
                problem: Some(SignInProblem::NoAddress),
                ..
            } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SignIn {
                problem: Some(SignInProblem::TooOften),
                ..
            }
            | Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Ended { .. } => StatusCode::GONE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Refused { .. } => StatusCode::BAD_REQUEST,
            Self::Elsewhere => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Addresses that its form may lead to, beside this service.
    fn leads_to(&self) -> &[String] {
        match self {
            Self::Invitation {
                leads_to: Destination::Site(addresses),
                ..
            } => addresses,
            Self::FormPost { form, .. }
            | Self::SignIn { form, .. }
            | Self::Confirm { form, .. }
            | Self::SignOut { form } => &form.leads_to,
            Self::Invitation { .. }
            | Self::OpenApp { .. }
            | Self::Ended { .. }
            | Self::Renewed { .. }
            | Self::Decline { .. }
            | Self::Declined { .. }
            | Self::Unsubscribe { .. }
            | Self::Unsubscribed { .. }
            | Self::NotFound
            | Self::CheckMail { .. }
            | Self::SignedOut { .. }
            | Self::Refused { .. }
            | Self::Explained { .. }
            | Self::TooMany { .. }
            | Self::Elsewhere
            | Self::Unavailable => &[],
        }
    }
}

/// The answer that shows a page, with its status and all headers.
#[must_use]
pub fn render(config: &Config, language: Language, page: &Page) -> Response {
    let nonce = headers::nonce(&mut rand::rng());
    let sheet = describe::sheet(page, language, &config.issuer);
    let body = html::document(language, &sheet, &nonce, host(&config.issuer));
    let mut response = (page.status(), body).into_response();
    let fields = response.headers_mut();
    headers::protect(fields, config, &sheet, page.leads_to(), &nonce);
    fields.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    fields.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    match page {
        Page::TooMany { wait } => {
            fields.insert(header::RETRY_AFTER, HeaderValue::from(*wait));
        }
        Page::SignIn {
            problem: Some(SignInProblem::TooOften),
            ..
        }
        | Page::Unavailable => {
            fields.insert(header::RETRY_AFTER, HeaderValue::from(60_u64));
        }
        _ => {}
    }
    response
}

/// What people know an address by: its host, and its port if it has one.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}
