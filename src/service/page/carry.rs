//! Brings an answer to a client through the browser: behind the `?` or the `#` of its address, or as a form.

use axum::response::Response;

use super::{Form, Page, render};
use crate::service::config::Config;
use crate::service::locales::Language;
use crate::service::oauth::{Place, see_other};

/// The response that makes the browser carry these members to the client at that place. `app` is what the client calls itself.
#[must_use]
pub fn carry(
    config: &Config,
    language: Language,
    app: &str,
    place: &Place,
    members: &[(&'static str, String)],
) -> Response {
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
    render(config, language, &page)
}
