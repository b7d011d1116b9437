//! The client that is always there: the desktop app itself.

use crate::service::client::{ClientKind, DeadLink, OAuthClient, SignUp, SigningAlgorithm, SubjectType};
use crate::service::database::clients::SecretCodes;
use crate::service::database::{Database, DatabaseError, clients};
use crate::time::Timestamp;

/// What the desktop app calls itself in requests.
pub const DESKTOP: &str = "partyline-desktop";

/// Where it is answered: a listener on a port of its own choice (RFC 8252, 7.3).
pub const DESKTOP_REDIRECTS: [&str; 2] = ["http://127.0.0.1/callback", "http://[::1]/callback"];

/// The desktop app as a client. It has no secret: everybody has a copy of it.
#[must_use]
pub fn desktop_client() -> OAuthClient {
    OAuthClient {
        id: DESKTOP.to_owned(),
        name: "Partyline".to_owned(),
        kind: ClientKind::Public,
        redirect_uris: DESKTOP_REDIRECTS.map(str::to_owned).into(),
        initiate_login_uri: Some("org.partyline.app:/accept".to_owned()),
        dead_link: DeadLink::Page,
        locale: "en".to_owned(),
        algorithm: SigningAlgorithm::Es256,
        subject_type: SubjectType::Public,
        is_trusted: false,
        sign_up: SignUp::Open,
        invites_per_minute: 100,
        invites_per_day: 5000,
        webhook_url: None,
        is_disabled: false,
    }
}

/// Writes the desktop app down as a client, if it is not there. What an operator has changed of it stays.
///
/// # Errors
///
/// [`DatabaseError`].
pub async fn seed(database: &Database, now: Timestamp) -> Result<(), DatabaseError> {
    let added = database.write(move |connection| {
        Box::pin(async move {
            let client = desktop_client();
            clients::add(connection, &client, &SecretCodes::default(), now).await?;
            Ok(())
        })
    });
    added.await
}
