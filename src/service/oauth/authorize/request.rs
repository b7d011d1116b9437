//! What an authorization request asks for (RFC 6749, 4.1.1; OpenID Connect Core, 3.1.2.1).

use crate::identity::EmailAddress;
use crate::service::client::{ClientKind, OAuthClient, is_client_id, redirect_matches};
use crate::service::database::{DatabaseError, clients};
use crate::service::invitation::ResponseMode;
use crate::service::oauth::claims::IdClaims;
use crate::service::oauth::codes::Terms;
use crate::service::oauth::parameters::Parameters;
use crate::service::oauth::respond::{Denied, Place};
use crate::service::oauth::{pkce, scope};
use crate::service::state::Service;

/// The longest `state` and `nonce` that are taken, in bytes.
const MAX_ECHO: usize = 2048;

/// A request that is understood.
#[derive(Clone)]
pub(super) struct Asked {
    /// Who asks.
    pub(super) client: OAuthClient,
    /// Where the answer goes.
    pub(super) place: Place,
    /// What it wants.
    pub(super) wants: Wants,
    /// The request as it came, for the forms of the pages between.
    pub(super) parameters: Parameters,
}

/// What a request wants beside an answer.
#[derive(Clone)]
pub(super) struct Wants {
    pub(super) scope: String,
    nonce: Option<String>,
    challenge: Option<String>,
    jkt: Option<String>,
    pub(super) prompt: Prompt,
    /// Whether the person is new there (`prompt=create`).
    pub(super) signs_up: bool,
    /// Seconds since the person proved the address, at most.
    pub(super) max_age: Option<u64>,
    /// Who it should be.
    pub(super) hint: Option<EmailAddress>,
    /// The subject that the client knows already.
    pub(super) sub: Option<String>,
}

/// Whether the person may be asked (OpenID Connect Core, 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// If it is needed.
    AsNeeded,
    /// By no means.
    Never,
    /// In any case.
    Always,
}

/// A request that cannot be answered where it asks to be: nothing proves that the address is the client's (RFC 9700, 4.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nowhere {
    /// No such client, or it was turned off.
    Client,
    /// Not an address of the client.
    Redirect,
}

/// Who asks and where the answer goes.
pub(super) async fn place(
    service: &Service,
    parameters: &Parameters,
) -> Result<Result<(OAuthClient, Place), Nowhere>, DatabaseError> {
    let Some(id) = parameters
        .get("client_id")
        .filter(|id| is_client_id(id))
        .map(str::to_owned)
    else {
        return Ok(Err(Nowhere::Client));
    };
    let found = service
        .database
        .read(move |connection| Box::pin(async move { clients::get(connection, &id).await }));
    let Some((client, _secrets)) = found.await? else {
        return Ok(Err(Nowhere::Client));
    };
    if client.is_disabled {
        return Ok(Err(Nowhere::Client));
    }
    let redirect_uri = match (parameters.get("redirect_uri"), client.redirect_uris.as_slice()) {
        (Some(asked), all) if all.iter().any(|known| redirect_matches(known, asked)) => asked.to_owned(),
        (None, [only]) if !parameters.came("redirect_uri") => only.clone(),
        _ => return Ok(Err(Nowhere::Redirect)),
    };
    let place = Place {
        redirect_uri,
        mode: parameters
            .get("response_mode")
            .and_then(ResponseMode::of_word)
            .unwrap_or(ResponseMode::Query),
        state: parameters
            .get("state")
            .filter(|state| state.len() <= MAX_ECHO)
            .map(str::to_owned),
    };
    Ok(Ok((client, place)))
}

