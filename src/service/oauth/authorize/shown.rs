//! The pages between a request and its answer.

use axum::response::Response;

use super::request::{Asked, Nowhere};
use super::sign_in::SIGN_IN;
use super::{ANSWER, CONTINUE};
use crate::service::oauth::reader::Reader;
use crate::service::page::{Form, Page, Purpose, SignInProblem};

impl Reader<'_> {
    /// A page of a request.
    pub(super) fn show(self, asked: &Asked, page: &Page) -> Response {
        self.page(Some(&asked.parameters), page)
    }

    /// The page that asks for an address.
    pub(super) fn sign_in(self, asked: &Asked, problem: Option<SignInProblem>) -> Response {
        let typed = asked.parameters.get("email").map(str::to_owned);
        let hinted = asked.wants.hint.as_ref().map(ToString::to_string);
        let page = Page::SignIn {
            app: asked.client.name.clone(),
            purpose: if asked.wants.signs_up {
                Purpose::SignUp
            } else {
                Purpose::SignIn
            },
            form: form(asked, SIGN_IN),
            email: typed.or(hinted).unwrap_or_default(),
            problem,
        };
        self.show(asked, &page)
    }

    /// The page that asks whether to go on.
    pub(super) fn confirm(self, asked: &Asked, address: &str) -> Response {
        let page = Page::Confirm {
            app: asked.client.name.clone(),
            address: address.to_owned(),
            form: form(asked, CONTINUE),
        };
        self.show(asked, &page)
    }

    /// An answer with a code.
    pub(super) fn code(self, asked: &Asked, code: &str) -> Response {
        let members = asked.place.with_code(&self.service.config.issuer, code);
        self.answer(&asked.client.name, &asked.place, &members)
    }

    /// The page for a request that cannot be answered to its client.
    pub(super) fn nowhere(self, nowhere: Nowhere) -> Response {
        let (error, description) = match nowhere {
            Nowhere::Client => (
                "invalid_client",
                "The client_id is unknown, or turned off by the operator.",
            ),
            Nowhere::Redirect => (
                "invalid_request",
                "The redirect_uri is not one that is registered, to the byte.",
            ),
        };
        let description = description.to_owned();
        self.show_alone(&Page::Refused { error, description })
    }
}

/// A form that brings the request along, and may lead to its client.
fn form(asked: &Asked, action: &str) -> Form {
    let fields = asked
        .parameters
        .iter()
        .filter(|(name, _value)| !["email", ANSWER].contains(name));
    Form {
        action: action.to_owned(),
        hidden: fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        leads_to: vec![asked.place.redirect_uri.clone()],
    }
}
