//! Invitations for the tests of links, written down as the API does, and what became of them.

use std::time::Duration;

use partyline::identity::EmailAddress;
use partyline::service::client::{ClientKind, DeadLink, OAuthClient};
use partyline::service::database::{invitations, query, query_scalar};
use partyline::service::invitation::{DEFAULT_TTL, Delivery, Invitation, ResponseMode, Sends};
use partyline::service::status::Status;
use partyline::service::token::{Purpose, make_link, new_id};

use crate::support::{Served, client};

/// Where the tests' client is answered.
pub(crate) const WELCOME: &str = "https://myapp.test/welcome";

/// Who is invited.
pub(crate) const BONNY: &str = "bonny@example.com";

/// An invitation of the client `choir` that was mailed.
pub(crate) fn invitation(served: &Served) -> Invitation {
    let now = served.now();
    Invitation {
        id: new_id(now, &mut rand::rng()),
        client_id: "choir".to_owned(),
        inviter_sub: None,
        email: Some(EmailAddress::parse(BONNY).unwrap()),
        redirect_uri: WELCOME.to_owned(),
        response_mode: ResponseMode::Query,
        state: None,
        delivery: Delivery::Direct,
        sends: Sends::Email,
        template_alias: "invite".to_owned(),
        locale: "en".to_owned(),
        template_data: r#"{"inviter_name":"Ann Meier"}"#.to_owned(),
        app_data: None,
        party: None,
        scope: "openid email".to_owned(),
        nonce: None,
        code_challenge: None,
        status: Status::Sent,
        generation: 0,
        send_count: 1,
        ttl: DEFAULT_TTL,
        created_at: now,
        expires_at: now.plus(DEFAULT_TTL),
        first_sent_at: None,
        opened_at: None,
        accepted_at: None,
        ended_at: None,
        last_smtp: None,
    }
}

/// The client `choir`, whose dead links lead to a page.
pub(crate) fn choir(dead_link: DeadLink) -> OAuthClient {
    OAuthClient {
        dead_link,
        ..client("choir", ClientKind::Confidential)
    }
}

impl Served {
    /// Writes an invitation down, and answers with its link's token.
    pub(crate) async fn put_link(&self, invitation: Invitation) -> String {
        let token = self.link_token(&invitation);
        let written = self
            .service
            .database
            .write(move |connection| Box::pin(async move { invitations::add(connection, &invitation).await }));
        written.await.unwrap();
        token
    }

    /// Registers `choir` and invites Bonny after `change`; answers with the id and the link's token.
    pub(crate) async fn invited_by_choir(
        &self,
        dead_link: DeadLink,
        change: impl FnOnce(&mut Invitation),
    ) -> (String, String) {
        let mut invitation = invitation(self);
        change(&mut invitation);
        self.register_as(choir(dead_link), &invitation.redirect_uri).await;
        let id = invitation.id.clone();
        (id, self.put_link(invitation).await)
    }

    /// The token of an invitation's link.
    pub(crate) fn link_token(&self, invitation: &Invitation) -> String {
        let purpose = Purpose::Invitation(invitation.generation);
        make_link(&self.service.keys.links, purpose, &invitation.id)
    }

    /// The invitation as it stands.
    pub(crate) async fn how_stands(&self, id: &str) -> Invitation {
        let id = id.to_owned();
        let read = self
            .service
            .database
            .read(move |connection| Box::pin(async move { invitations::get(connection, &id).await }));
        read.await.unwrap().unwrap()
    }

    /// The number that a statement answers with. Its `$1` is `id`.
    pub(crate) async fn number_of(&self, statement: &'static str, id: &str) -> i64 {
        let id = id.to_owned();
        let read = self.service.database.read(move |connection| {
            Box::pin(async move {
                let row = query(statement).bind(id).fetch_one(connection).await?;
                Ok(row.get::<i64>(0)?)
            })
        });
        read.await.unwrap()
    }

    /// Does a statement, whose `$1` is `id`.
    pub(crate) async fn change_row(&self, statement: &'static str, id: &str) {
        let id = id.to_owned();
        let written = self.service.database.write(move |connection| {
            Box::pin(async move {
                query(statement).bind(id).execute(connection).await?;
                Ok(())
            })
        });
        written.await.unwrap();
    }

    /// What happened to an invitation, in order.
    pub(crate) async fn happened_to(&self, id: &str) -> Vec<String> {
        let id = id.to_owned();
        let read = self.service.database.read(move |connection| {
            Box::pin(async move {
                let kinds = query_scalar("SELECT kind FROM events WHERE invitation_id = $1 ORDER BY id").bind(id);
                Ok(kinds.fetch_all(connection).await?)
            })
        });
        read.await.unwrap()
    }

    /// Posts nothing to a path, as a button does.
    pub(crate) async fn press_at(&self, path: &str) -> reqwest::Response {
        self.http.post(self.at(path)).send().await.unwrap()
    }
}

/// How many codes of an invitation there are, and how many of them can still be exchanged.
pub(crate) async fn codes(served: &Served, id: &str) -> (i64, i64) {
    let all = served
        .number_of("SELECT COUNT(*) FROM codes WHERE invitation_id = $1", id)
        .await;
    let alive = "SELECT COUNT(*) FROM codes WHERE invitation_id = $1 AND dead = 0 AND used_at IS NULL";
    (all, served.number_of(alive, id).await)
}

/// The parameters behind the `?` or the `#` of an answer's address, if it leads to `base`.
pub(crate) fn carried(answer: &reqwest::Response, base: &str, mark: char) -> Vec<(String, String)> {
    let location = answer.headers()["location"].to_str().unwrap();
    let (address, parameters) = location.split_once(mark).unwrap();
    assert_eq!(address, base);
    url::form_urlencoded::parse(parameters.as_bytes())
        .into_owned()
        .collect()
}

/// The value of a parameter.
pub(crate) fn value<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters
        .iter()
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.as_str())
}

/// A little more than the time that invitations are good for.
pub(crate) const TOO_LATE: Duration = Duration::from_secs(7 * 24 * 3600 + 1);