/// What the client wants, if all of it is understood.
pub(super) fn wants(service: &Service, client: &OAuthClient, parameters: &Parameters) -> Result<Wants, Denied> {
    let invalid = |what| Denied::new("invalid_request", what);
    if parameters.came_twice() {
        return Err(invalid("A parameter is sent twice."));
    }
    check_form(parameters)?;
    if parameters
        .get("nonce")
        .is_some_and(|nonce| nonce.contains(char::is_control))
    {
        return Err(invalid("The nonce has control characters."));
    }
    let public = client.kind == ClientKind::Public;
    let challenge = parameters.get("code_challenge");
    match (challenge, parameters.get("code_challenge_method")) {
        (None, None) if public => return Err(invalid("A public client sends a code_challenge.")),
        (None, None) => {}
        (Some(challenge), Some("S256")) if pkce::is_challenge(challenge) => {}
        (Some(_), Some("S256")) => return Err(invalid("The code_challenge is no SHA-256 in base64url.")),
        _ => return Err(invalid("The code_challenge_method is S256, with a code_challenge.")),
    }
    let jkt = parameters.get("dpop_jkt");
    if jkt.is_some_and(|jkt| !pkce::is_challenge(jkt)) {
        return Err(invalid("The dpop_jkt is no thumbprint of a key."));
    }
    let scope = scope::granted(parameters.get("scope"), client)
        .ok_or(Denied::new("invalid_scope", "Nothing of the scope is offered."))?;
    let max_age = parameters.get("max_age").map(str::parse::<u64>).transpose();
    let max_age = max_age.map_err(|_letters| invalid("The max_age is no number of seconds."))?;
    let sub = match parameters.get("id_token_hint") {
        None => None,
        Some(hint) => {
            let known = IdClaims::of_hint(service, hint).filter(|known| known.aud == client.id);
            Some(
                known
                    .ok_or(invalid("The id_token_hint is no ID token of this client."))?
                    .sub,
            )
        }
    };
    Ok(Wants {
        scope,
        nonce: parameters.get("nonce").map(str::to_owned),
        challenge: challenge.map(str::to_owned),
        jkt: jkt.map(str::to_owned),
        prompt: prompt(parameters.get("prompt").unwrap_or_default())?,
        signs_up: parameters
            .get("prompt")
            .is_some_and(|words| scope::has(words, "create")),
        max_age,
        hint: parameters
            .get("login_hint")
            .and_then(|hint| EmailAddress::parse(hint).ok()),
        sub,
    })
}

fn check_form(parameters: &Parameters) -> Result<(), Denied> {
    for (name, error) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ] {
        if parameters.came(name) {
            return Err(Denied::new(error, "Send each parameter by itself."));
        }
    }
    match parameters.get("response_type") {
        None => {
            return Err(Denied::new(
                "invalid_request",
                "The parameter response_type is missing.",
            ));
        }
        Some("code") => {}
        Some(_) => return Err(Denied::new("unsupported_response_type", "The response_type is code.")),
    }
    if parameters
        .get("response_mode")
        .is_some_and(|mode| ResponseMode::of_word(mode).is_none())
    {
        return Err(Denied::new(
            "invalid_request",
            "The response_mode is query, fragment or form_post.",
        ));
    }
    let long = |name| parameters.get(name).is_some_and(|value: &str| value.len() > MAX_ECHO);
    if long("state") || long("nonce") {
        return Err(Denied::new(
            "invalid_request",
            "A state and a nonce have at most 2048 bytes.",
        ));
    }
    Ok(())
}

fn prompt(text: &str) -> Result<Prompt, Denied> {
    let has = |word| scope::has(text, word);
    let is_alone = text.split(' ').filter(|word| !word.is_empty()).count() == 1;
    match (has("none"), is_alone) {
        (true, true) => Ok(Prompt::Never),
        (true, false) => Err(Denied::new("invalid_request", "The prompt none stands alone.")),
        (false, _) if has("login") || has("select_account") || has("create") => Ok(Prompt::Always),
        (false, _) => Ok(Prompt::AsNeeded),
    }
}

impl Asked {
    /// What a code for this request is good for.
    pub(super) fn terms(&self, service: &Service) -> Terms<'_> {
        Terms {
            client_id: &self.client.id,
            redirect_uri: &self.place.redirect_uri,
            scope: &self.wants.scope,
            nonce: self.wants.nonce.as_deref(),
            challenge: self.wants.challenge.as_deref(),
            jkt: self.wants.jkt.as_deref(),
            life: service.config.code_life,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_says_whether_the_person_may_be_asked() {
        assert_eq!(prompt(""), Ok(Prompt::AsNeeded));
        assert_eq!(prompt("consent"), Ok(Prompt::AsNeeded));
        assert_eq!(prompt("none"), Ok(Prompt::Never));
        assert_eq!(prompt("consent login"), Ok(Prompt::Always));
        assert_eq!(prompt("create"), Ok(Prompt::Always));
        assert_eq!(
            prompt("none login").map_err(|denied| denied.error),
            Err("invalid_request")
        );
    }
}
