//! Keys below `HKEY_CURRENT_USER\Software\Classes`.
//!
//! Source: "Registering an Application to a URI Scheme" of Microsoft's documentation. The program is given the link as one
//! argument in quotes, as Windows splits them, behind `--`: a link that breaks out of them brings no option.

#[cfg(windows)]
use std::path::Path;

#[cfg(windows)]
use super::{Links, LinksError};

/// The key of the scheme, below the user's own classes.
const SCHEME: &str = r"Software\Classes\partyline";

/// One value of one key.
#[derive(Debug, PartialEq, Eq)]
struct Value {
    key: String,
    /// Empty for the key's default.
    name: &'static str,
    text: String,
}

/// What makes Windows open links with this program; none if its path cannot be quoted, which no path on Windows has.
fn values(program: &str) -> Option<[Value; 3]> {
    if program.contains(|c: char| c == '"' || c.is_control()) {
        return None;
    }
    let value = |below: &str, name, text: &str| Value {
        key: format!("{SCHEME}{below}"),
        name,
        text: text.to_owned(),
    };
    Some([
        value("", "", "URL:Partyline invitation"),
        value("", "URL Protocol", ""),
        value(r"\shell\open\command", "", &format!("\"{program}\" join -- \"%1\"")),
    ])
}

#[cfg(windows)]
pub(super) fn set(links: Links, program: &Path) -> Result<(), LinksError> {
    let failed = |error: windows_registry::Result<()>| error.map_err(|error| std::io::Error::other(error).into());
    match links {
        Links::Register => {
            let values = program.to_str().and_then(values).ok_or(LinksError::NoPlace)?;
            for Value { key, name, text } in values {
                let set = windows_registry::CURRENT_USER
                    .create(key)
                    .and_then(|key| key.set_string(name, text));
                failed(set)?;
            }
            Ok(())
        }
        Links::Remove if windows_registry::CURRENT_USER.open(SCHEME).is_ok() => {
            failed(windows_registry::CURRENT_USER.remove_tree(SCHEME))
        }
        Links::Remove => Ok(()),
    }
}

/// Whether links open with a program that is still there, such as this one.
#[cfg(windows)]
pub(super) fn is_set(_: &Path) -> bool {
    let command = windows_registry::CURRENT_USER.open(format!(r"{SCHEME}\shell\open\command"));
    let command = command.and_then(|key| key.get_string("")).unwrap_or_default();
    command
        .split('"')
        .nth(1)
        .is_some_and(|program| Path::new(program).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_has_its_three_values_and_the_link_is_one_argument() {
        let [title, protocol, command] = values(r"C:\Program Files\Partyline\partyline.exe").unwrap();
        assert_eq!((title.key.as_str(), title.name), (SCHEME, ""));
        assert_eq!((protocol.name, protocol.text.as_str()), ("URL Protocol", ""));
        assert_eq!(command.key, r"Software\Classes\partyline\shell\open\command");
        assert_eq!(
            command.text,
            r#""C:\Program Files\Partyline\partyline.exe" join -- "%1""#
        );
        assert_eq!(values("a\"b"), None);
    }
}
