//! The desktop portal's side of a screenshot: one request, one answer as a signal.
//!
//! The interfaces are those of the XDG desktop portal, `org.freedesktop.portal.Screenshot` and `org.freedesktop.portal.Request`.

use std::collections::HashMap;
use std::path::PathBuf;

use url::Url;
use zbus::blocking::Connection;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use super::ScreenError;

/// Names this program's request among those of one connection, which has no other.
const TOKEN: &str = "partyline";

/// What the answer to a request begins with.
const GRANTED: u32 = 0;
const CANCELLED: u32 = 1;

#[zbus::proxy(
    interface = "org.freedesktop.portal.Screenshot",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop",
    gen_async = false
)]
trait Screenshot {
    fn screenshot(&self, parent_window: &str, options: HashMap<&str, Value<'_>>) -> zbus::Result<OwnedObjectPath>;
}

#[zbus::proxy(
    interface = "org.freedesktop.portal.Request",
    default_service = "org.freedesktop.portal.Desktop",
    gen_async = false
)]
trait Request {
    #[zbus(signal)]
    fn response(&self, response: u32, results: HashMap<String, OwnedValue>) -> zbus::Result<()>;
}

pub(super) fn capture() -> Result<Option<PathBuf>, ScreenError> {
    let connection = Connection::session().map_err(|error| not_offered(&error))?;
    match ask(&connection) {
        Ok(Some((GRANTED, results))) => file(&results).map(Some).ok_or(ScreenError::Failed),
        Ok(Some((CANCELLED, _))) => Ok(None),
        Ok(_) => Err(ScreenError::Failed),
        Err(error) => Err(not_offered(&error)),
    }
}

fn not_offered(error: &zbus::Error) -> ScreenError {
    tracing::debug!(%error, "no screenshot through the desktop portal");
    ScreenError::NotOffered
}

/// The portal's answer; none if the connection ends before.
fn ask(connection: &Connection) -> zbus::Result<Option<(u32, HashMap<String, OwnedValue>)>> {
    // The answer may come before the call returns, so its place, which the portal's documentation fixes, is listened at first.
    let name = connection
        .unique_name()
        .map(|name| name.trim_start_matches(':').replace('.', "_"));
    let place = format!(
        "/org/freedesktop/portal/desktop/request/{}/{TOKEN}",
        name.unwrap_or_default()
    );
    let request = RequestProxy::builder(connection).path(place)?.build()?;
    let mut responses = request.receive_response()?;
    let options = HashMap::from([("handle_token", Value::from(TOKEN)), ("interactive", Value::from(true))]);
    ScreenshotProxy::new(connection)?.screenshot("", options)?;
    let Some(response) = responses.next() else {
        return Ok(None);
    };
    let told = response.args()?;
    Ok(Some((*told.response(), told.results().clone())))
}

/// The file that the answer names.
fn file(results: &HashMap<String, OwnedValue>) -> Option<PathBuf> {
    let uri: &str = results.get("uri")?.downcast_ref().ok()?;
    Url::parse(uri).ok()?.to_file_path().ok()
}
