//! What a browser gets: a page in its language, or the answer that leaves for the client.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::parameters::Parameters;
use super::respond::{Denied, Place};
use crate::service::locales::Language;
use crate::service::page::{Page, carry, render};
use crate::service::state::Service;

/// The browser as far as its answer needs to know it.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) service: &'a Service,
    pub(super) headers: &'a HeaderMap,
}

impl Reader<'_> {
    /// A page, in the language that the client asks for (`ui_locales`), or that the browser likes.
    pub(super) fn page(self, parameters: Option<&Parameters>, page: &Page) -> Response {
        render(&self.service.config, self.language(parameters), page)
    }

    fn language(self, parameters: Option<&Parameters>) -> Language {
        let accepted = self.headers.get(header::ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        let wished = parameters.and_then(|parameters| parameters.get("ui_locales"));
        let wished = wished.map(|tags| tags.replace(' ', ","));
        Language::negotiate(None, wished.as_deref().or(accepted))
    }

    /// A page without a request.
    pub(super) fn show_alone(self, page: &Page) -> Response {
        self.page(None, page)
    }

    /// An answer with an error.
    pub(super) fn denied(self, app: &str, place: &Place, denied: &Denied) -> Response {
        let members = place.with_error(&self.service.config.issuer, denied);
        self.answer(app, place, &members)
    }

    /// An answer, the way that the client asked for.
    pub(super) fn answer(self, app: &str, place: &Place, members: &[(&'static str, String)]) -> Response {
        carry(&self.service.config, self.language(None), app, place, members)
    }
}

/// The same with a cookie.
pub(super) fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
