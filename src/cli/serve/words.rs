//! What went wrong with the service, in sentences: what happened and what to do.

use std::io;
use std::path::Path;

use crate::cli::json::Problem;
use crate::cli::problem::Ending;
use crate::service::audit::Broken;
use crate::service::client::RedirectError;
use crate::service::config::file::ConfigError;
use crate::service::database::DatabaseError;
use crate::service::database::copy::CopyError;
use crate::service::dev::DevError;
use crate::service::http::{OAuthError, Refusal};
use crate::service::keys::KeysError;
use crate::service::mail::sender::MailSetupError;
use crate::service::mail::template::TemplateError;
use crate::service::run::RunError;
use crate::time::Timestamp;

/// A problem in a word, a sentence and what to do.
pub(super) fn told(code: &'static str, sentence: impl Into<String>, next: impl Into<String>) -> Ending {
    Ending::Told(Problem {
        code,
        sentence: sentence.into(),
        next: next.into(),
        at: None,
    })
}

pub(super) fn only_with_dev() -> Ending {
    told(
        "serve_only_with_dev",
        "--folder and --port are for trying it out.",
        "Add --dev, or write `folder` and `listen` into the configuration.",
    )
}

pub(super) fn no_configuration() -> Ending {
    told(
        "serve_no_configuration",
        "There is no configuration for the service.",
        "Name one with --config FILE (assets/serve.toml is an example), or try it out without: partyline serve --dev",
    )
}

pub(super) fn no_folder() -> Ending {
    told(
        "no_data_folder",
        "This system has no folder for an application's data.",
        "Choose one with --folder DIR.",
    )
}

pub(super) fn no_service(folder: &Path) -> Ending {
    told(
        "serve_not_there",
        format!(
            "There is no service in {}: its keys or its tables are not there.",
            folder.display()
        ),
        "Check that the folder is mounted and that this is the service's user. Hand the report in again then.",
    )
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Ending {
    told(
        "serve_unreadable",
        format!("{} cannot be read: {error}.", path.display()),
        "Check that it is there and that this user may read it.",
    )
}

pub(super) fn configuration(error: ConfigError) -> Ending {
    let ConfigError {
        place,
        key,
        problem,
        instead,
    } = error;
    told(
        "serve_configuration",
        format!("{place}: {key} {problem}."),
        format!("Write: {instead}"),
    )
}

impl From<RunError> for Ending {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Database(error) => error.into(),
            RunError::Keys(error) => error.into(),
            RunError::Mail(error) => error.into(),
            RunError::AddressTaken { address } => told(
                "serve_address_taken",
                format!("Another program listens on {address}."),
                format!(
                    "Stop it, or take another port: `listen` in the configuration, or partyline serve --dev --port {}",
                    address.port().checked_add(1).unwrap_or(8081)
                ),
            ),
            RunError::Folder { .. } => told(
                "serve_folder",
                format!("{}.", capital(&error.to_string())),
                "Check that the folder can be made and written by the user that this runs as (partyline, if the service came with its unit).",
            ),
            RunError::Listener { ref source, .. } if source.kind() == io::ErrorKind::PermissionDenied => told(
                "serve_listener",
                format!("{}.", capital(&error.to_string())),
                "Listen on a port above 1023, and let a proxy with TLS pass on what comes to port 443.",
            ),
            RunError::Listener { .. } => told(
                "serve_listener",
                format!("{}.", capital(&error.to_string())),
                "Check that `listen` and `metrics` name addresses of this machine.",
            ),
            RunError::WorkerEnded => told(
                "serve_worker_ended",
                "A part of the service ended by itself, so it ended as a whole.",
                "Start it again; what was accepted is in its tables. Its log says more: PARTYLINE_LOG=partyline=debug",
            ),
        }
    }
}

impl From<KeysError> for Ending {
    fn from(error: KeysError) -> Self {
        let next = match &error {
            KeysError::File { path, source } if source.kind() == io::ErrorKind::PermissionDenied => format!(
                "Give the folder to the user that the service runs as: chown -R partyline {}",
                path.parent().unwrap_or(path).display()
            ),
            KeysError::File { .. } => {
                "Check that the folder is there and its disk has room, then start again.".to_owned()
            }
            KeysError::NotAKey { .. } | KeysError::ReadableByOthers { .. } => {
                "Put it in order as it says, then start again.".to_owned()
            }
            KeysError::NotMade => "Start again; if it stays so, restart the machine.".to_owned(),
        };
        told(
            "serve_keys",
            format!("The service's keys cannot be used: {error}."),
            next,
        )
    }
}

