//! An application in `~/Applications` that hands each link to this program.
//!
//! A link comes to a macOS application as an Apple event, never as an argument; an application made by `osacompile` takes such
//! events in two lines of script. Its `Info.plist` names the scheme (`CFBundleURLTypes`, Apple's Information Property List Key
//! Reference), and Launch Services is told of it.

#[cfg(target_os = "macos")]
use std::io;
#[cfg(target_os = "macos")]
use std::path::{Path, PathBuf};
#[cfg(target_os = "macos")]
use std::process::Command;

#[cfg(target_os = "macos")]
use super::{Links, LinksError};

#[cfg(target_os = "macos")]
const LAUNCH_SERVICES: &str =
    "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework/Support/lsregister";

/// What goes into the application's `Info.plist`: a key, and its value as `plutil` takes it.
const KEYS: [(&str, &str, &str); 2] = [
    (
        "CFBundleURLTypes",
        "-json",
        r#"[{"CFBundleURLName":"Partyline invitation","CFBundleURLSchemes":["partyline","org.partyline.app"]}]"#,
    ),
    // It has no window and no place in the Dock.
    ("LSUIElement", "-bool", "true"),
];

/// The script of the application; none if the program's path cannot be quoted.
fn script(program: &str) -> Option<String> {
    if program.contains(char::is_control) {
        return None;
    }
    let program = program.replace('\\', r"\\").replace('"', "\\\"");
    Some(format!(
        "on open location theLink\n\
         do shell script quoted form of \"{program}\" & \" join \" & quoted form of theLink & \" >/dev/null 2>&1 &\"\n\
         end open location\n"
    ))
}

#[cfg(target_os = "macos")]
fn application() -> Result<PathBuf, LinksError> {
    let dirs = directories::BaseDirs::new().ok_or(LinksError::NoPlace)?;
    Ok(dirs.home_dir().join("Applications/Partyline Links.app"))
}

#[cfg(target_os = "macos")]
pub(super) fn set(links: Links, program: &Path) -> Result<(), LinksError> {
    let application = application()?;
    match links {
        Links::Register => {
            let script = program.to_str().and_then(script).ok_or(LinksError::NoPlace)?;
            if let Some(folder) = application.parent() {
                std::fs::create_dir_all(folder)?;
            }
            run(Command::new("osacompile")
                .arg("-o")
                .arg(&application)
                .arg("-e")
                .arg(script))?;
            let plist = application.join("Contents/Info.plist");
            for (key, kind, value) in KEYS {
                run(Command::new("plutil").args(["-replace", key, kind, value]).arg(&plist))?;
            }
            run(Command::new(LAUNCH_SERVICES).arg("-f").arg(&application))
        }
        Links::Remove if application.exists() => {
            run(Command::new(LAUNCH_SERVICES).arg("-u").arg(&application))?;
            Ok(std::fs::remove_dir_all(&application)?)
        }
        Links::Remove => Ok(()),
    }
}

/// Whether the application is there.
#[cfg(target_os = "macos")]
pub(super) fn is_set(_: &Path) -> bool {
    application().is_ok_and(|application| application.exists())
}

#[cfg(target_os = "macos")]
fn run(command: &mut Command) -> Result<(), LinksError> {
    if command.status()?.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("{} failed", command.get_program().display())).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_quotes_the_program_and_the_link() {
        let script = script(r#"/Users/al"ice\partyline"#).unwrap();
        assert!(
            script.contains(r#"quoted form of "/Users/al\"ice\\partyline""#),
            "{script}"
        );
        assert!(script.contains("quoted form of theLink"));
        assert_eq!(super::script("/a\nb"), None);
    }

    #[test]
    fn the_application_names_the_scheme() {
        for (key, _, value) in KEYS {
            assert!(serde_json::from_str::<serde_json::Value>(value).is_ok(), "{key}");
        }
        assert!(
            KEYS[0]
                .2
                .contains(r#""CFBundleURLSchemes":["partyline","org.partyline.app"]"#)
        );
    }
}
