//! Which service a command is about: its configuration from a file and the environment, or the one for trying it out.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::words;
use crate::cli::args::{Globals, ServePlace};
use crate::cli::problem::Ending;
use crate::service::clock::Clock;
use crate::service::config::Config;
use crate::service::config::file::{self, CONFIG_VARIABLE};
use crate::time::Timestamp;

/// Where the configuration is if nobody says otherwise.
const USUAL: &str = "/etc/partyline/serve.toml";

/// The service that a command is about.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) config: Config,
    pub(super) is_dev: bool,
}

/// Finds it.
pub(super) fn find(globals: &Globals, asked: &ServePlace) -> Result<Place, Ending> {
    if asked.dev {
        return dev(globals, asked);
    }
    if asked.folder.is_some() || asked.port.is_some() {
        return Err(words::only_with_dev());
    }
    let path = asked
        .config
        .clone()
        .or_else(|| std::env::var_os(CONFIG_VARIABLE).map(PathBuf::from))
        .or_else(|| Path::new(USUAL).exists().then(|| PathBuf::from(USUAL)))
        .ok_or_else(words::no_configuration)?;
    let text = std::fs::read_to_string(&path).map_err(|error| words::unreadable(&path, &error))?;
    let absolute = std::path::absolute(&path).map_err(|error| words::unreadable(&path, &error))?;
    let base = absolute.parent().unwrap_or(Path::new("/"));
    let config = file::read(&path.display().to_string(), &text, base, variables()).map_err(words::configuration)?;
    Ok(Place { config, is_dev: false })
}

/// For trying it out: the same reading, of a configuration that is written here.
fn dev(globals: &Globals, asked: &ServePlace) -> Result<Place, Ending> {
    let port = asked.port.unwrap_or(8080);
    let folder = match &asked.folder {
        Some(folder) => std::path::absolute(folder).map_err(|error| words::unreadable(folder, &error))?,
        None => globals.service_folder().ok_or_else(words::no_folder)?,
    };
    let text = format!(
        "issuer = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\nfolder = \".\"\n\
         [mail]\nfrom = \"Partyline <invites@partyline.test>\"\nfolder = \"mail\"\n\
         [limits]\naddress_per_minute = 100\naddress_per_day = 10000\ninviter_per_hour = 1000\ninviter_per_day = 10000\n\
         pages_per_minute = 1000\nfailures_per_minute = 1000\nsign_ins_per_hour = 1000\nrequests_per_minute = 10000\n"
    );
    let mut config = file::read("--dev", &text, &folder, variables()).map_err(words::configuration)?;
    config.folder = folder;
    Ok(Place { config, is_dev: true })
}

/// The variables whose names and values are text. No key of ours is anything else.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The system's clock, asked each time: what a service says of time has to agree with other machines, also after a correction.
pub(super) fn clock() -> Clock {
    Clock::new(|| {
        #[expect(clippy::disallowed_methods, reason = "the service's one place that reads the clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    })
}