impl From<DatabaseError> for Ending {
    fn from(error: DatabaseError) -> Self {
        let next = match error {
            DatabaseError::Open { .. } => "Check that the database is there, runs, and lets this user in.",
            DatabaseError::Newer { .. } => "Start the newest build that ever ran here.",
            DatabaseError::Failed(_) => "Check that the database runs and its disk has room, then try again.",
            DatabaseError::Overtaken | DatabaseError::Unavailable => "Try again in a minute.",
        };
        told("serve_database", format!("{}.", capital(&error.to_string())), next)
    }
}

impl From<DevError> for Ending {
    fn from(error: DevError) -> Self {
        match error {
            DevError::Database(error) => error.into(),
            DevError::File { .. } => told(
                "serve_unreadable",
                format!("{error}."),
                "Check that this user may read and write it, or choose another folder with --folder DIR.",
            ),
        }
    }
}

/// A sentence begins with a capital.
fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

pub(super) fn no_client(id: &str) -> Ending {
    told(
        "serve_no_client",
        format!("No application is registered as {id}."),
        "Look at partyline serve client list, or register it: partyline serve client create",
    )
}

pub(super) fn client_exists(id: &str) -> Ending {
    told(
        "serve_client_exists",
        format!("An application is registered as {id} already. Nothing was changed."),
        format!("Look at it: partyline serve client show {id}"),
    )
}

pub(super) fn client_id_invalid() -> Ending {
    told(
        "serve_client_id",
        "This cannot be an application's id.",
        "Use 1 to 64 of the characters a-z, 0-9, - and _, such as choir.",
    )
}

pub(super) fn client_name_invalid() -> Ending {
    told(
        "serve_client_name",
        "This cannot be an application's name.",
        "Use 1 to 64 characters that people can read.",
    )
}

pub(super) fn locale_invalid(typed: &str) -> Ending {
    told(
        "serve_locale",
        format!("{typed} names no language."),
        "Write it as in a mail's header, such as en, pt-BR or zh-Hans.",
    )
}

pub(super) fn client_is_public(id: &str) -> Ending {
    told(
        "serve_client_public",
        format!("{id} runs at people's homes, so it has no secret."),
        "It proves itself by PKCE. Nothing is to be done.",
    )
}

pub(super) fn redirect_invalid(uri: &str, error: RedirectError) -> Ending {
    told(
        "serve_redirect",
        format!("{uri} cannot be an application's address: {error}."),
        "Write it as the application answers there, such as https://choir.example/welcome",
    )
}

pub(super) fn no_redirect(client: &str, uri: &str) -> Ending {
    told(
        "serve_no_redirect",
        format!("{client} is not answered at {uri} anyway."),
        format!("Look at partyline serve redirect list {client}; the address has to be the same to the letter."),
    )
}

pub(super) fn chain_broken(broken: Broken) -> Ending {
    told(
        "serve_chain_broken",
        format!("What happened is not what was written down: {broken}."),
        "Compare with an older export; whoever can write to the database may have changed it.",
    )
}

pub(super) fn not_an_event(path: &Path, line: usize) -> Ending {
    told(
        "serve_not_an_event",
        format!("Line {line} of {} is no event.", path.display()),
        "Check a file that was made whole by: partyline serve audit export --json",
    )
}

