//! Our own access tokens, as they come back: with `Bearer` (RFC 6750), or with `DPoP` and a proof (RFC 9449, section 7).

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::claims::{ACCESS_TYPE, AccessClaims, Grant};
use super::dpop::{self, DPOP_NONCE, ProofError, Target};
use super::scope;
use crate::service::database::refresh;
use crate::service::http::{OAuthError, Refusal};
use crate::service::keys::SignedClaims;
use crate::service::state::Service;
use crate::time::Timestamp;

/// How a token was sent (RFC 9110, 11.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Dpop,
}

/// What the access token of a request is good for, if it has the scope `needed`. None if the request has no token: other ways to say who asks
/// may follow.
///
/// # Errors
///
/// `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce` or `insufficient_scope`, each with its `WWW-Authenticate` header.
pub async fn bearer(
    service: &Service,
    headers: &HeaderMap,
    method: &Method,
    path: &str,
    needed: &str,
    now: Timestamp,
) -> Result<Option<Grant>, Refusal> {
    let Some((scheme, token)) = sent(headers)? else {
        return Ok(None);
    };
    with_token(service, headers, (scheme, token), Target { method, path }, needed, now)
        .await
        .map(Some)
}

/// As [`bearer`], with a token that was not in the header.
pub(super) async fn posted(
    service: &Service,
    headers: &HeaderMap,
    token: &str,
    target: Target<'_>,
    needed: &str,
    now: Timestamp,
) -> Result<Grant, Refusal> {
    with_token(service, headers, (Scheme::Bearer, token), target, needed, now).await
}

/// The claims of an access token of ours that is not over. Whether it was taken back is another question.
pub(super) fn read(service: &Service, token: &str, now: Timestamp) -> Option<AccessClaims> {
    let token = SignedClaims::read(token).ok()?;
    if token.header("typ") != Some(ACCESS_TYPE) {
        return None;
    }
    let key = service.keys.signing.named(token.header("kid")?)?;
    let claims: AccessClaims = token.verified(key).ok()?;
    let issuer = &service.config.issuer;
    (claims.iss == *issuer && claims.aud.contains(issuer) && now.as_secs() < claims.exp).then_some(claims)
}

impl AccessClaims {
    /// The family that the token is of.
    pub(super) fn family(&self) -> &str {
        self.jti.split_once('.').map_or("", |(family, _own)| family)
    }
}

async fn with_token(
    service: &Service,
    headers: &HeaderMap,
    (scheme, token): (Scheme, &str),
    target: Target<'_>,
    needed: &str,
    now: Timestamp,
) -> Result<Grant, Refusal> {
    let Some(claims) = read(service, token, now) else {
        return Err(refused(scheme, "The access token is none of this service, or over."));
    };
    if let Err(wait) = service.paces.people.take(&claims.sub) {
        return Err(Refusal::slow_down(wait, "This person asks too often."));
    }
    let bound = claims.cnf.as_ref().map(|key| key.jkt.clone());
    match (scheme, &bound) {
        (Scheme::Bearer, None) => {}
        (Scheme::Bearer, Some(_)) | (Scheme::Dpop, None) => {
            return Err(refused(scheme, "The access token belongs into the other scheme."));
        }
        (Scheme::Dpop, Some(jkt)) => prove(service, headers, target, (token, jkt), now).await?,
    }
    let family = claims.family().to_owned();
    let found = service
        .database
        .read(move |connection| Box::pin(async move { refresh::address(connection, &family).await }));
    let Some((email, email_verified)) = found.await? else {
        return Err(refused(scheme, "The access token was taken back."));
    };
    if !scope::has(&claims.scope, needed) {
        let what = format!("The access token lacks the scope {needed}.");
        return Err(challenge(scheme, OAuthError::InsufficientScope, &what, Some(needed)));
    }
    Ok(Grant {
        family: claims.family().to_owned(),
        client_id: claims.client_id,
        sub: claims.sub,
        email,
        email_verified,
        scope: claims.scope,
        jkt: bound,
        auth_time: Timestamp::from_millis(claims.auth_time.saturating_mul(1000)),
    })
}

/// The proof that goes with a bound token: of its key, for it, and new.
async fn prove(
    service: &Service,
    headers: &HeaderMap,
    target: Target<'_>,
    (token, jkt): (&str, &str),
    now: Timestamp,
) -> Result<(), Refusal> {
    let wrong = |what| challenge(Scheme::Dpop, OAuthError::InvalidDpopProof, what, None);
    let proof = match dpop::read(service, headers, target, Some(token), now) {
        Ok(Some(proof)) => proof,
        Ok(None) => return Err(wrong("The DPoP proof is missing.")),
        Err(ProofError::Wrong(what)) => return Err(wrong(what)),
        Err(ProofError::Nonce) => {
            let what = "Put the nonce of the DPoP-Nonce header into the proof.";
            let nonce = dpop::nonce(&service.keys.links, now);
            return Err(challenge(Scheme::Dpop, OAuthError::UseDpopNonce, what, None).with(DPOP_NONCE, nonce));
        }
    };
    if proof.jkt != jkt {
        return Err(wrong("The DPoP proof is by another key than the token's."));
    }
    let seen = service
        .database
        .write(move |connection| Box::pin(async move { proof.is_new(connection).await }));
    if seen.await? {
        Ok(())
    } else {
        Err(wrong("This DPoP proof was sent before."))
    }
}

fn sent(headers: &HeaderMap) -> Result<Option<(Scheme, &str)>, Refusal> {
    let mut all = headers.get_all(header::AUTHORIZATION).into_iter();
    let Some(text) = all.next().and_then(|header| header.to_str().ok()) else {
        return Ok(None);
    };
    if all.next().is_some() {
        return Err(refused(Scheme::Bearer, "There are two Authorization headers."));
    }
    let Some((scheme, token)) = text.split_once(' ') else {
        return Ok(None);
    };
    let scheme = if scheme.eq_ignore_ascii_case("bearer") {
        Scheme::Bearer
    } else if scheme.eq_ignore_ascii_case("dpop") {
        Scheme::Dpop
    } else {
        return Ok(None);
    };
    Ok(Some((scheme, token.trim())))
}

fn refused(scheme: Scheme, what: &str) -> Refusal {
    challenge(scheme, OAuthError::InvalidToken, what, None)
}

/// A refusal of a resource, always 401 but for a scope (RFC 6750, 3.1; RFC 9449, 7.1).
fn challenge(scheme: Scheme, error: OAuthError, what: &str, needed: Option<&str>) -> Refusal {
    let (scheme, more) = match scheme {
        Scheme::Bearer => ("Bearer", ""),
        Scheme::Dpop => ("DPoP", ", algs=\"ES256 EdDSA RS256\""),
    };
    let needed = needed.map(|scope| format!(", scope=\"{scope}\"")).unwrap_or_default();
    let text = format!(
        "{scheme} error=\"{}\", error_description=\"{what}\"{needed}{more}",
        error.code()
    );
    // ASCII of our own.
    let header = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"));
    let refusal = Refusal::new(error, what).with(header::WWW_AUTHENTICATE, header);
    if error == OAuthError::InsufficientScope {
        refusal
    } else {
        refusal.at(StatusCode::UNAUTHORIZED)
    }
}

/// What a request without any token gets (RFC 6750, 3.1).
pub(super) fn missing() -> Refusal {
    Refusal::new(OAuthError::InvalidToken, "The request carries no access token.")
        .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}
