//! The desktop portal's file dialogs, `org.freedesktop.portal.FileChooser`.

use std::path::PathBuf;

use url::Url;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use super::{Choice, ChooseError, PICTURES, Question, Surface};
use crate::desktop::portal::{Given, Options, PortalError, ask};

/// What a filter's entries are called by: the kind of a file, and not its name.
const BY_KIND: u32 = 1;

#[zbus::proxy(
    interface = "org.freedesktop.portal.FileChooser",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop",
    gen_async = false
)]
trait FileChooser {
    fn open_file(&self, parent_window: &str, title: &str, options: Options<'_>) -> zbus::Result<OwnedObjectPath>;

    fn save_file(&self, parent_window: &str, title: &str, options: Options<'_>) -> zbus::Result<OwnedObjectPath>;
}

pub(super) fn choose(question: &Question) -> Result<Vec<PathBuf>, ChooseError> {
    let (parent, title) = (parent(question.surface), question.title);
    let given = ask(options(&question.choice), |connection, options| {
        let portal = FileChooserProxy::new(connection)?;
        match question.choice {
            Choice::SaveAs { .. } => portal.save_file(&parent, title, options),
            Choice::Files | Choice::Picture | Choice::Folder => portal.open_file(&parent, title, options),
        }
    });
    match given {
        Ok(Some(given)) => paths(&given).ok_or(ChooseError::Failed),
        Ok(None) => Ok(Vec::new()),
        Err(PortalError::NoBus) => Err(ChooseError::NoBus),
        Err(PortalError::NotOffered) => Err(ChooseError::NotOffered),
        Err(PortalError::Failed) => Err(ChooseError::Failed),
    }
}

/// The portal's name for the window that the dialog stands before. A Wayland window has one only if it asks for it.
fn parent(surface: Surface) -> String {
    match surface {
        Surface::X11(id) => format!("x11:{id:x}"),
        Surface::Wayland | Surface::Other => String::new(),
    }
}

fn options(choice: &Choice) -> Options<'_> {
    match choice {
        Choice::Files => Options::from([("multiple", Value::from(true))]),
        Choice::Picture => {
            let kinds = ["image/png", "image/jpeg", "image/webp"].map(|kind| (BY_KIND, kind));
            Options::from([("filters", Value::from(vec![(PICTURES, kinds.to_vec())]))])
        }
        Choice::Folder => Options::from([("directory", Value::from(true))]),
        Choice::SaveAs { name } => Options::from([("current_name", Value::from(name.as_str()))]),
    }
}

/// The files that the answer names.
fn paths(given: &Given) -> Option<Vec<PathBuf>> {
    let uris: Vec<String> = given.get("uris").map(OwnedValue::try_clone)?.ok()?.try_into().ok()?;
    uris.iter()
        .map(|uri| Url::parse(uri).ok()?.to_file_path().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    fn given(uris: &[&str]) -> Given {
        let uris = Value::from(uris).try_to_owned();
        uris.map(|uris| Given::from([("uris".to_owned(), uris)]))
            .unwrap_or_default()
    }

    #[test]
    fn what_was_chosen_keeps_every_byte_of_its_name() {
        let uris = [
            "file:///tmp/100%25%20%231%3F.txt",
            "file:///tmp/caf%E9",
            "file:///tmp/%C3%BC",
        ];
        let names = [&b"/tmp/100% #1?.txt"[..], b"/tmp/caf\xe9", "/tmp/ü".as_bytes()];
        let expected = names.map(|name| PathBuf::from(OsStr::from_bytes(name)));
        assert_eq!(paths(&given(&uris)), Some(expected.to_vec()));
    }

    #[test]
    fn what_names_no_file_of_this_machine_is_no_answer() {
        for uri in ["https://example.org/a", "/tmp/a", "file://elsewhere/tmp/a"] {
            assert_eq!(paths(&given(&[uri])), None, "{uri}");
        }
        assert_eq!(paths(&Given::new()), None);
    }

    #[test]
    fn the_dialog_stands_before_the_window_where_that_has_a_name() {
        assert_eq!(parent(Surface::X11(0x60_0003)), "x11:600003");
        assert_eq!(parent(Surface::Wayland), "");
    }

    #[test]
    fn filters_have_the_type_that_the_portal_reads() {
        let options = options(&Choice::Picture);
        let signature = options.get("filters").map(|value| value.value_signature().to_string());
        assert_eq!(signature.as_deref(), Some("a(sa(us))"));
    }
}
