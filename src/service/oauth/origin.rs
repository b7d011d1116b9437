//! Whether a form was posted by a page of ours: what the buttons between the pages do is done for nobody else's page.

use axum::http::{HeaderMap, header};

use crate::service::state::Service;

/// Browsers say with every post where it comes from, in one of two headers at least; what says nothing is no browser, and has no cookies of
/// anybody's.
pub(super) fn is_from_here(service: &Service, headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let site = said("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let origin = said(header::ORIGIN.as_str()).is_none_or(|origin| origin == service.config.issuer);
    site && origin
}
