//! A request for an invitation: its members, and the rules of each.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::{Secret, is_name, lines, sentence, text, wrong};
use super::caller::Caller;
use crate::identity::EmailAddress;
use crate::service::client::{ClientKind, OAuthClient, redirect_matches};
use crate::service::http::{OAuthError, Refusal};
use crate::service::invitation::{
    DEFAULT_TTL, Delivery, Invitation, InvitedParty, MAX_TTL, MIN_TTL, ResponseMode, Sends,
};
use crate::service::locales::is_locale;
use crate::service::mail::values;
use crate::service::oauth::{DESKTOP_REDIRECTS, scope};
use crate::service::status::Status;
use crate::service::token::new_id;
use crate::time::Timestamp;

/// The template that is there without being made.
pub(super) const DEFAULT_TEMPLATE: &str = "invite";

/// The longest JSON of what a template is told, in bytes.
const MAX_DATA: usize = 4 * 1024;

/// A request for an invitation. Members that are not named here are passed over.
#[derive(Deserialize, ToSchema)]
pub(super) struct InvitationRequest {
    /// The client, unless a header says it.
    #[schema(min_length = 1, max_length = 64)]
    pub(super) client_id: Option<String>,
    /// Its secret, unless a header proves it.
    #[schema(value_type = Option<String>, format = Password, min_length = 1)]
    pub(super) client_secret: Option<Secret>,
    /// Where the answer goes: one of the client's registered addresses, to the byte. A client that has exactly one may leave it out.
    #[schema(min_length = 1, max_length = 2048, example = "https://myapp.test/welcome")]
    redirect_uri: Option<String>,
    /// How the answer is carried: `query` (the default), `fragment` or `form_post`.
    #[schema(pattern = "^(query|fragment|form_post)$")]
    response_mode: Option<String>,
    /// Who is invited.
    #[schema(value_type = String, min_length = 5, max_length = 254, format = "email", example = "bonny@example.com")]
    email_address: Option<String>,
    /// The template of the mail, `invite` by default.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    pub(super) template_alias: Option<String>,
    /// What the template may use: at most 20 members whose values are texts of at most 200 characters, numbers or booleans.
    #[schema(value_type = Option<Object>)]
    template_data: Option<Map<String, Value>>,
    /// Returned with the answer as it is.
    #[schema(min_length = 1, max_length = 512)]
    state: Option<String>,
    /// Which way the code takes: `direct`, or `initiate` for a sign-in that the client begins itself.
    #[schema(pattern = "^(direct|initiate)$")]
    delivery: Option<String>,
    /// How long the invitation is good for, in seconds; seven days by default.
    #[schema(minimum = 300, maximum = 2_592_000)]
    ttl_sec: Option<u64>,
    /// The language of the mail, BCP 47; the client's by default.
    #[schema(min_length = 2, max_length = 35, example = "en")]
    locale: Option<String>,
    /// `email` (the default), or, for a client with a secret, `none`: then nothing is mailed and the invitation tells its link.
    #[schema(pattern = "^(email|none)$")]
    deliver: Option<String>,
    /// What the tokens are good for, `openid email` by default.
    #[schema(min_length = 1, max_length = 128)]
    scope: Option<String>,
    /// Goes into the ID token.
    #[schema(min_length = 1, max_length = 256)]
    nonce: Option<String>,
    /// Who may exchange the code, RFC 7636. Only if the same program will exchange it.
    #[schema(min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]+$")]
    code_challenge: Option<String>,
    /// `S256`, with a code challenge.
    #[schema(pattern = "^S256$")]
    code_challenge_method: Option<String>,
    /// The party that the invitation leads into.
    party: Option<PartyRequest>,
    /// At most 2048 bytes, handed as they are to whoever exchanges the code.
    #[schema(max_length = 2048)]
    app_data: Option<String>,
}

/// The party that an invitation leads into.
#[derive(Deserialize, ToSchema)]
pub(super) struct PartyRequest {
    /// The invitation's id in the party's log.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    invitation: String,
    /// base64url of SHA-256 of the party's id.
    #[schema(min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]+$")]
    party_ref: String,
    /// The name (`kid`) of the Ed25519 key of this service that the party's log pins; the newest by default.
    #[schema(min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]+$")]
    key: Option<String>,
}