/// A moment of the tables as people read it, in UTC like the log.
pub(super) fn moment(moment: Timestamp) -> String {
    let read = i64::try_from(moment.as_millis())
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    read.map_or_else(
        || moment.as_millis().to_string(),
        |moment| moment.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

pub(super) fn nothing_waits(id: &str) -> Ending {
    told(
        "serve_nothing_waits",
        format!("Nothing waits to be sent later under {id}."),
        "Look at: partyline serve mail queue",
    )
}

pub(super) fn selector_invalid() -> Ending {
    told(
        "serve_selector",
        "This cannot be the name of a record.",
        "Use 1 to 63 of the characters a-z, 0-9 and -, such as partyline.",
    )
}

pub(super) fn check_failed(wrong: usize) -> Ending {
    told(
        "serve_check_failed",
        format!("{wrong} of these have to be put in order before the service can do its work."),
        "Do what the lines with BAD say, then check again.",
    )
}

pub(super) fn no_such_database(name: &str) -> Ending {
    told(
        "serve_no_database",
        format!("There is no database at {name}."),
        "Name the file of a SQLite database (service.sqlite in the service's folder), or postgres://USER@HOST/NAME",
    )
}

pub(super) fn password_in_argument() -> Ending {
    told(
        "serve_password_in_argument",
        "A password in an argument can be read by everybody on this machine.",
        "Leave it out of the address and put it into the environment variable PGPASSWORD.",
    )
}

impl From<CopyError> for Ending {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Database(error) => error.into(),
            CopyError::NotEmpty { .. } => told(
                "serve_not_empty",
                format!("Nothing was copied: {error}."),
                "Make a new, empty database and copy into that.",
            ),
            CopyError::Differs { .. } => told(
                "serve_copy_differs",
                format!("The copy is not good: {error}."),
                "Stop everything that writes to either of them, make a new, empty database and copy again.",
            ),
        }
    }
}

pub(super) fn not_an_address(typed: &str) -> Ending {
    told(
        "serve_address",
        format!("{typed} is no e-mail address that mail can be sent to."),
        "Write it like bonny@example.org, without a name.",
    )
}

pub(super) fn no_status(word: &str) -> Ending {
    told(
        "serve_status",
        format!("No invitation is ever {word}."),
        "Use created, queued, sent, opened, accepted, declined, bounced, failed, revoked, expired or suppressed.",
    )
}

pub(super) fn no_invitation(id: &str) -> Ending {
    told(
        "serve_no_invitation",
        format!("There is no invitation {id}."),
        "Look at partyline serve invite list CLIENT; its id is the first word of a line.",
    )
}

pub(super) fn not_suppressed(address: &str) -> Ending {
    told(
        "serve_not_suppressed",
        format!("{address} gets mail anyway."),
        "Look at partyline serve suppress list.",
    )
}

pub(super) fn template(error: &TemplateError) -> Ending {
    told(
        "serve_template",
        format!("The template is not kept: {error}."),
        "Change it, then put it again. assets/service/CLIENTS.md says what a template may use.",
    )
}

pub(super) fn no_template(client: &str, alias: &str) -> Ending {
    told(
        "serve_no_template",
        format!("{client} has no template {alias} in this language."),
        format!("Look at partyline serve template list {client}"),
    )
}

pub(super) fn not_a_value(word: &str) -> Ending {
    told(
        "serve_value",
        format!("{word} is no NAME=VALUE."),
        "Write it like --data inviter_name=Ann",
    )
}

pub(super) fn csv(path: &Path, line: usize, what: &str) -> Ending {
    told(
        "serve_csv",
        format!("Line {line} of {}: {what}. Nobody was invited.", path.display()),
        "The first line names the columns, one of them email; values with commas or quotes stand in quotes.",
    )
}

pub(super) fn import_limit(line: usize) -> Ending {
    told(
        "serve_import_limit",
        format!("From line {line} on nobody was invited: a limit is reached that lasts longer than a minute."),
        "Run it again later: who was invited is passed over. The limits are the client's (serve client show) and those of the configuration.",
    )
}

pub(super) fn import_refused(count: u64) -> Ending {
    told(
        "serve_import_refused",
        format!("{count} of the lines were refused, as said above."),
        "Put them in order and run it again: who was invited is passed over.",
    )
}

impl From<Refusal> for Ending {
    fn from(refusal: Refusal) -> Self {
        let next = match refusal.retry_after() {
            Some(seconds) => format!("Try again in {seconds} seconds."),
            None => match refusal.error {
                OAuthError::Conflict => {
                    "Look at how it is now: partyline serve invite show, or template show. What is final stays: invite anew.".to_owned()
                }
                OAuthError::UnauthorizedClient => "Turn the application on: partyline serve client enable CLIENT".to_owned(),
                _ => "Change that, then try again.".to_owned(),
            },
        };
        told("serve_refused", refusal.description, next)
    }
}

impl From<MailSetupError> for Ending {
    fn from(error: MailSetupError) -> Self {
        told(
            "serve_mail",
            format!("Mail cannot be sent: {error}."),
            "Put the part [mail] of the configuration in order. partyline serve check looks at it.",
        )
    }
}
