//! OAuth 2.0 and OpenID Connect: how a proven address becomes tokens, and what those are good for. SERVICE.md, chapter 6.

mod authorize;
mod bearer;
mod claims;
pub mod codes;
mod cookies;
mod cors;
mod desktop;
mod discovery;
mod dpop;
mod failures;
mod logout;
mod origin;
mod parameters;
mod pkce;
mod reader;
mod respond;
mod revoke;
pub mod scope;
mod token;
mod userinfo;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{get, post};

use self::authorize::sign_in;
use super::http::page_of_network;
use super::state::Service;

pub use self::bearer::bearer;
pub use self::claims::Grant;
pub use self::cookies::pressed;
pub use self::desktop::{DESKTOP, DESKTOP_REDIRECTS, desktop_client, seed};
pub use self::failures::Failures;
pub use self::respond::{Denied, Place, see_other};

/// The routes of this part.
pub(super) fn router(service: &Service) -> Router<Service> {
    let secret = Router::new()
        .route(token::TOKEN, post(token::standard))
        .route(token::SEED_TOKEN, post(token::seed))
        .route(userinfo::USERINFO, get(userinfo::userinfo).post(userinfo::userinfo))
        .route(revoke::REVOKE, post(revoke::revoke))
        .route(revoke::INTROSPECT, post(revoke::introspect))
        .layer(map_response(unkept));
    let public = Router::new()
        .route(discovery::JWKS, get(discovery::jwks))
        .route(discovery::OPENID_CONFIGURATION, get(discovery::document))
        .route(discovery::AUTHORIZATION_SERVER, get(discovery::document));
    let browsers = Router::new()
        .route(authorize::AUTHORIZE, get(authorize::get))
        .route(authorize::CONTINUE, post(authorize::proceed))
        .route(sign_in::SIGN_IN, post(sign_in::ask))
        .route(
            &format!("{}/{{token}}", sign_in::SIGN_IN),
            get(sign_in::look).post(sign_in::finish),
        )
        .route(logout::LOGOUT, get(logout::get).post(logout::post))
        .route_layer(from_fn_with_state(service.clone(), page_of_network))
        // Clients ask there too, who have limits of their own.
        .route(authorize::AUTHORIZE, post(authorize::post));
    secret.merge(public).layer(from_fn(cors::open)).merge(browsers)
}

/// Tokens are for whoever asked, and for no cache on the way (RFC 6749, 5.1).
async fn unkept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
