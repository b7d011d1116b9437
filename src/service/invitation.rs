//! An invitation as the service keeps it.

use std::fmt;
use std::time::Duration;

use crate::identity::EmailAddress;
use crate::time::Timestamp;

use super::oauth::DESKTOP;
use super::status::{Change, Status};

/// How long an invitation is good for if nobody says otherwise.
pub const DEFAULT_TTL: Duration = Duration::from_secs(7 * 24 * 3600);

/// The shortest time an invitation may be good for.
pub const MIN_TTL: Duration = Duration::from_secs(300);

/// The longest time an invitation may be good for.
pub const MAX_TTL: Duration = Duration::from_secs(30 * 24 * 3600);

/// One invitation of one person by one client.
#[derive(Clone)]
pub struct Invitation {
    /// Its id, 22 characters: the first half of its link.
    pub id: String,
    /// Whose it is.
    pub client_id: String,
    /// The person who invites, if they are signed in here themselves.
    pub inviter_sub: Option<String>,
    /// Who is invited. None once the address was wiped.
    pub email: Option<EmailAddress>,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// How the answer is carried there.
    pub response_mode: ResponseMode,
    /// Returned with the answer as it is.
    pub state: Option<String>,
    /// Which way the code takes to the client.
    pub delivery: Delivery,
    /// Whether a mail is sent.
    pub sends: Sends,
    /// The name of its template.
    pub template_alias: String,
    /// The language of its mail and its page, BCP 47.
    pub locale: String,
    /// What the template may use, a JSON object.
    pub template_data: String,
    /// Handed to whoever exchanges the code, as it is.
    pub app_data: Option<String>,
    /// The party it leads into.
    pub party: Option<InvitedParty>,
    /// What its tokens are good for, words with spaces between them.
    pub scope: String,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// Who may exchange its code: the S256 challenge of RFC 7636.
    pub code_challenge: Option<String>,
    /// Where it stands, as it was last written down; [`Invitation::status_at`] counts the clock in.
    pub status: Status,
    /// Which links open it: those of this generation.
    pub generation: i64,
    /// Mails that were asked for.
    pub send_count: i64,
    /// How long it is good for from each sending on.
    pub ttl: Duration,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the first mail was taken by a server.
    pub first_sent_at: Option<Timestamp>,
    /// When its button was first pressed.
    pub opened_at: Option<Timestamp>,
    /// When its code was exchanged.
    pub accepted_at: Option<Timestamp>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// The last answer of a mail server.
    pub last_smtp: Option<String>,
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation({}, {:?}, <redacted>)", self.id, self.status)
    }
}

/// How an answer is carried to the client (OAuth 2.0 Multiple Response Types, 2.1; Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// Behind the `?`.
    Query,
    /// Behind the `#`, which never leaves the browser.
    Fragment,
    /// As a form that the browser posts.
    FormPost,
}

/// Which way the code takes to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// From the button to the redirect URI.
    Direct,
    /// The client is asked to begin a sign-in of its own, which the invitation then answers (OpenID Connect Core, section 4).
    Initiate,
}

/// Whether the service sends the mail itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sends {
    /// It does.
    Email,
    /// The client passes on the link.
    Nothing,
}

/// The party an invitation leads into. The service knows nothing else of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitedParty {
    /// The invitation's id in the party's log.
    pub invitation: String,
    /// base64url of SHA-256 of the party's id.
    pub party_ref: String,
    /// The name of the key that the party's log pins for it: one of those for admissions, mostly the newest when it was made.
    pub key: String,
}

impl Invitation {
    /// Whether it leads to the desktop app, whichever client has made it: nothing else joins a party.
    #[must_use]
    pub const fn leads_to_app(&self) -> bool {
        self.party.is_some() && matches!(self.delivery, Delivery::Initiate)
    }

    /// Whether its mail may be sent again at this moment. One into a party also after it was accepted, for what was given for it
    /// may not have arrived, or was lost with the device: the party itself lets in once. When it is over it is so for the party, too.
    #[must_use]
    pub fn may_be_sent_again(&self, now: Timestamp) -> bool {
        let leads_somewhere = match self.party {
            Some(_) => now < self.expires_at,
            None => self.status != Status::Accepted,
        };
        leads_somewhere && Change::Queued.from().contains(&self.status)
    }

    /// Whether this client may accept it.
    #[must_use]
    pub fn is_for(&self, client_id: &str) -> bool {
        self.client_id == client_id || self.leads_to_app() && client_id == DESKTOP
    }

    /// Where it stands at this moment.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> Status {
        self.status.at(now, self.expires_at)
    }
}

impl ResponseMode {
    /// Its word in requests and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// The mode of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Query, Self::Fragment, Self::FormPost]
            .into_iter()
            .find(|mode| mode.word() == word)
    }
}

impl Delivery {
    /// Its word in requests and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Initiate => "initiate",
        }
    }

    /// The delivery of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Direct, Self::Initiate]
            .into_iter()
            .find(|delivery| delivery.word() == word)
    }
}

impl Sends {
    /// Its word in requests and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Nothing => "none",
        }
    }

    /// The meaning of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Email, Self::Nothing]
            .into_iter()
            .find(|sends| sends.word() == word)
    }
}
