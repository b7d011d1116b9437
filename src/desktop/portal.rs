//! A question to the desktop portal: one request, one answer as a signal (`org.freedesktop.portal.Request`).
//!
//! Each question has a connection of its own, and ends with it: with the session's bus, or with the portal's program.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use zbus::MatchRule;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator};
use zbus::fdo::NameOwnerChanged;
use zbus::message::{Message, Type};
use zbus::names::{BusName, OwnedUniqueName, WellKnownName};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const BUS: &str = "org.freedesktop.DBus";

/// Names this program's request among those of one connection, which has no other.
const TOKEN: &str = "partyline";

/// What the answer to a request begins with.
const GRANTED: u32 = 0;
const CANCELLED: u32 = 1;

/// Sooner than this no person has closed a dialog.
const GLANCE: Duration = Duration::from_secs(1);

/// What a question is asked with, by name.
pub(super) type Options<'a> = HashMap<&'a str, Value<'a>>;

/// What the person has given, by name.
pub(super) type Given = HashMap<String, OwnedValue>;

/// Why the person was not asked, or gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PortalError {
    /// There is no session bus.
    NoBus,
    /// Nobody on the bus asks such questions.
    NotOffered,
    /// The question was not shown, or has ended in another way than by the person.
    Failed,
}

/// Asks and waits for the person; none if they changed their mind.
pub(super) fn ask<'a>(
    mut options: Options<'a>,
    call: impl FnOnce(&Connection, Options<'a>) -> zbus::Result<OwnedObjectPath>,
) -> Result<Option<Given>, PortalError> {
    let connection = Connection::session().map_err(|error| told(&error, PortalError::NoBus))?;
    options.insert("handle_token", Value::from(TOKEN));
    let question = Question::listen(&connection).map_err(|error| told(&error, PortalError::Failed))?;
    call(&connection, options).map_err(|error| match error {
        zbus::Error::InputOutput(_) => told(&error, PortalError::Failed),
        _ => told(&error, PortalError::NotOffered),
    })?;
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a dialog was there, on a thread of its own: nothing of the engine's"
    )]
    let asked = Instant::now();
    let answer = question.answer();
    outcome(answer, asked.elapsed())
}

/// What an answer means that came so long after the question.
fn outcome(answer: Option<(u32, Given)>, after: Duration) -> Result<Option<Given>, PortalError> {
    match answer {
        Some((GRANTED, given)) => Ok(Some(given)),
        Some((CANCELLED, _)) => Ok(None),
        // "In some other way": GTK's dialog says so when Escape or its title bar closed it, the portal when there was no dialog.
        Some(_) if after >= GLANCE => Ok(None),
        Some(_) | None => Err(PortalError::Failed),
    }
}

fn told(error: &zbus::Error, means: PortalError) -> PortalError {
    tracing::debug!(%error, "the desktop portal was not asked");
    means
}

/// Where the answer arrives.
struct Question<'a> {
    bus: DBusProxy<'a>,
    place: String,
    messages: MessageIterator,
}

impl<'a> Question<'a> {
    /// The answer may come before the call returns, so its place, which the portal's documentation fixes, is listened at first.
    fn listen(connection: &'a Connection) -> zbus::Result<Self> {
        let name = connection
            .unique_name()
            .map(|name| name.trim_start_matches(':').replace('.', "_"));
        let place = format!(
            "/org/freedesktop/portal/desktop/request/{}/{TOKEN}",
            name.unwrap_or_default()
        );
        let messages = MessageIterator::from(connection);
        let answer = MatchRule::builder()
            .msg_type(Type::Signal)
            .interface("org.freedesktop.portal.Request")?
            .path(place.clone())?
            .build();
        let end = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(BUS)?
            .member("NameOwnerChanged")?
            .arg(0, PORTAL)?
            .build();
        let bus = DBusProxy::new(connection)?;
        bus.add_match_rule(answer)?;
        bus.add_match_rule(end)?;
        Ok(Self { bus, place, messages })
    }

    /// What the answer begins with, and what is in it; none if nobody is left who could give one.
    fn answer(self) -> Option<(u32, Given)> {
        let portal = BusName::WellKnown(WellKnownName::from_static_str(PORTAL).ok()?);
        // Anybody on the bus can send a signal to this connection.
        let owner = self.bus.get_name_owner(portal).ok()?;
        for message in self.messages {
            let message = message.ok()?;
            if has_ended(&message) {
                return None;
            }
            if is_answer(&message, &owner, &self.place) {
                return message.body().deserialize().ok();
            }
        }
        None
    }
}

fn is_answer(message: &Message, portal: &OwnedUniqueName, place: &str) -> bool {
    let header = message.header();
    header.message_type() == Type::Signal
        && header.sender().is_some_and(|sender| sender == portal.inner())
        && header.member().is_some_and(|member| member == "Response")
        && header.path().is_some_and(|path| path.as_str() == place)
}

/// Whether the portal's program has gone: it takes the question with it.
fn has_ended(message: &Message) -> bool {
    let of_bus = message.header().sender().is_some_and(|sender| sender == BUS);
    let changed = NameOwnerChanged::from_message(message.clone()).filter(|_| of_bus);
    changed.is_some_and(|changed| {
        let args = changed.args();
        args.is_ok_and(|args| args.name() == PORTAL && args.new_owner().is_none())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_that_a_person_closed_is_told_from_one_that_nobody_saw() {
        let outcome = |response, after| outcome(Some((response, Given::new())), after);
        for after in [Duration::ZERO, GLANCE] {
            assert_eq!(outcome(GRANTED, after), Ok(Some(Given::new())));
            assert_eq!(outcome(CANCELLED, after), Ok(None));
        }
        assert_eq!(outcome(2, Duration::ZERO), Err(PortalError::Failed));
        assert_eq!(outcome(2, GLANCE), Ok(None));
        assert_eq!(super::outcome(None, GLANCE), Err(PortalError::Failed));
    }
}
