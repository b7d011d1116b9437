//! Clients that nobody here wrote: the `openidconnect` crate, and with a Python that has them Authlib and requests-oauthlib.

use std::process::Stdio;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::http::Response;
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
};
use partyline::service::client::{ClientKind, SignUp, SigningAlgorithm};
use tokio::process::Command;

use super::REDIRECT;
use super::browser::{Browser, led_to};
use super::person::BONNY;
use crate::support::{SECRET, Served, client, on_both};

/// Names a virtual environment of Python with `authlib`, `requests` and `requests-oauthlib`.
const FOREIGN: &str = "PARTYLINE_TEST_FOREIGN";

async fn open(served: &Served, id: &str, algorithm: SigningAlgorithm) {
    let mut client = client(id, ClientKind::Confidential);
    client.sign_up = SignUp::Open;
    client.algorithm = algorithm;
    served.register_as(client, REDIRECT).await;
}

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let mut response = Response::new(Vec::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}

#[test]
fn the_openidconnect_crate_signs_somebody_in() {
    on_both(|served| async move {
        for (id, algorithm) in [("choir", SigningAlgorithm::Es256), ("band", SigningAlgorithm::Rs256)] {
            open(&served, id, algorithm).await;
            let http = |request| send(served.http.clone(), request);
            let issuer = IssuerUrl::new(served.issuer.clone()).unwrap();
            let provider = CoreProviderMetadata::discover_async(issuer, &http).await.unwrap();
            let client = CoreClient::from_provider_metadata(
                provider,
                ClientId::new(id.to_owned()),
                Some(ClientSecret::new(SECRET.to_owned())),
            )
            .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned()).unwrap());
            let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
            let (address, state, nonce) = client
                .authorize_url(
                    CoreAuthenticationFlow::AuthorizationCode,
                    CsrfToken::new_random,
                    Nonce::new_random,
                )
                .add_scope(Scope::new("email".to_owned()))
                .set_pkce_challenge(challenge)
                .url();
            let browser = Browser::default();
            let person = format!("{id}.{BONNY}");
            let answer = led_to(&browser.sign_in(&served, address.query().unwrap(), &person).await);
            assert_eq!(answer["state"], *state.secret());
            let tokens = client
                .exchange_code(AuthorizationCode::new(answer["code"].clone()))
                .unwrap()
                .set_pkce_verifier(verifier)
                .request_async(&http)
                .await
                .unwrap();
            // The moment when every test begins.
            let verifier = client
                .id_token_verifier()
                .set_time_fn(|| "2026-01-01T00:00:00Z".parse().unwrap());
            let claims: &CoreIdTokenClaims = tokens.id_token().unwrap().claims(&verifier, &nonce).unwrap();
            assert_eq!(claims.email().map(|email| email.as_str()), Some(person.as_str()));
            let subject = claims.subject().clone();
            let said: CoreUserInfoClaims = client
                .user_info(tokens.access_token().clone(), Some(subject))
                .unwrap()
                .request_async(&http)
                .await
                .unwrap();
            assert_eq!(said.email_verified(), Some(true));
            let newer = client
                .exchange_refresh_token(tokens.refresh_token().unwrap())
                .unwrap()
                .request_async(&http)
                .await
                .unwrap();
            assert_ne!(newer.access_token().secret(), tokens.access_token().secret());
        }
    });
}

/// Runs a script of `foreign/` with the service's address and a code; without the libraries it says so.
async fn run(served: &Served, script: &str) {
    let Ok(environment) = std::env::var(FOREIGN) else {
        println!(
            "SKIPPED {script}: {FOREIGN} names no virtual environment of Python with authlib and requests-oauthlib"
        );
        return;
    };
    open(served, "choir", SigningAlgorithm::Rs256).await;
    let code = served
        .signed_in_code("choir", |terms| terms.nonce = Some("n-0S6"))
        .await;
    let answer = Command::new(format!("{environment}/bin/python"))
        .arg(format!("{}/tests/service/foreign/{script}", env!("CARGO_MANIFEST_DIR")))
        .env("ISSUER", &served.issuer)
        .env("CODE", code)
        .env("REDIRECT", REDIRECT)
        .env("SECRET", SECRET)
        .env("OAUTHLIB_INSECURE_TRANSPORT", "1")
        .env("AUTHLIB_INSECURE_TRANSPORT", "1")
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert!(
        answer.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&answer.stdout),
        String::from_utf8_lossy(&answer.stderr)
    );
}

#[test]
fn authlib_exchanges_refreshes_and_revokes() {
    on_both(|served| async move { run(&served, "with_authlib.py").await });
}

#[test]
fn requests_oauthlib_exchanges_and_refreshes() {
    on_both(|served| async move { run(&served, "with_requests_oauthlib.py").await });
}