impl InvitationRequest {
    /// The invitation that is asked for, if every rule is kept. `admission_keys` are the names of the keys that parties pin, the newest
    /// as the last.
    pub(super) fn check(
        self,
        caller: &Caller,
        admission_keys: &[String],
        now: Timestamp,
    ) -> Result<Invitation, Refusal> {
        let client = &caller.client;
        let redirects = client.redirect_uris.as_slice();
        let (delivery, sends) = (self.delivery(client)?, self.sends(caller)?);
        let email = self.email_address.ok_or_else(|| wrong("email_address is missing."))?;
        let email = EmailAddress::parse(&email)
            .map_err(|_refused| wrong("email_address is not an address that mail can be sent to."))?;
        let response_mode = one_of(
            "response_mode is query, fragment or form_post.",
            self.response_mode.as_deref(),
            ResponseMode::of_word,
        )?;
        let leads_to_app = self.party.is_some() && delivery == Delivery::Initiate;
        let redirect_uri = match leads_to_app {
            true => app_redirect(self.redirect_uri, redirects)?,
            false => redirect(self.redirect_uri, redirects)?,
        };
        let ttl = self.ttl_sec.map_or(DEFAULT_TTL, Duration::from_secs);
        if ttl < MIN_TTL || ttl > MAX_TTL {
            return Err(wrong("ttl_sec is between 300 and 2592000."));
        }
        let locale = self.locale.unwrap_or_else(|| client.locale.clone());
        if !is_locale(&locale) {
            return Err(wrong("locale names a language, like en or pt-BR."));
        }
        let template_alias = self.template_alias.unwrap_or_else(|| DEFAULT_TEMPLATE.to_owned());
        if !is_name(&template_alias, 64) {
            return Err(unknown_template());
        }
        if let Some(data) = &self.app_data {
            lines("app_data", data, 2048)?;
        }
        Ok(Invitation {
            id: new_id(now, &mut rand::rng()),
            client_id: client.id.clone(),
            inviter_sub: caller.inviter.clone(),
            email: Some(email),
            redirect_uri,
            response_mode: response_mode.unwrap_or(ResponseMode::Query),
            state: text("state", self.state, 512)?,
            delivery,
            sends,
            template_alias,
            locale,
            template_data: template_data(self.template_data.unwrap_or_default(), client.is_trusted)?,
            app_data: self.app_data,
            party: self.party.map(|party| party.check(admission_keys)).transpose()?,
            scope: scope(text("scope", self.scope, 128)?.as_deref(), client)?,
            nonce: text("nonce", self.nonce, 256)?,
            code_challenge: challenge(self.code_challenge, self.code_challenge_method.as_deref())?,
            status: match sends {
                Sends::Email => Status::Queued,
                Sends::Nothing => Status::Created,
            },
            generation: 0,
            send_count: i64::from(sends == Sends::Email),
            ttl,
            created_at: now,
            expires_at: now.plus(ttl),
            first_sent_at: None,
            opened_at: None,
            accepted_at: None,
            ended_at: None,
            last_smtp: None,
        })
    }

    /// Which way the code takes.
    fn delivery(&self, client: &OAuthClient) -> Result<Delivery, Refusal> {
        let asked = one_of(
            "delivery is direct or initiate.",
            self.delivery.as_deref(),
            Delivery::of_word,
        )?;
        let delivery = asked.unwrap_or(match (client.kind, &self.party) {
            (ClientKind::Confidential, None) => Delivery::Direct,
            (ClientKind::Public, _) | (_, Some(_)) => Delivery::Initiate,
        });
        // An answer that nobody began to ask for has no state and no PKCE: only a client with a secret can tell it from a forged one.
        if delivery == Delivery::Direct && client.kind == ClientKind::Public {
            return Err(wrong("A client without a secret takes delivery initiate."));
        }
        if delivery == Delivery::Initiate && client.initiate_login_uri.is_none() && self.party.is_none() {
            return Err(wrong("For delivery initiate the client has an initiate_login_uri."));
        }
        Ok(delivery)
    }

