//! Shows each mail that has left to whoever tries the service out (`serve --dev`).

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::{Handed, Way};
use crate::service::mail::compose::Letter;

/// What a person at the terminal reads of a mail. Its link is in the text: only for trying out.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownMail {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// Shows a mail.
pub type Show = Arc<dyn Fn(ShownMail) + Send + Sync>;

/// Another way out, and a word about each mail that left by it.
pub struct Shown {
    way: Arc<dyn Way>,
    show: Show,
}

impl Shown {
    /// The same way, with somebody who looks on.
    #[must_use]
    pub fn over(way: Arc<dyn Way>, show: Show) -> Self {
        Self { way, show }
    }
}

impl Way for Shown {
    fn hand<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Handed> {
        let shown = async move {
            let handed = self.way.hand(letter).await;
            if let Handed::Taken(_) = &handed {
                let to = letter.envelope.to().first();
                (self.show)(ShownMail {
                    to: to.map(ToString::to_string).unwrap_or_default(),
                    subject: letter.rendered.subject.clone(),
                    text: letter.rendered.text.clone(),
                });
            }
            handed
        };
        shown.boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.way.close()
    }
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shown")
    }
}

impl std::fmt::Debug for ShownMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShownMail(<redacted>)")
    }
}
