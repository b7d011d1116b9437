//! Requests of clients, as the stories of the API make them.

use partyline::service::database::query_scalar;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::{SECRET, Served};

/// An answer, read to its end.
pub(crate) struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answered {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// Its status and its error code.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let error = self.json();
        let description = error["error_description"].as_str();
        let description = description.unwrap_or_else(|| panic!("no refusal: {} {error}", self.status));
        assert!(
            description.is_ascii() && !description.contains(['"', '\\']),
            "{description}"
        );
        (self.status, error["error"].as_str().unwrap().to_owned())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The request of DID.app's documents, with the members of `more` beside or instead.
pub(crate) fn invite(more: &Value) -> Value {
    let mut request = json!({
        "client_id": "choir",
        "client_secret": SECRET,
        "redirect_uri": "https://myapp.test/welcome",
        "response_mode": "fragment",
        "email_address": "bonny@example.com",
        "template_alias": "invite",
        "template_data": { "custom_value": "foo" },
    });
    for (name, value) in more.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

impl Served {
    /// Posts JSON.
    pub(crate) async fn submit(&self, path: &str, body: &Value) -> Answered {
        Answered::of(self.http.post(self.at(path)).json(body).send().await.unwrap()).await
    }

    /// Posts JSON under an idempotency key.
    pub(crate) async fn post_once(&self, path: &str, body: &Value, key: &str) -> Answered {
        let request = self.http.post(self.at(path)).json(body).header("Idempotency-Key", key);
        Answered::of(request.send().await.unwrap()).await
    }

    /// Asks as the client `id` with its secret in the header.
    pub(crate) async fn ask(&self, method: reqwest::Method, path: &str, id: &str) -> Answered {
        let request = self.http.request(method, self.at(path)).basic_auth(id, Some(SECRET));
        Answered::of(request.send().await.unwrap()).await
    }

    /// Gets as the client `choir`.
    pub(crate) async fn look(&self, path: &str) -> Answered {
        self.ask(reqwest::Method::GET, path, "choir").await
    }

    /// One number that a statement finds.
    pub(crate) async fn count(&self, statement: &'static str) -> i64 {
        let read = self
            .service
            .database
            .read(move |connection| Box::pin(async move { Ok(query_scalar(statement).fetch_one(connection).await?) }));
        read.await.unwrap()
    }
}
