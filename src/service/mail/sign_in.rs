//! What a mail of a sign-in says. Its row in the outbox holds the link, so the row is sealed: a copy of the tables signs nobody in.

use serde::{Deserialize, Serialize};

use crate::service::keys::Keys;

/// What its rows are sealed for.
const PURPOSE: &str = "sign-in";

/// A mail by which somebody signs in.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignInMail {
    /// The client that they sign in to.
    pub client_id: String,
    /// Where the mail goes, as it was typed.
    pub email: String,
    /// Its language, BCP 47.
    pub locale: String,
    /// The link: made of letters, digits and `:/.-_?=%` only, as it stands unescaped in HTML.
    pub action_url: String,
    /// When the link ends, in milliseconds since 1970. After that the mail is not sent any more.
    pub expires_at: u64,
}

impl SignInMail {
    /// The body of its row in the outbox ([`Parcel::SignIn`](crate::service::database::outbox::Parcel::SignIn)). None only if there is no key.
    #[must_use]
    pub fn seal(&self, keys: &Keys) -> Option<String> {
        let text = serde_json::to_string(self).ok()?;
        keys.pepper.seal(PURPOSE, &text, &mut rand::rng())
    }

    /// Reads such a body.
    #[must_use]
    pub fn unseal(body: &str, keys: &Keys) -> Option<Self> {
        let text = keys.pepper.unseal(PURPOSE, body)?;
        serde_json::from_str(&text).ok()
    }
}

impl std::fmt::Debug for SignInMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignInMail(<redacted>)")
    }
}