    /// Whether the service sends the mail.
    fn sends(&self, caller: &Caller) -> Result<Sends, Refusal> {
        let sends = one_of("deliver is email or none.", self.deliver.as_deref(), Sends::of_word)?;
        let sends = sends.unwrap_or(Sends::Email);
        // Whoever is given the link can pass for the address: only a client with a secret may, and only before itself.
        if sends == Sends::Nothing && (caller.inviter.is_some() || caller.client.kind == ClientKind::Public) {
            return Err(wrong(
                "deliver none is for clients with a secret. Leave it out, and the service sends the mail.",
            ));
        }
        if sends == Sends::Nothing && self.party.is_some() {
            return Err(wrong(
                "An invitation into a party is mailed: that its mail was read is what lets somebody in.",
            ));
        }
        Ok(sends)
    }
}

impl PartyRequest {
    fn check(self, admission_keys: &[String]) -> Result<InvitedParty, Refusal> {
        if !is_name(&self.invitation, 64) {
            return Err(wrong("party.invitation has 1 to 64 of the characters of base64url."));
        }
        if !is_digest(&self.party_ref) {
            return Err(wrong("party.party_ref is base64url of 32 bytes."));
        }
        let key = match self.key {
            None => admission_keys.last().cloned().unwrap_or_default(),
            Some(key) if admission_keys.contains(&key) => key,
            Some(_unknown) => return Err(wrong("party.key is not the name of an Ed25519 key of this service.")),
        };
        Ok(InvitedParty {
            invitation: self.invitation,
            party_ref: self.party_ref,
            key,
        })
    }
}

/// No template has this name.
pub(super) fn unknown_template() -> Refusal {
    wrong("No template has the name of template_alias. Make it first: PUT /api/templates/{alias}.")
}

fn redirect(asked: Option<String>, registered: &[String]) -> Result<String, Refusal> {
    match (asked, registered) {
        (Some(asked), registered) if registered.iter().any(|one| redirect_matches(one, &asked)) => Ok(asked),
        (Some(_asked), _registered) => Err(wrong("redirect_uri is not one that is registered for this client.")),
        (None, [only]) => Ok(only.clone()),
        (None, _several) => Err(wrong("redirect_uri is missing, and the client has not exactly one.")),
    }
}

/// For the desktop app: where it is answered, it says when it asks. What the invitation says of it may also be the client's own.
fn app_redirect(asked: Option<String>, registered: &[String]) -> Result<String, Refusal> {
    let [app, _] = DESKTOP_REDIRECTS;
    match asked {
        None => Ok(app.to_owned()),
        Some(asked) if DESKTOP_REDIRECTS.iter().any(|one| redirect_matches(one, &asked)) => Ok(asked),
        Some(asked) => redirect(Some(asked), registered),
    }
}

fn one_of<T>(
    rule: &'static str,
    word: Option<&str>,
    of_word: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Refusal> {
    word.map(|word| of_word(word).ok_or_else(|| wrong(rule))).transpose()
}

/// What the client may hand on of what it asks for. Words that nobody knows count as not said.
fn scope(asked: Option<&str>, client: &OAuthClient) -> Result<String, Refusal> {
    scope::granted(asked, client).ok_or_else(|| {
        let words = scope::ALL.join(", ");
        Refusal::new(
            OAuthError::InvalidScope,
            format!("scope has some of the words {words}."),
        )
    })
}

/// `plain` protects nothing that this service does, and is what a request without a method means (RFC 7636, 4.3).
fn challenge(challenge: Option<String>, method: Option<&str>) -> Result<Option<String>, Refusal> {
    match (challenge, method) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if is_digest(&challenge) => Ok(Some(challenge)),
        (Some(_challenge), Some("S256")) => Err(wrong("code_challenge is base64url of 32 bytes.")),
        (None, Some(_method)) => Err(wrong("code_challenge is missing.")),
        (Some(_challenge), _other) => Err(wrong("code_challenge_method is S256.")),
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 43 && is_name(text, 43)
}

/// What a template is told, as JSON, if a mail can show it.
#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
pub(super) fn template_data(data: Map<String, Value>, is_trusted: bool) -> Result<String, Refusal> {
    if data.keys().any(|name| !is_name(name, 64)) {
        return Err(wrong("A name in template_data has 1 to 64 letters, digits, - and _."));
    }
    let data = Value::Object(data);
    values::check(&data, is_trusted).map_err(|error| wrong(sentence(&error)))?;
    let text = data.to_string();
    if text.len() > MAX_DATA {
        return Err(wrong(format!("template_data has at most {MAX_DATA} bytes.")));
    }
    Ok(text)
}
