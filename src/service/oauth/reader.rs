//! What a browser gets: a page in its language, or the answer that leaves for the client.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::parameters::Parameters;
use super::respond::{Denied, Place, see_other};
use crate::service::locales::Language;
use crate::service::page::{Form, Page, render};
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
        let accepted = self.headers.get(header::ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        let wished = parameters.and_then(|parameters| parameters.get("ui_locales"));
        let wished = wished.map(|tags| tags.replace(' ', ","));
        let language = Language::negotiate(None, wished.as_deref().or(accepted));
        render(&self.service.config, language, page)
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
        if let Some(address) = place.address(members) {
            return see_other(&address);
        }
        let hidden = members.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let page = Page::FormPost {
            app: app.to_owned(),
            form: Form {
                action: place.redirect_uri.clone(),
                hidden: hidden.collect(),
                leads_to: vec![place.redirect_uri.clone()],
            },
        };
        self.show_alone(&page)
    }
}

/// The same with a cookie.
pub(super) fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
