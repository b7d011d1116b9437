//! A request for a link: its token, and who asks.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::reader::Reader;
use crate::service::state::Service;

/// A request for a link. Never refused: a token that cannot be read is one that leads nowhere.
pub(super) struct Visit {
    pub(super) token: String,
    pub(super) reader: Reader,
}

impl FromRequestParts<Service> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Infallible> {
        let token = Path::<String>::from_request_parts(parts, service).await;
        Ok(Self {
            token: token.map(|Path(token)| token).unwrap_or_default(),
            reader: Reader::of(&parts.headers),
        })
    }
}
