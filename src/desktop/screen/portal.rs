//! The desktop portal's side of a screenshot, `org.freedesktop.portal.Screenshot`.

use std::path::PathBuf;

use url::Url;
use zbus::zvariant::{OwnedObjectPath, Value};

use super::ScreenError;
use crate::desktop::portal::{Given, Options, PortalError, ask};

#[zbus::proxy(
    interface = "org.freedesktop.portal.Screenshot",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop",
    gen_async = false
)]
trait Screenshot {
    fn screenshot(&self, parent_window: &str, options: Options<'_>) -> zbus::Result<OwnedObjectPath>;
}

pub(super) fn capture() -> Result<Option<PathBuf>, ScreenError> {
    let options = Options::from([("interactive", Value::from(true))]);
    let given = ask(options, |connection, options| {
        ScreenshotProxy::new(connection)?.screenshot("", options)
    });
    match given {
        Ok(Some(given)) => file(&given).map(Some).ok_or(ScreenError::Failed),
        Ok(None) => Ok(None),
        Err(PortalError::NoBus | PortalError::NotOffered) => Err(ScreenError::NotOffered),
        Err(PortalError::Failed) => Err(ScreenError::Failed),
    }
}

/// The file that the answer names.
fn file(given: &Given) -> Option<PathBuf> {
    let uri: &str = given.get("uri")?.downcast_ref().ok()?;
    Url::parse(uri).ok()?.to_file_path().ok()
}
