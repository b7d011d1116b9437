//! For trying it out (`serve --dev`): a client that is ready, and a place where its answers arrive.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::client::{ClientKind, DeadLink, OAuthClient, SignUp, SigningAlgorithm, SubjectType};
use super::database::DatabaseError;
use super::database::clients::{self, SecretCodes};
use super::state::Service;
use super::token::client_secret;

/// The id of the client that is ready.
pub const CLIENT: &str = "dev";

/// The file of its secret, in the service's folder.
const SECRET_FILE: &str = "dev-client.secret";

/// Where its answers arrive.
const WELCOME: &str = "/dev/welcome";

/// The client that is ready.
pub struct DevClient {
    /// The file that holds its secret.
    pub secret_file: PathBuf,
    /// The secret, if it was made just now.
    pub new_secret: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for DevClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DevClient({}, <redacted>)", self.secret_file.display())
    }
}

/// Why the client is not ready.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    /// The file of its secret.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The tables.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Registers the client, or finds it as it was, and lets it be answered at this service's own page.
///
/// # Errors
///
/// [`DevError`].
pub async fn prepare(service: &Service) -> Result<DevClient, DevError> {
    let path = service.config.folder.join(SECRET_FILE);
    let at = |source| DevError::File {
        path: path.clone(),
        source,
    };
    let (secret, is_new) = match fs::read_to_string(&path) {
        Ok(text) => (Zeroizing::new(text.trim().to_owned()), false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = client_secret(&mut rand::rng());
            write(&path, &secret).map_err(at)?;
            (secret, true)
        }
        Err(error) => return Err(at(error)),
    };
    let secrets = SecretCodes {
        current: Some(service.keys.pepper.code_of_secret(&secret)),
        next: None,
    };
    let (now, welcome) = (service.clock.now(), format!("{}{WELCOME}", service.config.issuer));
    let written = service.database.write(move |connection| {
        Box::pin(async move {
            if clients::add(connection, &client(&welcome), &secrets, now).await? {
                return Ok(());
            }
            clients::set_secrets(connection, CLIENT, &secrets).await?;
            // The port may be another one than the last time.
            let known = clients::get(connection, CLIENT).await?;
            let addresses = known.map(|(client, _secrets)| client.redirect_uris).unwrap_or_default();
            for old in addresses {
                if old != welcome && old.ends_with(WELCOME) {
                    clients::remove_redirect(connection, CLIENT, &old).await?;
                }
            }
            clients::add_redirect(connection, CLIENT, &welcome).await
        })
    });
    written.await?;
    Ok(DevClient {
        secret_file: path,
        new_secret: is_new.then_some(secret),
    })
}

fn client(welcome: &str) -> OAuthClient {
    OAuthClient {
        id: CLIENT.to_owned(),
        name: "Your application".to_owned(),
        kind: ClientKind::Confidential,
        redirect_uris: vec![welcome.to_owned()],
        initiate_login_uri: None,
        dead_link: DeadLink::Redirect,
        locale: "en".to_owned(),
        algorithm: SigningAlgorithm::Es256,
        subject_type: SubjectType::Public,
        is_trusted: true,
        sign_up: SignUp::Open,
        invites_per_minute: 10_000,
        invites_per_day: 1_000_000,
        webhook_url: None,
        is_disabled: false,
    }
}

fn write(path: &Path, secret: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{secret}")?;
    file.sync_all()
}

pub(super) fn router() -> Router<Service> {
    Router::new().route(WELCOME, get(by_query).post(by_form))
}

/// What an answer brings along.
#[derive(Deserialize)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn by_query(State(service): State<Service>, Query(answer): Query<Answer>) -> Response {
    welcome(&service, &answer)
}

async fn by_form(State(service): State<Service>, Form(answer): Form<Answer>) -> Response {
    welcome(&service, &answer)
}

/// What the developer's own application would do now, as plain text.
fn welcome(service: &Service, answer: &Answer) -> Response {
    let issuer = &service.config.issuer;
    let secret_file = service.config.folder.join(SECRET_FILE);
    let mut text = "Here your own application would be.\n\n".to_owned();
    let plain = |code: &&String| code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    match (answer.code.as_ref().filter(plain), &answer.error) {
        (Some(code), _) => {
            text += &format!(
                "It was handed the code {code}\nand exchanges it within a minute:\n\n  curl {issuer}/oauth/token -u \"{CLIENT}:$(cat '{}')\" \\\n    \
                 -d grant_type=authorization_code -d code={code} -d redirect_uri={issuer}{WELCOME}\n",
                secret_file.display()
            );
        }
        (None, Some(error)) => {
            let why = answer.error_description.as_deref().unwrap_or_default();
            text += &format!("It was handed the error {error}: {why}\n");
        }
        (None, None) => {
            text += "No code came behind the `?`. With `response_mode` `fragment` it stands behind the `#`, which only the browser sees.\n";
        }
    }
    if let Some(state) = &answer.state {
        text += &format!("\nThe `state` that was given with the invitation: {state}\n");
    }
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, text).into_response()
}
